//! The arguments of `keyside verify`.

use clap::Args;

use super::output::OutputArgs;
use super::policy::RuleArgs;
use super::verification::ProviderArgs;

pub(super) const EXAMPLES: &str = "\
Examples:
  keyside verify < key.txt              does this key still work?
  pass show api-key | keyside verify -f json
  keyside verify --verify-dry-run < key.txt

Exit codes: 0 dead, 1 live, 2 wrong usage, 3 unknown, or no key that a rule recognises.";

/// There is no argument for a key: it would end up in the shell's history and the process list.
#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArgs {
    #[command(flatten)]
    pub(in crate::cli) provider: ProviderArgs,
    #[command(flatten)]
    pub(in crate::cli) rules: RuleArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}
