//! Finds the folders of a state that are apps to analyse, and the files of each.

use std::collections::{BTreeMap, BTreeSet};

use crate::input::Files;
use crate::notice::AnalysisNotice;
use crate::paths::{folder, is_below, join_name, name, upwards};
use crate::project::conventions::{AppMarkers, is_native_setting, is_source};
use crate::project::markers::MarkerFolders;
use crate::project::package::Package;
use crate::project::package_map::{MAX_DEPTH, PackageMap};

/// An app, or a package that an app is made of.
#[derive(Debug, Clone)]
pub(crate) struct AppFolder {
    /// Its folder, relative to the root of the state; `""` is the root.
    pub root: String,
    /// Its package.json; for an app of an Nx workspace without one, that of the workspace.
    pub package: Option<Package>,
    /// Its files in order, without those of other packages in it, and without `node_modules`.
    pub files: Vec<String>,
}

/// Sources of one app; further ones are left out.
const MAX_SOURCES: usize = 20_000;

/// Packages without a workspace that may still belong together; if there are more, none does.
const MAX_NEIGHBOURS: usize = 24;

/// The apps that hold `seeds` or can ship what is in them, by root, and what could not be read.
pub(crate) fn apps(
    files: &dyn Files,
    seeds: &[String],
    markers: &AppMarkers,
) -> (Vec<AppFolder>, Vec<AnalysisNotice>) {
    let mut packages = PackageMap::new(files, markers);
    let homes: BTreeSet<&str> = seeds.iter().map(|seed| folder(seed)).collect();
    for home in &homes {
        packages.read_upwards(home);
    }
    packages.apps(&homes)
}

/// The same for changed files: a file that nothing marks as part of an app belongs to none, which
/// is cheap to find out.
pub(crate) fn apps_of_changed(
    files: &dyn Files,
    changed: &[String],
    markers: &AppMarkers,
) -> (Vec<AppFolder>, Vec<AnalysisNotice>) {
    let mut packages = PackageMap::new(files, markers);
    let mut homes = BTreeSet::new();
    let mut others = Vec::new();
    for path in changed {
        let home = folder(path);
        packages.read_upwards(home);
        if !packages.around(home).is_empty() {
            homes.insert(home);
        } else if is_source(path) || is_native_setting(path, markers) {
            others.push(path);
        }
    }
    if !others.is_empty() {
        let paths = files.below("");
        let marked = MarkerFolders::new(&paths, markers, |path| packages.is_extension(path));
        let is_page = |path: &str| matches!(name(path).rsplit('.').next(), Some("html" | "htm"));
        others.retain(|path| is_page(path) || marked.nearest(folder(path)).is_some());
        homes.extend(others.into_iter().map(|path| folder(path)));
    }
    if homes.is_empty() { (Vec::new(), packages.notices) } else { packages.apps(&homes) }
}

