//! The analysis on one page: seeds, apps, modules, graph, reach, judgement.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use super::app::App;
use super::apps::{self, Found, is_source, is_test};
use super::env;
use super::eval::Evaluator;
use super::facts::{Depth, EFFECTS, Guard, Import, ImportKind, Module, Part, Span};
use super::frameworks::{self, Framework};
use super::graph::{Graph, ModuleId, Place};
use super::judge::Judge;
use super::known::{self, Env};
use super::leak::{At, Hop, Leak, Sided, Subject};
use super::load::{Loaded, Loader, notice};
use super::names::SecretNames;
use super::reach::{Reach, Root, Rules};
use super::resolve::{Alias, Resolved, Resolver};
use super::shipped;
use super::sinks::Sent;
use super::{Analysis, Input};
use crate::model::{KeyClass, Kind, Notice, Side};

/// How often modules outside of an app are looked for that its modules import.
const MAX_ROUNDS: usize = 16;

/// Follows every secret of `input` to where it goes. The result does not depend on threads.
pub fn analyse(input: &Input<'_>) -> Analysis {
    let mut analysis = Analysis::default();
    if input.seeds.is_empty() {
        return analysis;
    }
    let names = SecretNames::new(input.rules);
    let all: Vec<String> = input
        .files
        .below("")
        .into_iter()
        .filter(|path| !path.split('/').any(|part| part == "node_modules"))
        .collect();
    let (found, notices) = apps::apps(input.files, input.seeds);
    analysis.notices.extend(notices);
    for found in found {
        let one = app(input, &names, &all, found);
        analysis.leaks.extend(one.leaks);
        analysis.sided.extend(one.sided);
        analysis.notices.extend(one.notices);
    }
    settle(&mut analysis);
    analysis
}

/// Analyses one app.
fn app(input: &Input<'_>, names: &SecretNames, all: &[String], found: Found) -> Analysis {
    let mut analysis = Analysis::default();
    let above = above(&found.root, all);
    let mut app = App {
        root: found.root,
        package: found.package,
        files: found.files,
        configs: Vec::new(),
        declarations: Vec::new(),
        state: input.files,
        rules: input.rules,
        names,
    };
    let (declarations, notices) = env::declarations(input.files, &app.files, &above, input.keys);
    analysis.notices.extend(notices);
    app.declarations = declarations;
    let env = Env::new(&app.declarations, names, input.keys, input.rules);
    let loader = Loader::new(input, env.proven_names());
    app.configs = configurations(input, &app, all, &loader, &env);

    let frameworks = frameworks::used(&app);
    let prefixes: Vec<String> =
        frameworks.iter().flat_map(|framework| framework.public_prefixes(&app)).collect();
    analysis.leaks.extend(known::leaks(&app, &prefixes, &env));
    for framework in &frameworks {
        analysis.leaks.extend(framework.configured(&app));
    }
    let ground =
        shipped::Ground::new(&app.files, &app.root, input.files, input.rules, input.keys, names);
    let shipped = shipped::leaks(&ground, input.seeds);
    analysis.leaks.extend(shipped.leaks);
    analysis.sided.extend(shipped.sided);
    analysis.notices.extend(shipped.notices);

    let sources: Vec<String> =
        app.files.iter().filter(|path| is_source(path) && !is_test(path)).cloned().collect();
    let aliases = frameworks.iter().flat_map(|framework| framework.aliases(&app));
    let alias = |(name, target)| Alias { root: app.root.clone(), name, is_exact: false, target };
    let resolver = Resolver::new(input.files, all, aliases.map(alias).collect());
    let (mut loaded, notices) = loader.load(&sources, None);
    analysis.notices.extend(notices);
    for _ in 0..MAX_ROUNDS {
        let missing = outside(&loaded, &resolver);
        if missing.is_empty() {
            break;
        }
        let (more, notices) = loader.load(&missing, None);
        analysis.notices.extend(notices);
        if more.is_empty() {
            break;
        }
        loaded.extend(more);
    }
    let graph = deepened(&loader, loaded, &resolver);
    analysis.notices.extend(unresolved(&graph, &resolver));
    judge(input, &app, &env, &frameworks, &graph, &resolver, &mut analysis);
    analysis
}

