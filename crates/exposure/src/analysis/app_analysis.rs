//! The analysis of one app: its settings, its artifacts, then its code.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use crate::analysis::code::AppCode;
use crate::analysis::edit_scope::EditScopes;
use crate::analysis::edits::Edits;
use crate::analysis::graph_view::GraphView;
use crate::analysis::result::Analysis;
use crate::analysis::state_recorder::StateRecorder;
use crate::analysis::unresolved_imports::UnresolvedImports;
use crate::app::App;
use crate::artifacts::context::{ArtifactContext, CopiedFolder};
use crate::artifacts::project_files::ProjectFiles;
use crate::artifacts::shipped_path::ShippedPath;
use crate::checks::checker::leave_out;
use crate::eval::evaluator::Evaluator;
use crate::eval::left_value::LeftValue;
use crate::eval::left_values::left_values;
use crate::eval::value::{Field, Value};
use crate::frameworks::served_files;
use crate::graph::import_closure::{AppModules, Member, import_closure};
use crate::graph::load::Loader;
use crate::graph::modules::Graph;
use crate::graph::seed_places::SeedPlaces;
use crate::input::Input;
use crate::js::guard::Absence;
use crate::js::ir::ParseDepth;
use crate::js::style;
use crate::leak::{FileSpan, Leak, LeakKind, Side};
use crate::notice::AnalysisNotice;
use crate::project::aliases::Alias;
use crate::project::apps::AppFolder;
use crate::project::conventions::{is_source, is_story, is_test_source};
use crate::project::resolve::{Project, Resolver};
use crate::span::Span;
use crate::variables::declarations::Declaration;
use crate::variables::names::SecretNames;
use crate::variables::tainted::TaintedVariables;
use crate::{artifacts, checks, frameworks};

/// How many times the modules outside of an app that its modules import are added.
const MAX_ROUNDS: usize = 16;

/// The same for its configurations.
const MAX_CONFIG_ROUNDS: usize = 3;

/// The modules among the files of an app, without its tests.
pub(super) fn source_modules(files: &[String]) -> impl Iterator<Item = &str> {
    // A storybook is a site of its own, which ships the stories.
    let has_storybook = files.iter().any(|path| path.split('/').any(|part| part == ".storybook"));
    files.iter().map(String::as_str).filter(move |path| {
        is_source(path) && (!is_test_source(path) || (has_storybook && is_story(path)))
    })
}

/// Analyses the apps of a project, each by itself.
pub(super) struct AppAnalysis<'a, 'p> {
    pub(super) input: &'a Input<'a>,
    pub(super) names: &'a SecretNames,
    pub(super) project: &'p Project<'p>,
    pub(super) loader: &'a Loader<'p>,
    /// Edits of modules, if only the leaks that these can have changed are of interest.
    pub(super) edits: Option<&'a Edits<'p>>,
    /// Records the state.
    pub(super) recorder: Option<&'a StateRecorder>,
}

