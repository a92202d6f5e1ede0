//! Loose objects: one deflated file each (gitrepository-layout(5), `objects/[0-9a-f][0-9a-f]`).

use std::path::{Path, PathBuf};
use std::{fs, io};

use libdeflater::{DecompressionError, Decompressor};

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

/// Reads the loose object at `path` into `bytes`. Returns its kind and the offset of its content in
/// `bytes`.
///
/// # Errors
/// A file that cannot be read, or is not an object.
pub(super) fn read(
    path: &Path,
    inflate: &mut Decompressor,
    bytes: &mut Vec<u8>,
) -> Result<(ObjectKind, usize), String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is not a plain file".to_owned());
    }
    let deflated = fs::read(path).map_err(|error| error.to_string())?;
    let size = whole(&deflated, inflate, bytes).ok_or("it cannot be inflated")?;
    bytes.truncate(size);
    header(bytes).ok_or_else(|| "its header is damaged".to_owned())
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
    use super::*;

    #[test]
    fn headers_must_fit() {
        assert_eq!(header(b"blob 3\0abc"), Some((ObjectKind::Blob, 7)));
        assert_eq!(header(b"tag 0\0"), Some((ObjectKind::Tag, 6)));
        for bad in [&b""[..], b"blob 3\0ab", b"blob\0", b"blob x\0", b"file 1\0a", b"blob 3"] {
            assert_eq!(header(bad), None, "{bad:?}");
        }
    }
}
