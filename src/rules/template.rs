//! Sample texts with places for generated keys, so that no real-looking key is ever written down.

use thiserror::Error;

/// A small seeded generator (SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014). For samples and tests only, never for anything secret.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// A generator that always gives the same for the same seed.
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

/// The longest text one place of a template may ask for.
const MAX_LENGTH: usize = 4096;

/// A text with places such as `{alnum:32}`: 32 generated characters. The kinds are `alnum`,
/// `base64url`, `hex`, `lower`, `upper`, `digit` and `x` (the letter); other braces stand for themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Drawn { alphabet: &'static str, length: usize },
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// `{alnm:32}`
    #[error(
        "`{0}` is no kind of generated text; there are alnum, base64url, hex, lower, upper, digit and x"
    )]
    UnknownKind(String),
    /// `{alnum:0}`, `{alnum:99999}`
    #[error("a generated text has 1 to {MAX_LENGTH} characters, not {0}")]
    Length(String),
}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            plain.push_str(&rest[..open]);
            rest = &rest[open..];
            match place(rest) {
                Some((kind, length, after)) => {
                    let alphabet = KINDS
                        .iter()
                        .find_map(|(name, alphabet)| (*name == kind).then_some(*alphabet))
                        .ok_or_else(|| TemplateError::UnknownKind(kind.to_owned()))?;
                    let length = length
                        .parse()
                        .ok()
                        .filter(|n| (1..=MAX_LENGTH).contains(n))
                        .ok_or_else(|| TemplateError::Length(length.to_owned()))?;
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(Part::Drawn { alphabet, length });
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
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts })
    }

    /// Whether anything in it is generated.
    pub fn is_generated(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Drawn { .. }))
    }

    /// The text with all places filled.
    pub fn fill(&self, rng: &mut Rng) -> String {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Drawn { alphabet, length } => filled.push_str(&rng.text(alphabet, *length)),
            }
        }
        filled
    }
}

/// Splits `{kind:length}…` into its kind, its length and what follows.
fn place(text: &str) -> Option<(&str, &str, &str)> {
    let (inside, after) = text.strip_prefix('{')?.split_once('}')?;
    let (kind, length) = inside.split_once(':')?;
    let named = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric());
    let counted = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
    (named && counted).then_some((kind, length, after))
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
    fn drawn_characters_cover_the_alphabet_evenly() {
        let mut counts = [0u32; 16];
        let mut rng = Rng::new(7);
        for _ in 0..16_000 {
            counts[rng.below(16)] += 1;
        }
        assert!(counts.iter().all(|&n| (850..1150).contains(&n)), "{counts:?}");
    }
}
