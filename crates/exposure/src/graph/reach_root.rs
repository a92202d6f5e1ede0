//! Places where the code of a side begins.

use crate::framework_id::FrameworkId;
use crate::graph::modules::ModuleId;
use crate::js::guard::Absence;
use crate::severity::Confidence;
use crate::span::Span;

/// A place where the code of a side begins.
#[derive(Debug, Clone)]
pub(crate) struct ReachRoot {
    /// The module.
    pub module: ModuleId,
    /// The only export that is used; `None` for all.
    pub export: Option<String>,
    /// The reason, for people.
    pub why: String,
    /// The code that shows it.
    pub span: Span,
    /// How certain it is.
    pub confidence: Confidence,
    /// The framework whose rules say so.
    pub framework: FrameworkId,
    /// True if the code is packaged as it is and reads variables when it runs.
    pub is_packaged: bool,
    /// True if servers never render it.
    pub is_unrendered: bool,
    /// The reason why builds for production lack it, if they do.
    pub absence: Option<Absence>,
}
