//! Which folders of a state are apps that have to be looked at, and which files are theirs.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser};

use crate::input::Files;
use crate::notice::AnalysisNotice;
use crate::paths::{PathPattern, folder, is_below, join, name, upwards};
use crate::project::conventions::{MARKERS, REPEATED_MARKERS, is_native_setting, is_source};
use crate::project::package::{Package, json};

/// A folder that is an app, or a package that an app is made of.
#[derive(Debug, Clone)]
pub(crate) struct AppFolder {
    /// Its folder, relative to the top of the state; `""` is the top.
    pub root: String,
    /// Its package.json. Of an app of an Nx workspace without one, that of the workspace.
    pub package: Option<Package>,
    /// Its files in order: without those of other packages in it, and without `node_modules`.
    pub files: Vec<String>,
}

/// Of more sources than these in one app, the others are left out.
const MAX_SOURCES: usize = 20_000;

/// Packages that no workspace ties together may still belong together, if they are no more.
const MAX_NEIGHBOURS: usize = 24;

/// A folder deeper than this is not searched for the package round it.
const MAX_DEPTH: usize = 256;

/// Packages that make an app of the package that depends on them: it has a client of its own.
const CLIENTS: [&str; 31] = [
    "@angular/core",
    "@docusaurus/core",
    "@ionic/core",
    "@parcel/core",
    "@remix-run/dev",
    "@remix-run/react",
    "@react-router/dev",
    "@rsbuild/core",
    "@rspack/core",
    "@sveltejs/kit",
    "@tanstack/react-start",
    "@tanstack/start",
    "@vue/cli-service",
    "astro",
    "electron",
    "expo",
    "gatsby",
    "next",
    "nuxt",
    "nuxt3",
    "parcel",
    "parcel-bundler",
    "plasmo",
    "preact-cli",
    "react-native",
    "react-scripts",
    "vinxi",
    "vite",
    "vitepress",
    "webpack",
    "wxt",
];

/// The apps that hold `seeds` or can ship what is in them, by root, and what could not be read.
pub(crate) fn apps(files: &dyn Files, seeds: &[String]) -> (Vec<AppFolder>, Vec<AnalysisNotice>) {
    let mut state = State::new(files);
    let homes: BTreeSet<&str> = seeds.iter().map(|seed| folder(seed)).collect();
    for home in &homes {
        state.read_upwards(home);
    }
    state.apps(&homes)
}

/// The same for files of which nothing is known but that they were changed: one that nothing says
/// to be an app's belongs to none, and costs next to nothing.
pub(crate) fn apps_of_changed(
    files: &dyn Files,
    changed: &[String],
) -> (Vec<AppFolder>, Vec<AnalysisNotice>) {
    let mut state = State::new(files);
    let mut homes = BTreeSet::new();
    let mut others = Vec::new();
    for path in changed {
        let home = folder(path);
        state.read_upwards(home);
        if !state.around(home).is_empty() {
            homes.insert(home);
        } else if is_source(path) || is_native_setting(path) {
            others.push(path);
        }
    }
    if !others.is_empty() {
        let paths = files.below("");
        let marked = Marked::new(&paths, |path| state.is_extension(path));
        let is_page = |path: &str| matches!(name(path).rsplit('.').next(), Some("html" | "htm"));
        others.retain(|path| is_page(path) || marked.nearest(folder(path)).is_some());
        homes.extend(others.into_iter().map(|path| folder(path)));
    }
    if homes.is_empty() { (Vec::new(), state.notices) } else { state.apps(&homes) }
}

/// What is known of the folders of a state.
struct State<'a> {
    files: &'a dyn Files,
    /// The package.json of each folder that was looked at.
    folders: BTreeMap<String, Folder>,
    notices: Vec<AnalysisNotice>,
}

/// What a folder says of itself.
enum Folder {
    /// Nothing: no package.json, or one that only sets how its modules are read.
    Plain,
    /// It is a package; `None` if its package.json cannot be understood.
    Package(Option<Package>),
}

