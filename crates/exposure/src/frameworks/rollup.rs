//! Rollup and Rolldown.

use crate::app::App;
use crate::eval::value::Value;
use crate::framework_id::FrameworkId;
use crate::frameworks::build_tool::{BuildTool, texts, written_by_plugins};
use crate::frameworks::facts::{AddressedFiles, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead, given};
use crate::frameworks::published_maps::{PublishedMaps, is_on};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, webpack};
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
    fn configs<'a>(app: &'a App<'_>) -> &'a [Value] {
        app.config(&["rollup.config", "rolldown.config"]).map_or(&[], |(_, it)| it.elements())
    }

    /// The names that `@rollup/plugin-replace` and `define` replace, with their values.
    fn replaced(config: &Value) -> Vec<&Value> {
        let plugins = config.get("plugins").elements().iter();
        let replaces = |plugin: &&Value| matches!(plugin, Value::CallResult(name, _) if name.ends_with("replace"));
        let given = plugins.filter(replaces).map(given);
        let defined = [config.get("define"), config.get("transform").get("define")];
        // With `values`, the other properties are options.
        let names = given.map(|given| given.field("values").map_or(given, |field| &field.value));
        names.chain(defined).collect()
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

impl Framework for Rollup {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        !Self::configs(app).is_empty()
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let pages = Self::configs(app).iter().filter(|config| Self::is_for_page(config));
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
        found.map(|path| EntryPoint::client(&path, "input of rollup.config")).collect()
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let named = Self::configs(app).iter().map(|config| config.get("resolve").get("alias"));
        named.flat_map(|alias| webpack::aliases_in(app, alias)).collect()
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
            || Self::configs(app).iter().any(is_for_browsers)
        {
            all.push(Absence::NodeEnv);
        }
        all
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let mut all = Self::configs(app).iter().flat_map(Self::replaced);
        let is_replaced = all.any(|names| webpack::defines(names, read));
        Inlining::when(is_replaced, "@rollup/plugin-replace writes it into the bundle")
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "@rollup/plugin-replace writes it into the bundle";
        let mut settings = Vec::new();
        for config in Self::configs(app).iter().filter(|config| Self::is_for_page(config)) {
            let replaced = Self::replaced(config).into_iter();
            settings.extend(replaced.map(|names| ShippedSetting::names(names, note)));
            settings.extend(config.get("output").elements().iter().flat_map(texts));
            settings.extend(written_by_plugins(config.get("plugins")));
        }
        if Self::configs(app).iter().any(Self::is_for_page) {
            settings.extend(COMMANDS.iter().flat_map(|tool| tool.command_settings(app)));
        }
        settings
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let pages = Self::configs(app).iter().filter(|config| Self::is_for_page(config));
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
