//! The parsers, each as a function of bytes whose result tells how they were read.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Cursor, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use keyside::Scanner;
use keyside::config::ConfigFile;
use keyside::decode::{
    ArchiveLimits, CONTAINER_START, Fault, TextVisitor, detect_end, detect_named, unpack,
};
use keyside::exposure::Files;
use keyside::interop::{ImportFormat, accepted, config};
use keyside::model::ObjectFormat;
use keyside::rules::{RuleFile, Ruleset};
use keyside::source::git::{
    CommitObject, Delta, DeltaSink, TagObject, entries, message_start, subject,
};
use keyside::suppress::{Baseline, IgnoreFile};

use crate::seeds;

/// A parser to try.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) seeds: Vec<Vec<u8>>,
    /// Words of its language.
    pub(crate) words: &'static [&'static str],
    /// Returns a hash of what came of it.
    pub(crate) run: TargetRun,
}

/// Feeds one input to a parser.
type TargetRun = Box<dyn FnMut(&[u8]) -> u64>;

fn target(
    name: &'static str,
    seeds: Vec<Vec<u8>>,
    words: &'static [&'static str],
    run: impl FnMut(&[u8]) -> u64 + 'static,
) -> Target {
    Target { name, seeds, words, run: Box::new(run) }
}

fn hashed(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// All targets.
pub(crate) fn targets() -> Vec<Target> {
    let mut all = Vec::new();
    for (name, seeds) in seeds::containers() {
        all.push(target(name, seeds, &[], container));
    }
    let (js, yaml) = (seeds::JS_WORDS, seeds::YAML_WORDS);
    all.extend([
        target("encodings", seeds::encodings(), seeds::ENCODING_WORDS, |bytes| {
            hashed(&SCANNER.scan(bytes).len())
        }),
        target("delta", seeds::deltas(), &[], delta),
        target("tree", seeds::trees(), &["100644 ", "40000 ", "\0"], tree),
        target("commit", seeds::commits(), seeds::COMMIT_WORDS, commit),
        target("repository", vec![vec![0; 64]], &[], seeds::repository()),
        target("rules", seeds::rules(), seeds::TOML_WORDS, rules),
        target("configuration", seeds::configurations(), seeds::TOML_WORDS, configuration),
        target("ignore-file", seeds::ignore_files(), &["ks1:", "until=", "!", "**/"], ignore_file),
        target("baseline", seeds::baselines(), &["\"", "{", "[", "null", "1e999"], baseline),
        target("import", seeds::imports(), seeds::TOML_WORDS, import),
        target("javascript", seeds::scripts(), js, |bytes| exposure("app/page.tsx", bytes)),
        target("component", seeds::components(), js, |bytes| exposure("app/view.vue", bytes)),
        target("tsconfig", seeds::tsconfigs(), js, |bytes| exposure("tsconfig.json", bytes)),
        target("package", seeds::packages(), js, |bytes| exposure("package.json", bytes)),
        target("yaml", seeds::yaml(), yaml, |bytes| exposure("pnpm-workspace.yaml", bytes)),
        target("env", seeds::env_files(), &["${", "\\", "export "], |bytes| {
            exposure(".env", bytes)
        }),
    ]);
    all
}

static SCANNER: LazyLock<Scanner> = LazyLock::new(Scanner::built_in);

/// Counts what a container holds.
#[derive(Default, Hash)]
struct Counted {
    texts: usize,
    /// In powers of two, so that not each length is another outcome.
    size: u32,
    faults: Vec<String>,
}

impl TextVisitor for Counted {
    fn text(&mut self, _: &[u8], content: &mut dyn Read) -> io::Result<()> {
        self.texts += 1;
        let size = io::copy(content, &mut io::sink())?;
        self.size = self.size.max(size.ilog2_or_zero());
        Ok(())
    }

    fn fault(&mut self, _: &[u8], fault: Fault) {
        if self.faults.len() < 8 {
            // Numbers in messages are no new outcome.
            self.faults.push(fault.to_string().replace(|own: char| own.is_ascii_digit(), ""));
        }
    }
}

trait Magnitude {
    fn ilog2_or_zero(self) -> u32;
}

impl Magnitude for u64 {
    fn ilog2_or_zero(self) -> u32 {
        self.checked_ilog2().unwrap_or(0)
    }
}

fn container(bytes: &[u8]) -> u64 {
    let start = &bytes[..bytes.len().min(CONTAINER_START)];
    let Some(found) = detect_named(b"a.br", start).or_else(|| detect_end(bytes)) else { return 0 };
    let limits = ArchiveLimits { memory: 16 << 20, ..ArchiveLimits::default() };
    let mut counted = Counted::default();
    let size = bytes.len() as u64;
    unpack(found, &mut Cursor::new(bytes), (b"a.br", size), limits, &mut counted);
    hashed(&counted)
}

/// Joins what a delta builds.
#[derive(Default)]
struct Built(Vec<u8>);

impl DeltaSink for Built {
    fn copy(&mut self, base: &[u8], run: Range<usize>) {
        self.0.extend_from_slice(&base[run]);
    }

    fn insert(&mut self, text: &[u8], run: Range<usize>) {
        self.0.extend_from_slice(&text[run]);
    }
}

fn delta(bytes: &[u8]) -> u64 {
    let base: Vec<u8> = (0..300u32).map(|nth| (nth % 251) as u8).collect();
    let mut built = Built::default();
    let read = Delta::parse(bytes).map(|delta| delta.read(&base, &mut built));
    hashed(&(format!("{read:?}"), built.0.len()))
}

fn tree(bytes: &[u8]) -> u64 {
    let counts = [ObjectFormat::Sha1, ObjectFormat::Sha256].map(|format| {
        let all: Vec<_> = entries(bytes, format).take(1 << 16).collect();
        let folders = all.iter().flatten().filter(|entry| entry.is_tree()).count();
        (all.len(), folders, all.iter().any(Option::is_none))
    });
    hashed(&counts)
}

fn commit(bytes: &[u8]) -> u64 {
    let links = CommitObject::links(bytes, ObjectFormat::Sha1).map(|(_, parents)| parents.len());
    let parsed = CommitObject::parse(bytes, ObjectFormat::Sha1).is_some();
    let tag = TagObject::parse(bytes, ObjectFormat::Sha1).is_some();
    let times = (CommitObject::authored(bytes), CommitObject::committed(bytes));
    hashed(&(links, parsed, tag, times, message_start(bytes), subject(bytes).len()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn rules(bytes: &[u8]) -> u64 {
    let file = RuleFile { name: "rules.toml".to_owned(), text: text(bytes) };
    match Ruleset::only(&[file]) {
        Ok(_) => 0,
        Err(errors) => hashed(&errors.to_string().replace(|own: char| own.is_ascii_digit(), "")),
    }
}

fn configuration(bytes: &[u8]) -> u64 {
    match ConfigFile::parse("keyside.toml".to_owned(), text(bytes)) {
        Ok(_) => 0,
        Err(error) => hashed(&error.to_string()),
    }
}

fn ignore_file(bytes: &[u8]) -> u64 {
    match IgnoreFile::parse(".keysideignore", Path::new("."), &text(bytes)) {
        Ok(file) => hashed(&file.entries().len()),
        Err(error) => hashed(&error.to_string()),
    }
}

fn baseline(bytes: &[u8]) -> u64 {
    match Baseline::parse("baseline.json", &text(bytes)) {
        Ok(baseline) => hashed(&baseline.entries().len()),
        Err(error) => hashed(&error.to_string()),
    }
}

fn import(bytes: &[u8]) -> u64 {
    let text = text(bytes);
    let named = ["a.toml", ".gitleaksignore", ".secrets.baseline"];
    let kinds = named.map(|name| ImportFormat::detect(name, &text).map(ImportFormat::title));
    let imported = config("a.toml", &text).is_ok();
    let lists = ImportFormat::ALL.map(|(_, kind)| accepted(kind, "a", &text).is_ok());
    hashed(&(kinds, imported, lists))
}

/// Files in memory.
struct Project(BTreeMap<&'static str, Vec<u8>>);

impl Files for Project {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).cloned())
    }

    fn below(&self, folder: &str) -> Vec<String> {
        let paths = self.0.keys().map(|path| (*path).to_owned());
        paths.filter(|path| folder.is_empty() || path.starts_with(&format!("{folder}/"))).collect()
    }
}

/// Analyses an app in which one file is the input.
fn exposure(path: &'static str, bytes: &[u8]) -> u64 {
    let mut files = seeds::app();
    files.insert(path, bytes.to_vec());
    let leaks = SCANNER.exposure(&Project(files)).leaks;
    let leaks: Vec<_> = leaks.iter().map(|leak| (leak.kind.name(), leak.trace.len())).collect();
    hashed(&leaks)
}
