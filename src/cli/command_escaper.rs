//! Escapes the commands of build servers in printed text.
//!
//! GitHub Actions and compatible servers read commands from a job's log: lines that begin with `::`
//! (after white space), and `##[…]` anywhere in a line; Azure Pipelines reads `##vso[…]`. keyside
//! prints text of scanned files, paths and commits, which could set an output or hide an error. So
//! no line of standard output or standard error begins with `::`, and no `##` comes before a word
//! and a bracket: the second character of either is escaped.
//!
//! Escaping works line by line and always. Asking GitHub to stop reading commands would need a secret
//! word, and fails if both streams interleave, the run is killed, or a container does not know who
//! reads its log.

use std::io::{self, Write};

/// A stream that escapes commands. It holds each line back until it is complete.
pub(super) struct CommandEscaper<W: Write> {
    out: W,
    line: Vec<u8>,
}

impl<W: Write> CommandEscaper<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, line: Vec::new() }
    }

    /// Writes the pending line.
    fn write_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.out.write_all(&escape_commands(&line, "\\x3a", "\\x23"))
    }
}

impl<W: Write> Write for CommandEscaper<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        for line in text.split_inclusive(|byte| is_line_end(*byte)) {
            self.line.extend_from_slice(line);
            if line.last().is_some_and(|byte| is_line_end(*byte)) {
                self.write_line()?;
            }
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_line()?;
        self.out.flush()
    }
}

impl<W: Write> Drop for CommandEscaper<W> {
    fn drop(&mut self) {
        // An error cannot be reported from here.
        let _ = self.flush();
    }
}

/// Log readers treat a lone carriage return as the end of a line, too.
fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Escapes commands: `colon` replaces the second character of a leading `::`, `hash` that of
/// `##word[`. An empty replacement leaves them unchanged.
pub(super) fn escape_commands(text: &[u8], colon: &str, hash: &str) -> Vec<u8> {
    let mut shown = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| is_line_end(*byte)) {
        let mut rest = line;
        if !colon.is_empty() && starts_command(line) {
            let at = memchr::memchr(b':', line).map_or(line.len(), |at| at + 1);
            shown.extend_from_slice(&line[..at]);
            shown.extend_from_slice(colon.as_bytes());
            rest = &line[at + 1..];
        }
        while let Some(at) = memchr::memmem::find(rest, b"##").filter(|_| !hash.is_empty()) {
            shown.extend_from_slice(&rest[..=at]);
            rest = &rest[at + 1..];
            let word = rest[1..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            if rest.get(word + 1) == Some(&b'[') {
                shown.extend_from_slice(hash.as_bytes());
                rest = &rest[1..];
            }
        }
        shown.extend_from_slice(rest);
    }
    shown
}

/// True if a line begins with `::` once its reader has trimmed it.
fn starts_command(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').starts_with("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_become_text() {
        for (text, shown) in [
            ("::error::x\n", ":\\x3aerror::x\n"),
            (" \t\u{a0}\u{feff}::x", " \t\u{a0}\u{feff}:\\x3ax"),
            ("a\r::x\r\n::y", "a\r:\\x3ax\r\n:\\x3ay"),
            ("a ::error::x", "a ::error::x"),
            ("std::io", "std::io"),
            (":::", ":\\x3a:"),
            ("a ##[error]x", "a #\\x23[error]x"),
            ("##vso[task.x]##[y]", "#\\x23vso[task.x]#\\x23[y]"),
            ("###[x] ## [x] ## Title", "##\\x23[x] ## [x] ## Title"),
            ("####", "####"),
            ("##", "##"),
            ("", ""),
        ] {
            let once = escape_commands(text.as_bytes(), "\\x3a", "\\x23");
            assert_eq!(String::from_utf8(once.clone()).unwrap(), shown);
            assert_eq!(escape_commands(&once, "\\x3a", "\\x23"), once, "{text}");
        }
    }

    #[test]
    fn it_does_not_matter_how_the_text_is_written() {
        let text = "a ##[x]\n::b::\r  ::c\n\n::";
        for size in 1..text.len() {
            let mut out = Vec::new();
            let mut stream = CommandEscaper::new(&mut out);
            for part in text.as_bytes().chunks(size) {
                stream.write_all(part).unwrap();
            }
            drop(stream);
            assert_eq!(
                String::from_utf8(out).unwrap(),
                "a #\\x23[x]\n:\\x3ab::\r  :\\x3ac\n\n:\\x3a",
                "{size}"
            );
        }
    }

    #[test]
    fn no_text_is_left_that_is_a_command() {
        const SIGNS: [char; 6] = [':', '#', '[', 'v', ' ', '\n'];
        let is_command = |line: &str| {
            let is_old = (0..3).any(|count| line.contains(&format!("##{}[", "v".repeat(count))));
            line.trim_start().starts_with("::") || is_old
        };
        let mut commands = 0;
        for number in 0..SIGNS.len().pow(7) {
            let mut rest = number;
            let mut text = String::new();
            for _ in 0..7 {
                text.push(SIGNS[rest % SIGNS.len()]);
                rest /= SIGNS.len();
            }
            commands += usize::from(text.lines().any(is_command));
            let shown =
                String::from_utf8(escape_commands(text.as_bytes(), "\\x3a", "\\x23")).unwrap();
            assert!(!shown.lines().any(is_command), "{text:?} {shown:?}");
            // Nothing is lost, and nothing else is changed.
            assert_eq!(shown.replace("\\x3a", ":").replace("\\x23", "#"), text);
        }
        assert!(commands > 1_000, "{commands}");
    }
}
