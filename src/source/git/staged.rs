//! Staged changes: the index compared with the trees of the commits that will be the parents of the
//! next one. Only ids are compared; no content is read.

use super::file_mode::{FOLDER, KIND, SUBMODULE, is_submodule};
use super::object_reader::ObjectReader;
use super::objects::{entries, join_path};
use super::pack_entry::ObjectKind;
use super::tree_reading::{EntryBudget, damaged, read_tree};
use crate::model::{Notice, Oid};

/// A file of the index that differs from every parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedChange {
    /// Its path, from the top of the checkout.
    pub path: Vec<u8>,
    /// Its mode.
    pub mode: u32,
    /// Its content.
    pub oid: Oid,
    /// 0, or the side of a conflict.
    pub stage: u8,
    /// True if it is only intended to be added.
    pub is_intended: bool,
    /// Mode and content at the path in each parent.
    pub old: Vec<Option<(u32, Oid)>>,
}

impl StagedChange {
    /// True if the content is new at its path: neither a change of mode only, nor a submodule, nor
    /// a file without content yet.
    pub fn is_new_content(&self) -> bool {
        // Any other mode is content.
        let is_content = !matches!(self.mode & KIND, FOLDER | SUBMODULE);
        is_content
            && !self.is_intended
            && !self.old.iter().flatten().any(|&(mode, oid)| {
                // The commit of a submodule is not content, even if a file has the same id.
                oid == self.oid && mode & KIND != SUBMODULE
            })
    }

    /// True if a submodule is new at its path, or another commit of it is used.
    pub fn is_new_submodule(&self) -> bool {
        let is_old = |&(mode, oid): &(u32, Oid)| is_submodule(mode) && oid == self.oid;
        is_submodule(self.mode) && !self.is_intended && !self.old.iter().flatten().any(is_old)
    }
}

/// The entry of a parent at a path where the index has something else, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacedEntry {
    /// The path.
    pub path: Vec<u8>,
    /// Its mode.
    pub mode: u32,
    /// The file, or a whole folder.
    pub oid: Oid,
    /// True if the index has nothing at the path.
    pub is_gone: bool,
}

impl ReplacedEntry {
    /// True for a whole folder.
    pub fn is_folder(&self) -> bool {
        self.mode & KIND == FOLDER
    }
}

/// The staged changes.
#[derive(Debug, Default)]
pub struct Staged {
    /// The top trees of the parents; there is always one, which may be empty.
    pub parents: Vec<Option<Oid>>,
    /// The files that differ from every parent, by path and stage.
    pub changes: Vec<StagedChange>,
    /// For each parent, its entries that the index does not have.
    pub replaced: Vec<Vec<ReplacedEntry>>,
}

impl Staged {
    /// True if a parent has anything at `path`.
    pub fn parent_has(&self, objects: &ObjectReader<'_>, path: &[u8]) -> bool {
        (0..self.parents.len()).any(|parent| self.parent_entry(objects, parent, path).is_some())
    }

    /// The entry of a parent at `path`: mode and content.
    pub fn parent_entry(
        &self,
        objects: &ObjectReader<'_>,
        parent: usize,
        path: &[u8],
    ) -> Option<(u32, Oid)> {
        let mut at = self.parents[parent].map(|top| (FOLDER, top));
        for name in path.split(|&byte| byte == b'/') {
            at = at.filter(|(mode, _)| mode & KIND == FOLDER).and_then(|(_, tree)| {
                let bytes = objects.read_as(ObjectKind::Tree, tree).ok()?;
                let entries = entries(&bytes, tree.format()).flatten();
                let mut found = entries.filter(|entry| entry.name == name);
                found.next().map(|entry| (entry.mode, entry.oid))
            });
        }
        at
    }

    /// The files of a parent that the index does not have; folders are expanded.
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
            for entry in entries(&tree, old.oid.format()) {
                let Some(entry) = entry else {
                    notices.push(damaged(old.oid, &old.path));
                    break;
                };
                if !budget.take(old.path.len(), notices) {
                    break;
                }
                if !entry.is_submodule() {
                    let path = join_path(&old.path, entry.name);
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
