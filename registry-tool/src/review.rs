//! What a reviewer wants to know of a change: what it is, and how it differs from what was before.
//!
//! Everything here is data, and most of it is text that strangers wrote: labels are ours, values are
//! theirs. How to show it without being told what to show is the business of
//! [`report::markdown`](crate::report::markdown).

use std::collections::BTreeMap;

use index_schema::digest::Sha256Digest;
use index_schema::fingerprint::Fingerprint;
use index_schema::id::PluginId;
use index_schema::manifest::Manifest;
use index_schema::osv::Osv;
use index_schema::permission::{Permission, PermissionName, Risk};
use index_schema::publisher_status::{PublisherAction, PublisherStatus};
use index_schema::status::Action;
use index_schema::time::Timestamp;
use index_schema::version::Version;

use crate::inspection::{Inside, Inspected, Inspection};
use crate::judge::{Index, Release};
use crate::rules::Case;
use crate::rules::keys::difference;
use crate::rules::name::Names;
use crate::scan::judge::{self, Difference};
use crate::submission::{Content, Submission};

/// What a change is about.
#[derive(Debug, Default)]
pub struct Review {
    /// What each file says that is added.
    pub files: Vec<Added>,
    /// The new releases, in the order of their paths.
    pub releases: Vec<Dossier>,
}

