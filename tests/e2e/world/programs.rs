//! The two programs, and command lines as people type them.

use std::path::PathBuf;

/// Returns where a program of this workspace lies: beside the folder of this test program.
pub(crate) fn program(name: &str) -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let folder = this.ancestors().nth(2).unwrap();
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let place = program.display();
    assert!(program.is_file(), "{place} is missing: `cargo build --workspace` makes it");
    program
}

/// Splits a command line at blanks; single quotes keep blanks together.
pub(crate) fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in command.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
