//! Compares 64 bytes at once: a class of bytes becomes one bit for each byte, the first byte's in the lowest.

use wide::i8x16;

/// Bytes that are compared together.
pub const BLOCK: usize = 64;

/// Bytes of a text, ready to be compared.
pub trait ByteBlock: Copy {
    /// A block of these bytes.
    fn of(bytes: &[u8; BLOCK]) -> Self;

    /// The same bytes with capitals as small letters. Few others change, too.
    fn lower(self) -> Self;

    /// The bytes from `first` to `last`, both of ASCII.
    fn within(self, first: u8, last: u8) -> u64;

    /// The bytes that are one of these.
    fn is<const N: usize>(self, bytes: [u8; N]) -> u64;

    /// The first bytes of `text`; `fill` stands for those that it lacks.
    #[inline(always)]
    fn first_of(text: &[u8], fill: u8) -> Self {
        match text.first_chunk() {
            Some(block) => Self::of(block),
            None => {
                let mut block = [fill; BLOCK];
                block[..text.len()].copy_from_slice(text);
                Self::of(&block)
            }
        }
    }
}

/// Classes of the bytes of a block.
pub trait BlockMasks: Sized {
    /// The classes of the first bytes of `text`. To be inlined always, as it is a part of a [`BlockPass`].
    fn of_block<B: ByteBlock>(text: &[u8]) -> Self;
}

/// A pass over a text, block by block.
pub trait BlockPass: Sized {
    /// The result.
    type Output;

    /// Makes the pass. To be inlined always, with all that compares blocks: it is compiled for each kind of
    /// processor.
    fn run<B: ByteBlock>(self) -> Self::Output;

    /// Makes the pass with what the processor can do.
    #[inline]
    #[allow(unsafe_code, reason = "see SAFETY; no other way leads to code for newer processors")]
    fn run_fast(self) -> Self::Output {
        #[cfg(target_arch = "x86_64")]
        if counts_bits() {
            if std::arch::is_x86_feature_detected!("avx512bw") {
                // SAFETY: the processor has AVX-512BW and the instructions for bits.
                return unsafe { avx512::run(self) };
            }
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has AVX2 and the instructions for bits.
                return unsafe { avx2::run(self) };
            }
        }
        self.run::<PortableBlock>()
    }
}

/// True for the instructions for bits that all processors with AVX2 have.
#[cfg(target_arch = "x86_64")]
#[inline]
fn counts_bits() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("bmi1") && has!("bmi2") && has!("lzcnt") && has!("popcnt")
}

/// A block that every processor can compare.
#[derive(Debug, Clone, Copy)]
struct PortableBlock([i8x16; 4]);

impl PortableBlock {
    /// The bits of the lanes for which `is` holds.
    #[inline(always)]
    fn bits(self, is: impl Fn(i8x16) -> i8x16) -> u64 {
        let bits = |nth: usize| u64::from(is(self.0[nth]).to_bitmask() & 0xffff) << (16 * nth);
        bits(0) | bits(1) | bits(2) | bits(3)
    }
}

impl ByteBlock for PortableBlock {
    #[inline(always)]
    fn of(bytes: &[u8; BLOCK]) -> Self {
        let lanes = bytes.as_chunks::<16>().0;
        let lane = |nth: usize| i8x16::new(lanes[nth].map(|byte| byte as i8));
        Self([lane(0), lane(1), lane(2), lane(3)])
    }

    #[inline(always)]
    fn lower(self) -> Self {
        Self(self.0.map(|lane| lane | i8x16::splat(0x20)))
    }

    #[inline(always)]
    fn within(self, first: u8, last: u8) -> u64 {
        // Bytes beyond ASCII are negative.
        let (below, above) = (i8x16::splat(first as i8 - 1), i8x16::splat(last as i8 + 1));
        self.bits(|lane| lane.simd_gt(below) & lane.simd_lt(above))
    }

