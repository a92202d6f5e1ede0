//! Words that must, or must not, stand near a key: for keys whose form alone says too little.
//! `build.rs` uses this file, too.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::spanned::Spanned;
use super::syntax::RawNearby;

/// The distance in bytes at which a word is near, if a rule does not say.
const WITHIN: usize = 60;

/// The greatest distance in bytes that a rule may ask for.
pub(super) const MAX_WITHIN: usize = 400;

/// The greatest distance in lines that a rule may ask for.
pub(super) const MAX_WITHIN_LINES: usize = 20;

/// The shortest word in letters and digits; shorter ones are parts of too many others.
pub const MIN_WORD: usize = 4;

/// The beginning of declarations in some languages, which says nothing of the value.
const PUBLIC: &[u8] = b"public ";

/// Words that follow it there.
const DECLARED: &[&str] = &[
    "abstract",
    "async",
    "byte",
    "char",
    "class",
    "const",
    "data",
    "enum",
    "final",
    "fun",
    "func",
    "function",
    "interface",
    "lateinit",
    "let",
    "object",
    "open",
    "override",
    "readonly",
    "record",
    "sealed",
    "static",
    "string",
    "struct",
    "val",
    "var",
    "virtual",
    "void",
    "volatile",
];

/// Words near a key. They are compared without regard to case and to what separates their parts:
/// `acme_api` is in `ACME_API_KEY`, `acmeApiKey`, `acme-api-key` and `Acme API key`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Nearby {
    /// Lower-case letters and digits, one of which must be near.
    pub words: Vec<String>,
    /// The same, of which none may be near.
    pub not_words: Vec<String>,
    /// The distance in bytes.
    pub within: usize,
    /// The distance in lines on either side, if that counts instead.
    pub within_lines: Option<usize>,
    /// True if a word anywhere in the text will do.
    pub is_anywhere: bool,
    /// The words as the rule has them, with `_` between their parts.
    written: Vec<String>,
}

impl Nearby {
    /// The condition that these words make; their parts are separated by `_`.
    pub fn new(words: &[String], not_words: &[String], within: Option<usize>) -> Self {
        Self::within_lines(words, not_words, within, None)
    }

    /// The same, with words that may stand some lines away.
    pub fn within_lines(
        words: &[String],
        not_words: &[String],
        within: Option<usize>,
        within_lines: Option<usize>,
    ) -> Self {
        let plain = |words: &[String]| words.iter().map(|word| plain(word)).collect();
        Self {
            words: plain(words),
            not_words: plain(not_words),
            within: within.unwrap_or(WITHIN),
            within_lines,
            is_anywhere: false,
            written: words.to_vec(),
        }
    }

    /// The condition as written.
    pub(super) fn of(written: &RawNearby) -> Self {
        let words = |list: &[Spanned<String>]| -> Vec<String> {
            list.iter().map(|word| word.get_ref().clone()).collect()
        };
        let (words, not_words) = (words(&written.words), words(&written.not_words));
        let within = written.within.as_ref().map(|within| *within.get_ref());
        let lines = written.within_lines.as_ref().map(|lines| *lines.get_ref());
        let is_anywhere = written.anywhere.as_ref().is_some_and(|own| *own.get_ref());
        Self { is_anywhere, ..Self::within_lines(&words, &not_words, within, lines) }
    }

    /// True if the first part of the word with this number has three letters, as in `jwt_secret`.
    pub fn begins_shortly(&self, word: usize) -> bool {
        let written = self.written.get(word).map(String::as_str).unwrap_or_default();
        written.split_once('_').is_some_and(|(first, _)| first.len() == 3)
    }

    /// True if words of it are looked for beyond the line of a value.
    pub fn looks_far(&self) -> bool {
        self.within_lines.is_some() || self.is_anywhere
    }

    /// True if a text has one of the words in one of its usual forms.
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.spellings().iter().any(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
    }

