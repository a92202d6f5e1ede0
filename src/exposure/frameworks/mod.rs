//! What each framework ships to clients, one file a framework.

mod astro;
mod babel;
mod bundlers;
mod cra;
mod docs;
mod fix;
mod gatsby;
mod inlined;
mod kits;
mod native;
mod next;
mod node;
mod nuxt;
mod page;
mod paths;
mod react_router;
mod rollup;
mod scripts;
mod solid;
mod sveltekit;
mod tanstack;
#[cfg(test)]
mod testing;
mod vite;
mod webpack;

pub(super) use fix::fix;

use super::app::App;
use super::facts::Directive;
use super::facts::Erased;
use super::facts::Module;
use super::facts::Part;
use super::facts::Span;
use super::leak::Leak;
use super::shipped::Copied;
use super::value::Value;
use crate::model::Confidence;
use crate::model::Side;

/// Every framework that is known, the more specific ones first.
pub(super) fn all() -> &'static [&'static dyn Framework] {
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
pub(super) fn used(app: &App<'_>) -> Vec<&'static dyn Framework> {
    all().iter().copied().filter(|framework| framework.is_used(app)).collect()
}

/// Whether files ship of which code makes addresses with `new URL('…', import.meta.url)`: some
/// bundlers copy them, and pages without a bundler find them beside their modules.
pub(super) fn ship_addresses(frameworks: &[&dyn Framework]) -> bool {
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
pub(super) fn aliases(app: &App<'_>, frameworks: &[&dyn Framework]) -> Vec<(String, String)> {
    let mut aliases: Vec<_> =
        frameworks.iter().flat_map(|framework| framework.aliases(app)).collect();
    aliases.extend(babel::aliases(app));
    aliases
}

/// What the configuration says of the folder that is copied to the site as it is.
pub(super) fn copied(app: &App<'_>) -> Copied {
    // A test runner's configuration of Vite says nothing of what another framework copies.
    let is_other = |framework: &&dyn Framework| {
        matches!(framework.name(), "next" | "nuxt" | "sveltekit" | "gatsby" | "cra" | "vue-cli")
    };
    if used(app).iter().any(is_other) { Copied::AsEver } else { vite::copied(app) }
}

/// Whether a path, relative to an app's folder, is that of a module that configures a build.
pub(super) fn is_configuration(path: &str) -> bool {
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

/// A framework or bundler.
pub(super) trait Framework: Sync {
    /// Its name in reports, for example `next`.
    fn name(&self) -> &'static str;

    /// Whether an app uses it.
    fn is_used(&self, app: &App<'_>) -> bool;

    /// Where the app's code begins, on either side. A module that runs on both is there twice.
    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<Entry>;

    /// Why client code cannot take a module in: it gets a reference to it, or the build fails.
    fn boundary(&self, _app: &App<'_>, _path: &str, _module: &Module) -> Option<String> {
        None
    }

    /// The exports of a module that are left out of its client version, with all that only they
    /// use.
    fn stripped(&self, _app: &App<'_>, _path: &str) -> &'static [&'static str] {
        &[]
    }

    /// Whether the value of a variable stands in the client's code where it is read.
    fn inlining(&self, _app: &App<'_>, _read: &Read<'_>) -> Inlining {
        Inlining::No
    }

    /// Whether the value of a variable takes the place of its name in the markup of a page:
    /// `%VITE_X%`.
    fn inlining_in_page(&self, _app: &App<'_>, _path: &str, _name: &str) -> Inlining {
        Inlining::No
    }

    /// The functions of a module whose results are sent to the client.
    fn handed_over(&self, _app: &App<'_>, _path: &str, _module: &Module) -> Vec<Handover> {
        Vec::new()
    }

    /// Prefixes with which names of variables are public in this app, besides those that are
    /// public anywhere.
    fn public_prefixes(&self, _app: &App<'_>) -> Vec<String> {
        Vec::new()
    }

    /// What stands for a folder or file in imports: `~` or `$lib`, and its path, relative to the
    /// top of the state. It stands for itself and in front of a `/`.
    fn aliases(&self, _app: &App<'_>) -> Vec<(String, String)> {
        Vec::new()
    }

    /// What code gets as the configuration when it runs.
    fn runtime_config(&self, _app: &App<'_>) -> Option<RuntimeConfig> {
        None
    }

    /// What the configuration puts into client code though it is secret.
    fn configured(&self, _app: &App<'_>) -> Vec<Leak> {
        Vec::new()
    }
}

/// What code gets as the configuration when it runs.
pub(super) struct RuntimeConfig {
    /// All of it.
    pub value: Value,
    /// The property that clients have, too.
    pub public: &'static str,
    /// What variables begin with whose values take the place of what is written:
    /// `NUXT_AI_KEY` that of `ai.key`.
    pub prefix: Option<&'static str>,
}

/// The modules of an app and of the packages beside it that it uses.
pub(super) trait Modules {
    /// The paths of all, in order.
    fn paths(&self) -> Vec<&str>;

    /// A module; of a component or page, its [`Part::Whole`].
    fn module(&self, path: &str) -> Option<&Module>;

    /// The file that a module imports by this specifier.
    fn resolve(&self, from: &str, specifier: &str) -> Option<String>;
}

/// Where code begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The module's file.
    pub path: String,
    /// Which part of it.
    pub part: Part,
    /// The only export that is used; none is all.
    pub export: Option<String>,
    /// Which side runs it.
    pub side: Side,
    /// Why it is an entry, for people: `route component`, `script of index.html`.
    pub why: String,
    /// Where that is said, in the module itself.
    pub span: Span,
    /// How sure it is: `Medium` where it is a guess.
    pub confidence: Confidence,
    /// Whether only what is written in the code ships, because it is packaged as it is and reads
    /// the variables of the machine that it runs on: the main process of Electron.
    pub is_packaged: bool,
}

impl Entry {
    /// Code that clients run.
    fn client(path: &str, why: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            part: Part::Whole,
            export: None,
            side: Side::Client,
            why: why.into(),
            span: Span::default(),
            confidence: Confidence::High,
            is_packaged: false,
        }
    }

    /// Code that only servers run.
    fn server(path: &str, why: impl Into<String>) -> Self {
        Self { side: Side::Server, ..Self::client(path, why) }
    }

    /// The same, said at this place.
    fn at(self, span: Span) -> Self {
        Self { span, ..self }
    }

    /// The same, as a guess.
    fn likely(self) -> Self {
        Self { confidence: Confidence::Medium, ..self }
    }
}

/// A variable that is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Read<'r> {
    /// The module that reads it.
    pub path: &'r str,
    /// The name of the variable.
    pub name: &'r str,
    /// Where it is read from.
    pub root: EnvRoot,
    /// How.
    pub form: ReadForm,
}

/// Where variables are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum EnvRoot {
    /// `process.env`, also `globalThis.process.env`.
    Process,
    /// `import.meta.env`.
    ImportMeta,
    /// `Bun.env`, `Deno.env.get('…')`.
    Runtime,
    /// `Config.X` of react-native-config, `@env` of react-native-dotenv.
    NativeConfig,
    /// `$env/static/private`, `$env/dynamic/private`, `$app/env/private`.
    PrivateModule,
    /// `$env/static/public`, `$env/dynamic/public`, `$app/env/public`, `astro:env/client`.
    PublicModule,
    /// `astro:env/server`.
    ServerModule,
    /// `useRuntimeConfig()` of Nuxt, `getConfig()` of Next.js: the part of it of this number.
    RuntimeConfig(u32),
    /// The same of a part that clients have.
    PublicRuntimeConfig(u32),
}

/// How a variable is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum ReadForm {
    /// `process.env.X`
    Member,
    /// `process.env['X']`
    Index,
    /// `process.env[name]`, of a constant.
    Computed,
    /// `const { X } = process.env`
    Destructured,
    /// `const e = process.env; e.X`
    Alias,
}

/// Whether the value of a variable stands in the client's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inlining {
    /// It does; why, for people: `Parcel inlines every process.env.X`.
    Yes(String),
    /// It does not.
    No,
}