    #[inline(always)]
    fn is<const N: usize>(self, bytes: [u8; N]) -> u64 {
        self.bits(|lane| {
            let is = |byte: u8| lane.simd_eq(i8x16::splat(byte as i8));
            bytes.into_iter().map(is).fold(i8x16::splat(0), |all, own| all | own)
        })
    }
}

/// Blocks for processors with AVX2, which compare 32 bytes in one step.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "see SAFETY; no other way leads to code for newer processors")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256,
    };

    use super::{BLOCK, BlockPass, ByteBlock};

    /// Makes a pass.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn run<P: BlockPass>(pass: P) -> P::Output {
        pass.run::<Avx2Block>()
    }

    /// Is made in passes that [`run`] makes only, so that each of its functions runs where there is AVX2.
    #[derive(Clone, Copy)]
    struct Avx2Block([__m256i; 2]);

    // Closures would be compiled without AVX2.
    impl Avx2Block {
        #[inline(always)]
        fn bits(self) -> u64 {
            let [low, high] = self.0;
            // SAFETY: there is AVX2 where there is a block.
            let (low, high) = unsafe { (_mm256_movemask_epi8(low), _mm256_movemask_epi8(high)) };
            u64::from(low as u32) | u64::from(high as u32) << 32
        }
    }

    impl ByteBlock for Avx2Block {
        #[inline(always)]
        fn of(bytes: &[u8; BLOCK]) -> Self {
            let [low, high] = [bytes[..32].as_ptr(), bytes[32..].as_ptr()];
            // SAFETY: only `run` leads here, which has AVX2; a lane has 32 bytes, and they need not be
            // aligned.
            unsafe { Self([_mm256_loadu_si256(low.cast()), _mm256_loadu_si256(high.cast())]) }
        }

        #[inline(always)]
        fn lower(self) -> Self {
            let [low, high] = self.0;
            // SAFETY: there is AVX2 where there is a block.
            unsafe {
                let bit = _mm256_set1_epi8(0x20);
                Self([_mm256_or_si256(low, bit), _mm256_or_si256(high, bit)])
            }
        }

        #[inline(always)]
        fn within(self, first: u8, last: u8) -> u64 {
            let mut lanes = self.0;
            for lane in &mut lanes {
                // SAFETY: there is AVX2 where there is a block.
                unsafe {
                    // Bytes beyond ASCII are negative.
                    let above = _mm256_cmpgt_epi8(*lane, _mm256_set1_epi8(first as i8 - 1));
                    let below = _mm256_cmpgt_epi8(_mm256_set1_epi8(last as i8 + 1), *lane);
                    *lane = _mm256_and_si256(above, below);
                }
            }
            Self(lanes).bits()
        }

        #[inline(always)]
        fn is<const N: usize>(self, bytes: [u8; N]) -> u64 {
            let mut lanes = self.0;
            for lane in &mut lanes {
                // SAFETY: there is AVX2 where there is a block.
                unsafe {
                    let mut any = _mm256_setzero_si256();
                    for byte in bytes {
                        let is = _mm256_cmpeq_epi8(*lane, _mm256_set1_epi8(byte as i8));
                        any = _mm256_or_si256(any, is);
                    }
                    *lane = any;
                }
            }
            Self(lanes).bits()
        }
    }
}

