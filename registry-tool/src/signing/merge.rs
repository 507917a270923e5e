//! Bringing what is known of a certificate together.

use index_schema::limits;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;

use super::{Failure, SigningError, armored};

/// All that two versions of a certificate say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The certificate, armored.
    pub armored: String,
    /// Whether its owner revoked it, for whatever reason.
    pub is_revoked: bool,
}

/// Merges an update of a certificate into what is known of it: no subkey and no revocation of
/// either is lost.
pub fn merge(known: &[u8], update: &[u8]) -> Result<Merged, SigningError> {
    let parse = |bytes: &[u8]| {
        if bytes.len() > limits::CERTIFICATE {
            return Err(SigningError::TooLarge(bytes.len()));
        }
        Cert::from_bytes(bytes).map_err(|error| SigningError::NotAKey(Failure(error)))
    };
    let merged = parse(known)?.merge_public(parse(update)?)?;
    let is_revoked = merged.primary_key().self_revocations().next().is_some();
    Ok(Merged { armored: armored(Kind::PublicKey, &merged.to_vec()?)?, is_revoked })
}

#[cfg(test)]
mod tests {
    use index_schema::time::Timestamp;
    use libral::openpgp::Certificate;

    use super::super::generate;
    use super::*;

    #[test]
    fn a_revocation_is_kept_whichever_version_has_it() {
        let key = generate("Ada <ada@example.org>", Timestamp::EPOCH.plus(1_780_000_000)).unwrap();
        let good = key.armored_certificate().unwrap();
        let revoked = key.armored_revoked_certificate().unwrap();
        for (known, update) in [(&good, &revoked), (&revoked, &good), (&revoked, &revoked)] {
            let merged = merge(known.as_bytes(), update.as_bytes()).unwrap();
            assert!(merged.is_revoked);
            let certificate = Certificate::parse(merged.armored.as_bytes()).unwrap();
            assert!(certificate.is_revoked_for_good());
            let before = Certificate::parse(revoked.as_bytes()).unwrap();
            assert!(certificate.keeps_revocations_of(&before));
        }
        assert!(!merge(good.as_bytes(), good.as_bytes()).unwrap().is_revoked);
    }

    #[test]
    fn a_secret_key_never_comes_along_and_another_certificate_is_refused() {
        let now = Timestamp::EPOCH.plus(1_780_000_000);
        let (ada, ben) = (generate("Ada", now).unwrap(), generate("Ben", now).unwrap());
        let known = ada.armored_certificate().unwrap();
        let secret = ada.armored_secret_key().unwrap();
        let merged = merge(known.as_bytes(), secret.as_bytes()).unwrap();
        assert!(!merged.armored.contains("PRIVATE"));
        Certificate::parse(merged.armored.as_bytes()).unwrap();
        let other = ben.armored_certificate().unwrap();
        assert!(merge(known.as_bytes(), other.as_bytes()).is_err());
        assert!(matches!(
            merge(&vec![0; limits::CERTIFICATE + 1], b""),
            Err(SigningError::TooLarge(_))
        ));
    }
}
