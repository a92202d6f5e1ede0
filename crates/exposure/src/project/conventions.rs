//! Conventions of file and folder names: sources, tests, build output, files that mark an app.

use crate::paths::{extension, folder, name};

/// The packages and files by which frameworks make a folder an app; filled from the registry.
#[derive(Debug, Default)]
pub(crate) struct AppMarkers {
    /// Packages that make an app of the package that depends on them: it has a client of its own.
    pub(crate) packages: Vec<&'static str>,
    /// Files that mark the folder of an app that has no package.json.
    pub(crate) files: Vec<&'static str>,
}

/// Files of other tools that mark the folder of an app that has no package.json.
const MARKERS: [&str; 3] = ["deno.json", "deno.jsonc", "pubspec.yaml"];

impl AppMarkers {
    /// True for the name of a file that marks the folder of an app that has no package.json.
    pub(crate) fn is_marker(&self, name: &str) -> bool {
        MARKERS.contains(&name) || self.files.contains(&name)
    }
}

/// Files that mark it too, but may also be in folders of the app: the outermost folder with one of
/// the same line is the app.
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

/// True for files that configure the build of an app without a package.json.
pub(crate) fn is_native_setting(path: &str, markers: &AppMarkers) -> bool {
    let name = name(path);
    let is_marker = markers.is_marker(name)
        || REPEATED_MARKERS.iter().any(|line| line.contains(&name))
        || matches!(name, "manifest.json" | "gradle.properties" | "config.xml");
    is_marker || matches!(name.rsplit('.').next(), Some("plist" | "xcconfig" | "pbxproj"))
}

/// Extensions of modules that imports may leave out, in the order in which they are tried.
pub(crate) const MODULE_EXTENSIONS: [&str; 12] =
    ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue", "svelte", "astro", "json"];

/// Extensions of sources: modules, components and pages.
const SOURCE_EXTENSIONS: [&str; 13] =
    ["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro", "html", "htm"];

/// True for modules, components and pages, but not for type declarations.
pub(crate) fn is_source(path: &str) -> bool {
    let Some((stem, extension)) = name(path).rsplit_once('.') else { return false };
    let typed = stem.rsplit_once('.').map_or(stem, |(typed, _)| typed);
    let is_declaration = matches!(extension, "ts" | "mts" | "cts")
        && (stem.ends_with(".d") || typed.ends_with(".d"));
    SOURCE_EXTENSIONS.contains(&extension) && !is_declaration
}

/// True for modules that are code and nothing else, unlike components and pages.
pub(crate) fn is_script(path: &str) -> bool {
    is_source(path) && !matches!(extension(path), "vue" | "svelte" | "astro" | "html" | "htm")
}

// Three questions about tests. They differ on purpose: a leak in a file that is taken for a test by
// mistake is missed, so that each leaves out no more than its caller has to.

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

/// Folders that hold tests, unless they are routes.
const LIKELY_TEST_FOLDERS: [&str; 5] = ["e2e", "fixtures", "mocks", "test", "tests"];

/// Parts of file names that mark tests and stories: `a.spec.ts`.
const TEST_NAMES: [&str; 7] = ["test", "spec", "stories", "story", "cy", "e2e", "e2e-spec"];

/// True for sources that are tests or only for tests, by folder or name; `path` has to be relative
/// to the app's folder. For the import graph: a folder named `test` within routes is a route.
pub(crate) fn is_test_source(path: &str) -> bool {
    let mut is_route = false;
    for part in folder(path).split('/') {
        if TEST_FOLDERS.contains(&part) || (LIKELY_TEST_FOLDERS.contains(&part) && !is_route) {
            return true;
        }
        is_route |= matches!(part, "app" | "pages" | "routes");
    }
    let (stem, _) = name(path).rsplit_once('.').unwrap_or_default();
    stem.split('.').skip(1).any(|part| TEST_NAMES.contains(&part))
}

/// True for stories, which show components in a storybook.
pub(crate) fn is_story(path: &str) -> bool {
    [".stories.", ".story."].iter().any(|part| name(path).contains(part))
}

/// Folders, in lower case, of tests, made-up data and test reports, in any language.
const TEST_ARTIFACT_FOLDERS: [&str; 22] = [
    "test",
    "tests",
    "__tests__",
    "spec",
    "specs",
    "fixtures",
    "__fixtures__",
    "mocks",
    "__mocks__",
    "cypress",
    "e2e",
    "playwright",
    "testdata",
    "test-results",
    "androidtest",
    "testfixtures",
    "integration_test",
    "coverage",
    "lcov-report",
    "reports",
    "playwright-report",
    "htmlcov",
];

