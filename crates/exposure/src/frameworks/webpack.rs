//! webpack, and its plugins in the configuration of any tool.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::{Field, TaintOrigin, Value};
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::left_out::{builds_in_other_mode, is_for_production};
use crate::frameworks::places::quoted;
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::style_settings::before_styles;
use crate::frameworks::{config_commands, copied_files, paths, plugin_hooks, shell};
use crate::js::guard::Absence;
use crate::js::ir::Expr;
use crate::leak::FileSpan;
use crate::project::aliases::ANY;
use crate::variables::read::{EnvRoot, ReadForm};

/// webpack.
pub(crate) struct Webpack;

static FACTS: FrameworkFacts = FrameworkFacts {
    app_packages: &["@rspack/core", "webpack"],
    app_prefixes: &["WEBPACK_"],
    fix_hints: FixHints { option: "the plugins that define values", ..FixHints::GENERIC },
    ..FrameworkFacts::new(
        FrameworkId::Webpack,
        "webpack",
        FrameworkDocs {
            entries: "entries for browsers, also those that a function gives; modules that module federation offers; modules of `ProvidePlugin` that are named (a warning)",
            cut: "targets for Node.js",
            values: "what plugins and the option `dotenv` name, banners, and options of pages",
        },
    )
};

/// The deepest nesting of values in which plugins are searched for.
const DEPTH: usize = 16;

