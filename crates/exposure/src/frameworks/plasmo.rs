//! Plasmo, which builds browser extensions.

use std::collections::BTreeSet;

use crate::app::App;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::paths;
use crate::frameworks::places::place;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::js::guard::Absence;
use crate::variables::read::EnvRoot;

/// Plasmo.
pub(crate) struct Plasmo;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["plasmo"],
    app_packages: &["plasmo"],
    app_prefixes: &["PLASMO_PUBLIC_"],
    makes_extensions: true,
    fix_hints: FixHints { file: "a server of your own", call: "that server", ..FixHints::GENERIC },
    left_out: &[Absence::ModuleHot, Absence::NodeEnv, Absence::Never, Absence::Pure],
    ..FrameworkFacts::new(
        FrameworkId::Plasmo,
        "Plasmo",
        FrameworkDocs {
            entries: "parts of the extension",
            cut: "nothing",
            values: "`process.env.PLASMO_PUBLIC_*`; `manifest` of package.json",
        },
    )
};

impl Framework for Plasmo {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        const PARTS: [&str; 9] = [
            "background",
            "content",
            "devtools",
            "newtab",
            "options",
            "popup",
            "sandbox",
            "sidepanel",
            "bookmarks",
        ];
        let is_part = |relative: &str| {
            let own = relative.strip_prefix("src/").unwrap_or(relative);
            let Some(stem) = paths::module(own) else { return false };
            let folder = stem.split('/').next().unwrap_or_default();
            let part = stem.strip_suffix("/index").unwrap_or(stem);
            PARTS.contains(&part.split('.').next().unwrap_or_default())
                || matches!(folder, "contents" | "tabs" | "sandboxes" if folder != stem)
                || stem.starts_with("background/messages/")
                || stem.starts_with("background/ports/")
        };
        let files = app.files.iter().filter(|path| app.relative(path).is_some_and(is_part));
        files.map(|path| EntryPoint::client(path, "part of the extension")).collect()
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let Some(package) = &app.package else { return Vec::new() };
        let note = "the manifest is part of the extension";
        let path = app.path("package.json");
        let size = app.state.read(&path).ok().flatten().map_or(0, |bytes| bytes.len());
        let Some(at) = place(&path, 0, size) else { return Vec::new() };
        vec![ShippedSetting::text(&package.value["manifest"].to_string(), &at, note)]
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        // `~assets/a.svg` is `assets/a.svg`.
        let relative = app.files.iter().filter_map(|path| app.relative(path));
        let folders = relative.filter_map(|path| path.split_once('/')).map(|(folder, _)| folder);
        let folders: BTreeSet<&str> = folders.collect();
        folders.into_iter().map(|folder| (format!("~{folder}"), app.path(folder))).collect()
    }

    fn inlining(&self, _app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_public = read.root == EnvRoot::Process && read.name.starts_with("PLASMO_PUBLIC_");
        Inlining::when(is_public, "Plasmo inlines every PLASMO_PUBLIC_*")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};
    use crate::variables::read::ReadForm;

    #[test]
    fn variables_with_its_prefix_are_inlined() {
        let package = r#"{"dependencies": {"plasmo": "0.90.0"}}"#;
        let world = World::new(&[("package.json", package)]);
        assert!(Plasmo.is_used(&world.app()));
        assert!(world.inlines(&Plasmo, "PLASMO_PUBLIC_A", EnvRoot::Process, ReadForm::Member));
        assert!(!world.inlines(&Plasmo, "A", EnvRoot::Process, ReadForm::Member));
    }

    #[test]
    fn parts_of_an_extension_are_found_by_name() {
        let world = World::new(&[
            ("package.json", r#"{"dependencies": {"plasmo": "0.90.0"}}"#),
            ("popup.tsx", ""),
            ("src/background/index.ts", ""),
            ("contents/a.ts", ""),
            ("lib/b.ts", ""),
        ]);
        let client = ["popup.tsx", "src/background/index.ts", "contents/a.ts"];
        assert_eq!(world.entries(&Plasmo), sides(&client, &[]));
    }
}
