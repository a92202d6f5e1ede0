//! Snappy blocks, as in Avro and Parquet.

use super::container::Fault;

/// The content of a block, of at most `most` bytes.
pub(super) fn unpacked(block: &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let broken = || Fault::broken("a block of Snappy is cut or wrong");
    let (length, mut rest) = length(block).ok_or_else(broken)?;
    if length > most {
        return Err(Fault::Limit("has a block that needs more memory than allowed".to_owned()));
    }
    // A byte comes to no more than 64.
    let mut out = Vec::with_capacity(length.min(block.len().saturating_mul(64)));
    while let Some((&tag, after)) = rest.split_first() {
        let count = usize::from(tag >> 2);
        let (from, count, after) = match tag & 3 {
            0 => {
                let extra = count.saturating_sub(59);
                let (number, after) = number(after, extra).ok_or_else(broken)?;
                let count = 1 + if extra > 0 { number } else { count };
                let (own, after) = after.split_at_checked(count).ok_or_else(broken)?;
                if out.len() + count > length {
                    return Err(broken());
                }
                out.extend_from_slice(own);
                rest = after;
                continue;
            }
            1 => {
                let (low, after) = number(after, 1).ok_or_else(broken)?;
                (usize::from(tag >> 5) << 8 | low, 4 + (count & 7), after)
            }
            2 => {
                number(after, 2).map(|(from, after)| (from, 1 + count, after)).ok_or_else(broken)?
            }
            _ => {
                number(after, 4).map(|(from, after)| (from, 1 + count, after)).ok_or_else(broken)?
            }
        };
        if from == 0 || from > out.len() || out.len() + count > length {
            return Err(broken());
        }
        for _ in 0..count {
            out.push(out[out.len() - from]);
        }
        rest = after;
    }
    if out.len() == length { Ok(out) } else { Err(broken()) }
}

/// A number of so many bytes, the lowest first, and what follows it.
fn number(bytes: &[u8], count: usize) -> Option<(usize, &[u8])> {
    let (own, rest) = bytes.split_at_checked(count)?;
    Some((own.iter().rev().fold(0, |all, byte| all << 8 | usize::from(*byte)), rest))
}

/// The length that a block begins with.
fn length(block: &[u8]) -> Option<(usize, &[u8])> {
    let mut length = 0;
    for (nth, &byte) in block.iter().take(5).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * nth);
        if byte < 0x80 {
            return Some((length, &block[nth + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_unpacked() {
        for (block, content) in [
            (&b"\x05\x10abcde"[..], &b"abcde"[..]),
            (b"\x08\x04ab\x15\x02", b"abababababab".get(..11).unwrap_or_default()),
            (b"\x06\x04ab\x0e\x02\x00", b"ababab"),
            (b"\x00", b""),
        ] {
            let own = unpacked(block, 100);
            if content.len() == usize::from(block[0]) {
                assert_eq!(own.unwrap(), content, "{block:?}");
            } else {
                assert!(own.is_err(), "{block:?}");
            }
        }
        for wrong in [
            &b""[..],
            b"\x05\x10abc",
            b"\x05\x10abcdef",
            b"\x08\x04ab\x0e\x03\x00",
            b"\xff\xff\xff\xff\xff",
        ] {
            assert!(unpacked(wrong, 1000).is_err(), "{wrong:?}");
        }
        assert!(matches!(unpacked(b"\x80\x80\x01", 100), Err(Fault::Limit(_))));
    }
}
