//! What every framework decides.

use crate::app::App;
use crate::eval::runtime_config::RuntimeConfig;
use crate::eval::value::Value;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::FrameworkFacts;
use crate::frameworks::paths;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::js::ir::{Directive, Erased, Module, ModulePart, Span};
use crate::leak::Side;
use crate::severity::Confidence;
use crate::variables::read::{EnvRoot, ReadForm};

/// A framework or bundler.
pub(crate) trait Framework: Sync {
    /// What holds for every app.
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

    /// Where the app's code begins, on either side. A module that runs on both is listed twice.
    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint>;

    /// Where the app's code begins if no framework with it decides that, see
    /// [`FrameworkFacts::owns_entries`].
    fn default_entries(&self, _app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        Vec::new()
    }

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
    fn inlining(&self, _app: &App<'_>, _read: &VariableRead<'_>) -> Inlining {
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
        self.facts().app_prefixes.iter().map(|prefix| (*prefix).to_owned()).collect()
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

    /// The parts of the build configuration whose values ship to clients.
    fn shipped_settings(&self, _app: &App<'_>) -> Vec<ShippedSetting> {
        Vec::new()
    }
}

/// The modules of an app and of the packages beside it that it uses.
pub(crate) trait Modules {
    /// The paths of all, in order.
    fn paths(&self) -> Vec<&str>;

    /// A module; of a component or page, its [`ModulePart::Whole`].
    fn module(&self, path: &str) -> Option<&Module>;

    /// The file that a module imports by this specifier.
    fn resolve(&self, from: &str, specifier: &str) -> Option<String>;
}

/// Where code begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryPoint {
    /// The module's file.
    pub path: String,
    /// Which part of it.
    pub part: ModulePart,
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
        }
    }

    /// Code that only servers run.
    pub(crate) fn server(path: &str, why: impl Into<String>) -> Self {
        Self { side: Side::Server, ..Self::client(path, why) }
    }

    /// The same, said at this place.
    pub(crate) fn at(self, span: Span) -> Self {
        Self { span, ..self }
    }

    /// The same, as a guess.
    pub(crate) fn likely(self) -> Self {
        Self { confidence: Confidence::Medium, ..self }
    }
}

/// A variable that is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VariableRead<'r> {
    /// The module that reads it.
    pub path: &'r str,
    /// The name of the variable.
    pub name: &'r str,
    /// Where it is read from.
    pub root: EnvRoot,
    /// How.
    pub form: ReadForm,
}

impl VariableRead<'_> {
    /// True for a read of `process.env` or `import.meta.env`.
    pub(crate) fn is_env(&self) -> bool {
        matches!(self.root, EnvRoot::Process | EnvRoot::ImportMeta)
    }
}

/// Whether the value of a variable stands in the client's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inlining {
    /// It does; why, for people: `Parcel inlines every process.env.X`.
    Yes(String),
    /// It does not.
    No,
}

impl Inlining {
    /// [`Inlining::Yes`] if it is so.
    pub(crate) fn when(is_so: bool, why: &str) -> Self {
        if is_so { Self::Yes(why.to_owned()) } else { Self::No }
    }
}

/// A function whose result is sent to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handover {
    /// The export; `*` is every exported function.
    pub export: String,
    /// The part of the result that is sent; empty is all of it.
    pub field: &'static str,
    /// For people: `loader data is sent to the browser`.
    pub note: &'static str,
}

impl Handover {
    pub(crate) fn new(export: &str, field: &'static str, note: &'static str) -> Self {
        Self { export: export.to_owned(), field, note }
    }
}

/// What the function that made a value was given first; of any other value, the value itself.
pub(crate) fn given(value: &Value) -> &Value {
    if let Value::CallResult(_, arguments) = value {
        return arguments.first().unwrap_or(&Value::Unknown);
    }
    value
}

/// The directive of this text at the top of a module.
pub(crate) fn directive<'m>(module: &'m Module, text: &str) -> Option<&'m Directive> {
    module.directives.iter().find(|directive| directive.text == text)
}

/// Where a module imports one of these for its values.
pub(crate) fn imports(module: &Module, specifiers: &[&str]) -> Option<Span> {
    let is_one = |specifier: &str| specifiers.contains(&specifier);
    let mut values = module.imports.iter().filter(|import| import.erased == Erased::No);
    values.find(|import| is_one(&import.specifier)).map(|import| import.span)
}
