//! Python's pickles of protocol 0, which is written in letters: `V` or `S` stands before each text.

use super::counted_string::CountedString;

/// The beginnings of such pickles, and the letters that may stand before one of a text.
const BEGINNINGS: [&[u8]; 6] = [b"(dp", b"(lp", b"(V", b"(S'", b"ccopy_reg\n", b"c__"];
const BETWEEN: &[u8] = b"(adlsteubR.)";

/// The texts of a pickle; `None` for other files.
pub(super) fn pickled_strings(text: &[u8]) -> Option<Vec<CountedString>> {
    BEGINNINGS.iter().find(|begin| text.starts_with(begin))?;
    text.trim_ascii_end().ends_with(b".").then_some(())?;
    let mut all: Vec<CountedString> = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
        let line = &text[start..end];
        let between = line.iter().take_while(|byte| BETWEEN.contains(byte)).count();
        let content = match &line[between..] {
            [b'V', ..] => Some(start + between + 1..end),
            [b'S', quote @ (b'\'' | b'"'), .., close] if quote == close => {
                Some(start + between + 2..end - 1)
            }
            _ => None,
        };
        // The value of a name follows it at once.
        let is_value = between == 0 && all.last().is_some_and(|last| !last.is_value);
        if let Some(content) = content.filter(|content| (2..=content.end).contains(&content.start))
        {
            // Two bytes, which tell that the text does not stand there as it is.
            all.push(CountedString { start: content.start - 2, content, is_value });
        }
        start = end + 1;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &[u8]) -> Option<Vec<(String, bool)>> {
        let all = pickled_strings(text)?.into_iter();
        let text = |own: CountedString| {
            (String::from_utf8_lossy(&text[own.content]).into_owned(), own.is_value)
        };
        Some(all.map(text).collect())
    }

    #[test]
    fn names_and_values_are_read() {
        let all = texts(b"(dp0\nVkey\np1\nVvalue\np2\nsVother\np3\nS'x y'\np4\ns.").unwrap();
        let own = |text: &str, is_value| (text.to_owned(), is_value);
        assert_eq!(
            all,
            [own("key", false), own("value", true), own("other", false), own("x y", true)]
        );
        let all = texts(b"(lp0\nVone\np1\naVtwo\np2\na.").unwrap();
        assert_eq!(all, [own("one", false), own("two", false)]);
        assert_eq!(texts(b"(dp0\nVkey\n"), None);
        assert_eq!(texts(b"(a list.)"), None);
    }

    proptest! {
        #[test]
        fn any_lines_are_read_or_not(text in "\\(dp0\n([VSas(]{0,2}['a]{0,4}\n){0,9}\\.") {
            texts(text.as_bytes());
        }
    }
}
