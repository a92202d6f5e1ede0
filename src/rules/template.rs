//! Sample texts with placeholders for generated keys, so that no real-looking key is written down.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use thiserror::Error;

use super::alphabet::{Alphabet, AlphabetError};
use super::checksum::{self, Checksum};

/// A small seeded generator (SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014). For samples and tests only, never for anything secret.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// A generator with the same output for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0. The bias is below 2^-32 for small bounds.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next_u64()) * bound as u128) >> 64) as usize
    }

    /// `length` characters drawn from `alphabet`, which is not empty.
    pub fn text(&mut self, alphabet: &str, length: usize) -> String {
        let bytes = alphabet.as_bytes();
        (0..length).map(|_| char::from(bytes[self.below(bytes.len())])).collect()
    }
}

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

/// The header of tokens in samples, and the length of their signatures in characters.
const JWT_HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const JWT_SIGNATURE: usize = 43;

/// The longest generated text of a placeholder.
const MAX_LENGTH: usize = 4096;

/// A text with placeholders such as `{alnum:32}`: 32 generated characters. The kinds are `alnum`,
/// `base64url`, `hex`, `lower`, `upper`, `digit`, `x` (the letter) and alphabets such as `[A-Z2-7]`;
/// `{word:12}` gives English words of BIP-39 with a space between them. `{base64of:TEXT}` encodes a
/// template, `{jwt:{"role":"admin"}}` makes a token with that payload. `{checksum:crc32-hex}` stands
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
    Jwt(Template),
}

/// The reason why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// `{alnm:32}`
    #[error(
        "`{0}` is not a kind of generated text; known kinds: alnum, base64url, hex, lower, upper, \
         digit, x, word, base64of, jwt"
    )]
    UnknownKind(String),
    /// `{checksum:crc33}`
    #[error("`{0}` is not a checksum; known checksums: {names}", names = checksum_names())]
    UnknownChecksum(String),
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
            TemplatePart::Drawn { .. } | TemplatePart::Words(_) | TemplatePart::Jwt(_) => true,
            TemplatePart::Base64(inner) => inner.is_generated(),
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
        JWT => return Template::parse(what).map(TemplatePart::Jwt),
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
    for kind in [BASE64_OF, JWT] {
        if let Some(inner) = rest.strip_prefix(kind).and_then(|rest| rest.strip_prefix(':')) {
            let end = closing_brace(inner)?;
            return Some((kind, &inner[..end], &inner[end + 1..]));
        }
    }
    let (inside, after) = rest.split_once('}')?;
    let (kind, length) = inside.split_once(':')?;
    if kind == CHECKSUM {
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
        let token = fill("{jwt:{\"role\":\"admin\",\"ref\":\"{lower:20}\"}}");
        let parts: Vec<_> = token.split('.').collect();
        assert_eq!((parts.len(), parts[2].len()), (3, JWT_SIGNATURE));
        let payload = BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap();
        assert!(payload.starts_with(b"{\"role\":\"admin\",\"ref\":\""), "{token}");
    }

    #[test]
    fn drawn_characters_cover_the_alphabet_evenly() {
        let mut counts = [0u32; 16];
        let mut rng = Rng::new(7);
        for _ in 0..16_000 {
            counts[rng.below(16)] += 1;
        }
        assert!(counts.iter().all(|&n| (850..1150).contains(&n)), "{counts:?}");
    }
}
