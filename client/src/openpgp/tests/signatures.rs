//! Which signatures are good, and which code each other one has.

use index_schema::limits;
use index_schema::time::Timestamp;
use sequoia_openpgp::cert::{Cert, CipherSuite};
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};

use super::super::{Keyring, OLDEST, SKEW, verify};
use super::made::{
    DOCUMENT, accepted, ada, armored, binary, builder, day, judge, keyring, made, pair, public,
    revoked, revoked_subkey, sign, signature, version6,
};

fn refused(keyring: &Keyring, signatures: &str, code: &'static str) {
    assert_eq!(judge(keyring, signatures), Err(vec![code]));
}

#[test]
fn a_signature_of_either_version_and_any_curve_is_good_and_names_its_signer() {
    let suites = [CipherSuite::Cv25519, CipherSuite::P256, CipherSuite::P384, CipherSuite::P521];
    let certs = suites.map(|suite| made(builder().set_cipher_suite(suite)));
    for cert in certs.iter().chain([&version6()]) {
        let signers = judge(&keyring(&[cert]), &sign(cert, day(-1))).unwrap();
        assert_eq!(signers.len(), 1);
        assert_eq!(signers[0].certificate.as_str(), cert.fingerprint().to_hex());
        assert_eq!(signers[0].key, signers[0].certificate);
        assert_eq!(signers[0].claimed, day(-1));
    }
}

#[test]
fn a_subkey_that_signs_is_named_beside_its_certificate() {
    let cert = made(builder().add_signing_subkey());
    let signature = binary(day(-1)).sign_message(&mut pair(&cert, 1), DOCUMENT).unwrap();
    let signers = judge(&keyring(&[&cert]), &armored(&[signature])).unwrap();
    assert_eq!(&signers[0].certificate, public(&cert).fingerprint());
    assert_eq!(signers[0].key, public(&cert).key_handles()[1]);
}

#[test]
fn two_signatures_by_one_certificate_count_once_and_by_two_twice() {
    let (ada, ben) = (ada(), version6());
    let keyring = keyring(&[&ada, &ben]);
    let twice = [signature(&ada, day(-2)), signature(&ada, day(-1))];
    assert_eq!(judge(&keyring, &armored(&twice)).unwrap().len(), 1);
    let both = sign(&ada, day(-1)) + "\r\n" + &sign(&ben, day(-1));
    assert_eq!(judge(&keyring, &both).unwrap().len(), 2);
}

#[test]
fn one_bad_signature_beside_good_ones_refuses_all_and_every_bad_one_is_reported() {
    let (ada, ben) = (ada(), version6());
    let text = sign(&ada, day(-1)) + &sign(&ben, day(-1)) + &sign(&ada, day(-40));
    let codes = vec!["signature/unknown-key", "signature/backdated"];
    assert_eq!(judge(&keyring(&[&ada]), &text), Err(codes));
}

#[test]
fn a_signature_of_other_bytes_is_refused_for_every_algorithm() {
    for cert in [ada(), version6(), made(builder().set_cipher_suite(CipherSuite::P256))] {
        let text = sign(&cert, day(-1));
        let errors = verify(b"{ }\n", text.as_bytes(), &keyring(&[&cert]), accepted());
        assert_eq!(errors.unwrap_err()[0].code(), "signature/wrong");
    }
}

#[test]
fn a_claim_is_good_up_to_30_days_before_and_5_minutes_after_the_acceptance() {
    let ada = ada();
    let keyring = keyring(&[&ada]);
    let at = |seconds: i64| sign(&ada, accepted().plus(seconds));
    judge(&keyring, &at(-OLDEST)).unwrap();
    judge(&keyring, &at(SKEW)).unwrap();
    refused(&keyring, &at(-OLDEST - 1), "signature/backdated");
    refused(&keyring, &at(SKEW + 1), "signature/future");
}

#[test]
fn a_key_that_expired_before_the_acceptance_is_refused_although_it_claims_an_earlier_time() {
    let ada = ada();
    let text = sign(&ada, day(9));
    let judged = |at| verify(DOCUMENT, text.as_bytes(), &keyring(&[&ada]), at);
    judged(day(10).plus(-1)).unwrap();
    let errors = judged(day(10)).unwrap_err();
    assert_eq!(errors[0].code(), "signature/key-expired");
    let key = ada.fingerprint().to_hex();
    let sentence =
        format!("key {key} expired at 2026-12-03T12:00:00Z, before 2026-12-03T12:00:00Z");
    assert_eq!(errors[0].to_string(), sentence);
}

