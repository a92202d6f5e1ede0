//! Tells keys from everything that only looks like one. Each filter is cheap, gives its reason for
//! rejecting a match, and belongs to a constraint that a rule can set.

use std::fmt;
use std::ops::Range;

use super::randomness::{self, BodyShape};
use crate::model::Secret;
use crate::rules::{BlockFault, Constraints, Documented};

/// Words that make a body a placeholder in any language or style. Each has five letters or more, so
/// that a random body of 64 characters contains one of them less than once in 100,000.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "dummy",
    "example",
    "insert",
    "paste_",
    "placeholder",
    "redacted",
    "replace",
    "sample",
    "xxxxx",
];

/// The reason why a match of a pattern is not a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rejection {
    /// It is the end of a longer word.
    InsideWord,
    /// It has this many bytes, fewer than the rule requires.
    TooShort(usize),
    /// It has this many bytes, more than the rule allows.
    TooLong(usize),
    /// It continues beyond the pattern with characters of its alphabet.
    GoesOn,
    /// It contains a character outside the rule's alphabet.
    Alphabet,
    /// It is in the provider's documentation.
    Documented,
    /// Its rule allows it in all places.
    Allowed,
    /// It contains a word that occurs only in placeholders.
    Placeholder,
    /// It was not drawn at random.
    NotRandom(BodyShape),
    /// No word of its rule is near, or one that must not be.
    Nearby,
    /// Neither a word of its rule nor the key that it belongs to is near.
    Unpaired,
    /// Decoded, it does not say what keys of the rule say.
    Decoded,
    /// Its checksum is not that of its other characters.
    Checksum,
    /// The text between its marks is not what a key of its rule has there.
    Block(BlockFault),
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InsideWord => {
                f.write_str("it is part of a longer word: a letter, digit or `_` precedes it")
            }
            Self::TooShort(length) => write!(f, "its body of {length} bytes is too short"),
            Self::TooLong(length) => write!(f, "its body of {length} bytes is too long"),
            Self::GoesOn => f.write_str("it is too long: more characters of its alphabet follow"),
            Self::Alphabet => f.write_str("its body contains a character that keys do not have"),
            Self::Documented => f.write_str("it is a sample from the provider's documentation"),
            Self::Allowed => f.write_str("an expression of its rule allows it"),
            Self::Placeholder => {
                f.write_str("its body contains a word that occurs only in placeholders")
            }
            Self::NotRandom(shape) => write!(f, "its body is not random: {shape}"),
            Self::Decoded => f.write_str("decoded, it is something else"),
            Self::Nearby => f.write_str("the words near it say that it is something else"),
            Self::Unpaired => {
                f.write_str("neither a word of its rule nor the key that it belongs to is near")
            }
            Self::Checksum => f.write_str("its checksum is wrong: it was made up, cut or altered"),
            Self::Block(fault) => fault.fmt(f),
        }
    }
}

/// A match of a pattern, in the text it was found in.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'t> {
    /// The text.
    pub(super) text: &'t [u8],
    /// True if a word begins where the secret does, or the pattern's name of it.
    pub(super) begins_word: bool,
    /// Range of the secret.
    pub(super) secret: Range<usize>,
    /// Range of its random part.
    pub(super) body: Range<usize>,
    /// True if further characters of its alphabet after it make it too long.
    pub(super) may_go_on: bool,
}

