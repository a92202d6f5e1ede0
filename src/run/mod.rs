//! The whole pipeline: sources push chunks into workers, one per thread; workers find keys and
//! build their occurrences; what they collect becomes one report.

mod archive;
mod blob_search;
mod clean_changes;
mod client_build;
mod collect;
mod commit_info;
mod connectivity;
mod exposure;
mod files;
mod found_so_far;
mod git_scan;
mod git_target;
mod history;
mod import;
mod kept_elsewhere;
pub(crate) mod key_catalog;
mod key_diff;
mod leak_reporter;
mod markers;
mod named_files;
mod occurrence;
mod progress;
mod push;
mod range;
mod range_commits;
mod range_report;
mod report_builder;
mod repository;
mod scan_roots;
mod seedless_blobs;
mod staged;
mod stray_markers;
mod suppression;
mod tree_keys;
mod unreadable_objects;
mod unused_ignores;
mod verification;
mod worker;

pub use archive::ArchivedText;
pub use files::{ScanTarget, run};
pub use found_so_far::{FoundKeys, FoundSoFar};
pub use git_target::{CommitSelection, GitTarget};
pub use import::{ImportOutcome, ImportedFile, import};
pub use progress::Progress;
pub use repository::run_git;
