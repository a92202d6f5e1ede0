//! What the next commit would change: the index against the trees of the commits that will be its
//! parents. Only ids are compared; no content is read.

use std::borrow::Cow;

use super::index::Index;
use super::index_diff::IndexDiff;
use super::objects::{CommitObject, entries};
use super::pack::ObjectKind;
use super::repo::{ObjectReader, ReadError, RepoError, Repository};
use crate::model::{FilePath, Notice, NoticeKind, Oid};

/// The bits of a mode that tell the kind of an entry.
pub(super) const KIND: u32 = 0o170_000;
pub(super) const FILE: u32 = 0o100_000;
pub(super) const LINK: u32 = 0o120_000;
pub(super) const FOLDER: u32 = 0o040_000;
pub(super) const SUBMODULE: u32 = 0o160_000;

/// How many entries of trees are followed: three times what the largest repositories have. A few
/// small trees can name each other so that they make more paths than could ever be followed.
const MOST_ENTRIES: usize = 10_000_000;

/// How many notices are enough to say that a repository is damaged.
const MOST_NOTICES: usize = 1000;

/// The longest path that is followed in trees, in bytes; systems take 4,096.
const LONGEST_PATH: usize = 64 << 10;

/// A file of the index that none of the parents has like this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedChange {
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

impl StagedChange {
    /// Whether its content is new at its path: neither only its mode has changed, nor is it a
    /// submodule or a file without content yet.
    pub fn is_new_content(&self) -> bool {
        // Whatever else a mode may say, it is content.
        let is_content = !matches!(self.mode & KIND, FOLDER | SUBMODULE);
        is_content
            && !self.is_intended
            && !self.old.iter().flatten().any(|&(mode, oid)| {
                // What a submodule is at is no content, even if a file has the same id.
                oid == self.oid && mode & KIND != SUBMODULE
            })
    }
}

/// What a parent has at a path at which the index has something else, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacedEntry {
    /// The path.
    pub path: Vec<u8>,
    /// Its mode.
    pub mode: u32,
    /// The file, or a whole folder.
    pub oid: Oid,
    /// Whether the index has nothing at the path.
    pub is_gone: bool,
}

impl ReplacedEntry {
    /// Whether it is a whole folder.
    pub fn is_folder(&self) -> bool {
        self.mode & KIND == FOLDER
    }
}

/// What the next commit would change.
#[derive(Debug, Default)]
pub struct Staged {
    /// The top trees of its parents; there is always one, which may be empty.
    pub parents: Vec<Option<Oid>>,
    /// The files that no parent has like this, by path and stage.
    pub changes: Vec<StagedChange>,
    /// For each parent, what it has and the index has not.
    pub replaced: Vec<Vec<ReplacedEntry>>,
}

impl Staged {
    /// Compares the index of `repository` with HEAD, and in a merge with all parents. Where a tree
    /// cannot be read, all counts as changed, and a notice says so.
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

    /// Whether a parent has anything at `path`.
    pub fn parent_has(&self, objects: &ObjectReader<'_>, path: &[u8]) -> bool {
        (0..self.parents.len()).any(|parent| self.parent_entry(objects, parent, path).is_some())
    }

    /// What a parent has at `path`: mode and content.
    pub fn parent_entry(
        &self,
        objects: &ObjectReader<'_>,
        parent: usize,
        path: &[u8],
    ) -> Option<(u32, Oid)> {
        let mut at = self.parents[parent].map(|top| (FOLDER, top));
        for name in path.split(|&byte| byte == b'/') {
            at = at.filter(|(mode, _)| mode & KIND == FOLDER).and_then(|(_, tree)| {
                let tree = objects.read_as(ObjectKind::Tree, tree).ok()?;
                let mut found = entries(&tree).flatten().filter(|entry| entry.name == name);
                found.next().map(|entry| (entry.mode, entry.oid))
            });
        }
        at
    }

    /// The files in what a parent has and the index has not: those in folders one by one.
    pub fn replaced_files(
        &self,
        objects: &ObjectReader<'_>,
        parent: usize,
        notices: &mut Vec<Notice>,
    ) -> Vec<ReplacedEntry> {
        let mut files = Vec::new();
        let mut budget = EntryBudget::default();
        let mut waiting: Vec<ReplacedEntry> = self.replaced[parent].iter().rev().cloned().collect();
        while let Some(old) = waiting.pop() {
            if !old.is_folder() {
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
                    waiting.push(ReplacedEntry {
                        path,
                        mode: entry.mode,
                        oid: entry.oid,
                        is_gone: true,
                    });
                }
            }
        }
        files
    }
}

/// How much of hostile trees is followed.
pub(super) struct EntryBudget {
    left: usize,
    is_told: bool,
}

impl Default for EntryBudget {
    fn default() -> Self {
        Self { left: MOST_ENTRIES, is_told: false }
    }
}

impl EntryBudget {
    /// Whether an entry of a tree at a path of this length may be followed.
    pub(super) fn take(&mut self, length: usize, notices: &mut Vec<Notice>) -> bool {
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

/// Whether it is a file, a link or a folder of them; a submodule has its content elsewhere.
pub(super) fn is_content(mode: u32) -> bool {
    matches!(mode & KIND, FILE | LINK | FOLDER)
}

pub(super) fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_owned() } else { [folder, b"/", name].concat() }
}

/// The top tree of a commit.
fn tree_of(objects: &ObjectReader<'_>, commit: Oid, notices: &mut Vec<Notice>) -> Option<Oid> {
    let why = match objects.read_as(ObjectKind::Commit, commit) {
        Ok(bytes) => match CommitObject::parse(&bytes) {
            Some(parsed) => return Some(parsed.tree),
            None => ReadError::Damaged("it is no commit".to_owned()),
        },
        Err(why) => why,
    };
    let what = format!("the commit {commit:.12}, which the index is compared with");
    notices.push(unreadable_object(&what, None, &why));
    None
}

pub(super) fn read_tree(
    objects: &ObjectReader<'_>,
    oid: Oid,
    path: &[u8],
    notices: &mut Vec<Notice>,
) -> Option<Vec<u8>> {
    let read = objects.read_as(ObjectKind::Tree, oid);
    let tell = |why| {
        if notices.len() < MOST_NOTICES {
            notices.push(unreadable_object(&format!("the tree {oid:.12}"), Some(path), &why));
        }
    };
    read.map_err(tell).ok()
}

pub(super) fn damaged(tree: Oid, path: &[u8]) -> Notice {
    let why = ReadError::Damaged("it does not parse".to_owned());
    unreadable_object(&format!("the tree {tree:.12}"), Some(path), &why)
}

/// Says that an object cannot be read.
pub fn unreadable_object(what: &str, path: Option<&[u8]>, why: &ReadError) -> Notice {
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
