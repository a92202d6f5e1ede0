//! Resolves imports to files as bundlers do, by the paths of the state alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::input::Files;
use crate::js::ir::ImportKind;
use crate::js::verbatim::{is_taken_whole, without_pipeline};
use crate::paths::{extension, folder, is_below, join, name, package_name, upwards};
use crate::project::aliases::{ANY, Alias, aliased, mapped};
use crate::project::conventions::MODULE_EXTENSIONS;
use crate::project::package::Package;
use crate::project::specifier::{is_asset, is_declaration, query_less, scheme};
use crate::project::tsconfig::TsConfigs;

/// The meaning of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved<'p> {
    /// One file, which need not be a module (`./terms.txt?raw`).
    File(&'p str),
    /// Any of several, in order: [`ImportKind::Glob`], and modules with a version for each
    /// platform.
    Files(Vec<&'p str>),
    /// Files that are taken verbatim: texts, style sheets, pictures.
    Assets(Vec<&'p str>),
    /// Not a module of the state: a package, a module of the system or of a framework, an address,
    /// a style sheet or picture that does not exist.
    External,
    /// A module that should be in the state, but is missing.
    Missing,
}

impl<'p> Resolved<'p> {
    /// The same files, taken verbatim.
    pub(super) fn into_assets(self) -> Self {
        match self {
            Self::File(path) => Self::Assets(vec![path]),
            // These have no versions for platforms.
            Self::Files(paths) | Self::Assets(paths) => Self::Assets(paths),
            Self::External | Self::Missing => self,
        }
    }

    /// The files that are meant.
    pub(crate) fn paths(&self) -> &[&'p str] {
        match self {
            Self::File(path) => std::slice::from_ref(path),
            Self::Files(paths) | Self::Assets(paths) => paths,
            Self::External | Self::Missing => &[],
        }
    }
}

/// The files, packages and configurations by which imports are resolved, the same for all apps of a
/// state.
pub(crate) struct Project<'p> {
    /// The files that can be meant, in order.
    pub(super) paths: &'p [String],
    /// The same, for lookup.
    pub(super) known: HashSet<&'p str, RandomState>,
    /// Each path of a module up to any dot of its name: most imports leave out the extension, and
    /// nearly all paths that are probed do not exist.
    pub(super) stems: HashSet<&'p str, RandomState>,
    /// The packages of the state by their folders.
    pub(super) packages: BTreeMap<String, Package>,
    /// Their folders by their names.
    pub(super) names: BTreeMap<String, String>,
    pub(super) configs: TsConfigs,
}

/// Resolves the imports of one app.
pub(crate) struct Resolver<'p> {
    pub(super) project: &'p Project<'p>,
    pub(super) aliases: Vec<Alias>,
    /// The app's folder and the one whose files it serves at the root of its address, if that is not
    /// a usual one.
    pub(super) served: Option<(String, String)>,
    /// The app's folder, and files by the paths of those that the build puts in their places.
    replaced: Option<(String, HashMap<String, String, RandomState>)>,
}

/// Folders around a module that are searched for its package.
pub(super) const MAX_DEPTH: usize = 64;

impl<'p> Project<'p> {
    /// Reads the packages and configurations among `paths`, which are sorted.
    pub(crate) fn new(files: &dyn Files, paths: &'p [String]) -> Self {
        let mut packages = BTreeMap::new();
        let mut names = BTreeMap::new();
        for path in paths.iter().filter(|path| name(path) == "package.json") {
            let bytes = files.read(path).ok().flatten().unwrap_or_default();
            // Broken ones were reported when the apps were looked for.
            if let Ok(package) = Package::parse(&String::from_utf8_lossy(&bytes)) {
                let root = folder(path).to_owned();
                if !package.name.is_empty() {
                    names.entry(package.name.clone()).or_insert_with(|| root.clone());
                }
                packages.insert(root, package);
            }
        }
        let configs = TsConfigs::new(files, paths, &names);
        let known = paths.iter().map(String::as_str).collect();
        let modules = paths.iter().filter(|path| MODULE_EXTENSIONS.contains(&extension(path)));
        let stems = modules.flat_map(|path| {
            let name = path.len() - name(path).len();
            path[name..].match_indices('.').map(move |(dot, _)| &path[..name + dot])
        });
        Self { paths, known, stems: stems.collect(), packages, names, configs }
    }
}

impl<'p> Resolver<'p> {
    /// A resolver for an app. Of aliases for the same name, the first that leads to a file counts.
    pub(crate) fn new(project: &'p Project<'p>, aliases: Vec<Alias>) -> Self {
        Self { project, aliases, served: None, replaced: None }
    }

