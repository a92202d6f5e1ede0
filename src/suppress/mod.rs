//! Accepted findings: by a marker in the text, an ignore file, a baseline, or a configuration in the
//! scanned tree. Every report counts and names them; they never just vanish.

mod baseline;
mod change_policy;
mod ignore_file;
mod inline;
mod marker_reason;
mod nested;
mod paths;
mod policy;
mod stray_marker;
mod unused;
mod windows_paths;

pub use baseline::{BASELINE_NAME, Baseline, BaselineEntry, BaselineError, day};
pub use change_policy::{Acceptance, ChangePolicy, JudgedPlace, PolicyState};
pub use ignore_file::{FILE_NAME, IgnoreEntry, IgnoreFile, IgnoreFileError, IgnoreSubject};
pub use inline::{LineFault, LineMarkers, Markers};
pub use nested::{IgnoreFileReader, NestedIgnoreFiles};
pub use paths::{PathPatterns, PatternError, RealRoots};
pub use policy::{EndedAcceptance, Policy, TreeConfig};
pub use stray_marker::{STRAY_REACH, stray_marker_faults};
pub use unused::{SeenFindings, UnusedEntry};
pub use windows_paths::with_slashes;
