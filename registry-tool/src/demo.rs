//! A whole registry in one folder, made by the same functions that the commands call.
//!
//! ```text
//! DIR/keys       the maintainer's and the publishers' keys, root and online keys
//! DIR/plugins    the sources of the plugins
//! DIR/dist       what `pack` made of them
//! DIR/index      the index repository
//! DIR/public     what is published
//! DIR/root.json  the root that users trust
//! DIR/home       the state of a user's client
//! ```
//!
//! The history is made to look like three weeks of work: times lie before now, in order, and each
//! signature is made at the time of its commit.

mod sources;
mod user;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use index_schema::digest::Sha256Digest;
use index_schema::id::RegistryId;
use index_schema::json::pretty;
use index_schema::layout::IndexPath;
use index_schema::path::PackagePath;
use index_schema::text::{Line, Text};
use index_schema::time::{DAY, Timestamp};
use index_schema::tuf::BinCount;
use libral::file::{Mode, read_file, write_file};
use libral::openpgp::Certificate;

use self::sources::{Publisher, Source};
use crate::approve::{Decision, approve};
use crate::archives::Archives;
use crate::build::{Build, build};
use crate::commit::{Branch, Message, add_files};
use crate::finding::{Level, Verdict};
use crate::founding::{Founding, first_record, found};
use crate::git::Identity;
use crate::inspection::{Inspection, Rules};
use crate::intake::put;
use crate::membership::{self, Application};
use crate::package::pack;
use crate::release::{After, Signing, release};
use crate::role_keys::Keys;
use crate::signer::{Signer, signed};
use crate::signing::generate;
use crate::trust::ceremony::{Elsewhere, Plan, ceremony};
use crate::trust::{Lifetimes, Trust};
use crate::validate::{Scope, validate};

/// A step of the demo that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {step}")]
pub struct DemoError {
    step: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

/// Names the step that an error belongs to.
fn at<E: Into<Box<dyn Error + Send + Sync>>>(step: &'static str) -> impl Fn(E) -> DemoError {
    move |error| DemoError { step, source: error.into() }
}

/// Is told what happened, with the command that does the same.
pub type Tell<'t> = dyn Fn(&str, &str) -> io::Result<()> + 't;

/// The folder of a demo, and the time at which it is made.
struct Demo<'t> {
    dir: &'t Path,
    now: Timestamp,
    tell: &'t Tell<'t>,
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// How many plugins are published.
    pub plugins: usize,
    /// How many releases.
    pub releases: usize,
    /// SHA-256 of the root, by which a user recognises the registry.
    pub root: Sha256Digest,
}

/// The name of the file that marks a folder as a demo, which the next demo may replace.
const MARK: &str = "demo.json";

/// Where the manifests say that archives lie. Nothing is there: the registry mirrors them.
const URL: &str = "https://plugins.example.org/{file}";

/// Makes the demo in `dir`, which has to be empty, missing, or an older demo.
pub fn make(dir: &Path, now: Timestamp, tell: &Tell<'_>) -> Result<Made, DemoError> {
    clear(dir).map_err(at("use the folder"))?;
    let demo = Demo { dir, now, tell };
    demo.make_keys()?;
    demo.found()?;
    demo.hold_ceremony()?;
    demo.admit_publishers()?;
    demo.publish_plugins()?;
    demo.validate()?;
    let (built, root) = demo.release()?;
    demo.visit()?;
    Ok(Made { plugins: built.plugins, releases: built.releases, root })
}

/// Removes an older demo; anything else that is in the way is left alone.
fn clear(dir: &Path) -> io::Result<()> {
    let is_demo = dir.join(MARK).is_file();
    if is_demo {
        fs::remove_dir_all(dir)?;
    } else if dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        let message = format!("`{}` holds something that is not a demo", dir.display());
        return Err(io::Error::new(io::ErrorKind::DirectoryNotEmpty, message));
    }
    let mark = pretty(&serde_json::json!({ "schema": "registry-tool.demo/1" }));
    write_file(&dir.join(MARK), &mark, Mode::Public)
}

