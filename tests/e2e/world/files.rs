//! Files of tests: read and written whole, and compared byte for byte.

#![expect(clippy::disallowed_methods, reason = "tests write and read files of their own")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

/// Everything below a folder: files with their bytes, links with where they lead, and folders.
pub(crate) type Listing = BTreeMap<String, String>;

/// Lists everything below a folder; one that does not exist holds nothing.
pub(crate) fn listing(folder: &Path) -> Listing {
    let entries = WalkDir::new(folder).min_depth(1).into_iter();
    let entries = entries.filter_entry(|entry| entry.file_name() != ".git");
    entries.filter(|_| folder.exists()).map(|entry| line(folder, &entry.unwrap())).collect()
}

fn line(folder: &Path, entry: &walkdir::DirEntry) -> (String, String) {
    let path = entry.path().strip_prefix(folder).unwrap().display().to_string();
    let kind = entry.file_type();
    let holds = if kind.is_symlink() {
        format!("link to {}", fs::read_link(entry.path()).unwrap().display())
    } else if kind.is_dir() {
        "folder".to_owned()
    } else {
        fs::read(entry.path()).unwrap().escape_ascii().to_string()
    };
    (path, holds)
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Copies a file or a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in WalkDir::new(from) {
        let entry = entry.unwrap();
        let inside = entry.path().strip_prefix(from).unwrap();
        // Joining with nothing would add a slash, which a file cannot have.
        let place = if inside.as_os_str().is_empty() { to.to_owned() } else { to.join(inside) };
        if entry.file_type().is_file() {
            write(&place, &read(entry.path()));
        }
    }
}
