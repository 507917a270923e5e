//! What is made here is read by the client.

use libral::openpgp::{Certificate, Keyring, verify};
use sequoia_openpgp::types::SignatureType as Kind;

use super::*;

fn now() -> Timestamp {
    Timestamp::parse("2026-06-15T12:00:00Z").unwrap()
}

fn certificate(key: &SecretKey) -> Certificate {
    Certificate::parse(key.armored_certificate().unwrap().as_bytes()).unwrap()
}

#[test]
fn a_new_key_signs_what_the_client_accepts_until_it_expires_or_is_revoked() {
    let key = generate("Ada <ada@example.org>", now()).unwrap();
    let secret = key.armored_secret_key().unwrap();
    let keyring = Keyring::from_iter([certificate(&key)]);
    let sign = |at| sign_detached(b"{}\n", secret.as_bytes(), at).unwrap();
    for at in [now(), now().plus(LIFETIME - 1)] {
        let signers = verify(b"{}\n", sign(at).as_bytes(), &keyring, at).unwrap();
        assert_eq!((&signers[0].key, signers[0].claimed), (key.fingerprint(), at));
    }
    let late = sign_detached(b"{}\n", secret.as_bytes(), now().plus(LIFETIME)).unwrap_err();
    assert!(matches!(late, SigningError::NoSigningKey { .. }), "{late}");
    let revoked = key.armored_revoked_certificate().unwrap();
    let keyring = Keyring::from_iter([Certificate::parse(revoked.as_bytes()).unwrap()]);
    let errors = verify(b"{}\n", sign(now()).as_bytes(), &keyring, now()).unwrap_err();
    assert_eq!(errors[0].code(), "signature/key-revoked");
}

#[test]
fn the_certificate_holds_the_name_and_no_secret() {
    let key = generate("Ada <ada@example.org>", now()).unwrap();
    assert_eq!(certificate(&key).user_ids(), ["Ada <ada@example.org>"]);
    assert_eq!(certificate(&key).fingerprint(), key.fingerprint());
    assert_eq!(key.fingerprint().as_str().len(), 40);
    let secret = key.armored_secret_key().unwrap();
    let error = Certificate::parse(secret.as_bytes()).unwrap_err();
    assert_eq!(error.code(), "certificate/secret-key");
}

#[test]
fn names_that_deceive_are_refused() {
    for name in ["", " Ada", "Ada\nBen", "\u{202e}adA", &"a".repeat(MAX_USER_ID + 1)] {
        let error = generate(name, now()).err().unwrap();
        assert!(matches!(error, SigningError::UserId(_)), "{name}");
    }
}

#[test]
fn certificates_locked_keys_and_noise_do_not_sign_and_say_why() {
    let key = generate("Ada", now()).unwrap();
    let public = key.armored_certificate().unwrap();
    let locked = CertBuilder::new()
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .set_creation_time(system_time(now()))
        .set_password(Some("secret".into()))
        .generate()
        .unwrap()
        .0;
    let locked = locked.as_tsk().to_vec().unwrap();
    let error = |bytes: &[u8]| sign_detached(b"", bytes, now()).unwrap_err();
    assert!(matches!(error(public.as_bytes()), SigningError::NoSecret(_)));
    assert!(matches!(error(&locked), SigningError::Locked(_)));
    assert!(error(&locked).hint().unwrap().contains("--gpg"));
    assert!(matches!(error(b"noise"), SigningError::NotAKey(_)));
    assert!(matches!(error(&[0; limits::CERTIFICATE + 1]), SigningError::TooLarge(_)));
}

#[test]
fn signatures_are_binary_and_stand_on_sha512() {
    let key = generate("Ada", now()).unwrap();
    let secret = key.armored_secret_key().unwrap();
    let text = sign_detached(b"{}\n", secret.as_bytes(), now()).unwrap();
    let packet = Packet::from_bytes(text.as_bytes()).unwrap();
    let Packet::Signature(signature) = packet else { panic!("{packet:?}") };
    assert_eq!((signature.typ(), signature.hash_algo()), (Kind::Binary, HashAlgorithm::SHA512));
}

#[test]
fn a_missing_program_is_named() {
    let gpg = Gpg { program: "no-such-gpg".into(), home: None };
    let error = gpg.sign(b"", "ada@example.org").unwrap_err();
    assert_eq!(error.to_string(), "cannot start `no-such-gpg`: is GnuPG installed?");
}
