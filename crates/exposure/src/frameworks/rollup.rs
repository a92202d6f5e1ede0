//! Rollup and Rolldown.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::Value;
use crate::framework_id::FrameworkId;
use crate::frameworks::build_tool::{BuildTool, texts};
use crate::frameworks::facts::{AddressedFiles, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead, given};
use crate::frameworks::plugin_hooks::written_by_plugins;
use crate::frameworks::published_maps::{PublishedMaps, is_on};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{copied_files, paths, shell, webpack};
use crate::js::guard::Absence;
use crate::variables::read::{EnvRoot, ReadForm};

/// Rollup, and Rolldown.
pub(crate) struct Rollup;

static FACTS: FrameworkFacts = FrameworkFacts {
    addressed_files: AddressedFiles::LeftBehind,
    ..FrameworkFacts::new(
        FrameworkId::Rollup,
        "Rollup",
        FrameworkDocs {
            entries: "inputs of builds for pages (`iife`, `umd`, `platform: 'browser'`)",
            cut: "other formats",
            values: "what @rollup/plugin-replace and `define` name; `banner`, `footer`, `intro`, `outro`",
        },
    )
};

/// The commands, whose options stand around the code as well.
const COMMANDS: [BuildTool; 2] = [
    BuildTool { id: FrameworkId::Rollup, command: &["rollup"], entries: "input" },
    BuildTool { id: FrameworkId::Rollup, command: &["rolldown"], entries: "input" },
];

impl Rollup {
    /// The modules that configure it, by name or because a command names them.
    fn modules<'a>(app: &'a App<'_>) -> impl Iterator<Item = &'a (String, Value)> {
        let named = Self::named(app);
        app.configs.iter().filter(move |(path, _)| {
            let name = paths::name(path);
            let is_known = ["rollup.", "rolldown."].iter().any(|start| name.starts_with(start));
            (is_known && paths::is_source(app, path)) || named.contains(path)
        })
    }

    fn named(app: &App<'_>) -> Vec<String> {
        let programs = ["rollup", "rolldown"];
        programs.iter().flat_map(|it| shell::named_configurations(app, it)).collect()
    }

    fn configs<'a>(app: &'a App<'_>) -> Vec<&'a Value> {
        Self::modules(app).flat_map(|(_, config)| config.elements()).collect()
    }

    /// True if a build may be for a page: nobody can import the package, and it is not for Node.js.
    fn may_be_for_page(app: &App<'_>, config: &Value) -> bool {
        let output = config.get("output").elements().iter().map(|output| output.get("format"));
        let mut formats = output.filter_map(Value::text);
        is_unshared(app)
            && config.get("platform").text() != Some("node")
            && !formats.any(|format| matches!(format, "cjs" | "commonjs"))
    }

    /// The same for a build beside one that is for a page.
    fn is_beside_page(app: &App<'_>, config: &Value) -> bool {
        Self::may_be_for_page(app, config) && Self::configs(app).into_iter().any(Self::is_for_page)
    }

    /// True if such a build begins with code that does what only pages do.
    fn is_likely_for_page(app: &App<'_>, config: &Value) -> bool {
        if !Self::may_be_for_page(app, config) {
            return false;
        }
        let inputs = paths::written(config.get("input")).into_iter();
        inputs.filter_map(|input| paths::find(app, &input)).any(|path| {
            let bytes = app.state.read(&path).ok().flatten().unwrap_or_default();
            let has = |mark: &str| memchr::memmem::find(&bytes, mark.as_bytes()).is_some();
            has("document.") || has("window.")
        })
    }

    /// True if a build is for a page, not for a package that others import.
    fn is_for_page(config: &Value) -> bool {
        // `platform` is an option of Rolldown.
        if config.get("platform").text() == Some("browser") {
            return true;
        }
        let formats = config.get("output").elements().iter().map(|output| output.get("format"));
        formats.filter_map(Value::text).any(|format| format == "iife" || format == "umd")
    }
}

/// The arguments of the calls of plugins whose names end like this.
fn given_to<'v>(config: &'v Value, ending: &str) -> Vec<&'v Value> {
    let plugins = config.get("plugins").elements().iter();
    let is_meant =
        |plugin: &&Value| matches!(plugin, Value::CallResult(name, _) if name.ends_with(ending));
    plugins.filter(is_meant).map(given).collect()
}

/// The names that `define` and plugins replace, `@rollup/plugin-replace`, `@rollup/plugin-virtual` and
/// rollup-plugin-inject-process-env, with their values.
pub(crate) fn replaced(config: &Value) -> Vec<&Value> {
    let given = given_to(config, "replace").into_iter();
    // With `values`, the other properties are options.
    let names = given.map(|given| given.field("values").map_or(given, |field| &field.value));
    let mut all: Vec<&Value> = names.collect();
    all.extend(given_to(config, "injectProcessEnv"));
    all.extend(given_to(config, "virtual"));
    all.extend([config.get("define"), config.get("transform").get("define")]);
    all
}

/// The aliases that `@rollup/plugin-alias` gives.
pub(crate) fn aliases_of_plugins(app: &App<'_>, config: &Value) -> Vec<(String, String)> {
    let given = given_to(config, "alias").into_iter();
    given.flat_map(|given| webpack::aliases_in(app, given.get("entries"))).collect()
}

/// True for a package that nobody can import: what is built of it is for itself.
fn is_unshared(app: &App<'_>) -> bool {
    let is_set = |value: &serde_json::Value, key: &str| !value[key].is_null();
    let names = ["main", "module", "exports", "bin", "types", "publishConfig"];
    app.package.as_ref().is_some_and(|package| {
        package.value["private"] == true && !names.iter().any(|key| is_set(&package.value, key))
    })
}

