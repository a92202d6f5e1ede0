//! Private keys in DER: PKCS#1 (RFC 8017), SEC 1 (RFC 5915), DSA, PKCS#8 (RFC 5958) and encrypted
//! PKCS#8.

use super::fault::{BlockFault, Protection};
use super::numbers::{RsaPublic, drawn};

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// Object identifiers that encryption by a password begins with: PKCS#5 and PKCS#12.
const PASSWORD_BASED: [&[u8]; 2] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01],
];

/// Lengths of the secret number of elliptic curves in bytes.
const SCALAR: std::ops::RangeInclusive<usize> = 20..=72;

/// Elements of DER, of which the last one may be cut off if the text is not whole.
struct Der<'b> {
    rest: &'b [u8],
    is_whole: bool,
}

/// An element.
struct DerElement<'b> {
    tag: u8,
    content: &'b [u8],
    is_whole: bool,
}

impl<'b> DerElement<'b> {
    fn inside(&self) -> Der<'b> {
        Der { rest: self.content, is_whole: self.is_whole }
    }
}

impl<'b> Der<'b> {
    fn next(&mut self) -> Result<DerElement<'b>, BlockFault> {
        let [tag, first, rest @ ..] = self.rest else {
            return Err(self.at_end());
        };
        let more = match first {
            0..=0x7f => 0,
            0x81..=0x83 => usize::from(first & 0x0f),
            _ => return Err(BlockFault::Structure),
        };
        let Some((digits, rest)) = rest.split_at_checked(more) else {
            return Err(self.at_end());
        };
        let length = match more {
            0 => usize::from(*first),
            _ => digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)),
        };
        let is_whole = length <= rest.len();
        if !is_whole && self.is_whole {
            return Err(BlockFault::Structure);
        }
        let (content, rest) = rest.split_at(length.min(rest.len()));
        self.rest = rest;
        Ok(DerElement { tag: *tag, content, is_whole })
    }

    fn one(&mut self, tag: u8) -> Result<DerElement<'b>, BlockFault> {
        let element = self.next()?;
        if element.tag == tag { Ok(element) } else { Err(BlockFault::Structure) }
    }

    /// The content of an element that must not be cut off.
    fn whole(&mut self, tag: u8) -> Result<&'b [u8], BlockFault> {
        let element = self.one(tag)?;
        if element.is_whole { Ok(element.content) } else { Err(BlockFault::Cut) }
    }

    fn at_end(&self) -> BlockFault {
        if self.is_whole { BlockFault::Structure } else { BlockFault::Cut }
    }
}

/// Reads a private key. Also returns how many bytes it has, if it is all there.
pub(super) fn read(
    bytes: &[u8],
    is_whole: bool,
) -> Result<(Protection, Option<usize>), BlockFault> {
    let mut all = Der { rest: bytes, is_whole };
    let key = all.one(SEQUENCE)?;
    if is_whole && !all.rest.is_empty() {
        return Err(BlockFault::Structure);
    }
    let length = key.is_whole.then(|| bytes.len() - all.rest.len());
    let mut inside = key.inside();
    let first = inside.next()?;
    let protection = match first.tag {
        SEQUENCE => encrypted(&first, inside)?,
        INTEGER if first.content.len() == 1 => {
            open(first.content[0], inside)?;
            Protection::Open
        }
        _ => return Err(BlockFault::Structure),
    };
    Ok((protection, length))
}

/// `EncryptedPrivateKeyInfo`, after its algorithm.
fn encrypted(algorithm: &DerElement<'_>, mut rest: Der<'_>) -> Result<Protection, BlockFault> {
    let id = algorithm.inside().whole(OBJECT_ID)?;
    let text = rest.whole(OCTETS)?;
    if PASSWORD_BASED.iter().any(|known| id.starts_with(known)) && text.len() >= 32 {
        drawn(text)?;
        return Ok(Protection::Encrypted);
    }
    Err(BlockFault::Structure)
}

/// A key that is not encrypted, after its version.
fn open(version: u8, mut rest: Der<'_>) -> Result<(), BlockFault> {
    let next = rest.next()?;
    match next.tag {
        SEQUENCE if version <= 1 => {
            next.inside().whole(OBJECT_ID)?;
            wrapped(&rest.one(OCTETS)?)
        }
        OCTETS if version == 1 && next.is_whole => scalar(next.content),
        INTEGER if version <= 1 && next.is_whole => numbers(next.content, rest),
        _ => Err(rest.at_end()),
    }
}

/// The key inside PKCS#8: one of another form, a number, or bytes alone.
fn wrapped(key: &DerElement<'_>) -> Result<(), BlockFault> {
    let mut inside = key.inside();
    let element = inside.next()?;
    match element.tag {
        SEQUENCE => {
            let mut inside = element.inside();
            let version = inside.whole(INTEGER)?;
            open(version.first().copied().unwrap_or(u8::MAX), inside)
        }
        INTEGER | OCTETS if element.is_whole => scalar(element.content),
        _ => Err(inside.at_end()),
    }
}

fn scalar(secret: &[u8]) -> Result<(), BlockFault> {
    if SCALAR.contains(&secret.len()) { drawn(secret) } else { Err(BlockFault::Structure) }
}

/// The numbers of an RSA or DSA key.
fn numbers(first: &[u8], mut rest: Der<'_>) -> Result<(), BlockFault> {
    let second = rest.whole(INTEGER)?;
    if second.len() > 8 {
        // p, q, g, y, x
        for _ in 0..2 {
            rest.whole(INTEGER)?;
        }
        return scalar(rest.whole(INTEGER)?);
    }
    let public = RsaPublic::new(first, second)?;
    public.with_secret(rest.whole(INTEGER)?)?;
    // With its secret exponent a key is complete, even if the rest is cut off.
    let mut primes = || Ok((rest.whole(INTEGER)?, rest.whole(INTEGER)?));
    match primes() {
        Ok((p, q)) => public.with_primes(p, q),
        Err(BlockFault::Cut) => Ok(()),
        Err(fault) => Err(fault),
    }
}