/// True for files of tests and of test reports, in any language. For artifacts, which no import
/// tells apart: a folder with such a name counts anywhere, in any case.
pub(crate) fn is_test_artifact(path: &str) -> bool {
    let is_test_folder =
        |part: &str| TEST_ARTIFACT_FOLDERS.contains(&part.to_ascii_lowercase().as_str());
    folder(path).split('/').any(is_test_folder)
        || [".test.", ".spec.", ".stories."].iter().any(|mark| name(path).contains(mark))
}

/// True for tests and stories, by the file name alone. For the entry points of frameworks, which
/// look into given folders: there, a folder named `test` is a route like any other.
pub(crate) fn has_test_name(path: &str) -> bool {
    [".test.", ".spec.", ".stories.", ".cy."].iter().any(|part| name(path).contains(part))
}

// Folders of build output. The lists differ on purpose: each has the output that its caller may
// meet.

/// Output of packages, which `exports` and `main` name: the sources are looked for in its place.
pub(crate) const PACKAGE_OUTPUT_FOLDERS: [&str; 10] =
    ["dist", "lib", "build", "out", "es", "esm", "cjs", "module", "output", "release"];

/// Documents that people read, and files that only pin versions.
pub(crate) fn is_prose(path: &str) -> bool {
    let ending = name(path).rsplit_once('.').map_or("", |(_, ending)| ending);
    !is_source(path) && matches!(ending, "md" | "markdown" | "rst" | "adoc" | "lock")
        || LOCKS.contains(&name(path))
}

/// Files with these names only pin versions.
pub(crate) const LOCKS: [&str; 4] =
    ["composer.lock", "npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml"];

/// Output of programs, which `start` scripts and `main` name.
pub(crate) const PROGRAM_OUTPUT_FOLDERS: [&str; 4] = ["build", "dist", "lib", "out"];

/// Output that browsers may get, and folders that are served as they are.
pub(crate) const SITE_OUTPUT_FOLDERS: [&str; 8] =
    ["dist", "build", "out", "www", "public", "static", "_site", "storybook-static"];

/// Folders of build output, of files that are served as they are, and of tests: no app's code
/// begins in them.
const NO_CODE_FOLDERS: [&str; 22] = [
    ".next",
    ".nuxt",
    ".output",
    ".svelte-kit",
    "__fixtures__",
    "__mocks__",
    "__tests__",
    "_site",
    "build",
    "coverage",
    "cypress",
    "dist",
    "e2e",
    "fixtures",
    "node_modules",
    "out",
    "public",
    "static",
    "storybook-static",
    "test",
    "tests",
    "www",
];

/// True if no app's code begins at a path, which has to be relative to the app's folder: it is
/// build output, served as it is, or a test.
pub(crate) fn is_outside_code(relative: &str) -> bool {
    folder(relative).split('/').any(|part| NO_CODE_FOLDERS.contains(&part))
}

/// True for folders in which builds put packages of their own: a package.json in them makes no app.
pub(crate) fn is_package_output(folder: &str) -> bool {
    folder.split('/').any(|part| part == "dist" || part.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_names_of_artifacts_mark_tests() {
        for path in ["tests/a.html", "a/__tests__/b.js", "a.test.ts", "coverage/index.html"] {
            assert!(is_test_artifact(path), "{path}");
        }
        for path in ["latest/a.html", "test.html", "contest/a.js"] {
            assert!(!is_test_artifact(path), "{path}");
        }
    }

    #[test]
    fn code_begins_outside_of_output() {
        assert!(is_outside_code("dist/a.js"));
        assert!(!is_outside_code("src/dist.js"));
    }

    #[test]
    fn folders_and_names_mark_test_sources() {
        for (path, expected) in [
            ("src/a.test.ts", true),
            ("src/a.spec.jsx", true),
            ("src/Button.stories.tsx", true),
            ("cypress/e2e/a.ts", true),
            ("src/__tests__/a.ts", true),
            ("tests/a.ts", true),
            ("src/pages/test/index.tsx", false),
            ("src/pages/__tests__/index.tsx", true),
            ("src/test.ts", false),
            ("src/latest/a.ts", false),
            ("test", false),
        ] {
            assert_eq!(is_test_source(path), expected, "{path}");
        }
        for (path, expected) in [
            ("a.ts", true),
            ("a/b.vue", true),
            ("d.ts", true),
            ("a.d.ts", false),
            ("a.d.mts", false),
            ("a.d.css.ts", false),
            ("d.x.ts", true),
            ("a.css", false),
            ("ts", false),
        ] {
            assert_eq!(is_source(path), expected, "{path}");
        }
    }
}
