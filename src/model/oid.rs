//! The id of a git object.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use thiserror::Error;

/// The hash by which a repository names its objects (gitformat-hash-function-transition(5)).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectFormat {
    /// SHA-1: 20 bytes, 40 digits.
    #[default]
    Sha1,
    /// SHA-256: 32 bytes, 64 digits.
    Sha256,
}

impl ObjectFormat {
    /// Its name in git's configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// Length of an id in bytes.
    #[inline]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// Length of an id in hexadecimal digits.
    #[inline]
    pub const fn digits(self) -> usize {
        2 * self.bytes()
    }
}

/// The id of a git object: its SHA-1 or SHA-256. All ids of a repository have the same format.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Oid {
    /// A SHA-1 is followed by zeros.
    bytes: [u8; MAX],
    format: ObjectFormat,
}

/// Length of the longest id in bytes.
const MAX: usize = ObjectFormat::Sha256.bytes();

impl Ord for Oid {
    /// Compares bytes. The first eight nearly always decide and are compared as a number, which
    /// halves the time to sort hundreds of thousands of ids.
    fn cmp(&self, other: &Self) -> Ordering {
        let first = |oid: &Self| oid.bytes.first_chunk().map(|bytes| u64::from_be_bytes(*bytes));
        let rest = || (self.bytes, self.format).cmp(&(other.bytes, other.format));
        first(self).cmp(&first(other)).then_with(rest)
    }
}

impl PartialOrd for Oid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Oid {
    /// Hashes a few numbers, which is much faster than hashing bytes of unknown count. All of the
    /// id counts, because whoever writes an index may choose ids.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let ([one, two, three, four], []) = self.bytes.as_chunks::<8>() else { return };
        state.write_u64(u64::from_ne_bytes(*one));
        state.write_u64(u64::from_ne_bytes(*two));
        match self.format {
            ObjectFormat::Sha1 => {
                state.write_u32(u32::from_ne_bytes([three[0], three[1], three[2], three[3]]));
            }
            ObjectFormat::Sha256 => {
                state.write_u64(u64::from_ne_bytes(*three));
                state.write_u64(u64::from_ne_bytes(*four));
            }
        }
    }
}

impl fmt::Display for Oid {
    /// All 40 or 64 digits; a precision such as `{:.10}` shortens them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 2 * MAX];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.bytes) {
            pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
            pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        let digits = &digits[..self.format.digits()];
        f.pad(std::str::from_utf8(digits).expect("hexadecimal digits are ASCII"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an object id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("an object id is 40 hexadecimal digits, or 64 in a repository that uses SHA-256")]
pub struct OidError;

impl FromStr for Oid {
    type Err = OidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_hex(text.as_bytes()).ok_or(OidError)
    }
}

impl From<[u8; 20]> for Oid {
    #[inline]
    fn from(sha1: [u8; 20]) -> Self {
        let mut bytes = [0; MAX];
        bytes[..20].copy_from_slice(&sha1);
        Self { bytes, format: ObjectFormat::Sha1 }
    }
}

impl From<[u8; 32]> for Oid {
    #[inline]
    fn from(bytes: [u8; 32]) -> Self {
        Self { bytes, format: ObjectFormat::Sha256 }
    }
}

impl Oid {
    /// The empty tree, which git knows without storing it.
    pub fn empty_tree(format: ObjectFormat) -> Self {
        match format {
            ObjectFormat::Sha1 => hex(b"4b825dc642cb6eb9a060e54bf8d69288fbee4904"),
            ObjectFormat::Sha256 => {
                hex(b"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321")
            }
        }
    }

    /// The empty file, which git knows without storing it.
    pub fn empty_blob(format: ObjectFormat) -> Self {
        match format {
            ObjectFormat::Sha1 => hex(b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
            ObjectFormat::Sha256 => {
                hex(b"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813")
            }
        }
    }

    /// The id that stands for no object.
    pub const fn null(format: ObjectFormat) -> Self {
        Self { bytes: [0; MAX], format }
    }

    /// The id at the beginning of `bytes`; `None` if there are too few.
    #[inline]
    pub fn at_start(format: ObjectFormat, bytes: &[u8]) -> Option<Self> {
        Some(match format {
            ObjectFormat::Sha1 => Self::from(*bytes.first_chunk::<20>()?),
            ObjectFormat::Sha256 => Self::from(*bytes.first_chunk::<32>()?),
        })
    }

    /// The id with exactly these bytes: 20 or 32 of them.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let format = [ObjectFormat::Sha1, ObjectFormat::Sha256]
            .into_iter()
            .find(|format| format.bytes() == bytes.len())?;
        Self::at_start(format, bytes)
    }

