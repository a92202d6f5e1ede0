//! Expressions that say which keys of a rule are none.

use std::fmt;
use std::sync::OnceLock;

use regex::bytes::Regex;

use super::expression::parse;
use super::pattern::{MAX_STATES, builder, states};

/// An expression over a key. A key in which it matches is accepted in all places.
pub struct AllowedText {
    source: String,
    regex: OnceLock<Option<Regex>>,
}

impl AllowedText {
    /// Checks an expression. It is compiled at the first key of its rule, as few rules ever have one.
    ///
    /// # Errors
    /// The reason why it cannot be used.
    pub fn new(source: String) -> Result<Self, String> {
        let hir = parse(&source)?;
        if hir.properties().minimum_len() == Some(0) {
            return Err("it matches the empty text".to_owned());
        }
        if states(&hir) > MAX_STATES {
            return Err("it is too large with its repetitions written out".to_owned());
        }
        Ok(Self { source, regex: OnceLock::new() })
    }

    /// True if it matches in a key.
    pub fn is_in(&self, key: &[u8]) -> bool {
        let regex = self.regex.get_or_init(|| builder(&self.source).build().ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(key))
    }
}

/// The expression as written.
impl fmt::Debug for AllowedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_exact() {
        for (source, key, is_in) in [
            ("^password$", "password", true),
            ("^password$", "password2024", false),
            ("^password$", "PASSWORD", false),
            ("(?i)^password$", "PASSWORD", true),
            (r"\bfoo\b", "a-foo-b", true),
            (r"\bfoo\b", "afoob", false),
            ("EXAMPLE", "an example", false),
        ] {
            let allowed = AllowedText::new(source.to_owned()).unwrap();
            assert_eq!(allowed.is_in(key.as_bytes()), is_in, "{source} {key}");
        }
        for source in ["", "a*", "(", "(?:a{1000}){1000}"] {
            assert!(AllowedText::new(source.to_owned()).is_err(), "{source}");
        }
    }
}
