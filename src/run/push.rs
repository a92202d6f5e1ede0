//! Scans a push: its new commits, its new tags, the names of new refs, and refs to anything else.

use super::collect::FindingCollector;
use super::commit_info::tagged;
use super::connectivity::promise;
use super::git_scan::GitScan;
use super::git_target::CommitSelection;
use super::range;
use super::unreadable_objects::UnreadableObjects;
use crate::model::{FilePath, History, Notice, NoticeKind, Provenance, SourceKind};
use crate::source::Chunk;
use crate::source::git::{
    NonCommitRef, ObjectKind, ObjectReader, Push, PushReceiver, PushedTag, RefUpdate, RepoError,
    message_start,
};

/// Scans what `updates` bring to `receiver`.
pub(super) fn scan(
    scan: &GitScan<'_>,
    updates: &[RefUpdate],
    receiver: &PushReceiver,
    collector: &mut FindingCollector,
) -> Result<(), RepoError> {
    let objects = scan.repository.objects()?;
    let push = Push::of(scan.repository, &objects, updates, receiver)?;
    let mut unreadable = UnreadableObjects::default();
    for tag in &push.tags {
        say(&scan.of_change(tag.change), &objects, tag, collector, &mut unreadable);
    }
    names(scan, updates, collector);
    for range in &push.spans {
        let scan = scan.of_change(range.change);
        range::scan(&scan, range, &CommitSelection::default(), collector)?;
    }
    for other in &push.others {
        collector.notices.extend(strange(other, &mut unreadable));
    }
    collector.notices.extend(unreadable.into_notices(promise(scan.repository)));
    Ok(())
}

/// Finds keys in the names of new branches and tags, which the receiver shows to everybody.
fn names(scan: &GitScan<'_>, updates: &[RefUpdate], collector: &mut FindingCollector) {
    for update in updates.iter().filter(|update| update.old.is_none()) {
        let provenance = || {
            let path = FilePath::from_bytes(format!(".git/{}", update.name).as_bytes());
            let (source, path) = (SourceKind::GitFile, scan.builder.shown(path));
            Provenance { source, path, commit: None, blob: None, inside: None }
        };
        for (key, occurrence) in scan.builder.in_name(update.name.as_bytes(), provenance) {
            collector.occurrences(&key).push((occurrence, scan.builder.unmarked()));
        }
    }
}

/// Searches the message and headers of an annotated tag.
fn say(
    scan: &GitScan<'_>,
    objects: &ObjectReader<'_>,
    tag: &PushedTag,
    collector: &mut FindingCollector,
    unreadable: &mut UnreadableObjects,
) {
    let name = tag.oid.to_string();
    let object = match objects.read_as(ObjectKind::Tag, tag.oid) {
        Ok(object) => object,
        Err(why) => return unreadable.note(tag.oid, name.as_bytes(), &why),
    };
    collector.summary.bytes += object.len() as u64;
    if !scan.scanner.has_keyword(&object) {
        return;
    }
    let provenance = Provenance {
        source: SourceKind::TagMessage,
        path: FilePath::from_bytes(name.as_bytes()),
        commit: Some(tag.target),
        blob: None,
        inside: None,
    };
    let (headers, message) = object.split_at(message_start(&object));
    for text in [headers, message] {
        let chunk = Chunk::whole(text);
        let found = scan.scanner.find(&chunk);
        for (key, occurrence, accepted) in scan.builder.place_whole(&provenance, &chunk, &found) {
            let nowhere = FilePath::from_bytes(b"");
            let first_seen = tagged(scan.scanner, tag.target, &object, nowhere);
            collector.occurrences(key).push((occurrence, accepted));
            let history = History { first_seen, ..History::default() };
            collector.add_history(key.id(), history);
        }
    }
}

/// A notice about a ref to something without a history.
fn strange(other: &NonCommitRef, unreadable: &mut UnreadableObjects) -> Option<Notice> {
    let what = match &other.kind {
        Ok(ObjectKind::Blob) => "a file",
        Ok(ObjectKind::Tree) => "a folder",
        Ok(ObjectKind::Commit | ObjectKind::Tag) => return None,
        Err(why) => {
            unreadable.note(other.oid, other.name.as_bytes(), why);
            return None;
        }
    };
    Some(Notice {
        path: Some(FilePath::from_bytes(other.name.as_bytes())),
        kind: NoticeKind::Unreadable,
        message: format!("names {what}, not a commit, and was not searched"),
    })
}
