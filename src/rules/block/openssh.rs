//! OpenSSH's own form of private keys (PROTOCOL.key in its sources).

use super::fault::{BlockFault, Protection};
use super::numbers::{RsaPublic, drawn, stripped};
use super::wire::Wire;

/// The first bytes of every such key.
pub(super) const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Reads a private key after its magic. Also returns how many bytes that takes, if it is all there.
pub(super) fn read(
    bytes: &[u8],
    is_whole: bool,
) -> Result<(Protection, Option<usize>), BlockFault> {
    let mut all = Wire { rest: bytes, is_whole };
    let cipher = all.text()?;
    all.text()?;
    all.text()?;
    if all.number()? != 1 {
        return Err(BlockFault::Structure);
    }
    let public = Wire { rest: all.text()?, is_whole: true };
    let secret = all.part()?;
    // Some ciphers put a tag behind the last text.
    let tag = if cipher.ends_with(b"@openssh.com") { 16 } else { 0 };
    if is_whole && all.rest.len() != tag {
        return Err(BlockFault::Structure);
    }
    let length = secret.is_whole.then(|| bytes.len() - all.rest.len() + tag.min(all.rest.len()));
    if cipher == b"none" {
        open(secret, public)?;
        return Ok((Protection::Open, length));
    }
    if !secret.is_whole {
        return Err(BlockFault::Cut);
    }
    drawn(secret.rest)?;
    Ok((Protection::Encrypted, length))
}

/// The secret part of a key that is not encrypted.
fn open(mut secret: Wire<'_>, mut public: Wire<'_>) -> Result<(), BlockFault> {
    if secret.number()? != secret.number()? {
        return Err(BlockFault::Altered);
    }
    let kind = secret.text()?;
    if kind != public.text()? {
        return Err(BlockFault::Altered);
    }
    match kind {
        b"ssh-rsa" => {
            let (modulus, exponent) = (secret.text()?, secret.text()?);
            let rsa = RsaPublic::new(modulus, exponent)?;
            if [stripped(public.text()?), stripped(public.text()?)] != [rsa.exponent, rsa.modulus] {
                return Err(BlockFault::Altered);
            }
            rsa.with_secret(secret.text()?)?;
            let mut primes = || {
                secret.text()?;
                Ok((secret.text()?, secret.text()?))
            };
            match primes() {
                Ok((p, q)) => rsa.with_primes(p, q),
                Err(BlockFault::Cut) => Ok(()),
                Err(fault) => Err(fault),
            }
        }
        b"ssh-ed25519" => {
            let (key, pair) = (secret.text()?, secret.text()?);
            match pair.split_at_checked(32) {
                Some((seed, again)) if key == again && key == public.text()? => drawn(seed),
                _ => Err(BlockFault::Altered),
            }
        }
        b"ssh-dss" => {
            // p, q, g, y, x
            for _ in 0..4 {
                secret.text()?;
            }
            drawn(secret.text()?)
        }
        kind if kind.starts_with(b"ecdsa-sha2-") => {
            secret.text()?;
            secret.text()?;
            drawn(secret.text()?)
        }
        kind if kind.starts_with(b"sk-") => Err(BlockFault::Stub),
        _ => Err(BlockFault::Structure),
    }
}
