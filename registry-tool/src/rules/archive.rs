//! Rules that need the bytes of an archive.

use index_schema::archive::Archive;
use index_schema::digest::Sha256Digest;
use index_schema::manifest::{Artifact, Manifest};

use super::Case;
use crate::finding::Finding;

/// What came of asking for an archive.
#[derive(Debug)]
pub enum Delivery {
    /// The bytes that one of its places delivered.
    Bytes(Vec<u8>),
    /// A place delivers more bytes than the manifest says.
    TooLarge,
    /// Every place says that there is no such file: the publisher's fault.
    Missing(String),
    /// A place could not be reached: nobody knows.
    Unreachable(String),
}

/// What came of looking at an archive.
#[derive(Debug)]
pub struct Contents {
    /// What is wrong with it.
    pub found: Vec<Finding>,
    /// The archive, if it is the one that the manifest names, and of the right form.
    pub archive: Option<Archive>,
}

/// Judges one archive of a new release.
pub fn judge(case: Case<'_>, artifact: &Artifact, delivery: &Delivery) -> Contents {
    let finding = |code, message: String| Contents {
        found: vec![case.finding(code, "artifacts", message)],
        archive: None,
    };
    let bytes = match delivery {
        Delivery::Bytes(bytes) => bytes,
        Delivery::TooLarge => {
            let message =
                format!("the archive has more bytes than the manifest says, {}", artifact.size);
            return finding("artifact/size", message);
        }
        Delivery::Missing(reason) => return finding("artifact/missing", reason.clone()),
        Delivery::Unreachable(reason) => return finding("unjudged/unreachable", reason.clone()),
    };
    if !usize::try_from(artifact.size).is_ok_and(|size| size == bytes.len()) {
        let message =
            format!("the archive has {} bytes, the manifest says {}", bytes.len(), artifact.size);
        return finding("artifact/size", message);
    }
    let digest = Sha256Digest::of(bytes);
    if digest != artifact.sha256 {
        let message = format!("the archive is {digest}, the manifest says {}", artifact.sha256);
        return finding("artifact/digest", message);
    }
    let manifest = case.manifest();
    match Archive::decode(bytes, &manifest.id.name, &manifest.version) {
        Ok(archive) => {
            let found = contents(manifest, artifact, &archive).into_iter();
            let found = found.map(|(code, message)| case.finding(code, "artifacts", message));
            Contents { found: found.collect(), archive: Some(archive) }
        }
        Err(error) => finding(error.code(), error.to_string()),
    }
}

/// Says what is wrong with an archive whose form is right.
pub fn contents(
    manifest: &Manifest,
    artifact: &Artifact,
    archive: &Archive,
) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if archive.tar_sha256() != artifact.tar_sha256 {
        let message = format!(
            "the tar stream is {}, the manifest says {}",
            archive.tar_sha256(),
            artifact.tar_sha256
        );
        found.push(("artifact/tar-digest", message));
    }
    let counts = [
        ("unpacked", archive.unpacked(), artifact.unpacked),
        ("entries", u64::try_from(archive.entry_count()).unwrap_or(u64::MAX), artifact.entries),
    ];
    for (field, there, said) in counts.into_iter().filter(|(_, there, said)| there != said) {
        found.push(("artifact/counts", format!("`{field}` is {there}, the manifest says {said}")));
    }
    let names: Vec<&str> = archive.entries().map(|entry| entry.path.as_str()).collect();
    let top = |stem: &str| names.iter().any(|name| is_document(name, stem));
    if !top("README") {
        found.push(("archive/no-readme", "there is no README in the top folder".to_owned()));
    }
    if !["LICENSE", "LICENCE", "COPYING", "UNLICENSE"].into_iter().any(top) {
        found.push(("archive/no-license", "there is no LICENSE in the top folder".to_owned()));
    }
    for name in
        names.iter().filter(|name| name.rsplit('/').next().is_some_and(|n| n.starts_with('.')))
    {
        found.push(("archive/hidden", format!("`{name}` is hidden")));
    }
    if let Some(entry) = &manifest.runtime.entry
        && archive.file(entry.as_str()).is_none()
    {
        found.push((
            "archive/no-entry",
            format!("there is no file `{entry}`, which is to be started"),
        ));
    }
    found
}

/// Tells whether a file of the top folder is called `stem`, with any extension or addition.
fn is_document(name: &str, stem: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let rest = upper.strip_prefix(stem);
    !name.contains('/') && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}

#[cfg(test)]
mod tests {
    use super::is_document;

    #[test]
    fn documents_are_known_by_their_stem_in_the_top_folder() {
        for name in ["README", "readme.md", "README.de.md"] {
            assert!(is_document(name, "README"), "{name}");
        }
        for name in ["docs/README", "READMEFIRST", "a-README"] {
            assert!(!is_document(name, "README"), "{name}");
        }
        assert!(is_document("LICENSE-MIT", "LICENSE"));
    }
}
