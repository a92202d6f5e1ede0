//! The policy for a change: what counts is what was accepted before it. What only the change itself
//! would accept is told apart.

use std::path::Path;
use std::sync::Arc;

use super::policy::Policy;
use crate::model::{FindingKind, Fingerprint, IdScope, Suppression};
use crate::rules::OF_CHANGE;

/// The policy of one state of a project.
#[derive(Debug, Default)]
pub struct PolicyState {
    /// The accepted findings.
    pub policy: Policy,
    /// The salt of the ids in it.
    pub salt: String,
    /// The rule files of this state, as their rules name them. Settings of other states say nothing
    /// about their rules.
    pub rule_files: Vec<String>,
}

/// The policies before and after a change.
#[derive(Debug, Default)]
pub struct ChangePolicy {
    /// Those before it, each of which counts.
    pub bases: Vec<Arc<PolicyState>>,
    /// Those of the states that both sides come from.
    pub forks: Vec<Arc<PolicyState>>,
    /// The one after it.
    pub head: Arc<PolicyState>,
    /// True if what the change itself accepts counts, too.
    pub trusts_head: bool,
}

/// A place to judge.
pub struct JudgedPlace<'j> {
    /// The finding's id with a salt.
    pub id: &'j dyn Fn(&str) -> Fingerprint,
    /// The kinds of findings that the id is of.
    pub scope: IdScope,
    /// Its kind.
    pub kind: FindingKind,
    /// Its rule.
    pub rule_id: &'j str,
    /// The file of the rule.
    pub rule_file: &'j str,
    /// The file it is in.
    pub path: &'j Path,
    /// The marker at the place, in the state after the change. Only keys that the change brings are
    /// judged, so it is the change that accepts them.
    pub marker: Option<Suppression>,
    /// True if the place is not part of the change.
    pub is_old: bool,
}

/// The judgement on a place.
#[derive(Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// Nothing accepts it.
    Open,
    /// It was accepted before the change.
    Known(Suppression),
    /// Only the change itself accepts it.
    ByChange(Suppression),
}

impl ChangePolicy {
    /// Judges a place that the change brings.
    pub fn judge(&self, place: JudgedPlace<'_>) -> Acceptance {
        let accepted = |state: &Arc<PolicyState>| state.accepts(&place);
        let any = |states: &[Arc<PolicyState>]| states.iter().find_map(accepted);
        let base = any(&self.bases);
        let head = place.marker.clone().or_else(|| accepted(&self.head));
        if let Some(marker) = place.marker.clone().filter(|_| place.is_old) {
            return Acceptance::Known(marker);
        }
        // What both sides come from did not accept it either: the base has accepted it since.
        let is_since = || !self.forks.is_empty() && any(&self.forks).is_none();
        match (base, head) {
            (Some(base), head) if head.is_some() || is_since() => Acceptance::Known(base),
            // The change takes the acceptance away.
            (Some(_), _) | (None, None) => Acceptance::Open,
            (None, Some(head)) => Acceptance::ByChange(head),
        }
    }

    /// Every policy, each with its salt.
    pub fn states(&self) -> impl Iterator<Item = &Arc<PolicyState>> {
        self.bases.iter().chain(&self.forks).chain([&self.head])
    }
}

