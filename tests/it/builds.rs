//! Compares the analysis with real production builds: each folder of `tests/builds` is an app whose
//! `truth.json` tells which of its keys its tool shipped. `tests/builds/README.md` describes the
//! form; `just real-builds` builds the apps anew.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::documents;
use crate::support::{AIMAGICX, Dir, SECRET};

macro_rules! apps {
    ($($name:ident)*) => {
        const APPS: &[&str] = &[$(stringify!($name)),*];
        $(#[test]
        fn $name() {
            App::read(stringify!($name)).assert_right();
        })*
    };
}

apps! {
    angular
    astro
    docusaurus
    electron_vite
    esbuild
    expo_web
    gatsby
    hono
    next15_app
    next15_trpc
    next16_app
    next16_pages
    nuxt
    parcel
    qwik_city
    react_router
    react_router8
    rolldown
    rollup
    rsbuild
    solid_start
    storybook
    sveltekit
    sveltekit3
    tanstack_start
    vite_react
    vite_solid
    vite_svelte
    vite_vue
    vitepress
    vue_socket_io
    waku
    webpack
    webpack_express
    wxt
}

/// The share of rows of an app that may be free, in percent.
const FREE: usize = 5;

/// True if tests rewrite what they compare (`just bless`).
fn is_blessing() -> bool {
    std::env::var_os("KEYSIDE_BLESS").is_some()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/builds")
}

/// A place of a key.
struct Place {
    path: String,
    line: u64,
    /// The variable that a line of an environment file declares.
    variable: Option<String>,
}

/// An app and what its build showed.
struct App {
    folder: PathBuf,
    settings: toml::Table,
    /// The sources, by relative path, with their marks.
    sources: Vec<(String, String)>,
    places: BTreeMap<String, Vec<Place>>,
    /// For each name whether its key shipped, and the first places where.
    truth: BTreeMap<String, (bool, String)>,
    /// Rows that are known to be wrong, each with a sentence why.
    wrong: toml::Table,
}

/// A mark in a source: `@K:name@` is a key, `@B:name@` its random part and `@E:name@` its base64.
struct Mark<'t> {
    before: &'t str,
    form: char,
    name: &'t str,
    after: &'t str,
}

impl<'t> Mark<'t> {
    fn first(text: &'t str) -> Option<Self> {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let begins = ["@K:", "@B:", "@E:"].iter().flat_map(|mark| text.match_indices(mark));
        let mut begins: Vec<_> = begins.collect();
        begins.sort_unstable();
        begins.into_iter().find_map(|(at, begin)| {
            let (name, after) = text[at + begin.len()..].split_once('@')?;
            let form = begin.chars().nth(1)?;
            let is_mark = !name.is_empty() && name.chars().all(is_name);
            is_mark.then(|| Self { before: &text[..at], form, name, after })
        })
    }
}

impl App {
    fn read(test: &str) -> Self {
        let folder = root().join(test.replace('_', "-"));
        let text = |name: &str| std::fs::read_to_string(folder.join(name));
        let table = |name: &str| -> toml::Table {
            let text = text(name).unwrap_or_else(|error| panic!("{test}: {name}: {error}"));
            text.parse().unwrap_or_else(|error| panic!("{test}: {name}: {error}"))
        };
        let settings = table("app.toml");
        let wrong = if folder.join("wrong.toml").exists() {
            table("wrong.toml")
        } else {
            toml::Table::new()
        };
        let truth = text("truth.json").unwrap_or_else(|error| {
            panic!("{test}: truth.json: {error}; run `just real-builds {test}`")
        });
        let truth: BTreeMap<String, Value> = serde_json::from_str(&truth).unwrap();
        let row = |row: Value| {
            let places = row["where"].as_array().unwrap().iter();
            let places: Vec<_> = places.map(|place| place.as_str().unwrap()).collect();
            (row["shipped"].as_bool().unwrap(), places.join(", "))
        };
        let truth = truth.into_iter().map(|(name, value)| (name, row(value))).collect();
        let mut sources = Vec::new();
        read_sources(&folder, "", &mut sources);
        sources.retain(|(path, _)| !matches!(&**path, "app.toml" | "truth.json" | "wrong.toml"));
        let mut places: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        for (path, text) in &sources {
            for (line, text) in (1..).zip(text.lines()) {
                let mut rest = text;
                while let Some(mark) = Mark::first(rest) {
                    let place = Place { path: path.clone(), line, variable: variable(path, text) };
                    places.entry(mark.name.into()).or_default().push(place);
                    rest = mark.after;
                }
            }
        }
        Self { folder, settings, sources, places, truth, wrong }
    }

