//! Where something stands in a text, for people and for report formats.

/// One position in a text. All numbers are 1-based.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line number; lines end at `\n`.
    pub line: u64,
    /// Column in characters (Unicode scalar values; a byte that is no UTF-8 counts as one).
    pub column: u64,
    /// Column in UTF-16 code units, as SARIF viewers count.
    pub utf16_column: u64,
}

/// A way in which text is written, so that it is not seen as what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EncodingLayer {
    /// Base64 (RFC 4648), of either alphabet, in one line or several.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// UTF-16 inside of another layer.
    Utf16,
}

impl EncodingLayer {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Utf16 => "utf-16",
        }
    }
}

/// A stretch of text from `start` up to and without `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// Where it begins.
    pub start: Position,
    /// The place right behind it.
    pub end: Position,
}