impl<'a> State<'a> {
    fn new(files: &'a dyn Files) -> Self {
        Self { files, folders: BTreeMap::new(), notices: Vec::new() }
    }

    /// The apps that the folders `homes` have to do with, and what could not be read. What is
    /// round these folders is known already.
    fn apps(mut self, homes: &BTreeSet<&str>) -> (Vec<AppFolder>, Vec<AnalysisNotice>) {
        let (paths, tops) = self.list(homes);
        self.read_packages(&paths);
        let wanted = self.wanted(homes, &tops, &paths);
        let found = self.found(wanted, &paths);
        self.notices.sort();
        self.notices.dedup();
        (found, self.notices)
    }

    /// Looks for a package.json in a folder and those round it.
    fn read_upwards(&mut self, home: &str) {
        for folder in upwards(home).take(MAX_DEPTH) {
            if self.folders.contains_key(folder) {
                return;
            }
            let read = self.read_folder(folder);
            self.folders.insert(folder.to_owned(), read);
        }
    }

    fn read_folder(&mut self, folder: &str) -> Folder {
        let path = within(folder, "package.json");
        match self.text(&path).map(|text| Package::parse(&text)) {
            None => Folder::Plain,
            Some(Ok(package)) if is_real(&package) => Folder::Package(Some(package)),
            Some(Ok(_)) => Folder::Plain,
            Some(Err(why)) => {
                self.tell(&path, format!("this package.json is not understood: {why}"));
                Folder::Package(None)
            }
        }
    }

    /// The text of a file, if it is there and can be read.
    fn text(&mut self, path: &str) -> Option<String> {
        match self.files.read(path) {
            Ok(bytes) => bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            Err(_) => {
                self.tell(path, "cannot be read, so that its app is not known".to_owned());
                None
            }
        }
    }

    fn tell(&mut self, path: &str, message: String) {
        self.notices.push(AnalysisNotice::new(path, message));
    }

    fn package(&self, root: &str) -> Option<&Package> {
        match self.folders.get(root)? {
            Folder::Plain => None,
            Folder::Package(package) => package.as_ref(),
        }
    }

    fn is_package(&self, folder: &str) -> bool {
        match self.folders.get(folder) {
            Some(Folder::Package(_)) => true,
            Some(Folder::Plain) | None => false,
        }
    }