    /// The same resolver for an app in `root` whose build puts files in the places of others.
    pub(crate) fn replacing(self, root: &str, files: Vec<(String, String)>) -> Self {
        let replaced = (!files.is_empty()).then(|| (root.to_owned(), files.into_iter().collect()));
        Self { replaced, ..self }
    }

    /// The same resolver for an app in `root` that serves the files of `folder`.
    pub(crate) fn serving(self, root: &str, folder: String) -> Self {
        Self { served: Some((root.to_owned(), folder)), ..self }
    }

    /// True if the app resolves imports of this module in its own way.
    pub(crate) fn has_aliases(&self, from: &str) -> bool {
        let mut roots = self.aliases.iter().map(|alias| &alias.root);
        roots.any(|root| is_below(from, root))
            || self.served.as_ref().is_some_and(|(root, _)| is_below(from, root))
            || self.replaced.as_ref().is_some_and(|(root, _)| is_below(from, root))
    }

    /// True if a module keeps imports of which it uses nothing: see
    /// [`Erased::Unused`](crate::js::ir::Erased::Unused).
    pub(crate) fn keeps_unused_imports(&self, file: &str) -> bool {
        self.project.configs.around(file).next().is_some_and(|config| config.keeps_unused)
    }

    /// Resolves `specifier` in the module `from`.
    pub(crate) fn resolve(&self, from: &str, specifier: &str, kind: ImportKind) -> Resolved<'p> {
        match kind {
            ImportKind::InlineScript(_) => {
                self.known_file(from).map_or(Resolved::Missing, Resolved::File)
            }
            ImportKind::Glob => self.resolve_glob(from, specifier),
            ImportKind::Static | ImportKind::Dynamic | ImportKind::Require => {
                let found = self.in_its_place(from, self.resolve_module(from, specifier));
                if is_taken_whole(specifier) { found.into_assets() } else { found }
            }
            ImportKind::Worker | ImportKind::Script => self.resolve_address(from, specifier),
            ImportKind::Asset => self.resolve_asset(from, specifier),
            ImportKind::Style => self.resolve_style(from, specifier),
        }
    }

    /// The file that the build puts in the place of the one that an import means.
    fn in_its_place(&self, from: &str, found: Resolved<'p>) -> Resolved<'p> {
        let (Some((root, files)), Resolved::File(path)) = (&self.replaced, &found) else {
            return found;
        };
        let other = files.get(*path).filter(|other| is_below(from, root) && *other != from);
        if other.is_some_and(String::is_empty) {
            return Resolved::External;
        }
        match other.and_then(|other| self.known_file(other)) {
            Some(other) => Resolved::File(other),
            None => found,
        }
    }

    pub(super) fn resolve_module(&self, from: &str, specifier: &str) -> Resolved<'p> {
        // `loader!./file` of webpack.
        let specifier = specifier.rsplit('!').next().unwrap_or(specifier);
        let specifier = without_pipeline(specifier);
        let path = query_less(specifier);
        if path.is_empty() || scheme(path).is_some() {
            return Resolved::External;
        }
        let is_relative =
            path == "." || path == ".." || path.starts_with("./") || path.starts_with("../");
        if is_relative {
            let Some(joined) = join(folder(from), path) else { return Resolved::External };
            let is_folder = matches!(name(path), "" | "." | "..");
            let found = if is_folder { self.probe_folder(&joined) } else { self.probe(&joined) };
            return found.or_else(|| self.source_of(&joined)).unwrap_or_else(|| {
                if self.is_declared(&joined) { Resolved::External } else { missing(path) }
            });
        }
        if let Some(absolute) = path.strip_prefix('/') {
            return self.served_file(from, absolute).unwrap_or_else(|| missing(path));
        }
        self.resolve_name(from, path)
    }

    /// Resolves a name that is not a path: an alias, or a package.
    pub(super) fn resolve_name(&self, from: &str, path: &str) -> Resolved<'p> {
        if path.starts_with('#')
            && let Some(found) = self.package_import(from, path)
        {
            return found;
        }
        // No package can have such a name: it is an unknown alias.
        let mut is_missing = path.starts_with("@/") || path.starts_with("~/");
        for (alias, target) in aliased(&self.aliases, from, path) {
            if let Some(found) = self.probe(&target) {
                return found;
            }
            is_missing |= alias.name != ANY;
        }
        for config in self.project.configs.around(from) {
            for (target, is_certain) in mapped(&config.paths, path) {
                if let Some(found) = self.probe(&target) {
                    return found;
                }
                is_missing |= is_certain && !target.split('/').any(|part| part == "node_modules");
            }
            let based = config.base.as_deref().and_then(|base| join(base, path));
            if let Some(found) = based.and_then(|path| self.probe(&path)) {
                return found;
            }
        }
        let (package, rest) = package_name(path);
        if let Some(root) = self.project.names.get(package) {
            return self.package_export(root, rest).unwrap_or_else(|| missing(path));
        }
        let own = self.package_root(from).and_then(|root| self.project.packages.get(root));
        let is_foreign = own.is_some_and(|own| own.depends_on(package));
        if is_missing && !is_foreign { missing(path) } else { Resolved::External }
    }

    /// The folder of the package around a module.
    pub(super) fn package_root<'f>(&self, from: &'f str) -> Option<&'f str> {
        let mut around = upwards(folder(from)).take(MAX_DEPTH);
        around.find(|folder| self.project.packages.contains_key(*folder))
    }

    /// True if there are only the types of a module: code in another language, or generated.
    fn is_declared(&self, path: &str) -> bool {
        let stem = path.strip_suffix(".d").unwrap_or(path);
        let stem = MODULE_EXTENSIONS
            .iter()
            .find_map(|it| stem.strip_suffix(it)?.strip_suffix('.'))
            .unwrap_or(stem);
        ["d.ts", "d.mts", "d.cts"]
            .iter()
            .any(|extension| self.known_file(&format!("{stem}.{extension}")).is_some())
    }

    /// The source of a file of a package's output that is not built: `../other/dist/x`.
    fn source_of(&self, path: &str) -> Option<Resolved<'p>> {
        let root = self.package_root(path)?;
        let inside = path.strip_prefix(root)?;
        self.package_target(root, inside.trim_start_matches('/'))
    }

    /// The file or folder that is missing if an import leads nowhere: the outermost folder on the way
    /// that does not exist. Of an alias, its name.
    pub(crate) fn missing_place(&self, from: &str, specifier: &str) -> String {
        let path = query_less(specifier);
        let place = if path.starts_with('.') {
            join(folder(from), path)
        } else {
            let (package, rest) = package_name(path);
            self.project.names.get(package).and_then(|root| join(root, rest))
        };
        let Some(place) = place else {
            return path.split('/').next().unwrap_or(path).to_owned();
        };
        let exists = |folder: &str| {
            let inside = format!("{folder}/");
            let first = self.project.paths.partition_point(|path| **path < *inside);
            self.project.paths.get(first).is_some_and(|path| path.starts_with(&inside))
        };
        let mut folders = place.match_indices('/').map(|(end, _)| &place[..end]);
        folders.find(|folder| !exists(folder)).unwrap_or(&place).to_owned()
    }

    pub(super) fn known_file(&self, path: &str) -> Option<&'p str> {
        self.project.known.get(path).copied()
    }
}

