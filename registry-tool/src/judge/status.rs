//! Status statements: which of them count.

use index_schema::layout::IndexPath;
use index_schema::status::Status;

use super::{Accepted, Index, Past};
use crate::finding::Finding;

impl Index {
    pub(super) fn admit_status(
        &mut self,
        mut statements: Vec<Accepted<Status>>,
        past: Past,
        findings: &mut Vec<Finding>,
    ) {
        statements.sort_by_key(|status| (status.accepted, status.statement.document.serial));
        for status in statements {
            match self.check_status(&status, past) {
                Ok(disowned) => {
                    let document = &status.statement.document;
                    let plugin = self.plugins.entry(document.id.clone()).or_default();
                    if let Some(problems) = disowned {
                        plugin.disowned.insert(document.serial);
                        findings.extend(problems);
                    }
                    plugin.status.insert(document.serial, status);
                }
                Err(problems) => findings.extend(problems),
            }
        }
    }

    /// Returns nothing if the statement counts, and why not if it counted once.
    fn check_status(
        &self,
        status: &Accepted<Status>,
        past: Past,
    ) -> Result<Option<Vec<Finding>>, Vec<Finding>> {
        let document = &status.statement.document;
        let path = IndexPath::Status(document.id.clone(), document.serial).to_string();
        let member = self.publisher_of(&document.id, &path)?;
        let is_presumed = past == Past::Presumed && !status.is_new;
        let disowned = match member.chain.status(&status.statement, status.accepted) {
            _ if is_presumed && !member.has_accused() => None,
            Ok(_) => None,
            Err(errors) => {
                let before = member.trusting(status.accepted, &errors);
                let counted = before.map(|chain| chain.status(&status.statement, status.accepted));
                let problems = self.explain(&path, errors);
                match counted.is_some_and(|counted| counted.is_ok()) {
                    true => Some(problems),
                    false if is_presumed => None,
                    false => return Err(problems),
                }
            }
        };
        let refuse = |code, message| Err(vec![Finding::new(code, path.as_str(), message)]);
        let Some(plugin) = self.plugins.get(&document.id) else {
            return refuse(
                "status/unknown-plugin",
                format!("there is no plugin `{}`", document.id),
            );
        };
        let last = plugin.status.last_key_value().map_or(0, |(serial, _)| *serial);
        if document.serial <= last {
            let message = format!("serial {} does not follow serial {last}", document.serial);
            return refuse("status/serial-gap", message);
        }
        match &document.version {
            Some(version) if plugin.ever(version).is_none() => {
                refuse("status/unknown-version", format!("there is no release `{version}`"))
            }
            Some(_) | None => Ok(disowned),
        }
    }
}
