//! Files by what they say, and the order in which they are judged.

use std::collections::{BTreeMap, BTreeSet};

use index_schema::advisory::Advisory;
use index_schema::approval::Approval;
use index_schema::handover::Handover;
use index_schema::id::PublisherId;
use index_schema::layout::IndexPath;
use index_schema::manifest::Manifest;
use index_schema::objection::Objection;
use index_schema::publisher::Publisher;
use index_schema::publisher_status::PublisherStatus;
use index_schema::registry::Registry;
use index_schema::removal::Removal;
use index_schema::status::Status;

use super::papers::Papers;
use super::{Accepted, Index, Past, Records, listing, metadata};
use crate::finding::Finding;
use crate::submission::{Content, Submission};

/// The submissions by what they are.
#[derive(Default)]
pub(super) struct Sorted {
    registry: Vec<Accepted<Registry>>,
    publishers: BTreeMap<PublisherId, Vec<Accepted<Publisher>>>,
    publisher_status: Vec<Accepted<PublisherStatus>>,
    releases: Vec<Accepted<Manifest>>,
    status: Vec<Accepted<Status>>,
    objections: BTreeMap<(PublisherId, u64), Accepted<Objection>>,
    approvals: Vec<(IndexPath, Accepted<Approval>)>,
    handovers: Vec<(IndexPath, Accepted<Handover>)>,
    removals: Vec<(IndexPath, Accepted<Removal>)>,
    advisories: Vec<Accepted<Advisory>>,
    metadata: metadata::Offline,
}

impl Sorted {
    pub(super) fn put(&mut self, submission: Submission) {
        let Submission { path, accepted, is_new, content } = submission;
        match content {
            Content::Registry(statement) => {
                self.registry.push(Accepted { statement, accepted, is_new });
            }
            Content::Publisher(statement) => {
                let records = self.publishers.entry(statement.document.id.clone()).or_default();
                records.push(Accepted { statement, accepted, is_new });
            }
            Content::PublisherStatus(statement) => {
                self.publisher_status.push(Accepted { statement, accepted, is_new });
            }
            Content::Release(statement) => {
                self.releases.push(Accepted { statement: *statement, accepted, is_new });
            }
            Content::Status(statement) => {
                self.status.push(Accepted { statement, accepted, is_new });
            }
            Content::Objection(statement) => {
                let key = (statement.document.id.clone(), statement.document.serial);
                self.objections.insert(key, Accepted { statement, accepted, is_new });
            }
            Content::Approval(statement) => {
                self.approvals.push((path, Accepted { statement, accepted, is_new }));
            }
            Content::Handover(statement) => {
                self.handovers.push((path, Accepted { statement, accepted, is_new }));
            }
            Content::Removal(statement) => {
                self.removals.push((path, Accepted { statement, accepted, is_new }));
            }
            Content::Advisory(statement) => {
                self.advisories.push(Accepted { statement: *statement, accepted, is_new });
            }
            Content::Metadata(bytes) => {
                self.metadata.insert(path, (bytes, accepted));
            }
        }
    }

    pub(super) fn into_index(mut self, past: Past, findings: &mut Vec<Finding>) -> Option<Index> {
        self.registry.sort_by_key(|record| (record.accepted, record.statement.document.serial));
        let mut records = Records::default();
        for record in self.registry {
            records.admit(record).unwrap_or_else(|problems| findings.extend(problems));
        }
        let Some((maintainers, registry)) = records.into_parts() else {
            let message = "there is no registry record that counts";
            findings.push(Finding::new("registry/missing", "registry/1.signed", message));
            return None;
        };
        let links: Vec<_> = registry.iter().map(super::registry::link).collect();
        let metadata = metadata::good(self.metadata, &links, findings);
        let mut papers = Papers::good(&maintainers, self.handovers, findings);
        papers.objections = self.objections;
        let approvals = super::papers::good_approvals(&maintainers, self.approvals, findings);
        let removals = super::papers::good_removals(&maintainers, self.removals, findings);
        let mut index = Index {
            maintainers,
            registry,
            publishers: BTreeMap::new(),
            plugins: BTreeMap::new(),
            approvals,
            advisories: BTreeMap::new(),
            metadata,
            void: BTreeSet::new(),
        };
        index.admit_publishers(self.publishers, papers, past, findings);
        index.admit_publisher_status(self.publisher_status, past, findings);
        index.admit_releases(self.releases, past, findings);
        index.admit_removals(removals, findings);
        index.admit_status(self.status, past, findings);
        index.admit_advisories(self.advisories, past, findings);
        for plugin in index.plugins.values_mut() {
            listing::leave_out_excess(plugin, findings);
        }
        let places = findings.iter().map(|finding| IndexPath::parse(&finding.path));
        index.void = places.filter_map(Result::ok).collect();
        Some(index)
    }
}
