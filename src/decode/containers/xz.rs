//! xz, also several of them one after the other.

use std::io::Read;

use lzma_rust2::XzReader;

use super::container::{Container, Fault, Members, Opening};

/// xz.
pub(super) struct Xz;

impl Container for Xz {
    fn name(&self) -> &'static str {
        "an xz file"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(b"\xfd7zXZ\0")
    }

    fn is_compression(&self) -> bool {
        true
    }

    fn opening(&self) -> Opening {
        Opening::Stream(read)
    }
}

fn read(input: &mut dyn Read, members: &mut dyn Members) -> Result<(), Fault> {
    let kibibytes = u32::try_from(members.limits().memory >> 10).unwrap_or(u32::MAX);
    members.member(b"", &mut XzReader::new_mem_limit(input, true, kibibytes))
}
