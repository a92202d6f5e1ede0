//! The analysis on one page: seeds, apps, modules, graph, reach, judgement.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::app::App;
use crate::artifacts::context::ArtifactContext;
use crate::catalog::KeyKindId;
use crate::checks::authorization::{SentSecret, add_requests, sent_secrets};
use crate::checks::checker::{Checker, client_packages, imports_variables};
use crate::checks::module::CheckedModule;
use crate::eval::evaluator::Evaluator;
use crate::eval::runtime_config::RuntimeProperties;
use crate::framework_id::FrameworkId;
use crate::frameworks::Framework;
use crate::graph::import_closure::{AppModules, import_closure};
use crate::graph::load::Loader;
use crate::graph::modules::{BindingId, Graph, ImportTarget, ModuleId};
use crate::graph::reach::{EdgeFilter, Reach, ReachRoot};
use crate::input::Input;
use crate::js::ir::{
    ImportKind, MODULE_INIT, Module, ModuleImport, ModulePart, ParseDepth, ServerGuard, Span,
};
use crate::js::{style, verbatim};
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, Side, SidedSecret};
use crate::notice::AnalysisNotice;
use crate::paths::{folder, upwards};
use crate::project::aliases::Alias;
use crate::project::apps;
use crate::project::apps::AppFolder;
use crate::project::conventions::{is_source, is_test_source};
use crate::project::resolve::{Project, Resolved, Resolver};
use crate::variables::declarations;
use crate::variables::declarations::Declaration;
use crate::variables::names::SecretNames;
use crate::variables::tainted::TaintedVariables;
use crate::{artifacts, checks, frameworks};

/// The result of an analysis.
#[derive(Debug, Default)]
pub struct Analysis {
    /// Secrets that reach a client, by place.
    pub leaks: Vec<Leak>,
    /// Other secrets that are written down, and the side of their places.
    pub sided: Vec<SidedSecret>,
    /// Questions that could not be decided.
    pub notices: Vec<AnalysisNotice>,
}

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
    let tables = frameworks::tables();
    let names = SecretNames::new(input.catalog);
    let mut all = input.files.below("");
    all.retain(|path| !path.split('/').any(|part| part == "node_modules"));
    let (found, notices) = apps::apps(input.files, input.seeds, &tables.apps);
    analysis.notices.extend(notices);
    let project = Project::new(input.files, &all);
    let above = FilesAbove::new(&all);
    let declared: Vec<_> = found
        .par_iter()
        .map(|app| {
            declarations::declarations(input.files, &app.files, &above.files(&app.root), input.keys)
        })
        .collect();
    let envs: Vec<TaintedVariables<'_>> = declared
        .iter()
        .map(|(declarations, _)| {
            TaintedVariables::new(
                declarations,
                &names,
                &tables.variables,
                input.keys,
                input.catalog,
            )
        })
        .collect();
    let seeds: HashSet<&str> = input.seeds.iter().map(String::as_str).collect();
    let likely = found.iter().filter(|app| sources(&app.files).any(|path| seeds.contains(path)));
    let functions = tables.variables.runtime_config.iter().map(|function| function.word());
    let loader = Loader::new(
        input,
        &tables.code,
        envs.iter().flat_map(TaintedVariables::proven_names).chain(functions),
        likely.flat_map(|app| sources(&app.files)),
        stack,
    );
    // Apps have modules in common, so that these are read at once.
    let sources: BTreeSet<&str> = found.iter().flat_map(|app| sources(&app.files)).collect();
    loader.load(&sources.into_iter().collect::<Vec<_>>(), None);
    let shared = AppAnalysis { input, names: &names, project: &project, loader: &loader };
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
    files.iter().map(String::as_str).filter(|path| is_source(path) && !is_test_source(path))
}

/// Files above apps that say what these are built with: container files, workflows, settings.
struct FilesAbove<'p> {
    /// The files in each folder.
    folders: HashMap<&'p str, Vec<&'p String>>,
    /// Those of `.github`.
    workflows: Vec<&'p String>,
}

