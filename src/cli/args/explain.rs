//! The arguments of `keyside explain`.

use clap::Args;

use super::policy::RuleArgs;

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArgs {
    /// A place such as `src/config.ts:12`, a rule's id, or a kind of finding
    #[arg(value_name = "PATH:LINE|RULE-ID|KIND")]
    pub(in crate::cli) what: String,
    #[command(flatten)]
    pub(in crate::cli) rules: RuleArgs,
}
