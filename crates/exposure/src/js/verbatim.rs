//! Files that ship as text: style sheets, and files that are imported verbatim.

use std::borrow::Cow;

use crate::js::guard::Guard;
use crate::js::ir::{
    Binding, Body, Context, Export, ExportSource, Expr, ExprNode, MODULE_INIT, Module, Span,
};
use crate::js::style::{addressed, imports, is_style, shipped_style};
use crate::paths::extension;

/// The binding of the text of a file.
const TEXT: usize = 1;

/// A file as text. A style sheet ships, without its comments, as soon as it is loaded; the text of
/// any other file ships where its import is used.
pub(crate) fn module(path: &str, text: &str) -> Module {
    let whole = Span::new(0, text.len() as u32);
    let is_style = is_style(path);
    let shown = if is_style {
        Cow::Owned(shipped_style(text, extension(path)))
    } else {
        Cow::Borrowed(text)
    };
    let owner = if is_style { MODULE_INIT } else { TEXT };
    let context = Context { binding: owner, function: None, guard: Guard::None };
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
        imports: if is_style {
            imports(&shown).into_iter().chain(addressed(&shown)).collect()
        } else {
            Vec::new()
        },
        bindings: vec![Binding::of_data("", Span::default()), Binding::of_data("default", whole)],
        exports: vec![export("default")],
        body: body.into(),
        ..Module::default()
    }
}

/// Marks before a path by which Parcel and Plasmo give the address or the text of a file.
const PIPELINES: [&str; 6] =
    ["url:", "bundle-text:", "data-url:", "data-base64:", "data-text:", "raw:"];

/// A specifier without the mark of Parcel before its path.
pub(crate) fn without_pipeline(specifier: &str) -> &str {
    let mut paths = PIPELINES.iter().filter_map(|mark| specifier.strip_prefix(mark));
    paths.next().unwrap_or(specifier)
}

/// True if an import takes the text or the address of a file instead of its exports: `./a.ts?raw`,
/// `!!raw-loader!./a.ts`, `url:./a.json`. Then the whole file ships.
pub(crate) fn is_taken_whole(specifier: &str) -> bool {
    if without_pipeline(specifier) != specifier {
        return true;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_mark_verbatim_imports() {
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
            ("url:./a.json", true),
            ("bundle-text:./a.css", true),
            ("node:fs", false),
            ("./raw", false),
        ] {
            assert_eq!(is_taken_whole(specifier), is_whole, "{specifier}");
        }
    }
}
