//! The text of modules: JavaScript, TypeScript, components, style sheets and data, read into one
//! small intermediate representation. Knows texts only, no project around them.

pub(crate) mod body;
pub(crate) mod conventions;
pub(crate) mod guard;
pub(crate) mod ir;
pub(crate) mod json;
pub(crate) mod left;
pub(crate) mod markup;
pub(crate) mod module_body;
pub(crate) mod outline;
pub(crate) mod parse;
pub(crate) mod same_code;
mod spans;
pub(crate) mod style;
pub(crate) mod verbatim;
