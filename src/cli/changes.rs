//! The plan for a part of a repository. For changes, the settings of the project come from the states
//! that they lie between.

use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::bail;

use super::repository;
use crate::config::{Plan, Settings, StoredChanges};
use crate::rules::Rule;
use crate::run::GitTarget;
use crate::source::git::{ChangeStates, Repository};

/// Makes the plan for scanning `part` of the repository at `path`. With `trusts_head`, what changes
/// themselves accept counts; of the next commit, it always does.
///
/// # Errors
/// Settings that cannot be used, and revisions that name nothing.
pub(super) fn plan(
    settings: Settings,
    path: &Path,
    repository: &Repository,
    part: &GitTarget,
    trusts_head: bool,
) -> anyhow::Result<Plan> {
    let top = repository.checkout().map(ToOwned::to_owned);
    let settings = Settings { base: top.clone(), ..settings };
    let states = match part {
        GitTarget::History { .. } => None,
        GitTarget::Staged { .. } => Some(vec![ChangeStates::of_index(repository)?]),
        GitTarget::Range { range, .. } => Some(vec![ChangeStates::of_range(repository, range)?]),
        GitTarget::Push { updates, receiver } => {
            Some(ChangeStates::of_push(repository, updates, receiver))
        }
    };
    let plan = match states {
        None => settings.plan(top.as_slice())?,
        Some(states) => {
            let trusts_head = trusts_head || matches!(part, GitTarget::Staged { .. });
            let again = repository::open(path)?;
            let again = if repository.owns_all() { again.without_alternates() } else { again };
            let repository = Arc::new(Mutex::new(again));
            let changes = StoredChanges { repository, states, trusts_head };
            settings.plan_of_changes(top.as_deref(), &changes)?
        }
    };
    if !plan.rules.rules.iter().any(Rule::is_reported) {
        bail!("no rule is left to scan with: see --only and --disable");
    }
    Ok(plan)
}