    fn name(&self) -> &str {
        self.folder.file_name().unwrap().to_str().unwrap()
    }

    fn setting(&self, name: &str) -> &str {
        let value = self.settings.get(name).and_then(toml::Value::as_str);
        value.unwrap_or_else(|| panic!("{}/app.toml has no `{name}`", self.name()))
    }

    /// The version of the tool, from package.json.
    fn version(&self) -> String {
        let package = self.sources.iter().find(|(path, _)| path == "package.json").unwrap();
        let package: Value = serde_json::from_str(&package.1).unwrap();
        let tool = self.setting("package");
        let version = ["dependencies", "devDependencies"]
            .iter()
            .find_map(|group| package[group][tool].as_str())
            .unwrap_or_else(|| panic!("{}: {tool} is not in package.json", self.name()));
        version.to_owned()
    }

    fn free(&self) -> BTreeSet<&str> {
        let free = self.settings.get("free").and_then(toml::Value::as_table);
        free.into_iter().flatten().map(|(name, _)| &**name).collect()
    }

    /// Writes the app with fresh keys and returns them by name.
    fn lay_out(&self, dir: &Dir) -> BTreeMap<String, String> {
        let mut keys = BTreeMap::new();
        for (path, text) in &self.sources {
            let (mut filled, mut rest) = (String::new(), &**text);
            while let Some(mark) = Mark::first(rest) {
                let kind = if keys.len() % 5 == 4 { AIMAGICX } else { SECRET };
                let key = keys.entry(mark.name.to_owned()).or_insert_with(|| dir.key(kind));
                filled.push_str(mark.before);
                match mark.form {
                    'K' => filled.push_str(key),
                    'B' => filled.push_str(&key[key.len() - SECRET.1..]),
                    _ => filled.push_str(&crate::exposure::encoded(key.as_bytes())),
                }
                rest = mark.after;
            }
            dir.write(path, filled + rest);
        }
        keys
    }

    /// Names with a client finding; true if one of them is an error. The kind that says that the
    /// value is undefined in the client is none.
    fn judged(&self) -> BTreeMap<String, bool> {
        let dir = Dir::new();
        let keys = self.lay_out(&dir);
        let by_hash: BTreeMap<String, &str> =
            keys.iter().map(|(name, key)| (hash(key), &**name)).collect();
        let run = dir.run(&["scan", "-f", "json", "."]);
        assert!(matches!(run.code, 0 | 1), "{}: {run}", self.name());
        let report = run.json();
        let mut judged = BTreeMap::new();
        for finding in report["findings"].as_array().unwrap() {
            let exposure = &finding["exposure"];
            if exposure["verdict"] != "client" || finding["kind"] == "client-server-env-read" {
                continue;
            }
            let own = finding["secret"]["sha256"].as_str().and_then(|hash| by_hash.get(hash));
            let names: Vec<&str> = match own {
                Some(name) => vec![name],
                // A read of a variable: its declaration is among the related places.
                None => self.named_by(finding),
            };
            for name in names {
                *judged.entry(name.to_owned()).or_default() |= finding["severity"] == "error";
            }
        }
        judged
    }

