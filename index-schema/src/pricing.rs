//! What a plugin costs. Declared, never collected: no payment passes through the registry.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::json::{Fields, FromJson, Node, Reading};
use crate::text::Line;

words! {
    /// The five models.
    pub enum Model("a pricing model") {
        /// Costs nothing.
        Free = "free",
        /// Paid once.
        OneTime = "one_time",
        /// Paid every period.
        Subscription = "subscription",
        /// Paid by what is used.
        UsageBased = "usage_based",
        /// Free, with more for money.
        Freemium = "freemium",
    }
}

words! {
    /// How often a subscription is paid.
    pub enum Period("a period") {
        /// Every month.
        Month = "month",
        /// Every year.
        Year = "year",
    }
}

document! {
    /// An amount of money.
    pub struct Price {
        /// In the currency's minor unit: 499 is 4.99 EUR, or 499 JPY (ISO 4217).
        required amount: u64,
        /// The currency.
        required currency: Currency,
    }
}

/// Three upper-case letters of ISO 4217, such as `EUR`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Currency(String);

/// A text that is not a currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a currency code of three upper-case letters, such as EUR")]
pub struct CurrencyError(String);

impl Currency {
    /// Parses a code.
    pub fn parse(text: &str) -> Result<Self, CurrencyError> {
        let upper = text.bytes().all(|b| b.is_ascii_uppercase());
        if text.len() == 3 && upper {
            Ok(Self(text.to_owned()))
        } else {
            Err(CurrencyError(text.to_owned()))
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(Currency, CurrencyError, "pricing/currency", "^[A-Z]{3}$", "ISO 4217 currency code");

/// What a plugin costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "model", rename_all = "snake_case")]
#[schemars(deny_unknown_fields)]
pub enum Pricing {
    /// Costs nothing.
    Free {},
    /// Paid once.
    OneTime {
        /// How much.
        price: Price,
    },
    /// Paid every period.
    Subscription {
        /// How much a period.
        price: Price,
        /// How often.
        period: Period,
    },
    /// Paid by what is used.
    UsageBased {
        /// How much a unit.
        price: Price,
        /// What is counted, such as `1000 characters`.
        unit: Line<60>,
    },
    /// Free, with more for money.
    Freemium {
        /// How much the rest costs.
        #[serde(skip_serializing_if = "Option::is_none")]
        price: Option<Price>,
        /// How often, if not once.
        #[serde(skip_serializing_if = "Option::is_none")]
        period: Option<Period>,
    },
}

impl Pricing {
    /// Returns the model.
    pub const fn model(&self) -> Model {
        match self {
            Self::Free {} => Model::Free,
            Self::OneTime { .. } => Model::OneTime,
            Self::Subscription { .. } => Model::Subscription,
            Self::UsageBased { .. } => Model::UsageBased,
            Self::Freemium { .. } => Model::Freemium,
        }
    }
}

impl FromJson for Pricing {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let pricing = match fields.required("model") {
            Some(Model::Free) => Some(Self::Free {}),
            Some(Model::OneTime) => fields.required("price").map(|price| Self::OneTime { price }),
            Some(Model::Subscription) => {
                let (price, period) = (fields.required("price"), fields.required("period"));
                price.zip(period).map(|(price, period)| Self::Subscription { price, period })
            }
            Some(Model::UsageBased) => {
                let (price, unit) = (fields.required("price"), fields.required("unit"));
                price.zip(unit).map(|(price, unit)| Self::UsageBased { price, unit })
            }
            Some(Model::Freemium) => {
                let (price, period) = (fields.optional("price"), fields.optional("period"));
                Some(Self::Freemium { price, period })
            }
            None => None,
        };
        if pricing.is_some() {
            fields.finish();
        }
        pricing
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ISO 4217: these have no minor unit, or one of a thousandth; all others a hundredth.
        let digits = match self.currency.0.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF"
            | "UGX" | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        };
        let unit = 10_u64.pow(digits);
        let (whole, part) = (self.amount / unit, self.amount % unit);
        match digits {
            0 => write!(f, "{whole} {}", self.currency),
            2 => write!(f, "{whole}.{part:02} {}", self.currency),
            _ => write!(f, "{whole}.{part:03} {}", self.currency),
        }
    }
}

impl fmt::Display for Pricing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free {} => f.write_str("free"),
            Self::OneTime { price } => write!(f, "{price} once"),
            Self::Subscription { price, period } => write!(f, "{price} a {period}"),
            Self::UsageBased { price, unit } => write!(f, "{price} per {unit}"),
            Self::Freemium { price: None, .. } => f.write_str("free, with paid extras"),
            Self::Freemium { price: Some(price), period: None } => {
                write!(f, "free, with extras for {price} once")
            }
            Self::Freemium { price: Some(price), period: Some(period) } => {
                write!(f, "free, with extras for {price} a {period}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Unknown, read};

    fn show(text: &str) -> String {
        match read::<Pricing>(text.as_bytes(), 1000, Unknown::Refuse) {
            Ok(pricing) => {
                let back = serde_json::to_vec(&pricing).unwrap();
                assert_eq!(read(&back, 1000, Unknown::Refuse), Ok(pricing.clone()));
                pricing.to_string()
            }
            Err(problems) => {
                problems.iter().map(|p| p.message.clone()).collect::<Vec<_>>().join("; ")
            }
        }
    }

    #[test]
    fn each_model_takes_its_own_fields() {
        for (text, shown) in [
            (r#"{"model":"free"}"#, "free"),
            (r#"{"model":"one_time","price":{"amount":499,"currency":"EUR"}}"#, "4.99 EUR once"),
            (
                r#"{"model":"subscription","price":{"amount":500,"currency":"JPY"},"period":"year"}"#,
                "500 JPY a year",
            ),
            (
                r#"{"model":"usage_based","price":{"amount":5,"currency":"KWD"},"unit":"page"}"#,
                "0.005 KWD per page",
            ),
            (r#"{"model":"freemium"}"#, "free, with paid extras"),
            (
                r#"{"model":"free","price":{"amount":1,"currency":"EUR"}}"#,
                "there is no field `price` here",
            ),
            (r#"{"model":"one_time"}"#, "`price` is missing"),
            (
                r#"{"model":"one_time","price":{"amount":-1,"currency":"eur"}}"#,
                "expected a whole number from 0 to 9007199254740991; `eur` is not a currency code of three upper-case letters, such as EUR",
            ),
            (r#"{"model":"gift"}"#, "`gift` is not a pricing model"),
        ] {
            assert_eq!(show(text), shown, "{text}");
        }
    }
}
