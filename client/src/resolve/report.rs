//! The proof that nothing fits, made readable.
//!
//! `pubgrub` leaves a tree in which every inner node follows from two others. Here it becomes a
//! list of steps, each told once and after what it rests on:
//!
//! - steps about how to break a cycle are folded into the one that uses them: the cycle is a fact
//! - a step that only prepares the next one is folded into it, as long as it stays readable
//! - a step says where it rests on another one than the line above
//! - of a long proof the beginning and the end are shown
//!
//! The tree can be as deep as a plugin has versions, so nothing here recurses.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use pubgrub::{DerivationTree, Derived, External};

use super::provider::{Package, Plugins, Stop};
use super::set::Set;
use super::wording::{Fact, Wording, join, tell};
use super::{NoSolution, Universe, hints};

type Tree = DerivationTree<Package, Set, Infallible>;
type Inner = Derived<Package, Set, Infallible>;
pub(super) type Leaf = External<Package, Set, Infallible>;

/// How many lines of a proof are shown: this many of its beginning …
const HEAD: usize = 8;
/// … and of its end.
const TAIL: usize = 5;

/// Tells why there is no solution.
pub(super) fn explain<U: Universe>(
    plugins: &Plugins<'_, U>,
    tree: Tree,
) -> Result<NoSolution, Stop<U::Error>> {
    let wording = Wording::new(plugins);
    let proof = flatten(&tree, &wording)?;
    let explanation = shorten(&sentences(&proof.steps)).join("\n");
    let hints = hints::collect(plugins, &proof.leaves)?;
    drop(proof);
    dismantle(tree);
    Ok(NoSolution { explanation, hints })
}

/// A tree as a list.
#[derive(Debug, Default)]
struct Proof<'t> {
    steps: Vec<Step>,
    leaves: Vec<&'t Leaf>,
}

/// A conclusion and what it rests on.
#[derive(Debug)]
struct Step {
    facts: Vec<Fact>,
    rests_on: Vec<usize>,
    conclusion: String,
    /// Whether other steps rest on it too.
    is_shared: bool,
    telling: Telling,
}

/// How a step is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Telling {
    /// In a line of its own.
    Line,
    /// Not by itself: its conclusion is about how to break a cycle.
    Technical,
    /// As a part of another step.
    Folded,
}

/// Puts the tree in an order in which everything comes after what it rests on.
fn flatten<'t, U: Universe>(
    tree: &'t Tree,
    wording: &Wording<'_, '_, U>,
) -> Result<Proof<'t>, Stop<U::Error>> {
    let mut proof = Proof::default();
    let mut numbers: BTreeMap<*const Tree, usize> = BTreeMap::new();
    let mut visits = vec![(tree, false)];
    while let Some((at, is_ready)) = visits.pop() {
        match at {
            DerivationTree::External(leaf) => proof.leaves.push(leaf),
            DerivationTree::Derived(_) if numbers.contains_key(&std::ptr::from_ref(at)) => {}
            DerivationTree::Derived(inner) if is_ready => {
                let step = step(inner, &numbers, wording)?;
                let step = fold(step, &mut proof.steps);
                numbers.insert(std::ptr::from_ref(at), proof.steps.len());
                proof.steps.push(step);
            }
            DerivationTree::Derived(inner) => {
                visits.push((at, true));
                visits.extend([(&*inner.cause2, false), (&*inner.cause1, false)]);
            }
        }
    }
    if let (true, Some(leaf)) = (proof.steps.is_empty(), proof.leaves.first()) {
        let conclusion = tell(&wording.fact(leaf)?.into_iter().collect::<Vec<_>>()).join("");
        proof.steps.push(Step::new(conclusion));
    }
    Ok(proof)
}

impl Step {
    const fn new(conclusion: String) -> Self {
        let telling = Telling::Line;
        Self { facts: Vec::new(), rests_on: Vec::new(), conclusion, is_shared: false, telling }
    }
}

