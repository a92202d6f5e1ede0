//! DER (X.690), as in certificates and key stores: the texts in its items.

use std::ops::Range;

use super::counted_string::CountedString;

/// The most items within each other.
const DEEPEST: usize = 32;

/// An item that has others, and the kinds of texts: octets, UTF-8, numeric, printable, T61, IA5, visible, general.
const CONSTRUCTED: u8 = 0x20;
const TEXTS: [u8; 8] = [0x04, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a, 0x1b];

/// The texts of a file that is one sequence; `None` for other files.
pub(super) fn der_strings(text: &[u8]) -> Option<Vec<CountedString>> {
    let (_, content) = item(text, 0)?;
    (content.end == text.len()).then_some(())?;
    let mut all = Vec::new();
    let mut open = vec![content];
    while let Some(part) = open.last_mut() {
        let start = part.start;
        if start == part.end {
            open.pop();
            continue;
        }
        let (kind, content) = item(&text[..part.end], start)?;
        part.start = content.end;
        if kind & CONSTRUCTED != 0 {
            open.push(content);
            (open.len() <= DEEPEST).then_some(())?;
        } else if TEXTS.contains(&kind) {
            all.push(CountedString { start, content, is_value: false });
        }
    }
    Some(all)
}

/// The kind and the content of the item at `at`, if it ends within the text.
fn item(text: &[u8], at: usize) -> Option<(u8, Range<usize>)> {
    let (kind, first) = (*text.get(at)?, *text.get(at + 1)?);
    // Kinds with numbers above 30 go on in the next byte.
    (kind & 0x1f != 0x1f).then_some(())?;
    let digits = if first < 0x80 { 0 } else { usize::from(first & 0x7f) };
    let length = match digits {
        0 if first < 0x80 => usize::from(first),
        1..=3 => {
            let bytes = text.get(at + 2..at + 2 + digits)?;
            bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        }
        _ => return None,
    };
    let start = at + 2 + digits;
    let end = start.checked_add(length)?;
    (end <= text.len()).then_some((kind, start..end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &[u8]) -> Option<Vec<String>> {
        let all = der_strings(text)?;
        let text = |own: CountedString| String::from_utf8_lossy(&text[own.content]).into_owned();
        Some(all.into_iter().map(text).collect())
    }

    fn tagged(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        let length = if length < 0x80 { vec![length] } else { vec![0x81, length] };
        [&[kind][..], &length, content].concat()
    }

    #[test]
    fn texts_of_items_are_read() {
        let long = "a".repeat(150);
        let inner = [tagged(0x0c, b"name"), tagged(0x02, b"\x05"), tagged(0x16, long.as_bytes())];
        let der = tagged(0x30, &tagged(0x31, &inner.concat()));
        assert_eq!(texts(&der).unwrap(), ["name", &long]);
        for end in 0..der.len() {
            assert_eq!(texts(&der[..end]), None);
        }
        assert_eq!(texts(&[&der[..], b" "].concat()), None);
        assert_eq!(texts(b"0123456789"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            der_strings(&tagged(0x30, &bytes[..bytes.len().min(100)]));
            der_strings(&bytes);
        }
    }
}
