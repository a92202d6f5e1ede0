//! The ignore files that git would apply to the files of a folder: those of the folder and of all
//! folders around it up to the top of its repository, `info/exclude`, and the user's own.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::checkout::Checkout;
use super::git::GitEnvironment;
use super::git::safe_read::read_plain;
use crate::model::FilePath;
use crate::patterns::{LetterCase, PatternList};

/// The largest ignore file that is honoured, in bytes. Git's own limit is higher.
const MAX_FILE: u64 = 4 << 20;

/// The name of the ignore file of a folder.
const FILE_NAME: &str = ".gitignore";

/// The rules in force in a folder on disk.
#[derive(Debug, Clone)]
pub(super) struct IgnoreRules {
    /// The length of the part of walked paths that stands for `inside`.
    walked: usize,
    /// The folder that the walk began in, relative to the top of the repository, with a slash at
    /// its end unless it is the top.
    inside: Arc<[u8]>,
    case: LetterCase,
    innermost: Option<Arc<IgnoreLayer>>,
}

/// One ignore file, and the ones that count less.
#[derive(Debug)]
struct IgnoreLayer {
    /// `None` if it cannot be honoured. It may take back what the others ignore, so these do not
    /// count then.
    patterns: Option<PatternList>,
    /// The length of the path of its folder below the top, with the slash at the end.
    base: usize,
    outer: Option<Arc<Self>>,
}

/// Reads the rules of folders, each once.
#[derive(Debug, Clone, Default)]
pub struct RulesCache {
    environment: Arc<GitEnvironment>,
    known: Arc<Mutex<HashMap<PathBuf, Option<IgnoreRules>>>>,
}

impl RulesCache {
    /// Reads the rules that git has with the variables `environment`.
    pub fn new(environment: GitEnvironment) -> Self {
        Self { environment: Arc::new(environment), known: Arc::default() }
    }

    /// The rules in force in the folder `walked`, with which a walk begins; `None` outside of
    /// repositories.
    pub(super) fn of(&self, walked: &Path) -> Option<IgnoreRules> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = known().get(walked) {
            return rules.clone();
        }
        let rules = IgnoreRules::of(walked, &self.environment);
        known().insert(walked.to_owned(), rules.clone());
        rules
    }

    /// True if git ignores the file at a path without links, or a folder around it, within its
    /// repository.
    pub(super) fn is_ignored(&self, file: &Path) -> bool {
        let Some(top) = file.parent().and_then(Checkout::of).map(|checkout| checkout.top) else {
            return false;
        };
        let Some(mut rules) = self.of(&top) else { return false };
        let around = file.ancestors().skip(1).take_while(|folder| *folder != top);
        let mut around: Vec<_> = around.collect();
        around.reverse();
        let mut room = Vec::new();
        for folder in around {
            if rules.is_ignored(folder, true, &mut room) {
                return true;
            }
            if let Some(own) = rules.below(folder) {
                rules = own;
            }
        }
        rules.is_ignored(file, false, &mut room)
    }
}

impl IgnoreRules {
    fn of(walked: &Path, environment: &GitEnvironment) -> Option<Self> {
        let real = fs::canonicalize(walked).ok()?;
        let checkout = Checkout::of(&real)?;
        let inside = real.strip_prefix(&checkout.top).ok()?;
        let mut rules = Self::of_top(&checkout, walked, environment);
        let mut base = 0;
        let mut folder = checkout.top.clone();
        for part in inside.components() {
            folder.push(part);
            base += part.as_os_str().len() + 1;
            rules.read(&folder, base);
        }
        if base > 0 {
            rules.inside = [FilePath::from_path(inside).as_bytes(), b"/"].concat().into();
        }
        Some(rules)
    }

    /// The rules in force at the top of a checkout, which is walked as `walked`.
    fn of_top(checkout: &Checkout, walked: &Path, environment: &GitEnvironment) -> Self {
        let settings = checkout.ignore_settings(environment);
        let length = walked.join("x").as_os_str().len() - 1;
        let (inside, case) = (Arc::default(), settings.case);
        let mut rules = Self { walked: length, inside, case, innermost: None };
        // Git follows links to these: they are not part of what is committed.
        for path in settings.file.into_iter().chain([checkout.exclude_file()]) {
            if fs::metadata(&path).is_ok_and(|file| file.is_file()) {
                rules.add(&path, 0);
            }
        }
        rules.read(&checkout.top, 0);
        rules
    }

    /// The rules in the folder that is walked as `walked` below this one, if it has its own.
    fn below(&self, walked: &Path) -> Option<Self> {
        let base = self.inside.len() + walked.as_os_str().len() - self.walked + 1;
        let mut rules = self.clone();
        rules.read(walked, base).then_some(rules)
    }

    /// Adds the ignore file of `folder`, if it has one. Git follows no link to it.
    fn read(&mut self, folder: &Path, base: usize) -> bool {
        let path = folder.join(FILE_NAME);
        let is_there = fs::symlink_metadata(&path).is_ok_and(|file| file.is_file());
        if is_there {
            self.add(&path, base);
        }
        is_there
    }

