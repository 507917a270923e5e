//! What other programs make of usual keys is accepted.

use libral::openpgp::{Certificate, Keyring, verify};

use super::gnupg::Gnupg;
use super::{DOCUMENT, judge, now, sequoia, signed};
use crate::support::present;

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

#[test]
fn sequoia_signs_with_every_usual_algorithm() {
    if !present(&["sq"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for suite in ["cv25519", "rsa3k", "rsa4k"] {
        let file = folder.path().join(suite);
        sequoia::key(&file, suite);
        let certificate = Certificate::parse(&sequoia::certificate(&file)).unwrap();
        let signature = sequoia::sign(&file, DOCUMENT);
        let keyring = Keyring::from_iter([certificate]);
        let signers = verify(DOCUMENT, signature.as_bytes(), &keyring, now()).unwrap();
        assert_eq!(signers.len(), 1, "{suite}");
    }
}
