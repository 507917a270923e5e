//! Keys that no longer count, and signatures of another time: for the validator when a release is
//! proposed, and for a client to whom whoever stole the online keys shows it.
//!
//! Most keys are GnuPG's, as those can be revoked and dated at will. A second GnuPG holds the same
//! key and revokes it, so that the first one goes on signing, as whoever stole the key would.

use index_schema::digest::Sha256Digest;
use index_schema::time::{DAY, Timestamp};
use serde_json::json;

use super::{forget_cache, refused_unseen};
use crate::keys::gnupg::Gnupg;
use crate::world::{Plugin, World};

const INSTALL: &str = "install eve/trap";
const RECORD: &str = "index/publishers/ev/eve/1.signed";
const RELEASE: &str = "index/plugins/ev/eve/tr/trap";

/// Reasons of revocations in GnuPG's numbering.
const NO_REASON: u8 = 0;
const COMPROMISED: u8 = 1;
const NO_LONGER_USED: u8 = 3;

/// A registry in which `eve` signs with GnuPG.
struct Eve {
    world: World,
    gnupg: Gnupg,
    signer: String,
}

/// When the world begins, and a number of days after it.
fn day(number: i64) -> Timestamp {
    Timestamp::parse("2026-06-01T18:00:00Z").unwrap().plus(number * DAY)
}

impl Eve {
    /// Lets `eve` in with one key, whose certificate is what `twin` made of it.
    fn joins(expires: &str, twin: impl FnOnce(&Gnupg, &str)) -> Option<Self> {
        Self::joins_with(expires, false, twin)
    }

    /// Does so; `eve` signs with a subkey.
    fn joins_with_subkey(twin: impl FnOnce(&Gnupg, &str)) -> Option<Self> {
        Self::joins_with("never", true, twin)
    }

    fn joins_with(expires: &str, by_subkey: bool, twin: impl FnOnce(&Gnupg, &str)) -> Option<Self> {
        let (gnupg, other) = (Gnupg::new()?, Gnupg::new()?);
        let key = gnupg.key("ed25519", expires);
        let signer = if by_subkey { gnupg.subkey(&key) } else { key.clone() };
        let secret = gnupg.run(day(0), &["--export-secret-keys", &key], b"");
        other.run(day(0), &["--import"], &secret);
        twin(&other, &key);
        let world = super::released();
        world.later(day(0).seconds() - world.now().seconds());
        let eve = Self { world, gnupg, signer };
        let certificate = String::from_utf8(other.certificate_bytes(&key)).unwrap();
        let record = record(&key, &certificate);
        eve.world.write(RECORD, eve.statement(&record, &key, day(0)));
        let report = eve.world.check();
        assert_eq!(report.codes(), ["publisher/new"], "{report:#?}");
        eve.world.approve(&report.findings);
        eve.world.accept("Let Eve in");
        Some(eve)
    }

    /// Has her publish 1.0.0, which no client has seen yet.
    fn publishes(&self) {
        self.world.write(&format!("{RELEASE}/1.0.0.signed"), self.release("1.0.0", day(0)));
        self.world.accept("Publish what Eve signed");
        self.world.release();
        self.world.trust();
        self.world.client("install lab/word-count --grant fs.read").code(0);
        forget_cache(&self.world);
    }

    fn statement(&self, document: &str, key: &str, at: Timestamp) -> String {
        let arguments = ["--local-user", &format!("{key}!"), "--detach-sign"];
        let signature = self.gnupg.run(at, &arguments, document.as_bytes());
        format!("{document}{}", String::from_utf8(signature).unwrap())
    }

    /// Packs a version of `eve/trap` and returns its release, signed at some time.
    fn release(&self, version: &str, at: Timestamp) -> String {
        let manifest = self.world.pack(&Plugin::new("eve/trap", version));
        let document = String::from_utf8(self.world.read(&manifest)).unwrap();
        self.statement(&document, &self.signer, at)
    }

    /// Proposes a release 1.1.0 that was signed at one time, at another.
    #[track_caller]
    fn is_refused_by_the_validator(&self, (signed, accepted): (Timestamp, Timestamp), code: &str) {
        let now = self.world.now();
        let before = self.world.listing("public");
        self.world.later(accepted.seconds() - now.seconds());
        self.world.write(&format!("{RELEASE}/1.1.0.signed"), self.release("1.1.0", signed));
        self.world.assert_refused(&[code]);
        std::fs::remove_file(self.world.path(format!("{RELEASE}/1.1.0.signed"))).unwrap();
        self.world.later(now.seconds() - accepted.seconds());
        self.world.assert_unchanged("public", &before);
    }

    /// Has the online keys list, in the place of 1.0.0, one that was signed and is said to be
    /// accepted at other times.
    #[track_caller]
    fn is_refused_by_a_client(&self, (signed, accepted): (Timestamp, Timestamp), code: &str) {
        let thief = self.world.thief();
        let statement = self.release("1.0.0", signed);
        let statement = thief.blob(statement.as_bytes(), &accepted.to_string());
        thief.document("eve/trap", |document| document["releases"][0]["statement"] = statement);
        refused_unseen(&self.world, INSTALL, code);
    }

    /// Is refused by both.
    #[track_caller]
    fn is_refused(&self, times: (Timestamp, Timestamp), code: &str) {
        self.is_refused_by_the_validator(times, code);
        self.is_refused_by_a_client(times, code);
    }
}

fn record(fingerprint: &str, certificate: &str) -> String {
    let record = json!({
        "type": "publisher", "schema": 1, "registry": "demo", "id": "eve", "serial": 1,
        "title": "Eve", "threshold": 1, "certificates": [{
            "fingerprint": fingerprint, "state": "active", "certificate": certificate,
        }],
    });
    format!("{record:#}\n")
}

