//! The analysis of an app's code: what reaches clients, and the checks of each module.

use std::cmp::Reverse;
use std::collections::HashSet;

use rayon::prelude::*;

use crate::analysis::client_edges::{ClientEdges, ServerEdges};
use crate::analysis::edit_scope::EditScope;
use crate::analysis::graph_view::GraphView;
use crate::analysis::result::Analysis;
use crate::analysis::server_side::server_secrets;
use crate::analysis::style_roots::{style_roots, style_sheets};
use crate::analysis::unresolved_imports::UnresolvedImports;
use crate::app::App;
use crate::checks::authorization::{SentSecret, add_requests, sent_secrets};
use crate::checks::checker::{Checker, imports_variables};
use crate::checks::client_packages::client_packages;
use crate::checks::module::CheckedModule;
use crate::eval::carriers::Carriers;
use crate::eval::evaluator::Evaluator;
use crate::eval::left_values::left_values;
use crate::eval::runtime_config::RuntimeProperties;
use crate::eval::searched_texts::SearchedTexts;
use crate::eval::suspects::Suspects;
use crate::eval::value::Field;
use crate::frameworks::Framework;
use crate::graph::definitions::Definition;
use crate::graph::modules::{Graph, ImportTarget, ModuleId};
use crate::graph::reach::Reach;
use crate::graph::reach_root::ReachRoot;
use crate::input::Input;
use crate::js::guard::Absence;
use crate::js::ir::{BindingTarget, Export, ExportSource, Imported};
use crate::leak::{Leak, Side};
use crate::notice::AnalysisNotice;
use crate::project::resolve::Resolver;
use crate::variables::tainted::TaintedVariables;
use crate::{checks, frameworks};

/// How many modules a thread checks before others may take over the rest: some modules take a
/// thousand times as long as most.
const CHUNK: usize = 8;

/// The code of an app.
pub(super) struct AppCode<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) app: &'a App<'a>,
    pub(super) env: &'a TaintedVariables<'a>,
    pub(super) frameworks: &'a [&'static dyn Framework],
    pub(super) graph: &'a Graph,
    pub(super) resolver: &'a Resolver<'a>,
    /// The values that the build puts into the code of servers only, by name.
    pub(super) definitions: &'a [Field],
    /// The code that edits touch, if nothing else is of interest.
    pub(super) scope: Option<&'a EditScope>,
}

/// The result of checking one module.
type ModuleResult = (Vec<Leak>, Vec<SentSecret>, Option<AnalysisNotice>);

impl<'a> AppCode<'a> {
    /// Adds the leaks of the code to the result, and returns the imports that lead nowhere.
    pub(super) fn analyse(&self, analysis: &mut Analysis) -> UnresolvedImports {
        let Self { input, app, env, frameworks, graph, resolver, .. } = *self;
        let suspects = Suspects::new(graph, env.conventions(), self.scope.map(EditScope::changed));
        let unresolved = UnresolvedImports::of(graph, resolver, &suspects);
        if self.scope.is_some_and(|scope| !is_any_checked(graph, &suspects, scope)) {
            return unresolved;
        }
        let edges = ClientEdges::new(app, frameworks, graph, resolver);
        let (client, server) = self.reach(&edges);
        let texts = SearchedTexts::new(graph);
        let carriers = Carriers::new(graph, &suspects, env.conventions(), self.definitions);
        let checker = Checker {
            app,
            graph,
            frameworks,
            stripped: &edges.stripped,
            left_out: &edges.left_out,
            client: &client,
            server: &server,
            env,
            catalog: input.catalog,
            keys: input.keys,
            suspects: &suspects,
            carriers: &carriers,
            texts: &texts,
            rendering: frameworks.iter().find_map(|framework| framework.server_rendering(app)),
            sdk: client_packages(graph, input.catalog),
            imports_variables: imports_variables(graph, env),
        };
        self.check(&checker, analysis);
        if client.is_cut() || server.is_cut() {
            let root = if app.root.is_empty() { "." } else { &app.root };
            let message = "passes names on through too many modules to follow all of its code; \
                           keys in it are still reported";
            analysis.notices.push(AnalysisNotice::new(root, message));
        }
        if self.scope.is_none() {
            let secrets = server_secrets(input, graph, &edges, &client, &server, frameworks);
            analysis.sided.extend(secrets);
        }
        unresolved
    }