#[test]
fn a_subkey_expires_on_its_own_and_with_its_certificate() {
    let week = std::time::Duration::from_secs(95 * 86_400);
    let flags = KeyFlags::empty().set_signing();
    let cert = made(builder().add_subkey(flags, week, None));
    let signature = binary(day(-6)).sign_message(&mut pair(&cert, 1), DOCUMENT).unwrap();
    refused(&keyring(&[&cert]), &armored(&[signature]), "signature/key-expired");
    let cert = made(builder().add_signing_subkey());
    let signature = binary(day(9)).sign_message(&mut pair(&cert, 1), DOCUMENT).unwrap();
    let text = armored(&[signature]);
    let errors = verify(DOCUMENT, text.as_bytes(), &keyring(&[&cert]), day(11)).unwrap_err();
    assert_eq!(errors[0].code(), "signature/key-expired");
}

#[test]
fn a_key_that_did_not_exist_yet_is_refused() {
    let cert = made(builder().set_creation_time(super::made::system(day(-1))));
    refused(&keyring(&[&cert]), &sign(&cert, day(-2)), "signature/key-not-valid");
}

#[test]
fn a_soft_revocation_counts_from_its_time_on() {
    let ada = ada();
    let text = sign(&ada, day(-2));
    let retired = |at| keyring(&[&revoked(&ada, ReasonForRevocation::KeyRetired, at)]);
    refused(&retired(day(-3)), &text, "signature/key-revoked");
    refused(&retired(day(-1)), &text, "signature/key-revoked");
    refused(&retired(accepted()), &text, "signature/key-revoked");
    judge(&retired(accepted().plus(1)), &text).unwrap();
}

#[test]
fn a_hard_revocation_counts_at_any_time() {
    let ada = ada();
    let text = sign(&ada, day(-2));
    for reason in [ReasonForRevocation::KeyCompromised, ReasonForRevocation::Unspecified] {
        for at in [day(-3), day(-1), day(5)] {
            refused(&keyring(&[&revoked(&ada, reason, at)]), &text, "signature/key-revoked");
        }
    }
}

#[test]
fn a_revoked_subkey_is_refused_and_its_primary_key_is_not() {
    let cert = made(builder().add_signing_subkey());
    let revoked = revoked_subkey(&cert, ReasonForRevocation::KeySuperseded, day(-1));
    let by_subkey = binary(day(-2)).sign_message(&mut pair(&cert, 1), DOCUMENT).unwrap();
    refused(&keyring(&[&revoked]), &armored(&[by_subkey]), "signature/key-revoked");
    judge(&keyring(&[&revoked]), &sign(&cert, day(-2))).unwrap();
}

#[test]
fn a_self_signature_after_a_revocation_does_not_bring_the_key_back() {
    let ada = ada();
    let revoked = revoked(&ada, ReasonForRevocation::KeyRetired, day(-20));
    let user_id = revoked.userids().next().unwrap().userid().clone();
    let again = binary_of(SignatureType::PositiveCertification, day(-10))
        .set_key_flags(KeyFlags::empty().set_certification().set_signing())
        .unwrap();
    let again = user_id.bind(&mut pair(&ada, 0), &revoked, again).unwrap();
    let revived: Cert = revoked.insert_packets(again).unwrap().0;
    refused(&keyring(&[&revived]), &sign(&ada, day(-2)), "signature/key-revoked");
}

fn binary_of(
    kind: SignatureType,
    at: Timestamp,
) -> sequoia_openpgp::packet::signature::SignatureBuilder {
    binary(at).set_type(kind)
}

