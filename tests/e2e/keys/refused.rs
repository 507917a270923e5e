//! What other programs let pass and must not count here, each with its code.

use index_schema::limits;
use index_schema::time::{DAY, Timestamp};
use libral::openpgp::Certificate;

use super::gnupg::Gnupg;
use super::{accepted, judge, signed, time};

/// Checks that `signatures` are refused with `code` alone.
fn refused(signatures: &str, certificates: &[Certificate], code: &'static str) {
    assert_eq!(judge(signatures, certificates), Err(vec![code]), "{signatures}");
}

#[test]
fn a_signature_by_somebody_else_of_other_bytes_or_of_nobody_is_refused() {
    let Some(gnupg) = Gnupg::new() else { return };
    let (ada, ben) = (gnupg.key("ed25519", "never"), gnupg.key("nistp256", "never"));
    let certificate = [gnupg.certificate(&ada)];
    let good = gnupg.sign(&ada, signed(), &[]);
    let foreign = gnupg.sign(&ben, signed(), &[]);
    refused(&foreign, &certificate, "signature/unknown-key");
    refused(&foreign, &[], "signature/unknown-key");
    refused(&format!("{good}{foreign}"), &certificate, "signature/unknown-key");
    refused("", &certificate, "signature/missing");
    let args = ["--local-user", &ada, "--detach-sign"];
    let other = gnupg.run(signed(), &args, b"{\"type\":\"release\"} \n");
    refused(&String::from_utf8(other).unwrap(), &certificate, "signature/wrong");
}

#[test]
fn clear_signed_inline_signed_and_surrounded_signatures_are_garbage() {
    let Some(gnupg) = Gnupg::new() else { return };
    let ada = gnupg.key("ed25519", "never");
    let certificate = [gnupg.certificate(&ada)];
    for kind in ["--clear-sign", "--sign"] {
        let text = gnupg.run(signed(), &["--local-user", &ada, kind], super::DOCUMENT);
        refused(&String::from_utf8(text).unwrap(), &certificate, "signature/garbage");
    }
    let good = gnupg.sign(&ada, signed(), &[]);
    refused(&format!("{good}signed by Ada\n"), &certificate, "signature/garbage");
}

#[test]
fn too_many_signatures_and_too_many_bytes_are_refused_unread() {
    let Some(gnupg) = Gnupg::new() else { return };
    let ada = gnupg.key("ed25519", "never");
    let certificate = [gnupg.certificate(&ada)];
    let good = gnupg.sign(&ada, signed(), &[]);
    assert_eq!(judge(&good.repeat(limits::SIGNATURE_PACKETS), &certificate).unwrap().len(), 1);
    let one_more = good.repeat(limits::SIGNATURE_PACKETS + 1);
    refused(&one_more, &certificate, "signature/too-many");
    let long = good.repeat(limits::SIGNATURES / good.len() + 1);
    refused(&long, &certificate, "signature/too-long");
}

#[test]
fn sha1_and_text_signatures_are_refused() {
    let Some(gnupg) = Gnupg::new() else { return };
    let rsa = gnupg.key("rsa2048", "never");
    let certificate = [gnupg.certificate(&rsa)];
    let sha1 = gnupg.sign(&rsa, signed(), &["--digest-algo", "SHA1"]);
    refused(&sha1, &certificate, "signature/weak-hash");
    let text = gnupg.sign(&rsa, signed(), &["--textmode"]);
    refused(&text, &certificate, "signature/wrong-type");
}

#[test]
fn backdated_and_future_signatures_are_refused() {
    let Some(gnupg) = Gnupg::new() else { return };
    let ada = gnupg.key("ed25519", "never");
    let certificate = [gnupg.certificate(&ada)];
    let at = |at: Timestamp| gnupg.sign(&ada, at, &[]);
    refused(&at(accepted().plus(-30 * DAY - 1)), &certificate, "signature/backdated");
    refused(&at(accepted().plus(5 * 60 + 1)), &certificate, "signature/future");
    judge(&at(accepted().plus(-30 * DAY)), &certificate).unwrap();
    judge(&at(accepted().plus(5 * 60)), &certificate).unwrap();
}

#[test]
fn a_key_that_expired_between_signature_and_acceptance_is_refused() {
    let Some(gnupg) = Gnupg::new() else { return };
    let ada = gnupg.key("ed25519", "2026-06-15");
    let signature = gnupg.sign(&ada, time("2026-06-01T00:00:00Z"), &[]);
    refused(&signature, &[gnupg.certificate(&ada)], "signature/key-expired");
    let ben = gnupg.key("nistp256", "2026-06-17");
    let signature = gnupg.sign(&ben, time("2026-06-01T00:00:00Z"), &[]);
    judge(&signature, &[gnupg.certificate(&ben)]).unwrap();
}

#[test]
fn a_retired_key_is_refused_from_its_revocation_on_and_a_stolen_one_always() {
    let Some(gnupg) = Gnupg::new() else { return };
    let late = time("2026-06-20T00:00:00Z");
    let cases = [
        ("ed25519", 3, accepted(), Err(vec!["signature/key-revoked"])),
        ("nistp256", 3, late, Ok(1)),
        ("nistp384", 1, late, Err(vec!["signature/key-revoked"])),
        ("nistp521", 0, late, Err(vec!["signature/key-revoked"])),
    ];
    for (algorithm, reason, at, expected) in cases {
        let key = gnupg.key(algorithm, "never");
        let signature = gnupg.sign(&key, signed(), &[]);
        gnupg.revoke(&key, reason, at);
        let judged = judge(&signature, &[gnupg.certificate(&key)]);
        assert_eq!(judged.map(|signers| signers.len()), expected, "{algorithm}");
    }
}

#[test]
fn a_revoked_subkey_is_refused_and_its_certificate_signs_on() {
    let Some(gnupg) = Gnupg::new() else { return };
    let key = gnupg.key("ed25519", "never");
    let subkey = gnupg.subkey(&key);
    let by_subkey = gnupg.sign(&format!("{subkey}!"), signed(), &[]);
    let by_primary = gnupg.sign(&format!("{key}!"), signed(), &[]);
    let before = gnupg.certificate(&key);
    gnupg.revoke_subkey(&key, 3, accepted());
    let after = gnupg.certificate(&key);
    assert!(after.keeps_revocations_of(&before) && !before.keeps_revocations_of(&after));
    judge(&by_subkey, &[before]).unwrap();
    refused(&by_subkey, std::slice::from_ref(&after), "signature/key-revoked");
    judge(&by_primary, &[after]).unwrap();
}

#[test]
fn weak_and_unusual_keys_are_refused_before_they_sign() {
    let Some(gnupg) = Gnupg::new() else { return };
    let cases = [
        ("rsa1024", "certificate/weak-key"),
        ("dsa2048", "certificate/algorithm"),
        ("brainpoolP256r1", "certificate/algorithm"),
    ];
    for (algorithm, code) in cases {
        let key = gnupg.key(algorithm, "never");
        let error = Certificate::parse(&gnupg.certificate_bytes(&key)).unwrap_err();
        assert_eq!(error.code(), code, "{algorithm}");
    }
}

#[test]
fn a_secret_key_in_place_of_a_certificate_is_refused() {
    let Some(gnupg) = Gnupg::new() else { return };
    let key = gnupg.key("ed25519", "never");
    let secret = gnupg.run(signed(), &["--export-secret-keys", &key], b"");
    assert_eq!(Certificate::parse(&secret).unwrap_err().code(), "certificate/secret-key");
}
