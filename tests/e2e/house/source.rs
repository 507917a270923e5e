//! Rust sources, read closely enough to ask what they mention.
//!
//! Not a parser: comments are dropped, string literals are set apart, and what is left is text in
//! which an identifier is an identifier. That is all that the rules of the house need.

use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Chars;

use walkdir::WalkDir;

/// One source file.
#[derive(Debug)]
pub(super) struct Source {
    /// Where it stands, from the root of the project, with `/` between the parts.
    pub(super) path: String,
    /// Everything in it.
    pub(super) text: String,
    /// What ships: no comments, no tests, and `""` for every string.
    pub(super) code: String,
    /// The strings of `code`, each with the place of its `""`.
    pub(super) strings: Vec<(usize, String)>,
}

impl Source {
    /// Tells whether the file belongs to `folder/name.rs` or to `folder/name/`.
    pub(super) fn is_of_module(&self, folder: &str, name: &str) -> bool {
        let rest = self.path.strip_prefix(folder).and_then(|rest| rest.strip_prefix(name));
        rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    }

    /// Tells whether what ships has `word` as an identifier.
    pub(super) fn mentions(&self, word: &str) -> bool {
        self.code.split(|c: char| !is_identifier(c)).any(|found| found == word)
    }

    /// Returns the first parts of the paths that follow `root::`, also where they stand in braces.
    pub(super) fn paths_below(&self, root: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices(&format!("{root}::")) {
            let before = self.code.get(..at).and_then(|code| code.chars().next_back());
            if before.is_some_and(is_identifier) {
                continue;
            }
            let rest = self.code.get(at + root.len() + 2..).unwrap_or_default();
            match rest.strip_prefix('{') {
                Some(group) => found.extend(heads_of_group(group)),
                None => found.push(path_of(rest)),
            }
        }
        found
    }

    /// Returns the strings in the bodies of functions called `name`.
    pub(super) fn strings_in(&self, name: &str) -> Vec<&str> {
        let head = format!("fn {name}(");
        let bodies: Vec<_> = self
            .code
            .match_indices(&head)
            .map(|(at, _)| (at, at + body_length(self.code.get(at..).unwrap_or_default())))
            .collect();
        let inside = |at: usize| bodies.iter().any(|(start, end)| (*start..*end).contains(&at));
        self.strings.iter().filter(|(at, _)| inside(*at)).map(|(_, text)| text.as_str()).collect()
    }

    /// Returns the strings that are the first argument of `owner::anything(…)`.
    pub(super) fn first_arguments_of(&self, owner: &str) -> Vec<&str> {
        let called = |at: usize| {
            let before = self.code.get(..at)?.trim_end().strip_suffix('(')?;
            let before = before.trim_end_matches(is_identifier);
            before.strip_suffix("::")?.ends_with(owner).then_some(())
        };
        let first = self.strings.iter().filter(|(at, _)| called(*at).is_some());
        first.map(|(_, text)| text.as_str()).collect()
    }
}

/// Returns the folder that holds the workspace.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a member stands in the root").to_owned()
}

/// Reads a file of the project.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| format!("{path}: {error}"))
}

/// Reads every Rust file below a folder of the project, sorted by path.
pub(super) fn sources(folder: &str) -> Vec<Source> {
    let root = root();
    let files = WalkDir::new(root.join(folder)).sort_by_file_name().into_iter();
    let files = files.map(|entry| entry.expect("the project can be listed").into_path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "rs"));
    files.map(|path| source(&root, &path)).collect()
}

fn source(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("a source is text");
    let inside = path.strip_prefix(root).expect("it was found below the root");
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    let path = parts.join("/");
    let is_test = parts.iter().any(|part| part == "tests" || part == "tests.rs");
    let shipped = if is_test { "" } else { without_inline_tests(&text) };
    let (code, strings) = split(shipped);
    Source { path, text, code, strings }
}

