//! Texts of many lines without what a file puts between their lines: quotes, line breaks that are
//! written out, indents, comment signs, what joins string literals. A key in YAML, JSON, a program or
//! a patch is the same text then.

/// The longest block in bytes, unless it is encoded. With a margin, four such blocks are shorter than
/// the overlap of two chunks, so that a block in UTF-16 and in two layers of hexadecimal digits is not
/// lost at a seam.
pub(super) const MAX_BLOCK: usize = 16 * 1024 - 256;

/// The bytes of a block that are looked at first.
pub(super) const FIRST_LOOK: usize = 512;

/// The most bytes before the keyword of a block that belong to it or to its line's beginning.
pub(super) const BEFORE: usize = 96;

/// The longest text before a block that each of its lines may begin with.
const LONGEST_PREFIX: usize = 16;

/// The most bytes between two string literals.
const LONGEST_GLUE: usize = 96;

/// The lines of a block, each with a line break at its end.
#[derive(Debug, Default)]
pub(super) struct UnfoldedText {
    pub(super) text: Vec<u8>,
    /// Where the bytes of the text end in the source.
    ends: Vec<usize>,
    /// True if the text may go on behind the end of the source.
    pub(super) is_open: bool,
    /// True if the last line is a header: it has a colon and a blank.
    is_header: bool,
}

impl UnfoldedText {
    /// End in the source of the first `length` bytes.
    pub(super) fn source_end(&self, length: usize) -> Option<usize> {
        self.ends.get(length.checked_sub(1)?).copied()
    }

    fn push(&mut self, byte: u8, end: usize) {
        self.is_header = match byte {
            b'\n' => false,
            b' ' => self.is_header || self.text.last() == Some(&b':'),
            _ => self.is_header,
        };
        self.text.push(byte);
        self.ends.push(end);
    }
}

/// Unfolds the block that begins at `start` of `source` with `begin`, until something follows that
/// cannot belong to it, such as the beginning of another one.
pub(super) fn unfold(source: &[u8], start: usize, begin: &[u8]) -> UnfoldedText {
    let source = &source[..source.len().min(start + MAX_BLOCK)];
    let prefix = prefix(&source[..start]);
    let quote = source[..start].last().copied().filter(|&byte| is_quote(byte));
    let mut unfolded = UnfoldedText::default();
    let mut at = start;
    while let Some(&byte) = source.get(at) {
        if at > start && source[at..].starts_with(begin) {
            return unfolded;
        }
        match byte {
            0 => break,
            b'\n' => {
                at += 1;
                unfolded.push(b'\n', at);
                at = skip_prefix(source, at, prefix);
            }
            b'\r' => at += 1,
            b'\\' => match escape(&source[at..]) {
                Escaped::Byte(byte, length) => {
                    at += length;
                    unfolded.push(byte, at);
                }
                Escaped::Nothing(length) => at += length,
                Escaped::Quote(length) => match next_literal(source, at + length) {
                    Some(next) => {
                        at = next;
                        unfolded.push(b'\n', at);
                    }
                    None => break,
                },
            },
            b'&' => match entity(&source[at..]) {
                Some((byte, length)) => {
                    at += length;
                    unfolded.push(byte, at);
                }
                None => break,
            },
            b'<' => match tag(&source[at..]) {
                Some(length) => {
                    at += length;
                    unfolded.push(b'\n', at);
                }
                None => break,
            },
            byte if is_quote(byte) && ends_literal(byte, quote, unfolded.is_header) => {
                match next_literal(source, at + 1) {
                    Some(next) => {
                        at = next;
                        unfolded.push(b'\n', at);
                    }
                    None => break,
                }
            }
            byte => {
                at += 1;
                unfolded.push(byte, at);
            }
        }
    }
    // What joins two literals may be cut off there.
    unfolded.is_open = source.len() - at.min(source.len()) <= LONGEST_GLUE;
    unfolded
}

