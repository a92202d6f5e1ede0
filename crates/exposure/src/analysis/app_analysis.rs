//! The analysis of one app: its settings, its artifacts, then its code.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use crate::analysis::code::AppCode;
use crate::analysis::result::Analysis;
use crate::analysis::unresolved_imports::UnresolvedImports;
use crate::app::App;
use crate::artifacts::context::ArtifactContext;
use crate::eval::evaluator::Evaluator;
use crate::eval::value::Value;
use crate::graph::import_closure::{AppModules, import_closure};
use crate::graph::load::Loader;
use crate::graph::modules::Graph;
use crate::input::Input;
use crate::js::ir::ParseDepth;
use crate::js::style;
use crate::leak::Leak;
use crate::project::aliases::Alias;
use crate::project::apps::AppFolder;
use crate::project::conventions::{is_source, is_test_source};
use crate::project::resolve::{Project, Resolver};
use crate::variables::declarations::Declaration;
use crate::variables::names::SecretNames;
use crate::variables::tainted::TaintedVariables;
use crate::{artifacts, checks, frameworks};

/// How many times the modules outside of an app that its modules import are added.
const MAX_ROUNDS: usize = 16;

/// The same for its configurations.
const MAX_CONFIG_ROUNDS: usize = 3;

/// The modules among the files of an app.
pub(super) fn source_modules(files: &[String]) -> impl Iterator<Item = &str> {
    files.iter().map(String::as_str).filter(|path| is_source(path) && !is_test_source(path))
}

/// Analyses the apps of a project, each by itself.
pub(super) struct AppAnalysis<'a, 'p> {
    pub(super) input: &'a Input<'a>,
    pub(super) names: &'a SecretNames,
    pub(super) project: &'p Project<'p>,
    pub(super) loader: &'a Loader<'p>,
}

impl AppAnalysis<'_, '_> {
    /// Analyses one app.
    pub(super) fn app(
        &self,
        found: AppFolder,
        declarations: &[Declaration],
        env: &TaintedVariables<'_>,
    ) -> (Analysis, UnresolvedImports) {
        let input = self.input;
        let mut analysis = Analysis::default();
        let mut unresolved = UnresolvedImports::default();
        let mut app = App {
            root: found.root,
            package: found.package,
            files: found.files,
            configs: Vec::new(),
            declarations,
            state: input.files,
            catalog: input.catalog,
            names: self.names,
            conventions: &frameworks::tables().variables,
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
        let own: Vec<&str> = source_modules(&app.files).chain(styles).collect();
        let (members, notices) = import_closure(self.loader, &resolver, &own, None, MAX_ROUNDS);
        analysis.notices.extend(notices);
        let graph = self.with_expressions(&members);
        // Without expressions there is nothing to check, as in packages of a workspace that only
        // belong to an app with seeds.
        if graph.modules.iter().any(|node| node.needs_eval) {
            unresolved = UnresolvedImports::of(&graph, &resolver);
            let code = AppCode {
                input,
                app: &app,
                env,
                frameworks: &frameworks,
                graph: &graph,
                resolver: &resolver,
            };
            code.analyse(&mut analysis);
        }
        // Expressions are many small pieces, so that they are freed on all threads.
        graph.modules.into_par_iter().for_each(drop);
        (analysis, unresolved)
    }

    /// The values of an app's configuration modules.
    fn configurations(&self, app: &App<'_>, env: &TaintedVariables<'_>) -> Vec<(String, Value)> {
        let is_config = |path: &str| app.relative(path).is_some_and(frameworks::is_configuration);
        let all = app.files.iter().map(String::as_str);
        let paths: Vec<&str> = all.filter(|path| is_config(path)).collect();
        if paths.is_empty() {
            return Vec::new();
        }
        let resolver = Resolver::new(self.project, Vec::new());
        // With the settings that they import from the project.
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

    /// The graph with the expressions of every module through which a secret may come: those with a
    /// secret, and all that import them.
    fn with_expressions(&self, members: &AppModules<'_>) -> Graph {
        let mut graph = Graph::new(members);
        let reached = graph.dependents();
        for (node, needs_eval) in graph.modules.iter_mut().zip(reached) {
            node.needs_eval = needs_eval;
        }
        let shallow: BTreeSet<&str> = graph
            .modules
            .iter()
            .filter(|node| node.needs_eval && node.module.body.is_none())
            .map(|node| &*node.path)
            .collect();
        let (files, _) =
            self.loader.load(&shallow.into_iter().collect::<Vec<_>>(), Some(ParseDepth::Body));
        for file in files {
            for (part, module) in &file.modules {
                if let Some(id) = graph.find(&file.path, *part) {
                    graph.modules[id].module = Arc::clone(module);
                }
            }
        }
        graph
    }
}
