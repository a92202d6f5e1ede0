//! The content of a push: the refs that it updates, and the commits and tags that are new to the
//! receiver.

use std::collections::HashSet;

use super::commit_range::{CommitRange, commit};
use super::error::{ReadError, RepoError};
use super::object_reader::ObjectReader;
use super::objects::TagObject;
use super::pack_entry::ObjectKind;
use super::repo::Repository;
use crate::model::Oid;

/// A ref that a push updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// Its name at the receiver; empty if unknown.
    pub name: String,
    /// Its present value at the receiver.
    pub old: Option<String>,
    /// Its new value.
    pub new: String,
}

impl RefUpdate {
    /// Parses the standard input of git's `pre-push` hook, one ref per line; deleted refs are left
    /// out (githooks(5)).
    ///
    /// # Errors
    /// A line that git would not write.
    pub fn of_pre_push(input: &[u8]) -> Result<Vec<Self>, RepoError> {
        read(input, |line| {
            // The source may be any revision, with spaces in it: `HEAD@{2 days ago}`.
            let mut words = line.rsplitn(4, ' ');
            let (old, name, new) = (words.next()?, words.next()?, words.next()?);
            words.next().map(|_| (old, new, name))
        })
    }

    /// Parses the standard input of the `pre-receive` hook.
    ///
    /// # Errors
    /// A line that git would not write.
    pub fn of_pre_receive(input: &[u8]) -> Result<Vec<Self>, RepoError> {
        read(input, |line| {
            let mut words = line.splitn(3, ' ');
            Some((words.next()?, words.next()?, words.next()?))
        })
    }
}

/// Parses lines; `parts` splits each into the old id, the new id and the ref.
fn read(
    input: &[u8],
    parts: impl Fn(&str) -> Option<(&str, &str, &str)>,
) -> Result<Vec<RefUpdate>, RepoError> {
    let mut updates = Vec::new();
    let text = String::from_utf8_lossy(input);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let is_id = |text: &str| {
            matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let (old, new, name) = parts(line)
            .filter(|(old, new, _)| is_id(old) && is_id(new))
            .ok_or_else(|| RepoError::Push(line.to_owned()))?;
        let there = |id: &str| id.bytes().any(|digit| digit != b'0').then(|| id.to_owned());
        if let Some(new) = there(new) {
            updates.push(RefUpdate { name: name.to_owned(), old: there(old), new });
        }
    }
    Ok(updates)
}

/// The receiver of a push, as far as it tells what is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushReceiver {
    /// A remote repository, by name or address: its last fetched state is known.
    Remote(String),
    /// This repository: whatever its refs reach is there.
    Here,
    /// An unknown receiver: whatever the old commit reaches is there.
    Unknown,
}

/// An annotated tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushedTag {
    /// Its own id.
    pub oid: Oid,
    /// Its target.
    pub target: Oid,
    /// The number of the ref that brings it.
    pub change: usize,
}

/// A ref to something other than a commit.
#[derive(Debug)]
pub struct NonCommitRef {
    /// The ref.
    pub name: String,
    /// Its new target.
    pub oid: Oid,
    /// Kind of the target, or the reason why it is unknown.
    pub kind: Result<ObjectKind, ReadError>,
}

/// The content of a push.
#[derive(Debug, Default)]
pub struct Push {
    /// The new commits, per ref without those of the refs before it.
    pub spans: Vec<CommitRange>,
    /// The new annotated tags.
    pub tags: Vec<PushedTag>,
    /// Other targets of refs.
    pub others: Vec<NonCommitRef>,
}

