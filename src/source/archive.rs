//! Archives and other compressed files: they are read as they are, so what is compressed in them is not
//! searched.

/// Files are told by at most this many of their first bytes.
pub const ARCHIVE_MARK: usize = 16;

/// The first bytes of files with compressed contents.
const MARKS: &[&[u8]] = &[
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"\x1f\x8b",
    b"\x1f\x9d",
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"LZIP",
    b"MSCF\0\0\0\0",
    b"xar!",
    b"hsqs",
    b"\xed\xab\xee\xdb",
    b"%PDF-",
    b"PACK\0\0\0",
    b"# v2 git bundle",
    b"# v3 git bundle",
];

/// True if a file that begins with these bytes has compressed contents.
pub fn is_archive(start: &[u8]) -> bool {
    // A digit, the size of its blocks, tells a file of bzip2 from a text.
    let is_text = start.starts_with(b"BZh") && !start.get(3).is_some_and(u8::is_ascii_digit);
    !is_text && MARKS.iter().any(|mark| start.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_told_by_their_beginning() {
        assert!(MARKS.iter().all(|mark| mark.len() <= ARCHIVE_MARK));
        for start in
            [&b"PK\x03\x04...."[..], b"\x1f\x8b\x08", b"BZh9", b"%PDF-1.7", b"# v2 git bundle\n"]
        {
            assert!(is_archive(start), "{start:?}");
        }
        for start in [&b""[..], b"PK=1", b"BZhang", b"BZh", b"LZI", b"\x7fELF", b"ustar"] {
            assert!(!is_archive(start), "{start:?}");
        }
    }
}
