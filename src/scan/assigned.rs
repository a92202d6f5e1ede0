//! Values that stand where a key may stand: assigned to a name, given as an argument, a property, an
//! attribute, a header or the option of a command. Rules whose keys have no text of their own try
//! these values only, and only those near one of their words.

use std::ops::Range;

use super::runs::is_beginning;
use super::text_places::runs;
use crate::rules::{NearText, Nearby, is_value};

/// Bytes before a value that may belong to what it is assigned to.
pub(super) const BEFORE: usize = 512;

/// The most bytes on either side of a key in which a word may be near that is lines away.
pub(super) const LINES_REACH: usize = 2048;

/// Schemes of `Authorization` headers, which stand between its name and the value.
const SCHEMES: &[&[u8]] = &[b"bearer", b"basic", b"token", b"apikey"];

/// Endings of the names of headers with keys.
const HEADERS: &[&[u8]] = &[
    b"authorization",
    b"authorization: token token",
    b"api-key",
    b"apikey",
    b"api_key",
    b"auth-token",
    b"access-token",
];

/// Commands of programs that take a key: `wandb login KEY`, `snyk auth KEY`.
const COMMANDS: &[&[u8]] = &[b"login", b"auth", b"authtoken", b"add-authtoken", b"set-token"];

/// The marks before the quote of a literal in Objective-C, C#, Python, C++ and Rust, in any case.
const MARKS: &[&[u8]] = &[b"$@", b"@$", b"@", b"$", b"br", b"rb", b"b", b"r", b"u", b"f", b"l"];

/// The longest name of a value in bytes.
const LONGEST_NAME: usize = 80;

/// Endings of names whose values look like keys and are none.
const HASHES: &[&[u8]] = &[
    b"checksum",
    b"ciphertext",
    b"commit",
    b"digest",
    b"etag",
    b"fingerprint",
    b"hash",
    b"integrity",
    b"md5",
    b"md5sum",
    b"revision",
    b"secure",
    b"sha",
    b"sha1",
    b"sha256",
    b"sha384",
    b"sha512",
    b"sha256sum",
];

/// The longest nonce before a ciphertext.
const LONGEST_NONCE: usize = 32;

/// The word before a value that is encrypted (SOPS, eyaml, Jasypt), and the signs around it.
const ENCRYPTED: [(&[u8], u8, u8); 2] = [(b"ENC", b'[', b']'), (b"ENC", b'(', b')')];

/// Passes on the beginning of every value of `text` that begins in `range` and is assigned to
/// something, and the beginning of its line.
pub(super) fn values(text: &[u8], range: Range<usize>, each: &mut dyn FnMut(usize, usize)) {
    runs(text, &range, |run| {
        // A value that began before the range is not the range's.
        if range.contains(&run.start)
            && is_beginning(text, run.start)
            && let Some(line) = assigned_line(text, run.start)
        {
            each(line, run.start);
        }
    });
}

/// True if the words of a rule are near the value that begins at `start`.
pub(super) fn is_near(text: &[u8], start: usize, nearby: &Nearby) -> bool {
    nearby.holds(&near(text, start, nearby))
}

/// True if a word is near the value that the rule does not allow there.
pub(super) fn is_forbidden(text: &[u8], start: usize, nearby: &Nearby) -> bool {
    nearby.forbids(&near(text, start, nearby))
}

/// The bytes on either side of `span` that some lines have, with the rest of its own line: at most
/// [`LINES_REACH`] each.
pub(super) fn lines_around(
    text: &[u8],
    span: &Range<usize>,
    lines: usize,
) -> (Range<usize>, Range<usize>) {
    let from = span.start.saturating_sub(LINES_REACH);
    let to = text.len().min(span.end + LINES_REACH);
    let above = memchr::memrchr_iter(b'\n', &text[from..span.start]).nth(lines);
    let below = memchr::memchr_iter(b'\n', &text[span.end..to]).nth(lines);
    let from = above.map_or(from, |at| from + at + 1);
    (from..span.start, span.end..below.map_or(to, |at| span.end + at))
}