impl<'p> FilesAbove<'p> {
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
struct AppAnalysis<'a, 'p> {
    input: &'a Input<'a>,
    names: &'a SecretNames,
    project: &'p Project<'p>,
    loader: &'a Loader<'p>,
}

impl AppAnalysis<'_, '_> {
    /// Analyses one app.
    fn app(
        &self,
        found: AppFolder,
        declarations: &[Declaration],
        env: &TaintedVariables<'_>,
    ) -> Analysis {
        let input = self.input;
        let mut analysis = Analysis::default();
        let mut app = App {
            root: found.root,
            package: found.package,
            files: found.files,
            configs: Vec::new(),
            declarations,
            state: input.files,
            catalog: input.catalog,
            names: self.names,
            public_prefixes: &frameworks::tables().variables.public_prefixes,
        };
        app.configs = self.configurations(&app, env);

        let frameworks = frameworks::used(&app);
        analysis.leaks.extend(checks::setting_leaks(&app, &frameworks, env));
        let context = ArtifactContext::new(
            &app.files,
            &app.root,
            input.files,
            input.catalog,
            input.keys,
            self.names,
            &frameworks::tables().folders,
        )
        .with_copied(frameworks::copied(&app));
        let shipped = artifacts::search::secrets(&context, input.seeds);
        analysis.leaks.extend(shipped.leaks.into_iter().map(|leak| {
            let fix = checks::fix_of_artifact(&leak, input.catalog);
            Leak { fix, ..leak }
        }));
        analysis.sided.extend(shipped.sided);
        analysis.notices.extend(shipped.notices);

        let aliases = frameworks::aliases(&app, &frameworks);
        let alias =
            |(name, target)| Alias { root: app.root.clone(), name, is_exact: false, target };
        let resolver = Resolver::new(self.project, aliases.into_iter().map(alias).collect());
        let styles = app.files.iter().map(String::as_str);
        let styles = styles.filter(|path| style::is_style(path) && self.loader.is_text(path));
        let own: Vec<&str> = sources(&app.files).chain(styles).collect();
        let (members, notices) = import_closure(self.loader, &resolver, &own, None, MAX_ROUNDS);
        analysis.notices.extend(notices);
        let graph = self.deepened(&members);
        // Without expressions there is nothing to judge, as in packages of a workspace that only
        // belong to an app with seeds.
        if graph.modules.iter().any(|node| node.needs_eval) {
            analysis.notices.extend(unresolved(&graph));
            judge(input, &app, env, &frameworks, &graph, &resolver, &mut analysis);
        }
        discard(graph);
        analysis
    }

    /// The values of an app's configuration modules.
    fn configurations(
        &self,
        app: &App<'_>,
        env: &TaintedVariables<'_>,
    ) -> Vec<(String, crate::eval::value::Value)> {
        let is_config = |path: &str| app.relative(path).is_some_and(frameworks::is_configuration);
        let all = app.files.iter().map(String::as_str);
        let paths: Vec<&str> = all.filter(|path| is_config(path)).collect();
        if paths.is_empty() {
            return Vec::new();
        }
        let resolver = Resolver::new(self.project, Vec::new());
        // With what they import of the project: shared settings.
        let (members, _) = import_closure(
            self.loader,
            &resolver,
            &paths,
            Some(ParseDepth::Body),
            MAX_CONFIG_ROUNDS,
        );
        let graph = Graph::new(&members);
        let evaluator = Evaluator::new(&graph, self.input.catalog, self.input.keys, env);
        let evaluator = evaluator.of_app(&app.root);
        let value = |path: &str| {
            let module = graph.by_path(path)?;
            Some((path.to_owned(), evaluator.configuration(module)))
        };
        paths.into_iter().filter_map(value).collect()
    }

