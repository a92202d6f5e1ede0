//! What the judgement of a position is made from: the files of an app, and what a key is.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::paths;
use crate::exposure::Key;
use crate::exposure::Keys;
use crate::exposure::names::SecretNames;
use crate::exposure::package::Package;
use crate::model::FilePath;
use crate::model::KeyClass;
use crate::model::Notice;
use crate::model::NoticeKind;
use crate::rules::Ruleset;
use crate::source::Files;

/// The files of an app, and what is needed to tell secrets in them.
pub(in crate::exposure) struct Ground<'g> {
    /// The paths of the app's files, in order.
    pub files: &'g [String],
    /// The app's folder; `""` is the top.
    pub root: &'g str,
    /// The state that is analysed.
    pub state: &'g dyn Files,
    /// The rules.
    pub rules: &'g Ruleset,
    /// Finds keys.
    pub keys: &'g dyn Keys,
    /// Which names of variables are secret.
    pub names: &'g SecretNames,
    /// What the configuration says of the folder that is copied to the site as it is.
    pub copied: Copied,
    texts: RefCell<HashMap<String, Option<Rc<str>>>>,
    packages: RefCell<HashMap<String, Option<Rc<Package>>>>,
}

/// What a configuration says of the folder that is copied to the site as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::exposure) enum Copied {
    /// Nothing: it is the one that the framework has for that.
    #[default]
    AsEver,
    /// There is none.
    None,
    /// This one, by a configuration: both relative to the top of the state.
    Folder(String, String),
}

impl<'g> Ground<'g> {
    /// The files of the app in `root`, in order.
    pub(in crate::exposure) fn new(
        files: &'g [String],
        root: &'g str,
        state: &'g dyn Files,
        rules: &'g Ruleset,
        keys: &'g dyn Keys,
        names: &'g SecretNames,
    ) -> Self {
        let (copied, texts, packages) = (Copied::default(), RefCell::default(), RefCell::default());
        Self { files, root, state, rules, keys, names, copied, texts, packages }
    }

    /// The same with what the configuration says of the folder that is copied.
    pub(in crate::exposure) fn with_copied(self, copied: Copied) -> Self {
        Self { copied, ..self }
    }

    /// Whether a file is one of the app's.
    pub(super) fn owns(&self, path: &str) -> bool {
        self.files.binary_search_by(|file| file.as_str().cmp(path)).is_ok()
    }

    /// Whether there is such a file, in the app or round it.
    pub(super) fn has(&self, path: &str) -> bool {
        self.owns(path) || (!self.root.is_empty() && self.marker(path).is_some())
    }

    /// The app's files below a folder.
    pub(super) fn below<'s>(&'s self, folder: &'s str) -> impl Iterator<Item = &'s str> {
        let start = self.files.partition_point(|file| file.as_str() < folder);
        let inside = self.files[start..].iter().map(String::as_str);
        inside
            .take_while(move |file| file.starts_with(folder))
            .filter(move |file| paths::below(file, folder).is_some())
    }

    /// The text of a file; what cannot be read is reported by the scan itself.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        let bytes = self.state.read(path).ok().flatten()?;
        Some(self.keys.text(&bytes))
    }

    /// The text of a small file that others are judged by; read once.
    pub(super) fn marker(&self, path: &str) -> Option<Rc<str>> {
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        let text: Option<Rc<str>> = self.text(path).map(Rc::from);
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }

    /// The first of these files that a folder or one round it has.
    pub(super) fn nearest(&self, path: &str, names: &[&str]) -> Option<String> {
        paths::ancestors(path).find_map(|folder| {
            names.iter().map(|name| paths::join(folder, name)).find(|path| self.has(path))
        })
    }

    /// The package.json that is nearest to a file or folder.
    pub(super) fn package(&self, path: &str) -> Option<(String, Rc<Package>)> {
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
    pub(super) fn secrets(&self, text: &str) -> Vec<Key> {
        let is_secret =
            |key: &Key| self.rules.rules.get(key.rule).is_some_and(|r| r.class == KeyClass::Secret);
        self.keys.find(text).into_iter().filter(is_secret).collect()
    }

    /// Whether a text holds a key of any kind.
    pub(super) fn has_key(&self, text: &str) -> bool {
        !self.keys.find(text).is_empty()
    }

    /// The rule whose secret something of this name holds, however the name is spelt:
    /// `MAGICX_SECRET_KEY`, `magicxSecretKey`, `magicx_secret_key`.
    pub(super) fn secret_name(&self, name: &str) -> Option<usize> {
        self.names.rule(name).or_else(|| self.names.rule_of_property(name))
    }

    /// That a file is not what it should be.
    pub(super) fn unreadable(&self, path: &str, message: &str) -> Notice {
        Notice {
            path: Some(FilePath::from(path)),
            kind: NoticeKind::Exposure,
            message: message.to_owned(),
        }
    }
}
