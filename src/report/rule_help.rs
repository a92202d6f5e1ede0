//! The help on a rule and a kind of its findings, for SARIF reports.

use super::kinds;
use crate::model::{FindingKind, KindTexts};
use crate::rules::{Provider, Rule, RuleBody};

/// The help as plain text.
pub(super) fn text(rule: &Rule, kind: FindingKind, provider: &Provider) -> String {
    let (id, remediation) = (&rule.id, &rule.remediation);
    let Provider { name, url, .. } = provider;
    let Help { title, why, fix } = Help::new(rule, kind);
    format!(
        "{title} of {name} ({url}).\n\n{why}\n\n{fix}\n\nRevoke it: {}{}\n\n\
         If it is not a key, or is accepted, say why on its line: keyside:allow[{id}] reason",
        remediation.url,
        rotation(rule, provider),
    )
}

/// The help as Markdown.
pub(super) fn markdown(rule: &Rule, kind: FindingKind, provider: &Provider) -> String {
    let (id, remediation) = (&rule.id, &rule.remediation);
    let Provider { name, url, .. } = provider;
    let Help { title, why, fix } = Help::new(rule, kind);
    format!(
        "**{title}** of [{name}]({url}).\n\n## Why it matters\n\n{why}\n\n\
         ## What to do\n\n{fix}\n\n[Revoke it]({}){}\n\n\
         ## If it is not a key, or is accepted\n\nSay why on its line: `keyside:allow[{id}] reason`",
        remediation.url,
        rotation(rule, provider),
    )
}

/// The parts that differ between kinds.
struct Help {
    title: String,
    why: String,
    fix: String,
}

impl Help {
    fn new(rule: &Rule, kind: FindingKind) -> Self {
        let RuleBody { title, description, remediation, .. } = &**rule;
        if kind == FindingKind::Secret {
            let (why, fix) = (description.clone(), remediation.summary.clone());
            return Self { title: title.clone(), why, fix };
        }
        let KindTexts { meaning, why, fix, .. } = kinds::texts(kind);
        Self {
            title: title.clone(),
            why: format!("{meaning} {why}\n\n{description}"),
            fix: format!("{fix}\n\n{}", kinds::if_published(rule)),
        }
    }
}

/// A paragraph on the provider's rotation period, if it has one.
fn rotation(rule: &Rule, provider: &Provider) -> String {
    let paragraph = |days| {
        format!(
            "\n\n{} asks for its keys to be rotated every {days} days, leak or not.",
            provider.name
        )
    };
    rule.remediation.rotation_days.map(paragraph).unwrap_or_default()
}
