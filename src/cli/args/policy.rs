//! The rules to use, and the findings to report.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::config::Settings;
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
