//! The analysis on one page: seeds, apps, modules, graph, reach, judgement.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::app::App;
use super::apps::{self, Found, is_source, is_test};
use super::assets;
use super::env::{self, Declaration};
use super::eval::Evaluator;
use super::facts::{Depth, EFFECTS, Guard, Import, ImportKind, Module, Part, Span};
use super::frameworks::{self, Framework};
use super::gather::{Members, gather};
use super::graph::{Graph, Link, ModuleId, Place};
use super::judge::{Judge, client_packages, imports_variables};
use super::known::{self, Env};
use super::leak::{At, Hop, Leak, Sided, Subject};
use super::load::{Loader, notice};
use super::names::SecretNames;
use super::paths::{folder, upwards};
use super::reach::{Reach, Root, Rules};
use super::resolve::{Alias, Project, Resolved, Resolver};
use super::runtime::Runtime;
use super::shipped;
use super::sinks::Sent;
use super::{Analysis, Input};
use crate::model::{KeyClass, Kind, Notice, Side};

/// How often modules outside of an app are looked for that its modules import.
const MAX_ROUNDS: usize = 16;

/// The same for its configurations.
const MAX_CONFIG_ROUNDS: usize = 3;

/// The stack of each thread of the analysis: for modules that nest deeply. The system backs only
/// what is used of it.
const STACK: usize = 64 << 20;

/// So many modules at most are judged one after the other by a thread before another may take some:
/// there are those that take a thousand times as long as most.
const FEW: usize = 8;

/// Follows every secret of `input` to where it goes. The result does not depend on threads.
pub fn analyse(input: &Input<'_>) -> Analysis {
    if input.seeds.is_empty() {
        return Analysis::default();
    }
    let threads = rayon::current_num_threads();
    match rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build() {
        Ok(pool) => pool.install(|| all_apps(input, STACK)),
        Err(_) => all_apps(input, 0),
    }
}

/// Analyses the apps with seeds and what belongs to them, on threads with such a stack.
fn all_apps(input: &Input<'_>, stack: usize) -> Analysis {
    let mut analysis = Analysis::default();
    let names = SecretNames::new(input.rules);
    let mut all = input.files.below("");
    all.retain(|path| !path.split('/').any(|part| part == "node_modules"));
    let (found, notices) = apps::apps(input.files, input.seeds);
    analysis.notices.extend(notices);
    let project = Project::new(input.files, &all);
    let above = Above::new(&all);
    let declared: Vec<_> = found
        .par_iter()
        .map(|app| env::declarations(input.files, &app.files, &above.files(&app.root), input.keys))
        .collect();
    let envs: Vec<Env<'_>> = declared
        .iter()
        .map(|(declarations, _)| Env::new(declarations, &names, input.keys, input.rules))
        .collect();
    let seeds: HashSet<&str> = input.seeds.iter().map(String::as_str).collect();
    let likely = found.iter().filter(|app| sources(&app.files).any(|path| seeds.contains(path)));
    let loader = Loader::new(
        input,
        envs.iter().flat_map(Env::proven_names),
        likely.flat_map(|app| sources(&app.files)),
        stack,
    );
    // Apps have modules in common, so that these are read at once.
    let sources: BTreeSet<&str> = found.iter().flat_map(|app| sources(&app.files)).collect();
    loader.load(&sources.into_iter().collect::<Vec<_>>(), None);
    let shared = Shared { input, names: &names, project: &project, loader: &loader };
    // Each app is analysed on all threads; one after the other, only one of them is in memory.
    for ((found, (declarations, notices)), env) in found.into_iter().zip(&declared).zip(&envs) {
        let one = shared.app(found, declarations, env);
        analysis.notices.extend(notices.iter().cloned());
        analysis.leaks.extend(one.leaks);
        analysis.sided.extend(one.sided);
        analysis.notices.extend(one.notices);
    }
    loader.discard();
    settle(&mut analysis);
    analysis
}

