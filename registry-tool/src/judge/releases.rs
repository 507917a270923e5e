//! Releases and their removals: which of them count, and which are gone.

use index_schema::fingerprint::Fingerprint;
use index_schema::id::{PluginId, PublisherId};
use index_schema::layout::IndexPath;
use index_schema::manifest::Manifest;
use index_schema::publisher::KeyState;
use index_schema::removal::Removal;
use index_schema::time::Timestamp;
use libral::chain::{Chain, ChainError, Errors};
use libral::openpgp::SignatureError;
use rayon::prelude::*;

use super::{Accepted, Departed, Index, Member, Past, Release};
use crate::finding::Finding;

/// A release that counts, or did until a key turned out to be compromised.
struct Admitted {
    release: Release,
    disowned: Option<Vec<Finding>>,
}

impl Index {
    pub(super) fn admit_releases(
        &mut self,
        releases: Vec<Accepted<Manifest>>,
        past: Past,
        findings: &mut Vec<Finding>,
    ) {
        let judged = releases.into_par_iter().map(|release| self.admit_release(release, past));
        let judged: Vec<_> = judged.collect();
        let (good, bad): (Vec<_>, Vec<_>) = judged.into_iter().partition(Result::is_ok);
        findings.extend(bad.into_iter().filter_map(Result::err).flatten());
        let mut good: Vec<Admitted> = good.into_iter().filter_map(Result::ok).collect();
        // Who came first keeps the version; the path decides between equals.
        good.sort_by_cached_key(|each| (each.release.manifest.accepted, each.release.path()));
        for Admitted { release, disowned } in good {
            let manifest = &release.manifest.statement.document;
            let plugin = self.plugins.entry(manifest.id.clone()).or_default();
            let version = manifest.version.without_build();
            if let Some(first) = plugin.ever(&version) {
                let first = &first.manifest.statement.document.version;
                let message =
                    format!("`{first}` is out already, and differs at most in build metadata");
                findings.push(Finding::new("version/duplicate", release.path(), message));
                continue;
            }
            match disowned {
                None => drop(plugin.releases.insert(version, release)),
                Some(problems) => {
                    findings.extend(problems);
                    plugin.gone.insert(version, Departed { release, removal: None });
                }
            }
        }
    }

    fn admit_release(
        &self,
        manifest: Accepted<Manifest>,
        past: Past,
    ) -> Result<Admitted, Vec<Finding>> {
        let id = &manifest.statement.document.id;
        let path = IndexPath::Release(id.clone(), manifest.statement.document.version.clone());
        let path = path.to_string();
        let member = self.publisher_of(id, &path)?;
        let is_presumed = past == Past::Presumed && !manifest.is_new;
        let unasked = |manifest| {
            let release = Release { manifest, signers: Vec::new() };
            Ok(Admitted { release, disowned: None })
        };
        if is_presumed && !member.has_accused() {
            return unasked(manifest);
        }
        match member.chain.release(&manifest.statement, manifest.accepted) {
            Ok(signers) => Ok(Admitted { release: Release { manifest, signers }, disowned: None }),
            Err(errors) => {
                let signers = member.disowned(&manifest, &errors);
                if signers.is_none() && is_presumed {
                    return unasked(manifest);
                }
                let problems = self.explain(&path, errors);
                let Some(signers) = signers else { return Err(problems) };
                let release = Release { manifest, signers };
                Ok(Admitted { release, disowned: Some(problems) })
            }
        }
    }

    /// Takes away what maintainers removed. It keeps its version, so nothing else takes its place.
    pub(super) fn admit_removals(
        &mut self,
        removals: Vec<(IndexPath, Accepted<Removal>)>,
        findings: &mut Vec<Finding>,
    ) {
        for (path, removal) in removals {
            if let Err((code, message)) = self.remove(removal) {
                findings.push(Finding::new(code, path.to_string(), message));
            }
        }
    }