/// Files above an app that say what it is built with: container files, workflows, settings.
fn above(root: &str, all: &[String]) -> Vec<String> {
    if root.is_empty() {
        return Vec::new();
    }
    let is_above = |path: &&String| {
        let folder = super::paths::folder(path);
        folder.is_empty()
            || folder.starts_with(".github/")
            || root.starts_with(&format!("{folder}/"))
    };
    all.iter().filter(is_above).cloned().collect()
}

/// The values of an app's configuration modules.
fn configurations(
    input: &Input<'_>,
    app: &App<'_>,
    all: &[String],
    loader: &Loader<'_>,
    env: &Env<'_>,
) -> Vec<(String, super::value::Value)> {
    let resolver = Resolver::new(input.files, all, Vec::new());
    let is_config = |path: &&String| app.relative(path).is_some_and(frameworks::is_configuration);
    let paths: Vec<String> = app.files.iter().filter(is_config).cloned().collect();
    if paths.is_empty() {
        return Vec::new();
    }
    let (mut loaded, _) = loader.load(&paths, Some(Depth::Body));
    // What they import of the project: shared settings.
    for _ in 0..3 {
        let missing = outside(&loaded, &resolver);
        if missing.is_empty() {
            break;
        }
        loaded.extend(loader.load(&missing, Some(Depth::Body)).0);
    }
    let graph = graph_of(loaded, &resolver);
    let evaluator = Evaluator::new(&graph, input.rules, input.keys, env);
    let value = |path: String| {
        let module = graph.by_path(&path)?;
        Some((path, evaluator.configuration(module)))
    };
    paths.into_iter().filter_map(value).collect()
}

/// The files that loaded modules import and that are not loaded.
fn outside(loaded: &Loaded, resolver: &Resolver<'_>) -> Vec<String> {
    let found: BTreeSet<String> = loaded
        .par_iter()
        .flat_map_iter(|(path, file)| {
            let imports = file.modules.iter().flat_map(|(_, module)| &module.imports);
            imports.flat_map(move |import| targets(resolver, path, &import.specifier, import.kind))
        })
        .filter(|path| !loaded.contains_key(path))
        .collect();
    found.into_iter().collect()
}

fn targets(resolver: &Resolver<'_>, from: &str, specifier: &str, kind: ImportKind) -> Vec<String> {
    match resolver.resolve(from, specifier, kind) {
        Resolved::File(path) => vec![path],
        Resolved::Files(paths) => paths,
        Resolved::External | Resolved::Missing => Vec::new(),
    }
}

fn graph_of(loaded: Loaded, resolver: &Resolver<'_>) -> Graph {
    let mut modules: Vec<(String, Part, Module)> = Vec::new();
    for (path, file) in loaded {
        let mut parts = file.modules;
        parts.sort_by_key(|(part, _)| *part);
        modules.extend(parts.into_iter().map(|(part, module)| (path.clone(), part, module)));
    }
    Graph::new(modules, |from, specifier, kind| match resolver.resolve(from, specifier, kind) {
        Resolved::File(path) => Some(vec![path]),
        Resolved::Files(paths) => Some(paths),
        Resolved::Missing => Some(Vec::new()),
        Resolved::External => None,
    })
}

