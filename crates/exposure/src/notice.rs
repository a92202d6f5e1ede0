//! Questions the analysis could not decide.

/// One thing that could not be decided, so that a leak through it would be missed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnalysisNotice {
    /// The file, relative to the top of the state; `.` is the top.
    pub path: Option<String>,
    /// One sentence without its subject: lower case, no full stop, without any secret.
    pub message: String,
}

impl AnalysisNotice {
    /// A notice about a file or folder.
    pub(crate) fn new(path: &str, message: impl Into<String>) -> Self {
        Self { path: Some(path.to_owned()), message: message.into() }
    }
}
