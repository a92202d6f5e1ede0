//! Makes the source of a component readable again: blanks the parts of its template that the
//! parser rejects.

use crate::js::ir::Span;
use crate::js::markup::Unit;

/// The source without the hole of the template in which it cannot be read.
pub(super) fn without_hole(source: &str, unit: &Unit<'_>, at: u32) -> Option<String> {
    let behind = unit.template.partition_point(|hole| hole.start <= at);
    let hole = unit.template.get(behind.checked_sub(1)?)?;
    let known = source.get(hole.start as usize..hole.end as usize)?;
    if known.trim().is_empty() {
        return None;
    }
    Some(without(source, std::slice::from_ref(hole)))
}

pub(super) fn without_template(source: &str, unit: &Unit<'_>) -> String {
    without(source, &unit.template)
}

/// A text with blanks in some stretches.
fn without(source: &str, stretches: &[Span]) -> String {
    let mut bytes = source.as_bytes().to_vec();
    for stretch in stretches {
        let Some(bytes) = bytes.get_mut(stretch.start as usize..stretch.end as usize) else {
            continue;
        };
        for byte in bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
    }
    // Stretches begin and end with ASCII, so that only whole characters are gone.
    String::from_utf8(bytes).unwrap_or_default()
}
