//! Running the steps of a workflow as the host's runner would: shell steps for real, in order, each
//! with the environment that the workflow gives it; and instead of each action, what it does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use yaml_rust2::{Yaml, YamlLoader};

/// The values of expressions, `${{ … }}`, without braces and spaces around.
pub(super) type Values = BTreeMap<String, String>;

/// Does what an action does: its name, without the version, and what it is given.
pub(super) type Action<'r> = dyn Fn(&str, &Values) + 'r;

/// What came of a job.
pub(super) struct Done {
    /// Whether every step succeeded.
    pub(super) is_success: bool,
    /// What the steps wrote, in order.
    pub(super) said: String,
}

/// A runner: a machine with a work tree and folders of its own.
pub(super) struct Runner<'r> {
    /// Where shell steps run.
    pub(super) workspace: PathBuf,
    /// `RUNNER_TEMP`.
    pub(super) temp: PathBuf,
    /// Programs that come before others.
    pub(super) programs: PathBuf,
    /// What expressions are worth.
    pub(super) values: Values,
    /// Does what an action does.
    pub(super) action: Box<Action<'r>>,
}

/// Reads a workflow or an action.
fn load(file: &Path) -> Yaml {
    let text = String::from_utf8(crate::world::read(file)).unwrap();
    YamlLoader::load_from_str(&text).unwrap().remove(0)
}

/// Returns every shell script in a workflow or action; what the host puts into it is left out.
pub(super) fn scripts(file: &Path) -> Vec<String> {
    fn collect(yaml: &Yaml, found: &mut Vec<String>) {
        if let Some(script) = yaml["run"].as_str() {
            assert!(!script.contains("${{"), "a script has its values from the environment");
            found.push(script.to_owned());
        }
        for item in yaml.as_vec().into_iter().flatten() {
            collect(item, found);
        }
        for value in yaml.as_hash().into_iter().flat_map(|hash| hash.values()) {
            collect(value, found);
        }
    }
    let mut found = Vec::new();
    collect(&load(file), &mut found);
    found
}

impl Runner<'_> {
    /// Runs a job of a workflow. After a step that fails, only those run that always do.
    pub(super) fn run(&self, workflow: &Path, job: &str) -> Done {
        let workflow = load(workflow);
        let job = &workflow["jobs"][job];
        let mut done = Done { is_success: true, said: String::new() };
        let mut env = self.env(&workflow["env"]);
        env.extend(self.env(&job["env"]));
        for step in job["steps"].as_vec().unwrap() {
            let always = step["if"].as_str().is_some_and(|when| when.contains("!cancelled()"));
            if done.is_success || always {
                done.is_success &= self.step(step, &env, &mut done.said);
            }
        }
        done
    }

    /// Runs the steps of a composite action; returns what it puts out.
    pub(super) fn compose(&self, action: &Path) -> (Done, String) {
        let action = load(action);
        let mut done = Done { is_success: true, said: String::new() };
        for step in action["runs"]["steps"].as_vec().unwrap() {
            done.is_success = done.is_success && self.step(step, &Values::new(), &mut done.said);
        }
        let put_out = String::from_utf8(crate::world::read(&self.temp.join("output"))).unwrap();
        (done, put_out)
    }

    fn step(&self, step: &Yaml, env: &Values, said: &mut String) -> bool {
        let Some(script) = step["run"].as_str() else {
            let action = step["uses"].as_str().expect("a step runs or uses something");
            let name = action.split('@').next().unwrap();
            (self.action)(name, &self.env(&step["with"]));
            return true;
        };
        let mut env = env.clone();
        env.extend(self.env(&step["env"]));
        let Output { status, stdout, stderr } = self.shell(script, &env);
        said.push_str(&String::from_utf8_lossy(&stdout));
        said.push_str(&String::from_utf8_lossy(&stderr));
        status.success()
    }

    /// Runs a script like the runner: `bash -e`, with nothing of this process's own environment.
    fn shell(&self, script: &str, env: &Values) -> Output {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.programs.display());
        Command::new("bash")
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script])
            .current_dir(&self.workspace)
            .env_clear()
            .env("PATH", path)
            .env("HOME", &self.temp)
            .env("TMPDIR", &self.temp)
            .env("RUNNER_TEMP", &self.temp)
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", self.temp.join("output"))
            .env("GITHUB_STEP_SUMMARY", self.temp.join("summary"))
            .envs(env)
            .output()
            .unwrap()
    }

    /// Evaluates a mapping of texts.
    fn env(&self, mapping: &Yaml) -> Values {
        let Some(mapping) = mapping.as_hash() else { return Values::new() };
        let text = |yaml: &Yaml| match (yaml.as_str(), yaml.as_bool(), yaml.as_i64()) {
            (Some(text), ..) => self.evaluate(text),
            (_, Some(value), _) => value.to_string(),
            (.., Some(value)) => value.to_string(),
            (None, None, None) => panic!("{yaml:?} is no text"),
        };
        mapping
            .iter()
            .map(|(name, value)| (name.as_str().unwrap().to_owned(), text(value)))
            .collect()
    }

    /// Puts values in the place of expressions.
    fn evaluate(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            let (expression, after) = after.split_once("}}").unwrap();
            let value = self.values.get(expression.trim());
            out.push_str(before);
            out.push_str(value.unwrap_or_else(|| panic!("`{expression}` is worth nothing here")));
            rest = after;
        }
        out + rest
    }
}
