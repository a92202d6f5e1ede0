//! The arguments of `keyside scan` and `keyside stdin`.

use std::path::PathBuf;

use clap::Args;

use super::common::CommonArgs;
use super::tree::TreeArgs;

pub(super) const EXAMPLES: &str = "\
Examples:
  keyside scan                          everything below the current folder
  keyside scan --no-ignore              also files that git ignores (.env, build output)
  keyside scan -f json -o report.json   a report for programs
  keyside scan --build dist             after a build: which leaks are in its output
  keyside scan --only magicx-secret-key --exclude 'tests/**'
  tar xOf backup.tar | keyside scan -   standard input";

#[derive(Debug, Args)]
pub(in crate::cli) struct ScanArgs {
    /// Files and folders to scan; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// The client's build output, such as `dist`: says which leaks the build confirms (repeatable)
    #[arg(long, value_name = "DIR", help_heading = "What to read")]
    pub(in crate::cli) build: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) tree: TreeArgs,
    #[command(flatten)]
    pub(in crate::cli) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StdinArgs {
    /// The input's file name in reports and for path patterns
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub(in crate::cli) path: PathBuf,
    /// Accepted for consistency with other scans: a stream has neither a size nor ignore files.
    #[command(flatten)]
    pub(in crate::cli) tree: TreeArgs,
    #[command(flatten)]
    pub(in crate::cli) common: CommonArgs,
}
