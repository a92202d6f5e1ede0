//! The frameworks: a file for each, and their registry.

mod analog;
mod angular;
mod astro;
mod auto_imports;
mod babel;
mod browser_code;
mod browser_extension;
mod build_tool;
mod bun;
mod config_commands;
mod copied_files;
mod create_react_app;
mod documents;
mod docusaurus;
mod dropped;
mod electron;
mod esbuild;
mod expo;
pub(crate) mod facts;
mod file_routes;
pub(crate) mod framework;
mod gatsby;
pub(crate) mod left_out;
pub(crate) mod modes;
mod native_app;
mod next;
mod next_intl;
mod node;
mod nuxt;
mod parcel;
mod paths;
pub(crate) mod places;
mod plain_page;
mod plasmo;
mod plugin_hooks;
pub(crate) mod published_maps;
mod qwik;
mod react_native;
mod react_router;
mod redwood;
mod rollup;
mod rsbuild;
pub(crate) mod sending_call;
pub(crate) mod served_files;
mod shell;
pub(crate) mod shipped_setting;
mod solid_start;
mod storybook;
mod style_settings;
mod sveltekit;
mod tables;
mod tanstack_start;
#[cfg(test)]
mod testing;
pub(crate) mod view_templates;
mod vite;
mod vitepress;
mod vue_cli;
mod waku;
mod webpack;
mod wxt;

pub(crate) use config_commands::{command_mode, command_options};
pub(crate) use framework::{Framework, Inlining, Modules, VariableRead};

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::app::App;
use crate::artifacts::context::CopiedFolder;
use crate::artifacts::markup_comments;
use crate::artifacts::shipped_path::ShippedPath;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{AddressedFiles, FrameworkFacts};
use crate::frameworks::framework::EntryPoint;
use crate::frameworks::tables::FrameworkTables;
use crate::graph::auto_imports::AutoImport;
use crate::js::guard::Absence;
use crate::js::ir::Module;

/// Every framework, the more specific ones first.
static FRAMEWORKS: &[&dyn Framework] = &[
    &next::Next,
    &waku::Waku,
    &sveltekit::SvelteKit,
    &nuxt::Nuxt,
    &react_router::ReactRouter,
    &tanstack_start::TanStackStart,
    &solid_start::SolidStart,
    &qwik::Qwik,
    &astro::Astro,
    &gatsby::Gatsby,
    &expo::Expo,
    &react_native::ReactNative,
    &create_react_app::CreateReactApp,
    &vue_cli::VueCli,
    &analog::Analog,
    &angular::Angular,
    &redwood::Redwood,
    &plasmo::Plasmo,
    &wxt::Wxt,
    &docusaurus::Docusaurus,
    &vitepress::VitePress,
    &vite::Vite,
    &parcel::Parcel,
    &webpack::Webpack,
    &rsbuild::Rsbuild,
    &rollup::Rollup,
    &esbuild::Esbuild,
    &bun::Bun,
    &storybook::Storybook,
    &electron::Electron,
    &browser_extension::BrowserExtension,
    &plain_page::PlainPage,
    &browser_code::BrowserCode,
    &node::Node,
];

/// The facts of every framework, in the order of the registry.
fn all_facts() -> impl Iterator<Item = &'static FrameworkFacts> {
    FRAMEWORKS.iter().map(|framework| framework.facts())
}

