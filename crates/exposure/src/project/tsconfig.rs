//! The settings of `tsconfig.json` and `jsconfig.json` for imports, with all that they extend.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use crate::input::Files;
use crate::paths::{folder, join, name, package_name, upwards};
use crate::project::package::json;

/// Configurations that are followed from one.
const MAX_CHAIN: usize = 64;

/// Folders around a file that are searched for a configuration.
const MAX_DEPTH: usize = 64;

/// Patterns with at most one `*`, and the targets of each: the first that exists counts.
pub(crate) type PathMappings = Vec<(String, Vec<String>)>;

/// The settings of one configuration, with all that it extends and refers to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TsConfig {
    /// `paths`, with targets relative to the root of the state.
    pub(crate) paths: PathMappings,
    /// `baseUrl`, relative to the root of the state.
    pub(crate) base: Option<String>,
    /// Set if unused imports stay: `verbatimModuleSyntax`, and its older names.
    pub(crate) keeps_unused: bool,
}

/// All configurations of a state, by the folder that they are for.
#[derive(Debug, Default)]
pub(crate) struct TsConfigs {
    folders: BTreeMap<String, TsConfig>,
}

impl TsConfigs {
    /// Reads those among `paths`, which are sorted. `packages` maps names of packages to their
    /// folders. Missing or broken files have no effect: frameworks generate some of them.
    pub(crate) fn new(
        files: &dyn Files,
        paths: &[String],
        packages: &BTreeMap<String, String>,
    ) -> Self {
        let mut reader = TsConfigReader { files, paths, packages, read: BTreeMap::new() };
        let mut folders = BTreeMap::new();
        // `jsconfig.json` comes first, so that `tsconfig.json` takes precedence.
        for wanted in ["jsconfig.json", "tsconfig.json"] {
            for path in paths.iter().filter(|path| name(path) == wanted) {
                folders.insert(folder(path).to_owned(), reader.config(path));
            }
        }
        Self { folders }
    }

    /// The configurations of the folders around a file, the nearest first.
    pub(crate) fn around(&self, file: &str) -> impl Iterator<Item = &TsConfig> {
        upwards(folder(file)).take(MAX_DEPTH).filter_map(|folder| self.folders.get(folder))
    }
}

/// The settings of one file.
#[derive(Debug, Clone, Default)]
struct TsConfigFile {
    extends: Vec<String>,
    references: Vec<String>,
    base: Option<String>,
    paths: Option<PathMappings>,
    keeps_unused: Option<bool>,
}

struct TsConfigReader<'a> {
    files: &'a dyn Files,
    paths: &'a [String],
    packages: &'a BTreeMap<String, String>,
    read: BTreeMap<String, Rc<TsConfigFile>>,
}

/// The settings found so far while following `extends`.
#[derive(Default)]
struct MergedOptions {
    /// The path as written, and the folder of its file.
    base: Option<(String, String)>,
    paths: Option<(PathMappings, String)>,
    keeps_unused: Option<bool>,
}