fn step<U: Universe>(
    inner: &Inner,
    numbers: &BTreeMap<*const Tree, usize>,
    wording: &Wording<'_, '_, U>,
) -> Result<Step, Stop<U::Error>> {
    let mut step = Step::new(wording.conclusion(&inner.terms)?);
    step.is_shared = inner.shared_id.is_some();
    if inner.terms.keys().any(|package| matches!(package, Package::Cycle(_))) {
        step.telling = Telling::Technical;
    }
    for cause in [&inner.cause1, &inner.cause2] {
        match &**cause {
            DerivationTree::External(leaf) => add(&mut step.facts, wording.fact(leaf)?),
            DerivationTree::Derived(_) => {
                step.rests_on.extend(numbers.get(&Arc::as_ptr(cause)).copied());
            }
        }
    }
    Ok(step)
}

/// Adds facts, unless they were said.
fn add(facts: &mut Vec<Fact>, more: impl IntoIterator<Item = Fact>) {
    for fact in more {
        if !facts.contains(&fact) {
            facts.push(fact);
        }
    }
}

/// Takes into `step` the steps that need no line of their own.
fn fold(mut step: Step, steps: &mut [Step]) -> Step {
    let is_single = step.rests_on.len() == 1 && step.facts.len() == 1;
    let mut rests_on = Vec::new();
    for number in std::mem::take(&mut step.rests_on) {
        let Some(other) = steps.get_mut(number) else { continue };
        let prepares = is_single && !other.is_shared && other.facts.len() == 1;
        if other.telling == Telling::Technical || (prepares && other.rests_on.len() == 1) {
            other.telling = Telling::Folded;
            let own = std::mem::replace(&mut step.facts, other.facts.clone());
            add(&mut step.facts, own);
            rests_on.extend(other.rests_on.iter().copied());
        } else {
            rests_on.push(number);
        }
    }
    rests_on.dedup();
    step.rests_on = rests_on;
    step
}

/// Tells each step in one line; a line that a later one needs gets a number.
fn sentences(steps: &[Step]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let told = || steps.iter().enumerate().filter(|(_, step)| step.telling == Telling::Line);
    let labels = labels(told());
    let mut above = None;
    for (number, step) in told() {
        let follows = above.is_some_and(|above| step.rests_on.contains(&above));
        let mut reasons = tell(&step.facts);
        for other in step.rests_on.iter().filter(|other| Some(**other) != above) {
            let conclusion = steps.get(*other).map(|s| s.conclusion.as_str()).unwrap_or_default();
            let label = labels.get(other).copied().unwrap_or_default();
            reasons.push(format!("{conclusion} ({label})"));
        }
        let line = sentence(follows, &reasons, &step.conclusion);
        lines.push(match labels.get(&number) {
            Some(label) => format!("{line} ({label})"),
            None => line,
        });
        above = Some(number);
    }
    lines
}

/// Numbers the steps that another one rests on than the one right below.
fn labels<'s>(told: impl Iterator<Item = (usize, &'s Step)>) -> BTreeMap<usize, usize> {
    let (mut labels, mut above) = (BTreeMap::new(), None);
    for (number, step) in told {
        let far = step.rests_on.iter().filter(|other| Some(**other) != above);
        labels.extend(far.map(|other| (*other, 0)));
        above = Some(number);
    }
    for (label, slot) in (1..).zip(labels.values_mut()) {
        *slot = label;
    }
    labels
}

fn sentence(follows: bool, reasons: &[String], conclusion: &str) -> String {
    let reasons = join(reasons, "and");
    match (follows, reasons.is_empty()) {
        (true, false) => format!("and because {reasons}, {conclusion}"),
        (true, true) => format!("so {conclusion}"),
        (false, false) => format!("because {reasons}, {conclusion}"),
        (false, true) => conclusion.to_owned(),
    }
}

/// Leaves out the middle of a proof that would not fit on a screen.
fn shorten(lines: &[String]) -> Vec<String> {
    let left_out = lines.len().saturating_sub(HEAD.saturating_add(TAIL));
    if left_out <= 1 {
        return lines.to_vec();
    }
    let head = lines.iter().take(HEAD).cloned();
    let tail = lines.iter().skip(HEAD.saturating_add(left_out)).cloned();
    head.chain([format!("… {left_out} more steps …")]).chain(tail).collect()
}

/// Drops a tree without a call for each of its levels.
fn dismantle(tree: Tree) {
    let mut left = vec![tree];
    while let Some(at) = left.pop() {
        if let DerivationTree::Derived(inner) = at {
            left.extend([inner.cause1, inner.cause2].into_iter().filter_map(Arc::into_inner));
        }
    }
}
