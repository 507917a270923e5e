//! The rules that are in force.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use index_schema::digest::Sha256Digest;
use libral::file::read_file;

use super::{Rule, RuleFile};
use crate::scan::capability::Capability;

/// The files that are part of the program.
const BUILT_IN: [(&str, &str); 4] = [
    ("javascript.json", include_str!("javascript.json")),
    ("lua.json", include_str!("lua.json")),
    ("python.json", include_str!("python.json")),
    ("wasm.json", include_str!("wasm.json")),
];

/// The most bytes of one file of rules.
const LIMIT: usize = 4 * 1024 * 1024;

/// The rules that are in force, and their digest.
#[derive(Debug, Clone)]
pub struct RuleSet {
    sources: Vec<(String, Vec<u8>)>,
    files: Vec<RuleFile>,
    sha256: Sha256Digest,
}

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not one of rules.
    #[error("`{path}` is not a file of rules")]
    Malformed {
        /// The file.
        path: String,
        /// Why.
        source: serde_json::Error,
    },
    /// A file has another form.
    #[error("`{path}` has the schema `{schema}`, not `registry-tool.rules/1`")]
    Schema {
        /// The file.
        path: String,
        /// What it says.
        schema: String,
    },
    /// A rule names a capability that does not exist.
    #[error("rule `{id}` has the capability `{capability}`, which does not exist")]
    Capability {
        /// The rule.
        id: String,
        /// What it says.
        capability: String,
    },
    /// Two rules of one file have the same id.
    #[error("there are two rules `{0}`")]
    Repeated(String),
}

impl RuleSet {
    /// Returns the rules of the program, and those of a folder.
    pub fn load(folder: Option<&Path>) -> Result<Self, RulesError> {
        let mut sources: Vec<(String, Vec<u8>)> = BUILT_IN
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect();
        if let Some(folder) = folder {
            sources.extend(read_folder(folder)?);
        }
        Self::from_sources(sources)
    }

    /// Reads rules from the bytes of their files.
    pub fn from_sources(sources: Vec<(String, Vec<u8>)>) -> Result<Self, RulesError> {
        let mut files: Vec<RuleFile> = Vec::new();
        let mut all = Vec::new();
        for (path, bytes) in &sources {
            all.extend_from_slice(bytes);
            let file = parse(path, bytes)?;
            // A later rule takes the place of an earlier one with its id.
            let ids: BTreeSet<_> = file.rules.iter().map(|rule| rule.id.clone()).collect();
            for earlier in &mut files {
                earlier.rules.retain(|rule| !ids.contains(&rule.id));
            }
            files.push(file);
        }
        Ok(Self { sources, files, sha256: Sha256Digest::of(&all) })
    }

    /// Returns the files of rules as they were read.
    pub fn sources(&self) -> &[(String, Vec<u8>)] {
        &self.sources
    }

    /// Returns the digest of all files of rules, one after the other.
    pub const fn sha256(&self) -> Sha256Digest {
        self.sha256
    }

    /// Returns the files of a language.
    pub fn of_language(&self, language: &str) -> Vec<&RuleFile> {
        self.files.iter().filter(|file| file.language == language).collect()
    }

    /// Returns every rule with its language.
    pub fn rules(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.files
            .iter()
            .flat_map(|file| file.rules.iter().map(|rule| (file.language.as_str(), rule)))
    }

    /// Returns a rule by its id.
    pub fn find(&self, id: &str) -> Option<&Rule> {
        self.rules().find(|(_, rule)| rule.id == id).map(|(_, rule)| rule)
    }
}

fn parse(path: &str, bytes: &[u8]) -> Result<RuleFile, RulesError> {
    let malformed = |source| RulesError::Malformed { path: path.to_owned(), source };
    let file: RuleFile = serde_json::from_slice(bytes).map_err(malformed)?;
    if file.schema != "registry-tool.rules/1" {
        return Err(RulesError::Schema { path: path.to_owned(), schema: file.schema });
    }
    let mut ids = BTreeSet::new();
    for rule in &file.rules {
        if !ids.insert(rule.id.as_str()) {
            return Err(RulesError::Repeated(rule.id.clone()));
        }
        if let Some(capability) = &rule.capability
            && Capability::parse(capability).is_none()
        {
            let (id, capability) = (rule.id.clone(), capability.clone());
            return Err(RulesError::Capability { id, capability });
        }
    }
    Ok(file)
}

fn read_folder(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, RulesError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| RulesError::Read { path, source }
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = read_file(&path, LIMIT).map_err(unreadable(&path))?;
        Ok((path.display().to_string(), bytes))
    };
    paths.into_iter().map(read).collect()
}
