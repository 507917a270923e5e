//! The pre-scan: one pass over the bytes that counts how deep things nest.
//!
//! It knows strings, comments and brackets of each language, roughly. Where it is wrong, it is
//! wrong about a file that nobody would call ordinary. The largest values found in 90 MB of
//! published packages and the gates:
//!
//! | what | found | gate |
//! |---|---|---|
//! | brackets open at once | 42 | 256 |
//! | levels of indentation | 11 | 100 |
//! | operators before an operand (`not not x`) | 4 | 256 |
//! | `else` in a chain | 23 | 1,000 |
//! | operators, calls and subscripts in open expressions | 6,184 | 20,000 |
//! | statements in each other without braces (`if (a) for (;;) …`) | 3 | 256 |
//! | `<` in a part of a bracket that no `>` closes | 12 | 1,000 |
//! | templates in each other | 2 | 16 |
//! | groups open in a regular expression | 7 | 64 |
//! | fields of a format in each other (`f"{a:{b}}"`) | 2 | 64 |

use super::Problem;

const BRACKETS: usize = 256;
const INDENTS: usize = 100;
const PREFIXES: usize = 256;
const ELSES: usize = 1_000;
const OPERATORS: usize = 20_000;
const TEMPLATES: usize = 16;
const GROUPS: usize = 64;
const FIELDS: usize = 64;
const STATEMENTS: usize = 256;
const ANGLES: usize = 1_000;

/// The lexical habits of a language that matter here.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
struct Habits {
    hash_comments: bool,
    slash_comments: bool,
    dash_comments: bool,
    triple_quotes: bool,
    templates: bool,
    indentation: bool,
}

fn habits(language: &str) -> Habits {
    let python = language == "python";
    let javascript = language == "javascript";
    Habits {
        hash_comments: python,
        slash_comments: javascript,
        dash_comments: language == "lua",
        triple_quotes: python,
        templates: javascript,
        indentation: python,
    }
}

/// What is counted for an open bracket.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    operators: usize,
    /// Statements without braces that stand in each other here.
    statements: usize,
    /// `<` that may begin types: a parser that tries goes back for each of them.
    angles: usize,
    /// The bracket; `$` is the `${` of a template, and 0 is none.
    bracket: u8,
}

struct Scan<'b> {
    bytes: &'b [u8],
    at: usize,
    habits: Habits,
    levels: Vec<Level>,
    open_operators: usize,
    prefixes: usize,
    elses: usize,
    indents: Vec<usize>,
    /// Whether an operand came last: a `/` after it divides.
    after_operand: bool,
}

/// Checks that a file nests no deeper than programs do.
pub fn structure(language: &str, bytes: &[u8]) -> Result<(), Problem> {
    let mut scan = Scan {
        bytes,
        at: 0,
        habits: habits(language),
        levels: vec![Level::default()],
        open_operators: 0,
        prefixes: 0,
        elses: 0,
        indents: vec![0],
        after_operand: false,
    };
    scan.indentation()?;
    while let Some(byte) = bytes.get(scan.at).copied() {
        scan.step(byte)?;
    }
    Ok(())
}

