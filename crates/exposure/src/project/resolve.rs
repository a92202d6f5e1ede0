//! Which file an import means, as bundlers see it. All is told from the paths of the state.

use std::collections::{BTreeMap, HashSet};

use foldhash::fast::RandomState;
use serde_json::Value;

use crate::input::Files;
use crate::js::ir::ImportKind;
use crate::js::style::is_style;
use crate::js::verbatim::is_taken_whole;
use crate::paths::{PathPattern, folder, is_below, join, name, package_name, upwards};
use crate::project::conventions::is_source;
use crate::project::package::Package;
use crate::project::tsconfig::Configs;

/// What an import means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved<'p> {
    /// One file, maybe one that is no module (`./terms.txt?raw`).
    File(&'p str),
    /// Any of several, in order: [`ImportKind::Glob`], and what has a version for each platform.
    Files(Vec<&'p str>),
    /// Files that are taken as they are: texts, style sheets, pictures.
    Assets(Vec<&'p str>),
    /// Something that is no module of the state: a package, a module of the system or of a
    /// framework, an address, a style sheet or a picture that is not there.
    External,
    /// A module that should be in the state, but is not.
    Missing,
}

impl<'p> Resolved<'p> {
    /// The same files, taken as they are.
    fn into_assets(self) -> Self {
        match self {
            Self::File(path) => Self::Assets(vec![path]),
            // What has a version for each platform is none of these.
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

/// The name of an alias that holds for every name, which may be that of a package as well.
pub(crate) const ANY: &str = "*";

/// A name that a framework or bundler puts in front of imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias {
    /// The modules for which it holds: those below this folder.
    pub root: String,
    /// What is written: `@` stands for `@` and for all of `@/…`. With one `*`, it is a pattern.
    pub name: String,
    /// Whether it stands for the name alone.
    pub is_exact: bool,
    /// The path where it leads, relative to the top of the state, never the name of a package; a
    /// `*` is what the pattern's was.
    pub target: String,
}

/// What imports are told from, the same for all apps of a state: its files, its packages and its
/// configurations.
pub(crate) struct Project<'p> {
    /// The files that can be meant, in order.
    paths: &'p [String],
    /// The same, to look one up.
    known: HashSet<&'p str, RandomState>,
    /// Each of them that can be a module, up to any dot of its name: most imports leave out the
    /// ending, and nearly all that is probed is not there.
    stems: HashSet<&'p str, RandomState>,
    /// The packages of the state by their folders.
    packages: BTreeMap<String, Package>,
    /// Their folders by their names.
    names: BTreeMap<String, String>,
    configs: Configs,
}

/// Tells which file an import means.
pub(crate) struct Resolver<'p> {
    project: &'p Project<'p>,
    aliases: Vec<Alias>,
}

/// A folder deeper than this is not searched for the package round it.
const MAX_DEPTH: usize = 64;

/// Conditions within conditions are followed so far.
const MAX_NESTING: usize = 16;

/// Of more targets than these for one import, the others are left out.
const MAX_TARGETS: usize = 64;

/// Of more modules than these for one pattern, the others are left out.
const MAX_MATCHES: usize = 2000;

/// Endings of modules that are left out in imports, in the order in which they are tried.
const ENDINGS: [&str; 12] =
    ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue", "svelte", "astro", "json"];

/// What stands in front of the ending of a module that is for one platform.
const PLATFORMS: [&str; 4] = ["web", "native", "ios", "android"];

/// What an import with the ending of JavaScript can mean in TypeScript.
const WRITTEN_FOR: [(&str, &[&str]); 4] =
    [("js", &["ts", "tsx"]), ("jsx", &["tsx", "ts"]), ("mjs", &["mts"]), ("cjs", &["cts"])];

/// Endings of files that are no modules, though they are imported.
const ASSETS: [&str; 43] = [
    "aac", "avif", "bmp", "css", "cur", "eot", "flac", "gif", "glb", "glsl", "gltf", "graphql",
    "gql", "icns", "ico", "jpeg", "jpg", "jxl", "less", "m4a", "md", "mdx", "mov", "mp3", "mp4",
    "ogg", "opus", "otf", "pcss", "pdf", "png", "postcss", "sass", "scss", "styl", "stylus", "svg",
    "ttf", "wav", "webm", "webp", "woff", "woff2",
];

/// Where files lie that are served from the root of an app's address.
const SERVED: [&str; 3] = ["", "public", "static"];

/// Conditions of `exports` and `imports`, the most telling first: sources before what is built of
/// them, and what is for browsers before what is for servers.
const CONDITIONS: [&str; 15] = [
    "source",
    "development",
    "svelte",
    "browser",
    "worker",
    "react-native",
    "import",
    "module",
    "module-sync",
    "default",
    "require",
    "production",
    "node",
    "bun",
    "deno",
];

/// Folders of what is built, in whose place sources are looked for.
const BUILT: [&str; 10] =
    ["dist", "lib", "build", "out", "es", "esm", "cjs", "module", "output", "release"];

impl<'p> Project<'p> {
    /// Reads the packages and configurations among `paths`, which are in order.
    pub(crate) fn new(files: &dyn Files, paths: &'p [String]) -> Self {
        let mut packages = BTreeMap::new();
        let mut names = BTreeMap::new();
        for path in paths.iter().filter(|path| name(path) == "package.json") {
            let bytes = files.read(path).ok().flatten().unwrap_or_default();
            // What is wrong with it was told when the apps were looked for.
            if let Ok(package) = Package::parse(&String::from_utf8_lossy(&bytes)) {
                let root = folder(path).to_owned();
                if !package.name.is_empty() {
                    names.entry(package.name.clone()).or_insert_with(|| root.clone());
                }
                packages.insert(root, package);
            }
        }
        let configs = Configs::new(files, paths, &names);
        let known = paths.iter().map(String::as_str).collect();
        let modules = paths.iter().filter(|path| ENDINGS.contains(&ending(path)));
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
        Self { project, aliases }
    }

    /// Whether the app has names of its own for imports of this module.
    pub(crate) fn has_aliases(&self, from: &str) -> bool {
        self.aliases.iter().any(|alias| is_below(from, &alias.root))
    }

    /// Whether a module keeps imports of which it uses nothing: see
    /// [`Erased::Unused`](crate::js::ir::Erased::Unused).
    pub(crate) fn keeps_unused_imports(&self, file: &str) -> bool {
        self.project.configs.around(file).next().is_some_and(|config| config.keeps_unused)
    }

    /// Which file the module `from` means by `specifier`.
    pub(crate) fn resolve(&self, from: &str, specifier: &str, kind: ImportKind) -> Resolved<'p> {
        match kind {
            ImportKind::InlineScript(_) => {
                self.found(from).map_or(Resolved::Missing, Resolved::File)
            }
            ImportKind::Glob => self.glob(from, specifier),
            ImportKind::Static | ImportKind::Dynamic | ImportKind::Require => {
                let found = self.module(from, specifier);
                if is_taken_whole(specifier) { found.into_assets() } else { found }
            }
            ImportKind::Worker | ImportKind::Script => self.address(from, specifier),
            ImportKind::Asset => self.asset(from, specifier),
            ImportKind::Style => self.style(from, specifier),
        }
    }

    /// What an address means of which nothing more is known: a file, if it is there.
    fn asset(&self, from: &str, specifier: &str) -> Resolved<'p> {
        let beside = join(folder(from), query_less(specifier));
        let found = beside.filter(|_| scheme(specifier).is_none() && !specifier.starts_with('/'));
        let found = found.and_then(|path| self.found(&path));
        found.map_or(Resolved::External, |path| Resolved::Assets(vec![path]))
    }

    /// The style sheet that a page or another style sheet names.
    fn style(&self, from: &str, specifier: &str) -> Resolved<'p> {
        let only_styles = |found: Resolved<'p>| match found {
            Resolved::Assets(_) => found,
            _ => Resolved::External,
        };
        if !is_style(from) {
            return only_styles(self.address(from, specifier));
        }
        // Those of preprocessors may leave out the ending, and what marks a part.
        let ending = ending(from);
        let beside = join(folder(from), query_less(specifier).trim_start_matches('~'));
        let part = |path: &str| {
            let part = format!("_{}.{ending}", name(path));
            if folder(path).is_empty() { part } else { format!("{}/{part}", folder(path)) }
        };
        let found = beside.filter(|_| scheme(specifier).is_none()).and_then(|path| {
            self.found(&path)
                .filter(|path| is_style(path))
                .or_else(|| self.found(&format!("{path}.{ending}")))
                .or_else(|| self.found(&part(&path)))
                .or_else(|| self.found(&format!("{path}/_index.{ending}")))
        });
        match found {
            Some(path) => Resolved::Assets(vec![path]),
            None => only_styles(self.module(from, specifier)),
        }
    }

    /// What the address of a script means.
    fn address(&self, from: &str, specifier: &str) -> Resolved<'p> {
        let specifier = specifier.strip_prefix("%PUBLIC_URL%").unwrap_or(specifier).trim();
        let has_hole = specifier.contains(['{', '}', '<', '>', '%', '$']);
        if has_hole || specifier.starts_with("//") || scheme(specifier).is_some() {
            return Resolved::External;
        }
        let query = query_less(specifier);
        if query.starts_with(['/', '.', '@', '~', '#']) {
            return self.module(from, specifier);
        }
        // An address without dots begins beside the page, or where the page is served.
        let beside = join(folder(from), query).and_then(|path| self.probe(&path));
        beside.or_else(|| self.served(from, query)).unwrap_or_else(|| missing(query))
    }

    fn module(&self, from: &str, specifier: &str) -> Resolved<'p> {
        // `loader!./file` of webpack.
        let specifier = specifier.rsplit('!').next().unwrap_or(specifier);
        let path = query_less(specifier);
        if path.is_empty() || scheme(path).is_some() {
            return Resolved::External;
        }
        let is_relative =
            path == "." || path == ".." || path.starts_with("./") || path.starts_with("../");
        if is_relative {
            let Some(joined) = join(folder(from), path) else { return Resolved::External };
            let is_folder = matches!(name(path), "" | "." | "..");
            let found = if is_folder { self.folder(&joined) } else { self.probe(&joined) };
            return found.unwrap_or_else(|| missing(path));
        }
        if let Some(absolute) = path.strip_prefix('/') {
            return self.served(from, absolute).unwrap_or_else(|| missing(path));
        }
        self.named(from, path)
    }

    /// What a name means that is no path: an alias, or a package.
    fn named(&self, from: &str, path: &str) -> Resolved<'p> {
        if path.starts_with('#')
            && let Some(found) = self.imported(from, path)
        {
            return found;
        }
        // No package can have such a name: it is an alias that is not known.
        let mut is_missing = path.starts_with("@/") || path.starts_with("~/");
        for (alias, target) in self.aliased(from, path) {
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
            return self.package(root, rest).unwrap_or_else(|| missing(path));
        }
        let own = self.root(from).and_then(|root| self.project.packages.get(root));
        let is_foreign = own.is_some_and(|own| own.depends_on(package));
        if is_missing && !is_foreign { missing(path) } else { Resolved::External }
    }

    /// Where the aliases lead that hold for a module.
    fn aliased(&self, from: &str, path: &str) -> Vec<(&Alias, String)> {
        let mut found: Vec<(&Alias, String)> = Vec::new();
        for alias in self.aliases.iter().filter(|alias| is_below(from, &alias.root)) {
            let name = alias.name.strip_suffix('/').unwrap_or(&alias.name);
            let target = match path.strip_prefix(name) {
                Some("") => Some(alias.target.clone()),
                Some(rest) if rest.starts_with('/') && !alias.is_exact => {
                    Some(format!("{}{rest}", alias.target))
                }
                Some(_) | None => {
                    starred(name, path).map(|part| alias.target.replacen('*', part, 1))
                }
            };
            if let Some(target) = target.and_then(|target| join("", &target)) {
                found.push((alias, target));
            }
        }
        found.sort_by_key(|(alias, _)| std::cmp::Reverse(alias.name.len()));
        found
    }

    /// What `#name` means by the `imports` of the package round a module.
    fn imported(&self, from: &str, path: &str) -> Option<Resolved<'p>> {
        let root = self.root(from)?;
        let imports = self.project.packages.get(root)?.value.get("imports")?.as_object()?;
        let mut targets = Vec::new();
        entry_targets(imports, path, &mut targets);
        for target in &targets {
            let found = if target.starts_with("./") {
                self.built(root, target)
            } else {
                // Another `#name` would be against the catalog, and could lead round in a circle.
                (!target.starts_with('#')).then(|| self.named(from, target))
            };
            if let Some(found @ (Resolved::File(_) | Resolved::Files(_) | Resolved::Assets(_))) =
                found
            {
                return Some(found);
            }
        }
        let is_inside = targets.iter().any(|target| target.starts_with("./"));
        is_inside.then(|| missing(path))
    }

    /// What a package of the state gives for the path behind its name.
    fn package(&self, root: &str, rest: &str) -> Option<Resolved<'p>> {
        let value = &self.project.packages.get(root)?.value;
        let mut targets = Vec::new();
        let exports = &value["exports"];
        let wanted = if rest.is_empty() { ".".to_owned() } else { format!("./{rest}") };
        match exports.as_object() {
            Some(entries) if entries.keys().any(|key| key.starts_with('.')) => {
                entry_targets(entries, &wanted, &mut targets);
            }
            Some(_) | None if rest.is_empty() => {
                condition_targets(exports, None, 0, &mut targets);
            }
            Some(_) | None => {}
        }
        if rest.is_empty() {
            let mains = ["source", "svelte", "browser", "module", "main", "react-native"];
            targets.extend(mains.iter().filter_map(|key| value[*key].as_str().map(str::to_owned)));
        }
        let found = targets.iter().find_map(|target| self.built(root, target));
        let guesses: &[String] = &if rest.is_empty() {
            ["src/index", "index", "src/main", "lib/index"].map(str::to_owned).to_vec()
        } else {
            vec![format!("src/{rest}"), rest.to_owned()]
        };
        found.or_else(|| guesses.iter().find_map(|guess| self.probe(&join(root, guess)?)))
    }

    /// A target in a package; of one that is not built yet, its source.
    fn built(&self, root: &str, target: &str) -> Option<Resolved<'p>> {
        if is_declaration(target) {
            return None;
        }
        let target = join("", target)?;
        let inside = |target: &str| join(root, target).and_then(|path| self.probe(&path));
        if let Some(found) = inside(&target) {
            return Some(found);
        }
        let parts: Vec<&str> = target.split('/').collect();
        let first = parts.iter().position(|part| BUILT.contains(part))?;
        let front = parts[..first].join("/");
        let behind = parts[first..].iter().skip_while(|part| BUILT.contains(part));
        let behind = behind.copied().collect::<Vec<_>>().join("/");
        // `dist/src/index.js` names the folder of sources itself.
        ["src/", "", "source/"]
            .iter()
            .find_map(|source| inside(&format!("{front}/{source}{behind}")))
    }

    /// What an absolute path of an address means: the app can lie in any folder round the module,
    /// up to its package.
    fn served(&self, from: &str, path: &str) -> Option<Resolved<'p>> {
        let package = self.root(from).unwrap_or_default();
        for root in upwards(folder(from)).take(MAX_DEPTH) {
            let found = SERVED.iter().find_map(|base| {
                let base = join(root, base)?;
                self.probe(&join(&base, path)?)
            });
            if found.is_some() {
                return found;
            }
            if root == package {
                break;
            }
        }
        None
    }

    /// The folder of the package round a module.
    fn root<'f>(&self, from: &'f str) -> Option<&'f str> {
        let mut around = upwards(folder(from)).take(MAX_DEPTH);
        around.find(|folder| self.project.packages.contains_key(*folder))
    }

    fn found(&self, path: &str) -> Option<&'p str> {
        self.project.known.get(path).copied()
    }

    /// The module with this stem and this ending.
    fn ended(&self, stem: &str, ending: &str) -> Option<&'p str> {
        self.found(&format!("{stem}.{ending}"))
    }

    /// The module at a path, whose ending may be left out, or which may be a folder.
    fn probe(&self, path: &str) -> Option<Resolved<'p>> {
        if is_asset(path) {
            return self.found(path).map(|path| Resolved::Assets(vec![path]));
        }
        if let Some(found) = self.found(path).filter(|path| !is_declaration(path)) {
            let is_module = is_source(found) || found.ends_with(".json");
            let whole = || Resolved::Assets(vec![found]);
            return Some(if is_module { Resolved::File(found) } else { whole() });
        }
        self.file(path).or_else(|| self.folder(path))
    }

    /// The file at a path without its ending, or with that of what is made of it.
    fn file(&self, path: &str) -> Option<Resolved<'p>> {
        if path.is_empty() || path.ends_with('/') {
            return None;
        }
        let is_stem = |stem: &str| self.project.stems.contains(stem);
        let with_any = |stem: &str, endings: &[&str]| {
            let is_stem = is_stem(stem);
            endings.iter().filter(|_| is_stem).find_map(|ending| self.ended(stem, ending))
        };
        let (stem, written) = path.rsplit_once('.').unwrap_or((path, ""));
        let written_for = WRITTEN_FOR.iter().find(|(ending, _)| *ending == written);
        let found = with_any(path, &ENDINGS)
            .or_else(|| written_for.and_then(|(_, endings)| with_any(stem, endings)));
        let stem = if written_for.is_some() { stem } else { path };
        let mut all: Vec<&'p str> = found.into_iter().collect();
        if is_stem(stem) {
            for platform in PLATFORMS.map(|platform| format!("{stem}.{platform}")) {
                let endings = ENDINGS.iter().filter(|_| is_stem(&platform));
                all.extend(endings.filter_map(|ending| self.ended(&platform, ending)));
            }
        }
        all.sort_unstable();
        all.dedup();
        match all.len() {
            0 => None,
            1 => all.pop().map(Resolved::File),
            _ => Some(Resolved::Files(all)),
        }
    }

    /// The module that a folder stands for.
    fn folder(&self, path: &str) -> Option<Resolved<'p>> {
        if let Some(package) = self.project.packages.get(path) {
            for key in ["source", "browser", "module", "main"] {
                let target = package.value[key].as_str();
                // Without the folder itself as a target, which would lead here again.
                let joined = target.and_then(|target| join(path, target));
                let joined = joined.filter(|joined| joined != path);
                let found = joined.and_then(|joined| {
                    let exact = self.found(&joined).map(Resolved::File);
                    exact.or_else(|| self.file(&joined)).or_else(|| self.index(&joined))
                });
                if found.is_some() {
                    return found;
                }
            }
        }
        let source = || self.project.packages.contains_key(path).then(|| join(path, "src"))?;
        self.index(path).or_else(|| self.index(&source()?))
    }

    fn index(&self, path: &str) -> Option<Resolved<'p>> {
        self.file(&join(path, "index")?)
    }

    /// Every module that a pattern means, or whose path begins so.
    fn glob(&self, from: &str, specifier: &str) -> Resolved<'p> {
        let (specifier, is_text) = match specifier.strip_suffix("?raw") {
            Some(pattern) => (pattern, true),
            None => (specifier, false),
        };
        let is_pattern = specifier.contains('*') || specifier.contains('{');
        if specifier.is_empty() || specifier.starts_with('!') || scheme(specifier).is_some() {
            return Resolved::External;
        }
        let trailing = if specifier.ends_with('/') { "/" } else { "" };
        let absolute = |path: Option<String>| {
            path.map(|path| if path.is_empty() { path } else { path + trailing })
        };
        let starts: Vec<String> = if specifier.starts_with('.') {
            absolute(join(folder(from), specifier)).into_iter().collect()
        } else if let Some(path) = specifier.strip_prefix('/') {
            let root = self.root(from).unwrap_or_default();
            absolute(join(root, path)).into_iter().collect()
        } else {
            let configs = self.project.configs.around(from);
            let mapped = configs.flat_map(|config| mapped(&config.paths, specifier));
            let targets = self.aliased(from, specifier).into_iter().map(|(_, target)| target);
            let targets = targets.chain(mapped.filter(|(_, sure)| *sure).map(|(target, _)| target));
            targets.filter_map(|target| absolute(join("", &target))).collect()
        };
        for start in starts {
            let pattern = is_pattern.then(|| PathPattern::new(&start));
            let prefix = pattern.as_ref().map_or(start.as_str(), PathPattern::prefix);
            let first = self.project.paths.partition_point(|path| path.as_str() < prefix);
            let near =
                self.project.paths[first..].iter().take_while(|path| path.starts_with(prefix));
            let found = near.filter(|path| {
                let is_module = is_text || is_source(path) || path.ends_with(".json");
                let is_meant = pattern.as_ref().is_none_or(|pattern| pattern.matches(path));
                is_module && is_meant && *path != from && !is_vendored(path)
            });
            let found: Vec<&'p str> = found.map(String::as_str).take(MAX_MATCHES).collect();
            if !found.is_empty() {
                let found = Resolved::Files(found);
                return if is_text { found.into_assets() } else { found };
            }
        }
        Resolved::External
    }
}

