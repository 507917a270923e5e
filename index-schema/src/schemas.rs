//! The JSON Schemas (draft 2020-12) of every document, generated from the types.

use schemars::Schema;

/// Returns file name and schema of every document.
pub fn all() -> Vec<(&'static str, Schema)> {
    vec![
        ("registry.json", schemars::schema_for!(crate::registry::Registry)),
        ("publisher.json", schemars::schema_for!(crate::publisher::Publisher)),
        ("publisher-status.json", schemars::schema_for!(crate::publisher_status::PublisherStatus)),
        ("release.json", schemars::schema_for!(crate::manifest::Manifest)),
        ("status.json", schemars::schema_for!(crate::status::Status)),
        ("approval.json", schemars::schema_for!(crate::approval::Approval)),
        ("objection.json", schemars::schema_for!(crate::objection::Objection)),
        ("handover.json", schemars::schema_for!(crate::handover::Handover)),
        ("removal.json", schemars::schema_for!(crate::removal::Removal)),
        ("advisory.json", schemars::schema_for!(crate::advisory::Advisory)),
        ("plugin.json", schemars::schema_for!(crate::plugin_doc::PluginDoc)),
        ("catalog.json", schemars::schema_for!(crate::catalog::Catalog)),
        ("state.json", schemars::schema_for!(crate::catalog::State)),
    ]
}
