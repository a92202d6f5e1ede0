//! The id of a git object.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use thiserror::Error;

/// The id of a git object: its SHA-1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Oid(pub [u8; 20]);

impl Ord for Oid {
    /// Compares bytes. The first eight nearly always decide and are compared as a number, which
    /// halves the time to sort hundreds of thousands of ids.
    fn cmp(&self, other: &Self) -> Ordering {
        let first = |oid: &Self| oid.0.first_chunk().map(|bytes| u64::from_be_bytes(*bytes));
        first(self).cmp(&first(other)).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Oid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Oid {
    /// Hashes three numbers, which is much faster than hashing bytes of unknown count. All of the
    /// id counts, because whoever writes an index may choose ids.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let ([one, two], rest) = self.0.as_chunks::<8>() else { return };
        state.write_u64(u64::from_ne_bytes(*one));
        state.write_u64(u64::from_ne_bytes(*two));
        state.write_u32(u32::from_ne_bytes([rest[0], rest[1], rest[2], rest[3]]));
    }
}

impl fmt::Display for Oid {
    /// All 40 digits; a precision such as `{:.10}` shortens them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 40];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
            pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
            pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        f.pad(std::str::from_utf8(&digits).expect("hexadecimal digits are ASCII"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an object id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("an object id is 40 hexadecimal digits")]
pub struct OidError;

impl FromStr for Oid {
    type Err = OidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_hex(text.as_bytes()).ok_or(OidError)
    }
}

impl Oid {
    /// The empty tree, which git knows without storing it.
    pub const EMPTY_TREE: Self = Self([
        0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60, 0xe5, 0x4b, 0xf8, 0xd6, 0x92,
        0x88, 0xfb, 0xee, 0x49, 0x04,
    ]);

    /// The empty file, which git knows without storing it.
    pub const EMPTY_BLOB: Self = Self([
        0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6, 0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a, 0xd8,
        0xc2, 0xe4, 0x8c, 0x53, 0x91,
    ]);

    /// Reads 40 hexadecimal digits.
    pub fn from_hex(digits: &[u8]) -> Option<Self> {
        let mut id = [0; 20];
        if digits.len() != 40 {
            return None;
        }
        // No branch depends on a digit: digits are as good as random, and a history has millions of
        // them.
        let mut seen = 0;
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            let (high, low) = (DIGITS[usize::from(pair[0])], DIGITS[usize::from(pair[1])]);
            seen |= high | low;
            *byte = high << 4 | low & 0x0f;
        }
        (seen <= 0x0f).then_some(Self(id))
    }
}

/// The value of each byte as a hexadecimal digit, or 255.
const DIGITS: [u8; 256] = {
    let mut worth = [0xff; 256];
    let mut digit = 0;
    while digit < 16 {
        worth[b"0123456789abcdef"[digit] as usize] = digit as u8;
        worth[b"0123456789ABCDEF"[digit] as usize] = digit as u8;
        digit += 1;
    }
    worth
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_round_trips() {
        let id = Oid([0xa7; 20]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(format!("{id:.4}"), "a7a7");
        assert_eq!("xyz".parse::<Oid>(), Err(OidError));
    }
}
