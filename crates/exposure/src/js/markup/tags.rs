//! Reads tags and their attributes.

use crate::js::markup::names::{is_name_byte, span};
use crate::js::markup::reader::{Dialect, MarkupError, MarkupReader};
use crate::js::markup::tag::{Attribute, AttributeValue, OpeningTag};

impl<'t> MarkupReader<'t> {
    /// The start of the next tag of a Vue file.
    pub(super) fn next_tag(&self, from: usize) -> Result<Option<usize>, MarkupError> {
        let mut at = from;
        while let Some(found) = memchr::memchr(b'<', &self.bytes[at..]) {
            let found = at + found;
            match self.bytes.get(found + 1) {
                Some(b'!') => at = self.declaration(found)?,
                Some(letter) if letter.is_ascii_alphabetic() => return Ok(Some(found)),
                _ => at = found + 1,
            }
        }
        Ok(None)
    }

    /// The end of a comment, `<!doctype …>` or `<?…>`.
    pub(super) fn declaration(&self, start: usize) -> Result<usize, MarkupError> {
        if self.bytes[start..].starts_with(b"<!--") {
            return self.find(start + 4, b"-->").map(|end| end + 3).ok_or(MarkupError);
        }
        let end = memchr::memchr(b'>', &self.bytes[start..]).ok_or(MarkupError)?;
        Ok(start + end + 1)
    }

    /// The start of the closing tag of a raw element.
    pub(super) fn closing_tag(&self, from: usize, name: &str) -> Option<usize> {
        let mut at = from;
        while let Some(found) = self.find(at, b"</") {
            let rest = &self.bytes[found + 2..];
            let is_it =
                rest.get(..name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()));
            if is_it && rest.get(name.len()).is_none_or(|next| !is_name_byte(*next)) {
                return Some(found);
            }
            at = found + 2;
        }
        None
    }

    /// Reads an opening tag from its `<` on, and keeps the expressions in its attributes.
    pub(super) fn opening_tag(
        &mut self,
        start: usize,
        depth: usize,
    ) -> Result<OpeningTag, MarkupError> {
        let is_end = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'{');
        let name_end = self.next_byte(start + 1, is_end)?;
        let name = start + 1..name_end;
        let tag = &self.text[name.clone()];
        let mut attributes: Vec<Attribute> = Vec::new();
        let slots = self.slots.len();
        let mut at = name_end;
        let mut is_closed = false;
        loop {
            at = self.next_byte(at, |byte| !byte.is_ascii_whitespace())?;
            match self.bytes[at] {
                b'>' => break,
                b'/' => {
                    is_closed = self.bytes.get(at + 1) == Some(&b'>');
                    at += 1;
                }
                b'{' if self.has_braces => {
                    at = self.braces(at, depth, tag, Some(""))?;
                }
                _ => {
                    let attribute;
                    (attribute, at) = self.next_attribute(at, depth, tag)?;
                    attributes.push(attribute);
                }
            }
        }
        let opening = OpeningTag { name, attributes, end: at + 1, is_closed };
        if let Some(client) = self.client(&opening) {
            for slot in &mut self.slots[slots..] {
                if *slot.tag == *tag {
                    slot.client = Some(client.into());
                }
            }
        }
        Ok(opening)
    }

    pub(super) fn next_attribute(
        &mut self,
        start: usize,
        depth: usize,
        tag: &str,
    ) -> Result<(Attribute, usize), MarkupError> {
        let is_end = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'=');
        // The first byte is part of the name, whatever it is.
        let name_end = self.next_byte(start + 1, is_end)?;
        let name = start..name_end;
        let text = self.text;
        let named = &text[name.clone()];
        if self.dialect == Dialect::Svelte {
            self.svelte_name(&name);
        }
        let equals = self.next_byte(name_end, |byte| !byte.is_ascii_whitespace())?;
        if self.bytes[equals] != b'=' {
            return Ok((Attribute { name, value: AttributeValue::None }, name_end));
        }
        let at = self.next_byte(equals + 1, |byte| !byte.is_ascii_whitespace())?;
        let (value, end) = match self.bytes[at] {
            quote @ (b'"' | b'\'') => {
                let end = memchr::memchr(quote, &self.bytes[at + 1..]).ok_or(MarkupError)? + at + 1;
                if self.dialect == Dialect::Svelte {
                    // A quote within braces does not end the value.
                    let end = self.quoted_braces(at, end, quote, tag, named)?;
                    (AttributeValue::Text(at + 1..end, true), end + 1)
                } else {
                    (AttributeValue::Text(at + 1..end, true), end + 1)
                }
            }
            b'{' if self.has_braces => {
                let end = self.attribute_braces(equals, at, depth, tag, named)?;
                (AttributeValue::Braces(at + 1..end - 1), end)
            }
            b'`' if self.dialect == Dialect::Astro => {
                let end = self.expression(at, at + 1, depth, b'`')?;
                self.blank.keep(at..end + 1);
                self.blank.put(equals, if depth == 0 { b';' } else { b',' });
                if depth == 0 {
                    self.template.push(span(&(equals..end + 1)));
                }
                self.add_slot(tag, Some(named), &(start..end + 1), &(at..end + 1));
                (AttributeValue::Backticks(at + 1..end), end + 1)
            }
            _ => {
                let end = self.next_byte(at, |byte| byte.is_ascii_whitespace() || byte == b'>')?;
                (AttributeValue::Text(at..end, false), end)
            }
        };
        Ok((Attribute { name, value }, end))
    }

    /// The directive that ships a tag's component.
    pub(super) fn client(&self, opening: &OpeningTag) -> Option<&'t str> {
        let text = self.text;
        let mut names = opening.attributes.iter().map(|one| &text[one.name.clone()]);
        names.find(|name| self.dialect == Dialect::Astro && name.starts_with("client:"))
    }

    pub(super) fn has_attribute(&self, opening: &OpeningTag, name: &str) -> bool {
        opening.attributes.iter().any(|one| self.text[one.name.clone()].eq_ignore_ascii_case(name))
    }

    /// The text of an attribute.
    pub(super) fn attribute(&self, opening: &OpeningTag, name: &str) -> Option<&'t str> {
        let text = self.text;
        let found = opening
            .attributes
            .iter()
            .find(|one| text[one.name.clone()].eq_ignore_ascii_case(name))?;
        match &found.value {
            AttributeValue::Text(value, _) => Some(&text[value.clone()]),
            AttributeValue::None => Some(""),
            AttributeValue::Braces(_) | AttributeValue::Backticks(_) => None,
        }
    }
}
