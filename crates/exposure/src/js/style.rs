//! Style sheets: which of their text ships, and which others they import.

use crate::js::guard::Guard;
use crate::js::ir::{Erased, ImportKind, ModuleImport, Span};
use crate::paths::extension;

/// Extensions of style sheets.
pub(crate) const STYLES: [&str; 8] =
    ["css", "less", "pcss", "postcss", "sass", "scss", "styl", "stylus"];

/// The mark of an import that takes a file as it is.
pub(crate) const WHOLE: &str = "?url";

/// Bytes of an `@import` that are searched for addresses.
const MAX_IMPORT: usize = 1024;

/// True for style sheets.
pub(crate) fn is_style(path: &str) -> bool {
    STYLES.contains(&extension(path))
}

/// A style sheet as it ships: comments are blanked, and so are the variables of preprocessors that the
/// same file does not use.
pub(crate) fn shipped_style(text: &str, extension: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let has_lines = !matches!(extension, "css" | "pcss" | "postcss");
    let mut at = 0;
    let mut is_new_line = true;
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        let length = if rest.starts_with(b"/*") {
            memchr::memmem::find(&rest[2..], b"*/").map_or(rest.len(), |end| end + 4)
        } else if has_lines && is_line_comment(text, at) {
            memchr::memchr(b'\n', rest).unwrap_or(rest.len())
        } else if has_lines
            && is_new_line
            && let Some(name) = variable(rest)
            && !uses(text, at, name)
        {
            let end = memchr::memchr2(b'\n', b';', rest);
            end.map_or(rest.len(), |end| end + usize::from(rest[end] == b';'))
        } else {
            is_new_line =
                matches!(rest[0], b'\n' | b';') || (is_new_line && rest[0].is_ascii_whitespace());
            at += 1;
            continue;
        };
        blank(&mut bytes[at..at + length]);
        at += length;
    }
    // Blanked ranges begin and end at ASCII characters.
    String::from_utf8(bytes).unwrap_or_default()
}

pub(crate) fn blank(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}

/// True for `// …`, unless it belongs to an address such as `https://…`.
fn is_line_comment(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    bytes[at..].starts_with(b"//") && !bytes[..at].ends_with(b":")
}

/// The name in `$name: …`, `@name: …` and `name = …` of a preprocessor.
fn variable(line: &[u8]) -> Option<&[u8]> {
    let is_marked = matches!(line.first(), Some(b'$' | b'@'));
    let name = &line[usize::from(is_marked)..];
    let length = name.iter().take_while(|byte| is_of_name(byte)).count();
    let next = name[length..].iter().find(|byte| !byte.is_ascii_whitespace());
    let is_it = length > 0 && (next == Some(&b':') && is_marked || next == Some(&b'='));
    is_it.then(|| &line[..usize::from(is_marked) + length])
}

fn is_of_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// True if a style sheet uses the variable that it declares at a place.
fn uses(text: &str, declared: usize, name: &[u8]) -> bool {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, name).any(|at| {
        let after = &bytes[at + name.len()..];
        let is_whole =
            !bytes[..at].last().is_some_and(is_of_name) && !after.first().is_some_and(is_of_name);
        let next = after.iter().find(|byte| !byte.is_ascii_whitespace());
        at != declared && is_whole && !matches!(next, Some(b':' | b'='))
    })
}

/// The imports of a style sheet: `@import 'x'`, `@import url(x)`, `@use 'x'`.
pub(crate) fn imports(text: &str) -> Vec<ModuleImport> {
    let mut imports = Vec::new();
    for start in memchr::memchr_iter(b'@', text.as_bytes()) {
        let rest = &text[start + 1..];
        let words = ["import", "use", "forward"];
        let Some(word) = words.iter().find(|word| rest.starts_with(**word)) else { continue };
        let given = &rest[word.len()..];
        let given = &given[..given.floor_char_boundary(MAX_IMPORT)];
        let end = given.find([';', '\n', '{']).unwrap_or(given.len());
        let span = Span::new(start as u32, (start + 1 + word.len() + end) as u32);
        for specifier in addresses(&given[..end]) {
            imports.push(ModuleImport {
                specifier: specifier.to_owned(),
                span,
                kind: ImportKind::Style,
                erased: Erased::No,
                guard: Guard::None,
            });
        }
    }
    imports
}

