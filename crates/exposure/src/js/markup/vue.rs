//! Reads Vue components.

use std::ops::Range;

use crate::js::markup::module_source::CLIENT_ONLY;
use crate::js::markup::names::{is_name, span};
use crate::js::markup::reader::{MarkupError, MarkupReader};
use crate::js::markup::tag::{AttributeValue, OpeningTag, value_end};

impl MarkupReader<'_> {
    /// Reads the blocks of a Vue component.
    pub(super) fn blocks(&mut self) -> Result<(), MarkupError> {
        let mut at = 0;
        while let Some(open) = self.next_tag(at)? {
            let Ok(opening) = self.opening_tag(open, 0) else { return Err(MarkupError) };
            at = opening.end;
            let name = &self.text[opening.name.clone()];
            if opening.is_closed {
                if name == "style" {
                    self.style(&opening, at..at);
                }
                continue;
            }
            if name == "template"
                && self.attribute(&opening, "lang").is_none_or(|lang| lang == "html")
            {
                at = self.vue_template(at)?;
                continue;
            }
            let close = self.closing_tag(at, name).unwrap_or(self.text.len());
            if name == "script" {
                self.script(&opening, at..close);
            } else if name == "style" {
                self.style(&opening, at..close);
            }
            at = close;
        }
        Ok(())
    }

    /// Reads the markup of a Vue component up to the end of its block.
    pub(super) fn vue_template(&mut self, start: usize) -> Result<usize, MarkupError> {
        let mut depth = 1;
        let mut at = start;
        // The tags and slots before the content of `<ClientOnly>`.
        let mut before = None;
        loop {
            let Some(found) = memchr::memchr2(b'<', b'{', &self.bytes[at..]) else {
                return Err(MarkupError);
            };
            let found = at + found;
            at = found + 1;
            if self.bytes[found] == b'{' {
                if self.bytes.get(at) == Some(&b'{') {
                    let Some(end) = self.find(at + 1, b"}}") else { return Err(MarkupError) };
                    self.mustache(found + 2..end);
                    at = end + 2;
                }
                continue;
            }
            match self.bytes.get(at) {
                Some(b'!') => at = self.declaration(found)?,
                Some(b'/') => {
                    let rest = &self.bytes[at + 1..];
                    let end = memchr::memchr(b'>', rest).ok_or(MarkupError)?;
                    let name = self.text[at + 1..at + 1 + end].trim();
                    if name == "template" {
                        depth -= 1;
                        if depth == 0 {
                            return Ok(found);
                        }
                    } else if is_client_only(name)
                        && let Some((tags, slots)) = before.take()
                    {
                        self.tags[tags..]
                            .iter_mut()
                            .for_each(|it| it.client = Some(CLIENT_ONLY.into()));
                        self.slots[slots..]
                            .iter_mut()
                            .for_each(|it| it.client = Some(CLIENT_ONLY.into()));
                    }
                    at += end + 2;
                }
                Some(letter) if letter.is_ascii_alphabetic() => {
                    let opening = self.opening_tag(found, 0)?;
                    at = opening.end;
                    depth += usize::from(
                        &self.text[opening.name.clone()] == "template" && !opening.is_closed,
                    );
                    self.vue_tag(&opening, found);
                    self.addresses(&opening);
                    let name = &self.text[opening.name.clone()];
                    if is_client_only(name) && !opening.is_closed && before.is_none() {
                        before = Some((self.tags.len(), self.slots.len()));
                    }
                }
                _ => {}
            }
        }
    }

    /// Reads `{{ … }}`.
    pub(super) fn mustache(&mut self, code: Range<usize>) {
        if self.text[code.clone()].trim().is_empty() {
            return;
        }
        let whole = code.start - 2..code.end + 2;
        self.blank.put(whole.start, b';');
        self.blank.put(whole.start + 1, b'(');
        self.blank.keep(code.clone());
        self.blank.put(code.end, b')');
        self.blank.put(code.end + 1, b';');
        self.template.push(span(&whole));
        self.add_slot("", None, &whole, &code);
    }

    pub(super) fn vue_tag(&mut self, opening: &OpeningTag, start: usize) {
        let tag = &self.text[opening.name.clone()];
        self.add_tag(tag, start..opening.end, None);
        self.vue_branch(opening, start);
        self.vue_dev_only(opening);
        for attribute in &opening.attributes {
            let name = &self.text[attribute.name.clone()];
            let whole = attribute.name.start..value_end(attribute);
            let bound = bound_name(name);
            let AttributeValue::Text(value, _) = &attribute.value else {
                // `:id` is `:id="id"`.
                if let Some(bound) = bound.filter(|bound| is_name(bound) && name.ends_with(bound)) {
                    let end = attribute.name.end;
                    let code = end - bound.len()..end;
                    self.blank.put(code.start - 1, b';');
                    self.blank.keep(code.clone());
                    self.blank.put(end, b';');
                    self.template.push(span(&(code.start - 1..end + 1)));
                    self.add_slot(tag, Some(bound), &whole, &code);
                }
                continue;
            };
            let text = &self.text[value.clone()];
            let is_directive = name.starts_with("v-") || bound.is_some() || name.starts_with('@');
            if !is_directive || name.starts_with("v-slot") || text.trim().is_empty() {
                continue;
            }
            let mut code = value.clone();
            if name == "v-for" {
                let Some(list) = [" in ", " of "].iter().find_map(|word| text.find(word)) else {
                    continue;
                };
                code.start += list + 4;
            }
            let is_handler = name.starts_with('@') || name.starts_with("v-on");
            self.blank.keep_decoded(code.clone());
            if is_handler {
                self.blank.put(value.start - 1, b';');
                self.blank.put(value.end, b';');
            } else {
                self.blank.put(attribute.name.end, b';');
                self.blank.put(value.start - 1, b'(');
                self.blank.put(value.end, b')');
                if self.bytes[value.start - 1] == b'=' {
                    // Without quotes, `=` is the only byte before the value.
                    self.blank.put(value.start - 1, b';');
                    self.blank.put(value.end, b';');
                }
            }
            self.template.push(span(&(attribute.name.end..value.end + 1)));
            let shown = match (bound, name) {
                (Some(bound), _) => Some(bound),
                (None, "v-bind") => Some("..."),
                (None, "v-html" | "v-text" | "v-model") => Some(name),
                _ => None,
            };
            if let Some(shown) = shown {
                self.add_slot(tag, Some(shown), &whole, &code);
            }
        }
    }
}

