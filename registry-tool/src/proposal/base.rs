//! What a pull request builds on: the part of the base that it has to do with, read when asked for.
//!
//! Everything lies at fixed places, so what belongs to a publisher or a plugin is found without a
//! look at the others. What is read is presumed to have been judged when it came in
//! ([`Past::Presumed`](crate::judge::Past)).
//!
//! A clone of depth 1 does not say when something was accepted. Between its signatures and that lie
//! at most [`OLDEST`] seconds, and it is in the base; so mostly the answer does not matter. It does
//! for a change of keys that may or may not be in force: then the line is followed back as far as it
//! is there, and where that is not far enough, nobody knows.

use std::collections::{BTreeMap, BTreeSet};

use index_schema::id::{PluginId, PublisherId, StatementId};
use index_schema::layout::{IndexPath, advisory_folder, plugin_folder, publisher_folder};
use index_schema::osv::AdvisoryId;
use index_schema::time::Timestamp;
use libral::chain::OBJECTION_PERIOD;
use libral::openpgp::{OLDEST, SKEW, claimed};

use crate::finding::Finding;
use crate::git::GitError;
use crate::judge::Read;
use crate::repository::read_content;
use crate::rules::keys::is_change_of_keys;
use crate::rules::shape;
use crate::submission::{Content, Submission};
use crate::tree::Kind;
use crate::tree::objects::{Node, Objects, Parent, Point};

/// The base of a pull request.
pub(super) struct Base<'o> {
    objects: &'o Objects,
    point: Point,
    now: Timestamp,
    files: BTreeMap<String, Read>,
    publishers: BTreeSet<PublisherId>,
    plugins: BTreeSet<PluginId>,
    decisions: Option<Vec<(IndexPath, Node)>>,
    /// The publishers, and the TUF metadata, of which it matters when something was accepted, and
    /// nobody knows.
    pub(super) unsure: BTreeSet<String>,
}

/// When a file was accepted, as far as the line is here.
#[derive(Debug, Clone, Copy)]
enum Since {
    Exactly(Timestamp),
    AtMost(Timestamp),
}

impl<'o> Base<'o> {
    pub(super) fn new(objects: &'o Objects, point: Point, now: Timestamp) -> Self {
        Self {
            objects,
            point,
            now,
            files: BTreeMap::new(),
            publishers: BTreeSet::new(),
            plugins: BTreeSet::new(),
            decisions: None,
            unsure: BTreeSet::new(),
        }
    }

    /// Returns what was read until now.
    pub(super) fn files(&self) -> impl Iterator<Item = &Read> {
        self.files.values()
    }

    /// Returns the statements that were read until now.
    pub(super) fn statements(&self) -> impl Iterator<Item = &Submission> {
        self.files.values().filter_map(|file| file.as_ref().ok())
    }

    /// Reads the records of the registry.
    pub(super) fn registry(&mut self) -> Result<(), GitError> {
        self.read_below("registry")?;
        self.in_order(
            |path| if let IndexPath::Registry(serial) = path { Some(*serial) } else { None },
        );
        Ok(())
    }

    /// Reads the records of a publisher, and the objections to them.
    pub(super) fn publisher(&mut self, id: &PublisherId) -> Result<(), GitError> {
        if !self.publishers.insert(id.clone()) {
            return Ok(());
        }
        self.read_below(&publisher_folder(id))?;
        self.in_order(|path| serial_of(id, path));
        self.date_changes(id)
    }

    /// Reads the releases and status statements of a plugin, and the records of its publisher.
    /// Tells whether that was not done before.
    pub(super) fn plugin(&mut self, id: &PluginId) -> Result<bool, GitError> {
        if !self.plugins.insert(id.clone()) {
            return Ok(false);
        }
        self.publisher(&id.publisher)?;
        self.read_below(&plugin_folder(id))?;
        Ok(true)
    }

    /// Reads what was said of a vulnerability.
    pub(super) fn advisory(&mut self, id: &AdvisoryId) -> Result<(), GitError> {
        self.read_below(&advisory_folder(id))
    }

    /// Reads every plugin of a publisher.
    pub(super) fn plugins_of(&mut self, id: &PublisherId) -> Result<(), GitError> {
        for plugin in self.names_of(id)? {
            self.plugin(&plugin)?;
        }
        Ok(())
    }

    /// Reads the records of every publisher. Tells whether there are more than known before.
    pub(super) fn all_publishers(&mut self) -> Result<bool, GitError> {
        let known = self.publishers.len();
        for shard in self.objects.list(self.point.tree, "publishers")?.iter() {
            for node in
                self.objects.list(self.point.tree, &format!("publishers/{}", shard.name))?.iter()
            {
                if let Ok(id) = PublisherId::parse(&node.name) {
                    self.publisher(&id)?;
                }
            }
        }
        Ok(self.publishers.len() > known)
    }

