//! A file that is signed offline, on its way: what it is, who has to sign it, and who did.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use index_schema::json;
use index_schema::limits;
use index_schema::time::Timestamp;
use index_schema::tuf::{
    BinCount, Delegations, Envelope, Key, KeyId, MetaVersion, Role as _, RoleKeys, RoleName, Root,
    Signature, Targets, Unsigned,
};
use libral::tuf::{TufError, is_good};

use super::Trust;
use crate::judge::metadata::check_records;
use crate::role_keys::{Keys, RoleKeyError};

/// Why a file is not signed, or not taken into the index.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The file is neither root nor targets metadata.
    #[error("this is neither root nor top-level targets metadata")]
    Kind,
    /// The file says more than this program shows.
    #[error("{0} says more than this version of the program can show, so it is not signed")]
    Foreign(Name),
    /// Another version is due.
    #[error("{found} was drafted for another state of the index: version {due} is due")]
    Version {
        /// The file.
        found: Name,
        /// The version that is due.
        due: u64,
    },
    /// Nobody can vouch for targets before there is a root.
    #[error("the index has no root yet: adopt the first root before its targets metadata")]
    NoRoot,
    /// The file is signed for a time that is over.
    #[error("{name} expired at {expires}")]
    Expired {
        /// The file.
        name: Name,
        /// When it expired.
        expires: Timestamp,
    },
    /// The file cannot be right, whoever signs it.
    #[error("{name} is wrong: {what}")]
    Wrong {
        /// The file.
        name: Name,
        /// What is wrong.
        what: String,
    },
    /// None of the keys acts here.
    #[error("none of these keys may sign {name}: {}", list(here))]
    WrongKeys {
        /// The file.
        name: Name,
        /// The keys at hand.
        here: Vec<KeyId>,
    },
    /// The keys have signed already.
    #[error("{0} has the signatures of these keys already")]
    SignedAlready(Name),
    /// Signatures are missing.
    #[error("{name} is not finished: {}", lacking(progress))]
    Unfinished {
        /// The file.
        name: Name,
        /// Who has to sign.
        progress: Vec<Progress>,
    },
    /// The files are not one and the same.
    #[error("{0} and {1} say different things, so their signatures do not belong together")]
    Different(Name, Name),
    /// A key could not be used.
    #[error(transparent)]
    Key(#[from] RoleKeyError),
    /// A client would refuse the file.
    #[error(transparent)]
    Metadata(#[from] TufError),
}

impl DocumentError {
    /// Tells whether the file itself is refused.
    pub const fn is_refusal(&self) -> bool {
        !matches!(self, Self::Key(_))
    }

    /// Returns what to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Version { .. } => Some("draft it again from the index as it is now"),
            Self::Expired { .. } => Some("draft it again: `trust draft` sets a new expiry"),
            Self::WrongKeys { .. } => Some("`trust show` lists which keys sign which role"),
            Self::Unfinished { .. } => Some("`trust sign` adds a signature"),
            Self::Kind
            | Self::Foreign(_)
            | Self::NoRoot
            | Self::Wrong { .. }
            | Self::SignedAlready(_)
            | Self::Different(..)
            | Self::Key(_)
            | Self::Metadata(_) => None,
        }
    }
}

/// What a file is, such as `root 2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    kind: &'static str,
    version: MetaVersion,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.version)
    }
}

/// A set of keys of which enough have to sign, and which of them did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Whose keys they are.
    pub by: String,
    /// The keys.
    pub keys: BTreeSet<KeyId>,
    /// How many have to sign.
    pub threshold: u64,
    /// Which of them signed well.
    pub signed: BTreeSet<KeyId>,
}

impl Progress {
    /// Returns how many signatures are missing.
    pub fn missing(&self) -> u64 {
        self.threshold.saturating_sub(u64::try_from(self.signed.len()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} signatures by {}", self.signed.len(), self.threshold, self.by)
    }
}

/// Shows key ids, one after the other.
pub(super) fn list<'k>(keys: impl IntoIterator<Item = &'k KeyId>) -> String {
    let keys: Vec<_> = keys.into_iter().map(ToString::to_string).collect();
    if keys.is_empty() { "none".to_owned() } else { keys.join(", ") }
}

fn lacking(progress: &[Progress]) -> String {
    let lacking = progress.iter().filter(|progress| progress.missing() > 0);
    let lacking = lacking.map(|progress| format!("{progress}, {} missing", progress.missing()));
    lacking.collect::<Vec<_>>().join("; ")
}

