//! Registry records: what a registry is, who maintains it, and which words it uses.

use std::collections::BTreeMap;

use crate::fingerprint::Fingerprint;
use crate::id::{PublisherId, RegistryId, Word};
use crate::limits;
use crate::permission::PermissionName;
use crate::statement::{Document, Kind, SchemaOne, tag};
use crate::text::{Line, List, Text};
use crate::url::HttpsUrl;

tag!(
    /// The word `registry`.
    RegistryTag = "registry"
);

document! {
    /// The configuration of a registry.
    ///
    /// Serial n+1 is signed by the maintainers with the role `registry` of serial n.
    pub struct Registry {
        /// `registry`
        required kind as "type": RegistryTag,
        /// 1
        required schema: SchemaOne,
        /// The id of the registry.
        required registry: RegistryId,
        /// 1 for the first record, one more for each that follows.
        required serial: u64,
        /// What people call the registry.
        required title: Line<80>,
        /// Its page.
        optional homepage: HttpsUrl,
        /// Who maintains it.
        required maintainers: List<Maintainer, 1, 64>,
        /// How many maintainers of a role have to sign; 1 where nothing is said.
        default thresholds: BTreeMap<Role, u32>,
        /// The categories that releases choose from.
        required categories: List<Word, 1, 64>,
        /// The application that the plugins are for.
        required host: Host,
        /// The e-mail addresses of the committers of the branch that is built; empty means any.
        default committers: List<Line<254>, 0, 64>,
    }
}

document! {
    /// Somebody who maintains the registry.
    pub struct Maintainer {
        /// The name.
        required name: Line<80>,
        /// What this person may decide.
        required roles: List<Role, 1, 6>,
        /// The fingerprint of the primary key.
        required fingerprint: Fingerprint,
        /// The certificate, armored, without secret keys.
        required certificate: Text<{ limits::CERTIFICATE }>,
    }
}

words! {
    /// What a maintainer may decide.
    pub enum Role("a role of a maintainer") {
        /// Changes the registry record.
        Registry = "registry",
        /// Approves findings of level `review`.
        Review = "review",
        /// Removes, suspends and verifies.
        Moderate = "moderate",
        /// Writes advisories.
        Advise = "advise",
        /// Imports download counts.
        Stats = "stats",
        /// Keeps the ledger of sales.
        Ledger = "ledger",
    }
}

document! {
    /// The application that the plugins are for.
    pub struct Host {
        /// Its name.
        required name: Line<80>,
        /// The permissions `host.…` that it knows.
        default permissions: List<HostPermission, 0, 256>,
        /// The publishers that are the host application's own: their level of trust is `core`.
        default publishers: List<PublisherId, 0, 64>,
    }
}

document! {
    /// A permission that the host application knows.
    pub struct HostPermission {
        /// Its name, which starts with `host.`.
        required name: PermissionName,
        /// Whether a user has to consent by name.
        default sensitive: bool,
        /// What it means: completes "this plugin can …".
        required meaning: Line<200>,
    }
}

/// The categories of a registry that names no others.
pub const DEFAULT_CATEGORIES: &[&str] = &[
    "ai-agents",
    "creative-tools",
    "productivity",
    "integrations",
    "utilities",
    "security",
    "communication",
    "analytics",
    "experimental",
];

impl Registry {
    /// Returns how many maintainers with `role` have to sign.
    pub fn threshold(&self, role: Role) -> usize {
        let wanted = self.thresholds.get(&role).copied().unwrap_or(1);
        usize::try_from(wanted).unwrap_or(usize::MAX).max(1)
    }

    /// Tells whether a publisher is the host application's own.
    pub fn is_core(&self, publisher: &PublisherId) -> bool {
        self.host.publishers.contains(publisher)
    }

    /// Returns the maintainers with `role`.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Maintainer> {
        self.maintainers.iter().filter(move |maintainer| maintainer.roles.contains(&role))
    }
}

impl Document for Registry {
    const KIND: Kind = Kind::Registry;
    const LIMIT: usize = limits::PUBLISHER;

