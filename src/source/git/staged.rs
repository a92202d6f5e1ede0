//! What the next commit would change: the index against the trees of the commits that will be its
//! parents. Only ids are compared; no content is read.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::index::{Index, IndexEntry};
use super::objects::{Commit, TreeEntry, entries};
use super::pack::Kind;
use super::repo::{Objects, ReadError, RepoError, Repository};
use crate::model::{FilePath, Notice, NoticeKind, Oid};

/// The bits of a mode that tell the kind of an entry.
const KIND: u32 = 0o170_000;
const FILE: u32 = 0o100_000;
const LINK: u32 = 0o120_000;
const FOLDER: u32 = 0o040_000;
const SUBMODULE: u32 = 0o160_000;

/// How many entries of trees are followed: three times what the largest repositories have. A few
/// small trees can name each other so that they make more paths than could ever be followed.
const MOST_ENTRIES: usize = 10_000_000;

/// How many notices are enough to say that a repository is damaged.
const MOST_NOTICES: usize = 1000;

/// The longest path that is followed in trees, in bytes; systems take 4,096.
const LONGEST_PATH: usize = 64 << 10;

/// A file of the index that none of the parents has like this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path, from the top of the checkout.
    pub path: Vec<u8>,
    /// Its mode.
    pub mode: u32,
    /// Its content.
    pub oid: Oid,
    /// 0, or which side of a conflict it is.
    pub stage: u8,
    /// Whether it is only going to be added.
    pub is_intended: bool,
    /// What each parent has at the path: mode and content.
    pub old: Vec<Option<(u32, Oid)>>,
}

impl Change {
    /// Whether its content is new at its path: neither only its mode has changed, nor is it a
    /// submodule or a file without content yet.
    pub fn is_new_content(&self) -> bool {
        // Whatever else a mode may say, it is content.
        let is_content = !matches!(self.mode & KIND, FOLDER | SUBMODULE);
        is_content
            && !self.is_intended
            && !self.old.iter().flatten().any(|(_, oid)| *oid == self.oid)
    }
}

/// What a parent has at a path at which the index has something else, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Old {
    /// The path.
    pub path: Vec<u8>,
    /// Its mode.
    pub mode: u32,
    /// The file, or a whole folder.
    pub oid: Oid,
    /// Whether the index has nothing at the path.
    pub is_gone: bool,
}

/// What the next commit would change.
#[derive(Debug, Default)]
pub struct Staged {
    /// The top trees of its parents; there is always one, which may be empty.
    pub parents: Vec<Option<Oid>>,
    /// The files that no parent has like this, by path and stage.
    pub changes: Vec<Change>,
    /// For each parent, what it has and the index has not.
    pub olds: Vec<Vec<Old>>,
}

impl Staged {
    /// Compares the index of `repository` with HEAD, and in a merge with all parents. Where a tree
    /// cannot be read, all counts as changed, and a notice says so.
    ///
    /// # Errors
    /// An index or a HEAD that cannot be read.
    pub fn read(
        repository: &Repository,
        objects: &Objects<'_>,
        notices: &mut Vec<Notice>,
    ) -> Result<Self, RepoError> {
        let path = repository.index_file();
        let beside = path.parent().unwrap_or(repository.folder());
        let index = Index::read(&path, &[repository.folder(), beside]);
        let index = index.map_err(|error| RepoError::Index {
            path: path.display().to_string(),
            message: error.to_string(),
        })?;
        let mut heads: Vec<Oid> = repository.head()?.into_iter().collect();
        let mut merged = repository.merge_heads();
        if merged.is_empty() {
            merged = repository.merge_heads_of_hook();
            // The variable may be left over from another repository.
            merged.retain(|&oid| objects.read_as(Kind::Commit, oid).is_ok());
        }
        heads.extend(merged);
        let mut parents: Vec<_> =
            heads.iter().map(|&head| tree_of(objects, head, notices)).collect();
        if parents.is_empty() {
            parents.push(None);
        }
        let mut compare = Compare::new(objects, &index, notices);
        compare.staged.olds = vec![Vec::new(); parents.len()];
        compare.all(&parents);
        let mut staged = compare.staged;
        staged.parents = parents;
        staged.changes.sort_by(|a, b| (&a.path, a.stage).cmp(&(&b.path, b.stage)));
        Ok(staged)
    }

    /// Whether a parent has anything at `path`.
    pub fn has_old(&self, objects: &Objects<'_>, path: &[u8]) -> bool {
        self.parents.iter().flatten().any(|&top| {
            let mut at = Some((FOLDER, top));
            for name in path.split(|&byte| byte == b'/') {
                at = at.filter(|(mode, _)| mode & KIND == FOLDER).and_then(|(_, tree)| {
                    let tree = objects.read_as(Kind::Tree, tree).ok()?;
                    let mut found = entries(&tree).flatten().filter(|entry| entry.name == name);
                    found.next().map(|entry| (entry.mode, entry.oid))
                });
            }
            at.is_some()
        })
    }