impl PolicyState {
    fn accepts(&self, place: &JudgedPlace<'_>) -> Option<Suppression> {
        // A change must not give a rule the id of one that is disabled already.
        let is_known = !place.rule_file.contains(OF_CHANGE)
            || self.rule_files.iter().any(|file| file == place.rule_file);
        let rule_id = if is_known { place.rule_id } else { "" };
        self.policy.accepts(((place.id)(&self.salt), place.scope), place.kind, rule_id, place.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Terms;
    use crate::suppress::{IgnoreFile, PathPatterns, TreeConfig};

    fn state(ignore: &str, salt: &str) -> Arc<PolicyState> {
        let file = IgnoreFile::parse(".keysideignore", Path::new("/r"), ignore).unwrap();
        let policy = Policy { ignore_files: vec![file], ..Policy::default() };
        Arc::new(PolicyState { policy, salt: salt.to_owned(), rule_files: Vec::new() })
    }

    fn id(salt: &str) -> Fingerprint {
        let secret = crate::model::Secret::new(b"a secret that is long enough, and more", 0);
        Fingerprint::new(salt, "a-key", &secret)
    }

    fn judged(change: &ChangePolicy, marker: bool) -> String {
        let (reason, terms) = (String::new(), Terms::default());
        let by = Suppression::Inline { marker: "keyside:allow", reason, terms };
        let judged = change.judge(JudgedPlace {
            id: &id,
            scope: IdScope::Key,
            kind: FindingKind::Secret,
            rule_id: "a-key",
            rule_file: "own.toml",
            path: Path::new("/r/d/a"),
            marker: marker.then_some(by),
            is_old: false,
        });
        match judged {
            Acceptance::Open => "open".to_owned(),
            Acceptance::Known(by) => format!("known {}", by.place()),
            Acceptance::ByChange(by) => format!("change {}", by.place()),
        }
    }

    #[test]
    fn what_was_accepted_before_counts() {
        let (yes, no) = ("d/\n", "# none\n");
        for (base, fork, head, marker, expected) in [
            (no, no, no, false, "open"),
            (no, no, no, true, "change keyside:allow"),
            (no, no, yes, false, "change .keysideignore:1"),
            (yes, yes, yes, false, "known .keysideignore:1"),
            // Taken away by the change.
            (yes, yes, no, false, "open"),
            (yes, yes, no, true, "known .keysideignore:1"),
            // Accepted at the base, since.
            (yes, no, no, false, "known .keysideignore:1"),
            // No longer accepted there.
            (no, yes, yes, false, "change .keysideignore:1"),
        ] {
            let change = ChangePolicy {
                bases: vec![state(base, "s")],
                forks: vec![state(fork, "s")],
                head: state(head, "s"),
                trusts_head: false,
            };
            assert_eq!(judged(&change, marker), expected, "{base:?} {fork:?} {head:?} {marker}");
        }
    }

    #[test]
    fn one_of_several_bases_is_enough_and_none_accepts_nothing() {
        let change = |bases| ChangePolicy {
            bases,
            forks: Vec::new(),
            head: state("d/\n", "s"),
            trusts_head: false,
        };
        assert_eq!(judged(&change(Vec::new()), false), "change .keysideignore:1");
        let bases = vec![state("x/\n", "s"), state("d/\n", "s")];
        assert_eq!(judged(&change(bases), false), "known .keysideignore:1");
    }

    #[test]
    fn each_state_has_its_own_salt() {
        let with = |salt: &str| state(&format!("{} why\n", id(salt)), salt);
        let (head, base) = (with("new"), with("old"));
        let change =
            ChangePolicy { bases: vec![base], forks: Vec::new(), head, trusts_head: false };
        assert_eq!(judged(&change, false), "known .keysideignore:1");
    }

    #[test]
    fn a_rule_of_the_change_is_not_the_one_that_is_disabled() {
        let config = || TreeConfig {
            name: "keyside.toml".to_owned(),
            folder: "/r".into(),
            disabled: vec!["a-key".to_owned()],
            excluded: PathPatterns::default(),
        };
        let state = || {
            let policy = Policy { configs: vec![config()], ..Policy::default() };
            Arc::new(PolicyState { policy, ..PolicyState::default() })
        };
        let change = ChangePolicy {
            bases: vec![state()],
            forks: vec![state()],
            head: state(),
            trusts_head: false,
        };
        let judge = |rule_file: &str| {
            change.judge(JudgedPlace {
                id: &id,
                scope: IdScope::Key,
                kind: FindingKind::Secret,
                rule_id: "a-key",
                rule_file,
                path: Path::new("/r/d/a"),
                marker: None,
                is_old: false,
            })
        };
        assert!(matches!(judge("own.toml"), Acceptance::Known(_)));
        assert_eq!(judge(&format!("own.toml{OF_CHANGE}")), Acceptance::Open);
    }
}