/// Root or targets metadata on their way.
#[derive(Debug, Clone)]
pub enum Document {
    /// Root metadata.
    Root(Envelope<Root>),
    /// Top-level targets metadata.
    Targets(Envelope<Targets>),
}

impl Document {
    /// Reads a file, which may lack signatures.
    pub fn read(bytes: &[u8]) -> Result<Self, DocumentError> {
        let malformed = |problems| {
            DocumentError::Metadata(TufError::Malformed { file: "the file".to_owned(), problems })
        };
        let node = json::parse(bytes, limits::TUF).map_err(malformed)?;
        let kind = node.get("signed").and_then(|signed| signed.get("_type")?.as_str());
        let document = match kind {
            Some(Root::TYPE) => Self::Root(Envelope::read(bytes, limits::TUF).map_err(malformed)?),
            Some(Targets::TYPE) => {
                Self::Targets(Envelope::read(bytes, limits::TUF).map_err(malformed)?)
            }
            _ => return Err(DocumentError::Kind),
        };
        // What is shown to the signer has to be all that is signed.
        if document.unsigned().canonical() == document.canonical() {
            return Ok(document);
        }
        Err(DocumentError::Foreign(document.name()))
    }

    /// Returns what it is.
    pub fn name(&self) -> Name {
        match self {
            Self::Root(root) => Name { kind: Root::TYPE, version: root.body.version },
            Self::Targets(targets) => Name { kind: Targets::TYPE, version: targets.body.version },
        }
    }

    fn expires(&self) -> Timestamp {
        match self {
            Self::Root(root) => root.body.expires,
            Self::Targets(targets) => targets.body.expires,
        }
    }

    fn canonical(&self) -> &[u8] {
        match self {
            Self::Root(root) => root.canonical(),
            Self::Targets(targets) => targets.canonical(),
        }
    }

    fn unsigned(&self) -> Unsigned {
        match self {
            Self::Root(root) => Unsigned::new(&root.body),
            Self::Targets(targets) => Unsigned::new(&targets.body),
        }
    }

    fn signatures(&self) -> &[Signature] {
        match self {
            Self::Root(root) => &root.signatures,
            Self::Targets(targets) => &targets.signatures,
        }
    }

    const fn signatures_mut(&mut self) -> &mut Vec<Signature> {
        match self {
            Self::Root(root) => &mut root.signatures,
            Self::Targets(targets) => &mut targets.signatures,
        }
    }

    /// Returns the file.
    pub fn bytes(&self) -> Vec<u8> {
        self.unsigned().sign(self.signatures())
    }

    /// Refuses what cannot be the next version, whoever signs it.
    pub fn check(&self, trust: &Trust, now: Timestamp) -> Result<(), DocumentError> {
        let (name, expires) = (self.name(), self.expires());
        let newest = trust.roots.last_key_value().map_or(0, |(version, _)| *version);
        let (is_due, due) = match self {
            Self::Root(_) => (name.version.get() == newest + 1, newest + 1),
            Self::Targets(_) => (name.version.get() > trust.taken, trust.taken + 1),
        };
        if !is_due {
            return Err(DocumentError::Version { found: name, due });
        }
        if expires <= now {
            return Err(DocumentError::Expired { name, expires });
        }
        let wrong = match self {
            Self::Root(root) => fault_of_root(&root.body),
            Self::Targets(targets) => fault_of_targets(&targets.body, trust),
        };
        wrong.map_or(Ok(()), |what| Err(DocumentError::Wrong { name, what }))
    }

    /// Returns who has to sign, and who did.
    pub fn progress(&self, trust: &Trust) -> Result<Vec<Progress>, DocumentError> {
        let before = trust.root()?;
        let mut progress = Vec::new();
        let by = |root: &Root, role: &str| format!("the {role} keys of root {}", root.version);
        match (self, before) {
            (Self::Root(root), before) => {
                if let Some(before) = before {
                    let before = before.metadata();
                    let keys = (&before.keys, &before.roles.root);
                    progress.push(self.signed_by(by(before, "root"), keys));
                }
                let keys = (&root.body.keys, &root.body.roles.root);
                progress.push(self.signed_by(by(&root.body, "root"), keys));
            }
            (Self::Targets(_), Some(root)) => {
                let root = root.metadata();
                let keys = (&root.keys, &root.roles.targets);
                progress.push(self.signed_by(by(root, "targets"), keys));
            }
            (Self::Targets(_), None) => return Err(DocumentError::NoRoot),
        }
        Ok(progress)
    }

