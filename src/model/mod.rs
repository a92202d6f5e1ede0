//! The nouns of keyside, without behaviour that needs anything else.
//!
//! Offsets are bytes until a [`Place`] is made of them; lines and columns are 1-based.

mod exposure;
mod finding;
mod fingerprint;
mod history;
mod notice;
mod oid;
mod origin;
mod place;
mod summary;
mod verification;

pub use exposure::{Exposure, FindingKind, Step};
pub use finding::{Excerpt, Finding, Fragment, Occurrence, Suppressed, Suppression};
pub use fingerprint::{DEFAULT_SALT, Fingerprint, FingerprintError};
pub use history::{Change, History, Time};
pub use notice::{Notice, NoticeKind};
pub use oid::{Oid, OidError};
pub use origin::{FilePath, Origin, Source};
pub use place::{Layer, Place, Region};
pub use summary::{Mode, Report, State, Summary};
pub use verification::{Account, Call, Ledger, Liveness, Verification};

// Nouns that the exposure analysis, a crate of its own, speaks in as well.
pub use keyside_exposure::{Confidence, KeyClass, LeakKind, Secret, Severity, Side, StepKind};