impl Demo<'_> {
    fn path(&self, inner: &str) -> PathBuf {
        self.dir.join(inner)
    }

    fn key(&self, name: &str) -> PathBuf {
        self.dir.join("keys").join(name)
    }

    /// The time of a step, in days before now.
    fn days_ago(&self, days: i64) -> Timestamp {
        self.now.plus(-days * DAY)
    }

    fn told(&self, what: &str, command: &str) -> Result<(), DemoError> {
        (self.tell)(what, command).map_err(at("say what happens"))
    }

    fn make_keys(&self) -> Result<(), DemoError> {
        let publishers = sources::publishers().map_err(at("read the publishers"))?;
        self.make_key("maintainer", "Demo Maintainer <maintainer@example.org>")?;
        for Publisher { id, title } in &publishers {
            self.make_key(id.as_str(), &format!("{title} <{id}@example.org>"))?;
        }
        self.told(
            &format!("made {} OpenPGP keys (Ed25519)", publishers.len() + 1),
            "registry-tool key new --user-id 'Ada <ada@example.org>' --out keys/ada",
        )
    }

    fn make_key(&self, name: &str, user_id: &str) -> Result<(), DemoError> {
        let failed = at("make a key");
        let key = generate(user_id, self.days_ago(22)).map_err(&failed)?;
        let secret = key.armored_secret_key().map_err(&failed)?;
        let certificate = key.armored_certificate().map_err(&failed)?;
        let public = self.key(&format!("{name}.pub"));
        write_file(&self.key(name), secret.as_bytes(), Mode::Private).map_err(at("write a key"))?;
        write_file(&public, certificate.as_bytes(), Mode::Public).map_err(at("write a key"))
    }

    fn certificate(&self, name: &str) -> Result<Vec<u8>, DemoError> {
        let path = self.key(&format!("{name}.pub"));
        read_file(&path, index_schema::limits::CERTIFICATE).map_err(at("read a certificate"))
    }

    fn found(&self) -> Result<(), DemoError> {
        let step = "found the registry";
        let armored = self.certificate("maintainer")?;
        let certificate = Certificate::parse(&armored).map_err(at(step))?;
        let founding = Founding {
            id: registry_id(),
            title: Line::parse("Demo registry").map_err(at(step))?,
            homepage: None,
            host: Line::parse("Libral Core").map_err(at(step))?,
            maintainer: Line::parse("Demo Maintainer").map_err(at(step))?,
            certificate: Text::parse(&String::from_utf8_lossy(&armored)).map_err(at(step))?,
            fingerprint: certificate.fingerprint().clone(),
        };
        let time = self.days_ago(21);
        let signer = Signer::File(self.key("maintainer"));
        let bytes = signed(&first_record(founding), &[signer], time).map_err(at(step))?;
        let readme = ("README.md", "# Demo registry\n\nMade by `registry-tool demo`.\n");
        found(&self.path("index"), &bytes, &[readme], &maintainer(), time).map_err(at(step))?;
        self.told(
            "founded the registry `demo` for Libral Core",
            "registry-tool init index --id demo --title 'Demo registry' --key keys/maintainer",
        )
    }

    fn hold_ceremony(&self) -> Result<(), DemoError> {
        let step = "hold the key ceremony";
        let trust = Trust::read(&self.path("index"), self.days_ago(21)).map_err(at(step))?;
        let plan = Plan {
            bins: BinCount::new(16).map_err(at(step))?,
            root_keys: 1,
            root_threshold: 1,
            elsewhere: &Elsewhere::default(),
            lifetimes: Lifetimes::default(),
            now: self.days_ago(21),
        };
        let folders = (self.key("root"), self.key("online"));
        let made = ceremony(&trust, (&folders.0, &folders.1), &plan).map_err(at(step))?;
        write_file(&self.path("root.json"), &made.root, Mode::Public).map_err(at(step))?;
        let files = [(IndexPath::Root(1), made.root), (IndexPath::Targets(1), made.targets)];
        for (path, bytes) in &files {
            put(&self.path("index"), path, bytes).map_err(at(step))?;
        }
        self.commit(files.into_iter().collect(), "Trust the first root", self.days_ago(20))?;
        self.told(
            "made the keys of the root and of the online roles",
            "registry-tool key ceremony --index index --root-keys keys/root --online-keys keys/online",
        )
    }

    fn admit_publishers(&self) -> Result<(), DemoError> {
        let step = "admit the publishers";
        let publishers = sources::publishers().map_err(at(step))?;
        let time = self.days_ago(19);
        for Publisher { id, title } in &publishers {
            let application = Application {
                registry: registry_id(),
                id: id.clone(),
                title: title.clone(),
                homepage: None,
                threshold: 1,
            };
            let certificate = self.certificate(id.as_str())?;
            let record = membership::first_record(application, &[certificate]).map_err(at(step))?;
            let signer = Signer::File(self.key(id.as_str()));
            let bytes = signed(&record, &[signer], time).map_err(at(step))?;
            put(&self.path("index"), &IndexPath::Publisher(id.clone(), 1), &bytes)
                .map_err(at(step))?;
        }
        let approvals = self.approve_all(time)?;
        let records = publishers.iter().map(|p| IndexPath::Publisher(p.id.clone(), 1));
        let files = records.chain(approvals).map(|path| self.read_back(path));
        self.commit(files.collect::<Result<_, _>>()?, "Admit the publishers", time)?;
        self.told(
            &format!("admitted {} publishers, approved by the maintainer", publishers.len()),
            "registry-tool publisher new lab --index index --cert keys/lab.pub --key keys/lab\n\
             registry-tool approve --index index --finding … --reason … --key keys/maintainer",
        )
    }

    fn approve_all(&self, time: Timestamp) -> Result<Vec<IndexPath>, DemoError> {
        let step = "approve the publishers";
        let index = self.path("index");
        let inspection = self.inspection(step)?;
        let report = validate(&index, Scope::New, &inspection, time).map_err(at(step))?.report;
        let waiting = report.findings.iter().filter(|finding| finding.level() == Level::Review);
        let wanted: Vec<_> = waiting.map(crate::finding::Finding::fingerprint).collect();
        let reason = Text::parse("These publishers are part of the demo.").map_err(at(step))?;
        let signer = Signer::File(self.key("maintainer"));
        approve(&index, &Decision { wanted, reason }, &signer, &inspection, time).map_err(at(step))
    }

    fn inspection(&self, step: &'static str) -> Result<Inspection<'static>, DemoError> {
        let rules = Rules::load(None).map_err(at(step))?;
        Ok(Inspection { archives: Archives::Folder(self.path("dist")), rules })
    }

    fn read_back(&self, path: IndexPath) -> Result<(IndexPath, Vec<u8>), DemoError> {
        let bytes = read_file(&self.path("index").join(path.to_string()), path.limit());
        Ok((path, bytes.map_err(at("read a statement"))?))
    }

    /// Publishes the first version of every plugin, a week later the second ones, and so on.
    fn publish_plugins(&self) -> Result<(), DemoError> {
        let sources = sources::unpack(&self.path("plugins")).map_err(at("unpack the plugins"))?;
        let rounds = sources.iter().map(|source| source.round + 1).max().unwrap_or(0);
        let mut days = 15;
        for round in 0..rounds {
            let time = self.days_ago(days);
            let of_round = sources.iter().filter(|source| source.round == round);
            let files = of_round.map(|source| self.publish(source, time));
            let files = files.collect::<Result<BTreeMap<_, _>, _>>()?;
            let message = format!("Publish {} releases", files.len());
            self.commit(files, &message, time)?;
            days = (days - 7).max(1);
        }
        self.told(
            &format!("packed, signed and committed {} releases", sources.len()),
            "registry-tool pack plugins/lab/crc32/1.0.0 --out dist\n\
             registry-tool sign dist/1.0.0.json --key keys/lab\n\
             registry-tool add dist/1.0.0.signed --index index",
        )
    }

    fn publish(&self, source: &Source, time: Timestamp) -> Result<(IndexPath, Vec<u8>), DemoError> {
        let step = "publish a plugin";
        let package = pack(&source.folder, &[URL.to_owned()]).map_err(at(step))?;
        if let Some(finding) = package.findings.first() {
            return Err(at(step)(finding.message.clone()));
        }
        let (id, version) = (&package.manifest.id, &package.manifest.version);
        let archive = format!("dist/{}-{version}.tar.gz", id.name);
        write_file(&self.path(&archive), &package.archive, Mode::Public).map_err(at(step))?;
        let signer = Signer::File(self.key(&source.publisher));
        let bytes = signed(&package.manifest, &[signer], time).map_err(at(step))?;
        let path = IndexPath::Release(id.clone(), version.clone());
        put(&self.path("index"), &path, &bytes).map_err(at(step))?;
        Ok((path, bytes))
    }

    fn commit(
        &self,
        files: BTreeMap<IndexPath, Vec<u8>>,
        text: &str,
        time: Timestamp,
    ) -> Result<(), DemoError> {
        let step = "commit to the index";
        let named = |(path, bytes): (IndexPath, Vec<u8>)| {
            Ok((PackagePath::parse(&path.to_string()).map_err(at(step))?, bytes))
        };
        let files = files.into_iter().map(named).collect::<Result<_, DemoError>>()?;
        let by = maintainer();
        let text = format!("{text}\n");
        let message = Message { text: &text, author: &by, committer: &by, time };
        add_files(&self.path("index"), Branch::Head, &files, &message).map_err(at(step))?;
        Ok(())
    }

    fn validate(&self) -> Result<(), DemoError> {
        let step = "validate the registry";
        let inspection = self.inspection(step)?;
        let validated = validate(&self.path("index"), Scope::All, &inspection, self.now);
        let report = validated.map_err(at(step))?.report;
        if report.verdict != Verdict::Accepted {
            return Err(at(step)(crate::report::text::render(&report)));
        }
        self.told(
            &format!("validated {} statements and their archives", report.changes.len()),
            "registry-tool validate --all --index index --archives dist",
        )
    }

    fn release(&self) -> Result<(Build, Sha256Digest), DemoError> {
        let step = "release the registry";
        let (index, public, dist) = (self.path("index"), self.path("public"), self.path("dist"));
        let built = build(&index, "HEAD", &public, Some(&dist)).map_err(at(step))?;
        let keys = Keys::load(&self.key("online")).map_err(at(step))?;
        let signing = Signing { keys: &keys, lifetimes: &Lifetimes::default(), now: self.now };
        release(&public, After::Nothing, &signing).map_err(at(step))?;
        let root = read_file(&self.path("root.json"), index_schema::limits::TUF);
        let root = Sha256Digest::of(&root.map_err(at(step))?);
        self.told(
            &format!("built and signed {} plugins, {} releases", built.plugins, built.releases),
            "registry-tool build --index index --out public --archives dist --mirror\n\
             registry-tool release --public public --online-keys keys/online --first",
        )?;
        Ok((built, root))
    }

    /// Does what a user does, so that the demo shows a registry that works.
    fn visit(&self) -> Result<(), DemoError> {
        let step = "install from the registry";
        let root =
            read_file(&self.path("root.json"), index_schema::limits::TUF).map_err(at(step))?;
        let (home, public) = (self.path("home"), self.path("public"));
        let visit = user::visit(&home, &public, (&registry_id(), &root), self.now);
        let visit = visit.map_err(at(step))?;
        self.told(
            &format!(
                "trusted it as a user, found {} plugins for `{}`, installed {}",
                visit.found,
                user::QUERY,
                visit.installed.join(", ")
            ),
            &format!(
                "libral registry add demo public --root root.json\n\
                 libral search {}\n\
                 libral install {}",
                user::QUERY,
                user::WISH
            ),
        )
    }
}

fn registry_id() -> RegistryId {
    RegistryId::parse("demo").expect("`demo` is an id")
}

fn maintainer() -> Identity {
    Identity { name: "Demo Maintainer".to_owned(), email: "maintainer@example.org".to_owned() }
}
