//! Finds the entries that a tree has and none of the others, by path. Trees are hostile: they may
//! nest deeper than any checkout, name one tree a billion times, and be in any order.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::error::ReadError;
use super::object_reader::ObjectReader;
use super::objects::{TreeEntry, entries, join_path};
use super::pack_entry::ObjectKind;
use crate::model::{ObjectFormat, Oid};

/// The longest path that is followed, in bytes. Operating systems allow far less.
pub const MAX_PATH: usize = 1 << 16;

/// Limit for the folders that are read if the same tree counts again at another path.
pub const MAX_FOLDERS: usize = 250_000;

/// Limit for the folders that are read if it does not. Even then, a few trees can be compared with
/// a few others in more ways than could ever be tried.
const MAX_COMPARED: usize = 10_000_000;

/// Increase of the limit for each tree that is compared.
pub const MORE_FOLDERS: usize = 64;

/// An entry that a tree has and the others have not.
#[derive(Debug)]
pub enum AddedEntry<'a> {
    /// A file, a link or a folder under a name that none of the others has there.
    Name {
        /// The path, which ends with the name.
        path: &'a [u8],
        /// The name.
        name: &'a [u8],
        /// True for a folder.
        is_folder: bool,
    },
    /// A file, or the target of a link.
    File {
        /// Its path, with `/` separators.
        path: &'a [u8],
        /// Its content.
        oid: Oid,
    },
    /// A submodule: a commit of another repository.
    Submodule {
        /// Its path.
        path: &'a [u8],
    },
    /// A tree that could not be read, or only in part.
    Unread {
        /// Its path; empty for the top.
        path: &'a [u8],
        /// Its id.
        oid: Oid,
        /// The reason.
        why: ReadError,
    },
}

/// Compares trees, and enters none twice.
pub struct TreeDiff<'o, 'r> {
    objects: &'o ObjectReader<'r>,
    /// True if the same tree counts again at another path.
    by_path: bool,
    seen: HashSet<FolderDiff>,
    left: usize,
}

/// A folder to compare: its path, its tree, and the trees of the others at that path.
type FolderDiff = (Vec<u8>, Oid, Vec<Oid>);

impl<'o, 'r> TreeDiff<'o, 'r> {
    /// With `by_path`, the additions of a folder are reported again for another folder with the
    /// same content.
    pub fn new(objects: &'o ObjectReader<'r>, by_path: bool) -> Self {
        let left = if by_path { MAX_FOLDERS } else { MAX_COMPARED };
        Self { objects, by_path, seen: HashSet::new(), left }
    }

    /// Passes on what `tree` adds to all of `others`, unless it has been passed on before.
    pub fn added(&mut self, tree: Oid, others: &[Oid], each: &mut dyn FnMut(AddedEntry<'_>)) {
        self.left += MORE_FOLDERS;
        let mut stack = vec![(Vec::new(), tree, others.to_vec())];
        while let Some((path, tree, others)) = stack.pop() {
            if others.contains(&tree) {
                continue;
            }
            let seen_at = if self.by_path { path.clone() } else { Vec::new() };
            if !self.seen.insert((seen_at, tree, others.clone())) {
                continue;
            }
            // There are finitely many trees, but not paths: a few trees may form billions.
            if self.left == 0 {
                let why = ReadError::Damaged("it has more folders than can be read".to_owned());
                return each(AddedEntry::Unread { path: &path, oid: tree, why });
            }
            self.left = self.left.saturating_sub(if self.by_path { 1 } else { 1 + others.len() });
            self.folder((path, tree, others), &mut stack, each);
        }
    }

    fn folder(
        &self,
        (path, tree, others): FolderDiff,
        stack: &mut Vec<FolderDiff>,
        each: &mut dyn FnMut(AddedEntry<'_>),
    ) {
        let mut read = |oid| match self.objects.read_as(ObjectKind::Tree, oid) {
            Ok(bytes) => Some(bytes),
            Err(why) => {
                each(AddedEntry::Unread { path: &path, oid, why });
                None
            }
        };
        let Some(bytes) = read(tree) else { return };
        // A tree that cannot be read hides nothing: everything counts as added to it.
        let others: Vec<_> = others.into_iter().filter_map(read).collect();
        let mut others: Vec<_> =
            others.iter().map(|bytes| TreeCursor::new(bytes, tree.format())).collect();
        for entry in entries(&bytes, tree.format()) {
            let Some(entry) = entry else {
                let why = ReadError::Damaged("it is not a valid tree".to_owned());
                return each(AddedEntry::Unread { path: &path, oid: tree, why });
            };
            let found: Vec<_> = others.iter_mut().filter_map(|other| other.seek(&entry)).collect();
            if found.contains(&entry.oid) {
                continue;
            }
            let path = join_path(&path, entry.name);
            if found.is_empty() {
                let is_folder = entry.is_tree();
                each(AddedEntry::Name { path: &path, name: entry.name, is_folder });
            }
            if path.len() > MAX_PATH {
                let why = ReadError::Damaged("its path is too long".to_owned());
                each(AddedEntry::Unread { path: &path[..200], oid: entry.oid, why });
            } else if entry.is_tree() {
                stack.push((path, entry.oid, found));
            } else if entry.is_submodule() {
                each(AddedEntry::Submodule { path: &path });
            } else {
                each(AddedEntry::File { path: &path, oid: entry.oid });
            }
        }
    }
}

/// A reading position in one of the other trees.
struct TreeCursor<'t, I: Iterator<Item = TreeEntry<'t>>> {
    rest: I,
    next: Option<TreeEntry<'t>>,
}

impl<'t> TreeCursor<'t, std::iter::Empty<TreeEntry<'t>>> {
    /// Reads `tree` from its beginning.
    #[allow(clippy::new_ret_no_self, reason = "the iterator's type has no name")]
    fn new(
        tree: &'t [u8],
        format: ObjectFormat,
    ) -> TreeCursor<'t, impl Iterator<Item = TreeEntry<'t>>> {
        let mut rest = entries(tree, format).map_while(|entry| entry);
        let next = rest.next();
        TreeCursor { rest, next }
    }
}

impl<'t, I: Iterator<Item = TreeEntry<'t>>> TreeCursor<'t, I> {
    /// Finds the entry with the name of `entry`. Entries are requested in git's order; if they are
    /// not, something unchanged may count as added, but nothing is lost.
    fn seek(&mut self, entry: &TreeEntry<'_>) -> Option<Oid> {
        while let Some(next) = &self.next
            && order(next, entry) == Ordering::Less
        {
            self.next = self.rest.next();
        }
        let next = self.next.as_ref()?;
        // The commit of a submodule is not content, even if a file has the same id.
        let is_same = next.name == entry.name
            && next.is_tree() == entry.is_tree()
            && next.is_submodule() == entry.is_submodule();
        is_same.then_some(next.oid)
    }
}

/// The order of entries in a tree: folders sort as if their names ended with a slash.
fn order(a: &TreeEntry<'_>, b: &TreeEntry<'_>) -> Ordering {
    let shorter = a.name.len().min(b.name.len());
    let end = |entry: &TreeEntry<'_>| {
        let beyond = if entry.is_tree() { b'/' } else { 0 };
        entry.name.get(shorter).copied().unwrap_or(beyond)
    };
    a.name[..shorter].cmp(&b.name[..shorter]).then_with(|| end(a).cmp(&end(b)))
}
