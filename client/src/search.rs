//! Searching the catalogue, on this computer. Pure.
//!
//! Every word of the query has to be found, in any case, in the id, the title, the summary, a
//! keyword or the publisher's title. Where a word is found gives its rank, the best place counts:
//!
//! | rank | place |
//! |---|---|
//! | 1 | it is the name, or the whole id |
//! | 2 | the name starts with it |
//! | 3 | it is a part of the id |
//! | 4 | it is a keyword |
//! | 5 | it is in the title |
//! | 6 | it is in the summary, the publisher's title or a part of a keyword |
//!
//! The ranks of the words are added up; the smallest sum comes first, then the id decides.

use index_schema::catalog::CatalogEntry;
use index_schema::id::{PublisherId, Word};
use index_schema::permission::PermissionName;
use index_schema::pricing::Model;
use index_schema::publisher_status::Trust;
use index_schema::time::Timestamp;

/// What is searched for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// The words, separated by spaces; none finds everything.
    pub text: String,
    /// Only plugins of this category.
    pub category: Option<Word>,
    /// Only plugins with this keyword.
    pub keyword: Option<Word>,
    /// Only plugins that cost this kind of money.
    pub pricing: Option<Model>,
    /// Only plugins of this publisher.
    pub publisher: Option<PublisherId>,
    /// Only plugins that ask for this permission.
    pub permission: Option<PermissionName>,
    /// Only plugins of publishers that the registry vouches for as far as this, at some time.
    pub trust: Option<(Trust, Timestamp)>,
    /// The order.
    pub sort: Sort,
}

/// The order of what is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// The best first.
    #[default]
    Relevance,
    /// The newest release first.
    Updated,
    /// By name, then by publisher.
    Name,
}

/// One part of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<'c> {
    /// How many plugins were found.
    pub total: usize,
    /// Those of this page.
    pub hits: Vec<&'c CatalogEntry>,
}

/// Searches; pages count from 1.
pub fn search<'c>(
    plugins: &'c [CatalogEntry],
    query: &Query,
    (page, per_page): (usize, usize),
) -> Page<'c> {
    let words: Vec<String> = query.text.split_whitespace().map(str::to_lowercase).collect();
    let mut found: Vec<(u32, &CatalogEntry)> = plugins
        .iter()
        .filter(|entry| query.admits(entry))
        .filter_map(|entry| Some((rank(entry, &words)?, entry)))
        .collect();
    match query.sort {
        Sort::Relevance => found.sort_by_key(|(rank, entry)| (*rank, &entry.id)),
        Sort::Updated => {
            found.sort_by(|(_, a), (_, b)| b.updated.cmp(&a.updated).then(a.id.cmp(&b.id)));
        }
        Sort::Name => found.sort_by_key(|(_, entry)| (&entry.id.name, &entry.id.publisher)),
    }
    let skipped = page.saturating_sub(1).saturating_mul(per_page);
    let hits = found.iter().skip(skipped).take(per_page).map(|(_, entry)| *entry).collect();
    Page { total: found.len(), hits }
}

impl Query {
    fn admits(&self, entry: &CatalogEntry) -> bool {
        let all = |wanted: Option<bool>| wanted.unwrap_or(true);
        all(self.category.as_ref().map(|word| entry.categories.contains(word)))
            && all(self.keyword.as_ref().map(|word| entry.keywords.contains(word)))
            && all(self.pricing.map(|model| entry.pricing == model))
            && all(self.publisher.as_ref().map(|id| entry.id.publisher == *id))
            && all(self.trust.map(|(least, at)| entry.trust(at) >= least))
            && all(self.permission.as_ref().map(|name| entry.permissions.contains(name)))
    }
}

/// Returns the sum of the words' ranks; `None` if a word is nowhere.
fn rank(entry: &CatalogEntry, words: &[String]) -> Option<u32> {
    let id = entry.id.to_string();
    let name = entry.id.name.as_str();
    let title = entry.title.as_str().to_lowercase();
    let rest = format!("{}\n{}", entry.summary, entry.publisher_title).to_lowercase();
    words.iter().try_fold(0_u32, |sum, word| {
        let keywords = || entry.keywords.iter().map(Word::as_str);
        let places = [
            name == word || id == *word,
            name.starts_with(word.as_str()),
            id.contains(word.as_str()),
            keywords().any(|keyword| keyword == word),
            title.contains(word.as_str()),
            rest.contains(word.as_str()) || keywords().any(|k| k.contains(word.as_str())),
        ];
        let place = (1_u32..).zip(places).find(|(_, is_there)| *is_there);
        place.map(|(rank, _)| sum.saturating_add(rank))
    })
}

#[cfg(test)]
mod tests;
