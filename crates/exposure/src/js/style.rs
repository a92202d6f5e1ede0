//! What ships as text: files that are imported as they are, style sheets, and the markup of
//! components.

use std::borrow::Cow;

use crate::input::KeyFinder;
use crate::js::ir::{
    Binding, Body, Context, Erased, Export, ExportSource, Expr, ExprNode, ImportKind,
    Interpolation, MODULE_INIT, Module, ModuleImport, ServerGuard, Span,
};
use crate::js::markup::Unit;
use crate::paths::name;

/// Endings of style sheets.
const STYLES: [&str; 8] = ["css", "less", "pcss", "postcss", "sass", "scss", "styl", "stylus"];

/// The binding that stands for the text of a file.
const TEXT: usize = 1;

/// What a style sheet takes in is named by no more than this.
const MAX_IMPORT: usize = 1024;

/// Whether a file is a style sheet.
pub(crate) fn is_style(path: &str) -> bool {
    STYLES.contains(&ending(path))
}

fn ending(path: &str) -> &str {
    name(path).rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// Whether an import takes the text of a file or its address, not what it exports: `./a.ts?raw`,
/// `!!raw-loader!./a.ts`. Then all of the file ships.
pub(crate) fn is_taken_whole(specifier: &str) -> bool {
    let (loaders, path) = specifier.rsplit_once('!').unwrap_or(("", specifier));
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let mut words = query.split('&');
    let is_worker = words.clone().any(|word| matches!(word, "worker" | "sharedworker"));
    let is_meant = words.any(|word| matches!(word, "raw" | "url" | "inline" | "no-inline"));
    let mut loaders = loaders.split('!').map(|loader| loader.split('?').next().unwrap_or_default());
    let is_loader =
        loaders.any(|it| matches!(it, "raw-loader" | "file-loader" | "url-loader" | "text-loader"));
    is_loader || (is_meant && !is_worker)
}

/// A file as it is. A style sheet ships without its comments, and does so by being loaded; of all
/// else, whoever uses the import ships the text.
pub(crate) fn module(path: &str, text: &str) -> Module {
    let whole = Span::new(0, text.len() as u32);
    let is_style = is_style(path);
    let shown = if is_style { Cow::Owned(shown(text, ending(path))) } else { Cow::Borrowed(text) };
    let owner = if is_style { MODULE_INIT } else { TEXT };
    let context = Context { binding: owner, function: None, guard: ServerGuard::None };
    let body = Body {
        nodes: vec![ExprNode { expr: Expr::Text(shown.as_ref().into()), span: whole, context: 0 }],
        contexts: vec![context],
        default_export: Some(0),
        ..Body::default()
    };
    let export = |name: &str| Export {
        name: name.to_owned(),
        source: ExportSource::Binding(TEXT),
        span: whole,
    };
    Module {
        imports: if is_style { imports(&shown) } else { Vec::new() },
        bindings: vec![Binding::of_data("", Span::default()), Binding::of_data("default", whole)],
        exports: vec![export("default")],
        body: Some(body),
        ..Module::default()
    }
}

/// A style sheet as it ships: comments are blank, and so are the variables of preprocessors, which
/// ship only where they are used.
fn shown(text: &str, ending: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let has_lines = !matches!(ending, "css" | "pcss" | "postcss");
    let mut at = 0;
    let mut is_new_line = true;
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        let length = if rest.starts_with(b"/*") {
            memchr::memmem::find(&rest[2..], b"*/").map_or(rest.len(), |end| end + 4)
        } else if has_lines && (is_line_comment(text, at) || (is_new_line && is_variable(rest))) {
            memchr::memchr(b'\n', rest).unwrap_or(rest.len())
        } else {
            is_new_line = rest[0] == b'\n' || (is_new_line && rest[0].is_ascii_whitespace());
            at += 1;
            continue;
        };
        blank(&mut bytes[at..at + length]);
        at += length;
    }
    // What is blank is blank from one ASCII character up to another.
    String::from_utf8(bytes).unwrap_or_default()
}

/// `// …`, which is not that of an address.
fn is_line_comment(text: &str, at: usize) -> bool {
    text[at..].starts_with("//") && !text[..at].ends_with(':')
}

/// `$name: …`, `@name: …`, `name = …` of a preprocessor.
fn is_variable(line: &[u8]) -> bool {
    let is_marked = matches!(line.first(), Some(b'$' | b'@'));
    let name = &line[usize::from(is_marked)..];
    let length =
        name.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
    let next = name[length..].iter().find(|byte| !byte.is_ascii_whitespace());
    length > 0 && (next == Some(&b':') && is_marked || next == Some(&b'='))
}

/// What a style sheet takes in: `@import 'x'`, `@import url(x)`, `@use 'x'`.
fn imports(text: &str) -> Vec<ModuleImport> {
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
            });
        }
    }
    imports
}

/// The texts in quotes, and what stands in `url(…)` without any.
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

