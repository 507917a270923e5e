//! Facts and conclusions in the words of the person who asked.

use pubgrub::{External, Map, Term, VersionSet as _};

use super::Universe;
use super::known::Known;
use super::provider::{Edge, Kind, Package, Plugins, Stop};
use super::report::Leaf;
use super::set::Set;

/// How many runs of versions are written out.
const RUNS: usize = 3;
/// How a sentence about all usable versions of a plugin begins.
const EVERY: &str = "every version of ";

/// Puts numbers back into words.
pub(super) struct Wording<'w, 'a, U: Universe> {
    plugins: &'w Plugins<'a, U>,
}

impl<'w, 'a, U: Universe> Wording<'w, 'a, U> {
    pub(super) const fn new(plugins: &'w Plugins<'a, U>) -> Self {
        Self { plugins }
    }

    /// Says what a leaf of the proof means; nothing if that goes without saying.
    pub(super) fn fact(&self, leaf: &Leaf) -> Result<Option<Fact>, Stop<U::Error>> {
        Ok(match leaf {
            External::NotRoot(..) => None,
            External::FromDependencyOf(Package::Cycle(index), ..)
            | External::FromDependencyOf(_, _, Package::Cycle(index), _) => {
                Some(self.cycle(*index)?)
            }
            External::FromDependencyOf(from, versions, to, allowed) => {
                let edge = edge(self.plugins, from, versions, (to, allowed))?;
                edge.map(|edge| self.edge((from, versions), &edge)).transpose()?
            }
            External::NoVersions(package, versions) => {
                let subject = format!("no {}", self.set(package, versions, Place::Object)?);
                Some(Fact::new(subject, "exists", String::new()))
            }
            External::Custom(_, _, never) => match *never {},
        })
    }

    fn cycle(&self, index: usize) -> Result<Fact, Stop<U::Error>> {
        let cycle = self.plugins.cycle(index).map(Vec::as_slice).unwrap_or_default();
        let mut members = Vec::new();
        for (id, set) in cycle.iter().chain(cycle.first()) {
            members.push(self.set(&Package::Plugin(id.clone()), set, Place::Object)?);
        }
        Ok(Fact::new(members.join(" -> "), "is", "a cycle".to_owned()))
    }

    fn edge(
        &self,
        (from, versions): (&Package, &Set),
        edge: &Edge,
    ) -> Result<Fact, Stop<U::Error>> {
        let subject = match from {
            Package::Request => "you".to_owned(),
            Package::Plugin(_) | Package::Cycle(_) => self.set(from, versions, Place::Subject)?,
        };
        let is_many = versions.count() > 1 && !subject.starts_with(EVERY);
        let verb = match (edge.kind, from) {
            (Kind::Needs, Package::Request) => "ask for",
            (Kind::Needs | Kind::Breaks, _) if is_many => "depend on",
            (Kind::Needs | Kind::Breaks, _) => "depends on",
            (Kind::Uses, _) if is_many => "work only with",
            (Kind::Uses, _) => "works only with",
            (Kind::Avoids, _) if is_many => "conflict with",
            (Kind::Avoids, _) => "conflicts with",
        };
        let requirement = edge.requirement.to_string();
        let mut object = edge.to.to_string();
        if requirement != "*" {
            object = format!("{object} {requirement}");
        }
        if edge.kind == Kind::Needs && edge.set == Set::empty() {
            object.push_str(self.emptiness(edge)?);
        }
        let mut fact = Fact::new(subject, verb, object);
        fact.from = Some((from.clone(), versions.clone()));
        fact.to = Some((edge.to.clone(), edge.set.clone())).filter(|_| edge.kind == Kind::Needs);
        Ok(fact)
    }

    /// Says why a requirement leaves nothing to choose from.
    fn emptiness(&self, edge: &Edge) -> Result<&'static str, Stop<U::Error>> {
        let Package::Plugin(id) = &edge.to else { return Ok("") };
        let known = self.plugins.known(id)?;
        let matches = |version| edge.requirement.matches(version);
        Ok(match (known.exists, known.refused.iter().any(|(version, _)| matches(version))) {
            (false, _) => ", which does not exist",
            (true, true) => ", which no usable release matches",
            (true, false) => ", which no release matches",
        })
    }

    /// Says what follows from terms that cannot all be true.
    pub(super) fn conclusion(
        &self,
        terms: &Map<Package, Term<Set>>,
    ) -> Result<String, Stop<U::Error>> {
        let (mut present, mut needed) = (Vec::new(), Vec::new());
        let mut sorted: Vec<_> = terms.iter().collect();
        sorted.sort_by_key(|(package, _)| *package);
        for (package, term) in sorted {
            let Package::Plugin(id) = package else { continue };
            let (set, is_negative) = match term {
                Term::Positive(set) => (set, false),
                Term::Negative(set) => (set, true),
            };
            // "Absent, or one of these" says the same as "none of the others".
            let known = self.plugins.known(id)?;
            let (set, is_negative) = if set.allows_absence() {
                (known.all().intersection(&set.complement()), !is_negative)
            } else {
                (set.clone(), is_negative)
            };
            if is_negative {
                needed.push((package, set));
            } else {
                present.push((package, set));
            }
        }
        let present_text = self.sets(&present, Place::Subject, "and")?;
        let needed_text = self.sets(&needed, Place::Object, "or")?;
        Ok(match (present.len(), needed.len()) {
            (0, 0) => "there is no solution".to_owned(),
            (1, 0) => match present_text.strip_prefix(EVERY) {
                Some(plugin) => format!("no version of {plugin} can be used"),
                None => format!("{present_text} cannot be used"),
            },
            (_, 0) => format!("{present_text} cannot be used together"),
            (0, _) => format!("{needed_text} is needed"),
            (1, _) if present_text.starts_with(EVERY) || is_one(&present) => {
                format!("{present_text} needs {needed_text}")
            }
            (1, _) => format!("{present_text} need {needed_text}"),
            (_, _) => format!("{present_text} together need {needed_text}"),
        })
    }

    fn sets(
        &self,
        sets: &[(&Package, Set)],
        place: Place,
        word: &str,
    ) -> Result<String, Stop<U::Error>> {
        let texts = sets.iter().map(|(package, set)| self.set(package, set, place));
        Ok(join(&texts.collect::<Result<Vec<_>, _>>()?, word))
    }

    fn set(&self, package: &Package, set: &Set, place: Place) -> Result<String, Stop<U::Error>> {
        let Package::Plugin(id) = package else { return Ok(package.to_string()) };
        let known = self.plugins.known(id)?;
        let is_all = known.usable.len() != 1 && known.all().subset_of(set);
        Ok(match (is_all, place) {
            (true, Place::Subject) => format!("{EVERY}{id}"),
            (true, Place::Object) => id.to_string(),
            (false, _) => format!("{id} {}", runs(&known, set)),
        })
    }
}