    /// The reach of clients and servers.
    fn reach(&self, edges: &ClientEdges<'_>) -> (Reach, Reach) {
        let graph = self.graph;
        let (mut client_roots, server_roots, by_name) = self.roots();
        let reach_servers = || Reach::new(graph, in_order(server_roots), &ServerEdges(edges));
        let reach_clients = |roots| Reach::new(graph, in_order(roots), edges);
        let sheets = style_sheets(graph);
        if sheets.is_empty() && by_name.is_empty() {
            return rayon::join(|| reach_clients(client_roots), reach_servers);
        }
        let server = reach_servers();
        let whole = taken_whole(graph, &server);
        for root in by_name {
            client_roots.extend(named_exports(graph, &server, &whole, root));
        }
        client_roots.extend(style_roots(graph, &sheets, &server));
        (reach_clients(client_roots), server)
    }

    /// Where the code of clients begins, that of servers, and that of clients of which servers name
    /// the exports.
    fn roots(&self) -> (Vec<ReachRoot>, Vec<ReachRoot>, Vec<ReachRoot>) {
        let view = GraphView { graph: self.graph, resolver: self.resolver };
        let (mut client, mut server, mut by_name) = (Vec::new(), Vec::new(), Vec::new());
        for (framework, entry) in frameworks::entries(self.app, self.frameworks, &view) {
            let Some(module) = self.graph.find(&entry.path, entry.part) else { continue };
            let root = ReachRoot {
                module,
                export: entry.export,
                why: entry.why,
                span: entry.span,
                confidence: entry.confidence,
                framework,
                is_packaged: entry.is_packaged,
                is_unrendered: entry.is_unrendered,
                absence: entry.absence,
            };
            match entry.side {
                Side::Client if entry.is_by_name => by_name.push(root),
                Side::Client => client.push(root),
                Side::Server => server.push(root),
                Side::Unknown => {}
            }
        }
        (client, server, by_name)
    }

    /// Checks every module through which a secret may come.
    fn check(&self, checker: &Checker<'a>, analysis: &mut Analysis) {
        let Self { input, app, env, frameworks, graph, definitions, .. } = *self;
        let config = frameworks.iter().find_map(|framework| framework.runtime_config(app));
        let runtime = RuntimeProperties::new(config.as_ref(), env);
        let all = 0..graph.modules.len();
        let checked: Vec<ModuleId> =
            all.filter(|&id| checker.suspects.is_module_checked(graph, id)).collect();
        let left = left_values(graph);
        let evaluator = || {
            let evaluator = Evaluator::new(graph, input.catalog, input.keys, env);
            let evaluator = evaluator.with_runtime(&runtime).with_definitions(definitions);
            let evaluator =
                evaluator.with_left(&left).among(checker.suspects).searching(checker.texts);
            evaluator.with_files(input.files, &app.root)
        };
        let results: Vec<ModuleResult> = checked
            .par_iter()
            .with_max_len(CHUNK)
            .map_init(evaluator, |evaluator, &id| {
                evaluator.forget();
                let Some(module) = CheckedModule::new(checker, id, evaluator) else {
                    return ModuleResult::default();
                };
                let (leaks, sent) = (checks::module_leaks(&module), sent_secrets(&module));
                let message = "is too complex to evaluate completely, so some paths of its secrets \
                               may be missed; keys in it are still reported";
                let is_cut = evaluator.is_cut();
                let notice = is_cut.then(|| AnalysisNotice::new(module.path(), message));
                (leaks, sent, notice)
            })
            .collect();
        let (mut leaks, mut sent) = (Vec::new(), Vec::new());
        for (own, secrets, notice) in results {
            leaks.extend(own);
            sent.extend(secrets);
            analysis.notices.extend(notice);
        }
        add_requests(&mut leaks, sent);
        let is_in_scope = |id: ModuleId| self.scope.is_none_or(|scope| scope.reached[id]);
        leaks.extend(checks::leaks_of_the_rest(checker, &leaks, &is_in_scope));
        analysis.leaks.extend(leaks);
        // Pages are not edited.
        if self.scope.is_none() {
            analysis.leaks.extend(checks::page_leaks(checker));
        }
    }
}

