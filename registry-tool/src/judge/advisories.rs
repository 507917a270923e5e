//! Advisories: which of them count.

use index_schema::advisory::Advisory;
use index_schema::layout::IndexPath;
use index_schema::limits;

use super::{Accepted, Index, Past, from_chain};
use crate::finding::Finding;

impl Index {
    pub(super) fn admit_advisories(
        &mut self,
        mut statements: Vec<Accepted<Advisory>>,
        past: Past,
        findings: &mut Vec<Finding>,
    ) {
        statements.sort_by_cached_key(|advisory| {
            let said = &advisory.statement.document;
            // When what is presumed came in is not known, but that serials tell the order.
            let accepted = (past != Past::Presumed).then_some(advisory.accepted);
            (advisory.is_new, accepted, said.osv.id.clone(), said.serial)
        });
        for advisory in statements {
            match self.check_advisory(&advisory, past) {
                Ok(()) => {
                    let said = &advisory.statement.document;
                    let (id, serial) = (said.osv.id.clone(), said.serial);
                    self.advisories.entry(id).or_default().insert(serial, advisory);
                }
                Err(problems) => findings.extend(problems),
            }
        }
    }

    fn check_advisory(
        &self,
        advisory: &Accepted<Advisory>,
        past: Past,
    ) -> Result<(), Vec<Finding>> {
        let said = &advisory.statement.document;
        let path = IndexPath::Advisory(said.osv.id.clone(), said.serial).to_string();
        if past != Past::Presumed || advisory.is_new {
            let judged = self.maintainers.verify_advisory(advisory.at());
            judged.map_err(|errors| from_chain(&path, errors))?;
        }
        let refuse = |code, message| Err(vec![Finding::new(code, path.as_str(), message)]);
        let last = self.advisories.get(&said.osv.id).and_then(|known| known.last_key_value());
        if let Some((serial, last)) = last {
            if said.serial <= *serial {
                let message = format!("serial {} does not follow serial {serial}", said.serial);
                return refuse("advisory/serial-gap", message);
            }
            let last = &last.statement.document.osv;
            if said.osv.modified <= last.modified || said.osv.published != last.published {
                let message = "`modified` is later than before, and `published` stays".to_owned();
                return refuse("advisory/time", message);
            }
        }
        let is_full = |plugin| {
            let others = self.advisories_of(plugin);
            let others = others.filter(|other| other.statement.document.osv.id != said.osv.id);
            others.count() >= limits::ADVISORIES
        };
        let mut plugins = said.osv.affected.iter().map(|affected| &affected.package.name);
        match plugins.find(|plugin| is_full(plugin)) {
            None => Ok(()),
            Some(plugin) => refuse(
                "advisory/too-many",
                format!("more than {} advisories name `{plugin}`", limits::ADVISORIES),
            ),
        }
    }
}
