//! Imports the files of other scanners: detects their kind, and converts rules, excluded paths and
//! accepted findings. What keyside cannot express becomes an [`ImportWarning`]; nothing is dropped
//! silently.
//!
//! These files may come from anywhere and hold secrets: no message quotes their content.

mod accepted_findings;
mod detect;
mod error;
mod format;
mod gitleaks;
mod gitleaks_config;
mod gitleaks_rules;
mod go_regex;
mod path_globs;
mod sample;
mod text;

pub use accepted_findings::{AcceptedFinding, AcceptedList, SecretEvidence, accepted};
pub use detect::other_tool;
pub use error::{ImportError, ImportWarning};
pub use format::ImportFormat;
pub use gitleaks_config::{ImportedConfig, config};
pub use gitleaks_rules::RULE_FILE;
pub use text::kebab;