#[test]
fn a_backdated_signature_is_refused() {
    let Some(eve) = Eve::joins("never", |_, _| {}) else { return };
    eve.publishes();
    eve.is_refused((day(1), day(31).plus(1)), "signature/backdated");
    eve.is_refused((day(-90), day(1)), "signature/backdated");
}

#[test]
fn a_signature_from_the_future_is_refused() {
    let Some(eve) = Eve::joins("never", |_, _| {}) else { return };
    eve.publishes();
    eve.is_refused((day(1).plus(301), day(1)), "signature/future");
    eve.is_refused((day(300), day(1)), "signature/future");
}

#[test]
fn an_expired_key_is_refused_however_it_dates_its_signature() {
    let Some(eve) = Eve::joins("2026-06-15", |_, _| {}) else { return };
    eve.publishes();
    eve.is_refused((day(12), day(16)), "signature/key-expired");
    eve.is_refused((day(1), day(16)), "signature/key-expired");
}

#[test]
fn a_softly_revoked_key_is_refused_however_it_dates_its_signature() {
    let revoke = |gnupg: &Gnupg, key: &str| gnupg.revoke(key, NO_LONGER_USED, day(10));
    let Some(eve) = Eve::joins("never", revoke) else { return };
    eve.publishes();
    let good = eve.world.thief().read_target("plugins/eve/trap.json");
    eve.is_refused((day(11), day(11)), "signature/key-revoked");
    eve.is_refused((day(9), day(11)), "signature/key-revoked");
    // What was accepted before goes on being good.
    eve.world.thief().target("plugins/eve/trap.json", format!("{good}\n").as_bytes());
    eve.world.later(11 * DAY);
    eve.world.tool("refresh --public public --online-keys keys/online").code(0);
    eve.world.client(INSTALL).code(0);
}

#[test]
fn a_softly_revoked_subkey_is_refused_however_it_dates_its_signature() {
    let revoke = |gnupg: &Gnupg, key: &str| gnupg.revoke_subkey(key, NO_LONGER_USED, day(10));
    let Some(eve) = Eve::joins_with_subkey(revoke) else { return };
    eve.publishes();
    eve.is_refused((day(11), day(11)), "signature/key-revoked");
    eve.is_refused((day(9), day(11)), "signature/key-revoked");
}

#[test]
fn a_hard_revoked_subkey_is_refused_also_for_what_it_signed_before() {
    for reason in [NO_REASON, COMPROMISED] {
        let revoke = |gnupg: &Gnupg, key: &str| gnupg.revoke_subkey(key, reason, day(10));
        let Some(eve) = Eve::joins_with_subkey(revoke) else { return };
        eve.is_refused_by_the_validator((day(1), day(1)), "signature/key-revoked");
        eve.is_refused_by_the_validator((day(11), day(11)), "signature/key-revoked");
    }
}

/// A registry in which `eve` has released something with a key whose certificate is good, and a
/// client that has never seen her.
fn unseen() -> World {
    let world = super::released();
    world.join("eve");
    world.publish(Plugin::new("eve/trap", "1.0.0"));
    world.release();
    world.trust();
    world.client("install lab/word-count --grant fs.read").code(0);
    forget_cache(&world);
    world
}

/// Has the maintainer, tricked or bribed, approve a record, and the online keys show both.
fn show_record(world: &World, record: &[u8]) {
    let path = RECORD.trim_start_matches("index/");
    let finding = Sha256Digest::of(format!("publisher/new\n{path}\neve").as_bytes()).to_string();
    let finding: String = finding.chars().take(16).collect();
    let approval = json!({
        "type": "approval", "schema": 1, "registry": "demo", "id": "friend", "path": path,
        "sha256": Sha256Digest::of(record).to_string(), "findings": [finding], "reason": "A friend",
    });
    world.write("approval.json", format!("{approval:#}\n"));
    let approval = world.read(&world.sign("approval.json", "maintainer"));
    let thief = world.thief();
    let accepted = thief.read_target("plugins/eve/trap.json");
    let accepted =
        accepted["publisher_chain"][0]["record"]["accepted"].as_str().unwrap().to_owned();
    let link = json!({
        "record": thief.blob(record, &accepted), "approval": thief.blob(&approval, &accepted),
    });
    let both = thief.blob(&[record, &approval].concat(), &accepted);
    thief.document("eve/trap", |document| {
        document["publisher_chain"] = json!([link]);
        document["publisher_statements"] =
            json!({ "sha256": both["sha256"], "size": both["size"] });
    });
}

#[test]
fn a_hard_revoked_key_is_refused_also_for_what_it_signed_before() {
    let world = unseen();
    let good = String::from_utf8(world.read(RECORD)).unwrap();
    let (good, _) = good.split_once("-----BEGIN PGP SIGNATURE").unwrap();
    let mut revoked: serde_json::Value = serde_json::from_str(good).unwrap();
    revoked["certificates"][0]["certificate"] =
        String::from_utf8(world.read("keys/eve.revoked")).unwrap().into();
    world.write("revoked.json", format!("{revoked:#}\n"));
    world.later(-120);
    let record = world.read(&world.sign("revoked.json", "eve"));
    world.later(120);

    let other = super::released();
    other.write(RECORD, &record);
    other.assert_refused(&["signature/key-revoked"]);

    show_record(&world, &record);
    refused_unseen(&world, INSTALL, "signature/key-revoked");
}

#[test]
fn the_same_record_with_a_good_certificate_would_do() {
    let world = unseen();
    show_record(&world, &world.read(RECORD));
    world.client(INSTALL).code(0);
}
