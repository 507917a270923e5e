//! Advisories: what maintainers say of vulnerabilities in plugins.

use crate::id::RegistryId;
use crate::limits;
use crate::osv::Osv;
use crate::statement::{Document, Kind, SchemaOne, tag};

tag!(
    /// The word `advisory`.
    AdvisoryTag = "advisory"
);

tag!(
    /// The word `advisories`.
    AdvisoriesTag = "advisories"
);

document! {
    /// A vulnerability, signed by the threshold of maintainers with the role `advise`. The
    /// statement with the highest serial holds.
    pub struct Advisory {
        /// `advisory`
        required kind as "type": AdvisoryTag,
        /// 1
        required schema: SchemaOne,
        /// The registry that the statement is for.
        required registry: RegistryId,
        /// 1 for the first statement about this vulnerability, one more for each that follows.
        required serial: u64,
        /// What there is to say, as OSV.
        required osv: Osv,
    }
}

document! {
    /// Every vulnerability of a registry as it stands, for programs that read OSV.
    pub struct Advisories {
        /// `advisories`
        required kind as "type": AdvisoriesTag,
        /// 1
        required schema: SchemaOne,
        /// The registry.
        required registry: RegistryId,
        /// The vulnerabilities, sorted by id.
        required advisories: Vec<Osv>,
    }
}

impl Document for Advisory {
    const KIND: Kind = Kind::Advisory;
    const LIMIT: usize = limits::MANIFEST;

    fn contradictions(&self) -> Vec<(&'static str, &'static str, String)> {
        let said = self.osv.contradictions(&self.registry).into_iter();
        let mut found: Vec<_> = said.map(|(code, message)| ("osv", code, message)).collect();
        if self.serial == 0 {
            found.push(("serial", "advisory/serial", "serials start at 1".to_owned()));
        }
        found
    }
}
