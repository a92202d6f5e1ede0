//! Sentences with code between backticks, for formats that can show code.

/// Formats the words and the code of `text`. Unpaired backticks are taken literally.
pub(super) fn prose(text: &str, word: fn(&str) -> String, code: fn(&str) -> String) -> String {
    let parts: Vec<_> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return word(text);
    }
    let parts = parts.iter().enumerate();
    parts.map(|(nth, part)| if nth % 2 == 0 { word(part) } else { code(part) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_between_backticks_is_code() {
        let formatted = |text| prose(text, str::to_owned, |code| format!("<{code}>"));
        for (text, expected) in [
            ("", ""),
            ("a b", "a b"),
            ("a `b` c `d`", "a <b> c <d>"),
            ("a `b", "a `b"),
            ("`a` `", "`a` `"),
            ("``", "<>"),
        ] {
            assert_eq!(formatted(text), expected);
        }
    }
}
