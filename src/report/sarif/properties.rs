//! The property bag of a result.

use std::collections::BTreeMap;

use serde_json::Value;

use super::text::TEXT_STYLE;
use super::values::property;
use crate::model::{Finding, KeyDetails, Occurrence, Oid, Report, Side, SourceKind, Verification};
use crate::report::outcome::KeyTotals;

/// The history of a place and its finding, as far as it is known.
pub(super) fn history_properties(finding: &Finding, place: &Occurrence) -> BTreeMap<String, Value> {
    let mut properties = BTreeMap::new();
    let mut put = |name: &str, value: Option<Value>| {
        properties.extend(value.map(|value| (name.to_owned(), value)));
    };
    let id = |id: Oid| Value::from(id.to_string());
    let provenance = &place.provenance;
    if !matches!(provenance.source, SourceKind::Tree | SourceKind::Stdin) {
        put("source", Some(provenance.source.name().into()));
        put("locationCommit", provenance.commit.map(id));
        put("blob", provenance.blob.map(id));
    }
    put("inside", provenance.inside.as_ref().map(|inside| inside.to_text().into()));
    let Some(history) = &finding.history else { return properties };
    put("inHead", history.in_head.map(Value::from));
    if let Some(change) = &history.first_seen {
        put("commit", Some(id(change.commit)));
        put("author", TEXT_STYLE.name(change).map(Value::from));
        put("boundary", change.is_boundary.then_some(Value::from(true)));
        put("date", Some(change.date.to_string().into()));
    }
    put("removedIn", history.removed_in.as_ref().map(|change| id(change.commit)));
    let branches = &history.branches;
    put("branches", (!branches.is_empty()).then(|| branches.clone().into()));
    properties
}

/// The numbers of the report.
pub(super) fn totals(report: &Report) -> BTreeMap<String, Value> {
    let KeyTotals { keys, places, reaching, ways, keyless } = KeyTotals::of(&report.findings);
    let counts = [
        ("keys", keys),
        ("places", places),
        ("reachClients", reaching),
        ("ways", ways),
        ("otherLeaks", keyless),
    ];
    counts.map(|(name, count)| (name.to_owned(), count.into())).into()
}

/// The side of a finding, as far as it is known.
pub(super) fn exposure_properties(finding: &Finding) -> BTreeMap<String, Value> {
    let exposure = &finding.exposure;
    let mut properties = BTreeMap::new();
    if exposure.side != Side::Unknown {
        properties.extend([property("exposure", exposure.side.name())]);
    }
    properties.extend(exposure.framework.map(|framework| property("framework", framework)));
    if let Some(confirmed) = exposure.confirmed {
        properties.insert("confirmed".to_owned(), Value::from(confirmed));
    }
    if !exposure.trace.is_empty() {
        let length = Value::from(exposure.trace.len());
        properties.insert("chainLength".to_owned(), length);
    }
    properties
}

/// The result of a verification, if there was one.
pub(super) fn verification_properties(finding: &Finding) -> BTreeMap<String, Value> {
    let Verification { liveness, reason, checked_at, account } = &finding.verification;
    let mut properties = BTreeMap::new();
    if reason.is_empty() {
        return properties;
    }
    properties.extend([
        property("verification", liveness.name()),
        property("verificationReason", reason),
    ]);
    let checked_at = checked_at.map(|time| property("verifiedAt", &time.to_string()));
    properties.extend(checked_at);
    if let Some(KeyDetails { id, name, scopes }) = account {
        properties.extend(id.as_ref().map(|id| property("accountKeyId", id)));
        properties.extend(name.as_ref().map(|name| property("accountKeyName", name)));
        let scopes = (!scopes.is_empty()).then(|| scopes.clone().into());
        properties.extend(scopes.map(|scopes| ("accountScopes".to_owned(), scopes)));
    }
    properties
}
