//! Which files a repository tracks, from its index (gitformat-index(5)). An ignore file does not
//! count for them: git commits what they hold, whatever it says.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The largest index that is read, in bytes: about three million files.
const MAX_INDEX: u64 = 256 << 20;

/// The largest `.git` file, in bytes.
const MAX_LINK: u64 = 64 << 10;

/// A repository's working tree.
#[derive(Debug)]
pub(super) struct Checkout {
    /// The folder that holds `.git`, without links in its path.
    pub(super) top: PathBuf,
    /// Where git keeps the index.
    folder: PathBuf,
}

impl Checkout {
    /// The checkout that `folder` is in. `folder` has no links in its path.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let top = folder.ancestors().find(|folder| folder.join(".git").exists())?;
        let git = top.join(".git");
        if git.is_dir() {
            return Some(Self { top: top.to_owned(), folder: git });
        }
        // A linked worktree or a submodule: a file says where the folder is.
        let text = String::from_utf8(read_plain(&git, MAX_LINK).ok()?).ok()?;
        let named = text.strip_prefix("gitdir:")?.trim();
        Some(Self { top: top.to_owned(), folder: top.join(named) })
    }

    /// The paths of the plain files that it tracks, relative to its top, with `/` separators.
    ///
    /// # Errors
    /// An index that cannot be read or understood. None is there before the first `git add`.
    pub(super) fn tracked(&self) -> io::Result<Vec<Vec<u8>>> {
        let mut tracked = Vec::new();
        for file in self.indexes()? {
            let bytes = read_plain(&file, MAX_INDEX)?;
            let damaged = || {
                let text = "the index is damaged, or of a version that is not known";
                io::Error::new(io::ErrorKind::InvalidData, text)
            };
            // The length of an object id is in the configuration only; an index of the other
            // length does not parse.
            let paths = [20, 32].into_iter().find_map(|id| paths(&bytes, id));
            tracked.extend(paths.ok_or_else(damaged)?);
        }
        Ok(tracked)
    }

    /// The index, and those it may share entries with (`git update-index --split-index`).
    fn indexes(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let bytes = name.as_encoded_bytes();
            if bytes == b"index" || bytes.starts_with(b"sharedindex.") {
                files.push(self.folder.join(name));
            }
        }
        Ok(files)
    }
}

/// Reads a file of at most `most` bytes. The repository is not trusted: a pipe in the place of the
/// file would be waited for, and a file of any size filled in.
fn read_plain(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if metadata.is_file() && metadata.len() <= most {
        return fs::read(path);
    }
    let text = format!("is no plain file of at most {most} bytes");
    Err(io::Error::new(io::ErrorKind::InvalidData, text))
}

/// The paths of plain files in an index whose object ids have `id` bytes.
fn paths(index: &[u8], id: usize) -> Option<Vec<Vec<u8>>> {
    let number = |at: usize| -> Option<u32> {
        Some(u32::from_be_bytes(index.get(at..at + 4)?.try_into().ok()?))
    };
    let version = number(4)?;
    if index.get(..4)? != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let mut paths = Vec::new();
    let mut path = Vec::new();
    let mut at = 12;
    for _ in 0..number(8)? {
        let start = at;
        let mode = number(at + 24)?;
        at += 40 + id;
        let flags = u16::from_be_bytes(index.get(at..at + 2)?.try_into().ok()?);
        let is_extended = version >= 3 && flags & 0x4000 != 0;
        at += if is_extended { 4 } else { 2 };
        if version == 4 {
            let strip = offset(index, &mut at)?;
            path.truncate(path.len().checked_sub(strip)?);
        } else {
            path.clear();
        }
        let length = memchr::memchr(0, index.get(at..)?)?;
        path.extend_from_slice(&index[at..at + length]);
        at += length + 1;
        if version < 4 {
            // Entries are filled with zero bytes to a multiple of eight.
            at = start + (at - start).next_multiple_of(8);
        }
        if usize::from(flags & 0xfff) != path.len().min(0xfff) {
            return None;
        }
        // An entry without a name replaces one of a shared index, which has the name.
        if mode & 0o170_000 == 0o100_000 && !path.is_empty() {
            paths.push(path.clone());
        }
    }
    Some(paths)
}

/// A number as in the offsets of pack entries.
fn offset(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut next = || {
        let byte = bytes.get(*at).copied();
        *at += 1;
        byte
    };
    let mut byte = next()?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = next()?;
        value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, proptest};

    proptest! {
        #[test]
        fn no_bytes_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 12..400),
            version in 1..6u8,
            count in 0..5u8,
        ) {
            bytes[..12].copy_from_slice(&[b'D', b'I', b'R', b'C', 0, 0, 0, version, 0, 0, 0, count]);
            let _ = (paths(&bytes, 20), paths(&bytes, 32));
        }
    }
}
