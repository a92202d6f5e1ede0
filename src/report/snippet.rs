//! The line of a finding, split at the finding's subject.

use super::json_v1;
use super::visible::visible;
use crate::model::{Excerpt, Fragment};

/// A line in three parts, sanitized, with all keys masked.
pub(super) struct Snippet {
    pub(super) before: String,
    /// The finding's subject; empty if the line does not contain it.
    pub(super) mark: String,
    pub(super) after: String,
}

impl Snippet {
    /// With `show_secrets`, the subject is not masked.
    pub(super) fn new(excerpt: &Excerpt, show_secrets: bool) -> Self {
        let is_mark = |part: &Fragment| matches!(part, Fragment::Subject(_) | Fragment::Mark(_));
        let shown = |part: &Fragment| match part {
            Fragment::Text(text) | Fragment::Mark(text) => visible(text),
            Fragment::Subject(secret) if show_secrets => visible(&json_v1::revealed(secret)),
            Fragment::Subject(secret) | Fragment::Other(secret) => secret.masked(),
        };
        let parts = &excerpt.fragments;
        let at = parts.iter().position(is_mark);
        let (before, rest) = parts.split_at(at.unwrap_or(0));
        let (mark, after) = rest.split_at(usize::from(at.is_some()));
        let joined = |parts: &[Fragment]| parts.iter().map(shown).collect::<String>();
        let (start, end) = (joined(before), joined(after));
        let before = if excerpt.cut_start {
            format!("…{start}")
        } else {
            // The indentation of a single line carries no information.
            start.trim_start().to_owned()
        };
        let after = if excerpt.cut_end { end + "…" } else { end };
        Self { before, mark: joined(mark), after }
    }

    /// The whole line.
    pub(super) fn text(&self) -> String {
        let Self { before, mark, after } = self;
        format!("{before}{mark}{after}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    #[test]
    fn a_line_is_in_three_parts() {
        let secret = || Secret::new(b"pw-0123456789", 0);
        let text = |text: &str| Fragment::Text(text.to_owned());
        let frame = |fragments, cut_start, cut_end| {
            let excerpt = Excerpt { cut_start, cut_end, fragments };
            let Snippet { before, mark, after } = Snippet::new(&excerpt, false);
            [before, mark, after]
        };
        let all = || vec![text("\t 日本 = '"), Fragment::Subject(secret()), text("'; ")];
        assert_eq!(frame(all(), false, true), ["日本 = '", "…(13)", "'; …"]);
        assert_eq!(frame(all(), true, false), ["…     日本 = '", "…(13)", "'; "]);
        let name = Fragment::Mark("KEY\x1b".to_owned());
        let parts = vec![Fragment::Other(secret()), name, Fragment::Other(secret())];
        assert_eq!(frame(parts, false, false), ["…(13)", "KEY\\x1b", "…(13)"]);
        assert_eq!(frame(vec![text("a")], false, false), ["", "", "a"]);
        assert_eq!(frame(vec![], false, false), ["", "", ""]);
        let excerpt = Excerpt { fragments: all(), ..Excerpt::default() };
        assert_eq!(Snippet::new(&excerpt, true).text(), "日本 = 'pw-0123456789'; ");
    }
}
