//! Code that does what only a page can do, where no framework says what ships.

use crate::app::App;
use crate::frameworks::framework::{EntryPoint, Framework, Modules};
use crate::frameworks::paths;

/// Modules that do what only a page does, where no framework says what ships.
pub(crate) struct BrowserCode;

impl Framework for BrowserCode {
    fn name(&self) -> &'static str {
        "browser"
    }

    fn is_used(&self, _app: &App<'_>) -> bool {
        true
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let is_known = crate::frameworks::all().iter().any(|known| {
            !matches!(known.name(), "browser" | "html" | "extension" | "node" | "storybook")
                && known.is_used(app)
        });
        let mut entries = Vec::new();
        for path in modules.paths() {
            let Some(module) = modules.module(path) else { continue };
            if is_known || paths::is_test(path) || !paths::is_source(app, path) {
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
        let package = ("package.json", r#"{"dependencies": {"next": "15"}}"#);
        let mut known = World::new(&[package, ("a.js", "")]);
        known.module_mut("a.js").page_call = Some(Default::default());
        assert!(known.entries(&BrowserCode).is_empty());
    }
}
