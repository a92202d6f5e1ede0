//! Which file an import means, among the files of a state. Nothing is read but package and
//! TypeScript settings, once.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::app::App;
use super::facts::ImportKind;
use super::folders::{folder, join};
use super::package::Package;
use super::tsconfig::{self, Tsconfig};
use crate::source::Files;

/// What an import leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resolved {
    /// One file.
    File(String),
    /// All files that a pattern means.
    Files(Vec<String>),
    /// A package, or something that is no code.
    External,
    /// It is meant to be in the project, and is not there.
    Missing,
}

/// Endings that an import may leave out, in the order in which they are tried.
const ENDINGS: [&str; 12] = [
    ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".astro",
    ".json",
];

/// Endings before the ending, for some platforms only.
const PLATFORMS: [&str; 4] = [".web", ".native", ".ios", ".android"];

/// Conditions of `exports` and `imports` that bundlers for clients take, in no order: the file's
/// order counts.
const CONDITIONS: [&str; 9] = [
    "browser",
    "import",
    "module",
    "default",
    "development",
    "require",
    "source",
    "svelte",
    "node",
];

/// How often a pattern of `exports` may lead on.
const MAX_NESTING: usize = 8;

/// Resolves imports.
pub(super) struct Resolver<'a> {
    paths: HashSet<String>,
    sorted: Vec<String>,
    root: &'a str,
    aliases: Vec<(String, String)>,
    tsconfigs: HashMap<String, Tsconfig>,
    /// Packages of the state by name: folder and package.
    packages: BTreeMap<String, (String, Value)>,
    /// Packages by folder.
    by_folder: HashMap<String, Value>,
}

impl<'a> Resolver<'a> {
    /// A resolver for the modules of an app. `aliases` are names and the paths they stand for.
    pub(super) fn new(files: &dyn Files, app: &'a App<'_>, aliases: &[(String, String)]) -> Self {
        let mut sorted = files.below("");
        sorted
            .retain(|path| !path.starts_with("node_modules/") && !path.contains("/node_modules/"));
        let (mut packages, mut by_folder) = (BTreeMap::new(), HashMap::new());
        let is_package = |path: &&String| path.rsplit('/').next() == Some("package.json");
        for path in sorted.iter().filter(is_package) {
            let Ok(Some(bytes)) = files.read(path) else { continue };
            let Ok(package) = Package::parse(&String::from_utf8_lossy(&bytes)) else { continue };
            let place = folder(path).to_owned();
            if !package.name.is_empty() {
                packages.entry(package.name).or_insert((place.clone(), package.value.clone()));
            }
            by_folder.insert(place, package.value);
        }
        let mut aliases = aliases.to_vec();
        aliases.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        Self {
            paths: sorted.iter().cloned().collect(),
            tsconfigs: tsconfig::all(files, &sorted),
            sorted,
            root: &app.root,
            aliases,
            packages,
            by_folder,
        }
    }

    /// Whether the project of a file keeps imports of which no value is used.
    pub(super) fn keeps_unused(&self, path: &str) -> bool {
        self.tsconfig(path).is_some_and(|settings| settings.keeps_unused)
    }

