//! Connectivity check: every object named by a commit, tag or tree exists.

use crate::model::{Notice, NoticeKind, ObjectFormat, Oid};
use crate::source::git::{
    NeedleHit, NeedleSearch, NeedleSet, ObjectKind, ObjectStore, ObjectVisitor, OidList,
    OutsideObjects, Repository, SearchSigns, SearchedObject, StorePart, TreeEntry, VisitedObject,
    WalkScope, entries, entries_in,
};

/// Number of missing objects that are named individually.
const NAMED: usize = 10;

/// Number of recently named ids that each thread remembers.
const REMEMBERED: usize = 1 << 15;

/// The advice where objects may be left with the remote repository.
const PROMISED: &str =
    "this is a partial clone; `git fetch --refetch --no-filter` fetches all objects";

/// The advice for a bundle, and for a partial clone that has no remote repository any more.
const LEFT_OUT: &str = "what is missing was left out on purpose, when this was bundled or cloned, and is where it came from";

/// The advice about missing objects of a repository that may lack some, because they were promised.
pub(super) fn promise(repository: &Repository) -> Option<&'static str> {
    let advice = if repository.has_remote() { PROMISED } else { LEFT_OUT };
    repository.is_partial().then_some(advice)
}

/// Problems that the check has found.
#[derive(Default)]
pub(super) struct StoreFaults {
    /// Objects that are referenced but missing.
    pub(super) missing: Vec<Oid>,
    /// Trees that cannot be read completely.
    pub(super) damaged: Vec<(Oid, String)>,
    /// True if the settled packs were checked and are complete.
    pub(super) settled_are_whole: bool,
}

/// State of the settled packs: complete if they contain everything that their trees name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SettledPacks {
    /// An earlier run has found them complete.
    Whole,
    /// To be checked.
    Asked,
    /// Of no interest to this run.
    Unasked,
}

/// Finds the objects that trees name and the store does not have.
///
/// A tree shares most entries with its delta base, and only what it adds is read. The start of an
/// entry is recognised there with near certainty; so if the store `is_suspect`, or if a problem is
/// found, every tree is read again from its beginning. In a partial clone (`is_partial`), missing objects
/// are no problem: they were promised.
pub(super) fn check(
    store: &ObjectStore,
    (is_suspect, is_partial): (bool, bool),
    outside: OutsideObjects<'_>,
    settled: SettledPacks,
) -> StoreFaults {
    let scope = WalkScope { kinds: &|kind| kind == ObjectKind::Tree, skip: None, outside };
    let look = |part: StorePart, is_careful: bool| {
        let visitors = store.search_part(part, &AllTrees(store.format()), &scope, || NamedIds {
            is_careful,
            ..NamedIds::default()
        });
        visitors.into_iter().fold((OidList::default(), Vec::new()), |mut all, mut visitor| {
            all.0.append(&mut visitor.named);
            all.1.extend(visitor.damaged);
            all
        })
    };
    let mut faults = StoreFaults::default();
    let add = |faults: &mut StoreFaults, (named, damaged): (OidList, Vec<_>)| {
        faults.missing.extend(store.lacks(named));
        faults.damaged.extend(damaged);
    };
    if !is_suspect {
        if settled == SettledPacks::Asked {
            let (named, damaged) = look(StorePart::Settled, false);
            faults.settled_are_whole = damaged.is_empty() && store.are_settled(&named);
            if !faults.settled_are_whole {
                add(&mut faults, (named, damaged));
            }
        }
        let rest =
            if settled == SettledPacks::Unasked { StorePart::All } else { StorePart::Others };
        add(&mut faults, look(rest, false));
        if faults.damaged.is_empty() && (faults.missing.is_empty() || is_partial) {
            return faults;
        }
        faults = StoreFaults::default();
    }
    add(&mut faults, look(StorePart::All, true));
    faults
}

/// Adds a notice about missing objects.
pub(super) fn report_missing(
    mut missing: Vec<Oid>,
    promise: Option<&str>,
    notices: &mut Vec<Notice>,
) {
    missing.sort_unstable();
    missing.dedup();
    missing.retain(|oid| !oid.is_empty_tree());
    if missing.is_empty() {
        return;
    }
    let what_to_do =
        promise.unwrap_or("`git fsck` shows what refers to them, and a fresh clone may have them");
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
        message: format!("{count} missing: {}{more}; {what_to_do}", named.join(", ")),
    });
}

/// Passes on all trees, whose ids have this format, with their new parts.
struct AllTrees(ObjectFormat);

impl NeedleSearch for AllTrees {
    fn longest(&self) -> usize {
        // The zero byte after a name, and an id.
        1 + self.0.bytes()
    }

    fn hits(
        &self,
        _: &[u8],
        _: std::ops::Range<usize>,
        _: NeedleSet,
        _: &mut dyn FnMut(NeedleHit),
    ) -> SearchSigns {
        SearchSigns::default()
    }

    fn hands_on_all(&self, _: ObjectKind) -> bool {
        true
    }
}

/// Collects the ids in the new entries of trees.
#[derive(Default)]
struct NamedIds {
    /// True if trees are read from their beginnings.
    is_careful: bool,
    /// Recently named ids, each in a slot selected by its first bytes. Trees that are stored next
    /// to each other mostly name the same objects.
    lately: Vec<Oid>,
    named: OidList,
    damaged: Vec<(Oid, String)>,
}

impl NamedIds {
    /// Collects the id of an entry. Returns false if the entry is invalid.
    fn entry(&mut self, entry: Option<TreeEntry<'_>>) -> bool {
        let Some(entry) = entry else { return false };
        if entry.is_submodule() {
            return true;
        }
        if self.lately.is_empty() {
            // Git knows the empty tree without storing it.
            self.lately = vec![Oid::empty_tree(entry.oid.format()); REMEMBERED];
        }
        let [first, second, ..] = entry.oid.padded();
        let place = usize::from(u16::from_ne_bytes([first, second])) % REMEMBERED;
        if self.lately[place] != entry.oid {
            self.lately[place] = entry.oid;
            self.named.push(entry.oid);
        }
        true
    }
}

impl ObjectVisitor for NamedIds {
    fn object(&mut self, object: VisitedObject<'_>) {
        let is_read = if self.is_careful {
            let mut fresh = object.fresh.iter().peekable();
            entries(object.bytes, object.oid.format()).all(|entry| {
                let Some(range) = entry.map(|entry| entry.range()) else { return false };
                while fresh.next_if(|fresh| fresh.end <= range.start).is_some() {}
                let is_fresh = fresh.peek().is_some_and(|fresh| fresh.start < range.end);
                !is_fresh || self.entry(entry)
            })
        } else {
            let format = object.oid.format();
            entries_in(object.bytes, format, object.fresh).all(|entry| self.entry(entry))
        };
        if !is_read {
            ObjectVisitor::damaged(self, object.oid, "it is not a valid tree");
        }
    }

    fn damaged(&mut self, oid: Oid, why: &str) {
        self.damaged.push((oid, why.to_owned()));
    }

    fn searched(&mut self, _: SearchedObject<'_>) {}
}