#[test]
fn a_key_for_certifying_or_encrypting_only_is_not_for_signing() {
    let certify = KeyFlags::empty().set_certification();
    let cert = made(builder().set_primary_key_flags(certify).add_signing_subkey());
    refused(&keyring(&[&cert]), &sign(&cert, day(-1)), "signature/not-for-signing");
    let encrypt = KeyFlags::empty().set_transport_encryption();
    let cert = made(builder().add_subkey(encrypt, None, CipherSuite::Cv25519));
    let mut stolen = binary(day(-1))
        .set_issuer_fingerprint(cert.keys().subkeys().next().unwrap().key().fingerprint())
        .unwrap();
    stolen = stolen.set_issuer(cert.keys().subkeys().next().unwrap().key().keyid()).unwrap();
    let signature = stolen.sign_message(&mut pair(&cert, 0), DOCUMENT).unwrap();
    refused(&keyring(&[&cert]), &armored(&[signature]), "signature/not-for-signing");
}

#[test]
fn weak_digests_text_signatures_and_unknown_demands_are_refused() {
    let ada = ada();
    let keyring = keyring(&[&ada]);
    let signed = |builder: sequoia_openpgp::packet::signature::SignatureBuilder| {
        armored(&[builder.sign_message(&mut pair(&ada, 0), DOCUMENT).unwrap()])
    };
    for weak in [HashAlgorithm::SHA1, HashAlgorithm::MD5, HashAlgorithm::RipeMD] {
        let text = signed(binary(day(-1)).set_hash_algo(weak));
        refused(&keyring, &text, "signature/weak-hash");
    }
    let text = signed(binary_of(SignatureType::Text, day(-1)));
    refused(&keyring, &text, "signature/wrong-type");
    let demand = binary(day(-1)).set_notation("law@example.org", b"", None, true).unwrap();
    refused(&keyring, &signed(demand), "signature/unsupported");
    let hour = std::time::Duration::from_secs(3_600);
    let brief = binary(day(-1)).set_signature_validity_period(hour).unwrap();
    refused(&keyring, &signed(brief), "signature/expired");
}

#[test]
fn a_strong_digest_of_every_length_is_accepted() {
    let ada = ada();
    for hash in [HashAlgorithm::SHA384, HashAlgorithm::SHA512, HashAlgorithm::SHA3_256] {
        let builder = binary(day(-1)).set_hash_algo(hash);
        let signature = builder.sign_message(&mut pair(&ada, 0), DOCUMENT).unwrap();
        judge(&keyring(&[&ada]), &armored(&[signature])).unwrap();
    }
}

#[test]
fn sixteen_packets_are_read_and_seventeen_are_not() {
    let ada = ada();
    let keyring = keyring(&[&ada]);
    let one = signature(&ada, day(-1));
    let sixteen = vec![one.clone(); limits::SIGNATURE_PACKETS];
    assert_eq!(judge(&keyring, &armored(&sixteen)).unwrap().len(), 1);
    refused(&keyring, &(armored(&sixteen) + &armored(&[one])), "signature/too-many");
    let long = " ".repeat(limits::SIGNATURES + 1);
    refused(&keyring, &long, "signature/too-long");
}

#[test]
fn no_signature_is_missing_and_anything_else_is_garbage() {
    let ada = ada();
    let keyring = keyring(&[&ada]);
    let good = sign(&ada, day(-1));
    refused(&keyring, "", "signature/missing");
    refused(&keyring, " \r\n", "signature/missing");
    let certificate = String::from_utf8(
        sequoia_openpgp::serialize::SerializeInto::to_vec(&ada.armored()).unwrap(),
    )
    .unwrap();
    for text in [
        format!("x\n{good}"),
        format!("{good}x\n"),
        format!("{good}\nand then\n{good}"),
        good.replace("-----END PGP SIGNATURE-----", ""),
        good.replace("-----END", "-----BEGIN PGP SIGNATURE-----\n-----END"),
        good.replace("SIGNATURE", "MESSAGE"),
        "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n".to_owned(),
        "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n".to_owned(),
        "-----BEGIN PGP SIGNATURE-----\n\n\u{e9}\n-----END PGP SIGNATURE-----\n".to_owned(),
        certificate.clone(),
        certificate.replace("PUBLIC KEY BLOCK", "SIGNATURE"),
    ] {
        let codes = judge(&keyring, &text).expect_err(&text);
        assert_eq!(codes, ["signature/garbage"], "{text}");
    }
}

#[test]
fn one_keyring_serves_many_threads() {
    let ada = ada();
    let keyring = keyring(&[&ada]);
    let text = sign(&ada, day(-1));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| judge(&keyring, &text).unwrap());
        }
    });
}
