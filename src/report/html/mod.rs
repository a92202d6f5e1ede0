//! The report as one HTML file that needs nothing else: no network, no other file, and no script to
//! be read. A policy in it forbids the browser to load or to run anything but its own style and
//! script, so that nothing of a repository could do harm even if it were not escaped; and everything
//! is escaped.

mod csp;
mod escape;
mod filters;
mod finding;
mod lists;
mod page;
mod trace_diagram;
mod words;

pub(super) use page::write;
