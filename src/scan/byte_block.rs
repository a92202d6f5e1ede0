//! Compares 64 bytes at once: a class of bytes becomes one bit for each byte, the first byte's in the lowest.

use wide::i8x16;

/// Bytes that are compared together.
pub(super) const BLOCK: usize = 64;

/// Bytes of a text, ready to be compared.
#[derive(Clone, Copy)]
pub(super) struct ByteBlock([i8x16; 4]);

impl ByteBlock {
    #[inline]
    fn of(bytes: &[u8; BLOCK]) -> Self {
        let lanes = bytes.as_chunks::<16>().0;
        let lane = |nth: usize| i8x16::new(lanes[nth].map(|byte| byte as i8));
        Self([lane(0), lane(1), lane(2), lane(3)])
    }

    /// The first bytes of `text`; `fill` stands for those that it lacks.
    #[inline]
    pub(super) fn first_of(text: &[u8], fill: u8) -> Self {
        match text.first_chunk() {
            Some(block) => Self::of(block),
            None => {
                let mut block = [fill; BLOCK];
                block[..text.len()].copy_from_slice(text);
                Self::of(&block)
            }
        }
    }

    /// The bits of the lanes for which `is` holds.
    #[inline]
    fn bits(self, is: impl Fn(i8x16) -> i8x16) -> u64 {
        let bits = |nth: usize| u64::from(is(self.0[nth]).to_bitmask() & 0xffff) << (16 * nth);
        bits(0) | bits(1) | bits(2) | bits(3)
    }

    /// The same bytes with capitals as small letters. Few others change, too.
    #[inline]
    pub(super) fn lower(self) -> Self {
        Self(self.0.map(|lane| lane | i8x16::splat(0x20)))
    }

    /// The bytes from `first` to `last`, both of ASCII.
    #[inline]
    pub(super) fn within(self, first: u8, last: u8) -> u64 {
        // Bytes beyond ASCII are negative.
        let (below, above) = (i8x16::splat(first as i8 - 1), i8x16::splat(last as i8 + 1));
        self.bits(|lane| lane.simd_gt(below) & lane.simd_lt(above))
    }

    /// The bytes that are one of these.
    #[inline]
    pub(super) fn is<const N: usize>(self, bytes: [u8; N]) -> u64 {
        self.bits(|lane| {
            let is = |byte: u8| lane.simd_eq(i8x16::splat(byte as i8));
            bytes.into_iter().map(is).fold(i8x16::splat(0), |all, own| all | own)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_stand_for_the_bytes_of_a_class() {
        for start in (0..=255u8).step_by(BLOCK) {
            let bytes: Vec<u8> = (start..=start + (BLOCK as u8 - 1)).collect();
            let block = ByteBlock::first_of(&bytes, 0);
            for (nth, byte) in bytes.iter().enumerate() {
                let has = |bits: u64| bits >> nth & 1 == 1;
                assert_eq!(has(block.is([b'a', 0xff])), matches!(byte, b'a' | 0xff));
                assert_eq!(has(block.within(b'0', b'9')), byte.is_ascii_digit());
                assert_eq!(has(block.within(0, 0x1f)), *byte < 0x20);
                assert_eq!(has(block.lower().within(b'a', b'z')), byte.is_ascii_alphabetic());
            }
        }
        assert_eq!(ByteBlock::first_of(b"ab", b' ').is([b' ']), u64::MAX << 2);
    }
}
