//! The result of an analysis.

use crate::leak::{Leak, SidedSecret};
use crate::notice::AnalysisNotice;

/// The result of an analysis.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Analysis {
    /// Secrets that reach a client, in order of their places.
    pub leaks: Vec<Leak>,
    /// Other secrets that are written down, with the sides of their places.
    pub sided: Vec<SidedSecret>,
    /// Questions that could not be decided.
    pub notices: Vec<AnalysisNotice>,
}