impl Push {
    /// Determines what `updates` bring to `receiver`.
    ///
    /// # Errors
    /// Revisions that name nothing, and history that cannot be read.
    pub fn of(
        repository: &Repository,
        objects: &ObjectReader<'_>,
        updates: &[RefUpdate],
        receiver: &PushReceiver,
    ) -> Result<Self, RepoError> {
        let (mut hidden, mut there) = match receiver {
            PushReceiver::Remote(remote) => repository.remote_tips(remote),
            PushReceiver::Here => repository.tips("refs/"),
            PushReceiver::Unknown => Default::default(),
        };
        there.extend(&hidden);
        let mut push = Self::default();
        for (change, update) in updates.iter().enumerate() {
            let old = match (&update.old, receiver) {
                (None, _) => None,
                (Some(old), PushReceiver::Unknown) => Some(commit(repository, old)?),
                // It need not be here: it may have been pushed by others.
                (Some(old), PushReceiver::Remote(_) | PushReceiver::Here) => {
                    repository.commit(old).ok()
                }
            };
            let Some(tip) = push.peel(repository, objects, (change, update), &there)? else {
                continue;
            };
            // Skips what an earlier ref has brought or the receiver already has.
            if there.contains(&tip) {
                continue;
            }
            let known = hidden.iter().copied().chain(old).collect();
            let mut span = CommitRange::beyond(repository, tip, known, old.into_iter().collect())?;
            span.change = change;
            there.extend(&span.commits);
            hidden.push(tip);
            if !span.commits.is_empty() {
                push.spans.push(span);
            }
        }
        Ok(push)
    }

    /// The commit that a ref is to name, after following tags.
    fn peel(
        &mut self,
        repository: &Repository,
        objects: &ObjectReader<'_>,
        (change, update): (usize, &RefUpdate),
        there: &HashSet<Oid>,
    ) -> Result<Option<Oid>, RepoError> {
        let mut oid = match Oid::from_hex_as(repository.format(), update.new.as_bytes()) {
            Some(oid) => oid,
            None => return commit(repository, &update.new).map(Some),
        };
        loop {
            let kind = match objects.read(oid) {
                Ok((ObjectKind::Commit, _)) => return Ok(Some(oid)),
                Ok((ObjectKind::Tag, bytes)) => match TagObject::parse(&bytes, oid.format()) {
                    Some(tag) => {
                        if !there.contains(&oid) {
                            self.tags.push(PushedTag { oid, target: tag.target, change });
                        }
                        oid = tag.target;
                        continue;
                    }
                    None => Err(ReadError::Damaged("it does not parse".to_owned())),
                },
                Ok((kind, _)) => Ok(kind),
                Err(why) => Err(why),
            };
            self.others.push(NonCommitRef { name: update.name.clone(), oid, kind });
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_of_hooks_is_parsed() {
        let (one, two, none) = ("1".repeat(40), "2".repeat(40), "0".repeat(40));
        let update = |name: &str, old: Option<&String>, new: &String| RefUpdate {
            name: name.to_owned(),
            old: old.cloned(),
            new: new.clone(),
        };
        let input = format!(
            "refs/heads/a {one} refs/heads/b {none}\nHEAD@{{2 days ago}} {one} refs/heads/c {two}\n\
             (delete) {none} refs/heads/d {two}\n"
        );
        let updates = RefUpdate::of_pre_push(input.as_bytes()).unwrap();
        let expected =
            [update("refs/heads/b", None, &one), update("refs/heads/c", Some(&two), &one)];
        assert_eq!(updates, expected);
        let input =
            format!("{none} {one} refs/heads/é\n{two} {none} refs/x\r\n{two} {one} refs/y\n");
        let updates = RefUpdate::of_pre_receive(input.as_bytes()).unwrap();
        assert_eq!(
            updates,
            [update("refs/heads/é", None, &one), update("refs/y", Some(&two), &one)]
        );
        for input in ["x", &format!("{one} {two}"), &format!("{one} short refs/x")] {
            assert!(RefUpdate::of_pre_receive(input.as_bytes()).is_err(), "{input}");
            assert!(RefUpdate::of_pre_push(input.as_bytes()).is_err(), "{input}");
        }
        assert_eq!(RefUpdate::of_pre_push(b"").unwrap(), []);
    }
}