    fn contradictions(&self) -> Vec<(&'static str, &'static str, String)> {
        let mut found = Vec::new();
        if self.serial == 0 {
            found.push(("serial", "registry/serial", "serials start at 1".to_owned()));
        }
        if self.with_role(Role::Registry).next().is_none() {
            let message = "nobody has the role `registry`, so nobody could change this record";
            found.push(("maintainers", "registry/threshold", message.to_owned()));
        }
        for (role, wanted) in &self.thresholds {
            let there = self.with_role(*role).count();
            if *wanted == 0 || self.threshold(*role) > there {
                let message = format!("`{role}` asks for {wanted} of {there} maintainers");
                found.push(("thresholds", "registry/threshold", message));
            }
        }
        let mut seen = Vec::new();
        for maintainer in &self.maintainers {
            if seen.contains(&&maintainer.fingerprint) {
                let message = format!("`{}` stands twice", maintainer.fingerprint);
                found.push(("maintainers", "registry/repeated-key", message));
            }
            seen.push(&maintainer.fingerprint);
        }
        for permission in self.host.permissions.iter().filter(|p| !p.name.is_host()) {
            let message = format!("`{}` does not start with `host.`", permission.name);
            found.push(("host", "registry/host-permission", message));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Problem, Unknown};
    use crate::statement::Statement;

    const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n";

    /// A statement whose second maintainer has some roles, and which may say more.
    fn record(roles: &str, more: &str) -> Vec<u8> {
        let (key, other) = ("00".repeat(20), "11".repeat(20));
        let document = format!(
            r#"{{"type":"registry","schema":1,"registry":"demo","serial":1,"title":"Demo",
            "maintainers":[{{"name":"Ada","roles":["registry"],"fingerprint":"{key}",
            "certificate":"x"}},{{"name":"Bay","roles":[{roles}],"fingerprint":"{other}",
            "certificate":"x"}}],"categories":["utilities"],"host":{{"name":"Core"}}{more}}}"#
        );
        format!("{document}\n{SIGNATURE}").into_bytes()
    }

    fn roles_of_bay(bytes: &[u8], unknown: Unknown) -> Result<Vec<Role>, Vec<&'static str>> {
        let codes = |problems: Vec<Problem>| {
            problems.iter().map(|problem| problem.code).collect::<Vec<_>>()
        };
        let read = Statement::<Registry>::read_with(bytes, unknown).map_err(codes)?;
        assert_eq!(read.bytes(), bytes);
        Ok(read.document.maintainers[1].roles.to_vec())
    }

    #[test]
    fn what_a_record_says_beyond_this_version_is_refused_or_passed_over() {
        let all = Role::ALL.iter().map(|role| format!("{:?}", role.as_str()));
        let all = all.collect::<Vec<_>>().join(",");
        for (roles, more, code, known) in [
            (
                r#""review""#,
                r#","mirrors":[{"a":null}]"#,
                "json/unknown-field",
                &[Role::Review][..],
            ),
            (r#""scan","review""#, "", "json/unknown-word", &[Role::Review]),
            (r#""scan","mirror""#, "", "json/unknown-word", &[]),
            (&format!(r#"{all},"scan""#), "", "document/list", Role::ALL),
            (r#""review""#, r#","thresholds":{"scan":[]}"#, "json/unknown-word", &[Role::Review]),
        ] {
            let bytes = record(roles, more);
            assert_eq!(
                roles_of_bay(&bytes, Unknown::Refuse).unwrap_err()[0],
                code,
                "{roles}{more}"
            );
            assert_eq!(roles_of_bay(&bytes, Unknown::Ignore).unwrap(), known, "{roles}{more}");
        }
    }

    #[test]
    fn what_is_known_of_a_record_is_read_as_strictly() {
        for (roles, more, code) in [
            ("", "", "document/list"),
            (r#""review","scan","review""#, "", "document/list"),
            (r#""scan",7"#, "", "json/wrong-kind"),
            (r#""review""#, r#","thresholds":{"review":"any"}"#, "json/wrong-kind"),
            (r#""review""#, r#","thresholds":{"review":2,"scan":1}"#, "registry/threshold"),
        ] {
            let found = roles_of_bay(&record(roles, more), Unknown::Ignore);
            assert_eq!(found.unwrap_err(), [code], "{roles}{more}");
        }
        let newer = String::from_utf8(record(r#""review""#, "")).unwrap();
        let newer = newer.replace(r#""schema":1"#, r#""schema":2"#);
        let found = roles_of_bay(newer.as_bytes(), Unknown::Ignore);
        assert_eq!(found.unwrap_err(), ["statement/newer-schema"]);
    }
}
