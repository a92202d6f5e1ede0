//! gzip (RFC 1952), also several of them one after the other.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;
use flate2::read::{DeflateDecoder, ZlibDecoder};

use super::container::{Container, Fault, Members, Opening};

/// gzip.
pub(super) struct Gzip;

impl Container for Gzip {
    fn name(&self) -> &'static str {
        "a gzip file"
    }

    fn begins(&self, start: &[u8]) -> bool {
        // The third byte is the only method there is.
        start.starts_with(b"\x1f\x8b\x08")
    }

    fn is_compression(&self) -> bool {
        true
    }

    fn opening(&self) -> Opening {
        Opening::Stream(read)
    }
}

fn read(input: &mut dyn Read, members: &mut dyn Members) -> Result<(), Fault> {
    let mut content = GzipParts { current: Some(GzDecoder::new(BufReader::new(input))) };
    let header = content.current.as_ref().and_then(GzDecoder::header);
    let name = header.and_then(|header| header.filename()).unwrap_or_default().to_vec();
    members.member(&name, &mut content)
}

/// The beginning of what bytes of gzip or zlib unpack to, up to `most` bytes, and true for gzip; `None` for
/// other bytes.
pub fn inflate(bytes: &[u8], most: usize) -> Option<(Vec<u8>, bool)> {
    let is_gzip = bytes.starts_with(b"\x1f\x8b\x08");
    let mut content = Vec::new();
    let most = most as u64;
    // Base64 may go on after its end, and damage at the end hides nothing of the beginning.
    let read = match is_gzip {
        true => GzDecoder::new(bytes).take(most).read_to_end(&mut content),
        false => ZlibDecoder::new(bytes).take(most).read_to_end(&mut content),
    };
    let is_one = is_gzip || read.is_ok();
    (is_one && !content.is_empty()).then_some((content, is_gzip))
}

/// The content of DEFLATE without a header, if it ends within `most` bytes.
pub fn inflate_bare(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let read = DeflateDecoder::new(bytes).take(most as u64).read_to_end(&mut content);
    (read.is_ok() && !content.is_empty()).then_some(content)
}

/// The content of all gzip members of a file, as one text.
struct GzipParts<R> {
    current: Option<GzDecoder<R>>,
}

impl<R: BufRead> Read for GzipParts<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = &mut self.current else { return Ok(0) };
            let read = decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut rest) = self.current.take().map(GzDecoder::into_inner) else {
                return Ok(0);
            };
            // Tapes are filled up with zeros.
            loop {
                let bytes = rest.fill_buf()?;
                let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                if zeros == 0 {
                    break;
                }
                rest.consume(zeros);
            }
            match rest.fill_buf()? {
                [] => return Ok(0),
                [0x1f, ..] => self.current = Some(GzDecoder::new(rest)),
                _ => return Err(Fault::broken("other data follows its end").into()),
            }
        }
    }
}
