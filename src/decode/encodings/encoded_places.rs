//! Tells in one pass where a text may be encoded in a way that no word tells: at signs that begin escapes,
//! in lists of numbers, in runs of base64, and beside signs that join pieces. Looks at 64 characters at a
//! time.

use std::ops::Range;

use super::byte_block::{BLOCK, BlockMasks, BlockPass, ByteBlock};

/// Characters of a list or of base64 that are told by their number; shorter ones hold no key.
pub(super) const LONG: usize = 32;

/// A place that may be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EncodedPlace {
    /// The sign of an escape: `\`, `%`, `&` or `=`.
    Escape(usize),
    /// In a list of numbers.
    List(usize),
    /// In a run of at least 32 characters of base64.
    Base64(usize),
    /// At a sign beside which a piece of an expression may begin or end.
    Joint(usize),
}

/// Passes on the places in `range` of a text that may be encoded, each kind in order: every sign that may
/// begin an escape or join pieces, and at least one place of every long list and of all long base64. A sign
/// near the end of a block is passed on whatever follows it there.
#[inline]
pub(super) fn encoded_places(text: &[u8], range: &Range<usize>, each: impl FnMut(EncodedPlace)) {
    EncodedPlaces { text, range, each }.run_fast();
}

/// The pass over a text.
struct EncodedPlaces<'t, F> {
    text: &'t [u8],
    range: &'t Range<usize>,
    each: F,
}

impl<F: FnMut(EncodedPlace)> BlockPass for EncodedPlaces<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<B: ByteBlock>(mut self) {
        let end = self.range.end.min(self.text.len());
        let mut start = self.range.start;
        let mut before = MasksBefore::default();
        while start < end {
            let own = EncodingMasks::of_block::<B>(&self.text[start..]);
            let mut signs = own.escapes();
            while signs != 0 {
                (self.each)(EncodedPlace::Escape(start + signs.trailing_zeros() as usize));
                signs &= signs - 1;
            }
            let mut joints = own.joints(&before);
            while joints != 0 {
                (self.each)(EncodedPlace::Joint(start + joints.trailing_zeros() as usize));
                joints &= joints - 1;
            }
            groups(ends_of_long(own.base64, before.base64), |first, _| {
                (self.each)(EncodedPlace::Base64(start + first));
            });
            groups(ends_of_long(own.list, before.list), |first, count| {
                if is_dense(own.digits, before.digits, first, count) {
                    (self.each)(EncodedPlace::List(start + first + count - 1));
                }
            });
            before = own.before_next();
            start += BLOCK;
        }
    }
}

/// True if digits and what is between them are about as many, as in a list: in the characters of one that end
/// at `count` places of a block from `first` on.
fn is_dense(own: u64, before: u64, first: usize, count: usize) -> bool {
    let digits = u128::from(own) << BLOCK | u128::from(before);
    let length = LONG - 1 + count;
    let from = BLOCK + first + 1 - LONG;
    let digits = (digits >> from << (128 - length) >> (128 - length)).count_ones() as usize;
    8 * digits >= length && 12 * digits <= 11 * length
}

/// The places of a block at which at least [`LONG`] characters of a class end.
#[inline]
fn ends_of_long(own: u64, before: u64) -> u64 {
    let mut ends = u128::from(own) << BLOCK | u128::from(before);
    for length in [1, 2, 4, 8, 16] {
        ends &= ends << length;
    }
    (ends >> BLOCK) as u64
}

/// Passes on the first place and the number of those that follow each other.
#[inline]
fn groups(mut places: u64, mut each: impl FnMut(usize, usize)) {
    while places != 0 {
        let first = places.trailing_zeros();
        let count = (places >> first).trailing_ones();
        each(first as usize, count as usize);
        places &= u64::MAX.checked_shl(first + count).unwrap_or(0);
    }
}

