//! The arguments of `keyside baseline`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::policy::RuleArgs;
use super::tree::TreeArgs;

pub(super) const EXAMPLES: &str = "\
Examples:
  keyside baseline write                accept today's findings, in keyside-baseline.toml
  keyside baseline write --history --reason 'before keyside, see #12'
  keyside scan -b keyside-baseline.toml report only new findings
  keyside baseline write --only magicx-secret-key --from report.json
  keyside baseline prune                remove entries whose keys are gone, here and in .keysideignore

Exit codes: 0 done, 2 wrong usage, 3 not everything was read.";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BaselineAction {
    /// Scan, and accept new findings; existing entries keep their dates and reasons
    Write {
        /// Why the new findings are accepted
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
        /// Accept what a JSON report has found, without a scan
        #[arg(long, value_name = "REPORT", conflicts_with_all = ["history", "no_ignore", "exclude"])]
        from: Option<PathBuf>,
        #[command(flatten)]
        scan: BaselineScanArgs,
    },
    /// Scan, and remove entries whose findings are gone, from the baseline and from .keysideignore
    Prune {
        /// Only list what would be removed
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        scan: BaselineScanArgs,
    },
    /// List the accepted findings without a scan
    Show {
        /// The folder that holds the baseline
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
        /// The baseline [default: keyside-baseline.toml in PATH]
        #[arg(short, long, alias = "baseline-path", value_name = "FILE")]
        baseline: Option<PathBuf>,
        /// Output for people or for programs
        #[arg(short, long, value_name = "FORMAT", default_value = "human")]
        format: ShowFormat,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ShowFormat {
    Human,
    Json,
}

/// The scan behind a baseline, and the baseline's file.
#[derive(Debug, Args)]
pub(in crate::cli) struct BaselineScanArgs {
    /// The folder to scan
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) path: PathBuf,
    /// The baseline [default: keyside-baseline.toml in PATH]
    #[arg(
        short,
        long,
        alias = "baseline-path",
        short_alias = 'o',
        alias = "output",
        value_name = "FILE"
    )]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Also scan everything the repository stores; the baseline remembers this choice
    #[arg(long)]
    pub(in crate::cli) history: bool,
    #[command(flatten)]
    pub(in crate::cli) tree: TreeArgs,
    #[command(flatten)]
    pub(in crate::cli) rules: RuleArgs,
}
