//! Dotenv files: `NAME=value` lines with quotes, comments and `export`.

use crate::variables::entry::{Assignment, is_name};

/// The variables of a file.
pub(crate) fn entries(text: &str) -> Vec<Assignment> {
    let mut entries = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        match entry(text, at, end) {
            Some(entry) => {
                // A quoted value may span lines.
                let last = entry.value_at.end.max(at);
                at = text[last..].find('\n').map_or(text.len(), |length| last + length) + 1;
                entries.push(entry);
            }
            None => at = end + 1,
        }
    }
    entries
}

/// The variable of the line from `start` to `end`.
fn entry(text: &str, start: usize, end: usize) -> Option<Assignment> {
    let line = &text[start..end];
    let (left, right) = line.split_once('=')?;
    let trimmed = left.trim_start();
    let name = match trimmed.strip_prefix("export") {
        Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
        _ => trimmed,
    };
    let name_start = start + left.len() - name.len();
    let name = name.trim_end();
    if !is_name(name) {
        return None;
    }
    let value_start = end - right.trim_start_matches([' ', '\t']).len();
    let rest = &text[value_start..];
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\'' | '`'));
    let quoted = quote.and_then(|quote| Some((quote, closing(&rest[1..], quote)?)));
    let (from, to, expands) = match quoted {
        Some((quote, length)) => (value_start + 1, value_start + 1 + length, quote != '\''),
        None => {
            let line = &text[value_start..end];
            let comment = if line.starts_with('#') { Some(0) } else { line.find(" #") };
            let value = line[..comment.unwrap_or(line.len())].trim_end();
            (value_start, value_start + value.len(), true)
        }
    };
    Some(Assignment {
        name: name.to_owned(),
        value: Some(text[from..to].to_owned()),
        expands,
        name_at: name_start..name_start + name.len(),
        value_at: from..to,
    })
}

/// The length of the text up to the closing quote. After a quote that is never closed there is no
/// other unescaped one of its kind, so the search costs little in the whole file.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == quote && !is_escaped;
        is_escaped = c == '\\' && quote == '"' && !is_escaped;
        closes.then_some(at)
    })
}
