//! Excerpts: the line around a key, with every key in it kept separate so that it can be masked.

use std::ops::Range;

use super::key_match::KeyMatch;
use super::locate::line_around;
use super::scanner::ChunkMatches;
use crate::model::{Excerpt, Fragment, Secret};
use crate::source::TextEncoding;

/// Bytes of a line that are shown on either side of a key.
const CONTEXT: usize = 160;

/// The excerpt for `subject`, with everything else that was found in it kept separate, too.
pub fn excerpt(
    bytes: &[u8],
    encoding: TextEncoding,
    subject: &KeyMatch<'_>,
    found: &ChunkMatches<'_>,
) -> Excerpt {
    let span = &subject.span;
    let mut shown = line_around(bytes, span, CONTEXT, encoding);
    let is_binary =
        encoding == TextEncoding::Bytes && memchr::memchr(0, &bytes[shown.clone()]).is_some();
    if is_binary {
        shown = span.clone();
    }
    let whole = line_around(bytes, span, CONTEXT + 4, encoding);
    let mut masked: Vec<_> =
        found.within(&shown).map(|key| (key.span.clone(), &key.secret)).collect();
    masked.sort_by_key(|(span, _)| (span.start, span.end));
    // Of keys one inside the other, as in a value that is decoded, only the subject is shown.
    let hidden = with_overlapping(span, &masked);
    let mut fragments = Vec::new();
    let before = shown.start..hidden.start.max(shown.start);
    push_around(&mut fragments, bytes, encoding, before, &masked);
    fragments.push(Fragment::Subject(subject.secret.clone()));
    let behind = hidden.end.min(shown.end)..shown.end;
    push_around(&mut fragments, bytes, encoding, behind, &masked);
    Excerpt {
        cut_start: is_binary || whole.start < shown.start,
        cut_end: is_binary || whole.end > shown.end,
        fragments,
    }
}

/// Bytes that are shown of a place that is not a key.
const MARKED: usize = 200;

/// The excerpt for a place that is not just one key: marks the part of `span` on its first line,
/// and keeps everything in `found` separate. Shows nothing of `hidden`, not even parts from which a
/// program assembles it.
pub fn excerpt_of_place(
    text: &str,
    span: &Range<usize>,
    found: &ChunkMatches<'_>,
    hidden: Option<&Secret>,
) -> Excerpt {
    let bytes = text.as_bytes();
    let end = first_line_end(text, span);
    let span = span.start..end;
    let shown = line_around(bytes, &span, CONTEXT, TextEncoding::Bytes);
    let whole = line_around(bytes, &span, CONTEXT + 4, TextEncoding::Bytes);
    let keys = found.within(&shown).map(|key| (key.span.clone(), key.secret.clone()));
    let mut masked: Vec<_> = keys.collect();
    if let Some(hidden) = hidden {
        let parts = parts_of(text, &shown, hidden);
        masked.extend(parts.map(|part| {
            match memchr::memmem::find(&bytes[part.clone()], hidden.reveal()) {
                // The rest of such a word is a name, as in `NAME=KEY`.
                Some(at) => {
                    let start = part.start + at;
                    (start..start + hidden.reveal().len(), hidden.clone())
                }
                None => (part.clone(), Secret::new(&bytes[part], 0)),
            }
        }));
    }
    masked.sort_by_key(|(span, _)| (span.start, span.end));
    let masked: Vec<_> = masked.iter().map(|(span, secret)| (span.clone(), secret)).collect();
    let mut fragments = Vec::new();
    push_around(&mut fragments, bytes, TextEncoding::Bytes, shown.start..span.start, &masked);
    let mut marked = Vec::new();
    push_around(&mut marked, bytes, TextEncoding::Bytes, span.clone(), &masked);
    fragments.extend(marked.into_iter().map(|fragment| match fragment {
        Fragment::Text(words) => Fragment::Mark(words),
        Fragment::Other(secret) if hidden == Some(&secret) => Fragment::Subject(secret),
        other @ (Fragment::Other(_) | Fragment::Subject(_) | Fragment::Mark(_)) => other,
    }));
    push_around(&mut fragments, bytes, TextEncoding::Bytes, span.end..shown.end, &masked);
    Excerpt { cut_start: whole.start < shown.start, cut_end: whole.end > shown.end, fragments }
}

/// End of the part of `span` that is shown: on its first line, and not too far.
fn first_line_end(text: &str, span: &Range<usize>) -> usize {
    let end = text.floor_char_boundary(span.end.min(span.start + MARKED));
    let marked = &text[span.start..end];
    let line = marked.split('\n').next().unwrap_or_default();
    span.start + line.trim_end_matches('\r').len()
}

/// The words in `range` that are part of a secret, and those that may hold it in another form.
fn parts_of<'t>(
    text: &'t str,
    range: &Range<usize>,
    secret: &'t Secret,
) -> impl Iterator<Item = Range<usize>> + 't {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(byte);
    let bytes = &text.as_bytes()[range.clone()];
    let start = range.start;
    let mut at = 0;
    let words = std::iter::from_fn(move || {
        at += bytes[at..].iter().position(&is_word)?;
        let length = bytes[at..].iter().position(|byte| !is_word(byte));
        let word = at..length.map_or(bytes.len(), |length| at + length);
        at = word.end;
        Some(word)
    });
    let is_part = move |word: &Range<usize>| {
        let word = &bytes[word.clone()];
        let is_known = memchr::memmem::find(secret.reveal(), word).is_some();
        let has_digit = word.iter().any(u8::is_ascii_digit);
        word.len() >= 4 && is_known || word.len() >= 20 && has_digit
    };
    words.filter(is_part).map(move |word| start + word.start..start + word.end)
}