fn near(text: &[u8], start: usize, nearby: &Nearby) -> NearText {
    let mut near = NearText::default();
    if let Some(lines) = nearby.within_lines {
        let length = text[start..].iter().take_while(|&&byte| is_value(byte)).count();
        let (before, after) = lines_around(text, &(start..start + length), lines);
        near.add(text, before);
        near.add(text, after);
        return near;
    }
    let (_, length) = context(text, start);
    near.add(text, start - length.min(nearby.within)..start);
    near
}

/// The line before a place, and its length; if nothing else is before it on its line, also the line
/// before that.
fn context(text: &[u8], start: usize) -> (&[u8], usize) {
    let before = &text[start.saturating_sub(BEFORE)..start];
    let mut breaks = memchr::memrchr_iter(b'\n', before);
    let mut from = breaks.next().map_or(0, |at| at + 1);
    if trimmed(&before[from..]).is_empty() && from > 0 {
        from = breaks.next().map_or(0, |at| at + 1);
    }
    let line = &before[from..];
    (line, line.len())
}

/// The beginning of the line of the value at `start`, if it is assigned to something that is not
/// called a hash.
pub(super) fn assigned_line(text: &[u8], start: usize) -> Option<usize> {
    if !may_be_assigned(text, start) {
        return None;
    }
    let (line, length) = context(text, start);
    let is_own = is_assigned(line)
        && !is_encrypted(line)
        && !is_ciphertext(line)
        && !is_integrity(&text[start..]);
    is_own.then_some(start - length)
}

/// True if a value is a part of an encrypted one; `line` is what stands before it.
fn is_encrypted(line: &[u8]) -> bool {
    ENCRYPTED.iter().any(|&(name, open, close)| {
        let mut opens = memchr::memrchr_iter(open, line);
        let at = opens.find(|&at| line[..at].ends_with(name));
        at.is_some_and(|at| !line[at..].contains(&close))
    })
}

/// True if a value is a part of what Pulumi encrypted, `v1:NONCE:CIPHERTEXT`; `line` is what stands before it.
fn is_ciphertext(line: &[u8]) -> bool {
    let Some(before) = line.strip_suffix(b":") else { return false };
    let is_digit = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let length = before.iter().rev().take(LONGEST_NONCE).take_while(is_digit).count();
    let (before, nonce) = before.split_at(before.len() - length);
    let before = if nonce == b"v1" { Some(before) } else { before.strip_suffix(b"v1:") };
    before.is_some_and(|before| before.last().is_none_or(|&byte| !is_name(byte)))
}

/// True if a value says which hash it is: `sha512-…`.
fn is_integrity(value: &[u8]) -> bool {
    let bits = value.strip_prefix(b"sha").unwrap_or_default();
    [&b"1-"[..], b"256-", b"384-", b"512-"].iter().any(|own| bits.starts_with(own))
}

/// False if the byte before a value, spaces and quotes aside, rules out that it is assigned. Most
/// values are words in code, and their lines need not be looked for.
fn may_be_assigned(text: &[u8], start: usize) -> bool {
    let before = &text[start.saturating_sub(BEFORE)..start];
    match before.last() {
        // An address has a query behind a question mark.
        Some(b'?') => false,
        // A path of code goes on, as in `keys::first` and `self->first`.
        Some(b':' | b'>') if before.ends_with(b"::") || before.ends_with(b"->") => {
            let value = text[start..].iter().take_while(|byte| is_value(**byte));
            value.take(LONGEST_NAME).any(u8::is_ascii_digit)
        }
        Some(byte) if is_operator(*byte) => true,
        // A name or an option is not followed by a quote alone, and no value by another byte.
        Some(byte) if is_trimmed(*byte) => {
            let last = before.iter().rfind(|byte| !is_trimmed(**byte));
            last.is_some_and(|&byte| is_operator(byte) || is_name(byte) || b"@$".contains(&byte))
        }
        _ => false,
    }
}

