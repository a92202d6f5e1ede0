//! Git repositories: their object store, searched without materialising what need not be.

mod delta;
mod pack;
mod walk;

pub use delta::{Delta, DeltaError, Step};
pub use pack::{Base, Kind, Pack, PackError};
pub use walk::{Hit, Search, Visit, walk};