impl TsConfigReader<'_> {
    /// The configuration in a file. Files that it refers to in the same folder count, too: the
    /// templates of Vite put everything into `tsconfig.app.json`.
    fn config(&mut self, path: &str) -> TsConfig {
        let mut config = self.extended(path);
        let written = self.written(path);
        for reference in written.references.iter().take(MAX_CHAIN) {
            let Some(other) = join(folder(path), reference).and_then(|path| self.file(&path))
            else {
                continue;
            };
            // A project with a folder of its own is for that folder alone.
            if folder(&other) == folder(path) && other != path {
                let other = self.extended(&other);
                config.paths.extend(other.paths);
                config.base = config.base.or(other.base);
                config.keeps_unused |= other.keeps_unused;
            }
        }
        config
    }

    /// The configuration in a file with what it extends.
    fn extended(&mut self, path: &str) -> TsConfig {
        let mut merged = MergedOptions::default();
        self.merge(path, &mut BTreeSet::new(), &mut merged);
        let leaf = folder(path);
        let base = merged.base.and_then(|(base, home)| located(&base, &home, leaf));
        let (paths, home) = merged.paths.unwrap_or_default();
        let home = base.clone().unwrap_or(home);
        let target = |target: &String| located(target, &home, leaf);
        let paths = paths
            .into_iter()
            .map(|(pattern, targets)| (pattern, targets.iter().filter_map(target).collect()));
        TsConfig {
            paths: paths.collect(),
            base,
            keeps_unused: merged.keeps_unused.unwrap_or_default(),
        }
    }

    /// Adds settings of a file that are not set yet, then those of the files it extends, the last
    /// first.
    fn merge(&mut self, path: &str, seen: &mut BTreeSet<String>, merged: &mut MergedOptions) {
        if seen.len() >= MAX_CHAIN || !seen.insert(path.to_owned()) {
            return;
        }
        let written = self.written(path);
        let home = folder(path);
        if merged.base.is_none() {
            merged.base = written.base.clone().map(|base| (base, home.to_owned()));
        }
        if merged.paths.is_none() {
            merged.paths = written.paths.clone().map(|paths| (paths, home.to_owned()));
        }
        merged.keeps_unused = merged.keeps_unused.or(written.keeps_unused);
        for specifier in written.extends.iter().rev() {
            if let Some(extended) = self.extended_path(home, specifier) {
                self.merge(&extended, seen, merged);
            }
        }
    }

    /// The file that `extends` names: one of the state, or of a package in it.
    fn extended_path(&self, home: &str, specifier: &str) -> Option<String> {
        if specifier.starts_with('.') {
            return self.file(&join(home, specifier)?);
        }
        let (package, rest) = package_name(specifier);
        let package = self.packages.get(package)?;
        self.file(&join(package, rest)?)
    }

    /// The configuration at a path as written: a file, a file without its extension, or a folder.
    fn file(&self, path: &str) -> Option<String> {
        let slash = if path.is_empty() { "" } else { "/" };
        let tried =
            [path.to_owned(), format!("{path}.json"), format!("{path}{slash}tsconfig.json")];
        tried.into_iter().find(|path| self.paths.binary_search(path).is_ok())
    }

    fn written(&mut self, path: &str) -> Rc<TsConfigFile> {
        if let Some(written) = self.read.get(path) {
            return Rc::clone(written);
        }
        let bytes = self.files.read(path).ok().flatten().unwrap_or_default();
        let value = json(&String::from_utf8_lossy(&bytes)).unwrap_or_default();
        let written = Rc::new(TsConfigFile::new(&value));
        self.read.insert(path.to_owned(), Rc::clone(&written));
        written
    }
}

impl TsConfigFile {
    fn new(value: &Value) -> Self {
        let options = &value["compilerOptions"];
        let paths = options["paths"].as_object().map(|paths| {
            let paths = paths.iter().map(|(pattern, targets)| (pattern.clone(), texts(targets)));
            paths.collect()
        });
        let references = value["references"].as_array().into_iter().flatten();
        let flag = |key: &str| options[key].as_bool();
        let preserves = options["importsNotUsedAsValues"].as_str();
        Self {
            extends: texts(&value["extends"]),
            references: references.flat_map(|reference| texts(&reference["path"])).collect(),
            base: options["baseUrl"].as_str().map(str::to_owned),
            paths,
            keeps_unused: flag("verbatimModuleSyntax")
                .or(flag("preserveValueImports"))
                .or(preserves.map(|value| value == "preserve")),
        }
    }
}

/// Resolves a path in a configuration. `${configDir}` is the folder of the one that extends.
fn located(written: &str, home: &str, leaf: &str) -> Option<String> {
    match written.strip_prefix("${configDir}") {
        Some(rest) => join(leaf, rest),
        None => join(home, written),
    }
}

