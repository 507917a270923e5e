//! Finding out which role vouches for a target (5.6.7).

use std::collections::BTreeSet;
use std::sync::Arc;

use index_schema::digest::Sha256Digest;
use index_schema::limits;
use index_schema::tuf::{
    BinCount, DelegatedRole, Delegations, Hashes, RoleName, TargetFile, TargetPath, Targets,
};

use super::{Trusted, TufError, Vouched};

/// What a trusted role says of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetInfo {
    /// The target.
    pub path: TargetPath,
    /// Its length in bytes.
    pub length: u64,
    /// Its digests.
    pub hashes: Hashes,
    /// The role that says so.
    pub role: RoleName,
}

impl TargetInfo {
    fn new(path: &TargetPath, file: &TargetFile, role: &RoleName) -> Self {
        let (path, role) = (path.clone(), role.clone());
        Self { path, length: file.length, hashes: file.hashes.clone(), role }
    }

    /// Returns the SHA-256, which every target of a plugin registry has.
    pub const fn sha256(&self) -> Option<Sha256Digest> {
        self.hashes.sha256
    }

    /// Refuses the target unless `role` is who vouches for it.
    pub fn insist_on(self, role: &RoleName) -> Result<Self, TufError> {
        if self.role == *role { Ok(self) } else { Err(self.wrong_role()) }
    }

    /// Refuses the target unless the bin in which its path belongs vouches for it.
    pub fn insist_on_bin(self) -> Result<Self, TufError> {
        let is_bin = BinCount::is_bin_of(&self.role, &self.path);
        if is_bin { Ok(self) } else { Err(self.wrong_role()) }
    }

    fn wrong_role(self) -> TufError {
        TufError::Role { path: self.path, found: self.role }
    }

    /// Checks that `bytes` are the target.
    ///
    /// 5.7.3: "verify that its hashes match the targets metadata".
    pub fn check(&self, bytes: &[u8]) -> Result<(), TufError> {
        let same_length = u64::try_from(bytes.len()).is_ok_and(|length| length == self.length);
        if same_length && self.hashes.match_bytes(bytes) {
            return Ok(());
        }
        Err(TufError::Content(self.path.to_string()))
    }
}

/// Delegations that wait to be followed: those of one role, in order, the next one first.
struct Waiting {
    delegations: Arc<Delegations>,
    next: usize,
}

impl Trusted {
    /// Finds the role that vouches for `path`.
    ///
    /// 5.6.7: "Perform a pre-order depth-first search for metadata about the desired target,
    /// beginning with the top-level targets role." `load` is called for each delegated role that
    /// has to be asked, and answers with what [`delegated`](Trusted::delegated) made of its file.
    pub fn find<E>(
        &self,
        path: &TargetPath,
        mut load: impl FnMut(&Delegations, &DelegatedRole) -> Result<Vouched<Targets>, E>,
    ) -> Result<Option<TargetInfo>, E> {
        let hash = Sha256Digest::of(path.as_str().as_bytes()).to_string();
        let mut visited = BTreeSet::from([RoleName::targets()]);
        if let Some(file) = self.targets().targets.get(path) {
            return Ok(Some(TargetInfo::new(path, file, &RoleName::targets())));
        }
        let mut waiting = Vec::from_iter(self.delegations().map(|delegations| {
            let delegations = Arc::clone(delegations);
            Waiting { delegations, next: 0 }
        }));
        while let Some(Waiting { delegations, next }) = waiting.pop() {
            let Some(role) = delegations.roles.get(next) else { continue };
            let rest = Waiting { delegations: Arc::clone(&delegations), next: next + 1 };
            waiting.push(rest);
            if !role.paths.contain_hashed(path, &hash) {
                continue;
            }
            // 5.6.7.2.1: "If the current delegation is a terminating delegation, then jump to step
            // 5.7" once it and its descendants have been asked.
            if role.terminating {
                waiting.clear();
            }
            // 5.6.7.1: "If this role has been visited before, then skip this role"; "if an
            // application-specific maximum number of roles have been visited, then go to step 5.7".
            if !visited.insert(role.name.clone()) {
                continue;
            }
            if visited.len() > limits::TUF_VISITS {
                return Ok(None);
            }
            let targets = load(&delegations, role)?.into_inner();
            if let Some(file) = targets.targets.get(path) {
                return Ok(Some(TargetInfo::new(path, file, &role.name)));
            }
            if let Some(delegations) = targets.delegations {
                waiting.push(Waiting { delegations: Arc::new(delegations), next: 0 });
            }
        }
        Ok(None)
    }
}
