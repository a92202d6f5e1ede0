//! The line around a key.

use serde_sarif::sarif;

use super::values::number;
use crate::model::{Excerpt, Fragment, Occurrence};
use crate::report::json_v1::REDACTED;

/// The line around the key.
pub(super) fn context(place: &Occurrence) -> sarif::Region {
    let text = sarif::ArtifactContent::builder().text(snippet(&place.excerpt)).build();
    sarif::Region::builder()
        .start_line(number(place.region.start.line))
        .end_line(number(place.region.end.line))
        .snippet(text)
        .build()
}

/// The line with every key redacted.
pub(super) fn snippet(excerpt: &Excerpt) -> String {
    let cut = |is_cut| if is_cut { "…" } else { "" };
    let mut text = cut(excerpt.cut_start).to_owned();
    for fragment in &excerpt.fragments {
        text.push_str(match fragment {
            Fragment::Text(words) | Fragment::Mark(words) => words,
            Fragment::Subject(_) | Fragment::Other(_) => REDACTED,
        });
    }
    text.push_str(cut(excerpt.cut_end));
    text
}

pub(super) fn holds_key(place: &Occurrence) -> bool {
    let is_key = |fragment: &Fragment| match fragment {
        Fragment::Text(_) | Fragment::Mark(_) => false,
        Fragment::Subject(_) | Fragment::Other(_) => true,
    };
    place.excerpt.fragments.iter().any(is_key)
}
