//! Git repositories: what they store, searched without materialising what need not be, and who
//! brought in what was found.

mod append_buffer;
mod cache;
mod cache_tree;
mod commit_graph;
mod commit_range;
mod delta;
mod delta_forest;
mod delta_walk;
pub(super) mod index;
mod index_diff;
mod index_lookup;
mod key_history;
mod loose;
mod object_store;
mod objects;
mod pack;
mod push;
mod repo;
mod safe_read;
mod simplified_trees;
mod snapshot;
mod staged;
mod tree_diff;

pub use cache::{Cache, CacheError};
pub use commit_graph::{CommitCollector, CommitGraph, CommitNode};
pub use commit_range::CommitRange;
pub use delta::{Delta, DeltaError, DeltaSink};
pub use delta_walk::{
    INFLATE_ROOM, MatchAll, NeedleHit, NeedleSearch, ObjectVisitor, OidFilter, OutsideObjects,
    SearchedObject, VisitedObject, WalkScope, walk,
};
pub use index::{Index, IndexEntry};
pub use index_lookup::IndexLookup;
pub use key_history::{
    FirstAppearance, HistoryLocation, KeyHistory, ObjectHit, RepositoryContext, attribute,
};
pub use object_store::{ObjectStore, StorePart};
pub use objects::{
    CommitObject, Signature, TagObject, TreeEntry, entries, entries_in, message_start, subject,
};
pub use pack::{EntryBase, ObjectKind, Pack, PackError};
pub use push::{NonCommitRef, Push, PushReceiver, PushedTag, RefUpdate};
pub use repo::{
    EMPTY_TREE, ObjectReader, Reachability, ReachabilityRoot, ReadError, RepoError, Repository,
};
pub use snapshot::Snapshot;
pub use staged::{ReplacedEntry, Staged, StagedChange, unreadable_object};
pub use tree_diff::{AddedEntry, MAX_FOLDERS, MAX_PATH, MORE_FOLDERS, TreeDiff, joined};
