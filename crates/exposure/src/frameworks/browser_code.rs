//! Code that does what only a page can do, where no framework says what ships.

use crate::app::App;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{AddressedFiles, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Modules};
use crate::frameworks::paths;
use crate::project::conventions::has_test_name;

/// Modules that do what only a page does, in apps without a known framework.
pub(crate) struct BrowserCode;

static FACTS: FrameworkFacts = FrameworkFacts {
    app_packages: &["@ionic/core", "preact-cli"],
    addressed_files: AddressedFiles::Served,
    is_incidental: true,
    ..FrameworkFacts::new(
        FrameworkId::BrowserCode,
        "code for browsers",
        FrameworkDocs {
            entries: "modules that call `createRoot`, `document.…` and the like, in apps without a known framework (a guess)",
            cut: "nothing",
            values: "nothing",
        },
    )
};

impl Framework for BrowserCode {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, _app: &App<'_>) -> bool {
        true
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        for path in modules.paths() {
            let Some(module) = modules.module(path) else { continue };
            if has_test_name(path) || !paths::is_source(app, path) {
                continue;
            }
            if let Some(span) = module.page_call {
                entries.push(
                    EntryPoint::client(path, "does what only a page can do").at(span).likely(),
                );
            }
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};

    #[test]
    fn what_only_a_page_does_is_a_guess() {
        let mut world = World::new(&[("a.js", ""), ("b.js", "")]);
        world.module_mut("a.js").page_call = Some(Default::default());
        assert_eq!(world.entries(&BrowserCode), sides(&["a.js"], &[]));
    }
}