    fn remove(&mut self, removal: Accepted<Removal>) -> Result<(), (&'static str, String)> {
        let said = &removal.statement.document;
        let what = format!("{} {}", said.plugin, said.version);
        let unknown = |why| Err(("removal/unknown-release", format!("{why} {what}")));
        let Some(plugin) = self.plugins.get_mut(&said.plugin) else {
            return unknown("there is no release");
        };
        let version = said.version.without_build();
        let Some(release) = plugin.ever(&version) else { return unknown("there is no release") };
        if release.manifest.statement.digest() != said.sha256 {
            return unknown("it names another digest than that of");
        }
        if release.manifest.accepted > removal.accepted {
            return unknown("it was accepted before the release");
        }
        let known = plugin.gone.get(&version).map(|departed| departed.removal.is_some());
        if known == Some(true) {
            return Err(("removal/repeated", format!("{what} is removed already")));
        }
        let release = match plugin.releases.remove(&version) {
            Some(release) => release,
            None => match plugin.gone.remove(&version) {
                Some(departed) => departed.release,
                None => return unknown("there is no release"),
            },
        };
        plugin.gone.insert(version, Departed { release, removal: Some(removal) });
        Ok(())
    }

    /// Returns the publisher of a plugin.
    pub(super) fn publisher_of(&self, id: &PluginId, path: &str) -> Result<&Member, Vec<Finding>> {
        self.publishers.get(&id.publisher).ok_or_else(|| {
            let message = format!("there is no publisher `{}` whose keys count", id.publisher);
            vec![Finding::new("identity/unknown-publisher", path, message)]
        })
    }

    /// Turns errors of a chain into findings, and says so when the key is somebody else's, or not
    /// in force yet.
    pub(super) fn explain(&self, path: &str, errors: Errors) -> Vec<Finding> {
        let finding = |error: ChainError| {
            let plain = || Finding::new(error.code(), path, error.to_string());
            match self.owner_of_unknown(&error) {
                Some((_, owner)) if publisher_at(path).as_ref() == Some(owner) => {
                    plain().hinted("new keys sign 72 hours after their record was accepted")
                }
                Some((key, owner)) => {
                    let message = format!("key {key} is a key of the publisher `{owner}`");
                    Finding::new("signature/other-publisher", path, message)
                }
                None => plain(),
            }
        };
        errors.into_iter().map(finding).collect()
    }

    fn owner_of_unknown<'e>(&self, error: &'e ChainError) -> Option<(&'e str, &PublisherId)> {
        let ChainError::Signature(SignatureError::UnknownKey(key)) = error else { return None };
        let owns = |member: &Member| {
            let mut handles = member.chain.keyring().certificates().iter();
            handles.any(|c| c.key_handles().iter().any(|handle| handle.as_str().ends_with(key)))
        };
        let owner = self.publishers.iter().find(|(_, member)| owns(member));
        owner.map(|(id, _)| (key.as_str(), id))
    }
}

/// Returns the publisher of the plugin to which a path belongs.
fn publisher_at(path: &str) -> Option<PublisherId> {
    let (IndexPath::Release(id, _) | IndexPath::Status(id, _)) = IndexPath::parse(path).ok()?
    else {
        return None;
    };
    Some(id.publisher)
}

impl Member {
    /// Tells whether it matters who signed what is presumed to count: a key was called compromised,
    /// or may be now.
    pub(super) fn has_accused(&self) -> bool {
        let mut keys = self.chain.record().certificates.iter();
        let is_new = self.links.iter().any(|link| link.record.is_new);
        is_new || keys.any(|key| key.state == KeyState::Compromised)
    }

    /// Returns who signed a release that counted until a record called one of their keys
    /// compromised; nothing if it never counted.
    fn disowned(&self, manifest: &Accepted<Manifest>, errors: &Errors) -> Option<Vec<Fingerprint>> {
        let chain = self.trusting(manifest.accepted, errors)?;
        chain.release(&manifest.statement, manifest.accepted).ok()
    }

    /// Returns the chain from before a record called keys compromised, if nothing else is wrong
    /// with a statement that was accepted by then.
    pub(super) fn trusting(&self, accepted: Timestamp, errors: &Errors) -> Option<&Chain> {
        if !errors.iter().all(|error| error.compromised_key().is_some()) {
            return None;
        }
        let mut before = self.before.iter();
        before.find(|(record, _)| *record > accepted).map(|(_, chain)| chain)
    }
}
