//! Patterns as JavaScript writes them, as far as constants are taken apart with them: characters,
//! classes, groups, alternatives and repetitions. What else there is, such as looking ahead, is not
//! worked out.

/// The most instructions of a pattern.
const MOST_CODE: usize = 512;
/// The most steps of one search through a text.
const MOST_STEPS: usize = 50_000;
/// The most groups in each other.
const MOST_DEPTH: usize = 16;
/// The most that a part is repeated by a number.
const MOST_COUNT: usize = 64;

/// Where a match and its groups are, in characters: start and end.
pub type Found = Vec<Option<(usize, usize)>>;

/// A step of a search.
#[derive(Debug, Clone)]
enum Step {
    /// A character of a set, or of none.
    Set(Vec<(char, char)>, bool),
    /// The start of the text.
    Start,
    /// The end of the text.
    End,
    /// Remembers where it is.
    Save(usize),
    /// Goes on here, or else there.
    Split(usize, usize),
    /// Goes on there.
    Jump(usize),
}

/// A pattern.
#[derive(Debug)]
pub struct Pattern {
    code: Vec<Step>,
    groups: usize,
    ignores_case: bool,
    is_global: bool,
}

impl Pattern {
    /// Reads a pattern; nothing if it has parts that are not worked out.
    pub fn new(source: &str, flags: &str) -> Option<Self> {
        if flags.contains(|flag: char| !"dgiuv".contains(flag)) {
            return None;
        }
        let mut reader =
            Reader { rest: source.chars().collect(), at: 0, code: Vec::new(), groups: 1, depth: 0 };
        reader.code.push(Step::Save(0));
        reader.alternatives()?;
        reader.code.push(Step::Save(1));
        let is_whole = reader.at == reader.rest.len() && reader.code.len() <= MOST_CODE;
        is_whole.then_some(Self {
            code: reader.code,
            groups: reader.groups,
            ignores_case: flags.contains('i'),
            is_global: flags.contains('g'),
        })
    }

    /// Tells whether all matches are meant.
    pub const fn is_global(&self) -> bool {
        self.is_global
    }

    /// Returns the matches, or the first; nothing if that takes too long.
    pub fn find(&self, text: &[char], most: usize) -> Option<Vec<Found>> {
        let (mut found, mut start, mut steps) = (Vec::new(), 0, 0);
        while start <= text.len() && found.len() < most {
            match self.match_at(text, start, &mut steps)? {
                Some(groups) => {
                    let end = groups.first().copied().flatten().map_or(start, |(_, end)| end);
                    start = if end > start { end } else { start + 1 };
                    found.push(groups);
                }
                None => start += 1,
            }
        }
        Some(found)
    }

    fn match_at(&self, text: &[char], start: usize, steps: &mut usize) -> Option<Option<Found>> {
        let saves = vec![None; self.groups.checked_mul(2)?];
        let mut open = vec![(0, start, saves)];
        while let Some((mut next, mut at, mut saves)) = open.pop() {
            loop {
                *steps += 1;
                if *steps > MOST_STEPS {
                    return None;
                }
                let Some(step) = self.code.get(next) else {
                    let pairs = saves.chunks(2).map(|pair| match pair {
                        [Some(start), Some(end)] => Some((*start, *end)),
                        _ => None,
                    });
                    return Some(Some(pairs.collect()));
                };
                next += 1;
                match step {
                    Step::Set(ranges, wanted) => match text.get(at) {
                        Some(c) if self.has(ranges, *c) == *wanted => at += 1,
                        Some(_) | None => break,
                    },
                    Step::Start if at == 0 => {}
                    Step::End if at == text.len() => {}
                    Step::Start | Step::End => break,
                    Step::Save(number) => {
                        if let Some(place) = saves.get_mut(*number) {
                            *place = Some(at);
                        }
                    }
                    Step::Split(first, second) => {
                        open.push((*second, at, saves.clone()));
                        next = *first;
                    }
                    Step::Jump(to) => next = *to,
                }
            }
        }
        Some(None)
    }

    fn has(&self, ranges: &[(char, char)], c: char) -> bool {
        let is_in = |c: char| ranges.iter().any(|(from, to)| *from <= c && c <= *to);
        is_in(c)
            || self.ignores_case && (is_in(c.to_ascii_lowercase()) || is_in(c.to_ascii_uppercase()))
    }
}

