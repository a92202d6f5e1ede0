//! Angular: client code begins where `angular.json` says.

use crate::app::App;
use crate::artifacts::framework_folders::{CompiledTemplates, StaticFolder};
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::{Field, Value};
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{AddressedFiles, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, ServerRendering, VariableRead,
};
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::sending_call::{HEADER, SendingCall, SentPart};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{copied_files, paths, plugin_hooks, webpack};
use crate::js::guard::{Absence, BuildValue, CodeWord};
use crate::js::ir::ModulePart;

/// Angular.
pub(crate) struct Angular;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@angular/core"],
    app_packages: &["@angular/core"],
    app_markers: &["angular.json"],
    config_data: &["angular.json", "project.json"],
    static_folders: &[
        StaticFolder::public(&["@angular/core"]),
        StaticFolder { path: "src/assets", ..StaticFolder::public(&["@angular/core"]) },
    ],
    compiled_templates: Some(CompiledTemplates {
        ending: ".component.html",
        packages: &["@angular/core"],
    }),
    fix_hints: FixHints { option: "define", ..FixHints::GENERIC },
    addressed_files: AddressedFiles::LeftBehind,
    // Headers of routes that servers render.
    sending_calls: &[SendingCall {
        sends: SentPart::Property("headers"),
        ..SendingCall::answering("withRoutes", HEADER).with("@angular/ssr")
    }],
    left_out: &[Absence::AngularDev, Absence::Never, Absence::UnusedData, Absence::Pure],
    ..FrameworkFacts::new(
        FrameworkId::Angular,
        "Angular",
        FrameworkDocs {
            entries: "`browser`, `main` of angular.json, file replacements",
            cut: "`server`, `ssr`",
            values: "`define`; `NG_APP_*` with @ngx-env/builder",
        },
    )
};

impl Angular {
    fn workspace(app: &App<'_>) -> serde_json::Value {
        let read = app.state.read(&app.path("angular.json")).ok().flatten();
        let text = read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        text.and_then(|text| crate::project::package::json(&text).ok()).unwrap_or_default()
    }
}

/// The files that a configuration replaces, each with the one that takes its place.
fn swapped(app: &App<'_>, options: &serde_json::Value) -> Vec<(String, String)> {
    let all = options["fileReplacements"].as_array().into_iter().flatten();
    let path = |path: &serde_json::Value| path.as_str().and_then(|path| paths::find(app, path));
    all.filter_map(|swap| Some((path(&swap["replace"])?, path(&swap["with"])?))).collect()
}

/// The absence of what only a configuration has that no command builds.
const OTHER_CONFIGURATION: Absence = Absence::Is(BuildValue::Mode, CodeWord::new("another"));

/// True if commands build with a configuration of angular.json, or all do that name none.
fn builds_configuration(app: &App<'_>, build: &serde_json::Value, name: &str) -> bool {
    let scripts = app.package.iter().flat_map(|package| package.scripts.values());
    let mut words = scripts.flat_map(|script| script.split([' ', '=', ',', '"']));
    name == "production"
        || build["defaultConfiguration"].as_str() == Some(name)
        || words.any(|word| word == name)
}