/// The name of the value at `start`, whose line begins at `line`: what stands before it, without the
/// other arguments and properties of its line.
pub(super) fn name(text: &[u8], line: usize, start: usize) -> Range<usize> {
    let before = without_scheme(&text[line.max(start.saturating_sub(BEFORE))..start]);
    let before = without_or(before).unwrap_or(before);
    let operator = before.iter().rev().take_while(|byte| is_operator(**byte)).count();
    let before = trimmed(&before[..before.len() - operator]);
    let is_of_name = |byte: &&u8| !b",;{(&?".contains(byte);
    let length = before.iter().rev().take(LONGEST_NAME).take_while(is_of_name).count();
    let end = line.max(start.saturating_sub(BEFORE)) + before.len();
    end - length..end
}

/// True if a value with this name is sent in a header of a request, and tells who sends it.
pub(super) fn is_header(name: &[u8]) -> bool {
    // As in `headers["Authorization"]`.
    let close = name.iter().rev().take_while(|byte| matches!(byte, b']' | b'"' | b'\''));
    let name = &name[..name.len() - close.count()];
    HEADERS.iter().any(|header| without_end(name, header).is_some())
}

/// The text before a value, without spaces, quotes and the scheme of a header or the mark of a literal at its
/// end.
fn without_scheme(line: &[u8]) -> &[u8] {
    let before = without_mark(line);
    let scheme = SCHEMES.iter().find_map(|scheme| without_end(before, scheme));
    // The end of a name, as in `acme-token`, is none.
    scheme
        .filter(|rest| rest.last().is_none_or(|&byte| !is_name(byte)))
        .map_or(before, without_mark)
}

/// The text before a value, without spaces, quotes, and what stands before a quote in some languages: `@"…"`,
/// `b"…"`.
fn without_mark(line: &[u8]) -> &[u8] {
    let before = trimmed(line);
    if !matches!(&line[before.len()..], [b'"' | b'\'', ..]) {
        return before;
    }
    let mark = MARKS.iter().find_map(|mark| without_end(before, mark));
    mark.filter(|rest| rest.last().is_none_or(|&byte| !is_name(byte))).map_or(before, trimmed)
}

/// The text before the word `or`, behind which a literal is the default of what is called or looked up, as in
/// Python, Ruby and Lua.
fn without_or(before: &[u8]) -> Option<&[u8]> {
    let rest = before.strip_suffix(b" or")?.trim_ascii_end();
    let rest = rest.strip_suffix(b")").or(rest.strip_suffix(b"]"))?;
    Some(trimmed(rest))
}

/// True if a value is assigned to something that is not called a hash; `line` is what stands before
/// it.
fn is_assigned(line: &[u8]) -> bool {
    let spaced = line.len() > trimmed(line).len();
    let is_quoted = line.last().is_some_and(|byte| matches!(byte, b'"' | b'\''));
    let before = without_scheme(line);
    let name = match before.last() {
        Some(last) if is_operator(*last) => {
            let operator = before.iter().rev().take_while(|byte| is_operator(**byte)).count();
            let name = trimmed(&before[..before.len() - operator]);
            last_token(name)
        }
        // `--api-key VALUE`, `ENV API_KEY VALUE` of a Dockerfile, and `(setq api-key "VALUE")`.
        Some(b'r') if is_quoted && without_or(before).is_some() => {
            last_token(without_or(before).unwrap_or_default())
        }
        Some(_) if spaced => {
            let token = last_token(before);
            let is_named = is_option(token)
                || is_variable(token)
                || COMMANDS.contains(&token)
                || is_quoted && before.len() < trimmed_quotes(line).len() && is_compound(token);
            if !is_named {
                return false;
            }
            token
        }
        _ => return false,
    };
    !HASHES.iter().any(|hash| without_end(name, hash).is_some())
}

