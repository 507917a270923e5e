//! What maintainers say of vulnerabilities in a plugin.
//!
//! Whoever holds the online keys can hide an advisory from those who have not heard of it, and can
//! make none up.

use index_schema::advisory::Advisory;
use index_schema::limits;
use index_schema::osv::Osv;
use index_schema::plugin_doc::PluginDoc;
use index_schema::statement::Statement;

use super::error::BelieveError;
use crate::index::{Index, IndexError};

/// Fetches the advisories that name a plugin, and checks who signed them.
pub fn advisories(index: &Index<'_>, document: &PluginDoc) -> Result<Vec<Osv>, BelieveError> {
    let found = document.advisories.len();
    if found > limits::ADVISORIES {
        let what = format!("the advisories about `{}`", document.id);
        return Err(IndexError::TooManyRecords { what, found }.into());
    }
    let mut known: Vec<Osv> = Vec::new();
    for reference in &document.advisories {
        let statement: Statement<Advisory> = index.statement(reference)?;
        let osv = &statement.document.osv;
        let judged = index.maintainers().verify_advisory((&statement, reference.accepted));
        judged.map_err(|errors| {
            let what = format!("the advisory {}", osv.id);
            BelieveError::Untrusted { what, errors }
        })?;
        let follows = known.last().is_none_or(|last| last.id < osv.id);
        if !follows || !osv.names(&document.id) {
            let what = "an advisory is out of place";
            return Err(BelieveError::FalseStatus { id: document.id.clone(), what });
        }
        known.push(osv.clone());
    }
    Ok(known)
}