/// The first reason why `candidate` is not a key, if there is one.
pub(super) fn reject(candidate: Candidate<'_>, constraints: &Constraints) -> Option<Rejection> {
    let Candidate { text, begins_word, secret, body, may_go_on } = candidate;
    let body_text = &text[body.clone()];
    if constraints.word_start && !begins_word {
        return Some(Rejection::InsideWord);
    }
    if let Some(alphabet) = &constraints.alphabet {
        if !body_text.iter().all(|&byte| alphabet.contains(byte)) {
            return Some(Rejection::Alphabet);
        }
        let is_followed = text.get(secret.end).is_some_and(|&byte| alphabet.contains(byte));
        if may_go_on && body.end == secret.end && is_followed {
            return Some(Rejection::GoesOn);
        }
    }
    let length = body_text.len();
    if constraints.min_length.is_some_and(|min| length < min) {
        return Some(Rejection::TooShort(length));
    }
    if constraints.max_length.is_some_and(|max| length > max) {
        return Some(Rejection::TooLong(length));
    }
    if is_documented(&text[secret.clone()], &constraints.documented) {
        return Some(Rejection::Documented);
    }
    if constraints.allowed.iter().any(|allowed| allowed.is_in(&text[secret.clone()])) {
        return Some(Rejection::Allowed);
    }
    if is_placeholder(body_text, &constraints.placeholders) {
        return Some(Rejection::Placeholder);
    }
    if constraints.random {
        let shape = shape(body_text);
        if !shape.is_random() {
            return Some(Rejection::NotRandom(shape));
        }
    }
    None
}

/// The first reason why the content of a block is not a key, if there is one. Its structure says more
/// than its randomness.
pub(super) fn reject_block(
    material: &[u8],
    fault: Option<BlockFault>,
    constraints: &Constraints,
) -> Option<Rejection> {
    let length = material.len();
    if let Some(fault) = fault {
        Some(Rejection::Block(fault))
    } else if constraints.min_length.is_some_and(|min| length < min) {
        Some(Rejection::TooShort(length))
    } else if constraints.max_length.is_some_and(|max| length > max) {
        Some(Rejection::TooLong(length))
    } else {
        is_documented(material, &constraints.documented).then_some(Rejection::Documented)
    }
}

/// The shape of a body. The hyphens of a UUID (RFC 9562, section 4) look written although its
/// digits are random, so they are left out.
pub fn shape(body: &[u8]) -> BodyShape {
    let is_uuid = body.len() == 36
        && body.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if !is_uuid {
        return randomness::shape(body);
    }
    let mut digits = [0; 32];
    for (digit, byte) in digits.iter_mut().zip(body.iter().filter(|&&byte| byte != b'-')) {
        *digit = *byte;
    }
    randomness::shape(&digits)
}

fn is_documented(secret: &[u8], documented: &[Documented]) -> bool {
    let mut hash = None;
    documented.iter().any(|known| match known {
        Documented::Literal(text) => text.as_bytes() == secret,
        Documented::Sha256(known) => {
            known == hash.get_or_insert_with(|| Secret::new(secret, 0).sha256())
        }
    })
}

fn is_placeholder(body: &[u8], of_rule: &[String]) -> bool {
    let mut words = PLACEHOLDERS.iter().copied().chain(of_rule.iter().map(String::as_str));
    words.any(|word| body.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rng;

    #[test]
    fn placeholders_are_recognised_in_any_case() {
        assert!(is_placeholder(b"abcEXAMPLEdef", &[]));
        assert!(is_placeholder(b"Your-Api-Key", &["your-api-key".to_owned()]));
        assert!(!is_placeholder(b"exam", &[]));
        assert!(!is_placeholder(b"", &[]));
    }

    #[test]
    fn a_uuid_is_judged_by_its_digits() {
        let mut rng = Rng::new(3);
        let random = (0..1000).filter(|_| {
            let hex = rng.text("0123456789abcdef", 32);
            let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
            shape(uuid.as_bytes()).is_random()
        });
        assert!(random.count() >= 998);
        assert!(!shape(b"00000000-0000-0000-0000-000000000000").is_random());
        assert!(!shape(b"12345678-1234-1234-1234-123456789012").is_random());
    }

    #[test]
    fn documented_keys_are_recognised_literally_or_by_hash() {
        let hash = Secret::new(b"the-key", 0).sha256();
        assert!(is_documented(
            b"the-key",
            &[Documented::Sha256([0; 32]), Documented::Sha256(hash)]
        ));
        assert!(is_documented(b"the-key", &[Documented::Literal("the-key".to_owned())]));
        assert!(!is_documented(b"the-keys", &[Documented::Sha256(hash)]));
    }
}
