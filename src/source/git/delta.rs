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

/// One instruction of a delta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'d> {
    /// The bytes of the base in this range.
    Copy(Range<usize>),
    /// These bytes.
    Insert(&'d [u8]),
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

    /// The instructions; after an error there are no more.
    pub fn steps(self) -> Steps<'d> {
        Steps { rest: self.instructions, base_size: self.base_size }
    }

    /// Makes the object of `base` in `object`, whose content is replaced, and tells every step
    /// with the offset in the object at which its bytes begin.
    ///
    /// # Errors
    /// Those of a delta that does not fit; `object` is then not to be used.
    pub fn apply(
        self,
        base: &[u8],
        object: &mut Vec<u8>,
        mut each: impl FnMut(usize, &Step<'d>),
    ) -> Result<(), DeltaError> {
        object.clear();
        self.read(base, |step, bytes| {
            let start = object.len();
            object.extend_from_slice(bytes);
            each(start, &step);
        })
    }

    /// Tells every step with its bytes, which make the object one after the other: never more
    /// than it says.
    ///
    /// # Errors
    /// Those of a delta that does not fit; what was told is then not to be used.
    pub fn read<'b>(
        self,
        base: &'b [u8],
        mut each: impl FnMut(Step<'d>, &'b [u8]),
    ) -> Result<(), DeltaError>
    where
        'd: 'b,
    {
        if base.len() != self.base_size {
            return Err(DeltaError::Base);
        }
        let mut left = self.size;
        for step in self.steps() {
            let step = step?;
            let bytes = match &step {
                Step::Copy(range) => base.get(range.clone()).ok_or(DeltaError::Instruction)?,
                Step::Insert(bytes) => bytes,
            };
            // Checked before the bytes are taken: a hostile delta may not make more than it says.
            left = left.checked_sub(bytes.len()).ok_or(DeltaError::Size)?;
            each(step, bytes);
        }
        if left == 0 { Ok(()) } else { Err(DeltaError::Size) }
    }
}

/// The instructions of a delta, one after the other.
#[derive(Debug, Clone)]
pub struct Steps<'d> {
    rest: &'d [u8],
    base_size: usize,
}

impl<'d> Iterator for Steps<'d> {
    type Item = Result<Step<'d>, DeltaError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&code, rest) = self.rest.split_first()?;
        self.rest = rest;
        let step = self.step(code);
        if step.is_err() {
            self.rest = &[];
        }
        Some(step)
    }
}

impl<'d> Steps<'d> {
    fn step(&mut self, code: u8) -> Result<Step<'d>, DeltaError> {
        if code & 0x80 == 0 {
            let length = usize::from(code);
            if length == 0 {
                return Err(DeltaError::Instruction);
            }
            if length > self.rest.len() {
                return Err(DeltaError::Truncated);
            }
            let (bytes, rest) = self.rest.split_at(length);
            self.rest = rest;
            return Ok(Step::Insert(bytes));
        }
        let mut number = |bits: Range<u8>| {
            let mut value = 0usize;
            for (shift, bit) in bits.enumerate() {
                if code & (1 << bit) != 0 {
                    let (&byte, rest) = self.rest.split_first().ok_or(DeltaError::Truncated)?;
                    self.rest = rest;
                    value |= usize::from(byte) << (8 * shift);
                }
            }
            Ok(value)
        };
        let start = number(0..4)?;
        let length = match number(4..7)? {
            0 => 0x1_0000,
            length => length,
        };
        let end = start.checked_add(length).filter(|&end| end <= self.base_size);
        end.map(|end| Step::Copy(start..end)).ok_or(DeltaError::Instruction)
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
        Delta::parse(delta)?.apply(base, &mut object, |_, _| {})?;
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
