//! The code that options of builds drop: calls by their names, labels, and branches of names that
//! they replace by constants.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of values matter here")]

use std::collections::BTreeSet;

use crate::app::App;
use crate::eval::value::{Field, Value};
use crate::frameworks::shell;
use crate::js::guard::{Absence, CodeWord};

/// How deep configurations are searched.
const MAX_DEPTH: usize = 16;

/// The methods of `console`.
const CONSOLE: [&str; 20] = [
    "assert",
    "clear",
    "count",
    "countReset",
    "debug",
    "dir",
    "dirxml",
    "error",
    "group",
    "groupCollapsed",
    "groupEnd",
    "info",
    "log",
    "table",
    "time",
    "timeEnd",
    "timeLog",
    "timeStamp",
    "trace",
    "warn",
];

/// The code that the configurations and commands of an app drop, in any of their builds.
pub(super) fn dropped(app: &App<'_>) -> Vec<Absence> {
    let mut all = BTreeSet::new();
    for (_, config) in &app.configs {
        let mut dropped = DroppedCode::default();
        dropped.search(config, MAX_DEPTH);
        all.extend(dropped.absences);
    }
    let scripts = app.package.iter().flat_map(|package| package.scripts.values());
    for words in scripts.flat_map(|script| shell::commands(script)) {
        let mut dropped = DroppedCode::default();
        words.iter().for_each(|word| dropped.command_option(word));
        all.extend(dropped.absences);
    }
    // Only development has it.
    if app.depends_on("svelte") {
        all.insert(Absence::Call(CodeWord::new("$inspect")));
    }
    let opposite = |absence: &Absence| match absence {
        Absence::Off(word) => Some(Absence::On(*word)),
        Absence::On(word) => Some(Absence::Off(*word)),
        _ => None,
    };
    let is_clear = |it: &Absence| opposite(it).is_none_or(|other| !all.contains(&other));
    all.iter().copied().filter(is_clear).collect()
}

/// Collects what options drop.
#[derive(Default)]
struct DroppedCode {
    absences: BTreeSet<Absence>,
}

impl DroppedCode {
    fn call(&mut self, name: &str) {
        match name.strip_suffix(".*") {
            Some("console") => self.console(&[]),
            _ => {
                self.absences.insert(Absence::Call(CodeWord::new(name)));
            }
        }
    }

    fn console(&mut self, kept: &[&str]) {
        let names = CONSOLE.iter().filter(|name| !kept.contains(name));
        let calls = names.map(|name| Absence::Call(CodeWord::new(&format!("console.{name}"))));
        self.absences.extend(calls);
    }

    /// Searches a part of a configuration for options that drop code.
    fn search(&mut self, value: &Value, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match value {
            Value::Object(fields) => {
                for field in fields.iter() {
                    self.field(field);
                    let inner = &field.value;
                    if &*field.key == "build" && inner.get("minify").text() != Some("terser") {
                        // Vite uses terser only if it is told to.
                        let all = inner.fields().iter();
                        let used = all.filter(|it| &*it.key != "terserOptions").cloned();
                        self.search(&Value::Object(used.collect::<Vec<_>>().into()), depth);
                    } else {
                        self.search(inner, depth);
                    }
                }
            }
            Value::CallResult(name, values) => {
                let function = name.rsplit('.').next().unwrap_or_default();
                if function == "strip" && values.is_empty() {
                    self.call("console.*");
                }
                if matches!(function, "replace" | "DefinePlugin") {
                    values.iter().for_each(|names| self.constants(names, ""));
                }
                values.iter().for_each(|value| self.search(value, depth));
            }
            Value::List(values) | Value::Any(values) => {
                values.iter().for_each(|value| self.search(value, depth));
            }
            Value::Text(text) if text.ends_with("transform-remove-console") => {
                self.call("console.*");
            }
            _ => {}
        }
    }

    fn field(&mut self, field: &Field) {
        match &*field.key {
            "drop" if texts(&field.value).contains(&"console") => self.console(&[]),
            "dropLabels" => {
                for label in texts(&field.value) {
                    self.call(&format!("{label}:"));
                }
            }
            "drop_console" | "dropConsole" | "removeConsole" => self.console_option(&field.value),
            "pure" | "pure_funcs" | "pureFuncs" | "manualPureFunctions" | "dropFunctions" => {
                texts(&field.value).into_iter().for_each(|name| self.call(name));
            }
            "define" => self.constants(&field.value, ""),
            _ => {}
        }
    }

    /// `true` for all methods, a list of some, or those that are kept.
    fn console_option(&mut self, value: &Value) {
        let named = texts(value);
        if !named.is_empty() {
            for name in named {
                self.call(&format!("console.{name}"));
            }
        } else if !value.is_false() {
            self.console(&texts(value.get("exclude")));
        }
    }

    /// The names that a configuration replaces by `true` or `false`; DefinePlugin takes objects of
    /// them, too, whose name is `above`.
    fn constants(&mut self, names: &Value, above: &str) {
        for field in names.fields() {
            let name = format!("{above}{}", field.key);
            if above.is_empty() && matches!(field.value, Value::Object(_)) {
                self.constants(&field.value, &format!("{name}."));
            }
            let word = CodeWord::new(&name);
            let value = match &field.value {
                Value::CallResult(name, values) if &**name == "JSON.stringify" => values.first(),
                value => Some(value),
            };
            if let Some(Value::Text(text) | Value::Literal(text)) = value {
                match &**text {
                    "false" | "0" | "null" | "undefined" | "\"\"" | "''" => {
                        self.absences.insert(Absence::Off(word));
                    }
                    "true" | "1" => {
                        self.absences.insert(Absence::On(word));
                    }
                    _ => {}
                }
            }
        }
    }

    /// `--drop:console` and `--pure:f` of esbuild, `--drop=console` of Bun.
    fn command_option(&mut self, word: &str) {
        let value = |option: &str| word.strip_prefix(option)?.strip_prefix([':', '=']);
        if let Some(name) = value("--drop").or_else(|| value("--pure")) {
            self.call(if name == "console" { "console.*" } else { name });
        }
        if let Some(labels) = value("--drop-labels") {
            labels.split(',').for_each(|label| self.call(&format!("{label}:")));
        }
        if let Some((name, value)) = value("--define").and_then(|given| given.split_once('=')) {
            match value {
                "false" => self.absences.insert(Absence::Off(CodeWord::new(name))),
                "true" => self.absences.insert(Absence::On(CodeWord::new(name))),
                _ => false,
            };
        }
    }
}

/// The texts of a list, in whichever branch.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Any(values) => values.iter().flat_map(texts).collect(),
        Value::Text(text) => vec![text],
        Value::List(values) => values.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
