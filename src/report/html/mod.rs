//! The report as one self-contained HTML file: no network, no other files, readable without scripts.
//! Everything is escaped; on top of that, a content security policy allows only the page's own style
//! and script.

mod csp;
mod escape;
mod filters;
mod finding;
mod lists;
mod page;
mod trace_diagram;
mod words;

pub(super) use page::write;
