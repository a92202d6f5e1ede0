//! Keys of many lines that stand between two marks, such as private keys in PEM. A block is read from
//! its text without line breaks, quotes and whatever else a file puts between its lines, so that a key
//! is the same in all of them.

mod body;
mod der;
mod fault;
mod numbers;
mod openssh;
mod pgp;
mod putty;
pub(super) mod sample;
mod wire;

pub use fault::BlockFault;
use fault::Protection;

use body::{Armor, BlockBody};

/// The fewest base64 characters of a body: an Ed25519 key has 64.
const SHORTEST: usize = 64;

/// The content of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BlockForm {
    /// A private key in DER, of OpenSSH, PGP or PuTTY.
    PrivateKey,
    /// Base64 of random bytes.
    Base64,
}

/// The names of forms in rule files.
const FORMS: &[(&str, BlockForm)] =
    &[("private-key", BlockForm::PrivateKey), ("base64", BlockForm::Base64)];

/// A key between two marks.
#[derive(Debug)]
pub struct Block {
    /// The marks that it begins with, and those that it ends with.
    marks: Vec<(String, String)>,
    form: BlockForm,
    /// True if a passphrase opens it.
    is_encrypted: bool,
}

/// A key that has been read from a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockKey {
    /// The base64 of its body in one line.
    pub material: Vec<u8>,
    /// Its end in the text.
    pub end: usize,
    /// The reason why it is not a key of the rule.
    pub fault: Option<BlockFault>,
}

impl Block {
    /// A block that begins with one of `begin`.
    ///
    /// # Errors
    /// The fault of its form or its marks, and the remedy.
    pub(super) fn new(
        begin: Vec<String>,
        end: Option<&str>,
        form: &str,
        encrypted: Option<bool>,
    ) -> Result<Self, String> {
        let Some((_, form)) = FORMS.iter().find(|(name, _)| *name == form) else {
            let names: Vec<_> = FORMS.iter().map(|(name, _)| *name).collect();
            return Err(format!("`{form}` is not a form; known forms: {}", names.join(", ")));
        };
        if encrypted.is_some() && *form != BlockForm::PrivateKey {
            return Err("only blocks of the form private-key can be `encrypted`".to_owned());
        }
        if begin.is_empty() {
            return Err("a block needs a text in `begin`".to_owned());
        }
        let mut marks = Vec::new();
        for begin in begin {
            let good =
                (8..=64).contains(&begin.len()) && begin.bytes().all(|b| (32..127).contains(&b));
            if !good {
                return Err(format!("`{begin}` is not a text of 8 to 64 ASCII characters"));
            }
            let is_putty = begin == putty::MARK;
            let end = match end {
                Some(end) => end.to_owned(),
                None if begin.contains("BEGIN") => begin.replacen("BEGIN", "END", 1),
                None if is_putty && *form == BlockForm::PrivateKey => String::new(),
                None => {
                    return Err(format!(
                        "`{begin}` has no BEGIN; say in `end` what such blocks end with"
                    ));
                }
            };
            marks.push((begin, end));
        }
        Ok(Self { marks, form: *form, is_encrypted: encrypted.unwrap_or(false) })
    }

    /// The texts that such a block begins with.
    pub fn begins(&self) -> impl Iterator<Item = &str> {
        self.marks.iter().map(|(begin, _)| begin.as_str())
    }

    /// The name of its form.
    pub fn form(&self) -> &'static str {
        let own = FORMS.iter().find(|(_, form)| *form == self.form);
        own.map_or("", |(name, _)| name)
    }

    /// True if a passphrase opens it.
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// Where the block begins of which `text` has a keyword at `at`.
    pub fn begin(&self, text: &[u8], at: usize, keyword: &str) -> Option<(usize, &str)> {
        self.begins().find_map(|begin| {
            let start = at.checked_sub(begin.find(keyword)?)?;
            text[start..].starts_with(begin.as_bytes()).then_some((start, begin))
        })
    }

    /// Reads the key at the beginning of `text`, which has one line break at the end of each line and
    /// nothing else around its lines. `None` if there is no body, as in a program that reads keys.
    pub fn read(&self, begin: &str, text: &[u8]) -> Option<BlockKey> {
        if begin == putty::MARK {
            let putty::PuttyKey { body, protection } = putty::read(text)?;
            return Some(self.key(&body, protection));
        }
        let (_, end) = self.marks.iter().find(|(own, _)| own == begin)?;
        let Armor { mut body, is_encrypted } = body::armor(text, begin.len(), end.as_bytes())?;
        let result = match body.decoded() {
            _ if body.base64.len() < SHORTEST => Err(BlockFault::Short(body.base64.len())),
            None => Err(BlockFault::Structure),
            Some(bytes) if is_encrypted => numbers::drawn(&bytes).map(|()| Protection::Encrypted),
            Some(bytes) if self.form == BlockForm::Base64 && body.is_whole => {
                numbers::drawn(&bytes).map(|()| Protection::Open)
            }
            Some(_) if self.form == BlockForm::Base64 => Err(BlockFault::Cut),
            Some(bytes) => private_key(&bytes, body.is_whole).map(|(protection, length)| {
                // Words may follow a key that lacks its end.
                if let Some(length) = length.filter(|_| !body.is_whole) {
                    let extra = body.base64.len().saturating_sub((4 * length).div_ceil(3));
                    body.base64.truncate(body.base64.len() - extra);
                }
                protection
            }),
        };
        Some(self.key(&body, result))
    }

    fn key(&self, body: &BlockBody, protection: Result<Protection, BlockFault>) -> BlockKey {
        let fault = match protection {
            Err(fault) => Some(fault),
            Ok(Protection::Encrypted) if !self.is_encrypted => Some(BlockFault::Encrypted),
            Ok(Protection::Open) if self.is_encrypted => Some(BlockFault::Open),
            Ok(Protection::Open | Protection::Encrypted) => None,
        };
        let mut material = body.base64.clone();
        if body.is_whole {
            material.extend(std::iter::repeat_n(b'=', material.len().wrapping_neg() % 4));
        }
        BlockKey { material, end: body.end, fault }
    }
}

/// Reads a private key. Also returns how many bytes it has, if it is all there and says so.
fn private_key(bytes: &[u8], is_whole: bool) -> Result<(Protection, Option<usize>), BlockFault> {
    if let Some(rest) = bytes.strip_prefix(openssh::MAGIC) {
        let (protection, length) = openssh::read(rest, is_whole)?;
        return Ok((protection, length.map(|length| length + openssh::MAGIC.len())));
    }
    match bytes.first() {
        Some(0x30) => der::read(bytes, is_whole),
        Some(0x80..) => pgp::read(bytes, is_whole).map(|protection| (protection, None)),
        _ => Err(BlockFault::Structure),
    }
}
