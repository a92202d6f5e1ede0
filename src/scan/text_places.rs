//! Reads a text in blocks, and finds in one pass where words begin and where runs of the characters of
//! values are. A block becomes one bit for each of its characters and class of characters.

use std::ops::Range;

use super::word_starts::{BINARY_REACH, ends_quoted, escaped_starts};
use crate::decode::{BLOCK, BlockMasks, BlockPass, ByteBlock};
use crate::rules::{SHORTEST_VALUE, is_value};

/// The last character of a block.
const LAST: u64 = 1 << (BLOCK - 1);

/// A place that keywords and values are looked for at.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TextPlace {
    /// Letters and digits at which [words begin](super::word_starts::begins_word), or any in binary data, if
    /// two characters of values follow: the offset of a block, and one bit for each of its characters, the
    /// first one's in the lowest.
    WordStarts(usize, u64),
    /// A run of at least [`SHORTEST_VALUE`] characters of values.
    Run(Range<usize>),
    /// [`ENCODED`] characters of a run that may be the base64 of printable characters.
    Encoded(usize),
}

/// Characters of base64 that are looked at together: four times four.
pub(super) const ENCODED: usize = 16;

/// Passes on the places where words begin in `range`, the runs that reach into it and what may be encoded
/// near it, each kind in order. Of a run that begins long before the range, the beginning is left out.
/// `control` is the [last control character](super::word_starts::last_control) before the range. Returns
/// true if there is one in the range or near it.
pub(super) fn text_places(
    text: &[u8],
    range: &Range<usize>,
    control: Option<usize>,
    each: impl FnMut(TextPlace),
) -> bool {
    places::<false>(text, range, control, each)
}

/// The same for runs only.
pub(super) fn runs(text: &[u8], range: &Range<usize>, mut each: impl FnMut(Range<usize>)) {
    places::<true>(text, range, None, |place| {
        if let TextPlace::Run(run) = place {
            each(run);
        }
    });
}

fn places<const RUNS_ONLY: bool>(
    text: &[u8],
    range: &Range<usize>,
    control: Option<usize>,
    each: impl FnMut(TextPlace),
) -> bool {
    TextPlaces::<RUNS_ONLY, _> { text, range, control, each }.run_fast()
}

/// The pass over a text.
struct TextPlaces<'t, const RUNS_ONLY: bool, F> {
    text: &'t [u8],
    range: &'t Range<usize>,
    control: Option<usize>,
    each: F,
}

impl<const RUNS_ONLY: bool, F: FnMut(TextPlace)> BlockPass for TextPlaces<'_, RUNS_ONLY, F> {
    /// True if there is a control character in the range or near it.
    type Output = bool;

    #[inline(always)]
    fn run<B: ByteBlock>(self) -> bool {
        let Self { text, range, control, mut each } = self;
        let end = range.end.min(text.len());
        // The block before the range is read for what it decides.
        let mut start = range.start.saturating_sub(BLOCK);
        let mut before = match start.checked_sub(1) {
            None => TextMasks::default(),
            // What is before that decides nothing but what its last character is.
            Some(last) => {
                let mut block = [b' '; BLOCK];
                block[BLOCK - 1] = text[last];
                TextMasks::of_block::<B>(&block)
            }
        };
        let mut escaped = 0;
        let mut run_start = start;
        // Up to here, words begin at all letters and digits.
        let is_reached_from = |control: usize| control + BINARY_REACH + 1;
        let (mut binary_until, mut any_control) = (control.map_or(0, is_reached_from), false);
        while start < end {
            let rest = &text[start..];
            let own = TextMasks::of_block::<B>(rest);
            let mut run = |found: Range<usize>| {
                if found.end > range.start && found.start < end {
                    each(TextPlace::Run(found));
                }
            };
            run_start = own.runs(start, &before, run_start, &mut run);
            if !RUNS_ONLY {
                let is_next_lower = rest.get(BLOCK).is_some_and(u8::is_ascii_lowercase);
                let mut starts = own.starts(&before, is_next_lower) | own.words() & escaped;
                escaped = 0;
                if binary_until > start {
                    starts |= own.words() & first(binary_until - start);
                }
                if own.controls != 0 {
                    any_control = true;
                    let (first, last) =
                        (own.controls.trailing_zeros(), own.controls.leading_zeros());
                    starts |= own.words() & u64::MAX << first;
                    binary_until = is_reached_from(start + BLOCK - 1 - last as usize);
                }
                let quoted = own.after_quotes(&before);
                if own.escapes | quoted != 0 {
                    let (here, later) = after_escapes(text, start, own.escapes, quoted);
                    starts |= own.words() & here;
                    escaped = later;
                }
                if range.start > start {
                    starts &= u64::MAX.checked_shl((range.start - start) as u32).unwrap_or(0);
                }
                starts &= first(end - start) & own.before_values(&rest[BLOCK.min(rest.len())..]);
                if starts != 0 {
                    each(TextPlace::WordStarts(start, starts));
                }
                let mut encoded = own.encoded(&before);
                while encoded != 0 {
                    let fourth = start + encoded.trailing_zeros() as usize;
                    encoded &= encoded - 1;
                    each(TextPlace::Encoded(fourth + 4 - ENCODED));
                }
            }
            before = own;
            start += BLOCK;
        }
        if before.values & LAST != 0 && start <= text.len() {
            let rest = text[start..].iter();
            let run = run_start..start + rest.take_while(|byte| is_value(**byte)).count();
            if run.len() >= SHORTEST_VALUE && run.end > range.start && run.start < end {
                each(TextPlace::Run(run));
            }
        }
        any_control
    }
}