/// The graph, with the expressions of every module that a secret may come through: those with a
/// secret, and those that import them.
fn deepened(loader: &Loader<'_>, loaded: Loaded, resolver: &Resolver<'_>) -> Graph {
    let warm_paths: HashSet<String> =
        loaded.iter().filter(|(_, file)| file.is_warm).map(|(path, _)| path.clone()).collect();
    let mut graph = graph_of(loaded, resolver);
    let warm: Vec<bool> =
        graph.modules.iter().map(|node| warm_paths.contains(&node.path)).collect();
    let reached = graph.dependents(&warm);
    let colder: BTreeSet<String> = graph
        .modules
        .iter()
        .zip(&reached)
        .filter(|(node, reached)| **reached && node.module.body.is_none())
        .map(|(node, _)| node.path.clone())
        .collect();
    let (mut deeper, _) = loader.load(&colder.into_iter().collect::<Vec<_>>(), Some(Depth::Body));
    for node in &mut graph.modules {
        if let Some(file) = deeper.get_mut(&node.path)
            && let Some((_, module)) = file.modules.iter_mut().find(|(part, _)| *part == node.part)
        {
            node.module.body = module.body.take();
        }
    }
    graph
}

/// Imports that lead nowhere, in modules that matter.
fn unresolved(graph: &Graph, resolver: &Resolver<'_>) -> Vec<Notice> {
    let mut notices = Vec::new();
    for node in graph.modules.iter().filter(|node| node.module.body.is_some()) {
        let missing: Vec<&Import> = node
            .module
            .imports
            .iter()
            .filter(|import| import.kind != ImportKind::Glob)
            .filter(|import| match resolver.resolve(&node.path, &import.specifier, import.kind) {
                Resolved::Missing => true,
                Resolved::File(path) => is_source(&path) && graph.by_path(&path).is_none(),
                Resolved::Files(_) | Resolved::External => false,
            })
            .collect();
        if let Some(first) = missing.first() {
            let more = match missing.len() {
                1 => String::new(),
                several => format!(" and {} more", several - 1),
            };
            notices.push(notice(
                &node.path,
                format!(
                    "imports {}{more}, which is not there or is too large, so it is not followed",
                    first.specifier
                ),
            ));
        }
    }
    notices
}

/// What stops the way of client code.
struct Clients<'a> {
    boundaries: Vec<bool>,
    stripped: Vec<&'static [&'static str]>,
    resolver: &'a Resolver<'a>,
    graph: &'a Graph,
}

impl Rules for Clients<'_> {
    fn is_boundary(&self, module: ModuleId) -> bool {
        self.boundaries[module]
    }

    fn stripped(&self, module: ModuleId) -> &'static [&'static str] {
        self.stripped[module]
    }

    fn keeps_unused(&self, module: ModuleId) -> bool {
        self.resolver.keeps_unused_imports(&self.graph.modules[module].path)
    }

    fn follows(&self, guard: Guard) -> bool {
        guard == Guard::None
    }
}

/// Servers take everything in.
struct Servers<'a>(&'a Clients<'a>);

impl Rules for Servers<'_> {
    fn is_boundary(&self, _: ModuleId) -> bool {
        false
    }

    fn stripped(&self, _: ModuleId) -> &'static [&'static str] {
        &[]
    }

    fn keeps_unused(&self, module: ModuleId) -> bool {
        self.0.keeps_unused(module)
    }

    fn follows(&self, _: Guard) -> bool {
        true
    }
}