/// The characters that assign something to a name.
fn is_operator(byte: u8) -> bool {
    b"=:>(,[{|?".contains(&byte)
}

/// Quotes, spaces and line breaks.
fn is_trimmed(byte: u8) -> bool {
    b" \t\r\n\"'`\\".contains(&byte)
}

/// The characters of names and options.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)
}

/// A text without the quotes, spaces and line breaks at its end.
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    &text[..text.iter().rposition(|byte| !is_trimmed(*byte)).map_or(0, |at| at + 1)]
}

/// A text without an ending, in any case.
pub(super) fn without_end<'t>(text: &'t [u8], ending: &[u8]) -> Option<&'t [u8]> {
    let at = text.len().checked_sub(ending.len())?;
    text[at..].eq_ignore_ascii_case(ending).then_some(&text[..at])
}

/// The name or option at the end of a text.
pub(super) fn last_token(text: &[u8]) -> &[u8] {
    &text[text.len() - text.iter().rev().take_while(|byte| is_name(**byte)).count()..]
}

fn is_option(token: &[u8]) -> bool {
    token.len() > 1 && token[0] == b'-'
}

/// A text without the quotes at its end.
fn trimmed_quotes(text: &[u8]) -> &[u8] {
    let is_quote = |byte: &&u8| matches!(byte, b'"' | b'\'');
    &text[..text.len() - text.iter().rev().take_while(is_quote).count()]
}

/// True for `api-key` and `api_key`.
fn is_compound(token: &[u8]) -> bool {
    let mut parts = token.split(|byte| matches!(byte, b'-' | b'_'));
    let is_word = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_alphanumeric);
    parts.clone().count() > 1 && parts.all(is_word)
}

