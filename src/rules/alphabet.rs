//! The set of bytes that make up the body of a key.

use thiserror::Error;

/// A set of ASCII characters, written like the inside of a character class: `A-Za-z0-9_-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alphabet([bool; 256]);

/// The reason why a text is not an alphabet.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AlphabetError {
    /// An empty text.
    #[error("the alphabet is empty")]
    Empty,
    /// A character other than visible ASCII.
    #[error("an alphabet consists of visible ASCII characters, not {0:?}")]
    NotAscii(char),
    /// A range that runs backwards.
    #[error("the range {0}-{1} runs backwards")]
    Backwards(char, char),
}

impl Alphabet {
    /// Parses an alphabet; a `-` at either end is literal.
    pub fn parse(text: &str) -> Result<Self, AlphabetError> {
        if let Some(other) = text.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(AlphabetError::NotAscii(other));
        }
        let mut set = [false; 256];
        let mut rest = text.as_bytes();
        while let [first, tail @ ..] = rest {
            let (last, tail) = match tail {
                [b'-', last, after @ ..] => (last, after),
                _ => (first, tail),
            };
            if last < first {
                return Err(AlphabetError::Backwards((*first).into(), (*last).into()));
            }
            for byte in *first..=*last {
                set[usize::from(byte)] = true;
            }
            rest = tail;
        }
        if text.is_empty() { Err(AlphabetError::Empty) } else { Ok(Self(set)) }
    }

    /// True if `byte` is in the alphabet.
    pub fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_a_hyphen_at_the_end() {
        let alphabet = Alphabet::parse("A-Ca0-9_-").unwrap();
        let held: String = (0..=255u8).filter(|&b| alphabet.contains(b)).map(char::from).collect();
        assert_eq!(held, "-0123456789ABC_a");
    }

    #[test]
    fn what_is_no_alphabet_is_said() {
        assert_eq!(Alphabet::parse(""), Err(AlphabetError::Empty));
        assert_eq!(Alphabet::parse("aé"), Err(AlphabetError::NotAscii('é')));
        assert_eq!(Alphabet::parse("z-a"), Err(AlphabetError::Backwards('z', 'a')));
    }
}
