//! Notices about imports that lead nowhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::eval::suspects::Suspects;
use crate::graph::modules::{Graph, ImportTarget};
use crate::js::ir::{Erased, ImportKind};
use crate::notice::AnalysisNotice;
use crate::project::resolve::Resolver;

/// The imports that lead nowhere, of all apps: for each missing file or folder, the modules that import
/// from there and the specifiers by which they do.
#[derive(Default)]
pub(super) struct UnresolvedImports(BTreeMap<String, BTreeSet<(String, String)>>);

impl UnresolvedImports {
    /// Those of the modules with code that a secret may get to.
    pub(super) fn of(graph: &Graph, resolver: &Resolver<'_>, suspects: &Suspects) -> Self {
        let mut found = Self::default();
        for (id, node) in graph.modules.iter().enumerate() {
            if !suspects.has_module(graph, id) {
                continue;
            }
            let imports = node.module.imports.iter().zip(&node.links);
            let missing = imports.filter(|(import, link)| {
                // Types are not there when the code runs. Frameworks and generators make many of
                // them, so that their files are not in the repository.
                let is_erased = match import.erased {
                    Erased::No => false,
                    Erased::Type => true,
                    Erased::Unused => !resolver.keeps_unused_imports(&node.path),
                };
                **link == ImportTarget::Missing && import.kind != ImportKind::Glob && !is_erased
            });
            for (import, _) in missing {
                let place = resolver.missing_place(&node.path, &import.specifier);
                let by = (node.path.to_string(), import.specifier.clone());
                found.0.entry(place).or_default().insert(by);
            }
        }
        found
    }

    /// Adds those of another app.
    pub(super) fn extend(&mut self, other: Self) {
        for (place, by) in other.0 {
            self.0.entry(place).or_default().extend(by);
        }
    }

    /// One notice for each missing file or folder.
    pub(super) fn notices(&self) -> impl Iterator<Item = AnalysisNotice> {
        self.0.iter().filter_map(|(place, by)| {
            let (importer, specifier) = by.first()?;
            let others: BTreeSet<&str> = by.iter().map(|(_, specifier)| &**specifier).collect();
            let modules: BTreeSet<&str> = by.iter().map(|(importer, _)| &**importer).collect();
            let what = match others.len() {
                1 => format!("imports {specifier}, which is missing or too large"),
                several => format!(
                    "imports {specifier} and {} more from {place}, which are missing or too large",
                    several - 1
                ),
            };
            let followed = if others.len() == 1 { "it is" } else { "they are" };
            let also = match modules.len() {
                1 => String::new(),
                2 => " (one more module does the same)".to_owned(),
                several => format!(" ({} more modules do the same)", several - 1),
            };
            Some(AnalysisNotice::new(importer, format!("{what}, so {followed} not followed{also}")))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::analysed;

    fn notices(files: &[(&str, &str)]) -> Vec<String> {
        let package = ("package.json", r#"{"dependencies": {"next": "15.1.0"}}"#);
        let all: Vec<_> = std::iter::once(package).chain(files.iter().copied()).collect();
        let notices = analysed(&all).notices;
        let shown = notices.iter().map(|notice| {
            format!("{}: {}", notice.path.as_deref().unwrap_or_default(), notice.message)
        });
        shown.collect()
    }

    const SECRET: &str = "export const s = process.env.MAGICX_SECRET_KEY\n";

    #[test]
    fn a_missing_target_is_said_once() {
        let one = format!("import a from './gone'\nexport {{ a }}\n{SECRET}");
        assert_eq!(
            notices(&[("lib/a.ts", &one)]),
            ["lib/a.ts: imports ./gone, which is missing or too large, so it is not followed"]
        );
        let deep = format!("import a from './gen/x/a'\nexport {{ a }}\n{SECRET}");
        let other = format!("import b from './gen/b'\nexport {{ b }}\n{SECRET}");
        assert_eq!(
            notices(&[("lib/a.ts", &deep), ("lib/b.ts", &other), ("lib/c.ts", &other)]),
            [
                "lib/a.ts: imports ./gen/x/a and 1 more from lib/gen, which are missing or too large, so \
              they are not followed (2 more modules do the same)"
            ]
        );
    }

    #[test]
    fn what_no_secret_gets_to_may_lack_something() {
        let seed = format!("{SECRET}export const free = 1");
        let user = "import './gone'\nimport { free } from './a'\nexport const own = free";
        assert_eq!(notices(&[("lib/a.ts", &seed), ("lib/b.ts", user)]), [""; 0]);
        let user = user.replace("free", "s");
        assert_eq!(notices(&[("lib/a.ts", &seed), ("lib/b.ts", &user)]).len(), 1);
    }

    #[test]
    fn types_are_never_missing() {
        for import in [
            "import type { A } from './gone'",
            "import { type A } from './gone'",
            "import { A } from './gone'\nexport let a: A",
            "import type { Route } from './+types/page'",
            "import { Route } from './+types/page'\nexport { Route }",
            "import { a } from './declared'\nexport { a }",
            "import { a } from './declared.d'\nexport { a }",
        ] {
            let text = format!("{import}\n{SECRET}");
            let files = [("lib/a.ts", &*text), ("lib/declared.d.ts", "export const a: string")];
            assert_eq!(notices(&files), [""; 0], "{import}");
        }
    }
}
