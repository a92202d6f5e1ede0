//! The way of a secret to a client as a code flow, which GitHub shows step by step.

use serde_sarif::sarif;

use super::super::uri::Base;
use super::{harmless, message, number, physical};
use crate::model::{Position, Provenance, Step, StepKind};

/// The code flow of a trace that leads to something at `origin`, in `told` steps: of a longer one,
/// the middle is left out. `None` if no step is told.
pub(super) fn code_flows(
    trace: &[Step],
    told: usize,
    origin: &Provenance,
    base: &Base,
) -> Option<Vec<sarif::CodeFlow>> {
    if told == 0 {
        return None;
    }
    let (first, rest) = trace.split_at(told.div_ceil(2).min(trace.len()));
    let last = &rest[rest.len() - (told - first.len())..];
    let steps = first.iter().chain(last).map(|step| {
        sarif::ThreadFlowLocation::builder()
            .location(location(step, origin, base))
            .kinds(kinds(step.kind).map(str::to_owned).to_vec())
            .importance(serde_json::Value::from("essential"))
            .nesting_level(0)
            .build()
    });
    let thread = sarif::ThreadFlow::builder().locations(steps.collect::<Vec<_>>()).build();
    Some(vec![sarif::CodeFlow::builder().thread_flows(vec![thread]).build()])
}

/// Where a step is, and its note. It is in the state of the files that `origin` is in.
pub(super) fn location(step: &Step, origin: &Provenance, base: &Base) -> sarif::Location {
    let origin = Provenance { path: step.path.clone(), ..origin.clone() };
    let mut location = physical(base.of(&origin), Some(region(step.place)));
    let note = harmless(&step.note);
    // GitHub takes no empty text.
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

/// What the standard's viewers may know a step by (section 3.38.8).
fn kinds(kind: StepKind) -> [&'static str; 2] {
    match kind {
        StepKind::Entry => ["enter", "function"],
        StepKind::Import => ["import", "taint"],
        StepKind::Flow => ["taint", "value"],
        StepKind::Source => ["taint", "source"],
        StepKind::Sink => ["taint", "sink"],
    }
}
