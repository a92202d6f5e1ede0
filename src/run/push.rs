//! What a push brings: new commits, new tags, and refs to what is neither.

use super::change::tagged;
use super::drafts::Gathered;
use super::range;
use super::repository::{Scan, Selection};
use super::unread::Unread;
use crate::model::{FilePath, History, Notice, NoticeKind, Origin, Source};
use crate::source::Piece;
use crate::source::git::{
    Kind, Objects, Other, Push, Receiver, RepoError, TagObject, Update, message_start,
};

/// Scans what `updates` bring to `receiver`.
pub(super) fn scan(
    scan: &Scan<'_>,
    updates: &[Update],
    receiver: &Receiver,
    gathered: &mut Gathered,
) -> Result<(), RepoError> {
    let objects = scan.repository.objects()?;
    let push = Push::of(scan.repository, &objects, updates, receiver)?;
    let mut unread = Unread::default();
    for tag in &push.tags {
        say(scan, &objects, tag, gathered, &mut unread);
    }
    for span in &push.spans {
        range::scan(scan, span, &Selection::default(), gathered)?;
    }
    for other in &push.others {
        gathered.notices.extend(strange(other, &mut unread));
    }
    gathered.notices.extend(unread.into_notices(scan.repository.is_partial()));
    Ok(())
}

/// Searches what an annotated tag says.
fn say(
    scan: &Scan<'_>,
    objects: &Objects<'_>,
    tag: &TagObject,
    gathered: &mut Gathered,
    unread: &mut Unread,
) {
    let name = tag.oid.to_string();
    let object = match objects.read_as(Kind::Tag, tag.oid) {
        Ok(object) => object,
        Err(why) => return unread.note(tag.oid, name.as_bytes(), &why),
    };
    gathered.summary.bytes += object.len() as u64;
    if !scan.scanner.has_keyword(&object) {
        return;
    }
    let origin = Origin {
        source: Source::TagMessage,
        path: FilePath::from_bytes(name.as_bytes()),
        commit: Some(tag.target),
        blob: None,
    };
    let (headers, message) = object.split_at(message_start(&object));
    for text in [headers, message] {
        let piece = Piece::whole(text);
        let found = scan.scanner.find(&piece);
        for (key, occurrence, accepted) in scan.placer.place_whole(&origin, &piece, &found) {
            let nowhere = FilePath::from_bytes(b"");
            let first_seen = tagged(scan.scanner, tag.target, &object, nowhere);
            gathered.draft(key).push((occurrence, accepted));
            let history = History { first_seen, ..History::default() };
            gathered.tell(key.index, key.secret.sha256(), history);
        }
    }
}

/// Says that a ref names something that has no history.
fn strange(other: &Other, unread: &mut Unread) -> Option<Notice> {
    let what = match &other.kind {
        Ok(Kind::Blob) => "a file",
        Ok(Kind::Tree) => "a folder",
        Ok(Kind::Commit | Kind::Tag) => return None,
        Err(why) => {
            unread.note(other.oid, other.name.as_bytes(), why);
            return None;
        }
    };
    Some(Notice {
        path: Some(FilePath::from_bytes(other.name.as_bytes())),
        kind: NoticeKind::Unreadable,
        message: format!("names {what} and no commit; it was not searched"),
    })
}
