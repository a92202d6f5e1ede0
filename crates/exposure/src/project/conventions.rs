//! What file names mean by convention: sources, tests, files that mark an app.

use crate::paths::{folder, name};

/// Files that tell the folder of an app, where no package.json does.
pub(crate) const MARKERS: [&str; 4] = ["angular.json", "deno.json", "deno.jsonc", "pubspec.yaml"];

/// Files that tell it too, but may be in folders of the app as well: the outermost folder with one
/// of the same line is the app.
pub(crate) const REPEATED_MARKERS: [&[&str]; 3] = [
    &["index.html"],
    &[
        "AndroidManifest.xml",
        "build.gradle",
        "build.gradle.kts",
        "settings.gradle",
        "settings.gradle.kts",
    ],
    &["Info.plist", "Podfile"],
];

/// Whether a file says how an app is built that is none of a package.json.
pub(crate) fn is_native_setting(path: &str) -> bool {
    let name = name(path);
    let is_marker = MARKERS.contains(&name)
        || REPEATED_MARKERS.iter().any(|line| line.contains(&name))
        || matches!(name, "manifest.json" | "gradle.properties" | "config.xml");
    is_marker || matches!(name.rsplit('.').next(), Some("plist" | "xcconfig" | "pbxproj"))
}

/// Folders that hold tests wherever they are.
const TEST_FOLDERS: [&str; 7] = [
    "__tests__",
    "__test__",
    "__mocks__",
    "__fixtures__",
    "__snapshots__",
    "cypress",
    "playwright",
];

/// Folders that hold tests, unless a route has that name.
const LIKELY_TEST_FOLDERS: [&str; 5] = ["e2e", "fixtures", "mocks", "test", "tests"];

/// Whether a file is a test or only for tests; its path has to be relative to its app's folder.
pub(crate) fn is_test(path: &str) -> bool {
    let mut is_route = false;
    for part in folder(path).split('/') {
        if TEST_FOLDERS.contains(&part) || (LIKELY_TEST_FOLDERS.contains(&part) && !is_route) {
            return true;
        }
        is_route |= matches!(part, "app" | "pages" | "routes");
    }
    let (stem, _) = name(path).rsplit_once('.').unwrap_or_default();
    stem.split('.').skip(1).any(|part| {
        matches!(part, "test" | "spec" | "stories" | "story" | "cy" | "e2e" | "e2e-spec")
    })
}

/// The endings of sources: modules, components and pages.
const SOURCES: [&str; 13] =
    ["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro", "html", "htm"];

/// Whether a file is a module, a component or a page. Declarations of types are not.
pub(crate) fn is_source(path: &str) -> bool {
    let Some((stem, ending)) = name(path).rsplit_once('.') else { return false };
    let typed = stem.rsplit_once('.').map_or(stem, |(typed, _)| typed);
    let is_declaration =
        matches!(ending, "ts" | "mts" | "cts") && (stem.ends_with(".d") || typed.ends_with(".d"));
    SOURCES.contains(&ending) && !is_declaration
}