impl PackageMap<'_> {
    /// True for a package that has a client of its own.
    fn has_client(&self, package: &Package) -> bool {
        self.markers.packages.iter().any(|client| package.depends_on(client))
    }

    /// The apps related to the folders `homes`, and what could not be read. The folders around
    /// these have been read already.
    fn apps(mut self, homes: &BTreeSet<&str>) -> (Vec<AppFolder>, Vec<AnalysisNotice>) {
        let (paths, tops) = self.list_files(homes);
        self.read_packages(&paths);
        let wanted = self.wanted_roots(homes, &tops, &paths);
        let found = self.app_folders(wanted, &paths);
        self.notices.sort();
        self.notices.dedup();
        (found, self.notices)
    }

    /// The files that may matter, in order, and the folders that were listed for that; no folder is
    /// listed twice.
    fn list_files(&self, homes: &BTreeSet<&str>) -> (Vec<String>, Vec<String>) {
        let tops: BTreeSet<&str> = homes.iter().map(|home| self.search_root(home)).collect();
        let is_outermost = |top: &&&str| !upwards(top).skip(1).any(|outer| tops.contains(outer));
        let tops: Vec<String> =
            tops.iter().filter(is_outermost).map(|top| (*top).to_owned()).collect();
        let mut paths: Vec<String> = tops.iter().flat_map(|top| self.files.below(top)).collect();
        paths.retain(|path| !is_foreign(path));
        paths.sort_unstable();
        paths.dedup();
        (paths, tops)
    }

    /// The folder below which everything related to a folder is. A package with a client of its own
    /// is independent; any other may be used from anywhere.
    fn search_root<'h>(&self, home: &'h str) -> &'h str {
        let around = self.around(home);
        let (Some(nearest), Some(outermost)) = (around.first(), around.last()) else { return "" };
        let stands_alone =
            around.len() == 1 && self.package_of(nearest).is_some_and(|it| self.has_client(it));
        if stands_alone || around.len() > 1 { outermost } else { "" }
    }

    /// The roots of all that has to be analysed.
    fn wanted_roots(
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
            // All folders of one package have the same packages around them.
            if around.first().is_some_and(|nearest| !known.insert(*nearest)) {
                continue;
            }
            let Some(nearest) = around.first() else {
                let marked = marked.get_or_insert_with(|| {
                    MarkerFolders::new(paths, self.markers, |path| self.is_extension(path))
                });
                wanted.insert(marked.root(home).to_owned());
                wanted.extend(self.neighbours(tops, home));
                continue;
            };
            wanted.extend(around.iter().map(|root| (*root).to_owned()));
            let mut members = Vec::new();
            for root in &around {
                if !workspaces.contains_key(*root) {
                    let found = self.workspace_members(root);
                    workspaces.insert((*root).to_owned(), found);
                }
                let own = workspaces.get(*root).into_iter().flatten();
                members.extend(own.cloned());
            }
            let has_client = self.package_of(nearest).is_some_and(|it| self.has_client(it));
            if !has_client && members.is_empty() {
                wanted.extend(self.neighbours(tops, home));
            } else if !has_client {
                wanted.extend(members);
            }
        }
        self.add_related(&mut wanted);
        wanted
    }

    /// True if a `manifest.json` belongs to a browser extension, not to a page.
    fn is_extension(&self, path: &str) -> bool {
        let bytes = self.files.read(path).ok().flatten().unwrap_or_default();
        bytes.windows(MANIFEST.len()).any(|window| window == MANIFEST)
    }

    /// The packages listed together with a folder that has no workspace, if they are few.
    fn neighbours(&self, tops: &[String], home: &str) -> Vec<String> {
        let top = tops.iter().find(|top| is_below(home, top) || home == top.as_str());
        let Some(top) = top else { return Vec::new() };
        let near = self.packages().map(|(root, _)| root).filter(|root| is_below(root, top));
        let near: Vec<String> = near.map(str::to_owned).collect();
        if near.len() > MAX_NEIGHBOURS { Vec::new() } else { near }
    }

    /// The apps with their files.
    fn app_folders(&mut self, mut wanted: BTreeSet<String>, paths: &[String]) -> Vec<AppFolder> {
        let projects = self.nx_projects(&wanted, paths);
        wanted.extend(projects.keys().cloned());
        let mut owners: Vec<Option<usize>> = vec![None; paths.len()];
        let packages = self.folders.keys().filter(|root| self.is_package(root));
        let mut roots: BTreeSet<&str> = packages.map(String::as_str).collect();
        roots.extend(wanted.iter().map(String::as_str));
        // Outer folders come before those in them, which then take their files.
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
                let inherited = || self.package_of(projects.get(root)?);
                let package = self.package_of(root).or_else(inherited).cloned();
                found.push(AppFolder { root: root.to_owned(), package, files });
            }
        }
        for app in &mut found {
            self.limit_sources(app);
        }
        found
    }

    /// Folders with an Nx project and no package.json, and the package to analyse around each.
    fn nx_projects(&self, wanted: &BTreeSet<String>, paths: &[String]) -> BTreeMap<String, String> {
        let mut projects = BTreeMap::new();
        for path in paths.iter().filter(|path| name(path) == "project.json") {
            let root = folder(path);
            let outer = upwards(root).take(MAX_DEPTH).find(|folder| self.is_package(folder));
            if let Some(outer) = outer
                && outer != root
                && wanted.contains(outer)
                && paths.binary_search(&join_name(outer, "nx.json")).is_ok()
            {
                projects.insert(root.to_owned(), outer.to_owned());
            }
        }
        projects
    }

    /// Leaves out sources beyond the limit.
    fn limit_sources(&mut self, app: &mut AppFolder) {
        let mut count = 0;
        app.files.retain(|path| {
            count += usize::from(is_source(path));
            count <= MAX_SOURCES || !is_source(path)
        });
        if count > MAX_SOURCES {
            let message =
                format!("only {MAX_SOURCES} of {count} sources of this app were analysed");
            self.report(if app.root.is_empty() { "." } else { &app.root }, message);
        }
    }
}

