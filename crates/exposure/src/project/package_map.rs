//! The packages of a state by their folders.

use std::collections::BTreeMap;

use crate::input::Files;
use crate::notice::AnalysisNotice;
use crate::paths::{folder, join_name, name, upwards};
use crate::project::conventions::{AppMarkers, is_package_output};
use crate::project::package::Package;

/// Folders around a file that are searched for packages.
pub(super) const MAX_DEPTH: usize = 256;

/// The folders of a state that have been read, and what could not be read.
pub(super) struct PackageMap<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) markers: &'a AppMarkers,
    /// Each folder that has been looked at.
    pub(super) folders: BTreeMap<String, FolderContent>,
    pub(super) notices: Vec<AnalysisNotice>,
}

/// The meaning of a folder by its package.json.
pub(super) enum FolderContent {
    /// Not a package: it has no package.json, or one that only sets how its modules are read.
    Plain,
    /// A package; `None` if its package.json cannot be understood.
    Package(Option<Package>),
}

impl<'a> PackageMap<'a> {
    pub(super) fn new(files: &'a dyn Files, markers: &'a AppMarkers) -> Self {
        Self { files, markers, folders: BTreeMap::new(), notices: Vec::new() }
    }

    /// Reads a folder and the folders around it.
    pub(super) fn read_upwards(&mut self, home: &str) {
        for folder in upwards(home).take(MAX_DEPTH) {
            if self.folders.contains_key(folder) {
                return;
            }
            let read = self.read_folder(folder);
            self.folders.insert(folder.to_owned(), read);
        }
    }

    pub(super) fn read_folder(&mut self, folder: &str) -> FolderContent {
        let path = join_name(folder, "package.json");
        match self.read_text(&path).map(|text| Package::parse(&text)) {
            None => FolderContent::Plain,
            Some(Ok(package)) if is_real(&package) => FolderContent::Package(Some(package)),
            Some(Ok(_)) => FolderContent::Plain,
            Some(Err(why)) => {
                self.report(&path, format!("this package.json cannot be understood: {why}"));
                FolderContent::Package(None)
            }
        }
    }

    /// The text of a file, if it exists and can be read.
    pub(super) fn read_text(&mut self, path: &str) -> Option<String> {
        match self.files.read(path) {
            Ok(bytes) => bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            Err(_) => {
                self.report(path, "cannot be read, so its app is unknown".to_owned());
                None
            }
        }
    }

    pub(super) fn report(&mut self, path: &str, message: String) {
        self.notices.push(AnalysisNotice::new(path, message));
    }

    pub(super) fn package_of(&self, root: &str) -> Option<&Package> {
        match self.folders.get(root)? {
            FolderContent::Plain => None,
            FolderContent::Package(package) => package.as_ref(),
        }
    }

    pub(super) fn is_package(&self, folder: &str) -> bool {
        match self.folders.get(folder) {
            Some(FolderContent::Package(_)) => true,
            Some(FolderContent::Plain) | None => false,
        }
    }

    /// The folders around `home` that are packages, the innermost first.
    pub(super) fn around<'h>(&self, home: &'h str) -> Vec<&'h str> {
        upwards(home).take(MAX_DEPTH).filter(|folder| self.is_package(folder)).collect()
    }

    pub(super) fn packages(&self) -> impl Iterator<Item = (&str, &Package)> {
        self.folders.iter().filter_map(|(root, folder)| match folder {
            FolderContent::Plain | FolderContent::Package(None) => None,
            FolderContent::Package(Some(package)) => Some((root.as_str(), package)),
        })
    }

    /// Reads every package.json among the files.
    pub(super) fn read_packages(&mut self, paths: &[String]) {
        for path in paths.iter().filter(|path| name(path) == "package.json") {
            let root = folder(path);
            if !self.folders.contains_key(root) {
                let read = if is_package_output(root) {
                    FolderContent::Plain
                } else {
                    self.read_folder(root)
                };
                self.folders.insert(root.to_owned(), read);
            }
        }
    }
}

/// True if a package.json makes its folder a package: `{"type": "module"}` does not.
fn is_real(package: &Package) -> bool {
    let has = |key| package.value.get(key).is_some();
    !package.name.is_empty()
        || !package.dependencies.is_empty()
        || !package.scripts.is_empty()
        || has("workspaces")
}
