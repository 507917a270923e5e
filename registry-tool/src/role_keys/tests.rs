//! Keys come from where they are said to be, act by what they are, and are never shown.

use std::fs;
#[cfg(unix)]
use std::time::Duration;

use libral::tuf::pem;
use tempfile::TempDir;

use super::*;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    (folder, keys)
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn ids(keys: &Keys) -> Vec<KeyId> {
    keys.public().map(Key::id).collect()
}

#[test]
fn a_key_reads_back_and_is_never_overwritten() {
    let (_folder, keys) = folder();
    let path = keys.join("targets.pem");
    let made = RoleKey::create(&path).unwrap();
    assert_eq!(RoleKey::load(&path).unwrap().public(), made.public());
    assert_eq!(read_public(&keys.join("targets.pub")).unwrap(), *made.public());
    let error = RoleKey::create(&path).unwrap_err();
    assert!(matches!(error, RoleKeyError::File { .. }) && error.hint().is_some());
    assert_eq!(RoleKey::load(&path).unwrap().public(), made.public());
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_a_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, keys) = folder();
    let path = keys.join("targets.pem");
    RoleKey::create(&path).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(keys.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    for mode in [0o644, 0o640, 0o604, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        for error in [RoleKey::load(&path).unwrap_err(), Keys::load(&keys).unwrap_err()] {
            assert!(matches!(error, RoleKeyError::Exposed { mode: found, .. } if found == mode));
            assert!(error.hint().unwrap().contains("chmod 600"));
        }
    }
}

#[test]
fn the_example_of_the_rfc_is_read() {
    // RFC 8410, section 10.3: private and public key.
    let text = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        -----END PRIVATE KEY-----\n";
    let keys = Keys::parse(text, "the example").unwrap();
    let public = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
    assert_eq!(keys.public().next().unwrap().public, public);
}

#[test]
fn a_folder_a_file_and_a_variable_hold_the_same_keys() {
    let (_folder, keys) = folder();
    let names = ["a.pem", "b.pem"].map(|name| keys.join(name));
    let made = names.clone().map(|path| RoleKey::create(&path).unwrap().public().id());
    fs::copy(&names[0], keys.join("twin.pem")).unwrap();
    let open = |text: &str, variable: Option<String>| {
        text.parse::<KeySource>().unwrap().open(|_| variable.clone())
    };
    let mut sorted = made.to_vec();
    sorted.sort();
    assert_eq!(ids(&open(keys.to_str().unwrap(), None).unwrap()), sorted);
    assert_eq!(ids(&open(names[1].to_str().unwrap(), None).unwrap()), made[1..]);
    let both = format!("\n{}\n{}", text(&names[0]), text(&names[1]));
    assert_eq!(ids(&open("env:KEYS", Some(both)).unwrap()), sorted);
    assert!(matches!(open("env:KEYS", None), Err(RoleKeyError::Unset(name)) if name == "KEYS"));
    for nothing in ["", "env:", "exec:", "exec: "] {
        assert_eq!(nothing.parse::<KeySource>(), Err(KeySourceError), "{nothing:?}");
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let (_folder, keys) = folder();
    let path = keys.join("a.pem");
    RoleKey::create(&path).unwrap();
    let good = text(&path);
    let other = pem::encode(b"not a key", "PRIVATE KEY");
    let cases =
        ["x".to_owned(), format!("x{good}"), format!("{good}x"), other.clone(), good + &other];
    for text in cases {
        assert!(matches!(Keys::parse(&text, "here"), Err(RoleKeyError::Form(_))), "{text}");
    }
    assert!(matches!(Keys::parse(" \n", "here"), Err(RoleKeyError::Empty(_))));
    let public = keys.join("a.pub");
    for bad in ["", "{}", "{\"keytype\":\"ed25519\"}"] {
        fs::remove_file(&public).unwrap();
        file::write_secret(&public, bad).unwrap();
        assert!(matches!(read_public(&public), Err(RoleKeyError::Public(_))), "{bad}");
    }
}

/// The base64 of a PEM file and the digits of its seed: what must not be seen anywhere.
fn secrets(text: &str) -> [String; 2] {
    let seed = pem::decode(text, "PRIVATE KEY").unwrap().split_off(16);
    let digits = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    [text.lines().nth(1).unwrap().to_owned(), digits]
}

#[test]
fn a_secret_is_shown_neither_by_debug_nor_by_an_error() {
    let (_folder, keys) = folder();
    let path = keys.join("a.pem");
    let key = RoleKey::create(&path).unwrap();
    let text = text(&path);
    let broken = text.replace("-----END", "x-----END");
    let errors = [
        Keys::parse(&broken, "here").unwrap_err(),
        Keys::parse(&format!("{text}{broken}"), "here").unwrap_err(),
        RoleKey::create(&path).unwrap_err(),
    ];
    let loaded = Keys::load(&keys).unwrap();
    let mut shown = vec![format!("{key:?} {key:#?} {loaded:?}")];
    shown.extend(errors.iter().map(|error| format!("{error} {error:?} {:?}", error.hint())));
    for secret in secrets(&text) {
        assert!(shown.iter().all(|shown| !shown.contains(&secret)), "{shown:?}");
    }
}

/// A program of the shell that signs as `body` says.
#[cfg(unix)]
fn program(folder: &Path, body: &str) -> External {
    let path = folder.join("signer");
    drop(fs::remove_file(&path));
    file::write_secret(&path, body).unwrap();
    External::new(&format!("sh {}", path.display()))
}

#[cfg(unix)]
#[test]
fn a_program_signs_with_keys_that_are_never_seen() {
    let (folder, keys) = folder();
    let key = RoleKey::create(&keys.join("a.pem")).unwrap();
    let message = b"what is signed".repeat(100_000);
    let (public, signature) = (text(&keys.join("a.pub")), key.sign_bytes(&message));
    let body = format!(
        "case $1 in public) echo '{}';; sign) cat >/dev/null; [ $2 = {} ] && echo {signature};; esac",
        public.trim(),
        key.public().id()
    );
    let program = program(folder.path(), &body);
    let [found] = program.public().unwrap().try_into().unwrap();
    assert_eq!(found, *key.public());
    assert_eq!(program.sign(&found, &message).unwrap(), signature);
    let keys = Keys::of_program(&format!("sh {}", folder.path().join("signer").display())).unwrap();
    assert_eq!(keys.sign(&message, |_| true).unwrap()[0].sig, signature);
    let error = keys.sign(b"something else", |_| true).unwrap_err();
    assert!(error.to_string().contains("did not print a signature"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_program_that_fails_hangs_or_babbles_is_given_up() {
    let (folder, _) = folder();
    for (body, reason) in [
        ("exit 3", "failed: exit status: 3"),
        ("echo hello", "did not print key objects"),
        ("echo; true", "holds no key"),
        ("yes", "more than"),
        ("exec sleep 60", "did not end"),
        ("exec >&-; exec sleep 60", "did not end"),
    ] {
        let program = program(folder.path(), body).with_patience(Duration::from_millis(300));
        let keys = program.public().and_then(|keys| {
            Keys::of(
                keys.into_iter().map(|key| Holder::There { key, program: program.clone() }),
                "it",
            )
        });
        let error = keys.unwrap_err();
        assert!(error.to_string().contains(reason), "{body}: {error}");
    }
    let absent = Keys::of_program("/nowhere/at-all").unwrap_err();
    assert!(absent.to_string().contains("cannot be used"), "{absent}");
}
