//! The one way in which a document is declared.

/// Declares a document: a struct with public fields that is read strictly from JSON, written by
/// serde, and described by a JSON Schema, from one list of fields.
///
/// `required` has to be there, `optional` gives an `Option`, `default` means the type's default
/// (an empty list or map) when it is missing, and is left out when it is that. The name in JSON
/// follows `as` where it is not the field's.
macro_rules! document {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $($fields:tt)* }
    ) => {
        document!(@munch [$(#[$meta])*] $name [] [] [] $($fields)*);
    };

    (@munch $meta:tt $name:ident [$($decl:tt)*] [$($read:tt)*] [$($init:tt)*]
        $(#[$doc:meta])* required $field:ident as $json:literal : $ty:ty, $($rest:tt)*) => {
        document!(@munch $meta $name
            [$($decl)* $(#[$doc])* #[serde(rename = $json)] pub $field: $ty,]
            [$($read)* ($field, required, $json)]
            [$($init)* $field: $field?,]
            $($rest)*);
    };
    (@munch $meta:tt $name:ident [$($decl:tt)*] [$($read:tt)*] [$($init:tt)*]
        $(#[$doc:meta])* required $field:ident : $ty:ty, $($rest:tt)*) => {
        document!(@munch $meta $name
            [$($decl)* $(#[$doc])* pub $field: $ty,]
            [$($read)* ($field, required, stringify!($field))]
            [$($init)* $field: $field?,]
            $($rest)*);
    };
    (@munch $meta:tt $name:ident [$($decl:tt)*] [$($read:tt)*] [$($init:tt)*]
        $(#[$doc:meta])* optional $field:ident : $ty:ty, $($rest:tt)*) => {
        document!(@munch $meta $name
            [$($decl)* $(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$ty>,]
            [$($read)* ($field, optional, stringify!($field))]
            [$($init)* $field,]
            $($rest)*);
    };
    (@munch $meta:tt $name:ident [$($decl:tt)*] [$($read:tt)*] [$($init:tt)*]
        $(#[$doc:meta])* default $field:ident : $ty:ty, $($rest:tt)*) => {
        document!(@munch $meta $name
            [$($decl)* $(#[$doc])* #[serde(default, skip_serializing_if = "crate::text::is_default")] pub $field: $ty,]
            [$($read)* ($field, default, stringify!($field))]
            [$($init)* $field: $field?,]
            $($rest)*);
    };

    (@munch [$($meta:tt)*] $name:ident [$($decl:tt)*] [$(($field:ident, $mode:ident, $json:expr))*] [$($init:tt)*]) => {
        $($meta)*
        #[derive(Debug, Clone, PartialEq, Eq, ::serde::Serialize, ::schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $name { $($decl)* }

        impl $crate::json::FromJson for $name {
            fn from_json(
                node: &$crate::json::Node,
                reading: &mut $crate::json::Reading,
            ) -> Option<Self> {
                let mut fields = $crate::json::Fields::open(node, reading)?;
                $(let $field = fields.$mode($json);)*
                fields.finish();
                Some(Self { $($init)* })
            }
        }
    };
}

/// Declares an enumeration of fixed words, read and written as strings.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident ($what:literal) { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ::serde::Serialize, ::schemars::JsonSchema)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Every word, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Returns the value of a word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::json::FromKey for $name {
            const CODE: &'static str = "json/unknown-word";

            fn from_key(key: &str) -> Result<Self, String> {
                Self::parse(key).ok_or_else(|| format!("`{key}` is not {}", $what))
            }

            fn is_unknown_word(key: &str) -> bool {
                Self::parse(key).is_none()
            }
        }

        impl $crate::json::FromJson for $name {
            fn from_json(
                node: &$crate::json::Node,
                reading: &mut $crate::json::Reading,
            ) -> Option<Self> {
                let text = reading.string(node)?;
                if let Some(value) = Self::parse(text) {
                    return Some(value);
                }
                let known: Vec<&str> = Self::ALL.iter().map(|value| value.as_str()).collect();
                let message = format!("`{text}` is not {}", $what);
                let none = reading.refuse(node.span, "json/unknown-word", message);
                reading.hint(format!("one of: {}", known.join(", ")));
                none
            }

            fn is_unknown_word(node: &$crate::json::Node) -> bool {
                node.as_str().is_some_and(|word| Self::parse(word).is_none())
            }
        }
    };
}
