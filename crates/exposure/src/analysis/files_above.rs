//! Files above an app that show what it is built with.

use std::collections::HashMap;

use crate::paths::{folder, upwards};

/// Files above apps that show what these are built with: container files, workflows, settings.
pub(super) struct FilesAbove<'p> {
    /// The files in each folder.
    folders: HashMap<&'p str, Vec<&'p String>>,
    /// The files in `.github`.
    workflows: Vec<&'p String>,
}

impl<'p> FilesAbove<'p> {
    pub(super) fn new(all: &'p [String]) -> Self {
        let mut folders: HashMap<&str, Vec<&String>> = HashMap::new();
        for path in all {
            folders.entry(folder(path)).or_default().push(path);
        }
        let is_workflow = |path: &&String| folder(path).starts_with(".github/");
        Self { workflows: all.iter().filter(is_workflow).collect(), folders }
    }

    /// The files above the app in a folder.
    pub(super) fn files(&self, root: &str) -> Vec<&'p String> {
        if root.is_empty() {
            return Vec::new();
        }
        let around = upwards(root).skip(1).filter_map(|folder| self.folders.get(folder));
        around.flatten().chain(&self.workflows).copied().collect()
    }
}
