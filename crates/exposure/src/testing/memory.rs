//! A state of files in memory, for the tests of the analysis.

use std::collections::BTreeMap;
use std::io;

use keyside_exposure::Files;

/// Files in memory.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    files: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    /// Files by path and text.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        Self { files: files.collect() }
    }

    /// Adds a file, or puts another in its place.
    pub(crate) fn add(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.to_owned(), bytes.into());
    }
}

impl Files for Memory {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.files.get(path).cloned())
    }

    fn below(&self, folder: &str) -> Vec<String> {
        let is_below = |path: &&String| {
            let rest = path.strip_prefix(folder);
            folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
        };
        self.files.keys().filter(is_below).cloned().collect()
    }
}
