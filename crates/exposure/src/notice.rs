//! Notices about code that could not be analysed completely.

/// Code or a file that could not be analysed completely, so that leaks may be missed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnalysisNotice {
    /// The file, relative to the top of the state; `.` is the top.
    pub path: Option<String>,
    /// A sentence without its subject: lower case, no full stop, no secret.
    pub message: String,
}

impl AnalysisNotice {
    /// A notice about a file or folder.
    pub(crate) fn new(path: &str, message: impl Into<String>) -> Self {
        Self { path: Some(path.to_owned()), message: message.into() }
    }
}
