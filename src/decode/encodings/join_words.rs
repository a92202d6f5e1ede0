//! Reads the parts of a list of CloudFormation, `!Join` or `Fn::Join`, which need no quotes in YAML.

use std::ops::Range;

use super::join_names::{is_blank, is_quote};
use crate::rules::is_value;

/// The longest list.
const LONGEST: usize = 2048;

/// The places of the parts of the list behind `!Join` or `Fn::Join:`, which ends at `at`, if nothing stands
/// between them. A part that is no plain text ends the list.
pub(super) fn joined_items(text: &[u8], at: usize) -> Vec<Range<usize>> {
    let rest = &text[..text.len().min(at + LONGEST)];
    let mut items = ListItems { text: rest, at };
    let is_empty = items.next_text().is_some_and(|separator| separator.is_empty());
    let mut all = Vec::new();
    while is_empty && let Some(item) = items.next_text() {
        if item.is_empty() || !rest[item.clone()].iter().all(|byte| is_value(*byte)) {
            break;
        }
        all.push(item);
    }
    all
}

/// The parts of a list in YAML, in either style.
struct ListItems<'t> {
    text: &'t [u8],
    at: usize,
}

impl ListItems<'_> {
    /// The place of the next part's text, without quotes.
    fn next_text(&mut self) -> Option<Range<usize>> {
        let rest = &self.text[self.at..];
        let mut start = 0;
        // A list ends with a sign, or with a line that is no part.
        let mut is_line = false;
        let mut is_part = false;
        loop {
            match rest.get(start..)? {
                [b'\n', ..] => (is_line, is_part) = (true, false),
                [b'-', next, ..] if next.is_ascii_whitespace() => is_part = true,
                [b'[' | b',', ..] => is_part = true,
                [byte, ..] if is_blank(*byte) || *byte == b'\r' => {}
                [] | [b']', ..] => return None,
                _ => break,
            }
            start += 1;
        }
        if is_line && !is_part {
            return None;
        }
        let first = self.at + start;
        let quote = self.text[first];
        let own = &self.text[first..];
        let (place, end) = if is_quote(quote) {
            let length = memchr::memchr2(quote, b'\n', &own[1..])?;
            let place = first + 1..first + 1 + length;
            (place.clone(), place.end + 1)
        } else {
            let length = own.iter().position(|byte| b",]\r\n".contains(byte)).unwrap_or(own.len());
            let place = first..first + own[..length].trim_ascii_end().len();
            (place.clone(), place.end)
        };
        self.at = end;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_lists_are_read_in_either_style() {
        for (text, parts) in [
            (" ['', [ab, cd]]\n", &["ab", "cd"][..]),
            (" [\"\", [\"ab\", cd]]\n", &["ab", "cd"]),
            ("\n  - ''\n  - - ab\n    - 'cd'\nnext: ef\n", &["ab", "cd"]),
            ("\r\n  - \"\"\r\n  - - ab\r\n    - cd\r\n", &["ab", "cd"]),
            ("\n  - ''\n  -\n    - ab\n    - cd", &["ab", "cd"]),
            ("\n  - ''\n  - - ab\n    - !Ref cd\n    - ef\n", &["ab"]),
            (" ['-', [ab, cd]]\n", &[]),
            ("\n  - ','\n  - - ab\n    - cd\n", &[]),
            (" ''\n", &[]),
            ("", &[]),
        ] {
            let places = joined_items(text.as_bytes(), 0);
            let found: Vec<_> = places.into_iter().map(|place| &text[place]).collect();
            assert_eq!(found, parts, "{text}");
        }
    }
}
