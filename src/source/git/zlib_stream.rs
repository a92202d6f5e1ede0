//! Inflates texts that end where only the inflater knows: `libdeflater`, which reads packs much faster,
//! does not say how many bytes it has read.

use flate2::{Decompress, FlushDecompress, Status};

/// Inflates the zlib stream at the beginning of `deflated` into exactly `size` bytes. Returns them and the
/// length of the stream; `None` if it is damaged or has another size.
pub(super) fn inflate_exactly(deflated: &[u8], size: usize) -> Option<(Vec<u8>, usize)> {
    let mut inflater = Decompress::new(true);
    // Nothing is reserved for what a wrong length promises: deflate yields at most 1,032 bytes per byte.
    if size / 1032 > deflated.len() {
        return None;
    }
    let mut bytes = vec![0; size];
    let status = inflater.decompress(deflated, &mut bytes, FlushDecompress::Finish).ok()?;
    let used = usize::try_from(inflater.total_in()).ok()?;
    let is_whole = status == Status::StreamEnd && inflater.total_out() == size as u64;
    is_whole.then_some((bytes, used))
}
