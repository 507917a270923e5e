//! OpenPGP keys that follow from a seed, and signatures that follow from key, time and document.
//!
//! The library mixes random bytes into each signature that it makes. Here the packets are put
//! together from the same parts without them, so that one seed gives one repository. Such keys
//! protect nothing: whoever knows the seed has them.

use std::time::{Duration, SystemTime};

use index_schema::fingerprint::Fingerprint;
use index_schema::time::Timestamp;
use sequoia_openpgp::anyhow::Error;
use sequoia_openpgp::armor::{Kind, Writer};
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::crypto::hash::{Context, Hash as _};
use sequoia_openpgp::crypto::{KeyPair, Signer as _, mpi};
use sequoia_openpgp::packet::key::{Key, Key4, PrimaryRole, SecretParts};
use sequoia_openpgp::packet::signature::Signature4;
use sequoia_openpgp::packet::signature::subpacket::{Subpacket, SubpacketArea, SubpacketValue};
use sequoia_openpgp::packet::{Packet, Signature, UserID};
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{
    Features, HashAlgorithm, KeyFlags, PublicKeyAlgorithm, SignatureType,
};

use super::random::Random;

/// A key pair and its certificate: Ed25519, version 4, without an expiry.
pub(crate) struct SigningKey {
    pair: KeyPair,
    cert: Cert,
    fingerprint: Fingerprint,
}

/// The OpenPGP library failed at something that does not fail with sound keys.
#[derive(Debug, thiserror::Error)]
#[error("the OpenPGP library does not make a key or signature: {0:#}")]
pub struct KeyError(Error);

impl From<Error> for KeyError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

const HASH: HashAlgorithm = HashAlgorithm::SHA512;

impl SigningKey {
    /// Makes the key of `user_id`, which can sign from `created` on.
    pub(crate) fn new(
        user_id: &str,
        created: Timestamp,
        random: &mut Random,
    ) -> Result<Self, KeyError> {
        let secret = Key4::<SecretParts, PrimaryRole>::import_secret_ed25519(
            &random.bytes(),
            system_time(created),
        )?;
        let key = Key::from(secret);
        let mut pair = key.clone().into_keypair()?;
        let name = UserID::from(user_id);
        let says = [
            SubpacketValue::KeyFlags(KeyFlags::empty().set_certification().set_signing()),
            SubpacketValue::PrimaryUserID(true),
            SubpacketValue::Features(Features::sequoia()),
            SubpacketValue::PreferredHashAlgorithms(vec![HASH, HashAlgorithm::SHA256]),
        ];
        let positive = SignatureType::PositiveCertification;
        let binding = sign(&mut pair, positive, created, says.into(), |signature, hash| {
            signature.hash_userid_binding(hash, key.parts_as_public(), &name)
        })?;
        let packets: [Packet; 3] =
            [Packet::from(key.clone()), Packet::from(name), Packet::from(binding)];
        let cert = Cert::from_packets(packets.into_iter())?;
        let fingerprint = Fingerprint::parse(&cert.fingerprint().to_hex())
            .map_err(|error| KeyError(error.into()))?;
        Ok(Self { pair, cert, fingerprint })
    }

    /// Returns the fingerprint of the certificate.
    pub(crate) const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Returns the certificate, armored.
    pub(crate) fn certificate(&self) -> Result<String, KeyError> {
        armored(Kind::PublicKey, &self.cert.to_vec()?)
    }

    /// Returns the secret key, armored.
    pub(crate) fn secret_key(&self) -> Result<String, KeyError> {
        armored(Kind::SecretKey, &self.cert.as_tsk().to_vec()?)
    }

    /// Appends to a document its signature, made at `time`: the bytes of a statement file.
    pub(crate) fn statement(
        &self,
        mut document: Vec<u8>,
        time: Timestamp,
    ) -> Result<Vec<u8>, KeyError> {
        let mut pair = self.pair.clone();
        let signature =
            sign(&mut pair, SignatureType::Binary, time, Vec::new(), |signature, hash| {
                hash.update(&document);
                signature.hash(hash)
            })?;
        let armored = armored(Kind::Signature, &Packet::from(signature).to_vec()?)?;
        document.extend(armored.into_bytes());
        Ok(document)
    }
}

/// Makes a signature over what `feed` gives to the digest, the signature's own fields last.
fn sign(
    pair: &mut KeyPair,
    kind: SignatureType,
    time: Timestamp,
    says: Vec<SubpacketValue>,
    feed: impl FnOnce(&Signature, &mut Context) -> sequoia_openpgp::Result<()>,
) -> Result<Signature, KeyError> {
    // Fingerprint and, for GnuPG, which knows a signer of version 4 by nothing else, the key id.
    let issuer = SubpacketValue::IssuerFingerprint(pair.public().fingerprint());
    let key_id = SubpacketValue::Issuer(pair.public().keyid());
    let created = SubpacketValue::SignatureCreationTime(system_time(time).try_into()?);
    let fields = [created, issuer, key_id].into_iter().chain(says);
    let hashed = SubpacketArea::new(
        fields.map(|value| Subpacket::new(value, false)).collect::<Result<_, _>>()?,
    )?;
    let packet = |prefix, mpis| {
        let unhashed = SubpacketArea::default();
        let algorithm = PublicKeyAlgorithm::EdDSA;
        Signature4::new(kind, algorithm, HASH, hashed.clone(), unhashed, prefix, mpis)
    };
    let nothing = mpi::Signature::Unknown { mpis: Box::default(), rest: Box::default() };
    let mut hash = HASH.context()?.for_signature(4);
    feed(&packet([0, 0], nothing).into(), &mut hash)?;
    let digest = hash.into_digest()?;
    let prefix = digest.first_chunk().copied().unwrap_or_default();
    Ok(packet(prefix, pair.sign(HASH, &digest)?).into())
}

fn armored(kind: Kind, packets: &[u8]) -> Result<String, KeyError> {
    use std::io::Write as _;
    let write = || -> Result<String, Error> {
        let mut writer = Writer::new(Vec::new(), kind)?;
        writer.write_all(packets)?;
        Ok(String::from_utf8(writer.finalize()?)?)
    };
    write().map_err(KeyError)
}

fn system_time(time: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(time.seconds().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use sequoia_openpgp::parse::Parse as _;
    use sequoia_openpgp::policy::StandardPolicy;

    use super::*;

    fn key() -> SigningKey {
        let created = Timestamp::parse("2020-01-02T03:04:05Z").unwrap();
        SigningKey::new("Lab <lab@example.org>", created, &mut Random::new(1, "key", 0)).unwrap()
    }

    #[test]
    fn one_seed_gives_one_key_and_one_signature() {
        let time = Timestamp::parse("2021-01-02T03:04:05Z").unwrap();
        let make =
            || (key().secret_key().unwrap(), key().statement(b"{}\n".to_vec(), time).unwrap());
        assert_eq!(make(), make());
    }

    #[test]
    fn the_certificate_is_alive_and_may_sign_nine_years_later() {
        let armored = key().certificate().unwrap();
        let cert = Cert::from_bytes(armored.as_bytes()).unwrap();
        assert_eq!(cert.fingerprint().to_hex(), key().fingerprint().as_str());
        let later = system_time(Timestamp::parse("2029-01-02T03:04:05Z").unwrap());
        let policy = StandardPolicy::at(later);
        let keys = cert.keys().with_policy(&policy, later).supported().alive().revoked(false);
        assert_eq!(keys.for_signing().count(), 1);
    }
}
