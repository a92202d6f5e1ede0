//! Lists of bytes whose numbers have a type or another base: `(byte) 115`, `115u8`, `0163`, `0b01110011`.
//! `byte_lists` reads plain ones.

use super::decoded_text::DecodedText;
use crate::model::EncodingLayer;

/// The shortest text that is looked for.
const SHORTEST: usize = 12;

/// The most numbers of a list.
const MOST: usize = 4096;

/// The text of the list whose first number, or the cast before it, begins at `start`, and the list's end.
pub(super) fn typed_numbers(text: &[u8], start: usize) -> Option<(DecodedText, usize)> {
    let mut decoded = DecodedText::new(EncodingLayer::Bytes);
    let (mut at, mut is_typed) = (start, false);
    // The first number may be broken.
    let is_octal = {
        let rest = &text[start..];
        let blanks = rest.iter().take(80).take_while(|byte| byte.is_ascii_whitespace()).count();
        matches!(rest.get(blanks..), Some([b'0', b'1', b'0'..=b'7', b'0'..=b'7', ..]))
    };
    while decoded.bytes.len() < MOST {
        let Some(number) = Number::at(text, at, is_octal) else { break };
        decoded.push(number.byte, number.start, number.end);
        is_typed |= number.is_typed;
        at = number.end;
        let rest = &text[at..];
        let blanks = rest.iter().take(80).take_while(|byte| byte.is_ascii_whitespace()).count();
        if rest.get(blanks) != Some(&b',') {
            break;
        }
        at += blanks + 1;
    }
    (decoded.bytes.len() >= SHORTEST && is_typed).then_some((decoded, at))
}

/// A number of a list.
struct Number {
    byte: u8,
    /// Its beginning, or that of the cast before it.
    start: usize,
    end: usize,
    is_typed: bool,
}

impl Number {
    fn at(text: &[u8], at: usize, is_octal: bool) -> Option<Self> {
        let count = |from: usize, is: fn(&u8) -> bool| {
            text[from..].iter().take(80).take_while(|byte| is(byte)).count()
        };
        let mut start = at + count(at, u8::is_ascii_whitespace);
        let begin = start;
        if text.get(start) == Some(&b'(') {
            let name = count(start + 1, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' ')
            });
            (name > 0 && text.get(start + 1 + name) == Some(&b')')).then_some(())?;
            start += name + 2;
            start += count(start, |byte| *byte == b' ');
        }
        let length = count(start, |byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let whole = std::str::from_utf8(text.get(start..start + length)?).ok()?;
        let number = ["_u8", "u8", "uy", "U", "u", "L", "i8"]
            .iter()
            .find_map(|suffix| whole.strip_suffix(suffix).filter(|number| !number.is_empty()));
        let has_suffix = number.is_some();
        let number = number.unwrap_or(whole);
        let (digits, radix) = match number.as_bytes() {
            [b'0', b'x' | b'X', ..] => (&number[2..], 16),
            [b'0', b'b' | b'B', ..] => (&number[2..], 2),
            [b'0', b'o', ..] => (&number[2..], 8),
            [b'0', _, ..] if is_octal => (&number[1..], 8),
            _ => (number, 10),
        };
        let byte = u8::from_str_radix(digits, radix).ok()?;
        let is_text = matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
        let is_typed = has_suffix || start > begin || matches!(radix, 2 | 8);
        is_text.then_some(Self { byte, start: begin, end: start + length, is_typed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_numbers_are_read() {
        let plain = "some text of bytes";
        let list =
            |number: fn(u8) -> String| plain.bytes().map(number).collect::<Vec<_>>().join(", ");
        for text in [
            list(|byte| format!("(byte) {byte}")),
            list(|byte| format!("(byte)0x{byte:02x}")),
            list(|byte| format!("{byte}u8")),
            list(|byte| format!("0x{byte:02x}u8")),
            list(|byte| format!("0{byte:o}")),
            list(|byte| format!("0b{byte:08b}")),
            list(|byte| format!("0o{byte:o}")),
        ] {
            let text = format!("x = [\n  {text}];");
            let (decoded, end) =
                typed_numbers(text.as_bytes(), 5).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((decoded.bytes, end), (plain.as_bytes().to_vec(), text.len() - 2), "{text}");
        }
        assert!(typed_numbers(list(|byte| byte.to_string()).as_bytes(), 0).is_none());
        assert!(typed_numbers(b"", 0).is_none());
    }
}