/// What is said of something of which no file is there.
fn missing(path: &str) -> Resolved<'static> {
    // `./$types` is what SvelteKit generates for types alone.
    let is_generated = name(path) == "$types" || name(path) == "$types.js";
    if is_asset(path) || is_declaration(path) || is_generated || path.ends_with(".wasm") {
        Resolved::External
    } else {
        Resolved::Missing
    }
}

/// A specifier without `?worker`, `?raw`, `#part`.
fn query_less(specifier: &str) -> &str {
    let end = specifier.find('?').unwrap_or(specifier.len());
    let path = &specifier[..end];
    match path.get(1..).and_then(|rest| rest.find('#')) {
        Some(at) => &path[..at + 1],
        None => path,
    }
}

/// The `https` of an address, the `node` of `node:fs`, the `virtual` of `virtual:pwa`.
fn scheme(specifier: &str) -> Option<&str> {
    let (scheme, _) = specifier.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

/// What the `*` of a pattern stands for in a path, if it matches.
fn starred<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    let (front, back) = pattern.split_once('*')?;
    path.strip_prefix(front)?.strip_suffix(back)
}

/// Where `paths` of a configuration lead, the closest pattern first; and whether the pattern is
/// meant for such names alone, so that a package cannot be meant.
fn mapped(paths: &[(String, Vec<String>)], path: &str) -> Vec<(String, bool)> {
    let mut found: Vec<(usize, &[String], &str)> = Vec::new();
    for (pattern, targets) in paths {
        if pattern == path {
            found.push((usize::MAX, targets, ""));
        } else if let Some(part) = starred(pattern, path) {
            found.push((pattern.find('*').unwrap_or_default(), targets, part));
        }
    }
    found.sort_by_key(|(length, _, _)| std::cmp::Reverse(*length));
    let targets = found.into_iter().flat_map(|(length, targets, part)| {
        targets
            .iter()
            .filter_map(move |target| Some((join("", &target.replacen('*', part, 1))?, length > 0)))
    });
    targets.take(MAX_TARGETS).collect()
}

