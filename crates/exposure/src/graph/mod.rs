//! The modules of an app, their bindings, and what reaches what.

pub(crate) mod import_closure;
pub(crate) mod load;
pub(crate) mod modules;
pub(crate) mod reach;
