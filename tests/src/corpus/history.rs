//! The releases of one plugin: versions that rise within their series, and when they came.

use std::collections::BTreeMap;

use index_schema::version::Version;

use super::model::{Model, Steps};
use super::random::{Random, seconds, wide};
use super::spread::Weighted;

/// One release.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) version: Version,
    /// When it was made, in seconds.
    pub(crate) time: i64,
    /// The release with the highest version so far that is no pre-release.
    pub(crate) newest: Option<u32>,
}

type Numbers = (u64, u64, u64);

/// The least time between two releases.
const PAUSE: i64 = 60;

/// Makes up `count` releases between `first` and the end of the model's time.
pub(crate) fn history(model: &Model, count: u64, first: i64, random: &mut Random) -> Vec<Release> {
    let versions = versions(model, count, random);
    let times = times(model, count, first, random);
    let mut newest: Option<(Version, u32)> = None;
    let mut releases = Vec::new();
    for (index, (version, time)) in (0_u32..).zip(versions.into_iter().zip(times)) {
        let newer = newest.as_ref().is_none_or(|(best, _)| version > *best);
        if newer && !version.is_prerelease() {
            newest = Some((version.clone(), index));
        }
        releases.push(Release { version, time, newest: newest.as_ref().map(|(_, at)| *at) });
    }
    releases
}

fn times(model: &Model, count: u64, first: i64, random: &mut Random) -> Vec<i64> {
    let mut offsets = vec![0];
    while wide(offsets.len()) < count {
        let gap = seconds(model.gap_minutes.draw(random)) * 60;
        offsets.push(
            offsets.last().copied().unwrap_or(0) + gap.max(PAUSE) + seconds(random.below(60)),
        );
    }
    let room = (model.until - first).max(PAUSE * seconds(count));
    let whole = offsets.last().copied().unwrap_or(0).max(1);
    let squeeze = |offset: i64| {
        if whole > room { offset * (room / 60) / whole.div_euclid(60).max(1) } else { offset }
    };
    let mut last = first - PAUSE;
    let held_apart = offsets.into_iter().map(|offset| {
        last = (first + squeeze(offset)).max(last + PAUSE);
        last
    });
    held_apart.collect()
}

fn versions(model: &Model, count: u64, random: &mut Random) -> Vec<Version> {
    let Steps { patch, minor, major, older, .. } = model.steps;
    let kinds = Weighted::new([
        (Kind::Patch, patch),
        (Kind::Minor, minor),
        (Kind::Major, major),
        (Kind::Older, older),
    ]);
    let start = model.first_versions.draw(random).map_or((0, 1, 0), |version| {
        let numbers = version.semver();
        (numbers.major, numbers.minor, numbers.patch)
    });
    let mut line =
        Line { steps: model.steps, heads: BTreeMap::new(), current: start, tags: Vec::new() };
    line.heads.insert(series(start), start);
    let mut versions = vec![written(start, None)];
    while wide(versions.len()) < count {
        let kind = kinds.draw(random).copied().unwrap_or(Kind::Patch);
        versions.push(line.next(kind, random));
    }
    versions
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Patch,
    Minor,
    Major,
    Older,
}

/// Where a plugin's versions stand.
struct Line {
    steps: Steps,
    /// The highest version of each compatible series.
    heads: BTreeMap<(u64, u64), Numbers>,
    current: Numbers,
    /// Pre-releases of `current` that are still to come, the last first; then comes the release.
    tags: Vec<Option<String>>,
}

impl Line {
    fn next(&mut self, kind: Kind, random: &mut Random) -> Version {
        if let Some(tag) = self.tags.pop() {
            return written(self.current, tag.as_deref());
        }
        if let Kind::Older = kind
            && let Some(older) = self.older(random)
        {
            return written(older, None);
        }
        let (major, minor, patch) = self.current;
        let by = if random.chance(self.steps.skipped_permille) { random.between(2, 4) } else { 1 };
        self.current = match kind {
            Kind::Patch | Kind::Older => (major, minor, patch + by),
            Kind::Minor => (major, minor + by, 0),
            Kind::Major => (major + 1, 0, 0),
        };
        self.heads.insert(series(self.current), self.current);
        // Two pre-releases stand before each release that has any, on average.
        if !matches!(kind, Kind::Patch) && random.chance(self.steps.pre_release_permille * 3 / 2) {
            self.tags = pre_releases(random);
        }
        let tag = self.tags.pop().flatten();
        written(self.current, tag.as_deref())
    }

    /// Raises the patch number of a series that is not the newest.
    fn older(&mut self, random: &mut Random) -> Option<Numbers> {
        let newest = series(self.current);
        let series: Vec<(u64, u64)> = self.heads.keys().copied().filter(|s| *s != newest).collect();
        let head = self.heads.get_mut(random.choose(&series)?)?;
        head.2 += 1;
        Some(*head)
    }
}

fn pre_releases(random: &mut Random) -> Vec<Option<String>> {
    let word = random.choose(&["alpha", "beta", "beta", "rc", "rc"]).copied().unwrap_or("rc");
    let count = random.between(1, 3);
    let tags = (1..=count).rev().map(|number| Some(format!("{word}.{number}")));
    std::iter::once(None).chain(tags).collect()
}

const fn series((major, minor, _): Numbers) -> (u64, u64) {
    if major == 0 { (0, minor) } else { (major, 0) }
}

fn written((major, minor, patch): Numbers, tag: Option<&str>) -> Version {
    let text = match tag {
        Some(tag) => format!("{major}.{minor}.{patch}-{tag}"),
        None => format!("{major}.{minor}.{patch}"),
    };
    Version::parse(&text).expect("three numbers and a plain tag are a version")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy() -> Model {
        let mut model = Model::built_in();
        let steps = Steps {
            patch: 5,
            minor: 3,
            major: 2,
            older: 2,
            skipped_permille: 100,
            pre_release_permille: 300,
        };
        model.steps = steps;
        model
    }

    #[test]
    fn versions_rise_within_their_series_and_none_comes_twice() {
        let mut random = Random::new(5, "history", 0);
        for count in [1, 2, 300] {
            let releases = history(&busy(), count, 1_600_000_000, &mut random);
            assert_eq!(wide(releases.len()), count);
            let mut heads = BTreeMap::new();
            for release in &releases {
                let before = heads.insert(release.version.series(), release.version.clone());
                assert!(before.is_none_or(|before| before < release.version));
            }
        }
    }

    #[test]
    fn times_rise_and_stay_within_the_time_of_the_model() {
        let model = busy();
        let mut random = Random::new(5, "history", 1);
        for first in [model.from, model.until - 86_400] {
            let releases = history(&model, 200, first, &mut random);
            assert!(releases.windows(2).all(|pair| pair[0].time + PAUSE <= pair[1].time));
            assert_eq!(releases[0].time, first);
            assert!(releases[199].time <= model.until + 200 * PAUSE);
        }
    }

    #[test]
    fn the_newest_release_is_the_highest_that_is_no_pre_release() {
        let mut random = Random::new(5, "history", 2);
        let releases = history(&busy(), 100, 1_600_000_000, &mut random);
        for (index, release) in releases.iter().enumerate() {
            let stable = releases[..=index].iter().filter(|r| !r.version.is_prerelease());
            let highest = stable.map(|r| &r.version).max();
            let newest = release.newest.and_then(|at| releases.get(usize::try_from(at).ok()?));
            assert_eq!(newest.map(|r| &r.version), highest);
        }
    }
}
