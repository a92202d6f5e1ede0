//! The modules from which code gets environment variables.

use crate::variables::conventions::{RuntimeConfigFunction, VariableConventions};

/// Modules of runtimes that export the variables of a process.
pub(super) const PROCESS: [&str; 3] = ["process", "node:process", "bun"];

/// Packages that read dotenv files, by functions of the names below.
pub(super) const DOTENV: [&str; 4] = ["dotenv", "dotenv-expand", "dotenv-flow", "@dotenvx/dotenvx"];

/// True if code that imports a module by this specifier may get variables from it.
pub(crate) fn gives_variables(conventions: &VariableConventions, specifier: &str) -> bool {
    let is_configuration = |function: &RuntimeConfigFunction| function.word() == specifier;
    PROCESS.contains(&specifier)
        || DOTENV.contains(&specifier)
        || conventions.module(specifier).is_some()
        || conventions.functions.iter().any(|function| function.package == specifier)
        || conventions.runtime_config.iter().any(is_configuration)
}