    /// The names of a finding that has no key: first the declarations that it names, then those of
    /// the variable that it is about, then all marked lines that it names.
    fn named_by(&self, finding: &Value) -> Vec<&str> {
        let exposure = &finding["exposure"];
        let steps = ["trace", "related"].iter().flat_map(|list| exposure[list].as_array());
        let steps = steps.flatten().map(|step| (step["path"].as_str(), step["line"].as_u64()));
        let occurrences = finding["occurrences"].as_array().into_iter().flatten();
        let own = occurrences.map(|place| (place["path"].as_str(), place["start_line"].as_u64()));
        let named: BTreeSet<_> = steps.chain(own).collect();
        let is_named = |place: &Place| named.contains(&(Some(&*place.path), Some(place.line)));
        let about = finding["about"].as_str();
        let is_about =
            |place: &Place| place.variable.as_deref().is_some_and(|own| about == Some(own));
        let having = |is: &dyn Fn(&Place) -> bool| -> Vec<&str> {
            let names = self.places.iter().filter(|(_, places)| places.iter().any(is));
            names.map(|(name, _)| &**name).collect()
        };
        let declared = having(&|place| place.variable.is_some() && is_named(place));
        let of_variable = if declared.is_empty() { having(&is_about) } else { declared };
        if of_variable.is_empty() { having(&is_named) } else { of_variable }
    }

    /// Faults of the rows that are wrong and not listed, and the names of those that are listed and
    /// right.
    fn compared(&self) -> (Vec<String>, Vec<&str>) {
        self.check_form();
        let (judged, free) = (self.judged(), self.free());
        let (mut faults, mut mended) = (Vec::new(), Vec::new());
        for (name, (shipped, places)) in &self.truth {
            let place = &self.places[name][0];
            let fault = match (shipped, judged.get(name)) {
                _ if free.contains(&**name) => None,
                (true, None) => Some(format!("missed, it is in {places}")),
                (false, Some(true)) => Some("false, no client gets it".to_owned()),
                _ => None,
            };
            match (fault, self.wrong.contains_key(name)) {
                (Some(fault), false) => {
                    faults.push(format!("{name} ({}:{}): {fault}", place.path, place.line));
                }
                (None, true) => mended.push(&**name),
                _ => {}
            }
        }
        (faults, mended)
    }

    fn assert_right(&self) {
        let (mut faults, mended) = self.compared();
        if !is_blessing() {
            faults.extend(mended.iter().map(|name| {
                format!("{name}: right now, so wrong.toml must not list it (`just bless`)")
            }));
        }
        assert!(faults.is_empty(), "tests/builds/{}:\n  {}\n", self.name(), faults.join("\n  "));
    }

