//! The packages of a state by their folders.

use std::collections::BTreeMap;

use crate::input::Files;
use crate::notice::AnalysisNotice;
use crate::paths::{folder, join_name, name, upwards};
use crate::project::conventions::is_package_output;
use crate::project::package::Package;

/// A folder deeper than this is not searched for the package round it.
pub(super) const MAX_DEPTH: usize = 256;

/// What is known of the folders of a state.
pub(super) struct PackageMap<'a> {
    pub(super) files: &'a dyn Files,
    /// The package.json of each folder that was looked at.
    pub(super) folders: BTreeMap<String, FolderContent>,
    pub(super) notices: Vec<AnalysisNotice>,
}

/// What a folder says of itself.
pub(super) enum FolderContent {
    /// Nothing: no package.json, or one that only sets how its modules are read.
    Plain,
    /// It is a package; `None` if its package.json cannot be understood.
    Package(Option<Package>),
}

impl<'a> PackageMap<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Self { files, folders: BTreeMap::new(), notices: Vec::new() }
    }

    /// Looks for a package.json in a folder and those round it.
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
        match self.text(&path).map(|text| Package::parse(&text)) {
            None => FolderContent::Plain,
            Some(Ok(package)) if is_real(&package) => FolderContent::Package(Some(package)),
            Some(Ok(_)) => FolderContent::Plain,
            Some(Err(why)) => {
                self.tell(&path, format!("this package.json is not understood: {why}"));
                FolderContent::Package(None)
            }
        }
    }

    /// The text of a file, if it is there and can be read.
    pub(super) fn text(&mut self, path: &str) -> Option<String> {
        match self.files.read(path) {
            Ok(bytes) => bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            Err(_) => {
                self.tell(path, "cannot be read, so that its app is not known".to_owned());
                None
            }
        }
    }

    pub(super) fn tell(&mut self, path: &str, message: String) {
        self.notices.push(AnalysisNotice::new(path, message));
    }

    pub(super) fn package(&self, root: &str) -> Option<&Package> {
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

    /// The folders round `home` that are packages, the innermost first.
    pub(super) fn around<'h>(&self, home: &'h str) -> Vec<&'h str> {
        upwards(home).take(MAX_DEPTH).filter(|folder| self.is_package(folder)).collect()
    }

    pub(super) fn packages(&self) -> impl Iterator<Item = (&str, &Package)> {
        self.folders.iter().filter_map(|(root, folder)| match folder {
            FolderContent::Plain | FolderContent::Package(None) => None,
            FolderContent::Package(Some(package)) => Some((root.as_str(), package)),
        })
    }

    /// Reads every package.json of the files.
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

/// Whether a package.json makes its folder a package: `{"type": "module"}` does not.
fn is_real(package: &Package) -> bool {
    let has = |key| package.value.get(key).is_some();
    !package.name.is_empty()
        || !package.dependencies.is_empty()
        || !package.scripts.is_empty()
        || has("workspaces")
}
