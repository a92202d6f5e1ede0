//! The arguments of `keyside explain`.

use clap::Args;

use super::policy::RuleArgs;

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArgs {
    /// Places such as `src/config.ts:12`, rule ids, or kinds of findings. Of a place, a scan of the
    /// current folder decides, or of the file's checkout if the file is elsewhere or in one below
    #[arg(value_name = "PATH:LINE|RULE-ID|KIND", required = true)]
    pub(in crate::cli) what: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) rules: RuleArgs,
}
