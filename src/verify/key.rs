//! The keys to verify, and the results.

use crate::model::{Call, Secret, Verification};
use crate::rules::Rule;

/// A key to ask the provider about. Its rule says how to ask.
#[derive(Debug, Clone, Copy)]
pub struct KeyToVerify<'k> {
    /// The rule that found it.
    pub rule: &'k Rule,
    /// The key.
    pub secret: &'k Secret,
    /// The other key of its pair.
    pub pair: Option<&'k Secret>,
}

/// The results of a verification.
#[derive(Debug, Default)]
pub struct VerifyResults {
    /// One for each key, in their order.
    pub verifications: Vec<Verification>,
    /// The requests that were sent, or would be in a dry run.
    pub calls: Vec<Call>,
}
