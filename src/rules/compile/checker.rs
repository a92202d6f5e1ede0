//! Collects the faults of one rule file.

use super::super::error::RuleError;
use super::super::spanned::Spanned;

/// The longest text, in bytes: GitHub's limit for a rule's short description.
const MAX_TEXT: usize = 1024;

/// Checks one file, and collects its faults.
pub(super) struct RuleChecker<'f> {
    /// The file's name.
    pub(super) name: &'f str,
    /// Its content.
    pub(super) text: &'f str,
    /// False for a file of the binary, which a test checks: its faults do not count.
    pub(super) is_checked: bool,
    /// The faults so far.
    pub(super) errors: &'f mut Vec<RuleError>,
    /// The id of the rule that is being checked.
    pub(super) rule: Option<String>,
}

impl RuleChecker<'_> {
    pub(super) fn fault(&mut self, offset: usize, message: String) {
        self.errors.push(RuleError {
            file: self.name.to_owned(),
            line: Some(line_of(self.text, offset)),
            rule: self.rule.clone(),
            message,
        });
    }

    pub(super) fn expect(&mut self, good: bool, offset: usize, message: impl FnOnce() -> String) {
        if !good {
            self.fault(offset, message());
        }
    }

    /// A value, or a fault at `offset`.
    pub(super) fn good<T>(&mut self, offset: usize, value: Result<T, String>) -> Option<T> {
        value.map_err(|message| self.fault(offset, message)).ok()
    }

    /// A text for people, of one to [`MAX_TEXT`] bytes.
    pub(super) fn text(&mut self, text: &Spanned<String>) {
        if !self.is_checked {
            return;
        }
        let length = text.get_ref().trim().len();
        self.expect((1..=MAX_TEXT).contains(&length), text.span().start, || {
            format!("the text has {length} bytes; it must have 1 to {MAX_TEXT}")
        });
        self.printable(text);
    }

    /// Refuses control characters: texts are shown on terminals, and a rule file may come from the
    /// scanned tree.
    pub(super) fn printable(&mut self, text: &Spanned<String>) {
        if !self.is_checked {
            return;
        }
        let mut characters = text.get_ref().chars();
        let good = characters.all(|c| c == '\n' || !c.is_control());
        self.expect(good, text.span().start, || "the text contains a control character".to_owned());
    }

    pub(super) fn address(&mut self, url: &Spanned<String>) {
        if !self.is_checked {
            return;
        }
        let good = url
            .get_ref()
            .strip_prefix("https://")
            .is_some_and(|rest| rest.len() > 2 && rest.bytes().all(|b| b.is_ascii_graphic()));
        self.expect(good, url.span().start, || {
            format!("`{}` is not an https:// address", url.get_ref())
        });
    }
}

/// The 1-based line of a byte offset.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    1 + memchr::memchr_iter(b'\n', before).count()
}
