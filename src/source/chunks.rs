//! Reads a text of any size in overlapping chunks, so that memory use stays constant and nothing is
//! missed at the seams.

use std::io::{self, Read};
use std::ops::Range;

use super::text_encoding::TextEncoding;

/// Number of bytes of the neighbouring text that a chunk includes on either side. A match of any
/// rule, in UTF-16 too, and the surrounding lines that matter, are shorter.
pub const OVERLAP: usize = 64 * 1024;

/// The size of the first read, and the size up to which the buffer grows.
const FIRST: usize = 64 * 1024;
const LARGEST: usize = 4 * 1024 * 1024;

/// A stretch of a text.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'p> {
    /// The bytes.
    pub bytes: &'p [u8],
    /// Hits that begin here or later are this chunk's own; earlier ones belong to the chunk before.
    pub fresh_from: usize,
    /// Hits that begin here or later belong to the next chunk.
    pub fresh_to: usize,
    /// True for the beginning of the text.
    pub is_first: bool,
    /// True for the end of the text.
    pub is_last: bool,
    /// Where in `bytes` the next chunk begins; only meaningful if there is one.
    pub next_from: usize,
    /// The encoding of the whole text.
    pub encoding: TextEncoding,
}

impl<'p> Chunk<'p> {
    /// A whole text as one chunk.
    pub fn whole(bytes: &'p [u8]) -> Self {
        Self {
            bytes,
            fresh_from: 0,
            fresh_to: bytes.len(),
            is_first: true,
            is_last: true,
            next_from: bytes.len(),
            encoding: TextEncoding::detect(bytes),
        }
    }

    /// The offsets at which a hit of this chunk may begin.
    pub fn fresh(&self) -> Range<usize> {
        self.fresh_from..self.fresh_to
    }
}

/// A buffer that is reused for one text after the other.
#[derive(Debug)]
pub struct ChunkReader {
    buffer: Vec<u8>,
    largest: usize,
    overlap: usize,
}

impl Default for ChunkReader {
    fn default() -> Self {
        Self { buffer: Vec::new(), largest: LARGEST, overlap: OVERLAP }
    }
}

impl ChunkReader {
    /// A reader with chunks of `largest` bytes that overlap by `overlap` bytes.
    #[cfg(test)]
    pub(crate) fn sized(largest: usize, overlap: usize) -> Self {
        Self { buffer: Vec::new(), largest, overlap }
    }

    /// Reads `input` to its end and passes on its chunks. `accept` sees the first bytes and may
    /// reject the text; then nothing is passed on and the result is `false`.
    ///
    /// # Errors
    /// Those of the input, after all that precedes them was passed on.
    pub fn read(
        &mut self,
        input: &mut dyn Read,
        accept: impl FnOnce(&[u8]) -> bool,
        mut each: impl FnMut(Chunk<'_>),
    ) -> io::Result<bool> {
        if self.buffer.is_empty() {
            self.buffer.resize(FIRST.min(self.largest), 0);
        }
        let mut filled = read_some(input, &mut self.buffer)?;
        if !accept(&self.buffer[..filled]) {
            return Ok(false);
        }
        let mut encoding = None;
        let mut fresh_from = 0;
        let mut is_first = true;
        loop {
            // What precedes an error is passed on, too.
            let (is_last, error) = match self.fill(input, &mut filled) {
                Ok(is_last) => (is_last, None),
                Err(error) => (true, Some(error)),
            };
            let bytes = &self.buffer[..filled];
            let encoding = *encoding.get_or_insert_with(|| TextEncoding::detect(bytes));
            let fresh_to = if is_last { filled } else { filled - self.overlap };
            let next_from = if is_last {
                filled
            } else {
                encoding.boundary(bytes, fresh_to.saturating_sub(self.overlap))
            };
            each(Chunk { bytes, fresh_from, fresh_to, is_first, is_last, next_from, encoding });
            if is_last {
                return error.map_or(Ok(true), Err);
            }
            self.buffer.copy_within(next_from..filled, 0);
            filled -= next_from;
            fresh_from = fresh_to - next_from;
            is_first = false;
        }
    }

    /// Reads until the buffer has its largest size and is full, or the input ends. Returns true if
    /// it has ended.
    fn fill(&mut self, input: &mut dyn Read, filled: &mut usize) -> io::Result<bool> {
        loop {
            if *filled == self.buffer.len() {
                if self.buffer.len() >= self.largest {
                    return Ok(false);
                }
                let larger = (self.buffer.len() * 4).min(self.largest);
                self.buffer.resize(larger, 0);
            }
            match read_some(input, &mut self.buffer[*filled..])? {
                0 => return Ok(true),
                more => *filled += more,
            }
        }
    }
}

fn read_some(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An input that yields at most `step` bytes at a time.
    struct Slow<'s>(&'s [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(buffer.len()).min(self.0.len());
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    #[test]
    fn every_byte_is_fresh_once_and_has_its_surroundings() {
        for length in [0, 1, 63, 64, 65, 200, 1000] {
            for step in [1, 7, 1000] {
                let text: Vec<u8> = (0..length).map(|n| b'a' + (n % 23) as u8).collect();
                let mut reader = ChunkReader::sized(64, 16);
                let mut fresh = Vec::new();
                let mut start = 0;
                reader
                    .read(
                        &mut Slow(&text, step),
                        |_| true,
                        |chunk| {
                            assert_eq!(chunk.bytes, &text[start..start + chunk.bytes.len()]);
                            assert_eq!(chunk.is_first, start == 0);
                            let (from, to) = (start + chunk.fresh_from, start + chunk.fresh_to);
                            assert!(chunk.is_first || chunk.fresh_from >= 16);
                            assert!(chunk.is_last || chunk.bytes.len() - chunk.fresh_to >= 16);
                            assert_eq!(from, fresh.len());
                            fresh.extend_from_slice(&text[from..to]);
                            start += chunk.next_from;
                        },
                    )
                    .unwrap();
                assert_eq!(fresh, text, "length {length} step {step}");
            }
        }
    }

    #[test]
    fn a_rejected_text_is_not_passed_on() {
        let mut reader = ChunkReader::default();
        let read = reader.read(&mut &b"GIF89a"[..], |start| start != b"GIF89a", |_| panic!());
        assert!(!read.unwrap());
    }
}
