//! Reports of a run, for people and programs. All are redacted; only human and JSON reports can show
//! whole secrets, and only on request.

mod advice;
mod azure_pipeline;
mod closing;
mod colors;
mod comment_syntax;
mod csv;
mod format;
mod github;
mod gitlab;
mod history_text;
mod hook_message;
mod html;
mod human;
mod json;
mod json_v1;
mod jsonl;
mod junit;
mod key_groups;
mod kinds;
mod markdown;
mod numbers;
mod options;
mod outcome;
mod plain_lines;
mod prose;
mod rule_help;
#[cfg(test)]
mod sample;
mod sarif;
mod saved_report;
mod snippet;
mod text_width;
mod trace;
mod uri;
mod visible;
mod write;

pub use azure_pipeline::Pipeline;
pub use format::Format;
pub use hook_message::{BlockedAction, write as write_hook_message, write_accepted};
pub use json_v1::SCHEMA_VERSION;
pub use kinds::texts;
pub use options::ReportOptions;
pub use saved_report::{SavedFinding, SavedReport, SavedReportError};
pub use uri::UriBase;
pub use visible::visible;
pub use write::{left_out_of_sarif, write, write_closing, write_notices};
