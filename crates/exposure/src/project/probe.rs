//! Finds the module at a path whose extension is left out, which has versions for platforms, or
//! which is a folder.

use crate::paths::join;
use crate::project::conventions::{MODULE_EXTENSIONS, is_source};
use crate::project::resolve::{Resolved, Resolver};
use crate::project::specifier::{is_asset, is_declaration};

/// Names of platforms, which come before the extension of a module.
const PLATFORMS: [&str; 4] = ["web", "native", "ios", "android"];

/// Extensions of TypeScript that an extension of JavaScript in an import can mean.
const SOURCE_EXTENSIONS_FOR: [(&str, &[&str]); 4] =
    [("js", &["ts", "tsx"]), ("jsx", &["tsx", "ts"]), ("mjs", &["mts"]), ("cjs", &["cts"])];

impl<'p> Resolver<'p> {
    /// The module at a path, whose extension may be left out, or which may be a folder.
    pub(super) fn probe(&self, path: &str) -> Option<Resolved<'p>> {
        if is_asset(path) {
            return self.known_file(path).map(|path| Resolved::Assets(vec![path]));
        }
        if let Some(found) = self.known_file(path).filter(|path| !is_declaration(path)) {
            let is_module = is_source(found) || found.ends_with(".json");
            let whole = || Resolved::Assets(vec![found]);
            return Some(if is_module { Resolved::File(found) } else { whole() });
        }
        self.probe_file(path).or_else(|| self.probe_folder(path))
    }

    /// The file at a path without its extension, or with that of its output.
    pub(super) fn probe_file(&self, path: &str) -> Option<Resolved<'p>> {
        if path.is_empty() || path.ends_with('/') {
            return None;
        }
        let is_stem = |stem: &str| self.project.stems.contains(stem);
        let with_any = |stem: &str, extensions: &[&str]| {
            let is_stem = is_stem(stem);
            extensions
                .iter()
                .filter(|_| is_stem)
                .find_map(|extension| self.file_with_extension(stem, extension))
        };
        let (stem, written) = path.rsplit_once('.').unwrap_or((path, ""));
        let source_extensions =
            SOURCE_EXTENSIONS_FOR.iter().find(|(extension, _)| *extension == written);
        let found = with_any(path, &MODULE_EXTENSIONS)
            .or_else(|| source_extensions.and_then(|(_, extensions)| with_any(stem, extensions)));
        let stem = if source_extensions.is_some() { stem } else { path };
        let mut all: Vec<&'p str> = found.into_iter().collect();
        if is_stem(stem) {
            for platform in PLATFORMS.map(|platform| format!("{stem}.{platform}")) {
                let extensions = MODULE_EXTENSIONS.iter().filter(|_| is_stem(&platform));
                all.extend(
                    extensions
                        .filter_map(|extension| self.file_with_extension(&platform, extension)),
                );
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

    /// The module of a folder.
    pub(super) fn probe_folder(&self, path: &str) -> Option<Resolved<'p>> {
        if let Some(package) = self.project.packages.get(path) {
            for key in ["source", "browser", "module", "main"] {
                let target = package.value[key].as_str();
                // Without the folder itself as a target, which would lead here again.
                let joined = target.and_then(|target| join(path, target));
                let joined = joined.filter(|joined| joined != path);
                let found = joined.and_then(|joined| {
                    let exact = self.known_file(&joined).map(Resolved::File);
                    exact.or_else(|| self.probe_file(&joined)).or_else(|| self.probe_index(&joined))
                });
                if found.is_some() {
                    return found;
                }
            }
        }
        let source = || self.project.packages.contains_key(path).then(|| join(path, "src"))?;
        self.probe_index(path).or_else(|| self.probe_index(&source()?))
    }

    pub(super) fn probe_index(&self, path: &str) -> Option<Resolved<'p>> {
        self.probe_file(&join(path, "index")?)
    }

    /// The module with this stem and this extension.
    pub(super) fn file_with_extension(&self, stem: &str, extension: &str) -> Option<&'p str> {
        self.known_file(&format!("{stem}.{extension}"))
    }
}
