//! Sentences in which code stands between backticks, for formats that show code as such.

/// `text` with its words and its code each put as a format needs it. An odd backtick is a word.
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
    fn what_stands_between_backticks_is_code() {
        let told = |text| prose(text, str::to_owned, |code| format!("<{code}>"));
        for (text, expected) in [
            ("", ""),
            ("a b", "a b"),
            ("a `b` c `d`", "a <b> c <d>"),
            ("a `b", "a `b"),
            ("`a` `", "`a` `"),
            ("``", "<>"),
        ] {
            assert_eq!(told(text), expected);
        }
    }
}
