//! Compares an index with the trees of several commits side by side, both being sorted, and skips
//! what is known to be equal.

use std::collections::HashMap;
use std::ops::Range;

use super::error::{ReadError, RepoError};
use super::file_mode::{FILE, FOLDER, KIND, is_content};
use super::index::{Index, IndexEntry};
use super::object_reader::ObjectReader;
use super::objects::{CommitObject, TreeEntry, entries, join_path};
use super::pack_entry::ObjectKind;
use super::repo::Repository;
use super::staged::{ReplacedEntry, Staged, StagedChange};
use super::tree_reading::{EntryBudget, damaged, read_tree, unreadable_object};
use crate::model::{Notice, Oid};

/// The entry of a parent at the path of a folder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ParentSide {
    /// Equal to the index.
    Same,
    /// A folder.
    Tree(Oid),
    /// Not a folder.
    Nothing,
}

/// The content of the index at the path of a folder.
enum IndexSide {
    /// Entries, and their node in the cache tree.
    Entries(Range<usize>, Option<usize>),
    /// A folder that the index names as a whole.
    Tree(Oid),
}

/// A folder to be compared.
struct FolderPair {
    path: Vec<u8>,
    ours: IndexSide,
    theirs: Vec<ParentSide>,
}

/// The entries of a tree, by name.
type TreeNames = HashMap<Vec<u8>, (u32, Oid)>;

/// Compares an index with trees.
pub(super) struct IndexDiff<'c> {
    objects: &'c ObjectReader<'c>,
    index: &'c Index,
    notices: &'c mut Vec<Notice>,
    budget: EntryBudget,
    staged: Staged,
    /// A stack and not a recursion: whoever made the trees controls their depth.
    waiting: Vec<FolderPair>,
}

impl<'c> IndexDiff<'c> {
    pub(super) fn new(
        objects: &'c ObjectReader<'c>,
        index: &'c Index,
        notices: &'c mut Vec<Notice>,
    ) -> Self {
        let (budget, staged) = (EntryBudget::default(), Staged::default());
        Self { objects, index, notices, budget, staged, waiting: Vec::new() }
    }

    /// Compares the index with these trees.
    pub(super) fn all(mut self, parents: Vec<Option<Oid>>) -> Staged {
        self.staged.replaced = vec![Vec::new(); parents.len()];
        let ours = IndexSide::Entries(0..self.index.entries.len(), self.index.trees.top());
        let theirs = parents.iter().map(|top| top.map_or(ParentSide::Nothing, ParentSide::Tree));
        self.waiting.push(FolderPair { path: Vec::new(), ours, theirs: theirs.collect() });
        while let Some(folder) = self.waiting.pop() {
            self.folder(folder);
        }
        Staged { parents, ..self.staged }
    }

    fn folder(&mut self, mut folder: FolderPair) {
        let tree = match &folder.ours {
            IndexSide::Tree(oid) => Some(*oid),
            IndexSide::Entries(range, node) => {
                node.and_then(|node| self.index.trees.tree(node, range.len()))
            }
        };
        for theirs in &mut folder.theirs {
            if tree.is_some_and(|tree| *theirs == ParentSide::Tree(tree)) {
                *theirs = ParentSide::Same;
            }
        }
        if folder.theirs.iter().all(|theirs| *theirs == ParentSide::Same) {
            return;
        }
        let is_new = folder.theirs.iter().all(|theirs| *theirs == ParentSide::Nothing);
        if let (IndexSide::Entries(range, _), true) = (&folder.ours, is_new) {
            return self.all_new(range.clone(), &folder.theirs);
        }
        let mut theirs: Vec<_> =
            folder.theirs.iter().map(|theirs| self.names(*theirs, &folder.path)).collect();
        match &folder.ours {
            IndexSide::Entries(range, node) => {
                self.our_entries(&folder, range.clone(), *node, &mut theirs);
            }
            IndexSide::Tree(oid) => self.our_tree(&folder, *oid, &mut theirs),
        }
        for (replaced, names) in self.staged.replaced.iter_mut().zip(theirs) {
            // The names that are left are not in the index.
            let Some(names) = names else { continue };
            let files = names.into_iter().filter(|(_, (mode, _))| is_content(*mode));
            replaced.extend(files.map(|(name, (mode, oid))| ReplacedEntry {
                path: join_path(&folder.path, &name),
                mode,
                oid,
                is_gone: true,
            }));
        }
    }

