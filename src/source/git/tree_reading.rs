//! Reads trees that may be missing, damaged or hostile, and reports what cannot be read.

use std::borrow::Cow;

use super::error::ReadError;
use super::object_reader::ObjectReader;
use super::pack_entry::ObjectKind;
use crate::model::{FilePath, Notice, NoticeKind, Oid};

/// Limit for the entries of trees that are followed: three times what the largest repositories
/// have. A few small trees can refer to each other so that they form more paths than could ever be
/// followed.
const MOST_ENTRIES: usize = 10_000_000;

/// Limit for notices about a damaged repository.
const MOST_NOTICES: usize = 1000;

/// The longest path that is followed in trees, in bytes; operating systems allow 4,096.
const LONGEST_PATH: usize = 64 << 10;

/// Limits how much of hostile trees is followed.
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
    /// True if an entry of a tree at a path of this length may be followed.
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

/// A notice about an object that cannot be read.
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
