//! Details of commits and tags for reports.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::{CommitInfo, FilePath, Oid};
use crate::rules::Rule;
use crate::scan::KeyScanner;
use crate::source::git::{CommitObject, Mailmap, TagObject, subject};

/// Clocks of other machines may be this many seconds ahead.
const CLOCK_ERROR: u64 = 3600;

/// Details of a commit, with keys masked. `path` is the file concerned.
pub(super) fn change(
    scanner: &KeyScanner<'_>,
    mailmap: &Mailmap,
    oid: Oid,
    object: &[u8],
    path: FilePath,
) -> Option<CommitInfo> {
    let commit = CommitObject::parse(object, oid.format())?;
    let (name, email) = (&commit.author.name, &commit.author.email);
    let proper = mailmap.proper(name, email);
    let raw_author =
        proper.is_some().then(|| (scanner.masked_text(name), scanner.masked_text(email)));
    let (name, email) = proper.as_ref().map_or((name, email), |(name, email)| (name, email));
    Some(CommitInfo {
        commit: oid,
        path,
        author: scanner.masked_text(name),
        email: scanner.masked_text(email),
        date: commit.author.time,
        summary: scanner.masked_text(&subject(object)),
        is_merge: commit.parents.len() > 1,
        is_boundary: false,
        raw_author,
    })
}

/// Details of an annotated tag, with the commit it points to.
pub(super) fn tagged(
    scanner: &KeyScanner<'_>,
    commit: Oid,
    object: &[u8],
    path: FilePath,
) -> Option<CommitInfo> {
    let tag = TagObject::parse(object, commit.format())?;
    Some(CommitInfo {
        commit,
        path,
        author: scanner.masked_text(&tag.tagger.name),
        email: scanner.masked_text(&tag.tagger.email),
        date: tag.tagger.time,
        summary: scanner.masked_text(&subject(object)),
        is_merge: false,
        is_boundary: false,
        raw_author: None,
    })
}

/// Whole days from a commit until now; `None` if that is not known: history is cut off at the commit, or
/// it is dated in the future.
pub(super) fn age(change: &CommitInfo) -> Option<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let date = u64::try_from(change.date.seconds).unwrap_or(0);
    let is_known = !change.is_boundary && date <= now + CLOCK_ERROR;
    is_known.then(|| now.saturating_sub(date) / 86_400)
}

/// True if a key of this age is older than its provider recommends.
pub(super) fn past_rotation(rule: &Rule, age: Option<u64>) -> Option<bool> {
    Some(age? > u64::from(rule.remediation.rotation_days?))
}
