//! Findings that somebody has accepted: by a marker in the text, by an ignore file, by a baseline,
//! or by a configuration of the scanned tree. What is suppressed is counted and named in every
//! report, never just gone.

mod baseline;
mod ignore_file;
mod inline;
mod paths;
mod policy;

pub use baseline::{BASELINE_NAME, Baseline, BaselineEntry, BaselineError, day};
pub use ignore_file::{FILE_NAME, IgnoreFile, IgnoreFileError};
pub use inline::inline;
pub use paths::{PathPatterns, PatternError};
pub use policy::{Policy, TreeConfig};
