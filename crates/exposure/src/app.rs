//! An app: the folder of a package, and everything that decides what it ships.

use crate::catalog::Catalog;
use crate::eval::value::Value;
use crate::input::{Files, KeyFinder};
use crate::project::package::Package;
use crate::variables::conventions::VariableConventions;
use crate::variables::declarations::Declaration;
use crate::variables::names::SecretNames;

/// An app.
pub(crate) struct App<'a> {
    /// Its folder, relative to the top of the state; `""` is the top.
    pub root: String,
    /// The package.json of that folder.
    pub package: Option<Package>,
    /// Its files in order: those below its folder, without nested apps and `node_modules`.
    pub files: Vec<String>,
    /// Its configuration modules, evaluated: path and value of the default export.
    pub configs: Vec<(String, Value)>,
    /// The variables that its files declare.
    pub declarations: &'a [Declaration],
    /// The files of the whole project.
    pub state: &'a dyn Files,
    /// The search for keys in texts.
    pub keys: &'a dyn KeyFinder,
    /// The kinds of keys and their providers.
    pub catalog: &'a Catalog,
    /// Tells which names of variables are secret.
    pub names: &'a SecretNames,
    /// The statements of all frameworks on variables.
    pub conventions: &'static VariableConventions,
}

impl App<'_> {
    /// True if the package depends on another, at run time or for development.
    pub(crate) fn depends_on(&self, package: &str) -> bool {
        self.package.as_ref().is_some_and(|own| own.depends_on(package))
    }

    /// The path of a file relative to the app's folder; `None` if the file is not in it.
    pub(crate) fn relative<'p>(&self, path: &'p str) -> Option<&'p str> {
        crate::paths::below(path, &self.root)
    }

    /// The full path of a file, from its path relative to the app's folder.
    pub(crate) fn path(&self, relative: &str) -> String {
        if self.root.is_empty() { relative.to_owned() } else { format!("{}/{relative}", self.root) }
    }

    /// True if the app has the file at this path, relative to the app's folder.
    pub(crate) fn has(&self, relative: &str) -> bool {
        self.files.binary_search(&self.path(relative)).is_ok()
    }

    /// The configuration module in the app's folder that has one of these names, without extension:
    /// `next.config`.
    pub(crate) fn config(&self, names: &[&str]) -> Option<&(String, Value)> {
        self.configs.iter().find(|(path, _)| {
            let stem = self.relative(path).and_then(|path| path.rsplit_once('.'));
            stem.is_some_and(|(stem, _)| names.contains(&stem))
        })
    }
}
