//! A change is stopped at every step there is, in four ways.

use std::process::Command;

use super::*;

/// Every step, in the order of the enumeration.
const STEPS: &[Step] = &[
    Step::JournalAside,
    Step::JournalOpen,
    Step::GenerationAside,
    Step::GenerationWritten,
    Step::LinkAside,
    Step::LinkChanged,
    Step::LinksDone,
    Step::CurrentAside,
    Step::Committed,
    Step::Audited,
    Step::Tidied,
];

/// Fails at the `fatal`-th step it hears of, counted from 0, and writes down all of them.
fn failing(fatal: usize, trace: &mut Vec<Step>) -> impl FnMut(Step) -> io::Result<()> {
    move |step| {
        trace.push(step);
        if trace.len() > fatal { Err(io::Error::other("the power went")) } else { Ok(()) }
    }
}

/// A world, and a change to it on which crashes are tried.
struct Scenario {
    make: fn() -> World,
    change: fn(&World) -> Change,
}

const SCENARIOS: [Scenario; 2] = [
    Scenario { make: World::new, change: World::first },
    Scenario { make: World::installed, change: World::second },
];

impl Scenario {
    /// Returns the steps, and the state before and after them.
    fn uninterrupted(&self) -> (Vec<Step>, Vec<String>, Vec<String>) {
        let world = (self.make)();
        let before = world.snapshot();
        let change = (self.change)(&world);
        let mut trace = Vec::new();
        commit_with(&world.claim(), change, &mut failing(usize::MAX, &mut trace)).unwrap();
        (trace, before, world.snapshot())
    }

    /// Makes a world in which the change was killed at its `fatal`-th step: no clean-up of any
    /// kind has run behind it.
    fn crashed(&self, fatal: usize) -> World {
        let world = (self.make)();
        let lock = world.claim();
        let next = plan(&lock, (self.change)(&world)).unwrap();
        apply(&lock, &next, &mut failing(fatal, &mut Vec::new())).unwrap_err();
        drop(lock);
        world
    }
}

#[test]
fn a_change_reaches_every_step_in_order() {
    let [_, scenario] = SCENARIOS;
    let (trace, ..) = scenario.uninterrupted();
    let distinct: BTreeSet<Step> = trace.iter().copied().collect();
    assert_eq!(distinct.into_iter().collect::<Vec<_>>(), STEPS);
    let outside_of_links = |step: &&Step| !matches!(step, Step::LinkAside | Step::LinkChanged);
    assert!(trace.iter().filter(outside_of_links).is_sorted());
    assert_eq!(trace.iter().filter(|step| **step == Step::LinkChanged).count(), 3);
}

#[test]
fn after_a_crash_at_any_step_the_state_is_the_old_or_the_new_one() {
    for scenario in SCENARIOS {
        let (steps, before, after) = scenario.uninterrupted();
        for (fatal, step) in steps.iter().enumerate() {
            let world = scenario.crashed(fatal);
            let committed = *step >= Step::Committed;
            let found = recover(&world.claim()).unwrap();
            let (expected, state) = if *step == Step::Tidied {
                (Recovery::Clean, &after)
            } else if committed {
                (Recovery::Finished, &after)
            } else {
                (Recovery::Undone, &before)
            };
            assert_eq!(found, expected, "{step:?}");
            assert_eq!(world.snapshot(), *state, "{step:?}");
            assert_eq!(recover(&world.claim()).unwrap(), Recovery::Clean);
            commit(&world.claim(), world.first()).unwrap();
        }
    }
}

#[test]
fn a_failure_at_any_step_undoes_the_change_or_completes_it() {
    for scenario in SCENARIOS {
        let (steps, before, after) = scenario.uninterrupted();
        for (fatal, step) in steps.iter().enumerate() {
            let world = (scenario.make)();
            let change = (scenario.change)(&world);
            let outcome = commit_with(&world.claim(), change, &mut failing(fatal, &mut Vec::new()));
            let committed = *step >= Step::Committed;
            assert_eq!(outcome.is_ok(), committed, "{step:?}");
            assert_eq!(world.snapshot(), if committed { after.clone() } else { before.clone() });
            commit(&world.claim(), world.first()).unwrap();
        }
    }
}

#[test]
fn a_recovery_that_crashes_is_begun_again() {
    let [_, scenario] = SCENARIOS;
    let (steps, before, after) = scenario.uninterrupted();
    for (fatal, step) in steps.iter().enumerate() {
        for second in 0.. {
            let world = scenario.crashed(fatal);
            let lock = world.claim();
            let survived = recover_with(&lock, &mut failing(second, &mut Vec::new())).is_ok();
            recover(&lock).unwrap();
            assert_eq!(world.snapshot(), *if *step >= Step::Committed { &after } else { &before });
            if survived {
                break;
            }
        }
    }
}

const CHILD: &str = "LIBRAL_TEST_KILLED_CHILD";

/// The process that [`a_killed_process_gives_the_lock_back_and_leaves_a_whole_state`] kills.
#[test]
#[expect(clippy::disallowed_methods, reason = "a process can be told only from outside")]
fn child_that_is_killed() {
    let Ok(order) = std::env::var(CHILD) else { return };
    let (fatal, path) = order.split_once(' ').unwrap();
    let home = Home::within(Path::new(path)).unwrap();
    let lock = home.claim(SOON).unwrap();
    let plugins = BTreeMap::from([(id("lab/amber"), installed("1.1.0", 3))]);
    let created = Timestamp::parse("2026-11-23T14:07:00Z").unwrap();
    let change = Change { base: Some(1), created, reason: Vec::new(), plugins };
    let mut left: usize = fatal.parse().unwrap();
    commit_with(&lock, change, &mut |_| {
        if left == 0 {
            std::process::abort();
        }
        left -= 1;
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_killed_process_gives_the_lock_back_and_leaves_a_whole_state() {
    for fatal in 0.. {
        let world = World::installed();
        let before = world.snapshot();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "transaction::tests::crashes::child_that_is_killed"])
            .env(CHILD, format!("{fatal} {}", world.home.data().display()))
            .output()
            .unwrap();
        let found = recover(&world.claim()).unwrap();
        let current = Generations::open(&world.home).unwrap().current().unwrap().unwrap();
        match found {
            Recovery::Undone => assert_eq!(world.snapshot(), before),
            Recovery::Clean | Recovery::Finished => {
                assert_eq!((current.n, world.load("lab/amber")), (2, Some(3)));
            }
        }
        if child.status.success() {
            assert!(fatal > 8, "{}", String::from_utf8_lossy(&child.stderr));
            return;
        }
    }
}

#[test]
fn what_somebody_put_in_the_way_later_does_not_block_recovery() {
    let [_, scenario] = SCENARIOS;
    let world = scenario.crashed(3);
    let lock = world.claim();
    let amber = world.home.plugin(&id("lab/amber"));
    fs::remove_file(&amber).unwrap();
    fs::create_dir(&amber).unwrap();
    assert_eq!(recover(&lock).unwrap(), Recovery::Undone);
    assert!(amber.is_dir());
}