    /// The folders round `home` that are packages, the innermost first.
    fn around<'h>(&self, home: &'h str) -> Vec<&'h str> {
        upwards(home).take(MAX_DEPTH).filter(|folder| self.is_package(folder)).collect()
    }

    /// The files that may matter, in order, and the folders that were listed for that: no folder
    /// is listed twice.
    fn list(&self, homes: &BTreeSet<&str>) -> (Vec<String>, Vec<String>) {
        let tops: BTreeSet<&str> = homes.iter().map(|home| self.top(home)).collect();
        let is_outermost = |top: &&&str| !upwards(top).skip(1).any(|outer| tops.contains(outer));
        let tops: Vec<String> =
            tops.iter().filter(is_outermost).map(|top| (*top).to_owned()).collect();
        let mut paths: Vec<String> = tops.iter().flat_map(|top| self.files.below(top)).collect();
        paths.retain(|path| !is_foreign(path));
        paths.sort_unstable();
        paths.dedup();
        (paths, tops)
    }

    /// The folder below which all lies that can have to do with a folder. A package with a client
    /// of its own stands for itself; what others may use can be used from anywhere.
    fn top<'h>(&self, home: &'h str) -> &'h str {
        let around = self.around(home);
        let (Some(nearest), Some(outermost)) = (around.first(), around.last()) else { return "" };
        let stands_alone = around.len() == 1 && self.package(nearest).is_some_and(has_client);
        if stands_alone || around.len() > 1 { outermost } else { "" }
    }

    /// Reads every package.json of the files.
    fn read_packages(&mut self, paths: &[String]) {
        for path in paths.iter().filter(|path| name(path) == "package.json") {
            let root = folder(path);
            if !self.folders.contains_key(root) {
                let read = if is_output(root) { Folder::Plain } else { self.read_folder(root) };
                self.folders.insert(root.to_owned(), read);
            }
        }
    }

    /// The roots of what has to be looked at.
    fn wanted(
        &mut self,
        homes: &BTreeSet<&str>,
        tops: &[String],
        paths: &[String],
    ) -> BTreeSet<String> {
        let mut wanted = BTreeSet::new();
        let mut marked = None;
        let mut workspaces: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut known = BTreeSet::new();
        for home in homes {
            let around = self.around(home);
            // All folders of one package have the same round them.
            if around.first().is_some_and(|nearest| !known.insert(*nearest)) {
                continue;
            }
            let Some(nearest) = around.first() else {
                let marked = marked
                    .get_or_insert_with(|| Marked::new(paths, |path| self.is_extension(path)));
                wanted.insert(marked.root(home).to_owned());
                wanted.extend(self.neighbours(tops, home));
                continue;
            };
            wanted.extend(around.iter().map(|root| (*root).to_owned()));
            let mut members = Vec::new();
            for root in &around {
                if !workspaces.contains_key(*root) {
                    let found = self.members(root);
                    workspaces.insert((*root).to_owned(), found);
                }
                let own = workspaces.get(*root).into_iter().flatten();
                members.extend(own.cloned());
            }
            let has_client = self.package(nearest).is_some_and(has_client);
            if !has_client && members.is_empty() {
                wanted.extend(self.neighbours(tops, home));
            } else if !has_client {
                wanted.extend(members);
            }
        }
        self.close(&mut wanted);
        wanted
    }

    /// Whether a `manifest.json` is that of an extension of a browser, not of a page.
    fn is_extension(&self, path: &str) -> bool {
        let bytes = self.files.read(path).ok().flatten().unwrap_or_default();
        bytes.windows(MANIFEST.len()).any(|window| window == MANIFEST)
    }

    /// The packages listed together with a folder that no workspace has, if they are few.
    fn neighbours(&self, tops: &[String], home: &str) -> Vec<String> {
        let top = tops.iter().find(|top| is_below(home, top) || home == top.as_str());
        let Some(top) = top else { return Vec::new() };
        let near = self.packages().map(|(root, _)| root).filter(|root| is_below(root, top));
        let near: Vec<String> = near.map(str::to_owned).collect();
        if near.len() > MAX_NEIGHBOURS { Vec::new() } else { near }
    }

    fn packages(&self) -> impl Iterator<Item = (&str, &Package)> {
        self.folders.iter().filter_map(|(root, folder)| match folder {
            Folder::Plain | Folder::Package(None) => None,
            Folder::Package(Some(package)) => Some((root.as_str(), package)),
        })
    }

    /// The packages of the workspace whose top a folder is; none if it is no such folder.
    fn members(&mut self, root: &str) -> Vec<String> {
        let Some(patterns) = self.workspace(root) else { return Vec::new() };
        let meant = |pattern: &str| join(root, pattern).map(|pattern| PathPattern::new(&pattern));
        let (mut taken, mut left): (Vec<PathPattern>, Vec<PathPattern>) = (Vec::new(), Vec::new());
        for pattern in &patterns {
            match pattern.strip_prefix('!') {
                Some(pattern) => left.extend(meant(pattern)),
                None => taken.extend(meant(pattern)),
            }
        }
        let is_member = |folder: &str| {
            taken.iter().any(|pattern| pattern.matches(folder))
                && !left.iter().any(|pattern| pattern.matches(folder))
        };
        let inner = self.packages().map(|(inner, _)| inner);
        inner.filter(|inner| *inner == root || is_member(inner)).map(str::to_owned).collect()
    }

    /// The patterns of a workspace whose top a folder is.
    fn workspace(&mut self, root: &str) -> Option<Vec<String>> {
        let mut patterns: Option<Vec<String>> = None;
        if let Some(package) = self.package(root) {
            let value = &package.value["workspaces"];
            let list = value.as_array().or_else(|| value["packages"].as_array());
            patterns = list.map(|list| texts(list));
        }
        let path = within(root, "pnpm-workspace.yaml");
        if let Some(text) = self.text(&path) {
            match yaml_packages(&text) {
                Some(more) => patterns.get_or_insert_default().extend(more),
                None => self.tell(
                    &path,
                    "is no YAML, so which packages belong together is not known from it".to_owned(),
                ),
            }
        }
        if let Some(text) = self.text(&within(root, "lerna.json")) {
            let value = json(&text).unwrap_or_default();
            let list = value["packages"].as_array();
            let more = list.map_or_else(|| vec!["packages/*".to_owned()], |list| texts(list));
            patterns.get_or_insert_default().extend(more);
        }
        patterns
    }

    /// Adds what depends on the packages that are wanted, and then what all of these depend on.
    fn close(&self, wanted: &mut BTreeSet<String>) {
        let mut links: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut roots: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (root, package) in self.packages() {
            roots.entry(package.name.as_str()).or_default().push(root);
        }
        for (root, package) in self.packages() {
            for (name, version) in &package.dependencies {
                let linked = linked(root, version);
                let linked = linked.as_deref().and_then(|path| self.folders.get_key_value(path));
                let named = roots.get(name.as_str()).into_iter().flatten().copied();
                for used in named.chain(linked.map(|(path, _)| path.as_str())) {
                    links.entry(used).or_default().insert(root);
                    uses.entry(root).or_default().insert(used);
                }
            }
        }
        spread(&links, wanted);
        spread(&uses, wanted);
    }

    /// The apps with their files.
    fn found(&mut self, mut wanted: BTreeSet<String>, paths: &[String]) -> Vec<AppFolder> {
        let projects = self.projects(&wanted, paths);
        wanted.extend(projects.keys().cloned());
        let mut owners: Vec<Option<usize>> = vec![None; paths.len()];
        let packages = self.folders.keys().filter(|root| self.is_package(root));
        let mut roots: BTreeSet<&str> = packages.map(String::as_str).collect();
        roots.extend(wanted.iter().map(String::as_str));
        // Outer folders stand in front of those in them, which then take their files.
        for (owner, root) in roots.iter().enumerate() {
            owners[stretch(paths, root)].fill(Some(owner));
        }
        let mut files: Vec<Vec<String>> = vec![Vec::new(); roots.len()];
        for (path, owner) in paths.iter().zip(owners) {
            if let Some(owner) = owner {
                files[owner].push(path.clone());
            }
        }
        let mut found = Vec::new();
        for (root, files) in roots.into_iter().zip(files) {
            if wanted.contains(root) {
                let inherited = || self.package(projects.get(root)?);
                let package = self.package(root).or_else(inherited).cloned();
                found.push(AppFolder { root: root.to_owned(), package, files });
            }
        }
        for app in &mut found {
            self.limit(app);
        }
        found
    }

    /// Folders with an Nx project and no package.json, and the package round each that is wanted.
    fn projects(&self, wanted: &BTreeSet<String>, paths: &[String]) -> BTreeMap<String, String> {
        let mut projects = BTreeMap::new();
        for path in paths.iter().filter(|path| name(path) == "project.json") {
            let root = folder(path);
            let outer = upwards(root).take(MAX_DEPTH).find(|folder| self.is_package(folder));
            if let Some(outer) = outer
                && outer != root
                && wanted.contains(outer)
                && paths.binary_search(&within(outer, "nx.json")).is_ok()
            {
                projects.insert(root.to_owned(), outer.to_owned());
            }
        }
        projects
    }

    /// Leaves out sources of which there are too many.
    fn limit(&mut self, app: &mut AppFolder) {
        let mut count = 0;
        app.files.retain(|path| {
            count += usize::from(is_source(path));
            count <= MAX_SOURCES || !is_source(path)
        });
        if count > MAX_SOURCES {
            let message =
                format!("only {MAX_SOURCES} of {count} sources of this app were looked at");
            self.tell(if app.root.is_empty() { "." } else { &app.root }, message);
        }
    }
}

