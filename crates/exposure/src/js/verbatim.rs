//! Files that ship as their text: style sheets, and files that are imported verbatim.

use std::borrow::Cow;

use crate::js::ir::{
    Binding, Body, Context, Export, ExportSource, Expr, ExprNode, MODULE_INIT, Module, ServerGuard,
    Span,
};
use crate::js::style::{imports, is_style, shown};
use crate::paths::extension;

/// The binding that stands for the text of a file.
const TEXT: usize = 1;

/// A file as it is. A style sheet ships without its comments, and does so by being loaded; of all
/// else, whoever uses the import ships the text.
pub(crate) fn module(path: &str, text: &str) -> Module {
    let whole = Span::new(0, text.len() as u32);
    let is_style = is_style(path);
    let shown =
        if is_style { Cow::Owned(shown(text, extension(path))) } else { Cow::Borrowed(text) };
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

#[cfg(test)]
mod tests {
    use super::*;

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
