//! A folder that looks like a checkout of source code, with any number of files.

use std::f64::consts::TAU;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use keyside::rules::Rng;
use tempfile::TempDir;

use crate::text::Writer;

/// The number of files that are read.
const FILES: usize = 56_000;
/// The median size; with the spread, the mean is 10 KB.
const MEDIAN_SIZE: f64 = 3000.0;
const SPREAD: f64 = 1.56;
const LARGEST: f64 = 900_000.0;
const DEEPEST: usize = 8;
/// One file in this many is binary, one folder in this many has a `.gitignore`.
const BINARY: usize = 100;
const IGNORING: usize = 60;

const ENDINGS: &[&str] = &["c", "h", "rs", "py", "ts", "js", "go", "java", "md", "json"];

/// The folder, removed on drop.
pub(crate) struct Forest {
    folder: TempDir,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
}

impl Forest {
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A description for titles.
    pub(crate) fn size(&self) -> String {
        format!("{} files, {} MB", self.files, self.bytes / 1_000_000)
    }
}

/// Makes the folder.
pub(crate) fn grow() -> io::Result<Forest> {
    let folder = TempDir::new_in(crate::SCRATCH)?;
    let root = folder.path().join("tree");
    fs::create_dir(&root)?;
    git_folder(&root)?;
    let mut forest = Forest { folder, files: 0, bytes: 0 };
    let mut writer = Writer::new(1);
    let mut folders = vec![(root, 0)];
    let mut at = 0;
    let mut buffer = Vec::new();
    while forest.files < FILES {
        if at > 0 {
            let folder = child(&folders, at, writer.rng());
            fs::create_dir(&folder.0)?;
            folders.push(folder);
        }
        let folder = folders[at].0.clone();
        for index in 0..5 + writer.rng().below(26) {
            content(&mut writer, &mut buffer);
            let ending = ENDINGS[writer.rng().below(ENDINGS.len())];
            fs::write(folder.join(format!("file_{index}.{ending}")), &buffer)?;
            forest.files += 1;
            forest.bytes += buffer.len() as u64;
        }
        if at % IGNORING == 0 {
            fs::write(folder.join(".gitignore"), "# generated\n*.o\n/build/\n!keep.o\n")?;
            fs::create_dir(folder.join("build"))?;
            fs::write(folder.join("build/out.js"), &buffer)?;
            fs::write(folder.join("unit.o"), &buffer)?;
        }
        at += 1;
    }
    Ok(forest)
}

/// Writes enough of a `.git` to make the folder a working tree, so that `.gitignore` counts.
fn git_folder(root: &Path) -> io::Result<()> {
    fs::create_dir_all(root.join(".git/objects"))?;
    fs::create_dir_all(root.join(".git/refs/heads"))?;
    fs::write(root.join(".git/HEAD"), "ref: refs/heads/main\n")
}

/// A new folder in an existing one.
fn child(folders: &[(PathBuf, usize)], number: usize, rng: &mut Rng) -> (PathBuf, usize) {
    loop {
        let (parent, depth) = &folders[rng.below(folders.len())];
        if *depth < DEEPEST {
            return (parent.join(format!("part_{number}")), depth + 1);
        }
    }
}

/// The bytes of one file; sizes are distributed log-normally, as those of source files.
fn content(writer: &mut Writer, buffer: &mut Vec<u8>) {
    let rng = writer.rng();
    let unit = |rng: &mut Rng| (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    let normal = (-2.0 * (1.0 - unit(rng)).ln()).sqrt() * (TAU * unit(rng)).cos();
    let size = (MEDIAN_SIZE * (SPREAD * normal).exp()).min(LARGEST) as usize;
    let is_binary = rng.below(BINARY) == 0;
    buffer.clear();
    if !is_binary {
        writer.write(buffer, size, b'\n');
        return;
    }
    while buffer.len() < size {
        // Machine code and tables: about one byte in four is zero.
        let bytes = rng.next_u64() & rng.next_u64().rotate_left(9) | 0x0101;
        buffer.extend_from_slice(&bytes.to_be_bytes());
    }
}
