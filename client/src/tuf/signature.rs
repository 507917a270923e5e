//! Who signed: counting keys towards a threshold.

use std::collections::{BTreeMap, BTreeSet};

use index_schema::tuf::{Envelope, Key, KeyId, Role, RoleKeys};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};

use super::{TufError, pem};

/// The keys that act for a role: where they are listed, and which of them it is.
#[derive(Clone, Copy)]
pub(super) struct Signers<'k> {
    pub(super) name: &'k str,
    pub(super) keys: &'k BTreeMap<KeyId, Key>,
    pub(super) role: &'k RoleKeys,
}

/// Checks that enough of the role's keys signed.
///
/// "When computing the THRESHOLD each KEY MUST only contribute one SIGNATURE" (5.3.4 and others):
/// keys are told apart by what they are, not by how they are called. Signatures by other keys, by
/// keys of an unknown kind, and bad ones do not count; they do no harm either.
pub(super) fn check<T: Role>(
    envelope: &Envelope<T>,
    signers: Signers<'_>,
    file: &str,
) -> Result<(), TufError> {
    let threshold = signers.role.threshold;
    let listed =
        envelope.signatures.iter().filter(|each| signers.role.keyids.contains(&each.keyid));
    let good = listed.filter_map(|each| {
        let key = signers.keys.get(&each.keyid)?;
        verify(key, envelope.canonical(), &each.sig)
    });
    let valid = good.collect::<BTreeSet<_>>().len();
    if u64::try_from(valid).is_ok_and(|valid| valid >= threshold) {
        return Ok(());
    }
    let (file, by) = (file.to_owned(), signers.name.to_owned());
    Err(TufError::Signatures { file, by, valid, threshold })
}

/// Verifies one signature, and returns the key that made it.
fn verify(key: &Key, message: &[u8], signature: &str) -> Option<Vec<u8>> {
    let (algorithm, public) = public_key(key)?;
    let signature = hexadecimal(signature)?;
    UnparsedPublicKey::new(algorithm, &public).verify(message, &signature).ok()?;
    Some(public)
}

/// Returns how to verify with a key, and the key as `ring` wants it; `None` for unknown kinds.
fn public_key(key: &Key) -> Option<(&'static dyn VerificationAlgorithm, Vec<u8>)> {
    match (key.keytype.as_str(), key.scheme.as_str()) {
        ("ed25519", "ed25519") => Some((&ED25519, hexadecimal(&key.public)?)),
        // The second name is what older metadata call the same.
        ("ecdsa" | "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => {
            let point = subject_public_key(&key.public, EC_P256)?;
            Some((&ECDSA_P256_SHA256_ASN1, point))
        }
        ("rsa", "rsassa-pss-sha256") => {
            let rsa = subject_public_key(&key.public, RSA)?;
            Some((&RSA_PSS_2048_8192_SHA256, rsa))
        }
        _ => None,
    }
}

/// The algorithm `id-ecPublicKey` with the curve `prime256v1` (RFC 5480, section 2.1.1).
const EC_P256: &[u8] = &[
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07,
];
/// The algorithm `rsaEncryption` (RFC 3279, section 2.3.1).
const RSA: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// Takes the key out of a `SubjectPublicKeyInfo` (RFC 5280, section 4.1) of this algorithm.
fn subject_public_key(text: &str, algorithm: &[u8]) -> Option<Vec<u8>> {
    let der = pem::decode(text, "PUBLIC KEY")?;
    let (info, after) = element(&der, 0x30)?;
    let (bits, behind) = element(info.strip_prefix(algorithm)?, 0x03)?;
    let key = bits.strip_prefix(&[0])?;
    (after.is_empty() && behind.is_empty()).then(|| key.to_vec())
}

/// Splits one DER element with this tag off `der`: its content, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match der.strip_prefix(&[tag])? {
        [0x81, length, rest @ ..] => (usize::from(*length), rest),
        [0x82, high, low, rest @ ..] => (usize::from(*high) << 8 | usize::from(*low), rest),
        [length, rest @ ..] if *length < 0x80 => (usize::from(*length), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    let byte = |[high, low]: &[u32; 2]| u8::try_from(high << 4 | low).ok();
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}
