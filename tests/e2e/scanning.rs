//! What the scanner tells the people who run it: publishers before they submit, maintainers before
//! they accept.

use std::path::PathBuf;

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::{assert_sarif, run};
use crate::world::{Plugin as Package, World, program, write};

/// A plugin's sources, a manifest beside them, and who scans them.
struct Plugin(tempfile::TempDir);

/// How a scan ended, and what it printed.
struct Scanned {
    code: i32,
    text: String,
}

impl Plugin {
    fn new(files: &[(&str, &str)]) -> Self {
        let plugin = Self(tempfile::tempdir().unwrap());
        for (path, contents) in files {
            write(&plugin.path().join(path), contents.as_bytes());
        }
        plugin
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("src")
    }

    /// Declares permissions in a manifest beside the sources.
    fn declares(self, permissions: &str) -> Self {
        write(&self.0.path().join("manifest.json"), permissions.as_bytes());
        self
    }

    fn scan(&self, options: &[&str]) -> Scanned {
        let (path, manifest) = (self.path(), self.0.path().join("manifest.json"));
        let mut args = vec!["scan", path.to_str().unwrap()];
        if manifest.exists() {
            args.extend(["--manifest", manifest.to_str().unwrap()]);
        }
        args.extend(options);
        let output = run(program("registry-tool").to_str().unwrap(), &args, b"");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        Scanned { code: output.status.code().unwrap(), text }
    }

    fn json(&self, options: &[&str]) -> Value {
        let scanned = self.scan(&[&["--format", "json"], options].concat());
        serde_json::from_str(&scanned.text).unwrap()
    }
}

impl Scanned {
    /// The text without its last line, which names rules and walls.
    fn findings(&self) -> &str {
        self.text.trim_end().rsplit_once('\n').unwrap().0
    }
}

/// The codes of findings, sorted.
fn codes(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

#[test]
fn what_a_plugin_can_do_is_shown_with_the_line_that_does_it() {
    let plugin = Plugin::new(&[(
        "main.py",
        "import os\n\n\ndef tidy(folder):\n    getattr(os, 'sys' + 'tem')('rm -r ' + folder)\n",
    )]);
    let scanned = plugin.scan(&[]);
    assert_eq!(scanned.code, 1);
    assert_data_eq!(
        scanned.findings(),
        str![[r#"
error[scan/hidden-execution]: `os.system` is used by a name that is put together while the code runs
  --> main.py:5:5
  |
5 |     getattr(os, 'sys' + 'tem')('rm -r ' + folder)
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^

error[scan/undeclared]: `os.system` runs a command line in the system's shell: the plugin can start other programs, which its manifest does not declare
  --> main.py:5:5
  |
5 |     getattr(os, 'sys' + 'tem')('rm -r ' + folder)
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: declare the permission `process.spawn`, or do without

code.hidden            The plugin hides what it runs from those who read it. (1 place)
process.spawn          The plugin can start other programs. (1 place)
refused: 1 python file analysed; 2 errors
"#]]
    );
}

#[test]
fn what_is_declared_is_no_error_and_what_nothing_needs_is_a_warning() {
    let plugin = Plugin::new(&[("a.js", "fetch('https://api.example.org/v1');\n")]).declares(
        r#"{"permissions": [
            {"name": "network", "scope": ["api.example.org"], "reason": "Asks for the weather."},
            {"name": "process.spawn", "reason": "Just in case."}
        ]}"#,
    );
    let scanned = plugin.scan(&[]);
    assert_eq!(scanned.code, 0);
    assert_data_eq!(
        scanned.findings(),
        str![[r#"
warning[scan/unused-permission]: nothing was found that needs `process.spawn`

network                The plugin can send and receive data over the network. (1 place, declared)
accepted: 1 javascript file analysed; 1 warning
"#]]
    );
}

#[test]
fn a_constant_outside_of_the_declared_scope_is_an_error() {
    let permissions = r#"{"permissions": [
        {"name": "network", "scope": ["*.example.org"], "reason": "Asks for the weather."},
        {"name": "fs.read", "scope": ["~/Documents"], "reason": "Reads letters."},
        {"name": "env.read", "scope": ["LANG"], "reason": "Speaks your language."}
    ]}"#;
    let inside = Plugin::new(&[(
        "a.py",
        "import os, urllib.request as u\nu.urlopen('https://api.example.org/')\n\
         open('~/Documents/a.txt')\nos.getenv('LANG')\n",
    )])
    .declares(permissions);
    assert_eq!(inside.scan(&[]).code, 0);
    let outside = Plugin::new(&[(
        "a.py",
        "import os, urllib.request as u\nu.urlopen('https://example.org.evil.test/')\n\
         open('~/Documents/../.ssh/id_ed25519')\nos.getenv('HOME')\n",
    )])
    .declares(permissions);
    let report = outside.json(&[]);
    assert_eq!(codes(&report), ["scan/scope", "scan/scope", "scan/scope"], "{report:#}");
}

#[test]
fn the_names_of_environment_variables_are_held_against_the_scope_however_they_are_read() {
    let permissions = r#"{"permissions": [
        {"name": "env.read", "scope": ["LANG", "AMBER_*"], "reason": "Speaks your language."}
    ]}"#;
    let python = "import os\nos.environ['LANG']\nos.environ.get('AMBER_HOME')\n";
    let javascript = "const { LANG } = process.env;\nprocess.env['AMBER_HOME'];\n";
    let inside = Plugin::new(&[("a.py", python), ("b.js", javascript)]).declares(permissions);
    assert_eq!(codes(&inside.json(&[])), [""; 0]);
    let javascript = "const { PATH } = process.env;\nprocess.env['HOME'];\nprocess.env.USER;\n";
    let python = "import os\nos.environ['HOME']\nos.environ.get('USER')\n";
    let outside = Plugin::new(&[("a.py", python), ("b.js", javascript)]).declares(permissions);
    assert_eq!(codes(&outside.json(&[])), ["scan/scope"; 5]);
}

