//! How frameworks name public variables and give variables to code: a table that is filled from all
//! that are known.

use crate::variables::read::EnvRoot;

/// A module whose exports are variables, by their names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VariableModule {
    /// How code imports it.
    pub(crate) specifier: &'static str,
    /// Which variables it has.
    pub(crate) root: EnvRoot,
    /// The exports that are all of its variables in one object.
    pub(crate) objects: &'static [&'static str],
}

/// A function of a package that returns the variable named by its first argument.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VariableFunction {
    /// The package that exports it.
    pub(crate) package: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// Which variables it returns.
    pub(crate) root: EnvRoot,
}

/// A function that returns the runtime configuration.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RuntimeConfigFunction {
    /// A function of this name, wherever it comes from.
    Named(&'static str),
    /// The default export of a package.
    Package(&'static str),
}

impl RuntimeConfigFunction {
    /// A word that is in every module that calls it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Named(word) | Self::Package(word) => word,
        }
    }
}

/// The conventions of all frameworks.
#[derive(Debug, Default)]
pub(crate) struct VariableConventions {
    /// Prefixes that make a variable public, whatever the framework.
    pub(crate) public_prefixes: Vec<&'static str>,
    /// All prefixes that make a variable public in some app: they say nothing of what it holds.
    pub(crate) name_prefixes: Vec<&'static str>,
    /// The default of Vite's `envPrefix` in apps that depend on one of these packages.
    pub(crate) vite_prefixes: Vec<(&'static [&'static str], &'static str)>,
    /// Modules whose exports are variables.
    pub(crate) modules: Vec<VariableModule>,
    /// Functions that return a variable by its name.
    pub(crate) functions: Vec<VariableFunction>,
    /// Functions that return the runtime configuration.
    pub(crate) runtime_config: Vec<RuntimeConfigFunction>,
}

impl VariableConventions {
    /// The module of variables that code imports by this specifier.
    pub(crate) fn module(&self, specifier: &str) -> Option<&VariableModule> {
        self.modules.iter().find(|module| module.specifier == specifier)
    }
}
