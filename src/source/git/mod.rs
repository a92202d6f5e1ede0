//! Git repositories: what they store, searched without materialising what need not be, and who
//! brought in what was found.

mod attribute;
mod cache;
mod delta;
mod graph;
mod loose;
mod objects;
mod pack;
mod repo;
mod shapes;
mod store;
mod walk;

pub use attribute::{First, Sighting, Spot, Story, Surroundings, attribute};
pub use cache::{Cache, CacheError};
pub use delta::{Delta, DeltaError, Step};
pub use graph::{Graph, GraphParts, Node};
pub use objects::{Commit, Person, Tag, TreeEntry, entries, message_start, subject};
pub use pack::{Base, Kind, Pack, PackError};
pub use repo::{EMPTY_TREE, Objects, Reach, ReadError, RepoError, Repository, Root};
pub use store::Store;
pub use walk::{Hit, Object, Scope, Search, Visit, walk};
