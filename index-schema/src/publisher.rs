//! Publisher records: who may sign for a publisher.

use crate::fingerprint::Fingerprint;
use crate::id::{PublisherId, RegistryId};
use crate::limits;
use crate::statement::{Document, Kind, SchemaOne, tag};
use crate::text::{Line, List, Text};
use crate::time::Timestamp;
use crate::url::HttpsUrl;

tag!(
    /// The word `publisher`.
    PublisherTag = "publisher"
);

document! {
    /// The keys of a publisher, and how many of them have to sign.
    ///
    /// Serial 1 is signed by its own keys and needs a maintainer's approval; serial n+1 is signed
    /// by the threshold of serial n.
    pub struct Publisher {
        /// `publisher`
        required kind as "type": PublisherTag,
        /// 1
        required schema: SchemaOne,
        /// The registry that the record is for.
        required registry: RegistryId,
        /// The publisher.
        required id: PublisherId,
        /// 1 for the first record, one more for each that follows.
        required serial: u64,
        /// What people call the publisher.
        required title: Line<80>,
        /// Its page.
        optional homepage: HttpsUrl,
        /// How many active keys have to sign a release and the next record.
        required threshold: u32,
        /// The keys, including those that no longer sign.
        required certificates: List<Certificate, 1, 16>,
    }
}

document! {
    /// An OpenPGP certificate and what it counts for.
    pub struct Certificate {
        /// The fingerprint of its primary key.
        required fingerprint: Fingerprint,
        /// What it counts for.
        required state: KeyState,
        /// From when on a compromised key's signatures are void.
        optional since: Timestamp,
        /// The certificate, armored, without secret keys.
        required certificate: Text<{ limits::CERTIFICATE }>,
    }
}

words! {
    /// What a key counts for.
    pub enum KeyState("a state of a key") {
        /// It signs.
        Active = "active",
        /// It signs no more; what it signed stays good.
        Retired = "retired",
        /// Somebody else may hold it.
        Compromised = "compromised",
    }
}

impl Document for Publisher {
    const KIND: Kind = Kind::Publisher;
    const LIMIT: usize = limits::PUBLISHER;

    fn contradictions(&self) -> Vec<(&'static str, &'static str, String)> {
        let mut found = Vec::new();
        let active = self.certificates.iter().filter(|c| c.state == KeyState::Active).count();
        if self.serial == 0 {
            found.push(("serial", "publisher/serial", "serials start at 1".to_owned()));
        }
        if !usize::try_from(self.threshold).is_ok_and(|wanted| (1..=active).contains(&wanted)) {
            let message = format!("expected 1 to {active}, the number of active keys");
            found.push(("threshold", "publisher/threshold", message));
        }
        found.extend(certificate_contradictions(self.certificates.iter()));
        found
    }
}

fn certificate_contradictions<'c>(
    certificates: impl Iterator<Item = &'c Certificate>,
) -> Vec<(&'static str, &'static str, String)> {
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for certificate in certificates {
        let fingerprint = &certificate.fingerprint;
        if seen.contains(&fingerprint) {
            let message = format!("`{fingerprint}` stands twice");
            found.push(("certificates", "publisher/repeated-key", message));
        }
        if (certificate.state == KeyState::Compromised) != certificate.since.is_some() {
            let message = format!("`{fingerprint}`: `since` goes with the state `compromised`");
            found.push(("certificates", "publisher/since", message));
        }
        seen.push(fingerprint);
    }
    found
}
