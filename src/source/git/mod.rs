//! Git repositories: what they store, searched without materialising what need not be, and who
//! brought in what was found.

mod delta;
mod loose;
mod objects;
mod pack;
mod repo;
mod store;
mod walk;

pub use delta::{Delta, DeltaError, Step};
pub use objects::{Commit, Person, Tag, TreeEntry, entries, message_start, subject};
pub use pack::{Base, Kind, Pack, PackError};
pub use repo::{EMPTY_TREE, Objects, Reach, ReadError, RepoError, Repository, Root};
pub use store::Store;
pub use walk::{Hit, Object, Scope, Search, Visit, walk};
