//! Resolves patterns of imports: `import.meta.glob`, and template literals.

use crate::paths::{PathPattern, folder, join};
use crate::project::aliases::{aliased, mapped};
use crate::project::conventions::is_source;
use crate::project::resolve::{Resolved, Resolver};
use crate::project::specifier::{is_vendored, scheme};

/// Modules of one pattern; further ones are ignored.
const MAX_MATCHES: usize = 2000;

impl<'p> Resolver<'p> {
    /// Every module that a pattern matches, or whose path has the prefix.
    pub(super) fn resolve_glob(&self, from: &str, specifier: &str) -> Resolved<'p> {
        let (specifier, is_text) = match specifier.strip_suffix("?raw") {
            Some(pattern) => (pattern, true),
            None => (specifier, false),
        };
        let mut words = specifier.split(" !");
        let specifier = words.next().unwrap_or_default();
        // `**/x` is meant anywhere.
        let excluded = words.filter_map(|pattern| match pattern.strip_prefix('/') {
            Some(path) => join(self.package_root(from).unwrap_or_default(), path),
            None if pattern.starts_with('.') => join(folder(from), pattern),
            None => pattern.starts_with("**").then(|| pattern.to_owned()),
        });
        let excluded: Vec<PathPattern> = excluded.map(|it| PathPattern::new(&it)).collect();
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
            let root = self.package_root(from).unwrap_or_default();
            absolute(join(root, path)).into_iter().collect()
        } else {
            let configs = self.project.configs.around(from);
            let mapped = configs.flat_map(|config| mapped(&config.paths, specifier));
            let targets =
                aliased(&self.aliases, from, specifier).into_iter().map(|(_, target)| target);
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
                is_module
                    && is_meant
                    && *path != from
                    && !is_vendored(path)
                    && !excluded.iter().any(|pattern| pattern.matches(path))
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

#[cfg(test)]
mod tests {
    use crate::input::Files;
    use crate::js::ir::ImportKind;
    use crate::project::resolve::{Project, Resolver};
    use crate::project::testing::{alias, shown};
    use crate::testing::memory::Memory;

    #[test]
    fn patterns_import_all_modules_that_match() {
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
            ("src/x.ts", "./pages/** !./pages/b/*", "src/pages/a.tsx+src/pages/x.ts"),
            ("src/x.ts", "/src/pages/** !**/*.vue !/src/pages/x.ts", "src/pages/a.tsx"),
            (
                "src/x.ts",
                "./pages/**/*.* !**/*.tsx?raw",
                "text of src/pages/b/c.vue+src/pages/d.css+src/pages/x.ts",
            ),
            ("src/x.ts", "./none/", "external"),
            ("src/x.ts", "package/", "external"),
            ("src/x.ts", "../../../", "external"),
            ("src/x.ts", "", "external"),
        ] {
            let shown = shown(resolver.resolve(from, specifier, ImportKind::Glob));
            assert_eq!(shown, expected, "{specifier} in {from}");
        }
    }
}
