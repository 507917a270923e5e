//! Showing values to people.

use index_schema::text::is_forbidden;

/// Replaces what a terminal could take for a command; newlines stay.
pub(crate) fn clean(text: &str) -> String {
    text.replace(|c: char| is_forbidden(c) && !matches!(c, '\n' | '\t'), "\u{fffd}")
}

/// Puts a text into one line.
pub(crate) fn one_line(text: &str) -> String {
    clean(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Shows a number of bytes.
pub(crate) fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let (mut whole, mut rest, mut unit) = (bytes, 0, "bytes");
    for next in units {
        if whole < 1024 {
            break;
        }
        (rest, whole, unit) = (whole % 1024 * 10 / 1024, whole / 1024, next);
    }
    if unit == "bytes" { format!("{whole} bytes") } else { format!("{whole}.{rest} {unit}") }
}

/// Shows a number with its noun.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Puts rows into columns that are as wide as they have to be; the last one has no padding.
pub(crate) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..N).map(|column| width(column).unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_counts_and_tables_are_readable() {
        for (bytes, shown) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (5 * 1024 * 1024, "5.0 MiB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
        assert_eq!(count(1, "plugin"), "1 plugin");
        assert_eq!(count(0, "plugin"), "0 plugins");
        let rows = [["a".to_owned(), "b".to_owned()], ["long".to_owned(), String::new()]];
        assert_eq!(table(&rows), "a     b\nlong\n");
    }

    #[test]
    fn what_commands_a_terminal_is_replaced() {
        assert_eq!(clean("a\u{1b}[31mb\nc"), "a\u{fffd}[31mb\nc");
        assert_eq!(one_line("a\n  b\u{7}"), "a b\u{fffd}");
    }
}
