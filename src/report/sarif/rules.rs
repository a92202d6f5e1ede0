//! The rules of a log, as GitHub shows them.

use std::collections::BTreeMap;

use serde_sarif::sarif;

use super::values::{bag, plain, property};
use crate::model::{Confidence, FindingKind, Severity};
use crate::report::kinds;
use crate::report::rule_help;
use crate::rules::{Provider, Rule};

/// The descriptor of a rule and kind. Rule loading ensures that its texts fit GitHub's limits.
pub(super) fn descriptor(
    rule: &Rule,
    kind: FindingKind,
    provider: &Provider,
    in_history: bool,
) -> sarif::ReportingDescriptor {
    let is_published = kinds::texts(kind).is_published;
    let severity = if is_published { rule.severity_for(in_history) } else { Severity::Warning };
    let id = kinds::id(&rule.id, kind);
    let description =
        if kind == FindingKind::Secret { &rule.description } else { kinds::texts(kind).meaning };
    let mut properties = bag(BTreeMap::from([
        property("precision", precision(rule.confidence, kind)),
        property("security-severity", security_severity(severity)),
    ]));
    properties.tags = Some(vec![
        format!("external/cwe/cwe-{}", kinds::texts(kind).cwe),
        provider.id.clone(),
        "secret".to_owned(),
        "security".to_owned(),
    ]);
    sarif::ReportingDescriptor::builder()
        .name(name(&id))
        .id(id)
        .short_description(plain(&kinds::title(kind, rule)))
        .full_description(plain(description))
        .help(
            sarif::MultiformatMessageString::builder()
                .text(rule_help::text(rule, kind, provider))
                .markdown(rule_help::markdown(rule, kind, provider))
                .build(),
        )
        .help_uri(&provider.url)
        .default_configuration(
            sarif::ReportingConfiguration::builder().level(severity.name()).build(),
        )
        .properties(properties)
        .build()
}

/// GitHub's name for a rule's precision.
pub(super) fn precision(confidence: Confidence, kind: FindingKind) -> &'static str {
    match confidence {
        Confidence::High if kind == FindingKind::Secret => "very-high",
        // A path to a client is inferred from code, which is harder than recognising a key.
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// CVSS 3.1 base scores, which GitHub shows as critical, medium and low. A leaked key (error) is
/// AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N. A warning is hard to exploit and gives little (AC:H,
/// C:L/I:L/A:N); a note also needs somebody's help (UI:R, C:L/I:N/A:N).
pub(super) fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "9.1",
        Severity::Warning => "4.8",
        Severity::Note => "3.1",
    }
}

/// The name of a rule: its id in Pascal case. The two must differ in more than case (SARIF 2.1.0,
/// section 3.49.7), so that of an id of one word is that of a key.
fn name(id: &str) -> String {
    let name = pascal_case(id);
    if name.eq_ignore_ascii_case(id) { name + "Key" } else { name }
}

/// `magicx-secret-key` as `MagicxSecretKey`.
pub(super) fn pascal_case(id: &str) -> String {
    let words = id.split(['-', '/']).map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}
