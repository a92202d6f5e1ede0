//! Astro: components are rendered on the server; only islands and scripts ship.

use std::collections::BTreeSet;

use memchr::memmem;

use crate::app::App;
use crate::artifacts::framework_folders::{DocumentFolder, StaticFolder};
use crate::artifacts::shipped_path::{COLLECTION, ShippedPath};
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, ServerRendering, VariableRead, given,
};
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::sending_call::{ANSWER, COOKIE, REDIRECT, SendingCall};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{documents, paths, vite};
use crate::js::guard::{Absence, Guard};
use crate::js::ir::{BindingTarget, ImportKind, Imported, Module, ModulePart};
use crate::variables::conventions::{VariableFunction, VariableModule};
use crate::variables::read::EnvRoot;

/// Astro.
pub(crate) struct Astro;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["astro"],
    marker_modules: &["astro.config"],
    app_packages: &["astro"],
    app_prefixes: &["PUBLIC_"],
    vite_prefix: Some("PUBLIC_"),
    variable_modules: &[
        VariableModule { specifier: "astro:env/client", root: EnvRoot::PublicModule, objects: &[] },
        VariableModule { specifier: "astro:env/server", root: EnvRoot::ServerModule, objects: &[] },
    ],
    variable_functions: &[VariableFunction {
        package: "astro:env/server",
        name: "getSecret",
        root: EnvRoot::ServerModule,
    }],
    has_server_components: true,
    sending_calls: &[
        SendingCall::of_event("redirect", REDIRECT),
        SendingCall::of_event("cookies.set", COOKIE),
        SendingCall::answering("rss", ANSWER).with("@astrojs/rss"),
    ],
    asset_folders: &["_astro"],
    document_folders: &[
        DocumentFolder {
            path: "src/pages",
            holds: None,
            packages: &["astro"],
            framework: FrameworkId::Astro,
        },
        DocumentFolder {
            path: "src/content",
            holds: None,
            packages: &["astro"],
            framework: FrameworkId::Astro,
        },
    ],
    static_folders: &[StaticFolder::public(&["astro"])],
    fix_hints: FixHints {
        file: "an endpoint such as src/pages/api/token.ts",
        read: "{} from astro:env/server",
        option: "the variables with the context client",
        ..FixHints::GENERIC
    },
    owns_entries: true,
    left_out: Absence::OF_VITE,
    ..FrameworkFacts::new(
        FrameworkId::Astro,
        "Astro",
        FrameworkDocs {
            entries: "islands (`client:*`), `<script>`",
            cut: "frontmatter, endpoints, actions",
            values: "`PUBLIC_*`, `astro:env/client`",
        },
    )
};

fn config<'a>(app: &'a App<'_>) -> &'a Value {
    app.config(&["astro.config"]).map_or(&Value::Unknown, |(_, value)| value)
}

/// True for a file among the pages that is none, because the name of it or of a folder begins with `_`.
fn is_kept_from_pages(app: &App<'_>, path: &str) -> bool {
    let within = app.relative(path).and_then(|path| path.strip_prefix("src/pages/"));
    within.is_some_and(|within| paths::has_part(within, '_'))
}

/// How the names of collections end that are no documents.
const DATA: [&str; 6] = [".json", ".yaml", ".yml", ".toml", ".csv", ".json5"];

/// With more documents, all components count as used.
const MAX_DOCUMENTS: usize = 500;

/// The components that no module imports and neither documents nor the configuration can name.
fn unused_components<'m>(app: &App<'_>, modules: &'m dyn Modules) -> BTreeSet<&'m str> {
    let is_component = |path: &&str| {
        let relative = app.relative(path).unwrap_or_default();
        path.ends_with(".astro")
            && relative.starts_with("src/")
            && !relative.starts_with("src/pages/")
            && !relative.contains("layout")
    };
    let mut unused: BTreeSet<&str> = modules.paths().into_iter().filter(is_component).collect();
    // Documents import components, too, and so do configurations by their paths.
    let is_document = |path: &&str| path.ends_with(".mdx") || path.ends_with(".mdoc");
    let documents = app.files.iter().map(String::as_str).filter(is_document);
    let texts: Vec<&str> =
        documents.chain(app.configs.iter().map(|(path, _)| path.as_str())).collect();
    if unused.is_empty() || texts.len() > MAX_DOCUMENTS {
        return BTreeSet::new();
    }
    for text in texts.iter().filter_map(|path| app.state.read(path).ok().flatten()) {
        unused.retain(|path| {
            let stem = paths::name(path).split('.').next().unwrap_or_default();
            memmem::find(&text, stem.as_bytes()).is_none()
        });
    }
    for path in modules.paths() {
        let Some(module) = modules.module(path) else { continue };
        for import in &module.imports {
            if import.kind == ImportKind::Glob {
                let folder = import.specifier.split(['*', '{']).next().unwrap_or_default();
                let folder = modules_folder(path, folder);
                unused.retain(|path| !path.starts_with(&folder));
            } else if let Some(target) = modules.resolve(path, &import.specifier) {
                unused.remove(&*target);
            }
        }
    }
    unused
}

