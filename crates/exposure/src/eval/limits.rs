//! Limits of the evaluation, so that no module, however hostile, takes forever.

/// How deep expressions are followed, variables and calls included.
pub(super) const MAX_DEPTH: u32 = 60;

/// How deep calls of known functions are followed.
pub(super) const MAX_CALLS: u32 = 3;

/// How many expressions are evaluated to answer one question.
pub(super) const MAX_STEPS: u32 = 20_000;

/// After so many expressions for one question, only calls that a secret may come of are followed.
pub(super) const MANY_STEPS: u32 = 2_000;

/// How many steps of a secret's path are kept.
pub(super) const MAX_HOPS: usize = 12;

/// How much work is done for one module: expressions, values and bytes of texts together.
pub(super) const MAX_WORK: usize = 10_000_000;

/// Larger values are not known: a few lines can double an object again and again.
pub(super) const MAX_SIZE: usize = 10_000;

/// Larger arguments of unknown functions are not kept if no secret can come of them.
pub(super) const MAX_UNTOLD: usize = 64;

/// Longer texts are not put together: keys are short.
pub(super) const MAX_TEXT: usize = 1 << 13;
