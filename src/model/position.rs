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

/// An encoding that hides text from a plain search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EncodingLayer {
    /// Base64 (RFC 4648), either alphabet, on one line or several.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// UTF-16 inside another encoding.
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

/// A half-open stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// Where it begins.
    pub start: Position,
    /// One past its last character.
    pub end: Position,
}