/// The characters of a block of text: one bit each, the first character in the lowest.
#[derive(Debug, Clone, Copy, Default)]
struct TextMasks {
    letters: u64,
    capitals: u64,
    digits: u64,
    /// The characters of values.
    values: u64,
    /// The first ones of four characters of base64 that begin with a printable character: its upper six
    /// bits are 8 to 31.
    fours: u64,
    /// The signs that begin escape sequences: `\`, `%` and ESC.
    escapes: u64,
    /// `=`
    equals: u64,
    /// The control characters that only binary files have.
    controls: u64,
}

impl BlockMasks for TextMasks {
    /// Behind the text are blanks.
    #[inline(always)]
    fn of_block<B: ByteBlock>(text: &[u8]) -> Self {
        let block = B::first_of(text, b' ');
        let letters = block.lower().within(b'a', b'z');
        let layout = block.within(b'\t', b'\r') | block.is([0x1b]);
        Self {
            letters,
            capitals: block.within(b'A', b'Z'),
            digits: block.within(b'0', b'9'),
            // `-./` and the digits.
            values: letters | block.within(b'-', b'9') | block.is([b'_', b'+', b'~']),
            fours: block.within(b'I', b'Z') | block.within(b'a', b'f'),
            escapes: block.is([0x1b, b'\\', b'%']),
            equals: block.is([b'=']),
            controls: block.within(0, 0x1f) & !layout | block.is([0x7f]),
        }
    }
}

impl TextMasks {
    /// Letters and digits.
    fn words(&self) -> u64 {
        self.letters | self.digits
    }

    /// The letters and digits at which parts of names begin; `before` is the block before.
    #[inline]
    fn starts(&self, before: &Self, is_next_lower: bool) -> u64 {
        let previous = |own: u64, before: u64| own << 1 | before >> (BLOCK - 1);
        let is_inside = previous(self.words(), before.words());
        let is_after_digit = previous(self.digits, before.digits);
        let is_after_capital = previous(self.capitals, before.capitals);
        let lower = self.letters & !self.capitals;
        let is_before_lower = lower >> 1 | u64::from(is_next_lower) << (BLOCK - 1);
        let of_names = !is_inside
            | is_after_digit & !self.digits
            | self.capitals & (!is_after_capital | is_before_lower);
        self.words() & of_names
    }

    /// The places before two characters of values; `next` is the text behind the block.
    #[inline]
    fn before_values(&self, next: &[u8]) -> u64 {
        let next = |nth: usize| u64::from(next.get(nth).is_some_and(|byte| is_value(*byte)));
        let after = |by: u32, rest: u64| self.values >> by | rest << (BLOCK as u32 - by);
        after(1, next(0)) & after(2, next(0) | next(1) << 1)
    }

    /// The places after a sign, a digit and a capital, such as those of `=3D`.
    #[inline]
    fn after_quotes(&self, before: &Self) -> u64 {
        let capital = self.capitals << 1 | before.capitals >> (BLOCK - 1);
        let digit = self.digits << 2 | before.digits >> (BLOCK - 2);
        let sign = self.equals << 3 | before.equals >> (BLOCK - 3);
        self.words() & capital & digit & sign
    }

    /// Where the last four of [`ENCODED`] characters begin that may be base64 of printable characters.
    #[inline]
    fn encoded(&self, before: &Self) -> u64 {
        let joined = |own: u64, before: u64| u128::from(own) << BLOCK | u128::from(before);
        let mut fours = joined(self.fours, before.fours);
        fours &= fours << 4;
        fours &= fours << 8;
        let mut values = joined(self.values, before.values);
        for length in [1, 2, 4, 5] {
            values &= values << length;
        }
        ((fours & values) >> BLOCK) as u64
    }

    /// Passes on the runs that end in the block at `start`; `run_start` is where the run begins that
    /// the block before ends with, if it ends with one. Returns the same for this block.
    #[inline]
    fn runs(
        &self,
        start: usize,
        before: &Self,
        run_start: usize,
        each: &mut impl FnMut(Range<usize>),
    ) -> usize {
        let values = self.values;
        let is_open = before.values & LAST != 0;
        if values == u64::MAX {
            return if is_open { run_start } else { start };
        }
        let head = values.trailing_ones();
        if is_open && start + head as usize - run_start >= SHORTEST_VALUE {
            each(run_start..start + head as usize);
        }
        // Of the other runs, those that end before the block does.
        let tail = values.leading_ones();
        let mut inner = values & u64::MAX >> tail;
        if is_open {
            inner &= u64::MAX << head;
        }
        let mut long = inner;
        for length in [1, 2, 4, 8] {
            long &= long >> length;
        }
        while long != 0 {
            let first = long.trailing_zeros();
            let length = (values >> first).trailing_ones();
            let from = start + first as usize;
            each(from..from + length as usize);
            long &= u64::MAX.checked_shl(first + length).unwrap_or(0);
        }
        start + BLOCK - tail as usize
    }
}

