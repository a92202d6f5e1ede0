//! The trait of frameworks: everything that a framework decides.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::runtime_config::RuntimeConfig;
use crate::eval::value::{Field, Value};
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::FrameworkFacts;
use crate::frameworks::paths;
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::graph::auto_imports::AutoImport;
use crate::js::guard::Absence;
use crate::js::ir::{Directive, Erased, Module, ModulePart, Span};
use crate::leak::Side;
use crate::severity::Confidence;
use crate::variables::read::{EnvRoot, ReadForm};

/// A framework or bundler.
pub(crate) trait Framework: Sync {
    /// The facts that hold for every app.
    fn facts(&self) -> &'static FrameworkFacts;

    /// Which framework it is.
    fn id(&self) -> FrameworkId {
        self.facts().id
    }

    /// True if an app uses it: by default, if it depends on one of its packages, or has one of the
    /// modules that configure it.
    fn is_used(&self, app: &App<'_>) -> bool {
        let FrameworkFacts { packages, marker_modules, .. } = self.facts();
        packages.iter().any(|package| app.depends_on(package))
            || app.config(marker_modules).is_some()
    }

    /// True for a module that configures it, by its path relative to an app's folder, besides all
    /// of `*.config.*`.
    fn is_configuration(&self, path: &str) -> bool {
        let stem = paths::name(path).rsplit_once('.').map(|(stem, _)| stem);
        stem.is_some_and(|stem| self.facts().config_modules.contains(&stem))
    }

    /// The modules that the configuration names as parts of itself: plugins of one's own, scripts that
    /// build. They are evaluated as configurations, too.
    fn configuring_modules(&self, _app: &App<'_>) -> Vec<String> {
        Vec::new()
    }

    /// Where the app's code begins, on either side. A module that runs on both is listed twice.
    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint>;

    /// Where the app's code begins if no framework with it decides that, see
    /// [`FrameworkFacts::owns_entries`].
    fn default_entries(&self, _app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        Vec::new()
    }

    /// The reason why client code cannot import a module: it gets a reference, or the build fails.
    fn boundary(&self, _app: &App<'_>, _path: &str, _module: &Module) -> Option<String> {
        None
    }

    /// The exports that the client version of a module lacks, with everything that only they use.
    fn stripped(&self, _app: &App<'_>, _path: &str) -> &'static [&'static str] {
        &[]
    }

    /// The conditions that the app's build for production decides, so that it leaves out code.
    fn left_out(&self, _app: &App<'_>) -> Vec<Absence> {
        self.facts().left_out.to_vec()
    }

    /// Tells if the value of a variable replaces a read of it in client code.
    fn inlining(&self, _app: &App<'_>, _read: &VariableRead<'_>) -> Inlining {
        Inlining::No
    }

    /// Tells if the value of a variable replaces its name in the markup of a page: `%VITE_X%`.
    fn inlining_in_page(&self, _app: &App<'_>, _path: &str, _name: &str) -> Inlining {
        Inlining::No
    }

    /// The functions of a module whose results are sent to the client.
    fn sent_results(&self, _app: &App<'_>, _path: &str, _module: &Module) -> Vec<SentResult> {
        Vec::new()
    }

    /// True for a module of servers whose markup stands around each page.
    fn is_document(&self, _app: &App<'_>, _path: &str) -> bool {
        false
    }

    /// The values that the build puts into the code of servers only, by name.
    fn server_definitions(&self, _app: &App<'_>) -> Vec<Field> {
        Vec::new()
    }

    /// How servers render the components of clients into pages; `None` if only clients run them.
    fn server_rendering(&self, _app: &App<'_>) -> Option<ServerRendering> {
        None
    }

    /// Prefixes that make variables public in this app, besides those that do so in any app.
    fn public_prefixes(&self, _app: &App<'_>) -> Vec<String> {
        self.facts().app_prefixes.iter().map(|prefix| (*prefix).to_owned()).collect()
    }

    /// Prefixes that make variables public elsewhere, but not in this app.
    fn changed_prefixes(&self, _app: &App<'_>) -> Vec<&'static str> {
        Vec::new()
    }

    /// Aliases in imports, `~` or `$lib`, and the path that each stands for, relative to the top of
    /// the project. An alias may be followed by `/` and more.
    fn aliases(&self, _app: &App<'_>) -> Vec<(String, String)> {
        Vec::new()
    }

    /// Files that builds for production leave out, each with the one that they put in its place; an
    /// empty path if there is none.
    fn replaced_files(&self, _app: &App<'_>) -> Vec<(String, String)> {
        Vec::new()
    }

    /// The names that code may use without importing them.
    fn auto_imports(&self, _app: &App<'_>, _modules: &dyn Modules) -> Vec<AutoImport> {
        Vec::new()
    }

    /// The pages among an app's files that its build does not take.
    fn unbuilt_pages(&self, _app: &App<'_>) -> Vec<String> {
        Vec::new()
    }

    /// True if its build takes the comments out of a page, template or document.
    fn removes_comments(&self, _app: &App<'_>, _path: &str) -> bool {
        false
    }

    /// The files and folders that the configuration or documents name, so that they ship as they are,
    /// besides the usual ones.
    fn named_files(&self, _app: &App<'_>) -> Vec<ShippedPath> {
        Vec::new()
    }

    /// The configuration that code gets when it runs.
    fn runtime_config(&self, _app: &App<'_>) -> Option<RuntimeConfig> {
        None
    }

    /// The source maps that the build publishes, with the sources in them.
    fn published_maps(&self, _app: &App<'_>) -> Option<PublishedMaps> {
        None
    }

    /// True if builds leave the comments of style sheets in them.
    fn keeps_style_comments(&self, _app: &App<'_>) -> bool {
        false
    }

    /// The parts of the build configuration whose values ship to clients.
    fn shipped_settings(&self, _app: &App<'_>) -> Vec<ShippedSetting> {
        Vec::new()
    }
}

/// The modules of an app and of the workspace packages that it uses.
pub(crate) trait Modules {
    /// All paths, in order.
    fn paths(&self) -> Vec<&str>;

    /// The module at a path; of a component or page, its [`ModulePart::Whole`].
    fn module(&self, path: &str) -> Option<&Module>;

    /// The file that a module imports by this specifier.
    fn resolve(&self, from: &str, specifier: &str) -> Option<String>;
}

/// A module where code begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryPoint {
    /// The module's file.
    pub path: String,
    /// The part of it that runs.
    pub part: ModulePart,
    /// The only export that is used; `None` for all.
    pub export: Option<String>,
    /// The side that runs it.
    pub side: Side,
    /// The reason, for people: `route component`, `script of index.html`.
    pub why: String,
    /// The place in the module that says so.
    pub span: Span,
    /// `Medium` for a guess.
    pub confidence: Confidence,
    /// Set if only literals ship: the code is packaged, but reads variables on the machine where it
    /// runs, as the main process of Electron does.
    pub is_packaged: bool,
    /// Set if servers never render it, although their code names it: `client:only` of Astro.
    pub is_unrendered: bool,
    /// Set if only the exports ship that code of servers names.
    pub is_by_name: bool,
    /// The reason why builds for production lack it, if they do.
    pub absence: Option<Absence>,
}

impl EntryPoint {
    /// Code that clients run.
    pub(crate) fn client(path: &str, why: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            part: ModulePart::Whole,
            export: None,
            side: Side::Client,
            why: why.into(),
            span: Span::default(),
            confidence: Confidence::High,
            is_packaged: false,
            is_unrendered: false,
            is_by_name: false,
            absence: None,
        }
    }

