//! Unreadable git objects of ranges and pushes, each reported once, and only the first few
//! individually. Others report their own: history in `history::scan` (damaged objects) and in
//! `connectivity` (missing ones), the staged change in `tree_reading`.

use std::collections::BTreeMap;

use crate::model::{FilePath, Notice, NoticeKind, Oid};
use crate::source::git::ReadError;

/// Number of objects that are reported individually.
const SINGLY: usize = 10;

/// Unreadable objects, each with a path at which it was found.
#[derive(Debug, Default)]
pub(super) struct UnreadableObjects {
    missing: BTreeMap<Oid, FilePath>,
    damaged: BTreeMap<Oid, (FilePath, String)>,
}

impl UnreadableObjects {
    /// Adds an object found at `path`.
    pub(super) fn note(&mut self, oid: Oid, path: &[u8], why: &ReadError) {
        let path = FilePath::from_bytes(if path.is_empty() { b"." } else { path });
        match why {
            ReadError::Missing => {
                self.missing.entry(oid).or_insert(path);
            }
            ReadError::Damaged(text) => {
                self.damaged.entry(oid).or_insert_with(|| (path, text.clone()));
            }
        }
    }

    /// Turns them into notices. `promise` is the advice where objects may be left elsewhere.
    pub(super) fn into_notices(self, promise: Option<&str>) -> Vec<Notice> {
        let hint = promise.unwrap_or("`git fsck` shows details");
        let missing = self.missing.into_iter().map(|(oid, path)| {
            let message = format!("object {oid:.12} is missing and was not searched; {hint}");
            (path, message)
        });
        let damaged = self.damaged.into_iter().map(|(oid, (path, why))| {
            (path, format!("object {oid:.12} is damaged and was not searched: {why}"))
        });
        let mut notices = notices_of(NoticeKind::MissingObject, missing.collect());
        notices.extend(notices_of(NoticeKind::DamagedObject, damaged.collect()));
        notices
    }
}

fn notices_of(kind: NoticeKind, all: Vec<(FilePath, String)>) -> Vec<Notice> {
    let more = all.len().saturating_sub(SINGLY);
    let single = all.into_iter().take(SINGLY);
    let mut notices: Vec<_> =
        single.map(|(path, message)| Notice { path: Some(path), kind, message }).collect();
    if more > 0 {
        let message = format!("{more} more objects could not be read");
        notices.push(Notice { path: None, kind, message });
    }
    notices
}