fn is_quote(byte: u8) -> bool {
    b"\"'`".contains(&byte)
}

/// True if a quote ends a string literal: it is the one before the block, or it could be, and does not
/// stand in the comment of a header.
fn ends_literal(byte: u8, quote: Option<u8>, is_header: bool) -> bool {
    quote.map_or(!is_header, |quote| quote == byte)
}

/// The signs before a block on its line that its other lines may begin with, too: of a comment, a
/// quotation, a patch.
fn prefix(before: &[u8]) -> &[u8] {
    let line = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
    let line = line.trim_ascii();
    let is_sign = |byte: &u8| byte.is_ascii_punctuation() && !is_quote(*byte) || *byte == b' ';
    if line.len() <= LONGEST_PREFIX && line.iter().all(is_sign) { line } else { b"" }
}

/// Skips the blanks and the prefix at the beginning of a line.
fn skip_prefix(source: &[u8], at: usize, prefix: &[u8]) -> usize {
    let skip_blanks = |at: usize| {
        let blanks = source[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        at + blanks
    };
    let at = skip_blanks(at);
    let rest = &source[at..];
    // A list of YAML has the hyphen once; the end of a block has five.
    match rest.strip_prefix(prefix) {
        Some(_) if !prefix.is_empty() && !rest.starts_with(b"-----E") => {
            skip_blanks(at + prefix.len())
        }
        _ => at,
    }
}

/// An escape sequence, and its length.
enum Escaped {
    Byte(u8, usize),
    Nothing(usize),
    /// A quote, which ends a string literal in another one.
    Quote(usize),
}

/// Reads an escape sequence, whose backslash may be escaped itself.
fn escape(text: &[u8]) -> Escaped {
    let slashes = text.iter().take_while(|&&byte| byte == b'\\').count();
    let rest = &text[slashes..];
    let code = |digits: usize, radix: u32, skip: usize| {
        let digits = std::str::from_utf8(rest.get(skip..skip + digits)?).ok()?;
        u8::from_str_radix(digits.trim_start_matches('0'), radix).ok().filter(u8::is_ascii)
    };
    let byte = |byte: Option<u8>, length: usize| match byte {
        Some(b'\r') => Escaped::Nothing(slashes + length),
        Some(byte) => Escaped::Byte(byte, slashes + length),
        None => Escaped::Nothing(slashes),
    };
    match rest.first() {
        Some(b'n') => Escaped::Byte(b'\n', slashes + 1),
        Some(b'r') => Escaped::Nothing(slashes + 1),
        Some(b't') => Escaped::Byte(b' ', slashes + 1),
        Some(b'u') => byte(code(4, 16, 1), 5),
        Some(b'x') => byte(code(2, 16, 1), 3),
        Some(b'0') => byte(code(3, 8, 0), 3),
        Some(&own) if is_quote(own) => Escaped::Quote(slashes + 1),
        Some(&own) if b"/=+-: ".contains(&own) => Escaped::Byte(own, slashes + 1),
        // At the end of a line it continues on the next one.
        _ => Escaped::Nothing(slashes),
    }
}

/// Reads a character reference of XML: `&#10;`, `&#x2B;`.
fn entity(text: &[u8]) -> Option<(u8, usize)> {
    let rest = text.strip_prefix(b"&#")?;
    let length = rest.iter().take(8).position(|&byte| byte == b';')?;
    let digits = std::str::from_utf8(&rest[..length]).ok()?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u8::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    let byte = code.ok().filter(u8::is_ascii)?;
    Some((if byte == b'\r' { b' ' } else { byte }, length + 3))
}

/// Length of a tag that breaks a line: `<br>`, `<br />`.
fn tag(text: &[u8]) -> Option<usize> {
    let is_break = text.get(..3)?.eq_ignore_ascii_case(b"<br");
    let end = text.iter().take(8).position(|&byte| byte == b'>')?;
    is_break.then_some(end + 1)
}

/// Where the next string literal begins, if only signs that join literals are before it.
fn next_literal(source: &[u8], at: usize) -> Option<usize> {
    let rest = &source[at..source.len().min(at + LONGEST_GLUE)];
    let is_glue = |byte: &u8| byte.is_ascii_whitespace() || b"+.,&_\\()[]<".contains(byte);
    let mut length = rest.iter().take_while(|byte| is_glue(byte)).count();
    // Literals of bytes and raw ones have a letter before them.
    if rest.get(length).is_some_and(|byte| b"bBrRfFuU".contains(byte)) {
        length += 1;
    }
    rest.get(length).is_some_and(|&byte| is_quote(byte)).then_some(at + length + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::{Rng, Ruleset, Template};
    use crate::scan::KeyScanner;
    use crate::source::Chunk;

    /// The unfolded text from the first `@` on.
    fn unfolded(source: &str) -> String {
        let start = source.find('@').unwrap();
        let unfolded = unfold(source.as_bytes(), start, b"@");
        String::from_utf8(unfolded.text).unwrap()
    }

    #[test]
    fn lines_are_the_same_in_all_layouts() {
        for source in [
            "@ab\ncd\nef",
            "@ab\r\ncd\r\nef\r\n",
            "key: |\n    @ab\n    cd\n    ef\nnext: x",
            "\"@ab\\ncd\\nef\"",
            "\"{\\\"k\\\":\\\"@ab\\\\ncd\\\\nef\\\"}\"",
            "'@ab\\n' +\n  'cd\\n' +\n  'ef\\n';",
            "[\"@ab\", \"cd\", \"ef\"].join",
            "(b'@ab\\n'\n b'cd\\n'\n b'ef\\n')",
            "# @ab\n# cd\n# ef",
            " * @ab\n * cd\n * ef",
            "> @ab\n> cd\n> ef",
            "+  @ab\n+  cd\n+  ef",
            "@ab\\u000acd\\x0Aef",
            "@ab&#10;cd&#xA;ef",
            "@ab<br>cd<br />ef",
            "@ab\\\ncd\\\nef",
            "- @ab\n  cd\n  ef",
        ] {
            let text = unfolded(source);
            let lines: Vec<_> = text.split_ascii_whitespace().take(3).collect();
            assert_eq!(lines, ["@ab", "cd", "ef"], "{source}");
        }
    }

    #[test]
    fn escaped_signs_are_the_signs() {
        assert_eq!(unfolded("\"@a\\/b\\u002Bc\\u003d\\u003D\""), "@a/b+c==");
        assert_eq!(unfolded("@a\\=b"), "@a=b");
    }

    #[test]
    fn what_cannot_belong_to_a_block_ends_it() {
        for source in ["\"@a\" + body + \"b\"", "'@a'", "`@a${x}`", "@a\0b", "@a</pre>", "@a&lt;b"]
        {
            let text = unfolded(source);
            assert!(text == "@a" || text.starts_with("@a$"), "{source}: {text}");
        }
        let long = format!("@{}", "a".repeat(2 * MAX_BLOCK));
        assert_eq!(unfolded(&long).len(), MAX_BLOCK);
    }

    #[test]
    fn ends_are_those_of_the_source() {
        let unfolded = unfold(b"  '@a\\nb' +\n '\\u002b'", 3, b"@");
        assert_eq!(unfolded.text, b"@a\nb\n+");
        let ends: Vec<_> = (1..=6).map(|length| unfolded.source_end(length).unwrap()).collect();
        assert_eq!(ends, [4, 5, 7, 8, 14, 20]);
        assert_eq!(unfolded.source_end(0), None);
        assert_eq!(unfolded.source_end(7), None);
    }

    /// Layouts that a file may have a key in.
    type Layout = fn(&str) -> String;

    fn each_line(key: &str, before: &str, after: &str) -> String {
        key.lines().map(|line| format!("{before}{line}{after}\n")).collect()
    }

    const LAYOUTS: &[Layout] = &[
        |key| key.replace('\n', "\r\n"),
        |key| format!("\"{}\",", key.replace('\n', "\\n")),
        |key| format!("\\\"{}\\\",", key.replace('\n', "\\\\n")),
        |key| format!("key: |\n{}other: x", each_line(key, "\t ", "")),
        |key| each_line(key, "// ", ""),
        |key| each_line(key, "-", ""),
        |key| format!("[{}]", each_line(key, "'", "',")),
        |key| each_line(key, "    \"", "\\n\" +"),
        |key| key.replace('\n', "<br/>"),
        |key| key.replace('/', "\\/").replace('+', "\\u002b"),
        |key| data_encoding::BASE64.encode(key.as_bytes()),
        |key| data_encoding::HEXLOWER.encode(key.as_bytes()),
        |key| {
            let base64 = data_encoding::BASE64.encode(key.as_bytes());
            let lines = base64.as_bytes().chunks(76);
            lines.map(|line| String::from_utf8_lossy(line).into_owned() + "\n").collect()
        },
    ];

    const KINDS: &[&str] = &[
        "rsa",
        "pkcs8",
        "ec",
        "dsa",
        "ed25519",
        "encrypted",
        "encrypted-rsa",
        "openssh",
        "openssh-rsa",
        "openssh-encrypted",
        "pgp",
        "pgp-encrypted",
        "putty",
        "putty-encrypted",
    ];

    fn key(kind: &str, seed: u64) -> String {
        let template = Template::parse(&format!("{{private-key:{kind}}}")).unwrap();
        template.fill(&mut Rng::new(seed))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn a_key_is_one_record_in_every_layout(
            kind in prop::sample::select(KINDS),
            seed in any::<u64>(),
            layout in 0..LAYOUTS.len(),
            around in "[ -~]{0,20}",
        ) {
            let rules = Ruleset::built_in();
            let scanner = KeyScanner::new(&rules);
            let key = key(kind, seed);
            let text = format!("{around}\n{}\n{around}\n", LAYOUTS[layout](&key));
            let (plain, other) = (key.as_bytes(), text.as_bytes());
            let plain = scanner.find(&Chunk::whole(plain)).keys;
            let found = scanner.find(&Chunk::whole(other)).keys;
            prop_assert_eq!(plain.len(), 1);
            prop_assert_eq!(found.len(), 1, "{}", kind);
            prop_assert_eq!(plain[0].id(), found[0].id());
            prop_assert_eq!(plain[0].span.clone(), 0..key.trim_end().len());
        }

        #[test]
        fn no_text_is_too_strange(
            kind in prop::sample::select(KINDS),
            seed in any::<u64>(),
            layout in 0..LAYOUTS.len(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            end in any::<prop::sample::Index>(),
            is_cut in any::<bool>(),
        ) {
            let rules = Ruleset::built_in();
            let scanner = KeyScanner::new(&rules);
            let mut text = LAYOUTS[layout](&key(kind, seed)).into_bytes();
            for (at, byte) in edits {
                let at = at.index(text.len());
                text[at] = byte;
            }
            if is_cut {
                text.truncate(end.index(text.len()) + 1);
            }
            for key in scanner.find(&Chunk::whole(&text)).keys {
                prop_assert!(key.span.end <= text.len() && key.span.start < key.span.end);
                prop_assert!(key.secret.reveal().len() >= 40);
            }
        }
    }

    /// The text that is decoded around an escape ends within the key.
    #[test]
    fn a_key_is_one_record_near_an_escape() {
        let rules = Ruleset::built_in();
        let scanner = KeyScanner::new(&rules);
        for kind in KINDS {
            let key = key(kind, 0).replace('\n', "\\n");
            for escape in ["a\\/0", "\\x61"] {
                let text = format!("{escape}\n\"{key}\",\n{escape}\n");
                assert_eq!(scanner.find(&Chunk::whole(text.as_bytes())).keys.len(), 1, "{kind}");
            }
        }
    }
}
