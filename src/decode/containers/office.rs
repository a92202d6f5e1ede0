//! The texts of office documents: a word processor cuts a text into runs, also within a key.

use std::io::Read;

use memchr::memmem;

use super::container::{Container, Fault, Members, Opening, ReadSeek};

/// The XML of a document, a sheet or a slide (Office Open XML, OpenDocument, Word 2003).
pub(super) struct OfficeXml;

/// The ends of paragraphs and cells, and signs for breaks; the others do not separate characters.
const BREAKS: [&[u8]; 14] = [
    b"/w:p",
    b"w:br",
    b"w:cr",
    b"w:tab",
    b"/a:p",
    b"a:br",
    b"/si",
    b"/c",
    b"/row",
    b"/text:p",
    b"/text:h",
    b"text:line-break",
    b"text:tab",
    b"text:s",
];

/// The elements of Microsoft's formats that hold text; between others, there are only spaces.
const TEXTS: [&[u8]; 6] = [b"w:t", b"w:delText", b"w:instrText", b"a:t", b"t", b"v"];

/// Beginnings of names of schemas, and of first elements: documents have one of them near their beginning.
const SCHEMAS: [&[u8]; 7] = [
    b"schemas.openxmlformats.org/",
    b"schemas.microsoft.com/office/word/",
    OPEN_DOCUMENT,
    b"<w:document",
    b"<p:sld",
    b"<sst",
    b"<office:",
];
const OPEN_DOCUMENT: &[u8] = b"opendocument:xmlns:";

impl Container for OfficeXml {
    fn name(&self) -> &'static str {
        "the text of an office document"
    }

    fn begins(&self, start: &[u8]) -> bool {
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        start.starts_with(b"<") && SCHEMAS.iter().any(|name| memmem::find(start, name).is_some())
    }

    fn is_certain(&self, _name: &[u8]) -> bool {
        false
    }

    fn opening(&self) -> Opening {
        Opening::File(read)
    }
}

fn read(file: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let mut xml = Vec::new();
    file.rewind()?;
    // Of a larger one, the rest is searched as it is.
    file.take(members.limits().memory as u64).read_to_end(&mut xml)?;
    let text = joined_text(&xml);
    if text.iter().all(u8::is_ascii_whitespace) {
        Ok(())
    } else {
        members.member(b"", &mut &text[..])
    }
}

/// The paragraphs whose text is in several pieces, each on a line; empty lines stand for the others, whose
/// text is in the XML as it is.
fn joined_text(xml: &[u8]) -> Vec<u8> {
    let (mut text, mut paragraph) = (Vec::new(), Vec::new());
    let (mut pieces, mut at) = (0, 0);
    let is_open_document = memmem::find(&xml[..xml.len().min(512)], OPEN_DOCUMENT).is_some();
    let mut holds_text = is_open_document;
    let mut end_paragraph = |paragraph: &mut Vec<u8>, pieces: &mut usize| {
        if *pieces > 1 {
            text.extend_from_slice(paragraph);
        }
        if *pieces > 0 {
            text.push(b'\n');
        }
        paragraph.clear();
        *pieces = 0;
    };
    while let Some(open) = memchr::memchr(b'<', &xml[at..]).map(|open| at + open) {
        let piece = &xml[at..open];
        let is_layout = || piece.iter().all(u8::is_ascii_whitespace) && piece.contains(&b'\n');
        if holds_text && !piece.is_empty() && !(is_open_document && is_layout()) {
            pieces += 1;
            paragraph.extend_from_slice(piece);
        }
        let Some(close) = memchr::memchr(b'>', &xml[open..]) else { break };
        let tag = &xml[open + 1..open + close];
        let ends = |name: &&[u8]| {
            let rest = tag.strip_prefix(*name);
            rest.is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'/')))
        };
        if BREAKS.iter().any(ends) {
            end_paragraph(&mut paragraph, &mut pieces);
        }
        holds_text = is_open_document || TEXTS.iter().any(ends) && !tag.ends_with(b"/");
        at = open + close + 1;
    }
    end_paragraph(&mut paragraph, &mut pieces);
    text
}