/// Gives a component the keys that stand in its markup and style, between its code.
pub(crate) fn add_markup(
    path: &str,
    text: &str,
    units: &[Unit<'_>],
    keys: &dyn KeyFinder,
    component: &mut Module,
) {
    let is_astro = path.ends_with(".astro");
    let Some(body) = component.body.as_mut() else { return };
    let context = body.contexts.len() as u32;
    body.contexts.push(Context { binding: MODULE_INIT, function: None, guard: ServerGuard::None });
    let rendered = rendered(path, text);
    for key in keys.find(&rendered) {
        let is_blank = |unit: &Unit<'_>| {
            let source = unit.source.as_bytes().get(key.range.clone());
            source.is_some_and(|bytes| bytes.iter().all(|byte| *byte == b' '))
        };
        if !units.iter().all(is_blank) {
            continue;
        }
        let span = Span::new(key.range.start as u32, key.range.end as u32);
        let expr = Expr::Text(rendered[key.range].into());
        let value = body.nodes.len() as u32;
        body.nodes.push(ExprNode { expr, span, context });
        if is_astro {
            let (tag, attribute, client) = (Box::default(), None, None);
            body.holes.push(Interpolation { tag, attribute, client, value, span });
        }
    }
}

/// A component without what its build leaves out of markup and style: comments, variables of
/// preprocessors, and blocks of a Vue file that only tools read. Its code is still there.
fn rendered(path: &str, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    if path.ends_with(".vue") {
        let (start, end) = (text.find("<template"), text.rfind("</template"));
        let template = start.unwrap_or(0)..end.unwrap_or(0).max(start.unwrap_or(0));
        blank(&mut bytes[..template.start]);
        blank(&mut bytes[template.end..]);
    }
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &text.as_bytes()[at..]) {
        let start = at + found;
        let rest = &text[start..];
        at = start + 1;
        if rest.starts_with("<!--") {
            let end = rest.find("-->").map_or(text.len(), |end| start + end);
            // Astro writes comments of markup into the page.
            if !path.ends_with(".astro") {
                blank(&mut bytes[start..end]);
            }
            at = end;
        } else if rest.starts_with("<style") {
            let Some(content) = rest.find('>').map(|end| start + end + 1) else { break };
            let end = text[content..].find("</style").map_or(text.len(), |end| content + end);
            let tag = &text[start..content];
            let language = STYLES.into_iter().find(|it| tag.contains(&format!("\"{it}\"")));
            let style = shown(&text[content..end], language.unwrap_or("css"));
            bytes[content..end].copy_from_slice(style.as_bytes());
            at = end;
        }
    }
    // What is blank is blank from one ASCII character up to another.
    String::from_utf8(bytes).unwrap_or_default()
}

fn blank(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_sheets_ship_without_comments_and_variables() {
        for (text, ending, expected) in [
            ("a{b:c}/* d */e{}", "css", "a{b:c}       e{}"),
            ("a{b:url(http://x)}// d\nf", "scss", "a{b:url(http://x)}    \nf"),
            ("a // b", "css", "a // b"),
            ("$k: 1;\n  @k: 2;\na { --k: 3 }", "scss", "      \n        \na { --k: 3 }"),
            ("k = 1\na\n  k: 2", "styl", "     \na\n  k: 2"),
            ("@media (x) {}\n@import 'a'", "less", "@media (x) {}\n@import 'a'"),
            ("é/* ü", "css", "é     "),
        ] {
            assert_eq!(shown(text, ending), expected, "{text}");
        }
    }

    #[test]
    fn components_ship_their_markup_and_style() {
        for (path, text, expected) in [
            ("a.vue", "<x>1</x><template>2<!-- 3 --></template>", "<template>2 -->"),
            ("a.vue", "<style>/* 1 */a</style>", "a"),
            (
                "a.svelte",
                "1<!-- 2 --><style lang=\"scss\">$a: 3</style>",
                "1 --><style lang=\"scss\"></style>",
            ),
            ("a.astro", "1<!-- 2 -->", "1<!-- 2 -->"),
            ("a.svelte", "1<!-- 2", "1"),
            ("a.svelte", "<style", "<style"),
        ] {
            let same = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(same(&rendered(path, text)), same(expected), "{text}");
            assert_eq!(rendered(path, text).len(), text.len());
        }
    }

    #[test]
    fn style_sheets_tell_what_they_take_in() {
        let text = "@import 'a.css';\n@import url(b.css) screen;\n@import url(\"c.css\");\n\
                    @use 'd', \"e\" as f;\n@media x {}\n.a::after { content: '@import' }\n@import";
        let imports: Vec<String> =
            imports(text).into_iter().map(|import| import.specifier).collect();
        assert_eq!(imports, ["a.css", "b.css", "c.css", "d", "e"]);
    }

    #[test]
    fn specifiers_tell_whether_the_text_is_taken() {
        for (specifier, is_whole) in [
            ("./a.ts?raw", true),
            ("./a.svg?url", true),
            ("./a.css?inline", true),
            ("./a.json?x&raw", true),
            ("!!raw-loader!./a.txt", true),
            ("url-loader?limit=1!./a.txt", true),
            ("./a.ts", false),
            ("./a.ts?worker", false),
            ("./a.ts?worker&url", false),
            ("worker-loader!./a.ts", false),
            ("./a.svg?react", false),
            ("./raw", false),
        ] {
            assert_eq!(is_taken_whole(specifier), is_whole, "{specifier}");
        }
    }
}
