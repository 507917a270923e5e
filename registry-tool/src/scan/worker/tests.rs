//! Workers that misbehave: shell scripts in the place of the program.

use super::*;

fn script(text: &'static str) -> impl Fn(&[&PackageFile]) -> io::Result<Command> {
    move |_| {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(text);
        Ok(command)
    }
}

/// What is found in two files by a worker like this.
#[track_caller]
fn check(text: &'static str, expected: &[(&str, &str)]) {
    let file = |path: &str| PackageFile { path: path.to_owned(), bytes: b"x = 1\n".to_vec() };
    let files = [file("a.py"), file("b.py")];
    let rules = RuleSet::load(None).unwrap();
    let patience = Duration::from_millis(700);
    let (examined, _) = examine_with(script(text), patience, &files, &rules).unwrap();
    let found: Vec<_> = examined
        .problems
        .iter()
        .map(|problem| (problem.path.as_str(), problem.code.as_str()))
        .collect();
    assert_eq!(found, expected);
}

/// A worker that dies on `a.py`, and is content with a package without it.
macro_rules! dies {
    ($how:literal) => {
        concat!(
            "package=$(tr -d '\\0'); case \"$package\" in *a.py*) ;; *) ",
            r#"echo '{"done": [{"references": [], "problems": [], "analysed": {}}, "x"]}'; "#,
            "exit;; esac; echo '{\"begin\": \"a.py\"}'; ",
            $how
        )
    };
}

#[test]
fn a_file_that_kills_the_worker_is_named_and_the_others_are_examined() {
    check(dies!("kill -SEGV $$"), &[("a.py", "scan/crash")]);
    check(dies!("kill -ABRT $$"), &[("a.py", "scan/crash")]);
    check(dies!("exit 0"), &[("a.py", "scan/crash")]);
    check(dies!("exit 1"), &[("a.py", "scan/crash")]);
}

#[test]
fn a_file_that_takes_too_long_is_named() {
    check(dies!("exec sleep 60"), &[("a.py", "scan/time-out")]);
    #[cfg(target_os = "linux")]
    check(dies!("kill -XCPU $$"), &[("a.py", "scan/time-out")]);
}

#[test]
fn an_answer_that_makes_no_sense_is_none() {
    check(dies!("echo clean"), &[("a.py", "scan/crash")]);
    check(dies!("echo '{\"done\": []}'"), &[("a.py", "scan/crash")]);
    check(dies!("printf '\\377\\n'"), &[("a.py", "scan/crash")]);
    check(dies!("exec >&-; exec sleep 60"), &[("a.py", "scan/crash")]);
}

#[test]
fn an_answer_without_end_is_none() {
    check(dies!("exec tr '\\0' x </dev/zero"), &[("a.py", "scan/crash")]);
}

#[test]
fn a_worker_that_never_works_leaves_nothing_clean() {
    let all = [("", "scan/crash"), ("a.py", "scan/crash"), ("b.py", "scan/crash")];
    check("kill -SEGV $$", &all);
    check("exit 0", &all);
    check("echo; cat >/dev/null", &all);
}
