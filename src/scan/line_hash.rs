//! GitHub's `primaryLocationLineHash`, by which code scanning recognises an alert after its line
//! has moved. The algorithm is that of github/codeql-action, `src/fingerprints.ts`: a rolling hash
//! over the 100 UTF-16 units from the beginning of a line on, without blanks and tabs.

use std::collections::HashMap;

/// Units in the window.
const BLOCK: usize = 100;
const FACTOR: u64 = 37;
const END: u16 = 0xffff;

/// The hashes of the given lines (1-based, in order), in that order; `None` for a line that the
/// text does not have.
pub fn line_hashes(text: &str, lines: &[u64]) -> Vec<Option<String>> {
    let mut hashes = Vec::with_capacity(lines.len());
    let mut wanted = lines.iter().copied().peekable();
    let mut rolling = RollingHash::new(|line, hash: u64, count| {
        while wanted.peek().is_some_and(|&next| next < line) {
            wanted.next();
            hashes.push(None);
        }
        while wanted.next_if_eq(&line).is_some() {
            hashes.push(Some(format!("{hash:x}:{count}")));
        }
    });
    for unit in text.encode_utf16() {
        rolling.unit(unit);
    }
    rolling.finish();
    hashes.resize(lines.len(), None);
    hashes
}

/// The state of the hash, as in the original.
struct RollingHash<F> {
    window: [u16; BLOCK],
    /// The line that begins at each place of the window, 0 for none.
    line_at: [u64; BLOCK],
    index: usize,
    hash: u64,
    first_factor: u64,
    line: u64,
    at_line_start: bool,
    after_return: bool,
    counts: HashMap<u64, u64>,
    each: F,
}

impl<F: FnMut(u64, u64, u64)> RollingHash<F> {
    fn new(each: F) -> Self {
        Self {
            window: [0; BLOCK],
            line_at: [0; BLOCK],
            index: 0,
            hash: 0,
            first_factor: (0..BLOCK).fold(1, |power: u64, _| power.wrapping_mul(FACTOR)),
            line: 0,
            at_line_start: true,
            after_return: false,
            counts: HashMap::new(),
            each,
        }
    }

    fn unit(&mut self, unit: u16) {
        const SPACE: u16 = 0x20;
        const TAB: u16 = 0x09;
        const LF: u16 = 0x0a;
        const CR: u16 = 0x0d;
        if unit == SPACE || unit == TAB || (self.after_return && unit == LF) {
            self.after_return = false;
            return;
        }
        self.after_return = unit == CR;
        let unit = if unit == CR { LF } else { unit };
        self.emit();
        if self.at_line_start {
            self.at_line_start = false;
            self.line += 1;
            self.line_at[self.index] = self.line;
        }
        self.at_line_start = unit == LF;
        self.push(unit);
    }

    fn finish(mut self) {
        self.unit(END);
        for _ in 0..BLOCK {
            self.emit();
            self.push(0);
        }
    }

    fn emit(&mut self) {
        let line = std::mem::take(&mut self.line_at[self.index]);
        if line != 0 {
            let count = self.counts.entry(self.hash).or_insert(0);
            *count += 1;
            (self.each)(line, self.hash, *count);
        }
    }

    fn push(&mut self, unit: u16) {
        let gone = std::mem::replace(&mut self.window[self.index], unit);
        self.hash = self
            .hash
            .wrapping_mul(FACTOR)
            .wrapping_add(u64::from(unit))
            .wrapping_sub(self.first_factor.wrapping_mul(u64::from(gone)));
        self.index = (self.index + 1) % BLOCK;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str, lines: &[u64]) -> Vec<String> {
        line_hashes(text, lines).into_iter().map(Option::unwrap_or_default).collect()
    }

    /// Vectors of codeql-action's own tests.
    #[test]
    fn the_vectors_of_codeql_action_hold() {
        assert_eq!(hashes("", &[1]), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            hashes("x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n", &[2]),
            ["bb609acbe9138d60:1"]
        );
        let lorem = "Lorem ipsum dolor sit amet.\n".repeat(10);
        assert_eq!(hashes(&lorem, &[1, 2, 6])[0], "a7f2ff13bc495cf2:1");
        assert_eq!(hashes(&lorem, &[1, 2, 6])[1], "a7f2ff13bc495cf2:2");
        assert_eq!(hashes(&lorem, &[1, 2, 6])[2], "a7f2ff13bc495cf2:6");
    }

    #[test]
    fn blanks_and_kinds_of_line_breaks_do_not_matter() {
        let plain = hashes("a=1\nb=2\nc=3\n", &[1, 2, 3]);
        assert_eq!(hashes("a = 1\r\n\tb=2\r\nc=3\r\n", &[1, 2, 3]), plain);
        assert_eq!(hashes("a=1\rb=2\rc=3\r", &[1, 2, 3]), plain);
    }

    #[test]
    fn a_missing_line_has_no_hash() {
        assert_eq!(line_hashes("a\n", &[1, 1, 9])[2], None);
        assert_eq!(line_hashes("a\n", &[1, 1, 9])[0], line_hashes("a\n", &[1])[0]);
    }
}