    /// What `specifier` means in the file `from`.
    pub(super) fn resolve(&self, from: &str, specifier: &str, kind: ImportKind) -> Resolved {
        let specifier = match specifier.find('?') {
            Some(at) => &specifier[..at],
            None => specifier,
        };
        let specifier = match specifier.get(1..).and_then(|rest| rest.find('#')) {
            Some(at) if !specifier.starts_with('#') => &specifier[..=at],
            Some(_) | None => specifier,
        };
        if specifier.is_empty() || specifier.contains("://") || specifier.starts_with("//") {
            return Resolved::External;
        }
        let here = folder(from);
        match kind {
            ImportKind::Glob => return self.pattern(from, specifier),
            ImportKind::Script | ImportKind::Worker if !specifier.starts_with(['.', '/']) => {
                return self.first(&[join(here, specifier), join(self.root, specifier)], specifier);
            }
            ImportKind::Script
            | ImportKind::Worker
            | ImportKind::Static
            | ImportKind::Dynamic
            | ImportKind::Require
            | ImportKind::Part(_) => {}
        }
        if let Some(rest) = specifier.strip_prefix('/') {
            let candidates = [
                join(self.root, rest),
                join(&join(self.root, "public"), rest),
                join(&join(self.root, "static"), rest),
                join(here, rest),
            ];
            return self.first(&candidates, specifier);
        }
        let is_relative = matches!(specifier, "." | "..")
            || specifier.starts_with("./")
            || specifier.starts_with("../");
        if is_relative {
            let path = join(here, specifier);
            if path.starts_with("..") {
                return Resolved::External;
            }
            return self.first(&[path], specifier);
        }
        if specifier.starts_with('#')
            && let Some(found) = self.inner(from, specifier)
        {
            return found;
        }
        if let Some(found) = self.by_tsconfig(from, specifier) {
            return found;
        }
        for (name, target) in &self.aliases {
            let rest = match specifier.strip_prefix(name.as_str()) {
                Some("") => "",
                Some(rest) if rest.starts_with('/') || name.ends_with('/') => rest,
                Some(_) | None => continue,
            };
            return self.first(&[join(target, rest)], specifier);
        }
        self.package(specifier).unwrap_or(Resolved::External)
    }

    /// The first of several places at which there is a file.
    fn first(&self, candidates: &[String], specifier: &str) -> Resolved {
        match candidates.iter().find_map(|path| self.probe(path)) {
            Some(path) => Resolved::File(path),
            None if is_asset(specifier) => Resolved::External,
            None => Resolved::Missing,
        }
    }

    /// The file that a path without ending means.
    fn probe(&self, path: &str) -> Option<String> {
        if self.paths.contains(path) {
            return (!is_asset(path)).then(|| path.to_owned());
        }
        let with = |stem: &str| {
            let plain = ENDINGS.iter().map(|ending| format!("{stem}{ending}"));
            let platforms = PLATFORMS.iter().flat_map(|platform| {
                ENDINGS.iter().map(move |ending| format!("{stem}{platform}{ending}"))
            });
            plain.chain(platforms).find(|path| self.paths.contains(path))
        };
        if let Some(found) = with(path) {
            return Some(found);
        }
        // `./x.js` is written where TypeScript has `x.ts`.
        for (written, meant) in [
            (".js", &[".ts", ".tsx", ".jsx"][..]),
            (".jsx", &[".tsx"][..]),
            (".mjs", &[".mts"][..]),
            (".cjs", &[".cts"][..]),
        ] {
            if let Some(stem) = path.strip_suffix(written) {
                let mut all = meant.iter().map(|ending| format!("{stem}{ending}"));
                if let Some(found) = all.find(|path| self.paths.contains(path)) {
                    return Some(found);
                }
            }
        }
        if let Some(package) = self.by_folder.get(path)
            && let Some(found) = self.main_of(path, package)
        {
            return Some(found);
        }
        with(&join(path, "index"))
    }

    fn main_of(&self, place: &str, package: &Value) -> Option<String> {
        ["source", "svelte", "browser", "module", "main"].iter().find_map(|field| {
            let path = join(place, package[*field].as_str()?);
            if path == place { None } else { self.built(place, &path) }
        })
    }