    fn signed_by(&self, by: String, (keys, role): (&BTreeMap<KeyId, Key>, &RoleKeys)) -> Progress {
        let good = |signature: &&Signature| {
            let key = keys.get(&signature.keyid);
            role.keyids.contains(&signature.keyid)
                && key.is_some_and(|key| is_good(key, self.canonical(), &signature.sig))
        };
        let signed = self.signatures().iter().filter(good).map(|signature| signature.keyid);
        Progress {
            by,
            keys: role.keyids.clone(),
            threshold: role.threshold,
            signed: signed.collect(),
        }
    }

    /// Adds the signatures of those keys that may sign and did not; returns their ids.
    pub fn sign(&mut self, trust: &Trust, keys: &Keys) -> Result<Vec<KeyId>, DocumentError> {
        let progress = self.progress(trust)?;
        let may: BTreeSet<KeyId> = progress.iter().flat_map(|p| p.keys.iter().copied()).collect();
        let did: BTreeSet<KeyId> = progress.iter().flat_map(|p| p.signed.iter().copied()).collect();
        let here: Vec<KeyId> = keys.public().map(Key::id).collect();
        if !here.iter().any(|id| may.contains(id)) {
            return Err(DocumentError::WrongKeys { name: self.name(), here });
        }
        let added = keys.sign(self.canonical(), |id| may.contains(id) && !did.contains(id))?;
        if added.is_empty() {
            return Err(DocumentError::SignedAlready(self.name()));
        }
        let ids: Vec<KeyId> = added.iter().map(|signature| signature.keyid).collect();
        let signatures = self.signatures_mut();
        // A signature that was no good gives way to one that is.
        signatures.retain(|signature| !ids.contains(&signature.keyid));
        signatures.extend(added);
        Ok(ids)
    }

    /// Takes over the signatures of a copy that others signed, and drops those that do not count.
    pub fn merge(&mut self, other: &Self, trust: &Trust) -> Result<(), DocumentError> {
        if self.canonical() != other.canonical() {
            return Err(DocumentError::Different(self.name(), other.name()));
        }
        let good: BTreeSet<KeyId> =
            other.progress(trust)?.into_iter().flat_map(|progress| progress.signed).collect();
        let others = other.signatures().iter();
        let added: Vec<_> = others.filter(|each| good.contains(&each.keyid)).cloned().collect();
        let signatures = self.signatures_mut();
        signatures.retain(|signature| !good.contains(&signature.keyid));
        signatures.extend(added);
        Ok(())
    }

    /// Drops the signatures that do not count.
    pub(super) fn tidy(&mut self, trust: &Trust) -> Result<(), DocumentError> {
        let good: BTreeSet<KeyId> =
            self.progress(trust)?.into_iter().flat_map(|progress| progress.signed).collect();
        self.signatures_mut().retain(|signature| good.contains(&signature.keyid));
        Ok(())
    }
}

fn fault_of_root(root: &Root) -> Option<String> {
    let roles = [
        ("root", &root.roles.root),
        ("targets", &root.roles.targets),
        ("snapshot", &root.roles.snapshot),
        ("timestamp", &root.roles.timestamp),
    ];
    for (name, role) in roles {
        let there = role.keyids.iter().filter(|id| root.keys.contains_key(*id)).count();
        if u64::try_from(there).unwrap_or(u64::MAX) < role.threshold {
            return Some(format!(
                "`{name}` asks for {} signatures of {there} keys",
                role.threshold
            ));
        }
        let shared = root.roles.root.keyids.iter().find(|id| role.keyids.contains(*id));
        if let Some(shared) = shared.filter(|_| name != "root") {
            return Some(format!("the root key {shared} also signs as `{name}`"));
        }
    }
    (!root.consistent_snapshot).then(|| "clients want consistent snapshots".to_owned())
}

fn fault_of_targets(targets: &Targets, trust: &Trust) -> Option<String> {
    if targets.role.is_some() {
        return Some("it is the file of a delegated role".to_owned());
    }
    let count = targets.delegations.as_ref().and_then(bin_count);
    if count.is_none() {
        return Some("it does not delegate to `index` and to all bins of one count".to_owned());
    }
    let named_before = trust.registry.len();
    check_records(targets, &trust.registry, named_before).err().map(|(_, message)| message)
}

/// Checks that the delegations are `index` and all bins of one count, and returns the count.
pub(crate) fn bin_count(delegations: &Delegations) -> Option<BinCount> {
    let (index, bins) = delegations.roles.split_first()?;
    let count = BinCount::of_name(&bins.first()?.name)?;
    let names = bins.iter().map(|role| role.name.clone());
    (index.name == RoleName::index() && names.eq(count.names())).then_some(count)
}
