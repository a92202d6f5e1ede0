//! What each framework ships to clients, one file a framework.

mod astro;
mod babel;
mod bundlers;
mod cra;
mod docs;
pub(crate) mod fix;
pub(crate) mod framework;
mod gatsby;
mod kits;
mod native;
mod next;
mod node;
mod nuxt;
mod page;
mod paths;
mod places;
mod react_router;
mod rollup;
mod scripts;
pub(crate) mod shipped_setting;
mod solid;
mod sveltekit;
mod tanstack;
#[cfg(test)]
mod testing;
mod vite;
mod webpack;

pub(crate) use framework::{Framework, Inlining, Modules, VariableRead};

use crate::app::App;
use crate::artifacts::Copied;

/// Every framework that is known, the more specific ones first.
pub(crate) fn all() -> &'static [&'static dyn Framework] {
    &[
        &next::Next,
        &sveltekit::SvelteKit,
        &nuxt::Nuxt,
        &react_router::ReactRouter,
        &tanstack::TanStack,
        &solid::SolidStart,
        &solid::Qwik,
        &astro::Astro,
        &gatsby::Gatsby,
        &native::Native::Expo,
        &native::Native::Bare,
        &cra::Cra,
        &cra::VueCli,
        &bundlers::Angular,
        &kits::Redwood,
        &kits::Plasmo,
        &kits::Wxt,
        &docs::Docusaurus,
        &docs::VitePress,
        &vite::Vite,
        &bundlers::Parcel,
        &webpack::Webpack,
        &rollup::Rsbuild,
        &rollup::Rollup,
        &scripts::Scripts::Esbuild,
        &scripts::Scripts::Bun,
        &kits::Storybook,
        &page::Electron,
        &page::Extension,
        &page::Page,
        &page::Likely,
        &node::Node,
    ]
}

/// The frameworks that an app uses, the more specific ones first.
pub(crate) fn used(app: &App<'_>) -> Vec<&'static dyn Framework> {
    all().iter().copied().filter(|framework| framework.is_used(app)).collect()
}

/// Whether files ship of which code makes addresses with `new URL('…', import.meta.url)`: some
/// bundlers copy them, and pages without a bundler find them beside their modules.
pub(crate) fn ship_addresses(frameworks: &[&dyn Framework]) -> bool {
    const COPY: [&str; 21] = [
        "astro",
        "cra",
        "docusaurus",
        "gatsby",
        "next",
        "nuxt",
        "parcel",
        "plasmo",
        "qwik",
        "react-router",
        "redwood",
        "rsbuild",
        "solid-start",
        "storybook",
        "sveltekit",
        "tanstack-start",
        "vite",
        "vitepress",
        "vue-cli",
        "webpack",
        "wxt",
    ];
    const PLAIN: [&str; 4] = ["browser", "extension", "html", "node"];
    let mut names = frameworks.iter().map(|framework| framework.name());
    let is_plain = names.clone().all(|name| PLAIN.contains(&name));
    is_plain || names.any(|name| COPY.contains(&name))
}

/// What stands for folders or files in imports, by what an app uses.
pub(crate) fn aliases(app: &App<'_>, frameworks: &[&dyn Framework]) -> Vec<(String, String)> {
    let mut aliases: Vec<_> =
        frameworks.iter().flat_map(|framework| framework.aliases(app)).collect();
    aliases.extend(babel::aliases(app));
    aliases
}

/// What the configuration says of the folder that is copied to the site as it is.
pub(crate) fn copied(app: &App<'_>) -> Copied {
    // A test runner's configuration of Vite says nothing of what another framework copies.
    let is_other = |framework: &&dyn Framework| {
        matches!(framework.name(), "next" | "nuxt" | "sveltekit" | "gatsby" | "cra" | "vue-cli")
    };
    if used(app).iter().any(is_other) { Copied::AsEver } else { vite::copied(app) }
}

/// Whether a path, relative to an app's folder, is that of a module that configures a build.
pub(crate) fn is_configuration(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let is_code = matches!(ending, "js" | "mjs" | "cjs" | "ts" | "mts" | "cts");
    if matches!(path, "app.json" | "angular.json") {
        return true;
    }
    is_code
        && (stem.ends_with(".config")
            || stem.contains("webpack")
            || matches!(
                stem,
                ".babelrc" | "gatsby-config" | "config-overrides" | "esbuild" | "build"
            )
            || path.contains(".vitepress/config.")
            || path == "src/env.ts"
            || path == "src/env.js")
}
