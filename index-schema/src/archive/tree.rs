//! The names of an archive taken together: sorted, unique in any case, every folder there.

use std::collections::BTreeMap;

use super::error::ArchiveError;
use crate::path::PackagePath;

/// One entry: its path, and whether it is a folder.
type Named<'a> = (&'a PackagePath, bool);

/// Checks the entries of an archive in the order in which they stand.
///
/// The first is the top folder. Names are compared as a header writes them, folders with the
/// closing `/`, which puts `a-b` and `a.b` before the folder `a/`.
pub(super) fn check<'a>(entries: impl IntoIterator<Item = Named<'a>>) -> Result<(), ArchiveError> {
    let mut seen = BTreeMap::new();
    let mut last = String::new();
    for (path, folder) in entries {
        check_new(&seen, path, folder)?;
        if !seen.is_empty() {
            check_parent(&seen, path)?;
        }
        let written = format!("{path}{}", if folder { "/" } else { "" });
        if written < last {
            return Err(ArchiveError::NotSorted(path.to_string()));
        }
        last = written;
        seen.insert(path.as_str().to_ascii_lowercase(), (path, folder));
    }
    Ok(())
}

type Seen<'a> = BTreeMap<String, Named<'a>>;

fn check_new(seen: &Seen<'_>, path: &PackagePath, folder: bool) -> Result<(), ArchiveError> {
    match seen.get(&path.as_str().to_ascii_lowercase()) {
        None => Ok(()),
        Some((other, _)) if *other != path => {
            Err(ArchiveError::CaseCollision(other.to_string(), path.to_string()))
        }
        Some((_, other)) if *other != folder => Err(ArchiveError::FileAsParent(path.to_string())),
        Some(_) => Err(ArchiveError::Duplicate(path.to_string())),
    }
}

fn check_parent(seen: &Seen<'_>, path: &PackagePath) -> Result<(), ArchiveError> {
    let missing = || ArchiveError::MissingParent(path.to_string());
    let parent = path.parent().ok_or_else(missing)?;
    match seen.get(&parent.as_str().to_ascii_lowercase()) {
        None => Err(missing()),
        Some((other, _)) if **other != parent => {
            Err(ArchiveError::CaseCollision(other.to_string(), parent.to_string()))
        }
        Some((_, false)) => Err(ArchiveError::FileAsParent(parent.to_string())),
        Some((_, true)) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_names(names: &[&str]) -> &'static str {
        let entry = |name: &&str| {
            let path = PackagePath::parse(name.trim_end_matches('/')).unwrap();
            (path, name.ends_with('/'))
        };
        let entries: Vec<_> = names.iter().map(entry).collect();
        check(entries.iter().map(|(path, folder)| (path, *folder)))
            .map_or_else(|error| error.code(), |()| "accepted")
    }

    #[test]
    fn entries_are_sorted_by_the_bytes_that_a_header_has() {
        assert_eq!(
            check_names(&["t/", "t/B", "t/a-b", "t/a.b", "t/a/", "t/a/x", "t/ab"]),
            "accepted"
        );
        assert_eq!(check_names(&["t/", "t/a/", "t/a/x", "t/a.b"]), "archive/not-sorted");
        assert_eq!(check_names(&["t/", "t/b", "t/a"]), "archive/not-sorted");
    }

    #[test]
    fn every_name_is_one_thing_and_lies_in_a_folder_that_came_before() {
        assert_eq!(check_names(&["t/", "t/a", "t/a"]), "archive/duplicate");
        assert_eq!(check_names(&["t/", "t/a", "t/a/"]), "archive/file-as-parent");
        assert_eq!(check_names(&["t/", "t/a", "t/a/x"]), "archive/file-as-parent");
        assert_eq!(check_names(&["t/", "t/A", "t/a"]), "archive/case-collision");
        assert_eq!(check_names(&["t/", "t/A/", "t/a/x"]), "archive/case-collision");
        assert_eq!(check_names(&["t/", "t/a/x"]), "archive/missing-parent");
        assert_eq!(check_names(&["t/", "u"]), "archive/missing-parent");
    }
}
