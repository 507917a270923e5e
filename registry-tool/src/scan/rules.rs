//! Rules as data: which symbols give a plugin which capability.
//!
//! A rule set is a list of JSON files, one for each language, which are part of the program; a
//! folder of further files adds rules, and replaces those with the same id. Every report carries
//! the SHA-256 of all of them.
//!
//! ```json
//! {"schema": "registry-tool.rules/1", "language": "python",
//!  "namespaces": ["os"],                  modules of which no part may be used by a computed name
//!  "modules": ["os"],                     modules that count wherever another one shows them
//!  "aliases": {"posix": "os"},            other names of the same thing
//!  "returns": {"pathlib.Path().parent": "pathlib.Path()"},
//!  "parts": {"f_globals": "types.FrameType().names"},   what parts of anything are, by their names
//!  "rules": [{
//!    "id": "PLG-PY-0101", "capability": "process.spawn", "message": "runs a command line",
//!    "symbols": ["os.system"],            the longest name wins; without a capability it is safe;
//!                                         `x[]` with conditions: argument 0 is the key of an item
//!    "attributes": ["__globals__"],       names of parts that count whatever they belong to
//!    "keywords": ["cmdclass"],            names of arguments that count whatever is called
//!    "texts": ["://bit.ly/"],             parts of constant texts that count
//!    "sinks": ["*.innerHTML"],            parts that count by what is put into them
//!    "when": [{"argument": 1, "name": "mode", "any": ["w"], "absent": false}],
//!    "scope": {"argument": 0, "name": "url", "kind": "host"},
//!    "cwe": ["CWE-78"], "attack": ["T1059"], "related": ["bandit:B605"],
//!    "tests": {"bad": ["import os\nos.system('x')"], "ok": ["def system(): pass\nsystem()"]}}]}
//! ```

pub mod cases;
mod set;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::set::{RuleSet, RulesError};

/// The rules of one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// `registry-tool.rules/1`
    pub schema: String,
    /// The language.
    pub language: String,
    /// Modules of which no part may be used by a name that cannot be seen.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// Modules that count wherever another module shows them (`shutil.os`).
    #[serde(default)]
    pub modules: Vec<String>,
    /// Other names of the same thing.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// What calls and parts give, where that matters: the same as aliases.
    #[serde(default)]
    pub returns: BTreeMap<String, String>,
    /// Parts that are known by their names alone, and the symbols that they are.
    #[serde(default)]
    pub parts: BTreeMap<String, String>,
    /// Functions that look at an object without giving it away (`hasattr`).
    #[serde(default)]
    pub harmless: Vec<String>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its id, which stays what it is for ever.
    pub id: String,
    /// The capability, or the forbidden thing; none if the symbols are safe.
    #[serde(default)]
    pub capability: Option<String>,
    /// What the code does, in plain words: completes "`symbol` …".
    pub message: String,
    /// Qualified names.
    #[serde(default)]
    pub symbols: Vec<String>,
    /// Names of attributes that count whatever they belong to.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// Names of arguments that count whatever is called.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Parts of constant texts that count wherever they stand, prose aside.
    #[serde(default)]
    pub texts: Vec<String>,
    /// Parts that count by what is put into them, or what they are called with: qualified names,
    /// and `*.name` for a part of anything that is not the plugin's own.
    #[serde(default)]
    pub sinks: Vec<String>,
    /// What the arguments of a call have to be; all conditions have to hold.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// Where to find what the capability is limited to.
    #[serde(default)]
    pub scope: Option<ScopeSource>,
    /// Related weaknesses.
    #[serde(default)]
    pub cwe: Vec<String>,
    /// Related techniques of attackers.
    #[serde(default)]
    pub attack: Vec<String>,
    /// Related rules of other tools.
    #[serde(default)]
    pub related: Vec<String>,
    /// Cases.
    #[serde(default)]
    pub tests: Tests,
}

/// A condition on an argument of a call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Condition {
    /// The position of the argument; none if it only goes by name.
    #[serde(default)]
    pub argument: Option<usize>,
    /// The name of the argument.
    #[serde(default)]
    pub name: Option<String>,
    /// It holds if the argument, as text, contains one of these.
    #[serde(default)]
    pub any: Vec<String>,
    /// It does not hold if the argument, as text, contains one of these.
    #[serde(default)]
    pub none: Vec<String>,
    /// Whether the argument is looked at part by part: each constant in it, as `key=value`.
    #[serde(default)]
    pub each: bool,
    /// Of such a part: whether it only holds if the value is the name of what a rule is about.
    #[serde(default)]
    pub sensitive: bool,
    /// Whether the argument has to be a constant text, or must not be one.
    #[serde(default)]
    pub seen: Option<bool>,
    /// Whether it only holds for texts.
    #[serde(default)]
    pub text: bool,
    /// Whether it holds without the argument, and for a mention that is not a call.
    #[serde(default)]
    pub absent: bool,
    /// Whether it holds if the value of the argument is unknown.
    #[serde(default = "yes")]
    pub unknown: bool,
}

const fn yes() -> bool {
    true
}

/// Where the scope of a capability stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeSource {
    /// The position of the argument.
    #[serde(default)]
    pub argument: Option<usize>,
    /// The name of the argument.
    #[serde(default)]
    pub name: Option<String>,
    /// Which members that are taken, rather than given to a call, name it, too.
    #[serde(default)]
    pub members: Vec<Member>,
    /// What it is.
    pub kind: ScopeKind,
}

/// How a member is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Member {
    /// By its name: `x.name`.
    Part,
    /// By a key: `x["name"]`.
    Item,
}

/// What a scope is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeKind {
    /// The name of a host, or a URL that has one.
    Host,
    /// A path.
    Path,
    /// A name.
    Name,
}

/// Cases of a rule.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tests {
    /// Files in which the rule finds something.
    #[serde(default)]
    pub bad: Vec<String>,
    /// Files in which no rule finds anything.
    #[serde(default)]
    pub ok: Vec<String>,
}
