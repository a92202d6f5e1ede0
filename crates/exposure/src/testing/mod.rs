//! Analyses projects in memory, for unit tests. Keys are made where a text has `{key:PREFIX:N}`.
//!
//! The test of the cases uses some of these files as well, so they name what they need of the crate
//! as another crate does.

pub(crate) mod catalog;
mod edited;
mod hostile;
pub(crate) mod keys;
#[path = "../../tests/cases/loader.rs"]
pub(crate) mod loader;
pub(crate) mod memory;
mod oracle;
pub(crate) mod rng;
mod stored;
pub(crate) mod variables;

use crate::analysis::{Analysis, analyse};
use crate::catalog::Catalog;
use crate::graph::import_closure::import_closure;
use crate::graph::load::Loader;
use crate::graph::modules::Graph;
use crate::input::{Files, Input};
use crate::js::ir::ParseDepth;
use crate::project::resolve::{Project, Resolver};
use crate::testing::catalog::catalog;
use crate::testing::keys::{Prefixes, filled};
use crate::testing::memory::Memory;

/// The graph of some files, with all expressions.
pub(crate) fn graph(files: &[(&str, &str)]) -> Graph {
    let texts: Vec<(&str, String)> =
        files.iter().map(|(path, text)| (*path, filled(text))).collect();
    let pairs: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (*path, &**text)).collect();
    let memory = Memory::new(&pairs);
    let paths = memory.below("");
    let project = Project::new(&memory, &paths);
    let resolver = Resolver::new(&project, Vec::new());
    let catalog = catalog();
    let input = Input { files: &memory, catalog: &catalog, keys: &Prefixes(&catalog), seeds: &[] };
    let loader = Loader::new(
        &input,
        &crate::frameworks::tables().code,
        std::iter::empty(),
        std::iter::empty(),
        0,
    );
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let (members, _) = import_closure(&loader, &resolver, &paths, Some(ParseDepth::Body), 0);
    let mut graph = Graph::new(&members);
    // They were not searched for keys.
    graph.modules.iter_mut().for_each(|node| node.may_have_key = true);
    graph
}

/// The analysis of a project in which every file with a trace of a provider is a seed.
pub(crate) fn analysed(files: &[(&str, &str)]) -> Analysis {
    let texts: Vec<(String, Vec<u8>)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), filled(text).into())).collect();
    analysed_bytes(&catalog(), &texts)
}

/// The same of files that may be no text.
pub(crate) fn analysed_bytes(catalog: &Catalog, files: &[(String, Vec<u8>)]) -> Analysis {
    let (files, seeds) = state(catalog, files);
    analyse(&Input { files: &files, catalog, keys: &Prefixes(catalog), seeds: &seeds })
}

/// A state of a project, and the files in it with a trace of a provider.
fn state(catalog: &Catalog, files: &[(String, Vec<u8>)]) -> (Memory, Vec<String>) {
    let mut memory = Memory::default();
    let mut words = catalog.seed_words();
    words.extend(catalog.kinds.iter().flat_map(|key_kind| key_kind.keywords.iter().cloned()));
    let finders: Vec<_> =
        words.iter().map(|word| memchr::memmem::Finder::new(word.as_bytes())).collect();
    let mut seeds = Vec::new();
    for (path, bytes) in files {
        if finders.iter().any(|finder| finder.find(bytes).is_some()) {
            seeds.push(path.clone());
        }
        memory.add(path, bytes.clone());
    }
    (memory, seeds)
}

/// The leaks in words: kind, file and severity, by place.
pub(crate) fn leak_lines(analysis: &Analysis) -> Vec<String> {
    let leaks = analysis.leaks.iter();
    leaks
        .map(|leak| format!("{} {} {}", leak.kind.name(), leak.at.path, leak.severity.name()))
        .collect()
}

/// The leaks of a Vite app with this code, which clients run: kinds, and the place where it is
/// another.
pub(crate) fn leaks_of_client_code(text: &str) -> Vec<String> {
    let leaks = leak_lines(&analysed(&[
        ("package.json", r#"{"name": "app", "devDependencies": {"vite": "6.0.0"}}"#),
        ("index.html", "<script type=module src=/src/main.tsx></script>"),
        ("src/main.tsx", text),
        ("src/own.ts", "export { AIAutocomplete as Own } from '@magicx-eng/ai-autocomplete-react'"),
    ]));
    leaks.iter().map(|leak| leak.replace(" src/main.tsx error", "")).collect()
}

/// The messages of the notices, each with its path in front.
pub(crate) fn notice_lines(analysis: &Analysis) -> Vec<String> {
    let path = |notice: &crate::notice::AnalysisNotice| {
        notice.path.as_ref().map(ToString::to_string).unwrap_or_default()
    };
    analysis.notices.iter().map(|notice| format!("{}: {}", path(notice), notice.message)).collect()
}

#[test]
fn a_folder_holds_what_is_below_it_and_no_namesake() {
    let files = Memory::new(&[("a/b/c.ts", ""), ("a/d.ts", "x"), ("ab/e.ts", ""), ("a.ts", "")]);
    assert_eq!(files.below("a"), ["a/b/c.ts", "a/d.ts"]);
    assert_eq!(files.below("").len(), 4);
    assert_eq!(files.read("a/d.ts").unwrap().as_deref(), Some(&b"x"[..]));
    assert_eq!(files.read("a").unwrap(), None);
}
