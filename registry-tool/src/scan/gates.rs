//! Gates: what a file has to be like before a parser sees it.
//!
//! Two kinds. What two readers could read differently (encodings, control and bidirectional
//! characters, invisible text) is refused. So is what nests deeper than any program that people
//! write: every fast parser can be made to run out of stack, which ends the process.
//! The second is a courtesy that names the file; the worker process is what makes it safe.

mod structure;

pub use self::structure::structure;
use super::facts::Span;

/// The most bytes of a source file.
pub const SOURCE: usize = 4 * 1024 * 1024;

/// Why a file does not pass, or what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The code of the finding.
    pub code: &'static str,
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
}

impl Problem {
    pub(super) fn new(code: &'static str, at: usize, message: impl Into<String>) -> Self {
        let at = super::frontend::offset(at);
        Self { code, span: Span::new(at, at.saturating_add(1)), message: message.into() }
    }
}

/// Reads source text: the text that a front-end gets, and what is wrong with it.
///
/// Without a text the file is not analysed.
pub fn decode<'b>(
    language: &str,
    bytes: &'b [u8],
) -> (Option<std::borrow::Cow<'b, [u8]>>, Vec<Problem>) {
    if bytes.len() > SOURCE {
        let message = format!("the file has {} bytes, more than {SOURCE}", bytes.len());
        return (None, vec![Problem::new("scan/too-large", 0, message)]);
    }
    let mut problems = Vec::new();
    let latin = match cookie(language, bytes) {
        Cookie::Utf8 => false,
        Cookie::Latin => true,
        Cookie::Other(name) => {
            let message = format!("the file says that it is encoded as `{name}`");
            return (None, vec![Problem::new("scan/encoding", 0, message)]);
        }
    };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => std::borrow::Cow::Borrowed(text),
        Err(_) if latin => bytes.iter().map(|byte| char::from(*byte)).collect(),
        Err(error) => {
            let at = error.valid_up_to();
            return (None, vec![Problem::new("scan/encoding", at, "the file is not UTF-8")]);
        }
    };
    characters(language, &text, &mut problems);
    if problems.iter().any(|problem| problem.code == "scan/control-character") {
        return (None, problems);
    }
    if let Err(problem) = structure(language, text.as_bytes()) {
        problems.push(problem);
        return (None, problems);
    }
    let bytes = match text {
        std::borrow::Cow::Borrowed(text) => std::borrow::Cow::Borrowed(text.as_bytes()),
        std::borrow::Cow::Owned(text) => std::borrow::Cow::Owned(text.into_bytes()),
    };
    (Some(bytes), problems)
}

enum Cookie {
    Utf8,
    Latin,
    Other(String),
}

/// Reads the encoding that a Python file declares in its first two lines.
fn cookie(language: &str, bytes: &[u8]) -> Cookie {
    if language != "python" {
        return Cookie::Utf8;
    }
    let lines = bytes.split(|byte| *byte == b'\n' || *byte == b'\r').take(2);
    for line in lines {
        let line = String::from_utf8_lossy(line.get(..line.len().min(256)).unwrap_or_default());
        let line = line.trim_start_matches(['\u{feff}', ' ', '\t', '\u{c}']);
        let Some(comment) = line.strip_prefix('#') else {
            if line.is_empty() {
                continue;
            }
            return Cookie::Utf8;
        };
        let Some((_, rest)) = comment.split_once("coding") else { continue };
        let Some(rest) = rest.strip_prefix([':', '=']) else { continue };
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name: String = rest.trim_start().chars().take_while(|c| is_name(*c)).collect();
        let plain = name.to_ascii_lowercase().replace('_', "-");
        return match plain.as_str() {
            "" | "utf-8" | "utf8" | "utf-8-unix" | "utf8-unix" | "ascii" | "us-ascii" => {
                Cookie::Utf8
            }
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "iso-latin-1" | "cp1252"
            | "iso-8859-15" => Cookie::Latin,
            _ => Cookie::Other(name),
        };
    }
    Cookie::Utf8
}

/// The most invisible characters in a row that are no attempt to hide text.
const MOST_INVISIBLE: usize = 8;

fn characters(language: &str, text: &str, problems: &mut Vec<Problem>) {
    let bytes = text.as_bytes();
    let control = |byte: &u8| matches!(byte, 0..=8 | 11 | 14..=26 | 28..=31 | 127);
    if let Some(at) = bytes.iter().position(control) {
        let message = "a control character stands in the source";
        problems.push(Problem::new("scan/control-character", at, message));
    }
    if text.is_ascii() {
        return;
    }
    let mut invisible = 0;
    for (at, c) in text.char_indices() {
        if c.is_ascii() {
            invisible = 0;
            continue;
        }
        match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                let message = "a bidirectional control character makes the source read otherwise than it runs";
                problems.push(Problem::new("scan/bidirectional", at, message));
                return;
            }
            '\u{2028}' | '\u{2029}' if language == "javascript" => {
                let message = "a line separator ends lines where editors show none";
                problems.push(Problem::new("scan/invisible-text", at, message));
                return;
            }
            '\u{e0000}'..='\u{e01ef}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2060}'..='\u{2064}'
            | '\u{3164}'
            | '\u{ffa0}' => invisible += 1,
            _ => invisible = 0,
        }
        if invisible > MOST_INVISIBLE {
            let message = "many invisible characters stand in a row";
            problems.push(Problem::new("scan/invisible-text", at, message));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &[u8], expected: &[&str]) {
        let (_, problems) = decode("python", source);
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, expected);
    }

    #[test]
    fn ordinary_text_of_any_language_passes() {
        check("x = 'größer, 日本語, 🏳️‍🌈, שלום'\n".as_bytes(), &[]);
        check(b"\xef\xbb\xbfx = 1\n", &[]);
        check(b"# -*- coding: utf-8 -*-\r\nx = 1\r\n", &[]);
        check(b"# coding: latin-1\nx = '\xe4'\n", &[]);
    }

    #[test]
    fn what_two_readers_read_differently_is_refused() {
        check("x = 1 # \u{202e}\n".as_bytes(), &["scan/bidirectional"]);
        check(b"x = 1\0\n", &["scan/control-character"]);
        check(b"x = '\xff\xfe'\n", &["scan/encoding"]);
        check(b"# coding: utf-7\nx = 1\n", &["scan/encoding"]);
        check(b"\n# vim: set fileencoding=rot13 :\nx = 1\n", &["scan/encoding"]);
        let hidden: String = std::iter::repeat_n('\u{e0120}', 20).collect();
        check(format!("x = '{hidden}'\n").as_bytes(), &["scan/invisible-text"]);
    }
}
