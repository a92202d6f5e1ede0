//! Angular: client code begins where `angular.json` says.

use crate::app::App;
use crate::artifacts::framework_folders::{CompiledTemplates, StaticFolder};
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{AddressedFiles, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, webpack};
use crate::js::guard::Absence;
use crate::js::ir::{Module, ModulePart};

/// Angular.
pub(crate) struct Angular;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@angular/core"],
    app_packages: &["@angular/core"],
    app_markers: &["angular.json"],
    config_data: &["angular.json"],
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
            let built = settings.filter(|(name, _)| *name != "development").map(|(_, it)| it);
            let all = built.chain([&build["options"]]);
            for options in all {
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
                // The build replaces one file by another.
                for swap in options["fileReplacements"].as_array().into_iter().flatten() {
                    let path = swap["with"].as_str().and_then(|path| paths::find(app, path));
                    entries.extend(
                        path.map(|path| {
                            EntryPoint::client(&path, "fileReplacements of angular.json")
                        }),
                    );
                }
            }
        }
        if entries.is_empty() {
            let named = paths::named(app, &["src/main"]);
            entries.extend(named.iter().map(|path| EntryPoint::client(path, "entry of Angular")));
        }
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, _module: &Module) -> Option<String> {
        let is_replaced = app.relative(path).is_some_and(|path| is_replaced(app, path));
        is_replaced.then(|| "fileReplacements of angular.json put another file here".to_owned())
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if builds(app).iter().any(|build| webpack::defines(build.get("define"), read)) {
            return Inlining::Yes("define of angular.json writes it into the code".to_owned());
        }
        Inlining::when(
            read.is_env() && app.depends_on(NGX_ENV) && read.name.starts_with("NG_APP_"),
            "@ngx-env/builder inlines every NG_APP_*",
        )
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        let is_used = app.depends_on(NGX_ENV);
        if is_used { vec!["NG_APP_".to_owned()] } else { Vec::new() }
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "define writes it into the code";
        let builds = builds(app).into_iter();
        builds.map(|build| ShippedSetting::names(build.get("define"), note)).collect()
    }
}

/// A builder that inlines variables.
const NGX_ENV: &str = "@ngx-env/builder";

/// True if every configuration but that for development puts another file in the place of this one.
fn is_replaced(app: &App<'_>, path: &str) -> bool {
    let Some((_, workspace)) = app.config(&["angular"]) else { return false };
    let replaces = |options: &Value| {
        let mut all = options.get("fileReplacements").elements().iter();
        all.any(|it| it.get("replace").text().and_then(paths::clean).as_deref() == Some(path))
    };
    workspace.get("projects").fields().iter().any(|project| {
        ["architect", "targets"].iter().any(|key| {
            let settings = project.value.get(key).get("build").get("configurations").fields();
            let mut built = settings.iter().filter(|field| &*field.key != "development").peekable();
            built.peek().is_some() && built.all(|field| replaces(&field.value))
        })
    })
}

/// The options of all builds in `angular.json` but those for development.
fn builds<'a>(app: &'a App<'_>) -> Vec<&'a Value> {
    let Some((_, workspace)) = app.config(&["angular"]) else { return Vec::new() };
    let mut builds = Vec::new();
    for project in workspace.get("projects").fields() {
        for targets in ["architect", "targets"].map(|key| project.value.get(key)) {
            let build = targets.get("build");
            builds.push(build.get("options"));
            let settings = build.get("configurations").fields();
            let built = settings.iter().filter(|field| &*field.key != "development");
            builds.extend(built.map(|field| &field.value));
        }
    }
    builds
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
