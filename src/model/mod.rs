//! The nouns of keyside, without behaviour that depends on anything else.
//!
//! Offsets are in bytes; a [`Position`] has 1-based lines and columns.

mod day;
mod encoding_layer;
mod exposure;
mod finding;
mod fingerprint;
mod history;
mod key;
mod notice;
mod oid;
mod position;
mod provenance;
mod replace_file;
mod settings_text;
mod summary;
mod syntax_message;
mod terms;
mod verification;

pub use day::{Day, DayError};
pub use encoding_layer::EncodingLayer;
pub use exposure::{Exposure, FindingKind, Step};
pub use finding::{Excerpt, Finding, Fragment, Occurrence, PairedSecret, Suppressed, Suppression};
pub use fingerprint::{DEFAULT_SALT, Fingerprint, FingerprintError, IdScope};
pub use history::{CommitInfo, History, Time};
pub use key::{KeyId, RuleIndex};
pub use notice::{Notice, NoticeKind};
pub use oid::{ObjectFormat, Oid, OidError};
pub use position::{Position, Region};
pub use provenance::{FilePath, Provenance, SourceKind};
pub use replace_file::{check_replaceable, replace_file, replaced_path};
pub use settings_text::{SettingsTextError, read_settings, settings_text};
pub use summary::{Completeness, Mode, Report, Summary};
pub use syntax_message::syntax_message;
pub use terms::Terms;
pub use verification::{Call, KeyDetails, Ledger, Liveness, Verification};

// Nouns that the exposure analysis, a crate of its own, uses as well.
pub use keyside_exposure::{
    Confidence, KeyClass, KindTexts, LeakKind, Secret, Severity, Side, StepKind,
};
