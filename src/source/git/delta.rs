//! Deltas of pack files: how to make an object of its base. Their bytes are hostile until checked.
//!
//! The format is that of gitformat-pack(5), "Deltified representation".

use std::ops::Range;

use thiserror::Error;

/// Why bytes are no delta, or not one of this base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DeltaError {
    /// They end in the middle of something.
    #[error("the delta ends too early")]
    Truncated,
    /// The base has another size than the delta is made for.
    #[error("the delta is for a base of another size")]
    Base,
    /// It copies from beyond the base, or uses the reserved instruction.
    #[error("the delta holds an impossible instruction")]
    Instruction,
    /// The result has another size than it says, or than is allowed.
    #[error("the delta makes an object of another size than it says")]
    Size,
}

/// One instruction of a delta: take the bytes in a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Of the base.
    Copy(Range<usize>),
    /// Of the instructions themselves.
    Insert(Range<usize>),
}

/// A delta whose header has been read.
#[derive(Debug, Clone, Copy)]
pub struct Delta<'d> {
    instructions: &'d [u8],
    base_size: usize,
    /// The size in bytes of the object that it makes.
    pub size: usize,
}

impl<'d> Delta<'d> {
    /// Reads the header of a delta.
    ///
    /// # Errors
    /// A header that is cut or holds a size beyond this machine's.
    pub fn parse(bytes: &'d [u8]) -> Result<Self, DeltaError> {
        let mut rest = bytes;
        let base_size = size(&mut rest)?;
        let size = size(&mut rest)?;
        Ok(Self { instructions: rest, base_size, size })
    }

    /// Tells every step with the text that it takes bytes of: the base, or the instructions. These
    /// bytes make the object one after the other, and are never more than it says.
    ///
    /// # Errors
    /// Those of a delta that does not fit; what was told is then not to be used.
    pub fn read<'b>(
        self,
        base: &'b [u8],
        mut each: impl FnMut(Step, &'b [u8]),
    ) -> Result<(), DeltaError>
    where
        'd: 'b,
    {
        if base.len() != self.base_size {
            return Err(DeltaError::Base);
        }
        let mut left = self.size;
        let mut steps = Steps { instructions: self.instructions, at: 0 };
        while let Some(step) = steps.next()? {
            let (text, range) = match &step {
                Step::Copy(range) => (base, range),
                Step::Insert(range) => (self.instructions, range),
            };
            if range.end > text.len() {
                return Err(DeltaError::Instruction);
            }
            // Checked before the bytes are taken: a hostile delta may not make more than it says.
            left = left.checked_sub(range.len()).ok_or(DeltaError::Size)?;
            each(step, text);
        }
        if left == 0 { Ok(()) } else { Err(DeltaError::Size) }
    }
}

/// Takes instructions apart, one after the other.
struct Steps<'d> {
    instructions: &'d [u8],
    /// Where the next one begins.
    at: usize,
}

impl Steps<'_> {
    #[inline]
    fn next(&mut self) -> Result<Option<Step>, DeltaError> {
        let Some(&code) = self.instructions.get(self.at) else { return Ok(None) };
        self.at += 1;
        if code & 0x80 == 0 {
            let range = self.at..self.at + usize::from(code);
            if range.is_empty() {
                return Err(DeltaError::Instruction);
            }
            if range.end > self.instructions.len() {
                return Err(DeltaError::Truncated);
            }
            self.at = range.end;
            return Ok(Some(Step::Insert(range)));
        }
        let (start, length) = match self.both(code) {
            Some(both) => both,
            None => (self.number(code, 0..4)?, self.number(code, 4..7)?),
        };
        let length = if length == 0 { 0x1_0000 } else { length };
        let end = start.checked_add(length).ok_or(DeltaError::Instruction)?;
        Ok(Some(Step::Copy(start..end)))
    }

    /// Start and length of a copy at once, if more bytes follow than they can have, and if each
    /// has its lowest bytes only, as nearly all have. A walk takes millions of copies apart.
    #[inline]
    fn both(&mut self, code: u8) -> Option<(usize, usize)> {
        let word = u64::from_le_bytes(*self.instructions.get(self.at..)?.first_chunk()?);
        let (start, length) = (code & 0x0f, code >> 4 & 0x07);
        if start & (start + 1) != 0 || length & (length + 1) != 0 {
            return None;
        }
        let (starts, lengths) = (start.trailing_ones(), length.trailing_ones());
        let low = |word: u64, bytes: u32| (word & ((1 << (8 * bytes)) - 1)) as usize;
        self.at += (starts + lengths) as usize;
        Some((low(word, starts), low(word >> (8 * starts), lengths)))
    }

    /// A number of a copy, of which those bytes follow whose bits are set in `code`.
    #[cold]
    fn number(&mut self, code: u8, bits: Range<u8>) -> Result<usize, DeltaError> {
        let mut value = 0usize;
        for (shift, bit) in bits.enumerate() {
            if code & (1 << bit) != 0 {
                let byte = self.instructions.get(self.at).ok_or(DeltaError::Truncated)?;
                self.at += 1;
                value |= usize::from(*byte) << (8 * shift);
            }
        }
        Ok(value)
    }
}

/// Reads a number of seven bits a byte, the lowest first.
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
        Delta::parse(delta)?.read(base, |step, text| {
            let (Step::Copy(range) | Step::Insert(range)) = step;
            object.extend_from_slice(&text[range]);
        })?;
        Ok(object)
    }

    #[test]
    fn copies_and_inserts_make_the_object() {
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
    fn numbers_are_read_alike_whatever_bytes_they_have_and_however_many_follow() {
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
    fn what_does_not_fit_is_an_error() {
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
        fn no_bytes_panic_or_make_more_than_they_say(
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
