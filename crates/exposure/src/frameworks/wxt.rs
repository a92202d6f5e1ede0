//! WXT, which builds browser extensions with Vite.

use crate::app::App;
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::modes::browser;
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, vite};
use crate::js::guard::{Absence, BuildValue, CodeWord};
use crate::js::ir::{Expr, ExprId, Module, Property, PropertyKey};
use crate::variables::read::EnvRoot;

/// WXT.
pub(crate) struct Wxt;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["wxt"],
    app_packages: &["wxt"],
    app_prefixes: &["WXT_"],
    makes_extensions: true,
    looks_into_entries: true,
    fix_hints: FixHints { file: "a server of your own", call: "that server", ..FixHints::GENERIC },
    ..FrameworkFacts::new(
        FrameworkId::Wxt,
        "WXT",
        FrameworkDocs {
            entries: "`entrypoints` of the extension",
            cut: "nothing",
            values: "`import.meta.env.WXT_*`, `VITE_*`",
        },
    )
};

impl Framework for Wxt {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let own = browser(app);
        let config = app.config(&["wxt.config"]).map(|(_, value)| value);
        let source = config.and_then(|config| config.get("srcDir").text());
        let folder = format!("{}/entrypoints", source.unwrap_or("."));
        let folder = paths::clean(&folder).unwrap_or_else(|| "entrypoints".to_owned());
        let is_entry = |inside: &str| {
            let stem = paths::module(inside).unwrap_or_default();
            !stem.is_empty() && (!stem.contains('/') || stem.ends_with("/index"))
        };
        let all = paths::below(app, &folder).into_iter().filter(|(_, inside)| is_entry(inside));
        let entry = |path: &str| {
            let entry = EntryPoint::client(path, "entry point of the extension");
            let module = modules.module(path);
            match &own {
                Some(own) if module.is_some_and(|module| !is_for_browser(module, own)) => {
                    entry.left_out(Absence::Is(BuildValue::Browser, CodeWord::new("another")))
                }
                _ => entry,
            }
        };
        all.map(|(path, _)| entry(path)).collect()
    }

    fn left_out(&self, app: &App<'_>) -> Vec<Absence> {
        let mut all = Absence::OF_VITE.to_vec();
        let browser = browser(app).map(|name| CodeWord::new(&name));
        all.extend(browser.map(|word| Absence::IsNot(BuildValue::Browser, word)));
        all
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let config = app.config(&["wxt.config"]).map_or(&Value::Unknown, |(_, value)| value);
        let note = "the manifest is part of the extension";
        let mut settings = vec![
            ShippedSetting::property(config, "manifest", note),
            ShippedSetting::property(config.get("hooks"), "build:manifestGenerated", note),
        ];
        settings.extend(vite::shipped_settings(app));
        settings
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_public = ["WXT_", "VITE_"].iter().any(|prefix| read.name.starts_with(prefix));
        if read.root == EnvRoot::ImportMeta && is_public {
            return Inlining::Yes("WXT inlines import.meta.env.WXT_* and VITE_*".to_owned());
        }
        vite::inlining(app, read)
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let config = app.config(&["wxt.config"]).map_or(&Value::Unknown, |(_, value)| value);
        let source = config.get("srcDir").text().and_then(paths::clean).unwrap_or_default();
        let source = app.path(&source).trim_end_matches('/').to_owned();
        let mut aliases = vite::aliases(app);
        aliases.extend(["@", "~"].map(|name| (name.to_owned(), source.clone())));
        aliases.extend(["@@", "~~"].map(|name| (name.to_owned(), app.root.clone())));
        aliases
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        vite::published_maps(app)
    }
}

/// True if an entry point is built for a browser, by its options `include` and `exclude`.
fn is_for_browser(module: &Module, browser: &str) -> bool {
    let Some(body) = module.body.as_ref() else { return true };
    let Some(Expr::Call { arguments, .. }) =
        body.default_export.and_then(|it| body.node(it)).map(|node| &node.expr)
    else {
        return true;
    };
    let Some(Expr::Object(properties)) =
        arguments.first().and_then(|it| body.node(*it)).map(|node| &node.expr)
    else {
        return true;
    };
    let named = |wanted: &str| {
        let is_it =
            |own: &Property| matches!(&own.key, PropertyKey::Name(name) if **name == *wanted);
        let value = properties.iter().find(|own| is_it(own))?.value;
        let Expr::Array(elements) = &body.node(value)?.expr else { return None };
        let is_browser = |it: &ExprId| matches!(body.node(*it).map(|node| &node.expr), Some(Expr::Text(text)) if **text == *browser);
        Some(elements.iter().any(is_browser))
    };
    named("include") != Some(false) && named("exclude") != Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};
    use crate::variables::read::ReadForm;

    #[test]
    fn entry_points_are_found_by_name() {
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
