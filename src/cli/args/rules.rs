//! The arguments of `keyside rules`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::policy::RuleArgs;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RulesAction {
    /// List the loaded rules by provider, all or those that a word finds
    List {
        /// A word of a provider, rule, prefix or variable, in any case, such as `stripe`
        word: Option<String>,
        /// The form of the list
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: ListFormat,
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
    /// Write a commented starter file for rules of one's own
    New {
        /// The provider's name in kebab-case; the file is PROVIDER.toml
        provider: String,
        /// Write to this file instead
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Check rule files, and run each rule on its own samples
    Check {
        /// Rule files or folders of them; the built-in rules if omitted
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// The form of a list of rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ListFormat {
    /// Aligned columns for people
    #[default]
    Human,
    /// An array of providers with their rules
    Json,
}
