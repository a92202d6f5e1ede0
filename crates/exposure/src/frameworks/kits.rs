//! Kits round a bundler with public variables of their own: Storybook, Redwood, Plasmo, WXT.

use crate::app::App;
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::paths;
use crate::frameworks::places::place;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::leak::FileSpan;
use crate::project::conventions::has_test_name;
use crate::variables::read::{EnvRoot, ReadForm};

/// Storybook.
pub(crate) struct Storybook;

/// The web side of Redwood.
pub(crate) struct Redwood;

/// Plasmo, which builds extensions.
pub(crate) struct Plasmo;

/// WXT, which builds extensions, too.
pub(crate) struct Wxt;

fn is_env(read: &VariableRead<'_>) -> bool {
    matches!(read.root, EnvRoot::Process | EnvRoot::ImportMeta)
}

impl Framework for Storybook {
    fn name(&self) -> &'static str {
        "storybook"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("storybook") || paths::has_folder(app, ".storybook")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let named = paths::named(app, &[".storybook/preview", ".storybook/manager"]);
        named.iter().map(|path| EntryPoint::client(path, "part of the storybook")).collect()
    }

    fn inlining(&self, _app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_public = is_env(read) && read.name.starts_with("STORYBOOK_");
        Inlining::when(is_public, "Storybook writes every STORYBOOK_* into its build")
    }

    fn inlining_in_page(&self, app: &App<'_>, path: &str, name: &str) -> Inlining {
        let is_page = app.relative(path).is_some_and(|path| path.starts_with(".storybook/"));
        Inlining::when(
            is_page && name.starts_with("STORYBOOK_"),
            "Storybook writes %STORYBOOK_X% into its pages",
        )
    }

    fn public_prefixes(&self, _app: &App<'_>) -> Vec<String> {
        vec!["STORYBOOK_".to_owned()]
    }
}

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
    fn name(&self) -> &'static str {
        "redwood"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("@redwoodjs/web") || app.depends_on("@cedarjs/web")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let named = ["src/App", "src/entry.client", "src/index", "src/Routes"];
        let mut entries: Vec<EntryPoint> = paths::named(app, &named)
            .iter()
            .map(|path| EntryPoint::client(path, "entry of the web side"))
            .collect();
        // Its router takes pages in by their names.
        for (path, _) in paths::below(app, "src/pages") {
            if paths::is_module(path) && !has_test_name(path) {
                entries.push(EntryPoint::client(path, "page of the web side"));
            }
        }
        entries
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_included = || Self::included(app).iter().any(|(name, _)| name == read.name);
        let is_literal = is_env(read) && matches!(read.form, ReadForm::Member | ReadForm::Index);
        Inlining::when(
            is_literal && (read.name.starts_with("REDWOOD_ENV_") || is_included()),
            "Redwood inlines REDWOOD_ENV_* and what redwood.toml includes",
        )
    }

    fn public_prefixes(&self, _app: &App<'_>) -> Vec<String> {
        vec!["REDWOOD_ENV_".to_owned()]
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "includeEnvironmentVariables gives it to the web side";
        let included = Self::included(app).into_iter();
        included.map(|(name, at)| ShippedSetting::variable(name, &at, note)).collect()
    }
}

impl Framework for Plasmo {
    fn name(&self) -> &'static str {
        "plasmo"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("plasmo")
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

    fn inlining(&self, _app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_public = read.root == EnvRoot::Process && read.name.starts_with("PLASMO_PUBLIC_");
        Inlining::when(is_public, "Plasmo inlines every PLASMO_PUBLIC_*")
    }

    fn public_prefixes(&self, _app: &App<'_>) -> Vec<String> {
        vec!["PLASMO_PUBLIC_".to_owned()]
    }
}

impl Framework for Wxt {
    fn name(&self) -> &'static str {
        "wxt"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("wxt")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let config = app.config(&["wxt.config"]).map(|(_, value)| value);
        let source = config.and_then(|config| config.get("srcDir").text());
        let folder = format!("{}/entrypoints", source.unwrap_or("."));
        let folder = paths::clean(&folder).unwrap_or_else(|| "entrypoints".to_owned());
        let is_entry = |inside: &str| {
            let stem = paths::module(inside).unwrap_or_default();
            !stem.is_empty() && (!stem.contains('/') || stem.ends_with("/index"))
        };
        let all = paths::below(app, &folder).into_iter().filter(|(_, inside)| is_entry(inside));
        all.map(|(path, _)| EntryPoint::client(path, "entry point of the extension")).collect()
    }

    fn inlining(&self, _app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_public = ["WXT_", "VITE_"].iter().any(|prefix| read.name.starts_with(prefix));
        Inlining::when(
            read.root == EnvRoot::ImportMeta && is_public,
            "WXT inlines import.meta.env.WXT_* and VITE_*",
        )
    }

    fn public_prefixes(&self, _app: &App<'_>) -> Vec<String> {
        vec!["WXT_".to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};

    #[test]
    fn each_has_its_prefix() {
        let all: [(&dyn Framework, &str, &str); 3] = [
            (&Storybook, r#"{"devDependencies": {"storybook": "9.0.0"}}"#, "STORYBOOK_A"),
            (&Redwood, r#"{"dependencies": {"@redwoodjs/web": "8.0.0"}}"#, "REDWOOD_ENV_A"),
            (&Plasmo, r#"{"dependencies": {"plasmo": "0.90.0"}}"#, "PLASMO_PUBLIC_A"),
        ];
        for (framework, package, name) in all {
            let world = World::new(&[("package.json", package)]);
            assert!(framework.is_used(&world.app()));
            assert!(world.inlines(framework, name, EnvRoot::Process, ReadForm::Member));
            assert!(!world.inlines(framework, "A", EnvRoot::Process, ReadForm::Member));
        }
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
        let world = World::new(&[
            ("package.json", r#"{"devDependencies": {"wxt": "0.20.0"}}"#),
            ("entrypoints/background.ts", ""),
            ("entrypoints/a.content/index.ts", ""),
            ("entrypoints/popup/app.tsx", ""),
            ("lib/b.ts", ""),
        ]);
        let client = ["entrypoints/background.ts", "entrypoints/a.content/index.ts"];
        assert_eq!(world.entries(&Wxt), sides(&client, &[]));
        assert!(world.inlines(&Wxt, "WXT_A", EnvRoot::ImportMeta, ReadForm::Member));
        assert!(!world.inlines(&Wxt, "A", EnvRoot::ImportMeta, ReadForm::Member));
    }
}
