//! The texts of a finding that all formats and `keyside explain` share: title, message, fix. Those of
//! a kind of leak are part of its check in the exposure analysis.

use super::visible::visible;
use crate::model::{Finding, FindingKind, KindTexts, PairedSecret};
use crate::rules::Rule;

/// The texts of a kind.
pub fn texts(kind: FindingKind) -> &'static KindTexts {
    match kind {
        FindingKind::Secret => &SECRET,
        FindingKind::Leak(kind) => kind.texts(),
    }
}

/// The id that reports give a rule for one kind of its findings.
pub(super) fn id(rule_id: &str, kind: FindingKind) -> String {
    match kind {
        FindingKind::Secret => rule_id.to_owned(),
        FindingKind::Leak(_) => format!("{rule_id}/{}", kind.name()),
    }
}

/// The heading of a finding.
pub(super) fn title(kind: FindingKind, rule: &Rule) -> String {
    texts(kind).title_of(&rule.title)
}

/// The message of a finding, one sentence without its full stop. `subject` is its secret or variable,
/// as the format can show it.
pub(super) fn message(finding: &Finding, rule: &Rule, subject: &str) -> String {
    let subject = if subject.is_empty() {
        format!("the {}", rule.title)
    } else if finding.kind == FindingKind::Secret {
        format!("{} `{subject}`", rule.title)
    } else {
        format!("`{subject}`")
    };
    let places = match finding.occurrences.len() {
        0 | 1 => String::new(),
        several => format!(" in {several} places"),
    };
    let pair = finding
        .pairs
        .first()
        .map(|PairedSecret { title, secret, .. }| format!(" with its {title} `{secret}`"));
    let by_change = by_change(finding).map(|by| format!(", {by}"));
    texts(finding.kind).message_about(&subject)
        + &pair.unwrap_or_default()
        + &places
        + &by_change.unwrap_or_default()
}

/// That only the scanned change itself accepts a finding, as a part of a sentence.
pub(super) fn by_change(finding: &Finding) -> Option<String> {
    let by = finding.accepted_by_change()?;
    Some(format!("accepted only by this change, {}", visible(&by.told())))
}

/// The advice on a finding that only the scanned change itself accepts.
pub(super) const ACCEPT_FIRST: &str = "What a change itself accepts does not count: accept it in a      change of its own that comes first, or scan with --trust-head if its author may decide.";

/// The fix in the code, if it is more than the advice of the rule.
pub(super) fn fix(finding: &Finding) -> Option<&str> {
    if !finding.exposure.fix.is_empty() {
        return Some(&finding.exposure.fix);
    }
    (finding.kind != FindingKind::Secret).then(|| texts(finding.kind).fix)
}

/// The remedy for the key itself; `None` if no client can have got it.
pub(super) fn remedy(finding: &Finding, rule: &Rule) -> Option<String> {
    let summary = &rule.remediation.summary;
    if !texts(finding.kind).is_published {
        return None;
    }
    Some(if finding.secret.is_some() { summary.clone() } else { if_published(rule) })
}

/// The remedy for a key that may have been published.
pub(super) fn if_published(rule: &Rule) -> String {
    format!("If this was ever published: {}", rule.remediation.summary)
}

/// The texts of a secret that is written in a text, whether or not it reaches a client.
const SECRET: KindTexts = KindTexts {
    title: "{}",
    message: "{}",
    meaning: "A secret is written down: in a file, in a commit, in a message.",
    why: "Everybody who can read the text can use the secret, and a committed text stays in the \
          history.",
    fix: "Revoke it, and let the program read a new one from its environment or a secret store.",
    cwe: 798,
    is_published: true,
    example: &[("deploy/values.yaml", "key: acme_sk_…")],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LeakKind;
    use crate::report::sample;
    use crate::rules::Ruleset;

    #[test]
    fn sentences_name_what_they_are_about() {
        let rules = Ruleset::built_in();
        for (kind, expected) in [
            (FindingKind::Secret, "AI Magicx API key `KEY`"),
            (FindingKind::Leak(LeakKind::ClientSecretEnv), "`KEY` puts a secret into client code"),
            (
                FindingKind::Leak(LeakKind::ClientSecretLiteral),
                "Code that ships to clients contains `KEY`",
            ),
            (
                FindingKind::Leak(LeakKind::PublicEnvSecret),
                "A variable with a public name is given a secret: `KEY`",
            ),
        ] {
            let finding = sample::of_kind(kind);
            let rule = rules.by_id(&finding.rule_id).unwrap();
            assert_eq!(message(&finding, rule, "KEY"), expected);
        }
        let finding = sample::of_kind(FindingKind::Leak(LeakKind::ServerToClientSecret));
        let rule = rules.by_id(&finding.rule_id).unwrap();
        let sentence = message(&finding, rule, "");
        assert_eq!(sentence, "Server code sends the AI Magicx API key to the client");
    }

    #[test]
    fn the_remedy_depends_on_whether_clients_got_the_secret() {
        let rules = Ruleset::built_in();
        let rule = rules.by_id(&sample::of_kind(FindingKind::Secret).rule_id).unwrap();
        let summary = &rule.remediation.summary;
        for (kind, is_named, expected) in [
            (FindingKind::Secret, false, Some(summary.clone())),
            (FindingKind::Leak(LeakKind::ClientSecretLiteral), false, Some(summary.clone())),
            (FindingKind::Leak(LeakKind::ClientServerEnvRead), true, None),
            (
                FindingKind::Leak(LeakKind::ClientSecretEnv),
                true,
                Some(format!("If this was ever published: {summary}")),
            ),
        ] {
            let mut finding = sample::of_kind(kind);
            assert_eq!(finding.secret.is_none(), is_named, "{kind:?}");
            assert_eq!(remedy(&finding, rule), expected, "{kind:?}");
            finding.exposure.fix = String::new();
            let own = (kind != FindingKind::Secret).then_some(texts(kind).fix);
            assert_eq!(fix(&finding), own, "{kind:?}");
            finding.exposure.fix = "Do this.".to_owned();
            assert_eq!(fix(&finding), Some("Do this."), "{kind:?}");
        }
    }
}