/// True for `API_KEY`.
fn is_variable(token: &[u8]) -> bool {
    token.contains(&b'_')
        && token.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_be_some_lines_away_on_either_side() {
        let near = |lines| Nearby::within_lines(&["acme".to_owned()], &[], None, Some(lines));
        let text = "acme:\n  region: x\n  key: VALUE\n  a: b\n".replace("VALUE", VALUE);
        let start = text.find(VALUE).unwrap();
        for (lines, expected) in [(0, false), (1, false), (2, true), (20, true)] {
            assert_eq!(is_near(text.as_bytes(), start, &near(lines)), expected, "{lines}");
        }
        let text = format!("key: {VALUE}\n\nname: acme\n");
        assert!(is_near(text.as_bytes(), 5, &near(2)) && !is_near(text.as_bytes(), 5, &near(1)));
        assert!(is_near(format!("{VALUE} # acme").as_bytes(), 0, &near(0)));
    }

    /// A value of the right length, and of no particular form.
    const VALUE: &str = "0000111122223333";

    fn is_found(text: &str) -> bool {
        let text = text.replace("VALUE", VALUE);
        let mut found = Vec::new();
        values(text.as_bytes(), 0..text.len(), &mut |_, at| found.push(at));
        found.iter().any(|&at| text[at..].starts_with(VALUE))
    }

    #[test]
    fn values_are_found_where_something_is_assigned() {
        for text in [
            "ACME_KEY=VALUE",
            "export ACME_KEY='VALUE'",
            "acmeKey: \"VALUE\",",
            "{ \"acme_key\": \"VALUE\" }",
            "{\\\"acme_key\\\":\\\"VALUE\\\"}",
            "const key: string = `VALUE`;",
            "client = Acme(api_key='VALUE')",
            "acme.init(\"VALUE\")",
            "acme.init(app, 'VALUE')",
            "<add key=\"AcmeKey\" value=\"VALUE\"/>",
            "<acmeKey>VALUE</acmeKey>",
            "Authorization: Bearer VALUE",
            "-H 'X-Acme-Key: VALUE'",
            "acme --api-key VALUE",
            "acme -k \"VALUE\"",
            "ENV ACME_KEY VALUE",
            "acme_key:\n  VALUE",
            "key := \"VALUE\"",
            "'key' => 'VALUE'",
            "const key = env.ACME_KEY ?? 'VALUE';",
            "key = os.getenv('ACME_KEY') or 'VALUE'",
            "key = config[\"acme_key\"] or \"VALUE\"",
            "const key = isLive ? 'VALUE' : '';",
            "NSString *const kAcmeKey = @\"VALUE\";",
            "var key = @\"VALUE\";",
            "key = b'VALUE'",
            "Acme(key=rb\"VALUE\")",
            "(setq acme-api-key \"VALUE\")",
            "(setq acme-token \"VALUE\")",
            "-H 'Authorization: token VALUE'",
            "{:acme-api-key \"VALUE\"}",
            "proxy_set_header X-Acme-Key \"VALUE\";",
            "acme-v1:VALUE",
            "acme login VALUE",
            "acme auth 'VALUE'",
            "{\"v1\":\"VALUE\"}",
        ] {
            assert!(is_found(text), "{text}");
        }
    }

    #[test]
    fn hashes_words_and_parts_of_longer_texts_are_no_values() {
        for text in [
            "VALUE",
            "see VALUE",
            "the key VALUE is",
            "sha256:VALUE",
            "\"integrity\": \"VALUE\"",
            "image@sha256:VALUE",
            "git_commit = \"VALUE\"",
            "uses: acme/action@VALUE",
            "https://acme.example/VALUE",
            "key = \"x\"\nVALUE  file.txt",
            "key = 000011112222333",
            "https://acme.example/?VALUE",
            "see \"VALUE\"",
            "the key \"VALUE\"",
            "acme-api-key\"VALUE\"",
            "acme@VALUE",
            "acme- \"VALUE\"",
            "grab\"VALUE\"",
            "use this or 'VALUE'",
            "the login is VALUE",
            "acme-login VALUE",
            "key = os.getenv('GIT_COMMIT') or 'VALUE'",
            "ACME_KEY=ENC[AES256_GCM,data:abcd,iv:VALUE,tag:abcd,type:str]",
            "acme.key=ENC(VALUE)",
            "ACME_KEY=sha512-VALUE",
            "ACME_KEY=v1:VALUE:abcd",
            "acme_key: \"v1:Ab+/0000cdefghij:VALUE\"",
            "acme:key:\n  secure: VALUE",
        ] {
            assert!(!is_found(text), "{text}");
        }
    }

    #[test]
    fn a_range_has_the_values_that_begin_in_it() {
        let text = format!("a={VALUE} b={VALUE} c={VALUE}").into_bytes();
        let starts = |range: Range<usize>| {
            let mut starts = Vec::new();
            values(&text, range, &mut |_, at| starts.push(at));
            starts
        };
        let all = starts(0..text.len());
        assert_eq!(all, [2, 21, 40]);
        for middle in 0..=text.len() {
            assert_eq!([starts(0..middle), starts(middle..text.len())].concat(), all, "{middle}");
        }
    }

    #[test]
    fn words_are_near_on_the_same_line_or_above_a_value_alone() {
        let nearby = |within| Nearby::new(&["acme".to_owned()], &[], Some(within));
        for (text, within, expected) in [
            ("ACME_KEY=VALUE", 60, true),
            ("acme.connect(region, { key: 'VALUE' })", 60, true),
            ("acme.connect(region, { key: 'VALUE' })", 20, false),
            ("acme\nkey = 'VALUE'", 60, false),
            ("acme_key:\n    'VALUE'", 60, true),
        ] {
            let text = text.replace("VALUE", VALUE);
            let start = text.find(VALUE).unwrap();
            assert_eq!(is_near(text.as_bytes(), start, &nearby(within)), expected, "{text}");
        }
    }
}