    /// The files in what a parent has and the index has not: those in folders one by one.
    pub fn old_files(
        &self,
        objects: &Objects<'_>,
        parent: usize,
        notices: &mut Vec<Notice>,
    ) -> Vec<Old> {
        let mut files = Vec::new();
        let mut budget = Budget::default();
        let mut waiting: Vec<Old> = self.olds[parent].iter().rev().cloned().collect();
        while let Some(old) = waiting.pop() {
            if old.mode & KIND != FOLDER {
                files.push(old);
                continue;
            }
            let Some(tree) = read_tree(objects, old.oid, &old.path, notices) else { continue };
            for entry in entries(&tree) {
                let Some(entry) = entry else {
                    notices.push(damaged(old.oid, &old.path));
                    break;
                };
                if !budget.take(old.path.len(), notices) {
                    break;
                }
                if !entry.is_submodule() {
                    let path = joined(&old.path, entry.name);
                    waiting.push(Old { path, mode: entry.mode, oid: entry.oid, is_gone: true });
                }
            }
        }
        files
    }
}

/// How much of hostile trees is followed.
struct Budget {
    left: usize,
    is_told: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: MOST_ENTRIES, is_told: false }
    }
}

impl Budget {
    /// Whether an entry of a tree at a path of this length may be followed.
    fn take(&mut self, length: usize, notices: &mut Vec<Notice>) -> bool {
        self.left = self.left.saturating_sub(1);
        let may = self.left > 0 && length <= LONGEST_PATH;
        if !may && !self.is_told {
            self.is_told = true;
            notices.push(Notice {
                path: None,
                kind: NoticeKind::DamagedObject,
                message: "the trees have more or longer paths than can be followed".to_owned(),
            });
        }
        may
    }
}

/// What a parent has at the place of a folder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Theirs {
    /// The same as the index.
    Same,
    /// A folder.
    Tree(Oid),
    /// No folder.
    Nothing,
}

/// What the index has at the place of a folder.
enum Ours {
    /// Entries, and what the index remembers of their tree.
    Entries(Range<usize>, Option<usize>),
    /// A folder that it names as a whole.
    Tree(Oid),
}

/// A folder to be compared.
struct Folder {
    path: Vec<u8>,
    ours: Ours,
    theirs: Vec<Theirs>,
}

/// What a tree has under each name.
type Names = HashMap<Vec<u8>, (u32, Oid)>;

/// Compares an index with trees.
struct Compare<'c> {
    objects: &'c Objects<'c>,
    index: &'c Index,
    notices: &'c mut Vec<Notice>,
    budget: Budget,
    staged: Staged,
    /// Not a recursion: the depth is up to whoever made the trees.
    waiting: Vec<Folder>,
}

impl<'c> Compare<'c> {
    fn new(objects: &'c Objects<'c>, index: &'c Index, notices: &'c mut Vec<Notice>) -> Self {
        let (budget, staged) = (Budget::default(), Staged::default());
        Self { objects, index, notices, budget, staged, waiting: Vec::new() }
    }

    fn all(&mut self, parents: &[Option<Oid>]) {
        let ours = Ours::Entries(0..self.index.entries.len(), self.index.trees.top());
        let theirs = parents.iter().map(|top| top.map_or(Theirs::Nothing, Theirs::Tree));
        self.waiting.push(Folder { path: Vec::new(), ours, theirs: theirs.collect() });
        while let Some(folder) = self.waiting.pop() {
            self.folder(folder);
        }
    }

    fn folder(&mut self, mut folder: Folder) {
        let tree = match &folder.ours {
            Ours::Tree(oid) => Some(*oid),
            Ours::Entries(range, node) => {
                node.and_then(|node| self.index.trees.tree(node, range.len()))
            }
        };
        for theirs in &mut folder.theirs {
            if tree.is_some_and(|tree| *theirs == Theirs::Tree(tree)) {
                *theirs = Theirs::Same;
            }
        }
        if folder.theirs.iter().all(|theirs| *theirs == Theirs::Same) {
            return;
        }
        let is_new = folder.theirs.iter().all(|theirs| *theirs == Theirs::Nothing);
        if let (Ours::Entries(range, _), true) = (&folder.ours, is_new) {
            return self.all_new(range.clone(), &folder.theirs);
        }
        let mut theirs: Vec<_> =
            folder.theirs.iter().map(|theirs| self.names(*theirs, &folder.path)).collect();
        match &folder.ours {
            Ours::Entries(range, node) => {
                self.our_entries(&folder, range.clone(), *node, &mut theirs);
            }
            Ours::Tree(oid) => self.our_tree(&folder, *oid, &mut theirs),
        }
        for (olds, names) in self.staged.olds.iter_mut().zip(theirs) {
            // What is left there is not in the index.
            let Some(names) = names else { continue };
            let files = names.into_iter().filter(|(_, (mode, _))| is_content(*mode));
            olds.extend(files.map(|(name, (mode, oid))| Old {
                path: joined(&folder.path, &name),
                mode,
                oid,
                is_gone: true,
            }));
        }
    }

