//! The parser of JavaScript and TypeScript: the only folder that knows `oxc`.
//!
//! One walk over the syntax tree lowers it to [`crate::js::ir`]. Types are never walked, so that
//! names in types are not uses. Names are resolved by the parser's scope analysis.

mod assignments;
mod bindings;
mod branch_guards;
mod calls;
mod commonjs;
mod conditions;
mod expressions;
mod functions;
mod jsx;
mod loads;
mod lowering;
pub(crate) mod module_parser;
mod nesting;
mod origins;
mod page_calls;
mod parts;
mod patterns;
mod program;
mod recovery;
mod server_calls;
mod statements;
mod syntax;
#[cfg(test)]
mod testing;
mod top_level;
