//! Sentences: a chain of words in which each follows one that it followed somewhere before.

use std::collections::BTreeMap;

use super::random::{Random, narrow, wide};
use super::spread::Weighted;

/// Which word follows which, and how often.
#[derive(Debug, Clone)]
pub(crate) struct Prose {
    words: Vec<String>,
    /// For each word its successors; `None` ends a sentence. The last entry begins one.
    next: Vec<Weighted<Option<usize>>>,
}

/// Nobody reads on after so many words.
const MOST_WORDS: usize = 40;

impl Prose {
    /// Learns from sentences.
    pub(crate) fn of<'s>(sentences: impl IntoIterator<Item = &'s str>) -> Self {
        let mut known = BTreeMap::new();
        let mut words = Vec::new();
        let mut pairs: BTreeMap<(usize, Option<usize>), u64> = BTreeMap::new();
        for sentence in sentences {
            let mut before = usize::MAX;
            for word in sentence.split_whitespace().filter(|word| is_word(word)) {
                let place = *known.entry(word.to_owned()).or_insert_with(|| {
                    words.push(word.to_owned());
                    words.len() - 1
                });
                *pairs.entry((before, Some(place))).or_default() += 1;
                before = place;
            }
            *pairs.entry((before, None)).or_default() += 1;
        }
        let successors = |place: usize| {
            let range = pairs.range((place, None)..=(place, Some(usize::MAX)));
            Weighted::new(range.map(|((_, next), count)| (*next, *count)))
        };
        let next = (0..words.len()).chain([usize::MAX]).map(successors).collect();
        Self { words, next }
    }

    /// Writes one line of about `wanted` words and at most `limit` characters, never empty.
    pub(crate) fn line(&self, wanted: u64, limit: usize, random: &mut Random) -> String {
        let mut line = String::new();
        for _ in 0..3 {
            let next = self.sentence(wanted, random);
            if line.len() + next.len() + 2 > limit {
                continue;
            }
            if !line.is_empty() {
                line.push_str(", ");
            }
            line.push_str(&next);
            if wide(line.split(' ').count()) * 2 >= wanted {
                break;
            }
        }
        if line.is_empty() { "Does one thing well".to_owned() } else { capital(&line) }
    }

    fn sentence(&self, wanted: u64, random: &mut Random) -> String {
        let most = MOST_WORDS.min(narrow(wanted * 2).max(3));
        let mut place = self.words.len();
        let mut sentence: Vec<&str> = Vec::new();
        while sentence.len() < most {
            let next = self.next.get(place).and_then(|next| next.draw(random));
            let Some(Some(next)) = next else { break };
            sentence.extend(self.words.get(*next).map(String::as_str));
            place = *next;
        }
        sentence.join(" ").trim_end_matches(['.', ',', ';', ':', '(']).to_owned()
    }

    /// Draws a word that may be a keyword.
    pub(crate) fn keyword(&self, random: &mut Random) -> Option<String> {
        let plain =
            |word: &&String| word.len() > 3 && word.bytes().all(|b| b.is_ascii_alphabetic());
        random.choose(&self.words).filter(plain).map(|word| word.to_ascii_lowercase())
    }
}

fn is_word(word: &str) -> bool {
    word.len() <= 24 && !word.chars().any(index_schema::text::is_forbidden)
}

/// Returns the text with a capital letter first.
pub(crate) fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_words_was_seen_before() {
        let prose = Prose::of(["count words fast", "count lines", "show lines of code"]);
        let mut random = Random::new(3, "prose", 0);
        for _ in 0..50 {
            let sentence = prose.sentence(5, &mut random);
            assert!(
                ["count words fast", "count lines", "count lines of code"].contains(&&*sentence)
                    || sentence.starts_with("show lines"),
                "{sentence}"
            );
        }
    }

    #[test]
    fn a_line_keeps_to_its_limit_and_is_never_empty() {
        let mut random = Random::new(3, "prose", 1);
        let prose = Prose::of(["one sentence that is long", "count"]);
        for limit in [10, 20, 120] {
            let lines: Vec<String> = (0..50).map(|_| prose.line(9, limit, &mut random)).collect();
            assert!(lines.iter().all(|line| line == "Does one thing well" || line.len() <= limit));
        }
        assert_eq!(Prose::of([]).line(6, 120, &mut random), "Does one thing well");
    }
}