/// The folder that a pattern in a module begins with; all of the project if it is not relative.
fn modules_folder(path: &str, folder: &str) -> String {
    let is_relative = folder.starts_with('.');
    let joined = is_relative.then(|| paths::join(paths::folder(path), folder)).flatten();
    joined.unwrap_or_default()
}

/// The files that the loader of a collection takes, as paths and patterns: `file('a.json')`,
/// `glob({ pattern: '*.md', base: './blog' })`.
fn loaded(loader: &Value) -> Vec<String> {
    let Value::CallResult(name, given) = loader else { return Vec::new() };
    let Some(given) = given.first() else { return Vec::new() };
    match &**name {
        "file" => given.text().and_then(paths::clean).into_iter().collect(),
        "glob" => {
            let base = given.get("base").text().and_then(paths::clean);
            let Some(base) = base.filter(|base| !base.is_empty()) else { return Vec::new() };
            let pattern = given.get("pattern");
            let patterns = pattern.elements().iter().chain([pattern]).filter_map(Value::text);
            let patterns = patterns.filter(|pattern| !pattern.starts_with('!'));
            patterns.map(|pattern| format!("{base}/{pattern}")).collect()
        }
        _ => Vec::new(),
    }
}

impl Framework for Astro {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        let unused = unused_components(app, modules);
        let integrations = config(app).get("integrations").elements().iter();
        let vue = integrations.filter_map(|it| given(it).get("appEntrypoint").text());
        let vue = vue.filter_map(|path| paths::find(app, &paths::clean(path)?));
        entries.extend(vue.map(|path| EntryPoint::client(&path, "app of islands of Vue")));
        entries.extend(documents::islands(app, modules, &["src"]));
        for path in modules.paths() {
            let Some(module) = modules.module(path) else { continue };
            let is_kept = is_kept_from_pages(app, path);
            if !path.ends_with(".astro") {
                let relative = app.relative(path).unwrap_or_default();
                let is_endpoint =
                    relative.starts_with("src/pages/") && paths::is_module(path) && !is_kept;
                let stem = paths::module(relative).unwrap_or_default();
                if is_endpoint
                    || matches!(
                        stem,
                        "src/middleware"
                            | "src/middleware/index"
                            | "src/actions/index"
                            | "src/actions"
                    )
                {
                    entries.push(EntryPoint::server(path, "endpoint of Astro"));
                }
                continue;
            }
            let is_unused = unused.contains(path);
            if !is_kept {
                let entry = EntryPoint::server(path, "component that Astro renders");
                entries.push(if is_unused { entry.left_out(Absence::Unrendered) } else { entry });
            }
            if is_unused {
                continue;
            }
            for import in &module.imports {
                match import.kind {
                    ImportKind::InlineScript(number) => {
                        let entry = EntryPoint::client(path, "script of an Astro component");
                        entries.push(EntryPoint {
                            part: ModulePart::Script(number),
                            span: import.span,
                            ..entry
                        });
                    }
                    ImportKind::Script => {
                        let target = modules.resolve(path, &import.specifier);
                        entries.extend(target.map(|target| {
                            EntryPoint::client(&target, format!("script of {path}"))
                        }));
                    }
                    ImportKind::Static
                    | ImportKind::Dynamic
                    | ImportKind::Require
                    | ImportKind::Glob
                    | ImportKind::Worker
                    | ImportKind::Style
                    | ImportKind::Asset => {}
                }
            }
            for island in &module.islands {
                let Some(binding) = module.bindings.get(island.binding) else { continue };
                let BindingTarget::Imported { import, name } = &binding.target else { continue };
                let Some(import) = module.imports.get(*import) else { continue };
                let target = modules.resolve(path, &import.specifier);
                let why = format!("island with {} in {path}", island.directive);
                // The client gets only the exports that are used (`plugin-component-entry.ts`).
                let export = match name {
                    Imported::Name(name) => Some(name.clone()),
                    Imported::All => None,
                };
                let is_unrendered = &*island.directive == "client:only";
                let absence = match island.guard {
                    Guard::LeftOut(absence) => Some(absence),
                    Guard::None | Guard::Client | Guard::Server | Guard::Function => None,
                };
                let absence = absence.filter(|absence| absence.is_among(FACTS.left_out));
                entries.extend(target.map(|target| EntryPoint {
                    export,
                    is_unrendered,
                    absence,
                    ..EntryPoint::client(&target, why)
                }));
            }
        }
        entries
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let Some((by, value)) = app.config(&["src/content.config", "src/content/config"]) else {
            return Vec::new();
        };
        let loaders = value.get("collections").fields().iter();
        let paths = loaders.flat_map(|collection| loaded(collection.value.get("loader")));
        let named = paths.filter(|path| {
            // Documents of these folders count anyway, but for drafts.
            let is_data = DATA.iter().any(|ending| path.ends_with(ending));
            is_data || !["src/content/", "src/pages/"].iter().any(|folder| path.starts_with(folder))
        });
        let shipped = named.map(|path| ShippedPath {
            path: app.path(&path),
            except: Vec::new(),
            by: by.clone(),
            why: COLLECTION,
        });
        shipped.collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if read.root == EnvRoot::PublicModule {
            return Inlining::Yes("astro:env/client is part of the client's code".to_owned());
        }
        vite::inlining(app, read)
    }

    fn sent_results(&self, app: &App<'_>, path: &str, _module: &Module) -> Vec<SentResult> {
        let stem = app.relative(path).and_then(paths::module);
        if !matches!(stem, Some("src/actions/index" | "src/actions")) {
            return Vec::new();
        }
        vec![SentResult::new("server", "", "what an action returns is sent to the browser")]
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        vite::prefixes(app)
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        vite::aliases(app)
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        vite::published_maps(app)
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "the context client makes the variable part of the client's code";
        let mut settings = vite::shipped_settings(app);
        for field in config(app).get("redirects").fields() {
            settings.push(ShippedSetting::redirect(field, &["destination"]));
        }
        for field in config(app).get("env").get("schema").fields() {
            // `envField.string({ context: 'client', access: 'public' })`
            let options = given(&field.value);
            if options.get("context").text() == Some("client") {
                settings.push(ShippedSetting::variable(&*field.key, &field.at, note));
                settings.extend(options.field("default").map(|it| ShippedSetting::field(it, note)));
            }
        }
        settings
    }

    fn server_rendering(&self, _app: &App<'_>) -> Option<ServerRendering> {
        // Astro replaces `import.meta.env.X` by the value in code of servers, whatever the prefix
        // (`vite-plugin-env.ts`).
        let reads = |root| matches!(root, EnvRoot::Process | EnvRoot::ImportMeta);
        Some(ServerRendering { reads })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, made, object, sides, text, variable};
    use crate::js::guard::Guard;
    use crate::js::ir::{Erased, ModuleImport, Span};
    use crate::variables::read::ReadForm;

    const PACKAGE: (&str, &str) = ("package.json", r#"{"dependencies": {"astro": "^5.0.0"}}"#);

    #[test]
    fn scripts_ship_and_frontmatter_does_not() {
        let mut world = World::new(&[
            PACKAGE,
            ("src/pages/index.astro", ""),
            ("src/pages/api/a.ts", ""),
            ("src/b.ts", ""),
            ("src/c.ts", ""),
        ]);
        let import = |kind, specifier: &str| ModuleImport {
            specifier: specifier.to_owned(),
            span: Span::default(),
            kind,
            erased: Erased::No,
            guard: Guard::None,
        };
        let page = world.module_mut("src/pages/index.astro");
        page.imports.push(import(ImportKind::InlineScript(0), ""));
        page.imports.push(import(ImportKind::Script, "../b.ts"));
        page.imports.push(import(ImportKind::Static, "../c.ts"));
        let app = world.app();
        let entries = Astro.entries(&app, &world);
        assert!(entries.iter().any(|entry| entry.part == ModulePart::Script(0)));
        assert_eq!(
            world.entries(&Astro),
            sides(
                &["src/pages/index.astro", "src/b.ts"],
                &["src/pages/index.astro", "src/pages/api/a.ts"],
            )
        );
    }

    #[test]
    fn only_public_variables_are_inlined() {
        let world = World::new(&[PACKAGE]);
        for (name, root, is_inlined) in [
            ("PUBLIC_A", EnvRoot::ImportMeta, true),
            ("VITE_A", EnvRoot::ImportMeta, false),
            ("A", EnvRoot::ImportMeta, false),
            ("A", EnvRoot::PublicModule, true),
            ("A", EnvRoot::ServerModule, false),
            ("PUBLIC_A", EnvRoot::Process, false),
        ] {
            assert_eq!(world.inlines(&Astro, name, root, ReadForm::Member), is_inlined, "{name}");
        }
    }

    #[test]
    fn the_context_of_a_variable_decides() {
        let field = |side: &str| made("envField.string", [object([("context", text(side))])]);
        for (side, count) in [("client", 1), ("server", 0)] {
            let schema = object([("MAGICX_SECRET_KEY", field(side))]);
            let env = object([("env", object([("schema", schema)]))]);
            let world = World::new(&[PACKAGE]).config("astro.config.mjs", env);
            assert_eq!(world.leaks(&Astro).len(), count, "{side}");
        }
        let define = object([("vite", object([("define", object([("K", variable("K"))]))]))]);
        let world = World::new(&[PACKAGE]).config("astro.config.mjs", define);
        assert_eq!(world.leaks(&Astro), ["config:0 Name(\"K\")"]);
    }
}