/// The meaning of an import for which no file exists.
pub(super) fn missing(path: &str) -> Resolved<'static> {
    // `./$types` is what SvelteKit generates for types alone, `./+types/page` what React Router does.
    let is_generated = name(path) == "$types"
        || name(path) == "$types.js"
        || path.split('/').any(|part| part == "+types");
    if is_asset(path) || is_declaration(path) || is_generated || path.ends_with(".wasm") {
        Resolved::External
    } else {
        Resolved::Missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::testing::{alias, check};
    use crate::testing::memory::Memory;

    #[test]
    fn relative_paths_are_probed_as_bundlers_do() {
        let files = [
            ("a.ts", ""),
            ("src/b.tsx", ""),
            ("src/b.css", ""),
            ("src/c/index.js", ""),
            ("src/d.ts", ""),
            ("src/d/index.ts", ""),
            ("src/index.ts", ""),
            ("src/e.vue", ""),
            ("src/f.mts", ""),
            ("src/g.svelte.ts", ""),
            ("src/h.json", ""),
            ("src/i.ios.ts", ""),
            ("src/i.android.ts", ""),
            ("src/j.web.tsx", ""),
            ("src/k.ts", ""),
            ("src/k.native.ts", ""),
            ("src/l/package.json", "{\"main\": \"./real\"}"),
            ("src/l/real.js", ""),
            ("src/m.d.ts", ""),
            ("src/n.txt", ""),
            ("src/o.test.ts", ""),
            ("src/p.js", ""),
            ("src/p.ts", ""),
        ];
        check(
            &files,
            &[],
            &[
                ("src/x.ts", "../a", "a.ts"),
                ("src/x.ts", "./b", "src/b.tsx"),
                ("src/x.ts", "./b.js", "src/b.tsx"),
                ("src/x.ts", "./b.jsx", "src/b.tsx"),
                ("src/x.ts", "./b.css", "text of src/b.css"),
                ("src/x.ts", "./nothing.svg", "external"),
                ("src/x.ts", "./nothing.svg?react", "external"),
                ("src/x.ts", "./c", "src/c/index.js"),
                ("src/x.ts", "./c/", "src/c/index.js"),
                ("src/x.ts", "./d", "src/d.ts"),
                ("src/x.ts", "./d/", "src/d/index.ts"),
                ("src/x.ts", ".", "src/index.ts"),
                ("src/x.ts", "./", "src/index.ts"),
                ("src/c/x.ts", "..", "src/index.ts"),
                ("src/x.ts", "./e.vue", "src/e.vue"),
                ("src/x.ts", "./e.vue?vue&type=script", "src/e.vue"),
                ("src/x.ts", "./f.mjs", "src/f.mts"),
                ("src/x.ts", "./g.svelte", "src/g.svelte.ts"),
                ("src/x.ts", "./g.svelte.js", "src/g.svelte.ts"),
                ("src/x.ts", "./h", "src/h.json"),
                ("src/x.ts", "./i", "src/i.android.ts+src/i.ios.ts"),
                ("src/x.ts", "./j", "src/j.web.tsx"),
                ("src/x.ts", "./k", "src/k.native.ts+src/k.ts"),
                ("src/x.ts", "./l", "src/l/real.js"),
                ("src/x.ts", "./m", "external"),
                ("src/x.ts", "./n.txt?raw", "text of src/n.txt"),
                ("src/x.ts", "./n.txt", "text of src/n.txt"),
                ("src/x.ts", "./d.ts?raw", "text of src/d.ts"),
                ("src/x.ts", "./o", "missing"),
                ("src/x.ts", "./p.js", "src/p.js"),
                ("src/x.ts", "./p", "src/p.ts"),
                ("src/x.ts", "./d?worker", "src/d.ts"),
                ("src/x.ts", "./d#part", "src/d.ts"),
                ("src/x.ts", "!!raw-loader!./d.ts", "text of src/d.ts"),
                ("src/x.ts", "worker-loader!./d.ts", "src/d.ts"),
                ("src/x.ts", "./nothing", "missing"),
                ("src/x.ts", "./$types", "external"),
                ("src/x.ts", "../../../../etc/passwd", "external"),
                ("src/x.ts", "react", "external"),
                ("src/x.ts", "node:fs", "external"),
                ("src/x.ts", "url:./n.txt", "text of src/n.txt"),
                ("src/x.ts", "bundle-text:./b.css", "text of src/b.css"),
                ("src/x.ts", "https://esm.sh/react", "external"),
                ("src/x.ts", "virtual:pwa-register", "external"),
                ("src/x.ts", "astro:env/client", "external"),
                ("src/x.ts", "$env/static/private", "external"),
                ("src/x.ts", "@/b", "missing"),
                ("src/x.ts", "", "external"),
                ("src/x.ts", "?", "external"),
                ("src/x.ts", "#", "external"),
            ],
        );
    }

    #[test]
    fn unused_imports_stay_if_the_nearest_configuration_says_so() {
        let files = Memory::new(&[
            ("tsconfig.json", r#"{"compilerOptions": {"verbatimModuleSyntax": true}}"#),
            ("a/tsconfig.json", "{}"),
        ]);
        let paths = files.below("");
        let project = Project::new(&files, &paths);
        let resolver = Resolver::new(&project, Vec::new());
        assert!(resolver.keeps_unused_imports("b/x.ts"));
        assert!(!resolver.keeps_unused_imports("a/x.ts"));
    }

    #[test]
    fn hostile_states_terminate() {
        let deep = format!("{}a", "x/".repeat(10_000));
        let up = "../".repeat(10_000);
        let nested = format!("{}{}{}", r#"{"import":"#.repeat(400), r#""./a.js""#, "}".repeat(400));
        let wide = vec![r#""./*/*/*""#; 5_000].join(",");
        let package = format!(
            r##"{{"name": "p", "exports": {{".": {nested}, "./*": [{wide}]}}, "imports": {{"#*": "#*"}}}}"##
        );
        let files = Memory::new(&[("p/package.json", package.as_str()), (&deep, ""), ("é.ts", "")]);
        let paths = files.below("");
        let project = Project::new(&files, &paths);
        let resolver = Resolver::new(&project, vec![alias("", "", ""), alias("", "*", "**")]);
        let long = format!("p/{}", "y".repeat(100_000));
        for specifier in
            ["./a", "/a", "p", &long, "#x", "é", "./é", "é#é?é", "@", "@/", "*", &up, &deep, "..a"]
        {
            for from in [deep.as_str(), "p/x.ts", "é.ts", ""] {
                for kind in [
                    ImportKind::Static,
                    ImportKind::Glob,
                    ImportKind::Worker,
                    ImportKind::Script,
                    ImportKind::InlineScript(0),
                ] {
                    resolver.resolve(from, specifier, kind);
                }
            }
        }
    }
}
