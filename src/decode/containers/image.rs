//! The texts in images: comments and metadata of PNG and JPEG.

use std::io::{Read, SeekFrom};

use flate2::read::ZlibDecoder;

use super::container::{Container, Fault, Members, Opening, ReadSeek, read_up_to};

/// PNG.
pub(super) struct Png;

/// JPEG.
pub(super) struct Jpeg;

/// The longest text that is read, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

impl Container for Png {
    fn name(&self) -> &'static str {
        "a PNG image"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(b"\x89PNG\r\n\x1a\n")
    }

    fn is_certain(&self, _name: &[u8]) -> bool {
        // Its pixels are not read, so damage hides nothing.
        false
    }

    fn opening(&self) -> Opening {
        Opening::File(png)
    }
}

impl Container for Jpeg {
    fn name(&self) -> &'static str {
        "a JPEG image"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(b"\xff\xd8\xff")
    }

    fn is_certain(&self, _name: &[u8]) -> bool {
        false
    }

    fn opening(&self) -> Opening {
        Opening::File(jpeg)
    }
}

fn png(file: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let mut at = 8;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 8];
        if read_up_to(file, &mut header)? < header.len() {
            return Ok(());
        }
        let length = u32::from_be_bytes([header[0], header[1], header[2], header[3]]);
        at += u64::from(length) + 12;
        let kind = &header[4..];
        if kind == b"IEND" {
            return Ok(());
        }
        if !matches!(kind, b"tEXt" | b"zTXt" | b"iTXt" | b"eXIf") {
            continue;
        }
        let mut content = Vec::new();
        (&mut *file).take(u64::from(length).min(LONGEST)).read_to_end(&mut content)?;
        let end = content.iter().position(|byte| *byte == 0).unwrap_or(0);
        let (keyword, rest) = content.split_at(end);
        let name = if keyword.is_empty() { kind } else { keyword };
        match (kind, rest) {
            (b"zTXt", [0, _, packed @ ..]) => {
                members.member(name, &mut ZlibDecoder::new(packed))?;
            }
            (b"iTXt", [0, is_packed, _, tags @ ..]) => {
                // A language and the keyword in it precede the text.
                let mut parts = tags.splitn(3, |byte| *byte == 0);
                let text = parts.nth(2).unwrap_or_default();
                if *is_packed == 0 {
                    members.member(name, &mut { text })?;
                } else {
                    members.member(name, &mut ZlibDecoder::new(text))?;
                }
            }
            (b"tEXt", [0, text @ ..]) => members.member(name, &mut { text })?,
            _ => members.member(name, &mut &content[..])?,
        }
    }
}

fn jpeg(file: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let mut at = 2;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 4];
        if read_up_to(file, &mut header)? < header.len() || header[0] != 0xff {
            return Ok(());
        }
        let length = u64::from(u16::from_be_bytes([header[2], header[3]]));
        // The pixels begin.
        if header[1] == 0xda || length < 2 {
            return Ok(());
        }
        at += 2 + length;
        let name: &[u8] = match header[1] {
            0xe1 => b"metadata",
            0xed => b"caption",
            0xfe => b"comment",
            _ => continue,
        };
        let mut content = Vec::new();
        (&mut *file).take(length - 2).read_to_end(&mut content)?;
        members.member(name, &mut &content[..])?;
    }
}