    /// Takes entries that no parent has. The paths in an index are untrusted, so they are not
    /// descended into.
    fn all_new(&mut self, range: Range<usize>, theirs: &[ParentSide]) {
        for entry in &self.index.entries[range] {
            let path = self.index.path(entry);
            if entry.mode & KIND == FOLDER {
                let path = path.strip_suffix(b"/").unwrap_or(path).to_owned();
                let (ours, theirs) = (IndexSide::Tree(entry.oid), theirs.to_owned());
                self.waiting.push(FolderPair { path, ours, theirs });
            } else {
                let old = vec![None; theirs.len()];
                self.staged.changes.push(IndexFile::of(entry).change(path, &old));
            }
        }
    }

    /// The entries that a parent has in a folder; `None` if equal to the index.
    fn names(&mut self, theirs: ParentSide, path: &[u8]) -> Option<TreeNames> {
        let oid = match theirs {
            ParentSide::Same => return None,
            ParentSide::Nothing => return Some(TreeNames::new()),
            ParentSide::Tree(oid) => oid,
        };
        let mut names = TreeNames::new();
        let Some(tree) = read_tree(self.objects, oid, path, self.notices) else {
            return Some(names);
        };
        for entry in entries(&tree, oid.format()) {
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
        folder: &FolderPair,
        range: Range<usize>,
        node: Option<usize>,
        theirs: &mut [Option<TreeNames>],
    ) {
        let index = self.index;
        let known: HashMap<_, _> =
            node.into_iter().flat_map(|node| index.trees.folders(node)).collect();
        // After the folder's path and a slash.
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
                self.subfolder(folder, name, IndexSide::Tree(entry.oid), theirs);
                at += 1;
            } else if slash.is_some() {
                let prefix = &path[..=cut + name.len()];
                let others = &index.entries[at..range.end];
                let count = others.partition_point(|other| index.path(other).starts_with(prefix));
                let ours = IndexSide::Entries(at..at + count, known.get(name).copied());
                self.subfolder(folder, name, ours, theirs);
                at += count;
            } else {
                let others = &index.entries[at..range.end];
                let sides: Vec<_> = others
                    .iter()
                    .take_while(|other| index.path(other) == path)
                    .map(IndexFile::of)
                    .collect();
                self.sides(path, name, &sides, theirs);
                at += sides.len();
            }
        }
    }

    fn our_tree(&mut self, folder: &FolderPair, oid: Oid, theirs: &mut [Option<TreeNames>]) {
        let Some(tree) = read_tree(self.objects, oid, &folder.path, self.notices) else { return };
        for entry in entries(&tree, oid.format()) {
            let Some(entry) = entry else {
                self.notices.push(damaged(oid, &folder.path));
                break;
            };
            if !self.budget.take(folder.path.len(), self.notices) {
                break;
            }
            if entry.is_tree() {
                self.subfolder(folder, entry.name, IndexSide::Tree(entry.oid), theirs);
            } else {
                let path = join_path(&folder.path, entry.name);
                let ours = IndexFile {
                    mode: mode_of(&entry),
                    oid: entry.oid,
                    stage: 0,
                    is_intended: false,
                };
                self.sides(&path, entry.name, &[ours], theirs);
            }
        }
    }

    fn subfolder(
        &mut self,
        folder: &FolderPair,
        name: &[u8],
        ours: IndexSide,
        theirs: &mut [Option<TreeNames>],
    ) {
        let path = join_path(&folder.path, name);
        let mut found = Vec::with_capacity(theirs.len());
        for (names, replaced) in theirs.iter_mut().zip(&mut self.staged.replaced) {
            let Some(names) = names else {
                found.push(ParentSide::Same);
                continue;
            };
            found.push(match names.remove(name) {
                Some((mode, oid)) if mode & KIND == FOLDER => ParentSide::Tree(oid),
                Some((mode, oid)) => {
                    if is_content(mode) {
                        replaced.push(ReplacedEntry {
                            path: path.clone(),
                            mode,
                            oid,
                            is_gone: true,
                        });
                    }
                    ParentSide::Nothing
                }
                None => ParentSide::Nothing,
            });
        }
        self.waiting.push(FolderPair { path, ours, theirs: found });
    }

    /// Compares a file of the index, or all sides of a conflict, with the parents.
    fn sides(
        &mut self,
        path: &[u8],
        name: &[u8],
        sides: &[IndexFile],
        theirs: &mut [Option<TreeNames>],
    ) {
        let mut old = Vec::with_capacity(theirs.len());
        let mut is_same = false;
        for (names, replaced) in theirs.iter_mut().zip(&mut self.staged.replaced) {
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
                replaced.push(ReplacedEntry { path: path.to_owned(), mode, oid, is_gone });
            }
            old.push(found.filter(|(mode, _)| mode & KIND != FOLDER));
        }
        if !is_same {
            self.staged.changes.extend(sides.iter().map(|side| side.change(path, &old)));
        }
    }
}