/// Blocks for processors with AVX-512BW, which compare 64 bytes in one step and make bits of it at once.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "see SAFETY; no other way leads to code for newer processors")]
mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm512_cmpeq_epi8_mask, _mm512_cmple_epu8_mask, _mm512_loadu_si512,
        _mm512_or_si512, _mm512_set1_epi8, _mm512_sub_epi8,
    };

    use super::{BLOCK, BlockPass, ByteBlock};

    /// Makes a pass.
    #[target_feature(enable = "avx512bw,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn run<P: BlockPass>(pass: P) -> P::Output {
        pass.run::<Avx512Block>()
    }

    /// Is made in passes that [`run`] makes only, so that each of its functions runs where there is AVX-512BW.
    #[derive(Clone, Copy)]
    struct Avx512Block(__m512i);

    // Closures would be compiled without AVX-512.
    impl ByteBlock for Avx512Block {
        #[inline(always)]
        fn of(bytes: &[u8; BLOCK]) -> Self {
            // SAFETY: only `run` leads here, which has AVX-512BW; the bytes are as many as are loaded, and
            // need not be aligned.
            unsafe { Self(_mm512_loadu_si512(bytes.as_ptr().cast())) }
        }

        #[inline(always)]
        fn lower(self) -> Self {
            // SAFETY: there is AVX-512BW where there is a block.
            unsafe { Self(_mm512_or_si512(self.0, _mm512_set1_epi8(0x20))) }
        }

        #[inline(always)]
        fn within(self, first: u8, last: u8) -> u64 {
            // SAFETY: there is AVX-512BW where there is a block.
            unsafe {
                let above = _mm512_sub_epi8(self.0, _mm512_set1_epi8(first as i8));
                _mm512_cmple_epu8_mask(above, _mm512_set1_epi8((last - first) as i8))
            }
        }

        #[inline(always)]
        fn is<const N: usize>(self, bytes: [u8; N]) -> u64 {
            let mut any = 0;
            for byte in bytes {
                // SAFETY: there is AVX-512BW where there is a block.
                any |= unsafe { _mm512_cmpeq_epi8_mask(self.0, _mm512_set1_epi8(byte as i8)) };
            }
            any
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some classes of bytes.
    #[derive(Debug, PartialEq)]
    struct Classes {
        some: u64,
        digits: u64,
        controls: u64,
        letters: u64,
        fill: u64,
    }

    impl BlockMasks for Classes {
        #[inline(always)]
        fn of_block<B: ByteBlock>(text: &[u8]) -> Self {
            let block = B::first_of(text, b' ');
            Self {
                some: block.is([b'a', 0xff]),
                digits: block.within(b'0', b'9'),
                controls: block.within(0, 0x1f),
                letters: block.lower().within(b'a', b'z'),
                fill: block.is([b' ']),
            }
        }
    }

    /// A pass over one block.
    struct Own<'t>(&'t [u8]);

    impl BlockPass for Own<'_> {
        type Output = Classes;

        #[inline(always)]
        fn run<B: ByteBlock>(self) -> Classes {
            Classes::of_block::<B>(self.0)
        }
    }

    /// With AVX2, also where there is more.
    #[allow(unsafe_code, reason = "see SAFETY")]
    fn with_avx2(bytes: &[u8]) -> Classes {
        #[cfg(target_arch = "x86_64")]
        if counts_bits() && std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2 and the instructions for bits.
            return unsafe { avx2::run(Own(bytes)) };
        }
        Own(bytes).run_fast()
    }

    #[test]
    fn bits_stand_for_the_bytes_of_a_class() {
        for start in [0, 64, 128, 192] {
            let bytes: Vec<u8> = (start..=start + (BLOCK as u8 - 1)).collect();
            for length in [0, 1, 31, 32, 63, 64] {
                let bits = |is: fn(u8) -> bool| {
                    let has = |nth: usize| is(bytes[..length].get(nth).copied().unwrap_or(b' '));
                    (0..BLOCK).fold(0, |bits, nth| bits | u64::from(has(nth)) << nth)
                };
                let own = Classes {
                    some: bits(|byte| matches!(byte, b'a' | 0xff)),
                    digits: bits(|byte| byte.is_ascii_digit()),
                    controls: bits(|byte| byte < 0x20),
                    letters: bits(|byte| byte.is_ascii_alphabetic()),
                    fill: bits(|byte| byte == b' '),
                };
                assert_eq!(Own(&bytes[..length]).run_fast(), own);
                assert_eq!(with_avx2(&bytes[..length]), own);
                assert_eq!(Own(&bytes[..length]).run::<PortableBlock>(), own);
            }
        }
    }
}