impl<'p> AppAnalysis<'_, 'p> {
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
        if self.edits.is_some_and(Edits::is_undecided) {
            return (analysis, unresolved);
        }
        let mut app = App {
            root: found.root,
            package: found.package,
            files: found.files,
            configs: Vec::new(),
            declarations,
            state: input.files,
            keys: input.keys,
            catalog: input.catalog,
            names: self.names,
            conventions: &frameworks::tables().variables,
        };
        let is_config = |path: &str| app.relative(path).is_some_and(frameworks::is_configuration);
        let named = app.files.iter().filter(|path| is_config(path)).cloned().collect();
        let (configs, notices) = self.configurations(&app, named, env);
        app.configs = configs;
        analysis.notices.extend(notices);
        let named = frameworks::configuring_modules(&app);
        let (configs, notices) = self.configurations(&app, named, env);
        app.configs.extend(configs);
        analysis.notices.extend(notices);

        let frameworks = frameworks::used(&app);
        let of_settings = checks::setting_leaks(&app, &frameworks, env);
        // No setting is edited, so that these are as they were.
        if self.edits.is_none() {
            analysis.leaks.extend(of_settings);
        }
        let copied = frameworks::copied(&app);
        let named = frameworks::named_files(&app, &frameworks);
        let projects = ProjectFiles::new(&app.files);
        let context = || {
            ArtifactContext::new(
                (&app.files, &projects),
                &app.root,
                self.edits.map_or(input.files, Edits::files),
                input.catalog,
                input.keys,
                self.names,
                &frameworks::tables().folders,
            )
            .with_copied(copied.clone())
            .with_named(named.clone())
        };
        let shipped = match self.edits {
            None => artifacts::search::secrets(&context, input.seeds),
            Some(edits) => {
                let seeds = input.seeds.iter().filter(|path| edits.before(path).is_some());
                artifacts::search::secrets(&context, &seeds.cloned().collect::<Vec<_>>())
            }
        };
        let unbuilt = frameworks::unbuilt_pages(&app, &frameworks);
        let of_artifact = |leak: Leak| {
            let fix = checks::fix_of_artifact(&leak, input.catalog);
            let mut leak = Leak { fix, ..leak };
            if unbuilt.iter().any(|page| **page == *leak.at.path) {
                leave_out(&mut leak, Absence::NotBuilt);
            }
            // Files that are copied are of other kinds.
            let at = leak.at.span.start as usize;
            if leak.kind == LeakKind::ClientSecretLiteral
                && frameworks::is_removed_comment(&app, &frameworks, &leak.at.path, at)
            {
                leave_out(&mut leak, Absence::Comment);
            }
            leak
        };
        let mut of_artifacts: Vec<Leak> = shipped.leaks.into_iter().map(of_artifact).collect();
        checks::document_fields::leave_out_unread(&app, &mut of_artifacts);
        analysis.leaks.extend(of_artifacts);
        analysis.sided.extend(shipped.sided);
        analysis.notices.extend(shipped.notices);

        let aliases = frameworks::aliases(&app, &frameworks);
        let alias =
            |(name, target)| Alias { root: app.root.clone(), name, is_exact: false, target };
        let mut resolver = Resolver::new(self.project, aliases.into_iter().map(alias).collect());
        if let CopiedFolder::Folder(folder, _) = copied.clone() {
            resolver = resolver.serving(&app.root, folder);
        }
        resolver = resolver.replacing(&app.root, frameworks::replaced_files(&app, &frameworks));
        let styles = app.files.iter().map(String::as_str);
        let styles = styles.filter(|path| style::is_style(path) && self.loader.is_text(path));
        let own: Vec<&str> = source_modules(&app.files).chain(styles).collect();
        let (members, notices) = import_closure(self.loader, &resolver, &own, None, MAX_ROUNDS);
        analysis.notices.extend(notices);
        let is_edited = |edits: &Edits<'_>| members.keys().any(|path| edits.before(path).is_some());
        if self.edits.is_some_and(|edits| !is_edited(edits)) {
            if let Some(recorder) = self.recorder {
                recorder.add_unknown(members.keys().map(|path| &**path));
            }
            return (analysis, unresolved);
        }
        let mut graph = Graph::new(&members);
        let served = self.served_files(&app, &graph);
        if !served.is_empty() {
            // Files that ship anyway do so for the more certain reason.
            let context = || context().with_named([&*named, &*served].concat());
            let seeds = input.seeds.iter().filter(|path| {
                served.iter().any(|it| it.has(path))
                    && self.edits.is_none_or(|edits| edits.before(path).is_some())
            });
            let sent = artifacts::search::secrets(&context, &seeds.cloned().collect::<Vec<_>>());
            for leak in sent.leaks.into_iter().map(of_artifact) {
                analysis.leaks.retain(|known| (known.kind, &known.at) != (leak.kind, &leak.at));
                analysis.leaks.push(leak);
            }
        }
        let view = GraphView { graph: &graph, resolver: &resolver };
        let names = frameworks::auto_imports(&app, &frameworks, &view);
        graph.link_names(&names, |graph, id| {
            let node = &graph.modules[id];
            if frameworks::is_boundary(&app, &frameworks, &node.path, &node.module) {
                Side::Server
            } else {
                Side::Client
            }
        });
        let definitions: Vec<Field> =
            frameworks.iter().flat_map(|framework| framework.server_definitions(&app)).collect();
        if definitions.iter().any(|it| it.value.has_secret()) {
            let names = definitions.iter().map(|field| &*field.key).collect();
            graph.seed_names(&names);
        }
        // Code that takes what others leave for it need not import them.
        let holders: BTreeSet<usize> =
            left_values(&graph).iter().map(LeftValue::holder_number).collect();
        for node in &mut graph.modules {
            node.takes_left = holders.iter().any(|&holder| node.named_holders[holder]);
            if node.takes_left && !node.has_seed() {
                node.seeds = SeedPlaces::Anywhere;
            }
        }
        self.add_expressions(&mut graph);
        if let Some(recorder) = self.recorder {
            let has_names = !names.is_empty() || !definitions.is_empty();
            let looks_into = frameworks.iter().any(|it| it.facts().looks_into_entries);
            recorder.add(&graph, env.conventions(), has_names, looks_into);
        }
        let scope = self.edits.and_then(|edits| {
            let view = &GraphView { graph: &graph, resolver: &resolver };
            let scopes = EditScopes {
                edits,
                app: &app,
                frameworks: &frameworks,
                view,
                loader: self.loader,
                conventions: env.conventions(),
                names: &names,
            };
            scopes.scope()
        });
        if let Some(edits) = self.edits.filter(|_| scope.is_none()) {
            edits.give_up();
            return (analysis, unresolved);
        }
        // Without expressions there is nothing to check, as in packages of a workspace that only
        // belong to an app with seeds.
        if graph.modules.iter().any(|node| node.needs_eval) {
            let code = AppCode {
                input,
                app: &app,
                env,
                frameworks: &frameworks,
                graph: &graph,
                resolver: &resolver,
                definitions: &definitions,
                scope: scope.as_ref(),
            };
            unresolved = code.analyse(&mut analysis);
        }
        // Expressions are many small pieces, so that they are freed on all threads.
        graph.modules.into_par_iter().for_each(drop);
        (analysis, unresolved)
    }

    /// The files that the code of servers sends as they are.
    fn served_files(&self, app: &App<'_>, graph: &Graph) -> Vec<ShippedPath> {
        let mut found = Vec::new();
        if !served_files::may_serve(app) {
            return found;
        }
        for node in graph.modules.iter().filter(|node| served_files::may_send(&node.module)) {
            let files = self.edits.map_or(self.input.files, Edits::files);
            let Some(bytes) = files.read(&node.path).ok().flatten() else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let own = served_files::sent_by(app, &node.path, &node.module, &text);
            // Before, another text or another import may have sent less.
            if let Some(edits) = self.edits.filter(|_| !own.is_empty())
                && edits.before(&node.path).is_some()
            {
                edits.give_up();
            }
            found.extend(own);
        }
        found
    }

    /// The values of configuration modules of an app, and notices about plugins in them.
    fn configurations(
        &self,
        app: &App<'_>,
        named: Vec<String>,
        env: &TaintedVariables<'_>,
    ) -> (Vec<(String, Value)>, Vec<AnalysisNotice>) {
        let paths: Vec<&str> = named.iter().map(String::as_str).collect();
        if paths.is_empty() {
            return (Vec::new(), Vec::new());
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
        if let Some(recorder) = self.recorder {
            members.keys().for_each(|path| recorder.note(path));
        }
        let graph = Graph::new(&members);
        let evaluator = Evaluator::new(&graph, self.input.catalog, self.input.keys, env);
        let evaluator = evaluator.of_app(&app.root).with_files(self.input.files, &app.root);
        let configs = configuration_values(app, &paths, &graph, &evaluator);
        if let Some(edits) = self.edits
            && members.keys().any(|path| edits.before(path).is_some())
        {
            let is_same = |state: usize| {
                let before = self.members_before(&members, edits, state, &resolver)?;
                let graph = Graph::new(&before);
                let evaluator = Evaluator::new(&graph, self.input.catalog, self.input.keys, env);
                let evaluator = evaluator.of_app(&app.root).with_files(self.input.files, &app.root);
                let before = configuration_values(app, &paths, &graph, &evaluator);
                Some(format!("{before:?}") == format!("{configs:?}"))
            };
            if !(0..edits.states()).all(|state| is_same(state) == Some(true)) {
                edits.give_up();
            }
        }
        let plugins = graph.modules.iter().enumerate().filter(|(_, node)| node.has_seed());
        let notices = plugins.filter_map(|(id, node)| {
            let name = evaluator.kept_by_plugin(id)?;
            let message = format!(
                "has a plugin of its own that reads {name} and is not followed, so if it writes that \
                 into client code, this is missed"
            );
            Some(AnalysisNotice::new(&node.path, message))
        });
        (configs, notices.collect())
    }

    /// The modules of configurations before an edit; `None` if they are others than after it.
    fn members_before(
        &self,
        after: &AppModules<'p>,
        edits: &Edits<'_>,
        state: usize,
        resolver: &Resolver<'p>,
    ) -> Option<AppModules<'p>> {
        let before = after.iter().map(|(path, member)| {
            let file = match edits.before(path) {
                Some(texts) => {
                    let file = self.loader.with_text(path, texts.get(state)?);
                    file.imports_the_same(&member.file).then(|| Arc::new(file))?
                }
                None => Arc::clone(&member.file),
            };
            Some((Arc::clone(path), Member::new(file, resolver)))
        });
        before.collect()
    }

    /// Adds the expressions of every module through which a secret may come: those with a secret, and
    /// all that import them.
    fn add_expressions(&self, graph: &mut Graph) {
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
    }
}

