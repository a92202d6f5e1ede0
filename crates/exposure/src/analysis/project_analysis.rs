//! The analysis of a project: its apps with seeds, one after another.

use std::collections::{BTreeSet, HashSet};

use rayon::prelude::*;

use crate::analysis::app_analysis::{AppAnalysis, source_modules};
use crate::analysis::edits::{EditedModule, Edits};
use crate::analysis::files_above::FilesAbove;
use crate::analysis::result::Analysis;
use crate::analysis::settle::settle;
use crate::analysis::state_recorder::{NotedFiles, StateRecorder};
use crate::analysis::unresolved_imports::UnresolvedImports;
use crate::frameworks;
use crate::graph::load::Loader;
use crate::graph::parsed_modules::ParsedModules;
use crate::input::{Files, Input};
use crate::js::ir::ParseDepth;
use crate::project::apps;
use crate::project::apps::AppFolder;
use crate::project::conventions::is_prose;
use crate::project::resolve::Project;
use crate::variables::declarations;
use crate::variables::declarations::DeclaringFiles;
use crate::variables::names::SecretNames;
use crate::variables::tainted::TaintedVariables;

/// The stack of each thread, for modules that nest deeply. The system backs only the used part.
const STACK: usize = 64 << 20;

/// Apps with more files are analysed one after another.
const SMALL_APP: usize = 300;

/// Finds the secrets that reach clients. The result does not depend on the number of threads.
pub fn analyse(input: &Input<'_>) -> Analysis {
    analyse_sharing(input, &ParsedModules::default(), None)
}

/// The same for one of several states of a project. What they have in common is parsed once, and the state is
/// recorded.
pub fn analyse_sharing(
    input: &Input<'_>,
    parsed: &ParsedModules<'_>,
    recorder: Option<&StateRecorder>,
) -> Analysis {
    if input.seeds.is_empty() {
        return Analysis::default();
    }
    on_deep_threads(|stack| all_apps(input, (None, recorder), parsed, stack))
}

/// Analyses only the code in which edits of modules can have changed a leak, given that nothing else
/// changed: [`adds_no_leak`](crate::adds_no_leak) compares its leaks with those before. `None` if only a
/// whole analysis can tell.
pub fn analyse_edits(
    input: &Input<'_>,
    edited: &[EditedModule],
    parsed: &ParsedModules<'_>,
    recorder: Option<&StateRecorder>,
) -> Option<Analysis> {
    if input.seeds.is_empty() {
        return Some(Analysis::default());
    }
    let edits = Edits::new(input.files, edited);
    let analysis =
        on_deep_threads(|stack| all_apps(input, (Some(&edits), recorder), parsed, stack));
    (!edits.is_undecided()).then_some(analysis)
}

/// Does work on threads with a deep stack, of which it gets the size; 0 if it is not known.
fn on_deep_threads<T: Send>(work: impl Fn(usize) -> T + Sync) -> T {
    let threads = rayon::current_num_threads();
    match rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build() {
        Ok(pool) => pool.install(|| work(STACK)),
        Err(_) => work(0),
    }
}

/// Parses all modules of a state with their expressions and returns their number: the least that an
/// analysis of all of them costs, to compare it with.
pub fn parse_modules(input: &Input<'_>) -> usize {
    let parse = |stack: usize| {
        let paths = input.files.below("");
        let (none, likely) = (std::iter::empty(), std::iter::empty());
        let loader = Loader::new(input, &frameworks::tables().code, none, likely, stack);
        let paths: Vec<&str> = source_modules(&paths).collect();
        let (files, _) = loader.load(&paths, Some(ParseDepth::Body));
        let count = files.iter().map(|file| file.modules.len()).sum();
        drop(files);
        loader.discard();
        count
    };
    match rayon::ThreadPoolBuilder::new().stack_size(STACK).build() {
        Ok(pool) => pool.install(|| parse(STACK)),
        Err(_) => parse(0),
    }
}