#[test]
fn what_is_forbidden_stays_an_error_whatever_is_declared() {
    let every: Vec<_> = index_schema::permission::VOCABULARY
        .iter()
        .map(|word| format!(r#"{{"name": "{}", "reason": "Why not."}}"#, word.name))
        .collect();
    let plugin = Plugin::new(&[(
        "a.py",
        "import base64, pip\nexec(base64.b64decode('cHJpbnQoMSk='))\npip.main(['install', 'x'])\n\
         print(().__class__.__base__.__subclasses__())\n",
    )])
    .declares(&format!(r#"{{"permissions": [{}]}}"#, every.join(", ")));
    let report = plugin.json(&[]);
    for code in ["scan/hidden-execution", "scan/package-install", "scan/introspection"] {
        assert!(codes(&report).contains(&code), "{code}: {report:#}");
    }
    assert_eq!(report["verdict"], "refused");
}

#[test]
fn what_became_more_and_what_became_less_is_shown() {
    let before = Plugin::new(&[("a.lua", "io.open('notes.txt', 'w')\n")]);
    let now = Plugin::new(&[("a.lua", "os.execute('ls')\n")]);
    let previous = before.path();
    let report = now.json(&["--previous", previous.to_str().unwrap()]);
    assert_eq!(report["difference"]["added"], serde_json::json!(["process.spawn"]));
    assert_eq!(report["difference"]["removed"], serde_json::json!(["fs.write"]));
}

#[test]
fn a_fingerprint_stays_when_other_lines_come_before() {
    let report = |source: &str| Plugin::new(&[("a.js", source)]).json(&[]);
    let short = report("require('child_process').exec('ls');\n");
    let long = report("// More words.\n\nrequire('child_process').exec('ls');\n");
    let fingerprint = |report: &Value| report["findings"][0]["fingerprint"].clone();
    assert_eq!(fingerprint(&short), fingerprint(&long));
    assert_ne!(short["findings"][0]["line"], long["findings"][0]["line"]);
}

#[test]
fn code_hosts_get_results_with_places() {
    let files = [("a b.js", "\nrequire('child_process').exec('ls');\n"), ("z.py", "(\0")];
    let plugin = Plugin::new(&files);
    let scanned = plugin.scan(&["--format", "sarif"]);
    assert_sarif(&scanned.text);
    let log: Value = serde_json::from_str(&scanned.text).unwrap();
    let result = &log["runs"][0]["results"][0];
    assert_eq!(log["version"], "2.1.0");
    assert_eq!((&result["ruleId"], &result["level"]), (&"scan/undeclared".into(), &"error".into()));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.js");
    assert_eq!(place["region"]["startLine"], 2);
}

#[test]
fn no_comment_of_a_publisher_silences_a_finding() {
    let plugin = Plugin::new(&[
        ("a.py", "import os\nos.system('ls')  # nosec # noqa # type: ignore\n"),
        ("b.js", "/* eslint-disable */ eval(x); // nosemgrep\n"),
    ]);
    assert_eq!(codes(&plugin.json(&[])), ["scan/undeclared", "scan/undeclared"]);
}

#[test]
fn what_was_not_analysed_is_never_clean() {
    for (path, contents, code) in [
        ("broken.py", "def f(:\n", "scan/unparsable"),
        ("broken.js", "let = = 1", "scan/unparsable"),
        ("broken.lua", "local function", "scan/unparsable"),
        ("tool.txt", "#!/bin/sh\ncurl https://example.org | sh\n", "scan/script"),
    ] {
        let plugin = Plugin::new(&[(path, contents)]);
        let report = plugin.json(&[]);
        assert_eq!(codes(&report), [code], "{path}: {report:#}");
        assert_ne!(report["verdict"], "accepted", "{path}");
        assert_eq!(report["findings"][0]["file"], path);
    }
}

#[test]
fn a_maintainer_adds_a_rule_without_compiling() {
    let rule = |ok: &str| {
        format!(
            r#"{{
  "schema": "registry-tool.rules/1",
  "language": "python",
  "rules": [{{
    "id": "LOCAL-0001",
    "capability": "network",
    "message": "talks to our printer",
    "symbols": ["acmeprint.send"],
    "tests": {{"bad": ["from acmeprint import send as s\ns(1)"], "ok": ["{ok}"]}}
  }}]
}}"#
        )
    };
    let plugin = Plugin::new(&[("a.py", "import acmeprint\nacmeprint.send('hello')\n")]);
    assert_eq!(plugin.scan(&[]).code, 0);
    let rules = tempfile::tempdir().unwrap();
    write(&rules.path().join("acme.json"), rule("acmeprint = {}").as_bytes());
    let folder = rules.path().to_str().unwrap();
    let report = plugin.json(&["--rules", folder]);
    assert_eq!(report["findings"][0]["rule"], "LOCAL-0001", "{report:#}");

    let tool = program("registry-tool");
    let test =
        |folder: &str| run(tool.to_str().unwrap(), &["rules", "test", "--rules", folder], b"");
    assert_eq!(test(folder).status.code(), Some(0));
    write(&rules.path().join("acme.json"), rule("import acmeprint\\nacmeprint.send(1)").as_bytes());
    let output = test(folder);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("LOCAL-0001"), "{said}");
}

#[test]
fn a_release_that_can_do_more_than_its_manifest_says_is_refused() {
    let world = World::new();
    let code = "import os\nos.system('ls')\n";
    world.propose(Package::new("amber", "1.0.0").file("src/main.py", code));
    let before = world.listing("index");
    let report = world.assert_refused(&["scan/undeclared"]);
    let finding = &report.findings[0];
    assert_eq!(finding.path, "plugins/la/lab/am/amber/1.0.0.signed");
    assert!(finding.message.starts_with("`src/main.py`, line 2: `os.system`"), "{finding:?}");
    // It cannot be approved, either.
    let approve = "approve --index index --archives dist --reason fine --key keys/maintainer";
    world.tool(&format!("{approve} --finding {}", finding.fingerprint)).code(2);
    world.assert_unchanged("index", &before);

    let honest = Package::new("bronze", "1.0.0").permission("process.spawn");
    let world = World::new();
    world.publish(honest.file("src/main.py", code));
}

#[test]
fn what_only_a_maintainer_can_decide_is_approved_by_the_fingerprint_that_a_scan_shows() {
    let world = World::new();
    let code = "import os\nprint(getattr(os, input()))\n";
    let package = Package::new("amber", "1.0.0").permission("code.dynamic-import");
    world.propose(package.file("src/main.py", code));
    let report = world.check();
    assert_eq!((report.verdict.as_str(), report.codes()), ("review", vec!["scan/unresolved"]));

    let manifest = "--manifest packed/lab-amber-1.0.0/1.0.0.json --format json";
    let scanned = world.tool(&format!("scan dist/amber-1.0.0.tar.gz {manifest}")).code(5);
    let scanned: Value = serde_json::from_str(&crate::world::stdout(&scanned)).unwrap();
    let fingerprint = scanned["findings"][0]["fingerprint"].as_str().unwrap();
    let approve = "approve --index index --archives dist --reason fine --key keys/maintainer";
    world.tool(&format!("{approve} --finding {fingerprint}")).code(0);
    world.accept("Publish amber");
}
