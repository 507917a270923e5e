//! What maintainers say of publishers: which of it counts.

use index_schema::layout::IndexPath;
use index_schema::limits;
use index_schema::publisher_status::PublisherStatus;

use super::{Accepted, Index, Member, Past, from_chain};
use crate::finding::Finding;

impl Index {
    pub(super) fn admit_publisher_status(
        &mut self,
        mut statements: Vec<Accepted<PublisherStatus>>,
        past: Past,
        findings: &mut Vec<Finding>,
    ) {
        statements.sort_by_key(|status| {
            // When what is presumed came in is not known, but that serials tell the order.
            let accepted = (past != Past::Presumed).then_some(status.accepted);
            (status.is_new, accepted, status.statement.document.serial)
        });
        for status in statements {
            if let Err(problems) = self.admit_word(status, past) {
                findings.extend(problems);
            }
        }
        for member in self.publishers.values_mut() {
            for (_, before) in &mut member.before {
                before.stand_as(&member.chain);
            }
        }
    }

    fn admit_word(
        &mut self,
        status: Accepted<PublisherStatus>,
        past: Past,
    ) -> Result<(), Vec<Finding>> {
        let said = &status.statement.document;
        let path = IndexPath::PublisherStatus(said.id.clone(), said.serial).to_string();
        let Some(member) = self.publishers.get_mut(&said.id) else {
            let message = format!("there is no publisher `{}` whose keys count", said.id);
            return Err(vec![Finding::new("identity/unknown-publisher", path, message)]);
        };
        if !member.has_room_for(&status) {
            let message = "the maintainers' words on the publisher are more than clients read";
            return Err(vec![Finding::new("publisher-status/too-long", path, message)]);
        }
        if past == Past::Presumed && !status.is_new {
            member.chain.presume_said(status.at());
        } else {
            let judged = member.chain.said(&self.maintainers, status.at());
            judged.map_err(|errors| from_chain(&path, errors))?;
        }
        member.status.insert(said.serial, status);
        Ok(())
    }
}

impl Member {
    fn has_room_for(&self, status: &Accepted<PublisherStatus>) -> bool {
        let sizes = self.status.values().map(|status| status.statement.bytes().len());
        let size = sizes.sum::<usize>().saturating_add(status.statement.bytes().len());
        self.status.len() < limits::PUBLISHER_STATUSES && size <= limits::PUBLISHER_STATUS
    }
}
