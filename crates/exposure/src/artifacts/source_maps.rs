//! Source maps, in files of their own and embedded at the end of scripts and style sheets.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::artifacts::context::ArtifactContext;
use crate::base64;
use crate::input::FoundKey;
use crate::variables::names::INLINE;

/// The largest map that is parsed. Larger ones are searched as text.
const MAX_SIZE: usize = 64 << 20;

/// A note for each key in the text of a map that names its original file; empty if it is unknown.
pub(crate) fn sources(context: &ArtifactContext<'_>, text: &str, keys: &[FoundKey]) -> Vec<String> {
    let contents = if keys.is_empty() { Vec::new() } else { contents(text) };
    let found: Vec<(&str, Vec<FoundKey>)> =
        contents.iter().map(|(name, content)| (name.as_str(), context.secrets(content))).collect();
    let mut names: HashMap<&[u8], &str> = HashMap::new();
    for (name, keys) in &found {
        for key in keys {
            names.entry(key.secret.reveal()).or_insert(name);
        }
    }
    let source = |key: &FoundKey| {
        let name = names.get(key.secret.reveal())?;
        // A name may be any text and could contain a key itself.
        Some(format!("the secret is in the original of {}", context.keys.masked(name)))
    };
    keys.iter().map(|key| source(key).unwrap_or_default()).collect()
}

/// Keys that are visible only after JSON escapes are decoded.
pub(crate) fn escaped(
    context: &ArtifactContext<'_>,
    text: &str,
    known: &[FoundKey],
) -> Vec<FoundKey> {
    if !text.contains("\\u") {
        return Vec::new();
    }
    let at = text.find("\"sourcesContent\"").unwrap_or_default();
    let contents = contents(text);
    let keys = contents.iter().flat_map(|(_, content)| context.secrets(content));
    let keys = keys.filter(|key| !known.iter().any(|known| known.secret == key.secret));
    keys.map(|key| FoundKey { range: at..at, ..key }).collect()
}

/// Keys in the base64 source maps that a file embeds, at the place of the comment.
pub(crate) fn inline(context: &ArtifactContext<'_>, text: &str) -> Vec<FoundKey> {
    let mut keys: Vec<FoundKey> = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(INLINE).map(|found| from + found) {
        let rest = &text[at..];
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '*').unwrap_or(rest.len());
        from = at + end;
        let Some((_, encoded)) = rest[..end].split_once(";base64,") else { continue };
        let map = String::from_utf8_lossy(&base64::decode_start(encoded)).into_owned();
        let contents = contents(&map);
        let whole = [(String::new(), map)];
        let texts = if contents.is_empty() { &whole[..] } else { &contents };
        let found = texts.iter().flat_map(|(_, content)| context.secrets(content));
        keys.extend(found.map(|key| FoundKey { range: at..at + INLINE.len(), ..key }));
    }
    if keys.is_empty() {
        return keys;
    }
    // The same key is also in the code if the bundler kept it there.
    let plain = context.secrets(text);
    let mut known: HashSet<&[u8]> = plain.iter().map(|key| key.secret.reveal()).collect();
    let is_new: Vec<bool> = keys.iter().map(|key| known.insert(key.secret.reveal())).collect();
    keys.into_iter().zip(is_new).filter(|(_, is_new)| *is_new).map(|(key, _)| key).collect()
}

/// The original files with their names, also of the sections of an indexed map.
fn contents(text: &str) -> Vec<(String, String)> {
    // The format allows a prefix that prevents use of the map as a script.
    let text = text.strip_prefix(")]}'").unwrap_or(text);
    if text.len() > MAX_SIZE {
        return Vec::new();
    }
    let Ok(map) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let mut all = own_contents(&map);
    let sections = map.get("sections").and_then(Value::as_array);
    for section in sections.into_iter().flatten() {
        all.extend(section.get("map").map(own_contents).unwrap_or_default());
    }
    all
}

fn own_contents(map: &Value) -> Vec<(String, String)> {
    let name = |index: usize| map.get("sources")?.get(index)?.as_str();
    let contents = map.get("sourcesContent").and_then(Value::as_array);
    let texts = contents.into_iter().flatten().enumerate();
    texts
        .filter_map(|(index, text)| {
            Some((name(index).unwrap_or_default().to_owned(), text.as_str()?.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_read_and_broken_maps_are_none() {
        let map =
            r#")]}'{"sections":[{"map":{"sources":["a.ts"],"sourcesContent":["x",null,3]}}]}"#;
        assert_eq!(contents(map), [("a.ts".to_owned(), "x".to_owned())]);
        assert_eq!(contents("{"), []);
        assert_eq!(contents(&"[".repeat(100_000)), []);
    }
}