/// The characters of a block of text: one bit each, the first character in the lowest.
#[derive(Debug, Clone, Copy)]
struct EncodingMasks {
    letters_and_digits: u64,
    base64: u64,
    /// The characters of values.
    values: u64,
    /// Hexadecimal digits.
    digits: u64,
    /// Characters of lists of numbers.
    list: u64,
    line_ends: u64,
    blanks: u64,
    backslashes: u64,
    slashes: u64,
    underscores: u64,
    percent: u64,
    ampersands: u64,
    equals: u64,
    colons: u64,
    quotes: u64,
    /// `(`
    opens: u64,
    /// `)` and `]`
    closes: u64,
    /// The last letters of `char` and `byte`.
    last_letters: u64,
    hashes: u64,
    /// The other signs that interrupt literals: `$` and `{`.
    holes: u64,
}

/// The characters of a block that decide on those of the next one.
#[derive(Debug, Clone, Copy)]
struct MasksBefore {
    base64: u64,
    list: u64,
    digits: u64,
    /// 1 if the last character is one of values.
    value: u64,
    /// 1 if it is the last letter of `char` or `byte`.
    last_letter: u64,
}

impl Default for MasksBefore {
    /// Of the first block, it is not known what is before it.
    fn default() -> Self {
        Self { base64: 0, list: 0, digits: 0, value: 1, last_letter: 1 }
    }
}

impl BlockMasks for EncodingMasks {
    /// Behind the text are bytes that are in no class.
    #[inline(always)]
    fn of_block<B: ByteBlock>(text: &[u8]) -> Self {
        let block = B::first_of(text, 0);
        let lower = block.lower();
        let decimal = block.within(b'0', b'9');
        let letters_and_digits = lower.within(b'a', b'z') | decimal;
        let digits = lower.within(b'a', b'f') | decimal;
        let (slashes, minus) = (block.is([b'/']), block.is([b'-']));
        let (line_ends, blanks) = (block.is([b'\n', b'\r']), block.is([b' ']));
        let colons = block.is([b':']);
        let underscores = block.is([b'_']);
        let base64 = letters_and_digits | slashes | minus | underscores | block.is([b'+']);
        let list = digits | minus | line_ends | blanks | colons;
        Self {
            letters_and_digits,
            base64,
            values: base64 | block.is([b'.', b'~']),
            digits,
            list: list | block.is([b'\t', b',', b'x', b'X', b'u']),
            line_ends,
            blanks,
            backslashes: block.is([b'\\']),
            slashes,
            underscores,
            percent: block.is([b'%']),
            ampersands: block.is([b'&']),
            equals: block.is([b'=']),
            colons,
            quotes: block.is([b'"', b'\'', b'`']),
            opens: block.is([b'(']),
            closes: block.is([b')', b']']),
            last_letters: block.is([b'r', b'e']),
            hashes: block.is([b'#']),
            holes: block.is([b'$', b'{']),
        }
    }
}

impl EncodingMasks {
    fn before_next(&self) -> MasksBefore {
        let last = |own: u64| own >> (BLOCK - 1);
        let Self { base64, list, digits, .. } = *self;
        let (value, last_letter) = (last(self.values), last(self.last_letters));
        MasksBefore { base64, list, digits, value, last_letter }
    }

    /// The signs beside which a piece of an expression may begin or end.
    #[inline]
    fn joints(&self, before: &MasksBefore) -> u64 {
        let code = after(self.digits | self.ampersands, 1);
        self.quotes
            | self.equals
            | self.colons & after(self.blanks, 1)
            | self.opens & code
            | self.closes & (self.last_letters << 1 | before.last_letter)
            | (self.holes | self.hashes | self.percent | self.backslashes)
                & (self.values << 1 | before.value)
    }

    /// The signs that may begin escapes, by what follows them.
    #[inline]
    fn escapes(&self) -> u64 {
        if self.backslashes | self.percent | self.ampersands | self.equals == 0 {
            return 0;
        }
        let word = |by| after(self.letters_and_digits, by);
        let hex = |by| after(self.digits, by);
        // Of a message, two escapes in a row, or `=3D`.
        let quoted = hex(1) & hex(2) & (after(self.equals, 3) | word(3));
        let signs = self.slashes | self.backslashes | self.underscores;
        self.backslashes & (word(1) | after(signs, 1))
            | self.percent & hex(1) & hex(2)
            | self.ampersands & (word(1) | after(self.hashes, 1))
            | self.equals & (after(self.line_ends, 1) | quoted)
    }
}

