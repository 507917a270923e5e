//! Making a new registry: its first record and its repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use index_schema::fingerprint::Fingerprint;
use index_schema::id::{RegistryId, Word};
use index_schema::layout::IndexPath;
use index_schema::path::PackagePath;
use index_schema::permission::PermissionName;
use index_schema::registry::{
    DEFAULT_CATEGORIES, Host, HostPermission, Maintainer, Registry, RegistryTag, Role,
};
use index_schema::statement::SchemaOne;
use index_schema::text::{Line, List, Text};
use index_schema::time::Timestamp;
use index_schema::url::HttpsUrl;

use crate::commit::{self, Branch, CommitError, Message, add_files};
use crate::git::Identity;

/// What a founder says of a new registry.
#[derive(Debug, Clone)]
pub struct Founding {
    /// Its id.
    pub id: RegistryId,
    /// What people call it.
    pub title: Line<80>,
    /// Its page.
    pub homepage: Option<HttpsUrl>,
    /// The application that the plugins are for.
    pub host: Line<80>,
    /// The founder's name.
    pub maintainer: Line<80>,
    /// The founder's certificate, armored.
    pub certificate: Text<{ index_schema::limits::CERTIFICATE }>,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

/// The permissions that Libral Core defines, which a registry for another host replaces.
const HOST_PERMISSIONS: &[(&str, bool, &str)] = &[
    ("host.messages.read", true, "read your messages"),
    ("host.messages.send", true, "send messages in your name"),
    ("host.contacts.read", true, "read your contacts"),
    ("host.calendar.read", true, "read your calendar"),
    ("host.calendar.write", true, "change your calendar"),
    ("host.notifications.show", false, "show notifications"),
];

/// Writes the first record of a registry.
pub fn first_record(founding: Founding) -> Registry {
    Registry {
        kind: RegistryTag,
        schema: SchemaOne,
        registry: founding.id,
        serial: 1,
        title: founding.title,
        homepage: founding.homepage,
        maintainers: one(Maintainer {
            name: founding.maintainer,
            roles: List::new(Role::ALL.to_vec()).expect("every role stands once"),
            fingerprint: founding.fingerprint,
            certificate: founding.certificate,
        }),
        thresholds: BTreeMap::new(),
        categories: List::new(default_categories()).expect("the defaults stand once"),
        host: Host {
            name: founding.host,
            permissions: host_permissions(),
            publishers: List::default(),
        },
        committers: List::default(),
    }
}

fn one<T: PartialEq>(item: T) -> List<T, 1, 64> {
    List::new(vec![item]).expect("one item is allowed")
}

fn default_categories() -> Vec<Word> {
    let word = |text: &&str| Word::parse(text).expect("the defaults are words");
    DEFAULT_CATEGORIES.iter().map(word).collect()
}

fn host_permissions() -> List<HostPermission, 0, 256> {
    let permission = |(name, sensitive, meaning): &(&str, bool, &str)| HostPermission {
        name: PermissionName::parse(name).expect("the defaults are names"),
        sensitive: *sensitive,
        meaning: Line::parse(meaning).expect("the defaults are lines"),
    };
    List::new(HOST_PERMISSIONS.iter().map(permission).collect()).expect("the defaults stand once")
}

/// Why a registry was not founded.
#[derive(Debug, thiserror::Error)]
pub enum FoundingError {
    /// The folder holds something.
    #[error("`{}` is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// The repository was not made.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Makes a repository whose first commit holds the first record, and `beside` it other files: their
/// paths and texts.
pub fn found(
    folder: &Path,
    record: &[u8],
    beside: &[(&str, &str)],
    by: &Identity,
    now: Timestamp,
) -> Result<(), FoundingError> {
    let occupied = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(FoundingError::NotEmpty(folder.to_owned()));
    }
    commit::init(folder)?;
    let name = |path: &str| PackagePath::parse(path).expect("these paths are portable");
    let record = (name(&IndexPath::Registry(1).to_string()), record.to_vec());
    let beside = beside.iter().map(|(path, text)| (name(path), text.as_bytes().to_vec()));
    let files: BTreeMap<PackagePath, Vec<u8>> = beside.chain([record]).collect();
    let message = Message { text: "Found the registry\n", author: by, committer: by, time: now };
    add_files(folder, Branch::Head, &files, &message)?;
    Ok(())
}
