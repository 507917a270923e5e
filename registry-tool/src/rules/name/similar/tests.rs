//! Pairs of names that are taken for each other, and pairs that are not.

use super::{How, Slip, confusable, keys};

/// Says in both directions what two names are to each other, and that their keys agree.
#[track_caller]
fn check(a: &str, b: &str, expected: Option<How>) {
    assert_eq!(confusable(a, b), expected, "{a} {b}");
    assert_eq!(confusable(b, a), expected, "{b} {a}");
    if expected.is_some() {
        assert!(!keys(a).is_disjoint(&keys(b)), "{a} and {b} share no key");
    }
}

#[test]
fn what_eyes_overlook_is_seen() {
    check("amber", "amber", Some(How::Same));
    check("cross-env", "crossenv", Some(How::Hyphens));
    check("set-uptools", "setup-tools", Some(How::Hyphens));
    for (a, b) in [("modern", "modem"), ("lint", "l1nt"), ("vvord", "word"), ("go-od", "g0od")] {
        check(a, b, Some(How::Glyphs));
    }
    check("jellyfish", "jeilyfish", Some(How::Glyphs));
    check("clipboard", "dipboard", Some(How::Glyphs));
    check("cfg-if", "if-cfg", Some(How::Order));
}

#[test]
fn what_fingers_do_is_seen() {
    for (squat, real, slip) in [
        ("ffmepg", "ffmpeg", Slip::Swapped),
        ("mongose", "mongoose", Slip::Doubled),
        ("shadowsock", "shadowsocks", Slip::Plural),
        ("colourama", "colorama", Slip::Missing),
        ("serd", "serde", Slip::Last),
        ("diango", "django", Slip::NearKey),
        ("djanga", "django", Slip::Vowel),
        ("requesta", "requests", Slip::NearKey),
        ("gequests", "requests", Slip::Other),
        ("xelectron", "electron", Slip::First),
        ("proc-macro1", "proc-macro2", Slip::Digit),
    ] {
        check(squat, real, Some(How::Slip(slip)));
    }
    check("bookkeeping", "bokeping", Some(How::Doubled));
}

#[test]
fn words_and_digits_that_say_little_are_seen_through() {
    for (squat, real) in [
        ("python3-dateutil", "python-dateutil"),
        ("nodecaffe", "caffe"),
        ("node-opensl", "openssl"),
        ("nodemailer-js", "nodemailer"),
        ("d3-js", "d3"),
        ("official-amber", "amber"),
        ("amber-v2", "amber"),
        ("requests2", "requests"),
        ("pyamber", "amber"),
    ] {
        check(squat, real, Some(How::Affix));
    }
}

#[test]
fn names_that_mean_something_else_are_left_alone() {
    for (a, b) in [
        // Real ones, which a flat distance takes for each other.
        ("pexec", "iexec"),
        ("trace", "track"),
        ("klock", "lock"),
        ("gperf", "iperf"),
        ("circe", "circl"),
        ("psimd", "xsimd"),
        ("openssh", "openssl"),
        ("rules-go", "rules-d"),
        ("rules-s3", "rules-rs"),
        ("rules-go", "rules-rust"),
        ("rules-proto", "rules-c-proto"),
        ("gazelle", "gazelle-d"),
        ("boost-mpl", "boost-mp11"),
        ("googleapis-go", "googleapis-python"),
        // Short ones.
        ("ns", "nsx"),
        ("jq", "yq"),
        ("s3", "s4"),
        ("py", "python"),
    ] {
        check(a, b, None);
    }
}

/// Makes names from a row of numbers, with many that are like each other.
struct Maker(u64);

impl Maker {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_041);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn name(&mut self) -> String {
        let parts = ["node", "py", "js", "cli", "rn", "m", "l", "i", "1", "0", "oo", "s", "amber"];
        let mut name = self.pick(&["amber", "lib", "rules", "c", "go", "vvord"]).to_owned();
        for _ in 0..self.below(4) {
            name += self.pick(&["-", "", ""]);
            name += self.pick(&parts);
        }
        name
    }

    /// Changes a letter or two.
    fn spoil(&mut self, name: &str) -> String {
        let mut letters: Vec<char> = name.chars().collect();
        for _ in 0..=self.below(2) {
            let at = self.below(letters.len());
            let last = letters.len() - 1;
            match self.below(4) {
                0 if last > 1 => drop(letters.remove(at)),
                1 => letters.insert(at, letters[at]),
                2 => letters.swap(at, last.min(at + 1)),
                _ => letters[at] = self.pick(&["a", "s", "3", "-", "l"]).chars().next().unwrap(),
            }
        }
        letters.into_iter().collect()
    }
}

#[test]
fn names_that_are_taken_for_each_other_share_one_of_a_few_keys() {
    let mut maker = Maker(7);
    let mut found = 0;
    for _ in 0..40_000 {
        let a = maker.name();
        let b = if maker.below(2) == 0 { maker.name() } else { maker.spoil(&a) };
        let how = confusable(&a, &b);
        check(&a, &b, how);
        found += usize::from(how.is_some());
    }
    assert!(found > 5_000, "only {found} pairs were alike");
    let longest = "ab-".repeat(21) + "b";
    assert!(keys(&longest).len() < 100, "{}", keys(&longest).len());
}