/// The modules among the files of an app.
fn sources(files: &[String]) -> impl Iterator<Item = &str> {
    files.iter().map(String::as_str).filter(|path| is_source(path) && !is_test(path))
}

/// Files above apps that say what these are built with: container files, workflows, settings.
struct Above<'p> {
    /// The files in each folder.
    folders: HashMap<&'p str, Vec<&'p String>>,
    /// Those of `.github`.
    workflows: Vec<&'p String>,
}

impl<'p> Above<'p> {
    fn new(all: &'p [String]) -> Self {
        let mut folders: HashMap<&str, Vec<&String>> = HashMap::new();
        for path in all {
            folders.entry(folder(path)).or_default().push(path);
        }
        let is_workflow = |path: &&String| folder(path).starts_with(".github/");
        Self { workflows: all.iter().filter(is_workflow).collect(), folders }
    }

    /// Those of the app in a folder.
    fn files(&self, root: &str) -> Vec<&'p String> {
        if root.is_empty() {
            return Vec::new();
        }
        let around = upwards(root).skip(1).filter_map(|folder| self.folders.get(folder));
        around.flatten().chain(&self.workflows).copied().collect()
    }
}

/// What the analyses of all apps share.
struct Shared<'a, 'p> {
    input: &'a Input<'a>,
    names: &'a SecretNames,
    project: &'p Project<'p>,
    loader: &'a Loader<'p>,
}

impl Shared<'_, '_> {
    /// Analyses one app.
    fn app(&self, found: Found, declarations: &[Declaration], env: &Env<'_>) -> Analysis {
        let input = self.input;
        let mut analysis = Analysis::default();
        let mut app = App {
            root: found.root,
            package: found.package,
            files: found.files,
            configs: Vec::new(),
            declarations,
            state: input.files,
            rules: input.rules,
            names: self.names,
        };
        app.configs = self.configurations(&app, env);

        let frameworks = frameworks::used(&app);
        let prefixes: Vec<String> =
            frameworks.iter().flat_map(|framework| framework.public_prefixes(&app)).collect();
        analysis.leaks.extend(known::leaks(&app, &prefixes, env));
        for framework in &frameworks {
            analysis.leaks.extend(framework.configured(&app));
        }
        let ground = shipped::Ground::new(
            &app.files,
            &app.root,
            input.files,
            input.rules,
            input.keys,
            self.names,
        )
        .with_copied(frameworks::copied(&app));
        let shipped = shipped::leaks(&ground, input.seeds);
        analysis.leaks.extend(shipped.leaks);
        analysis.sided.extend(shipped.sided);
        analysis.notices.extend(shipped.notices);

        let aliases = frameworks::aliases(&app, &frameworks);
        let alias =
            |(name, target)| Alias { root: app.root.clone(), name, is_exact: false, target };
        let resolver = Resolver::new(self.project, aliases.into_iter().map(alias).collect());
        let styles = app.files.iter().map(String::as_str);
        let styles = styles.filter(|path| assets::is_style(path) && self.loader.is_text(path));
        let own: Vec<&str> = sources(&app.files).chain(styles).collect();
        let (members, notices) = gather(self.loader, &resolver, &own, None, MAX_ROUNDS);
        analysis.notices.extend(notices);
        let graph = self.deepened(&members);
        // Without expressions there is nothing to judge, as in packages of a workspace that only
        // belong to an app with seeds.
        if graph.modules.iter().any(|node| node.matters) {
            analysis.notices.extend(unresolved(&graph));
            judge(input, &app, env, &frameworks, &graph, &resolver, &mut analysis);
        }
        discard(graph);
        analysis
    }