fn judge(
    input: &Input<'_>,
    app: &App<'_>,
    env: &Env<'_>,
    frameworks: &[&'static dyn Framework],
    graph: &Graph,
    resolver: &Resolver<'_>,
    analysis: &mut Analysis,
) {
    let wholes = |node: &super::graph::Node| node.part == Part::Whole;
    let clients = Clients {
        boundaries: graph
            .modules
            .iter()
            .map(|node| {
                wholes(node)
                    && frameworks
                        .iter()
                        .any(|known| known.boundary(app, &node.path, &node.module).is_some())
            })
            .collect(),
        stripped: graph
            .modules
            .iter()
            .map(|node| {
                let lists = frameworks.iter().map(|known| known.stripped(app, &node.path));
                lists.into_iter().find(|list| !list.is_empty()).unwrap_or_default()
            })
            .collect(),
        resolver,
        graph,
    };
    let view = View { graph, resolver };
    let (mut client_roots, mut server_roots) = (Vec::new(), Vec::new());
    for framework in frameworks {
        for entry in framework.entries(app, &view) {
            let Some(module) = graph.find(&entry.path, entry.part) else { continue };
            let root = Root {
                module,
                why: entry.why,
                span: entry.span,
                confidence: entry.confidence,
                framework: framework.name(),
                is_packaged: entry.is_packaged,
            };
            match entry.side {
                Side::Client => client_roots.push(root),
                Side::Server => server_roots.push(root),
                Side::Unknown => {}
            }
        }
    }
    // The surer one first, then by path: the same way each time.
    client_roots.sort_by_key(|root| (std::cmp::Reverse(root.confidence), root.module));
    server_roots.sort_by_key(|root| (std::cmp::Reverse(root.confidence), root.module));
    let client = Reach::new(graph, client_roots, &clients);
    let server = Reach::new(graph, server_roots, &Servers(&clients));
    let judge = Judge {
        app,
        graph,
        frameworks,
        client: &client,
        server: &server,
        env,
        rules: input.rules,
        keys: input.keys,
    };
    let bodies: Vec<ModuleId> =
        (0..graph.modules.len()).filter(|&id| graph.modules[id].module.body.is_some()).collect();
    let judged: Vec<(Vec<Leak>, Vec<Sent>, Option<Notice>)> = bodies
        .par_iter()
        .map(|&id| {
            let evaluator = Evaluator::new(graph, input.rules, input.keys, env);
            let leaks = judge.module(id, &evaluator);
            let sent = judge.authorizations(id, &evaluator);
            let said = "is too tangled to work out all of its values, so not every way of a secret \
                        in it is known; keys in it are reported all the same";
            let is_cut = evaluator.is_cut();
            (leaks, sent, is_cut.then(|| notice(&graph.modules[id].path, said.to_owned())))
        })
        .collect();
    let (mut leaks, mut sent) = (Vec::new(), BTreeMap::new());
    for (own, authorizations, notice) in judged {
        leaks.extend(own);
        analysis.notices.extend(notice);
        for (at, steps) in authorizations {
            // Of several requests, the one that is told in the fewest steps.
            let known: &mut Vec<Hop> = sent.entry(at).or_default();
            if known.is_empty() || steps.len() < known.len() {
                *known = steps;
            }
        }
    }
    for leak in &mut leaks {
        if matches!(leak.kind, Kind::ClientSecretLiteral | Kind::ClientSecretEnv)
            && let Some(steps) = sent.get(&leak.at)
        {
            leak.trace.extend(steps.iter().cloned());
        }
    }
    analysis.leaks.extend(leaks);
    analysis.leaks.extend(judge.pages());
    if client.is_cut() || server.is_cut() {
        let root = if app.root.is_empty() { "." } else { &app.root };
        let said = "hands names on through too many modules to follow all of its code; keys in it \
                    are reported all the same";
        analysis.notices.push(notice(root, said.to_owned()));
    }
    analysis.sided.extend(sides(input, app, graph, &clients, &client, &server, frameworks));
}

/// The modules as frameworks see them.
struct View<'a> {
    graph: &'a Graph,
    resolver: &'a Resolver<'a>,
}

impl frameworks::Modules for View<'_> {
    fn paths(&self) -> Vec<&str> {
        let wholes = self.graph.modules.iter().filter(|node| node.part == Part::Whole);
        wholes.map(|node| node.path.as_str()).collect()
    }

    fn module(&self, path: &str) -> Option<&Module> {
        self.graph.by_path(path).map(|id| &self.graph.modules[id].module)
    }

    fn resolve(&self, from: &str, specifier: &str) -> Option<String> {
        match self.resolver.resolve(from, specifier, ImportKind::Static) {
            Resolved::File(path) => Some(path),
            Resolved::Files(_) | Resolved::External | Resolved::Missing => None,
        }
    }
}

