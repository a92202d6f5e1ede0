//! Evaluates expressions abstractly: folds constants and follows secrets through variables, objects,
//! calls and modules. Nothing is run.

mod builtins;
mod calls;
pub(crate) mod carriers;
mod circles;
mod classes;
mod collections;
mod conditions;
mod configuration;
pub(crate) mod constants;
mod containers;
pub(crate) mod environment;
mod errors;
pub(crate) mod evaluator;
mod exports;
mod expressions;
mod files;
mod filled_objects;
mod hooks;
mod known_calls;
mod language_objects;
pub(crate) mod left_value;
pub(crate) mod left_values;
mod limits;
mod many_modules;
mod mutations;
pub(crate) mod names;
mod packages;
mod plugins;
mod properties;
pub(crate) mod runtime_config;
pub(crate) mod searched_texts;
mod statements;
pub(crate) mod suspects;
mod symbols;
#[cfg(test)]
mod tests;
pub(crate) mod told_keys;
pub(crate) mod value;
pub(crate) mod variable_modules;
