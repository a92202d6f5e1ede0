//! bzip2, also several of them one after the other.

use std::io::Read;

use ::bzip2::read::MultiBzDecoder;

use super::container::{Container, Fault, Members, Opening};

/// bzip2.
pub(super) struct Bzip2;

impl Container for Bzip2 {
    fn name(&self) -> &'static str {
        "a bzip2 file"
    }

    fn begins(&self, start: &[u8]) -> bool {
        // The size of its blocks, then the mark of a block or of the end.
        let is_size = |byte: &u8| matches!(byte, b'1'..=b'9');
        start.starts_with(b"BZh")
            && start.get(3).is_some_and(is_size)
            && matches!(start.get(4..10), Some(b"1AY&SY" | b"\x17\x72\x45\x38\x50\x90"))
    }

    fn is_compression(&self) -> bool {
        true
    }

    fn opening(&self) -> Opening {
        Opening::Stream(read)
    }
}

fn read(input: &mut dyn Read, members: &mut dyn Members) -> Result<(), Fault> {
    members.member(b"", &mut MultiBzDecoder::new(input))
}
