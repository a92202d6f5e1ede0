//! Short notations of resolved imports.

use crate::input::Files;
use crate::js::ir::ImportKind;
use crate::project::aliases::Alias;
use crate::project::resolve::{Project, Resolved, Resolver};
use crate::testing::memory::Memory;

/// Compares the meaning of imports in a state; `+` separates several files.
pub(super) fn check(files: &[(&str, &str)], aliases: &[Alias], cases: &[(&str, &str, &str)]) {
    let files = Memory::new(files);
    let paths = files.below("");
    let project = Project::new(&files, &paths);
    let resolver = Resolver::new(&project, aliases.to_vec());
    for (from, specifier, expected) in cases {
        let shown = shown(resolver.resolve(from, specifier, ImportKind::Static));
        assert_eq!(shown, *expected, "{specifier} in {from}");
    }
}

pub(super) fn shown(resolved: Resolved<'_>) -> String {
    match resolved {
        Resolved::File(path) => path.to_owned(),
        Resolved::Files(paths) => paths.join("+"),
        Resolved::Assets(paths) => format!("text of {}", paths.join("+")),
        Resolved::External => "external".to_owned(),
        Resolved::Missing => "missing".to_owned(),
    }
}

pub(super) fn alias(root: &str, name: &str, target: &str) -> Alias {
    let (root, name, target) = (root.to_owned(), name.to_owned(), target.to_owned());
    Alias { root, name, is_exact: false, target }
}
