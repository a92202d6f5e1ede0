//! The arguments of `keyside diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(super) const EXAMPLES: &str = "\
Examples:
  keyside scan -f json -o new.json; keyside diff old.json new.json
  keyside diff old.json new.json -f markdown > comment.md

A finding is the same in both if its id is, whatever its line. One that has got worse, such as a known
key that begins to reach a browser, is new.

Exit codes: 0 nothing new, 1 new findings, 2 not a report, 3 nothing new, but NEW is incomplete.";

#[derive(Debug, Args)]
pub(in crate::cli) struct DiffArgs {
    /// The earlier JSON report
    #[arg(value_name = "OLD")]
    pub(in crate::cli) old: PathBuf,
    /// The later JSON report
    #[arg(value_name = "NEW")]
    pub(in crate::cli) new: PathBuf,
    /// Output for people, for programs, or for comments on code hosts
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: DiffFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DiffFormat {
    Human,
    Json,
    Markdown,
}
