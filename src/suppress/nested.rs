//! The ignore files of folders below what is scanned, each read when there is a finding below its
//! folder: they count as git's `.gitignore` does, in every mode.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::ignore_file::{FILE_NAME, IgnoreFile, IgnoreFileError};

/// Reads the ignore file at a path; `None` if there is none, or an explanation for people.
pub type IgnoreFileReader = dyn Fn(&Path) -> Result<Option<String>, String> + Send + Sync;

/// The ignore files of folders below what is scanned.
#[derive(Default)]
pub struct NestedIgnoreFiles {
    /// The scanned folders as reports name them.
    tops: Vec<PathBuf>,
    /// The one of them that is the current folder, if it has a whole path: names are told from there.
    here: Option<PathBuf>,
    /// The salt of this run's ids.
    salt: String,
    reader: Option<Arc<IgnoreFileReader>>,
    known: Mutex<ReadFiles>,
}

/// The files that were read.
#[derive(Default)]
struct ReadFiles {
    files: HashMap<PathBuf, Option<Arc<IgnoreFile>>>,
    faults: Vec<(PathBuf, String)>,
}

impl fmt::Debug for NestedIgnoreFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NestedIgnoreFiles").field("tops", &self.tops).finish_non_exhaustive()
    }
}

impl NestedIgnoreFiles {
    /// The files below `tops`, read by `reader`. Ids in them have been made with `salt`.
    pub fn new(tops: &[PathBuf], salt: &str, reader: Arc<IgnoreFileReader>) -> Self {
        let named =
            |top: &PathBuf| top.strip_prefix(".").map(Path::to_owned).unwrap_or(top.clone());
        let tops: Vec<PathBuf> = tops.iter().map(named).collect();
        let here = std::env::current_dir().ok().filter(|here| tops.contains(here));
        Self { tops, here, salt: salt.to_owned(), reader: Some(reader), known: Mutex::default() }
    }

    /// The files of the folders around `path`, below what is scanned; outer ones first.
    pub(super) fn around(&self, path: &Path) -> Vec<Arc<IgnoreFile>> {
        let Some(reader) = &self.reader else { return Vec::new() };
        let path = path.strip_prefix(".").unwrap_or(path);
        let tops = self.tops.iter().filter(|top| path.starts_with(top));
        let Some(top) = tops.max_by_key(|top| top.as_os_str().len()) else { return Vec::new() };
        let folders = path.ancestors().skip(1).take_while(|folder| folder != top);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let named = |path: &Path| {
            let below = self.here.as_ref().and_then(|here| path.strip_prefix(here).ok());
            below.unwrap_or(path).display().to_string()
        };
        let read = |folder| known.read(folder, reader.as_ref(), &self.salt, &named);
        let mut files: Vec<_> = folders.filter_map(read).collect();
        files.reverse();
        files
    }

    /// Reads the files of the folders around `path`, so that they are known.
    pub fn read_around(&self, path: &Path) {
        self.around(path);
    }

    /// The files that were read, by their paths.
    pub fn known(&self) -> Vec<Arc<IgnoreFile>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<_> = known.files.values().flatten().map(Arc::clone).collect();
        files.sort_by(|a, b| a.name().cmp(b.name()));
        files
    }

    /// The files that cannot be used, each with the reason; they accept nothing.
    pub fn faults(&self) -> Vec<(PathBuf, String)> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).faults.clone()
    }
}

impl ReadFiles {
    fn read(
        &mut self,
        folder: &Path,
        reader: &IgnoreFileReader,
        salt: &str,
        named: &dyn Fn(&Path) -> String,
    ) -> Option<Arc<IgnoreFile>> {
        if let Some(known) = self.files.get(folder) {
            return known.clone();
        }
        let path = folder.join(FILE_NAME);
        let parse = |text: String| {
            let file = IgnoreFile::parse(&named(&path), folder, &text).map_err(
                |IgnoreFileError { line, message, .. }| format!("line {line}: {message}"),
            )?;
            match file.salt().filter(|own| *own != salt) {
                None => Ok(Arc::new(file)),
                Some(_) => Err("its salt is not that of this scan; it belongs into the \
                                .keysideignore at the top"
                    .to_owned()),
            }
        };
        let file = reader(&path).and_then(|text| text.map(parse).transpose());
        let file = file.unwrap_or_else(|fault| {
            self.faults.push((path.clone(), fault));
            None
        });
        self.files.insert(folder.to_owned(), file.clone());
        file
    }
}
