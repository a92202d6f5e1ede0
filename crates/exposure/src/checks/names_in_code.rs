//! Tells which names stand anywhere in the code of a project, as texts.

use std::collections::BTreeSet;

use crate::app::App;
use crate::project::conventions::{is_source, is_test_source};

/// The most files that are searched for names; if there are more, all names count as found.
const MAX_FILES: usize = 20_000;

/// The names among `wanted` that no code of the project has. Configurations do not count: they set
/// the names.
pub(super) fn unnamed<'n>(app: &App<'_>, wanted: &BTreeSet<&'n str>) -> BTreeSet<&'n str> {
    let mut missing = wanted.clone();
    if missing.is_empty() {
        return missing;
    }
    let mut paths = app.state.below("");
    paths.retain(|path| is_code(path) && !app.configs.iter().any(|(config, _)| config == path));
    if paths.len() > MAX_FILES {
        return BTreeSet::new();
    }
    for path in paths {
        if missing.is_empty() {
            break;
        }
        let bytes = app.state.read(&path).ok().flatten().unwrap_or_default();
        missing.retain(|name| !has_name(&bytes, name));
    }
    missing
}

/// True for code and for documents and pages with code in them.
fn is_code(path: &str) -> bool {
    let is_document = [".md", ".mdx", ".html"].iter().any(|ending| path.ends_with(ending));
    let is_declared = [".d.ts", ".d.mts", ".d.cts"].iter().any(|ending| path.ends_with(ending));
    (is_source(path) || is_document)
        && !is_declared
        && !is_test_source(path)
        && !path.contains(".config.")
}

/// True if a text has a name that is no part of a longer one; or an object with all variables of
/// which it may be one.
fn has_name(text: &[u8], name: &str) -> bool {
    let is_part = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
    };
    let own = name.rsplit('.').next().unwrap_or(name);
    let is_whole = |text: &[u8], at: usize, length: usize| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        !is_part(before) && !is_part(text.get(at + length))
    };
    if memchr::memmem::find_iter(text, own).any(|at| is_whole(text, at, own.len())) {
        return true;
    }
    // `{ ...import.meta.env }` has them all.
    let object = &name[..name.len() - own.len()];
    let object = object.trim_end_matches('.');
    !object.is_empty()
        && memchr::memmem::find_iter(text, object).any(|at| {
            let next = text.get(at + object.len());
            is_whole(text, at, object.len()) && !matches!(next, Some(b'.' | b'?'))
        })
}

#[cfg(test)]
mod tests {
    use super::has_name;

    #[test]
    fn names_are_whole_words() {
        for (text, name, expected) in [
            ("a(__KEY__)", "__KEY__", true),
            ("a(__KEY__S, x__KEY__)", "__KEY__", false),
            ("process.env.KEY", "process.env.KEY", true),
            ("const { KEY } = process.env", "process.env.KEY", true),
            ("f({ ...import.meta.env })", "import.meta.env.KEY", true),
            ("f(import.meta.env.OTHER)", "import.meta.env.KEY", false),
            ("", "KEY", false),
        ] {
            assert_eq!(has_name(text.as_bytes(), name), expected, "{text}");
        }
    }
}