/// The sides of what is written down in source.
fn sides(
    input: &Input<'_>,
    app: &App<'_>,
    graph: &Graph,
    clients: &Clients<'_>,
    client: &Reach,
    server: &Reach,
    frameworks: &[&'static dyn Framework],
) -> Vec<Sided> {
    let mut sided = Vec::new();
    for path in input.seeds.iter().filter(|path| app.files.binary_search(path).is_ok()) {
        let Some(module) = graph.by_path(path) else { continue };
        let is_server = clients.boundaries[module] || server.has_module(module);
        if !is_server || client.has_module(module) {
            continue;
        }
        let Ok(Some(bytes)) = input.files.read(path) else { continue };
        let text = input.keys.text(&bytes);
        let root = server.root(Place { module, binding: EFFECTS });
        let framework = root
            .map(|root| root.framework)
            .or_else(|| frameworks.first().map(|framework| framework.name()));
        for key in input.keys.find(&text) {
            if input.rules.rules[key.rule].class == KeyClass::Secret {
                let span = Span::new(key.range.start as u32, key.range.end as u32);
                sided.push(Sided {
                    at: At { path: path.clone(), span },
                    side: Side::Server,
                    framework,
                });
            }
        }
    }
    sided
}

/// Puts what several apps said in order, and leaves out what a more telling leak says as well.
fn settle(analysis: &mut Analysis) {
    let is_literal = |leak: &Leak| matches!(leak.subject, Subject::Secret(_));
    // A secret that a client package is given is told of there, not where it is written or read.
    let told: HashSet<At> = analysis
        .leaks
        .iter()
        .filter(|leak| leak.kind == Kind::SdkSecretKey)
        .flat_map(|leak| {
            let sources =
                leak.trace.iter().filter(|hop| hop.kind == crate::model::StepKind::Source);
            sources.map(|hop| hop.at.clone()).chain(leak.written_at.clone())
        })
        .collect();
    analysis.leaks.retain(|leak| match leak.kind {
        Kind::ClientSecretLiteral | Kind::ClientSecretEnv | Kind::ClientServerEnvRead => {
            !told.contains(&leak.at)
        }
        Kind::Secret
        | Kind::BundleSecret
        | Kind::NativeAppSecret
        | Kind::PublicEnvSecret
        | Kind::BuildInlineSecret
        | Kind::ServerToClientSecret
        | Kind::ClientTokenExchange
        | Kind::SdkSecretKey => true,
    });
    // One literal at one place: the most specific kind; the worst, then the shortest way.
    analysis.leaks.sort_by(|a, b| {
        (&a.at, std::cmp::Reverse(a.kind), std::cmp::Reverse(a.severity), a.trace.len())
            .cmp(&(&b.at, std::cmp::Reverse(b.kind), std::cmp::Reverse(b.severity), b.trace.len()))
            .then_with(|| a.rule.cmp(&b.rule))
    });
    let mut places: HashMap<At, Kind> = HashMap::new();
    let mut seen: BTreeMap<(At, Kind, usize, String), ()> = BTreeMap::new();
    analysis.leaks.retain(|leak| {
        let subject = match &leak.subject {
            Subject::Secret(secret) => secret.masked(),
            Subject::Name(name) => name.clone(),
        };
        if seen.insert((leak.at.clone(), leak.kind, leak.rule, subject), ()).is_some() {
            return false;
        }
        !is_literal(leak) || *places.entry(leak.at.clone()).or_insert(leak.kind) == leak.kind
    });
    analysis.sided.sort_by(|a, b| (&a.at, a.side).cmp(&(&b.at, b.side)));
    analysis.sided.dedup_by(|a, b| a.at == b.at);
    let leaked: HashSet<&At> =
        analysis.leaks.iter().filter(|leak| is_literal(leak)).map(|leak| &leak.at).collect();
    analysis.sided.retain(|sided| !leaked.contains(&sided.at));
    analysis.notices.sort();
    analysis.notices.dedup();
}