/// A range with all of the ranges that overlap it or each other.
fn with_overlapping(span: &Range<usize>, ranges: &[(Range<usize>, &Secret)]) -> Range<usize> {
    let mut all = span.clone();
    loop {
        let before = all.clone();
        for (own, _) in ranges {
            if own.start < all.end && all.start < own.end {
                all = all.start.min(own.start)..all.end.max(own.end);
            }
        }
        if all == before {
            return all;
        }
    }
}

/// Pushes the text in `range`, with a mask for each of `masked` that overlaps it.
fn push_around(
    fragments: &mut Vec<Fragment>,
    bytes: &[u8],
    encoding: TextEncoding,
    range: Range<usize>,
    masked: &[(Range<usize>, &Secret)],
) {
    let mut at = range.start;
    for (span, secret) in masked {
        let (start, end) = (span.start.max(at), span.end.min(range.end));
        if start < end {
            push_text(fragments, &bytes[at..start], encoding);
            fragments.push(Fragment::Other((*secret).clone()));
            at = end;
        }
    }
    push_text(fragments, &bytes[at..range.end], encoding);
}

fn push_text(fragments: &mut Vec<Fragment>, bytes: &[u8], encoding: TextEncoding) {
    if !bytes.is_empty() {
        fragments.push(Fragment::Text(decode(bytes, encoding)));
    }
}

/// The line or lines around `span`, without their line break.
pub fn whole_line(bytes: &[u8], encoding: TextEncoding, span: &Range<usize>) -> Range<usize> {
    line_around(bytes, span, bytes.len(), encoding)
}

/// Decodes bytes as text; invalid UTF-8 is read as Latin-1.
pub fn decode(bytes: &[u8], encoding: TextEncoding) -> String {
    let utf16 = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    let utf32 = |unit: fn([u8; 4]) -> u32| {
        let units = bytes.as_chunks().0.iter().map(|four| unit(*four));
        units.map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    let text: String = match encoding {
        TextEncoding::Utf16Le => utf16(u16::from_le_bytes),
        TextEncoding::Utf16Be => utf16(u16::from_be_bytes),
        TextEncoding::Utf32Le => utf32(u32::from_le_bytes),
        TextEncoding::Utf32Be => utf32(u32::from_be_bytes),
        // Nearly always it is valid UTF-8, and checking that first is faster.
        TextEncoding::Bytes => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => latin(bytes),
        },
    };
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

fn latin(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|&byte| char::from(byte)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Rng, Ruleset};
    use crate::scan::KeyScanner;
    use crate::source::Chunk;

    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// Renders an excerpt: marks in `«»`, keys as `*`.
    fn shown(text: &str, span: Range<usize>, hidden: Option<&Secret>) -> String {
        let rules = Ruleset::built_in();
        let found = KeyScanner::new(&rules).near(&Chunk::whole(text.as_bytes()), &span);
        let excerpt = excerpt_of_place(text, &span, &found, hidden);
        let fragments = excerpt.fragments.iter().map(|fragment| match fragment {
            Fragment::Text(words) => words.clone(),
            Fragment::Mark(words) => format!("«{words}»"),
            Fragment::Subject(_) => "+".to_owned(),
            Fragment::Other(_) => "*".to_owned(),
        });
        fragments.collect()
    }

    fn key(seed: u64) -> String {
        format!("sk_v1_{}", Rng::new(seed).text(ALPHABET, 40))
    }

    #[test]
    fn a_place_is_marked_and_keys_are_masked() {
        let text = "a\nlet k = process.env.KEY ?? x;\nb";
        let at = text.find("process").unwrap();
        assert_eq!(shown(text, at..at + 15, None), "let k = «process.env.KEY» ?? x;");
        assert_eq!(shown(text, at..text.len(), None), "let k = «process.env.KEY ?? x;»");
        let (one, two) = (key(1), key(2));
        let text = format!("f('{one}', '{two}')");
        let secret = Secret::new(one.as_bytes(), 6);
        assert_eq!(shown(&text, 2..text.len() - 1, Some(&secret)), "f(«'»+«', '»*«'»)");
    }

    #[test]
    fn the_name_before_a_secret_is_shown() {
        let one = key(4);
        let secret = Secret::new(one.as_bytes(), 6);
        let text = format!("NEXT_PUBLIC_KEY={one}\nB=1");
        assert_eq!(shown(&text, 16..16 + one.len(), Some(&secret)), "NEXT_PUBLIC_KEY=+");
        assert_eq!(shown(&text, 0..15, Some(&secret)), "«NEXT_PUBLIC_KEY»=*");
    }

    #[test]
    fn the_parts_of_an_assembled_secret_are_not_shown() {
        let one = key(3);
        let secret = Secret::new(one.as_bytes(), 6);
        let (head, tail) = one.split_at(20);
        let text = format!("const k = '{head}' + \"{tail}\";");
        assert_eq!(shown(&text, 10..text.len() - 1, Some(&secret)), "const k = «'»*+«\"»;");
    }
}
