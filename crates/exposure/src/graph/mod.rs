//! The modules of an app, their bindings, and which code reaches which.

pub(crate) mod auto_imports;
mod barrel;
pub(crate) mod definitions;
pub(crate) mod edge_filter;
pub(crate) mod file_facts;
pub(crate) mod import_closure;
pub(crate) mod key_pieces;
pub(crate) mod load;
pub(crate) mod modules;
mod parsed_file;
pub(crate) mod parsed_modules;
mod predecessors;
pub(crate) mod reach;
pub(crate) mod reach_root;
mod reach_search;
pub(crate) mod seed_places;
mod seed_words;
pub(crate) mod stored_modules;