    /// Takes entries that no parent has anything for; what a path in an index may be is up to whoever
    /// made it, so it is not gone down.
    fn all_new(&mut self, range: Range<usize>, theirs: &[Theirs]) {
        for entry in &self.index.entries[range] {
            let path = self.index.path(entry);
            if entry.mode & KIND == FOLDER {
                let path = path.strip_suffix(b"/").unwrap_or(path).to_owned();
                let (ours, theirs) = (Ours::Tree(entry.oid), theirs.to_owned());
                self.waiting.push(Folder { path, ours, theirs });
            } else {
                let old = vec![None; theirs.len()];
                self.staged.changes.push(Side::of(entry).change(path, &old));
            }
        }
    }

    /// What a parent has in a folder; `None` if the same as the index.
    fn names(&mut self, theirs: Theirs, path: &[u8]) -> Option<Names> {
        let oid = match theirs {
            Theirs::Same => return None,
            Theirs::Nothing => return Some(Names::new()),
            Theirs::Tree(oid) => oid,
        };
        let mut names = Names::new();
        let Some(tree) = read_tree(self.objects, oid, path, self.notices) else {
            return Some(names);
        };
        for entry in entries(&tree) {
            let Some(entry) = entry else {
                self.notices.push(damaged(oid, path));
                break;
            };
            if !self.budget.take(path.len(), self.notices) {
                break;
            }
            names.entry(entry.name.to_owned()).or_insert((mode_of(&entry), entry.oid));
        }
        Some(names)
    }

    fn our_entries(
        &mut self,
        folder: &Folder,
        range: Range<usize>,
        node: Option<usize>,
        theirs: &mut [Option<Names>],
    ) {
        let index = self.index;
        let known: HashMap<_, _> =
            node.into_iter().flat_map(|node| index.trees.folders(node)).collect();
        // Behind the folder's path and a slash.
        let cut = if folder.path.is_empty() { 0 } else { folder.path.len() + 1 };
        let mut at = range.start;
        while at < range.end {
            let entry = &index.entries[at];
            let path = index.path(entry);
            let rest = &path[cut..];
            let slash = memchr::memchr(b'/', rest);
            let name = &rest[..slash.unwrap_or(rest.len())];
            let is_tree =
                entry.mode & KIND == FOLDER && slash.is_none_or(|at| at + 1 == rest.len());
            if is_tree {
                self.subfolder(folder, name, Ours::Tree(entry.oid), theirs);
                at += 1;
            } else if slash.is_some() {
                let prefix = &path[..=cut + name.len()];
                let others = &index.entries[at..range.end];
                let count = others.partition_point(|other| index.path(other).starts_with(prefix));
                let ours = Ours::Entries(at..at + count, known.get(name).copied());
                self.subfolder(folder, name, ours, theirs);
                at += count;
            } else {
                let others = &index.entries[at..range.end];
                let sides: Vec<_> = others
                    .iter()
                    .take_while(|other| index.path(other) == path)
                    .map(Side::of)
                    .collect();
                self.sides(path, name, &sides, theirs);
                at += sides.len();
            }
        }
    }

    fn our_tree(&mut self, folder: &Folder, oid: Oid, theirs: &mut [Option<Names>]) {
        let Some(tree) = read_tree(self.objects, oid, &folder.path, self.notices) else { return };
        for entry in entries(&tree) {
            let Some(entry) = entry else {
                self.notices.push(damaged(oid, &folder.path));
                break;
            };
            if !self.budget.take(folder.path.len(), self.notices) {
                break;
            }
            if entry.is_tree() {
                self.subfolder(folder, entry.name, Ours::Tree(entry.oid), theirs);
            } else {
                let path = joined(&folder.path, entry.name);
                let ours =
                    Side { mode: mode_of(&entry), oid: entry.oid, stage: 0, is_intended: false };
                self.sides(&path, entry.name, &[ours], theirs);
            }
        }
    }