    /// Code that only servers run.
    pub(crate) fn server(path: &str, why: impl Into<String>) -> Self {
        Self { side: Side::Server, ..Self::client(path, why) }
    }

    /// The same entry, because of this place.
    pub(crate) fn at(self, span: Span) -> Self {
        Self { span, ..self }
    }

    /// The same entry, which builds for production lack for this reason.
    pub(crate) fn left_out(self, absence: Absence) -> Self {
        Self { absence: Some(absence), ..self }
    }

    /// The same entry, of which only the exports ship that code of servers names.
    pub(crate) fn by_name(self) -> Self {
        Self { is_by_name: true, ..self }
    }

    /// The same entry, as a guess.
    pub(crate) fn likely(self) -> Self {
        Self { confidence: Confidence::Medium, ..self }
    }
}

/// A read of a variable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VariableRead<'r> {
    /// The module that reads it.
    pub path: &'r str,
    /// The name of the variable.
    pub name: &'r str,
    /// The object that it is read from.
    pub root: EnvRoot,
    /// The form of the read.
    pub form: ReadForm,
}

impl VariableRead<'_> {
    /// True for a read of `process.env` or `import.meta.env`.
    pub(crate) fn is_env(&self) -> bool {
        matches!(self.root, EnvRoot::Process | EnvRoot::ImportMeta)
    }
}

/// Tells if the value of a variable becomes part of client code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inlining {
    /// It does, for this reason: `Parcel inlines every process.env.X`.
    Yes(String),
    /// It does not.
    No,
}

impl Inlining {
    /// [`Inlining::Yes`] if a condition holds.
    pub(crate) fn when(is_so: bool, why: &str) -> Self {
        if is_so { Self::Yes(why.to_owned()) } else { Self::No }
    }
}

/// The rendering of client components by servers, before clients run them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerRendering {
    /// True for the objects from which components read variables that only servers have.
    pub(crate) reads: fn(EnvRoot) -> bool,
}

impl ServerRendering {
    /// Components read `process.env` of the server that renders them.
    pub(crate) const PROCESS: Self = Self { reads: |root| root == EnvRoot::Process };
}

/// An export that is sent to the client: a function's result, or a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentResult {
    /// The export; `*` for every exported function.
    pub export: String,
    /// The field of the result that is sent; empty for all of it.
    pub field: &'static str,
    /// Set if an export that is no function is sent itself.
    pub may_be_value: bool,
    /// For people: `loader data is sent to the browser`.
    pub note: &'static str,
}

impl SentResult {
    /// The results of an exported function.
    pub(crate) fn new(export: &str, field: &'static str, note: &'static str) -> Self {
        Self { export: export.to_owned(), field, may_be_value: false, note }
    }

    /// An exported value, or the results of an exported function.
    pub(crate) fn value(export: &str, note: &'static str) -> Self {
        Self { may_be_value: true, ..Self::new(export, "", note) }
    }
}

/// The first argument of the call that made a value, or else the value itself.
pub(crate) fn given(value: &Value) -> &Value {
    if let Value::CallResult(_, arguments) = value {
        return arguments.first().unwrap_or(&Value::Unknown);
    }
    value
}

/// The directive with this text at the top of a module.
pub(crate) fn directive<'m>(module: &'m Module, text: &str) -> Option<&'m Directive> {
    module.directives.iter().find(|directive| directive.text == text)
}

/// The place where a module imports one of these, not only for types.
pub(crate) fn imports(module: &Module, specifiers: &[&str]) -> Option<Span> {
    let is_one = |specifier: &str| specifiers.contains(&specifier);
    let mut values = module.imports.iter().filter(|import| import.erased == Erased::No);
    values.find(|import| is_one(&import.specifier)).map(|import| import.span)
}
