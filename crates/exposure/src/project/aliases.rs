//! Aliases of imports: those of frameworks and bundlers, and the path mappings of a
//! `tsconfig.json`.

use crate::paths::{is_below, join};

/// The name of an alias for every name, which may also be that of a package.
pub(crate) const ANY: &str = "*";

/// A name that a framework or bundler lets imports begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias {
    /// It applies to the modules below this folder.
    pub root: String,
    /// The name as written: `@` is for `@` and for all of `@/…`. With one `*`, it is a pattern.
    pub name: String,
    /// Set if it is for the name alone.
    pub is_exact: bool,
    /// The path it leads to, relative to the root of the state, never the name of a package; a `*`
    /// is replaced by the match of the pattern's `*`.
    pub target: String,
}

/// Targets of one import; further ones are ignored.
const MAX_TARGETS: usize = 64;

/// The aliases that apply to an import, the longest name first, with the paths they lead to.
pub(super) fn aliased<'a>(
    aliases: &'a [Alias],
    from: &str,
    path: &str,
) -> Vec<(&'a Alias, String)> {
    let mut found: Vec<(&Alias, String)> = Vec::new();
    for alias in aliases.iter().filter(|alias| is_below(from, &alias.root)) {
        let name = alias.name.strip_suffix('/').unwrap_or(&alias.name);
        let target = match path.strip_prefix(name) {
            Some("") => Some(alias.target.clone()),
            Some(rest) if rest.starts_with('/') && !alias.is_exact => {
                Some(format!("{}{rest}", alias.target))
            }
            Some(_) | None => starred(name, path).map(|part| alias.target.replacen('*', part, 1)),
        };
        if let Some(target) = target.and_then(|target| join("", &target)) {
            found.push((alias, target));
        }
    }
    found.sort_by_key(|(alias, _)| std::cmp::Reverse(alias.name.len()));
    found
}

/// The paths that the path mappings of a configuration lead to, the closest pattern first. The flag
/// is set if the pattern is specific, so that the name cannot be a package.
pub(super) fn mapped(paths: &[(String, Vec<String>)], path: &str) -> Vec<(String, bool)> {
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

/// The part of a path that the `*` of a pattern matches.
pub(super) fn starred<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    let (front, back) = pattern.split_once('*')?;
    path.strip_prefix(front)?.strip_suffix(back)
}

#[cfg(test)]
mod tests {
    use crate::project::aliases::Alias;
    use crate::project::testing::{alias, check};

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
    fn path_mappings_are_followed() {
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
}