/// A plugin that puts values into code.
enum Plugin<'v> {
    /// `DefinePlugin`: names with the values that replace them.
    Define(&'v Value),
    /// `EnvironmentPlugin`: names of variables, or an object with their defaults.
    Environment(&'v Value),
    /// A third-party plugin that inlines the variables of dotenv files that the code reads.
    Dotenv,
    /// `ProvidePlugin`: names with the modules that are imported for them.
    Provide(&'v Value),
    /// `BannerPlugin`: a text, or an object with it.
    Banner(&'v Value),
    /// `HtmlWebpackPlugin`: its options.
    Html(&'v Value),
    /// `VirtualModulesPlugin`: the code of modules that are no files.
    Virtual(&'v Value),
    /// `SourceMapDevToolPlugin`: its options.
    Maps(&'v Value),
    /// `ModuleFederationPlugin`: its options.
    Federation(&'v Value),
    /// `IgnorePlugin`: its options.
    Ignore(&'v Value),
}

/// The plugins in a value, each with the property that contains it.
fn found<'v>(
    value: &'v Value,
    at: Option<&'v FileSpan>,
    depth: usize,
) -> Vec<(Plugin<'v>, Option<&'v FileSpan>)> {
    let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
    match value {
        Value::CallResult(name, arguments) => {
            let first = arguments.first().unwrap_or(&Value::Unknown);
            match name.rsplit('.').next().unwrap_or_default() {
                "DefinePlugin" => vec![(Plugin::Define(first), at)],
                // Its names may also be separate arguments.
                "EnvironmentPlugin" => {
                    arguments.iter().map(|given| (Plugin::Environment(given), at)).collect()
                }
                "ProvidePlugin" => vec![(Plugin::Provide(first), at)],
                "BannerPlugin" => vec![(Plugin::Banner(first), at)],
                "HtmlWebpackPlugin" | "HtmlRspackPlugin" => vec![(Plugin::Html(first), at)],
                "VirtualModulesPlugin" => vec![(Plugin::Virtual(first), at)],
                "SourceMapDevToolPlugin" => vec![(Plugin::Maps(first), at)],
                "ModuleFederationPlugin" | "ModuleFederationPluginV1" => {
                    vec![(Plugin::Federation(first), at)]
                }
                "IgnorePlugin" => vec![(Plugin::Ignore(first), at)],
                "Dotenv" | "DotenvPlugin" | "DotenvWebpack" | "DotenvWebpackPlugin" => {
                    vec![(Plugin::Dotenv, at)]
                }
                _ => arguments.iter().flat_map(|given| found(given, at, depth)).collect(),
            }
        }
        Value::Object(fields) => {
            fields.iter().flat_map(|field| found(&field.value, Some(&field.at), depth)).collect()
        }
        Value::List(values) | Value::Instance(_, _, values) | Value::Any(values) => {
            values.iter().flat_map(|value| found(value, at, depth)).collect()
        }
        Value::Unknown
        | Value::Text(_)
        | Value::Literal(_)
        | Value::Secret(_)
        | Value::Variable
        | Value::Function(..)
        | Value::Module(_)
        | Value::Environment(..) => Vec::new(),
    }
}

/// The values that webpack's plugins in a configuration put into client code.
pub(crate) fn shipped_by_plugins(app: &App<'_>, config: &Value) -> Vec<ShippedSetting> {
    let mut settings = Vec::new();
    for (plugin, at) in found(config, None, DEPTH) {
        match plugin {
            Plugin::Define(names) => {
                let note = "DefinePlugin writes it into the bundle";
                settings.push(ShippedSetting::names(names, note));
            }
            Plugin::Environment(names) => {
                let note = "EnvironmentPlugin writes it into the bundle";
                for name in names.elements().iter().filter_map(Value::text) {
                    let at = at.map(|at| quoted(app, at, name));
                    settings.extend(
                        at.map(|at| ShippedSetting::variable(name, &at, note).read_as(name)),
                    );
                }
                for field in names.fields() {
                    let variable = ShippedSetting::variable(&*field.key, &field.at, note);
                    settings.push(variable.read_as(&field.key));
                    // The value if the variable is not set.
                    settings.push(ShippedSetting::field(field, note).read_as(&field.key));
                }
            }
            Plugin::Banner(given) => {
                let note = "BannerPlugin writes it into the bundle";
                // Other banners become comments that minifiers keep.
                let is_minified = given.get("raw").is_true()
                    && given.field("stage").is_none()
                    && minifies(app, config);
                let banner = given.field("banner").map(|it| ShippedSetting::field(it, note));
                match (given, at) {
                    (Value::Object(_), _) => {
                        settings.extend(banner.map(|it| it.minified(is_minified)));
                    }
                    (value, Some(at)) => {
                        let at = written_at(value).unwrap_or_else(|| at.clone());
                        let field = Field { key: "banner".into(), value: value.clone(), at };
                        settings.push(ShippedSetting::field(&field, note));
                    }
                    (_, None) => {}
                }
            }
            Plugin::Html(options) => settings.extend(page_settings(app, options)),
            Plugin::Virtual(modules) => {
                let note = "it is the code of a virtual module";
                settings.push(ShippedSetting::fields(modules, note));
            }
            Plugin::Federation(options) => {
                let note = "the addresses of remote modules are in the bundle";
                settings.push(ShippedSetting::property(options, "remotes", note));
            }
            Plugin::Dotenv | Plugin::Provide(_) | Plugin::Maps(_) | Plugin::Ignore(_) => {}
        }
    }
    settings
}

/// True if builds with a configuration are minified: in production, unless an option says no.
fn minifies(app: &App<'_>, config: &Value) -> bool {
    let options =
        [("optimization", "minimize"), ("optimization", "minimizer"), ("output", "minify")];
    let fields = options.iter().filter_map(|(part, name)| config.get(part).field(name));
    fields.map(|field| &field.value).all(Value::is_true) && is_for_production(app, config)
}

/// The place where a secret is written.
pub(crate) fn written_at(value: &Value) -> Option<FileSpan> {
    let Value::Secret(taint) = value else { return None };
    match &taint.origin {
        TaintOrigin::Written { at, .. } | TaintOrigin::Variable { at, .. } => Some(at.clone()),
    }
}

/// The values that options of a plugin for pages put into the page: always some, others where the
/// template names them.
pub(crate) fn page_settings(app: &App<'_>, options: &Value) -> Vec<ShippedSetting> {
    let note = "it is written into the page";
    let template = paths::written(options.get("template")).into_iter().next();
    let template = template.map(|path| path.rsplit('!').next().unwrap_or_default().to_owned());
    let template = template.and_then(|path| paths::clean(&path)).map(|path| app.path(&path));
    let text = template.map(|path| {
        let bytes = app.state.read(&path).ok().flatten();
        bytes.map(|bytes| app.keys.text(&bytes))
    });
    let names = |name: &str| match &text {
        // The default template names none.
        None => false,
        Some(None) => true,
        Some(Some(text)) => has_name(text, name),
    };
    let mut settings = Vec::new();
    for field in options.fields() {
        match &*field.key {
            "meta" | "title" | "base" | "templateContent" | "tags" => {
                settings.push(ShippedSetting::field(field, note));
            }
            "templateParameters" => {
                let given = field.value.fields().iter().filter(|it| names(&it.key));
                settings.extend(given.map(|field| ShippedSetting::field(field, note)));
            }
            name if names(&format!("options.{name}")) => {
                let part = |own: &Field| names(&format!("options.{name}.{}", own.key));
                let (named, others): (Vec<&Field>, Vec<&Field>) =
                    field.value.fields().iter().partition(|own| part(own));
                if named.is_empty() || others.is_empty() {
                    settings.push(ShippedSetting::field(field, note));
                } else {
                    settings.extend(named.into_iter().map(|it| ShippedSetting::field(it, note)));
                }
            }
            _ => {}
        }
    }
    settings
}

/// True if a name stands in a text, not as a part of a longer one.
fn has_name(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
    })
}

/// The source maps that the option `devtool` or a plugin publishes.
pub(crate) fn published_maps(config: &Value) -> Option<PublishedMaps> {
    let field = config.field("devtool").filter(|field| {
        let is_on = |value: &Value| {
            let text = value.text().unwrap_or_default();
            text.contains("source-map") && !text.contains("eval") && !text.contains("nosources")
        };
        // It depends on the kind of build: with one for production, if there are two.
        if let Value::Any(values) = &field.value {
            values.iter().any(is_on) && values.iter().all(|value| value.text().is_some())
        } else {
            is_on(&field.value)
        }
    });
    if let Some(field) = field {
        return Some(PublishedMaps::by(field, "devtool", true));
    }
    found(config, None, DEPTH).into_iter().find_map(|(plugin, at)| match plugin {
        Plugin::Maps(options) if !options.get("noSources").is_true() => {
            let at = at.cloned();
            Some(PublishedMaps {
                switch: "SourceMapDevToolPlugin".to_owned(),
                at,
                has_styles: true,
            })
        }
        Plugin::Maps(_)
        | Plugin::Define(_)
        | Plugin::Environment(_)
        | Plugin::Dotenv
        | Plugin::Provide(_)
        | Plugin::Banner(_)
        | Plugin::Html(_)
        | Plugin::Virtual(_)
        | Plugin::Federation(_)
        | Plugin::Ignore(_) => None,
    })
}

/// True if `names`, given to `DefinePlugin` or `define`, replaces a read of a variable.
pub(crate) fn defines(names: &Value, read: &VariableRead<'_>) -> bool {
    let (object, is_member) = match read.root {
        EnvRoot::Process => {
            ("process.env", matches!(read.form, ReadForm::Member | ReadForm::Index))
        }
        EnvRoot::ImportMeta => ("import.meta.env", read.form == ReadForm::Member),
        EnvRoot::Runtime
        | EnvRoot::NativeConfig
        | EnvRoot::PrivateModule
        | EnvRoot::PublicModule
        | EnvRoot::ServerModule
        | EnvRoot::RuntimeConfig(_)
        | EnvRoot::PublicRuntimeConfig(_) => return false,
    };
    let all = names.get(object);
    let holds =
        |value: &Value| matches!(value, Value::Environment(..)) || value.field(read.name).is_some();
    // A function around it, other than `JSON.stringify`, may drop values.
    let is_in_all = if let Value::CallResult(_, values) | Value::Any(values) = all {
        values.iter().any(holds)
    } else {
        holds(all)
    };
    let full = format!("{object}.{}", read.name);
    // `process.env.*`: the names were put together in a loop over all variables.
    let is_every = |field: &Field| {
        let prefix = field.key.strip_suffix('*').filter(|prefix| !prefix.is_empty());
        matches!(field.value, Value::Environment(..))
            && prefix.is_some_and(|prefix| full.starts_with(prefix))
    };
    let is_named = names.field(&full).is_some()
        || names.fields().iter().any(is_every)
        || matches!(names, Value::Environment(..));
    is_in_all || (is_member && is_named)
}

/// Tells if a plugin of a configuration puts a variable into client code.
pub(crate) fn inlining(app: &App<'_>, config: &Value, read: &VariableRead<'_>) -> Inlining {
    let is_literal = matches!(read.form, ReadForm::Member | ReadForm::Index);
    let is_env = read.root == EnvRoot::Process && is_literal;
    for (plugin, _) in found(config, None, DEPTH) {
        match plugin {
            Plugin::Define(names) if defines(names, read) => {
                return Inlining::Yes("DefinePlugin writes it into the bundle".to_owned());
            }
            Plugin::Environment(names) if is_env => {
                let is_listed = names.elements().iter().any(|it| it.text() == Some(read.name));
                if is_listed || names.field(read.name).is_some() {
                    return Inlining::Yes("EnvironmentPlugin writes it into the bundle".to_owned());
                }
            }
            Plugin::Dotenv if is_env && is_in_dotenv(app, read.name) => {
                return Inlining::Yes("dotenv-webpack inlines what the code reads".to_owned());
            }
            Plugin::Define(_)
            | Plugin::Environment(_)
            | Plugin::Dotenv
            | Plugin::Provide(_)
            | Plugin::Banner(_)
            | Plugin::Html(_)
            | Plugin::Virtual(_)
            | Plugin::Maps(_)
            | Plugin::Federation(_)
            | Plugin::Ignore(_) => {}
        }
    }
    Inlining::No
}

/// The same for webpack itself, which follows `process.env` through renaming and destructuring
/// (`lib/DefinePlugin.js`, `canRename`). Other tools with `define` do not.
pub(crate) fn bundled(app: &App<'_>, config: &Value, read: &VariableRead<'_>) -> Inlining {
    let form = match read.form {
        ReadForm::Member | ReadForm::Destructured | ReadForm::Alias => ReadForm::Member,
        other @ (ReadForm::Index | ReadForm::Computed) => other,
    };
    inlining(app, config, &VariableRead { form, ..*read })
}

fn is_in_dotenv(app: &App<'_>, name: &str) -> bool {
    let mut declared = app.declarations.iter().filter(|it| !it.is_example);
    declared.any(|it| it.name == name && paths::name(&it.at.path).starts_with(".env"))
}

/// The modules that a bundle offers to others by module federation.
fn exposed(app: &App<'_>, config: &Value) -> Vec<EntryPoint> {
    let plugins = found(config, None, DEPTH).into_iter();
    let offered = plugins.flat_map(|(plugin, _)| {
        let Plugin::Federation(options) = plugin else { return Vec::new() };
        paths::written(options.get("exposes"))
    });
    let files = offered.filter_map(|path| paths::find(app, &paths::clean(&path)?));
    files.map(|path| EntryPoint::client(&path, "module that the bundle offers to others")).collect()
}

impl Webpack {
    /// The modules of its configurations, with what they export.
    fn modules<'a>(app: &'a App<'_>) -> impl Iterator<Item = &'a (String, Value)> {
        let is_config =
            |path: &str| ["webpack", "rspack"].iter().any(|name| paths::name(path).contains(name));
        let named = Self::named(app);
        app.configs.iter().filter(move |(path, _)| is_config(path) || named.contains(path))
    }

    /// Its configurations; a module may export several.
    fn configs<'a>(app: &'a App<'_>) -> impl Iterator<Item = &'a Value> {
        Self::modules(app).flat_map(|(_, value)| {
            if let Value::Any(values) = value { values } else { value.elements() }
        })
    }

    /// The same without those that commands give to a server for development only.
    fn built_configs<'a>(app: &'a App<'_>) -> impl Iterator<Item = &'a Value> {
        let served = config_commands::configurations_for_development(app);
        let is_built = move |value: &&Value| {
            let is_it = |(path, config): &&(String, Value)| {
                let is_same = std::ptr::eq(config, *value);
                is_same && served.iter().any(|name| name == paths::name(path))
            };
            !app.configs.iter().any(|config| is_it(&config))
        };
        Self::configs(app).filter(is_built)
    }

    /// The configurations that commands name.
    fn named(app: &App<'_>) -> Vec<String> {
        let programs = ["webpack", "rspack"];
        programs.iter().flat_map(|it| shell::named_configurations(app, it)).collect()
    }

    /// True for a configuration that builds for servers or tools.
    fn is_for_server(config: &Value) -> bool {
        let targets = config.get("target").elements();
        let mut names = targets.iter().filter_map(Value::text);
        names.any(|name| {
            name.contains("node") || name == "electron-main" || name.starts_with("electron-preload")
        })
    }

    /// The prefixes of its own dotenv option.
    fn dotenv(config: &Value) -> Vec<String> {
        let option = config.get("dotenv");
        if !option.is_true() && option.fields().is_empty() {
            return Vec::new();
        }
        let given = option.get("prefix").elements().iter().filter_map(Value::text);
        let given: Vec<String> = given.map(str::to_owned).collect();
        if given.is_empty() { vec!["WEBPACK_".to_owned()] } else { given }
    }
}

impl Framework for Webpack {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        Self::configs(app).next().is_some()
            || app.depends_on("webpack-cli")
            || app.depends_on("@rspack/cli")
    }

    fn is_configuration(&self, path: &str) -> bool {
        let stem = paths::name(path).rsplit_once('.').map_or("", |(stem, _)| stem);
        stem.contains("webpack") || stem.contains("rspack")
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        let mut has_entry = false;
        let mut is_for_server = false;
        for config in Self::configs(app) {
            let context = paths::written(config.get("context")).concat();
            is_for_server |= Self::is_for_server(config);
            if !Self::is_for_server(config) {
                entries.extend(provided(app, config, modules));
                entries.extend(exposed(app, config));
            }
            for entry in paths::written(config.get("entry")) {
                has_entry = true;
                let path = paths::join(&context, &entry).and_then(|path| paths::find(app, &path));
                let path = path.or_else(|| paths::find(app, &entry));
                entries.extend(path.map(|path| {
                    if Self::is_for_server(config) {
                        EntryPoint::server(&path, "entry of a webpack configuration for Node.js")
                    } else {
                        EntryPoint::client(&path, "entry of webpack")
                    }
                }));
            }
        }
        if !has_entry && !is_for_server {
            let path = paths::find(app, "src/index");
            entries.extend(path.map(|path| EntryPoint::client(&path, "default entry of webpack")));
        }
        entries
    }

    fn left_out(&self, app: &App<'_>) -> Vec<Absence> {
        let is_of_development =
            |config: &Value| config.get("mode").text().is_some_and(|mode| mode != "production");
        if builds_in_other_mode(app) || Self::built_configs(app).any(is_of_development) {
            return Vec::new();
        }
        Absence::OF_WEBPACK.to_vec()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        for config in Self::configs(app).filter(|config| !Self::is_for_server(config)) {
            let by_plugin = bundled(app, config, read);
            if by_plugin != Inlining::No {
                return by_plugin;
            }
            let is_public = Self::dotenv(config).iter().any(|it| read.name.starts_with(it));
            if is_public && read.root == EnvRoot::Process {
                return Inlining::Yes("the option dotenv of webpack inlines it".to_owned());
            }
        }
        Inlining::No
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        Self::configs(app).flat_map(Self::dotenv).collect()
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        Self::configs(app).flat_map(|config| aliases(app, config)).collect()
    }

    fn replaced_files(&self, app: &App<'_>) -> Vec<(String, String)> {
        let configs = Self::configs(app).filter(|config| !Self::is_for_server(config));
        let of = |config| replaced(app, config).into_iter().chain(ignored(app, config));
        configs.flat_map(of).collect()
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let mut configs = Self::configs(app).filter(|config| !Self::is_for_server(config));
        configs.find_map(published_maps)
    }

    fn configuring_modules(&self, app: &App<'_>) -> Vec<String> {
        Self::named(app)
    }

    fn removes_comments(&self, app: &App<'_>, path: &str) -> bool {
        // Its plugin for pages minifies them in production; that of Rspack does not.
        let is_own =
            |config: &&Value| !app.depends_on("@rspack/core") && is_for_production(app, config);
        Self::configs(app).filter(is_own).flat_map(|config| found(config, None, DEPTH)).any(|it| {
            let Plugin::Html(options) = it.0 else { return false };
            let template = paths::written(options.get("template")).into_iter().next();
            let template = template.as_deref().and_then(|it| it.rsplit('!').next());
            template.and_then(paths::clean).is_some_and(|it| app.path(&it) == path)
                && options.field("minify").is_none_or(|field| field.value.is_true())
        })
    }

    fn keeps_style_comments(&self, app: &App<'_>) -> bool {
        // webpack itself minifies no style sheets.
        !["css-minimizer-webpack-plugin", "optimize-css-assets-webpack-plugin"]
            .iter()
            .any(|plugin| app.depends_on(plugin))
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let mut settings = Vec::new();
        for config in Self::configs(app).filter(|config| !Self::is_for_server(config)) {
            settings.extend(shipped_by_plugins(app, config));
            settings.extend(plugin_hooks::written_by_plugins(config.get("plugins")));
            let loaders = "string-replace-loader writes it into the code";
            for rule in config.get("module").get("rules").elements() {
                let used = [rule, rule.get("use")].into_iter().flat_map(Value::elements);
                for used in
                    used.filter(|it| it.get("loader").text() == Some("string-replace-loader"))
                {
                    settings.push(ShippedSetting::property(used, "options", loaders));
                }
            }
            settings.extend(before_styles(app, config.get("module")));
            let note = "publicPath stands before the address of every file in the code";
            settings.push(ShippedSetting::property(config.get("output"), "publicPath", note));
            let note = "externals write it into the bundle in the place of imports";
            settings.push(ShippedSetting::property(config, "externals", note));
        }
        settings
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let mut named = Vec::new();
        for (path, config) in Self::modules(app) {
            named.extend(copied_files::by_plugins(app, config, path));
            for (plugin, _) in found(config, None, DEPTH) {
                if let Plugin::Html(options) = plugin {
                    let icon = options.get("favicon");
                    named.extend(copied_files::in_list(app, icon, path));
                }
            }
        }
        named
    }
}

/// The modules that `ProvidePlugin` imports for modules that name them.
fn provided(app: &App<'_>, config: &Value, modules: &dyn Modules) -> Vec<EntryPoint> {
    let plugins = found(config, None, DEPTH);
    let names = plugins.iter().flat_map(|(plugin, _)| match plugin {
        Plugin::Provide(names) => names.fields(),
        Plugin::Define(_)
        | Plugin::Environment(_)
        | Plugin::Dotenv
        | Plugin::Banner(_)
        | Plugin::Html(_)
        | Plugin::Virtual(_)
        | Plugin::Maps(_)
        | Plugin::Federation(_)
        | Plugin::Ignore(_) => &[],
    });
    let entry = |field: &Field| {
        let written = field.value.elements().iter().flat_map(paths::written).next()?;
        let path = paths::find(app, &written).filter(|_| written.contains('/'))?;
        let is_named = |path: &&str| {
            let body = modules.module(path).and_then(|module| module.body.as_ref());
            body.is_some_and(|body| {
                body.nodes
                    .iter()
                    .any(|node| matches!(&node.expr, Expr::Global(name) if **name == *field.key))
            })
        };
        let user = modules.paths().into_iter().find(is_named)?;
        let why = format!("ProvidePlugin gives it to {user}, which names {}", field.key);
        Some(EntryPoint::client(&path, why).likely())
    };
    names.filter_map(entry).collect()
}

/// The files of the app that `NormalModuleReplacementPlugin` replaces, each with the one that takes its
/// place.
fn replaced(app: &App<'_>, config: &Value) -> Vec<(String, String)> {
    let plugins = config.get("plugins").elements().iter();
    let given = plugins.filter_map(|plugin| {
        let Value::CallResult(name, given) = plugin else { return None };
        let is_it = name.ends_with("NormalModuleReplacementPlugin");
        let pattern = given.first().filter(|_| is_it).and_then(regular_expression)?;
        Some((pattern, given.get(1)?.text()?))
    });
    let mut all = Vec::new();
    for (pattern, other) in given {
        for path in &app.files {
            let relative = app.relative(path).unwrap_or_default();
            let stem = paths::module(relative).unwrap_or(relative);
            if !matches(pattern, relative) && !matches(pattern, stem) {
                continue;
            }
            let near = paths::join(paths::folder(relative), other);
            let other = near.and_then(|path| paths::find(app, &path));
            all.extend(other.filter(|other| other != path).map(|other| (path.clone(), other)));
        }
    }
    all
}

/// The files of the app that `IgnorePlugin` leaves out, each with an empty path in its place. A pattern is
/// compared with what imports name, which is mostly the end of a path.
pub(super) fn ignored(app: &App<'_>, config: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (plugin, _) in found(config, None, DEPTH) {
        let Plugin::Ignore(options) = plugin else { continue };
        // A folder that imports stand in limits it to these.
        if options.field("contextRegExp").is_some() {
            continue;
        }
        let Some(pattern) = regular_expression(options.get("resourceRegExp")) else { continue };
        let is_it = |path: &&String| {
            let relative = format!("/{}", app.relative(path).unwrap_or_default());
            let stem = paths::module(&relative).unwrap_or(&relative);
            // `/^\.\/heavy$/`
            let pattern = match pattern.strip_prefix("^\\.").or_else(|| pattern.strip_prefix("^."))
            {
                Some(rest) => rest,
                None => pattern,
            };
            matches(pattern, &relative) || matches(pattern, stem)
        };
        let paths = app.files.iter().filter(is_it);
        all.extend(paths.map(|path| (path.clone(), String::new())));
    }
    all
}

/// The pattern of a regular expression in a configuration.
fn regular_expression(value: &Value) -> Option<&str> {
    let Value::CallResult(name, given) = value else { return None };
    given.first().filter(|_| &**name == "RegExp")?.text()
}

/// True if a pattern without wildcards matches a path.
fn matches(pattern: &str, path: &str) -> bool {
    let (is_end, written) = match pattern.strip_suffix('$') {
        Some(written) => (true, written),
        None => (false, pattern),
    };
    let plain = written.replace('\\', "");
    let is_plain = !plain.contains(['(', '[', '*', '+', '?', '|', '^', '{']) && !plain.is_empty();
    is_plain && if is_end { path.ends_with(&plain) } else { path.contains(&plain) }
}

/// The aliases of a configuration, and the folders of `resolve.modules` as aliases for every name.
pub(crate) fn aliases(app: &App<'_>, config: &Value) -> Vec<(String, String)> {
    let resolve = config.get("resolve");
    let mut aliases = aliases_in(app, resolve.get("alias"));
    let folders = resolve.get("modules").elements().iter().flat_map(paths::written);
    aliases.extend(folders.filter_map(|folder| any_in(app, &folder)));
    aliases
}

/// An alias by which every name is looked up in a folder of the app.
pub(crate) fn any_in(app: &App<'_>, folder: &str) -> Option<(String, String)> {
    let folder = paths::clean(folder)?;
    let is_there = paths::has_folder(app, &folder) && !folder.ends_with("node_modules");
    let target = if folder.is_empty() { ANY.to_owned() } else { format!("{folder}/{ANY}") };
    is_there.then(|| (ANY.to_owned(), app.path(&target)))
}

/// The path of an alias in the app's folder; the folder itself only if it is written with a dot.
pub(crate) fn alias_target(written: &str) -> Option<String> {
    let target = paths::clean(written)?;
    (!target.is_empty() || written.starts_with('.')).then_some(target)
}

/// The aliases in an object, or in a list of `find` and `replacement`.
pub(crate) fn aliases_in(app: &App<'_>, alias: &Value) -> Vec<(String, String)> {
    let named = alias.fields().iter().map(|field| (field.key.to_string(), &field.value));
    let listed = alias.elements().iter().filter(|_| alias.fields().is_empty());
    let listed = listed
        .filter_map(|entry| Some((entry.get("find").text()?.to_owned(), entry.get("replacement"))));
    let given = named.chain(listed).filter_map(|(name, target)| {
        let target = paths::written(target).into_iter().next()?;
        let target = alias_target(&target)?;
        // An alias may be that of a package: `preact/compat` for `react`.
        let is_there = app.has(&target)
            || paths::has_folder(app, &target)
            || paths::find(app, &target).is_some();
        let name = name.trim_end_matches(['/', '$']).to_owned();
        (is_there && !name.is_empty()).then(|| (name, app.path(&target)))
    });
    given.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, list, made, object, sides, text, variable};

    const PACKAGE: (&str, &str) = ("package.json", r#"{"devDependencies": {"webpack-cli": "5"}}"#);

    #[test]
    fn configurations_for_servers_ship_nothing() {
        let plugin =
            || list([made("webpack.EnvironmentPlugin", [list([text("AIMAGICX_API_KEY")])])]);
        let web = || object([("entry", text("./src/a.js")), ("plugins", plugin())]);
        let node = || {
            object([("target", text("node")), ("entry", text("./src/s.js")), ("plugins", plugin())])
        };
        let files = [PACKAGE, ("src/a.js", ""), ("src/s.js", ""), ("src/index.js", "")];
        for (config, client, server, leaks) in [
            (web(), &["src/a.js"][..], &[][..], 1),
            (node(), &[], &["src/s.js"], 0),
            (list([web(), node()]), &["src/a.js"], &["src/s.js"], 1),
        ] {
            let world = World::new(&files).config("webpack.config.js", config);
            assert_eq!(world.entries(&Webpack), sides(client, server));
            assert_eq!(world.leaks(&Webpack).len(), leaks);
        }
        assert_eq!(World::new(&files).entries(&Webpack), sides(&["src/index.js"], &[]));
    }

    #[test]
    fn plugins_and_dotenv_inline() {
        let define = made("DefinePlugin", [object([("process.env.K", variable("K"))])]);
        let dotenv = made("Dotenv", []);
        let own = object([("prefix", text("APP_"))]);
        let config = object([("plugins", list([define, dotenv])), ("dotenv", own)]);
        let world =
            World::new(&[PACKAGE]).config("webpack.prod.js", config).declared(".env", "DECLARED");
        for (name, is_inlined) in [("K", true), ("DECLARED", true), ("APP_A", true), ("A", false)] {
            let inlines = world.inlines(&Webpack, name, EnvRoot::Process, ReadForm::Member);
            assert_eq!(inlines, is_inlined, "{name}");
        }
        assert_eq!(Webpack.public_prefixes(&world.app()), ["APP_"]);
        assert_eq!(world.leaks(&Webpack), ["config:0 Name(\"K\")"]);
    }
}
