//! What other programs make of usual keys is accepted.

use std::path::Path;

use libral::openpgp::{Certificate, Keyring, verify};

use super::gnupg::Gnupg;
use super::{DOCUMENT, judge, now, signed};
use crate::support::{output, present, run};

#[test]
fn gnupg_signs_with_every_usual_algorithm() {
    let Some(gnupg) = Gnupg::new() else { return };
    let curves = ["ed25519", "nistp256", "nistp384", "nistp521"];
    for algorithm in curves.into_iter().chain(["rsa2048", "rsa3072", "rsa4096"]) {
        let key = gnupg.key(algorithm, "never");
        let signature = gnupg.sign(&key, signed(), &[]);
        let signers = judge(&signature, &[gnupg.certificate(&key)]).unwrap();
        assert_eq!(signers.len(), 1, "{algorithm}");
        assert_eq!(signers[0].certificate.as_str(), key);
        assert_eq!(signers[0].claimed, signed());
    }
}

#[test]
fn a_subkey_of_gnupg_signs_for_its_certificate() {
    let Some(gnupg) = Gnupg::new() else { return };
    let key = gnupg.key("ed25519", "never");
    let subkey = gnupg.subkey(&key);
    let signature = gnupg.sign(&format!("{subkey}!"), signed(), &[]);
    let signers = judge(&signature, &[gnupg.certificate(&key)]).unwrap();
    assert_eq!((signers[0].certificate.as_str(), signers[0].key.as_str()), (&*key, &*subkey));
}

#[test]
fn two_people_may_sign_in_one_block_or_in_two() {
    let Some(gnupg) = Gnupg::new() else { return };
    let (ada, ben) = (gnupg.key("ed25519", "never"), gnupg.key("nistp256", "never"));
    let certificates = [gnupg.certificate(&ada), gnupg.certificate(&ben)];
    let one = gnupg.sign(&ada, signed(), &["--local-user", &ben]);
    let two = gnupg.sign(&ada, signed(), &[]) + &gnupg.sign(&ben, signed(), &[]);
    assert_eq!(judge(&one, &certificates).unwrap().len(), 2);
    assert_eq!(judge(&two, &certificates).unwrap().len(), 2);
}

/// Returns the first of `options` that a command of `sq` knows: they were renamed over time.
fn known<'o>(command: [&str; 2], options: &[&'o str]) -> Option<&'o str> {
    let command = command.iter().filter(|word| !word.is_empty());
    let help = run("sq", &command.chain(&["--help"]).collect::<Vec<_>>(), b"").stdout;
    let help = String::from_utf8(help).unwrap();
    options.iter().find(|option| help.contains(*option)).copied()
}

/// Makes a key without a password.
fn sequoia_key(file: &Path, suite: &str) {
    let generate = ["key", "generate"];
    let mut args = vec!["key", "generate", "--userid", "Ada <ada@example.org>"];
    args.extend(["--cipher-suite", suite]);
    args.extend(known(generate, &["--own-key"]));
    args.extend(known(generate, &["--without-password"]));
    let revocation = file.with_extension("rev");
    args.extend(["--rev-cert", revocation.to_str().unwrap()]);
    args.extend(known(generate, &["--export", "--output"]));
    args.push(file.to_str().unwrap());
    output("sq", &args, b"");
}

fn sequoia_sign(file: &Path) -> String {
    let sign = ["sign", ""];
    let mut args = vec!["sign"];
    args.extend(known(sign, &["--signer-key", "--signer-file"]));
    args.push(file.to_str().unwrap());
    args.push(known(sign, &["--detached", "--signature-file"]).unwrap());
    String::from_utf8(output("sq", &args, DOCUMENT)).unwrap()
}

fn sequoia_certificate(file: &Path) -> Vec<u8> {
    let name = file.to_str().unwrap();
    if run("sq", &["key", "extract-cert", "--help"], b"").status.success() {
        output("sq", &["key", "extract-cert", name], b"")
    } else {
        output("sq", &["key", "delete", "--cert-file", name, "--output", "-"], b"")
    }
}

#[test]
fn sequoia_signs_with_every_usual_algorithm() {
    if !present(&["sq"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for suite in ["cv25519", "rsa3k", "rsa4k"] {
        let file = folder.path().join(suite);
        sequoia_key(&file, suite);
        let certificate = Certificate::parse(&sequoia_certificate(&file)).unwrap();
        let signature = sequoia_sign(&file);
        let keyring = Keyring::from_iter([certificate]);
        let signers = verify(DOCUMENT, signature.as_bytes(), &keyring, now()).unwrap();
        assert_eq!(signers.len(), 1, "{suite}");
    }
}
