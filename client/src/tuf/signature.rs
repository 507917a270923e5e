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

/// Checks that enough of the role's keys signed, and returns how many did.
///
/// "When computing the THRESHOLD each KEY MUST only contribute one SIGNATURE" (5.3.4 and others):
/// keys are told apart by what they are, not by how they are called. Signatures by other keys, by
/// keys of an unknown kind, and bad ones do not count; they do no harm either.
pub(super) fn check<T: Role>(
    envelope: &Envelope<T>,
    signers: Signers<'_>,
    file: &str,
) -> Result<usize, TufError> {
    let threshold = signers.role.threshold;
    let listed =
        envelope.signatures.iter().filter(|each| signers.role.keyids.contains(&each.keyid));
    let good = listed.filter_map(|each| {
        let key = signers.keys.get(&each.keyid)?;
        verify(key, envelope.canonical(), &each.sig)
    });
    let valid = good.collect::<BTreeSet<_>>().len();
    if u64::try_from(valid).is_ok_and(|valid| valid >= threshold) {
        return Ok(valid);
    }
    let (file, by) = (file.to_owned(), signers.name.to_owned());
    Err(TufError::Signatures { file, by, valid, threshold })
}

/// Tells whether `signature`, in hexadecimal digits, is one of `key` over `message`.
pub fn is_good(key: &Key, message: &[u8], signature: &str) -> bool {
    verify(key, message, signature).is_some()
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

#[cfg(test)]
mod tests {
    use index_schema::json::{self, Unknown};

    use super::*;

    const MESSAGE: &[u8] = b"what is signed";

    // Keys and signatures made with Python's `cryptography`.
    const ED25519_KEY: &str = "895c300deea1c073a13dde234ba55f77264a0337fd009b7ceaa00d291ec520eb";
    const ED25519_SIGNATURE: &str = "e1e78a948c05a720899024a9c661686a081e5503d00b79004a6b00c83e312fbe\
        d311e21d111cf9d865b548c8a4cd9430d3281692ca489c4880ce8addc5483200";
    const ECDSA_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYw7tynqNATUyrk8nmWjal0xDKABT\n\
        8U5LXPJG5ANWfYRF9aGwRcpRZx36tdRgb5llvrw9iehMJ/IYoNY8GHTJAQ==\n\
        -----END PUBLIC KEY-----\n";
    const ECDSA_SIGNATURE: &str = "304502202adcd476985188118e1bd28c5091a526dd8de675b947369ebc9d49ed97\
        55aa7502210093a86006fe0e14f931908cdb0bc65339409fb0a31399904350e35b832990ae33";
    const RSA_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmAbh3WjbFJYQN+5odn4+\n\
        kkj/Xh4mIKd/C7jnJv/C8N8siH7bE3dRcAXb1Nd7G2wVVOOvtjjQ//l5TL0tr44l\n\
        rdyXbFbIjRHfKike+V5GfsLrzRggXRBF2DtPeU6Lf67kUm2ho+Pi1dCNaT0XI/m4\n\
        cTgoHpRghPVY3D3f7lfKJog1wC4xTwHuqiRcKpDhIF7TE8+PAdJEnPB5WhOkbCpG\n\
        Cs21Ge2TwO2C4QwvkXt20oV8uv7nSpSBCAo3KIsO/bWhQiQnVJ7v4+qYRXWHmFqV\n\
        Te/ERoITxTvr3tCMwKca05/mW94exj9dcSDnlhO19+5gA0IFf4T+IrJPUhVCh4FG\n\
        xwIDAQAB\n\
        -----END PUBLIC KEY-----\n";
    const RSA_SIGNATURE: &str = "2c7639ea3a15011858453640f2dc41cbd1f74495eb0bb527f8f6d7ceebad3f93\
        a28b1b8a0bd5a0056e13dd6180ce6e00d21f453e234621755ec60a55cb105631\
        bacacfa931ffab5bdf486d7ae37769e7325b288534344409741998720a994fbf\
        287e5bf6937df3cbb155448515cc4c10c2e1ba6686ad006390a60e50a9f7e44e\
        d274c768884cbbb45e61b5b38ba583c9d8009e461247fd516ec707a75f399b7d\
        9245230bdd5d19044ab8d9942e500d8d017e0581685eb1a6a7306470463be030\
        d78a726d2303c02dbfaf1e9844c7b69b20635fae47b64a00d6a99a7c93482eaa\
        5254bed6e0d9d160722f2192b858d47311f58bd07ca1c2a1eef5cb11ff7ba572";

    fn key(keytype: &str, scheme: &str, public: &str) -> Key {
        let keyval = format!("{{\"public\":{}}}", serde_json::to_string(public).unwrap());
        let text =
            format!("{{\"keytype\":\"{keytype}\",\"scheme\":\"{scheme}\",\"keyval\":{keyval}}}");
        json::read(text.as_bytes(), 10_000, Unknown::Refuse).unwrap()
    }

    #[test]
    fn signatures_of_the_three_kinds_that_the_specification_names_are_verified() {
        for (keytype, scheme, public, signature) in [
            ("ed25519", "ed25519", ED25519_KEY, ED25519_SIGNATURE),
            ("ecdsa", "ecdsa-sha2-nistp256", ECDSA_KEY, ECDSA_SIGNATURE),
            ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", ECDSA_KEY, ECDSA_SIGNATURE),
            ("rsa", "rsassa-pss-sha256", RSA_KEY, RSA_SIGNATURE),
        ] {
            let key = key(keytype, scheme, public);
            assert!(verify(&key, MESSAGE, signature).is_some(), "{keytype}");
            assert_eq!(verify(&key, b"something else", signature), None, "{keytype}");
            assert_eq!(verify(&key, MESSAGE, ""), None, "{keytype}");
            assert_eq!(verify(&key, MESSAGE, "not hexadecimal"), None, "{keytype}");
        }
    }

    #[test]
    fn unknown_kinds_and_malformed_keys_verify_nothing() {
        for (keytype, scheme, public) in [
            ("ed25519", "ed25519ph", ED25519_KEY),
            ("rsa", "ed25519", ED25519_KEY),
            ("ed25519", "ed25519", "00"),
            ("ed25519", "ed25519", ""),
            ("ecdsa", "ecdsa-sha2-nistp256", RSA_KEY),
            ("rsa", "rsassa-pss-sha256", ECDSA_KEY),
            (
                "ecdsa",
                "ecdsa-sha2-nistp256",
                "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
            ),
        ] {
            let key = key(keytype, scheme, public);
            for signature in [ED25519_SIGNATURE, ECDSA_SIGNATURE, RSA_SIGNATURE] {
                assert_eq!(verify(&key, MESSAGE, signature), None, "{keytype} {scheme}");
            }
        }
    }
}
