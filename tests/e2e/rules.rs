//! The page about the rules, held against the table that the validator has.

use registry_tool::rules::table::{Entry, TABLE};
use snapbox::{assert_data_eq, file};

use crate::house::read;

/// Before it stands what people wrote, behind it what is made.
const MARK: &str = "writes it again.\n\n";

#[test]
fn the_rules_page_lists_all_codes_as_the_validator_explains_them() {
    let page = read("registry-tool/RULES.md");
    let (written, _) = page.split_once(MARK).unwrap();
    let rows: String = TABLE.iter().map(row).collect();
    let head = "| code | level | what it means | what to do |\n|---|---|---|---|\n";
    let made = format!("{written}{MARK}{head}{rows}");
    assert_data_eq!(made, file!["../../registry-tool/RULES.md"].raw());
}

#[test]
fn the_rules_page_names_no_code_that_does_not_exist() {
    let page = read("registry-tool/RULES.md");
    let (written, _) = page.split_once(MARK).unwrap();
    let codes = written.split('`').skip(1).step_by(2).filter(|word| word.contains('/'));
    let is_family = |code: &str| {
        let family = code.strip_suffix('…').unwrap_or(code);
        family != code && TABLE.iter().any(|entry| entry.code.starts_with(family))
    };
    let is_known = |code: &&str| TABLE.iter().any(|entry| entry.code == *code) || is_family(code);
    let is_path = |word: &&str| word.ends_with(".rs");
    let unknown: Vec<_> = codes.filter(|code| !is_known(code) && !is_path(code)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

fn row(entry: &Entry) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let Entry { code, level, summary, remedy } = entry;
    format!("| `{code}` | {} | {} | {} |\n", level.as_str(), cell(summary), cell(remedy))
}
