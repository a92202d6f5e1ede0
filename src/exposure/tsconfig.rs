//! `tsconfig.json` and `jsconfig.json`: the names by which a project's modules call each other.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::folders::{folder, join};
use crate::source::Files;

/// How far `extends` is followed.
const MAX_EXTENDS: usize = 16;

/// The settings that hold for the files of a folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Tsconfig {
    /// Patterns with at most one `*`, and where they lead, relative to the top of the state.
    pub(super) paths: Vec<(String, Vec<String>)>,
    /// The folder that bare names are looked for in.
    pub(super) base: Option<String>,
    /// Whether imports of which no value is used stay in the code.
    pub(super) keeps_unused: bool,
}

/// The settings of all folders that have any.
pub(super) fn all(files: &dyn Files, paths: &[String]) -> HashMap<String, Tsconfig> {
    let names = ["tsconfig.json", "jsconfig.json"];
    let mut raw: BTreeMap<&str, Option<Value>> = BTreeMap::new();
    let is_settings = |path: &&String| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_named = name.starts_with("tsconfig") || name.starts_with("jsconfig");
        is_named && name.ends_with(".json")
    };
    for path in paths.iter().filter(is_settings) {
        raw.insert(path, read(files, path));
    }
    let mut found = HashMap::new();
    for path in raw.keys() {
        let name = path.rsplit('/').next().unwrap_or(path);
        if names.contains(&name) {
            let mut settings = Tsconfig::default();
            gather(&raw, path, &mut settings, 0);
            // Templates of Vite keep the paths in a file beside it.
            if let Some(references) = raw[path].as_ref().and_then(|v| v["references"].as_array()) {
                for reference in references.iter().filter_map(|r| r["path"].as_str()) {
                    let target = join(folder(path), reference);
                    let target = if raw.contains_key(target.as_str()) {
                        target
                    } else {
                        format!("{target}/tsconfig.json")
                    };
                    if folder(&target) == folder(path) {
                        gather(&raw, &target, &mut settings, 0);
                    }
                }
            }
            found.entry(folder(path).to_owned()).or_insert(settings);
        }
    }
    found
}

fn read(files: &dyn Files, path: &str) -> Option<Value> {
    let bytes = files.read(path).ok()??;
    let text = String::from_utf8(bytes).ok()?;
    let text = text.trim_start_matches('\u{feff}');
    if super::json::is_too_deep(text) {
        return None;
    }
    super::package::json(text).ok()
}

/// Takes in what a file says, and then what it extends says and is not said yet.
fn gather(raw: &BTreeMap<&str, Option<Value>>, path: &str, settings: &mut Tsconfig, depth: usize) {
    let Some(Some(value)) = raw.get(path) else { return };
    let options = &value["compilerOptions"];
    let here = folder(path);
    let base = options["baseUrl"].as_str().map(|base| join(here, base));
    if settings.paths.is_empty()
        && let Some(paths) = options["paths"].as_object()
    {
        let from = base.as_deref().unwrap_or(here);
        let targets = |targets: &Value| -> Vec<String> {
            let all = targets.as_array().into_iter().flatten().filter_map(Value::as_str);
            all.map(|target| join(from, target)).collect()
        };
        settings.paths =
            paths.iter().map(|(pattern, list)| (pattern.clone(), targets(list))).collect();
        // The longest fixed beginning counts first.
        let fixed = |pattern: &str| pattern.find('*').unwrap_or(usize::MAX);
        settings.paths.sort_by(|(a, _), (b, _)| fixed(b).cmp(&fixed(a)).then_with(|| a.cmp(b)));
    }
    if settings.base.is_none() {
        settings.base = base;
    }
    settings.keeps_unused |= options["verbatimModuleSyntax"].as_bool() == Some(true);
    if depth >= MAX_EXTENDS {
        return;
    }
    let extends: Vec<&str> = match &value["extends"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).rev().collect(),
        _ => Vec::new(),
    };
    for one in extends.into_iter().filter(|one| one.starts_with('.')) {
        let target = join(here, one);
        for target in [target.clone(), format!("{target}.json"), format!("{target}/tsconfig.json")]
        {
            gather(raw, &target, settings, depth + 1);
        }
    }
}
