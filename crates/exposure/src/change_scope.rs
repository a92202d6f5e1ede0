//! The scope of a change: in the apps that it touches, secrets that were there before may leak now.

use crate::frameworks;
use crate::input::Files;
use crate::js::same_code;
use crate::notice::AnalysisNotice;
use crate::paths::{below, name};
use crate::project::{apps, conventions};
use crate::variables::declarations;

/// Files that define a workspace.
const WORKSPACE_SETTINGS: [&str; 4] =
    ["lerna.json", "nx.json", "pnpm-workspace.yaml", "project.json"];

/// Extensions of files whose secrets may reach a client when other files change, besides sources and
/// settings. Code in other languages ships by its place alone.
const EXTENSIONS: [&str; 26] = [
    "arb",
    "css",
    "csv",
    "entitlements",
    "gradle",
    "json",
    "json5",
    "jsonc",
    "kts",
    "less",
    "map",
    "pcss",
    "postcss",
    "properties",
    "sass",
    "scss",
    "strings",
    "styl",
    "svg",
    "toml",
    "txt",
    "webmanifest",
    "xhtml",
    "xml",
    "yaml",
    "yml",
];

/// True if a change of this file can change what clients get, even without a secret in it: sources,
/// build settings, declarations of variables.
pub fn can_change_exposure(path: &str) -> bool {
    let name = name(path);
    if path.split('/').any(|part| part == "node_modules") || conventions::LOCKS.contains(&name) {
        return false;
    }
    let is_typescript =
        (name.starts_with("tsconfig") || name.starts_with("jsconfig")) && name.ends_with(".json");
    conventions::is_source(path)
        || declarations::is_declaring(path)
        || conventions::is_native_setting(path, &frameworks::tables().apps)
        || WORKSPACE_SETTINGS.contains(&name)
        || frameworks::is_setting(name)
        || is_typescript
}

/// True for a module that is nothing but code: new text in it changes neither how apps are built nor
/// how imports are resolved.
pub fn is_module_source(path: &str) -> bool {
    let is_page = path.ends_with(".html") || path.ends_with(".htm");
    conventions::is_source(path)
        && !is_page
        && !declarations::is_declaring(path)
        && !conventions::is_native_setting(path, &frameworks::tables().apps)
        && !frameworks::is_setting(name(path))
        && !is_configuration(path)
}

/// True if both versions of a [module](is_module_source) have the same code, so that the change of it
/// alone changes nothing that clients get. Versions with a seed may differ in a comment, which may be
/// published, too: they are for the caller to sort out.
pub fn is_same_code(path: &str, before: &[u8], after: &[u8]) -> bool {
    let (Ok(before), Ok(after)) = (str::from_utf8(before), str::from_utf8(after)) else {
        return false;
    };
    // In components and pages, more than scripts counts.
    conventions::is_script(path)
        && same_code::is_same_code(path, [before, after], &frameworks::tables().code)
}

/// True for a module that configures the build of an app in any of the folders around it.
fn is_configuration(path: &str) -> bool {
    let below = path.match_indices('/').map(|(slash, _)| &path[slash + 1..]);
    std::iter::once(path).chain(below).any(frameworks::is_configuration)
}

/// True if a secret in this file of an app may ship.
pub fn may_ship_secret(path: &str) -> bool {
    let name = name(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    can_change_exposure(path)
        || (EXTENSIONS.contains(&ending) && !conventions::LOCKS.contains(&name))
}

/// The files to search for secrets because `changed` files belong to their apps, in order; and
/// notices about files that could not be read.
pub fn files_in_scope(files: &dyn Files, changed: &[String]) -> (Vec<String>, Vec<AnalysisNotice>) {
    let (found, notices) = apps::apps_of_changed(files, changed, &frameworks::tables().apps);
    let mut searched = Vec::new();
    for app in found {
        let is_wanted = |path: &String| {
            may_ship_secret(path)
                && below(path, &app.root).is_none_or(|path| !conventions::is_test_source(path))
        };
        searched.extend(app.files.iter().filter(|path| is_wanted(path)).cloned());
    }
    searched.sort_unstable();
    searched.dedup();
    (searched, notices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::memory::Memory;

    #[test]
    fn sources_and_settings_matter_and_documents_do_not() {
        for path in [
            "a.ts",
            "a/b.vue",
            "index.html",
            "apps/web/src/env.ts",
            "next.config.mjs",
            ".env.production",
            "Dockerfile",
            "bunfig.toml",
            "redwood.toml",
            ".babelrc",
            "package.json",
            "tsconfig.base.json",
            "app/build.gradle.kts",
            "ios/Info.plist",
            ".github/workflows/x.yml",
        ] {
            assert!(can_change_exposure(path) && may_ship_secret(path), "{path}");
            assert_eq!(is_module_source(path), matches!(path, "a.ts" | "a/b.vue"), "{path}");
        }
        for path in
            ["README.md", "main.c", "A.kt", "a.d.ts", "node_modules/a/b.js", "package-lock.json"]
        {
            assert!(!can_change_exposure(path) && !may_ship_secret(path), "{path}");
        }
        for path in ["src/keys.json", "res/values/strings.xml"] {
            assert!(!can_change_exposure(path) && may_ship_secret(path), "{path}");
        }
    }

    #[test]
    fn only_apps_are_searched() {
        let package = "{\"name\": \"web\", \"dependencies\": {\"next\": \"15\"}}";
        let files = Memory::new(&[
            ("Makefile", ""),
            ("main.c", ""),
            ("tools/a.js", ""),
            ("web/package.json", package),
            ("web/app/page.tsx", ""),
            ("web/lib/keys.json", ""),
            ("web/lib/keys.test.ts", ""),
            ("web/README.md", ""),
            ("web/package-lock.json", ""),
            ("ext/manifest.json", "{\"manifest_version\": 3}"),
            ("ext/a.js", ""),
        ]);
        let of = |changed: &[&str]| {
            let changed: Vec<String> = changed.iter().map(|path| (*path).to_owned()).collect();
            files_in_scope(&files, &changed).0
        };
        assert_eq!(of(&["Makefile", "tools/a.js", "main.c"]), [""; 0]);
        let web = ["web/app/page.tsx", "web/lib/keys.json", "web/package.json"];
        assert_eq!(of(&["web/app/page.tsx"]), web);
        assert_eq!(of(&["web/.env", "Makefile"]), web);
        // What is in no package may be taken in by any.
        let extension = ["ext/a.js", "ext/manifest.json"];
        assert_eq!(of(&["ext/gone.js"]), [&extension[..], &web[..]].concat());
    }
}