/// A file that is added: what it is, and what it says in short.
#[derive(Debug)]
pub struct Added {
    /// Where it lies.
    pub path: String,
    /// What it is, in our words.
    pub kind: &'static str,
    /// What it says: labels of ours, values of theirs.
    pub facts: Vec<(&'static str, String)>,
}

/// A new release beside the one before it.
#[derive(Debug)]
pub struct Dossier {
    /// The plugin.
    pub id: PluginId,
    /// The version.
    pub version: Version,
    /// What the manifest says: labels of ours, values of theirs.
    pub facts: Vec<(&'static str, String)>,
    /// The release that users have now.
    pub previous: Option<Version>,
    /// Who signed, and since when the publisher has that key.
    pub signers: Vec<(Fingerprint, Option<Timestamp>)>,
    /// What it asks for.
    pub permissions: Permissions,
    /// The archives.
    pub archives: Vec<Archive>,
    /// What the manifest says is new.
    pub changes: Option<String>,
}

/// What a release asks for, beside what the one before it asked for.
#[derive(Debug)]
pub struct Permissions {
    /// What it did not ask for before.
    pub more: Vec<Asked>,
    /// What it asks for in another way than before.
    pub other: Vec<Asked>,
    /// What it asked for before, and does no more.
    pub less: Vec<Asked>,
    /// How many stay as they were.
    pub same: usize,
}

/// A permission.
#[derive(Debug)]
pub struct Asked {
    /// Its name.
    pub name: String,
    /// What it means, if we know: completes "this plugin can …".
    pub meaning: Option<&'static str>,
    /// Whether users have to agree to it by name.
    pub is_sensitive: bool,
    /// What it is limited to; empty means no limit.
    pub scope: Vec<String>,
    /// What it was limited to, where that is other.
    pub before: Option<Vec<String>>,
    /// Why the plugin needs it, as the manifest says.
    pub reason: String,
}

/// An archive beside the one before it.
#[derive(Debug)]
pub struct Archive {
    /// What is in it.
    pub inside: Inside,
    /// What became more or less of what it can do.
    pub capabilities: Option<Difference>,
    /// The files that came, with their sizes.
    pub added: Vec<(String, usize)>,
    /// The files that went, with their sizes.
    pub removed: Vec<(String, usize)>,
    /// The files that are others, with their sizes before and now.
    pub changed: Vec<(String, usize, usize)>,
    /// Whether there is an archive to compare with.
    pub is_compared: bool,
}

/// Says what is added, and compares each new release with the one before it; its archives are
/// fetched for that.
pub fn review(
    added: &[Submission],
    index: Option<&Index>,
    inspected: Vec<Inspected>,
    inspection: &Inspection<'_>,
) -> Review {
    let files = added.iter().map(|submission| file(submission, index)).collect();
    let of = |inspected| dossier(index?, inspected, inspection);
    Review { files, releases: inspected.into_iter().filter_map(of).collect() }
}

fn file(submission: &Submission, index: Option<&Index>) -> Added {
    let (kind, facts) = match &submission.content {
        Content::Registry(_) => ("a record of the registry", Vec::new()),
        Content::Metadata(_) => ("TUF metadata", Vec::new()),
        Content::Release(s) => {
            let facts = [
                ("plugin", s.document.id.to_string()),
                ("version", s.document.version.to_string()),
            ];
            ("a release", facts.to_vec())
        }
        Content::Publisher(s) => {
            let said = &s.document;
            let links = index.and_then(|index| index.publishers.get(&said.id));
            let mut links = links.into_iter().flat_map(|member| &member.links);
            let before = links.rfind(|link| link.serial() < said.serial);
            let mut facts = vec![("publisher", said.id.to_string())];
            let words = before.map(|link| difference(&link.record.statement.document, said));
            facts.extend(words.unwrap_or_default().into_iter().map(|word| ("keys", word)));
            (if before.is_some() { "keys of a publisher" } else { "a new publisher" }, facts)
        }
        Content::Status(s) => {
            let said = &s.document;
            let version = said.version.as_ref().map(|version| ("version", version.to_string()));
            let reason = ("reason", said.reason.as_str().to_owned());
            let facts = [("plugin", said.id.to_string())].into_iter().chain(version);
            let facts = facts.chain([reason]);
            (action(said.action), facts.collect())
        }
        Content::Objection(s) => {
            let reason = ("reason", s.document.reason.as_str().to_owned());
            ("an objection to keys", vec![("publisher", s.document.id.to_string()), reason])
        }
        Content::PublisherStatus(s) => about_publisher(&s.document),
        Content::Advisory(s) => about_vulnerability(&s.document.osv),
        Content::Approval(s) => {
            let reason = ("reason", s.document.reason.as_str().to_owned());
            ("an approval", vec![("of", s.document.path.to_string()), reason])
        }
        Content::Handover(s) => {
            let reason = ("reason", s.document.reason.as_str().to_owned());
            ("a hand-over", vec![("publisher", s.document.publisher.to_string()), reason])
        }
        Content::Removal(s) => {
            let said = &s.document;
            let facts =
                [("plugin", said.plugin.to_string()), ("version", said.version.to_string())];
            let reason = ("reason", said.reason.as_str().to_owned());
            ("the removal of a release", facts.into_iter().chain([reason]).collect())
        }
    };
    Added { path: submission.path.to_string(), kind, facts }
}

/// A kind of statement, and what there is to know of one.
type Said = (&'static str, Vec<(&'static str, String)>);

fn about_publisher(said: &PublisherStatus) -> Said {
    let checked = said.checked.iter().map(|check| ("checked", check.to_string()));
    let until = said.until.map(|until| ("until", until.to_string()));
    let facts = [("publisher", said.id.to_string())].into_iter().chain(checked).chain(until);
    let facts = facts.chain([("reason", said.reason.as_str().to_owned())]);
    (publisher_action(said.action), facts.collect())
}

fn about_vulnerability(osv: &Osv) -> Said {
    let names = osv.affected.iter().map(|it| ("plugin", it.package.name.to_string()));
    let facts = [("id", osv.id.to_string()), ("severity", osv.harm().to_string())];
    let summary = ("summary", osv.summary.as_str().to_owned());
    let is_over = osv.withdrawn.is_some();
    let kind = if is_over { "an advisory that is withdrawn" } else { "an advisory" };
    (kind, facts.into_iter().chain(names).chain([summary]).collect())
}

const fn publisher_action(action: PublisherAction) -> &'static str {
    match action {
        PublisherAction::Suspend => {
            "a suspension: nothing that the publisher signs counts, and users are warned"
        }
        PublisherAction::Reinstate => "the end of a suspension",
        PublisherAction::Verify => "a verification: users are told what was checked",
        PublisherAction::Unverify => "the end of a verification",
    }
}

const fn action(action: Action) -> &'static str {
    match action {
        Action::Yank => "a yank: users are told not to install the release",
        Action::Unyank => "the end of a yank",
        Action::Deprecate => "a deprecation: users are told to look for something else",
        Action::Undeprecate => "the end of a deprecation",
    }
}

fn dossier(index: &Index, inspected: Inspected, inspection: &Inspection<'_>) -> Option<Dossier> {
    let mut releases = index.plugins.values().flat_map(|plugin| plugin.releases.values());
    let release = releases.find(|release| release.path() == inspected.path)?;
    let manifest = &release.manifest.statement.document;
    let previous = previous(index, manifest);
    let before = previous.map(|release| &release.manifest.statement.document);
    let names = Names::default();
    let case = |release| Case { release, index, names: &names };
    let old = previous.map(|release| inspection.release(case(release)).contents);
    let old = old.unwrap_or_default();
    let archives = inspected.contents.into_iter().map(|inside| {
        let same = old.iter().find(|old| old.platform == inside.platform);
        compare(inside, same.or_else(|| old.first()))
    });
    let had = before.map_or(&[][..], |before| &before.permissions);
    Some(Dossier {
        id: manifest.id.clone(),
        version: manifest.version.clone(),
        facts: facts(manifest),
        previous: before.map(|before| before.version.clone()),
        signers: release
            .signers
            .iter()
            .map(|key| (key.clone(), since(index, release, key)))
            .collect(),
        permissions: permissions(&manifest.permissions, had),
        archives: archives.collect(),
        changes: manifest.changes.as_ref().map(|changes| changes.as_str().to_owned()),
    })
}

