//! The numbers in keys: big ones, as bytes from the highest on.

use super::fault::BlockFault;

/// The prime that products are compared by: a wrong product is right with a chance of 2^-61.
const PRIME: u64 = (1 << 61) - 1;

/// The fewest different bytes of a secret that was drawn at random. Of 20 random bytes, fewer differ
/// with a chance of 10^-8.
const FEWEST_DISTINCT: usize = 10;

/// Lengths of the modulus of an RSA key in bytes: 512 to 16,384 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 64..=2048;

/// The public half of an RSA key.
#[derive(Debug, Clone, Copy)]
pub(super) struct RsaPublic<'b> {
    pub(super) modulus: &'b [u8],
    pub(super) exponent: &'b [u8],
}

impl<'b> RsaPublic<'b> {
    /// A public half with numbers of the right size.
    pub(super) fn new(modulus: &'b [u8], exponent: &'b [u8]) -> Result<Self, BlockFault> {
        let (modulus, exponent) = (stripped(modulus), stripped(exponent));
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        let is_right = MODULUS.contains(&modulus.len())
            && is_odd(modulus)
            && (1..=8).contains(&exponent.len())
            && is_odd(exponent)
            && exponent != [1];
        if is_right { Ok(Self { modulus, exponent }) } else { Err(BlockFault::Structure) }
    }

    /// Checks the secret exponent.
    pub(super) fn with_secret(&self, secret: &[u8]) -> Result<(), BlockFault> {
        let secret = stripped(secret);
        if secret.len() > self.modulus.len() || 2 * secret.len() < self.modulus.len() {
            return Err(BlockFault::Structure);
        }
        drawn(secret)
    }

    /// Checks the two primes.
    pub(super) fn with_primes(&self, p: &[u8], q: &[u8]) -> Result<(), BlockFault> {
        let product = u128::from(residue(p)) * u128::from(residue(q)) % u128::from(PRIME);
        let is_right = product == u128::from(residue(self.modulus)) && !stripped(p).is_empty();
        if is_right { Ok(()) } else { Err(BlockFault::Altered) }
    }
}

/// A number without leading zeros.
pub(super) fn stripped(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    &number[zeros..]
}

/// Refuses secrets that were written and not drawn, such as `00 01 02 …` or one byte repeated.
pub(super) fn drawn(secret: &[u8]) -> Result<(), BlockFault> {
    let mut seen = [false; 256];
    for &byte in secret {
        seen[usize::from(byte)] = true;
    }
    let step = |pair: &[u8]| pair[1].wrapping_sub(pair[0]);
    let steps = || secret.windows(2).map(step);
    let is_sequence =
        steps().zip(steps().skip(1)).filter(|(a, b)| a == b).count() * 2 > secret.len();
    let is_drawn = seen.iter().filter(|&&seen| seen).count() >= FEWEST_DISTINCT && !is_sequence;
    if is_drawn { Ok(()) } else { Err(BlockFault::NotDrawn) }
}

fn residue(number: &[u8]) -> u64 {
    let add = |rest: u64, &byte: &u8| {
        ((u128::from(rest) << 8 | u128::from(byte)) % u128::from(PRIME)) as u64
    };
    number.iter().fold(0, add)
}
