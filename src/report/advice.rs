//! Why a finding matters, what to do about it, and how to accept it, in the words that the formats
//! for people share. It is the same for every key of a rule that leaks the same way.

use super::kinds;
use crate::model::{Finding, FindingKind, Mode};
use crate::rules::Rule;

/// What to say of a finding beyond where it is.
pub(super) struct Advice {
    /// Why it matters.
    pub(super) why: String,
    /// What to do about the key; `None` if no client can have got it.
    pub(super) remedy: Option<String>,
    /// The marker that accepts it on its line, such as `keyside:allow[RULE] WHY`; `None` where
    /// what is committed cannot be given one any more.
    pub(super) marker: Option<String>,
}

impl Advice {
    /// `is_committed` says whether some commit has its key.
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

/// Whether some commit is known to have what a finding is about.
pub(super) fn is_committed(finding: &Finding) -> bool {
    finding.history.as_ref().is_some_and(|history| history.first_seen.is_some())
}
