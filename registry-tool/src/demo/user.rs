//! What a user of the demo does first: trust the registry, search it, install from it.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, RegistryId};
use index_schema::manifest::Platform;
use index_schema::requirement::Requirement;
use index_schema::time::Timestamp;
use libral::home::Home;
use libral::index::{Freshness, Index};
use libral::install::Installer;
use libral::plan::Wishes;
use libral::registries;
use libral::search::{Query, search};
use libral::source::http::{Settings, Web};
use libral::source::location::Location;

/// What the user found and has now.
pub(super) struct Visit {
    /// How many plugins the search found.
    pub(super) found: usize,
    /// What is installed, with its versions.
    pub(super) installed: Vec<String>,
}

/// The plugin that is installed.
pub(super) const WISH: &str = "harbor/translate";
/// What is searched for.
pub(super) const QUERY: &str = "translate";

/// Trusts the registry in `public` by its root, searches it, and installs a plugin.
pub(super) fn visit(
    home: &Path,
    public: &Path,
    (name, root): (&RegistryId, &[u8]),
    now: Timestamp,
) -> Result<Visit, Box<dyn Error + Send + Sync>> {
    let home = Home::within(home)?;
    let location = Location::parse(&public.canonicalize()?.to_string_lossy())?;
    registries::add(&home, (name, &location), (root, Sha256Digest::of(root)), now)?;
    let web = Web::new(Settings::default())?;
    let source = location.open(&web)?;
    let place = (name.clone(), home.trust(name)?);
    let index = Index::open(place, source.as_ref(), now, Freshness::Current)?;
    let query = Query { text: QUERY.to_owned(), ..Query::default() };
    let found = search(&index.catalog()?.plugins.known, &query, (1, 20)).total;
    let installer = Installer {
        home: &home,
        index: &index,
        web: Some(&web),
        platform: Platform::any(),
        host: None,
        patience: Duration::from_secs(10),
        allowed: BTreeSet::new(),
        excused: BTreeSet::new(),
        now,
    };
    let wishes: Wishes = [(PluginId::parse(WISH)?, Requirement::any())].into_iter().collect();
    let prepared = installer.prepare(&wishes)?;
    let reason = vec!["install".to_owned(), WISH.to_owned()];
    let generation = installer.carry_out(&prepared, &BTreeSet::new(), (now, reason), &|_| ())?;
    index.remember()?;
    let installed = generation.plugins.iter();
    let installed = installed.map(|(id, plugin)| format!("{id} {}", plugin.version)).collect();
    Ok(Visit { found, installed })
}
