//! Manifests that are not what a manifest is: each is refused with a code, at a line and column.

use crate::world::{Found, Plugin, Report, World, stderr};

const PATH: &str = "plugins/la/lab/am/amber/1.0.0.signed";

/// A good manifest, one field a line. Line 1 is the brace.
fn good() -> Vec<String> {
    let digest = "0".repeat(64);
    let artifact = format!(
        r#"{{"platform": "any", "urls": ["https://plugins.example.org/a.tar.gz"], "sha256": "{digest}", "size": 1, "tar_sha256": "{digest}", "unpacked": 1, "entries": 2}}"#
    );
    let artifacts = format!(r#""artifacts": [{artifact}],"#);
    let lines = [
        "{",
        r#""type": "release","#,
        r#""schema": 1,"#,
        r#""registry": "demo","#,
        r#""id": "lab/amber","#,
        r#""version": "1.0.0","#,
        r#""title": "Amber","#,
        r#""summary": "Glows","#,
        r#""license": "MIT","#,
        r#""categories": ["utilities"],"#,
        r#""runtime": {"kind": "data"},"#,
        &artifacts,
        r#""pricing": {"model": "free"}"#,
        "}",
    ];
    lines.map(str::to_owned).to_vec()
}

/// What is done to the good manifest.
enum Fault {
    /// A line, from 1, becomes another.
    Line(usize, &'static str),
    /// The whole document becomes another.
    Whole(Vec<u8>),
}

use Fault::{Line, Whole};

fn document(fault: &Fault) -> Vec<u8> {
    match fault {
        Line(number, text) => {
            let mut lines = good();
            lines[number - 1] = (*text).to_owned();
            format!("{}\n", lines.join("\n")).into_bytes()
        }
        Whole(bytes) => bytes.clone(),
    }
}

/// Refuses each document with its code, line and column.
#[track_caller]
fn check(cases: &[(Fault, &str, usize, usize)]) {
    let world = World::new();
    let mut wrong = Vec::new();
    for (fault, code, line, column) in cases {
        let document = document(fault);
        let report = submit(&world, &document);
        let is_meant = |found: &&Found| {
            let place = (found.code.as_str(), found.line, found.column);
            place == (*code, Some(*line), Some(*column)) && found.path == PATH
        };
        if report.verdict != "refused" || !report.findings.iter().any(|found| is_meant(&found)) {
            let shown = String::from_utf8_lossy(&document).into_owned();
            wrong.push(format!("{code} {line}:{column}\n{shown}{:#?}", report.findings));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Signs a document, puts it where the release would lie, and has it judged.
fn submit(world: &World, document: &[u8]) -> Report {
    world.write("amber.json", document);
    world.sign("amber.json", "lab");
    world.write(&format!("index/{PATH}"), world.read("amber.signed"));
    world.check()
}

#[test]
fn the_good_manifest_lacks_nothing_but_its_archive() {
    let world = World::new();
    world.write("amber.json", format!("{}\n", good().join("\n")));
    let added = world.add(&world.sign("amber.json", "lab"));
    assert_eq!(added, PATH);
    world.assert_refused(&["artifact/missing"]);
}

/// Texts that are not JSON, in the manner of JSONTestSuite's cases that start with `n_`.
#[test]
fn what_is_not_json_is_refused() {
    let whole = |text: &str| Whole(text.as_bytes().to_vec());
    check(&[
        (whole("\n"), "json/syntax", 2, 1),
        (whole("[\n"), "json/syntax", 2, 1),
        (whole("[1 true]\n"), "json/syntax", 1, 4),
        (whole("[1,]\n"), "json/syntax", 1, 4),
        (whole("[,1]\n"), "json/syntax", 1, 2),
        (whole("[1,,2]\n"), "json/syntax", 1, 4),
        (whole("[3[4]]\n"), "json/syntax", 1, 3),
        (whole("{\"a\" 1}\n"), "json/syntax", 1, 6),
        (whole("{\"a\":}\n"), "json/syntax", 1, 6),
        (whole("{\"a\":1,}\n"), "json/syntax", 1, 8),
        (whole("{a: 1}\n"), "json/syntax", 1, 2),
        (whole("{'a': 1}\n"), "json/syntax", 1, 2),
        (whole("{} {}\n"), "json/syntax", 1, 4),
        (whole("{}}\n"), "json/syntax", 1, 3),
        (whole("{} // no\n"), "json/syntax", 1, 4),
        (whole("[tru]\n"), "json/syntax", 1, 2),
        (whole("[True]\n"), "json/syntax", 1, 2),
        (whole("[NaN]\n"), "json/syntax", 1, 2),
        (whole("[Infinity]\n"), "json/syntax", 1, 2),
        (whole("[+1]\n"), "json/syntax", 1, 2),
        (whole("[.5]\n"), "json/syntax", 1, 2),
        (whole("[\"\\x20\"]\n"), "json/syntax", 1, 4),
        (whole("[\"\\u00g0\"]\n"), "json/syntax", 1, 4),
        (whole("[\"open]\n"), "json/syntax", 1, 8),
        (whole("[\u{a0}1]\n"), "json/syntax", 1, 2),
    ]);
}

#[test]
fn what_two_readers_could_understand_differently_is_refused() {
    let deep = format!("{}{}\n", "[".repeat(33), "]".repeat(33));
    let with_mark = [b"\xef\xbb\xbf".as_slice(), good().join("\n").as_bytes(), b"\n"].concat();
    check(&[
        (Whole(with_mark), "json/byte-order-mark", 1, 1),
        (Whole(deep.into_bytes()), "json/too-deep", 1, 33),
        (Whole(b"[\"\xff\"]\n".to_vec()), "json/utf8", 1, 3),
        (Line(3, "\"schema\": 1, \"schema\": 1,"), "json/duplicate-member", 3, 14),
        (
            Line(8, "\"summary\": \"Glows\", \"\\u0073ummary\": \"\","),
            "json/duplicate-member",
            8,
            21,
        ),
        (
            Line(11, r#""runtime": {"kind": "data", "kind": "wasm"},"#),
            "json/duplicate-member",
            11,
            29,
        ),
        (Line(8, "\"summary\": \"Glo\u{202e}ws\","), "json/forbidden-character", 8, 12),
        (Line(8, r#""summary": "Glo\u202ews","#), "json/forbidden-character", 8, 12),
        (Line(8, r#""summary": "Glo\u0000ws","#), "json/forbidden-character", 8, 12),
        (Line(8, "\"summary\": \"Glo\u{7}ws\","), "json/syntax", 8, 16),
        (Line(8, r#""summary": "Glo\ud800ws","#), "json/lone-surrogate", 8, 16),
    ]);
}

#[test]
fn a_field_that_is_not_what_it_should_be_is_pointed_at() {
    check(&[
        (Line(3, r#""schema": 2,"#), "statement/newer-schema", 3, 11),
        (Line(3, r#""schema": "1","#), "json/wrong-kind", 3, 11),
        (Line(3, r#""schema": 1.0,"#), "json/number", 3, 11),
        (Line(3, ""), "json/missing-field", 1, 1),
        (Line(2, r#""type": "status","#), "statement/wrong-type", 2, 9),
        (Line(4, r#""registry": "Demo","#), "name/registry", 4, 13),
        (Line(5, r#""id": "lab/Amber","#), "name/plugin-id", 5, 7),
        (Line(5, r#""id": "lab/con","#), "name/plugin-id", 5, 7),
        (Line(5, r#""id": "lab/a--b","#), "name/plugin-id", 5, 7),
        (Line(5, r#""id": "lab/../x","#), "name/plugin-id", 5, 7),
        (Line(6, r#""version": "1.0","#), "version/malformed", 6, 12),
        (Line(6, r#""version": "v1.0.0","#), "version/malformed", 6, 12),
        (Line(6, r#""version": "1.0.0-RC","#), "version/malformed", 6, 12),
        (Line(7, r#""title": "","#), "document/text", 7, 10),
        (Line(7, r#""title": " Amber","#), "document/text", 7, 10),
        (Line(7, r#""Title": "Amber","#), "json/unknown-field", 7, 1),
        (Line(8, r#""sumary": "Glows","#), "json/unknown-field", 8, 1),
        (Line(9, r#""license": "GPL","#), "license/malformed", 9, 12),
        (Line(10, r#""categories": [],"#), "document/list", 10, 15),
        (Line(10, r#""categories": ["a", "b", "c", "d"],"#), "document/list", 10, 15),
        (Line(10, r#""categories": ["Ai"],"#), "name/word", 10, 16),
        (Line(11, r#""runtime": {"kind": "python"},"#), "runtime/no-entry", 11, 12),
        (Line(11, r#""runtime": {"kind": "ruby"},"#), "json/unknown-word", 11, 21),
        (Line(11, r#""runtime": {"kind": "wasm", "entry": "../x"},"#), "path/malformed", 11, 38),
        (
            Line(11, r#""runtime": {"kind": "data"}, "homepage": "http://x.org","#),
            "url/malformed",
            11,
            42,
        ),
        (Line(13, r#""pricing": {"model": "Free"}"#), "json/unknown-word", 13, 22),
        (
            Line(13, r#""pricing": {"model": "free"}, "dependencies": {"lab/b": "^^1"}"#),
            "requirement/malformed",
            13,
            57,
        ),
        (
            Line(13, r#""pricing": {"model": "free"}, "dependencies": {"lab/amber": "1"}"#),
            "dependency/itself",
            5,
            7,
        ),
    ]);
}

#[test]
fn a_misspelt_field_or_word_gets_a_suggestion() {
    let cases = [
        (r#""sumary": "Glows","#, 8, "summary"),
        (r#""runtime": {"kind": "pyton"},"#, 11, "python"),
    ];
    let world = World::new();
    for (line, number, meant) in cases {
        let report = submit(&world, &document(&Line(number, line)));
        let mut hints = report.findings.iter().filter_map(|finding| finding.hint.as_deref());
        assert!(hints.any(|hint| hint.contains(meant)), "{report:#?}");
    }
}

#[test]
fn a_document_of_the_wrong_kind_or_size_is_refused() {
    let long = format!("\"changes\": \"{}\",", "x".repeat(70_000));
    let world = World::new();
    let mut lines = good();
    lines.insert(1, long);
    let report = submit(&world, format!("{}\n", lines.join("\n")).as_bytes());
    assert_eq!(report.verdict, "refused");
    assert!(["json/too-long", "shape/too-long"].contains(&report.codes()[0]), "{report:#?}");
}

#[test]
fn a_malformed_document_is_neither_packed_nor_added() {
    let world = World::new();
    let plugin = Plugin::new("amber", "1.0.0").field("sumary", "Glows".into());
    plugin.write(&world.path("sources/amber"));
    world.write("amber.json", document(&Line(8, r#""sumary": "Glows","#)));
    world.sign("amber.json", "lab");
    let before = world.listing("");
    let refused = world.tool("pack sources/amber --out dist --url https://example.org/{file}");
    let refused = refused.code(1);
    assert!(stderr(&refused).contains("did you mean `summary`?"), "{}", stderr(&refused));
    let refused = world.tool("add amber.signed --index index").code(1);
    assert!(stderr(&refused).contains("json/unknown-field"), "{}", stderr(&refused));
    world.assert_unchanged("", &before);
}
