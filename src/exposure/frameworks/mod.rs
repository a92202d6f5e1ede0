//! What each framework ships to clients, one file a framework.

use super::app::App;
use super::facts::{Module, Span};
use super::leak::Leak;
use crate::model::{Confidence, Side};

/// A framework or bundler.
pub trait Framework: Sync {
    /// Its name in reports, for example `next`.
    fn name(&self) -> &'static str;

    /// Whether an app uses it.
    fn is_used(&self, app: &App<'_>) -> bool;

    /// Where the app's code begins, on either side.
    fn entries(&self, app: &App<'_>) -> Vec<Entry>;

    /// Why client code cannot take a module in: it gets a reference to it, or the build fails.
    fn boundary(&self, app: &App<'_>, path: &str, module: &Module) -> Option<String>;

    /// The exports of a module that are left out of its client version, with all that only they
    /// use.
    fn stripped(&self, app: &App<'_>, path: &str) -> &'static [&'static str];

    /// Whether the value of a variable stands in the client's code where it is read.
    fn inlining(&self, app: &App<'_>, read: &Read<'_>) -> Inlining;

    /// The functions of a module whose results are sent to the client.
    fn handed_over(&self, app: &App<'_>, path: &str, module: &Module) -> Vec<Handover>;

    /// Prefixes with which names of variables are public in this app, besides those that are
    /// public anywhere.
    fn public_prefixes(&self, app: &App<'_>) -> Vec<String>;

    /// What the configuration puts into client code though it is secret.
    fn configured(&self, app: &App<'_>) -> Vec<Leak>;
}

/// Where code begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The module's file.
    pub path: String,
    /// Which side runs it.
    pub side: Side,
    /// Why it is an entry, for people: `route component`, `script of index.html`.
    pub why: String,
    /// Where that is said, in the module itself.
    pub span: Span,
    /// How sure it is: `Medium` where it is a guess.
    pub confidence: Confidence,
}

/// A variable that is read.
#[derive(Debug, Clone, Copy)]
pub struct Read<'r> {
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
pub enum EnvRoot {
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
    /// `useRuntimeConfig()` of Nuxt.
    RuntimeConfig,
    /// The same below `public`.
    PublicRuntimeConfig,
    /// A name that the configuration defines (`define`, `DefinePlugin`).
    Defined,
}

/// How a variable is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReadForm {
    /// `process.env.X`
    Member,
    /// `process.env['X']`
    Index,
    /// `const { X } = process.env`
    Destructured,
    /// `const e = process.env; e.X`
    Alias,
}

/// Whether the value of a variable stands in the client's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inlining {
    /// It does; why, for people: `Parcel inlines every process.env.X`.
    Yes(String),
    /// It does not.
    No,
}

/// A function whose result is sent to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// The export; `*` is every exported function.
    pub export: String,
    /// The part of the result that is sent; empty is all of it.
    pub field: &'static str,
    /// For people: `loader data is sent to the browser`.
    pub note: &'static str,
}
