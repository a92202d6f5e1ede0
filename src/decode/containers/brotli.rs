//! Brotli (RFC 7932). It has no mark, so its files are told by their names.

use std::io::Read;

use brotli_decompressor::Decompressor;

use super::container::{Container, Fault, Members, Opening};

/// Brotli.
pub(super) struct Brotli;

/// How much is read at a time.
const BLOCK: usize = 16 * 1024;

impl Container for Brotli {
    fn name(&self) -> &'static str {
        "a brotli file"
    }

    fn begins(&self, _: &[u8]) -> bool {
        false
    }

    fn is_named(&self, name: &[u8], start: &[u8]) -> bool {
        let is_named = name.len() > 3 && name[name.len() - 3..].eq_ignore_ascii_case(b".br");
        is_named && !start.is_ascii()
    }

    fn is_compression(&self) -> bool {
        true
    }

    fn opening(&self) -> Opening {
        Opening::Stream(read)
    }
}

fn read(input: &mut dyn Read, members: &mut dyn Members) -> Result<(), Fault> {
    let mut first = [0];
    input.read_exact(&mut first)?;
    // Windows of more than 16 MiB are an extension that browsers do not know.
    if first[0] & 0x7f == 0x11 {
        return Err(Fault::Unsupported("a large window of brotli".to_owned()));
    }
    members.member(b"", &mut Decompressor::new(first.chain(input), BLOCK))
}
