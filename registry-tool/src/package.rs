//! From a plugin's folder to the archive and the manifest that are published.

use std::io;
use std::path::{Path, PathBuf};

use index_schema::archive::{Archive, ArchiveError, File, encode};
use index_schema::digest::Sha256Digest;
use index_schema::json::{self, Member, Node, Span, Value, pretty};
use index_schema::limits;
use index_schema::manifest::{Artifact, Manifest, Platform};
use index_schema::path::{PackagePath, PathError};
use index_schema::statement;
use index_schema::text::List;
use index_schema::url::{ArchiveUrl, UrlError};
use libral::file::read_file;
use walkdir::WalkDir;

use crate::finding::Finding;
use crate::rules::archive::contents;

/// The file of a plugin's folder that says what its manifest says, but for the artifacts.
pub const SOURCE_MANIFEST: &str = "plugin.json";

/// A plugin that is ready to be signed.
#[derive(Debug)]
pub struct Package {
    /// The manifest.
    pub manifest: Manifest,
    /// The archive.
    pub archive: Vec<u8>,
    /// What a validator would find wrong with the archive.
    pub findings: Vec<Finding>,
}

/// Why a folder was not packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A file or folder could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A name does not belong in a package.
    #[error("`{}` cannot be packed", path.display())]
    Name {
        /// The file.
        path: PathBuf,
        /// Why.
        source: PathError,
    },
    /// Something that is neither a file nor a folder.
    #[error("`{}` is neither a file nor a folder", .0.display())]
    Special(PathBuf),
    /// The source manifest says something that a manifest may not say.
    #[error("`{SOURCE_MANIFEST}` is not a source manifest")]
    Manifest(#[source] Findings),
    /// The files do not make an archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Nobody says where the archive will lie.
    #[error("nothing says where the archive will lie")]
    NoUrl,
    /// The place where the archive will lie is not a URL.
    #[error("`{url}` is not where an archive can lie")]
    Url {
        /// What was given.
        url: String,
        /// Why it is refused.
        source: UrlError,
    },
}

/// Findings as one error.
#[derive(Debug, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct Findings(pub Vec<Finding>);

fn lines(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let place = finding.place.map(|p| format!("{}:{}: ", p.line, p.column)).unwrap_or_default();
        let hint = finding.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{place}{} [{}]{hint}", finding.message, finding.code)
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n             ")
}

/// Packs a folder. `urls` say where the archive will lie; `{name}`, `{version}` and `{file}` in
/// them are filled in. Hidden files, and what lies in hidden folders, are left out.
pub fn pack(folder: &Path, urls: &[String]) -> Result<Package, PackError> {
    let path = folder.join(SOURCE_MANIFEST);
    let source = read_file(&path, limits::MANIFEST)
        .map_err(|source| PackError::Read { path: path.clone(), source })?;
    let node = json::parse(&source, limits::MANIFEST).map_err(|p| refuse(p, &source))?;
    // The manifest is read once with a stand-in, to learn the name and every problem at once.
    let draft = with_artifact(&node, &stand_in(), &source)?;
    let files = collect(folder)?;
    let archive = encode(&draft.id.name, &draft.version, files)?;
    let decoded = Archive::decode(&archive, &draft.id.name, &draft.version)?;
    let artifact = Artifact {
        platform: Platform::any(),
        urls: places(&draft, urls)?,
        sha256: Sha256Digest::of(&archive),
        size: u64::try_from(archive.len()).unwrap_or(u64::MAX),
        tar_sha256: decoded.tar_sha256(),
        unpacked: decoded.unpacked(),
        entries: u64::try_from(decoded.entry_count()).unwrap_or(u64::MAX),
    };
    let manifest = with_artifact(&node, &artifact, &source)?;
    let name = format!("{}-{}.tar.gz", manifest.id.name, manifest.version);
    let findings = contents(&manifest, &artifact, &decoded)
        .into_iter()
        .map(|(code, message)| Finding::new(code, name.as_str(), message))
        .collect();
    Ok(Package { manifest, archive, findings })
}