    /// The values of an app's configuration modules.
    fn configurations(&self, app: &App<'_>, env: &Env<'_>) -> Vec<(String, super::value::Value)> {
        let is_config = |path: &str| app.relative(path).is_some_and(frameworks::is_configuration);
        let all = app.files.iter().map(String::as_str);
        let paths: Vec<&str> = all.filter(|path| is_config(path)).collect();
        if paths.is_empty() {
            return Vec::new();
        }
        let resolver = Resolver::new(self.project, Vec::new());
        // With what they import of the project: shared settings.
        let (members, _) =
            gather(self.loader, &resolver, &paths, Some(Depth::Body), MAX_CONFIG_ROUNDS);
        let graph = Graph::new(&members);
        let evaluator = Evaluator::new(&graph, self.input.rules, self.input.keys, env);
        let evaluator = evaluator.of_app(&app.root);
        let value = |path: &str| {
            let module = graph.by_path(path)?;
            Some((path.to_owned(), evaluator.configuration(module)))
        };
        paths.into_iter().filter_map(value).collect()
    }

    /// The graph, with the expressions of every module that matters, as a secret may come through
    /// it: those with a secret, and those that import them.
    fn deepened(&self, members: &Members<'_>) -> Graph {
        let mut graph = Graph::new(members);
        let reached = graph.dependents();
        for (node, matters) in graph.modules.iter_mut().zip(reached) {
            node.matters = matters;
        }
        let colder: BTreeSet<&str> = graph
            .modules
            .iter()
            .filter(|node| node.matters && node.module.body.is_none())
            .map(|node| &*node.path)
            .collect();
        let (deeper, _) =
            self.loader.load(&colder.into_iter().collect::<Vec<_>>(), Some(Depth::Body));
        for file in deeper {
            for (part, module) in &file.modules {
                if let Some(id) = graph.find(&file.path, *part) {
                    graph.modules[id].module = Arc::clone(module);
                }
            }
        }
        graph
    }
}

