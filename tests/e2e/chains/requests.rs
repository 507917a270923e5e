//! How many files a client asks for before it believes a publisher.

use std::sync::Mutex;

use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, RegistryId};
use libral::believe;
use libral::home::Home;
use libral::index::{Freshness, Index};
use libral::source::memory::Memory;
use libral::source::{Source, SourceError};
use libral::tuf::store::Store;
use libral::tuf::update;

use super::{fingerprint, installed, merge, update as next_record};

/// The files of a registry; it tells which ones were asked for.
struct Served {
    memory: Memory,
    asked: Mutex<Vec<String>>,
}

impl Source for Served {
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        self.asked.lock().unwrap().push(path.to_owned());
        self.memory.get(path, limit)
    }

    fn stream(
        &self,
        path: &str,
        limit: usize,
        sink: &mut dyn std::io::Write,
        progress: &dyn Fn(u64),
    ) -> Result<Option<u64>, SourceError> {
        self.asked.lock().unwrap().push(path.to_owned());
        self.memory.stream(path, limit, sink, progress)
    }
}

#[test]
fn a_cold_client_asks_for_seven_files_however_long_the_chains_and_a_warm_one_for_two() {
    let world = installed();
    world.key("new");
    let old = fingerprint(&world, "lab");
    let keys = "--key keys/lab --key keys/new";
    next_record(&world, &format!("--add-cert keys/new.pub --retire {old} {keys}"));
    merge(&world);
    world.release();
    let files = world.listing("public").into_keys().filter(|path| {
        let path = world.path("public").join(path);
        path.is_file()
    });
    let files = files.map(|path| {
        let bytes = world.read(&format!("public/{path}"));
        (path, bytes)
    });
    let served = Served { memory: Memory { files: files.collect() }, asked: Mutex::default() };

    let dir = tempfile::tempdir().unwrap();
    let (name, home) = (RegistryId::parse("demo").unwrap(), Home::within(dir.path()).unwrap());
    let folder = home.trust(&name).unwrap();
    let root = world.read("public/metadata/1.root.json");
    update::begin(&Store::new(folder.clone()), &root, Sha256Digest::of(&root)).unwrap();
    let open = || {
        let place = (name.clone(), folder.clone());
        Index::open(place, &served, world.now(), Freshness::Current).unwrap()
    };
    let asked = || std::mem::take(&mut *served.asked.lock().unwrap());

    let index = open();
    let document = index.plugin(&PluginId::parse("lab/amber").unwrap()).unwrap().unwrap();
    let chain = believe::publisher(&index, &document).unwrap();
    assert_eq!(chain.record().serial, 2);
    let cold = asked();
    assert_eq!(cold.len(), 7, "{cold:#?}");
    assert_eq!(&cold[..2], ["metadata/2.root.json", "metadata/timestamp.json"]);
    drop(index);

    open();
    assert_eq!(asked(), ["metadata/2.root.json", "metadata/timestamp.json"]);
}
