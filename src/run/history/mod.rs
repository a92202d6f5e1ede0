//! Everything that a repository stores: found in one pass over the object store ([`search`]),
//! attributed in another over the trees, only if anything was found, and placed in a third over
//! the versions that are shown ([`attribution`]).

mod attribution;
mod clean_objects;
mod repository_scan;
mod scan;
mod search;

pub(super) use scan::scan;
