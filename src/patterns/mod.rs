//! Path patterns exactly as git reads them in `.gitignore` (gitignore(5)), for everything that takes
//! such patterns.
//!
//! Libraries for globs read other dialects: braces are alternatives, brackets match slashes, other
//! white space ends a line, an unclosed bracket is an error. Each difference hides files that git
//! would commit. Matching is also bounded: the patterns of a scanned tree are untrusted, and git's own
//! matcher doubles its work with each `**/`.

mod list;
mod wildcards;

pub use list::{PatternList, PatternMatch, without_spaces};
pub use wildcards::{LetterCase, PatternFault};
