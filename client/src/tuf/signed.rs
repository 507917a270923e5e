//! Files whose signatures were checked, so that nobody has to check them again.
//!
//! Whether a role signed a file depends on the bytes of the file and on the keys and the threshold
//! of the delegation. Whether the file is the current one depends on the snapshot and on the time,
//! and is asked each time ([`Trusted::recheck`]).

use std::collections::BTreeMap;

use index_schema::tuf::{DelegatedRole, Delegations, Envelope, Key, KeyId, Targets};

use super::{Trusted, TufError};

/// The file of a delegated role, signed by enough of the role's keys (5.6.3).
///
/// Only [`Trusted::signed`] makes one, so holding one is the proof.
#[derive(Debug, Clone)]
pub struct Signed {
    bytes: Vec<u8>,
    envelope: Envelope<Targets>,
    keys: BTreeMap<KeyId, Key>,
    role: DelegatedRole,
    /// How many keys signed.
    valid: usize,
}

impl Signed {
    /// Tells whether it was checked under this delegation: the same role, keys and threshold.
    pub fn is_under(&self, delegations: &Delegations, role: &DelegatedRole) -> bool {
        self.role == *role && self.keys == delegations.keys
    }

    /// Tells whether each of its signatures is a good one of another key of the role.
    pub const fn has_good_signatures_only(&self) -> bool {
        self.envelope.signatures.len() == self.valid
    }

    /// Returns the bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns what the file says, and its signatures.
    pub const fn envelope(&self) -> &Envelope<Targets> {
        &self.envelope
    }

    /// Returns what the file says.
    pub const fn targets(&self) -> &Targets {
        &self.envelope.body
    }
}

impl Trusted {
    /// Checks the file of a delegated role like [`delegated`](Self::delegated), and keeps what was
    /// found for [`recheck`](Self::recheck).
    pub fn signed(
        &self,
        delegations: &Delegations,
        role: &DelegatedRole,
        bytes: Vec<u8>,
    ) -> Result<Signed, TufError> {
        let (envelope, valid) = self.delegated_file(delegations, role, &bytes)?;
        let (keys, role) = (delegations.keys.clone(), role.clone());
        Ok(Signed { bytes, envelope, keys, role, valid })
    }

    /// Checks the file of a delegated role like [`delegated`](Self::delegated).
    ///
    /// If these are the bytes of the `known` file, and the role, its keys and their threshold are
    /// those under which that was checked, the signatures are not verified again. Whether it is the
    /// current file is asked in any case.
    pub fn recheck(
        &self,
        (delegations, role): (&Delegations, &DelegatedRole),
        bytes: &[u8],
        known: Option<&Signed>,
    ) -> Result<(), TufError> {
        match known.filter(|known| known.bytes == bytes && known.is_under(delegations, role)) {
            Some(known) => self.check_still(&role.name, bytes, known.targets()),
            None => self.delegated(delegations, role, bytes).map(drop),
        }
    }
}
