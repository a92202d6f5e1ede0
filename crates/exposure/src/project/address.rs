//! Resolves addresses: of scripts, workers, style sheets and files that ship verbatim.

use crate::js::style::is_style;
use crate::js::verbatim::is_taken_whole;
use crate::paths::{extension, folder, is_below, join, name, upwards};
use crate::project::resolve::{MAX_DEPTH, Resolved, Resolver, missing};
use crate::project::specifier::{query_less, scheme};

/// Folders whose files are served from the root of an app's address.
const SERVED: [&str; 3] = ["", "public", "static"];

impl<'p> Resolver<'p> {
    /// Resolves an address of unknown meaning: to a file, if it exists.
    pub(super) fn resolve_asset(&self, from: &str, specifier: &str) -> Resolved<'p> {
        let beside = join(folder(from), query_less(specifier));
        let found = beside.filter(|_| scheme(specifier).is_none() && !specifier.starts_with('/'));
        let found = found.and_then(|path| self.known_file(&path));
        if let Some(path) = found {
            return Resolved::Assets(vec![path]);
        }
        let address = query_less(specifier);
        if let Some(inside) = address.strip_prefix('/') {
            let root = self.package_root(from).unwrap_or_default();
            let found = join(root, inside).and_then(|path| self.known_file(&path));
            return found.map_or(Resolved::External, |path| Resolved::Assets(vec![path]));
        }
        match self.resolve_module(from, specifier).into_assets() {
            // `@/a.svg`, by an alias.
            found @ Resolved::Assets(_) if address.starts_with(['@', '~']) => found,
            Resolved::Assets(_)
            | Resolved::File(_)
            | Resolved::Files(_)
            | Resolved::External
            | Resolved::Missing => Resolved::External,
        }
    }

    /// Resolves an import of a style sheet by a page or another style sheet.
    pub(super) fn resolve_style(&self, from: &str, specifier: &str) -> Resolved<'p> {
        let only_styles = |found: Resolved<'p>| match found {
            Resolved::Assets(_) => found,
            Resolved::File(_) | Resolved::Files(_) | Resolved::External | Resolved::Missing => {
                Resolved::External
            }
        };
        if is_taken_whole(specifier) {
            return self.resolve_asset(from, specifier);
        }
        // Preprocessors let the extension and the `_` of a partial be left out.
        let own = extension(from);
        if matches!(own, "vue" | "svelte" | "astro") {
            let found = only_styles(self.resolve_address(from, specifier));
            let parts = ["scss", "sass", "less", "styl", "css"].iter();
            let mut parts = parts.map(|end| self.style_part(from, specifier, end));
            if let Resolved::Assets(_) = found {
                return found;
            }
            return parts.find_map(|it| it).map_or(found, |path| Resolved::Assets(vec![path]));
        }
        if !is_style(from) {
            return only_styles(self.resolve_address(from, specifier));
        }
        match self.style_part(from, specifier, own) {
            Some(path) => Resolved::Assets(vec![path]),
            None => only_styles(self.resolve_module(from, specifier)),
        }
    }

    /// The style sheet beside another file, possibly without its extension and the `_` of a partial.
    fn style_part(&self, from: &str, specifier: &str, extension: &str) -> Option<&'p str> {
        let beside = join(folder(from), query_less(specifier).trim_start_matches('~'));
        let part = |path: &str| {
            let part = format!("_{}.{extension}", name(path));
            if folder(path).is_empty() { part } else { format!("{}/{part}", folder(path)) }
        };
        beside.filter(|_| scheme(specifier).is_none()).and_then(|path| {
            self.known_file(&path)
                .filter(|path| is_style(path))
                .or_else(|| self.known_file(&format!("{path}.{extension}")))
                .or_else(|| self.known_file(&part(&path)))
                .or_else(|| self.known_file(&format!("{path}/_index.{extension}")))
        })
    }

    /// Resolves the address of a script.
    pub(super) fn resolve_address(&self, from: &str, specifier: &str) -> Resolved<'p> {
        let specifier = specifier.strip_prefix("%PUBLIC_URL%").unwrap_or(specifier).trim();
        let has_hole = specifier.contains(['{', '}', '<', '>', '%', '$']);
        if has_hole || specifier.starts_with("//") || scheme(specifier).is_some() {
            return Resolved::External;
        }
        let query = query_less(specifier);
        if query.starts_with(['/', '.', '@', '~', '#']) {
            return self.resolve_module(from, specifier);
        }
        // An address without dots begins beside the page, or where the page is served.
        let beside = join(folder(from), query).and_then(|path| self.probe(&path));
        beside.or_else(|| self.served_file(from, query)).unwrap_or_else(|| missing(query))
    }

    /// Resolves an absolute address: the app may be in any folder around the module, up to its
    /// package.
    pub(super) fn served_file(&self, from: &str, path: &str) -> Option<Resolved<'p>> {
        let package = self.package_root(from).unwrap_or_default();
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
        let (_, served) = self.served.as_ref().filter(|(root, _)| is_below(from, root))?;
        self.probe(&join(served, path)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::input::Files;
    use crate::js::ir::ImportKind;
    use crate::project::resolve::{Project, Resolver};
    use crate::project::testing::shown;
    use crate::testing::memory::Memory;

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
    fn files_of_the_folder_that_a_configuration_names_are_served() {
        let files = Memory::new(&[
            ("web/package.json", "{}"),
            ("web/index.html", ""),
            ("web/own/sw.js", ""),
        ]);
        let paths = files.below("");
        let project = Project::new(&files, &paths);
        let address = |resolver: &Resolver<'_>| {
            shown(resolver.resolve("web/index.html", "/sw.js", ImportKind::Script))
        };
        let resolver = Resolver::new(&project, Vec::new());
        assert_eq!(address(&resolver), "missing");
        assert_eq!(address(&resolver.serving("web", "web/own".to_owned())), "web/own/sw.js");
    }
}
