//! Makes the text of a component readable again: blanks the parts of its template that the parser
//! rejects.

use crate::js::ir::Span;
use crate::js::markup::module_source::ModuleSource;

/// The text without the part of the template in which parsing failed.
pub(super) fn without_hole(text: &str, source: &ModuleSource<'_>, at: u32) -> Option<String> {
    let after = source.template.partition_point(|hole| hole.start <= at);
    let hole = source.template.get(after.checked_sub(1)?)?;
    let known = text.get(hole.start as usize..hole.end as usize)?;
    if known.trim().is_empty() {
        return None;
    }
    Some(without(text, std::slice::from_ref(hole)))
}

pub(super) fn without_template(text: &str, source: &ModuleSource<'_>) -> String {
    without(text, &source.template)
}

/// A text with some ranges blanked.
fn without(text: &str, stretches: &[Span]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for stretch in stretches {
        let Some(bytes) = bytes.get_mut(stretch.start as usize..stretch.end as usize) else {
            continue;
        };
        for byte in bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
    }
    // The ranges begin and end with ASCII, so that only whole characters are removed.
    String::from_utf8(bytes).unwrap_or_default()
}