impl Framework for Angular {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.has("angular.json") || app.depends_on("@angular/core")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let workspace = Self::workspace(app);
        let mut entries = Vec::new();
        for project in workspace["projects"].as_object().into_iter().flat_map(|map| map.values()) {
            let targets = if project["architect"].is_null() {
                &project["targets"]
            } else {
                &project["architect"]
            };
            let build = &targets["build"];
            let settings = build["configurations"].as_object().into_iter().flatten();
            let built = settings.filter(|(name, _)| *name != "development");
            let all = built.map(|(name, it)| (Some(&**name), it));
            for (name, options) in all.chain([(None, &build["options"])]) {
                let is_built = name.is_none_or(|name| builds_configuration(app, build, name));
                for key in ["browser", "main"] {
                    let path = options[key].as_str().and_then(|path| paths::find(app, path));
                    entries.extend(
                        path.map(|path| {
                            EntryPoint::client(&path, format!("{key} of angular.json"))
                        }),
                    );
                }
                for (named, note) in [
                    (&options["server"], "server of angular.json"),
                    (&options["ssr"]["entry"], "ssr of angular.json"),
                ] {
                    let path = named.as_str().and_then(|path| paths::find(app, path));
                    entries.extend(path.map(|path| EntryPoint::server(&path, note)));
                }
                for key in ["polyfills", "scripts"] {
                    let files = options[key].as_array().into_iter().flatten();
                    let files = files.map(|file| file.as_str().or(file["input"].as_str()));
                    let files = files.flatten().chain(options[key].as_str());
                    for path in files.filter_map(|path| paths::find(app, path)) {
                        entries.push(EntryPoint::client(&path, format!("{key} of angular.json")));
                    }
                }
                let styles = options["styles"].as_array().into_iter().flatten();
                let styles = styles.filter_map(|it| it.as_str().or(it["input"].as_str()));
                let styles = styles.filter_map(paths::clean).filter(|path| app.has(path));
                entries.extend(styles.map(|path| EntryPoint {
                    part: ModulePart::Text,
                    ..EntryPoint::client(&app.path(&path), "styles of angular.json")
                }));
                entries.extend(swapped(app, options).into_iter().map(|(_, path)| {
                    let entry = EntryPoint::client(&path, "fileReplacements of angular.json");
                    if is_built { entry } else { entry.left_out(OTHER_CONFIGURATION) }
                }));
            }
        }
        // Nx writes paths from the top of the workspace.
        if workspace.is_null() {
            for build in builds(app) {
                let styles = paths::written(build.get("styles"));
                for path in
                    styles.iter().filter_map(|path| paths::find(app, &paths::own(app, path)))
                {
                    let entry = EntryPoint::client(&path, "styles of project.json");
                    entries.push(EntryPoint { part: ModulePart::Text, ..entry });
                }
                let named = ["browser", "main", "scripts"].map(|key| build.get(key));
                for path in named.into_iter().flat_map(paths::written) {
                    let found = paths::find(app, &paths::own(app, &path));
                    entries
                        .extend(found.map(|it| EntryPoint::client(&it, "entry of project.json")));
                }
                for swap in build.get("fileReplacements").elements() {
                    let found = paths::written(swap.get("with")).into_iter();
                    let found = found.filter_map(|path| paths::find(app, &paths::own(app, &path)));
                    let why = "fileReplacements of project.json";
                    entries.extend(found.map(|path| EntryPoint::client(&path, why)));
                }
            }
        }
        if entries.is_empty() {
            let named = paths::named(app, &["src/main"]);
            entries.extend(named.iter().map(|path| EntryPoint::client(path, "entry of Angular")));
        }
        entries
    }

    fn replaced_files(&self, app: &App<'_>) -> Vec<(String, String)> {
        let workspace = Self::workspace(app);
        let projects = workspace["projects"].as_object().into_iter().flat_map(|map| map.values());
        let production = projects.map(|project| {
            let targets = ["architect", "targets"].map(|key| &project[key]);
            let [architect, targets] = targets;
            let targets = if architect.is_null() { targets } else { architect };
            &targets["build"]["configurations"]["production"]
        });
        production.flat_map(|options| swapped(app, options)).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if options(app, "define").into_iter().any(|define| webpack::defines(&define.value, read)) {
            return Inlining::Yes("define of angular.json writes it into the code".to_owned());
        }
        Inlining::when(
            read.is_env() && app.depends_on(NGX_ENV) && read.name.starts_with("NG_APP_"),
            "@ngx-env/builder inlines every NG_APP_*",
        )
    }

    fn configuring_modules(&self, app: &App<'_>) -> Vec<String> {
        let given = PLUGINS.iter().flat_map(|option| options(app, option));
        let named = given.flat_map(|option| paths::written(&option.value));
        named.filter_map(|path| paths::find(app, &path)).collect()
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let field = options(app, "sourceMap").into_iter().find(|field| {
            let (value, hidden) = (&field.value, field.value.get("hidden"));
            let is_on = value.is_true() || value.get("scripts").is_true();
            is_on && !hidden.is_true()
        })?;
        Some(PublishedMaps::by(field, "sourceMap", false))
    }

    /// Templates that a component beside them names are compiled.
    fn removes_comments(&self, app: &App<'_>, path: &str) -> bool {
        let Some((folder, name)) = path.rsplit_once('/') else { return false };
        let beside = app.files.iter().filter(|file| {
            file.ends_with(".ts") && file.rsplit_once('/').is_some_and(|(own, _)| own == folder)
        });
        let quoted = ['\'', '"', '`'].map(|quote| format!("./{name}{quote}"));
        beside.into_iter().any(|file| {
            let bytes = app.state.read(file).ok().flatten().unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let mut named = text.split("templateUrl:").skip(1).map(str::trim_start);
            named.any(|named| {
                quoted.iter().any(|it| named.get(1..).is_some_and(|n| n.starts_with(it)))
            })
        })
    }

    fn server_rendering(&self, app: &App<'_>) -> Option<ServerRendering> {
        let is_on = |build: &Value| build.field("server").or(build.field("ssr")).is_some();
        builds(app).into_iter().any(is_on).then_some(ServerRendering::PROCESS)
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let Some((path, _)) = app.config(&["angular", "project"]) else { return Vec::new() };
        let assets = options(app, "assets").into_iter();
        assets.flat_map(|assets| copied_files::in_list(app, &assets.value, path)).collect()
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        let is_used = app.depends_on(NGX_ENV);
        if is_used { vec!["NG_APP_".to_owned()] } else { Vec::new() }
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "define writes it into the code";
        let mut settings: Vec<ShippedSetting> = Vec::new();
        for define in options(app, "define") {
            settings.push(ShippedSetting::names(&define.value, note));
        }
        let note = "a plugin that angular.json names writes it into the code";
        let own = self.configuring_modules(app);
        for (_, value) in app.configs.iter().filter(|(path, _)| own.contains(path)) {
            settings.extend(plugin_hooks::written_by_plugins(value));
            if let Some(at) = webpack::written_at(value) {
                let field = Field { key: "(page)".into(), value: value.clone(), at };
                settings.push(ShippedSetting::field(&field, note));
            }
        }
        settings
    }
}