impl Inlining {
    /// [`Inlining::Yes`] if it is so.
    fn when(is_so: bool, why: &str) -> Self {
        if is_so { Self::Yes(why.to_owned()) } else { Self::No }
    }
}

/// A function whose result is sent to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Handover {
    /// The export; `*` is every exported function.
    pub export: String,
    /// The part of the result that is sent; empty is all of it.
    pub field: &'static str,
    /// For people: `loader data is sent to the browser`.
    pub note: &'static str,
}

impl Handover {
    fn new(export: &str, field: &'static str, note: &'static str) -> Self {
        Self { export: export.to_owned(), field, note }
    }
}

/// What the function that made a value was given first; of any other value, the value itself.
fn given(value: &Value) -> &Value {
    if let Value::Made(_, arguments) = value {
        return arguments.first().unwrap_or(&Value::Unknown);
    }
    value
}

/// The directive of this text at the top of a module.
fn directive<'m>(module: &'m Module, text: &str) -> Option<&'m Directive> {
    module.directives.iter().find(|directive| directive.text == text)
}

/// Where a module imports one of these for its values.
fn imports(module: &Module, specifiers: &[&str]) -> Option<Span> {
    let is_one = |specifier: &str| specifiers.contains(&specifier);
    let mut values = module.imports.iter().filter(|import| import.erased == Erased::No);
    values.find(|import| is_one(&import.specifier)).map(|import| import.span)
}
