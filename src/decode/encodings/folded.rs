//! Values that a format cuts: by the folded lines of calendars, cards and LDIF, and by the marks of XML for
//! comments and for text without markup.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memchr_iter;
use memchr::memmem::{self, Finder};

use super::decoded_text::{DecodedText, PieceForm};
use super::decoder::{Decoder, SearchedPart};
use crate::model::EncodingLayer;
use crate::rules::{SHORTEST_VALUE, is_value};

/// The longest piece that is looked at.
const LONGEST: usize = 512;

/// The most bytes of a comment.
const LONGEST_COMMENT: usize = 256;

/// Bytes before a value that tell what it is, and behind it.
const BEFORE: usize = 256;
const BEHIND: usize = 64;

/// Where a text is told by its beginning.
const BEGINNING: usize = 1024;

/// Puts values together that a format cuts.
#[derive(Debug, Default)]
pub(super) struct FoldedTexts;

impl Decoder for FoldedTexts {
    fn finish(&mut self, part: &SearchedPart<'_>, each: &mut dyn FnMut(DecodedText)) {
        let text = part.text;
        let Some(format) = CutFormat::of(text) else { return };
        let last = text.len().min(part.range.end + LONGEST);
        let near = &text[part.range.start.min(last)..last];
        let mut end = part.range.start;
        let mut look = |at: usize| {
            let at = part.range.start + at;
            if at >= end {
                let value = format.value(text, at);
                end = value.last().map_or(at, |last| last.end).max(at + 1);
                let length: usize = value.iter().map(Range::len).sum();
                if value.len() > 1 && length >= SHORTEST_VALUE {
                    let whole = value[0].start..end;
                    if (part.is_new)(&whole) {
                        each(joined(text, &value));
                    }
                }
            }
        };
        static MARK: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"<!"));
        match format {
            CutFormat::Lines => memchr_iter(b'\n', near).for_each(&mut look),
            CutFormat::Xml => MARK.find_iter(near).for_each(&mut look),
        }
    }
}

/// A format that may cut values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CutFormat {
    /// A line that begins with a blank goes on with the one before.
    Lines,
    /// Comments and marks may stand anywhere in a text.
    Xml,
}

impl CutFormat {
    /// The format of a text, if it is one of these.
    fn of(text: &[u8]) -> Option<Self> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let first = &text[..text.len().min(BEGINNING)];
        match first.first()? {
            b'<' => Some(Self::Xml),
            b'B' => first.starts_with(b"BEGIN:V").then_some(Self::Lines),
            b'd' => first.starts_with(b"dn:").then_some(Self::Lines),
            b'v' if first.starts_with(b"version:") => {
                memmem::find(first, b"\ndn:").map(|_| Self::Lines)
            }
            b'#' => memmem::find(first, b"\ndn:").map(|_| Self::Lines),
            _ => None,
        }
    }

    /// The pieces of the value that is cut at `at`.
    fn value(self, text: &[u8], at: usize) -> Vec<Range<usize>> {
        let cut = match self {
            Self::Lines if text[..at].ends_with(b"\r") => at - 1,
            Self::Lines | Self::Xml => at,
        };
        let before = text[cut.saturating_sub(LONGEST)..cut].iter().rev();
        let start = cut - before.take_while(|byte| is_value(**byte)).count();
        let mut pieces = Vec::new();
        let mut next = start;
        loop {
            let rest = &text[next..text.len().min(next + LONGEST)];
            let length = rest.iter().take_while(|byte| is_value(**byte)).count();
            if length > 0 {
                pieces.push(next..next + length);
            }
            match self.cut(&text[next + length..]) {
                Some(cut) => next += length + cut,
                None => return pieces,
            }
        }
    }

    /// The length of what cuts a value at the beginning of `rest`.
    fn cut(self, rest: &[u8]) -> Option<usize> {
        match (self, rest) {
            (Self::Lines, [b'\n', b' ' | b'\t', ..]) => Some(2),
            (Self::Lines, [b'\r', b'\n', b' ' | b'\t', ..]) => Some(3),
            (Self::Xml, [b'<', b'!', b'-', b'-', rest @ ..]) => {
                let comment = &rest[..rest.len().min(LONGEST_COMMENT)];
                memmem::find(comment, b"-->").map(|length| 4 + length + 3)
            }
            (Self::Xml, [b'<', b'!', ..]) => rest.starts_with(b"<![CDATA[").then_some(9),
            (Self::Xml, [b']', b']', b'>', ..]) => Some(3),
            (Self::Lines | Self::Xml, _) => None,
        }
    }
}

/// The text of these pieces, with what is before and behind them.
fn joined(text: &[u8], pieces: &[Range<usize>]) -> DecodedText {
    let mut out = DecodedText::of_pieces(EncodingLayer::Joined);
    let [start, end] = [pieces[0].start, pieces[pieces.len() - 1].end];
    let mut add = |place: Range<usize>| out.add(&text[place.clone()], place, PieceForm::Plain);
    add(start.saturating_sub(BEFORE)..start);
    pieces.iter().cloned().for_each(&mut add);
    add(end..text.len().min(end + BEHIND));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let part = SearchedPart { text: text.as_bytes(), range: 0..text.len(), is_new: &|_| true };
        let mut all = Vec::new();
        FoldedTexts.finish(&part, &mut |own| all.push(String::from_utf8(own.bytes).unwrap()));
        all
    }

    #[test]
    fn values_are_put_together_that_a_format_cuts() {
        for (text, value) in [
            ("BEGIN:VCARD\r\nNOTE:abcdefghij\r\n klmnopq\r\n rst, u\r\n", "abcdefghijklmnopqrst"),
            ("BEGIN:VCALENDAR\nX:a abcdefghij\n\tklmnopq\n", "abcdefghijklmnopq"),
            ("dn: cn=a\nk: abcdefghij\n klmnopq\n", "abcdefghijklmnopq"),
            ("# a\nversion: 1\ndn: cn=a\nk: abcdefghij\n klmnopq\n", "abcdefghijklmnopq"),
            ("<k><![CDATA[abcdefghij]]><![CDATA[klmnopq]]></k>", "abcdefghijklmnopq"),
            ("<k>abcdefghij<!-- a -->klmnopq</k>", "abcdefghijklmnopq"),
            ("<k>abcdefghij<![CDATA[klmnopq]]>rst</k>", "abcdefghijklmnopqrst"),
        ] {
            let all = texts(text);
            assert_eq!(all.len(), 1, "{text}");
            assert!(all[0].contains(value), "{text}: {all:?}");
        }
    }

    #[test]
    fn other_texts_are_left_as_they_are() {
        for text in [
            "NOTE:abcdefghij\n klmnopq\n",
            "BEGIN:VCARD\nNOTE:abcdefghij\nklmnopq\n",
            "BEGIN:VCARD\nNOTE:abc\n def\n",
            "<k>abcdefghij</k><k>klmnopq</k>",
            "<k><![CDATA[abcdefghijklmnopq]]></k>",
            "",
        ] {
            assert_eq!(texts(text), Vec::<String>::new(), "{text}");
        }
    }
}
