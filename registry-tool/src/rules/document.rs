//! What a manifest says against what the registry knows.

use index_schema::permission::{ScopeKind, VOCABULARY};

use super::Case;
use crate::finding::Finding;

/// Every category is one that the registry record lists.
pub(super) fn categories(case: Case<'_>, findings: &mut Vec<Finding>) {
    let known = &case.index.maintainers.record().categories;
    for category in case.manifest().categories.iter().filter(|word| !known.contains(word)) {
        let words: Vec<&str> = known.iter().map(|word| word.as_str()).collect();
        let message = format!("`{category}` is not a category of this registry");
        let hint = format!("one of: {}", words.join(", "));
        findings.push(case.finding("category/unknown", "categories", message).hinted(hint));
    }
}

/// Every permission is a word that somebody knows, with a scope where one makes sense.
pub(super) fn permissions(case: Case<'_>, findings: &mut Vec<Finding>) {
    let host = &case.index.maintainers.record().host.permissions;
    for permission in &case.manifest().permissions {
        let name = &permission.name;
        let from_host = host.iter().any(|known| known.name == *name);
        let Some(word) = name.vocabulary() else {
            if !from_host {
                let message = format!("`{name}` is not a permission that anybody knows");
                let nearest = nearest(name.as_str(), host.iter().map(|known| known.name.as_str()));
                let hint = format!("did you mean `{nearest}`?");
                findings
                    .push(case.finding("permission/unknown", "permissions", message).hinted(hint));
            }
            continue;
        };
        if word.scope == ScopeKind::None && !permission.scope.is_empty() {
            let message = format!("`{name}` has no scope");
            findings.push(case.finding("permission/scope", "permissions", message));
        }
    }
}

fn nearest<'n>(name: &str, host: impl Iterator<Item = &'n str>) -> &'n str {
    let words = VOCABULARY.iter().map(|word| word.name).chain(host);
    words.min_by_key(|word| strsim::damerau_levenshtein(word, name)).unwrap_or("network")
}

/// Archives come over https; the page is not the repository.
pub(super) fn urls(case: Case<'_>, findings: &mut Vec<Finding>) {
    let urls = case.manifest().artifacts.iter().flat_map(|artifact| &artifact.urls);
    for url in urls.filter(|url| !url.is_https()) {
        let message = format!("`{url}` is not an https URL: users fetch it only when told to");
        findings.push(case.finding("artifact/not-https", "artifacts", message));
    }
}
