//! Compares two versions of a module by their code: comments, type annotations and layout do not count.

use crate::js::conventions::CodeConventions;
use crate::js::ir::{Module, ModulePart, ParseDepth, Span};
use crate::js::markup::cut::module_sources;
use crate::js::markup::module_source::ModuleSource;
use crate::js::parse::module_parser::ModuleParser;

/// Longer modules are not compared.
const MAX_COMPARED: usize = 1 << 20;

/// True if nothing that the analysis takes from a module differs between two versions of it, but for
/// the places in the text. False if one of them cannot be read.
pub(crate) fn is_same_code(
    path: &str,
    [before, after]: [&str; 2],
    conventions: &CodeConventions,
) -> bool {
    if before.len().max(after.len()) > MAX_COMPARED {
        return false;
    }
    let mut parser = ModuleParser::new(0, conventions);
    let mut parts = |text: &str| -> Option<Vec<(ModulePart, String)>> {
        let sources = module_sources(path, text);
        sources.iter().map(|source| Some((source.part, written(&mut parser, source)?))).collect()
    };
    let before = parts(before);
    before.is_some() && before == parts(after)
}

/// All that is known of a module, with the order of places for the places; `None` if it cannot be read.
fn written(parser: &mut ModuleParser<'_>, source: &ModuleSource<'_>) -> Option<String> {
    let mut module = parser.parse(source, ParseDepth::Body);
    if module.fault.is_some() {
        return None;
    }
    order_places(&mut module);
    Some(format!("{module:?}"))
}

/// Replaces each place by its number in the order of all places: which is before, after or within
/// which stays as it is.
fn order_places(module: &mut Module) {
    let mut places = Vec::new();
    module.each_span(&mut |span| places.extend([span.start, span.end]));
    places.sort_unstable();
    places.dedup();
    let number = |place: u32| places.partition_point(|own| *own < place) as u32;
    module.each_span(&mut |span| *span = Span::new(number(span.start), number(span.end)));
}

#[cfg(test)]
mod tests {
    use super::is_same_code;
    use crate::js::conventions::CodeConventions;

    const CODE: &str = "'use client'\nimport { a, type T } from './a'
        export const load = async (key: string) => { if (key) return fetch(`/x?${key}`); throw a }
        export class Own extends a.B { #key = load('x'); get it() { return this.#key } }
        export default () => <Own.C it={load} {...a}>text {a.b}</Own.C>\n";

    fn is_same(before: &str, after: &str) -> bool {
        is_same_code("a.tsx", [before, after], &CodeConventions::default())
    }

    #[test]
    fn layout_comments_and_annotations_do_not_count() {
        for (from, to) in [
            ("export const", "/* load */ export const"),
            ("import", "\n\n// one\nimport"),
            ("return fetch", "\n        return fetch"),
            ("key: string", "key: string | undefined"),
            ("'./a'", "\"./a\""),
        ] {
            let after = CODE.replacen(from, to, 1);
            assert!(after != CODE && is_same(CODE, &after), "{to}");
        }
    }

    #[test]
    fn code_counts() {
        for (from, to) in [
            ("use client", "use server"),
            ("'./a'", "'./b'"),
            ("/x?", "/y?"),
            ("if (key)", "if (!key)"),
            ("throw a", "throw key"),
            ("'x'", "'y'"),
            ("get it", "get its"),
            ("a.b", "a.c"),
            ("{...a}", ""),
            ("it={load}", "it={a}"),
            ("text {", "{a}{"),
            (">text", ">another text"),
            ("type T }", "type T, type U }"),
            ("export class", "export const more = 1\nexport class"),
            ("export default", "console.log(1); export default"),
            ("=> {", "=> { // }"),
        ] {
            let after = CODE.replacen(from, to, 1);
            assert!(after != CODE && !is_same(CODE, &after), "{to}");
        }
        assert!(!is_same("const = 1", "const = 1"));
    }
}
