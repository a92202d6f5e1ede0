//! The lists of folders to borrow objects from (gitrepository-layout(5), `objects/info/alternates`).

/// The paths in a list, which a separator ends. One in quotes has escapes, as git writes odd names.
pub(super) fn listed_paths(text: &[u8], separator: u8) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let quoted = rest.strip_prefix(b"\"").and_then(unquoted);
        let end =
            |text: &[u8]| text.iter().position(|&byte| byte == separator).unwrap_or(text.len());
        let (path, after) = match quoted {
            Some((path, after)) => (path, &after[end(after)..]),
            None => (rest[..end(rest)].to_vec(), &rest[end(rest)..]),
        };
        rest = after.get(1..).unwrap_or_default();
        let is_comment = path.starts_with(b"#") && separator == b'\n';
        if !path.is_empty() && !is_comment {
            paths.push(path);
        }
    }
    paths
}

/// Reads a text up to its closing quote, and what follows; `None` if it is not quoted as git does it.
fn unquoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (mut path, mut at) = (Vec::new(), 0);
    loop {
        let byte = *text.get(at)?;
        at += 1;
        match byte {
            b'"' => return Some((path, &text[at..])),
            b'\n' => return None,
            b'\\' => {
                let escape = *text.get(at)?;
                at += 1;
                path.push(match escape {
                    b'a' => 0x07,
                    b'b' => 0x08,
                    b'f' => 0x0c,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'v' => 0x0b,
                    b'\\' | b'"' => escape,
                    b'0'..=b'3' => {
                        let digits = std::str::from_utf8(text.get(at - 1..at + 2)?).ok()?;
                        at += 2;
                        u8::from_str_radix(digits, 8).ok()?
                    }
                    _ => return None,
                });
            }
            _ => path.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_git_does() {
        for (text, separator, paths) in [
            ("/a\n../b\n", b'\n', vec!["/a", "../b"]),
            ("# none\n\n/a b", b'\n', vec!["/a b"]),
            ("\"/a\\040b\\tc\\\"\"\n/d\n", b'\n', vec!["/a b\tc\"", "/d"]),
            ("\"/a:b\":/c", b':', vec!["/a:b", "/c"]),
            ("#a:/b", b':', vec!["#a", "/b"]),
            // What is not quoted properly is a name.
            ("\"/a\n/b", b'\n', vec!["\"/a", "/b"]),
            ("\"/\\9\"\n", b'\n', vec!["\"/\\9\""]),
        ] {
            let read = listed_paths(text.as_bytes(), separator);
            let read: Vec<_> =
                read.into_iter().map(|path| String::from_utf8(path).unwrap()).collect();
            assert_eq!(read, paths, "{text}");
        }
    }
}