fn refuse(problems: Vec<json::Problem>, source: &[u8]) -> PackError {
    let finding = |problem| Finding::from_problem(problem, SOURCE_MANIFEST, source);
    PackError::Manifest(Findings(problems.into_iter().map(finding).collect()))
}

/// Reads the source manifest as if it named this artifact.
fn with_artifact(node: &Node, artifact: &Artifact, source: &[u8]) -> Result<Manifest, PackError> {
    let artifacts = pretty(&[artifact]);
    let artifacts = json::parse(&artifacts, limits::MANIFEST).map_err(|p| refuse(p, source))?;
    let mut node = node.clone();
    if let Value::Object(members) = &mut node.value
        && members.iter().all(|member| member.name != "artifacts")
    {
        let name = "artifacts".to_owned();
        members.push(Member { name, name_span: Span::default(), node: artifacts });
    }
    statement::from_node(&node).map_err(|problems| refuse(problems, source))
}

fn stand_in() -> Artifact {
    let url = ArchiveUrl::parse("https://example.org/").expect("this is a URL");
    Artifact {
        platform: Platform::any(),
        urls: List::new(vec![url]).expect("one URL is allowed"),
        sha256: Sha256Digest::of(b""),
        size: 0,
        tar_sha256: Sha256Digest::of(b""),
        unpacked: 0,
        entries: 0,
    }
}

/// Fills in the places; without any, the release downloads of the repository.
fn places(manifest: &Manifest, urls: &[String]) -> Result<List<ArchiveUrl, 1, 8>, PackError> {
    let from_repository = || {
        let repository = manifest.repository.as_ref()?.as_str().trim_end_matches('/');
        Some(vec![format!("{repository}/releases/download/v{{version}}/{{file}}")])
    };
    let templates = match urls {
        [] => from_repository().ok_or(PackError::NoUrl)?,
        given => given.to_vec(),
    };
    let (name, version) = (&manifest.id.name, manifest.version.to_string());
    let file = format!("{name}-{version}.tar.gz");
    let fill = |template: &String| {
        let url = template
            .replace("{name}", name.as_str())
            .replace("{version}", &version)
            .replace("{file}", &file);
        ArchiveUrl::parse(&url).map_err(|source| PackError::Url { url, source })
    };
    let filled = templates.iter().map(fill).collect::<Result<Vec<_>, _>>()?;
    List::new(filled).map_err(|_count| PackError::NoUrl)
}

fn collect(folder: &Path) -> Result<Vec<File>, PackError> {
    let mut files = Vec::new();
    let mut budget = limits::UNPACKED;
    let is_hidden = |entry: &walkdir::DirEntry| {
        entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let walk = WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|entry| !is_hidden(entry)) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            PackError::Read { path, source: error.into() }
        })?;
        if entry.file_type().is_dir() {
            continue;
        }
        if !entry.file_type().is_file() {
            return Err(PackError::Special(entry.path().to_owned()));
        }
        let file = read_entry(folder, &entry, budget)?;
        budget = budget.saturating_sub(file.contents.len());
        files.push(file);
    }
    Ok(files)
}

fn read_entry(folder: &Path, entry: &walkdir::DirEntry, budget: usize) -> Result<File, PackError> {
    let path = entry.path().to_owned();
    let inside = path.strip_prefix(folder).unwrap_or(&path);
    let name = inside.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let name = PackagePath::parse(&name)
        .map_err(|source| PackError::Name { path: path.clone(), source })?;
    let contents = read_file(&path, budget)
        .map_err(|source| PackError::Read { path: path.clone(), source })?;
    let executable = is_executable(entry);
    Ok(File { path: name, executable, contents })
}

#[cfg(unix)]
fn is_executable(entry: &walkdir::DirEntry) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    entry.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &walkdir::DirEntry) -> bool {
    false
}