    /// Reads 40 or 64 hexadecimal digits.
    pub fn from_hex(digits: &[u8]) -> Option<Self> {
        let format = [ObjectFormat::Sha1, ObjectFormat::Sha256]
            .into_iter()
            .find(|format| format.digits() == digits.len())?;
        // No branch depends on a digit: digits are as good as random, and a history has millions of
        // them.
        let (mut bytes, mut seen) = ([0; MAX], 0);
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let (high, low) = (DIGITS[usize::from(pair[0])], DIGITS[usize::from(pair[1])]);
            seen |= high | low;
            *byte = high << 4 | low & 0x0f;
        }
        (seen <= 0x0f).then_some(Self { bytes, format })
    }

    /// Reads the digits of an id of this format, and no others.
    pub fn from_hex_as(format: ObjectFormat, digits: &[u8]) -> Option<Self> {
        if digits.len() == format.digits() { Self::from_hex(digits) } else { None }
    }

    /// Its format.
    #[inline]
    pub const fn format(self) -> ObjectFormat {
        self.format
    }

    /// Its 20 or 32 bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.format.bytes()]
    }

    /// Its bytes; those of a SHA-1 are followed by zeros.
    #[inline]
    pub const fn padded(self) -> [u8; 32] {
        self.bytes
    }

    /// True for the empty tree.
    pub fn is_empty_tree(self) -> bool {
        self == Self::empty_tree(self.format)
    }

    /// True for the empty file.
    pub fn is_empty_blob(self) -> bool {
        self == Self::empty_blob(self.format)
    }

    /// True for the id that stands for no object.
    pub fn is_null(self) -> bool {
        self.bytes == [0; MAX]
    }
}

fn hex(digits: &[u8]) -> Oid {
    Oid::from_hex(digits).expect("the ids written here have 40 or 64 digits")
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
        for id in [Oid::from([0xa7; 20]), Oid::from([0xa7; 32])] {
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(format!("{id:.4}"), "a7a7");
            assert_eq!(Oid::from_bytes(id.as_bytes()), Some(id));
            assert_eq!(id.to_string().len(), id.format().digits());
            assert_eq!(id.as_bytes().len(), id.format().bytes());
            assert_eq!(Oid::at_start(id.format(), &[0xa7; 40]), Some(id));
            assert_eq!(Oid::at_start(id.format(), &id.as_bytes()[1..]), None);
        }
        assert_eq!("xyz".parse::<Oid>(), Err(OidError));
        assert_eq!(Oid::from_bytes(&[1; 21]), None);
        let digits = "a".repeat(63) + "g";
        assert_eq!((Oid::from_hex(digits.as_bytes()), Oid::from_hex(b"")), (None, None));
        assert_eq!(Oid::from_hex_as(ObjectFormat::Sha256, &[b'0'; 40]), None);
    }

    #[test]
    fn ids_of_different_formats_differ() {
        let (short, mut long) = (Oid::from([7; 20]), [0; 32]);
        long[..20].copy_from_slice(&[7; 20]);
        let long = Oid::from(long);
        assert_ne!(short, long);
        assert_ne!(short.cmp(&long), Ordering::Equal);
        assert!(Oid::null(ObjectFormat::Sha1).is_null() && !short.is_null());
    }

    #[test]
    fn known_ids_are_those_of_git() {
        use sha1::Sha1;
        use sha2::{Digest, Sha256};

        for (kind, known) in [
            ("tree", Oid::empty_tree as fn(ObjectFormat) -> Oid),
            ("blob", Oid::empty_blob as fn(ObjectFormat) -> Oid),
        ] {
            let header = format!("{kind} 0\0");
            let sha1: [u8; 20] = Sha1::digest(&header).into();
            let sha256: [u8; 32] = Sha256::digest(&header).into();
            assert_eq!(known(ObjectFormat::Sha1), Oid::from(sha1));
            assert_eq!(known(ObjectFormat::Sha256), Oid::from(sha256));
        }
        assert!(Oid::empty_tree(ObjectFormat::Sha256).is_empty_tree());
        assert!(Oid::empty_blob(ObjectFormat::Sha1).is_empty_blob());
    }
}
