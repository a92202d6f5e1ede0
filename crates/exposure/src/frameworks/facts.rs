//! Facts about a framework that hold for every app: packages, folders, prefixes, words for people.

use crate::artifacts::framework_folders::{
    CompiledTemplates, DocumentFolder, OutputFolder, StaticFolder,
};
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::sending_call::SendingCall;
use crate::js::conventions::{KnownConstant, ServerCall, ServerOption, ServerVariable};
use crate::js::guard::Absence;
use crate::variables::conventions::{RuntimeConfigFunction, VariableFunction, VariableModule};

/// Facts about a framework that hold for every app that uses it.
///
/// A framework states what differs from [`FrameworkFacts::new`]:
///
/// ```text
/// static FACTS: FrameworkFacts = FrameworkFacts {
///     packages: &["acme"],
///     app_packages: &["acme"],
///     app_prefixes: &["ACME_PUBLIC_"],
///     ..FrameworkFacts::new(FrameworkId::Acme, "Acme", DOCS)
/// };
/// ```
pub(crate) struct FrameworkFacts {
    /// The framework.
    pub(crate) id: FrameworkId,
    /// Its name as its makers spell it.
    pub(crate) title: &'static str,
    /// Its row in docs/exposure.md.
    pub(crate) docs: FrameworkDocs,

    /// An app that depends on one of these packages uses it.
    pub(crate) packages: &'static [&'static str],
    /// An app with one of these modules, named without ending, in its folder uses it:
    /// `next.config`.
    pub(crate) marker_modules: &'static [&'static str],
    /// Packages that make an app of the package that depends on them: it has a client of its own,
    /// so that other packages cannot ship what is in it.
    pub(crate) app_packages: &'static [&'static str],
    /// Files that make an app of their folder if it has no package.json.
    pub(crate) app_markers: &'static [&'static str],

    /// Modules that configure it, by name without ending, besides all of `*.config.*`.
    pub(crate) config_modules: &'static [&'static str],
    /// Files of data in the app's folder that are evaluated as its configuration.
    pub(crate) config_data: &'static [&'static str],
    /// Other files that decide what ships, by name: a change of one is a reason to analyse the
    /// app again.
    pub(crate) settings: &'static [&'static str],

    /// Prefixes that make a variable public wherever it is declared, since no one else uses them.
    pub(crate) public_prefixes: &'static [&'static str],
    /// Prefixes that make a variable public in apps that use it.
    pub(crate) app_prefixes: &'static [&'static str],
    /// The default of Vite's `envPrefix` in apps that use it, if it changes that.
    pub(crate) vite_prefix: Option<&'static str>,

    /// Modules whose exports are variables.
    pub(crate) variable_modules: &'static [VariableModule],
    /// Functions that return the variable named by their first argument.
    pub(crate) variable_functions: &'static [VariableFunction],
    /// Functions that return the runtime configuration, see [`Framework::runtime_config`].
    ///
    /// [`Framework::runtime_config`]: crate::frameworks::framework::Framework::runtime_config
    pub(crate) runtime_config_functions: &'static [RuntimeConfigFunction],

    /// Calls whose functions it removes from the client's code.
    pub(crate) server_calls: &'static [ServerCall],
    /// Properties of options that it removes from the client's code.
    pub(crate) server_options: &'static [ServerOption],
    /// Constants that tell the side or the mode.
    pub(crate) constants: &'static [KnownConstant],
    /// Variables that tell the side.
    pub(crate) server_variables: &'static [ServerVariable],
    /// The conditions that its builds for production decide.
    pub(crate) left_out: &'static [Absence],
    /// The bundler that decides what its code lacks.
    pub(crate) built_by: BuiltBy,
    /// Set if it builds the scripts of pages.
    pub(crate) builds_pages: bool,
    /// Calls by which its server code sends values to the client.
    pub(crate) sending_calls: &'static [SendingCall],
    /// How the names of packages begin whose `json(…)`, `data(…)` and `defer(…)` make responses.
    pub(crate) response_packages: &'static [&'static str],
    /// Set if it sends the messages of errors that its server functions throw.
    pub(crate) sends_errors: bool,
    /// Set if it sends what components of servers render, and the properties that they pass to
    /// components of clients.
    pub(crate) has_server_components: bool,
    /// Modules whose components put their properties and content into the page.
    pub(crate) markup_modules: &'static [&'static str],

    /// Folders into which it builds for clients and servers.
    pub(crate) output_folders: &'static [OutputFolder],
    /// Folders in its output that hold only what clients get, whatever is around them.
    pub(crate) asset_folders: &'static [&'static str],
    /// Folders that it copies to the site without change.
    pub(crate) static_folders: &'static [StaticFolder],
    /// Folders of documents that it renders into pages.
    pub(crate) document_folders: &'static [DocumentFolder],
    /// Set if its builds put the text of files into client code that reads them: `fs.readFileSync`.
    pub(crate) inlines_read_files: bool,
    /// Set if its builds take comments out of pictures.
    pub(crate) minifies_pictures: bool,
    /// Set if the app cannot choose another folder by the configuration of Vite.
    pub(crate) has_fixed_static_folder: bool,
    /// Set if everything that is built is packaged with the app, also code of servers.
    pub(crate) packages_output: bool,
    /// Set if it makes browser extensions without a manifest in the sources.
    pub(crate) makes_extensions: bool,
    /// Files of markup that it compiles into code, so that comments in them do not ship.
    pub(crate) compiled_templates: Option<CompiledTemplates>,

    /// The words of advice on a leak; their prefixes are those of [`Self::app_prefixes`].
    pub(crate) fix_hints: FixHints,

    /// The fate of a file whose address code makes with `new URL('…', import.meta.url)`.
    pub(crate) addressed_files: AddressedFiles,
    /// Set if it decides where client code begins, so that the defaults of bundlers do not count.
    pub(crate) owns_entries: bool,
    /// Set if it may occur in any app and decides nothing about the rest of the code.
    pub(crate) is_incidental: bool,
    /// Set if expressions in entry points decide which of them are built.
    pub(crate) looks_into_entries: bool,
}

