//! Loose objects: one deflated file each (gitrepository-layout(5), `objects/[0-9a-f][0-9a-f]`).

use std::path::{Path, PathBuf};
use std::{fs, io};

use libdeflater::{DecompressionError, Decompressor, adler32};

use super::object_search::MAX_OBJECT;
use super::pack_entry::ObjectKind;
use crate::model::{ObjectFormat, Oid};

/// Lists the loose objects of an objects folder whose ids have this format.
///
/// # Errors
/// A folder that cannot be listed.
pub(super) fn list(objects: &Path, format: ObjectFormat) -> io::Result<Vec<(Oid, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(objects)? {
        let entry = entry?;
        let name = entry.file_name();
        let first = name.as_encoded_bytes();
        if first.len() != 2 || !first.iter().all(u8::is_ascii_hexdigit) {
            continue;
        }
        for file in fs::read_dir(entry.path())? {
            let file = file?;
            let rest = file.file_name();
            let digits = [first, rest.as_encoded_bytes()].concat();
            // Others are temporary files left by an interrupted write.
            if let Some(oid) = Oid::from_hex_as(format, &digits) {
                found.push((oid, file.path()));
            }
        }
    }
    Ok(found)
}

/// A loose object that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LooseObject {
    pub(super) kind: ObjectKind,
    /// Offset of its content in the inflated bytes.
    pub(super) start: usize,
    /// True if the file goes on behind it, which git takes for damage.
    pub(super) has_rest: bool,
}

/// Reads the loose object at `path` into `bytes`. The bits between the end of the deflated data and their checksum
/// mean nothing, and git does not look at them either; a change of any other bit is noticed here, or gives
/// content with another id.
///
/// # Errors
/// A file that cannot be read, or is not an object.
pub(super) fn read(
    path: &Path,
    inflate: &mut Decompressor,
    bytes: &mut Vec<u8>,
) -> Result<LooseObject, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is not a plain file".to_owned());
    }
    let deflated = fs::read(path).map_err(|error| error.to_string())?;
    let size = whole(&deflated, inflate, bytes).ok_or("it cannot be inflated")?;
    bytes.truncate(size);
    let (kind, start) = header(bytes).ok_or_else(|| "its header is damaged".to_owned())?;
    // The checksum of the inflated bytes ends the data.
    let has_rest = !deflated.ends_with(&adler32(bytes).to_be_bytes());
    Ok(LooseObject { kind, start, has_rest })
}

/// Inflates all of `deflated`. Returns the number of bytes.
fn whole(deflated: &[u8], inflate: &mut Decompressor, bytes: &mut Vec<u8>) -> Option<usize> {
    // Deflate yields at most 1,032 bytes per byte. The size is known only after inflating the
    // beginning, so it is guessed; most files are text.
    let most = deflated.len().checked_mul(1032)?.checked_add(64)?.min(MAX_OBJECT);
    // Not the capacity that a previous larger object has left: all of it would be zeroed each time.
    let mut guess = (deflated.len() * 4 + 1024).min(most);
    loop {
        bytes.resize(guess, 0);
        match inflate.zlib_decompress(deflated, bytes) {
            Ok(size) => return Some(size),
            Err(DecompressionError::InsufficientSpace) if guess < most => {
                guess = guess.saturating_mul(4).min(most);
            }
            Err(_) => return None,
        }
    }
}

/// Parses the header `blob 123\0`, if it fits what follows. Returns the kind and the end of the
/// header.
fn header(bytes: &[u8]) -> Option<(ObjectKind, usize)> {
    let end = memchr::memchr(0, &bytes[..bytes.len().min(32)])?;
    let text = std::str::from_utf8(&bytes[..end]).ok()?;
    let (kind, size) = text.split_once(' ')?;
    let kind = match kind {
        "blob" => ObjectKind::Blob,
        "tree" => ObjectKind::Tree,
        "commit" => ObjectKind::Commit,
        "tag" => ObjectKind::Tag,
        _ => return None,
    };
    let size: usize = size.parse().ok()?;
    (size == bytes.len() - end - 1).then_some((kind, end + 1))
}

#[cfg(test)]
mod tests {
    use libdeflater::{CompressionLvl, Compressor};

    use super::*;

    /// A change of content is noticed at any bit, and nothing else is taken for one.
    #[test]
    fn no_damage_of_a_bit_changes_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("object");
        let texts =
            ["", "a\n", "line one\nline two\nline three\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"];
        let (mut inflate, mut bytes) = (Decompressor::new(), Vec::new());
        for (text, level) in texts.iter().flat_map(|text| [0, 1, 6, 12].map(|level| (text, level)))
        {
            let whole = format!("blob {}\0{text}", text.len());
            let mut deflate = Compressor::new(CompressionLvl::new(level).unwrap());
            let mut good = vec![0; deflate.zlib_compress_bound(whole.len())];
            let length = deflate.zlib_compress(whole.as_bytes(), &mut good).unwrap();
            good.truncate(length);
            let mut harmless = 0;
            for bit in 0..8 * good.len() {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                fs::write(&path, &bad).unwrap();
                if read(&path, &mut inflate, &mut bytes).is_ok() {
                    assert_eq!(bytes, whole.as_bytes(), "bit {bit}, level {level}");
                    harmless += 1;
                }
            }
            // Behind the last code there are less than 8 bits, before the checksum.
            assert!(harmless < 8, "{harmless}, level {level}, {text}");
            for (rest, has_rest) in [(&b""[..], false), (b"x", true), (b"more than four", true)] {
                fs::write(&path, [&good, rest].concat()).unwrap();
                let object = read(&path, &mut inflate, &mut bytes).unwrap();
                assert_eq!(object.has_rest, has_rest, "{rest:?}");
            }
        }
    }

    #[test]
    fn headers_must_fit() {
        assert_eq!(header(b"blob 3\0abc"), Some((ObjectKind::Blob, 7)));
        assert_eq!(header(b"tag 0\0"), Some((ObjectKind::Tag, 6)));
        for bad in [&b""[..], b"blob 3\0ab", b"blob\0", b"blob x\0", b"file 1\0a", b"blob 3"] {
            assert_eq!(header(bad), None, "{bad:?}");
        }
    }
}
