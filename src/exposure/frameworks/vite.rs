//! Vite, by itself and within other frameworks.

use super::super::app::App;
use super::super::leak::Leak;
use super::super::value::Value;
use super::Entry;
use super::EnvRoot;
use super::Framework;
use super::Inlining;
use super::Modules;
use super::Read;
use super::ReadForm;
use super::inlined::Inlined;
use super::paths;
use super::webpack;

/// Vite.
pub(super) struct Vite;

/// Its configuration, also where other frameworks keep it.
fn config<'a>(app: &'a App<'_>) -> &'a Value {
    let own = app.config(&["vite.config", "vitest.config"]);
    let within = || {
        let (_, value) = app.config(&["astro.config", "nuxt.config", "quasar.config"])?;
        Some(value.get("vite"))
    };
    own.map(|(_, value)| value).or_else(within).unwrap_or(&Value::Unknown)
}

/// The prefixes with which variables are public; its own if the configuration names none.
pub(super) fn prefixes(app: &App<'_>) -> Vec<String> {
    let given = config(app).get("envPrefix").elements().iter().filter_map(Value::text);
    let given: Vec<String> = given.filter(|prefix| !prefix.is_empty()).map(str::to_owned).collect();
    if given.is_empty() { vec!["VITE_".to_owned()] } else { given }
}

/// What Vite puts into client code.
pub(super) fn inlining(app: &App<'_>, read: &Read<'_>) -> Inlining {
    let is_member = read.root == EnvRoot::ImportMeta && read.form == ReadForm::Member;
    if is_member && let Some(prefix) = prefixes(app).iter().find(|it| read.name.starts_with(*it)) {
        return Inlining::Yes(format!("Vite inlines import.meta.env.{prefix}*"));
    }
    Inlining::when(
        webpack::defines(config(app).get("define"), read),
        "define writes it into the code",
    )
}

/// What the configuration puts into client code.
pub(super) fn configured(app: &App<'_>, framework: &'static str) -> Vec<Leak> {
    let config = config(app);
    let note = "define writes it into client code";
    let mut leaks = Inlined { app, framework, note }.fields(config.get("define"));
    let Some(field) = config.field("envPrefix") else { return leaks };
    let note = "envPrefix makes it public";
    let inlined = Inlined { app, framework, note };
    let declared = app.declarations.iter().map(|declaration| declaration.name.as_str());
    let known = app.rules.rules.iter().flat_map(|rule| rule.env.iter().map(String::as_str));
    let names: std::collections::BTreeSet<&str> = declared.chain(known).collect();
    for prefix in field.value.elements().iter().filter_map(Value::text) {
        let is_own = super::super::names::PUBLIC_PREFIXES.contains(&prefix);
        let mut meant = names.iter().filter(|name| name.starts_with(prefix));
        let secret = meant.find_map(|name| inlined.name(name, &field.at));
        if !is_own && let Some(leak) = secret {
            leaks.push(leak);
            break;
        }
    }
    leaks
}

impl Framework for Vite {
    fn name(&self) -> &'static str {
        "vite"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("vite") || app.config(&["vite.config"]).is_some()
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<Entry> {
        // Pages are entries anyway; an app whose server writes its page names none.
        let has_page = app.files.iter().any(|path| {
            app.relative(path).is_some_and(|path| path.ends_with(".html") && !paths::is_aside(path))
        });
        let is_more =
            ["@sveltejs/kit", "nuxt", "astro", "@react-router/dev", "@remix-run/dev", "next"];
        if has_page || is_more.iter().any(|package| app.depends_on(package)) {
            return Vec::new();
        }
        let named = paths::named(app, &["src/main", "src/entry-client", "src/client"]);
        named.iter().map(|path| Entry::client(path, "entry of Vite")).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &Read<'_>) -> Inlining {
        inlining(app, read)
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        prefixes(app)
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        webpack::aliases(app, config(app))
    }

    fn configured(&self, app: &App<'_>) -> Vec<Leak> {
        configured(app, self.name())
    }
}
