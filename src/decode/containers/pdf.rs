//! PDF: streams in Deflate, in hexadecimal digits or ASCII85, and the texts that pages show.

use std::io::Read;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::container::{Container, Fault, Members, Opening, ReadSeek};
use super::pdf_texts::{FontTexts, has_numbers, hex_string, plain_text};

/// PDF.
pub(super) struct Pdf;

/// The longest stream whose shown text is put together.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The most fonts that are read, and the most bytes of pages in their numbers, together for all fonts.
const MOST_FONTS: usize = 32;
const MOST_NUMBERED: usize = 64 * 1024 * 1024;

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
    let (mut fonts, mut pages, mut left) = (Vec::new(), Vec::new(), MOST_NUMBERED);
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
        if !is_read {
            continue;
        }
        let shown = plain_text(&page);
        if !shown.is_empty() {
            members.member(name.as_bytes(), &mut &shown[..])?;
        }
        if let Some(font) = FontTexts::of(&page) {
            if fonts.len() < MOST_FONTS && !fonts.contains(&font) {
                fonts.push(font);
            }
        } else if page.len() <= left && has_numbers(&page) {
            left -= page.len();
            pages.push((name, page));
        }
    }
    let mut left = MOST_NUMBERED;
    for (name, page) in &pages {
        for font in &fonts {
            let Some(rest) = left.checked_sub(page.len()) else { return Ok(()) };
            left = rest;
            members.member(name.as_bytes(), &mut &font.read(page)[..])?;
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
}