    fn subfolder(
        &mut self,
        folder: &Folder,
        name: &[u8],
        ours: Ours,
        theirs: &mut [Option<Names>],
    ) {
        let path = joined(&folder.path, name);
        let mut found = Vec::with_capacity(theirs.len());
        for (names, olds) in theirs.iter_mut().zip(&mut self.staged.olds) {
            let Some(names) = names else {
                found.push(Theirs::Same);
                continue;
            };
            found.push(match names.remove(name) {
                Some((mode, oid)) if mode & KIND == FOLDER => Theirs::Tree(oid),
                Some((mode, oid)) => {
                    if is_content(mode) {
                        olds.push(Old { path: path.clone(), mode, oid, is_gone: true });
                    }
                    Theirs::Nothing
                }
                None => Theirs::Nothing,
            });
        }
        self.waiting.push(Folder { path, ours, theirs: found });
    }

    /// Compares a file of the index, or all sides of a conflict, with what the parents have there.
    fn sides(&mut self, path: &[u8], name: &[u8], sides: &[Side], theirs: &mut [Option<Names>]) {
        let mut old = Vec::with_capacity(theirs.len());
        let mut is_same = false;
        for (names, olds) in theirs.iter_mut().zip(&mut self.staged.olds) {
            let Some(names) = names else {
                is_same = true;
                old.push(None);
                continue;
            };
            let found = names.remove(name);
            if let ([side], Some((mode, oid))) = (sides, found)
                && side.stage == 0
                && (side.mode, side.oid) == (mode, oid)
            {
                is_same = true;
            } else if let Some((mode, oid)) = found.filter(|(mode, _)| is_content(*mode)) {
                let is_gone = mode & KIND == FOLDER;
                olds.push(Old { path: path.to_owned(), mode, oid, is_gone });
            }
            old.push(found.filter(|(mode, _)| mode & KIND != FOLDER));
        }
        if !is_same {
            self.staged.changes.extend(sides.iter().map(|side| side.change(path, &old)));
        }
    }
}

/// A file of the index, or one side of a conflict.
struct Side {
    mode: u32,
    oid: Oid,
    stage: u8,
    is_intended: bool,
}

impl Side {
    fn of(entry: &IndexEntry) -> Self {
        let IndexEntry { mode, oid, stage, is_intended, .. } = *entry;
        Self { mode, oid, stage, is_intended }
    }

    fn change(&self, path: &[u8], old: &[Option<(u32, Oid)>]) -> Change {
        let Self { mode, oid, stage, is_intended } = *self;
        Change { path: path.to_owned(), mode, oid, stage, is_intended, old: old.to_owned() }
    }
}

/// The mode as the index would have it: old versions of git wrote others.
fn mode_of(entry: &TreeEntry<'_>) -> u32 {
    match entry.mode & KIND {
        FILE if entry.mode & 0o100 != 0 => 0o100_755,
        FILE => 0o100_644,
        kind => kind,
    }
}

/// Whether it is a file, a link or a folder of them; a submodule has its content elsewhere.
fn is_content(mode: u32) -> bool {
    matches!(mode & KIND, FILE | LINK | FOLDER)
}

fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_owned() } else { [folder, b"/", name].concat() }
}

/// The top tree of a commit.
fn tree_of(objects: &Objects<'_>, commit: Oid, notices: &mut Vec<Notice>) -> Option<Oid> {
    let why = match objects.read_as(Kind::Commit, commit) {
        Ok(bytes) => match Commit::parse(&bytes) {
            Some(parsed) => return Some(parsed.tree),
            None => ReadError::Damaged("it is no commit".to_owned()),
        },
        Err(why) => why,
    };
    let what = format!("the commit {commit:.12}, which the index is compared with");
    notices.push(unread(&what, None, &why));
    None
}

fn read_tree(
    objects: &Objects<'_>,
    oid: Oid,
    path: &[u8],
    notices: &mut Vec<Notice>,
) -> Option<Vec<u8>> {
    let read = objects.read_as(Kind::Tree, oid);
    let tell = |why| {
        if notices.len() < MOST_NOTICES {
            notices.push(unread(&format!("the tree {oid:.12}"), Some(path), &why));
        }
    };
    read.map_err(tell).ok()
}

fn damaged(tree: Oid, path: &[u8]) -> Notice {
    let why = ReadError::Damaged("it does not parse".to_owned());
    unread(&format!("the tree {tree:.12}"), Some(path), &why)
}

/// Says that an object cannot be read.
pub fn unread(what: &str, path: Option<&[u8]>, why: &ReadError) -> Notice {
    let kind = match why {
        ReadError::Missing => NoticeKind::MissingObject,
        ReadError::Damaged(_) => NoticeKind::DamagedObject,
    };
    let path = path.map(|path| if path.is_empty() { Cow::from(&b"."[..]) } else { path.into() });
    Notice {
        path: path.map(|path| FilePath::from_bytes(&path)),
        kind,
        message: format!("{what} cannot be read: {why}"),
    }
}