/// The strings of a value that is one or a list of them.
fn texts(value: &Value) -> Vec<String> {
    let one = std::slice::from_ref(value);
    let list = value.as_array().map_or(one, Vec::as_slice);
    list.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::memory::Memory;

    fn configs(files: &[(&str, &str)]) -> TsConfigs {
        let files = Memory::new(files);
        let packages = [("@repo/config".to_owned(), "packages/config".to_owned())];
        TsConfigs::new(&files, &files.below(""), &packages.into_iter().collect())
    }

    fn nearest(configs: &TsConfigs, file: &str) -> TsConfig {
        configs.around(file).next().cloned().unwrap_or_default()
    }

    fn paths(config: &TsConfig) -> Vec<(&str, Vec<&str>)> {
        config
            .paths
            .iter()
            .map(|(pattern, targets)| {
                (pattern.as_str(), targets.iter().map(String::as_str).collect())
            })
            .collect()
    }

    #[test]
    fn paths_are_relative_to_the_base_or_to_their_file() {
        let configs = configs(&[
            (
                "a/tsconfig.json",
                r#"{ "compilerOptions": { "paths": { "@/*": ["./src/*", "../b/*"], }, /* x */ } }"#,
            ),
            (
                "b/jsconfig.json",
                r#"{"compilerOptions": {"baseUrl": "src", "paths": {"~/*": ["app/*"], "up": ["../../../x"]}}}"#,
            ),
            ("c/jsconfig.json", r#"{"compilerOptions": {"paths": {"no": ["no"]}}}"#),
            ("c/tsconfig.json", r#"{"compilerOptions": {"paths": {"yes": ["yes"]}}}"#),
        ]);
        let config = nearest(&configs, "a/src/deep/x.ts");
        assert_eq!(paths(&config), [("@/*", vec!["a/src/*", "b/*"])]);
        let config = nearest(&configs, "b/x.ts");
        assert_eq!(config.base.as_deref(), Some("b/src"));
        assert_eq!(paths(&config), [("up", vec![]), ("~/*", vec!["b/src/app/*"])]);
        assert_eq!(paths(&nearest(&configs, "c/x.ts")), [("yes", vec!["c/yes"])]);
        assert_eq!(nearest(&configs, "d/x.ts"), TsConfig::default());
    }

    #[test]
    fn extended_settings_apply_where_none_are_set() {
        let configs = configs(&[
            (
                "tsconfig.base.json",
                r#"{"compilerOptions": {"verbatimModuleSyntax": true, "paths": {"@lib": ["libs/a"], "dir/*": ["${configDir}/x/*"]}}}"#,
            ),
            (
                "packages/config/base.json",
                r#"{"compilerOptions": {"baseUrl": "./here", "verbatimModuleSyntax": false}}"#,
            ),
            ("packages/config/tsconfig.json", r#"{"compilerOptions": {"paths": {"p": ["p"]}}}"#),
            ("one/tsconfig.json", r#"{"extends": "../tsconfig.base"}"#),
            ("two/tsconfig.json", r#"{"extends": ["../tsconfig.base.json", "@repo/config/base"]}"#),
            ("three/tsconfig.json", r#"{"extends": "@repo/config"}"#),
            (
                "four/tsconfig.json",
                r#"{"extends": ["./.svelte-kit/tsconfig.json", "unknown", "../../../x", 3]}"#,
            ),
        ]);
        let one = nearest(&configs, "one/a.ts");
        assert!(one.keeps_unused);
        assert_eq!(paths(&one), [("@lib", vec!["libs/a"]), ("dir/*", vec!["one/x/*"])]);
        let two = nearest(&configs, "two/a.ts");
        assert!(!two.keeps_unused);
        assert_eq!(two.base.as_deref(), Some("packages/config/here"));
        let three = nearest(&configs, "three/a.ts");
        assert_eq!(paths(&three), [("p", vec!["packages/config/p"])]);
        assert_eq!(nearest(&configs, "four/a.ts"), TsConfig::default());
    }

    #[test]
    fn references_to_the_same_folder_count() {
        let configs = configs(&[
            (
                "tsconfig.json",
                r#"{"files": [], "references": [{"path": "./tsconfig.node.json"}, {"path": "./tsconfig.app.json"}, {"path": "other"}]}"#,
            ),
            (
                "tsconfig.app.json",
                r#"{"compilerOptions": {"verbatimModuleSyntax": true, "paths": {"@/*": ["./src/*"]}}}"#,
            ),
            ("other/tsconfig.json", r#"{"compilerOptions": {"paths": {"o": ["o"]}}}"#),
        ]);
        let config = nearest(&configs, "src/a.ts");
        assert_eq!(paths(&config), [("@/*", vec!["src/*"])]);
        assert!(config.keeps_unused);
    }

    #[test]
    fn broken_and_cyclic_configurations_have_no_effect() {
        let many =
            format!(r#"{{"extends": [{}]}}"#, r#""./b.json","./tsconfig.json","#.repeat(5_000));
        let configs = configs(&[
            ("tsconfig.json", many.as_str()),
            ("b.json", many.as_str()),
            ("c/tsconfig.json", "{"),
            (
                "d/tsconfig.json",
                r#"{"compilerOptions": {"paths": {"x": "no list", "y": [1, {}]}, "baseUrl": 3}, "references": [1, {"path": "tsconfig.json"}]}"#,
            ),
            ("e/tsconfig.json", "[]"),
        ]);
        assert_eq!(nearest(&configs, "a.ts"), TsConfig::default());
        assert_eq!(paths(&nearest(&configs, "d/a.ts")), [("x", vec!["d/no list"]), ("y", vec![])]);
    }
}
