//! Reachability: the objects that refs and reflogs name, and how well they are kept from garbage
//! collection.

use std::collections::HashSet;

use super::references::WORKTREES;
use super::repo::Repository;
use super::safe_read::unreadable;
use crate::model::{Notice, Oid};

/// The name of HEAD in the main checkout (git-worktree(1)).
const MAIN_WORKTREE: &[u8] = b"main-worktree/HEAD";

/// The reason an object is not garbage, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reachability {
    /// HEAD, a branch, a tag or another ref.
    Ref,
    /// A ref below `refs/notes/`.
    Note,
    /// The stash.
    Stash,
    /// A reflog, or git's record of the last fetch or merge.
    Reflog,
    /// Nothing.
    Nothing,
}

/// An object named by a ref or a reflog.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReachabilityRoot {
    /// How it is kept.
    pub reach: Reachability,
    /// The object; tags are not followed.
    pub target: Oid,
    /// The ref; empty for others.
    pub name: Vec<u8>,
}

impl ReachabilityRoot {
    /// The short name if it is a branch, `main` or `origin/main`, or what another checkout has without
    /// a branch, `worktrees/NAME/HEAD`.
    pub fn branch(&self) -> Option<String> {
        let name = self.name.strip_prefix(b"refs/heads/");
        let name = name.or_else(|| self.name.strip_prefix(b"refs/remotes/"));
        let is_checkout = self.name.starts_with(WORKTREES) && self.name.ends_with(b"/HEAD")
            || self.name == MAIN_WORKTREE;
        let name = name.or_else(|| is_checkout.then_some(&self.name[..]))?;
        Some(String::from_utf8_lossy(name).into_owned())
    }
}

impl Repository {
    /// Everything named by refs, reflogs and the like.
    pub fn roots(&self, notices: &mut Vec<Notice>) -> Vec<ReachabilityRoot> {
        let mut roots = Vec::new();
        let references = self.references();
        match references.head() {
            Ok(head) => {
                roots.extend(head.commit.map(|oid| root(Reachability::Ref, oid, b"HEAD")));
            }
            Err(error) => notices.push(unreadable(&self.folder().join("HEAD"), &error)),
        }
        for reference in references.below(b"refs/", notices) {
            let name = &reference.name;
            roots.extend(reference.object().map(|oid| root(reach_of(name), oid, name)));
        }
        // What has the name of a branch is among the others already.
        for reference in references.of_other_checkouts(notices) {
            let name = &reference.name;
            roots.extend(reference.object().map(|oid| root(Reachability::Ref, oid, name)));
        }
        let passing = references.passing().into_iter();
        roots.extend(passing.map(|oid| root(Reachability::Reflog, oid, b"")));
        for logged in references.changes(notices) {
            let is_stash = logged.name == b"refs/stash";
            let reach = if is_stash { Reachability::Stash } else { Reachability::Reflog };
            roots.extend(logged.change.ids().map(|oid| root(reach, oid, b"")));
        }
        let mut seen = HashSet::new();
        roots.retain(|root| seen.insert(root.clone()));
        roots
    }
}

fn reach_of(name: &[u8]) -> Reachability {
    if name.starts_with(b"refs/notes/") {
        Reachability::Note
    } else if name == b"refs/stash" {
        Reachability::Stash
    } else {
        Reachability::Ref
    }
}

fn root(reach: Reachability, target: Oid, name: &[u8]) -> ReachabilityRoot {
    ReachabilityRoot { reach, target, name: name.to_owned() }
}