/// Options of builders that name plugins, and modules that change the page.
const PLUGINS: [&str; 2] = ["plugins", "indexHtmlTransformer"];

/// A builder that inlines variables.
const NGX_ENV: &str = "@ngx-env/builder";

/// True if `angular.json` lists the files that are copied to the site.
pub(crate) fn lists_assets(app: &App<'_>) -> bool {
    !options(app, "assets").is_empty()
}

/// An option of all builds but those for development. That of a configuration takes the place of the
/// target's own.
fn options<'a>(app: &'a App<'_>, name: &str) -> Vec<&'a Field> {
    let mut found = Vec::new();
    for build in targets(app) {
        let configurations = configurations(build);
        let own = build.get("options").field(name);
        let uses_own = configurations.is_empty()
            || configurations.iter().any(|configuration| configuration.field(name).is_none());
        found.extend(own.filter(|_| uses_own));
        found.extend(configurations.iter().filter_map(|it| it.field(name)));
    }
    found
}

/// The configurations of a target for builds, but those for development.
fn configurations(build: &Value) -> Vec<&Value> {
    let all = build.get("configurations").fields().iter();
    all.filter(|field| !field.key.starts_with("dev")).map(|field| &field.value).collect()
}

/// The options of all builds in `angular.json` but those for development.
fn builds<'a>(app: &'a App<'_>) -> Vec<&'a Value> {
    let all = targets(app).into_iter();
    all.flat_map(|build| [vec![build.get("options")], configurations(build)].concat()).collect()
}

/// The targets of all projects that build.
fn targets<'a>(app: &'a App<'_>) -> Vec<&'a Value> {
    let workspace = app.config(&["angular"]).map(|(_, workspace)| workspace.get("projects"));
    let projects = workspace.into_iter().flat_map(Value::fields).map(|field| &field.value);
    // Nx has a file for each project.
    let own = app.config(&["project"]).map(|(_, project)| project);
    let all = projects.chain(own);
    all.flat_map(|project| ["architect", "targets"].map(|key| project.get(key).get("build")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, object, sides, variable};
    use crate::variables::read::{EnvRoot, ReadForm};

    #[test]
    fn entries_are_those_of_the_workspace() {
        let workspace = r#"{"projects": {"app": {"architect": {"build": {
            "options": {"browser": "src/main.ts", "polyfills": ["zone.js", "src/polyfills.ts"],
                "server": "src/main.server.ts"},
            "configurations": {"production": {"fileReplacements": [
                {"replace": "src/env.ts", "with": "src/env.prod.ts"}]}}}}}}}"#;
        let define = object([("options", object([("define", object([("K", variable("A"))]))]))]);
        let build = object([("architect", object([("build", define)]))]);
        let world = World::new(&[
            ("angular.json", workspace),
            ("src/main.ts", ""),
            ("src/polyfills.ts", ""),
            ("src/env.ts", ""),
            ("src/env.prod.ts", ""),
            ("src/main.server.ts", ""),
        ])
        .config("angular.json", object([("projects", object([("app", build)]))]));
        assert_eq!(
            world.entries(&Angular),
            sides(&["src/main.ts", "src/polyfills.ts", "src/env.prod.ts"], &["src/main.server.ts"])
        );
        assert_eq!(world.leaks(&Angular), ["config:0 Name(\"A\")"]);
        assert!(!world.inlines(&Angular, "NG_APP_A", EnvRoot::ImportMeta, ReadForm::Member));
    }
}
