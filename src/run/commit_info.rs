//! Details of commits and tags for reports.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::{CommitInfo, FilePath, Oid, Time};
use crate::rules::Rule;
use crate::scan::KeyScanner;
use crate::source::git::{CommitObject, TagObject, subject};

/// Details of a commit, with keys masked. `path` is the file concerned.
pub(super) fn change(
    scanner: &KeyScanner<'_>,
    oid: Oid,
    object: &[u8],
    path: FilePath,
) -> Option<CommitInfo> {
    let commit = CommitObject::parse(object)?;
    Some(CommitInfo {
        commit: oid,
        path,
        author: scanner.masked_text(&commit.author.name),
        email: scanner.masked_text(&commit.author.email),
        date: commit.author.time,
        summary: scanner.masked_text(&subject(object)),
        is_merge: commit.parents.len() > 1,
    })
}

/// Details of an annotated tag, with the commit it points to.
pub(super) fn tagged(
    scanner: &KeyScanner<'_>,
    commit: Oid,
    object: &[u8],
    path: FilePath,
) -> Option<CommitInfo> {
    let tag = TagObject::parse(object)?;
    Some(CommitInfo {
        commit,
        path,
        author: scanner.masked_text(&tag.tagger.name),
        email: scanner.masked_text(&tag.tagger.email),
        date: tag.tagger.time,
        summary: scanner.masked_text(&subject(object)),
        is_merge: false,
    })
}

/// Whole days from `date` until now.
pub(super) fn age(date: Time) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    now.saturating_sub(u64::try_from(date.seconds).unwrap_or(0)) / 86_400
}

/// True if a key of this age is older than its provider recommends.
pub(super) fn past_rotation(rule: &Rule, age: Option<u64>) -> Option<bool> {
    Some(age? > u64::from(rule.remediation.rotation_days?))
}
