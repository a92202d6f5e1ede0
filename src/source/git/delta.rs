//! Deltas of pack files, which build an object from its base. Their bytes are hostile until
//! checked.
//!
//! The format is that of gitformat-pack(5), "Deltified representation".

use std::ops::Range;

use thiserror::Error;

/// The bytes are not a valid delta for this base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DeltaError {
    /// They end too early.
    #[error("the delta ends too early")]
    Truncated,
    /// The delta is made for a base of another size.
    #[error("the delta is for a base of another size")]
    Base,
    /// It copies from beyond the base, or uses the reserved instruction.
    #[error("the delta contains an invalid instruction")]
    Instruction,
    /// The size of the result differs from the header or exceeds the limit.
    #[error("the delta builds an object of another size than it claims")]
    Size,
}

/// Receives the pieces of the object that a delta builds, in order.
///
/// A large pack has tens of millions of pieces. Copies and insertions call different methods, so
/// that no value has to be built and matched for each.
pub trait DeltaSink {
    /// Receives the bytes of the base in `run`, which is inside it.
    fn copy(&mut self, base: &[u8], run: Range<usize>);
    /// Receives the bytes of `text` in `run`, which is inside it: they are part of the delta.
    fn insert(&mut self, text: &[u8], run: Range<usize>);
}

/// Builds the object.
impl DeltaSink for Vec<u8> {
    fn copy(&mut self, base: &[u8], run: Range<usize>) {
        self.extend_from_slice(&base[run]);
    }

    fn insert(&mut self, text: &[u8], run: Range<usize>) {
        self.extend_from_slice(&text[run]);
    }
}

/// A delta whose header has been read.
#[derive(Debug, Clone, Copy)]
pub struct Delta<'d> {
    instructions: &'d [u8],
    base_size: usize,
    /// Size in bytes of the object that it builds.
    pub size: usize,
}

impl<'d> Delta<'d> {
    /// Reads the header of a delta.
    ///
    /// # Errors
    /// A truncated header, or a size beyond this machine's.
    pub fn parse(bytes: &'d [u8]) -> Result<Self, DeltaError> {
        let mut rest = bytes;
        let base_size = size(&mut rest)?;
        let size = size(&mut rest)?;
        Ok(Self { instructions: rest, base_size, size })
    }

    /// Passes on every piece of the object, never more than the size in the header.
    ///
    /// # Errors
    /// A delta that does not fit; the pieces passed on so far must not be used.
    #[inline]
    pub fn read(self, base: &[u8], take: &mut impl DeltaSink) -> Result<(), DeltaError> {
        if base.len() != self.base_size {
            return Err(DeltaError::Base);
        }
        let text = self.instructions;
        // Checked before bytes are taken: a hostile delta may not build more than it says.
        let mut left = self.size;
        let mut at = 0;
        while let Some(&code) = text.get(at) {
            at += 1;
            if code & 0x80 == 0 {
                let run = at..at + usize::from(code);
                if run.is_empty() {
                    return Err(DeltaError::Instruction);
                }
                if run.end > text.len() {
                    return Err(DeltaError::Truncated);
                }
                left = left.checked_sub(run.len()).ok_or(DeltaError::Size)?;
                at = run.end;
                take.insert(text, run);
            } else {
                let run;
                (run, at) = match quick_copy(text, at, code) {
                    Some(copy) => copy,
                    None => slow_copy(text, at, code)?,
                };
                if run.end > base.len() {
                    return Err(DeltaError::Instruction);
                }
                left = left.checked_sub(run.len()).ok_or(DeltaError::Size)?;
                take.copy(base, run);
            }
        }
        if left == 0 { Ok(()) } else { Err(DeltaError::Size) }
    }
}

/// The length of a copy instruction with length 0.
const LONGEST: usize = 0x1_0000;

/// Decodes a copy whose bytes begin at `at`: returns its run and the start of the next instruction.
/// Works in one go if more bytes follow than a copy can have and each of its numbers has only its
/// lowest bytes, as nearly all do.
#[inline]
fn quick_copy(text: &[u8], at: usize, code: u8) -> Option<(Range<usize>, usize)> {
    let word = u64::from_le_bytes(*text.get(at..)?.first_chunk()?);
    let (start, length) = (code & 0x0f, code >> 4 & 0x07);
    if start & (start + 1) != 0 || length & (length + 1) != 0 {
        return None;
    }
    let (starts, lengths) = (start.trailing_ones(), length.trailing_ones());
    let low = |word: u64, bytes: u32| (word & ((1 << (8 * bytes)) - 1)) as usize;
    let (start, length) = (low(word, starts), low(word >> (8 * starts), lengths));
    let end = start.checked_add(if length == 0 { LONGEST } else { length })?;
    Some((start..end, at + (starts + lengths) as usize))
}