    /// Reads the TUF metadata, and finds out when they and the records of the registry were accepted.
    pub(super) fn metadata(&mut self) -> Result<(), GitError> {
        self.read_below("trust")?;
        let wanted = self
            .files
            .keys()
            .filter(|path| path.starts_with("trust/") || path.starts_with("registry/"));
        let wanted: BTreeSet<String> = wanted.cloned().collect();
        for (path, since) in self.since(wanted, Timestamp::EPOCH)? {
            match (since, self.files.get_mut(&path)) {
                (Since::Exactly(time), Some(Ok(submission))) => submission.accepted = time,
                (Since::AtMost(_), _) => drop(self.unsure.insert("trust/".to_owned())),
                (Since::Exactly(_), _) => {}
            }
        }
        Ok(())
    }

    /// Returns the id of every plugin: only folders are opened for that.
    pub(super) fn names(&self) -> Result<Vec<PluginId>, GitError> {
        // plugins/<pp>/<p>/<nn>/<name>
        let paths = self.objects.far_below(self.point.tree, "plugins", 3)?;
        let id = |path: &String| {
            let mut parts = path.split('/').skip(1);
            let (publisher, name) = (parts.next()?, parts.nth(1)?);
            PluginId::parse(&format!("{publisher}/{name}")).ok()
        };
        Ok(paths.iter().filter_map(id).collect())
    }

    fn names_of(&self, id: &PublisherId) -> Result<Vec<PluginId>, GitError> {
        let mut names = Vec::new();
        let folder = format!("plugins/{}/{id}", id.shard());
        for letters in self.objects.list(self.point.tree, &folder)?.iter() {
            let plugins = self.objects.folder_in(letters)?;
            let id = |node: &Node| PluginId::parse(&format!("{id}/{}", node.name));
            names.extend(plugins.iter().filter_map(|node| id(node).ok()));
        }
        Ok(names)
    }

    /// Tells whether a place is taken.
    pub(super) fn holds(&self, place: &IndexPath) -> Result<bool, GitError> {
        Ok(self.objects.find(self.point.tree, &place.to_string())?.is_some())
    }

    /// Returns the places of everything that maintainers decided.
    pub(super) fn decisions(&mut self) -> Result<&[(IndexPath, Node)], GitError> {
        if self.decisions.is_none() {
            let found = self.objects.below(self.point.tree, "moderation")?;
            let placed = |(path, node): (String, Node)| Some((IndexPath::parse(&path).ok()?, node));
            self.decisions = Some(found.into_iter().filter_map(placed).collect());
        }
        Ok(self.decisions.as_deref().unwrap_or_default())
    }

    /// Reads decisions of maintainers by their ids. Tells whether any were not read before.
    pub(super) fn read_decisions(
        &mut self,
        is_wanted: impl Fn(&StatementId) -> bool,
    ) -> Result<bool, GitError> {
        let of = |(place, node): &(IndexPath, Node)| {
            let is_wanted = place.decision().is_some_and(&is_wanted);
            is_wanted.then(|| (place.to_string(), node.clone()))
        };
        let wanted: Vec<(String, Node)> = self.decisions()?.iter().filter_map(of).collect();
        let known = self.files.len();
        for (path, node) in wanted {
            self.read(path, &node)?;
        }
        Ok(self.files.len() > known)
    }

    fn read_below(&mut self, folder: &str) -> Result<(), GitError> {
        for (path, node) in self.objects.below(self.point.tree, folder)? {
            self.read(path, &node)?;
        }
        Ok(())
    }

    fn read(&mut self, path: String, node: &Node) -> Result<(), GitError> {
        if self.files.contains_key(&path) {
            return Ok(());
        }
        let mut read = if node.kind == Some(Kind::File) {
            let limit = IndexPath::parse(&path).map_or(0, |place| place.limit());
            let mut buffer = Vec::new();
            let content = self.objects.read(
                node.id,
                u64::try_from(limit).unwrap_or(u64::MAX),
                &mut buffer,
            )?;
            read_content(&path, content, (self.point.time, false))
        } else {
            Err(vec![shape::odd(&path)])
        };
        if let Ok(submission) = &mut read {
            submission.accepted = self.signed_at(submission);
        }
        self.files.insert(path, read);
        Ok(())
    }

