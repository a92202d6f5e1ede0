//! PuTTY's form of private keys, versions 2 and 3: lines of text with two base64 bodies.

use super::body::{self, BlockBody};
use super::fault::{BlockFault, Protection};
use super::numbers::{RsaPublic, drawn};
use super::wire::Wire;

/// The text that such keys begin with.
pub(super) const MARK: &str = "PuTTY-User-Key-File-";

/// Bytes that AES, which PuTTY encrypts keys with, encrypts at once.
const AES_BLOCK: usize = 16;

/// Bytes of the shortest encrypted private part: a key of 32 bytes and its length, in whole blocks.
const SHORTEST_ENCRYPTED: usize = 3 * AES_BLOCK;

/// The private part of a key, and its end in the text.
pub(super) struct PuttyKey {
    pub(super) body: BlockBody,
    pub(super) protection: Result<Protection, BlockFault>,
}

/// Reads a key from the beginning of `text`; `None` if it is none, such as the mark in a program.
pub(super) fn read(text: &[u8]) -> Option<PuttyKey> {
    let mut lines = Lines { text, at: 0 };
    let first = lines.next()?;
    let kind = first.get(MARK.len() + 1..)?.strip_prefix(b": ")?;
    let cipher = lines.value(b"Encryption")?;
    lines.value(b"Comment")?;
    let public = lines.body(b"Public-Lines")?;
    // Version 3 tells here how the passphrase becomes a key.
    while let Some(line) = lines.peek()
        && !line.starts_with(b"Private-Lines")
    {
        body::header(line)?;
        lines.next();
    }
    let mut secret = lines.body(b"Private-Lines")?;
    if secret.is_whole && lines.value(b"Private-MAC").is_some() {
        secret.end = lines.end_of_last();
    }
    let protection = judge(kind, cipher, &public, &secret);
    Some(PuttyKey { body: secret, protection })
}

fn judge(
    kind: &[u8],
    cipher: &[u8],
    public: &BlockBody,
    secret: &BlockBody,
) -> Result<Protection, BlockFault> {
    let public = public.decoded().ok_or(BlockFault::Structure)?;
    let bytes = secret.decoded().ok_or(BlockFault::Structure)?;
    let mut public = Wire { rest: &public, is_whole: true };
    if public.text()? != kind {
        return Err(BlockFault::Altered);
    }
    if cipher != b"none" {
        // The last line may be cut.
        let is_whole = bytes.len() >= SHORTEST_ENCRYPTED && bytes.len().is_multiple_of(AES_BLOCK);
        if !secret.is_whole || !is_whole {
            return Err(BlockFault::Cut);
        }
        return drawn(&bytes).map(|()| Protection::Encrypted);
    }
    let mut secret = Wire { rest: &bytes, is_whole: secret.is_whole };
    if kind == b"ssh-rsa" {
        let exponent = public.text()?;
        let rsa = RsaPublic::new(public.text()?, exponent)?;
        rsa.with_secret(secret.text()?)?;
        if secret.is_whole {
            rsa.with_primes(secret.text()?, secret.text()?)?;
        }
    } else {
        drawn(secret.text()?)?;
    }
    Ok(Protection::Open)
}

/// The lines of a text, without those that are empty.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Lines<'t> {
    fn peek(&self) -> Option<&'t [u8]> {
        Lines { text: self.text, at: self.at }.next()
    }

    fn next(&mut self) -> Option<&'t [u8]> {
        loop {
            let rest = self.text.get(self.at..)?;
            if rest.is_empty() {
                return None;
            }
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            self.at += length + 1;
            let line = rest[..length].trim_ascii();
            if !line.is_empty() {
                return Some(line);
            }
        }
    }

    /// The value of the next line if that is the header `name`.
    fn value(&mut self, name: &[u8]) -> Option<&'t [u8]> {
        let line = self.peek()?;
        let (own, value) = body::header(line)?;
        if own != name {
            return None;
        }
        self.next();
        Some(value)
    }

    /// The base64 below a header that tells the number of its lines.
    fn body(&mut self, name: &[u8]) -> Option<BlockBody> {
        let count: usize = std::str::from_utf8(self.value(name)?).ok()?.parse().ok()?;
        let mut body = BlockBody { base64: Vec::new(), end: self.end_of_last(), is_whole: true };
        for _ in 0..count {
            let Some(line) = self.peek().filter(|line| body::is_base64(line)) else {
                body.is_whole = false;
                break;
            };
            self.next();
            body.base64.extend(line.iter().filter(|&&byte| byte != b'='));
            body.end = self.end_of_last();
        }
        (!body.base64.is_empty()).then_some(body)
    }

    /// End of the line that was read last.
    fn end_of_last(&self) -> usize {
        let before = &self.text[..self.at.saturating_sub(1).min(self.text.len())];
        before.trim_ascii_end().len()
    }
}
