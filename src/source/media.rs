//! Images, audio and video. They are skipped only if both the name and the content say so, so that
//! nothing hides behind a name.

use std::path::Path;

/// Extensions of media files, sorted. SVG is text, and `.ts` is TypeScript.
const ENDINGS: &[&str] = &[
    "aac", "aif", "aiff", "avi", "avif", "bmp", "cur", "flac", "flv", "gif", "heic", "ico", "jpeg",
    "jpg", "m4a", "m4v", "mid", "midi", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "oga", "ogg",
    "ogv", "opus", "png", "psd", "tif", "tiff", "wav", "webm", "webp", "wma", "wmv",
];

/// The first bytes of media files.
const MAGIC: &[&[u8]] = &[
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"\0\0\x01\0",
    b"\0\0\x02\0",
    b"8BPS",
    b"OggS",
    b"fLaC",
    b"ID3\x02",
    b"ID3\x03",
    b"ID3\x04",
    b"\xff\xfb",
    b"\xff\xf3",
    b"\xff\xf2",
    b"\xff\xf1",
    b"\xff\xf9",
    b"MThd",
    b"FLV\x01",
    b"\x1aE\xdf\xa3",
    b"\0\0\x01\xba",
    b"\0\0\x01\xb3",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
];

/// True if both the name and the content of a file are those of media.
pub fn is_media_file(path: &Path, content: &[u8]) -> bool {
    may_be_media(path) && is_media(content)
}

/// True if a file of this name may be media.
pub(super) fn may_be_media(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.as_encoded_bytes()).unwrap_or_default();
    ENDINGS
        .binary_search_by(|known| known.bytes().cmp(ending.iter().map(u8::to_ascii_lowercase)))
        .is_ok()
}

/// True if a file that begins with these bytes is media.
pub(super) fn is_media(start: &[u8]) -> bool {
    let has = |at: usize, name: &[u8]| start.get(at..at + name.len()) == Some(name);
    MAGIC.iter().any(|magic| start.starts_with(magic))
        || has(0, b"RIFF") && (has(8, b"WAVE") || has(8, b"AVI ") || has(8, b"WEBP"))
        || has(0, b"FORM") && (has(8, b"AIFF") || has(8, b"AIFC"))
        // A bitmap's reserved fields are zero; a text may well begin with these two letters.
        || has(0, b"BM") && has(6, &[0; 4])
        // ISO base media (MP4, MOV, HEIC, AVIF): a box named `ftyp` comes first.
        || has(4, b"ftyp")
        || has(4, b"moov")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_sorted_and_case_does_not_matter() {
        assert!(ENDINGS.is_sorted());
        for (path, may) in [
            ("a.png", true),
            ("b.JPG", true),
            ("c.svg", false),
            ("d.ts", false),
            ("png", false),
            ("e.", false),
        ] {
            assert_eq!(may_be_media(Path::new(path)), may, "{path}");
        }
    }

    #[test]
    fn content_decides() {
        assert!(is_media(b"\x89PNG\r\n\x1a\n...."));
        assert!(is_media(b"\0\0\0\x18ftypmp42"));
        assert!(is_media(b"BM\x36\0\0\0\0\0\0\0"));
        assert!(!is_media(b"BM=1\nKEY=2"));
        assert!(!is_media(b"API_KEY=1"));
        assert!(!is_media(b""));
    }
}
