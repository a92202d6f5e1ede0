//! Where something stands in a text, for people and for report formats.

/// One position in a text. All numbers are 1-based.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line number; lines end at `\n`.
    pub line: u64,
    /// Column in characters (Unicode scalar values; a byte that is no UTF-8 counts as one).
    pub column: u64,
    /// Column in UTF-16 code units, as SARIF viewers count.
    pub utf16_column: u64,
}

/// A stretch of text from `start` up to and without `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// Where it begins.
    pub start: Place,
    /// The place right behind it.
    pub end: Place,
}
