//! The record of an analysed state: all by which later edits of its modules are told to change nothing that a
//! client gets, without loading any other module.
//!
//! An edit of code changes a leak only through code that a secret may get to, directly or because such code
//! uses it, or because other code is reached than before. So for each module the record has the bindings
//! that such code uses. What else an edit could change (imports, names, what is left for others) must be as
//! it was, or the edit is analysed. The record holds names and hashes of names, no text and no secret.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::analysis::module_difference::ModuleDifference;
use crate::frameworks;
use crate::graph::file_facts::{FileFacts, HOLDERS};
use crate::graph::key_pieces::{KeyPiece, KeyPieces};
use crate::graph::seed_places::SeedPlaces;
use crate::js::ir::{Module, ModulePart, ParseDepth};
use crate::js::markup::cut::module_sources;
use crate::js::parse::module_parser::ModuleParser;
use crate::project::conventions::is_script;

/// Longer modules are analysed.
const MAX_LENGTH: usize = 1 << 20;

/// The verdict of a record about an edit of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EditVerdict {
    /// It changes nothing that a client gets, and the record holds for the state after it.
    Clear,
    /// It may change a leak, but the record holds for the state after it.
    Kept,
    /// Only an analysis can tell.
    Unknown,
}

/// The facts about an analysed state by which edits of its modules are judged.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct StateRecord {
    /// The modules that any app has, in order.
    pub(super) paths: Vec<String>,
    pub(super) apps: Vec<AppRecord>,
    /// The files of which more than the code counts.
    pub(super) noted: BTreeSet<String>,
    /// Pieces that make a module one through which a secret may come.
    pub(super) pieces: Vec<KeyPiece>,
}

/// An app of the state.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct AppRecord {
    /// Its modules, by their numbers among the paths.
    pub(super) files: BTreeMap<u32, FileRecord>,
    /// Hashes of the names that its modules name and do not declare.
    pub(super) free: BTreeSet<u32>,
    /// True if some of these stand for modules or for values of the build.
    pub(super) has_names: bool,
    /// The numbers of the places in which its code leaves values.
    pub(super) holders: Vec<u8>,
}

/// A file of an app.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct FileRecord {
    /// False if each edit of it is analysed.
    pub(super) is_open: bool,
    /// True if no secret can come through what it imports, either.
    pub(super) is_cold: bool,
    /// True if code that a secret may get to uses all of it.
    pub(super) is_whole_used: bool,
    /// Hashes of the names of the bindings that such code uses or belongs to.
    pub(super) used: BTreeSet<u32>,
}

/// A hash of a name.
pub(super) fn name_hash(name: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish() as u32
}

impl StateRecord {
    /// The record as bytes, to keep between runs of one build of the program.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// The record in these bytes; `None` if they are something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (record, rest) = postcard::take_from_bytes(bytes).ok()?;
        rest.is_empty().then_some(record)
    }

    /// The files whose contents count although they hold no secret, besides modules and settings, in order.
    pub fn noted(&self) -> impl Iterator<Item = &str> {
        self.noted.iter().map(String::as_str)
    }

    /// The verdict about an edit of a [module](crate::is_module_source), in neither version of which there
    /// is a [seed word](crate::Catalog::seed_words) or a key.
    pub fn verdict(&self, path: &str, before: &[u8], after: &[u8]) -> EditVerdict {
        if self.noted.contains(path) || before.len().max(after.len()) > MAX_LENGTH {
            return EditVerdict::Unknown;
        }
        // A module that no app has is imported by none, whatever it imports.
        let Ok(number) = self.paths.binary_search_by(|own| (**own).cmp(path)) else {
            return EditVerdict::Clear;
        };
        let pieces = KeyPieces::new(self.pieces.clone());
        if [before, after].into_iter().any(|text| pieces.are_in(text)) {
            return EditVerdict::Unknown;
        }
        let (Ok(before), Ok(after)) = (str::from_utf8(before), str::from_utf8(after)) else {
            return EditVerdict::Unknown;
        };
        let Some(differences) = differences(path, before, after) else {
            return EditVerdict::Unknown;
        };
        let facts = FileFacts::of(after.as_bytes(), SeedPlaces::Nowhere, false);
        let apps = self.apps.iter().filter_map(|app| Some((app, app.files.get(&(number as u32))?)));
        let of_apps = apps.map(|(app, file)| {
            let all = differences.iter();
            let verdicts = all.map(|difference| app.verdict(file, difference, &facts));
            verdicts.max().unwrap_or(EditVerdict::Clear)
        });
        of_apps.max().unwrap_or(EditVerdict::Clear)
    }
}

impl AppRecord {
    fn verdict(
        &self,
        file: &FileRecord,
        difference: &ModuleDifference,
        facts: &FileFacts,
    ) -> EditVerdict {
        let is_known = |name: &String| self.free.contains(&name_hash(name));
        let takes = |&holder: &u8| facts.named_holders.get(usize::from(holder)) != Some(&false);
        let is_kept = file.is_open
            && !self.holders.iter().any(takes)
            && difference.new_free.iter().all(is_known)
            && (!self.has_names || difference.is_free_same && difference.are_exports_same)
            && !(difference.has_new && file.is_whole_used);
        let is_used = difference.bindings.iter().any(|name| file.used.contains(&name_hash(name)));
        match (difference.is_outline_same, is_used) {
            _ if !is_kept => EditVerdict::Unknown,
            (true, true) => EditVerdict::Kept,
            (true, false) => EditVerdict::Clear,
            // Whatever it reaches now, no secret comes from there.
            (false, false) if file.is_cold => EditVerdict::Clear,
            (false, _) => EditVerdict::Unknown,
        }
    }
}

/// The differences between the modules of two versions of a file; `None` if there may be more.
fn differences(path: &str, before: &str, after: &str) -> Option<Vec<ModuleDifference>> {
    let mut parser = ModuleParser::new(0, &frameworks::tables().code);
    let mut parts = |text: &str| -> Vec<(ModulePart, Module)> {
        let sources = module_sources(path, text);
        let parsed = sources.iter().map(|it| (it.part, parser.parse(it, ParseDepth::Body)));
        let mut parts: Vec<(ModulePart, Module)> = parsed.collect();
        parts.sort_by_key(|(part, _)| *part);
        parts
    };
    let (old, new) = (parts(before), parts(after));
    if !old.iter().map(|(part, _)| part).eq(new.iter().map(|(part, _)| part)) {
        return None;
    }
    let pairs = old.iter().zip(&new);
    let all = pairs.map(|((_, old), (_, new))| {
        let difference = ModuleDifference::of((old, before), (new, after))?;
        // Of components and pages, more than scripts counts.
        Some(if is_script(path) { difference } else { difference.of_all_code(old, new) })
    });
    all.collect()
}

// A record counts them in bytes.
const _: () = assert!(HOLDERS.len() < 256);