impl Framework for Rollup {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        !Self::configs(app).is_empty()
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let is_page = |config: &&Value| Self::is_for_page(config);
        let pages = Self::configs(app).into_iter().filter(is_page);
        let inputs = pages.flat_map(|config| {
            // Rolldown adds the modules of `inject` to code that names them.
            let injected = config.get("transform").get("inject").fields().iter();
            let injected = injected.flat_map(|field| match field.value.elements() {
                [first, ..] => paths::written(first),
                [] => Vec::new(),
            });
            paths::written(config.get("input")).into_iter().chain(injected).collect::<Vec<_>>()
        });
        let found = inputs.filter_map(|input| paths::find(app, &input));
        let why = "input of rollup.config";
        let mut entries: Vec<EntryPoint> =
            found.map(|path| EntryPoint::client(&path, why)).collect();
        let others = Self::configs(app).into_iter().filter(|config| {
            !Self::is_for_page(config)
                && (Self::is_likely_for_page(app, config) || Self::is_beside_page(app, config))
        });
        let inputs = others.flat_map(|config| paths::written(config.get("input")));
        let found = inputs.filter_map(|input| paths::find(app, &input));
        entries.extend(found.map(|path| EntryPoint::client(&path, why).likely()));
        entries
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let modules = Self::modules(app);
        modules.flat_map(|(path, config)| copied_files::by_plugins(app, config, path)).collect()
    }

    fn configuring_modules(&self, app: &App<'_>) -> Vec<String> {
        Self::named(app)
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let of = |config: &Value| {
            let mut aliases = webpack::aliases(app, config);
            aliases.extend(aliases_of_plugins(app, config));
            aliases
        };
        Self::configs(app).into_iter().flat_map(of).collect()
    }

    fn left_out(&self, app: &App<'_>) -> Vec<Absence> {
        let mode = VariableRead {
            path: "",
            name: "NODE_ENV",
            root: EnvRoot::Process,
            form: ReadForm::Member,
        };
        let mut all =
            vec![Absence::Never, Absence::UnusedData, Absence::UnusedProperty, Absence::Pure];
        // Rolldown replaces it for browsers by itself.
        let is_for_browsers = |config: &Value| config.get("platform").text() == Some("browser");
        if self.inlining(app, &mode) != Inlining::No
            || Self::configs(app).into_iter().any(is_for_browsers)
        {
            all.push(Absence::NodeEnv);
        }
        all
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let mut all = Self::configs(app).into_iter().flat_map(replaced);
        let is_injected = read.root == EnvRoot::Process
            && Self::configs(app).into_iter().any(|config| {
                let given = given_to(config, "injectProcessEnv");
                given.iter().any(|given| given.field(read.name).is_some())
            });
        if is_injected {
            let why = "rollup-plugin-inject-process-env writes it into the bundle";
            return Inlining::Yes(why.to_owned());
        }
        let is_replaced = all.any(|names| webpack::defines(names, read));
        Inlining::when(is_replaced, "@rollup/plugin-replace writes it into the bundle")
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "@rollup/plugin-replace writes it into the bundle";
        let mut settings = Vec::new();
        let is_meant =
            |config: &&Value| Self::is_for_page(config) || Self::is_likely_for_page(app, config);
        for config in Self::configs(app).into_iter().filter(is_meant) {
            let replaced = replaced(config).into_iter();
            settings.extend(replaced.map(|names| ShippedSetting::names(names, note)));
            settings.extend(config.get("output").elements().iter().flat_map(texts));
            settings.extend(written_by_plugins(config.get("plugins")));
        }
        if Self::configs(app).into_iter().any(Self::is_for_page) {
            settings.extend(COMMANDS.iter().flat_map(|tool| tool.command_settings(app)));
        }
        settings
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let is_meant = |config: &&Value| {
            Self::is_for_page(config)
                || Self::is_likely_for_page(app, config)
                || Self::is_beside_page(app, config)
        };
        let pages = Self::configs(app).into_iter().filter(is_meant);
        let mut outputs = pages.flat_map(|config| config.get("output").elements());
        outputs.find_map(published_maps)
    }
}

/// The source maps that an output of Rollup publishes.
pub(crate) fn published_maps(output: &Value) -> Option<PublishedMaps> {
    let field = output.field("sourcemap").filter(|field| is_on(&field.value))?;
    let is_empty = output.get("sourcemapExcludeSources").is_true();
    (!is_empty).then(|| PublishedMaps::by(field, "output.sourcemap", false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, list, made, object, sides, text, variable};

    #[test]
    fn a_build_for_a_page_ships_what_replace_writes() {
        let replace = || list([made("replace", [object([("process.env.K", variable("K"))])])]);
        let config = |format: &str| {
            object([
                ("input", text("src/a.js")),
                ("output", object([("format", text(format))])),
                ("plugins", replace()),
            ])
        };
        let files = [("src/a.js", "")];
        let page = World::new(&files).config("rollup.config.js", config("iife"));
        assert_eq!(page.entries(&Rollup), sides(&["src/a.js"], &[]));
        assert_eq!(page.leaks(&Rollup), ["config:0 Name(\"K\")"]);
        assert!(page.inlines(&Rollup, "K", EnvRoot::Process, ReadForm::Member));
        let package = World::new(&files).config("rollup.config.js", config("es"));
        assert!(package.entries(&Rollup).is_empty() && package.leaks(&Rollup).is_empty());
    }
}
