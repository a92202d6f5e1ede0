//! Text of the repository, made safe for SARIF messages.

use crate::report::history_text::TextStyle;
use crate::report::visible::visible;

/// How words of the repository stand in messages. Reports are uploaded and shown to many, so
/// nobody's address is in them.
pub(super) const TEXT_STYLE: TextStyle = TextStyle { harmless, addresses: false };

/// Words of the repository, as they can stand in a message.
pub(super) fn harmless(words: &str) -> String {
    link_text(&visible(words))
}

/// A text that can stand in the brackets of a link: brackets are escaped, control characters gone.
pub(super) fn link_text(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '[' | ']' | '\\' => escaped.extend(['\\', character]),
            _ if character.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            _ => escaped.push(character),
        }
    }
    escaped
}
