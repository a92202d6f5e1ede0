//! Whether everything is there that commits, tags and trees name.

use std::collections::BTreeSet;

use crate::model::{Notice, NoticeKind, Oid};
use crate::source::git::{
    Commit, EMPTY_TREE, Hit, Kind, Object, Repository, Scope, Search, Searched, Store, Visit,
    entries,
};

/// How many missing objects are named one by one.
const NAMED: usize = 10;

/// Of stores with more entries than this, only HEAD's trees are looked into, unless something is
/// amiss already. Git itself checks that what it fetches is whole; single objects get lost where
/// they are loose, in small stores.
const FEW: usize = 100_000;

/// What is said of a tree that does not parse.
const TREE: &str = "it is a tree that makes no sense";

/// Adds to `missing` what trees name and the store does not have, to `damaged` the trees that cannot
/// be read, or not to their ends.
pub(super) fn check(
    store: &Store,
    repository: &Repository,
    is_suspect: bool,
    outside: &(dyn Fn(Oid) -> Option<(Kind, Vec<u8>)> + Sync),
    missing: &mut Vec<Oid>,
    damaged: &mut Vec<(Oid, String)>,
) {
    if is_suspect || store.entries() <= FEW {
        let kinds = |kind| kind == Kind::Tree;
        let scope = Scope { kinds: &kinds, skip: None, outside };
        let visitor = || Named { store, missing: BTreeSet::new(), damaged: Vec::new() };
        for visitor in store.search(&Trees, &scope, visitor) {
            missing.extend(visitor.missing);
            damaged.extend(visitor.damaged);
        }
        return;
    }
    let head = repository.head().ok().flatten().and_then(outside);
    let tree = head.and_then(|(_, bytes)| Commit::links(&bytes).map(|(tree, _)| tree));
    let mut stack: Vec<Oid> = tree.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(tree) = stack.pop() {
        if !seen.insert(tree) {
            continue;
        }
        let Some((Kind::Tree, bytes)) = outside(tree) else {
            missing.push(tree);
            continue;
        };
        for entry in entries(&bytes) {
            let Some(entry) = entry else {
                damaged.push((tree, TREE.to_owned()));
                break;
            };
            if entry.is_submodule() {
                continue;
            }
            if entry.is_tree() {
                stack.push(entry.oid);
            } else if !store.contains(entry.oid) {
                missing.push(entry.oid);
            }
        }
    }
}

/// Says which objects are missing.
pub(super) fn tell(mut missing: Vec<Oid>, is_partial: bool, notices: &mut Vec<Notice>) {
    missing.sort_unstable();
    missing.dedup();
    missing.retain(|oid| *oid != EMPTY_TREE);
    if missing.is_empty() {
        return;
    }
    let what_to_do = if is_partial {
        "this is a partial clone, and `git fetch --refetch --no-filter` gets all"
    } else {
        "`git fsck` tells where they are named, and a fresh clone may have them"
    };
    let named: Vec<_> = missing.iter().take(NAMED).map(ToString::to_string).collect();
    let more = match missing.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let count = match missing.len() {
        1 => "an object is".to_owned(),
        count => format!("{count} objects are"),
    };
    notices.push(Notice {
        path: None,
        kind: NoticeKind::MissingObject,
        message: format!("{count} not there: {}{more}; {what_to_do}", named.join(", ")),
    });
}

/// Hands on all trees with what is new in them.
struct Trees;

impl Search for Trees {
    fn longest(&self) -> usize {
        // So that the byte before each seam is fresh, and with it an entry that is made of two
        // copied halves.
        2
    }

    fn hits(&self, _: &[u8], _: std::ops::Range<usize>, _: &mut dyn FnMut(Hit)) {}

    fn hands_on_all(&self, _: Kind) -> bool {
        true
    }
}

/// Looks up what the fresh entries of trees name.
struct Named<'n> {
    store: &'n Store,
    missing: BTreeSet<Oid>,
    damaged: Vec<(Oid, String)>,
}

impl Visit for Named<'_> {
    fn object(&mut self, object: Object<'_>) {
        let mut fresh = object.fresh.iter().peekable();
        for entry in entries(object.bytes) {
            let Some(entry) = entry else {
                return self.damaged.push((object.oid, TREE.to_owned()));
            };
            let range = entry.range();
            while fresh.next_if(|fresh| fresh.end <= range.start).is_some() {}
            let is_fresh = fresh.peek().is_some_and(|fresh| fresh.start < range.end);
            if is_fresh && !entry.is_submodule() && !self.store.contains(entry.oid) {
                self.missing.insert(entry.oid);
            }
        }
    }

    fn damaged(&mut self, oid: Oid, why: &str) {
        self.damaged.push((oid, why.to_owned()));
    }

    fn searched(&mut self, _: Searched<'_>) {}
}
