//! Reachability: the objects that refs and reflogs name, and how well they are kept from garbage
//! collection.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use git2::ErrorCode;

use super::object_reader::own;
use super::repo::Repository;
use super::safe_read::{broken_refs, files_below, plain, unreadable};
use crate::model::{Notice, ObjectFormat, Oid};

/// The beginning of the names of HEAD in linked checkouts, and its name in the main one
/// (git-worktree(1)).
const WORKTREES: &[u8] = b"worktrees/";
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
        let is_checkout = self.name.starts_with(WORKTREES) || self.name == MAIN_WORKTREE;
        let name = name.or_else(|| is_checkout.then_some(&self.name[..]))?;
        Some(String::from_utf8_lossy(name).into_owned())
    }
}

impl Repository {
    /// Everything named by refs, reflogs and the like.
    pub fn roots(&self, notices: &mut Vec<Notice>) -> Vec<ReachabilityRoot> {
        let mut roots = Vec::new();
        let common = self.git.commondir();
        let format = self.format();
        match self.git.head() {
            Ok(head) => {
                roots.extend(head.target().map(|oid| root(Reachability::Ref, own(oid), b"HEAD")));
            }
            Err(error) if error.code() == ErrorCode::UnbornBranch => {}
            Err(error) => notices.push(unreadable(&self.folder().join("HEAD"), error.message())),
        }
        match self.git.references() {
            Err(error) => notices.push(unreadable(&common.join("refs"), error.message())),
            Ok(references) => {
                for reference in references {
                    match reference {
                        Ok(reference) => roots.extend(reference.target().map(|oid| {
                            let name = reference.name_bytes();
                            root(reach_of(name), own(oid), name)
                        })),
                        Err(error) => {
                            notices.push(unreadable(&common.join("refs"), error.message()));
                        }
                    }
                }
            }
        }
        notices.extend(broken_refs(common, format));
        let mut checkouts = vec![common.to_owned()];
        let linked = fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
        checkouts.extend(linked.map(|entry| entry.path()));
        for checkout in &checkouts {
            // HEAD of another checkout, if it names a commit and not a branch, under the name by which
            // git knows it.
            let head = plain(&checkout.join("HEAD")).unwrap_or_default();
            let name = match checkout.file_name().filter(|_| checkout != common) {
                Some(name) => [WORKTREES, name.as_encoded_bytes(), b"/HEAD"].concat(),
                None => MAIN_WORKTREE.to_vec(),
            };
            if !is_same_file(checkout, self.folder()) {
                let detached = Oid::from_hex_as(format, head.trim_ascii());
                roots.extend(detached.map(|oid| root(Reachability::Ref, oid, &name)));
            }
            for name in ["ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"]
            {
                let text = plain(&checkout.join(name)).unwrap_or_default();
                roots.extend(
                    first_ids(&text, format).map(|oid| root(Reachability::Reflog, oid, b"")),
                );
            }
            for log in files_below(&checkout.join("logs")) {
                let is_stash = log.ends_with("refs/stash");
                let reach = if is_stash { Reachability::Stash } else { Reachability::Reflog };
                let text = plain(&log).unwrap_or_default();
                roots.extend(logged_ids(&text, format).map(|oid| root(reach, oid, b"")));
            }
        }
        let mut seen = HashSet::new();
        roots.retain(|root| seen.insert(root.clone()));
        roots
    }
}

/// True if two paths lead to the same folder.
fn is_same_file(one: &Path, two: &Path) -> bool {
    match (one.canonicalize(), two.canonicalize()) {
        (Ok(one), Ok(two)) => one == two,
        _ => one == two,
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

/// The id at the beginning of each line.
fn first_ids(text: &[u8], format: ObjectFormat) -> impl Iterator<Item = Oid> {
    let id = move |line: &[u8]| Oid::from_hex(line.get(..format.digits())?);
    text.split(|&byte| byte == b'\n').filter_map(id)
}

/// The old and the new id on each line of a reflog; ids of only zeros are left out.
fn logged_ids(text: &[u8], format: ObjectFormat) -> impl Iterator<Item = Oid> {
    let ids = move |line: &[u8]| {
        let digits = format.digits();
        [line.get(..digits), line.get(digits + 1..2 * digits + 1)]
            .map(|digits| digits.and_then(Oid::from_hex))
    };
    let ids = text.split(|&byte| byte == b'\n').flat_map(ids).flatten();
    ids.filter(|oid| !oid.is_null())
}