struct Reader {
    rest: Vec<char>,
    at: usize,
    code: Vec<Step>,
    groups: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_next = self.peek() == Some(wanted);
        self.at += usize::from(is_next);
        is_next
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn alternatives(&mut self) -> Option<()> {
        let start = self.code.len();
        self.sequence()?;
        if !self.take('|') {
            return Some(());
        }
        // What was read so far comes behind a choice, and its end goes to the end of all.
        self.insert(start, Step::Split(start + 1, 0))?;
        let end = self.code.len();
        self.code.push(Step::Jump(0));
        self.set_second(start, end + 1);
        self.alternatives()?;
        let behind = self.code.len();
        if let Some(step) = self.code.get_mut(end) {
            *step = Step::Jump(behind);
        }
        Some(())
    }

    /// Puts a step in front of others, whose targets move on.
    fn insert(&mut self, at: usize, step: Step) -> Option<()> {
        if self.code.len() >= MOST_CODE {
            return None;
        }
        for moved in self.code.get_mut(at..)? {
            match moved {
                Step::Split(first, second) => {
                    *first += 1;
                    *second += 1;
                }
                Step::Jump(to) => *to += 1,
                Step::Set(..) | Step::Start | Step::End | Step::Save(_) => {}
            }
        }
        self.code.insert(at, step);
        Some(())
    }

    fn set_second(&mut self, at: usize, to: usize) {
        if let Some(Step::Split(_, second)) = self.code.get_mut(at) {
            *second = to;
        }
    }

    fn sequence(&mut self) -> Option<()> {
        while !matches!(self.peek(), None | Some('|' | ')')) {
            let start = self.code.len();
            self.atom()?;
            self.repetition(start)?;
            if self.code.len() > MOST_CODE {
                return None;
            }
        }
        Some(())
    }

    fn atom(&mut self) -> Option<()> {
        let step = match self.next()? {
            '^' => Step::Start,
            '$' => Step::End,
            '.' => Step::Set(vec![('\n', '\n'), ('\r', '\r')], false),
            '[' => return self.class(),
            '(' => return self.group(),
            '*' | '+' | '?' | '{' => return None,
            '\\' => {
                let (ranges, wanted) = self.escape()?;
                Step::Set(ranges, wanted)
            }
            c => Step::Set(vec![(c, c)], true),
        };
        self.code.push(step);
        Some(())
    }

