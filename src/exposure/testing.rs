//! Projects in memory and what is said of them, for the tests of the analysis. Keys are made where
//! the text has `{key:PREFIX:N}`.

use super::cases::{Prefixes, filled};
use super::facts::Depth;
use super::gather::gather;
use super::graph::Graph;
use super::load::Loader;
use super::memory::Memory;
use super::resolve::{Project, Resolver};
use super::{Analysis, Input, SecretNames, analyse};
use crate::rules::Ruleset;
use crate::source::Files;

/// The graph of some files, with all expressions.
pub(in crate::exposure) fn graph(files: &[(&str, &str)]) -> Graph {
    let texts: Vec<(&str, String)> =
        files.iter().map(|(path, text)| (*path, filled(text))).collect();
    let pairs: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (*path, &**text)).collect();
    let memory = Memory::new(&pairs);
    let paths = memory.below("");
    let project = Project::new(&memory, &paths);
    let resolver = Resolver::new(&project, Vec::new());
    let rules = Ruleset::built_in();
    let input = Input { files: &memory, rules: &rules, keys: &Prefixes(&rules), seeds: &[] };
    let loader = Loader::new(&input, std::iter::empty(), std::iter::empty(), 0);
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let (members, _) = gather(&loader, &resolver, &paths, Some(Depth::Body), 0);
    Graph::new(&members)
}

/// What is said of a project in which every file with a trace of a provider is a seed.
pub(in crate::exposure) fn analysed(files: &[(&str, &str)]) -> Analysis {
    let texts: Vec<(String, Vec<u8>)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), filled(text).into())).collect();
    analysed_bytes(&Ruleset::built_in(), &texts)
}

/// The same of files that may be no text.
pub(in crate::exposure) fn analysed_bytes(
    rules: &Ruleset,
    files: &[(String, Vec<u8>)],
) -> Analysis {
    let mut memory = Memory::default();
    let mut words = SecretNames::new(rules).seeds();
    words.extend(rules.rules.iter().flat_map(|rule| rule.keywords.iter().cloned()));
    let finders: Vec<_> =
        words.iter().map(|word| memchr::memmem::Finder::new(word.as_bytes())).collect();
    let mut seeds = Vec::new();
    for (path, bytes) in files {
        if finders.iter().any(|finder| finder.find(bytes).is_some()) {
            seeds.push(path.clone());
        }
        memory.add(path, bytes.clone());
    }
    analyse(&Input { files: &memory, rules, keys: &Prefixes(rules), seeds: &seeds })
}

/// The leaks in words: kind, file and severity, by place.
pub(in crate::exposure) fn told(analysis: &Analysis) -> Vec<String> {
    let leaks = analysis.leaks.iter();
    leaks
        .map(|leak| format!("{} {} {}", leak.kind.name(), leak.at.path, leak.severity.name()))
        .collect()
}

/// The messages of the notices, each with its path in front.
pub(in crate::exposure) fn said(analysis: &Analysis) -> Vec<String> {
    let path = |notice: &crate::model::Notice| {
        notice.path.as_ref().map(ToString::to_string).unwrap_or_default()
    };
    analysis.notices.iter().map(|notice| format!("{}: {}", path(notice), notice.message)).collect()
}
