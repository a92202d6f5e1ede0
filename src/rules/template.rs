//! Sample texts with placeholders for generated keys, so that no real-looking key is written down.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use thiserror::Error;

use super::alphabet::{Alphabet, AlphabetError};
use super::block::sample;
use super::checksum::{self, Checksum};
use super::rng::Rng;

/// The alphabets that a template can name.
const KINDS: &[(&str, &str)] = &[
    ("alnum", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
    ("base64url", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
    ("hex", "0123456789abcdef"),
    ("lower", "abcdefghijklmnopqrstuvwxyz"),
    ("upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("digit", "0123456789"),
    ("x", "x"),
];

/// The kinds of placeholders that draw no characters.
const CHECKSUM: &str = "checksum";
const WORD: &str = "word";
const BASE64_OF: &str = "base64of";
const JWT: &str = "jwt";
const ESCAPED: &str = "escaped";
const PRIVATE_KEY: &str = "private-key";

/// The header of tokens in samples, and the length of their signatures in characters.
const JWT_HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const JWT_SIGNATURE: usize = 43;

/// The longest generated text of a placeholder.
const MAX_LENGTH: usize = 4096;

/// A text with placeholders such as `{alnum:32}`: 32 generated characters. The kinds are `alnum`,
/// `base64url`, `hex`, `lower`, `upper`, `digit`, `x` (the letter) and alphabets such as `[A-Z2-7]`;
/// `{word:12}` gives English words of BIP-39 with a space between them. `{base64of:TEXT}` encodes a
/// template, `{escaped:TEXT}` writes its line breaks as `\n`, `{jwt:{"role":"admin"}}` makes a token with
/// that payload and `{private-key:rsa}` a private key of some lines. `{checksum:crc32-hex}` stands
/// for the checksum of the key around it, which [`Template::fill`] leaves open and
/// [`super::Rule::fill`] computes. Other braces are literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<TemplatePart>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TemplatePart {
    Text(String),
    Drawn { alphabet: String, length: usize },
    Words(usize),
    Checksum(&'static str),
    Base64(Template),
    Escaped(Template),
    Jwt(Template),
    PrivateKey(&'static str),
}

/// The reason why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// `{alnm:32}`
    #[error(
        "`{0}` is not a kind of generated text; known kinds: alnum, base64url, hex, lower, upper, \
         digit, x, word, base64of, escaped, jwt, private-key"
    )]
    UnknownKind(String),
    /// `{checksum:crc33}`
    #[error("`{0}` is not a checksum; known checksums: {names}", names = checksum_names())]
    UnknownChecksum(String),
    /// `{private-key:rsb}`
    #[error("`{0}` is not a kind of private key; known kinds: {names}", names = sample::kinds())]
    UnknownPrivateKey(String),
    /// `{[z-a]:32}`
    #[error(transparent)]
    Alphabet(#[from] AlphabetError),
    /// `{alnum:0}`, `{alnum:99999}`
    #[error("a generated text must have 1 to {MAX_LENGTH} characters, not {0}")]
    Length(String),
}

impl Template {
    /// Parses a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            plain.push_str(&rest[..open]);
            rest = &rest[open..];
            match place(rest) {
                Some((kind, what, after)) => {
                    let part = part(kind, what)?;
                    if !plain.is_empty() {
                        parts.push(TemplatePart::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(part);
                    rest = after;
                }
                None => {
                    plain.push('{');
                    rest = &rest[1..];
                }
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(TemplatePart::Text(plain));
        }
        Ok(Self { parts })
    }

    /// True if any part is generated.
    pub fn is_generated(&self) -> bool {
        self.parts.iter().any(|part| match part {
            TemplatePart::Drawn { .. }
            | TemplatePart::Words(_)
            | TemplatePart::Jwt(_)
            | TemplatePart::PrivateKey(_) => true,
            TemplatePart::Base64(inner) | TemplatePart::Escaped(inner) => inner.is_generated(),
            TemplatePart::Text(_) | TemplatePart::Checksum(_) => false,
        })
    }

    /// True if a checksum is to be computed.
    pub fn has_checksum(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, TemplatePart::Checksum(_)))
    }

    /// Fills all placeholders; a checksum is of the right form only.
    pub fn fill(&self, rng: &mut Rng) -> String {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                TemplatePart::Text(text) => filled.push_str(text),
                TemplatePart::Drawn { alphabet, length } => {
                    filled.push_str(&rng.text(alphabet, *length));
                }
                TemplatePart::Words(count) => {
                    let list = checksum::word_list();
                    let words: Vec<_> = (0..*count).map(|_| list[rng.below(list.len())]).collect();
                    filled.push_str(&words.join(" "));
                }
                TemplatePart::Checksum(filler) => filled.push_str(filler),
                TemplatePart::Base64(inner) => {
                    filled.push_str(&BASE64.encode(inner.fill(rng).as_bytes()));
                }
                TemplatePart::Escaped(inner) => {
                    filled.push_str(&inner.fill(rng).replace('\n', "\\n"));
                }
                TemplatePart::PrivateKey(kind) => filled.push_str(&sample::fill(kind, rng)),
                TemplatePart::Jwt(payload) => {
                    let parts = [JWT_HEADER.as_bytes(), payload.fill(rng).as_bytes()]
                        .map(|part| BASE64URL_NOPAD.encode(part));
                    let signature = rng.text(KINDS[1].1, JWT_SIGNATURE);
                    filled.push_str(&format!("{}.{signature}", parts.join(".")));
                }
            }
        }
        filled
    }
}

