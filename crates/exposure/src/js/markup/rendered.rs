//! The markup and style that a component ships as text, beside its code.

use crate::input::KeyFinder;
use crate::js::ir::{Context, Expr, ExprNode, Interpolation, MODULE_INIT, Module, Span};
use crate::js::markup::module_source::ModuleSource;
use crate::js::style::{STYLES, blank, shipped_style};

/// Adds to a component the keys in its markup and style, which are outside of its code.
pub(crate) fn add_markup(
    path: &str,
    text: &str,
    sources: &[ModuleSource<'_>],
    keys: &dyn KeyFinder,
    component: &mut Module,
) {
    let is_astro = path.ends_with(".astro");
    if component.body.is_none() {
        return;
    }
    let rendered = shipped_markup(path, text);
    for key in keys.find(&rendered) {
        let is_blank = |source: &ModuleSource<'_>| {
            let bytes = source.text.as_bytes().get(key.range.clone());
            bytes.is_some_and(|bytes| bytes.iter().all(|byte| *byte == b' '))
        };
        if !sources.iter().all(is_blank) {
            continue;
        }
        let span = Span::new(key.range.start as u32, key.range.end as u32);
        let guard = component.markup_guard(span);
        let Some(body) = component.body.as_mut() else { return };
        let context = body.contexts.len() as u32;
        body.contexts.push(Context { binding: MODULE_INIT, function: None, guard });
        let expr = Expr::Text(rendered[key.range].into());
        let value = body.nodes.len() as u32;
        body.nodes.push(ExprNode { expr, span, context });
        if is_astro {
            let (tag, attribute) = match component_attribute(text, span) {
                Some((tag, attribute)) => (tag.into(), Some(attribute.into())),
                None => (Box::default(), None),
            };
            body.holes.push(Interpolation { tag, attribute, client: None, value, span });
        }
    }
}

/// The component of which a text in quotes is an attribute, and the name of that, if servers render the
/// component: what it writes into the page is up to it.
fn component_attribute(text: &str, value: Span) -> Option<(&str, &str)> {
    let before = text.get(..value.start as usize)?;
    let start = before.rfind('<')?;
    let own = &before[start + 1..];
    let end = own.find(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '$'))?;
    let tag = own.get(..end).filter(|tag| tag.starts_with(char::is_uppercase))?;
    let rest = text.get(value.end as usize..)?;
    let whole = &text[start..value.end as usize + rest.find('>')?];
    let (written, quoted) = own.rsplit_once('=')?;
    let is_quoted = quoted.starts_with(['"', '\'']) && !quoted[1..].contains(['"', '\'']);
    let attribute = written.rsplit(char::is_whitespace).next()?;
    let is_plain = is_quoted && !own.contains(['>', '{', '<']) && !whole.contains(" client:");
    is_plain.then_some((tag, attribute))
}

/// A component without the markup and style that its build leaves out: comments, variables of
/// preprocessors, and blocks of a Vue file that only tools read. Its code is still in it.
fn shipped_markup(path: &str, text: &str) -> String {
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
            let style = shipped_style(&text[content..end], language.unwrap_or("css"));
            bytes[content..end].copy_from_slice(style.as_bytes());
            at = end;
        }
    }
    // Blanked ranges begin and end at ASCII characters.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_in_quotes_may_be_attributes_of_components() {
        for (text, expected) in [
            ("<Card title=\"KEY\" />", Some(("Card", "title"))),
            ("<p>a</p><Ui.Card a='1' title='x KEY y'>", Some(("Ui.Card", "title"))),
            ("<Card client:load title=\"KEY\" />", None),
            ("<Card title=\"KEY\" client:load />", None),
            ("<p title=\"KEY\">", None),
            ("<Card a=\"b\">KEY</Card>", None),
            ("<Card a={b} title=\"KEY\">", None),
            ("KEY", None),
        ] {
            let start = text.find("KEY").unwrap() as u32;
            assert_eq!(component_attribute(text, Span::new(start, start + 3)), expected, "{text}");
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
            assert_eq!(same(&shipped_markup(path, text)), same(expected), "{text}");
            assert_eq!(shipped_markup(path, text).len(), text.len());
        }
    }
}