/// Imports that lead nowhere, in modules that matter.
fn unresolved(graph: &Graph) -> Vec<Notice> {
    let mut notices = Vec::new();
    for node in graph.modules.iter().filter(|node| node.matters) {
        let imports = node.module.imports.iter().zip(&node.links);
        let missing: Vec<&Import> = imports
            .filter(|(import, link)| import.kind != ImportKind::Glob && **link == Link::Missing)
            .map(|(import, _)| import)
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

/// Frees what a graph holds, on all threads: expressions are many small pieces.
fn discard(graph: Graph) {
    graph.modules.into_par_iter().for_each(drop);
}

/// What stops the way of client code.
struct Clients<'a> {
    boundaries: Vec<bool>,
    stripped: Vec<&'static [&'static str]>,
    ships_addresses: bool,
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

    fn ships_addresses(&self) -> bool {
        self.ships_addresses
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

    fn ships_addresses(&self) -> bool {
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
            .par_iter()
            .map(|node| {
                wholes(node)
                    && frameworks
                        .iter()
                        .any(|known| known.boundary(app, &node.path, &node.module).is_some())
            })
            .collect(),
        stripped: graph
            .modules
            .par_iter()
            .map(|node| {
                let lists = frameworks.iter().map(|known| known.stripped(app, &node.path));
                lists.into_iter().find(|list| !list.is_empty()).unwrap_or_default()
            })
            .collect(),
        ships_addresses: frameworks::ship_addresses(frameworks),
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
                export: entry.export,
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
    let in_order = |mut roots: Vec<Root>| {
        roots.sort_by_key(|root| (std::cmp::Reverse(root.confidence), root.module));
        roots
    };
    let reach_servers = || Reach::new(graph, in_order(server_roots), &Servers(&clients));
    let reach_clients = |roots| Reach::new(graph, in_order(roots), &clients);
    let sheets = sheets(graph);
    let (client, server) = if sheets.is_empty() {
        rayon::join(|| reach_clients(client_roots), reach_servers)
    } else {
        let server = reach_servers();
        client_roots.extend(styles(graph, &sheets, &server));
        (reach_clients(client_roots), server)
    };
    let judge = Judge {
        app,
        graph,
        frameworks,
        stripped: &clients.stripped,
        client: &client,
        server: &server,
        env,
        rules: input.rules,
        keys: input.keys,
        sdk: client_packages(graph, input.rules),
        imports_variables: imports_variables(graph),
    };
    let runtime = frameworks.iter().find_map(|framework| framework.runtime_config(app));
    let runtime = Runtime::new(runtime.as_ref(), env);
    let bodies: Vec<ModuleId> =
        (0..graph.modules.len()).filter(|&id| graph.modules[id].matters).collect();
    let evaluator = || Evaluator::new(graph, input.rules, input.keys, env).with_runtime(&runtime);
    let judged: Vec<(Vec<Leak>, Vec<Sent>, Option<Notice>)> = bodies
        .par_iter()
        .with_max_len(FEW)
        .map_init(evaluator, |evaluator, &id| {
            evaluator.forget();
            let leaks = judge.module(id, evaluator);
            let sent = judge.authorizations(id, evaluator);
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
    analysis.sided.extend(sides(input, graph, &clients, &client, &server, frameworks));
}

/// The style sheets of an app.
fn sheets(graph: &Graph) -> Vec<ModuleId> {
    let is_sheet = |id: &ModuleId| {
        graph.modules[*id].part == Part::Text && assets::is_style(&graph.modules[*id].path)
    };
    (0..graph.modules.len()).filter(is_sheet).collect()
}

/// Roots for those `sheets` that code of a framework's server takes in: it renders pages, and these
/// are sent along.
fn styles(graph: &Graph, sheets: &[ModuleId], server: &Reach) -> Vec<Root> {
    let mut roots = Vec::new();
    for (id, node) in graph.modules.iter().enumerate().filter(|(id, _)| server.has_module(*id)) {
        let Some(root) = server.root(Place { module: id, binding: EFFECTS }) else { continue };
        // Without a framework, what a server does with a style sheet is not known.
        if root.framework == "node" {
            continue;
        }
        for (index, import) in node.module.imports.iter().enumerate() {
            let targets = graph.targets(id, index).iter().filter(|target| sheets.contains(target));
            roots.extend(targets.filter(|_| !assets::is_taken_whole(&import.specifier)).map(
                |&module| Root {
                    module,
                    export: None,
                    why: format!("style sheet that {} takes in, sent with its page", node.path),
                    span: Span::default(),
                    confidence: root.confidence,
                    framework: root.framework,
                    is_packaged: false,
                },
            ));
        }
    }
    roots
}

/// The modules as frameworks see them.
struct View<'a> {
    graph: &'a Graph,
    resolver: &'a Resolver<'a>,
}

impl frameworks::Modules for View<'_> {
    fn paths(&self) -> Vec<&str> {
        let wholes = self.graph.modules.iter().filter(|node| node.part == Part::Whole);
        wholes.map(|node| &*node.path).collect()
    }

    fn module(&self, path: &str) -> Option<&Module> {
        self.graph.by_path(path).map(|id| &*self.graph.modules[id].module)
    }

    fn resolve(&self, from: &str, specifier: &str) -> Option<String> {
        match self.resolver.resolve(from, specifier, ImportKind::Static) {
            Resolved::File(path) => Some(path.to_owned()),
            Resolved::Files(_) | Resolved::Assets(_) | Resolved::External | Resolved::Missing => {
                None
            }
        }
    }
}

/// The sides of what is written down in source.
fn sides(
    input: &Input<'_>,
    graph: &Graph,
    clients: &Clients<'_>,
    client: &Reach,
    server: &Reach,
    frameworks: &[&'static dyn Framework],
) -> Vec<Sided> {
    let mut sided = Vec::new();
    // Also those of packages that the app takes in.
    for path in input.seeds {
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
                    at: At { path: path.as_str().into(), span },
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
