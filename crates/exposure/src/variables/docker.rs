//! Container files: `ARG`, `ENV`, and the commands of `RUN`.

use crate::variables::entry::{Assignment, moved, name_length};
use crate::variables::scripts;

/// The variables of a file.
pub(crate) fn entries(text: &str) -> Vec<Assignment> {
    let mut entries = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = instruction_end(text, at);
        let line = &text[at..end];
        let begin = at + (line.len() - line.trim_start().len());
        let word = text[begin..end].split_ascii_whitespace().next().unwrap_or_default();
        let rest = begin + word.len();
        match word.to_ascii_uppercase().as_str() {
            "ARG" => of_pairs(text, rest, end, false, &mut entries),
            "ENV" => of_pairs(text, rest, end, true, &mut entries),
            "RUN" => {
                let found = scripts::entries(&text[rest..end]);
                entries.extend(found.into_iter().map(|entry| moved(entry, rest)));
            }
            _ => {}
        }
        at = end;
    }
    entries
}

/// The end of the instruction that begins at `at`: a line that ends with `\` continues, and comments
/// in between do not count.
fn instruction_end(text: &str, at: usize) -> usize {
    let mut end = at;
    let mut is_first = true;
    for line in text[at..].split_inclusive('\n') {
        end += line.len();
        let is_comment = line.trim_start().starts_with('#');
        if is_first && is_comment || !is_comment && !line.trim_end().ends_with('\\') {
            break;
        }
        is_first = false;
    }
    end
}

/// The variables between `at` and `end`: `X=… Y=…`, `X` alone, or `X …` for `ENV`.
fn of_pairs(text: &str, at: usize, end: usize, is_env: bool, entries: &mut Vec<Assignment>) {
    let mut at = at;
    let mut is_first = true;
    loop {
        at = skip_blank(text, at, end);
        let length = name_length(&text[at..end]);
        if length == 0 {
            return;
        }
        let name_at = at..at + length;
        let behind = at + length;
        let (value_at, expands) = if text[behind..end].starts_with('=') {
            quoted(text, behind + 1, end)
        } else if is_env && is_first {
            let from = skip_blank(text, behind, end);
            let line = text[from..end].lines().next().unwrap_or_default();
            (from..from + line.trim_end().len(), true)
        } else {
            (behind..behind, false)
        };
        is_first = false;
        // Text after a closing quote is part of the value as well, but is left out.
        let tail = &text[value_at.end..end];
        at = value_at.end + tail.find(char::is_whitespace).unwrap_or(tail.len());
        let is_given = value_at.start > behind;
        entries.push(Assignment {
            name: text[name_at.clone()].to_owned(),
            value: is_given.then(|| text[value_at.clone()].to_owned()),
            expands,
            name_at,
            value_at,
        });
    }
}

/// The value that begins at `at`, without quotes; and true if it may refer to variables.
fn quoted(text: &str, at: usize, end: usize) -> (std::ops::Range<usize>, bool) {
    let rest = &text[at..end];
    let first = rest.chars().next().filter(|first| matches!(first, '"' | '\''));
    if let Some(quote) = first
        && let Some(length) = rest[1..].find(quote)
    {
        return (at + 1..at + 1 + length, quote == '"');
    }
    let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
    (at..at + length, true)
}

/// The next position that is not blank, a continued line break or a comment.
fn skip_blank(text: &str, at: usize, end: usize) -> usize {
    let mut at = at;
    loop {
        let rest = &text[at..end];
        let trimmed = rest.trim_start();
        at = end - trimmed.len();
        let starts_line = at == 0
            || rest.len() > trimmed.len()
                && text[..at].trim_end_matches([' ', '\t']).ends_with('\n');
        if trimmed.starts_with('#') && starts_line {
            at += trimmed.find('\n').unwrap_or(trimmed.len());
        } else if trimmed.starts_with('\\') {
            at += 1;
        } else {
            return at;
        }
    }
}
