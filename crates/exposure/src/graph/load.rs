//! Reads and parses the modules of an app.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::graph::file_facts::FileFacts;
use crate::graph::key_pieces::{KeyPiece, KeyPieces, key_pieces};
use crate::graph::parsed_file::{Parsed, ParsedKey};
use crate::graph::parsed_modules::ParsedModules;
use crate::graph::seed_places::SeedPlaces;
use crate::graph::seed_words::SeedWords;
use crate::input::{Files, Input, KeyFinder};
use crate::js::conventions::CodeConventions;
use crate::js::ir::{Module, ModulePart, ParseDepth};
use crate::js::markup::cut::module_sources;
use crate::js::markup::rendered::add_markup;
use crate::js::parse::module_parser::ModuleParser;
use crate::js::{json, style, verbatim};
use crate::notice::AnalysisNotice;
use crate::paths::{extension, name};
use crate::project::conventions::is_source;
use crate::project::resolve::Resolved;

/// Longer files are not written by hand: bundles are only searched for whole keys.
const MAX_SOURCE: usize = 2 << 20;

/// How many files a thread reads before others may take over the rest.
const CHUNK: usize = 32;

/// A source file with its modules.
pub(crate) struct SourceFile<'p> {
    /// Its path.
    pub(crate) path: Arc<str>,
    /// The modules in it, in order of their parts.
    pub(crate) modules: Vec<(ModulePart, Arc<Module>)>,
    /// The facts about its text.
    pub(crate) facts: FileFacts,
    /// Its resolved imports, as all apps without aliases of their own see them; set when they are
    /// first followed.
    pub(crate) links: OnceLock<Links<'p>>,
}

impl SourceFile<'_> {
    /// True if its modules are the same parts as those of another version, and each imports the same.
    pub(crate) fn imports_the_same(&self, other: &Self) -> bool {
        let all = |file: &Self| -> Vec<_> {
            let modules = file.modules.iter();
            let imports = modules.map(|(part, module)| {
                let imports = module.imports.iter();
                (*part, imports.map(|it| (it.specifier.clone(), it.kind, it.erased)).collect())
            });
            imports.collect::<Vec<(ModulePart, Vec<_>)>>()
        };
        all(self) == all(other)
    }
}

/// The resolved imports of each module of a file.
pub(crate) type Links<'p> = Vec<Vec<Resolved<'p>>>;

/// The result of reading a file: its modules, and a notice if there was trouble.
type LoadResult<'p> = (Option<Arc<SourceFile<'p>>>, Option<AnalysisNotice>);

/// Files that were read, by path.
type KnownFiles<'p> = Mutex<HashMap<String, LoadResult<'p>, RandomState>>;

/// Reads source files. Apps may share files: each is read once for all of them.
pub(crate) struct Loader<'p> {
    files: &'p dyn Files,
    keys: &'p dyn KeyFinder,
    seeds: HashSet<&'p str>,
    /// True if there are style sheets among the seeds, or files that style sheets name.
    has_styles: bool,
    /// Modules of apps with a secret in their code, which likely need their expressions: reading
    /// these at once is cheaper than reading most of the modules again.
    likely: HashSet<String, RandomState>,
    /// The stack of each thread, in bytes.
    stack: usize,
    /// Names in code to which frameworks give a meaning.
    code: &'p CodeConventions,
    /// Pieces that keys may be put together from.
    pieces: KeyPieces,
    /// Words for the places of seeds.
    seed_words: SeedWords,
    /// A hash of the pieces.
    words: u64,
    /// The files that were read.
    known: KnownFiles<'p>,
    /// Those that were read again, with their expressions.
    whole: KnownFiles<'p>,
    /// Those of other states of the project.
    shared: Option<&'p ParsedModules<'p>>,
}