/// The local files that a style sheet names by `url(…)`, other than style sheets, as imports that take
/// them whole. The build copies them to the site.
pub(crate) fn addressed(text: &str) -> Vec<ModuleImport> {
    let mut imports = Vec::new();
    for start in memchr::memmem::find_iter(text.as_bytes(), b"url(") {
        let inside = &text[start + 4..];
        let inside = &inside[..inside.floor_char_boundary(MAX_IMPORT)];
        let Some((address, _)) = inside.split_once(')') else { continue };
        let address = address.trim().trim_matches(['\'', '"']);
        let is_local = !address.is_empty()
            && !address.starts_with(['/', '#', '~', '@', '$'])
            && !address.contains([':', '{', '}', '\n']);
        let path = address.split(['?', '#']).next().unwrap_or_default();
        if is_local && !is_style(path) {
            imports.push(ModuleImport {
                specifier: format!("{path}{WHOLE}"),
                span: Span::new(start as u32, (start + 5 + address.len()) as u32),
                kind: ImportKind::Style,
                erased: Erased::No,
                guard: Guard::None,
            });
        }
    }
    imports
}

/// The quoted texts, or else the unquoted address in `url(…)`.
fn addresses(given: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = given;
    while let Some(at) = rest.find(['\'', '"']) {
        let quote = &rest[at..=at];
        let inside = &rest[at + 1..];
        let Some(end) = inside.find(quote) else { return found };
        found.push(&inside[..end]);
        rest = &inside[end + 1..];
    }
    if found.is_empty()
        && let Some((_, inside)) = given.split_once("url(")
        && let Some((address, _)) = inside.split_once(')')
    {
        found.push(address.trim());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_sheets_ship_without_comments_and_variables() {
        for (text, extension, expected) in [
            ("a{b:c}/* d */e{}", "css", "a{b:c}       e{}"),
            ("a{b:url(http://x)}// d\nf", "scss", "a{b:url(http://x)}    \nf"),
            ("a // b", "css", "a // b"),
            ("$k: 1;\n  @k: 2;\na { --k: 3 }", "scss", "      \n        \na { --k: 3 }"),
            ("k = 1\na\n  k: 2", "styl", "     \na\n  k: 2"),
            ("$k: 1; $l: 2;\na { b: $l; c: $kl }", "scss", "       $l: 2;\na { b: $l; c: $kl }"),
            ("@media (x) {}\n@import 'a'", "less", "@media (x) {}\n@import 'a'"),
            ("é/* ü", "css", "é     "),
        ] {
            assert_eq!(shipped_style(text, extension), expected, "{text}");
        }
    }

    #[test]
    fn style_sheets_name_files_by_address() {
        let text = "a { b: url(k.svg) } c { d: url( './x/k.json?v=1' ), url(data:x), url(/e.png) }\n\
                    @import url(f.css); g { h: url(https://x.example/i.png) } j { k: url(${l}) } url(";
        let found: Vec<String> = addressed(text).into_iter().map(|it| it.specifier).collect();
        assert_eq!(found, ["k.svg?url", "./x/k.json?url"]);
    }

    #[test]
    fn style_sheets_name_their_imports() {
        let text = "@import 'a.css';\n@import url(b.css) screen;\n@import url(\"c.css\");\n\
                    @use 'd', \"e\" as f;\n@media x {}\n.a::after { content: '@import' }\n@import";
        let imports: Vec<String> =
            imports(text).into_iter().map(|import| import.specifier).collect();
        assert_eq!(imports, ["a.css", "b.css", "c.css", "d", "e"]);
    }
}
