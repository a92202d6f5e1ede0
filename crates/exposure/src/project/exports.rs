//! The `exports`, `imports` and `main` of a package.json.

use serde_json::Value;

use crate::paths::join;
use crate::project::aliases::starred;
use crate::project::conventions::PACKAGE_OUTPUT_FOLDERS;
use crate::project::resolve::{Resolved, Resolver, missing};
use crate::project::specifier::is_declaration;

/// Conditions within conditions that are followed.
const MAX_NESTING: usize = 16;

/// Targets of one import; further ones are ignored.
const MAX_TARGETS: usize = 64;

/// Bytes of a target whose `*` is replaced; a longer one is not a path.
const MAX_TARGET: usize = 1000;

/// Conditions of `exports` and `imports`, the best first: sources before what is built of them, and
/// code for browsers before code for servers.
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

impl<'p> Resolver<'p> {
    /// Resolves `#name` by the `imports` of the package around a module.
    pub(super) fn package_import(&self, from: &str, path: &str) -> Option<Resolved<'p>> {
        let root = self.package_root(from)?;
        let imports = self.project.packages.get(root)?.value.get("imports")?.as_object()?;
        let mut targets = Vec::new();
        entry_targets(imports, path, &mut targets);
        for target in &targets {
            let found = if target.starts_with("./") {
                self.package_target(root, target)
            } else {
                // Node.js does not follow another `#name` either; it could lead in a circle.
                (!target.starts_with('#')).then(|| self.resolve_name(from, target))
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

    /// Resolves the path after the name of a package of the state.
    pub(super) fn package_export(&self, root: &str, rest: &str) -> Option<Resolved<'p>> {
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
        let found = targets.iter().find_map(|target| self.package_target(root, target));
        let guesses: &[String] = &if rest.is_empty() {
            ["src/index", "index", "src/main", "lib/index"].map(str::to_owned).to_vec()
        } else {
            vec![format!("src/{rest}"), rest.to_owned()]
        };
        let guessed = || guesses.iter().find_map(|guess| self.probe(&join(root, guess)?));
        // `package/dist/x`, which is not built.
        found
            .or_else(guessed)
            .or_else(|| self.package_target(root, rest).filter(|_| !rest.is_empty()))
    }

    /// Resolves a target in a package; if it is not built yet, to its source.
    pub(super) fn package_target(&self, root: &str, target: &str) -> Option<Resolved<'p>> {
        if is_declaration(target) {
            return None;
        }
        let target = join("", target)?;
        let inside = |target: &str| join(root, target).and_then(|path| self.probe(&path));
        if let Some(found) = inside(&target) {
            return Some(found);
        }
        let parts: Vec<&str> = target.split('/').collect();
        let first = parts.iter().position(|part| PACKAGE_OUTPUT_FOLDERS.contains(part))?;
        let front = parts[..first].join("/");
        let after = parts[first..].iter().skip_while(|part| PACKAGE_OUTPUT_FOLDERS.contains(part));
        let after = after.copied().collect::<Vec<_>>().join("/");
        // `dist/src/index.js` names the folder of sources itself.
        ["src/", "", "source/"]
            .iter()
            .find_map(|source| inside(&format!("{front}/{source}{after}")))
    }
}

/// The targets of `exports` or `imports` for a key: its own, or those of the closest pattern.
fn entry_targets(entries: &serde_json::Map<String, Value>, key: &str, targets: &mut Vec<String>) {
    if let Some(value) = entries.get(key) {
        return condition_targets(value, None, 0, targets);
    }
    let patterns = entries.iter().filter_map(|(pattern, value)| {
        // A folder with `/` at the end is the old form of a pattern.
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
            // A target may have its `*` more than once; its length limits the result.
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

#[cfg(test)]
mod tests {
    use crate::project::testing::check;

    #[test]
    fn packages_are_entered_by_their_exports() {
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
}
