//! The description of one kind of leak.

use crate::checks::fix::FixContext;
use crate::checks::kind_texts::KindTexts;
use crate::leak::LeakKind;

/// A kind of leak with its texts. Each is a constant of the kind's own file.
#[derive(Debug)]
pub(crate) struct Check {
    /// The kind.
    pub(crate) kind: LeakKind,
    /// Its texts in reports and documentation.
    pub(crate) texts: KindTexts,
    /// Makes the sentence of [`Leak::fix`](crate::leak::Leak::fix).
    pub(crate) fix: fn(&FixContext<'_>) -> String,
}
