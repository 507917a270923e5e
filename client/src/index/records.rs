//! The records of the registry, which the offline targets metadata carry.

use std::collections::BTreeMap;

use index_schema::digest::Sha256Digest;
use index_schema::json::Unknown;
use index_schema::layout;
use index_schema::limits;
use index_schema::registry::Registry;
use index_schema::statement::{Document as _, Statement};
use index_schema::tuf::{RegistryLink, TargetPath};

use super::error::IndexError;
use crate::chain::Maintainers;
use crate::tuf::Trusted;

/// Follows the records from the first one on, and returns the digest of each as well. The last one
/// has to be the target that the same metadata list.
pub(super) fn maintainers(
    trusted: &Trusted,
) -> Result<(Maintainers, BTreeMap<u64, Sha256Digest>), IndexError> {
    let targets = trusted.targets();
    let links = targets.registry.as_deref().ok_or(IndexError::NoRecords)?;
    if links.len() > limits::RECORDS {
        let (what, found) = ("the registry".to_owned(), links.len());
        return Err(IndexError::TooManyRecords { what, found });
    }
    let newest = links.last().ok_or(IndexError::NoRecords)?.statement.as_bytes();
    let listed = targets.targets.get(&TargetPath::parse(layout::REGISTRY_TARGET)?);
    let listed = listed.ok_or(IndexError::NotListed(layout::REGISTRY_TARGET))?;
    let is_listed =
        u64::try_from(newest.len()) == Ok(listed.length) && listed.hashes.match_bytes(newest);
    if !is_listed {
        return Err(IndexError::OtherRecord);
    }
    let statements: Vec<_> = (1_u32..).zip(links).map(read).collect::<Result<_, _>>()?;
    let accepted = links.iter().map(|link| link.accepted);
    let known = Maintainers::follow(statements.iter().zip(accepted));
    let known = known.map_err(IndexError::Maintainers)?.ok_or(IndexError::NoRecords)?;
    let digests = statements.iter().map(|record| (record.document.serial, record.digest()));
    Ok((known, digests.collect()))
}

fn read((place, link): (u32, &RegistryLink)) -> Result<Statement<Registry>, IndexError> {
    let bytes = link.statement.as_bytes();
    let what = || format!("record {place} of the registry");
    let ceiling = Registry::LIMIT.saturating_add(limits::SIGNATURES);
    if bytes.len() > ceiling {
        return Err(IndexError::Blob(what()));
    }
    // No client can leave a record aside, so one that only grew is read as far as it is known.
    Statement::read_with(bytes, Unknown::Ignore)
        .map_err(|problems| IndexError::unreadable(what(), problems))
}
