//! The path of a secret to a client as a code flow, which GitHub shows step by step.

use serde_sarif::sarif;

use super::text::harmless;
use super::values::{message, number, physical};
use crate::model::{Position, Provenance, Step, StepKind};
use crate::report::uri::UriBase;

/// The code flow of a trace to a finding at `provenance`, cut in the middle to `steps` steps. `None` for 0
/// steps.
pub(super) fn code_flows(
    trace: &[Step],
    steps: usize,
    provenance: &Provenance,
    base: &UriBase,
) -> Option<Vec<sarif::CodeFlow>> {
    if steps == 0 {
        return None;
    }
    let (first, rest) = trace.split_at(steps.div_ceil(2).min(trace.len()));
    let last = &rest[rest.len() - (steps - first.len())..];
    let steps = first.iter().chain(last).map(|step| {
        sarif::ThreadFlowLocation::builder()
            .location(location(step, provenance, base))
            .kinds(kinds(step.kind).map(str::to_owned).to_vec())
            .importance(serde_json::Value::from("essential"))
            .nesting_level(0)
            .build()
    });
    let thread = sarif::ThreadFlow::builder().locations(steps.collect::<Vec<_>>()).build();
    Some(vec![sarif::CodeFlow::builder().thread_flows(vec![thread]).build()])
}

/// A step's place and note. The place is in the same version of the files as `provenance`.
pub(super) fn location(step: &Step, provenance: &Provenance, base: &UriBase) -> sarif::Location {
    let provenance = Provenance { path: step.path.clone(), ..provenance.clone() };
    let mut location = physical(base.of(&provenance), Some(region(step.place)));
    let note = harmless(&step.note);
    // GitHub rejects empty texts.
    let note = if note.is_empty() { step.kind.name().to_owned() } else { note };
    location.message = Some(message(note));
    location
}

fn region(place: Position) -> sarif::Region {
    sarif::Region::builder()
        .start_line(number(place.line))
        .start_column(number(place.utf16_column))
        .build()
}

/// The step's kinds in SARIF's vocabulary (section 3.38.8).
fn kinds(kind: StepKind) -> [&'static str; 2] {
    match kind {
        StepKind::Entry => ["enter", "function"],
        StepKind::Import => ["import", "taint"],
        StepKind::Flow => ["taint", "value"],
        StepKind::Source => ["taint", "source"],
        StepKind::Sink => ["taint", "sink"],
    }
}