/// The frameworks that an app uses, the more specific ones first.
pub(crate) fn used(app: &App<'_>) -> Vec<&'static dyn Framework> {
    let mut used: Vec<&'static dyn Framework> =
        FRAMEWORKS.iter().copied().filter(|framework| framework.is_used(app)).collect();
    // Where a framework decides what ships, there is nothing to guess.
    if used.iter().any(|framework| !framework.facts().is_incidental) {
        used.retain(|framework| framework.id() != FrameworkId::BrowserCode);
    }
    used
}

/// Where the code of an app begins, with the framework that says so.
pub(crate) fn entries(
    app: &App<'_>,
    frameworks: &[&'static dyn Framework],
    modules: &dyn Modules,
) -> Vec<(FrameworkId, EntryPoint)> {
    let owns_entries = frameworks.iter().any(|framework| framework.facts().owns_entries);
    let unbuilt = unbuilt_pages(app, frameworks);
    let mut entries = Vec::new();
    for framework in frameworks {
        let own = framework.entries(app, modules).into_iter().map(|entry| {
            if unbuilt.contains(&entry.path) { entry.left_out(Absence::NotBuilt) } else { entry }
        });
        entries.extend(own.map(|entry| (framework.id(), entry)));
        if !owns_entries {
            let defaults = framework.default_entries(app, modules).into_iter();
            entries.extend(defaults.map(|entry| (framework.id(), entry)));
        }
    }
    entries
}

/// True if files ship whose addresses code makes with `new URL('…', import.meta.url)`: a build
/// copies them, or nothing is built.
pub(crate) fn ship_addresses(frameworks: &[&dyn Framework]) -> bool {
    let mut files = frameworks.iter().map(|framework| framework.facts().addressed_files);
    let is_unbuilt = files.clone().all(|files| files == AddressedFiles::Served);
    is_unbuilt || files.any(|files| files == AddressedFiles::Copied)
}

/// The names that stand for folders or files in imports of an app.
pub(crate) fn aliases(app: &App<'_>, frameworks: &[&dyn Framework]) -> Vec<(String, String)> {
    let mut aliases: Vec<_> =
        frameworks.iter().flat_map(|framework| framework.aliases(app)).collect();
    aliases.extend(babel::aliases(app));
    aliases
}

/// Files that the builds of an app leave out, each with the one that they put in its place.
pub(crate) fn replaced_files(
    app: &App<'_>,
    frameworks: &[&dyn Framework],
) -> Vec<(String, String)> {
    frameworks.iter().flat_map(|framework| framework.replaced_files(app)).collect()
}

/// The names that the code of an app may use without importing them.
pub(crate) fn auto_imports(
    app: &App<'_>,
    frameworks: &[&dyn Framework],
    modules: &dyn Modules,
) -> Vec<AutoImport> {
    frameworks.iter().flat_map(|framework| framework.auto_imports(app, modules)).collect()
}

/// True for a module that only servers have, by the rules of any framework.
pub(crate) fn is_boundary(
    app: &App<'_>,
    frameworks: &[&dyn Framework],
    path: &str,
    module: &Module,
) -> bool {
    frameworks.iter().any(|framework| framework.boundary(app, path, module).is_some())
}

/// The pages of an app that its build does not take.
pub(crate) fn unbuilt_pages(app: &App<'_>, frameworks: &[&dyn Framework]) -> Vec<String> {
    frameworks.iter().flat_map(|framework| framework.unbuilt_pages(app)).collect()
}

/// True if an offset of a file is in a comment of markup that builds of an app take out.
pub(crate) fn is_removed_comment(
    app: &App<'_>,
    frameworks: &[&dyn Framework],
    path: &str,
    at: usize,
) -> bool {
    let is_document = path.ends_with(".md");
    if !is_document && !path.ends_with(".html") {
        return false;
    }
    let bytes = app.state.read(path).ok().flatten().unwrap_or_default();
    let Ok(text) = std::str::from_utf8(&bytes) else { return false };
    let is_removable = if is_document {
        markup_comments::is_removable_in_document(text, at)
    } else {
        markup_comments::is_removable(text, at)
    };
    is_removable && frameworks.iter().any(|framework| framework.removes_comments(app, path))
}

/// The folder that the configuration copies to the site without change.
pub(crate) fn copied(app: &App<'_>) -> CopiedFolder {
    // The configuration of a test runner that is built on Vite does not decide what another
    // framework copies.
    if used(app).iter().any(|framework| framework.facts().has_fixed_static_folder) {
        CopiedFolder::Default
    } else if angular::lists_assets(app) {
        CopiedFolder::None
    } else {
        vite::copied(app)
    }
}

/// The modules that configurations of an app name as parts of themselves.
pub(crate) fn configuring_modules(app: &App<'_>) -> Vec<String> {
    let named = FRAMEWORKS.iter().flat_map(|framework| framework.configuring_modules(app));
    let is_new = |path: &String| !app.configs.iter().any(|(known, _)| known == path);
    named.filter(is_new).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The files that the configuration or documents name, so that they ship as they are.
pub(crate) fn named_files(app: &App<'_>, frameworks: &[&dyn Framework]) -> Vec<ShippedPath> {
    frameworks.iter().flat_map(|framework| framework.named_files(app)).collect()
}

/// True for a module or file of data that configures a build, by its path relative to an app's
/// folder.
pub(crate) fn is_configuration(path: &str) -> bool {
    if all_facts().any(|facts| facts.config_data.contains(&path)) {
        return true;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    matches!(ending, "js" | "mjs" | "cjs" | "ts" | "mts" | "cts")
        && (stem.ends_with(".config")
            || babel::is_configuration(stem)
            || FRAMEWORKS.iter().any(|framework| framework.is_configuration(path)))
}

/// The hints for fixes of a framework, by its name in reports.
pub(crate) fn fix_hints(name: Option<&str>) -> FixHints {
    match all_facts().find(|facts| Some(facts.id.name()) == name) {
        Some(facts) => FixHints { public_prefixes: facts.app_prefixes, ..facts.fix_hints },
        None => FixHints::GENERIC,
    }
}

/// The tables that lower layers get.
pub(crate) fn tables() -> &'static FrameworkTables {
    static TABLES: LazyLock<FrameworkTables> =
        LazyLock::new(|| FrameworkTables::new(&all_facts().collect::<Vec<_>>()));
    &TABLES
}

/// True for the name of a file that decides what ships, though it is neither a module nor declares
/// variables.
pub(crate) fn is_setting(name: &str) -> bool {
    tables().settings.contains(&name) || babel::FILES.contains(&name)
}

/// A framework, as docs/exposure.md describes it, in Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameworkDoc {
    /// The name that reports print.
    pub name: &'static str,
    /// Its name as its makers spell it.
    pub title: &'static str,
    /// Where client code begins.
    pub entries: &'static str,
    /// The code that clients do not get.
    pub cut: &'static str,
    /// The values that are put into client code.
    pub values: &'static str,
}

/// Describes every framework that the analysis knows.
pub fn frameworks() -> impl Iterator<Item = FrameworkDoc> {
    all_facts().map(|facts| FrameworkDoc {
        name: facts.id.name(),
        title: facts.title,
        entries: facts.docs.entries,
        cut: facts.docs.cut,
        values: facts.docs.values,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::World;

    /// Frameworks without packages, and the sign of their use instead.
    const WITHOUT_PACKAGES: [(FrameworkId, &str); 9] = [
        (FrameworkId::BrowserCode, "what modules do"),
        (FrameworkId::BrowserExtension, "a manifest"),
        (FrameworkId::Bun, "commands, scripts or bunfig.toml"),
        (FrameworkId::Esbuild, "commands or scripts"),
        (FrameworkId::PlainPage, "pages"),
        (FrameworkId::Node, "any app may have programs"),
        (FrameworkId::ReactNative, "a package, unless there is that of Expo"),
        (FrameworkId::Rollup, "a configuration, since packages are built with it as well"),
        (FrameworkId::Webpack, "a configuration, since others are built on it"),
    ];

    /// Frameworks for which advice names no files of their own: they only build or show code.
    const WITH_GENERIC_HINTS: [FrameworkId; 6] = [
        FrameworkId::BrowserCode,
        FrameworkId::PlainPage,
        FrameworkId::Node,
        FrameworkId::Parcel,
        FrameworkId::Rollup,
        FrameworkId::Storybook,
    ];

    #[test]
    fn every_framework_is_registered_once_and_described() {
        let registered: Vec<FrameworkId> = all_facts().map(|facts| facts.id).collect();
        let ids: BTreeSet<FrameworkId> = registered.iter().copied().collect();
        assert_eq!(registered.len(), ids.len(), "one is registered twice: {registered:?}");
        assert_eq!(ids, FrameworkId::ALL.iter().copied().collect());
        for facts in all_facts() {
            let name = facts.id.name();
            let has_reason = WITHOUT_PACKAGES.iter().any(|(id, _)| *id == facts.id);
            assert_eq!(facts.packages.is_empty(), has_reason, "{name}: packages");
            let is_generic = facts.fix_hints == FixHints::GENERIC;
            assert_eq!(is_generic, WITH_GENERIC_HINTS.contains(&facts.id), "{name}: hints");
            let docs = facts.docs;
            for text in [facts.title, docs.entries, docs.cut, docs.values] {
                assert!(!text.is_empty() && !text.contains(['|', '\n']), "{name}: {text:?}");
            }
            let prefixes = facts.public_prefixes.iter().chain(facts.app_prefixes);
            for prefix in prefixes {
                assert!(prefix.ends_with('_'), "{name}: {prefix}");
            }
        }
    }

    #[test]
    fn an_app_with_one_of_its_packages_uses_a_framework() {
        for facts in all_facts() {
            for package in facts.packages {
                let text = format!(r#"{{"dependencies": {{"{package}": "1.0.0"}}}}"#);
                let world = World::new(&[("package.json", &text)]);
                let used = used(&world.app());
                assert!(used.iter().any(|it| it.id() == facts.id), "{package}");
            }
        }
    }

    #[test]
    fn guesses_count_only_where_no_framework_decides() {
        let world = World::new(&[("a.js", ""), (".storybook/preview.js", "")]);
        let ids = |world: &World| -> Vec<FrameworkId> {
            used(&world.app()).iter().map(|framework| framework.id()).collect()
        };
        assert!(ids(&world).contains(&FrameworkId::BrowserCode));
        let package = ("package.json", r#"{"dependencies": {"next": "15"}}"#);
        assert!(!ids(&World::new(&[package, ("a.js", "")])).contains(&FrameworkId::BrowserCode));
    }

    #[test]
    fn defaults_of_a_bundler_give_way_to_a_framework() {
        let packages = [
            (r#"{"devDependencies": {"vite": "6"}}"#, true),
            (r#"{"devDependencies": {"vite": "6", "@sveltejs/kit": "2"}}"#, false),
        ];
        for (package, is_entry) in packages {
            let world = World::new(&[("package.json", package), ("src/main.ts", "")]);
            let app = world.app();
            let entries = entries(&app, &used(&app), &world);
            assert_eq!(entries.iter().any(|(_, it)| it.path == "src/main.ts"), is_entry);
        }
    }

    #[test]
    fn modules_that_configure_builds_are_known_by_name() {
        for (path, expected) in [
            ("next.config.mjs", true),
            ("web/vite.config.ts", true),
            ("gatsby-config.js", true),
            ("config/webpack.prod.js", true),
            ("scripts/build.mjs", true),
            ("docs/.vitepress/config/index.ts", true),
            ("docs/.vitepress/config.mts", true),
            ("src/env.ts", true),
            ("web/src/env.ts", false),
            (".babelrc.js", true),
            ("angular.json", true),
            ("app.json", true),
            ("src/app.json", false),
            ("src/config.ts", false),
            ("src/webpackLogo.tsx", false),
        ] {
            assert_eq!(is_configuration(path), expected, "{path}");
        }
    }
}
