//! The layout of a project: which folders are apps, and which file a specifier means.

mod address;
pub(crate) mod aliases;
pub(crate) mod apps;
pub(crate) mod conventions;
mod exports;
mod glob;
mod markers;
pub(crate) mod package;
mod package_map;
mod probe;
pub(crate) mod resolve;
mod specifier;
#[cfg(test)]
mod testing;
mod tsconfig;
mod workspace;