    /// A file of a package, or where output that is not there is made of.
    fn built(&self, place: &str, path: &str) -> Option<String> {
        let plain = |path: &str| {
            self.paths.contains(path).then(|| path.to_owned()).or_else(|| {
                let mut all = ENDINGS.iter().map(|ending| format!("{path}{ending}"));
                all.find(|path| self.paths.contains(path))
            })
        };
        if let Some(found) = plain(path) {
            return Some(found);
        }
        let inside = path.strip_prefix(place)?.trim_start_matches('/');
        let (first, rest) = inside.split_once('/')?;
        if !matches!(first, "dist" | "build" | "lib" | "out" | "esm" | "cjs") {
            return None;
        }
        let rest =
            ["esm/", "cjs/", "es/"].iter().find_map(|p| rest.strip_prefix(p)).unwrap_or(rest);
        let stem = rest.rsplit_once('.').map_or(rest, |(stem, _)| stem);
        let stem = stem.strip_suffix(".d").unwrap_or(stem);
        ["src", ""].iter().find_map(|source| plain(&join(&join(place, source), stem)))
    }

    fn tsconfig(&self, path: &str) -> Option<&Tsconfig> {
        let mut at = folder(path);
        loop {
            if let Some(found) = self.tsconfigs.get(at) {
                return Some(found);
            }
            if at.is_empty() {
                return None;
            }
            at = folder(at);
        }
    }

    fn by_tsconfig(&self, from: &str, specifier: &str) -> Option<Resolved> {
        let settings = self.tsconfig(from)?;
        for (pattern, targets) in &settings.paths {
            let Some(hole) = matched(pattern, specifier) else { continue };
            let candidates: Vec<String> =
                targets.iter().map(|target| target.replacen('*', hole, 1)).collect();
            if let Some(found) = candidates.iter().find_map(|path| self.probe(path)) {
                return Some(Resolved::File(found));
            }
            // `*` alone means everything, packages as well.
            if pattern != "*" && self.package(specifier).is_none() {
                return Some(if is_asset(specifier) {
                    Resolved::External
                } else {
                    Resolved::Missing
                });
            }
        }
        let base = settings.base.as_ref()?;
        self.probe(&join(base, specifier)).map(Resolved::File)
    }

    /// `#name`, by the `imports` of the package round the file.
    fn inner(&self, from: &str, specifier: &str) -> Option<Resolved> {
        let mut at = folder(from);
        let (place, package) = loop {
            if let Some(package) = self.by_folder.get(at) {
                break (at, package);
            }
            if at.is_empty() {
                return None;
            }
            at = folder(at);
        };
        let target = lookup(&package["imports"], specifier)?;
        if !target.starts_with('.') {
            return self.package(&target);
        }
        let path = join(place, &target);
        Some(self.built(place, &path).map_or(Resolved::Missing, Resolved::File))
    }

    /// A package of the state, or a file in one.
    fn package(&self, specifier: &str) -> Option<Resolved> {
        let cut = if specifier.starts_with('@') {
            let scope = specifier.find('/')? + 1;
            specifier[scope..].find('/').map_or(specifier.len(), |at| scope + at)
        } else {
            specifier.find('/').unwrap_or(specifier.len())
        };
        let (name, rest) = specifier.split_at(cut);
        let (place, package) = self.packages.get(name)?;
        let inner = rest.trim_start_matches('/');
        let key = if inner.is_empty() { ".".to_owned() } else { format!("./{inner}") };
        let exports = &package["exports"];
        if !exports.is_null()
            && let Some(target) = exported(exports, &key)
            && let Some(found) = self.built(place, &join(place, &target))
        {
            return Some(Resolved::File(found));
        }
        let found = if inner.is_empty() {
            self.main_of(place, package)
                .or_else(|| self.probe(&join(place, "src/index")))
                .or_else(|| self.probe(&join(place, "index")))
        } else {
            self.probe(&join(place, inner))
                .or_else(|| self.probe(&join(&join(place, "src"), inner)))
        };
        Some(found.map_or(Resolved::Missing, Resolved::File))
    }

