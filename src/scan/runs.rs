//! Runs of the characters that keys are made of. Source code has few that are as long as a key, so
//! whatever every match has in such a run is looked for in runs only.

use std::ops::Range;

use crate::rules::{SHORTEST_VALUE, is_value};

/// Passes on every part of a run that is at least [`SHORTEST_VALUE`] hexadecimal digits long.
pub(super) fn hex_runs(text: &[u8], run: &Range<usize>, mut each: impl FnMut(Range<usize>)) {
    let run_text = &text[run.clone()];
    let mut at = SHORTEST_VALUE - 1;
    // Each of them has a place among these.
    while let Some(byte) = run_text.get(at) {
        let mut next = at + SHORTEST_VALUE;
        if byte.is_ascii_hexdigit() {
            let is_hex = |byte: &&u8| byte.is_ascii_hexdigit();
            let start = at - run_text[..at].iter().rev().take_while(is_hex).count();
            let end = at + run_text[at..].iter().take_while(is_hex).count();
            if end - start >= SHORTEST_VALUE {
                each(run.start + start..run.start + end);
                next = end + SHORTEST_VALUE;
            }
        }
        at = next;
    }
}

/// True if a run of which the beginning may be left out begins at its first character.
pub(super) fn is_beginning(text: &[u8], start: usize) -> bool {
    start == 0 || !is_value(text[start - 1])
}

/// True if the text at `range` is in a run of at least [`SHORTEST_VALUE`] characters.
pub(super) fn is_in_long_run(text: &[u8], range: Range<usize>) -> bool {
    let after = text[range.end..].iter().take(SHORTEST_VALUE).take_while(|b| is_value(**b)).count();
    let missing = SHORTEST_VALUE.saturating_sub(range.len() + after);
    let before = text[..range.start].iter().rev().take(missing);
    before.take_while(|byte| is_value(**byte)).count() == missing
}

#[cfg(test)]
mod tests {
    use super::super::text_places::runs;
    use super::super::word_table::{AnchoredWord, WordTable};
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let letter = prop_oneof![9 => prop::sample::select(&b"abc_-."[..]), 1 => Just(b' ')];
        vec(letter, 0..200)
    }

    proptest! {
        #[test]
        fn the_parts_of_hexadecimal_digits_are_found(run in "[0-9a-fA-F]{0,20}[a-hG-I]{0,3}[0-9a-f]{0,40}[g-z]?[0-9a-f]{14,18}") {
            let mut found = Vec::new();
            hex_runs(run.as_bytes(), &(0..run.len()), |part| found.push(part));
            let mut expected = Vec::new();
            let mut start = 0;
            for (end, byte) in run.bytes().chain([b' ']).enumerate() {
                if !byte.is_ascii_hexdigit() {
                    if end - start >= SHORTEST_VALUE {
                        expected.push(start..end);
                    }
                    start = end + 1;
                }
            }
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn words_are_found_in_runs_and_nowhere_else(
            text in text(),
            words in prop::collection::btree_set(vec(prop::sample::select(&b"abc_-"[..]), 3..6), 1..40),
            from in 0.0..=1.0,
            to in 0.0..=1.0,
        ) {
            let at = |part: f64| (part * text.len() as f64) as usize;
            let range = at(f64::min(from, to))..at(f64::max(from, to));
            let numbered = (0..).zip(&words).map(|(number, word)| AnchoredWord {
                number,
                anchor: 0,
                text: &word[..],
            });
            let table = WordTable::new(&numbered.collect::<Vec<_>>());
            let mut found = Vec::new();
            runs(&text, &range, |run| {
                let part = run.start.max(range.start)..run.end.min(range.end);
                table.within(&text, part, &mut |word, start| found.push((start, word)));
            });
            found.sort_unstable();
            let is_long = |at: usize| {
                let value = |byte: &&u8| is_value(**byte);
                let before = text[..at].iter().rev().take_while(value).count();
                before + text[at..].iter().take_while(value).count() >= SHORTEST_VALUE
            };
            let mut expected = Vec::new();
            for at in range.clone().filter(|&at| is_long(at)) {
                for (nth, word) in (0..).zip(&words) {
                    if text[at..].starts_with(word) {
                        prop_assert!(is_in_long_run(&text, at..at + 1));
                        expected.push((at, nth));
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