/// The row of a framework in docs/exposure.md, in Markdown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrameworkDocs {
    /// Where client code begins.
    pub(crate) entries: &'static str,
    /// The code that clients do not get.
    pub(crate) cut: &'static str,
    /// The values that are put into client code.
    pub(crate) values: &'static str,
}

/// The fate of a file whose address code makes with `new URL('…', import.meta.url)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressedFiles {
    /// The build copies it.
    Copied,
    /// Nothing is built: browsers find it beside the module.
    Served,
    /// It does not ship.
    LeftBehind,
}

/// The bundler that decides what the code of a framework lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BuiltBy {
    /// The framework itself.
    Itself,
    /// Those of the app that build the scripts of pages, if any.
    BuildersOfPages,
    /// Any of the app.
    AnyBundler,
}

impl FrameworkFacts {
    /// A framework with no folders, packages and prefixes of its own.
    pub(crate) const fn new(id: FrameworkId, title: &'static str, docs: FrameworkDocs) -> Self {
        Self {
            id,
            title,
            docs,
            packages: &[],
            marker_modules: &[],
            app_packages: &[],
            app_markers: &[],
            config_modules: &[],
            config_data: &[],
            settings: &[],
            public_prefixes: &[],
            app_prefixes: &[],
            vite_prefix: None,
            variable_modules: &[],
            variable_functions: &[],
            runtime_config_functions: &[],
            server_calls: &[],
            server_options: &[],
            constants: &[],
            left_out: &[],
            built_by: BuiltBy::Itself,
            builds_pages: false,
            server_variables: &[],
            sending_calls: &[],
            response_packages: &[],
            sends_errors: false,
            has_server_components: false,
            markup_modules: &[],
            output_folders: &[],
            asset_folders: &[],
            static_folders: &[],
            document_folders: &[],
            inlines_read_files: false,
            minifies_pictures: false,
            has_fixed_static_folder: false,
            packages_output: false,
            makes_extensions: false,
            compiled_templates: None,
            fix_hints: FixHints::GENERIC,
            addressed_files: AddressedFiles::Copied,
            owns_entries: false,
            is_incidental: false,
            looks_into_entries: false,
        }
    }
}
