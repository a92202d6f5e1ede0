//! Looks up paths in the index.

use std::collections::BTreeSet;

use super::error::RepoError;
use super::file_mode::{FOLDER, KIND, SUBMODULE};
use super::index::Index;
use super::object_reader::ObjectReader;
use super::objects::entries;
use super::pack_entry::ObjectKind;
use super::repo::Repository;
use super::staged::StagedChange;
use crate::model::Oid;

/// The index, for looking up paths.
pub struct IndexLookup(Index);

impl IndexLookup {
    /// Reads the index that git uses here.
    ///
    /// # Errors
    /// An index that cannot be read.
    pub fn read(repository: &Repository) -> Result<Self, RepoError> {
        Index::of(repository).map(Self)
    }

    /// The entry at `path`, as if all of it were new; in a conflict, every side. Empty if git does
    /// not track the path, or has no content for it yet.
    pub fn at(&self, objects: &ObjectReader<'_>, path: &[u8]) -> Vec<StagedChange> {
        let index = &self.0;
        let start = index.entries.partition_point(|entry| index.path(entry) < path);
        let same = index.entries[start..].iter().take_while(|entry| index.path(entry) == path);
        let mut found: Vec<_> = same
            .filter(|entry| !entry.is_intended)
            .map(|entry| change(path, entry.mode, entry.oid, entry.stage))
            .collect();
        if found.is_empty() {
            found.extend(self.in_folder(objects, path));
        }
        found
    }

    /// Mode and content of the entry at `path`; in a conflict, our side.
    pub(super) fn ours(&self, path: &[u8]) -> Option<(u32, Oid)> {
        let index = &self.0;
        let start = index.entries.partition_point(|entry| index.path(entry) < path);
        let mut same = index.entries[start..].iter().take_while(|entry| index.path(entry) == path);
        let ours = same.find(|entry| matches!(entry.stage, 0 | 2) && !entry.is_intended)?;
        Some((ours.mode, ours.oid))
    }

    /// The names in the folder at `path`; `None` if no entry is below it.
    pub(super) fn names(&self, path: &[u8]) -> Option<BTreeSet<Vec<u8>>> {
        let index = &self.0;
        let mut folder = path.to_vec();
        if !folder.is_empty() {
            folder.push(b'/');
        }
        let start = index.entries.partition_point(|entry| index.path(entry) < &folder[..]);
        let below = index.entries[start..].iter().filter(|entry| !entry.is_intended);
        let rests = below.map_while(|entry| index.path(entry).strip_prefix(&folder[..]));
        let names = rests.filter_map(|rest| rest.split(|&byte| byte == b'/').next());
        let names: BTreeSet<_> =
            names.filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect();
        (!names.is_empty()).then_some(names)
    }

    /// The tree of the folder outside of a sparse checkout that `path` is in, and the path from there.
    pub(super) fn tree_around<'p>(&self, path: &'p [u8]) -> Option<(Oid, &'p [u8])> {
        let index = &self.0;
        // The index writes such a folder with a slash at its end.
        let whole = [path, b"/"].concat();
        let before = index.entries.partition_point(|entry| index.path(entry) <= &whole[..]);
        let folder = index.entries[..before].last().filter(|entry| entry.mode & KIND == FOLDER)?;
        let top = index.path(folder);
        if top == whole {
            return Some((folder.oid, &path[path.len()..]));
        }
        Some((folder.oid, path.strip_prefix(top)?))
    }

    /// Looks into a folder outside a sparse checkout: the index names only the folder.
    fn in_folder(&self, objects: &ObjectReader<'_>, path: &[u8]) -> Option<StagedChange> {
        let index = &self.0;
        let before = index.entries.partition_point(|entry| index.path(entry) <= path);
        let folder = index.entries[..before].last().filter(|entry| entry.mode & KIND == FOLDER)?;
        let rest = path.strip_prefix(index.path(folder))?;
        let (mut mode, mut oid) = (folder.mode, folder.oid);
        for name in rest.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
            let tree =
                objects.read_as(ObjectKind::Tree, oid).ok().filter(|_| mode & KIND == FOLDER)?;
            let mut all = entries(&tree, oid.format()).map_while(|entry| entry);
            let entry = all.find(|entry| entry.name == name)?;
            (mode, oid) = (entry.mode, entry.oid);
        }
        (mode & KIND != FOLDER).then(|| change(path, mode, oid, 0))
    }
}

impl StagedChange {
    /// True if it stands for the whole file, and is not compared with anything.
    pub fn is_named(&self) -> bool {
        self.old.is_empty()
    }

    /// True for a submodule: the commit of another repository.
    pub fn is_submodule(&self) -> bool {
        self.mode & KIND == SUBMODULE
    }
}

fn change(path: &[u8], mode: u32, oid: Oid, stage: u8) -> StagedChange {
    StagedChange { path: path.to_owned(), mode, oid, stage, is_intended: false, old: Vec::new() }
}
