//! Proves, import by import, that a secret reaches a client (docs/exposure.md).

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most kinds of expressions and values do not matter to most questions"
)]

pub mod facts;

mod analysis;
mod app;
mod apps;
mod assets;
#[cfg(test)]
mod cases;
mod changed;
mod env;
mod eval;
mod frameworks;
mod gather;
mod graph;
mod handover;
#[cfg(test)]
mod hostile;
mod json;
mod judge;
mod known;
mod leak;
mod load;
#[cfg(test)]
mod memory;
mod names;
#[cfg(test)]
mod oracle;
mod package;
mod parse;
mod paths;
mod plugins;
mod reach;
mod resolve;
mod runtime;
mod sfc;
mod shipped;
mod sinks;
mod statements;
#[cfg(test)]
mod testing;
mod tsconfig;
mod value;

use std::ops::Range;

pub use analysis::analyse;
pub use changed::{can_matter, searched};
pub use leak::{At, Hop, Leak, Sided, Subject};
pub use names::SecretNames;

use crate::model::{Notice, Secret};
use crate::rules::Ruleset;
use crate::source::Files;

/// Finds keys in texts; a scanner is one.
pub trait Keys: Sync {
    /// The keys in a text, by place, of whatever class.
    fn find(&self, text: &str) -> Vec<Key>;

    /// The text with every key in it masked.
    fn masked(&self, text: &str) -> String;

    /// The text of a file's bytes: UTF-16 becomes UTF-8, and what is no text U+FFFD.
    fn text(&self, bytes: &[u8]) -> String;
}

/// A key in a text.
#[derive(Debug, Clone)]
pub struct Key {
    /// Index of the rule in [`Ruleset::rules`].
    pub rule: usize,
    /// Where, in bytes.
    pub range: Range<usize>,
    /// The key.
    pub secret: Secret,
}

/// What is to be analysed.
pub struct Input<'i> {
    /// The state of the files.
    pub files: &'i dyn Files,
    /// The rules.
    pub rules: &'i Ruleset,
    /// Finds keys.
    pub keys: &'i dyn Keys,
    /// The files in which a prefilter saw a secret, a secret's variable, a provider's package or
    /// host: only their apps are looked at.
    pub seeds: &'i [String],
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Analysis {
    /// Secrets that reach a client, by place.
    pub leaks: Vec<Leak>,
    /// Other secrets that are written down, and the side of their places.
    pub sided: Vec<Sided>,
    /// What could not be told.
    pub notices: Vec<Notice>,
}
