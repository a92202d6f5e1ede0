//! The arguments of `keyside rules`.

use std::path::PathBuf;

use clap::Subcommand;

use super::policy::RuleArgs;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RulesAction {
    /// List the loaded rules
    List {
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Show everything a rule says
    Show {
        /// The rule's id
        id: String,
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Check rule files, and run each rule on its own samples
    Check {
        /// Rule files or folders of them; the built-in rules if omitted
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}
