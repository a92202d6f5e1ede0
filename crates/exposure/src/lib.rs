//! Proves, import by import, which secrets of a JavaScript or TypeScript project, or of a mobile
//! app, reach its clients.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most kinds of expressions and values do not matter to most questions"
)]

// Tests of the crate name it as other crates do.
#[cfg(test)]
extern crate self as keyside_exposure;

mod analysis;
mod app;
mod artifacts;
mod base64;
mod catalog;
mod change_scope;
mod checks;
mod eval;
mod fix_hints;
mod framework_id;
mod frameworks;
mod graph;
mod input;
mod js;
mod leak;
mod notice;
mod paths;
mod project;
mod secret;
mod severity;
mod span;
#[cfg(test)]
mod testing;
mod variables;

pub use analysis::{Analysis, analyse};
pub use catalog::{Catalog, KeyKind, KeyKindId, KeyProvider, Sdk};
pub use change_scope::{can_change_exposure, files_in_scope};
pub use checks::KindTexts;
pub use frameworks::{FrameworkDoc, frameworks};
pub use input::{Files, FoundKey, Input, KeyFinder};
pub use leak::{FileSpan, Leak, LeakKind, LeakSubject, Side, SidedSecret, StepKind, TraceStep};
pub use notice::AnalysisNotice;
pub use secret::Secret;
pub use severity::{Confidence, KeyClass, Severity};
pub use span::Span;