/// True if a path belongs to no app of the state: to an installed package, or to git.
fn is_foreign(path: &str) -> bool {
    folder(path).split('/').any(|part| matches!(part, "node_modules" | ".git"))
}

const MANIFEST: &[u8] = b"\"manifest_version\"";

/// The range of the sorted paths that are in a folder.
fn stretch(paths: &[String], folder: &str) -> std::ops::Range<usize> {
    if folder.is_empty() {
        return 0..paths.len();
    }
    let prefix = format!("{folder}/");
    let start = paths.partition_point(|path| *path < prefix);
    let length = paths[start..].partition_point(|path| path.starts_with(&prefix));
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks;
    use crate::testing::memory::Memory;

    fn markers() -> &'static AppMarkers {
        &frameworks::tables().apps
    }

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
        apps(files, &seeds, markers()).0.into_iter().map(|app| app.root).collect()
    }

    #[test]
    fn a_seed_belongs_to_all_packages_around_it() {
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
        let (found, notices) = apps(&files, &["server/esm/a.js".to_owned()], markers());
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
            // An app brings the packages it is made of.
            assert_eq!(
                roots(&files, &["apps/web/page.tsx"]),
                ["", "apps/web", "packages/shared", "packages/ui"],
                "{path}"
            );
            assert_eq!(roots(&files, &["apps/other/page.tsx"]), ["", "apps/other"], "{path}");
        }
    }

    #[test]
    fn few_packages_without_a_workspace_go_together() {
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
    fn without_a_package_a_marker_decides_the_app() {
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
        let (found, _) = apps(&files, &["apps/web/app/page.tsx".to_owned()], markers());
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
        let (found, _) = apps(&files, &["app.vue".to_owned()], markers());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].files.len(), 4);
    }

    #[test]
    fn broken_files_are_reported_once() {
        let files = state(&[
            ("package.json", "{\"name\": ".to_owned()),
            ("pnpm-workspace.yaml", "packages: [a".to_owned()),
            ("src/a.ts", String::new()),
        ]);
        let (found, notices) = apps(&files, &["src/a.ts".to_owned(), "b.ts".to_owned()], markers());
        assert_eq!(found.len(), 1);
        assert!(found[0].package.is_none());
        assert_eq!(notices.len(), 2);
    }

    #[test]
    fn too_many_sources_are_reported() {
        let mut files = Memory::new(&[("package.json", "{\"name\": \"x\"}"), ("z.css", "")]);
        for number in 0..MAX_SOURCES + 2 {
            files.add(&format!("src/{number}.ts"), "");
        }
        let (found, notices) = apps(&files, &["src/1.ts".to_owned()], markers());
        assert_eq!(found[0].files.len(), MAX_SOURCES + 2);
        assert_eq!(notices[0].message, "only 20000 of 20002 sources of this app were analysed");
    }

    #[test]
    fn deep_and_odd_states_terminate() {
        let deep = format!("{}a.ts", "x/".repeat(10_000));
        let files = Memory::new(&[("package.json", "{\"name\": \"x\"}"), (&deep, "")]);
        apps(&files, std::slice::from_ref(&deep), markers());
        assert_eq!(roots(&Memory::new(&[]), &["a/b.ts"]), [""]);
        assert!(apps(&files, &[], markers()).0.is_empty());
    }
}
