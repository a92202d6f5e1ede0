//! The alphabets that generated bodies are drawn from.

use super::bytes::{BYTES, DIGIT, LOWER_AF, LOWER_GZ, SEPARATOR, UPPER_AF, UPPER_GZ};
use super::sizes::{ALPHABETS, FLOOR_LENGTHS, MIN_LEN};
use super::table::FLOOR_BITS;

/// The alphabets a generated body may be drawn from, smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyAlphabet {
    /// `0-9a-f`
    HexLower,
    /// `0-9A-F`
    HexUpper,
    /// `0-9a-z`
    Base36Lower,
    /// `0-9A-Z`
    Base36Upper,
    /// `0-9A-Za-z`
    Base62,
    /// `0-9A-Za-z_-`; also stands for every body with a byte outside that set.
    Base64Url,
}

impl BodyAlphabet {
    /// Every alphabet, in the order of the rows of the table of floors.
    pub const ALL: [Self; ALPHABETS] = [
        Self::HexLower,
        Self::HexUpper,
        Self::Base36Lower,
        Self::Base36Upper,
        Self::Base62,
        Self::Base64Url,
    ];

    /// The smallest alphabet that holds every byte of `body`.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        let seen = body.iter().fold(0, |seen, &byte| seen | BYTES[usize::from(byte)].group);
        if seen & SEPARATOR != 0 {
            Self::Base64Url
        } else if seen & !(DIGIT | LOWER_AF) == 0 {
            Self::HexLower
        } else if seen & !(DIGIT | UPPER_AF) == 0 {
            Self::HexUpper
        } else if seen & (UPPER_AF | UPPER_GZ) == 0 {
            Self::Base36Lower
        } else if seen & (LOWER_AF | LOWER_GZ) == 0 {
            Self::Base36Upper
        } else {
            Self::Base62
        }
    }

    /// The symbols of the alphabet.
    #[must_use]
    pub fn symbols(self) -> &'static [u8] {
        match self {
            Self::HexLower => b"0123456789abcdef",
            Self::HexUpper => b"0123456789ABCDEF",
            Self::Base36Lower => b"0123456789abcdefghijklmnopqrstuvwxyz",
            Self::Base36Upper => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            Self::Base62 => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            Self::Base64Url => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-",
        }
    }

    /// Cost of one symbol drawn uniformly, in units of 1/[`UNITS_PER_BIT`](super::UNITS_PER_BIT)
    /// bit, rounded.
    #[must_use]
    pub fn symbol_cost(self) -> i32 {
        match self {
            Self::HexLower | Self::HexUpper => 64,
            Self::Base36Lower | Self::Base36Upper => 83,
            Self::Base62 => 95,
            Self::Base64Url => 96,
        }
    }

    /// Evidence in bits that a body of `len` bytes, of which this is the smallest alphabet, must
    /// reach to pass for random. Calibrated so that about 2 in 10,000 random bodies stay below it,
    /// within 0 and [`MAX_FLOOR_BITS`](super::MAX_FLOOR_BITS).
    #[must_use]
    pub fn floor_bits(self, len: usize) -> i8 {
        let column = len.saturating_sub(MIN_LEN).min(FLOOR_LENGTHS - 1);
        FLOOR_BITS[self as usize * FLOOR_LENGTHS + column]
    }
}