    /// All files whose paths begin as a pattern does.
    fn pattern(&self, from: &str, specifier: &str) -> Resolved {
        let fixed = &specifier[..specifier.find(['*', '{', '(']).unwrap_or(specifier.len())];
        let trail = if fixed.ends_with('/') { "/" } else { "" };
        let start = if let Some(rest) = fixed.strip_prefix('/') {
            join(self.root, rest)
        } else if fixed.starts_with('.') {
            join(folder(from), fixed)
        } else {
            let by_paths = self.tsconfig(from).and_then(|settings| {
                settings.paths.iter().find_map(|(pattern, targets)| {
                    let hole = matched(pattern, fixed)?;
                    Some(targets.first()?.replacen('*', hole, 1))
                })
            });
            let by_alias = || {
                self.aliases.iter().find_map(|(name, target)| {
                    let rest = fixed.strip_prefix(name.as_str())?;
                    rest.starts_with('/').then(|| join(target, rest))
                })
            };
            match by_paths.or_else(by_alias) {
                Some(start) => start.trim_end_matches('/').to_owned(),
                None => return Resolved::External,
            }
        };
        let start = format!("{start}{trail}");
        if start.is_empty() || start.starts_with("..") || start == "/" {
            return Resolved::External;
        }
        let from = self.sorted.partition_point(|path| path.as_str() < start.as_str());
        let all = self.sorted[from..].iter().take_while(|path| path.starts_with(&start));
        Resolved::Files(all.filter(|path| super::apps::is_source(path)).cloned().collect())
    }
}

/// What the `*` of a pattern stands for in a name; a pattern without one stands for itself.
fn matched<'s>(pattern: &str, name: &'s str) -> Option<&'s str> {
    match pattern.split_once('*') {
        None => (pattern == name).then_some(""),
        Some((before, after)) => name
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .filter(|_| name.len() >= before.len() + after.len()),
    }
}

/// The target of a name in `exports` or `imports`.
fn exported(exports: &Value, key: &str) -> Option<String> {
    let is_map = exports.as_object().is_some_and(|map| map.keys().any(|key| key.starts_with('.')));
    if is_map {
        lookup(exports, key)
    } else if key == "." {
        condition(exports, 0)
    } else {
        None
    }
}

fn lookup(map: &Value, key: &str) -> Option<String> {
    let map = map.as_object()?;
    if let Some(value) = map.get(key) {
        return condition(value, 0);
    }
    let mut patterns: Vec<_> = map.iter().filter(|(pattern, _)| pattern.contains('*')).collect();
    patterns.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.find('*')));
    patterns.into_iter().find_map(|(pattern, value)| {
        let hole = matched(pattern, key)?;
        Some(condition(value, 0)?.replace('*', hole))
    })
}

fn condition(value: &Value, depth: usize) -> Option<String> {
    if depth > MAX_NESTING {
        return None;
    }
    match value {
        Value::String(target) => Some(target.clone()),
        Value::Array(several) => several.iter().find_map(|value| condition(value, depth + 1)),
        Value::Object(conditions) => conditions
            .iter()
            .filter(|(name, _)| CONDITIONS.contains(&name.as_str()))
            .find_map(|(_, value)| condition(value, depth + 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Whether a path names something that is imported, but is no code.
fn is_asset(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').is_some_and(|(_, ending)| {
        matches!(
            ending,
            "css"
                | "scss"
                | "sass"
                | "less"
                | "styl"
                | "pcss"
                | "svg"
                | "png"
                | "jpg"
                | "jpeg"
                | "gif"
                | "webp"
                | "avif"
                | "ico"
                | "woff"
                | "woff2"
                | "ttf"
                | "otf"
                | "eot"
                | "mp3"
                | "mp4"
                | "webm"
                | "wasm"
                | "md"
                | "mdx"
                | "txt"
                | "glsl"
                | "graphql"
                | "gql"
                | "yaml"
                | "yml"
                | "csv"
                | "pdf"
                | "html"
                | "xml"
                | "webmanifest"
                | "node"
                | "map"
                | "riv"
                | "lottie"
        )
    })
}
