//! Inflates entries of packs as fast as it can be done.

use libdeflater::Decompressor;

use super::object_search::MAX_OBJECT;

/// Spare bytes after the output that let libdeflate stay in its fast loop to the end: that needs
/// the length of the longest match, 258 bytes, and some words (299 bytes in all, in version 1.26).
/// Most deltas are not even that long.
pub const INFLATE_ROOM: usize = 320;

/// Inflates `deflated` to exactly `size` bytes, the first of `bytes`, which grows if necessary.
pub(super) fn inflate(
    inflate: &mut Decompressor,
    deflated: &[u8],
    size: usize,
    bytes: &mut Vec<u8>,
) -> bool {
    // Deflate yields at most 1,032 bytes per byte: a header that claims more is false, and gets no
    // memory.
    if size > MAX_OBJECT || size > deflated.len().saturating_mul(1032) + 64 {
        return false;
    }
    let room = size + INFLATE_ROOM;
    // Never truncated: what is there need not be zeroed again.
    if bytes.len() < room {
        bytes.resize(room, 0);
    }
    inflate.zlib_decompress(deflated, &mut bytes[..room]) == Ok(size)
}
