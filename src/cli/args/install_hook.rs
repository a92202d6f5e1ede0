//! The arguments of `keyside install-hook`.

use clap::{Args, ValueEnum};

pub(super) const EXAMPLES: &str = "\
Examples:
  keyside install-hook                     scan before each commit
  keyside install-hook -t pre-commit -t pre-push
  keyside install-hook -- --config /etc/keyside.toml
  keyside install-hook --insert            beside the lines that a hook has already
  keyside install-hook --check             would a commit with a key be stopped here?
  keyside install-hook --uninstall
  cd /srv/git/app.git && keyside install-hook -t pre-receive";

#[derive(Debug, Args)]
pub(in crate::cli) struct InstallArgs {
    /// Which hook to install (repeatable)
    #[arg(short = 't', long = "type", value_name = "TYPE", default_value = "pre-commit")]
    pub(in crate::cli) kinds: Vec<Hook>,
    /// Remove the hook
    #[arg(long, conflicts_with = "args")]
    pub(in crate::cli) uninstall: bool,
    /// Put keyside's lines at the top of a hook that somebody else wrote
    #[arg(long, conflicts_with = "uninstall")]
    pub(in crate::cli) insert: bool,
    /// Try in a temporary clone if a key would be stopped: exit 0 if so, 1 if not, 3 if unknown.
    /// Runs the hooks
    #[arg(long, conflicts_with_all = ["args", "uninstall", "insert"])]
    pub(in crate::cli) check: bool,
    /// Arguments that the hook passes to `keyside hook`
    #[arg(value_name = "ARG", last = true)]
    pub(in crate::cli) args: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Hook {
    #[value(name = "pre-commit")]
    Commit,
    #[value(name = "pre-push")]
    Push,
    #[value(name = "pre-receive")]
    Receive,
}

impl Hook {
    pub(in crate::cli) fn name(self) -> &'static str {
        match self {
            Self::Commit => "pre-commit",
            Self::Push => "pre-push",
            Self::Receive => "pre-receive",
        }
    }
}
