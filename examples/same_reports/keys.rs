//! Keys that are made at run time, always the same ones.

use keyside::rules::Rng;

const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The key number `number` with this prefix.
pub(crate) fn key(prefix: &str, number: u64) -> String {
    format!("{prefix}{}", Rng::new(1000 + number).text(BASE62, 43))
}

/// A text with keys in the place of `{key:PREFIX:NUMBER}`.
pub(crate) fn filled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{key:") {
        out.push_str(before);
        let template = after.split_once('}').and_then(|(template, after)| {
            let (prefix, number) = template.rsplit_once(':')?;
            Some((prefix, number.parse().ok()?, after))
        });
        match template {
            Some((prefix, number, after)) => {
                out.push_str(&key(prefix, number));
                rest = after;
            }
            None => {
                out.push_str("{key:");
                rest = after;
            }
        }
    }
    out + rest
}
