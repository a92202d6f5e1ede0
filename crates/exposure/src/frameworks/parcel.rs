//! Parcel, which inlines every variable that code reads.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::published_maps::{PublishedMaps, has_word};
use crate::frameworks::{copied_files, paths, shell};
use crate::js::guard::Absence;
use crate::variables::read::{EnvRoot, ReadForm};

/// Parcel.
pub(crate) struct Parcel;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["parcel", "parcel-bundler"],
    app_packages: &["@parcel/core", "parcel", "parcel-bundler"],
    left_out: &[Absence::ModuleHot, Absence::NodeEnv, Absence::Never, Absence::Pure],
    builds_pages: true,
    inlines_read_files: true,
    minifies_pictures: true,
    ..FrameworkFacts::new(
        FrameworkId::Parcel,
        "Parcel",
        FrameworkDocs {
            entries: "`source`, also of `targets`, entries of commands, pages",
            cut: "nothing",
            values: "every `process.env.X`; files that `fs.readFileSync` reads",
        },
    )
};

/// Files by which the minifier of pages may be told to keep comments, or not to run.
const MINIFIER_FILES: [&str; 7] = [
    ".htmlnanorc",
    ".htmlnanorc.js",
    ".htmlnanorc.json",
    ".parcelrc",
    "htmlnano.config.js",
    "htmlnano.config.mjs",
    "htmlnano.config.cjs",
];

impl Framework for Parcel {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let Some(package) = &app.package else { return Vec::new() };
        let source = &package.value["source"];
        let several = source.as_array().into_iter().flatten().filter_map(|source| source.as_str());
        let found = several.chain(source.as_str()).filter_map(|path| paths::find(app, path));
        let mut entries: Vec<EntryPoint> =
            found.map(|path| EntryPoint::client(&path, "source of package.json")).collect();
        let targets = package.value["targets"].as_object().into_iter().flat_map(|map| map.values());
        for target in targets.filter(|target| target["context"] != "node") {
            let source = &target["source"];
            let several = source.as_array().into_iter().flatten().filter_map(|it| it.as_str());
            let found = several.chain(source.as_str()).filter_map(|path| paths::find(app, path));
            entries.extend(
                found.map(|path| EntryPoint::client(&path, "source of a target of Parcel")),
            );
        }
        for words in package.scripts.values().flat_map(|script| shell::commands(script)) {
            if words.iter().any(|word| paths::name(word) == "parcel") {
                let files = words.iter().filter(|word| paths::is_module(word));
                let found = files.filter_map(|path| paths::find(app, path));
                entries.extend(
                    found.map(|path| EntryPoint::client(&path, "entry of a command of Parcel")),
                );
            }
        }
        entries
    }

    fn removes_comments(&self, app: &App<'_>, _path: &str) -> bool {
        let Some(package) = &app.package else { return false };
        let targets = package.value["targets"].as_object().into_iter().flat_map(|all| all.values());
        let keeps = targets.into_iter().any(|target| target["optimize"] == false);
        let is_configured =
            MINIFIER_FILES.iter().any(|file| !matches!(app.state.read(&app.path(file)), Ok(None)));
        let is_minified = !keeps && !is_configured && !has_word(app, "--no-optimize");
        app.depends_on("parcel") && is_minified
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let Some(package) = &app.package else { return Vec::new() };
        if !app.depends_on("parcel-reporter-static-files-copy") {
            return Vec::new();
        }
        let folder = package.value["staticFiles"]["staticPath"].as_str().unwrap_or("static");
        let path = paths::clean(folder).filter(|path| !path.is_empty());
        let named = path.map(|path| ShippedPath {
            path: app.path(&path),
            except: Vec::new(),
            by: app.path("package.json"),
            why: copied_files::COPIED,
        });
        named.into_iter().collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
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
            read.root == EnvRoot::Process
                && !matches!(read.form, ReadForm::Alias | ReadForm::Computed)
                && is_on
                && !read.name.starts_with("npm_"),
            "Parcel inlines every process.env.X",
        )
    }

    /// `~` for the app's folder, and the aliases of package.json.
    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let package = app.package.as_ref();
        let targets = package.and_then(|package| package.value["targets"].as_object());
        let is_off = |target: &serde_json::Value| target["sourceMap"] == false;
        let is_off = targets.is_some_and(|all| !all.is_empty() && all.values().all(is_off));
        let is_on = !is_off && !has_word(app, "--no-source-maps");
        is_on.then(|| PublishedMaps::unless("Parcel (--no-source-maps turns it off)", true))
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let mut aliases = vec![("~".to_owned(), app.root.clone())];
        let named = app.package.as_ref().and_then(|package| package.value["alias"].as_object());
        for (name, target) in named.into_iter().flatten() {
            // An alias may also be that of a package.
            let target = target.as_str().filter(|target| target.starts_with(['.', '/', '~']));
            let target = target.map(|it| it.trim_start_matches('~').replace("$1", "*"));
            let target = target.and_then(|target| paths::clean(&target));
            aliases.extend(target.map(|target| (name.clone(), app.path(&target))));
        }
        aliases
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};

    #[test]
    fn every_variable_is_inlined_unless_switched_off() {
        for (option, name, form, is_inlined) in [
            ("null", "A", ReadForm::Member, true),
            ("null", "A", ReadForm::Destructured, true),
            ("null", "A", ReadForm::Alias, false),
            ("null", "npm_package_name", ReadForm::Member, false),
            ("false", "A", ReadForm::Member, false),
            (r#"["SENTRY_*"]"#, "A", ReadForm::Member, false),
            (r#"["SENTRY_*"]"#, "SENTRY_A", ReadForm::Member, true),
        ] {
            let package = format!(
                r#"{{"source": "src/a.js", "devDependencies": {{"parcel": "2.13.0"}},
                    "@parcel/transformer-js": {{"inlineEnvironment": {option}}}}}"#
            );
            let world = World::new(&[("package.json", &package), ("src/a.js", "")]);
            assert_eq!(
                world.inlines(&Parcel, name, EnvRoot::Process, form),
                is_inlined,
                "{option}"
            );
            assert_eq!(world.entries(&Parcel), sides(&["src/a.js"], &[]));
        }
    }
}
