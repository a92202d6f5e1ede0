//! RPM packages: the header with its scripts, and the compressed cpio archive behind it.

use std::io::Read;

use super::container::{Container, Fault, Members, Opening, skip};

/// RPM.
pub(super) struct Rpm;

/// The length of what precedes the headers.
const LEAD: u64 = 96;

/// The longest header that is read.
const LONGEST: u64 = 16 * 1024 * 1024;

impl Container for Rpm {
    fn name(&self) -> &'static str {
        "an RPM package"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(b"\xed\xab\xee\xdb")
    }

    fn is_compression(&self) -> bool {
        true
    }

    fn opening(&self) -> Opening {
        Opening::Stream(read)
    }
}

/// Reads a header, and returns its length.
fn header(input: &mut dyn Read) -> Result<Vec<u8>, Fault> {
    let mut start = [0; 16];
    input.read_exact(&mut start)?;
    if !start.starts_with(b"\x8e\xad\xe8") {
        return Err(Fault::broken("a header is wrong"));
    }
    let number = |at: usize| {
        u64::from(u32::from_be_bytes([start[at], start[at + 1], start[at + 2], start[at + 3]]))
    };
    let length = number(8) * 16 + number(12);
    if length > LONGEST {
        return Err(Fault::broken("a header is too long"));
    }
    let mut header = Vec::new();
    input.take(length).read_to_end(&mut header)?;
    Ok(header)
}

fn read(input: &mut dyn Read, members: &mut dyn Members) -> Result<(), Fault> {
    skip(input, LEAD)?;
    let signatures = header(input)?;
    skip(input, (8 - signatures.len() as u64 % 8) % 8)?;
    members.member(b"header", &mut &header(input)?[..])?;
    members.member(b"", input)
}