fn is_client_only(tag: &str) -> bool {
    matches!(tag, CLIENT_ONLY | "client-only")
}

/// The attribute that a `v-bind:` or `:` name binds.
pub(super) fn bound_name(name: &str) -> Option<&str> {
    let bound = name.strip_prefix("v-bind:").or_else(|| name.strip_prefix(':'))?;
    Some(bound.split('.').next().unwrap_or(bound))
}

#[cfg(test)]
mod tests {
    use crate::js::ir::{ImportKind, SourceLanguage};
    use crate::js::markup::cut::module_sources;
    use crate::js::markup::testing::assert_source;

    #[test]
    fn vue_scripts_and_interpolations_are_one_text() {
        for (text, expected) in [
            ("<script>a</script><script setup lang=ts>b</script>", "a; b;"),
            ("<template>{{ a }}</template>", ";( a );"),
            ("<template>{{ }}</template>", ""),
            ("<template><p :a=\"b\" c=\"d\"/></template>", ";(b)"),
            ("<template><p :a=b /></template>", ";b;"),
            ("<template><p v-bind:a='b > c'/></template>", ";(b > c)"),
            ("<template><p :a/></template>", ";a;"),
            ("<template><p @a=\"b(); c()\"/></template>", ";b(); c();"),
            ("<template><p v-for=\"(a, b) in c\"/></template>", ";( c)"),
            ("<template><p v-if=\"a &amp;&amp; b\"/></template>", ";(a && b )"),
            ("<template #x><p v-slot=\"{ a }\" #b=\"{ a }\"/></template>", ""),
            ("<template><!-- {{ a }} --></template>", ""),
            (
                "<template><template v-if=\"a\">{{ b }}</template>{{ c }}</template>",
                ";(a) ;( b ); ;( c );",
            ),
            ("<docs>{{ a }} <script>b</script></docs><script>c</script>", "c;"),
            ("<style>{{ a }}</style>{{ b }}", ""),
            ("<!-- <script>a</script> --><script>b</script>", "b;"),
            ("<template lang=\"pug\">p {{ a }}</template><script>b</script>", "b;"),
            ("<template>{{ a </template><script>b</script>", "b;"),
            ("<script>'</script>'", "';"),
        ] {
            assert_source("a.vue", text, expected);
        }
        assert_eq!(
            module_sources("a.vue", "<script lang=\"ts\">a</script>")[0].language,
            SourceLanguage::TypeScript
        );
        let source = &module_sources("a.vue", "<script src=\"./a.js\"></script>")[0];
        assert_eq!(source.links[0].specifier, "./a.js");
        assert_eq!(source.links[0].kind, ImportKind::Script);
    }
}
