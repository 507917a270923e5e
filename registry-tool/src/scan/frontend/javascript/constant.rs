//! Constants that are written as expressions without a single word: `[![]+[]][+[]]`.
//!
//! Ways of writing programs with six characters only build every text from such constants. They
//! are worked out as JavaScript does it, from the syntax alone.

use oxc_ast::ast::{Expression, StringLiteral};
use oxc_syntax::operator::{BinaryOperator, UnaryOperator};

/// The most bytes of a constant.
const MOST: usize = 1 << 16;

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    /// `undefined`
    Undefined,
    /// `true`, `false`
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A text, and whether it was put together.
    Text(String, bool),
    /// An array.
    Array(Vec<Self>),
    /// A function that everybody has, by name.
    Native(String),
}

/// Names that arrays, texts and numbers have functions under.
const NATIVE: &[&str] = &[
    "at",
    "concat",
    "constructor",
    "copyWithin",
    "entries",
    "every",
    "fill",
    "filter",
    "find",
    "findIndex",
    "flat",
    "flatMap",
    "forEach",
    "includes",
    "indexOf",
    "italics",
    "join",
    "keys",
    "link",
    "map",
    "pop",
    "push",
    "reduce",
    "reverse",
    "shift",
    "slice",
    "some",
    "sort",
    "sub",
    "toString",
    "trim",
    "bold",
    "big",
    "anchor",
    "fontcolor",
    "values",
];

impl Constant {
    fn truth(&self) -> bool {
        match self {
            Self::Undefined => false,
            Self::Boolean(value) => *value,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text, _) => !text.is_empty(),
            Self::Array(_) | Self::Native(_) => true,
        }
    }

    /// Returns the constant as text.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Undefined => "undefined".to_owned(),
            Self::Boolean(value) => value.to_string(),
            Self::Number(number) if number.is_nan() => "NaN".to_owned(),
            Self::Number(number) if number.is_infinite() => {
                if *number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
            }
            Self::Number(number) => number.to_string(),
            Self::Text(text, _) => text.clone(),
            Self::Array(items) => {
                let item = |item: &Self| match item {
                    Self::Undefined => String::new(),
                    other => other.text(),
                };
                items.iter().map(item).collect::<Vec<_>>().join(",")
            }
            Self::Native(name) => format!("function {name}() {{ [native code] }}"),
        }
    }

    fn number(&self) -> f64 {
        match self {
            Self::Undefined | Self::Native(_) => f64::NAN,
            Self::Boolean(value) => f64::from(u8::from(*value)),
            Self::Number(number) => *number,
            Self::Text(..) | Self::Array(_) => {
                let text = self.text();
                let text = text.trim();
                if text.is_empty() { 0.0 } else { text.parse().unwrap_or(f64::NAN) }
            }
        }
    }

    fn add(&self, other: &Self) -> Option<Self> {
        let is_text =
            |value: &Self| matches!(value, Self::Text(..) | Self::Array(_) | Self::Native(_));
        if is_text(self) || is_text(other) {
            let text = self.text() + &other.text();
            return (text.len() <= MOST).then_some(Self::Text(text, true));
        }
        Some(Self::Number(self.number() + other.number()))
    }

    fn index(&self, key: &Self) -> Option<Self> {
        let name = key.text();
        let place: Option<usize> = name.parse().ok();
        match (self, place) {
            (Self::Array(items), Some(at)) => {
                Some(items.get(at).cloned().unwrap_or(Self::Undefined))
            }
            (Self::Text(text, _), Some(at)) => Some(
                text.chars().nth(at).map_or(Self::Undefined, |c| Self::Text(c.to_string(), true)),
            ),
            (Self::Array(_) | Self::Text(..) | Self::Number(_) | Self::Boolean(_), None) => {
                if name == "constructor" {
                    return None;
                }
                let is_native = NATIVE.contains(&name.as_str());
                Some(if is_native { Self::Native(name) } else { Self::Undefined })
            }
            _ => None,
        }
    }
}

/// Works out an expression that is made of signs; nothing if it is anything else.
pub(super) fn fold(tree: &Expression<'_>, depth: u32) -> Option<Constant> {
    let depth = depth.checked_sub(1)?;
    match tree {
        Expression::BooleanLiteral(tree) => Some(Constant::Boolean(tree.value)),
        Expression::NumericLiteral(tree) => Some(Constant::Number(tree.value)),
        Expression::StringLiteral(tree) => Some(Constant::Text(tree.value.to_string(), false)),
        Expression::ParenthesizedExpression(tree) => fold(&tree.expression, depth),
        Expression::ArrayExpression(tree) => {
            let item = |item: &oxc_ast::ast::ArrayExpressionElement<'_>| {
                fold(item.as_expression()?, depth)
            };
            tree.elements.iter().map(item).collect::<Option<_>>().map(Constant::Array)
        }
        Expression::UnaryExpression(tree) => {
            let value = fold(&tree.argument, depth)?;
            match tree.operator {
                UnaryOperator::LogicalNot => Some(Constant::Boolean(!value.truth())),
                UnaryOperator::UnaryPlus => Some(Constant::Number(value.number())),
                UnaryOperator::UnaryNegation => Some(Constant::Number(-value.number())),
                UnaryOperator::Void => Some(Constant::Undefined),
                UnaryOperator::BitwiseNot | UnaryOperator::Typeof | UnaryOperator::Delete => None,
            }
        }
        Expression::BinaryExpression(tree) if tree.operator == BinaryOperator::Addition => {
            let left = fold(&tree.left, depth)?;
            left.add(&fold(&tree.right, depth)?)
        }
        Expression::ComputedMemberExpression(tree) => {
            let base = fold(&tree.object, depth)?;
            base.index(&fold(&tree.expression, depth)?)
        }
        _ => None,
    }
}

/// Tells whether an expression may be worth working out: it starts with a sign.
pub(super) fn may_fold(tree: &Expression<'_>) -> bool {
    match tree {
        Expression::ParenthesizedExpression(tree) => may_fold(&tree.expression),
        Expression::BinaryExpression(tree) => may_fold(&tree.left),
        Expression::ComputedMemberExpression(tree) => may_fold(&tree.object),
        Expression::UnaryExpression(tree) => {
            matches!(tree.operator, UnaryOperator::LogicalNot | UnaryOperator::UnaryPlus)
                && may_fold(&tree.argument)
        }
        Expression::ArrayExpression(tree) => tree.elements.len() <= 1,
        _ => false,
    }
}

/// Tells whether a text spells letters as escapes, which no editor or minifier does.
pub(super) fn is_escaped(tree: &StringLiteral<'_>) -> bool {
    let Some(raw) = &tree.raw else { return false };
    let letters = tree.value.chars().filter(char::is_ascii_alphabetic).count();
    raw.contains('\\') && letters > 0 && {
        let rest = raw.replace("\\\\", "");
        let parts = rest.split('\\').skip(1);
        let letter = |part: &str| {
            let digits = match part.as_bytes() {
                [b'x', ..] => part.get(1..3),
                [b'u', b'{', ..] => part.get(2..).and_then(|rest| rest.split('}').next()),
                [b'u', ..] => part.get(1..5),
                _ => None,
            };
            let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
            code.and_then(char::from_u32).is_some_and(|c| c.is_ascii_alphabetic())
        };
        parts.into_iter().any(letter)
    }
}
