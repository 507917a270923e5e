//! Plans: what is installed, updated and kept, and what has to be agreed to.

use std::collections::BTreeSet;

use index_schema::digest::Sha256Digest;
use index_schema::permission::PermissionName;
use index_schema::time::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::testing::{document, id, parse, record, release, shared};

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn installed(registry: &str, at: &str, origin: Origin, consents: &[&str]) -> Installed {
    Installed {
        registry: RegistryId::parse(registry).unwrap(),
        version: version(at),
        archive: Sha256Digest::of(at.as_bytes()),
        statement: Sha256Digest::of(b"statement"),
        signers: BTreeSet::new(),
        enabled: true,
        pinned: false,
        origin,
        dependencies: BTreeMap::new(),
        consents: consents.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn generation(plugins: &[(&str, Installed)]) -> Generation {
    Generation {
        n: 3,
        created: Timestamp::EPOCH,
        reason: vec!["install".to_owned()],
        plugins: plugins.iter().map(|(name, plugin)| (id(name), plugin.clone())).collect(),
    }
}

/// Plans `solution` for the wish `lab/app`.
fn make(
    generation: Option<&Generation>,
    solution: &[(&str, &str)],
    documents: Vec<PluginDoc>,
) -> Result<Plan, PlanError> {
    let wishes = Wishes::from([(id("lab/app"), Requirement::any())]);
    let releases = solution.iter().map(|(name, at)| (id(name), version(at))).collect();
    let (name, record) = (RegistryId::parse("demo").unwrap(), record());
    let platform = Platform::parse("x86_64-unknown-linux-gnu").unwrap();
    let setting =
        Setting { generation, name: &name, record: &record, platform: &platform, host: None };
    plan(&wishes, &Solution { releases }, &shared(documents), &setting)
}

fn app(versions: &[&str], permissions: &Value) -> PluginDoc {
    let needs = json!({"lab/base": "^1"});
    let releases = versions.iter().map(|version| release(version, &needs, permissions));
    document("lab/app", &releases.collect::<Vec<_>>())
}

fn base(versions: &[&str]) -> PluginDoc {
    let releases = versions.iter().map(|version| release(version, &json!({}), &json!([])));
    document("lab/base", &releases.collect::<Vec<_>>())
}

fn grants(names: &[&str]) -> BTreeSet<PermissionName> {
    names.iter().map(|name| PermissionName::parse(name).unwrap()).collect()
}

#[test]
fn a_step_says_what_happens_and_why() {
    let before = generation(&[("lab/base", installed("demo", "1.0.0", Origin::Automatic, &[]))]);
    let solution = [("lab/app", "2.0.0"), ("lab/base", "1.1.0")];
    let documents = vec![app(&["2.0.0"], &json!([])), base(&["1.1.0", "1.0.0"])];
    let plan = make(Some(&before), &solution, documents).unwrap();
    let steps: Vec<_> =
        plan.steps.iter().map(|step| (step.id.to_string(), &step.action, step.origin)).collect();
    let update = Action::Update { from: version("1.0.0") };
    assert_eq!(
        steps,
        [
            ("lab/app".to_owned(), &Action::Install, Origin::Direct),
            ("lab/base".to_owned(), &update, Origin::Automatic),
        ]
    );
    assert_eq!(plan.base, Some(3));
    assert_eq!(plan.steps[0].dependencies, BTreeMap::from([(id("lab/base"), version("1.1.0"))]));
}

#[test]
fn what_is_there_stays_and_asks_for_nothing() {
    let before = generation(&[("lab/app", installed("demo", "2.0.0", Origin::Direct, &[]))]);
    let network = json!([{"name": "network"}]);
    let plan = make(Some(&before), &[("lab/app", "2.0.0")], vec![app(&["2.0.0"], &network)]);
    let plan = plan.unwrap();
    assert_eq!((plan.changes().count(), plan.asks.len()), (0, 0));
    assert_eq!(plan.missing(&grants(&[])), Vec::<&Ask>::new());
}

#[test]
fn a_plugin_of_another_registry_is_not_replaced() {
    let before = generation(&[("lab/base", installed("other", "1.0.0", Origin::Direct, &[]))]);
    let solution = [("lab/app", "2.0.0"), ("lab/base", "1.1.0")];
    let documents = vec![app(&["2.0.0"], &json!([])), base(&["1.1.0"])];
    let error = make(Some(&before), &solution, documents).unwrap_err();
    assert_eq!(error.code(), "plan/other-registry");
}

#[test]
fn every_sensitive_permission_has_to_be_granted_by_its_exact_name() {
    let permissions = json!([
        {"name": "fs.read"}, {"name": "network"}, {"name": "host.mail.read"},
        {"name": "host.theme.read"}, {"name": "host.unknown.thing"},
        {"name": "fs.write", "optional": true},
    ]);
    let plan = make(None, &[("lab/app", "2.0.0")], vec![app(&["2.0.0"], &permissions)]).unwrap();
    let missing = |names: &[&str]| -> Vec<String> {
        plan.missing(&grants(names)).iter().map(|ask| ask.fact.name.to_string()).collect()
    };
    assert_eq!(missing(&[]), ["network", "host.mail.read", "host.unknown.thing"]);
    assert_eq!(missing(&["host.mail", "net", "fs"]).len(), 3);
    assert_eq!(missing(&["network", "host.mail.read", "host.unknown.thing"]).len(), 0);
    let consents = plan.consents(&id("lab/app"), &grants(&["network", "code.eval"]));
    assert_eq!(consents, BTreeSet::from(["network".to_owned()]));
}

#[test]
fn an_update_keeps_grants_unless_it_wants_more() {
    let old = json!([{"name": "network", "scope": ["a.example.org", "b.example.org"]}]);
    let check = |new: Value, consents: &[&str], expected: usize| {
        let mut value = serde_json::to_value(app(&["2.0.0", "1.0.0"], &old)).unwrap();
        value["releases"][0]["facts"]["permissions"] = new.clone();
        let before =
            generation(&[("lab/app", installed("demo", "1.0.0", Origin::Direct, consents))]);
        let plan = make(Some(&before), &[("lab/app", "2.0.0")], vec![parse(&value)]).unwrap();
        assert_eq!(plan.missing(&grants(&[])).len(), expected, "{new}");
    };
    check(json!([{"name": "network", "scope": ["b.example.org"]}]), &["network"], 0);
    check(json!([{"name": "network", "scope": ["b.example.org"]}]), &[], 1);
    check(json!([{"name": "network", "scope": ["c.example.org"]}]), &["network"], 1);
    check(json!([{"name": "network"}]), &["network"], 1);
    check(json!([{"name": "fs.write"}]), &["network"], 1);
}

#[test]
fn the_archive_of_this_machine_is_preferred() {
    let mut value = serde_json::to_value(app(&["2.0.0"], &json!([]))).unwrap();
    let artifacts = &mut value["releases"][0]["facts"]["artifacts"];
    let mut native = artifacts[0].clone();
    native["platform"] = "x86_64-unknown-linux-gnu".into();
    native["size"] = 7.into();
    artifacts.as_array_mut().unwrap().push(native);
    let plan = make(None, &[("lab/app", "2.0.0")], vec![parse(&value)]).unwrap();
    assert_eq!(plan.steps[0].artifact.size, 7);
}

#[test]
fn a_yanked_or_deprecated_release_warns() {
    let mut value = serde_json::to_value(app(&["2.0.0"], &json!([]))).unwrap();
    value["releases"][0]["yanked"] = json!({"reason": "loses data", "harmful": true});
    value["deprecated"] = json!({"reason": "done", "successor": "lab/next"});
    let plan = make(None, &[("lab/app", "2.0.0")], vec![parse(&value)]).unwrap();
    let warnings: Vec<_> =
        plan.warnings.iter().map(|warning| (warning.code, warning.message.as_str())).collect();
    assert_eq!(
        warnings,
        [
            (
                "release/yanked",
                "2.0.0 was taken back by its publisher, and it does harm: loses data"
            ),
            ("plugin/deprecated", "gets no more releases: done; take lab/next instead"),
        ]
    );
}

#[test]
fn what_is_installed_goes_into_the_request() {
    let mut pinned = installed("demo", "1.0.0", Origin::Direct, &[]);
    pinned.pinned = true;
    let before = generation(&[
        ("lab/pinned", pinned),
        ("lab/preview", installed("demo", "1.0.0-rc.1", Origin::Direct, &[])),
        ("lab/stays", installed("demo", "1.0.0", Origin::Automatic, &[])),
        ("lab/elsewhere", installed("other", "1.0.0", Origin::Direct, &[])),
    ]);
    let (name, record, platform) = (RegistryId::parse("demo").unwrap(), record(), Platform::any());
    let setting = Setting {
        generation: Some(&before),
        name: &name,
        record: &record,
        platform: &platform,
        host: None,
    };
    let wishes = Wishes::from([(id("lab/app"), Requirement::parse("^2").unwrap())]);
    let request = request(&wishes, &setting);
    let root: Vec<_> = request.root.iter().map(|(id, wish)| format!("{id} {wish}")).collect();
    let expected =
        ["lab/app ^2", "lab/pinned =1.0.0", "lab/preview =1.0.0-rc.1 || *", "lab/stays *"];
    assert_eq!(root, expected);
    assert_eq!(request.locked.len(), 3);
}
