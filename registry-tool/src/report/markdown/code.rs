//! Text of strangers as code: the only form in which it stands on a page.

use index_schema::text::is_forbidden;

/// The most characters of a span; what is longer is cut.
const SPAN: usize = 240;
/// The most characters of a block.
const BLOCK: usize = 2000;

/// Returns text as a code span of one line.
pub(super) fn span(text: &str) -> String {
    let line = |c: char| match c {
        c if c.is_whitespace() => ' ',
        c if is_forbidden(c) => '\u{fffd}',
        c => c,
    };
    let text: String = cut(text, SPAN).chars().map(line).collect();
    let text = text.trim();
    if text.is_empty() {
        return "(nothing)".to_owned();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    // One space at each end is not part of a span, and keeps fence and text apart.
    let pad = if text.contains('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Returns text as a code block of its own.
pub(super) fn block(text: &str) -> String {
    let safe = |c: char| match c {
        '\n' => '\n',
        '\t' => ' ',
        c if is_forbidden(c) => '\u{fffd}',
        c => c,
    };
    let text: String = cut(text, BLOCK).chars().map(safe).collect();
    let fence = "`".repeat((longest_run(&text) + 1).max(3));
    format!("{fence}text\n{text}\n{fence}")
}

fn cut(text: &str, most: usize) -> String {
    let mut cut: String = text.chars().take(most).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_gets_out_of_a_span() {
        assert_eq!(span("plain"), "`plain`");
        assert_eq!(span("a`b"), "`` a`b ``");
        assert_eq!(span("``` ` ``"), "```` ``` ` `` ````");
        assert_eq!(span("`"), "`` ` ``");
        assert_eq!(span("two\nlines\r\n\u{2028}| @user"), "`two lines   | @user`");
        assert_eq!(span(" \n "), "(nothing)");
        assert_eq!(span("a\u{1b}[31m\u{202e}b"), "`a\u{fffd}[31m\u{fffd}b`");
        assert!(span(&"x".repeat(10_000)).chars().count() < 300);
    }

    #[test]
    fn no_text_gets_out_of_a_block() {
        assert_eq!(block("a\n```\n# b"), "````text\na\n```\n# b\n````");
        assert_eq!(block("~~~\n<!-- x"), "```text\n~~~\n<!-- x\n```");
    }
}
