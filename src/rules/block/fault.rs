//! The reasons why a block that looks like a key is none.

use std::fmt;

/// The reason why a block is not a key of its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockFault {
    /// Its body has this many characters.
    Short(usize),
    /// Its body ends before its secret part does.
    Cut,
    /// Its body is not what keys of its kind have.
    Structure,
    /// Its numbers do not belong together.
    Altered,
    /// Its secret part was not drawn at random.
    NotDrawn,
    /// It names a key that is on a card or a token.
    Stub,
    /// It needs a passphrase, and the rule wants keys that need none.
    Encrypted,
    /// It needs no passphrase, and the rule wants keys that need one.
    Open,
}

impl fmt::Display for BlockFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(length) => write!(f, "its body of {length} characters is too short"),
            Self::Cut => f.write_str("its body ends before the secret part of a key does"),
            Self::Structure => f.write_str("its body does not have the structure of a private key"),
            Self::Altered => {
                f.write_str("its numbers do not belong together: it was made up or altered")
            }
            Self::NotDrawn => f.write_str("its secret part was not drawn at random"),
            Self::Stub => f.write_str("its secret part is elsewhere, on a card or a token"),
            Self::Encrypted => f.write_str("it is encrypted; another rule is for those"),
            Self::Open => f.write_str("it is not encrypted; another rule is for those"),
        }
    }
}

/// True for a key that only a passphrase opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    /// It needs no passphrase.
    Open,
    /// It needs one.
    Encrypted,
}