    /// The graph, with the expressions of every module that needs_eval, as a secret may come through
    /// it: those with a secret, and those that import them.
    fn deepened(&self, members: &AppModules<'_>) -> Graph {
        let mut graph = Graph::new(members);
        let reached = graph.dependents();
        for (node, matters) in graph.modules.iter_mut().zip(reached) {
            node.needs_eval = matters;
        }
        let colder: BTreeSet<&str> = graph
            .modules
            .iter()
            .filter(|node| node.needs_eval && node.module.body.is_none())
            .map(|node| &*node.path)
            .collect();
        let (deeper, _) =
            self.loader.load(&colder.into_iter().collect::<Vec<_>>(), Some(ParseDepth::Body));
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
fn unresolved(graph: &Graph) -> Vec<AnalysisNotice> {
    let mut notices = Vec::new();
    for node in graph.modules.iter().filter(|node| node.needs_eval) {
        let imports = node.module.imports.iter().zip(&node.links);
        let missing: Vec<&ModuleImport> = imports
            .filter(|(import, link)| {
                import.kind != ImportKind::Glob && **link == ImportTarget::Missing
            })
            .map(|(import, _)| import)
            .collect();
        if let Some(first) = missing.first() {
            let more = match missing.len() {
                1 => String::new(),
                several => format!(" and {} more", several - 1),
            };
            notices.push(AnalysisNotice::new(
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
struct ClientEdges<'a> {
    boundaries: Vec<bool>,
    stripped: Vec<&'static [&'static str]>,
    ships_addresses: bool,
    resolver: &'a Resolver<'a>,
    graph: &'a Graph,
}

impl EdgeFilter for ClientEdges<'_> {
    fn is_boundary(&self, module: ModuleId) -> bool {
        self.boundaries[module]
    }

    fn stripped(&self, module: ModuleId) -> &'static [&'static str] {
        self.stripped[module]
    }

    fn keeps_unused(&self, module: ModuleId) -> bool {
        self.resolver.keeps_unused_imports(&self.graph.modules[module].path)
    }

    fn follows(&self, guard: ServerGuard) -> bool {
        guard == ServerGuard::None
    }

    fn ships_addresses(&self) -> bool {
        self.ships_addresses
    }
}

/// ServerEdges take everything in.
struct ServerEdges<'a>(&'a ClientEdges<'a>);

impl EdgeFilter for ServerEdges<'_> {
    fn is_boundary(&self, _: ModuleId) -> bool {
        false
    }

    fn stripped(&self, _: ModuleId) -> &'static [&'static str] {
        &[]
    }

    fn keeps_unused(&self, module: ModuleId) -> bool {
        self.0.keeps_unused(module)
    }

    fn follows(&self, _: ServerGuard) -> bool {
        true
    }

    fn ships_addresses(&self) -> bool {
        true
    }
}

fn judge(
    input: &Input<'_>,
    app: &App<'_>,
    env: &TaintedVariables<'_>,
    frameworks: &[&'static dyn Framework],
    graph: &Graph,
    resolver: &Resolver<'_>,
    analysis: &mut Analysis,
) {
    let wholes = |node: &crate::graph::modules::ModuleNode| node.part == ModulePart::Whole;
    let clients = ClientEdges {
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
    let view = GraphView { graph, resolver };
    let (mut client_roots, mut server_roots) = (Vec::new(), Vec::new());
    for (framework, entry) in frameworks::entries(app, frameworks, &view) {
        let Some(module) = graph.find(&entry.path, entry.part) else { continue };
        let root = ReachRoot {
            module,
            export: entry.export,
            why: entry.why,
            span: entry.span,
            confidence: entry.confidence,
            framework,
            is_packaged: entry.is_packaged,
        };
        match entry.side {
            Side::Client => client_roots.push(root),
            Side::Server => server_roots.push(root),
            Side::Unknown => {}
        }
    }
    // The surer one first, then by path: the same way each time.
    let in_order = |mut roots: Vec<ReachRoot>| {
        roots.sort_by_key(|root| (std::cmp::Reverse(root.confidence), root.module));
        roots
    };
    let reach_servers = || Reach::new(graph, in_order(server_roots), &ServerEdges(&clients));
    let reach_clients = |roots| Reach::new(graph, in_order(roots), &clients);
    let sheets = sheets(graph);
    let (client, server) = if sheets.is_empty() {
        rayon::join(|| reach_clients(client_roots), reach_servers)
    } else {
        let server = reach_servers();
        client_roots.extend(styles(graph, &sheets, &server));
        (reach_clients(client_roots), server)
    };
    let judge = Checker {
        app,
        graph,
        frameworks,
        stripped: &clients.stripped,
        client: &client,
        server: &server,
        env,
        catalog: input.catalog,
        keys: input.keys,
        sdk: client_packages(graph, input.catalog),
        imports_variables: imports_variables(graph, env),
    };
    let runtime = frameworks.iter().find_map(|framework| framework.runtime_config(app));
    let runtime = RuntimeProperties::new(runtime.as_ref(), env);
    let bodies: Vec<ModuleId> =
        (0..graph.modules.len()).filter(|&id| graph.modules[id].needs_eval).collect();
    let evaluator = || Evaluator::new(graph, input.catalog, input.keys, env).with_runtime(&runtime);
    let judged: Vec<(Vec<Leak>, Vec<SentSecret>, Option<AnalysisNotice>)> = bodies
        .par_iter()
        .with_max_len(FEW)
        .map_init(evaluator, |evaluator, &id| {
            evaluator.forget();
            let module = CheckedModule::new(&judge, id, evaluator);
            let leaks = module.map_or_else(Vec::new, |module| checks::module_leaks(&module));
            let sent = module.map_or_else(Vec::new, |module| sent_secrets(&module));
            let said = "is too tangled to work out all of its values, so not every way of a secret \
                        in it is known; keys in it are reported all the same";
            let is_cut = evaluator.is_cut();
            (
                leaks,
                sent,
                is_cut.then(|| AnalysisNotice::new(&graph.modules[id].path, said.to_owned())),
            )
        })
        .collect();
    let (mut leaks, mut sent) = (Vec::new(), Vec::new());
    for (own, secrets, notice) in judged {
        leaks.extend(own);
        sent.extend(secrets);
        analysis.notices.extend(notice);
    }
    add_requests(&mut leaks, sent);
    analysis.leaks.extend(leaks);
    analysis.leaks.extend(checks::page_leaks(&judge));
    if client.is_cut() || server.is_cut() {
        let root = if app.root.is_empty() { "." } else { &app.root };
        let said = "hands names on through too many modules to follow all of its code; keys in it \
                    are reported all the same";
        analysis.notices.push(AnalysisNotice::new(root, said.to_owned()));
    }
    analysis.sided.extend(sides(input, graph, &clients, &client, &server, frameworks));
}

/// The style sheets of an app.
fn sheets(graph: &Graph) -> Vec<ModuleId> {
    let is_sheet = |id: &ModuleId| {
        graph.modules[*id].part == ModulePart::Text && style::is_style(&graph.modules[*id].path)
    };
    (0..graph.modules.len()).filter(is_sheet).collect()
}

/// Roots for those `sheets` that code of a framework's server takes in: it renders pages, and these
/// are sent along.
fn styles(graph: &Graph, sheets: &[ModuleId], server: &Reach) -> Vec<ReachRoot> {
    let mut roots = Vec::new();
    for (id, node) in graph.modules.iter().enumerate().filter(|(id, _)| server.has_module(*id)) {
        let Some(root) = server.root(BindingId { module: id, binding: MODULE_INIT }) else {
            continue;
        };
        // Without a framework, what a server does with a style sheet is not known.
        if root.framework == FrameworkId::Node {
            continue;
        }
        for (index, import) in node.module.imports.iter().enumerate() {
            let targets = graph.targets(id, index).iter().filter(|target| sheets.contains(target));
            roots.extend(targets.filter(|_| !verbatim::is_taken_whole(&import.specifier)).map(
                |&module| ReachRoot {
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
struct GraphView<'a> {
    graph: &'a Graph,
    resolver: &'a Resolver<'a>,
}

impl frameworks::Modules for GraphView<'_> {
    fn paths(&self) -> Vec<&str> {
        let wholes = self.graph.modules.iter().filter(|node| node.part == ModulePart::Whole);
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
    clients: &ClientEdges<'_>,
    client: &Reach,
    server: &Reach,
    frameworks: &[&'static dyn Framework],
) -> Vec<SidedSecret> {
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
        let root = server.root(BindingId { module, binding: MODULE_INIT });
        let framework = root
            .map(|root| root.framework)
            .or_else(|| frameworks.first().map(|framework| framework.id()))
            .map(FrameworkId::name);
        for key in input.keys.find(&text) {
            if input.catalog.is_secret(key.key_kind) {
                let span = Span::new(key.range.start as u32, key.range.end as u32);
                sided.push(SidedSecret {
                    at: FileSpan { path: path.as_str().into(), span },
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
    let is_literal = |leak: &Leak| matches!(leak.subject, LeakSubject::Secret(_));
    // A secret that a client package is given is told of there, not where it is written or read.
    let told: HashSet<FileSpan> = analysis
        .leaks
        .iter()
        .filter(|leak| leak.kind == LeakKind::SdkSecretKey)
        .flat_map(|leak| {
            let sources = leak.trace.iter().filter(|hop| hop.kind == crate::leak::StepKind::Source);
            sources.map(|hop| hop.at.clone()).chain(leak.written_at.clone())
        })
        .collect();
    analysis.leaks.retain(|leak| match leak.kind {
        LeakKind::ClientSecretLiteral
        | LeakKind::ClientSecretEnv
        | LeakKind::ClientServerEnvRead => !told.contains(&leak.at),
        LeakKind::BundleSecret
        | LeakKind::NativeAppSecret
        | LeakKind::PublicEnvSecret
        | LeakKind::BuildInlineSecret
        | LeakKind::ServerToClientSecret
        | LeakKind::ClientTokenExchange
        | LeakKind::SdkSecretKey => true,
    });
    // One literal at one place: the most specific kind; the worst, then the shortest way.
    analysis.leaks.sort_by(|a, b| {
        (&a.at, std::cmp::Reverse(a.kind), std::cmp::Reverse(a.severity), a.trace.len())
            .cmp(&(&b.at, std::cmp::Reverse(b.kind), std::cmp::Reverse(b.severity), b.trace.len()))
            .then_with(|| a.key_kind.cmp(&b.key_kind))
    });
    let mut places: HashMap<FileSpan, LeakKind> = HashMap::new();
    let mut seen: BTreeMap<(FileSpan, LeakKind, KeyKindId, String), ()> = BTreeMap::new();
    analysis.leaks.retain(|leak| {
        let subject = match &leak.subject {
            LeakSubject::Secret(secret) => secret.masked(),
            LeakSubject::Name(name) => name.clone(),
        };
        if seen.insert((leak.at.clone(), leak.kind, leak.key_kind, subject), ()).is_some() {
            return false;
        }
        !is_literal(leak) || *places.entry(leak.at.clone()).or_insert(leak.kind) == leak.kind
    });
    analysis.sided.sort_by(|a, b| (&a.at, a.side).cmp(&(&b.at, b.side)));
    analysis.sided.dedup_by(|a, b| a.at == b.at);
    let leaked: HashSet<&FileSpan> =
        analysis.leaks.iter().filter(|leak| is_literal(leak)).map(|leak| &leak.at).collect();
    analysis.sided.retain(|sided| !leaked.contains(&sided.at));
    analysis.notices.sort();
    analysis.notices.dedup();
}

#[cfg(test)]
mod tests {
    use crate::testing::{analysed, leak_lines};

    #[test]
    fn packages_that_apps_share_are_judged_for_each() {
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let shared = [
            file("package.json", r#"{"name": "top", "workspaces": ["apps/*", "packages/*"]}"#),
            file("packages/ui/package.json", r#"{"name": "@x/ui", "main": "src/index.ts"}"#),
            file("packages/ui/src/index.ts", "export const key = '{key:sk_v1_:2}'"),
        ];
        let app = |number: usize, router: &str| {
            let package = r#"{"dependencies": {"next": "15.1.0", "@x/ui": "workspace:*"}}"#;
            let page = "import { key } from '@x/ui'\nexport default () => key.length";
            [
                file(&format!("apps/a{number}/package.json"), package),
                file(&format!("apps/a{number}/{router}"), page),
            ]
        };
        let leaks = |files: &[(String, String)]| {
            let pairs: Vec<_> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
            leak_lines(&analysed(&pairs))
        };
        let servers = (0..9).flat_map(|number| app(number, "pages/api/x.ts"));
        let mut files: Vec<_> = shared.into_iter().chain(servers).collect();
        assert!(leaks(&files).is_empty());
        files.extend(app(9, "pages/x.tsx"));
        assert_eq!(leaks(&files), ["client-secret-literal packages/ui/src/index.ts error"]);
    }
}
