//! Gatsby.

use super::super::app::App;
use super::super::facts::Module;
use super::super::leak::Leak;
use super::super::value::Value;
use super::Entry;
use super::EnvRoot;
use super::Framework;
use super::Handover;
use super::Inlining;
use super::Modules;
use super::Read;
use super::ReadForm;
use super::inlined::Inlined;
use super::paths;
use super::webpack;

/// Gatsby.
pub(super) struct Gatsby;

/// Whether a file of variables is one of which Gatsby inlines everything: `.env.production` and
/// `.env.development`, whatever the names in it (`gatsby/src/utils/webpack.config.js`).
fn is_inlined_file(path: &str) -> bool {
    matches!(paths::name(path), ".env.production" | ".env.development")
}

impl Framework for Gatsby {
    fn name(&self) -> &'static str {
        "gatsby"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("gatsby")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (folder, why) in
            [("src/pages", "page of Gatsby"), ("src/templates", "template of Gatsby")]
        {
            for (path, _) in paths::below(app, folder) {
                if paths::is_module(path) && !paths::is_test(path) {
                    entries.push(Entry::client(path, why));
                    entries.push(Entry::server(path, "rendered when the site is built"));
                }
            }
        }
        for path in paths::named(app, &["gatsby-browser"]) {
            entries.push(Entry::client(&path, "gatsby-browser, run by the browser"));
        }
        for path in paths::named(app, &["gatsby-node", "gatsby-ssr", "gatsby-config"]) {
            entries.push(Entry::server(&path, "run when the site is built"));
        }
        for (path, _) in paths::below(app, "src/api") {
            entries.push(Entry::server(path, "function of Gatsby"));
        }
        entries
    }

    fn stripped(&self, app: &App<'_>, path: &str) -> &'static [&'static str] {
        let relative = app.relative(path).unwrap_or_default();
        let is_page = ["src/pages/", "src/templates/"].iter().any(|it| relative.starts_with(it));
        if is_page { &["getServerData", "config"] } else { &[] }
    }

    fn inlining(&self, app: &App<'_>, read: &Read<'_>) -> Inlining {
        if read.root != EnvRoot::Process || !matches!(read.form, ReadForm::Member | ReadForm::Index)
        {
            return Inlining::No;
        }
        if read.name.starts_with("GATSBY_") {
            return Inlining::Yes("Gatsby inlines process.env.GATSBY_*".to_owned());
        }
        let mut declared = app.declarations.iter().filter(|it| it.name == read.name);
        match declared.find(|it| is_inlined_file(&it.at.path)) {
            Some(found) => Inlining::Yes(format!(
                "Gatsby inlines every variable of {}, with or without a prefix",
                paths::name(&found.at.path)
            )),
            None => Inlining::No,
        }
    }

    fn handed_over(&self, app: &App<'_>, path: &str, _module: &Module) -> Vec<Handover> {
        if self.stripped(app, path).is_empty() {
            return Vec::new();
        }
        vec![Handover::new("getServerData", "props", "props are sent with the page")]
    }

    fn configured(&self, app: &App<'_>) -> Vec<Leak> {
        let note = "the allow list of gatsby-plugin-env-variables makes it public";
        let inlined = Inlined { app, framework: self.name(), note };
        let Some((_, config)) = app.config(&["gatsby-config"]) else { return Vec::new() };
        let mut leaks = Vec::new();
        for plugin in config.get("plugins").elements() {
            if plugin.get("resolve").text() != Some("gatsby-plugin-env-variables") {
                continue;
            }
            if let Some(field) = plugin.get("options").field("allowList") {
                let names = field.value.elements().iter().filter_map(Value::text);
                leaks.extend(names.filter_map(|name| inlined.name(name, &field.at)));
            }
        }
        leaks
    }
}
