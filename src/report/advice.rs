//! Advice on a finding: why it matters, what to do, and how to accept it. It is the same for all
//! findings of a rule and kind, and shared by the formats for people.

use super::kinds;
use crate::model::{Finding, FindingKind, Mode};
use crate::rules::Rule;

/// Advice on a finding.
pub(super) struct Advice {
    /// The reason why it matters.
    pub(super) why: String,
    /// The remedy for the key; `None` if no client can have received it.
    pub(super) remedy: Option<String>,
    /// The marker that accepts it on its line, such as `keyside:allow[RULE] WHY`; `None` for
    /// committed lines, which cannot change any more.
    pub(super) marker: Option<String>,
}

impl Advice {
    /// Advice on `finding`; `is_committed` if a commit has its key.
    pub(super) fn new(finding: &Finding, rule: &Rule, mode: Mode, is_committed: bool) -> Self {
        let marker = match mode {
            Mode::History | Mode::Range => None,
            Mode::Tree | Mode::Stdin | Mode::Staged => {
                Some(format!("keyside:allow[{}] WHY", rule.id))
            }
        };
        let why = if finding.kind == FindingKind::Secret {
            rule.description.clone()
        } else {
            format!("{} {}", kinds::texts(finding.kind).why, rule.description)
        };
        let mut remedy = kinds::remedy(finding, rule);
        if let Some(remedy) = remedy.as_mut().filter(|_| finding.secret.is_some() && is_committed) {
            remedy.push_str(" Deleting it from the file is not enough: the history keeps it.");
        }
        Self { why, remedy, marker }
    }
}

/// True if a commit is known to have the finding's subject.
pub(super) fn is_committed(finding: &Finding) -> bool {
    finding.history.as_ref().is_some_and(|history| history.first_seen.is_some())
}
