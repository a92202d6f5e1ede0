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

/// Inflates the beginning of the zlib stream at the beginning of `deflated`, at most `most` bytes; `None` if
/// it is damaged.
pub(super) fn inflate_start(deflated: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut inflater = Decompress::new(true);
    let mut bytes = vec![0; most];
    inflater.decompress(deflated, &mut bytes, FlushDecompress::None).ok()?;
    bytes.truncate(usize::try_from(inflater.total_out()).ok()?);
    Some(bytes)
}

/// Inflates the zlib stream at the beginning of `deflated`, which must have `size` bytes, and passes them on
/// in pieces. Returns the length of the stream; `None` if it is damaged or has another size.
pub(super) fn inflate_pieces(
    deflated: &[u8],
    size: usize,
    take: &mut impl FnMut(&[u8]),
) -> Option<usize> {
    let mut inflater = Decompress::new(true);
    let mut piece = vec![0; PIECE.min(size + 1)];
    loop {
        let (read, made) = (inflater.total_in(), inflater.total_out());
        let rest = deflated.get(usize::try_from(read).ok()?..)?;
        let status = inflater.decompress(rest, &mut piece, FlushDecompress::None).ok()?;
        take(piece.get(..usize::try_from(inflater.total_out() - made).ok()?)?);
        let is_over = inflater.total_out() > size as u64;
        match status {
            Status::StreamEnd => {
                let is_whole = inflater.total_out() == size as u64;
                return usize::try_from(inflater.total_in()).ok().filter(|_| is_whole);
            }
            _ if is_over || (inflater.total_in(), inflater.total_out()) == (read, made) => {
                return None;
            }
            Status::Ok | Status::BufError => {}
        }
    }
}

/// Bytes that are passed on at once.
const PIECE: usize = 1 << 16;