/// The tests of a module stand at its end: clippy refuses what comes after them.
fn without_inline_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]\nmod tests {").map_or(text, |(shipped, _)| shipped)
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns `a::b` of `a::b::c(…)`.
fn path_of(rest: &str) -> String {
    let path: String = rest.chars().take_while(|c| is_identifier(*c) || *c == ':').collect();
    path.split("::").take(2).collect::<Vec<_>>().join("::")
}

/// Returns the first two parts of each path in `a, b::{c, d}, e::f::g}…`.
fn heads_of_group(group: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut heads = vec![String::new()];
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(String::new()),
            _ if depth == 0 && !c.is_whitespace() => heads.last_mut().expect("never empty").push(c),
            _ => {}
        }
    }
    heads.iter().map(|head| path_of(head)).filter(|head| !head.is_empty()).collect()
}

/// Returns the length of a function, from its first character to the brace that closes it.
fn body_length(function: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in function.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    function.len()
}

/// Takes the comments out of a text and the strings apart.
fn split(text: &str) -> (String, Vec<(usize, String)>) {
    let mut code = String::with_capacity(text.len());
    let mut strings = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek().copied()) {
            ('/', Some('/')) => skip_line(&mut rest, &mut code),
            ('/', Some('*')) => skip_block(&mut rest),
            ('r', Some('"' | '#')) if !code.ends_with(is_identifier) => {
                raw(&mut rest, &mut code, &mut strings);
            }
            ('"', _) => {
                strings.push((code.len(), quoted(&mut rest)));
                code.push_str("\"\"");
            }
            ('\'', Some(next)) => character(&mut rest, next, &mut code),
            _ => code.push(c),
        }
    }
    (code, strings)
}

fn skip_line(rest: &mut Peekable<Chars<'_>>, code: &mut String) {
    rest.by_ref().find(|c| *c == '\n');
    code.push('\n');
}

fn skip_block(rest: &mut Peekable<Chars<'_>>) {
    let mut last = ' ';
    for c in rest.by_ref().skip(1) {
        if last == '*' && c == '/' {
            return;
        }
        last = c;
    }
}

/// What follows an opening quote, up to the closing one. Escapes are kept as written.
fn quoted(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            '"' => break,
            '\\' => text.extend([Some(c), rest.next()].into_iter().flatten()),
            _ => text.push(c),
        }
    }
    text
}

/// What follows an `r`: a raw string, or a raw identifier.
fn raw(rest: &mut Peekable<Chars<'_>>, code: &mut String, strings: &mut Vec<(usize, String)>) {
    let mut hashes = String::new();
    while rest.next_if_eq(&'#').is_some() {
        hashes.push('#');
    }
    if rest.next_if_eq(&'"').is_none() {
        return;
    }
    let end = format!("\"{hashes}");
    let mut text = String::new();
    while !text.ends_with(&end) {
        let Some(c) = rest.next() else { break };
        text.push(c);
    }
    strings.push((code.len(), text.trim_end_matches(&end).to_owned()));
    code.push_str("\"\"");
}

/// What follows a single quote: a character, which is dropped, or the name of a lifetime.
fn character(rest: &mut Peekable<Chars<'_>>, next: char, code: &mut String) {
    let mut ahead = rest.clone();
    ahead.next();
    if next == '\\' {
        rest.nth(1);
        rest.by_ref().find(|c| *c == '\'');
    } else if ahead.next() == Some('\'') {
        rest.nth(1);
    } else {
        code.push('\'');
    }
}

#[test]
fn what_a_source_mentions_is_neither_in_its_comments_nor_in_its_strings() {
    let text = concat!(
        "//! gix\nuse std::{fs, io::{self, Read}, time::SystemTime};\n/* gix */",
        "fn code() -> &str { match '\"' { '\\'' => \"a/b\", _ => r#\"a/\"c\"# } }\n",
        "fn f<'a>() { mystd::thread(); Finding::new(\n \"x/y\", \"gix\"); }",
    );
    let (code, strings) = split(text);
    let source = Source { path: "a/git/x.rs".to_owned(), text: String::new(), code, strings };
    assert!(!source.mentions("gix"));
    assert!(source.mentions("Finding") && !source.mentions("Find"));
    assert_eq!(source.paths_below("std"), ["fs", "io::", "time::SystemTime"]);
    assert_eq!(source.strings_in("code"), ["a/b", "a/\"c"]);
    assert_eq!(source.first_arguments_of("Finding"), ["x/y"]);
    assert!(source.is_of_module("a/", "git") && !source.is_of_module("a/", "gi"));
}
