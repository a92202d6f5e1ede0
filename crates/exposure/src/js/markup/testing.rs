//! Shows the modules of a file in short.

use crate::js::markup::cut::module_sources;

/// The texts of the modules of a file, without the blanks.
pub(super) fn sources(path: &str, text: &str) -> Vec<String> {
    module_sources(path, text)
        .iter()
        .map(|source| {
            assert_eq!(source.text.len(), text.len(), "{text}");
            source.text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
}

#[track_caller]
pub(super) fn assert_source(path: &str, text: &str, expected: &str) {
    assert_eq!(sources(path, text)[0], expected, "{text}");
}
