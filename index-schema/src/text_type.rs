//! The one way in which a parsed string becomes a type.

/// Gives a type with an inherent `parse(&str) -> Result<Self, Error>` and `Display` every other
/// road in and out: `FromStr`, serde in both directions, strict JSON, and a JSON Schema.
///
/// All roads go through `parse`, so none of them is a way around it.
macro_rules! text_type {
    ($name:ident, $error:ty, $code:literal, $pattern:expr, $description:literal) => {
        impl ::std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::parse(text)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                let text = <String as ::serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(::serde::de::Error::custom)
            }
        }

        impl $crate::json::FromJson for $name {
            fn from_json(
                node: &$crate::json::Node,
                reading: &mut $crate::json::Reading,
            ) -> Option<Self> {
                let text = reading.string(node)?;
                match Self::parse(text) {
                    Ok(value) => Some(value),
                    Err(error) => reading.refuse(node.span, $code, error.to_string()),
                }
            }
        }

        impl $crate::json::FromKey for $name {
            const CODE: &'static str = $code;

            fn from_key(key: &str) -> Result<Self, String> {
                Self::parse(key).map_err(|error| error.to_string())
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "description": $description,
                })
            }
        }
    };
}
