//! A branch of a template, and what is open of one while it is read.

use crate::js::ir::Span;

/// Markup that is there only if a test of the template holds, or fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TemplateBranch {
    /// The code of the test.
    pub(crate) test: Span,
    /// The markup.
    pub(crate) content: Span,
    /// Set if it is there where the test is true, else where it is false.
    pub(crate) holds: bool,
}

/// A block of a Svelte template that is not closed yet.
pub(super) struct OpenBlock {
    /// The tests of the branches so far; none of a block that is no `{#if}`.
    pub(super) tests: Vec<Span>,
    /// Where the content of the current branch begins.
    pub(super) start: usize,
    /// Set in the last branch, which has no test of its own.
    pub(super) is_else: bool,
}

/// The tests of the elements before the current place that have a `v-if`, or a `v-else-if` after it.
#[derive(Default)]
pub(super) struct OpenChoice {
    /// The tests so far.
    pub(super) tests: Vec<Span>,
    /// The end of the last of the elements.
    pub(super) end: usize,
}