    fn add(&mut self, path: &Path, base: usize) {
        let read = read_plain(path, MAX_FILE);
        let patterns = match read {
            Ok(text) => PatternList::of_file(&text, self.case),
            Err(_) if fs::metadata(path).is_ok_and(|file| file.len() > MAX_FILE) => None,
            // Git does not count a file that it cannot read.
            Err(_) => return,
        };
        let outer = self.innermost.take();
        self.innermost = Some(Arc::new(IgnoreLayer { patterns, base, outer }));
    }

    /// True if git ignores the file or folder at a walked path, as long as it does not ignore a
    /// folder around it. Paths relative to the top are made in `room`.
    fn is_ignored(&self, walked: &Path, is_folder: bool, room: &mut Vec<u8>) -> bool {
        let mut file = self.innermost.as_deref();
        if file.is_none() {
            return false;
        }
        let mut path = walked.as_os_str().as_encoded_bytes().get(self.walked..).unwrap_or_default();
        if !self.inside.is_empty() || MAIN_SEPARATOR != '/' {
            room.clear();
            room.extend_from_slice(&self.inside);
            let slashed = |&byte: &u8| if byte == MAIN_SEPARATOR as u8 { b'/' } else { byte };
            room.extend(path.iter().map(slashed));
            path = room;
        }
        while let Some(IgnoreLayer { patterns, base, outer }) = file {
            let Some(patterns) = patterns else { return false };
            let below = path.get(*base..).unwrap_or_default();
            if let Some(found) = patterns.last_match(below, is_folder) {
                return !found.is_negative;
            }
            file = outer.as_deref();
        }
        false
    }
}

/// The checkout whose top is walked as `walked`.
fn own_checkout(walked: &Path) -> Option<Checkout> {
    fs::symlink_metadata(walked.join(".git")).ok()?;
    Checkout::at(&fs::canonicalize(walked).ok()?)
}

/// The rules in force in the folders of one walk.
pub(super) struct WalkedRules<'c> {
    cache: &'c RulesCache,
    /// The folders that have rules of their own, and the ones that the walk began with.
    folders: Mutex<foldhash::HashMap<OsString, Option<IgnoreRules>>>,
    /// True once any folder has rules.
    has_any: AtomicBool,
    /// The repositories that the walk came to, and their folders.
    repositories: Mutex<Vec<(PathBuf, Checkout)>>,
}

impl<'c> WalkedRules<'c> {
    /// The rules of a walk that begins with `roots`.
    pub(super) fn new(cache: &'c RulesCache, roots: &[PathBuf]) -> Self {
        // As the walk spells it: without a slash at the end.
        let spelt = |root: &PathBuf| root.join("x").parent().unwrap_or(root).into();
        let folders = roots.iter().map(|root| (spelt(root), cache.of(root)));
        let folders: foldhash::HashMap<_, _> = folders.collect();
        let has_any = AtomicBool::new(folders.values().any(Option::is_some));
        Self { cache, folders: Mutex::new(folders), has_any, repositories: Mutex::default() }
    }

    /// No rules at all.
    pub(super) fn none(cache: &'c RulesCache) -> Self {
        Self::new(cache, &[])
    }

    fn set(&self, walked: &Path, rules: IgnoreRules) {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        folders.insert(walked.into(), Some(rules));
        self.has_any.store(true, Ordering::Release);
    }

    /// The repositories that the walk came to, and their folders.
    pub(super) fn into_repositories(self) -> Vec<(PathBuf, Checkout)> {
        self.repositories.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rules of the innermost folder around `folder` that has any.
    fn around(&self, folder: &Path) -> Option<IgnoreRules> {
        // The rules of a folder are set before its entries are walked.
        if !self.has_any.load(Ordering::Acquire) {
            return None;
        }
        let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        folder.ancestors().find_map(|folder| folders.get(folder.as_os_str()))?.clone()
    }
}

/// The view that one thread of a walk has of its rules. Most entries have the same folder as the
/// entry before, so they need no lock.
pub(super) struct RulesReader<'w> {
    all: &'w WalkedRules<'w>,
    folder: PathBuf,
    rules: Option<IgnoreRules>,
    room: Vec<u8>,
}

impl<'w> RulesReader<'w> {
    pub(super) fn new(all: &'w WalkedRules<'w>) -> Self {
        Self { all, folder: PathBuf::new(), rules: None, room: Vec::new() }
    }

    /// True if git ignores an entry of the walk. A folder that it does not ignore is walked next.
    pub(super) fn is_ignored(&mut self, walked: &Path, is_folder: bool) -> bool {
        let folder = walked.parent().unwrap_or(walked);
        if self.folder.as_os_str() != folder.as_os_str() {
            self.rules = self.all.around(folder);
            folder.clone_into(&mut self.folder);
        }
        let rules = self.rules.as_ref();
        rules.is_some_and(|rules| rules.is_ignored(walked, is_folder, &mut self.room))
    }

    /// Reads the rules of a folder that the walk enters.
    pub(super) fn enter(&self, walked: &Path) {
        let Some(checkout) = own_checkout(walked) else {
            if let Some(own) = self.rules.as_ref().and_then(|rules| rules.below(walked)) {
                self.all.set(walked, own);
            }
            return;
        };
        let environment = &self.all.cache.environment;
        self.all.set(walked, IgnoreRules::of_top(&checkout, walked, environment));
        let all = &self.all.repositories;
        all.lock().unwrap_or_else(PoisonError::into_inner).push((walked.to_owned(), checkout));
    }
}