    /// Takes rows out of the list of wrong ones.
    fn strike(&self, names: &[&str]) {
        if names.is_empty() {
            return;
        }
        let path = self.folder.join("wrong.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let is_kept =
            |line: &&str| !names.iter().any(|name| line.starts_with(&format!("{name} =")));
        let kept: Vec<&str> = text.lines().filter(is_kept).collect();
        if kept.iter().all(|line| line.starts_with('#')) {
            std::fs::remove_file(&path).unwrap();
        } else {
            std::fs::write(&path, kept.join("\n") + "\n").unwrap();
        }
    }

    fn check_form(&self) {
        let app = self.name();
        let names: BTreeSet<_> = self.places.keys().collect();
        let recorded: BTreeSet<_> = self.truth.keys().collect();
        assert!(
            names == recorded,
            "{app}: truth.json is out of date, of {:?}; run `just real-builds {app}`",
            names.symmetric_difference(&recorded)
        );
        let known =
            |name: &str| assert!(self.truth.contains_key(name), "{app}: no place is named {name}");
        self.free().into_iter().for_each(known);
        self.wrong.keys().for_each(|name| known(name));
        let free = self.free().len();
        assert!(free * 100 <= FREE * names.len(), "{app}: {free} of {} rows are free", names.len());
    }

    /// The numbers of places, of missed ones and of false errors.
    fn figures(&self) -> [usize; 3] {
        let listed =
            |shipped: bool| self.wrong.keys().filter(|name| self.truth[*name].0 == shipped).count();
        [self.truth.len() - self.free().len(), listed(true), listed(false)]
    }
}

/// The variable that a line declares, if its file is an environment file.
fn variable(path: &str, line: &str) -> Option<String> {
    let file = path.rsplit('/').next()?;
    let (name, _) = line.split_once('=')?;
    file.starts_with(".env").then(|| name.to_owned())
}

/// Reads all files below a folder, sorted.
fn read_sources(folder: &Path, prefix: &str, sources: &mut Vec<(String, String)>) {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut entries: Vec<_> = entries.map(|entry| (entry.file_name(), entry.path())).collect();
    entries.sort();
    for (name, path) in entries {
        let relative = format!("{prefix}{}", name.to_str().unwrap());
        if path.is_dir() {
            read_sources(&path, &format!("{relative}/"), sources);
        } else {
            sources.push((relative, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

fn hash(key: &str) -> String {
    Sha256::digest(key.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

#[test]
fn every_app_has_a_test() {
    let entries = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    let folders: BTreeSet<String> =
        folders.map(|entry| entry.file_name().to_str().unwrap().replace('-', "_")).collect();
    let tests: BTreeSet<String> = APPS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(folders, tests, "the list `apps!` of tests/it/builds.rs");
}

#[test]
fn the_documentation_has_the_tables_of_builds() {
    let read = || -> Vec<App> { APPS.iter().map(|name| App::read(name)).collect() };
    if is_blessing() {
        for app in read() {
            app.strike(&app.compared().1);
        }
    }
    let mut apps = read();
    apps.sort_by_key(|app| app.setting("tool").to_lowercase());
    documents::check_part("docs/exposure.md", "builds", &table_of_tools(&apps));
    documents::check_part("docs/exposure.md", "wrong", &table_of_wrong_places(&apps));
}

fn table_of_tools(apps: &[App]) -> String {
    let mut table = String::from(
        "| tool | version | built | places | right | missed | false errors |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let mut total = [0; 3];
    for app in apps {
        let figures = app.figures();
        let [places, missed, wrong] = figures;
        let right = places - missed - wrong;
        let (tool, version, date) = (app.setting("tool"), app.version(), app.setting("date"));
        writeln!(
            table,
            "| {tool} | {version} | {date} | {places} | {right} | {missed} | {wrong} |"
        )
        .unwrap();
        total.iter_mut().zip(figures).for_each(|(sum, own)| *sum += own);
    }
    let [places, missed, wrong] = total;
    let right = places - missed - wrong;
    let share = 100.0 * right as f64 / places as f64;
    let count = apps.len();
    writeln!(
        table,
        "| **all {count}** | | | {places} | {right} ({share:.1} %) | {missed} | {wrong} |"
    )
    .unwrap();
    table
}

/// The wrong places by the sentence that says why, the most frequent first.
fn table_of_wrong_places(apps: &[App]) -> String {
    let mut kinds: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for app in apps {
        for (name, why) in &app.wrong {
            let kind = if app.truth[name].0 { "missed" } else { "false error" };
            let why = why.as_str().unwrap_or_else(|| panic!("{}: {name}: no sentence", app.name()));
            kinds.entry((kind, why)).or_default().push(app.name());
        }
    }
    let mut rows: Vec<_> = kinds.into_iter().collect();
    rows.sort_by_key(|(_, apps)| Reverse(apps.len()));
    let mut table = String::from("| | places | why | apps |\n|---|---|---|---|\n");
    for ((kind, why), mut apps) in rows {
        let places = apps.len();
        apps.dedup();
        writeln!(table, "| {kind} | {places} | {why} | {} |", apps.join(", ")).unwrap();
    }
    table
}
