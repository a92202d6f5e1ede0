//! The depth to which nested encodings are decoded.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::rules::{DEFAULT_DECODE_DEPTH, MAX_DECODE_DEPTH};

/// A number of nested encodings, such as 2 for base64 of base64; 0 is plain text only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeDepth(pub usize);

/// Not a number, or too large.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a depth from 0 to {MAX_DECODE_DEPTH}")]
pub struct DecodeDepthError(String);

impl Default for DecodeDepth {
    fn default() -> Self {
        Self(DEFAULT_DECODE_DEPTH)
    }
}

impl fmt::Display for DecodeDepth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for DecodeDepth {
    type Err = DecodeDepthError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(depth) if depth <= MAX_DECODE_DEPTH => Ok(Self(depth)),
            _ => Err(DecodeDepthError(text.to_owned())),
        }
    }
}

impl<'de> Deserialize<'de> for DecodeDepth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        number.to_string().parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_looked_through_is_a_depth() {
        for depth in 0..=MAX_DECODE_DEPTH {
            assert_eq!(depth.to_string().parse(), Ok(DecodeDepth(depth)));
        }
        for text in ["", "-1", "x", "9", "99999999999999999999"] {
            let error = text.parse::<DecodeDepth>().unwrap_err().to_string();
            assert_eq!(error, format!("`{text}` is not a depth from 0 to 8"));
        }
    }
}
