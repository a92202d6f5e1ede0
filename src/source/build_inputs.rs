//! Files that git ignores and builds read all the same: what is in them may ship in the next build.

use std::path::Path;

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
}
