//! Patterns as syntax trees.

use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::Extractor;

/// The syntax tree of a pattern over bytes.
pub(super) fn parse(source: &str) -> Result<Hir, String> {
    let mut parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
    let hir = parser.parse(source);
    hir.map_err(|error| format!("the pattern is not a regular expression: {}", last_line(&error)))
}

/// Texts of which every match begins with one; empty if unknown.
pub(super) fn prefixes(hir: &Hir) -> Vec<Vec<u8>> {
    let found = Extractor::new().extract(hir);
    let literals = found.literals().unwrap_or_default();
    literals.iter().map(|l| l.as_bytes().to_vec()).collect()
}

/// True if each of `prefixes`, of which there are some, begins with one of `keywords`.
pub(super) fn all_begin_with(prefixes: &[Vec<u8>], keywords: &[String]) -> bool {
    let begins = |prefix: &Vec<u8>| keywords.iter().any(|k| prefix.starts_with(k.as_bytes()));
    !prefixes.is_empty() && prefixes.iter().all(begins)
}

/// The last line of a regex error, which is the reason; the lines before it draw the pattern.
pub(super) fn last_line(error: &impl ToString) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}