/// Decodes any copy, byte by byte.
#[cold]
fn slow_copy(text: &[u8], mut at: usize, code: u8) -> Result<(Range<usize>, usize), DeltaError> {
    // A number consists of the bytes whose bits are set in the code.
    let mut number = |bits: Range<u8>| {
        let mut value = 0usize;
        for (shift, bit) in bits.enumerate() {
            if code & (1 << bit) != 0 {
                let byte = text.get(at).ok_or(DeltaError::Truncated)?;
                at += 1;
                value |= usize::from(*byte) << (8 * shift);
            }
        }
        Ok(value)
    };
    let (start, length) = (number(0..4)?, number(4..7)?);
    let length = if length == 0 { LONGEST } else { length };
    let end = start.checked_add(length).ok_or(DeltaError::Instruction)?;
    Ok((start..end, at))
}

/// Reads a number of seven bits per byte, the lowest first.
fn size(rest: &mut &[u8]) -> Result<usize, DeltaError> {
    let mut value = 0usize;
    for shift in (0..usize::BITS).step_by(7) {
        let (&byte, tail) = rest.split_first().ok_or(DeltaError::Truncated)?;
        *rest = tail;
        let bits = usize::from(byte & 0x7f);
        let shifted = bits << shift;
        if shifted >> shift != bits {
            return Err(DeltaError::Size);
        }
        value |= shifted;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(DeltaError::Size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, proptest};

    fn apply(base: &[u8], delta: &[u8]) -> Result<Vec<u8>, DeltaError> {
        let mut object = Vec::new();
        Delta::parse(delta)?.read(base, &mut object)?;
        Ok(object)
    }

    #[test]
    fn copies_and_insertions_build_the_object() {
        let base = b"hello, world";
        // Copy 7..12, insert "!", copy 0..5.
        let delta = [12, 11, 0x91, 7, 5, 1, b'!', 0x90, 5];
        assert_eq!(apply(base, &delta).unwrap(), b"world!hello");
    }

    #[test]
    fn a_copy_of_length_0_copies_64_kib() {
        let base = vec![7; 0x1_0000];
        let delta = [0x80, 0x80, 0x04, 0x80, 0x80, 0x04, 0x80];
        assert_eq!(apply(&base, &delta).unwrap(), base);
    }

    #[test]
    fn quick_and_slow_copies_agree() {
        let base: Vec<u8> = (0..0x2_0000usize).map(|at| (at ^ (at >> 7)) as u8).collect();
        let places = [(0, 1), (1, 0x100), (0x100, 3), (0x1_0000, 0x1_0000), (0x1_0203, 0x204)];
        for (start, length) in places {
            for follow in 0..12usize {
                let mut delta = vec![0x80, 0x80, 0x08];
                let size = length + follow;
                delta.extend([size as u8 | 0x80, (size >> 7) as u8 | 0x80, (size >> 14) as u8]);
                let code = delta.len();
                delta.push(0x80);
                let coded = if length == 0x1_0000 { 0 } else { length };
                for bit in 0..7usize {
                    let number =
                        if bit < 4 { start >> (8 * bit) } else { coded >> (8 * (bit - 4)) };
                    if number as u8 != 0 {
                        delta[code] |= 1 << bit;
                        delta.push(number as u8);
                    }
                }
                if follow > 0 {
                    delta.push(follow as u8);
                    delta.extend(vec![b'x'; follow]);
                }
                let expected = [&base[start..start + length], &vec![b'x'; follow]].concat();
                assert_eq!(apply(&base, &delta).unwrap(), expected, "{start} {length} {follow}");
            }
        }
    }

    #[test]
    fn a_delta_that_does_not_fit_is_an_error() {
        for (delta, error) in [
            (&[][..], DeltaError::Truncated),
            (&[0x80], DeltaError::Truncated),
            (&[3], DeltaError::Truncated),
            (&[4, 0], DeltaError::Base),
            (&[3, 1, 0], DeltaError::Instruction),
            (&[3, 1, 2, b'x'], DeltaError::Truncated),
            (&[3, 1, 0x91, 1], DeltaError::Truncated),
            (&[3, 1, 0x91, 3, 1], DeltaError::Instruction),
            (&[3, 9, 1, b'x'], DeltaError::Size),
            (&[3, 1, 2, b'x', b'y'], DeltaError::Size),
            (&[0xff; 12], DeltaError::Size),
        ] {
            assert_eq!(apply(b"abc", delta), Err(error), "{delta:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_or_build_more_than_they_claim(
            base in prop::collection::vec(any::<u8>(), 0..200),
            mut delta in prop::collection::vec(any::<u8>(), 0..100),
            fit in any::<bool>(),
        ) {
            if fit && !delta.is_empty() {
                delta[0] = (base.len() & 0x7f) as u8;
            }
            if let Ok(object) = apply(&base, &delta) {
                assert_eq!(object.len(), Delta::parse(&delta).unwrap().size);
            }
        }
    }
}