/// Whether a path is no part of any app of the state: a package from elsewhere, or git's own.
fn is_foreign(path: &str) -> bool {
    folder(path).split('/').any(|part| matches!(part, "node_modules" | ".git"))
}

/// Whether a folder holds what a build made: a package.json in there makes no app.
fn is_output(folder: &str) -> bool {
    folder.split('/').any(|part| part == "dist" || part.starts_with('.'))
}

/// Whether a package.json makes its folder a package: `{"type": "module"}` does not.
fn is_real(package: &Package) -> bool {
    let has = |key| package.value.get(key).is_some();
    !package.name.is_empty()
        || !package.dependencies.is_empty()
        || !package.scripts.is_empty()
        || has("workspaces")
}

fn has_client(package: &Package) -> bool {
    CLIENTS.iter().any(|client| package.depends_on(client))
}

const MANIFEST: &[u8] = b"\"manifest_version\"";

/// The folders of apps without a package.json.
#[derive(Default)]
struct Marked<'p> {
    /// Those that have one of [`MARKERS`], or are an extension of a browser.
    sure: BTreeSet<&'p str>,
    /// Those that have one of a line of [`REPEATED_MARKERS`].
    repeated: [BTreeSet<&'p str>; REPEATED_MARKERS.len()],
}

/// Where in [`REPEATED_MARKERS`] the files of Xcode are.
const APPLE: usize = 2;