impl Scan<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts_with(&self, text: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text))
    }

    fn too_deep(&self, what: &str) -> Problem {
        Problem::new("scan/too-deep", self.at, format!("{what}, more than any program needs"))
    }

    fn step(&mut self, byte: u8) -> Result<(), Problem> {
        match byte {
            b' ' | b'\t' | b'\r' | 12 => self.at += 1,
            b'\n' => {
                self.at += 1;
                self.line()?;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | b'0'..=b'9' | 128.. => self.word()?,
            b'"' | b'\'' => self.string(byte)?,
            b'`' if self.habits.templates => self.template(1)?,
            b'#' if self.habits.hash_comments => self.skip_line(),
            b'/' if self.habits.slash_comments && self.peek(1) == b'/' => self.skip_line(),
            b'/' if self.habits.slash_comments && self.peek(1) == b'*' => self.skip_to(b"*/"),
            b'/' if self.habits.slash_comments && !self.after_operand => self.regex()?,
            b'-' if self.habits.dash_comments && self.peek(1) == b'-' => {
                self.at += 2;
                if !self.long_bracket() {
                    self.skip_line();
                }
            }
            b'[' if self.habits.dash_comments && self.long_bracket() => self.after_operand = true,
            b'(' | b'[' | b'{' => self.open(byte)?,
            b')' | b']' | b'}' => self.close()?,
            b',' => {
                self.at += 1;
                self.end_expression();
            }
            b';' => {
                self.at += 1;
                self.end_statement();
            }
            b'<' | b'>' if self.habits.templates => self.angle(byte)?,
            _ => {
                self.at += 1;
                self.operator()?;
            }
        }
        Ok(())
    }

    fn operator(&mut self) -> Result<(), Problem> {
        if !self.after_operand {
            self.prefix()?;
        }
        self.after_operand = false;
        self.count_operator()
    }

    fn count_operator(&mut self) -> Result<(), Problem> {
        self.open_operators += 1;
        if let Some(level) = self.levels.last_mut() {
            level.operators += 1;
        }
        if self.open_operators > OPERATORS {
            return Err(self.too_deep("20,000 operators stand in one expression"));
        }
        Ok(())
    }

    fn prefix(&mut self) -> Result<(), Problem> {
        self.prefixes += 1;
        if self.prefixes > PREFIXES {
            return Err(self.too_deep("256 operators stand before one operand"));
        }
        Ok(())
    }

    fn angle(&mut self, byte: u8) -> Result<(), Problem> {
        self.at += 1;
        if let Some(level) = self.levels.last_mut() {
            level.angles =
                if byte == b'<' { level.angles + 1 } else { level.angles.saturating_sub(1) };
            if level.angles > ANGLES {
                return Err(self.too_deep("1,000 times `<` stands before a `>`"));
            }
        }
        self.operator()
    }

    /// A statement that another one can be a part of without braces.
    fn statement(&mut self) -> Result<(), Problem> {
        if let Some(level) = self.levels.last_mut() {
            level.statements += 1;
            if level.statements > STATEMENTS {
                return Err(self.too_deep("256 statements stand in each other"));
            }
        }
        Ok(())
    }

    fn end_statement(&mut self) {
        self.end_expression();
        if let Some(level) = self.levels.last_mut() {
            (level.statements, level.angles) = (0, 0);
        }
    }

    fn end_expression(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.open_operators = self.open_operators.saturating_sub(level.operators);
            level.operators = 0;
        }
        self.after_operand = false;
        self.prefixes = 0;
    }

    fn open(&mut self, bracket: u8) -> Result<(), Problem> {
        self.at += 1;
        // A bracket after an operand is a call or a part: one more link of its chain.
        if self.after_operand && bracket != b'{' {
            self.count_operator()?;
        }
        self.levels.push(Level { bracket, ..Level::default() });
        self.after_operand = false;
        let is_template = |level: &&Level| level.bracket == b'$';
        if bracket == b'$' && self.levels.iter().filter(is_template).count() > TEMPLATES {
            return Err(self.too_deep("16 templates stand in each other"));
        }
        if self.levels.len() > BRACKETS {
            return Err(self.too_deep("256 brackets are open at once"));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Problem> {
        self.at += 1;
        self.end_expression();
        let closed = if self.levels.len() > 1 { self.levels.pop() } else { None };
        self.after_operand = true;
        match closed.map(|level| level.bracket) {
            Some(b'$') => return self.template(0),
            // A block ends the statements that it is the last part of.
            Some(b'{') => self.levels.last_mut().into_iter().for_each(|level| level.statements = 0),
            Some(_) | None => {}
        }
        Ok(())
    }

    fn word(&mut self) -> Result<(), Problem> {
        let start = self.at;
        let is_word =
            |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 128;
        while self.bytes.get(self.at).copied().is_some_and(is_word) {
            self.at += 1;
        }
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        match word {
            b"if" | b"for" | b"while" | b"with" | b"do" if self.habits.templates => {
                self.statement()?;
                self.after_operand = false;
                self.count_operator()?;
            }
            b"not" | b"await" | b"yield" | b"lambda" | b"typeof" | b"void" | b"new" | b"delete" => {
                self.prefix()?;
                self.after_operand = false;
                self.count_operator()?;
            }
            b"and" | b"or" | b"if" | b"in" | b"is" | b"return" | b"case" | b"instanceof" => {
                self.after_operand = false;
                self.count_operator()?;
            }
            b"else" | b"elif" | b"elseif" => {
                self.elses += 1;
                self.after_operand = false;
                if self.elses > ELSES {
                    return Err(self.too_deep("1,000 branches follow each other"));
                }
            }
            b"def" | b"class" | b"function" | b"const" | b"let" | b"var" | b"import" | b"local" => {
                self.elses = 0;
                self.end_expression();
            }
            _ => {
                self.prefixes = 0;
                self.after_operand = true;
                self.levels.last_mut().into_iter().for_each(|level| level.statements = 0);
            }
        }
        Ok(())
    }

    fn string(&mut self, quote: u8) -> Result<(), Problem> {
        self.prefixes = 0;
        self.after_operand = true;
        let is_triple = self.habits.triple_quotes && self.peek(1) == quote && self.peek(2) == quote;
        let end: &[u8] = if is_triple { &[quote; 3] } else { &[quote] };
        let has_fields = self.habits.triple_quotes && self.is_format();
        let mut fields = 0_usize;
        self.at += end.len();
        while let Some(byte) = self.bytes.get(self.at).copied() {
            match byte {
                b'\\' => self.at += 1,
                b'\n' if !is_triple => break,
                _ if byte == quote && self.starts_with(end) => break,
                b'{' if has_fields => fields += 1,
                b'}' if has_fields => fields = fields.saturating_sub(1),
                _ => {}
            }
            if fields > FIELDS {
                return Err(self.too_deep("64 fields of a format stand in each other"));
            }
            self.at += 1;
        }
        self.at += if self.starts_with(end) { end.len() } else { 1 };
        Ok(())
    }

    /// Tells whether the string that begins here has fields.
    fn is_format(&self) -> bool {
        let before = self.bytes.get(self.at.saturating_sub(2)..self.at).unwrap_or_default();
        let before = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic());
        before.into_iter().any(|byte| matches!(byte, b'f' | b'F' | b't' | b'T'))
    }

    /// Goes on in a template up to its end or the next `${`.
    fn template(&mut self, skip: usize) -> Result<(), Problem> {
        self.at += skip;
        self.prefixes = 0;
        self.after_operand = true;
        while let Some(byte) = self.bytes.get(self.at).copied() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'`' => return Ok(()),
                b'$' if self.peek(0) == b'{' => return self.open(b'$'),
                _ => {}
            }
        }
        Ok(())
    }

    fn regex(&mut self) -> Result<(), Problem> {
        self.at += 1;
        let (mut in_class, mut groups) = (false, 0_usize);
        while let Some(byte) = self.bytes.get(self.at).copied() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'(' if !in_class => groups += 1,
                b')' if !in_class => groups = groups.saturating_sub(1),
                b'\n' => break,
                b'/' if !in_class => break,
                _ => {}
            }
            if groups > GROUPS {
                return Err(self.too_deep("64 groups are open in a regular expression"));
            }
        }
        self.prefixes = 0;
        self.after_operand = true;
        Ok(())
    }

    fn skip_line(&mut self) {
        while self.at < self.bytes.len() && self.peek(0) != b'\n' {
            self.at += 1;
        }
    }

    fn skip_to(&mut self, end: &[u8]) {
        while self.at < self.bytes.len() && !self.starts_with(end) {
            self.at += 1;
        }
        self.at += end.len();
    }

    /// Skips `[[ … ]]` or `[==[ … ]==]` of Lua.
    fn long_bracket(&mut self) -> bool {
        let level = self.bytes.get(self.at + 1..).unwrap_or_default();
        let level = level.iter().take_while(|byte| **byte == b'=').count();
        if self.peek(0) != b'[' || self.peek(level + 1) != b'[' {
            return false;
        }
        let mut end = vec![b']'];
        end.extend(std::iter::repeat_n(b'=', level));
        end.push(b']');
        self.skip_to(&end);
        true
    }

    fn line(&mut self) -> Result<(), Problem> {
        let bracket = self.levels.last().map_or(0, |level| level.bracket);
        if self.habits.indentation && bracket == 0 {
            self.end_expression();
            return self.indentation();
        }
        let is_block = bracket == 0 || bracket == b'{';
        if self.habits.indentation || !is_block || !self.after_operand {
            return Ok(());
        }
        // A line that goes on from an operand with a word starts something new.
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        if self.peek(0).is_ascii_alphabetic() {
            self.end_expression();
        }
        Ok(())
    }

    fn indentation(&mut self) -> Result<(), Problem> {
        if !self.habits.indentation {
            return Ok(());
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let width = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if matches!(rest.get(width), None | Some(b'\n' | b'\r' | b'#')) {
            return Ok(());
        }
        while self.indents.last().is_some_and(|last| *last > width) {
            self.indents.pop();
        }
        if self.indents.last().is_none_or(|last| *last < width) {
            self.indents.push(width);
        }
        if width == 0 && !matches!(rest.get(..4), Some(b"elif" | b"else")) {
            self.elses = 0;
        }
        if self.indents.len() > INDENTS {
            return Err(self.too_deep("100 levels of indentation are open"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(language: &str, source: &str, passes: bool) {
        let found = structure(language, source.as_bytes());
        assert_eq!(found.is_ok(), passes, "{found:?}");
    }

    #[test]
    fn ordinary_programs_pass() {
        check("python", "def f(x):\n    return [x for x in (1, 2) if not -x]\n", true);
        check("python", "'''((('''\n# ((((\nx = '('\n", true);
        check("javascript", "const a = `${b(`${c}`)}`, r = /[/(]+/g; // (((\n", true);
        check("lua", "x = [==[ ((( ]==] --[[ ((( ]] y = 1\n", true);
        check("javascript", &"a.b.c(d)\n".repeat(30_000), true);
    }

    #[test]
    fn what_nests_too_deeply_does_not() {
        for language in ["python", "javascript", "lua"] {
            check(language, &"(".repeat(300), false);
            check(language, &format!("x = a{}", ".b".repeat(30_000)), false);
            check(language, &format!("x = 1{}", "+1".repeat(30_000)), false);
        }
        check("python", &format!("x = {}y", "not ".repeat(300)), false);
        check("python", &format!("x = {}y", "-".repeat(300)), false);
        check("javascript", &format!("x = {}y", "!".repeat(300)), false);
        let indents: String = (0..120).map(|n| format!("{}if x:\n", " ".repeat(n))).collect();
        check("python", &indents, false);
        check("javascript", &format!("if (a) b; {}", "else if (a) b; ".repeat(2_000)), false);
        check("javascript", &"`${".repeat(300), false);
    }
}
