//! Files that git ignores and builds read all the same: what is in them may ship in the next build.

use std::fs;
use std::path::{Path, PathBuf};

/// The largest such file that is read, in bytes. Files written by people are smaller.
pub(super) const MAX_INPUT: u64 = 1 << 20;

/// Files with values of one machine or one deployment, which bundlers and build systems look for.
const NAMES: &[&str] = &["GoogleService-Info.plist", "Secrets.plist", "Secrets.xcconfig", ".npmrc"];

/// Extensions of files that code or a bundler's configuration may import.
const IMPORTED: &[&str] = &[
    "js",
    "mjs",
    "cjs",
    "jsx",
    "ts",
    "mts",
    "cts",
    "tsx",
    "json",
    "json5",
    "vue",
    "svelte",
    "astro",
    "toml",
    "yaml",
    "yml",
    "properties",
];

/// True for a file that a build looks for by its name, or may be told to read by an import or an option.
pub(super) fn is_build_input(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let extension = path.extension().and_then(|extension| extension.to_str());
    name.starts_with(".env")
        || name.ends_with(".env")
        || name.starts_with(".dev.vars")
        || NAMES.contains(&name)
        || extension.is_some_and(|extension| IMPORTED.contains(&extension))
}

/// Folders that programs fill: nobody writes values for a build into them.
const FILLED: &[&str] = &[
    ".angular",
    ".cache",
    ".gradle",
    ".idea",
    ".next",
    ".nuxt",
    ".output",
    ".parcel-cache",
    ".svelte-kit",
    ".terraform",
    ".turbo",
    ".venv",
    ".vercel",
    "DerivedData",
    "Pods",
    "__pycache__",
    "bower_components",
    "build",
    "coverage",
    "dist",
    "node_modules",
    "out",
    "target",
    "vendor",
    "venv",
];

/// The deepest folder below an ignored one that is looked into.
const MAX_DEPTH: usize = 2;

/// The most entries of an ignored folder that are looked at. A folder of values has a few.
const MAX_ENTRIES: usize = 200;

/// The largest file in an ignored folder that is read, in bytes.
const MAX_BELOW: u64 = 1 << 17;

/// The files in an ignored folder that a build may be told to read, such as those of an `envDir`. Folders
/// of other repositories and of many files are left alone.
pub(super) fn inputs_below(folder: &Path) -> Vec<PathBuf> {
    let mut inputs = Vec::new();
    let mut left = MAX_ENTRIES;
    collect(folder, MAX_DEPTH, &mut left, &mut inputs);
    inputs
}

fn collect(folder: &Path, depth: usize, left: &mut usize, inputs: &mut Vec<PathBuf>) {
    let name = folder.file_name().and_then(|name| name.to_str());
    let is_filled = name.is_some_and(|name| FILLED.contains(&name));
    if is_filled || folder.join(".git").exists() {
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Some(rest) = left.checked_sub(1) else { return };
        *left = rest;
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => {
                collect(&entry.path(), depth - 1, left, inputs);
            }
            Ok(kind) if kind.is_file() && is_build_input(&entry.path()) => {
                let is_small = entry.metadata().is_ok_and(|about| about.len() <= MAX_BELOW);
                inputs.extend(is_small.then(|| entry.path()));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_told_by_their_names() {
        for path in [
            "app/.env",
            ".env.production.local",
            "prod.env",
            "android/local.properties",
            "src/keys.json",
            "src/config.local.ts",
        ] {
            assert!(is_build_input(Path::new(path)), "{path}");
        }
        for path in ["debug.log", "env", "a.png", "data.csv"] {
            assert!(!is_build_input(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn ignored_folders_of_a_few_files_are_looked_into() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["env/.env", "env/a/b/keys.json", "env/a/b/c/keys.json", "env/x.png"] {
            fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            fs::write(path(name), "").unwrap();
        }
        for name in ["dist/a.js", "clone/a.js"] {
            fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            fs::write(path(name), "").unwrap();
        }
        fs::create_dir(path("clone/.git")).unwrap();
        let mut inputs = inputs_below(&path("env"));
        inputs.sort();
        assert_eq!(inputs, [path("env/.env"), path("env/a/b/keys.json")]);
        assert!(inputs_below(&path("dist")).is_empty());
        assert!(inputs_below(&path("clone")).is_empty());
    }
}
