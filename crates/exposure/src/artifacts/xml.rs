//! XML that is compiled into app packages: resources, manifests, property lists.

use std::ops::Range;

use roxmltree::{Document, ParsingOptions};

use crate::artifacts::comments;
use crate::artifacts::comments::Language;
use crate::artifacts::context::ArtifactContext;
use crate::input::FoundKey;

/// The largest file that is parsed. Larger ones are only searched.
const MAX_SIZE: usize = 2 << 20;

/// The most nodes of a document: the parser keeps a few dozen bytes for each.
const MAX_NODES: u32 = 500_000;

/// The deepest nesting, beyond that of any real file: the parser recurses.
const MAX_DEPTH: usize = 256;

/// The most attributes of an element, beyond that of any real file: the parser compares each with
/// all others.
const MAX_ATTRIBUTES: usize = 1000;

/// The longest name before a text: it is kept for each text after it.
const MAX_KEY: usize = 256;

/// A text, or the value of an attribute.
pub(crate) struct Piece {
    /// The text of the element before it: in a property list, the `key`.
    pub key: String,
    /// The content, with entities resolved.
    pub content: String,
    /// Its offset.
    pub range: Range<usize>,
}

/// The reason why a text is not XML that could be compiled.
pub(crate) fn fault(text: &str) -> Option<&'static str> {
    if text.len() > MAX_SIZE || is_binary(text) {
        return None;
    }
    document(text).is_err().then_some("no XML that can be read, so nothing is said of what ships")
}

/// The texts and attribute values.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    let Ok(document) = document(text) else { return Vec::new() };
    let skipped = text.len() - text.trim_start_matches('\u{feff}').len();
    let moved = |range: Range<usize>| range.start + skipped..range.end + skipped;
    let mut pieces = Vec::new();
    let mut key = String::new();
    for node in document.descendants() {
        let element = if node.is_element() { Some(node) } else { node.parent() };
        let name = element.map_or("", |element| element.tag_name().name());
        if node.is_text() {
            let content = node.text().unwrap_or_default().to_owned();
            if name == "key" {
                short(content.trim()).clone_into(&mut key);
            } else if !content.trim().is_empty() {
                let key = key.clone();
                pieces.push(Piece { key, content, range: moved(node.range()) });
            }
        }
        let own = node.attributes().find(|attribute| attribute.name() == "name");
        for attribute in node.attributes() {
            pieces.push(Piece {
                key: own.map_or("", |own| short(own.value())).to_owned(),
                content: attribute.value().to_owned(),
                range: moved(attribute.range_value()),
            });
        }
    }
    pieces
}

fn short(key: &str) -> &str {
    &key[..key.floor_char_boundary(MAX_KEY)]
}

/// Keys that are visible only after entities are resolved.
pub(crate) fn escaped(
    context: &ArtifactContext<'_>,
    text: &str,
    known: &[FoundKey],
) -> Vec<FoundKey> {
    if !text.contains("&#") {
        return Vec::new();
    }
    let mut keys = Vec::new();
    for piece in pieces(text) {
        for key in context.secrets(&piece.content) {
            if !known.iter().any(|known| known.secret == key.secret) {
                keys.push(FoundKey { range: piece.range.clone(), ..key });
            }
        }
    }
    keys
}

fn document(text: &str) -> Result<Document<'_>, ()> {
    let text = text.trim_start_matches('\u{feff}');
    // Own entities can multiply; no real file of this kind defines any.
    if text.len() > MAX_SIZE || text.contains("<!ENTITY") || is_deep(text) {
        return Err(());
    }
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_NODES, entity_resolver: None };
    Document::parse_with_options(text, options).map_err(drop)
}

/// True for a binary property list, whose texts can be searched as they are.
fn is_binary(text: &str) -> bool {
    text.starts_with("bplist")
}

/// True if elements nest too deep, or one has too many attributes.
fn is_deep(text: &str) -> bool {
    let comments = comments::ranges(text, Language::Markup);
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    // The next `>`; a missing one is not searched for again and again.
    let mut end = 0;
    for (at, _) in text.match_indices('<') {
        if comments::holds(&comments, at) {
            continue;
        }
        if end <= at {
            end = memchr::memchr(b'>', &bytes[at..]).map_or(bytes.len(), |found| at + found);
            let tag = &bytes[at..end];
            if tag.iter().filter(|byte| **byte == b'=').count() > MAX_ATTRIBUTES {
                return true;
            }
        }
        match bytes.get(at + 1) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'!' | b'?') => {}
            _ => depth += 1,
        }
        if end < bytes.len() && bytes[end - 1] == b'/' {
            depth = depth.saturating_sub(1);
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_know_their_key_and_their_place() {
        let text = "\u{feff}<plist><dict><key>A</key><string>x&amp;y</string></dict></plist>";
        let pieces = pieces(text);
        assert_eq!(pieces.len(), 1);
        assert_eq!((pieces[0].key.as_str(), pieces[0].content.as_str()), ("A", "x&y"));
        assert_eq!(&text[pieces[0].range.clone()], "x&amp;y");
    }

    #[test]
    fn a_long_key_is_not_kept_for_each_text() {
        let text = format!(
            "<a><key>{}</key>{}</a>",
            "é".repeat(100_000),
            "<string>x</string>".repeat(20_000)
        );
        let pieces = pieces(&text);
        assert_eq!(pieces.len(), 20_000);
        assert!(pieces.iter().all(|piece| piece.key.len() <= MAX_KEY));
    }

    #[test]
    fn broken_and_hostile_texts_are_faults() {
        for text in [
            "<a><b></a>".to_owned(),
            "<a>".repeat(100_000),
            format!("<!DOCTYPE a [<!ENTITY b \"{}\">]><a>&b;</a>", "x".repeat(1000)),
            "<".repeat(100_000),
            "</".repeat(1_000_000),
            format!("<a {}/>", (0..100_000).map(|n| format!("b{n}='' ")).collect::<String>()),
        ] {
            assert!(fault(&text).is_some());
        }
        assert!(fault(&format!("<a>{}</a>", "<b/>".repeat(1000))).is_none());
        assert!(fault("<!DOCTYPE plist PUBLIC \"-//A\" \"http://a/b.dtd\"><plist/>").is_none());
    }
}
