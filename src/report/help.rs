//! What a rule says at length: the help of SARIF reports.

use crate::rules::{Provider, Rule};

/// The help as plain text.
pub(super) fn text(rule: &Rule, provider: &Provider) -> String {
    let Rule { id, title, description, remediation, .. } = rule;
    let Provider { name, url, .. } = provider;
    format!(
        "{title} of {name} ({url}).\n\n{description}\n\n{}\n\nRevoke it: {}{}\n\n\
         If it is no key, or may stay, say why on its line: keyside:allow[{id}] reason",
        remediation.summary,
        remediation.url,
        rotation(rule, provider),
    )
}

/// The help as Markdown.
pub(super) fn markdown(rule: &Rule, provider: &Provider) -> String {
    let Rule { id, title, description, remediation, .. } = rule;
    let Provider { name, url, .. } = provider;
    format!(
        "**{title}** of [{name}]({url}).\n\n## Why it matters\n\n{description}\n\n\
         ## What to do\n\n{}\n\n[Revoke it]({}){}\n\n\
         ## If it is no key, or may stay\n\nSay why on its line: `keyside:allow[{id}] reason`",
        remediation.summary,
        remediation.url,
        rotation(rule, provider),
    )
}

/// A paragraph on how often the provider wants keys to be changed, if it says so.
fn rotation(rule: &Rule, provider: &Provider) -> String {
    let paragraph = |days| {
        format!(
            "\n\n{} wants its keys to be changed every {days} days, leak or not.",
            provider.name
        )
    };
    rule.remediation.rotation_days.map(paragraph).unwrap_or_default()
}
