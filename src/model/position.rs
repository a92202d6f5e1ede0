//! Positions in a text, for people and for report formats.

/// One position in a text. All numbers are 1-based.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line number; lines end at `\n`.
    pub line: u64,
    /// Column in characters (Unicode scalar values; an invalid UTF-8 byte counts as one).
    pub column: u64,
    /// Column in UTF-16 code units, as SARIF viewers count.
    pub utf16_column: u64,
}

/// A half-open stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// Where it begins.
    pub start: Position,
    /// One past its last character.
    pub end: Position,
}
