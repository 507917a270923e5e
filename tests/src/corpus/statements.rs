//! The statements of a corpus without a repository around them, publisher by publisher: for what
//! is measured at sizes at which a repository would not fit on the disk.

use index_schema::json::pretty;
use index_schema::layout::IndexPath;
use index_schema::time::{DAY, Timestamp};

use super::document::{self, File};
use super::key::SigningKey;
use super::model::Model;
use super::plan::{Event, Plan, Plugin, moment, short};
use super::{CorpusError, Size, release};

/// Everything that is signed in a corpus.
pub struct Statements {
    plan: Plan,
    maintainer: SigningKey,
    /// The plugins of each publisher.
    owned: Vec<Vec<usize>>,
}

/// A statement and where and when it was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its place in an index repository.
    pub path: IndexPath,
    /// The file.
    pub bytes: Vec<u8>,
    /// When it was accepted.
    pub time: Timestamp,
}

impl Statements {
    /// Decides what a corpus of some size says.
    pub fn new(size: &Size, seed: u64) -> Result<Self, CorpusError> {
        let plan = Plan::new(Model::built_in(), size, seed);
        let maintainer = document::maintainer(&plan)?;
        let mut owned = vec![Vec::new(); plan.publishers.len()];
        for (place, plugin) in plan.plugins.iter().enumerate() {
            if let Some(plugins) = owned.get_mut(plugin.publisher) {
                plugins.push(place);
            }
        }
        Ok(Self { plan, maintainer, owned })
    }

    /// Returns the number of publishers.
    pub const fn publishers(&self) -> usize {
        self.owned.len()
    }

    /// Returns the registry record.
    pub fn registry(&self) -> Result<Accepted, CorpusError> {
        let time = document::opening(&self.plan);
        Ok(accepted(document::registry(&self.plan, &self.maintainer)?, time))
    }

    /// Returns the record of a publisher, its approval, and all its releases.
    pub fn of_publisher(&self, place: usize) -> Result<Vec<Accepted>, CorpusError> {
        let key = document::publisher_key(&self.plan, place)?;
        let joined = self.plan.publishers.get(place).map_or(0, |publisher| publisher.joined);
        let records = document::publisher(&self.plan, place, &key, &self.maintainer)?;
        let mut all: Vec<Accepted> =
            records.into_iter().map(|file| accepted(file, joined + DAY / 48)).collect();
        for plugin in self.owned.get(place).into_iter().flatten() {
            all.extend(self.of_plugin(*plugin, &key)?);
        }
        Ok(all)
    }

    fn of_plugin(&self, place: usize, key: &SigningKey) -> Result<Vec<Accepted>, CorpusError> {
        let Some(plugin) = self.plan.plugins.get(place) else { return Ok(Vec::new()) };
        let releases = (0..plugin.releases.len()).map(|release| {
            let (plugin_place, release) = (short(place), short(release));
            self.release(plugin, Event { time: 0, plugin: plugin_place, release }, key)
        });
        releases.filter_map(Result::transpose).collect()
    }

    fn release(
        &self,
        plugin: &Plugin,
        event: Event,
        key: &SigningKey,
    ) -> Result<Option<Accepted>, CorpusError> {
        let Some((_, at)) = self.plan.release(event) else { return Ok(None) };
        let manifest = release::manifest(&self.plan, event, plugin, at, |platform, _| {
            Ok::<_, CorpusError>(release::imagined(&self.plan, event, plugin, at, platform))
        })?;
        let bytes = key.statement(pretty(&manifest), moment(at.time))?;
        let path = IndexPath::Release(plugin.id.clone(), at.version.clone());
        Ok(Some(accepted(File { path, bytes }, at.time)))
    }
}

fn accepted(file: File, seconds: i64) -> Accepted {
    Accepted { path: file.path, bytes: file.bytes, time: moment(seconds) }
}
