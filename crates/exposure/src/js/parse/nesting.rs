//! Estimates how deeply a text nests without parsing it: the parser and the lowering recurse.

/// Nesting tokens that are safe on any thread; also the reserve of a stack made for a module.
pub(super) const SAFE_TOKENS: usize = 400;

/// Nesting tokens that a module may have at all.
pub(super) const MAX_TOKENS: usize = 1 << 18;

/// Brackets that may be open at once. The parser repeats possible parameters of arrow functions and
/// type arguments, and nesting multiplies that.
pub(super) const MAX_OPEN_BRACKETS: usize = 1000;

/// Conditions of a TypeScript module whose first branch may be the parameters of an arrow function,
/// `a ? (b) : c => d`: if they nest, the parser repeats the rest of the module for each.
pub(super) const MAX_AMBIGUOUS_CONDITIONS: usize = 500;

/// Arrow functions of a TypeScript module: if they nest, the parser repeats the rest for each.
pub(super) const MAX_ARROWS: usize = 4000;

/// True if counting bytes proves that a text is within all limits and has at most `shallow` nesting
/// tokens. That is fast, and enough for most texts.
pub(super) fn is_plain(bytes: &[u8], shallow: usize) -> bool {
    let marks = count(bytes, |byte| byte.is_ascii_punctuation());
    // The shortest words that count have two letters, and something separates them.
    marks + (bytes.len() - marks) / 3 < shallow
        && count(bytes, |byte| matches!(byte, b'(' | b'[' | b'{' | b'<')) <= MAX_OPEN_BRACKETS
        && count(bytes, |byte| byte == b'?') <= MAX_AMBIGUOUS_CONDITIONS
        && count(bytes, |byte| byte == b'>') <= MAX_ARROWS
}

/// Counts bytes; sums of up to 255 fit into a byte, so that many are counted at once.
pub(super) fn count(bytes: &[u8], is_meant: impl Fn(u8) -> bool) -> usize {
    let few = |few: &[u8]| few.iter().map(|&byte| u8::from(is_meant(byte))).sum::<u8>();
    bytes.chunks(usize::from(u8::MAX)).map(|chunk| usize::from(few(chunk))).sum()
}

/// An upper bound of how deeply a text nests, made without parsing.
#[derive(Default)]
pub(super) struct NestingEstimate {
    /// Tokens that can open a level of any kind: the text cannot nest deeper. Those in strings and
    /// comments count, too, as only a parser can tell.
    pub(super) tokens: usize,
    /// The most brackets that are open at once, as far as can be told.
    pub(super) depth: usize,
    /// Occurrences of `?` that are followed by a possible start of an arrow function.
    pub(super) guesses: usize,
    /// Occurrences of `=>`.
    pub(super) arrows: usize,
}

impl NestingEstimate {
    pub(super) fn of(source: &str) -> Self {
        let bytes = source.as_bytes();
        let mut own = Self::default();
        let mut brackets = 0_usize;
        let mut angles = 0_usize;
        // One past the last string or comment, which is not code.
        let mut code = 0;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii_alphabetic() {
                let start = at;
                while bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
                    at += 1;
                }
                own.tokens += usize::from(opens_level(&bytes[start..at]));
                continue;
            }
            own.tokens += usize::from(is_opening(byte));
            at += 1;
            if at <= code {
                continue;
            }
            match byte {
                b'(' | b'[' | b'{' => brackets += 1,
                b')' | b']' | b'}' => {
                    brackets = brackets.saturating_sub(1);
                    angles = 0;
                }
                b'<' => angles += 1,
                b'>' => {
                    angles = angles.saturating_sub(1);
                    own.arrows += usize::from(bytes[..at - 1].ends_with(b"="));
                }
                b';' => angles = 0,
                b'?' => {
                    let rest = bytes[at..].trim_ascii_start();
                    own.guesses +=
                        usize::from(rest.starts_with(b"(") || rest.starts_with(b"async"));
                }
                b'\\' => code = at + 1,
                b'"' | b'\'' => code = string_end(bytes, at),
                b'/' if bytes.get(at) == Some(&b'*') => {
                    let end = memchr::memmem::find(&bytes[at + 1..], b"*/");
                    code = end.map_or(bytes.len(), |end| at + 1 + end + 2);
                }
                b'/' if bytes.get(at) == Some(&b'/') => {
                    code = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                }
                _ => {}
            }
            own.depth = own.depth.max(brackets).max(angles);
        }
        own
    }
}

/// One past the string whose opening quote is before `start`; `start` if the line ends first.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start - 1];
    let mut at = start;
    // Strings are short; hostile lines are not, and would be read again and again.
    let limit = bytes.len().min(start + 4096);
    while at < limit {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' => return start,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    start
}

/// True if a byte can open a level of syntax.
fn is_opening(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b'[' | b'{' | b'<' | b'>' | b'!' | b'~' | b'+' | b'-' | b'*' | b'/' | b'%'
    ) || matches!(byte, b'&' | b'|' | b'^' | b'?' | b':' | b'=' | b'.' | b'`' | b'@')
}

/// True if a word can open a level of syntax.
fn opens_level(word: &[u8]) -> bool {
    matches!(
        word,
        b"abstract"
            | b"as"
            | b"asserts"
            | b"async"
            | b"await"
            | b"delete"
            | b"do"
            | b"else"
            | b"extends"
            | b"in"
            | b"infer"
            | b"instanceof"
            | b"is"
            | b"keyof"
            | b"new"
            | b"of"
            | b"readonly"
            | b"satisfies"
            | b"typeof"
            | b"unique"
            | b"void"
            | b"yield"
    )
}
