//! Sentences of a result's message.

use super::text::{TEXT_STYLE, harmless};
use crate::model::{Finding, Liveness, Verification};

/// A sentence on the key's liveness, if it is known.
pub(super) fn liveness(finding: &Finding) -> String {
    let Verification { liveness, reason, .. } = &finding.verification;
    match liveness {
        Liveness::Live => format!(" It is live: {}.", harmless(reason).replace('`', "'")),
        Liveness::Dead => format!(" It is dead: {}.", harmless(reason).replace('`', "'")),
        Liveness::Unknown | Liveness::NotChecked => String::new(),
    }
}

/// A sentence on when a key was first seen and where it still is, if history was read. It omits the
/// age: if the message changed every day, so would the alert.
pub(super) fn story(finding: &Finding) -> String {
    let first = finding.history.as_ref().and_then(|history| history.first_seen.as_ref());
    let first = first.map(|change| {
        let place = if change.is_boundary { "at or before" } else { "in" };
        format!("first seen {place} {}", TEXT_STYLE.commit_line(change))
    });
    let parts: Vec<_> = first.into_iter().chain(TEXT_STYLE.current_state(finding)).collect();
    let text = parts.join("; ");
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!(" {}{}.", first.to_ascii_uppercase(), characters.as_str()),
        None => String::new(),
    }
}
