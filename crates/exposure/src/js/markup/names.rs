//! Names, entities and offsets in markup.

use std::ops::Range;

use crate::js::ir::Span;

pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-')
}

/// True if a text is a variable name.
pub(super) fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    !text.is_empty() && text.bytes().all(is_letter) && !text.as_bytes()[0].is_ascii_digit()
}

/// The value of an attribute with its entities decoded; it is never longer.
pub(super) fn decoded(value: &str) -> String {
    let entities = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    let mut made = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        made.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = entities.iter().find(|(entity, _)| rest.starts_with(entity));
        let (length, letter) = known.map_or((1, "&"), |(entity, letter)| (entity.len(), letter));
        made.push_str(letter);
        rest = &rest[length..];
    }
    made.push_str(rest);
    made
}

pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub(super) fn span(range: &Range<usize>) -> Span {
    Span::new(offset(range.start), offset(range.end))
}
