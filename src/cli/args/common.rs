//! The arguments that every scan takes.

use clap::Args;

use super::output::OutputArgs;
use super::policy::{FilterArgs, RuleArgs};
use super::verification::LiveArgs;
use crate::cli::exit::ExitChoice;
use crate::cli::{exit, trial_rule};
use crate::config::{ConfigError, Settings};

#[derive(Debug, Args)]
pub(in crate::cli) struct CommonArgs {
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
    #[command(flatten)]
    exit: ExitArgs,
}

/// The exit code.
#[derive(Debug, Args)]
#[command(next_help_heading = "Exit code")]
struct ExitArgs {
    /// Exit with N if there are findings
    #[arg(long, value_name = "N", default_value_t = exit::FOUND)]
    exit_code: u8,
    /// Succeed even if there are findings; unreadable input still fails
    #[arg(long, conflicts_with = "exit_code")]
    exit_zero: bool,
    /// Succeed even if there was nothing to scan
    #[arg(long)]
    allow_empty: bool,
}

impl CommonArgs {
    /// Splits into settings, output arguments and the choices on the exit code.
    ///
    /// # Errors
    /// A flag that does nothing without another.
    pub(in crate::cli) fn split(
        self,
        settings: Settings,
    ) -> Result<(Settings, OutputArgs, ExitChoice), ConfigError> {
        let verify = self.live.settings()?;
        let found = if self.exit.exit_zero { exit::CLEAN } else { self.exit.exit_code };
        let fail_on = self.filter.fail_on(verify.is_some())?;
        let choice = ExitChoice { found, fail_on, strict_ignores: self.filter.strict_ignores() };
        let settings = self.filter.settings(self.rules.settings(settings));
        let settings = Settings {
            allow_empty: self.exit.allow_empty,
            verify,
            trial_rule: trial_rule::rule(),
            ..settings
        };
        Ok((settings, self.output, choice))
    }
}
