//! Reads expressions in braces, as in Svelte and Astro.

use crate::js::markup::names::span;
use crate::js::markup::reader::{Dialect, MarkupError, MarkupReader};
use crate::js::markup::svelte::svelte_block;

impl MarkupReader<'_> {
    /// Reads the braces in a quoted value; returns where its closing quote is.
    pub(super) fn quoted_braces(
        &mut self,
        start: usize,
        end: usize,
        quote: u8,
        tag: &str,
        name: &str,
    ) -> Result<usize, MarkupError> {
        let mut end = end;
        let mut at = start + 1;
        while let Some(found) = memchr::memchr(b'{', &self.bytes[at..end]) {
            at = self.braces(at + found, 0, tag, Some(name))?;
            if at > end {
                end = at + memchr::memchr(quote, &self.bytes[at..]).ok_or(MarkupError)?;
            }
        }
        Ok(end)
    }

    /// Reads `={ … }`; returns where it ends.
    pub(super) fn attribute_braces(
        &mut self,
        equals: usize,
        start: usize,
        depth: usize,
        tag: &str,
        name: &str,
    ) -> Result<usize, MarkupError> {
        let end = self.expression(start, start + 1, depth, b'}')?;
        let code = start + 1..end;
        if !self.text[code.clone()].trim().is_empty() {
            self.blank.put(equals, if depth == 0 { b';' } else { b',' });
            self.blank.put(start, b'(');
            self.blank.put(end, b')');
            if depth == 0 {
                self.template.push(span(&(equals..end + 1)));
            }
            let is_wiring = self.dialect == Dialect::Svelte
                && ["on:", "use:", "transition:", "in:", "out:", "animate:", "class:", "bind:this"]
                    .iter()
                    .any(|kind| name.starts_with(kind));
            if !is_wiring && !name.starts_with("client:") {
                self.add_slot(tag, Some(name), &(equals - name.len()..end + 1), &code);
            }
        }
        Ok(end + 1)
    }

    /// Reads `{ … }` in text or among attributes; returns where it ends. Braces among attributes
    /// have the attribute `""`.
    pub(super) fn braces(
        &mut self,
        start: usize,
        depth: usize,
        tag: &str,
        attribute: Option<&str>,
    ) -> Result<usize, MarkupError> {
        let text = self.text;
        let end = self.expression(start, start + 1, depth, b'}')?;
        let mut code = start + 1..end;
        let mut is_shown = true;
        if self.dialect == Dialect::Svelte {
            let inside = &text[code.clone()];
            let lead = inside.len() - inside.trim_start().len();
            let (skipped, kept, shown) = svelte_block(inside.trim_start());
            let word = inside.trim_start();
            if tag.is_empty() && word.starts_with(['#', ':', '/']) {
                let end_of_word =
                    word.find(|c: char| !(c.is_ascii_alphabetic() || "#:/".contains(c)));
                let test = code.start + lead + skipped..code.start + lead + kept;
                let word = &word[..end_of_word.unwrap_or(word.len())];
                self.svelte_branch(word, start..end + 1, test);
            }
            self.unkeep(code.start..code.start + lead + skipped);
            self.unkeep(code.start + lead + kept..code.end);
            code = code.start + lead + skipped..code.start + lead + kept;
            is_shown = shown;
        }
        let mut attribute = attribute;
        let inside = text[code.clone()].trim();
        if inside.starts_with("...") && attribute == Some("") {
            attribute = Some("...");
            if depth == 0 {
                let dots = code.start + text[code.clone()].find("...").unwrap_or_default();
                self.unkeep(dots..dots + 3);
                code.start = dots + 3;
            }
        } else if attribute == Some("") {
            attribute = Some(inside);
        }
        if inside.is_empty() {
            return Ok(end + 1);
        }
        if depth == 0 {
            self.blank.put(start, b';');
            self.blank.put(end, b';');
            self.template.push(span(&(start..end + 1)));
        } else {
            self.blank.put(start, b',');
        }
        if is_shown {
            self.add_slot(tag, attribute, &(start..end + 1), &code);
        }
        Ok(end + 1)
    }
}
