//! References to other variables in a value: `$X`, `${X:-text}`, `${env:X}`, `$(X)` and
//! `${{ secrets.X }}`.

use crate::variables::entry::{is_name, name_length};

/// Longer references are not read, so that many unclosed ones cost little.
const MAX_REFERENCE: usize = 4096;

/// Limits of expansion: depth, number of references, and length of the result.
const MAX_DEPTH: usize = 8;
const MAX_STEPS: usize = 1000;
const MAX_LENGTH: usize = 16 << 10;

/// The names of contexts in expressions of workflows.
const CONTEXTS: [&str; 4] = ["secrets", "vars", "env", "inputs"];

/// The names that a value refers to, in order, each once.
pub(crate) fn references(value: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if is_name(name) && names.len() < MAX_STEPS && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        let is_escaped = rest[..at].ends_with('\\');
        rest = &rest[at + 1..];
        if is_escaped {
            continue;
        }
        if let Some(inner) = rest.strip_prefix("{{") {
            let expression = head(inner).split("}}").next().unwrap_or_default();
            of_expression(expression, &mut add);
            rest = &inner[expression.len()..];
            continue;
        }
        let bare = rest.strip_prefix(['{', '(']).unwrap_or(rest);
        // `${env:X}` of the Serverless Framework.
        let bare = bare.strip_prefix("env:").unwrap_or(bare);
        add(&bare[..name_length(bare)]);
    }
    names
}

/// The variables and secrets in an expression of a workflow.
fn of_expression(expression: &str, add: &mut impl FnMut(&str)) {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut words = expression.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        if CONTEXTS.contains(&word)
            && let Some(name) = words.next()
        {
            add(name);
        }
    }
}

/// A value with its references replaced by the `known` values; `None` if one is not known, or if
/// they form a circle.
pub(crate) fn expand<'k>(value: &str, known: &dyn Fn(&str) -> Option<&'k str>) -> Option<String> {
    let mut out = String::new();
    let mut steps = MAX_STEPS;
    expand_into(&mut out, value, known, MAX_DEPTH, &mut steps)?;
    Some(out)
}

fn expand_into<'k>(
    out: &mut String,
    value: &str,
    known: &dyn Fn(&str) -> Option<&'k str>,
    depth: usize,
    steps: &mut usize,
) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        push(out, &rest[..at])?;
        *steps = steps.checked_sub(1)?;
        rest = &rest[at + 1..];
        let (name, fallback, length) = if let Some(inner) = rest.strip_prefix('{') {
            let inner = head(inner);
            let inner = &inner[..closing(inner)?];
            let (name, tail) = inner.split_at(name_length(inner));
            let fallback = tail.strip_prefix(":-").or_else(|| tail.strip_prefix('-'));
            (name, fallback, inner.len() + 2)
        } else {
            let name = &rest[..name_length(rest)];
            (name, None, name.len())
        };
        if !is_name(name) {
            return None;
        }
        match (known(name), fallback) {
            (Some(value), _) if !value.is_empty() => {
                expand_into(out, value, known, depth, steps)?;
            }
            (_, Some(fallback)) => expand_into(out, fallback, known, depth, steps)?,
            (found, None) => found.map(drop)?,
        }
        rest = &rest[length..];
    }
    push(out, rest)
}

fn push(out: &mut String, text: &str) -> Option<()> {
    (out.len() + text.len() <= MAX_LENGTH).then(|| out.push_str(text))
}

/// The position of the brace that closes the one before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1usize;
    text.bytes().position(|byte| {
        match byte {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        open == 0
    })
}

/// The start of a text, as long as a reference may be.
pub(crate) fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_REFERENCE)]
}