    /// The usual forms of the words in texts.
    pub fn spellings(&self) -> Vec<String> {
        let mut all: Vec<String> = self.written.iter().flat_map(|word| spellings(word)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// True if the text near a key has one of the words and none of the others.
    pub fn holds(&self, near: &NearText) -> bool {
        let has = |word: &String| near.has(word);
        (self.words.is_empty() || self.words.iter().any(has)) && !self.forbids(near)
    }

    /// True if the text near a key has a word that must not be there.
    pub fn forbids(&self, near: &NearText) -> bool {
        self.not_words.iter().any(|word| near.has(word))
    }
}

/// The letters and digits of a text near a key, in lower case.
#[derive(Debug, Default)]
pub struct NearText {
    letters: String,
    /// For each of them, true if a word may begin there.
    begins: Vec<bool>,
}

impl NearText {
    /// Adds a part of a text.
    pub fn add(&mut self, text: &[u8], range: Range<usize>) {
        // No word goes on from one part to the next.
        self.letters.push(' ');
        self.begins.push(false);
        let (start, mut at) = (range.start, range.start);
        while at < range.end {
            if text[at] == b'p' && is_modifier(&text[start..range.end], at - start) {
                at += PUBLIC.len();
                continue;
            }
            if text[at].is_ascii_alphanumeric() {
                self.letters.push(char::from(text[at].to_ascii_lowercase()));
                self.begins.push(begins_word(text, at));
            }
            at += 1;
        }
    }

    /// True if a word of lower-case letters and digits begins and is in the text.
    fn has(&self, word: &str) -> bool {
        self.letters.match_indices(word).any(|(at, _)| self.begins[at])
    }
}

/// True if `public` at `at` begins a declaration on its line, as in `public static final String KEY`.
fn is_modifier(text: &[u8], at: usize) -> bool {
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
    let before = text[..at].iter().rev().find(|byte| !is_blank(byte));
    let Some(rest) = text[at..].strip_prefix(PUBLIC) else { return false };
    if before.is_some_and(|byte| *byte != b'\n') {
        return false;
    }
    let next = rest.split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
    let is_declared = |word: &&str| next.eq_ignore_ascii_case(word.as_bytes());
    rest.starts_with(b"$")
        || rest.get(next.len()) == Some(&b' ') && DECLARED.iter().any(is_declared)
}

/// True if a word of a name begins at the letter or digit at `at`: `acme` in `my_acme`, `myAcme` and
/// `MYAcme`, but `ably` not in `reliably`.
pub fn begins_word(text: &[u8], at: usize) -> bool {
    let own = text[at];
    match text[..at] {
        [] => true,
        [.., before] if !before.is_ascii_alphanumeric() => true,
        [.., before] if before.is_ascii_digit() != own.is_ascii_digit() => true,
        // An escape, as in `"\nacme"`.
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., before] if own.is_ascii_uppercase() => {
            !before.is_ascii_uppercase() || text.get(at + 1).is_some_and(u8::is_ascii_lowercase)
        }
        _ => false,
    }
}

/// A text's letters and digits in lower case.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The usual forms of a word whose parts are separated by `_`.
fn spellings(word: &str) -> Vec<String> {
    let parts: Vec<String> = word.split('_').map(str::to_ascii_lowercase).collect();
    let capital = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + rest
    };
    let capitals: Vec<String> = parts.iter().map(|part| capital(part)).collect();
    let uppers: Vec<String> = parts.iter().map(|part| part.to_ascii_uppercase()).collect();
    let mut all = Vec::new();
    for separator in ["_", "-", "", " ", "."] {
        all.push(parts.join(separator));
        all.push(uppers.join(separator));
        all.push(capitals.join(separator));
    }
    all.push(parts[0].clone() + &capitals[1..].concat());
    // `AWSSecretKey`
    let mixed: Vec<&str> =
        uppers.iter().take(1).chain(&capitals[1..]).map(String::as_str).collect();
    all.extend(["", " "].map(|separator| mixed.join(separator)));
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near_text(text: &str) -> NearText {
        let mut near = NearText::default();
        near.add(text.as_bytes(), 0..text.len());
        near
    }

    #[test]
    fn a_word_begins_where_a_part_of_a_name_does() {
        let near = Nearby::new(&["ably".to_owned(), "dd_api_key".to_owned()], &[], None);
        for text in [
            "ABLY=",
            "my_ably",
            "myAbly",
            "MYAblyKey",
            "x2ably",
            "\\nably",
            "DD_API_KEY",
            "ddApiKey",
        ] {
            assert!(near.holds(&near_text(text)), "{text}");
        }
        for text in ["reliably", "RELIABLY", "ADD_API_KEY", "addApiKey", "\\xably"] {
            assert!(!near.holds(&near_text(text)), "{text}");
        }
    }

    #[test]
    fn words_are_near_in_any_form() {
        let near = Nearby::new(&["acme_api".to_owned()], &["public".to_owned()], None);
        for text in ["ACME_API_KEY=", "acmeApiKey: '", "x-acme-api-key: ", "Acme API key is "] {
            assert!(near.holds(&near_text(text)), "{text}");
        }
        for text in [
            "    public const string AcmeApi = ",
            "\n\tpublic static final String ACME_API = ",
            "public $acmeApi = ",
        ] {
            assert!(near.holds(&near_text(text)), "{text}");
        }
        for text in [
            "ACME_PUBLIC_API=",
            "acmeApi.publicKey = ",
            "api",
            "public acmeApi = ",
            "my public const acmeApi",
            "public static String ACME_API_PUBLIC = ",
        ] {
            assert!(!near.holds(&near_text(text)), "{text}");
        }
    }
}
