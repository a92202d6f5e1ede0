//! Short constructors of SARIF values.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_sarif::sarif;

use crate::model::Region;

pub(super) fn physical(uri: String, region: Option<sarif::Region>) -> sarif::Location {
    let artifact = sarif::ArtifactLocation::builder().uri(uri).build();
    let mut physical = sarif::PhysicalLocation::builder().artifact_location(artifact).build();
    physical.region = region;
    sarif::Location::builder().physical_location(physical).build()
}

pub(super) fn region(region: Region) -> sarif::Region {
    sarif::Region::builder()
        .start_line(number(region.start.line))
        .start_column(number(region.start.utf16_column))
        .end_line(number(region.end.line))
        .end_column(number(region.end.utf16_column))
        .build()
}

pub(super) fn plain(text: &str) -> sarif::MultiformatMessageString {
    sarif::MultiformatMessageString::builder().text(text).build()
}

pub(super) fn message(text: String) -> sarif::Message {
    sarif::Message::builder().text(text).build()
}

pub(super) fn property(name: &str, value: &str) -> (String, Value) {
    (name.to_owned(), value.into())
}

pub(super) fn bag(properties: BTreeMap<String, Value>) -> sarif::PropertyBag {
    sarif::PropertyBag::builder().additional_properties(properties).build()
}

/// A line or a column as the schema types it.
pub(super) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
