//! What `registry-tool` makes is good in the eyes of other programs, and theirs serves it.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use libral::openpgp::{Keyring, verify};
use registry_tool::signing::{Gpg, GpgError, SigningError, generate, sign_detached};

use super::gnupg::Gnupg;
use super::{DOCUMENT, accepted, judge, made, now, signed};
use crate::support::{output, present, run};

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    File::create(&path).unwrap().write_all(bytes).unwrap();
    path
}

#[test]
fn gnupg_and_sqv_accept_what_sign_detached_makes_and_refuse_it_for_other_bytes() {
    let Some(gnupg) = Gnupg::new() else { return };
    let key = generate("Ada <ada@example.org>", made()).unwrap();
    let secret = key.armored_secret_key().unwrap();
    let certificate = key.armored_certificate().unwrap();
    let signature = sign_detached(DOCUMENT, secret.as_bytes(), signed()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let certificate_file = file(folder.path(), "ada.asc", certificate.as_bytes());
    let signature_file = file(folder.path(), "sig.asc", signature.as_bytes());
    let document = file(folder.path(), "document", DOCUMENT);
    let changed = file(folder.path(), "changed", b"{}\n");
    gnupg.run(accepted(), &["--import", certificate_file.to_str().unwrap()], b"");
    let args = ["--verify", signature_file.to_str().unwrap(), document.to_str().unwrap()];
    gnupg.run(accepted(), &args, b"");
    let args = ["--homedir", gnupg.home(), "--verify"].map(Path::new);
    let args = [&args[..], &[&signature_file, &changed]].concat();
    assert_eq!(run("gpg", &args, b"").status.code(), Some(1));
    if present(&["sqv"]) {
        let args = [Path::new("--keyring"), &certificate_file, &signature_file];
        let good = output("sqv", &[&args[..], &[&document]].concat(), b"");
        let good = String::from_utf8(good).unwrap();
        assert_eq!(good.trim(), key.fingerprint().as_str());
        let bad = run("sqv", &[&args[..], &[&changed]].concat(), b"");
        assert_eq!(bad.status.code(), Some(1));
    }
}

#[test]
fn gnupg_imports_our_secret_key_and_signs_with_it() {
    let Some(gnupg) = Gnupg::new() else { return };
    let key = generate("Ada <ada@example.org>", made()).unwrap();
    let secret = key.armored_secret_key().unwrap();
    gnupg.run(signed(), &["--batch", "--import"], secret.as_bytes());
    let signature = gnupg.sign(key.fingerprint().as_str(), signed(), &[]);
    judge(&signature, &[gnupg.certificate(key.fingerprint().as_str())]).unwrap();
}

#[test]
fn an_exported_key_of_gnupg_signs_without_gnupg_unless_it_is_locked() {
    let Some(gnupg) = Gnupg::new() else { return };
    let open = gnupg.key("ed25519", "never");
    let secret = gnupg.run(signed(), &["--export-secret-keys", &open], b"");
    let signature = sign_detached(DOCUMENT, &secret, signed()).unwrap();
    judge(&signature, &[gnupg.certificate(&open)]).unwrap();
    let (password, name) = (["--passphrase", "secret"], "Eve <eve@example.org>");
    let make = ["--batch", "--quick-gen-key", name, "ed25519", "sign", "never"];
    gnupg.run(made(), &[&password[..], &make].concat(), b"");
    let export = [&password[..], &["--export-secret-keys", name]].concat();
    let locked = gnupg.run(signed(), &export, b"");
    let error = sign_detached(DOCUMENT, &locked, signed()).unwrap_err();
    assert!(matches!(error, SigningError::Locked(_)), "{error}");
    assert_eq!(error.hint(), Some("import it into GnuPG and sign with --gpg KEY"));
}

#[test]
fn signing_through_gnupg_gives_a_good_signature_whatever_its_configuration_says() {
    let Some(gnupg) = Gnupg::new() else { return };
    let key = gnupg.key("ed25519", "never");
    let keyring = Keyring::from_iter([gnupg.certificate(&key)]);
    let home = Path::new(gnupg.home());
    file(home, "gpg.conf", b"textmode\ndigest-algo SHA1\ncomment -----hello-----\nemit-version\n");
    let gpg = Gpg { home: Some(home.to_owned()), ..Gpg::default() };
    let signature = gpg.sign(DOCUMENT, &key).unwrap();
    let signers = verify(DOCUMENT, signature.as_bytes(), &keyring, now()).unwrap();
    assert_eq!(signers[0].certificate.as_str(), key);
}

#[test]
fn signing_with_a_key_that_gnupg_does_not_have_says_what_gnupg_said() {
    let Some(gnupg) = Gnupg::new() else { return };
    let gpg = Gpg { home: Some(gnupg.home().into()), ..Gpg::default() };
    let error = gpg.sign(DOCUMENT, "nobody@example.org").unwrap_err();
    assert!(matches!(error, GpgError::Refused { .. }));
    let message = error.to_string();
    assert!(message.starts_with("gpg did not sign with key `nobody@example.org`:\n"), "{message}");
    assert!(message.contains("No secret key"), "{message}");
}
