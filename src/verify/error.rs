//! Errors in the settings of a verification.

use thiserror::Error;

/// A setting that is wrong, with the flag it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct VerifyOptionsError(pub(super) String);
