//! Findings: what is wrong with a submission, for the person who made it.

use index_schema::approval::FindingId;
use index_schema::json::{Problem, Span};

use crate::rules::table;

/// How a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Blocks.
    Error,
    /// Blocks until a maintainer approves exactly this finding.
    Review,
    /// Is said, and blocks nothing.
    Warning,
}

impl Level {
    /// Returns the word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Review => "review",
            Self::Warning => "warning",
        }
    }
}

/// Where in a file a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The bytes meant.
    pub span: Span,
}

/// One thing that is wrong with one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, as the index repository names it.
    pub path: String,
    /// Where in the file, if that can be said.
    pub place: Option<Place>,
    /// The stable code, such as `version/not-increasing`.
    pub code: &'static str,
    /// What is wrong: lower case, no stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    subject: Option<String>,
    id: Option<FindingId>,
}

impl Finding {
    /// Makes a finding about a whole file.
    pub fn new(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        let (path, message) = (path.into(), message.into());
        Self { path, place: None, code, message, hint: None, subject: None, id: None }
    }

    /// Makes a finding from a problem of strict reading in `document`.
    pub fn from_problem(problem: Problem, path: &str, document: &[u8]) -> Self {
        let (line, column) = problem.span.line_column(document);
        let place = Some(Place { line, column, span: problem.span });
        let hint = problem.hint;
        Self { place, hint, ..Self::new(problem.code, path, problem.message) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hinted(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Says what the finding is about, where its message may be worded differently one day.
    #[must_use]
    pub fn about(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    /// Keeps the fingerprint that the finding has where it was made.
    #[must_use]
    pub fn known_as(self, id: FindingId) -> Self {
        Self { id: Some(id), ..self }
    }

    /// Says where in the file the finding stands.
    #[must_use]
    pub fn placed(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }

    /// Points at a range of `document`.
    #[must_use]
    pub fn at(self, span: Span, document: &[u8]) -> Self {
        let (line, column) = span.line_column(document);
        Self { place: Some(Place { line, column, span }), ..self }
    }

    /// Returns how the finding weighs, which its code decides.
    pub fn level(&self) -> Level {
        table::find(self.code).map_or(Level::Error, |rule| rule.level)
    }

    /// Returns what an approval has to name.
    pub fn fingerprint(&self) -> FindingId {
        let made =
            || FindingId::of(self.code, &self.path, self.subject.as_ref().unwrap_or(&self.message));
        self.id.clone().unwrap_or_else(made)
    }
}

/// Lists findings, each in a line.
pub fn list(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let place = finding.place.map(|p| format!(":{}:{}", p.line, p.column)).unwrap_or_default();
        format!("{}{place}: {} [{}]", finding.path, finding.message, finding.code)
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What comes of judging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing blocks.
    Accepted,
    /// Only a maintainer's approval is missing.
    Review,
    /// It could not be judged: a server was away, history was missing.
    Unjudged,
    /// An error blocks.
    Refused,
}

impl Verdict {
    /// Draws the verdict from findings: refused wins over unjudged, unjudged over review.
    pub fn of(findings: &[Finding]) -> Self {
        let each = |finding: &Finding| match (finding.code.split('/').next(), finding.level()) {
            (Some("unjudged"), _) => Self::Unjudged,
            (_, Level::Error) => Self::Refused,
            (_, Level::Review) => Self::Review,
            (_, Level::Warning) => Self::Accepted,
        };
        findings.iter().map(each).max().unwrap_or(Self::Accepted)
    }

    /// Returns what reports for people say.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Review => "waits for a maintainer",
            Self::Unjudged => "could not be judged",
            Self::Refused => "refused",
        }
    }

    /// Returns the word that reports for programs use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Review => "review",
            Self::Unjudged => "unjudged",
            Self::Refused => "refused",
        }
    }
}
