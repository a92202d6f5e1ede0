//! lz4 frames, one or several.

use std::io::{self, Read};

use lz4_flex::frame::FrameDecoder;

use super::container::{Container, Fault, Members, Opening};

/// lz4.
pub(super) struct Lz4;

impl Container for Lz4 {
    fn name(&self) -> &'static str {
        "an lz4 file"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(&[0x04, 0x22, 0x4d, 0x18])
    }

    fn is_compression(&self) -> bool {
        true
    }

    fn opening(&self) -> Opening {
        Opening::Stream(read)
    }
}

fn read(input: &mut dyn Read, members: &mut dyn Members) -> Result<(), Fault> {
    members.member(b"", &mut Lz4Frames { decoder: FrameDecoder::new(input), was_empty: false })
}

/// The content of all frames of a file, as one text.
struct Lz4Frames<R: Read> {
    decoder: FrameDecoder<R>,
    was_empty: bool,
}

impl<R: Read> Read for Lz4Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The decoder reads nothing at the end of a frame, and again nothing at that of the file.
        while !self.was_empty {
            let read = self.decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let next = self.decoder.read(buffer)?;
            self.was_empty = next == 0;
            if next > 0 {
                return Ok(next);
            }
        }
        Ok(0)
    }
}
