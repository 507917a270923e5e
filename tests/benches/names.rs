//! What the rules about names find: `cargo bench -p e2e --bench names -- FOLDER`.
//!
//! FOLDER has real catalogues, as `corpus --data` reads them. Each of their names comes in after all
//! before it, and is counted under every reason why a maintainer would have to look at it. Two names
//! of one owner are not taken for each other, as in a registry; the last column tells how many it
//! would be if all were by strangers. For comparison, the same is told of a flat number of edits.
//!
//! Then names that were published to be taken for others: how many of them are found, and which are
//! not. Without a FOLDER, that is all. At last, the time that it takes to look up names.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on says so by panicking")]
#![expect(clippy::print_stdout, reason = "the result")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use e2e::corpus::{RealName, real_names};
use index_schema::id::PluginId;
use registry_tool::rules::name::Names;
use registry_tool::rules::name::similar::confusable;

/// Names and what they were meant to be taken for.
const SQUATS: &str = include_str!("../data/typosquats.txt");

/// As many names as a large registry has.
const MANY: u32 = 100_000;

fn main() {
    match std::env::args().skip(1).find(|word| word != "--bench") {
        Some(folder) => {
            let [krew, bazel] = real_names(Path::new(&folder)).unwrap();
            println!("| names | why | by strangers | by anybody |\n|---|---|---:|---:|");
            reviews("krew", &krew);
            reviews("bazel", &bazel);
        }
        None => println!("no FOLDER: nothing is said about real names"),
    }
    squats();
    speed();
}

fn reviews(title: &str, names: &[RealName]) {
    let how = |a: &str, b: &str| confusable(a, b).map(|how| format!("{how:?}"));
    let mut rows = count(names, how);
    for most in [1, 2] {
        let flat = |a: &str, b: &str| (strsim::damerau_levenshtein(a, b) <= most).then(String::new);
        let any = count(names, flat).remove("any").unwrap();
        rows.insert(format!("(at most {most} edits)"), any);
    }
    let total = u32::try_from(names.len()).unwrap();
    let share =
        |count: u32| format!("{count} ({:.1} %)", 100.0 * f64::from(count) / f64::from(total));
    for (why, [strangers, anybody]) in rows {
        println!("| {title}, {total} | {why} | {} | {} |", share(strangers), share(anybody));
    }
}

/// Counts the names that are like one before them, for each reason and for `any`.
fn count(
    names: &[RealName],
    how: impl Fn(&str, &str) -> Option<String>,
) -> BTreeMap<String, [u32; 2]> {
    let mut rows = BTreeMap::from([("any".to_owned(), [0, 0])]);
    for (index, new) in names.iter().enumerate() {
        let [mut strangers, mut anybody] = [BTreeSet::new(), BTreeSet::new()];
        for old in names.iter().take(index).filter(|old| old.name != new.name) {
            if let Some(why) = how(&new.name, &old.name) {
                if old.owner != new.owner {
                    strangers.extend(["any".to_owned(), why.clone()]);
                }
                anybody.extend(["any".to_owned(), why]);
            }
        }
        for why in anybody {
            let row: &mut [u32; 2] = rows.entry(why.clone()).or_default();
            let [among_strangers, among_all] = row;
            *among_strangers += u32::from(strangers.contains(&why));
            *among_all += 1;
        }
    }
    rows
}

fn squats() {
    let lines = SQUATS.lines().filter(|line| !line.starts_with('#'));
    let pairs: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(' ')).collect();
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    let mut missed = Vec::new();
    for (squat, real) in &pairs {
        match confusable(squat, real) {
            Some(how) => *found.entry(format!("{how:?}")).or_default() += 1,
            None => missed.push(format!("{squat} ({real})")),
        }
    }
    println!("\n{} of {} squats are found: {found:?}", pairs.len() - missed.len(), pairs.len());
    println!("not found: {}", missed.join(", "));
}

fn speed() {
    let id = |number: u32| {
        let letter = |place: u32| char::from_u32(97 + number / 26_u32.pow(place) % 26).unwrap();
        let word: String = (0..4).map(letter).collect();
        PluginId::parse(&format!("lab/{word}-tool{number}")).unwrap()
    };
    let names: Names = (0..MANY).map(id).collect();
    let start = Instant::now();
    let like = names.like(&id(0)).len();
    let first = start.elapsed();
    let start = Instant::now();
    let more: usize = (1..101).map(|number| names.like(&id(number)).len()).sum();
    println!("\namong {MANY} names: {first:?} for the first, which is like {like} others,");
    println!("and {:?} for each after it ({more} for a hundred)", start.elapsed() / 100);
}