/// Analyses the apps with seeds, on threads with a stack of this size; 0 if it is not known. With
/// `edits`, only what these can have changed is of interest.
fn all_apps(
    given: &Input<'_>,
    (edits, recorder): (Option<&Edits<'_>>, Option<&StateRecorder>),
    parsed: &ParsedModules<'_>,
    stack: usize,
) -> Analysis {
    // Only the loader looks at the texts of edited modules, or else they count for more than code.
    let files = edits.map_or(given.files, |edits| edits as &dyn Files);
    let noted = recorder.map(|recorder| NotedFiles { files, recorder });
    let files = noted.as_ref().map_or(files, |noted| noted as &dyn Files);
    let input = &Input { files, ..*given };
    let mut analysis = Analysis::default();
    let tables = frameworks::tables();
    let names = SecretNames::new(input.catalog);
    let mut all = input.files.below("");
    all.retain(|path| !path.split('/').any(|part| part == "node_modules"));
    let begin: Vec<String> =
        input.seeds.par_iter().filter(|path| begins_analysis(input, path)).cloned().collect();
    if begin.is_empty() {
        return analysis;
    }
    let (found, notices) = apps::apps(input.files, &begin, &tables.apps);
    analysis.notices.extend(notices);
    let project = Project::new(input.files, &all);
    let above = FilesAbove::new(&all);
    let declaring = DeclaringFiles::new(input.files, input.keys);
    let declared: Vec<_> = found
        .par_iter()
        .map(|app| declarations::declarations(&declaring, &app.files, &above.files(&app.root)))
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
    let likely =
        found.iter().filter(|app| source_modules(&app.files).any(|path| seeds.contains(path)));
    if let Some(edits) = edits {
        // More of an app is read once it has a seed.
        let is_edited = |path: &str| edits.before(path).is_some();
        let is_new = |app: &AppFolder| {
            let mut seeds = source_modules(&app.files).filter(|path| seeds.contains(path));
            seeds.all(is_edited)
        };
        if likely.clone().any(is_new) {
            edits.give_up();
            return analysis;
        }
    }
    let functions = tables.variables.runtime_config.iter().map(|function| function.word());
    let loader = Loader::new(
        given,
        &tables.code,
        envs.iter().flat_map(TaintedVariables::proven_names).chain(functions),
        likely.flat_map(|app| source_modules(&app.files)),
        stack,
    )
    .with_shared(parsed);
    if let Some(recorder) = recorder {
        recorder.note_pieces(loader.pieces());
    }
    // Apps share modules, so the modules of all apps are read together.
    let sources: BTreeSet<&str> = found.iter().flat_map(|app| source_modules(&app.files)).collect();
    loader.load(&sources.into_iter().collect::<Vec<_>>(), None);
    let (names, project, loader_of_all) = (&names, &project, &loader);
    let shared = AppAnalysis { input, names, project, loader: loader_of_all, edits, recorder };
    let one = |nth: usize, found: AppFolder| {
        let (declarations, notices) = &declared[nth];
        let (mut one, unresolved) = shared.app(found, declarations, &envs[nth]);
        one.notices.extend(notices.iter().cloned());
        (one, unresolved)
    };
    // Each large app is analysed on all threads, one after another, so that only one is in memory.
    // Small ones leave most threads idle, so several are analysed at a time.
    let (large, small): (Vec<_>, Vec<_>) =
        found.into_iter().enumerate().partition(|(_, app)| app.files.len() > SMALL_APP);
    let large: Vec<_> = large.into_iter().map(|(nth, app)| (nth, one(nth, app))).collect();
    let small: Vec<_> = small.into_par_iter().map(|(nth, app)| (nth, one(nth, app))).collect();
    let mut results = large;
    results.extend(small);
    results.sort_by_key(|(nth, _)| *nth);
    let mut unresolved = UnresolvedImports::default();
    for (_, (one, missing)) in results {
        analysis.leaks.extend(one.leaks);
        analysis.sided.extend(one.sided);
        analysis.notices.extend(one.notices);
        unresolved.extend(missing);
    }
    analysis.notices.extend(unresolved.notices());
    loader.discard();
    settle(&mut analysis);
    analysis
}

/// True if the apps of a seed are analysed for its sake.
///
/// Names of variables, packages and hosts mean something in code and in settings. Prose and lock files
/// talk of them all the time, but are never read as either: only a key in them can reach a client, as
/// the text of an import or in a folder that is served. All seeds count in apps that are analysed.
fn begins_analysis(input: &Input<'_>, path: &str) -> bool {
    if !is_prose(path) {
        return true;
    }
    match input.files.read(path) {
        Ok(Some(bytes)) => {
            let keys = input.keys.find(&input.keys.text(&bytes));
            keys.iter().any(|key| input.catalog.is_secret(key.key_kind))
        }
        Ok(None) => false,
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{analysed, leak_lines};

    #[test]
    fn prose_starts_nothing_unless_it_holds_a_key() {
        let package = ("package.json", r#"{"dependencies": {"vite": "6.0.0"}}"#);
        let page = ("index.html", "<script type=module src=/src/main.ts></script>");
        let main = ("src/main.ts", "import t from './terms.md?raw'\nimport './gone'\nshow(t)");
        let of = |path: &str, text: &str| {
            let analysis = analysed(&[package, page, main, (path, text)]);
            (leak_lines(&analysis), analysis.notices.len())
        };
        let key = "Use {key:sk_v1_:7} here.";
        for path in ["README.md", "docs/guide.markdown", "yarn.lock", "package-lock.json"] {
            assert_eq!(of(path, "Set MAGICX_SECRET_KEY."), (Vec::new(), 0), "{path}");
        }
        assert_eq!(of("src/terms.md", key).0, ["client-secret-literal src/terms.md error"]);
        let public = of("public/README.md", key).0;
        assert_eq!(public.len(), 1, "{public:?}");
    }

    #[test]
    fn shared_packages_are_checked_for_each_app() {
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
