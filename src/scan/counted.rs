//! Texts in binary files that are counted, not ended: a key there may touch what follows it.

use std::ops::Range;

/// Marks of property lists, before a length of one byte.
const PLIST: &[u8] = &[0x5f, 0x10];

/// Marks of Java's serialized objects, before the second byte of a length.
const JAVA: &[u8] = b"t\0";

/// Marks of Python's marshal and what may follow a text there; then those of CBOR.
const COUNTED: [(&[u8], &[u8]); 2] =
    [(b"zZ\xfa\xda", b"zZaAuNTFilrcstygRS0"), (b"\x78", b"`abcdefghijklmnopqrstuvwxyz")];

/// The first bytes of what follows a text of Python's pickle, a number under which it is remembered.
const PICKLED: &[u8] = b"qr";

/// The end of a key whose length precedes it, if it is no further than the end of what looks like one.
pub(super) fn counted_end(text: &[u8], key: &Range<usize>) -> Option<usize> {
    let before = &text[..key.start];
    // Pickle has lengths of four bytes.
    if let [.., b'X', length, 0, 0, 0] = *before {
        let end = key.start + usize::from(length);
        let next = text.get(end).filter(|_| end <= key.end);
        return next.filter(|byte| PICKLED.contains(byte)).map(|_| end);
    }
    let (&length, before) = before.split_last()?;
    let end = key.start + usize::from(length);
    let next = *text.get(end).filter(|_| end <= key.end)?;
    let is_counted = before.ends_with(PLIST)
        || before.ends_with(JAVA)
        || before.split_last().is_some_and(|(mark, before)| {
            // A sign may be the length if the mark ends no word, which the sign would follow.
            let ends_word =
                before.last().is_some_and(|byte| byte.is_ascii_alphanumeric() && *byte != b'N');
            let is_sign = !matches!(length, b'"' | b'\'' | b'`' | b'=' | b':') && !ends_word;
            let is_length = length.is_ascii_alphanumeric() || length.is_ascii_control() || is_sign;
            let follows =
                |(marks, ends): &(&[u8], &[u8])| marks.contains(mark) && ends.contains(&next);
            is_length && COUNTED.iter().any(follows)
        });
    is_counted.then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_where_its_length_says() {
        let rows: [(&[u8], &[u8], Option<usize>); 11] = [
            (b"\x5f\x10\x0c", b"_more", Some(12)),
            (b"z\x0c", b"zmore", Some(12)),
            (b"\xda\x0c", b"Nmore", Some(12)),
            (b"\x78\x0c", b"emore", Some(12)),
            (b"t\0\x0c", b"xmore", Some(12)),
            (b"X\x0c\0\0\0", b"qmore", Some(12)),
            (b"X\x0c\0\0\0", b"_more", None),
            // A longer text, or one that goes on, or no mark.
            (b"\x5f\x10\x60", b"_more", None),
            (b"z\x0c", b"_more", None),
            (b"y\x0c", b"zmore", None),
            (b"\x0c", b"zmore", None),
        ];
        for (before, after, length) in rows {
            let text = [before, b"key_abcdefgh", after].concat();
            let key = before.len()..text.len();
            let expected = length.map(|length| before.len() + length);
            assert_eq!(counted_end(&text, &key), expected, "{before:?} {after:?}");
        }
        assert_eq!(counted_end(b"key", &(0..3)), None);
        // What looks like a key may end there, too.
        assert_eq!(counted_end(b"X\x03\0\0\0keyq", &(5..8)), Some(8));
        assert_eq!(counted_end(b"\x5f\x10\x03key_", &(3..6)), Some(6));
        assert_eq!(counted_end(b"X\x03\0\0\0keyz", &(5..8)), None);
        // Lengths that are signs, as of a key of 32 characters.
        for length in [32, 33, 40, 44, 46, 64, 91] {
            let text = [&b"z"[..], &[length], &b"k".repeat(usize::from(length)), b"Nmore"].concat();
            let end = 2 + usize::from(length);
            assert_eq!(counted_end(&text, &(2..text.len())), Some(end), "{length}");
            // A word, and a sign behind it.
            let text = [&b"a"[..], &text].concat();
            assert_eq!(counted_end(&text, &(3..text.len())), None, "{length}");
        }
    }
}
