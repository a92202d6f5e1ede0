//! zstd (RFC 8878), also several frames one after the other.

use std::io::{self, BufRead, BufReader, Read};

use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::container::{Container, Fault, Members, Opening, read_up_to, skip, u32_at};

/// zstd.
pub(super) struct Zstd;

/// The first bytes of a frame.
const MARK: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

impl Container for Zstd {
    fn name(&self) -> &'static str {
        "a zstd file"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(&MARK) || is_skipped(start) && start.len() > 8
    }

    fn is_compression(&self) -> bool {
        true
    }

    fn opening(&self) -> Opening {
        Opening::Stream(read)
    }
}

/// True for the mark of a frame that holds no content.
fn is_skipped(mark: &[u8]) -> bool {
    matches!(mark, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

fn read(input: &mut dyn Read, members: &mut dyn Members) -> Result<(), Fault> {
    let memory = members.limits().memory as u64;
    members.member(b"", &mut content(input, memory))
}

/// The content of all frames of an input, with windows of at most `memory` bytes.
pub(super) fn content<'c>(input: impl Read + 'c, memory: u64) -> impl Read + 'c {
    Frames { rest: Some(BufReader::new(input)), current: None, memory }
}

/// A frame, whose mark was read before.
type Frame<R> = StreamingDecoder<io::Chain<io::Cursor<[u8; 4]>, R>, FrameDecoder>;

/// The content of all frames of a file, as one text.
struct Frames<R: Read> {
    rest: Option<R>,
    current: Option<Box<Frame<R>>>,
    memory: u64,
}

impl<R: BufRead> Frames<R> {
    /// Begins the next frame. Returns false at the end.
    fn begin(&mut self) -> Result<bool, Fault> {
        let Some(mut rest) = self.rest.take() else { return Ok(false) };
        loop {
            let mut mark = [0; 4];
            match read_up_to(&mut rest, &mut mark)? {
                0 => return Ok(false),
                4 if mark == MARK => {
                    let input = io::Cursor::new(mark).chain(rest);
                    let decoder = StreamingDecoder::new_with_max_window_size(input, self.memory);
                    let decoder = decoder.map_err(|error| Fault::Broken(error.to_string()))?;
                    self.current = Some(Box::new(decoder));
                    return Ok(true);
                }
                4 if is_skipped(&mark) => {
                    let mut length = [0; 4];
                    rest.read_exact(&mut length)?;
                    skip(&mut rest, u64::from(u32_at(&length, 0)))?;
                }
                _ => return Err(Fault::broken("other data follows its end")),
            }
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(decoder) = &mut self.current {
                let read = decoder.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
                if let Some(decoder) = self.current.take() {
                    let (input, decoder) = decoder.into_parts();
                    let stored = decoder.get_checksum_from_data();
                    if stored.is_some() && stored != decoder.get_calculated_checksum() {
                        return Err(Fault::broken("its checksum is wrong").into());
                    }
                    self.rest = Some(input.into_inner().1);
                }
            }
            if !self.begin()? {
                return Ok(0);
            }
        }
    }
}
