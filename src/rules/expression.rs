//! Patterns as syntax trees.

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind};

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

/// True if there is a group `name`.
pub(super) fn mentions(hir: &Hir, name: &str) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
        HirKind::Capture(group) => {
            group.name.as_deref() == Some(name) || mentions(&group.sub, name)
        }
        HirKind::Repetition(repetition) => mentions(&repetition.sub, name),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().any(|part| mentions(part, name))
        }
    }
}

/// True if every match begins with the group `name`, behind a look at what is around it if `may_look`.
pub(super) fn begins_with(hir: &Hir, name: &str, may_look: bool) -> bool {
    match hir.kind() {
        HirKind::Empty
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_) => false,
        HirKind::Capture(group) => {
            group.name.as_deref() == Some(name) || begins_with(&group.sub, name, may_look)
        }
        HirKind::Concat(parts) => {
            let is_look = |part: &&Hir| may_look && matches!(part.kind(), HirKind::Look(_));
            let first = parts.iter().find(|part| !is_look(part));
            first.is_some_and(|part| begins_with(part, name, may_look))
        }
        HirKind::Alternation(parts) => parts.iter().all(|part| begins_with(part, name, may_look)),
    }
}
