//! The layout of a project: which folders are apps, and which file a specifier means.

pub(crate) mod apps;
pub(crate) mod conventions;
pub(crate) mod package;
pub(crate) mod resolve;
pub(crate) mod tsconfig;
