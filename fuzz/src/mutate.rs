//! Changes files as damage and malice do, by a seeded generator, so that a run can be repeated.

/// A generator of random numbers (xorshift).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`; 0 if that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end.max(1)
    }
}

/// Numbers at which parsers err.
const EDGES: [u64; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
    0x0101_0101,
];

/// The largest file that mutations grow.
const LARGEST: usize = 64 * 1024;

/// A changed copy of a file. `other` is one to take pieces of.
pub(crate) fn mutated(file: &[u8], other: &[u8], words: &[&str], random: &mut Random) -> Vec<u8> {
    let mut bytes = file.to_vec();
    let count = 1 + random.below(4) * random.below(4);
    for _ in 0..count {
        if bytes.is_empty() {
            bytes.push(random.below(256) as u8);
        }
        let at = random.below(bytes.len());
        let length = 1 + random.below((bytes.len() - at).min(64));
        match random.below(11) {
            0 | 1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes[at] = random.below(256) as u8,
            3 => {
                // A number in either order of its bytes.
                let edge = EDGES[random.below(EDGES.len())];
                let size = [1, 2, 4, 8][random.below(4)].min(bytes.len() - at);
                let small = edge.to_le_bytes();
                for nth in 0..size {
                    let from = if random.below(2) == 0 { nth } else { size - 1 - nth };
                    bytes[at + nth] = small[from];
                }
            }
            4 => bytes.truncate(at),
            5 => drop(bytes.drain(at..at + length)),
            6 => {
                let piece = bytes[at..at + length].to_vec();
                let times = 1 + random.below(3) * random.below(40);
                bytes.splice(at..at, piece.repeat(times));
            }
            7 if !other.is_empty() => {
                let from = random.below(other.len());
                let length = 1 + random.below((other.len() - from).min(400));
                bytes.splice(at..at, other[from..from + length].iter().copied());
            }
            8 if !words.is_empty() => {
                let word = words[random.below(words.len())].bytes();
                let end =
                    if random.below(2) == 0 { at } else { (at + word.len()).min(bytes.len()) };
                bytes.splice(at..end, word);
            }
            9 => bytes[at] = bytes[at].wrapping_add(1),
            _ => bytes[at] = bytes[at].wrapping_sub(1),
        }
    }
    bytes.truncate(LARGEST);
    bytes
}
