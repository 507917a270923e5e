//! Documents for unit tests.

use std::rc::Rc;

use index_schema::id::PluginId;
use index_schema::json::{self, Unknown};
use index_schema::limits;
use index_schema::plugin_doc::PluginDoc;
use index_schema::registry::Registry;
use serde_json::{Value, json};

/// Parses a plugin's id.
pub(crate) fn id(text: &str) -> PluginId {
    PluginId::parse(text).unwrap()
}

/// Makes one release of a plugin document: its version, dependencies and permissions.
pub(crate) fn release(version: &str, dependencies: &Value, permissions: &Value) -> Value {
    let digest = index_schema::digest::Sha256Digest::of(version.as_bytes());
    json!({
        "version": version, "schema": 1, "signers": [],
        "statement": {"sha256": digest, "size": 1, "accepted": "2026-11-23T15:53:30Z"},
        "facts": {
            "runtime": "python", "pricing": "free", "dependencies": dependencies,
            "permissions": permissions,
            "artifacts": [{"platform": "any", "size": 100, "unpacked": 10}],
        },
    })
}

/// Makes a plugin document out of releases, newest first.
pub(crate) fn document(id: &str, releases: &[Value]) -> PluginDoc {
    let text = json!({
        "type": "plugin", "schema": 1, "registry": "demo", "id": id, "publisher_title": "Lab",
        "publisher_chain": [],
        "publisher_statements": {"sha256": index_schema::digest::Sha256Digest::of(b""), "size": 0},
        "about": {"title": "Title", "summary": "Summary", "license": "MIT",
                  "categories": ["utilities"]},
        "releases": releases,
    });
    parse(&text)
}

/// Parses a plugin document, as the client does.
pub(crate) fn parse(value: &Value) -> PluginDoc {
    let bytes = serde_json::to_vec(value).unwrap();
    json::read(&bytes, limits::PLUGIN_DOCUMENT, Unknown::Ignore).unwrap()
}

/// Makes documents that plans can use.
pub(crate) fn shared(
    documents: Vec<PluginDoc>,
) -> std::collections::BTreeMap<PluginId, Rc<PluginDoc>> {
    documents.into_iter().map(|document| (document.id.clone(), Rc::new(document))).collect()
}

/// Makes a registry record whose host knows one harmless and one sensitive permission.
pub(crate) fn record() -> Registry {
    let fingerprint = "A".repeat(40);
    let text = json!({
        "type": "registry", "schema": 1, "registry": "demo", "serial": 1, "title": "Demo",
        "maintainers": [{"name": "Alice", "roles": ["registry"], "fingerprint": fingerprint,
                         "certificate": "none"}],
        "categories": ["utilities"],
        "host": {"name": "Host", "permissions": [
            {"name": "host.theme.read", "meaning": "see the colours"},
            {"name": "host.mail.read", "sensitive": true, "meaning": "read your mail"},
        ]},
    });
    let bytes = serde_json::to_vec(&text).unwrap();
    json::read(&bytes, limits::PUBLISHER, Unknown::Refuse).unwrap()
}