    fn group(&mut self) -> Option<()> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return None;
        }
        let number = if self.take('?') {
            if !self.take(':') {
                return None;
            }
            None
        } else {
            self.groups += 1;
            Some(self.groups - 1)
        };
        if let Some(number) = number {
            self.code.push(Step::Save(number * 2));
        }
        self.alternatives()?;
        if let Some(number) = number {
            self.code.push(Step::Save(number * 2 + 1));
        }
        self.depth -= 1;
        self.take(')').then_some(())
    }

    fn class(&mut self) -> Option<()> {
        let wanted = !self.take('^');
        let mut ranges = Vec::new();
        while !self.take(']') {
            let first = match self.next()? {
                '\\' => {
                    let (more, is_wanted) = self.escape()?;
                    match (more.as_slice(), is_wanted) {
                        ([(from, to)], true) if from == to => *from,
                        (_, true) => {
                            ranges.extend(more);
                            continue;
                        }
                        (_, false) => return None,
                    }
                }
                c => c,
            };
            let is_range = self.peek() == Some('-')
                && self.rest.get(self.at + 1).is_some_and(|c| !matches!(c, ']' | '\\'));
            let last = if is_range {
                self.at += 1;
                self.next()?
            } else {
                first
            };
            ranges.push((first, last));
        }
        self.code.push(Step::Set(ranges, wanted));
        Some(())
    }

    fn escape(&mut self) -> Option<(Vec<(char, char)>, bool)> {
        let digits = vec![('0', '9')];
        let word = vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
        let space = vec![(' ', ' '), ('\t', '\r'), ('\u{a0}', '\u{a0}')];
        Some(match self.next()? {
            'd' => (digits, true),
            'D' => (digits, false),
            'w' => (word, true),
            'W' => (word, false),
            's' => (space, true),
            'S' => (space, false),
            'n' => (vec![('\n', '\n')], true),
            'r' => (vec![('\r', '\r')], true),
            't' => (vec![('\t', '\t')], true),
            'x' => (vec![self.code_point(2)?], true),
            'u' => (vec![self.code_point(4)?], true),
            c if c.is_ascii_alphanumeric() => return None,
            c => (vec![(c, c)], true),
        })
    }

    fn code_point(&mut self, digits: usize) -> Option<(char, char)> {
        let mut code = 0;
        for _ in 0..digits {
            code = code * 16 + self.next()?.to_digit(16)?;
        }
        char::from_u32(code).map(|c| (c, c))
    }

    fn repetition(&mut self, start: usize) -> Option<()> {
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.counted(start),
            Some(_) | None => return Some(()),
        };
        self.at += 1;
        self.repeat(start, least, most)
    }

    fn counted(&mut self, start: usize) -> Option<()> {
        self.at += 1;
        let least = self.number()?;
        let most = if self.take(',') {
            if self.peek() == Some('}') { None } else { Some(self.number()?) }
        } else {
            Some(least)
        };
        if !self.take('}') {
            return None;
        }
        self.repeat(start, least, most)
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0_usize;
        let mut digits = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            number = number * 10 + usize::try_from(digit).ok()?;
            self.at += 1;
            digits += 1;
            if number > MOST_COUNT {
                return None;
            }
        }
        (digits > 0).then_some(number)
    }

    /// Repeats what was read since a place.
    fn repeat(&mut self, start: usize, least: usize, most: Option<usize>) -> Option<()> {
        let is_lazy = self.take('?');
        let block: Vec<Step> = self.code.split_off(start);
        let parts = most.unwrap_or(least + 1).max(1);
        if block.len().checked_mul(parts)? > MOST_CODE {
            return None;
        }
        for _ in 0..least {
            self.add(&block, start);
        }
        let choose = |inside: usize, behind: usize| match is_lazy {
            false => Step::Split(inside, behind),
            true => Step::Split(behind, inside),
        };
        match most {
            None => {
                let choice = self.code.len();
                self.code.push(Step::Jump(0));
                self.add(&block, start);
                self.code.push(Step::Jump(choice));
                let behind = self.code.len();
                *self.code.get_mut(choice)? = choose(choice + 1, behind);
            }
            Some(most) => {
                let count = most.checked_sub(least)?;
                let behind = self.code.len() + count * (block.len() + 1);
                for _ in 0..count {
                    let inside = self.code.len() + 1;
                    self.code.push(choose(inside, behind));
                    self.add(&block, start);
                }
            }
        }
        Some(())
    }

    /// Adds a copy of steps that stood at `from`.
    fn add(&mut self, block: &[Step], from: usize) {
        let by = self.code.len() - from;
        for step in block {
            self.code.push(match step {
                Step::Split(first, second) => Step::Split(first + by, second + by),
                Step::Jump(to) => Step::Jump(to + by),
                other => other.clone(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn found(source: &str, flags: &str, text: &str) -> Option<Vec<String>> {
        let text: Vec<char> = text.chars().collect();
        let most = if flags.contains('g') { 64 } else { 1 };
        let found = Pattern::new(source, flags)?.find(&text, most)?;
        let groups = found.into_iter().flatten().map(|group| match group {
            Some((start, end)) => text[start..end].iter().collect(),
            None => "-".to_owned(),
        });
        Some(groups.collect())
    }

    #[test]
    fn patterns_find_what_they_find_in_javascript() {
        let cases: &[(&str, &str, &str, &[&str])] = &[
            ("[a-c]+", "g", "xabcxca", &["abc", "ca"]),
            ("..", "g", "636f", &["63", "6f"]),
            ("(\\w+)_(\\w+)", "", "b_a", &["b_a", "b", "a"]),
            ("=(\\w*?)c", "", "x=abcc", &["=abc", "ab"]),
            ("a|b(c)?|d", "g", "abcd", &["a", "-", "bc", "c", "d", "-"]),
            ("^x{2,3}$", "", "xxx", &["xxx"]),
            ("X", "i", "axb", &["x"]),
            ("[^\\d\\s]", "g", "1 b", &["b"]),
            ("(?:ab)+c", "", "ababc", &["ababc"]),
        ];
        for (source, flags, text, wanted) in cases {
            let wanted: Vec<_> = wanted.iter().map(|part| (*part).to_owned()).collect();
            assert_eq!(found(source, flags, text), Some(wanted), "{source}");
        }
    }

    #[test]
    fn what_is_not_worked_out_is_nothing() {
        for source in ["(?=a)", "(a)\\1", "a{1000}", "\\bx", "(", "*", "[a"] {
            assert_eq!(found(source, "", "a"), None, "{source}");
        }
        let long = "a".repeat(200);
        assert_eq!(found("(a*)*b", "", &long), None, "takes too long");
    }
}
