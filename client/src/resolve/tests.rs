//! Small worlds as text, and what is resolved in them.
//!
//! A world has a release a line, `amber 1.0.0; needs birch ^1; uses cedar ^1; not dune *; yanked`,
//! or only a name for a plugin without releases. A request is `amber *; lock amber 1.0.0`.

mod choices;
mod explanations;
mod oracle;

use std::collections::BTreeMap;
use std::convert::Infallible;

use index_schema::id::PluginId;
use index_schema::manifest::Platform;
use index_schema::requirement::Requirement;
use index_schema::time::Timestamp;
use index_schema::version::Version;

use super::{Blocked, Candidate, Request, ResolveError, Solution, Universe, resolve};

#[derive(Debug, Clone, Default)]
struct World(BTreeMap<PluginId, Vec<Candidate>>);

impl Universe for World {
    type Error = Infallible;

    fn candidates(&self, id: &PluginId) -> Result<Option<Vec<Candidate>>, Infallible> {
        Ok(self.0.get(id).cloned())
    }

    fn names(&self) -> Result<Vec<PluginId>, Infallible> {
        Ok(self.0.keys().cloned().collect())
    }
}

fn id(name: &str) -> PluginId {
    PluginId::parse(&format!("lab/{name}")).unwrap()
}

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

/// Parses `birch ^1`.
fn need(text: &str) -> (PluginId, Requirement) {
    let (name, requirement) = text.split_once(' ').unwrap();
    (id(name), Requirement::parse(requirement).unwrap())
}

fn world(text: &str) -> World {
    let mut world = World::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split(';').map(str::trim);
        let (name, number) = words.next().unwrap().split_once(' ').unwrap_or((line, ""));
        let releases = world.0.entry(id(name)).or_default();
        if !number.is_empty() {
            let mut candidate = Candidate::new(version(number));
            words.for_each(|word| describe(&mut candidate, word));
            releases.push(candidate);
        }
    }
    world
}

fn describe(candidate: &mut Candidate, word: &str) {
    match word.split_once(' ').unwrap_or((word, "")) {
        ("needs", rest) => candidate.dependencies.extend([need(rest)]),
        ("uses", rest) => candidate.optional_dependencies.extend([need(rest)]),
        ("not", rest) => candidate.conflicts.extend([need(rest)]),
        ("host", rest) => candidate.host = Some(Requirement::parse(rest).unwrap()),
        ("for", rest) => candidate.platforms = vec![Platform::parse(rest).unwrap()],
        ("yanked", _) => candidate.yanked = true,
        ("removed", _) => candidate.blocked = Some(Blocked::Removed),
        ("newer", _) => candidate.blocked = Some(Blocked::NeedsNewer),
        ("young", until) => {
            candidate.blocked = Some(Blocked::TooYoung { until: Timestamp::parse(until).unwrap() });
        }
        (other, _) => panic!("unknown word {other}"),
    }
}

fn request(text: &str) -> Request {
    let mut request = Request::new(BTreeMap::new());
    for word in text.split(';').map(str::trim) {
        match word.split_once(' ').unwrap() {
            ("lock", rest) => {
                let (name, number) = rest.split_once(' ').unwrap();
                request.locked.insert(id(name), version(number));
            }
            ("host", number) => request.host = Some(version(number)),
            ("on", platform) => request.platform = Platform::parse(platform).unwrap(),
            ("steps", count) => request.steps = count.parse().unwrap(),
            _ => request.root.extend([need(word)]),
        }
    }
    request
}

/// Resolves and writes the answer down, a release a line, or the explanation and its hints.
fn answer(the_world: &str, the_request: &str) -> String {
    match resolve(&request(the_request), &world(the_world)) {
        Ok(solution) => written(&solution),
        Err(ResolveError::NoSolution(why)) => {
            let hints = why.hints.iter().map(|hint| format!("hint: {hint}\n"));
            [format!("{}\n", why.explanation)].into_iter().chain(hints).collect()
        }
        Err(other) => format!("{other}\n"),
    }
}

fn written(solution: &Solution) -> String {
    let line = |(id, version): (&PluginId, &Version)| format!("{} {version}\n", id.name);
    solution.releases.iter().map(line).collect()
}