/// The first places of a block.
fn first(count: usize) -> u64 {
    if count < BLOCK { (1 << count) - 1 } else { u64::MAX }
}

/// The places that begin words because of one of the `escapes` before them, of the block at `start` and
/// of the next one. Before the `quoted` places, there may be one of quoted-printable.
#[cold]
fn after_escapes(text: &[u8], start: usize, mut escapes: u64, mut quoted: u64) -> (u64, u64) {
    let mut places = 0u128;
    while quoted != 0 {
        let at = quoted.trailing_zeros();
        quoted &= quoted - 1;
        if ends_quoted(text, start + at as usize) {
            places |= 1 << at;
        }
    }
    while escapes != 0 {
        let at = escapes.trailing_zeros() as usize;
        escapes &= escapes - 1;
        match text[start + at..] {
            // Most are line breaks and quotes.
            [b'\\', b'n' | b't' | b'r', _, ..] => places |= 1 << (at + 2),
            [b'\\', sign, ..] if !sign.is_ascii_alphanumeric() => {}
            [b'%', first, ..] if !first.is_ascii_hexdigit() => {}
            _ => escaped_starts(text, start + at, |place| places |= 1 << (place - start)),
        }
    }
    (places as u64, (places >> BLOCK) as u64)
}

#[cfg(test)]
mod tests {
    use super::super::runs::is_in_long_run;
    use super::super::word_starts::{begins_word, last_control};
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Texts of names, escape sequences and some control characters.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            80 => "[a-zA-Z0-9_ .=-]{0,12}".prop_map(String::into_bytes),
            20 => prop::sample::select(vec![
                &b"\\n"[..], b"\\x3d", b"\\u003d", b"\\U0000003d", b"\\075", b"%3D", b"%253D", b"=3D",
                b"\x1b[31m", b"\\u001b[1;38;5;208m", b"\\", b"%", b"\x1b", b"=", b"m",
            ]).prop_map(<[u8]>::to_vec),
            10 => prop::sample::select(vec![b"\0".to_vec(), b"\x7f".to_vec(), "é".into(), b"\n".to_vec()]),
            10 => vec(Just(b'a'), 40..90),
            1 => vec(Just(b'a'), BINARY_REACH - 9..BINARY_REACH + 9),
        ];
        vec(part, 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_places_are_those_that_a_look_at_each_character_finds(
            text in text(),
            from in 0.0..=1.0,
            to in 0.0..=1.0,
        ) {
            let at = |part: f64| (part * text.len() as f64) as usize;
            let range = at(f64::min(from, to))..at(f64::max(from, to));
            let (mut starts, mut runs, mut encoded) = (Vec::new(), Vec::new(), Vec::new());
            let control = last_control(&text[..range.start]);
            text_places(&text, &range, control, |place| match place {
                TextPlace::WordStarts(block, bits) => {
                    starts.extend((0..BLOCK).filter(|nth| bits >> nth & 1 == 1).map(|nth| block + nth));
                }
                TextPlace::Run(run) => runs.push(run),
                TextPlace::Encoded(at) => encoded.push(at),
            });
            let begins = |at| begins_word(&text, at) || last_control(&text[..at]).is_some();
            let is_start = |at: &usize| {
                let next = text.get(at + 1..at + 3);
                let is_long = next.is_some_and(|next| next.iter().all(|byte| is_value(*byte)));
                text[*at].is_ascii_alphanumeric() && begins(*at) && is_long
            };
            prop_assert_eq!(starts, range.clone().filter(is_start).collect::<Vec<_>>());
            let may_be_encoded = |at: &usize| {
                let part = text.get(*at..at + ENCODED);
                part.is_some_and(|part| {
                    let first = |nth: usize| matches!(part[4 * nth], b'I'..=b'Z' | b'a'..=b'f');
                    part[..ENCODED - 3].iter().all(|byte| is_value(*byte)) && (0..4).all(first)
                })
            };
            for at in range.clone().filter(may_be_encoded) {
                prop_assert!(at + ENCODED > range.end || encoded.contains(&at));
            }
            prop_assert!(encoded.iter().all(|at| at + ENCODED > text.len() || may_be_encoded(at)));
            for run in &runs {
                prop_assert!(run.len() >= SHORTEST_VALUE && run.end > range.start);
                let is_left_out = |at: usize| at < range.start.saturating_sub(SHORTEST_VALUE);
                prop_assert!(run.start == 0 || !is_value(text[run.start - 1]) || is_left_out(run.start));
                prop_assert!(text.get(run.end).is_none_or(|byte| !is_value(*byte)));
            }
            for at in range {
                let is_in_run = runs.iter().any(|run| run.contains(&at));
                prop_assert_eq!(is_in_run, is_value(text[at]) && is_in_long_run(&text, at..at + 1));
            }
        }
    }
}
