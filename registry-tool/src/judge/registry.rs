//! The records of the registry itself: which of them count.

use index_schema::layout::IndexPath;
use index_schema::limits;
use index_schema::registry::Registry;
use index_schema::text::is_forbidden;
use index_schema::tuf::RegistryLink;
use libral::chain::Maintainers;

use super::{Accepted, from_chain};
use crate::finding::Finding;

/// The records that count so far, in the order of their acceptance.
#[derive(Debug, Default)]
pub struct Records {
    maintainers: Option<Maintainers>,
    counted: Vec<Accepted<Registry>>,
    bytes: usize,
}

impl Records {
    /// Takes the next record, or says why it does not count.
    pub fn admit(&mut self, record: Accepted<Registry>) -> Result<(), Vec<Finding>> {
        let path = IndexPath::Registry(record.statement.document.serial).to_string();
        let bytes = record.statement.bytes();
        if !is_text(bytes) {
            let message = "a record of the registry travels inside of other documents, as text";
            let finding = Finding::new("registry/not-text", path, message)
                .hinted("write it with newlines alone at the ends of lines, and sign it again");
            return Err(vec![finding]);
        }
        let size = self.bytes.saturating_add(bytes.len());
        if self.counted.len() >= limits::RECORDS || size > limits::CHAIN {
            let message = "the records of the registry are more than clients read";
            return Err(vec![Finding::new("registry/too-long", path, message)]);
        }
        let next = match &self.maintainers {
            None => Maintainers::first(&record.statement, record.accepted),
            Some(maintainers) => maintainers.next(&record.statement, record.accepted),
        };
        self.maintainers = Some(next.map_err(|errors| from_chain(&path, errors))?);
        self.bytes = size;
        self.counted.push(record);
        Ok(())
    }

    /// Returns the newest record that counts.
    pub fn newest(&self) -> Option<&Registry> {
        self.maintainers.as_ref().map(Maintainers::record)
    }

    pub(super) fn into_parts(self) -> Option<(Maintainers, Vec<Accepted<Registry>>)> {
        Some((self.maintainers?, self.counted))
    }
}

/// Returns a record as targets metadata carry it.
pub(super) fn link(record: &Accepted<Registry>) -> RegistryLink {
    // What counts is text: see `is_text`.
    let statement = String::from_utf8_lossy(record.statement.bytes()).into_owned();
    RegistryLink { accepted: record.accepted, statement }
}

/// Tells whether a file can stand in a string of a document.
fn is_text(bytes: &[u8]) -> bool {
    let allowed = |c: char| !is_forbidden(c) || matches!(c, '\n' | '\t');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(allowed))
}