/// The values of configuration modules.
fn configuration_values(
    app: &App<'_>,
    paths: &[&str],
    graph: &Graph,
    evaluator: &Evaluator<'_>,
) -> Vec<(String, Value)> {
    let value = |path: &&str| {
        let module = graph.by_path(path)?;
        let options = frameworks::command_options(app, path).into_iter().map(|option| Field {
            key: option.name.into(),
            value: evaluator.command_option(&option.value, &option.at),
            at: option.at,
        });
        let options: Vec<Field> = options.collect();
        let mut given =
            if options.is_empty() { vec![] } else { vec![Value::Object(options.into())] };
        if let Some(mode) = frameworks::command_mode(app, path) {
            let at = FileSpan { path: (*path).into(), span: Span::default() };
            let mode = Field { key: "mode".into(), value: Value::Text(mode.into()), at };
            given.resize(1, Value::Unknown);
            given.push(Value::Object(vec![mode].into()));
        }
        Some(((*path).to_owned(), evaluator.configuration(module, &given)))
    };
    paths.iter().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::{analysed, notice_lines};

    /// The notices about a configuration of webpack or Vite.
    fn notices(path: &str, config: &str) -> Vec<String> {
        let package = r#"{"devDependencies": {"vite": "7.0.0", "webpack": "5.97.0"}}"#;
        notice_lines(&analysed(&[("package.json", package), (path, config)]))
    }

    #[test]
    fn plugins_that_may_write_a_secret_are_named() {
        let class = "class Own { apply(compiler) { compiler.hooks.emit.tap('x', (it) => it.add(process.env.MAGICX_SECRET_KEY)) } }
            module.exports = { plugins: [new Own()] }";
        let said = notices("webpack.config.js", class);
        assert!(said[0].contains("plugin of its own that reads MAGICX_SECRET_KEY"), "{said:?}");
        let emit = "export default { plugins: [{ generateBundle() { this.emit(JSON.stringify(process.env)) } }] } // MAGICX";
        let said = notices("vite.config.js", emit);
        assert!(said[0].contains("reads all variables"), "{said:?}");
        let made = "const put = (key) => ({ transform: (code) => magic(code, key).code })
            export default { plugins: [put(process.env.MAGICX_SECRET_KEY)] }";
        let said = notices("vite.config.js", made);
        assert!(said[0].contains("reads MAGICX_SECRET_KEY"), "{said:?}");
    }

    #[test]
    fn plugins_that_write_what_is_seen_or_nothing_are_not() {
        for config in [
            "export default { plugins: [{ load: () => `export default '${process.env.MAGICX_SECRET_KEY}'` }] }",
            "const put = (key) => ({ transform: (code) => code + key })
             export default { plugins: [put(process.env.MAGICX_SECRET_KEY)] }",
            "const up = (key) => ({ transform: (code) => code + 1, closeBundle: () => send(key) })
             export default { plugins: [up(process.env.MAGICX_SECRET_KEY)] }",
            "export default { plugins: [{ closeBundle: () => send(process.env.MAGICX_SECRET_KEY) }] }",
            "export default { plugins: [{ transform: (code) => code.replace('a', process.env.NODE_ENV) }] } // MAGICX",
        ] {
            assert!(notices("vite.config.js", config).is_empty(), "{config}");
        }
    }
}
