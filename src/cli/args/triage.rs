//! The arguments of `keyside triage`.

use std::path::PathBuf;

use clap::Args;

use super::policy::RuleArgs;
use super::tree::TreeArgs;
use super::verification::LiveArgs;
use crate::config::{ConfigError, Settings};
use crate::model::Day;

pub(super) const EXAMPLES: &str = "\
Examples:
  keyside triage                        decide on each finding below the current folder
  keyside triage --verify               ask the providers first which keys are live
  keyside triage --owner @platform --until 2027-03-01

Each decision is written to .keysideignore at once, so that triage can be left at any time: the next run
goes on with what is left. Without a terminal, the findings are listed and nothing is asked.

Exit codes: 0 nothing is left, 1 findings are left, 2 wrong usage, 3 not everything was read.";

#[derive(Debug, Args)]
pub(in crate::cli) struct TriageArgs {
    /// The folder to scan; its .keysideignore is written
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Write this owner into each entry, such as `@team`
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Write this last day into each entry that accepts a finding
    #[arg(long, value_name = "DAY")]
    until: Option<Day>,
    /// Accept the findings in a baseline, as `keyside baseline write` makes it
    #[arg(short, long, alias = "baseline-path", value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    tree: TreeArgs,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    live: LiveArgs,
}

impl TriageArgs {
    /// The settings of the scan, and what else was asked for.
    ///
    /// # Errors
    /// A flag that does nothing without another.
    pub(in crate::cli) fn split(self) -> Result<(Settings, TriageChoice), ConfigError> {
        let Self { path, owner, until, baseline, tree, rules, live } = self;
        let verify = live.settings()?;
        if owner.as_ref().is_some_and(|own| own.is_empty() || own.contains(char::is_whitespace)) {
            let message = "--owner takes one word, such as @team".to_owned();
            return Err(ConfigError::Usage(message));
        }
        let settings = rules.settings(tree.settings(Settings::default()));
        Ok((Settings { baseline, verify, ..settings }, TriageChoice { path, owner, until }))
    }
}

/// The folder to triage, and the terms of each entry.
pub(in crate::cli) struct TriageChoice {
    /// The folder.
    pub(in crate::cli) path: PathBuf,
    /// The owner of each entry.
    pub(in crate::cli) owner: Option<String>,
    /// The last day of each entry that accepts a finding.
    pub(in crate::cli) until: Option<Day>,
}
