//! lzma, the format before xz.

use std::io::Read;

use lzma_rust2::LzmaReader;

use super::container::{Container, Fault, Members, Opening, ReadSeek, has_ending, u32_at, u64_at};

/// lzma.
pub(super) struct Lzma;

/// The largest size that a header may give, so that few other files look like one.
const MOST: u64 = 1 << 38;

impl Container for Lzma {
    fn name(&self) -> &'static str {
        "an lzma file"
    }

    fn begins(&self, start: &[u8]) -> bool {
        // What all programs write: the usual properties, and a dictionary whose size is a power of two.
        if start.len() < 14 || start[0] != 0x5d {
            return false;
        }
        let (dictionary, size) = (u32_at(start, 1), u64_at(start, 5));
        dictionary >= 4096
            && dictionary.is_power_of_two()
            && (size == u64::MAX || size < MOST)
            && start[13] == 0
    }

    fn is_certain(&self, name: &[u8]) -> bool {
        has_ending(name, &[b".lzma", b".tlz"])
    }

    fn is_compression(&self) -> bool {
        true
    }

    fn opening(&self) -> Opening {
        Opening::File(read)
    }
}

fn read(input: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let kibibytes = u32::try_from(members.limits().memory >> 10).unwrap_or(u32::MAX);
    let input: &mut dyn Read = input;
    members.member(b"", &mut LzmaReader::new_mem_limit(input, kibibytes, None)?)
}
