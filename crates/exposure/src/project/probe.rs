//! Finds the module at a path: with its ending left out, of a platform, or the index of a folder.

use crate::paths::join;
use crate::project::conventions::{MODULE_EXTENSIONS, is_source};
use crate::project::resolve::{Resolved, Resolver};
use crate::project::specifier::{is_asset, is_declaration};

/// What stands in front of the ending of a module that is for one platform.
const PLATFORMS: [&str; 4] = ["web", "native", "ios", "android"];

/// What an import with the ending of JavaScript can mean in TypeScript.
const WRITTEN_FOR: [(&str, &[&str]); 4] =
    [("js", &["ts", "tsx"]), ("jsx", &["tsx", "ts"]), ("mjs", &["mts"]), ("cjs", &["cts"])];

impl<'p> Resolver<'p> {
    /// The module at a path, whose ending may be left out, or which may be a folder.
    pub(super) fn probe(&self, path: &str) -> Option<Resolved<'p>> {
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
    pub(super) fn file(&self, path: &str) -> Option<Resolved<'p>> {
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
        let found = with_any(path, &MODULE_EXTENSIONS)
            .or_else(|| written_for.and_then(|(_, endings)| with_any(stem, endings)));
        let stem = if written_for.is_some() { stem } else { path };
        let mut all: Vec<&'p str> = found.into_iter().collect();
        if is_stem(stem) {
            for platform in PLATFORMS.map(|platform| format!("{stem}.{platform}")) {
                let endings = MODULE_EXTENSIONS.iter().filter(|_| is_stem(&platform));
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
    pub(super) fn folder(&self, path: &str) -> Option<Resolved<'p>> {
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

    pub(super) fn index(&self, path: &str) -> Option<Resolved<'p>> {
        self.file(&join(path, "index")?)
    }

    /// The module with this stem and this ending.
    pub(super) fn ended(&self, stem: &str, ending: &str) -> Option<&'p str> {
        self.found(&format!("{stem}.{ending}"))
    }
}
