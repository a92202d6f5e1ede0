//! Options of a report.

use super::azure_pipeline::Pipeline;
use super::uri::UriBase;
use crate::model::{Oid, Time};

/// Options of a report.
#[derive(Debug, Clone)]
pub struct ReportOptions {
    /// Show whole secrets if the format can.
    pub show_secrets: bool,
    /// Show findings only.
    pub quiet: bool,
    /// Also list accepted findings and all requests.
    pub verbose: bool,
    /// The exit code of the run.
    pub exit_code: u8,
    /// The base of URIs.
    pub base: UriBase,
    /// The name of the scanned folder or file; empty if it has none.
    pub subject: String,
    /// The end of the run.
    pub finished_at: Time,
    /// The checked-out commit of the current folder, if a format needs it and it is known.
    pub head: Option<Oid>,
    /// The Azure DevOps pipeline that the run is part of, if any.
    pub pipeline: Option<Pipeline>,
}
