//! Archives in base64 or hexadecimal digits, as in templates of functions and messages: the texts in them.

use std::io::{self, Cursor, Read};
use std::ops::Range;

use super::decoded_text::DecodedText;
use crate::decode::{ArchiveLimits, CONTAINER_START, Fault, TextVisitor, detect_container, unpack};
use crate::model::EncodingLayer;

/// The beginnings of archives that are opened: zip, 7z, bzip2, xz and zstd. Pictures and documents, of which there are
/// more in base64, are left alone.
const MARKS: [&[u8]; 5] =
    [b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"];

/// How many of them, one inside the other, are opened, and the memory that their decoders may take.
const LIMITS: ArchiveLimits = ArchiveLimits { depth: 2, memory: 16 << 20 };

/// The least cost of a text, so that empty ones end, too.
const LEAST: usize = 64;

/// True if bytes begin as an archive that is opened.
pub(super) fn is_archive(start: &[u8]) -> bool {
    MARKS.iter().any(|mark| start.starts_with(mark))
}

/// Passes on the texts of the archive that stands encoded at `place`, up to `most` bytes of them.
pub(super) fn archive_texts(
    bytes: &[u8],
    layer: EncodingLayer,
    place: &Range<usize>,
    most: usize,
    each: &mut dyn FnMut(DecodedText),
) {
    let start = &bytes[..bytes.len().min(CONTAINER_START)];
    let Some(container) = detect_container(start).filter(|_| is_archive(start)) else { return };
    let layers = [layer, EncodingLayer::Archive];
    let mut texts = ArchivedTexts { layers, place, left: most, each };
    unpack(container, &mut Cursor::new(bytes), (b"", bytes.len() as u64), LIMITS, &mut texts);
}

struct ArchivedTexts<'t> {
    layers: [EncodingLayer; 2],
    place: &'t Range<usize>,
    /// Bytes that may still be passed on.
    left: usize,
    each: &'t mut dyn FnMut(DecodedText),
}

impl TextVisitor for ArchivedTexts<'_> {
    fn text(&mut self, _: &[u8], content: &mut dyn Read) -> io::Result<()> {
        let mut text = Vec::new();
        let read = content.take(self.left as u64).read_to_end(&mut text);
        self.left = self.left.saturating_sub(text.len().max(LEAST));
        // What precedes damage is searched, too.
        if !text.is_empty() {
            (self.each)(DecodedText::compressed(text, self.layers.to_vec(), self.place.clone()));
        }
        read?;
        if self.left == 0 { Err(Fault::Stopped.into()) } else { Ok(()) }
    }

    // A run of letters that looks like an archive need not be one.
    fn fault(&mut self, _: &[u8], _: Fault) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_and_limits_end_an_archive() {
        let place = 3..9;
        let texts = |bytes: &[u8], most| {
            let mut all = Vec::new();
            archive_texts(bytes, EncodingLayer::Base64, &place, most, &mut |text| all.push(text));
            all
        };
        // A stored member of a zip archive.
        let mut zip = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0".to_vec();
        zip.extend(crc32fast::hash(b"some text").to_le_bytes());
        zip.extend([9u32.to_le_bytes(), 9u32.to_le_bytes()].concat());
        zip.extend(b"\x01\0\0\0asome text");
        let whole = texts(&zip, 100);
        assert_eq!(whole.len(), 1);
        assert_eq!(whole[0].bytes, b"some text");
        assert_eq!(whole[0].layers, [EncodingLayer::Base64, EncodingLayer::Archive]);
        assert_eq!(whole[0].place(&(0..4)), place);
        assert_eq!(texts(&zip, 4)[0].bytes, b"some");
        for end in 0..zip.len() {
            assert!(texts(&zip[..end], 100).len() <= 1);
        }
        assert!(texts(b"BZh9 but no more", 100).is_empty());
        assert!(texts(b"\x89PNG\r\n\x1a\n", 100).is_empty());
    }
}
