//! What can be given to the scanner besides ordinary packages, and being stopped in the middle.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::run;
use crate::world::{program, write};

fn scan(path: &Path) -> Output {
    run(program("registry-tool").to_str().unwrap(), &["scan", path.to_str().unwrap()], b"")
}

/// Scans; the exit code and everything that is said.
fn said(path: &Path) -> (i32, String) {
    let output = scan(path);
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text)
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn links_and_pipes_among_the_files_are_named_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("package");
    write(&inside.join("a.py"), b"x = 1\n");
    write(&folder.path().join("secret.py"), b"import os\nos.system('x')\n");
    symlink("../secret.py", inside.join("link.py")).unwrap();
    symlink("../package", inside.join("round")).unwrap();
    symlink("nowhere", inside.join("dangling")).unwrap();
    pipe(&inside.join("pipe.py"));
    let (code, text) = said(&inside);
    assert_eq!(code, 5, "{text}");
    for name in ["link.py", "round", "dangling", "pipe.py"] {
        assert!(text.contains(name), "{name}: {text}");
    }
    assert!(text.contains("review[scan/no-file]"), "{text}");
    assert!(!text.contains("os.system"), "{text}");
}

#[test]
fn devices_and_pipes_are_no_packages() {
    let folder = tempfile::tempdir().unwrap();
    pipe(&folder.path().join("pipe"));
    for path in [folder.path().join("pipe"), "/dev/null".into(), "/dev/zero".into()] {
        let (code, text) = said(&path);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("is no file, folder or archive"), "{text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("locked.py");
    write(&file, b"x = 1\n");
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0);
    fs::set_permissions(&file, permissions).unwrap();
    if fs::File::open(&file).is_ok() {
        // Nothing is locked for the administrator.
        return;
    }
    let (code, text) = said(folder.path());
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("locked.py"), "{text}");
}

#[test]
fn only_the_history_of_the_package_itself_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join(".git/hooks/a.py"), b"import os\nos.system('x')\n");
    write(&folder.path().join("a.py"), b"x = 1\n");
    assert_eq!(said(folder.path()).0, 0);
    write(&folder.path().join("b/.git/c.py"), b"import os\nos.system('x')\n");
    let (code, text) = said(folder.path());
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("b/.git/c.py"), "{text}");
}

#[test]
fn an_archive_that_is_none_of_a_plugin_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let compressed = |content: &[u8]| {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    let bomb = compressed(&vec![0; 300 << 20]);
    let cut_off = &bomb[..bomb.len() / 2];
    let nothing = compressed(b"");
    for bytes in [&bomb, cut_off, &nothing, &bomb[..3]] {
        let file = folder.path().join("a.tar.gz");
        write(&file, bytes);
        let (code, text) = said(&file);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("is not an archive of the profile plugin-tar/1"), "{text}");
    }
}

/// The workers that a process started.
#[cfg(target_os = "linux")]
fn children(parent: u32) -> Vec<String> {
    let list = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
    list.split_ascii_whitespace().map(str::to_owned).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn who_ends_the_program_ends_its_worker() {
    let folder = tempfile::tempdir().unwrap();
    let lines = (0..4_000).map(|n| format!("if a: x = f{n}(x, x)\ny{n} = x.b{n}(x)\n"));
    write(&folder.path().join("slow.py"), lines.collect::<String>().as_bytes());
    for signal in ["INT", "TERM", "KILL"] {
        let mut parent = Command::new(program("registry-tool"))
            .arg("scan")
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let until = Instant::now() + Duration::from_secs(30);
        let mut workers = Vec::new();
        while workers.is_empty() && Instant::now() < until {
            workers = children(parent.id());
        }
        let id = parent.id().to_string();
        // Of a Ctrl-C in a terminal the worker hears as well; here the program alone does.
        let sent = Command::new("kill").args(["-s", signal, &id]).status().unwrap();
        assert!(sent.success());
        assert!(!parent.wait().unwrap().success());
        let worker = workers.first().expect("the program starts a worker");
        let place = format!("/proc/{worker}/stat");
        let lives = || fs::read_to_string(&place).is_ok_and(|stat| !stat.contains(") Z "));
        while lives() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!lives(), "the worker lived on after {signal}");
    }
}
