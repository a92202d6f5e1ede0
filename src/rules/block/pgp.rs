//! Secret keys of OpenPGP (RFC 4880, RFC 9580) and of GnuPG.

use super::fault::{BlockFault, Protection};
use super::numbers::drawn;

/// The kinds of packets that hold secret keys.
const SECRET_KEY: u8 = 5;
const SECRET_SUBKEY: u8 = 7;

/// GnuPG's mark of a key that is somewhere else, among the ways to make a key of a passphrase.
const GNU_EXTENSION: u8 = 101;

/// Reads the packets of a key. If one secret key among them is open, all are.
pub(super) fn read(bytes: &[u8], is_whole: bool) -> Result<Protection, BlockFault> {
    let mut packets = Bytes { rest: bytes, is_whole };
    let mut best = Err(BlockFault::Structure);
    let mut is_first = true;
    while !packets.rest.is_empty() {
        let (kind, content) = match packets.packet() {
            Ok(packet) => packet,
            Err(fault) if is_first => return Err(fault),
            Err(_) => break,
        };
        if is_first && kind != SECRET_KEY {
            return Err(BlockFault::Structure);
        }
        if matches!(kind, SECRET_KEY | SECRET_SUBKEY) {
            match (secret_key(content), &best) {
                (Ok(Protection::Open), _) => return Ok(Protection::Open),
                (Ok(Protection::Encrypted), _) => best = Ok(Protection::Encrypted),
                (Err(fault), Err(_)) if is_first || fault != BlockFault::Stub => best = Err(fault),
                (Err(_), _) => {}
            }
        }
        is_first = false;
    }
    best
}

/// Bytes that may be cut off.
#[derive(Clone, Copy)]
struct Bytes<'b> {
    rest: &'b [u8],
    is_whole: bool,
}

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], BlockFault> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(if self.is_whole { BlockFault::Structure } else { BlockFault::Cut });
        };
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, BlockFault> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self, bytes: usize) -> Result<usize, BlockFault> {
        Ok(self.take(bytes)?.iter().fold(0, |number, &byte| number << 8 | usize::from(byte)))
    }

    /// A number with its length in bits before it.
    fn integer(&mut self) -> Result<&'b [u8], BlockFault> {
        let bits = self.number(2)?;
        self.take(bits.div_ceil(8))
    }

    /// The kind and the content of a packet.
    fn packet(&mut self) -> Result<(u8, Self), BlockFault> {
        let mark = self.byte()?;
        let (kind, length) = match mark {
            0xc0.. => {
                let first = self.number(1)?;
                let length = match first {
                    0..192 => first,
                    192..224 => ((first - 192) << 8) + self.number(1)? + 192,
                    255 => self.number(4)?,
                    _ => return Err(BlockFault::Structure),
                };
                (mark & 0x3f, length)
            }
            0x80.. => {
                let length = match mark & 3 {
                    3 => self.rest.len(),
                    size => self.number(1 << size)?,
                };
                (mark >> 2 & 0x0f, length)
            }
            _ => return Err(BlockFault::Structure),
        };
        let is_whole = length <= self.rest.len();
        let content = self.take(length.min(self.rest.len()))?;
        if !is_whole && self.is_whole {
            return Err(BlockFault::Structure);
        }
        Ok((kind, Self { rest: content, is_whole }))
    }
}

fn secret_key(mut key: Bytes<'_>) -> Result<Protection, BlockFault> {
    let version = key.byte()?;
    key.take(4)?;
    if version == 3 {
        key.take(2)?;
    }
    let algorithm = key.byte()?;
    if version >= 5 {
        key.take(4)?;
    }
    // The fixed length of the secret in bytes, if it is not a number with a length of its own.
    let mut fixed = None;
    match algorithm {
        1..=3 => integers(&mut key, 2)?,
        16 => integers(&mut key, 3)?,
        17 => integers(&mut key, 4)?,
        18 | 19 | 22 => {
            let curve = key.number(1)?;
            key.take(curve)?;
            integers(&mut key, 1)?;
            if algorithm == 18 {
                let parameters = key.number(1)?;
                key.take(parameters)?;
            }
        }
        25..=28 => {
            let length = [32, 56, 32, 57][usize::from(algorithm - 25)];
            key.take(length)?;
            fixed = Some(length);
        }
        _ => return Err(BlockFault::Structure),
    }
    match key.byte()? {
        0 => {
            if version == 5 {
                key.take(4)?;
            }
            drawn(match fixed {
                Some(length) => key.take(length)?,
                None => key.integer()?,
            })?;
            Ok(Protection::Open)
        }
        253..=255 => {
            if version >= 5 {
                key.byte()?;
            }
            key.byte()?;
            if version == 6 {
                key.byte()?;
            }
            if key.byte()? == GNU_EXTENSION {
                return Err(BlockFault::Stub);
            }
            if key.rest.len() < 16 {
                return Err(if key.is_whole { BlockFault::Structure } else { BlockFault::Cut });
            }
            drawn(key.rest).map(|()| Protection::Encrypted)
        }
        // Before there were other ways, the cipher stood here.
        1..=10 => drawn(key.rest).map(|()| Protection::Encrypted),
        _ => Err(BlockFault::Structure),
    }
}

fn integers(key: &mut Bytes<'_>, count: usize) -> Result<(), BlockFault> {
    for _ in 0..count {
        key.integer()?;
    }
    Ok(())
}
