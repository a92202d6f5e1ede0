//! The rules to use, and the findings to report.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::exit::FailOn;
use crate::config::{ConfigError, Settings};
use crate::model::Severity;

/// The rules to use.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(in crate::cli) struct RuleArgs {
    /// Read a configuration file [default: none; a keyside.toml in the scanned tree cannot hide
    /// findings]
    #[arg(short, long, value_name = "FILE", env = "KEYSIDE_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
    /// Add rules from a file, or from every *.toml of a folder (repeatable) [env: KEYSIDE_RULES]
    // Not read by clap: to it, a value of the environment looks like an argument, and only rules
    // named in an argument may verify keys.
    #[arg(long, value_name = "FILE-OR-DIR")]
    rules: Vec<PathBuf>,
    /// Use only this rule (repeatable)
    #[arg(long, alias = "enable-rule", value_name = "RULE")]
    only: Vec<String>,
    /// Do not use this rule (repeatable)
    #[arg(long, value_name = "RULE")]
    disable: Vec<String>,
    /// Also use a group of rules: `experimental` are those whose facts are not sure enough
    #[arg(long, value_name = "GROUP")]
    enable: Vec<RuleGroup>,
}

/// Rules that are off unless they are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RuleGroup {
    Experimental,
}

/// The findings to report.
#[derive(Debug, Args)]
#[command(next_help_heading = "What to report")]
pub(in crate::cli) struct FilterArgs {
    /// Report findings of at least this severity, and count the others [default: note]
    #[arg(long, value_name = "SEVERITY")]
    min_severity: Option<SeverityArg>,
    /// Fail only on findings of at least this severity, on live keys (with --verify), or on what
    /// reaches clients; --min-severity chooses what is shown [default: what is shown]
    #[arg(long, value_name = "WHAT", help_heading = "Exit code")]
    fail_on: Option<FailOnArg>,
    /// Fail with 2 if an entry of .keysideignore has expired or accepts nothing: it is looked for in
    /// the whole tree and its history
    #[arg(long, help_heading = "Exit code")]
    strict_ignores: bool,
    /// Accept the findings in a baseline, as `keyside baseline write` makes it
    #[arg(short, long, alias = "baseline-path", value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Also report findings accepted by markers, .keysideignore, baselines or the scanned tree's
    /// keyside.toml
    #[arg(long)]
    no_suppress: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SeverityArg {
    Note,
    Warning,
    Error,
}

/// The findings that fail a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOnArg {
    Note,
    Warning,
    Error,
    Live,
    Client,
}

impl RuleArgs {
    pub(in crate::cli) fn settings(self, settings: Settings) -> Settings {
        let named_rules = self.rules.len();
        let of_environment = || std::env::var_os("KEYSIDE_RULES").filter(|value| !value.is_empty());
        let rules = match of_environment().filter(|_| named_rules == 0) {
            Some(path) => vec![path.into()],
            None => self.rules,
        };
        Settings {
            config: self.config,
            rules,
            named_rules,
            only: self.only,
            disable: self.disable,
            experimental: self.enable.contains(&RuleGroup::Experimental),
            ..settings
        }
    }
}

impl FilterArgs {
    /// The findings that fail the run.
    ///
    /// # Errors
    /// Live keys, if no provider is asked.
    pub(in crate::cli) fn fail_on(&self, is_verified: bool) -> Result<FailOn, ConfigError> {
        Ok(match self.fail_on {
            None => FailOn::Shown,
            Some(FailOnArg::Note) => FailOn::Severity(Severity::Note),
            Some(FailOnArg::Warning) => FailOn::Severity(Severity::Warning),
            Some(FailOnArg::Error) => FailOn::Severity(Severity::Error),
            Some(FailOnArg::Client) => FailOn::Client,
            Some(FailOnArg::Live) if is_verified => FailOn::Live,
            Some(FailOnArg::Live) => {
                let message =
                    "--fail-on live does nothing without --verify, which asks the providers";
                return Err(ConfigError::Usage(message.to_owned()));
            }
        })
    }

    /// True if ignore files may hold no entry without use.
    pub(in crate::cli) fn strict_ignores(&self) -> bool {
        self.strict_ignores
    }

    pub(in crate::cli) fn settings(self, settings: Settings) -> Settings {
        let min_severity = self.min_severity.map(|severity| match severity {
            SeverityArg::Note => Severity::Note,
            SeverityArg::Warning => Severity::Warning,
            SeverityArg::Error => Severity::Error,
        });
        Settings {
            baseline: self.baseline,
            min_severity,
            no_suppress: self.no_suppress,
            ..settings
        }
    }
}
