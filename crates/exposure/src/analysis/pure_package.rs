//! Modules that have no effects when they are loaded, as package.json says.

use std::collections::HashSet;

use serde_json::Value;

use crate::app::App;
use crate::paths::PathPattern;

/// The modules of an app that its package.json says have no side effects.
pub(super) struct PurePackage {
    modules: HashSet<String>,
}

impl PurePackage {
    pub(super) fn new(app: &App<'_>) -> Self {
        let given = app.package.as_ref().map(|package| &package.value["sideEffects"]);
        let patterns: Vec<&str> = match given {
            Some(Value::Bool(false)) => Vec::new(),
            Some(Value::Array(patterns)) => patterns.iter().filter_map(Value::as_str).collect(),
            _ => return Self { modules: HashSet::new() },
        };
        let has_effects = |path: &str| {
            let relative = app.relative(path).unwrap_or(path);
            patterns.iter().any(|pattern| {
                let pattern = pattern.trim_start_matches("./");
                // A pattern without a folder fits in any.
                let is_name = !pattern.contains('/');
                let subject = if is_name { relative.rsplit('/').next() } else { Some(relative) };
                subject.is_some_and(|subject| PathPattern::new(pattern).matches(subject))
            })
        };
        let modules = app.files.iter().filter(|path| !has_effects(path)).cloned().collect();
        Self { modules }
    }

    /// True if loading a file has no effects.
    pub(super) fn has(&self, path: &str) -> bool {
        self.modules.contains(path)
    }
}
