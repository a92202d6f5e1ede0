//! Text of the repository, made safe for SARIF messages.

use crate::report::history_text::TextStyle;
use crate::report::visible::visible;

/// The style of repository text. Many people can read uploaded reports, so they contain no e-mail
/// addresses.
pub(super) const TEXT_STYLE: TextStyle = TextStyle { harmless, addresses: false };

/// Repository text, sanitized for a message.
pub(super) fn harmless(words: &str) -> String {
    link_text(&visible(words))
}

/// Text for the brackets of a link: brackets are escaped, control characters replaced.
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
