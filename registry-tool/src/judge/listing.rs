//! How releases are listed in the document of a plugin, and how many have room there.

use index_schema::json::compact;
use index_schema::limits;
use index_schema::plugin_doc::{Facts, Release as Entry, StatementRef, Yank};
use index_schema::statement::{Document, SchemaOne};
use index_schema::time::Timestamp;
use index_schema::version::Version;

use super::{Accepted, Plugin, Release};
use crate::finding::Finding;

/// What the head of a document may take: titles, the publisher's chain of [`limits::RECORDS`]
/// records with what came with them, a deprecation.
const HEAD: usize = 160 * limits::KIB;

impl<T: Document> Accepted<T> {
    /// Returns how an index document names this statement.
    pub fn reference(&self) -> StatementRef {
        StatementRef {
            sha256: self.statement.digest(),
            size: u64::try_from(self.statement.bytes().len()).unwrap_or(u64::MAX),
            accepted: self.accepted,
        }
    }
}

impl Release {
    /// Returns how the plugin's document lists this release.
    pub fn listed(&self, yanked: Option<Yank>) -> Entry {
        let manifest = &self.manifest.statement.document;
        Entry {
            version: manifest.version.clone(),
            schema: SchemaOne,
            statement: self.manifest.reference(),
            signers: self.signers.clone(),
            yanked,
            facts: Facts::of(manifest),
        }
    }
}

/// A statement of a plugin, by what orders it.
enum Item {
    Release(Version),
    Status(u64),
}

/// Voids what has no room in the document of a plugin, of which clients read so many bytes.
///
/// Who came first has room, so that nothing that clients have seen is ever left out again.
pub(super) fn leave_out_excess(plugin: &mut Plugin, findings: &mut Vec<Finding>) {
    if plugin.has_room_for_all() {
        return;
    }
    let mut items: Vec<(Timestamp, usize, Item)> = Vec::new();
    // What is gone keeps the room that it took: its sign is smaller than its listing was.
    for (version, release) in plugin.all() {
        let size = compact(&release.listed(None)).len();
        items.push((release.manifest.accepted, size, Item::Release(version.clone())));
    }
    // A status statement takes at most its own size: its reference, and the reason of a yank.
    for (serial, status) in &plugin.status {
        items.push((status.accepted, status.statement.bytes().len(), Item::Status(*serial)));
    }
    items.sort_by_key(|(accepted, _, _)| *accepted);
    let mut room = limits::PLUGIN_DOCUMENT - HEAD;
    for (count, (_, size, item)) in items.into_iter().enumerate() {
        match room.checked_sub(size).filter(|_| count < limits::VERSIONS) {
            Some(left) => room = left,
            None => findings.extend(plugin.leave_out(&item)),
        }
    }
}

/// The most that a listing adds to what stands in the manifest: digests, times, fingerprints.
const ADDED: usize = 2 * limits::KIB;

impl Plugin {
    /// Tells, without listing anything, whether there is room beyond doubt.
    fn has_room_for_all(&self) -> bool {
        let releases = self.all().map(|(_, r)| r.manifest.statement.bytes().len() + ADDED);
        let status = self.status.values().map(|status| status.statement.bytes().len());
        releases.chain(status).sum::<usize>() <= limits::PLUGIN_DOCUMENT - HEAD
    }

    /// Returns every release, be it gone or not.
    fn all(&self) -> impl Iterator<Item = (&Version, &Release)> {
        let gone = self.gone.iter().map(|(version, departed)| (version, &departed.release));
        self.releases.iter().chain(gone)
    }

    fn leave_out(&mut self, item: &Item) -> Option<Finding> {
        let path = match item {
            Item::Release(version) => {
                let gone = self.gone.remove(version).map(|departed| departed.release);
                self.releases.remove(version).or(gone)?.path()
            }
            Item::Status(serial) => {
                let id = self.status.remove(serial)?.statement.document.id;
                index_schema::layout::IndexPath::Status(id, *serial).to_string()
            }
        };
        let message = "the document of the plugin has no room for more";
        Some(Finding::new("plugin/too-large", path, message))
    }
}
