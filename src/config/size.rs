//! File sizes as people write them.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use thiserror::Error;

/// A number of bytes, written as `512`, `10K`, `3M` or `1G`; the letters are powers of 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "RawSize")]
pub struct Size(pub u64);

/// A size in TOML: a number or a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawSize {
    Number(u64),
    Text(String),
}

/// The text is not a size.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a size; write a number of bytes, or one with K, M or G")]
pub struct SizeError(String);

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let fault = || SizeError(text.to_owned());
        let upper = text.trim().to_ascii_uppercase();
        let number = upper.strip_suffix('B').unwrap_or(&upper);
        let number = number.strip_suffix('I').unwrap_or(number);
        let (digits, unit) = match number.as_bytes().last() {
            Some(b'K') => (&number[..number.len() - 1], 1 << 10),
            Some(b'M') => (&number[..number.len() - 1], 1 << 20),
            Some(b'G') => (&number[..number.len() - 1], 1 << 30),
            _ => (number, 1u64),
        };
        let count: u64 = digits.trim().parse().map_err(|_| fault())?;
        count.checked_mul(unit).map(Self).ok_or_else(fault)
    }
}

impl TryFrom<RawSize> for Size {
    type Error = SizeError;

    fn try_from(written: RawSize) -> Result<Self, SizeError> {
        match written {
            RawSize::Number(bytes) => Ok(Self(bytes)),
            RawSize::Text(text) => text.parse(),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (letter, unit) in [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)] {
            if self.0 != 0 && self.0.is_multiple_of(unit) {
                return write!(f, "{}{letter}", self.0 / unit);
            }
        }
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_and_print() {
        for (text, bytes, shown) in [
            ("512", 512, "512"),
            ("10K", 10 << 10, "10K"),
            ("3m", 3 << 20, "3M"),
            ("1G", 1 << 30, "1G"),
            ("2MB", 2 << 20, "2M"),
            ("2MiB", 2 << 20, "2M"),
            ("1500", 1500, "1500"),
            ("0", 0, "0"),
            ("2048M", 2 << 30, "2G"),
        ] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
            assert_eq!(Size(bytes).to_string(), shown);
        }
        for bad in ["", "K", "1.5M", "-1", "99999999999G", "10X", "é"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }
}