/// The targets of `exports` or `imports` for one key: of the key itself, or of the closest pattern.
fn entry_targets(entries: &serde_json::Map<String, Value>, key: &str, targets: &mut Vec<String>) {
    if let Some(value) = entries.get(key) {
        return condition_targets(value, None, 0, targets);
    }
    let patterns = entries.iter().filter_map(|(pattern, value)| {
        // A folder with `/` at the end is how patterns were written once.
        let folder = || pattern.ends_with('/').then(|| key.strip_prefix(pattern.as_str()))?;
        Some((pattern.len(), starred(pattern, key).or_else(folder)?, value))
    });
    if let Some((_, part, value)) = patterns.max_by_key(|(length, _, _)| *length) {
        condition_targets(value, Some(part), 0, targets);
    }
}

/// The targets of a value of `exports` or `imports`, the best first.
fn condition_targets(value: &Value, part: Option<&str>, depth: usize, targets: &mut Vec<String>) {
    if depth > MAX_NESTING || targets.len() >= MAX_TARGETS {
        return;
    }
    match value {
        Value::String(target) => targets.push(match part {
            Some(part) if target.ends_with('/') => format!("{target}{part}"),
            // A target can have its `*` more than once. One part is not put in without bound.
            Some(part) if target.len() <= MAX_TARGET => target.replace('*', part),
            Some(_) | None => target.clone(),
        }),
        Value::Array(list) => {
            for value in list.iter().take(MAX_TARGETS) {
                condition_targets(value, part, depth + 1, targets);
            }
        }
        Value::Object(conditions) => {
            let known = CONDITIONS.iter().filter_map(|condition| conditions.get(*condition));
            let other = conditions.iter().filter(|(condition, _)| {
                !condition.starts_with("types") && !CONDITIONS.contains(&condition.as_str())
            });
            for value in known.chain(other.map(|(_, value)| value)) {
                condition_targets(value, part, depth + 1, targets);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A longer target of a pattern is no path.
const MAX_TARGET: usize = 1000;

fn ending(path: &str) -> &str {
    name(path).rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn is_asset(path: &str) -> bool {
    ASSETS.contains(&ending(path))
}

fn is_declaration(path: &str) -> bool {
    [".d.ts", ".d.mts", ".d.cts"].iter().any(|ending| path.ends_with(ending))
}

fn is_vendored(path: &str) -> bool {
    path.split('/').any(|part| part == "node_modules")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::memory::Memory;

    /// What each import means in a state; `+` stands between several files.
    fn check(files: &[(&str, &str)], aliases: &[Alias], cases: &[(&str, &str, &str)]) {
        let files = Memory::new(files);
        let paths = files.below("");
        let project = Project::new(&files, &paths);
        let resolver = Resolver::new(&project, aliases.to_vec());
        for (from, specifier, expected) in cases {
            let shown = shown(resolver.resolve(from, specifier, ImportKind::Static));
            assert_eq!(shown, *expected, "{specifier} in {from}");
        }
    }

    fn shown(resolved: Resolved<'_>) -> String {
        match resolved {
            Resolved::File(path) => path.to_owned(),
            Resolved::Files(paths) => paths.join("+"),
            Resolved::Assets(paths) => format!("text of {}", paths.join("+")),
            Resolved::External => "external".to_owned(),
            Resolved::Missing => "missing".to_owned(),
        }
    }

    fn alias(root: &str, name: &str, target: &str) -> Alias {
        let (root, name, target) = (root.to_owned(), name.to_owned(), target.to_owned());
        Alias { root, name, is_exact: false, target }
    }

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
                ("src/x.ts", "./m", "missing"),
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
    fn addresses_begin_at_the_page_or_where_it_is_served() {
        let files = Memory::new(&[
            ("web/package.json", "{\"name\": \"web\"}"),
            ("web/index.html", ""),
            ("web/src/main.tsx", ""),
            ("web/public/sw.js", ""),
            ("web/client/index.html", ""),
            ("web/client/src/app.ts", ""),
            ("site/index.html", ""),
            ("site/js/main.js", ""),
            ("main.js", ""),
        ]);
        let paths = files.below("");
        let project = Project::new(&files, &paths);
        let resolver = Resolver::new(&project, Vec::new());
        for (from, specifier, expected) in [
            ("web/index.html", "/src/main.tsx", "web/src/main.tsx"),
            ("web/index.html", "src/main.tsx", "web/src/main.tsx"),
            ("web/index.html", "./src/main.tsx?x=1", "web/src/main.tsx"),
            ("web/src/main.tsx", "/sw.js", "web/public/sw.js"),
            ("web/src/main.tsx", "sw.js", "web/public/sw.js"),
            ("web/public/index.html", "%PUBLIC_URL%/sw.js", "web/public/sw.js"),
            ("web/client/index.html", "/src/app.ts", "web/client/src/app.ts"),
            ("web/client/index.html", "/src/main.tsx", "web/src/main.tsx"),
            ("web/index.html", "/main.js", "missing"),
            ("site/index.html", "js/main.js", "site/js/main.js"),
            ("site/index.html", "/js/main.js", "site/js/main.js"),
            ("site/index.html", "js/none.js", "missing"),
            ("site/index.html", "//cdn.example/x.js", "external"),
            ("site/index.html", "https://cdn.example/x.js", "external"),
            ("site/index.html", "{{ url }}/x.js", "external"),
            ("site/index.html", "data:text/javascript,1", "external"),
        ] {
            for kind in [ImportKind::Script, ImportKind::Worker] {
                let shown = shown(resolver.resolve(from, specifier, kind));
                assert_eq!(shown, expected, "{specifier} in {from}");
            }
        }
    }

    #[test]
    fn aliases_hold_below_their_folder() {
        let files = [
            ("web/package.json", "{\"name\": \"web\", \"dependencies\": {\"@x/y\": \"1\"}}"),
            ("web/src/lib/a.ts", ""),
            ("web/src/lib/index.ts", ""),
            ("web/src/b.ts", ""),
            ("web/gen/c.ts", ""),
        ];
        let aliases = [
            alias("web", "@", "web/src"),
            alias("web", "@/gen/", "web/gen"),
            alias("web", "$lib", "web/src/lib"),
            alias("web", "@x/*", "web/x/*"),
            Alias { is_exact: true, ..alias("web", "exact", "web/src/b.ts") },
        ];
        check(
            &files,
            &aliases,
            &[
                ("web/src/x.ts", "@/b", "web/src/b.ts"),
                ("web/src/x.ts", "@/gen/c", "web/gen/c.ts"),
                ("web/src/x.ts", "@/none", "missing"),
                ("web/src/x.ts", "@/none.png", "external"),
                ("web/src/x.ts", "@x/y", "external"),
                ("web/src/x.ts", "@x/z", "missing"),
                ("web/src/x.ts", "@scope/package", "external"),
                ("web/src/x.ts", "$lib", "web/src/lib/index.ts"),
                ("web/src/x.ts", "$lib/a", "web/src/lib/a.ts"),
                ("web/src/x.ts", "$library", "external"),
                ("web/src/x.ts", "exact", "web/src/b.ts"),
                ("web/src/x.ts", "exact/b", "external"),
                ("other/x.ts", "@/b", "missing"),
            ],
        );
    }

    #[test]
    fn paths_of_configurations_are_followed() {
        let files = [
            (
                "tsconfig.json",
                r#"{"compilerOptions": {"baseUrl": "src", "paths": {
                    "*": ["types/*"],
                    "@/*": ["./*", "../other/*"],
                    "@/deep/*": ["a/*"],
                    "one": ["b.ts"],
                    "react": ["../node_modules/@types/react"],
                    "out": ["../../../../out"]
                }}}"#,
            ),
            ("src/b.ts", ""),
            ("src/a/c.ts", ""),
            ("src/deep/d.ts", ""),
            ("other/e.ts", ""),
            ("packages/p/tsconfig.json", "{}"),
            ("packages/p/x.ts", ""),
        ];
        check(
            &files,
            &[],
            &[
                ("src/x.ts", "@/b", "src/b.ts"),
                ("src/x.ts", "@/e", "other/e.ts"),
                ("src/x.ts", "@/deep/c", "src/a/c.ts"),
                ("src/x.ts", "@/deep/d", "src/deep/d.ts"),
                ("src/x.ts", "@/none", "missing"),
                ("src/x.ts", "one", "src/b.ts"),
                ("src/x.ts", "react", "external"),
                ("src/x.ts", "out", "external"),
                ("src/x.ts", "a/c", "src/a/c.ts"),
                ("src/x.ts", "lodash", "external"),
                ("packages/p/x.ts", "@/b", "src/b.ts"),
            ],
        );
    }

    #[test]
    fn packages_of_the_state_are_entered_by_what_they_export() {
        let files = [
            ("web/x.ts", ""),
            (
                "p/a/package.json",
                r##"{"name": "@r/a", "exports": {
                    ".": {"types": "./dist/index.d.ts", "import": "./dist/index.js"},
                    "./b": {"browser": {"import": "./src/b.client.ts"}, "default": "./src/b.ts"},
                    "./ui/*": ["./missing/*", "./src/ui/*.tsx"],
                    "./old/": "./src/old/",
                    "./types": {"types": "./src/t.d.ts"}
                }, "imports": {
                    "#b": "./src/b.ts", "#ui/*": {"node": "./none/*", "default": "./src/ui/*.tsx"},
                    "#dep": "@r/main", "#loop": "#loop", "#gone": "./gone.js", "#out": "lodash"
                }}"##,
            ),
            ("p/a/src/index.ts", ""),
            ("p/a/src/b.client.ts", ""),
            ("p/a/src/b.ts", ""),
            ("p/a/src/ui/button.tsx", ""),
            ("p/a/src/old/c.ts", ""),
            ("p/a/src/hidden.ts", ""),
            ("p/main/package.json", r#"{"name": "@r/main", "main": "dist/cjs/entry.js"}"#),
            ("p/main/src/entry.ts", ""),
            ("p/string/package.json", r#"{"name": "string", "exports": "./lib/x.mjs"}"#),
            ("p/string/src/x.mts", ""),
            ("p/bare/package.json", r#"{"name": "bare"}"#),
            ("p/bare/index.js", ""),
            ("p/bare/sub/index.js", ""),
            ("p/types/package.json", r#"{"name": "types", "exports": {"types": "./x.d.ts"}}"#),
            ("p/types/x.d.ts", ""),
            ("p/self/package.json", r#"{"name": "self", "main": ".", "module": "./"}"#),
            ("p/self/index.ts", ""),
        ];
        check(
            &files,
            &[],
            &[
                ("web/x.ts", "@r/a", "p/a/src/index.ts"),
                ("web/x.ts", "@r/a/b", "p/a/src/b.client.ts"),
                ("web/x.ts", "@r/a/ui/button", "p/a/src/ui/button.tsx"),
                ("web/x.ts", "@r/a/old/c", "p/a/src/old/c.ts"),
                ("web/x.ts", "@r/a/hidden", "p/a/src/hidden.ts"),
                ("web/x.ts", "@r/a/none", "missing"),
                ("web/x.ts", "@r/a/style.css", "external"),
                ("web/x.ts", "@r/main", "p/main/src/entry.ts"),
                ("web/x.ts", "string", "p/string/src/x.mts"),
                ("web/x.ts", "bare", "p/bare/index.js"),
                ("web/x.ts", "bare/sub", "p/bare/sub/index.js"),
                ("web/x.ts", "types", "missing"),
                ("web/x.ts", "self", "p/self/index.ts"),
                ("web/x.ts", "../p/self", "p/self/index.ts"),
                ("web/x.ts", "../p/a", "p/a/src/index.ts"),
                ("p/a/src/x.ts", "@r/a/b", "p/a/src/b.client.ts"),
                ("p/a/src/x.ts", "#b", "p/a/src/b.ts"),
                ("p/a/src/x.ts", "#ui/button", "p/a/src/ui/button.tsx"),
                ("p/a/src/x.ts", "#dep", "p/main/src/entry.ts"),
                ("p/a/src/x.ts", "#loop", "external"),
                ("p/a/src/x.ts", "#gone", "missing"),
                ("p/a/src/x.ts", "#out", "external"),
                ("p/a/src/x.ts", "#none", "external"),
                ("web/x.ts", "#b", "external"),
            ],
        );
    }

    #[test]
    fn patterns_mean_all_modules_that_match() {
        let files = Memory::new(&[
            ("src/pages/a.tsx", ""),
            ("src/pages/b/c.vue", ""),
            ("src/pages/d.css", ""),
            ("src/pages/x.ts", ""),
            ("src/pagesque.ts", ""),
            ("top.ts", ""),
        ]);
        let paths = files.below("");
        let project = Project::new(&files, &paths);
        let resolver = Resolver::new(&project, vec![alias("", "@", "src")]);
        for (from, specifier, expected) in [
            ("src/x.ts", "./pages/", "src/pages/a.tsx+src/pages/b/c.vue+src/pages/x.ts"),
            ("src/pages/x.ts", "./", "src/pages/a.tsx+src/pages/b/c.vue"),
            ("src/x.ts", "./pages/a", "src/pages/a.tsx"),
            ("src/x.ts", "./pages/*.tsx", "src/pages/a.tsx"),
            ("src/x.ts", "./pages/**/*.{vue,css}", "src/pages/b/c.vue"),
            ("src/x.ts", "/src/pages/*.ts", "src/pages/x.ts"),
            ("src/x.ts", "@/pages/b/", "src/pages/b/c.vue"),
            ("x.ts", "./top", "top.ts"),
            ("src/x.ts", "./pages/*.css", "external"),
            ("src/x.ts", "./pages/*.css?raw", "text of src/pages/d.css"),
            ("src/x.ts", "./pages/*.ts?raw", "text of src/pages/x.ts"),
            ("src/x.ts", "!./pages/*.ts", "external"),
            ("src/x.ts", "./none/", "external"),
            ("src/x.ts", "package/", "external"),
            ("src/x.ts", "../../../", "external"),
            ("src/x.ts", "", "external"),
        ] {
            let shown = shown(resolver.resolve(from, specifier, ImportKind::Glob));
            assert_eq!(shown, expected, "{specifier} in {from}");
        }
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
    fn hostile_states_come_to_an_end() {
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
