//! What maintainers say of a publisher, and what of its own statements that leaves.

use index_schema::publisher_status::{LONGEST_VERIFICATION, PublisherStatus, Standing};
use index_schema::statement::Statement;
use index_schema::time::Timestamp;

use super::{At, Chain, ChainError, Errors, Maintainers};

impl Chain {
    /// Checks the next statement about the publisher, which moderators signed, and takes it in.
    pub fn said(
        &mut self,
        maintainers: &Maintainers,
        (statement, accepted): At<'_, PublisherStatus>,
    ) -> Result<(), Errors> {
        let said = &statement.document;
        self.same_identity(said.registry.as_str(), said.id.as_str())?;
        let known = self.said_last.0;
        if said.serial <= known {
            return Err(vec![ChainError::NotNext { known, found: said.serial }]);
        }
        let first = self.eras().next().map_or(self.accepted(), |era| era.accepted);
        let keys = self.said_last.1.max(first);
        if accepted < keys {
            return Err(vec![ChainError::TooEarly { accepted, keys }]);
        }
        let longest = accepted.plus(LONGEST_VERIFICATION);
        if let Some(until) = said.until.filter(|until| *until <= accepted || *until > longest) {
            return Err(vec![ChainError::Until { until, accepted }]);
        }
        maintainers.verify_publisher_status((statement, accepted))?;
        self.take_word(statement, accepted);
        Ok(())
    }

    /// Takes in a statement that was judged when it came in.
    pub fn presume_said(&mut self, (statement, accepted): At<'_, PublisherStatus>) {
        self.take_word(statement, accepted);
    }

    /// Takes over what was said of the publisher.
    pub fn stand_as(&mut self, other: &Self) {
        self.standing.clone_from(&other.standing);
        self.said_last = other.said_last;
    }

    /// Returns what the maintainers' statements about the publisher come to.
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    fn take_word(&mut self, statement: &Statement<PublisherStatus>, accepted: Timestamp) {
        self.standing.apply(&statement.document, accepted);
        self.said_last = (statement.document.serial, accepted);
    }

    /// Refuses what was accepted while the publisher was suspended.
    pub(super) fn not_suspended(&self, accepted: Timestamp) -> Result<(), Errors> {
        match self.standing.suspended_at(accepted) {
            None => Ok(()),
            Some(suspension) => Err(vec![ChainError::Suspended(suspension.since)]),
        }
    }
}
