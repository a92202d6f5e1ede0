//! Git repositories: what they store, searched without materialising what need not be, and who
//! brought in what was found.

mod attribute;
mod cache;
mod cache_tree;
mod compare;
mod delta;
mod diff;
mod environment;
mod forest;
mod graph;
pub(super) mod index;
mod loose;
mod objects;
mod pack;
mod plain;
mod push;
mod range;
mod repo;
mod shapes;
mod snapshot;
mod splice;
mod staged;
mod store;
mod tracked;
mod walk;

pub use attribute::{First, Sighting, Spot, Story, Surroundings, attribute};
pub use cache::{Cache, CacheError};
pub use delta::{Delta, DeltaError, Take};
pub use diff::{Added, Diff, MAX_FOLDERS, MAX_PATH, MORE_FOLDERS, joined};
pub use environment::GitEnvironment;
pub use graph::{Graph, GraphParts, Node};
pub use index::{Index, IndexEntry};
pub use objects::{Commit, Person, Tag, TreeEntry, entries, entries_in, message_start, subject};
pub use pack::{Base, Kind, Pack, PackError};
pub use push::{Other, Push, Receiver, TagObject, Update};
pub use range::Span;
pub use repo::{EMPTY_TREE, Objects, Reach, ReadError, RepoError, Repository, Root};
pub use snapshot::Snapshot;
pub use staged::{Change, Old, Staged, unread};
pub use store::{Part, Store};
pub use tracked::Tracked;
pub use walk::{Everything, Hit, INFLATE_ROOM, Object, Scope, Search, Searched, Visit, walk};
