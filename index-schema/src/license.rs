//! Licences as SPDX expressions (SPDX specification, annex D).

use std::fmt;

/// An SPDX licence expression, such as `MIT OR Apache-2.0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct License(String);

/// Why a text is not a licence expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicenseError {
    /// More than 256 bytes.
    #[error("a licence expression has at most 256 bytes, this has {0}")]
    TooLong(usize),
    /// Not an expression of known identifiers.
    #[error("`{text}` is not an SPDX expression: {reason}")]
    Syntax {
        /// What was read.
        text: String,
        /// Why it is refused.
        reason: String,
    },
}

impl License {
    /// Parses an expression; identifiers are those of the SPDX list, in its own spelling.
    pub fn parse(text: &str) -> Result<Self, LicenseError> {
        if text.len() > 256 {
            return Err(LicenseError::TooLong(text.len()));
        }
        match spdx::Expression::parse(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(LicenseError::Syntax {
                text: text.to_owned(),
                reason: error.reason.to_string(),
            }),
        }
    }
}

impl fmt::Display for License {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(License, LicenseError, "license/malformed", "^.{1,256}$", "SPDX licence expression");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_known_licences_are_taken_and_others_refused() {
        for text in ["MIT", "MIT OR Apache-2.0", "GPL-3.0-or-later WITH Classpath-exception-2.0"] {
            assert!(License::parse(text).is_ok(), "{text}");
        }
        for text in ["", "mit", "Apache 2", "MIT/Apache-2.0", "Proprietary", "MIT OR"] {
            assert!(License::parse(text).is_err(), "{text}");
        }
    }
}
