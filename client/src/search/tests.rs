//! What is found, and in which order.

use index_schema::catalog::Catalog;
use index_schema::json::{self, Unknown};
use index_schema::limits;
use serde_json::{Value, json};

use super::*;

fn entry(id: &str, title: &str, summary: &str, keywords: &[&str], updated: &str) -> Value {
    json!({
        "id": id, "version": "1.0.0", "title": title, "summary": summary, "license": "MIT",
        "categories": if id.starts_with("lab/") { ["utilities"] } else { ["productivity"] },
        "keywords": keywords, "runtime": "python", "permissions": ["network"],
        "pricing": if id == "harbor/mast" { "one_time" } else { "free" },
        "publisher_title": "Publisher of Things", "releases": 1,
        "created": "2026-01-01T00:00:00Z", "updated": updated,
    })
}

fn catalog() -> Catalog {
    let value = json!({"type": "catalog", "schema": 1, "registry": "demo", "plugins": [
        entry("harbor/mast", "Mast", "Holds the sail", &["tide"], "2026-03-01T00:00:00Z"),
        entry("lab/tide", "Moon", "Nothing", &[], "2026-02-01T00:00:00Z"),
        entry("lab/tide-table", "Hours", "Nothing", &[], "2026-04-01T00:00:00Z"),
        entry("tide-house/boat", "Boat", "Nothing", &[], "2026-01-01T00:00:00Z"),
        entry("zed/clock", "The Tide Clock", "Nothing", &[], "2026-01-01T00:00:00Z"),
        entry("zed/weather", "Weather", "Wind and TIDE", &[], "2026-05-01T00:00:00Z"),
        entry("zed/zero", "Zero", "Nothing at all", &[], "2026-01-01T00:00:00Z"),
    ]});
    let bytes = serde_json::to_vec(&value).unwrap();
    json::read(&bytes, limits::CATALOG, Unknown::Ignore).unwrap()
}

/// Searches and compares the ids that are found.
#[track_caller]
fn check(query: &Query, expected: &[&str]) {
    let catalog = catalog();
    let found = search(&catalog.plugins.known, query, (1, 20));
    let found: Vec<String> = found.hits.iter().map(|entry| entry.id.to_string()).collect();
    assert_eq!(found, expected);
}

fn words(text: &str) -> Query {
    Query { text: text.to_owned(), ..Query::default() }
}

#[test]
fn the_better_the_place_of_a_word_the_earlier_the_plugin() {
    let all = [
        "lab/tide",
        "lab/tide-table",
        "tide-house/boat",
        "harbor/mast",
        "zed/clock",
        "zed/weather",
    ];
    check(&words("tide"), &all);
    check(&words("TIDE"), &all);
}

#[test]
fn every_word_has_to_be_found() {
    check(&words("tide wind"), &["zed/weather"]);
    check(&words("tide nowhere"), &[]);
    check(&words("lab/tide-table"), &["lab/tide-table"]);
    check(&words("publisher zero"), &["zed/zero"]);
}

#[test]
fn filters_leave_out_and_need_no_words() {
    let word = |text| Some(Word::parse(text).unwrap());
    check(&Query { category: word("utilities"), ..words("") }, &["lab/tide", "lab/tide-table"]);
    check(&Query { keyword: word("tide"), ..words("") }, &["harbor/mast"]);
    check(&Query { pricing: Some(Model::OneTime), ..words("tide") }, &["harbor/mast"]);
    let publisher = Some(PublisherId::parse("tide-house").unwrap());
    check(&Query { publisher, ..words("") }, &["tide-house/boat"]);
    let permission = Some(PermissionName::parse("fs.read").unwrap());
    check(&Query { permission, ..words("") }, &[]);
}

#[test]
fn the_order_can_be_chosen() {
    let updated = Query { sort: Sort::Updated, ..words("tide") };
    let newest = ["zed/weather", "lab/tide-table", "harbor/mast", "lab/tide"];
    check(&updated, &[newest.as_slice(), &["tide-house/boat", "zed/clock"]].concat());
    let named = Query { sort: Sort::Name, ..words("tide") };
    let names = ["tide-house/boat", "zed/clock", "harbor/mast", "lab/tide"];
    check(&named, &[names.as_slice(), &["lab/tide-table", "zed/weather"]].concat());
}

#[test]
fn pages_are_cut_from_the_whole() {
    let catalog = catalog();
    let page = |page| {
        let found = search(&catalog.plugins.known, &words("tide"), (page, 4));
        (found.total, found.hits.len())
    };
    assert_eq!([page(1), page(2), page(3)], [(6, 4), (6, 2), (6, 0)]);
}
