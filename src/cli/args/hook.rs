//! The arguments of `keyside hook`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::common::CommonArgs;
use super::output::OutputArgs;
use super::tree::TreeArgs;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum HookArgs {
    /// Scan what a commit adds; the pre-commit framework calls this at every stage
    #[command(name = "pre-commit")]
    Commit(PreCommitArgs),
    /// Scan what a push adds before it is sent; git lists the refs on standard input
    #[command(name = "pre-push")]
    Push(PrePushArgs),
    /// Scan what a push adds, on the server, before it is accepted
    #[command(name = "pre-receive")]
    Receive(PreReceiveArgs),
}

impl HookArgs {
    pub(in crate::cli) fn output(&self) -> &OutputArgs {
        match self {
            Self::Commit(args) => &args.common.output,
            Self::Push(args) => &args.common.output,
            Self::Receive(args) => &args.common.output,
        }
    }
}

/// The trust in what a change itself accepts.
#[derive(Debug, Args)]
pub(in crate::cli) struct TrustArgs {
    /// Let what pushed commits themselves accept count, as a warning: shown, but exit code 0. Of a commit
    /// that is about to be made, it always counts
    #[arg(long)]
    pub(in crate::cli) trust_head: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PreCommitArgs {
    /// Files to scan besides staged ones: from the index, or from disk if the index lacks them
    #[arg(value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Remember in a folder which commits expose nothing, so that they are not analysed again
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) cache: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    #[command(flatten)]
    pub(in crate::cli) tree: TreeArgs,
    #[command(flatten)]
    pub(in crate::cli) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PrePushArgs {
    /// The remote's name, as git passes it to its hook
    #[arg(value_name = "REMOTE", default_value = "")]
    pub(in crate::cli) remote: String,
    /// The remote's address
    #[arg(value_name = "URL")]
    url: Option<OsString>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    #[command(flatten)]
    pub(in crate::cli) tree: TreeArgs,
    #[command(flatten)]
    pub(in crate::cli) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PreReceiveArgs {
    /// Stop after SECONDS; 0 is no limit. Servers stop hooks themselves: GitHub after 5 seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 4.0)]
    pub(in crate::cli) timeout: f64,
    /// Allow or block a push that could not be scanned in time
    #[arg(long, value_name = "WHAT", default_value = "block")]
    pub(in crate::cli) on_timeout: OnTimeout,
    /// Let a push skip the scan if it asks to: `git push -o breakglass`
    #[arg(long)]
    pub(in crate::cli) breakglass: bool,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    #[command(flatten)]
    pub(in crate::cli) tree: TreeArgs,
    #[command(flatten)]
    pub(in crate::cli) common: CommonArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OnTimeout {
    Allow,
    Block,
}
