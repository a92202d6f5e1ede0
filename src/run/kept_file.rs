//! A file that a run keeps for later ones. Its head says for which rules, project and build of the program it
//! is; one with another head, or that cannot be read, is as good as none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The length of the beginning of every file, whose last digit is the version of its format.
const MAGIC: usize = 8;

/// A file with its head.
pub(super) struct KeptFile {
    pub(super) path: PathBuf,
    head: Vec<u8>,
}

impl KeptFile {
    /// The file of a kind for a key, and all of its bytes as they were kept, if there are any: at most
    /// `max_size`.
    pub(super) fn open(
        folder: &Path,
        (kind, magic): (&str, &[u8; MAGIC]),
        key: [u8; 32],
        max_size: usize,
    ) -> (Self, Option<Vec<u8>>) {
        let name: String = key[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let path = folder.join(format!("keyside-{name}.{kind}"));
        let head = [&magic[..], &key].concat();
        let is_read = fs::metadata(&path)
            .is_ok_and(|metadata| metadata.is_file() && metadata.len() <= max_size as u64);
        let bytes = if is_read { fs::read(&path).ok() } else { None };
        let bytes = bytes.filter(|bytes| bytes.starts_with(&head));
        (Self { path, head }, bytes)
    }

    /// The length of the head in bytes.
    pub(super) fn head_len(&self) -> usize {
        self.head.len()
    }

    /// Writes the file anew, with `body` behind its head. Only its owner can read it.
    pub(super) fn write(&self, body: &[&[u8]]) -> io::Result<()> {
        let path = &self.path;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        // Runs at the same time must not write to one file.
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let bytes = [&[&*self.head], body].concat().concat();
        let written = options
            .open(&temporary)
            .and_then(|mut file: File| file.write_all(&bytes))
            .and_then(|()| fs::rename(&temporary, path));
        if written.is_err() {
            // It may not exist, which is fine.
            let _ = fs::remove_file(&temporary);
        }
        written
    }
}
