//! The web side of Redwood, and of Cedar, its successor.

use crate::app::App;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::paths;
use crate::frameworks::places::place;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::js::guard::Absence;
use crate::leak::FileSpan;
use crate::project::conventions::has_test_name;
use crate::variables::read::ReadForm;

/// The web side of Redwood.
pub(crate) struct Redwood;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@redwoodjs/web", "@cedarjs/web"],
    settings: &["redwood.toml"],
    app_prefixes: &["REDWOOD_ENV_"],
    fix_hints: FixHints {
        file: "a function such as api/src/functions/token.ts",
        call: "that function",
        option: "includeEnvironmentVariables of redwood.toml",
        ..FixHints::GENERIC
    },
    owns_entries: true,
    left_out: Absence::OF_VITE,
    ..FrameworkFacts::new(
        FrameworkId::Redwood,
        "Redwood",
        FrameworkDocs {
            entries: "pages and `App` of the web side",
            cut: "the API side",
            values: "`REDWOOD_ENV_*`, what redwood.toml includes",
        },
    )
};

impl Redwood {
    /// The variables that `redwood.toml` gives to the web side, with their places.
    fn included(app: &App<'_>) -> Vec<(String, FileSpan)> {
        let above = paths::folder(&app.root);
        let path = if above.is_empty() {
            "redwood.toml".to_owned()
        } else {
            format!("{above}/redwood.toml")
        };
        let Ok(Some(bytes)) = app.state.read(&path) else { return Vec::new() };
        let text = String::from_utf8_lossy(&bytes);
        let Ok(settings) = text.parse::<toml::Table>() else { return Vec::new() };
        let web = settings.get("web").and_then(|web| web.get("includeEnvironmentVariables"));
        let names = web.and_then(|names| names.as_array()).into_iter().flatten();
        let list = text.find("includeEnvironmentVariables").unwrap_or_default();
        names
            .filter_map(|name| name.as_str())
            .filter_map(|name| {
                let start = list + text.get(list..)?.find(name)?;
                Some((name.to_owned(), place(&path, start, name.len())?))
            })
            .collect()
    }
}

impl Framework for Redwood {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let named = ["src/App", "src/entry.client", "src/index", "src/Routes"];
        let mut entries: Vec<EntryPoint> = paths::named(app, &named)
            .iter()
            .map(|path| EntryPoint::client(path, "entry of the web side"))
            .collect();
        // Its router finds pages by their names.
        for (path, _) in paths::below(app, "src/pages") {
            if paths::is_module(path) && !has_test_name(path) {
                entries.push(EntryPoint::client(path, "page of the web side"));
            }
        }
        entries
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_included = || Self::included(app).iter().any(|(name, _)| name == read.name);
        let is_literal = read.is_env() && matches!(read.form, ReadForm::Member | ReadForm::Index);
        Inlining::when(
            is_literal && (read.name.starts_with("REDWOOD_ENV_") || is_included()),
            "Redwood inlines REDWOOD_ENV_* and what redwood.toml includes",
        )
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "includeEnvironmentVariables gives it to the web side";
        let included = Self::included(app).into_iter();
        included.map(|(name, at)| ShippedSetting::variable(name, &at, note)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};
    use crate::variables::read::EnvRoot;

    #[test]
    fn variables_with_its_prefix_are_inlined() {
        let package = r#"{"dependencies": {"@redwoodjs/web": "8.0.0"}}"#;
        let world = World::new(&[("package.json", package)]);
        assert!(Redwood.is_used(&world.app()));
        assert!(world.inlines(&Redwood, "REDWOOD_ENV_A", EnvRoot::Process, ReadForm::Member));
        assert!(!world.inlines(&Redwood, "A", EnvRoot::Process, ReadForm::Member));
    }

    #[test]
    fn redwood_gives_variables_to_its_web_side() {
        let settings = "[web]\nincludeEnvironmentVariables = ['A', 'MAGICX_SECRET_KEY']\n";
        let world = World::new(&[
            ("package.json", r#"{"dependencies": {"@redwoodjs/web": "8.0.0"}}"#),
            ("redwood.toml", settings),
            ("src/App.tsx", ""),
            ("src/pages/HomePage/HomePage.tsx", ""),
        ]);
        assert!(world.inlines(&Redwood, "A", EnvRoot::Process, ReadForm::Member));
        assert!(!world.inlines(&Redwood, "B", EnvRoot::Process, ReadForm::Member));
        let at = settings.find("MAGICX").unwrap();
        assert_eq!(
            world.leaks(&Redwood),
            [format!("redwood.toml:{at} Name(\"MAGICX_SECRET_KEY\")")]
        );
        let client = ["src/App.tsx", "src/pages/HomePage/HomePage.tsx"];
        assert_eq!(world.entries(&Redwood), sides(&client, &[]));
    }
}
