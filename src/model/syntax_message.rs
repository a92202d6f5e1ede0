//! Faults of settings files in plain words.

/// The words of the parser for types, and plain ones.
const TYPES: [(&str, &str); 10] = [
    ("wanted string or table", "is no text"),
    ("expected a sequence", "expected a list, as in [\"a\", \"b\"]"),
    ("expected a map", "expected a table"),
    ("expected a boolean", "expected true or false"),
    ("expected bool", "expected true or false"),
    ("expected usize", "expected a whole number"),
    ("expected u16", "expected a whole number"),
    ("expected u32", "expected a whole number"),
    ("expected u64", "expected a whole number"),
    ("expected struct", "expected a table"),
];

/// A parser's message about the value at `at` of a text in TOML, in plain words and with the name of the field.
#[must_use]
pub fn syntax_message(text: &str, at: Option<usize>, message: &str) -> String {
    let mut message = message.replace('\n', "; ");
    for (types, plain) in TYPES {
        if let Some(found) = message.find(types) {
            // The name of a type of the program says nothing.
            let is_named = types.ends_with("struct");
            let end = if is_named { message.len() } else { found + types.len() };
            message.replace_range(found..end, plain);
        }
    }
    let field = at.and_then(|at| field_of(text, at));
    match field.filter(|_| !message.starts_with("unknown field")) {
        Some(field) => format!("`{field}`: {message}"),
        None => message,
    }
}

/// The name of the field whose value is at `at`.
fn field_of(text: &str, at: usize) -> Option<&str> {
    let before = text.get(..at)?;
    let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    let (name, rest) = line.split_once('=')?;
    let name = name.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '"');
    let is_alone = rest.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'['));
    (is_alone && !name.is_empty() && name.chars().all(is_name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_field_in_plain_words() {
        for (text, value, message, expected) in [
            (
                "a = 1\nclass = \"x\"",
                "\"x\"",
                "unknown variant `x`, expected `y`",
                "`class`: unknown variant `x`, expected `y`",
            ),
            (
                "words = \"x\"",
                "\"x\"",
                "invalid type: string \"x\", expected a sequence",
                "`words`: invalid type: string \"x\", expected a list, as in [\"a\", \"b\"]",
            ),
            (
                "sum = \"x\"",
                "\"x\"",
                "invalid type: string \"x\", expected struct RawSum",
                "`sum`: invalid type: string \"x\", expected a table",
            ),
            ("level = 1", "1", "wanted string or table", "`level`: is no text"),
            ("[a]\nb = 1", "[a]", "missing field `c`", "missing field `c`"),
            ("klass = 1", "klass", "unknown field `klass`", "unknown field `klass`"),
        ] {
            assert_eq!(syntax_message(text, text.find(value), message), expected);
        }
        assert_eq!(syntax_message("\u{e9} = 1", Some(1), "m"), "m");
        assert_eq!(syntax_message("", None, "a\nb"), "a; b");
    }
}