/// The places so many characters before those of a class. Behind the block, all may be.
#[inline]
fn after(class: u64, by: u32) -> u64 {
    class >> by | !(u64::MAX >> by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::is_value;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            "[a-z0-9 \\\\%&=/#;.():~{$\"'\\]]{0,9}".prop_map(String::into_bytes),
            "[A-Za-z0-9+/_-]{20,60}".prop_map(String::into_bytes),
            "(0x[0-9a-f]{2}, ){3,12}".prop_map(String::into_bytes),
            " {20,50}".prop_map(String::into_bytes),
            prop::sample::select(vec![
                &b"\\x3d"[..],
                b"%3D",
                b"=3Da",
                b"=6B=65",
                b"&#115;",
                b"=\n",
                b"\\/",
                b"\\_",
                "é".as_bytes(),
            ])
            .prop_map(<[u8]>::to_vec),
        ];
        vec(part, 0..30).prop_map(|parts| parts.concat())
    }

    /// The longest runs of a class, of at least this length.
    fn runs(text: &[u8], shortest: usize, is: fn(u8) -> bool) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        let mut start = 0;
        for at in 0..=text.len() {
            if at == text.len() || !is(text[at]) {
                if at - start >= shortest {
                    runs.push(start..at);
                }
                start = at + 1;
            }
        }
        runs
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_place_is_passed_over(text in text()) {
            let (mut escapes, mut lists, mut base64) = (Vec::new(), Vec::new(), Vec::new());
            let mut joints = Vec::new();
            encoded_places(&text, &(0..text.len()), |place| match place {
                EncodedPlace::Escape(at) => escapes.push(at),
                EncodedPlace::List(at) => lists.push(at),
                EncodedPlace::Base64(at) => base64.push(at),
                EncodedPlace::Joint(at) => joints.push(at),
            });
            let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
            for run in runs(&text, LONG, is_base64) {
                prop_assert!(base64.iter().any(|at| run.contains(at)), "{run:?}");
            }
            for at in base64 {
                prop_assert!(text[at + 1 - LONG..=at].iter().all(|byte| is_base64(*byte)));
            }
            let is_list = |byte: u8| byte.is_ascii_hexdigit() || b"xXu, \t\r\n:-".contains(&byte);
            for run in runs(&text, LONG + 4, is_list) {
                let digits = text[run.clone()].iter().filter(|byte| byte.is_ascii_hexdigit()).count();
                let is_dense = 3 * digits >= run.len() && 3 * digits <= 2 * run.len();
                let is_short = run.len() < BLOCK;
                prop_assert!(!is_dense || !is_short || lists.iter().any(|at| run.contains(at)), "{run:?}");
            }
            prop_assert!(lists.iter().all(|at| is_list(text[*at])));
            for at in 0..text.len() {
                let next = |by: usize| text.get(at + by).copied().unwrap_or(0);
                let is_hex = |by: usize| next(by).is_ascii_hexdigit();
                let is_quoted = is_hex(1) && is_hex(2) && (next(3) == b'=' || next(3).is_ascii_alphanumeric());
                let is_sign = match text[at] {
                    b'\\' => next(1).is_ascii_alphanumeric() || b"/\\_".contains(&next(1)),
                    b'%' => is_hex(1) && is_hex(2),
                    b'&' => next(1) == b'#' || next(1).is_ascii_alphanumeric(),
                    b'=' => b"\r\n".contains(&next(1)) || is_quoted,
                    _ => false,
                };
                // Three characters tell an escape, and one a joint.
                let is_near_end = |by: usize| at % BLOCK + by >= BLOCK;
                let is_said = escapes.contains(&at);
                prop_assert!(is_said == is_sign || is_said && is_near_end(3), "{}", at);
                let before = at.checked_sub(1).map_or(b'a', |at| text[at]);
                let is_joint = match text[at] {
                    b'"' | b'\'' | b'`' | b'=' => true,
                    b':' => next(1) == b' ',
                    b'(' => next(1) == b'&' || is_hex(1),
                    b')' | b']' => matches!(before, b'r' | b'e') || at == 0,
                    b'$' | b'{' | b'%' | b'\\' | b'#' => is_value(before),
                    _ => false,
                };
                let is_said = joints.contains(&at);
                prop_assert!(is_said == is_joint || is_said && is_near_end(1), "{}", at);
            }
        }
    }
}
