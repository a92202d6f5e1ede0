//! The subcommands.

use clap::{CommandFactory, Parser, Subcommand};

use super::baseline::{self, BaselineAction};
use super::config::ConfigAction;
use super::diff::{self, DiffArgs};
use super::explain::ExplainArgs;
use super::git::{self, GitArgs};
use super::hook::HookArgs;
use super::import::{self, ImportArgs};
use super::install_hook::{self, InstallArgs};
use super::output::Color;
use super::rules::RulesAction;
use super::scan::{self, ScanArgs, StdinArgs};
use super::triage::{self, TriageArgs};
use super::verify::{self, VerifyArgs};

const EXAMPLES: &str = "\
Examples:
  keyside scan                          everything below the current folder
  keyside scan src .env                 a folder and a file
  keyside scan -f sarif=keyside.sarif   the human report, and SARIF for code scanning
  keyside git                           the whole history of the repository
  keyside git --staged                  what the next commit would add
  git show HEAD:.env | keyside stdin --path .env
  keyside scan --verify                 which of the keys still work
  keyside explain src/config.ts:12      why a line is or is not reported

Exit codes: 0 clean, 1 leaked keys, 2 wrong usage, 3 not everything was read.";

/// Finds leaked API keys, exactly and fast, and says which side each key belongs on.
#[derive(Debug, Parser)]
#[command(name = "keyside", version, about, after_help = EXAMPLES, max_term_width = 100)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(in crate::cli) struct Cli {
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Scan working trees and single files
    #[command(alias = "dir", after_help = scan::EXAMPLES)]
    Scan(ScanArgs),
    /// Scan the history of a git repository, staged changes, or a range of commits
    #[command(after_help = git::EXAMPLES)]
    Git(GitArgs),
    /// Scan standard input as one file
    Stdin(StdinArgs),
    /// Scan on behalf of a git hook or a hook manager
    Hook {
        #[command(subcommand)]
        hook: HookArgs,
    },
    /// Install or remove the git hooks that scan each commit or push
    #[command(after_help = install_hook::EXAMPLES)]
    InstallHook(InstallArgs),
    /// Ask the provider whether a key on standard input is live
    #[command(after_help = verify::EXAMPLES)]
    Verify(VerifyArgs),
    /// Explain why a line is or is not reported, or what a rule is for
    Explain(ExplainArgs),
    /// List, show and check rules
    Rules {
        #[command(subcommand)]
        action: RulesAction,
    },
    /// Convert files of gitleaks and detect-secrets into keyside's own
    #[command(after_help = import::EXAMPLES)]
    Import(ImportArgs),
    /// Show the settings that a scan would use
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Write, prune and show a baseline of accepted findings
    #[command(after_help = baseline::EXAMPLES)]
    Baseline {
        #[command(subcommand)]
        action: BaselineAction,
    },
    /// Decide on one finding after the other, in a terminal
    #[command(after_help = triage::EXAMPLES)]
    Triage(TriageArgs),
    /// Show what is new and what is gone between two JSON reports
    #[command(after_help = diff::EXAMPLES)]
    Diff(DiffArgs),
    /// Print a shell completion script
    Completions {
        /// The shell to complete commands in
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

impl Command {
    pub(in crate::cli) fn color(&self) -> Color {
        match self {
            Self::Scan(args) => args.common.output.color(),
            Self::Git(args) => args.common.output.color(),
            Self::Stdin(args) => args.common.output.color(),
            Self::Hook { hook } => hook.output().color(),
            Self::Verify(args) => args.output.color(),
            Self::InstallHook(_)
            | Self::Explain(_)
            | Self::Rules { .. }
            | Self::Import(_)
            | Self::Config { .. }
            | Self::Baseline { .. }
            | Self::Triage(_)
            | Self::Diff(_)
            | Self::Completions { .. }
            | Self::Man => Color::Auto,
        }
    }
}

/// The command line's definition, for completions, the manual and tests.
pub fn command() -> clap::Command {
    Cli::command()
}
