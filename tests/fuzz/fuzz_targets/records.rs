//! Signed records: the strict reading of JSON, and of every kind of statement.

#![no_main]

use index_schema::approval::Approval;
use index_schema::json;
use index_schema::manifest::Manifest;
use index_schema::publisher::Publisher;
use index_schema::registry::Registry;
use index_schema::statement::{Statement, split};
use index_schema::status::Status;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    drop(json::parse(data, 1 << 20));
    drop(split(data));
    drop(Statement::<Approval>::read(data));
    drop(Statement::<Manifest>::read(data));
    drop(Statement::<Publisher>::read(data));
    drop(Statement::<Registry>::read(data));
    drop(Statement::<Status>::read(data));
});
