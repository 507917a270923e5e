//! Points in time: RFC 3339 in UTC with whole seconds, `2026-11-23T14:07:00Z`.

use std::fmt;

/// A second between 1970 and 9999, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// Why a text or number is not a [`Timestamp`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The text does not have the one accepted form.
    #[error("`{0}` is not a time of the form 2026-11-23T14:07:00Z")]
    Form(String),
    /// The second lies before 1970 or after 9999.
    #[error("second {0} lies outside the years 1970 to 9999")]
    Range(i64),
}

/// Seconds in a day.
pub const DAY: i64 = 86_400;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// Parses the one accepted form; leap seconds and offsets other than `Z` have none.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let form = || TimeError::Form(text.chars().take(40).collect());
        let time: jiff::Timestamp = text.parse().map_err(|_malformed| form())?;
        let time = Self::from_seconds(time.as_second()).map_err(|_malformed| form())?;
        if time.to_string() == text { Ok(time) } else { Err(form()) }
    }

    /// Makes a time from seconds since 1970-01-01T00:00:00Z.
    pub fn from_seconds(seconds: i64) -> Result<Self, TimeError> {
        let range = || TimeError::Range(seconds);
        let time = jiff::Timestamp::from_second(seconds).map_err(|_outside| range())?;
        if (0..=253_402_207_200).contains(&seconds) { Ok(Self(time)) } else { Err(range()) }
    }

    /// Returns the seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Returns the time `seconds` later (earlier, if negative), held within the accepted years.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        let moved = self.seconds().saturating_add(seconds).clamp(0, 253_402_207_200);
        Self::from_seconds(moved).unwrap_or(self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

text_type!(
    Timestamp,
    TimeError,
    "time/malformed",
    r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$",
    "RFC 3339, UTC, whole seconds"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_back_as_it_was_written() {
        let time = Timestamp::parse("2026-11-23T14:07:00Z").unwrap();
        assert_eq!(time.seconds(), 1_795_442_820);
        assert_eq!(time.to_string(), "2026-11-23T14:07:00Z");
        assert_eq!(time.plus(-DAY).to_string(), "2026-11-22T14:07:00Z");
    }

    #[test]
    fn every_other_form_is_refused() {
        for text in [
            "2026-11-23",
            "2026-11-23T14:07:00+00:00",
            "2026-11-23t14:07:00z",
            "2026-11-23T14:07:00.5Z",
            "2026-02-30T00:00:00Z",
            "2026-11-23T23:59:60Z",
            "1969-12-31T23:59:59Z",
            "2026-11-23 14:07:00Z",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }
}