fn is_one(sets: &[(&Package, Set)]) -> bool {
    sets.iter().all(|(_, set)| set.count() == 1)
}

/// Where in a sentence a set stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    Subject,
    Object,
}

/// Writes a set as the versions that exist.
fn runs(known: &Known, set: &Set) -> String {
    let version = |number| known.get(number).map(|c| c.version.to_string()).unwrap_or_default();
    let run = |(lo, hi): (usize, usize)| match hi.saturating_sub(lo) {
        1 => version(lo),
        2 => format!("{}, {}", version(lo), version(lo.saturating_add(1))),
        _ => format!("{} to {}", version(lo), version(hi.saturating_sub(1))),
    };
    let bounded = set.intersection(&known.all());
    let mut texts: Vec<String> = bounded.runs().map(run).collect();
    let more = texts.len().saturating_sub(RUNS);
    if more > 1 {
        let newest = bounded.newest().map(version).unwrap_or_default();
        texts.truncate(RUNS.saturating_sub(1));
        return format!("{} and others up to {newest}", texts.join(", "));
    }
    if texts.is_empty() { "in any version".to_owned() } else { texts.join(", ") }
}

/// Finds the edge that a leaf stands for: of the newest version, where several say the same.
pub(super) fn edge<U: Universe>(
    plugins: &Plugins<'_, U>,
    from: &Package,
    versions: &Set,
    (to, allowed): (&Package, &Set),
) -> Result<Option<Edge>, Stop<U::Error>> {
    let Some(newest) = versions.newest() else { return Ok(None) };
    let edges = plugins.edges(from, newest)?;
    Ok(edges.into_iter().find(|edge| edge.to == *to && edge.set == *allowed))
}

/// Something that the proof takes from outside, as the parts of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    subject: String,
    verb: &'static str,
    object: String,
    /// What it speaks of.
    from: Option<(Package, Set)>,
    /// What it says is needed.
    to: Option<(Package, Set)>,
}

impl Fact {
    const fn new(subject: String, verb: &'static str, object: String) -> Self {
        Self { subject, verb, object, from: None, to: None }
    }

    /// Tells whether `next` holds for all that this one needs, so that "which" can join them.
    fn leads_to(&self, next: &Self) -> bool {
        match (&self.to, &next.from) {
            (Some((to, allowed)), Some((from, versions))) => {
                to == from && *allowed != Set::empty() && allowed.subset_of(versions)
            }
            _ => false,
        }
    }

    fn has_beginning_of(&self, other: &Self) -> bool {
        self.subject == other.subject && self.verb == other.verb
    }
}

/// Tells facts: a chain of needs with "which", several needs of one subject as a list.
pub(super) fn tell(facts: &[Fact]) -> Vec<String> {
    let mut left: Vec<&Fact> = facts.iter().collect();
    let mut texts = Vec::new();
    while !left.is_empty() {
        let is_start = |fact: &&Fact| !left.iter().any(|other| other.leads_to(fact));
        let start = left.iter().position(is_start).unwrap_or_default();
        let mut at = left.remove(start);
        let mut text = format!("{} {} {}", at.subject, at.verb, at.object);
        while let Some(next) = left.iter().position(|fact| at.leads_to(fact)) {
            at = left.remove(next);
            let verb = in_singular(at.verb);
            text = format!("{text}, which {verb} {}", at.object);
        }
        while let Some(like) = left.iter().position(|fact| {
            fact.has_beginning_of(at) && !text.contains(',') && !leads_on(fact, &left)
        }) {
            text = format!("{text} and {}", left.remove(like).object);
        }
        texts.push(text.trim_end().to_owned());
    }
    texts
}

fn leads_on(fact: &Fact, left: &[&Fact]) -> bool {
    left.iter().any(|next| fact.leads_to(next))
}

fn in_singular(verb: &'static str) -> &'static str {
    match verb {
        "depend on" => "depends on",
        "work only with" => "works only with",
        "conflict with" => "conflicts with",
        other => other,
    }
}

/// Joins texts as one does in a sentence.
pub(super) fn join(texts: &[String], word: &str) -> String {
    match texts {
        [] => String::new(),
        [only] => only.clone(),
        [first, second] if !first.contains(", ") => format!("{first} {word} {second}"),
        [most @ .., last] => format!("{}, {word} {last}", most.join(", ")),
    }
}
