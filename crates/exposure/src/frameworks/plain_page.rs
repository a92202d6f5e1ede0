//! Pages that are served as they are.

use crate::app::App;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{AddressedFiles, BuiltBy, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Modules};
use crate::frameworks::paths;

/// Pages that are served as they are.
pub(crate) struct PlainPage;

static FACTS: FrameworkFacts = FrameworkFacts {
    addressed_files: AddressedFiles::Served,
    is_incidental: true,
    built_by: BuiltBy::BuildersOfPages,
    ..FrameworkFacts::new(
        FrameworkId::PlainPage,
        "pages",
        FrameworkDocs { entries: "scripts of pages", cut: "nothing", values: "nothing" },
    )
};

impl Framework for PlainPage {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.files.iter().any(|path| path.ends_with(".html") || path.ends_with(".htm"))
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let all = modules.paths().into_iter().filter(|path| paths::is_source(app, path));
        let pages = all.filter(|path| path.ends_with(".html") || path.ends_with(".htm"));
        pages.map(|path| EntryPoint::client(path, "page that browsers load")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};

    #[test]
    fn pages_of_a_build_are_no_sources() {
        let world = World::new(&[("index.html", ""), ("dist/index.html", ""), ("a/b.htm", "")]);
        assert_eq!(world.entries(&PlainPage), sides(&["index.html", "a/b.htm"], &[]));
    }
}