/// True if code that edits touch is to be checked, or has a text that may be a key.
fn is_any_checked(graph: &Graph, suspects: &Suspects, scope: &EditScope) -> bool {
    graph.modules.iter().enumerate().any(|(id, node)| {
        suspects.is_module_checked(graph, id)
            || (scope.reached[id] && node.has_seed() && node.may_have_key)
    })
}

/// The modules that code of servers imports without the names of exports.
fn taken_whole(graph: &Graph, server: &Reach) -> HashSet<ModuleId> {
    let importers = graph.modules.iter().enumerate().filter(|(id, _)| server.has_module(*id));
    let taken = importers.flat_map(|(_, node)| {
        let bindings = node.module.bindings.iter().filter_map(|binding| match &binding.target {
            BindingTarget::Imported { import, name } => Some((*import, name)),
            BindingTarget::Local => None,
        });
        let exports = node.module.exports.iter().filter_map(|export| match &export.source {
            ExportSource::Import { import, name } => Some((*import, name)),
            ExportSource::Binding(_) => None,
        });
        let is_name = |name: &Imported| matches!(name, Imported::Name(_));
        let mut has_names = vec![None; node.links.len()];
        for (import, name) in bindings.chain(exports) {
            if let Some(known) = has_names.get_mut(import) {
                *known = Some(known.unwrap_or(true) && is_name(name));
            }
        }
        let links = node.links.iter().zip(has_names);
        links.filter(|(_, has_names)| *has_names != Some(true)).flat_map(|(target, _)| match target
        {
            ImportTarget::To(targets) => targets.as_slice(),
            ImportTarget::Missing | ImportTarget::External => &[],
        })
    });
    taken.copied().collect()
}

/// The roots of the exports of a module: those that no code of servers names are left out of the
/// build, if it names any.
fn named_exports(
    graph: &Graph,
    server: &Reach,
    whole: &HashSet<ModuleId>,
    root: ReachRoot,
) -> Vec<ReachRoot> {
    let exports = &graph.modules[root.module].module.exports;
    let named_at = |export: &Export| match graph.exported(root.module, &export.name) {
        Definition::Binding(place) => Some(server.has(place)),
        Definition::Module(_) | Definition::External { .. } | Definition::Unknown => None,
    };
    let (others, named): (Vec<&Export>, Vec<&Export>) =
        exports.iter().partition(|export| named_at(export) == Some(false));
    let is_any_named = named.iter().any(|export| named_at(export) == Some(true));
    if !is_any_named || others.is_empty() || whole.contains(&root.module) {
        return vec![root];
    }
    let of = |export: &Export| ReachRoot { export: Some(export.name.clone()), ..root.clone() };
    let left_out = |export| ReachRoot { absence: Some(Absence::Unused), ..of(export) };
    named.into_iter().map(of).chain(others.into_iter().map(left_out)).collect()
}

/// The most certain roots first, then by module, so that traces are the same each time.
fn in_order(mut roots: Vec<ReachRoot>) -> Vec<ReachRoot> {
    roots.sort_by_key(|root| (Reverse(root.confidence), root.module));
    roots
}
