//! Astro: what it renders stays on the server, but for islands and scripts.

use super::super::app::App;
use super::super::facts::ImportKind;
use super::super::facts::Part;
use super::super::facts::Target;
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
use super::vite;

/// Astro.
pub(super) struct Astro;

fn config<'a>(app: &'a App<'_>) -> &'a Value {
    app.config(&["astro.config"]).map_or(&Value::Unknown, |(_, value)| value)
}

impl Framework for Astro {
    fn name(&self) -> &'static str {
        "astro"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("astro") || app.config(&["astro.config"]).is_some()
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<Entry> {
        let mut entries = Vec::new();
        for path in modules.paths() {
            let Some(module) = modules.module(path) else { continue };
            if !path.ends_with(".astro") {
                let relative = app.relative(path).unwrap_or_default();
                let is_endpoint = relative.starts_with("src/pages/") && paths::is_module(path);
                let stem = paths::module(relative).unwrap_or_default();
                if is_endpoint
                    || matches!(
                        stem,
                        "src/middleware" | "src/middleware/index" | "src/actions/index"
                    )
                {
                    entries.push(Entry::server(path, "endpoint of Astro"));
                }
                continue;
            }
            entries.push(Entry::server(path, "component that Astro renders"));
            for import in &module.imports {
                match import.kind {
                    ImportKind::Part(number) => {
                        let entry = Entry::client(path, "script of an Astro component");
                        entries.push(Entry {
                            part: Part::Script(number),
                            span: import.span,
                            ..entry
                        });
                    }
                    ImportKind::Script => {
                        let target = modules.resolve(path, &import.specifier);
                        entries.extend(
                            target
                                .map(|target| Entry::client(&target, format!("script of {path}"))),
                        );
                    }
                    ImportKind::Static
                    | ImportKind::Dynamic
                    | ImportKind::Require
                    | ImportKind::Glob
                    | ImportKind::Worker => {}
                }
            }
            for island in &module.islands {
                let Some(binding) = module.bindings.get(island.binding) else { continue };
                let Target::Imported { import, .. } = &binding.target else { continue };
                let Some(import) = module.imports.get(*import) else { continue };
                let target = modules.resolve(path, &import.specifier);
                entries.extend(target.map(|target| {
                    Entry::client(&target, format!("island with {} in {path}", island.directive))
                }));
            }
        }
        entries
    }

    fn inlining(&self, app: &App<'_>, read: &Read<'_>) -> Inlining {
        if read.root == EnvRoot::PublicModule {
            return Inlining::Yes("astro:env/client is part of the client's code".to_owned());
        }
        let is_member = read.root == EnvRoot::ImportMeta && read.form == ReadForm::Member;
        if is_member && read.name.starts_with("PUBLIC_") {
            return Inlining::Yes("Astro inlines import.meta.env.PUBLIC_*".to_owned());
        }
        vite::inlining(app, read)
    }

    fn public_prefixes(&self, _app: &App<'_>) -> Vec<String> {
        vec!["PUBLIC_".to_owned()]
    }

    fn configured(&self, app: &App<'_>) -> Vec<Leak> {
        let note = "the context client makes the variable part of the client's code";
        let inlined = Inlined { app, framework: self.name(), note };
        let mut leaks = vite::configured(app, self.name());
        for field in config(app).get("env").get("schema").fields() {
            // `envField.string({ context: 'client', access: 'public' })`
            let given = match &field.value {
                Value::Made(_, arguments) => arguments.first().unwrap_or(&Value::Unknown),
                other => other,
            };
            if given.get("context").text() == Some("client") {
                leaks.extend(inlined.name(&field.key, &field.at));
            }
        }
        leaks
    }
}
