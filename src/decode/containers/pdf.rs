//! PDF: streams in Deflate, in hexadecimal digits or ASCII85, and the texts that pages show.

use std::io::Read;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::container::{Container, Fault, Members, Opening, ReadSeek};

/// PDF.
pub(super) struct Pdf;

/// The longest stream whose shown text is put together.
const LONGEST: u64 = 16 * 1024 * 1024;

/// How far before its stream a dictionary may begin.
const DICTIONARY: usize = 2048;

impl Container for Pdf {
    fn name(&self) -> &'static str {
        "a PDF file"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(b"%PDF-")
    }

    fn is_certain(&self, _name: &[u8]) -> bool {
        // Fonts, pictures and odd streams that do not decode are no gap.
        false
    }

    fn opening(&self) -> Opening {
        Opening::File(read)
    }
}

fn read(file: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let memory = members.limits().memory as u64;
    let mut pdf = Vec::new();
    file.rewind()?;
    file.take(memory + 1).read_to_end(&mut pdf)?;
    if pdf.len() as u64 > memory {
        return Err(Fault::Limit(
            "is larger than what may be held in memory (--max-archive-memory)".to_owned(),
        ));
    }
    if memmem::find(&pdf, b"/Encrypt").is_some() {
        return Err(Fault::Encrypted);
    }
    let streams = memmem::find_iter(&pdf, b"stream").filter(|&at| !pdf[..at].ends_with(b"end"));
    for (number, at) in (1..).zip(streams) {
        let after = &pdf[at + b"stream".len()..];
        let content = after.strip_prefix(b"\r\n").or(after.strip_prefix(b"\n")).unwrap_or(after);
        let before = &pdf[at.saturating_sub(DICTIONARY)..at];
        let dictionary = memmem::rfind(before, b"obj").map_or(before, |start| &before[start..]);
        let has = |name: &[u8]| memmem::find(dictionary, name).is_some();
        if has(b"/Image") || has(b"/DCTDecode") {
            continue;
        }
        let name = format!("stream-{number}");
        let is_deflated = has(b"/FlateDecode") || has(b"/Fl ") || has(b"/Fl]");
        let is_encoded = [b"/ASCII85Decode", &b"/A85"[..], b"/ASCIIHexDecode", b"/AHx"];
        let decoded = match is_encoded.iter().position(|name| has(name)) {
            Some(0 | 1) => ascii85(until_next(content)),
            Some(_) => hex_string(until_next(content)),
            None if is_deflated => Vec::new(),
            None => continue,
        };
        let content = if decoded.is_empty() { content } else { &decoded };
        let mut page = Vec::new();
        let mut read = |input: &mut dyn Read| input.take(LONGEST).read_to_end(&mut page).is_ok();
        // What is wrong with it is reported by the first of the two.
        let is_read = if is_deflated {
            members.member(name.as_bytes(), &mut ZlibDecoder::new(content))?;
            read(&mut ZlibDecoder::new(content))
        } else {
            members.member(name.as_bytes(), &mut &content[..])?;
            read(&mut &content[..])
        };
        let shown = if is_read { shown_text(&page) } else { Vec::new() };
        if !shown.is_empty() {
            members.member(name.as_bytes(), &mut &shown[..])?;
        }
    }
    Ok(())
}

/// A stream up to its end or to the next one, so that nothing is decoded twice.
fn until_next(stream: &[u8]) -> &[u8] {
    &stream[..memmem::find(stream, b"stream").unwrap_or(stream.len())]
}

/// The bytes that ASCII85 stands for, up to its end or to what is none of it.
fn ascii85(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut word, mut count) = (0u32, 0usize);
    let text = text.strip_prefix(b"<~").unwrap_or(text);
    for &byte in text.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != 0) {
        match byte {
            b'z' if count == 0 => bytes.extend([0; 4]),
            b'!'..=b'u' => {
                word = word.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    bytes.extend(word.to_be_bytes());
                    (word, count) = (0, 0);
                }
            }
            _ => break,
        }
    }
    if count > 1 {
        for _ in count..5 {
            word = word.wrapping_mul(85).wrapping_add(84);
        }
        bytes.extend(&word.to_be_bytes()[..count - 1]);
    }
    bytes
}

/// The bytes of hexadecimal digits, up to `>` or to what is none of them.
fn hex_string(text: &[u8]) -> Vec<u8> {
    let digits = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    let digits = digits.map_while(|byte| char::from(*byte).to_digit(16));
    let digits: Vec<u8> = digits.map(|digit| digit as u8).collect();
    // A last digit that is missing is zero.
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

/// The strings that a page shows, each array of them on a line. Their parts are moved a little in between.
fn shown_text(page: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    if memmem::find(page, b"TJ").is_none() && memmem::find(page, b"Tj").is_none() {
        return text;
    }
    let (mut depth, mut at) = (0usize, 0);
    while let Some(&byte) = page.get(at) {
        at += 1;
        match (byte, depth) {
            (b'\\', 1..) => {
                text.extend(page.get(at));
                at += 1;
            }
            (b'(', 0) => depth = 1,
            (b'<', 0) if page.get(at) != Some(&b'<') => {
                let is_digit = |byte: &&u8| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace();
                let length = page[at..].iter().take_while(is_digit).count();
                if page.get(at + length) == Some(&b'>') {
                    let bytes = hex_string(&page[at..at + length]);
                    // Others are the numbers of shapes.
                    let is_shown = |byte: &&u8| byte.is_ascii_graphic() || **byte == b' ';
                    text.extend(bytes.iter().filter(is_shown));
                }
                at += length;
            }
            (b'(', _) => {
                depth += 1;
                text.push(byte);
            }
            (b')', 1) => depth = 0,
            (b')', 2..) => {
                depth -= 1;
                text.push(byte);
            }
            (b'T', 0) if matches!(page.get(at), Some(b'j' | b'J' | b'*')) => text.push(b'\n'),
            (_, 1..) => text.push(byte),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_end_before_the_next_one() {
        let streams = b"!!!!!\n<</ASCII85Decode>>stream\n".repeat(1000);
        assert!(ascii85(until_next(&streams)).len() < 24);
        assert_eq!(hex_string(until_next(b"6b65 79>\nendstream")), b"key");
        assert_eq!(ascii85(until_next(b"CLm~>")), b"ke");
    }

    #[test]
    fn strings_of_digits_are_shown() {
        for (page, expected) in [
            (&b"[<6b65> -20 <79 5F>] TJ"[..], "key_\n"),
            (b"<6b6> Tj", "k`\n"),
            (b"<< /A 1 >> (a) Tj <61", "a\n"),
            (b"<6b<6b<6b> Tj", "k\n"),
        ] {
            assert_eq!(String::from_utf8_lossy(&shown_text(page)), expected);
        }
    }
}
