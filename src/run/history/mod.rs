//! Scans everything that a repository stores: one pass over the object store finds keys
//! ([`search`]); if there are any, another over the trees attributes them, and a third over the
//! versions that are shown builds their occurrences ([`attribution`]).

mod attribution;
mod clean_objects;
mod head_sides;
mod own_files;
mod repository_scan;
mod scan;
mod search;

pub(super) use scan::{HistoryPart, scan};
