//! Environment variables: where they are declared, which contain secrets, and how code reads them.

mod common_words;
pub(crate) mod conventions;
pub(crate) mod declarations;
pub(crate) mod entry;
pub(crate) mod names;
pub(crate) mod read;
pub(crate) mod tainted;

pub(crate) mod docker;
pub(crate) mod dotenv;
pub(crate) mod expansion;
pub(crate) mod scripts;
pub(crate) mod settings;
#[cfg(test)]
mod tests;
pub(crate) mod workflow;
