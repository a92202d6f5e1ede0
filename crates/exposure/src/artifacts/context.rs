//! What the judgement of a position is made from: the files of an app, and what a key is.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::artifacts::framework_folders::FrameworkFolders;
use crate::artifacts::paths;
use crate::catalog::{Catalog, KeyKindId};
use crate::input::{Files, FoundKey, KeyFinder};
use crate::notice::AnalysisNotice;
use crate::project::package::Package;
use crate::variables::names::SecretNames;

/// The files of an app, and what is needed to tell secrets in them.
pub(crate) struct ArtifactContext<'g> {
    /// The paths of the app's files, in order.
    pub files: &'g [String],
    /// The app's folder; `""` is the top.
    pub root: &'g str,
    /// The state that is analysed.
    pub state: &'g dyn Files,
    /// The rules.
    pub catalog: &'g Catalog,
    /// Finds keys.
    pub keys: &'g dyn KeyFinder,
    /// Which names of variables are secret.
    pub names: &'g SecretNames,
    /// The folders of all frameworks.
    pub frameworks: &'g FrameworkFolders,
    /// What the configuration says of the folder that is copied to the site as it is.
    pub copied: CopiedFolder,
    texts: RefCell<HashMap<String, Option<Rc<str>>>>,
    packages: RefCell<HashMap<String, Option<Rc<Package>>>>,
}

/// What a configuration says of the folder that is copied to the site as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum CopiedFolder {
    /// Nothing: it is the one that the framework has for that.
    #[default]
    AsEver,
    /// There is none.
    None,
    /// This one, by a configuration: both relative to the top of the state.
    Folder(String, String),
}

impl<'g> ArtifactContext<'g> {
    /// The files of the app in `root`, in order.
    pub(crate) fn new(
        files: &'g [String],
        root: &'g str,
        state: &'g dyn Files,
        catalog: &'g Catalog,
        keys: &'g dyn KeyFinder,
        names: &'g SecretNames,
        frameworks: &'g FrameworkFolders,
    ) -> Self {
        let (copied, texts, packages) =
            (CopiedFolder::default(), RefCell::default(), RefCell::default());
        Self { files, root, state, catalog, keys, names, frameworks, copied, texts, packages }
    }

    /// The same with what the configuration says of the folder that is copied.
    pub(crate) fn with_copied(self, copied: CopiedFolder) -> Self {
        Self { copied, ..self }
    }

    /// Whether a file is one of the app's.
    pub(crate) fn owns(&self, path: &str) -> bool {
        self.files.binary_search_by(|file| file.as_str().cmp(path)).is_ok()
    }

    /// Whether there is such a file, in the app or round it.
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

    /// The text of a file; what cannot be read is reported by the scan itself.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        let bytes = self.state.read(path).ok().flatten()?;
        Some(self.keys.text(&bytes))
    }

    /// The text of a small file that others are judged by; read once.
    pub(crate) fn marker(&self, path: &str) -> Option<Rc<str>> {
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        let text: Option<Rc<str>> = self.text(path).map(Rc::from);
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }

    /// The first of these files that a folder or one round it has.
    pub(crate) fn nearest(&self, path: &str, names: &[&str]) -> Option<String> {
        paths::ancestors(path).find_map(|folder| {
            names.iter().map(|name| paths::join(folder, name)).find(|path| self.has(path))
        })
    }

    /// The package.json that is nearest to a file or folder.
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

    /// Whether a text holds a key of any kind.
    pub(crate) fn has_key(&self, text: &str) -> bool {
        !self.keys.find(text).is_empty()
    }

    /// The rule whose secret something of this name holds, however the name is spelt:
    /// `MAGICX_SECRET_KEY`, `magicxSecretKey`, `magicx_secret_key`.
    pub(crate) fn secret_name(&self, name: &str) -> Option<KeyKindId> {
        self.names.key_kind(name).or_else(|| self.names.key_kind_of_property(name))
    }

    /// That a file is not what it should be.
    pub(crate) fn unreadable(&self, path: &str, message: &str) -> AnalysisNotice {
        AnalysisNotice::new(path, message)
    }
}
