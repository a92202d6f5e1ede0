//! Reads elements of pages, and of Svelte and Astro components.

use std::ops::Range;

use crate::js::markup::module_source::ComponentTag;
use crate::js::markup::names::span;
use crate::js::markup::reader::{Dialect, MarkupError, MarkupReader};
use crate::js::markup::tag::OpeningTag;

/// Depth to which markup in expressions in markup is followed.
pub(super) const MAX_DEPTH: usize = 64;

impl MarkupReader<'_> {
    /// Reads markup from `start` on. At the top level (`depth` 0) it goes on to the end of the
    /// file; within an expression, to the end of the elements that begin there. Returns where it
    /// ends.
    pub(super) fn markup(&mut self, start: usize, depth: usize) -> Result<usize, MarkupError> {
        if depth > MAX_DEPTH {
            return Err(MarkupError);
        }
        let mut open = 0_usize;
        let mut at = start;
        loop {
            let found = if self.has_braces {
                memchr::memchr2(b'<', b'{', &self.bytes[at..])
            } else {
                memchr::memchr(b'<', &self.bytes[at..])
            };
            let Some(found) = found.map(|found| at + found) else {
                return if depth == 0 { Ok(self.text.len()) } else { Err(MarkupError) };
            };
            at = found + 1;
            if self.bytes[found] == b'{' {
                at = self.braces(found, depth, "", None)?;
                continue;
            }
            match self.bytes.get(at) {
                Some(b'!' | b'?') => {
                    at = self.declaration(found)?;
                    continue;
                }
                Some(b'/') => {
                    let end = memchr::memchr(b'>', &self.bytes[at..]).ok_or(MarkupError)?;
                    if self.text[at + 1..at + end].trim() == "svelte:head" {
                        self.is_in_head = false;
                    }
                    at += end + 1;
                    open = open.saturating_sub(1);
                }
                // A fragment.
                Some(b'>') => {
                    at += 1;
                    open += 1;
                }
                Some(letter) if letter.is_ascii_alphabetic() => {
                    let opening = self.opening_tag(found, depth)?;
                    at = opening.end;
                    let (end, is_element) = self.element(&opening, found)?;
                    at = at.max(end);
                    open += usize::from(is_element);
                }
                _ => continue,
            }
            if depth > 0 && open == 0 && !self.has_sibling(at) {
                return Ok(at);
            }
        }
    }

    /// True if another element follows directly.
    pub(super) fn has_sibling(&self, at: usize) -> bool {
        let rest = self.text[at..].trim_start().as_bytes();
        matches!(rest, [b'<', next, ..] if next.is_ascii_alphabetic() || *next == b'>')
            || rest.starts_with(b"<!--")
    }

    /// Reads an element: returns where its content begins, and whether it has to be closed.
    pub(super) fn element(
        &mut self,
        opening: &OpeningTag,
        start: usize,
    ) -> Result<(usize, bool), MarkupError> {
        let name = &self.text[opening.name.clone()];
        if self.dialect != Dialect::Html {
            self.add_tag(name, start..opening.end, self.client(opening));
        }
        if opening.is_closed && self.dialect != Dialect::Html {
            if name.eq_ignore_ascii_case("script") {
                self.script(opening, opening.end..opening.end);
            }
            return Ok((opening.end, false));
        }
        if ["script", "style", "textarea", "title"].iter().any(|raw| name.eq_ignore_ascii_case(raw))
        {
            let is_raw =
                !(name.eq_ignore_ascii_case("title") || name.eq_ignore_ascii_case("textarea"));
            if !is_raw && self.dialect != Dialect::Html {
                return Ok((opening.end, true));
            }
            let close = self.closing_tag(opening.end, name).unwrap_or(self.text.len());
            if name.eq_ignore_ascii_case("script") {
                self.script(opening, opening.end..close);
            } else if name.eq_ignore_ascii_case("style") {
                self.style(opening, opening.end..close);
            }
            // Its closing tag comes next.
            return Ok((close, true));
        }
        if name == "svelte:head" {
            self.is_in_head = true;
        }
        if self.dialect == Dialect::Html {
            self.addresses(opening);
            if name.eq_ignore_ascii_case("link") {
                self.stylesheet(opening);
            }
        }
        const VOID: [&str; 13] = [
            "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
            "track", "wbr",
        ];
        Ok((opening.end, !VOID.iter().any(|void| name.eq_ignore_ascii_case(void))))
    }

    pub(super) fn add_tag(&mut self, name: &str, at: Range<usize>, client: Option<&str>) {
        self.tags.push(ComponentTag {
            name: name.into(),
            span: span(&at),
            client: client.map(Box::from),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::js::ir::ImportKind;
    use crate::js::markup::cut::module_sources;
    use crate::js::markup::testing::sources;

    #[test]
    fn pages_link_to_their_scripts() {
        let text = "<!doctype html><!-- <script src=n></script> --><SCRIPT SRC='a.js?x&amp;y'></SCRIPT>\r\n<script type=module>b</script><script type=importmap>{}</script><p title='<script>'>é</p><script>c";
        assert_eq!(sources("a.html", text), ["", "b;", "c"]);
        let sources = module_sources("a.html", text);
        let links: Vec<_> =
            sources[0].links.iter().map(|link| (&*link.specifier, link.kind)).collect();
        let expected = [
            ("a.js?x&y", ImportKind::Script),
            ("", ImportKind::InlineScript(0)),
            ("", ImportKind::InlineScript(1)),
        ];
        assert_eq!(links, expected);
        assert!(sources[1].is_module && !sources[2].is_module);
    }
}
