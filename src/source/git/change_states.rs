//! The states that a change lies between. The settings of the project count as they are before it:
//! whoever makes a change does not decide by it what of it is reported.

use std::collections::HashSet;

use super::commit_range::{CommitRange, RangeSyntax, commit};
use super::error::RepoError;
use super::objects::CommitObject;
use super::pack_entry::ObjectKind;
use super::push::{PushReceiver, RefUpdate};
use super::repo::Repository;
use super::stored_files::StoredState;
use crate::model::Oid;

/// The most states from which new history may go on.
const MAX_BASES: usize = 16;

/// The states that a change lies between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeStates {
    /// The states before it, each of which counts; none if its history begins at nothing.
    pub bases: Vec<StoredState>,
    /// The states that both sides come from. What one of them has and the head has not, the change has
    /// taken away.
    pub forks: Vec<StoredState>,
    /// The state after it; `None` if it has no files.
    pub head: Option<StoredState>,
}

impl ChangeStates {
    /// The states of a range as [`CommitRange::of`] reads it. Of a base with several possible states,
    /// it is the one that is named: what the merge base said may no longer hold.
    ///
    /// # Errors
    /// An invalid range, and sides that name no commit.
    pub fn of_range(repository: &Repository, range: &str) -> Result<Self, RepoError> {
        let written = RangeSyntax::parse(range)?;
        let base = commit(repository, written.base)?;
        let tip = commit(repository, written.tip)?;
        Ok(Self::between(repository, &[base], tip))
    }

    /// The states of each of the refs that a push updates: before it, the ref itself and the receiver's
    /// default branch count, or where a new ref's history comes from if that is unknown.
    pub fn of_push(
        repository: &Repository,
        updates: &[RefUpdate],
        receiver: &PushReceiver,
    ) -> Vec<Self> {
        let default = match receiver {
            PushReceiver::Here => repository.head().ok().flatten(),
            PushReceiver::Remote(remote) => repository.remote_head(remote),
            PushReceiver::Unknown => None,
        };
        let states = updates.iter().map(|update| {
            let Ok(tip) = repository.commit(&update.new) else {
                return Self { bases: Vec::new(), forks: Vec::new(), head: None };
            };
            let old = update.old.as_ref().and_then(|old| repository.commit(old).ok());
            // Unrelated history does not come from there.
            let default = default.filter(|&own| is_related(repository, own, tip));
            let mut bases: Vec<_> = old.into_iter().chain(default).collect();
            if bases.is_empty() {
                bases = come_from(repository, tip, receiver);
            }
            bases.dedup();
            Self::between(repository, &bases, tip)
        });
        states.collect()
    }

    /// The states of the next commit: those of its parents, and the index.
    ///
    /// # Errors
    /// A HEAD that cannot be read.
    pub fn of_index(repository: &Repository) -> Result<Self, RepoError> {
        let mut parents: Vec<Oid> = repository.head()?.into_iter().collect();
        let mut merged = repository.merge_heads();
        if merged.is_empty() {
            merged = repository.merge_heads_of_hook();
            // The variable may be left over from another repository.
            merged.retain(|oid| repository.commit(&oid.to_string()).is_ok());
        }
        parents.extend(merged);
        let bases: Vec<_> = parents.into_iter().map(StoredState::Commit).collect();
        Ok(Self { forks: bases.clone(), bases, head: Some(StoredState::Index) })
    }

    fn between(repository: &Repository, bases: &[Oid], tip: Oid) -> Self {
        let mut forks = Vec::new();
        for &base in bases {
            forks.extend(repository.merge_bases(base, tip).map(|own| own.oids).unwrap_or_default());
        }
        forks.sort_unstable();
        forks.dedup();
        let states = |commits: &[Oid]| commits.iter().copied().map(StoredState::Commit).collect();
        Self { bases: states(bases), forks: states(&forks), head: Some(StoredState::Commit(tip)) }
    }
}

/// True if two commits have an ancestor in common.
fn is_related(repository: &Repository, one: Oid, two: Oid) -> bool {
    repository.merge_bases(one, two).is_ok_and(|common| !common.oids.is_empty())
}

/// The commits of the receiver that new history goes on from.
fn come_from(repository: &Repository, tip: Oid, receiver: &PushReceiver) -> Vec<Oid> {
    let known = match receiver {
        PushReceiver::Remote(remote) => repository.remote_tips(remote).0,
        PushReceiver::Here => repository.tips("refs/").0,
        PushReceiver::Unknown => Vec::new(),
    };
    if known.is_empty() {
        return Vec::new();
    }
    let Ok(range) = CommitRange::beyond(repository, tip, known, Vec::new()) else {
        return Vec::new();
    };
    let Ok(objects) = repository.objects() else { return Vec::new() };
    let own: HashSet<Oid> = range.commits.iter().copied().collect();
    let mut outer = Vec::new();
    for &oid in &range.commits {
        let Ok(object) = objects.read_as(ObjectKind::Commit, oid) else { continue };
        let parents =
            CommitObject::parse(&object, oid.format()).map(|own| own.parents).unwrap_or_default();
        outer.extend(parents.into_iter().filter(|parent| !own.contains(parent)));
    }
    if range.commits.is_empty() {
        outer.push(tip);
    }
    outer.sort_unstable();
    outer.dedup();
    outer.truncate(MAX_BASES);
    outer
}