impl<'p> Loader<'p> {
    /// `words` are in modules that read secrets under any name: the names of variables whose values
    /// are known to be secret, and of functions that return the configuration. `likely` are modules
    /// of apps with a seed; `stack` is that of each thread.
    pub(crate) fn new<'v>(
        input: &Input<'p>,
        code: &'p CodeConventions,
        words: impl Iterator<Item = &'v str>,
        likely: impl Iterator<Item = &'v str>,
        stack: usize,
    ) -> Self {
        // A module that reads a file with a key, names it.
        let data = input.seeds.iter().filter(|path| is_addressed(path));
        let data = data.map(|path| name(path).to_owned());
        let pieces = key_pieces(input.catalog, words.map(str::to_owned).chain(data));
        let mut hasher = DefaultHasher::new();
        pieces.hash(&mut hasher);
        let words = hasher.finish();
        Self {
            words,
            seed_words: SeedWords::new(input.catalog, &pieces),
            likely: likely.map(str::to_owned).collect(),
            stack,
            code,
            files: input.files,
            keys: input.keys,
            seeds: input.seeds.iter().map(String::as_str).collect(),
            has_styles: input.seeds.iter().any(|path| style::is_style(path) || is_addressed(path)),
            pieces: KeyPieces::new(pieces),
            known: Mutex::default(),
            whole: Mutex::default(),
            shared: None,
        }
    }

    /// The same, which takes what other states of the project have in common from `shared`.
    pub(crate) fn with_shared(self, shared: &'p ParsedModules<'p>) -> Self {
        Self { shared: Some(shared), ..self }
    }

    /// Reads `paths` in parallel. Without a `depth`, the likely ones get their expressions as well.
    /// Files that cannot be read or parsed become notices.
    pub(crate) fn load(
        &self,
        paths: &[&str],
        depth: Option<ParseDepth>,
    ) -> (Vec<Arc<SourceFile<'p>>>, Vec<AnalysisNotice>) {
        let read: Vec<LoadResult<'p>> = paths
            .par_iter()
            .with_max_len(CHUNK)
            .filter(|path| is_module(path) || self.is_text(path))
            .map_init(
                || ModuleParser::new(self.stack, self.code),
                |parser, path| match depth {
                    Some(_) => self.with_expressions(parser, path, depth),
                    None => self.once(&self.known, parser, path, None),
                },
            )
            .collect();
        let (files, notices): (Vec<_>, Vec<_>) = read.into_iter().unzip();
        (files.into_iter().flatten().collect(), notices.into_iter().flatten().collect())
    }

    /// The texts that make a module one through which a secret may come.
    pub(crate) fn pieces(&self) -> &[KeyPiece] {
        self.pieces.all()
    }

    /// Frees the files on all threads, as they are many small pieces.
    pub(crate) fn discard(self) {
        for known in [self.known, self.whole] {
            let known = known.into_inner().unwrap_or_else(PoisonError::into_inner);
            known.into_par_iter().for_each(drop);
        }
    }

    /// True if a file that is not a module is read as text: it may contain a key, or be a style sheet
    /// that imports one that does.
    pub(crate) fn is_text(&self, path: &str) -> bool {
        self.seeds.contains(path) || (self.has_styles && style::is_style(path))
    }

    /// A file as it was read for another app, or read now.
    fn once(
        &self,
        known: &KnownFiles<'p>,
        parser: &mut ModuleParser,
        path: &str,
        depth: Option<ParseDepth>,
    ) -> LoadResult<'p> {
        let known = || known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(read) = known().get(path) {
            return read.clone();
        }
        let read = self.file(parser, path, depth);
        known().entry(path.to_owned()).or_insert(read).clone()
    }

    /// A file with the expressions of its modules.
    fn with_expressions(
        &self,
        parser: &mut ModuleParser,
        path: &str,
        depth: Option<ParseDepth>,
    ) -> LoadResult<'p> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        let is_whole = |file: &Arc<SourceFile<'p>>| {
            file.modules.iter().all(|(_, module)| !module.body.is_none())
        };
        match known {
            Some((Some(file), said)) if is_whole(&file) => (Some(file), said),
            Some(_) | None => self.once(&self.whole, parser, path, depth),
        }
    }

    /// The depth to which a file is parsed.
    fn depth(&self, path: &str, has_seed: bool, wanted: Option<ParseDepth>) -> ParseDepth {
        let is_likely = has_seed || self.likely.contains(path);
        wanted.unwrap_or(if is_likely { ParseDepth::Body } else { ParseDepth::Shape })
    }

    /// Reads a file, or takes what was parsed of the same content.
    fn file(
        &self,
        parser: &mut ModuleParser,
        path: &str,
        depth: Option<ParseDepth>,
    ) -> LoadResult<'p> {
        let source = |facts: FileFacts, (modules, notice): Parsed| {
            let (path, links) = (Arc::from(path), OnceLock::new());
            (Some(Arc::new(SourceFile { path, modules, facts, links })), notice)
        };
        let is_seed = self.seeds.contains(path);
        let shared = self.shared.zip(self.files.content_id(path)).map(|(shared, content)| {
            let path = path.to_owned();
            (shared, ParsedKey { path, content, is_seed, words: self.words })
        });
        if let Some((shared, key)) = &shared
            && let Some((facts, parsed)) =
                shared.get(key, |has_seed| self.depth(path, has_seed, depth))
        {
            return source(facts, parsed);
        }
        let trouble = |message: String| (None, Some(AnalysisNotice::new(path, message)));
        let bytes = match self.files.read(path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return (None, None),
            Err(error) => return trouble(format!("cannot be read: {error}")),
        };
        if bytes.len() > MAX_SOURCE {
            let message = "is too large to follow its imports; whole keys in it are still found";
            return if is_seed { trouble(message.to_owned()) } else { (None, None) };
        }
        let (facts, has_key) = self.facts(path, is_seed, &bytes);
        let depth = self.depth(path, facts.seeds.has_any(), depth);
        let parsed = self.parsed(parser, path, &bytes, (facts.seeds.has_any(), has_key), depth);
        if let Some((shared, key)) = shared {
            shared.keep(key, &bytes, facts.clone(), depth, parsed.clone());
        }
        source(facts, parsed)
    }

    /// A file as it would be with another text, with the expressions of its modules.
    pub(crate) fn with_text(&self, path: &Arc<str>, bytes: &[u8]) -> SourceFile<'p> {
        let (facts, _) = self.facts(path, self.seeds.contains(&**path), bytes);
        let modules = self.parsed_text(path, bytes);
        SourceFile { path: Arc::clone(path), modules, facts, links: OnceLock::new() }
    }

    /// The modules in another text of a file, with their expressions.
    pub(crate) fn parsed_text(&self, path: &str, bytes: &[u8]) -> Vec<(ModulePart, Arc<Module>)> {
        let mut parser = ModuleParser::new(self.stack, self.code);
        let (facts, has_key) = self.facts(path, self.seeds.contains(path), bytes);
        let kinds = (facts.seeds.has_any(), has_key);
        self.parsed(&mut parser, path, bytes, kinds, ParseDepth::Body).0
    }

    /// The facts about a file, with the places from which a secret may come; and true if it holds a key
    /// in plain text.
    fn facts(&self, path: &str, is_seed: bool, bytes: &[u8]) -> (FileFacts, bool) {
        if !is_seed && !self.pieces.are_in(bytes) {
            return (FileFacts::of(bytes, SeedPlaces::Nowhere, false), false);
        }
        // In other encodings, offsets in the text would not be those in the file.
        let (seeds, has_key) = match str::from_utf8(bytes) {
            Ok(text) if is_module(path) => self.seed_words.places(text, is_seed, self.keys),
            Ok(_) | Err(_) => (SeedPlaces::Anywhere, None),
        };
        // The caller has found no key in what is no seed.
        let may_have_key = is_seed && has_key != Some(false);
        (FileFacts::of(bytes, seeds, may_have_key), has_key == Some(true))
    }

    /// Parses a file.
    fn parsed(
        &self,
        parser: &mut ModuleParser,
        path: &str,
        bytes: &[u8],
        (has_seed, has_key): (bool, bool),
        depth: ParseDepth,
    ) -> Parsed {
        let text = self.keys.text(bytes);
        // In other encodings, offsets in the text would not be those in the file.
        let is_plain = str::from_utf8(bytes).is_ok();
        let as_text = || (ModulePart::Text, Arc::new(verbatim::module(path, &text)));
        if !is_module(path) {
            return (is_plain.then(as_text).into_iter().collect(), None);
        }
        if path.ends_with(".json") {
            let data = (ModulePart::Whole, Arc::new(json::module(&text)));
            return (std::iter::once(data).chain(has_key.then(as_text)).collect(), None);
        }
        let mut fault = None;
        let sources = module_sources(path, &text);
        let mut modules: Vec<_> = sources
            .iter()
            .map(|source| {
                let mut module = parser.parse(source, depth);
                if let Some(found) = &module.fault {
                    fault = Some(found.clone());
                }
                if has_key && source.has_template {
                    add_markup(path, &text, &sources, self.keys, &mut module);
                }
                (source.part, Arc::new(module))
            })
            .collect();
        modules.extend(has_key.then(as_text));
        modules.sort_by_key(|(part, _)| *part);
        // Only files that may contain a secret are worth a notice.
        let said = fault.filter(|_| has_seed).map(|fault| {
            let line = text.as_bytes()[..text.len().min(fault.at as usize)]
                .iter()
                .filter(|&&byte| byte == b'\n')
                .count();
            AnalysisNotice::new(
                path,
                format!(
                    "cannot be parsed from line {} on ({}), so secrets that it sends to clients may \
                     be missed; keys in it are still reported",
                    line + 1,
                    fault.message
                ),
            )
        });
        (modules, said)
    }
}

/// True for files that style sheets name by their addresses: pictures and data.
fn is_addressed(path: &str) -> bool {
    let is_meant =
        matches!(extension(path), "svg" | "txt" | "xml" | "csv" | "json" | "webmanifest");
    is_meant && !matches!(name(path), "package.json" | "package-lock.json" | "tsconfig.json")
}

/// True for source files, and for data that code imports by name.
fn is_module(path: &str) -> bool {
    is_source(path) || path.ends_with(".json")
}
