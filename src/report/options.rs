//! Options of a report.

use super::azure_pipeline::Pipeline;
use super::uri::UriBase;
use crate::model::{Oid, Time};

/// How a report is written.
#[derive(Debug, Clone)]
pub struct ReportOptions {
    /// Write whole secrets where the format can.
    pub show_secrets: bool,
    /// Leave out what is not a finding.
    pub quiet: bool,
    /// Say more.
    pub verbose: bool,
    /// The exit code that the run will have.
    pub exit_code: u8,
    /// What URIs are relative to.
    pub base: UriBase,
    /// What was scanned, as people call it: the name of a folder or a file; empty if it has none.
    pub subject: String,
    /// When the run ended.
    pub finished_at: Time,
    /// The commit that is checked out where the run was started, if that is asked for and known.
    pub head: Option<Oid>,
    /// The pipeline of Azure DevOps that the run is part of, if it is.
    pub pipeline: Option<Pipeline>,
}
