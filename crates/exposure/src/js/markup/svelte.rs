//! Reads the directives and blocks of Svelte templates.

use std::ops::Range;

use crate::js::ir::Span;
use crate::js::markup::names::{is_name, offset};
use crate::js::markup::reader::MarkupReader;

impl MarkupReader<'_> {
    /// Keeps the names in `use:action` and `transition:fade`, which are uses.
    pub(super) fn svelte_name(&mut self, name: &Range<usize>) {
        let text = self.text;
        let Some((kind, own)) = text[name.clone()].split_once(':') else { return };
        let is_used = matches!(
            kind,
            "use" | "transition" | "in" | "out" | "animate" | "bind" | "class" | "style"
        );
        let own = own.split('|').next().unwrap_or_default();
        let has_value = self.bytes.get(name.end) == Some(&b'=');
        let is_shorthand = !matches!(kind, "bind" | "class" | "style") || !has_value;
        if !is_used || !is_shorthand || !is_name(own) {
            return;
        }
        let start = name.start + kind.len() + 1;
        self.blank.put(start - 1, b';');
        self.blank.keep(start..start + own.len());
        self.blank.put(start + own.len(), b';');
        self.template.push(Span::new(offset(start - 1), offset(start + own.len() + 1)));
    }
}

/// The expression in the braces of a Svelte template: where it begins and ends, and whether its
/// value is shown.
pub(super) fn svelte_block(inside: &str) -> (usize, usize, bool) {
    let whole = inside.len();
    let Some(first) = inside.chars().next().filter(|first| matches!(first, '#' | ':' | '/' | '@'))
    else {
        return (0, whole, true);
    };
    // A comment, or a regular expression.
    if first == '/' && !inside[1..].starts_with(|letter: char| letter.is_ascii_lowercase()) {
        return (0, whole, true);
    }
    let word_end = inside[1..]
        .find(|letter: char| !letter.is_ascii_alphabetic())
        .map_or(whole, |found| found + 1);
    let rest = &inside[word_end..];
    let before = |word: &str| word_end + top_level_word(rest, word).unwrap_or(rest.len());
    match &inside[..word_end] {
        "@html" | "@render" => (word_end, whole, true),
        // `const x = …` remains.
        "@const" => (1, whole, false),
        "#if" | "#key" | "@attach" => (word_end, whole, false),
        "#each" => (word_end, before(" as "), false),
        "#await" => (word_end, before(" then ").min(before(" catch ")), false),
        ":else" => match rest.trim_start().strip_prefix("if") {
            Some(test) => (whole - test.len(), whole, false),
            None => (whole, whole, false),
        },
        _ => (whole, whole, false),
    }
}

/// The offset of a word outside of brackets and strings.
pub(super) fn top_level_word(text: &str, word: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(end), _) if byte == end => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, b' ') if depth == 0 && text.as_bytes()[at..].starts_with(word.as_bytes()) => {
                return Some(at);
            }
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::js::markup::testing::assert_source;

    #[test]
    fn svelte_blocks_keep_their_expressions() {
        for (text, expected) in [
            ("<script module>a</script><script>b</script>", "a; b;"),
            ("{a}{b}", ";a;;b;"),
            ("{'}'}{`}${'{'}`}", ";'}';;`}${'{'}`;"),
            ("{#if a}{:else if b}{:else}{/if}", "; a;; b;"),
            ("{#each a.b as { c }, i (c)}{/each}", "; a.b ;"),
            ("{#await a then b}{:then c}{:catch d}{/await}", "; a ;"),
            ("{#key a}{@html b}{@render c()}{@const d = e}{/key}", "; a;; b;; c();; const d = e;"),
            ("<A b={c} d=\"e {f} g\" {h} {...i} j=k/>", ";(c) ;f; ;h; ; i;"),
            ("<p use:a={b} on:c={d} bind:e transition:f class:g={h}/>", ";a;(b) ;(d) ;e; ;f; ;(h)"),
            ("<p style='a:{b ? '1' : '2'}'>{c}</p>", ";b ? '1' : '2'; ;c;"),
            ("<svelte:head><script>a</script></svelte:head>{b}", ";b;"),
            ("<style>a {b}</style>{c}", ";c;"),
            ("<!-- {a} -->{b}", ";b;"),
            ("{a < b}{/x}/.test(c)}", ";a < b;"),
            ("{a <script>b</script>", "b;"),
        ] {
            assert_source("a.svelte", text, expected);
        }
    }
}
