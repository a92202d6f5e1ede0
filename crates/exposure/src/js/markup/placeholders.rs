//! Placeholders that a build replaces by the values of variables.

use std::ops::Range;

/// The names of variables in the placeholders of a page: `%NAME%`, `%sveltekit.env.NAME%`, `<%=
/// NAME %>`, `<%= process.env.NAME %>`.
pub(crate) fn placeholders(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    for at in memchr::memchr_iter(b'%', text.as_bytes()) {
        let rest = &text[at + 1..];
        let (inner, is_template) = match rest.strip_prefix(['=', '-']) {
            Some(inner) if text[..at].ends_with('<') => (inner.trim_start(), true),
            _ => (rest, false),
        };
        let prefixes: &[&str] =
            if is_template { &["process.env.", "import.meta.env."] } else { &["sveltekit.env."] };
        let inner = prefixes.iter().find_map(|prefix| inner.strip_prefix(prefix)).unwrap_or(inner);
        let length = inner.bytes().take_while(|byte| is_name(byte)).count();
        let after = &inner[length..];
        let is_closed =
            if is_template { after.trim_start().starts_with("%>") } else { after.starts_with('%') };
        if length > 0 && is_closed {
            let start = text.len() - inner.len();
            found.push(start..start + length);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn pages_name_variables() {
        for (text, expected) in [
            ("<meta content=\"%VITE_A%\"> 50% of 7%", &["VITE_A"][..]),
            ("%sveltekit.env.PUBLIC_A% %sveltekit.head%", &["PUBLIC_A"]),
            ("<%= VUE_APP_A %><%- process.env.PUBLIC_B%>", &["VUE_APP_A", "PUBLIC_B"]),
            ("%% % A % %A <%= a.b %> <%A%>", &["A"]),
            ("", &[]),
            ("%\u{e9}%", &[]),
        ] {
            let found: Vec<&str> =
                placeholders(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
