//! Runs a composite action as GitHub's runner does: its steps in order, each in its own bash, with
//! real files for outputs and summary. Supports what this project's `action.yml` uses; a step with
//! `uses` is only recorded.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use saphyr::{LoadableYamlNode, Yaml};
use serde_json::{Map, Value, json};

/// A run of an action.
pub(crate) struct Job {
    /// The folder of `action.yml`.
    pub(crate) action: PathBuf,
    pub(crate) workspace: PathBuf,
    /// The folder for the runner's own files.
    pub(crate) temp: PathBuf,
    /// The context `github`, without the fields that the runner itself sets.
    pub(crate) github: Value,
    pub(crate) inputs: Vec<(&'static str, String)>,
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Set if a step with `uses` fails.
    pub(crate) is_refused: bool,
}

/// The result of a run.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// The exit code of the step that failed, or 0.
    pub(crate) code: i32,
    pub(crate) log: String,
    pub(crate) summary: String,
    pub(crate) outputs: Value,
    /// The `with` of the steps with `uses`.
    pub(crate) used: Vec<Value>,
}

impl Job {
    pub(crate) fn run(&self) -> Done {
        let action = definition(&self.action);
        std::fs::create_dir_all(&self.temp).unwrap();
        let mut context = json!({ "github": self.github, "inputs": {}, "steps": {} });
        for (name, input) in action["inputs"].as_object().unwrap() {
            let given = self.inputs.iter().find(|(own, _)| own == name);
            let given = given.map(|(_, value)| value.clone());
            let input = given.unwrap_or_else(|| fill(&input["default"], &context));
            context["inputs"][name] = input.into();
        }
        for (name, _) in &self.inputs {
            assert!(action["inputs"].get(*name).is_some(), "there is no input `{name}`");
        }
        let mut done = Done::default();
        for step in action["runs"]["steps"].as_array().unwrap() {
            let id = step["id"].as_str().unwrap_or("none");
            let wanted = step["if"].as_str().map(|text| evaluate(text, &context));
            context["steps"][id] = json!({ "outputs": {}, "outcome": "skipped" });
            if done.code != 0 || wanted.is_some_and(|wanted| !is_true(&wanted)) {
                continue;
            }
            let code = match step["run"].as_str() {
                Some(script) => self.script(script, step, id, &mut context, &mut done),
                None => {
                    let with = filled(&step["with"], &context);
                    assert!(with["sarif_file"].as_str().is_some_and(is_json));
                    done.used.push(with);
                    self.is_refused.into()
                }
            };
            context["steps"][id]["outcome"] = if code == 0 { "success" } else { "failure" }.into();
            if step["continue-on-error"] != true {
                done.code = code;
            }
        }
        done.outputs = json!({});
        for (name, output) in action["outputs"].as_object().unwrap() {
            done.outputs[name] = fill(&output["value"], &context).into();
        }
        done
    }

    /// Runs a script; returns its exit code.
    fn script(
        &self,
        script: &str,
        step: &Value,
        id: &str,
        context: &mut Value,
        done: &mut Done,
    ) -> i32 {
        assert_eq!(step["shell"], "bash");
        assert!(!script.contains("${{"), "an expression in a script: {script}");
        let write = |name: &str, text: &str| {
            let path = self.temp.join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let file = write("script.sh", script);
        let (output, summary) = (write("output", ""), write("summary", ""));
        let folder = step.get("working-directory").map(|folder| fill(folder, context));
        let folder = self.workspace.join(folder.unwrap_or_default());
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(file).current_dir(folder);
        command.env_clear().stdin(Stdio::null());
        let github = |name: &str| self.github[name].as_str().unwrap_or_default().to_owned();
        for name in ["event_name", "ref", "ref_name", "ref_type", "repository", "server_url", "sha"]
        {
            command.env(format!("GITHUB_{}", name.to_uppercase()), github(name));
        }
        let event = write("event.json", &self.github["event"].to_string());
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_ACTION_PATH", &self.action)
            .env("GITHUB_EVENT_PATH", event)
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("GITHUB_WORKSPACE", &self.workspace)
            .env("RUNNER_TEMP", &self.temp)
            .envs(self.variables.iter().map(|(name, value)| (*name, value)));
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            command.env(name, fill(value, context));
        }
        // Both streams go to one log, in the order of their writes.
        let log = std::fs::File::create(self.temp.join("log")).unwrap();
        command.stderr(log.try_clone().unwrap()).stdout(log);
        // A missing folder fails the step, as in the real runner.
        let code = command.status().map_or(1, |status| status.code().unwrap_or(-1));
        let read = |path: &Path| {
            String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
        };
        done.log += &read(&self.temp.join("log"));
        done.summary += &read(&summary);
        for line in read(&output).lines() {
            let (name, value) = line.split_once('=').unwrap();
            context["steps"][id]["outputs"][name] = value.into();
        }
        code
    }
}

