//! The arguments of `keyside config`.

use std::path::PathBuf;

use clap::Subcommand;

use super::policy::{FilterArgs, RuleArgs};
use super::tree::TreeArgs;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConfigAction {
    /// Print the settings as a keyside.toml, and the files they come from
    Show {
        /// The folder that would be scanned
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
        #[command(flatten)]
        tree: TreeArgs,
        #[command(flatten)]
        rules: RuleArgs,
        #[command(flatten)]
        filter: FilterArgs,
    },
}
