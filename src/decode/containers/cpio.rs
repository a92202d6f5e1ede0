//! cpio: the formats `newc`, `crc` and `odc`.

use std::io::Read;

use super::container::{Container, Fault, Members, Opening, read_up_to, skip};

/// cpio.
pub(super) struct Cpio;

/// The longest name that is read.
const LONGEST: u64 = 64 * 1024;

impl Container for Cpio {
    fn name(&self) -> &'static str {
        "a cpio archive"
    }

    fn begins(&self, start: &[u8]) -> bool {
        let (is_new, length) = match start.get(..6) {
            Some(b"070701" | b"070702") => (true, 110),
            Some(b"070707") => (false, 76),
            _ => return false,
        };
        let digits = start.get(6..length).unwrap_or_default();
        !digits.is_empty()
            && digits.iter().all(|byte| {
                if is_new { byte.is_ascii_hexdigit() } else { matches!(byte, b'0'..=b'7') }
            })
    }

    fn opening(&self) -> Opening {
        Opening::Stream(read)
    }
}

/// A header.
struct CpioHeader {
    name: u64,
    content: u64,
    /// The header with the name, and the content, fill multiples of this many bytes.
    unit: u64,
    /// Its own length.
    length: u64,
}

impl CpioHeader {
    /// Reads the next header; `None` at the end of the input.
    fn read(input: &mut dyn Read) -> Result<Option<Self>, Fault> {
        let mut header = [0; 110];
        // Archives are filled up with zeros.
        loop {
            match read_up_to(input, &mut header[..4])? {
                4 if header[..4] == [0; 4] => {}
                4 => break,
                filled if header[..filled].iter().all(|byte| *byte == 0) => return Ok(None),
                _ => return Err(Fault::broken("it ends too early")),
            }
        }
        input.read_exact(&mut header[4..76])?;
        let number = |field: &[u8], radix| {
            let digits = std::str::from_utf8(field).ok();
            digits.and_then(|digits| u64::from_str_radix(digits, radix).ok())
        };
        let read = match &header[..6] {
            b"070701" | b"070702" => {
                input.read_exact(&mut header[76..])?;
                let (name, content) = (number(&header[94..102], 16), number(&header[54..62], 16));
                name.zip(content).map(|(name, content)| Self {
                    name,
                    content,
                    unit: 4,
                    length: 110,
                })
            }
            b"070707" => {
                let (name, content) = (number(&header[59..65], 8), number(&header[65..76], 8));
                name.zip(content).map(|(name, content)| Self { name, content, unit: 1, length: 76 })
            }
            _ => None,
        };
        read.map(Some).ok_or_else(|| Fault::broken("a header is wrong"))
    }

    fn padding(&self, length: u64) -> u64 {
        (self.unit - length % self.unit) % self.unit
    }
}

fn read(input: &mut dyn Read, members: &mut dyn Members) -> Result<(), Fault> {
    while let Some(header) = CpioHeader::read(input)? {
        let mut name = Vec::new();
        input.take(header.name.min(LONGEST)).read_to_end(&mut name)?;
        let more = header.name.saturating_sub(LONGEST);
        skip(input, more + header.padding(header.length + header.name))?;
        let name = name.strip_suffix(b"\0").unwrap_or(&name);
        // An initial ramdisk is several archives, one after the other.
        if name == b"TRAILER!!!" {
            continue;
        }
        let name: &[u8] = if name.is_empty() { b"." } else { name };
        let mut content = input.take(header.content);
        if header.content > 0 {
            members.member(name, &mut content)?;
        }
        let rest = content.limit();
        skip(input, rest + header.padding(header.content))?;
    }
    Ok(())
}