    /// Returns when a statement was signed: before its acceptance, and before now.
    fn signed_at(&self, submission: &Submission) -> Timestamp {
        let claimed = claimed(submission.signatures()).unwrap_or(self.point.time);
        claimed.min(self.point.time).min(self.now.plus(-1))
    }

    /// Records of a chain were accepted in the order of their serials.
    fn in_order(&mut self, serial: impl Fn(&IndexPath) -> Option<u64>) {
        let files = self.files.values_mut().filter_map(|file| file.as_mut().ok());
        let mut records: Vec<(u64, &mut Submission)> =
            files.filter_map(|submission| Some((serial(&submission.path)?, submission))).collect();
        records.sort_by_key(|(serial, _)| *serial);
        let mut latest = Timestamp::EPOCH;
        for (_, record) in records {
            record.accepted = record.accepted.max(latest);
            latest = record.accepted;
        }
    }

    /// Finds out about changes of keys of which it is not clear whether they are in force.
    fn date_changes(&mut self, id: &PublisherId) -> Result<(), GitError> {
        let records = self.statements().filter_map(|submission| {
            let Content::Publisher(record) = &submission.content else { return None };
            let is_own = record.document.id == *id;
            is_own.then(|| (record.document.clone(), submission.accepted))
        });
        let mut records: Vec<_> = records.collect();
        records.sort_by_key(|(record, _)| record.serial);
        let changes = records.iter().zip(records.iter().skip(1));
        let open: Vec<(u64, Timestamp)> = changes
            .filter(|((before, _), (record, _))| is_change_of_keys(before, record))
            .map(|(_, (record, signed))| (record.serial, *signed))
            .filter(|(_, signed)| signed.plus(OLDEST + OBJECTION_PERIOD) > self.now)
            .collect();
        for (serial, signed) in open {
            let path = IndexPath::Publisher(id.clone(), serial).to_string();
            let since = self.since(BTreeSet::from([path.clone()]), signed.plus(-SKEW))?;
            match since.get(&path) {
                Some(Since::Exactly(time)) => {
                    if let Some(Ok(submission)) = self.files.get_mut(&path) {
                        submission.accepted = *time;
                    }
                }
                // In force whenever it was accepted, or open whenever it was.
                Some(Since::AtMost(time)) if time.plus(OBJECTION_PERIOD) <= self.now => {}
                Some(Since::AtMost(_)) if signed.plus(OBJECTION_PERIOD - SKEW) > self.now => {}
                Some(Since::AtMost(_)) | None => {
                    self.unsure.insert(format!("{}/", publisher_folder(id)));
                    self.unsure.insert(format!("plugins/{}/{id}/", id.shard()));
                }
            }
        }
        self.in_order(|path| serial_of(id, path));
        Ok(())
    }

    /// Follows the line back, at most to a time, until none of the paths is there any more.
    fn since(
        &self,
        mut wanted: BTreeSet<String>,
        earliest: Timestamp,
    ) -> Result<BTreeMap<String, Since>, GitError> {
        let mut found = BTreeMap::new();
        let mut point = self.point;
        while !wanted.is_empty() {
            let (since, parent) = match self.objects.parent(&point)? {
                Parent::None => (Since::Exactly(point.time), None),
                Parent::NotFetched => (Since::AtMost(point.time), None),
                Parent::Commit(parent) => (Since::Exactly(point.time), Some(parent)),
            };
            let mut left = BTreeSet::new();
            for path in wanted {
                let stays = match parent {
                    Some(parent) => self.objects.find(parent.tree, &path)?.is_some(),
                    None => false,
                };
                match stays {
                    true => drop(left.insert(path)),
                    false => drop(found.insert(path, since)),
                }
            }
            wanted = left;
            let Some(parent) = parent else { break };
            point = parent;
            if point.time < earliest {
                found.extend(wanted.into_iter().map(|path| (path, Since::AtMost(point.time))));
                break;
            }
        }
        Ok(found)
    }

    /// Says of a path that it depends on what nobody knows here.
    pub(super) fn unjudged(&self, path: &str) -> Option<Finding> {
        let is_meant = self.unsure.iter().any(|folder| path.starts_with(folder.as_str()));
        is_meant.then(|| {
            let message = "it depends on when something before it was accepted, and the history \
                           here does not say so";
            Finding::new("unjudged/history", path, message)
                .hinted("fetch more of the history: `git fetch --unshallow`")
        })
    }
}

/// Returns the serial, if this is the place of a publisher's record.
fn serial_of(id: &PublisherId, path: &IndexPath) -> Option<u64> {
    let IndexPath::Publisher(of, serial) = path else { return None };
    (of == id).then_some(*serial)
}
