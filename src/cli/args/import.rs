//! The arguments of `keyside import`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::policy::RuleArgs;
use crate::interop::ImportFormat;

pub(super) const EXAMPLES: &str = "\
Examples:
  keyside import .gitleaks.toml -o .              rules and excluded paths
  keyside import .gitleaksignore >> .keysideignore
  keyside import gitleaks-report.json -o .keysideignore
  keyside import .secrets.baseline

Exit codes: 0 all was imported, 2 unknown file, 3 some was left out, as reported.";

#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArgs {
    /// A configuration, ignore file, report or baseline of gitleaks, or a .secrets.baseline
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// The kind of FILE [default: detected from its name and content]
    #[arg(long, value_name = "KIND", value_parser = kinds())]
    pub(in crate::cli) kind: Option<ImportFormat>,
    /// Write to FILE; into it, if it is a folder or the import makes several files
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long, requires = "output")]
    pub(in crate::cli) force: bool,
    #[command(flatten)]
    pub(in crate::cli) rules: RuleArgs,
}

fn kinds() -> impl TypedValueParser<Value = ImportFormat> {
    let names = PossibleValuesParser::new(ImportFormat::ALL.map(|(name, _)| name));
    names.map(|name| ImportFormat::by_name(&name).expect("only these names are possible"))
}