/// The characters of a kind of text, or of an alphabet in brackets.
fn alphabet(kind: &str) -> Result<String, TemplateError> {
    if let Some(inside) = kind.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let alphabet = Alphabet::parse(inside)?;
        let held = (0..=u8::MAX).filter(|&byte| alphabet.contains(byte));
        return Ok(held.map(char::from).collect());
    }
    let known = KINDS.iter().find_map(|(name, alphabet)| (*name == kind).then_some(*alphabet));
    known.map(str::to_owned).ok_or_else(|| TemplateError::UnknownKind(kind.to_owned()))
}

fn part(kind: &str, what: &str) -> Result<TemplatePart, TemplateError> {
    match kind {
        BASE64_OF => return Template::parse(what).map(TemplatePart::Base64),
        ESCAPED => return Template::parse(what).map(TemplatePart::Escaped),
        JWT => return Template::parse(what).map(TemplatePart::Jwt),
        PRIVATE_KEY => {
            let kind = sample::kind(what).map(TemplatePart::PrivateKey);
            return kind.ok_or_else(|| TemplateError::UnknownPrivateKey(what.to_owned()));
        }
        _ => {}
    }
    if kind == CHECKSUM {
        let filler = Checksum::filler(what);
        return filler
            .map(TemplatePart::Checksum)
            .ok_or_else(|| TemplateError::UnknownChecksum(what.to_owned()));
    }
    let is_words = kind == WORD;
    let alphabet = if is_words { String::new() } else { alphabet(kind)? };
    let length = what.parse().ok().filter(|n| (1..=MAX_LENGTH).contains(n));
    let length = length.ok_or_else(|| TemplateError::Length(what.to_owned()))?;
    Ok(if is_words {
        TemplatePart::Words(length)
    } else {
        TemplatePart::Drawn { alphabet, length }
    })
}

fn checksum_names() -> String {
    Checksum::names().collect::<Vec<_>>().join(", ")
}

/// Splits `{kind:length}…` into its kind, its length and what follows.
fn place(text: &str) -> Option<(&str, &str, &str)> {
    let rest = text.strip_prefix('{')?;
    for kind in [BASE64_OF, ESCAPED, JWT] {
        if let Some(inner) = rest.strip_prefix(kind).and_then(|rest| rest.strip_prefix(':')) {
            let end = closing_brace(inner)?;
            return Some((kind, &inner[..end], &inner[end + 1..]));
        }
    }
    let (inside, after) = rest.split_once('}')?;
    let (kind, length) = inside.split_once(':')?;
    if kind == CHECKSUM || kind == PRIVATE_KEY {
        let is_name = length.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        return (is_name && !length.is_empty()).then_some((kind, length, after));
    }
    let is_name = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric());
    let named = is_name || (kind.len() > 2 && kind.starts_with('[') && kind.ends_with(']'));
    let counted = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
    (named && counted).then_some((kind, length, after))
}

/// Index of the brace that closes the one before the text.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 1;
    text.bytes().position(|byte| {
        match byte {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        open == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> String {
        Template::parse(text).unwrap().fill(&mut Rng::new(1))
    }

    #[test]
    fn places_are_filled_and_other_braces_stay() {
        let filled = fill("f({ key: 'k_{hex:8}' }) {x} {a:b} {");
        assert_eq!(filled.len(), "f({ key: 'k_12345678' }) {x} {a:b} {".len());
        assert!(filled.starts_with("f({ key: 'k_") && filled.ends_with("' }) {x} {a:b} {"));
        assert_eq!(filled, fill("f({ key: 'k_{hex:8}' }) {x} {a:b} {"));
    }

    #[test]
    fn alphabets_are_drawn_from() {
        let filled = fill("k_{[AC-D7]:64}");
        assert!(
            filled.len() == 66 && filled[2..].bytes().all(|b| b"ACD7".contains(&b)),
            "{filled}"
        );
        assert_eq!(fill("{[]:3} {[a:3} f({[x]})"), "{[]:3} {[a:3} f({[x]})");
        assert!(matches!(Template::parse("{[z-a]:3}"), Err(TemplateError::Alphabet(_))));
    }

    #[test]
    fn a_misspelt_place_is_an_error() {
        assert_eq!(
            Template::parse("{alnm:32}"),
            Err(TemplateError::UnknownKind("alnm".to_owned()))
        );
        for bad in ["{hex:0}", "{hex:4097}", "{hex:99999999999999999999}"] {
            assert!(matches!(Template::parse(bad), Err(TemplateError::Length(_))), "{bad}");
        }
    }

    #[test]
    fn words_and_checksums_have_their_forms() {
        assert_eq!(fill("{word:12}").split(' ').count(), 12);
        assert_eq!(fill("k_{checksum:crc32-hex}"), "k_00000000");
        assert_eq!(
            Template::parse("{checksum:crc33}"),
            Err(TemplateError::UnknownChecksum("crc33".to_owned()))
        );
        assert!(Template::parse("k_{checksum:crc32-hex}").unwrap().has_checksum());
        assert_eq!(fill("x {base64of:tok:{x:3}}!"), "x dG9rOnh4eA==!");
        let key = fill("{escaped:{private-key:ec}}");
        assert!(key.starts_with("-----BEGIN EC ") && !key.contains('\n'), "{key}");
        assert_eq!(
            Template::parse("{private-key:rsb}"),
            Err(TemplateError::UnknownPrivateKey("rsb".to_owned()))
        );
        let token = fill("{jwt:{\"role\":\"admin\",\"ref\":\"{lower:20}\"}}");
        let parts: Vec<_> = token.split('.').collect();
        assert_eq!((parts.len(), parts[2].len()), (3, JWT_SIGNATURE));
        let payload = BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap();
        assert!(payload.starts_with(b"{\"role\":\"admin\",\"ref\":\""), "{token}");
    }
}
