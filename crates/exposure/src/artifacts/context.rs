//! The context of an artifact: the files of its app, and how keys are recognised.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::artifacts::framework_folders::FrameworkFolders;
use crate::artifacts::paths;
use crate::artifacts::project_files::ProjectFiles;
use crate::artifacts::shipped_path::ShippedPath;
use crate::catalog::{Catalog, KeyKindId};
use crate::input::{Files, FoundKey, KeyFinder};
use crate::notice::AnalysisNotice;
use crate::project::package::Package;
use crate::variables::names::SecretNames;

/// The files of an app, and what is needed to find secrets in them.
pub(crate) struct ArtifactContext<'g> {
    /// The paths of the app's files, in order.
    pub files: &'g [String],
    /// Those that mark the folders of projects.
    pub projects: &'g ProjectFiles<'g>,
    /// The app's folder; `""` is the top.
    pub root: &'g str,
    /// The files of the whole project.
    pub state: &'g dyn Files,
    /// The kinds of keys and their providers.
    pub catalog: &'g Catalog,
    /// Finds keys.
    pub keys: &'g dyn KeyFinder,
    /// Tells which names of variables are secret.
    pub names: &'g SecretNames,
    /// The folders of all frameworks.
    pub frameworks: &'g FrameworkFolders,
    /// The folder that the configuration copies to the site without change.
    pub copied: CopiedFolder,
    /// Other files and folders that ship because a configuration or a document names them.
    pub named: Vec<ShippedPath>,
    texts: RefCell<HashMap<String, Option<Rc<str>>>>,
    packages: RefCell<HashMap<String, Option<Rc<Package>>>>,
}

/// The folder that a configuration copies to the site without change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum CopiedFolder {
    /// The default folder of the framework.
    #[default]
    Default,
    /// No folder.
    None,
    /// This folder, as this configuration says; both are relative to the top of the project.
    Folder(String, String),
}

impl<'g> ArtifactContext<'g> {
    /// A context for the app in `root` with these files, in order, and those that mark projects.
    pub(crate) fn new(
        (files, projects): (&'g [String], &'g ProjectFiles<'g>),
        root: &'g str,
        state: &'g dyn Files,
        catalog: &'g Catalog,
        keys: &'g dyn KeyFinder,
        names: &'g SecretNames,
        frameworks: &'g FrameworkFolders,
    ) -> Self {
        let (copied, named) = (CopiedFolder::default(), Vec::new());
        let (texts, packages) = (RefCell::default(), RefCell::default());
        Self {
            files,
            projects,
            root,
            state,
            catalog,
            keys,
            names,
            frameworks,
            copied,
            named,
            texts,
            packages,
        }
    }

    /// The same context with the folder that the configuration copies.
    pub(crate) fn with_copied(self, copied: CopiedFolder) -> Self {
        Self { copied, ..self }
    }

    /// The same context with files that a configuration or a document names.
    pub(crate) fn with_named(self, named: Vec<ShippedPath>) -> Self {
        Self { named, ..self }
    }

    /// True if a file is one of the app's.
    pub(crate) fn owns(&self, path: &str) -> bool {
        self.files.binary_search_by(|file| file.as_str().cmp(path)).is_ok()
    }

    /// True if the file exists, in the app or in the folders around it.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.owns(path) || (!self.root.is_empty() && self.marker(path).is_some())
    }

    /// The app's files below a folder.
    pub(crate) fn below<'s>(&'s self, folder: &'s str) -> impl Iterator<Item = &'s str> {
        let start = self.files.partition_point(|file| file.as_str() < folder);
        let inside = self.files[start..].iter().map(String::as_str);
        inside
            .take_while(move |file| file.starts_with(folder))
            .filter(move |file| paths::below(file, folder).is_some())
    }

    /// The text of a file. The scan itself reports files that cannot be read.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        let bytes = self.state.read(path).ok().flatten()?;
        Some(self.keys.text(&bytes))
    }

    /// The text of a small file that decides about others; it is read once.
    pub(crate) fn marker(&self, path: &str) -> Option<Rc<str>> {
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        let text: Option<Rc<str>> = self.text(path).map(Rc::from);
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }

    /// The first of these files in the folder of a path or the nearest folder around it.
    pub(crate) fn nearest(&self, path: &str, names: &[&str]) -> Option<String> {
        paths::ancestors(path).find_map(|folder| {
            names.iter().map(|name| paths::join(folder, name)).find(|path| self.has(path))
        })
    }

    /// The nearest package.json around a file or folder.
    pub(crate) fn package(&self, path: &str) -> Option<(String, Rc<Package>)> {
        let file = self.nearest(path, &["package.json"])?;
        let known = self.packages.borrow().get(&file).cloned();
        let package = known.unwrap_or_else(|| {
            let text = self.marker(&file);
            let package = text.and_then(|text| Package::parse(&text).ok()).map(Rc::new);
            self.packages.borrow_mut().insert(file.clone(), package.clone());
            package
        })?;
        Some((file, package))
    }

    /// The secret keys in a text, without public ones and short-lived tokens.
    pub(crate) fn secrets(&self, text: &str) -> Vec<FoundKey> {
        let is_secret = |key: &FoundKey| self.catalog.is_secret(key.key_kind);
        self.keys.find(text).into_iter().filter(is_secret).collect()
    }

    /// True if a text holds a key of any kind.
    pub(crate) fn has_key(&self, text: &str) -> bool {
        !self.keys.find(text).is_empty()
    }

    /// The kind of secret that a name stands for, in any spelling: `MAGICX_SECRET_KEY`,
    /// `magicxSecretKey`, `magicx_secret_key`.
    pub(crate) fn secret_name(&self, name: &str) -> Option<KeyKindId> {
        self.names.key_kind(name).or_else(|| self.names.key_kind_of_property(name))
    }

    /// A notice about a file that cannot be understood.
    pub(crate) fn unreadable(&self, path: &str, message: &str) -> AnalysisNotice {
        AnalysisNotice::new(path, message)
    }
}