/// A file of the index, or one side of a conflict.
struct IndexFile {
    mode: u32,
    oid: Oid,
    stage: u8,
    is_intended: bool,
}

impl IndexFile {
    fn of(entry: &IndexEntry) -> Self {
        let IndexEntry { mode, oid, stage, is_intended, .. } = *entry;
        Self { mode, oid, stage, is_intended }
    }

    fn change(&self, path: &[u8], old: &[Option<(u32, Oid)>]) -> StagedChange {
        let Self { mode, oid, stage, is_intended } = *self;
        StagedChange { path: path.to_owned(), mode, oid, stage, is_intended, old: old.to_owned() }
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

impl Staged {
    /// Compares the index of `repository` with HEAD, and in a merge with all parents. If a tree
    /// cannot be read, everything in it counts as changed, and a notice says so.
    ///
    /// # Errors
    /// An index or a HEAD that cannot be read.
    pub fn read(
        repository: &Repository,
        objects: &ObjectReader<'_>,
        notices: &mut Vec<Notice>,
    ) -> Result<Self, RepoError> {
        let index = Index::of(repository)?;
        let mut heads: Vec<Oid> = repository.head()?.into_iter().collect();
        let mut merged = repository.merge_heads();
        if merged.is_empty() {
            merged = repository.merge_heads_of_hook();
            // The variable may be left over from another repository.
            merged.retain(|&oid| objects.read_as(ObjectKind::Commit, oid).is_ok());
        }
        heads.extend(merged);
        let mut parents: Vec<_> =
            heads.iter().map(|&head| tree_of(objects, head, notices)).collect();
        if parents.is_empty() {
            parents.push(None);
        }
        let mut staged = IndexDiff::new(objects, &index, notices).all(parents);
        staged.changes.sort_by(|a, b| (&a.path, a.stage).cmp(&(&b.path, b.stage)));
        Ok(staged)
    }
}

/// The top tree of a commit.
fn tree_of(objects: &ObjectReader<'_>, commit: Oid, notices: &mut Vec<Notice>) -> Option<Oid> {
    let why = match objects.read_as(ObjectKind::Commit, commit) {
        Ok(bytes) => match CommitObject::parse(&bytes, commit.format()) {
            Some(parsed) => return Some(parsed.tree),
            None => ReadError::Damaged("it is not a commit".to_owned()),
        },
        Err(why) => why,
    };
    let what = format!("the commit {commit:.12}, which the index is compared with");
    notices.push(unreadable_object(&what, None, &why));
    None
}