impl Done {
    /// The commands in the log that a runner would execute: `::name …::` at the start of a line,
    /// and the old `##[name …]` anywhere.
    pub(crate) fn commands(&self) -> Vec<&str> {
        let mut stopped: Option<String> = None;
        let mut commands = Vec::new();
        for line in self.log.split(['\n', '\r']) {
            let begin = line.trim_start();
            if let Some(stop) = &stopped {
                if begin == *stop {
                    stopped = None;
                }
            } else if let Some(word) = begin.strip_prefix("::stop-commands::") {
                stopped = Some(format!("::{word}::"));
            } else if begin.starts_with("::") || line.contains("##[") {
                commands.push(line);
            }
        }
        assert_eq!(stopped, None, "commands are stopped to the end\n{}", self.log);
        commands
    }

    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs[name].as_str().unwrap_or_else(|| panic!("no output `{name}`: {self:#?}"))
    }

    /// The SARIF report at a path.
    pub(crate) fn report(path: &str) -> Value {
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }
}

/// The `action.yml` of a folder.
pub(crate) fn definition(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("action.yml")).unwrap();
    value(&Yaml::load_from_str(&text).unwrap()[0])
}

fn is_json(path: &str) -> bool {
    std::fs::read(path).is_ok_and(|text| serde_json::from_slice::<Value>(&text).is_ok())
}

fn value(yaml: &Yaml<'_>) -> Value {
    if let Some(map) = yaml.as_mapping() {
        let own = map.iter().map(|(key, own)| (key.as_str().unwrap().to_owned(), value(own)));
        return own.collect();
    }
    if let Some(list) = yaml.as_sequence() {
        return list.iter().map(value).collect();
    }
    let truth = yaml.as_bool().map(Value::from);
    truth.unwrap_or_else(|| yaml.as_str().expect("an action has texts and truths").into())
}

/// The values of a mapping, with their expressions evaluated.
fn filled(map: &Value, context: &Value) -> Value {
    let map = map.as_object().unwrap().iter();
    map.map(|(name, value)| (name.clone(), fill(value, context).into()))
        .collect::<Map<_, _>>()
        .into()
}

/// A text with its expressions evaluated.
fn fill(text: &Value, context: &Value) -> String {
    let mut rest = text.as_str().unwrap();
    let mut filled = String::new();
    while let Some((before, expression)) = rest.split_once("${{") {
        let (expression, after) = expression.split_once("}}").unwrap();
        filled += before;
        filled += &shown(&evaluate(expression, context));
        rest = after;
    }
    filled + rest
}

fn shown(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None if value.is_null() => String::new(),
        None => value.to_string(),
    }
}

fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && *value != "" && *value != 0
}

/// Evaluates an expression of `||`, `&&`, `==`, `!=`, names and texts, without brackets.
fn evaluate(expression: &str, context: &Value) -> Value {
    if let Some((one, other)) = expression.split_once("||") {
        let one = evaluate(one, context);
        return if is_true(&one) { one } else { evaluate(other, context) };
    }
    if let Some((one, other)) = expression.split_once("&&") {
        let one = evaluate(one, context);
        return if is_true(&one) { evaluate(other, context) } else { one };
    }
    for (operator, is_equal) in [("==", true), ("!=", false)] {
        if let Some((one, other)) = expression.split_once(operator) {
            // Both are texts or null here, and null equals an empty text.
            let same = shown(&evaluate(one, context)) == shown(&evaluate(other, context));
            return (same == is_equal).into();
        }
    }
    let name = expression.trim();
    if let Some(text) = name.strip_prefix('\'') {
        return text.strip_suffix('\'').unwrap().into();
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    assert!(name.chars().all(is_name), "not known to this runner: {name}");
    assert!(context.get(name.split('.').next().unwrap()).is_some(), "no context: {name}");
    name.split('.').fold(context.clone(), |value, part| value[part].clone())
}
