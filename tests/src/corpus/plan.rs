//! Everything that is decided before anything is written: who publishes what, when, and which
//! plugins need which. All the rest of a corpus follows from it, release by release.

use index_schema::id::{PluginId, PublisherId, RegistryId};
use index_schema::limits;
use index_schema::time::Timestamp;

use super::Size;
use super::graph::{self, Need};
use super::history::{Release, history};
use super::model::{Model, scale};
use super::names::Names;
use super::random::{Random, narrow, seconds, wide};

/// A registry that is not written yet.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) registry: RegistryId,
    pub(crate) model: Model,
    pub(crate) publishers: Vec<Publisher>,
    /// The plugins from old to new; each needs only older ones.
    pub(crate) plugins: Vec<Plugin>,
    /// Every release, from old to new.
    pub(crate) timeline: Vec<Event>,
}

/// Somebody who publishes.
#[derive(Debug)]
pub(crate) struct Publisher {
    pub(crate) id: PublisherId,
    /// When the record was signed, in seconds.
    pub(crate) joined: i64,
}

/// A plugin and its releases.
#[derive(Debug)]
pub(crate) struct Plugin {
    pub(crate) id: PluginId,
    pub(crate) publisher: usize,
    pub(crate) releases: Vec<Release>,
    pub(crate) needs: Vec<Need>,
}

/// A release in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Event {
    pub(crate) time: i64,
    pub(crate) plugin: u32,
    pub(crate) release: u32,
}

/// So long before the first release is a publisher's record signed.
const JOINING: i64 = 3600;

impl Plan {
    /// Decides.
    pub(crate) fn new(model: Model, size: &Size, seed: u64) -> Self {
        let publishers = publisher_count(&model, size, seed);
        let counts = release_counts(&model, size, seed);
        let owners = owners(&model, size.plugins, publishers, seed);
        let mut begun = beginnings(&model, size.plugins, seed);
        begun.sort_unstable();
        let mut names = Names::default();
        let mut random = Random::new(seed, "publisher-name", 0);
        let ids: Vec<PublisherId> =
            (0..publishers).map(|_| names.publisher(&model, &mut random)).collect();
        let mut names = Names::default();
        let mut random = Random::new(seed, "plugin-name", 0);
        let mut plugins = Vec::new();
        for (index, ((owner, count), first)) in
            owners.into_iter().zip(counts).zip(begun).enumerate()
        {
            let name = names.plugin(&model, &mut random);
            let Some(publisher) = ids.get(owner).cloned() else { continue };
            let releases = history(&model, count, first, &mut Random::new(seed, "history", index));
            let id = PluginId { publisher, name };
            plugins.push(Plugin { id, publisher: owner, releases, needs: Vec::new() });
        }
        graph::connect(&model, &mut plugins, seed);
        let registry = RegistryId::parse("corpus").expect("a plain word is an id");
        let publishers = joined(ids, &plugins);
        let timeline = timeline(&plugins);
        Self { seed, registry, model, publishers, plugins, timeline }
    }

    /// Returns the plugin and the release of an event.
    pub(crate) fn release(&self, event: Event) -> Option<(&Plugin, &Release)> {
        let plugin = self.plugins.get(place(event.plugin))?;
        Some((plugin, plugin.releases.get(place(event.release))?))
    }

    /// Returns a stream of numbers for one release and one purpose.
    pub(crate) fn random(&self, purpose: &str, event: Event) -> Random {
        let place = u64::from(event.plugin) << 32 | u64::from(event.release);
        Random::new(self.seed, purpose, narrow(place))
    }
}

/// The position that a short number stands for.
pub(crate) fn place(number: u32) -> usize {
    narrow(u64::from(number))
}

/// The short number of a position.
pub(crate) fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The time of a second, held within the years that have one.
pub(crate) fn moment(second: i64) -> Timestamp {
    Timestamp::from_seconds(second.clamp(0, 253_402_207_200)).expect("held within the range")
}

fn publisher_count(model: &Model, size: &Size, seed: u64) -> usize {
    let drawn = || {
        let mut random = Random::new(seed, "publishers", 0);
        let (mut plugins, mut publishers) = (0, 0);
        while plugins < size.plugins {
            plugins += narrow(model.plugins_per_publisher.draw(&mut random).max(1));
            publishers += 1;
        }
        publishers
    };
    size.publishers.unwrap_or_else(drawn).clamp(1, size.plugins.max(1))
}

fn release_counts(model: &Model, size: &Size, seed: u64) -> Vec<u64> {
    let mut random = Random::new(seed, "releases", 0);
    let most = wide(limits::VERSIONS);
    let draw = |_| model.releases.draw(&mut random).clamp(1, most);
    let mut counts: Vec<u64> = (0..size.plugins).map(draw).collect();
    if let Some(total) = size.releases {
        scale(&mut counts, wide(total), most);
    }
    counts
}

/// Says who publishes each plugin: everybody at least one.
fn owners(model: &Model, plugins: usize, publishers: usize, seed: u64) -> Vec<usize> {
    let mut random = Random::new(seed, "owners", 0);
    let draw = |_| model.plugins_per_publisher.draw(&mut random).max(1);
    let mut shares: Vec<u64> = (0..publishers).map(draw).collect();
    scale(&mut shares, wide(plugins), wide(plugins));
    let owned = shares.iter().enumerate();
    let mut owners: Vec<usize> =
        owned.flat_map(|(owner, share)| std::iter::repeat_n(owner, narrow(*share))).collect();
    shuffle(&mut owners, &mut random);
    owners
}

/// Puts items in any order.
pub(crate) fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for last in (1..items.len()).rev() {
        items.swap(last, narrow(random.below(wide(last) + 1)));
    }
}

fn beginnings(model: &Model, plugins: usize, seed: u64) -> Vec<i64> {
    let mut random = Random::new(seed, "beginnings", 0);
    let span = model.until - model.from;
    let mut draw = |_| {
        let part = seconds(model.first_seen.draw(&mut random).min(9990));
        model.from + span / 10_000 * part + seconds(random.below(86_400))
    };
    (0..plugins).map(&mut draw).collect()
}

fn joined(ids: Vec<PublisherId>, plugins: &[Plugin]) -> Vec<Publisher> {
    let mut firsts = vec![i64::MAX; ids.len()];
    for plugin in plugins {
        let first = plugin.releases.first().map_or(i64::MAX, |release| release.time);
        if let Some(known) = firsts.get_mut(plugin.publisher) {
            *known = first.min(*known);
        }
    }
    let pairs = ids.into_iter().zip(firsts);
    pairs.map(|(id, first)| Publisher { id, joined: first - JOINING }).collect()
}

fn timeline(plugins: &[Plugin]) -> Vec<Event> {
    let events = plugins.iter().enumerate().flat_map(|(plugin, it)| {
        let releases = it.releases.iter().enumerate();
        releases.map(move |(release, at)| Event {
            time: at.time,
            plugin: short(plugin),
            release: short(release),
        })
    });
    let mut timeline: Vec<Event> = events.collect();
    timeline.sort_unstable();
    timeline
}