impl<'p> Marked<'p> {
    fn new(paths: &'p [String], is_extension: impl Fn(&str) -> bool) -> Self {
        let mut marked = Self::default();
        for path in paths {
            let (folder, name) = (folder(path), name(path));
            if MARKERS.contains(&name) || (name == "manifest.json" && is_extension(path)) {
                marked.sure.insert(folder);
            }
            for (line, folders) in REPEATED_MARKERS.iter().zip(&mut marked.repeated) {
                if line.contains(&name) {
                    folders.insert(folder);
                }
            }
            if name == "project.pbxproj" && folder.ends_with(".xcodeproj") {
                marked.repeated[APPLE].insert(crate::paths::folder(folder));
            }
        }
        marked
    }

    /// The folder of the app that `home` belongs to; the top of the state if nothing tells.
    fn root<'h>(&self, home: &'h str) -> &'h str {
        self.nearest(home).unwrap_or_default()
    }

    /// The same; `None` if nothing tells.
    fn nearest<'h>(&self, home: &'h str) -> Option<&'h str> {
        let around = || upwards(home).take(MAX_DEPTH);
        if let Some(sure) = around().find(|folder| self.sure.contains(folder)) {
            return Some(sure);
        }
        let nearest = around()
            .find_map(|folder| self.repeated.iter().find(|folders| folders.contains(folder)));
        let outermost =
            |folders: &BTreeSet<&str>| around().filter(|folder| folders.contains(folder)).last();
        nearest.and_then(outermost)
    }
}

