//! Which certificates are read.

use index_schema::limits;
use sequoia_openpgp::cert::{Cert, CipherSuite};
use sequoia_openpgp::packet::UserID;
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, SecretParts};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};
use sequoia_openpgp::{Packet, packet::Key};

use super::super::Certificate;
use super::made::{ada, builder, day, made, public, revoked, system, version6};

fn refused(bytes: &[u8], code: &'static str) {
    assert_eq!(Certificate::parse(bytes).unwrap_err().code(), code);
}

/// A certificate whose only key is `key`, bound by a digest of the given kind.
fn bound_by(key: Key4<SecretParts, PrimaryRole>, hash: HashAlgorithm) -> Vec<u8> {
    let mut key = Key::from(key);
    key.set_creation_time(system(day(-100))).unwrap();
    let mut pair = key.clone().into_keypair().unwrap();
    let cert = Cert::try_from(vec![Packet::from(key)]).unwrap();
    let user_id = UserID::from("Ada");
    let binding = SignatureBuilder::new(SignatureType::PositiveCertification)
        .set_hash_algo(hash)
        .set_signature_creation_time(system(day(-100)))
        .unwrap()
        .set_key_flags(KeyFlags::empty().set_certification().set_signing())
        .unwrap();
    let binding = user_id.bind(&mut pair, &cert, binding).unwrap();
    let packets: Vec<Packet> = vec![user_id.into(), binding.into()];
    cert.insert_packets(packets).unwrap().0.to_vec().unwrap()
}

#[test]
fn binary_and_armored_bytes_are_the_same_certificate() {
    for cert in [ada(), version6()] {
        let binary = Certificate::parse(&cert.to_vec().unwrap()).unwrap();
        let armored = Certificate::parse(&cert.armored().to_vec().unwrap()).unwrap();
        assert_eq!(binary.fingerprint(), armored.fingerprint());
        assert_eq!(binary.fingerprint().as_str(), cert.fingerprint().to_hex());
        assert_eq!(binary.key_handles(), std::slice::from_ref(binary.fingerprint()));
        assert_eq!(binary.user_ids(), ["Ada <ada@example.org>"]);
    }
}

#[test]
fn a_name_that_would_deceive_is_shown_without_its_control_characters() {
    let cert = made(builder().add_userid("\u{202e}\u{1b}[2Jada"));
    assert!(public(&cert).user_ids().contains(&"\u{fffd}\u{fffd}[2Jada".to_owned()));
}

#[test]
fn a_secret_key_is_refused_in_either_form() {
    let ada = ada();
    refused(&ada.as_tsk().to_vec().unwrap(), "certificate/secret-key");
    refused(&ada.as_tsk().armored().to_vec().unwrap(), "certificate/secret-key");
}

#[test]
fn anything_but_one_certificate_is_refused() {
    let both = [ada().to_vec().unwrap(), version6().to_vec().unwrap()].concat();
    refused(&both, "certificate/not-one");
    let armored = ada().armored().to_vec().unwrap();
    refused(&[&*armored, &*armored].concat(), "certificate/not-one");
    refused(b"", "certificate/not-one");
    refused(b"hello", "certificate/garbage");
    refused(&[&*armored, b"hello"].concat(), "certificate/garbage");
    refused(&[&*ada().to_vec().unwrap(), b"hello"].concat(), "certificate/garbage");
}

#[test]
fn eight_subkeys_are_read_and_nine_are_not() {
    let with = |count| (0..count).fold(builder(), |builder, _| builder.add_signing_subkey());
    assert_eq!(public(&made(with(limits::SUBKEYS))).key_handles().len(), limits::SUBKEYS + 1);
    let nine = made(with(limits::SUBKEYS + 1));
    refused(&nine.to_vec().unwrap(), "certificate/too-many-subkeys");
    refused(&[0; limits::CERTIFICATE + 1], "certificate/too-large");
}

#[test]
fn a_short_key_is_refused_unless_it_only_encrypts() {
    let key = Key4::generate_rsa(1024).unwrap();
    refused(&bound_by(key, HashAlgorithm::SHA256), "certificate/weak-key");
    let encrypt = KeyFlags::empty().set_transport_encryption();
    public(&made(builder().add_subkey(encrypt, None, CipherSuite::Cv25519)));
}

#[test]
fn a_key_that_only_a_weak_digest_binds_is_refused() {
    let key = || {
        let key: Key4<SecretParts, PrimaryRole> =
            Key4::generate_ecc(true, sequoia_openpgp::types::Curve::Ed25519).unwrap();
        key
    };
    refused(&bound_by(key(), HashAlgorithm::SHA1), "certificate/weak-binding");
    Certificate::parse(&bound_by(key(), HashAlgorithm::SHA256)).unwrap();
}

#[test]
fn an_update_that_drops_a_revocation_is_noticed() {
    let old = ada();
    let revoked = revoked(&old, ReasonForRevocation::KeyRetired, day(-1));
    assert!(public(&revoked).keeps_revocations_of(&public(&old)));
    assert!(public(&revoked).keeps_revocations_of(&public(&revoked)));
    assert!(!public(&old).keeps_revocations_of(&public(&revoked)));
}

#[test]
fn a_certificate_full_of_names_is_refused_before_they_are_placed() {
    let ada = ada().to_vec().unwrap();
    let name = Packet::from(UserID::from("Ada")).to_vec().unwrap();
    let with = |names: usize| [ada.clone(), name.repeat(names)].concat();
    // The key, its own signature, the name and its signature are there already.
    Certificate::parse(&with(limits::CERTIFICATE_PACKETS - 4)).unwrap();
    refused(&with(limits::CERTIFICATE_PACKETS - 3), "certificate/too-many-packets");
}
