//! zlib (RFC 1950), as in git's loose objects.

use flate2::read::ZlibDecoder;

use super::container::{Container, Fault, Members, Opening, ReadSeek, has_ending};

/// zlib.
pub(super) struct Zlib;

impl Container for Zlib {
    fn name(&self) -> &'static str {
        "a zlib file"
    }

    fn begins(&self, start: &[u8]) -> bool {
        matches!(start, [0x78, flags, _, ..]
            if matches!(flags, 0x01 | 0x5e | 0x9c | 0xda))
            && !start.iter().take(64).all(u8::is_ascii)
    }

    fn is_certain(&self, name: &[u8]) -> bool {
        // Two bytes prove nothing.
        has_ending(name, &[b".zlib", b".zz"])
    }

    fn is_compression(&self) -> bool {
        true
    }

    fn opening(&self) -> Opening {
        Opening::File(read)
    }
}

fn read(input: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    members.member(b"", &mut ZlibDecoder::new(input))
}
