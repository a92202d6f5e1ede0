//! Style sheets: which of their text ships, and which others they import.

use std::ops::Range;

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

/// A definition of a preprocessor: a variable, a mixin or a function.
#[derive(Clone, Copy)]
pub(crate) struct StyleDefinition<'t> {
    /// Its name, with the sign that marks variables.
    name: &'t [u8],
    /// The word by which a mixin or a function is defined; empty for a variable.
    word: &'static str,
}

/// A style sheet as it ships: comments are blanked, and so are the variables, mixins and functions of
/// preprocessors that the same file does not use.
pub(crate) fn shipped_style(text: &str, extension: &str) -> String {
    shown(text, extension, &mut |_, _| {})
}

/// The unused definition around an offset of a style sheet.
pub(crate) fn definition_around<'t>(
    text: &'t str,
    extension: &str,
    at: usize,
) -> Option<StyleDefinition<'t>> {
    let mut found = None;
    shown(text, extension, &mut |range, definition| {
        if range.contains(&at) {
            found = Some(definition);
        }
    });
    found
}

/// The text that ships; passes on each definition that does not, with its place.
fn shown<'t>(
    text: &'t str,
    extension: &str,
    left_out: &mut dyn FnMut(Range<usize>, StyleDefinition<'t>),
) -> String {
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
            && let Some(definition) = definition(rest)
            && !definition.is_used_in(text, at)
        {
            let length = definition.length(rest);
            left_out(at..at + length, definition);
            length
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

impl StyleDefinition<'_> {
    /// True if a style sheet uses what is defined at `declared` of it, or in another one.
    pub(crate) fn is_used_in(&self, text: &str, declared: usize) -> bool {
        if self.word.is_empty() {
            return uses(text, declared, self.name);
        }
        let bytes = text.as_bytes();
        memchr::memmem::find_iter(bytes, self.name).any(|at| {
            let (before, after) = (&bytes[..at], &bytes[at + self.name.len()..]);
            // `@include theme.name`
            let before = before.strip_suffix(b".").map_or(before, |before| {
                let length = before.iter().rev().take_while(|byte| is_of_name(byte)).count();
                &before[..before.len() - length]
            });
            let before = before.trim_ascii_end();
            let is_whole = !after.first().is_some_and(is_of_name);
            is_whole
                && match self.word {
                    "@mixin" => before.ends_with(b"@include"),
                    _ => after.first() == Some(&b'(') && !before.ends_with(b"@function"),
                }
        })
    }

    /// The length of the definition at the beginning of a text.
    fn length(&self, rest: &[u8]) -> usize {
        if self.word.is_empty() {
            let end = memchr::memchr2(b'\n', b';', rest);
            return end.map_or(rest.len(), |end| end + usize::from(rest[end] == b';'));
        }
        let mut depth = 0_usize;
        for (at, byte) in rest.iter().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at + 1;
                    }
                }
                _ => {}
            }
        }
        rest.len()
    }
}

/// The definition at the beginning of a line.
fn definition(line: &[u8]) -> Option<StyleDefinition<'_>> {
    for word in ["@mixin", "@function"] {
        let Some(rest) = line.strip_prefix(word.as_bytes()) else { continue };
        let name = rest.trim_ascii_start();
        let length = name.iter().take_while(|byte| is_of_name(byte)).count();
        let is_block = memchr::memchr(b'{', name).is_some();
        return (length > 0 && is_block).then(|| StyleDefinition { name: &name[..length], word });
    }
    variable(line).map(|name| StyleDefinition { name, word: "" })
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
            (
                "@mixin a($k: 1) { b { c: $k } }\nd {}",
                "scss",
                "                               \nd {}",
            ),
            (
                "@mixin a { b: 1 }\nc { @include a; }",
                "scss",
                "@mixin a { b: 1 }\nc { @include a; }",
            ),
            ("@function k() { @return 1 }\n.k {}", "scss", "                           \n.k {}"),
            (
                "@function k() { @return 1 }\na { b: k() }",
                "scss",
                "@function k() { @return 1 }\na { b: k() }",
            ),
        ] {
            assert_eq!(shipped_style(text, extension), expected, "{text}");
        }
    }

    #[test]
    fn definitions_are_used_by_other_style_sheets() {
        for (text, other, is_used) in [
            ("$k: 'x';", "a { b: $k }", true),
            ("$k: 'x';", "a { b: t.$k }", true),
            ("$k: 'x';", "$k: 2;", false),
            ("@k: 'x';", "a { b: @kl }", false),
            ("@mixin k { a: 'x' }", "a { @include k; }", true),
            ("@mixin k { a: 'x' }", "a { @include t.k(1); }", true),
            ("@mixin k { a: 'x' }", "a.k { b: k }", false),
            ("@function k() { @return 'x' }", "a { b: t.k() }", true),
        ] {
            let at = text.find('x').unwrap();
            let definition = definition_around(text, "scss", at).unwrap();
            assert_eq!(definition.is_used_in(other, usize::MAX), is_used, "{text} {other}");
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
