//! Text of scanned files and repositories, made safe to show.

/// Escapes characters that could steer a terminal, reverse text or hide in it.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => shown.push_str("    "),
            '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}' => {
                shown.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c if c.is_control() => shown.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_steer_the_terminal() {
        assert_eq!(visible("a\tb\x1b[31m\u{202e}x\u{9b}é"), "a    b\\x1b[31m\\u{202e}x\\x9bé");
        for invisible in ['\u{ad}', '\u{61c}', '\u{2028}', '\u{2069}', '\u{feff}', '\u{e0041}'] {
            let shown = visible(&invisible.to_string());
            assert_eq!(shown, format!("\\u{{{:x}}}", u32::from(invisible)));
        }
    }
}