fn within(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Which of the paths, which are in order, lie in a folder.
fn stretch(paths: &[String], folder: &str) -> std::ops::Range<usize> {
    if folder.is_empty() {
        return 0..paths.len();
    }
    let prefix = format!("{folder}/");
    let start = paths.partition_point(|path| *path < prefix);
    let length = paths[start..].partition_point(|path| path.starts_with(&prefix));
    start..start + length
}

/// The folder that a dependency's version names: `file:../shared`, `link:`, `portal:`.
fn linked(root: &str, version: &str) -> Option<String> {
    let (scheme, path) = version.split_once(':')?;
    matches!(scheme, "file" | "link" | "portal").then(|| join(root, path))?
}

/// Follows links from what is there until nothing new comes.
fn spread(links: &BTreeMap<&str, BTreeSet<&str>>, reached: &mut BTreeSet<String>) {
    let mut open: Vec<String> = reached.iter().cloned().collect();
    while let Some(root) = open.pop() {
        for next in links.get(root.as_str()).into_iter().flatten() {
            if !reached.contains(*next) {
                reached.insert((*next).to_owned());
                open.push((*next).to_owned());
            }
        }
    }
}

fn texts(list: &[serde_json::Value]) -> Vec<String> {
    list.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// The `packages` of a `pnpm-workspace.yaml`; `None` if it is no YAML. The parser's events are read
/// one by one and nothing is built of them: neither depth nor aliases of a hostile file cost
/// anything.
fn yaml_packages(text: &str) -> Option<Vec<String>> {
    let mut packages = Vec::new();
    // How many maps and lists are open; of the outermost map, the key whose value comes next.
    let mut open = 0usize;
    let mut key: Option<String> = None;
    let next = |key: Option<String>, text: &str| key.is_none().then(|| text.to_owned());
    for event in Parser::new_from_str(text) {
        let is_list = key.as_deref() == Some("packages");
        match event.ok()?.0 {
            Event::Scalar(text, ..) => match open {
                1 => key = next(key, &text),
                2 if is_list => packages.push(text.into_owned()),
                _ => {}
            },
            Event::Alias(_) if open == 1 => key = next(key, ""),
            Event::MappingStart(..) if open == 1 && is_list => {
                key = Some(String::new());
                open += 1;
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => open += 1,
            Event::MappingEnd | Event::SequenceEnd => {
                open = open.saturating_sub(1);
                if open == 1 {
                    key = next(key, "");
                }
            }
            Event::Alias(_)
            | Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }
    Some(packages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::conventions::is_test;
    use crate::testing::memory::Memory;

    fn package(name: &str, dependencies: &[(&str, &str)]) -> String {
        let dependencies: Vec<String> =
            dependencies.iter().map(|(name, version)| format!("{name:?}: {version:?}")).collect();
        format!("{{\"name\": {name:?}, \"dependencies\": {{ {} }}}}", dependencies.join(", "))
    }

    fn state(files: &[(&str, String)]) -> Memory {
        let files: Vec<(&str, &str)> =
            files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        Memory::new(&files)
    }

    fn roots(files: &dyn Files, seeds: &[&str]) -> Vec<String> {
        let seeds: Vec<String> = seeds.iter().map(|seed| (*seed).to_owned()).collect();
        apps(files, &seeds).0.into_iter().map(|app| app.root).collect()
    }

    #[test]
    fn a_seed_belongs_to_the_package_round_it_and_to_those_round_that() {
        let files = state(&[
            ("package.json", package("app", &[("react-scripts", "5")])),
            ("src/index.js", String::new()),
            ("server/package.json", package("server", &[("express", "4")])),
            ("server/index.js", String::new()),
            ("server/esm/package.json", "{\"type\": \"module\"}".to_owned()),
            ("server/esm/a.js", String::new()),
            ("server/node_modules/x/package.json", package("x", &[])),
            ("server/node_modules/x/index.js", String::new()),
        ]);
        let (found, notices) = apps(&files, &["server/esm/a.js".to_owned()]);
        assert!(notices.is_empty());
        let shown: Vec<(&str, Vec<&str>)> = found
            .iter()
            .map(|app| (app.root.as_str(), app.files.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(
            shown,
            [
                ("", vec!["package.json", "src/index.js"]),
                (
                    "server",
                    vec![
                        "server/esm/a.js",
                        "server/esm/package.json",
                        "server/index.js",
                        "server/package.json",
                    ]
                ),
            ]
        );
        assert_eq!(found[1].package.as_ref().unwrap().name, "server");
        assert_eq!(roots(&files, &["src/index.js"]), [""]);
    }

    #[test]
    fn a_library_pulls_in_what_depends_on_it() {
        let workspaces = [
            (
                "package.json",
                "{\"name\": \"top\", \"workspaces\": [\"apps/*\", \"packages/*\", \"!apps/old\"]}",
            ),
            (
                "package.json",
                "{\"name\": \"top\", \"workspaces\": {\"packages\": [\"{apps,packages}/*\"]}}",
            ),
            ("pnpm-workspace.yaml", "packages:\n  - 'apps/*' # all\n  - \"packages/**\"\n"),
            ("lerna.json", "{\"packages\": [\"apps/*\", \"packages/*\"]}"),
        ];
        for (path, text) in workspaces {
            let mut files = state(&[
                ("package.json", "{\"name\": \"top\"}".to_owned()),
                ("apps/web/package.json", package("web", &[("next", "15"), ("ui", "workspace:*")])),
                ("apps/other/package.json", package("other", &[("next", "15")])),
                ("packages/ui/package.json", package("ui", &[("shared", "*")])),
                ("packages/shared/package.json", package("shared", &[])),
                ("packages/shared/key.ts", String::new()),
                ("elsewhere/package.json", package("elsewhere", &[])),
            ]);
            files.add(path, text);
            assert_eq!(
                roots(&files, &["packages/shared/key.ts"]),
                ["", "apps/other", "apps/web", "packages/shared", "packages/ui"],
                "{path}"
            );
            // An app brings what it is made of.
            assert_eq!(
                roots(&files, &["apps/web/page.tsx"]),
                ["", "apps/web", "packages/shared", "packages/ui"],
                "{path}"
            );
            assert_eq!(roots(&files, &["apps/other/page.tsx"]), ["", "apps/other"], "{path}");
        }
    }

    #[test]
    fn packages_that_nothing_ties_together_go_together_if_they_are_few() {
        let mut files = state(&[
            ("server/package.json", package("server", &[("express", "4")])),
            ("server/config.ts", String::new()),
            ("web/package.json", package("web", &[("vite", "6")])),
        ]);
        assert_eq!(roots(&files, &["server/config.ts"]), ["server", "web"]);
        assert_eq!(roots(&files, &["web/a.ts"]), ["web"]);
        assert_eq!(roots(&files, &[".env"]), ["", "server", "web"]);
        for number in 0..MAX_NEIGHBOURS {
            files.add(&format!("more/{number}/package.json"), package("x", &[]));
        }
        files.add("linked/package.json", package("linked", &[("other", "file:../server")]));
        assert_eq!(roots(&files, &["server/config.ts"]), ["linked", "server"]);
    }

    #[test]
    fn without_a_package_a_marker_tells_the_app() {
        let files = Memory::new(&[
            ("site/index.html", ""),
            ("site/blog/index.html", ""),
            ("android/settings.gradle", ""),
            ("android/app/build.gradle.kts", ""),
            ("android/app/src/main/AndroidManifest.xml", ""),
            ("ios/App.xcodeproj/project.pbxproj", ""),
            ("ios/App/Info.plist", ""),
            ("flutter/pubspec.yaml", ""),
            ("flutter/android/build.gradle", ""),
            ("extension/manifest.json", "{\"manifest_version\": 3}"),
            ("extension/popup/index.html", ""),
            ("page/manifest.json", "{\"name\": \"x\"}"),
        ]);
        for (seed, root) in [
            ("site/blog/a.js", "site"),
            ("android/app/src/main/res/values/strings.xml", "android"),
            ("ios/App/Key.swift", "ios"),
            ("flutter/android/app.kt", "flutter"),
            ("extension/popup/popup.js", "extension"),
            ("page/a.js", ""),
            ("README.md", ""),
        ] {
            assert_eq!(roots(&files, &[seed]), [root], "{seed}");
        }
    }

    #[test]
    fn projects_of_nx_have_the_package_of_their_workspace() {
        let files = state(&[
            ("package.json", package("top", &[("next", "15")])),
            ("nx.json", "{}".to_owned()),
            ("apps/web/project.json", "{}".to_owned()),
            ("apps/web/app/page.tsx", String::new()),
        ]);
        let (found, _) = apps(&files, &["apps/web/app/page.tsx".to_owned()]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].root, "apps/web");
        assert_eq!(found[1].package.as_ref().unwrap().name, "top");
        assert_eq!(found[1].files, ["apps/web/app/page.tsx", "apps/web/project.json"]);
    }

    #[test]
    fn packages_in_build_output_are_no_apps() {
        let files = state(&[
            ("package.json", package("app", &[("nuxt", "4")])),
            (".output/server/package.json", package("nuxt-app", &[])),
            (".output/server/index.mjs", String::new()),
            ("dist/package.json", package("app", &[])),
        ]);
        let (found, _) = apps(&files, &["app.vue".to_owned()]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].files.len(), 4);
    }

    #[test]
    fn what_is_not_understood_is_told_once() {
        let files = state(&[
            ("package.json", "{\"name\": ".to_owned()),
            ("pnpm-workspace.yaml", "packages: [a".to_owned()),
            ("src/a.ts", String::new()),
        ]);
        let (found, notices) = apps(&files, &["src/a.ts".to_owned(), "b.ts".to_owned()]);
        assert_eq!(found.len(), 1);
        assert!(found[0].package.is_none());
        assert_eq!(notices.len(), 2);
    }

    #[test]
    fn too_many_sources_are_told_of() {
        let mut files = Memory::new(&[("package.json", "{\"name\": \"x\"}"), ("z.css", "")]);
        for number in 0..MAX_SOURCES + 2 {
            files.add(&format!("src/{number}.ts"), "");
        }
        let (found, notices) = apps(&files, &["src/1.ts".to_owned()]);
        assert_eq!(found[0].files.len(), MAX_SOURCES + 2);
        assert_eq!(notices[0].message, "only 20000 of 20002 sources of this app were looked at");
    }

    #[test]
    fn deep_and_odd_states_come_to_an_end() {
        let deep = format!("{}a.ts", "x/".repeat(10_000));
        let files = Memory::new(&[("package.json", "{\"name\": \"x\"}"), (&deep, "")]);
        apps(&files, std::slice::from_ref(&deep));
        assert_eq!(roots(&Memory::new(&[]), &["a/b.ts"]), [""]);
        assert!(apps(&files, &[]).0.is_empty());
        for deep in ["- ", "[", "a: [", "{a: "] {
            yaml_packages(&deep.repeat(100_000));
        }
    }

    #[test]
    fn packages_of_a_workspace_are_read_among_whatever_else_it_says() {
        let list = |text: &str| yaml_packages(text).map(|list| list.join(" "));
        let found = |text: &str| list(text).unwrap();
        assert_eq!(found("packages:\n  - \"apps/*\"\n  - docker # a & b\n"), "apps/* docker");
        let around = "catalog: &c\n  react: 1\ncatalogs:\n  a: *c\n  packages: [z]\nd: *c\n\
                      packages: [a, '!b', {x: y}, [z]]\ne: {packages: [z]}\n";
        assert_eq!(found(around), "a !b");
        assert_eq!(found("packages: {packages: z}\n"), "");
        assert_eq!(found(""), "");
        assert_eq!(list("packages: ["), None);
    }

    #[test]
    fn tests_are_told_by_folder_and_name() {
        for (path, expected) in [
            ("src/a.test.ts", true),
            ("src/a.spec.jsx", true),
            ("src/Button.stories.tsx", true),
            ("cypress/e2e/a.ts", true),
            ("src/__tests__/a.ts", true),
            ("tests/a.ts", true),
            ("src/pages/test/index.tsx", false),
            ("src/pages/__tests__/index.tsx", true),
            ("src/test.ts", false),
            ("src/latest/a.ts", false),
            ("test", false),
        ] {
            assert_eq!(is_test(path), expected, "{path}");
        }
        for (path, expected) in [
            ("a.ts", true),
            ("a/b.vue", true),
            ("d.ts", true),
            ("a.d.ts", false),
            ("a.d.mts", false),
            ("a.d.css.ts", false),
            ("d.x.ts", true),
            ("a.css", false),
            ("ts", false),
        ] {
            assert_eq!(is_source(path), expected, "{path}");
        }
    }
}