/// Returns the release that a user of the plugin would come from: the highest below it that is not
/// new, or else the highest.
fn previous<'i>(index: &'i Index, manifest: &Manifest) -> Option<&'i Release> {
    let releases = &index.plugins.get(&manifest.id)?.releases;
    let old = || releases.iter().filter(|(_, release)| !release.manifest.is_new);
    let below = old().rfind(|(version, _)| **version < manifest.version);
    below.or_else(|| old().next_back()).map(|(_, release)| release)
}

/// Returns since when the publisher has a key.
fn since(index: &Index, release: &Release, key: &Fingerprint) -> Option<Timestamp> {
    let publisher = &release.manifest.statement.document.id.publisher;
    let mut links = index.publishers.get(publisher)?.links.iter();
    let lists = |record: &index_schema::publisher::Publisher| {
        record.certificates.iter().any(|entry| entry.fingerprint == *key)
    };
    let first = links.find(|link| lists(&link.record.statement.document))?;
    Some(first.record.accepted)
}

fn facts(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let url = |label, url: &Option<index_schema::url::HttpsUrl>| {
        url.as_ref().map(|url| (label, url.to_string()))
    };
    let words: Vec<&str> = manifest.categories.iter().map(|word| word.as_str()).collect();
    let needs =
        manifest.dependencies.iter().map(|(id, wanted)| ("needs", format!("{id} {wanted}")));
    let own = [
        ("title", manifest.title.as_str().to_owned()),
        ("summary", manifest.summary.as_str().to_owned()),
        ("licence", manifest.license.to_string()),
        ("categories", words.join(", ")),
    ];
    let urls = [
        url("homepage", &manifest.homepage),
        url("repository", &manifest.repository),
        url("documentation", &manifest.documentation),
        url("funding", &manifest.funding),
    ];
    own.into_iter().chain(urls.into_iter().flatten()).chain(needs).collect()
}

fn permissions(asked: &[Permission], had: &[Permission]) -> Permissions {
    let find = |these: &[Permission], name: &PermissionName| {
        these.iter().find(|permission| permission.name == *name).cloned()
    };
    let mut found = Permissions { more: vec![], other: vec![], less: vec![], same: 0 };
    for permission in asked {
        let asked = asks(permission);
        match find(had, &permission.name) {
            None => found.more.push(asked),
            Some(before)
                if before.scope == permission.scope && before.optional == permission.optional =>
            {
                found.same = found.same.saturating_add(1);
            }
            Some(before) => {
                found.other.push(Asked { before: Some(asks(&before).scope), ..asked });
            }
        }
    }
    let gone = had.iter().filter(|permission| find(asked, &permission.name).is_none());
    found.less.extend(gone.map(asks));
    found
}

fn asks(permission: &Permission) -> Asked {
    let word = permission.name.vocabulary();
    Asked {
        name: permission.name.to_string(),
        meaning: word.map(|word| word.meaning),
        is_sensitive: word.is_none_or(|word| word.risk == Risk::Sensitive),
        scope: permission.scope.iter().map(|scope| scope.as_str().to_owned()).collect(),
        before: None,
        reason: permission.reason.as_str().to_owned(),
    }
}

fn compare(inside: Inside, before: Option<&Inside>) -> Archive {
    let nothing = BTreeMap::new();
    let old: &BTreeMap<String, (usize, Sha256Digest)> = before.map_or(&nothing, |b| &b.files);
    let new = &inside.files;
    let without = |these: &BTreeMap<String, (usize, Sha256Digest)>, those: &BTreeMap<_, _>| {
        let only = these.iter().filter(|(path, _)| !those.contains_key(*path));
        only.map(|(path, (size, _))| (path.clone(), *size)).collect::<Vec<_>>()
    };
    let both = new.iter().filter_map(|(path, fact)| Some((path, old.get(path)?, fact)));
    let changed = both.filter(|(_, (_, before), (_, now))| before != now);
    let changed =
        changed.map(|(path, (before, _), (now, _))| (path.clone(), *before, *now)).collect();
    let scans = before.and_then(|before| before.scan.as_ref()).zip(inside.scan.as_ref());
    Archive {
        capabilities: scans.map(|(before, now)| judge::difference(now, before)),
        added: without(new, old),
        removed: without(old, new),
        changed,
        is_compared: before.is_some(),
        inside,
    }
}
