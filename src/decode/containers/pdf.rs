//! PDF: streams in Deflate, and the texts that pages show.

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

    fn is_certain(&self) -> bool {
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
        if !has(b"/FlateDecode") && !has(b"/Fl ") || has(b"/Image") || has(b"/DCTDecode") {
            continue;
        }
        let name = format!("stream-{number}");
        members.member(name.as_bytes(), &mut ZlibDecoder::new(content))?;
        let mut page = Vec::new();
        // What is wrong with it has been reported.
        if ZlibDecoder::new(content).take(LONGEST).read_to_end(&mut page).is_ok() {
            let shown = shown_text(&page);
            if !shown.is_empty() {
                members.member(name.as_bytes(), &mut &shown[..])?;
            }
        }
    }
    Ok(())
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
