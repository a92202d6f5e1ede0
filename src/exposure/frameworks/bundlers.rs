//! Bundlers without a framework: Angular's, esbuild, Bun, Parcel, Rsbuild.

use super::super::app::App;
use super::super::leak::Leak;
use super::super::value::Value;
use super::Entry;
use super::EnvRoot;
use super::Framework;
use super::Inlining;
use super::Modules;
use super::Read;
use super::ReadForm;
use super::inlined::Inlined;
use super::paths;
use super::webpack;

/// Angular.
pub(super) struct Angular;

/// esbuild and Bun, called from a script of the project.
pub(super) struct Scripts;

/// Parcel.
pub(super) struct Parcel;

impl Angular {
    fn workspace(app: &App<'_>) -> serde_json::Value {
        let read = app.state.read(&app.path("angular.json")).ok().flatten();
        let text = read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        text.and_then(|text| super::super::package::json(&text).ok()).unwrap_or_default()
    }
}

impl Framework for Angular {
    fn name(&self) -> &'static str {
        "angular"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.has("angular.json") || app.depends_on("@angular/core")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<Entry> {
        let workspace = Self::workspace(app);
        let mut entries = Vec::new();
        for project in workspace["projects"].as_object().into_iter().flat_map(|map| map.values()) {
            let targets = if project["architect"].is_null() {
                &project["targets"]
            } else {
                &project["architect"]
            };
            let build = &targets["build"];
            let settings = build["configurations"].as_object();
            let all = settings.into_iter().flat_map(|map| map.values()).chain([&build["options"]]);
            for options in all {
                for key in ["browser", "main"] {
                    let path = options[key].as_str().and_then(|path| paths::find(app, path));
                    entries.extend(
                        path.map(|path| Entry::client(&path, format!("{key} of angular.json"))),
                    );
                }
                let server = options["server"].as_str().or(options["ssr"]["entry"].as_str());
                let server = server.and_then(|path| paths::find(app, path));
                entries.extend(server.map(|path| Entry::server(&path, "server of angular.json")));
                // The build takes one file in the place of another.
                for swap in options["fileReplacements"].as_array().into_iter().flatten() {
                    let path = swap["with"].as_str().and_then(|path| paths::find(app, path));
                    entries.extend(
                        path.map(|path| Entry::client(&path, "fileReplacements of angular.json")),
                    );
                }
            }
        }
        if entries.is_empty() {
            let named = paths::named(app, &["src/main"]);
            entries.extend(named.iter().map(|path| Entry::client(path, "entry of Angular")));
        }
        entries
    }
}

impl Scripts {
    /// The builds that scripts make for browsers.
    fn builds<'a>(app: &'a App<'_>) -> impl Iterator<Item = &'a Value> {
        let is_build = |value: &Value| {
            let entries =
                ["entryPoints", "entrypoints"].iter().any(|key| value.field(key).is_some());
            let target = value.get("platform").text().or(value.get("target").text());
            entries && !target.is_some_and(|target| target.starts_with("node") || target == "bun")
        };
        app.configs.iter().map(|(_, value)| value).filter(move |value| is_build(value))
    }

    /// The arguments of commands of package.json that call esbuild or Bun for browsers.
    fn commands<'a>(app: &'a App<'_>) -> Vec<&'a str> {
        let scripts = app.package.iter().flat_map(|package| package.scripts.values());
        let parts = scripts.flat_map(|script| script.split("&&"));
        let calls = parts.filter(|part| part.contains("esbuild ") || part.contains("bun build "));
        let browser = calls
            .filter(|part| !part.contains("--platform=node") && !part.contains("--target=node"));
        browser.flat_map(|part| part.split_whitespace()).collect()
    }
}

impl Framework for Scripts {
    fn name(&self) -> &'static str {
        "esbuild"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        Self::builds(app).next().is_some() || !Self::commands(app).is_empty()
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<Entry> {
        let mut written = Vec::new();
        for build in Self::builds(app) {
            written.extend(paths::written(build.get("entryPoints")));
            written.extend(paths::written(build.get("entrypoints")));
        }
        let is_file = |word: &&str| !word.starts_with('-') && paths::is_module(word);
        written.extend(Self::commands(app).into_iter().filter(is_file).map(str::to_owned));
        let found = written.iter().filter_map(|path| paths::find(app, path));
        found.map(|path| Entry::client(&path, "entry of the bundler")).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &Read<'_>) -> Inlining {
        for build in Self::builds(app) {
            if webpack::defines(build.get("define"), read) {
                return Inlining::Yes("define writes it into the code".to_owned());
            }
            // Bun's own option.
            let is_env = matches!(read.root, EnvRoot::Process | EnvRoot::Runtime)
                && read.form == ReadForm::Member;
            let option = build.get("env").text().unwrap_or_default();
            let is_public =
                option.strip_suffix('*').is_some_and(|prefix| read.name.starts_with(prefix));
            if is_env && (option == "inline" || is_public) {
                return Inlining::Yes("the option env of Bun inlines it".to_owned());
            }
        }
        Inlining::No
    }

    fn configured(&self, app: &App<'_>) -> Vec<Leak> {
        let note = "define writes it into the code";
        let inlined = Inlined { app, framework: self.name(), note };
        Self::builds(app).flat_map(|build| inlined.fields(build.get("define"))).collect()
    }
}

impl Framework for Parcel {
    fn name(&self) -> &'static str {
        "parcel"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("parcel") || app.depends_on("parcel-bundler")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<Entry> {
        let Some(package) = &app.package else { return Vec::new() };
        let source = &package.value["source"];
        let several = source.as_array().into_iter().flatten().filter_map(|source| source.as_str());
        let found = several.chain(source.as_str()).filter_map(|path| paths::find(app, path));
        found.map(|path| Entry::client(&path, "source of package.json")).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &Read<'_>) -> Inlining {
        let option = app
            .package
            .as_ref()
            .map(|package| &package.value["@parcel/transformer-js"]["inlineEnvironment"]);
        let is_on = match option {
            Some(serde_json::Value::Bool(is_on)) => *is_on,
            Some(serde_json::Value::Array(globs)) => globs
                .iter()
                .filter_map(|glob| glob.as_str())
                .any(|glob| match glob.split_once('*') {
                    Some((before, after)) => {
                        read.name.starts_with(before) && read.name.ends_with(after)
                    }
                    None => glob == read.name,
                }),
            _ => true,
        };
        Inlining::when(
            read.root == EnvRoot::Process && is_on && !read.name.starts_with("npm_"),
            "Parcel inlines every process.env.X",
        )
    }
}
