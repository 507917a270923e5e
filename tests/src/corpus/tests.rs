//! A small corpus is made, and read as a stranger would read it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::process::Command;

use index_schema::approval::Approval;
use index_schema::id::{PluginId, PublisherId};
use index_schema::layout::IndexPath;
use index_schema::manifest::Manifest;
use index_schema::publisher::Publisher;
use index_schema::registry::Registry;
use index_schema::requirement::Requirement;
use index_schema::statement::{Document, Statement};
use index_schema::time::Timestamp;
use index_schema::version::Version;
use libral::openpgp::{self, Certificate, Keyring};
use registry_tool::signing;

use super::*;

fn options() -> Options {
    Options {
        size: Size { plugins: 30, releases: Some(200), publishers: None },
        seed: 42,
        data: None,
        releases_per_commit: 10,
        archives: false,
        repack: false,
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every file that was ever added, with the time of the commit that added it, from old to new;
/// those of one commit with what others stand on first.
fn additions(index: &Path) -> Vec<(i64, IndexPath, String)> {
    let log = git(
        index,
        &["log", "--first-parent", "--reverse", "--no-renames", "--name-status", "--format=%ct"],
    );
    let (mut commit, mut time) = (0, 0);
    let mut added = Vec::new();
    for line in log.lines().filter(|line| !line.is_empty()) {
        match line.split_once('\t') {
            Some((status, path)) => {
                assert_eq!(status, "A", "{line}");
                let text = git(index, &["show", &format!("main:{path}")]);
                added.push((commit, IndexPath::parse(path).unwrap(), time, text));
            }
            None => {
                let next = line.parse().unwrap();
                assert!(time <= next);
                (commit, time) = (commit + 1, next);
            }
        }
    }
    added.sort();
    added.into_iter().map(|(_, path, time, text)| (time, path, text)).collect()
}

fn read<T: Document>(text: &str) -> Statement<T> {
    Statement::read(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
}

fn keyring<'c>(certificates: impl Iterator<Item = &'c str>) -> Keyring {
    certificates.map(|armored| Certificate::parse(armored.as_bytes()).unwrap()).collect()
}

fn assert_signed<T>(statement: &Statement<T>, keys: &Keyring, accepted: i64)
where
    T: Document,
{
    let accepted = Timestamp::from_seconds(accepted).unwrap();
    let (document, signatures) = (statement.signed_bytes(), statement.signatures());
    assert_eq!(openpgp::verify(document, signatures, keys, accepted).map(|s| s.len()), Ok(1));
}

/// What a stranger knows after reading so far.
#[derive(Default)]
struct Known {
    maintainers: Keyring,
    publishers: BTreeMap<PublisherId, Keyring>,
    records: BTreeMap<IndexPath, String>,
    approved: usize,
    releases: BTreeMap<PluginId, Vec<(i64, Version)>>,
    needs: Vec<(i64, PluginId, Requirement)>,
}

impl Known {
    fn read(&mut self, accepted: i64, path: &IndexPath, text: &str) {
        match path {
            IndexPath::Registry(1) => {
                let record = read::<Registry>(text);
                let certificates = record.document.maintainers.iter();
                self.maintainers = keyring(certificates.map(|it| it.certificate.as_str()));
                assert_signed(&record, &self.maintainers, accepted);
            }
            IndexPath::Publisher(id, 1) => {
                let record = read::<Publisher>(text);
                assert_eq!(record.document.id, *id);
                let certificates = record.document.certificates.iter();
                let keys = keyring(certificates.map(|it| it.certificate.as_str()));
                assert_signed(&record, &keys, accepted);
                self.publishers.insert(id.clone(), keys);
                self.records.insert(path.clone(), record.digest().to_string());
            }
            IndexPath::Moderation(..) => {
                let approval = read::<Approval>(text);
                assert_signed(&approval, &self.maintainers, accepted);
                let digest = approval.document.sha256.to_string();
                assert_eq!(self.records.get(&approval.document.path), Some(&digest));
                self.approved += 1;
            }
            IndexPath::Release(id, version) => self.release(accepted, id, version, text),
            IndexPath::Registry(_)
            | IndexPath::Root(_)
            | IndexPath::Targets(_)
            | IndexPath::Publisher(..)
            | IndexPath::Objection(..)
            | IndexPath::PublisherStatus(..)
            | IndexPath::Advisory(..)
            | IndexPath::Status(..) => panic!("{path}"),
        }
    }

    fn release(&mut self, accepted: i64, id: &PluginId, version: &Version, text: &str) {
        let release = read::<Manifest>(text);
        let manifest = &release.document;
        assert_eq!((&manifest.id, &manifest.version), (id, version));
        assert_signed(&release, &self.publishers[&id.publisher], accepted);
        let needs = manifest.dependencies.iter();
        self.needs.extend(needs.map(|(other, wanted)| (accepted, other.clone(), wanted.clone())));
        let versions = self.releases.entry(id.clone()).or_default();
        let mut series = versions.iter().filter(|(_, known)| known.series() == version.series());
        assert!(series.all(|(_, known)| known < version));
        versions.push((accepted, version.clone()));
    }

    fn assert_needs_are_met(&self) {
        for (accepted, other, wanted) in &self.needs {
            let mut there = self.releases[other].iter().filter(|(at, _)| at <= accepted);
            assert!(there.any(|(_, version)| wanted.matches(version)), "{other} {wanted}");
        }
    }
}

#[test]
fn every_statement_is_read_strictly_and_its_signature_is_good_at_its_acceptance() {
    let out = tempfile::tempdir().unwrap();
    let summary = make(&options(), out.path()).unwrap();
    let index = out.path().join("index");
    let mut known = Known::default();
    for (accepted, path, text) in additions(&index) {
        known.read(accepted, &path, &text);
    }
    known.assert_needs_are_met();
    assert_eq!((known.needs.len(), known.releases.len()), (summary.dependencies, 30));
    assert_eq!((known.releases.values().flatten().count(), summary.releases), (200, 200));
    assert_eq!((known.approved, known.publishers.len()), (summary.publishers, summary.publishers));
    assert!(summary.dependencies > 100, "{summary:?}");
}

#[test]
fn the_same_options_give_the_same_commit_and_another_seed_another() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let first = make(&options(), folders[0].path()).unwrap();
    let again = Options { repack: true, ..options() };
    assert_eq!(make(&again, folders[1].path()).unwrap(), first);
    let other = make(&Options { seed: 43, ..options() }, folders[2].path()).unwrap();
    assert_ne!(other.commit, first.commit);
    for folder in &folders {
        let index = folder.path().join("index");
        assert_eq!(git(&index, &["fsck", "--full", "--strict", "--no-dangling"]), "");
        assert_eq!(git(&index, &["status", "--porcelain"]), "");
        assert!(index.join("registry/1.signed").is_file() && !index.join("plugins").exists());
    }
}

#[test]
fn nothing_is_written_over_what_is_there() {
    let out = tempfile::tempdir().unwrap();
    let first = make(&options(), out.path()).unwrap();
    let refused = make(&Options { seed: 43, ..options() }, out.path()).unwrap_err();
    assert!(matches!(refused, CorpusError::Exists(_)));
    assert_eq!(git(&out.path().join("index"), &["rev-parse", "main"]).trim(), first.commit);
}

#[test]
fn archives_are_what_the_manifests_say() {
    let out = tempfile::tempdir().unwrap();
    let size = Size { plugins: 12, releases: Some(20), publishers: Some(2) };
    make(&Options { archives: true, size, ..options() }, out.path()).unwrap();
    let mut seen = 0;
    for (_, path, text) in additions(&out.path().join("index")) {
        let IndexPath::Release(id, version) = &path else { continue };
        for artifact in &read::<Manifest>(&text).document.artifacts {
            let file = out.path().join(format!("archives/{}.tar.gz", artifact.sha256));
            let mut bytes = Vec::new();
            File::open(&file).unwrap().take(1 << 20).read_to_end(&mut bytes).unwrap();
            let archive =
                index_schema::archive::Archive::decode(&bytes, &id.name, version).unwrap();
            assert_eq!(archive.tar_sha256(), artifact.tar_sha256);
            assert_eq!(archive.unpacked(), artifact.unpacked);
            seen += 1;
        }
    }
    assert!(seen >= 20);
}

#[test]
fn the_keys_that_are_kept_sign_what_follows() {
    let out = tempfile::tempdir().unwrap();
    make(&options(), out.path()).unwrap();
    let index = out.path().join("index");
    let now = Timestamp::parse("2026-11-23T14:07:00Z").unwrap();
    let sign = |place: &str| {
        let key = std::fs::read_to_string(out.path().join("keys").join(place)).unwrap();
        signing::sign_detached(b"{}\n", key.as_bytes(), now).unwrap()
    };
    let mut signed = 0;
    for (_, path, text) in additions(&index) {
        let (place, certificates) = match &path {
            IndexPath::Publisher(id, _) => {
                let certificates = read::<Publisher>(&text).document.certificates;
                let place = format!("publishers/{}/{id}.asc", id.shard());
                (place, keyring(certificates.iter().map(|it| it.certificate.as_str())))
            }
            IndexPath::Registry(_) => {
                let maintainers = read::<Registry>(&text).document.maintainers;
                let certificates = maintainers.iter().map(|it| it.certificate.as_str());
                ("maintainer.asc".to_owned(), keyring(certificates))
            }
            IndexPath::Root(_)
            | IndexPath::Targets(_)
            | IndexPath::Objection(..)
            | IndexPath::PublisherStatus(..)
            | IndexPath::Advisory(..)
            | IndexPath::Release(..)
            | IndexPath::Status(..)
            | IndexPath::Moderation(..) => continue,
        };
        let good = openpgp::verify(b"{}\n", sign(&place).as_bytes(), &certificates, now);
        assert_eq!(good.map(|signers| signers.len()), Ok(1));
        signed += 1;
    }
    assert!(signed > 10);
}
