//! The destinations and the appearance of reports.

use std::path::PathBuf;
use std::str::FromStr;

use anstream::ColorChoice;
use clap::{Args, ValueEnum};

use crate::report::Format;

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct OutputArgs {
    #[arg(short, long, visible_alias = "report-format", value_name = "FORMAT[=FILE]", help = format_help())]
    pub(in crate::cli) format: Vec<FormatArg>,
    /// Write the report to a file, in the format of its extension unless -f is given; `-` is
    /// standard output
    #[arg(short, long, alias = "report-path", short_alias = 'r', value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Show whole secrets in human and JSON reports
    #[arg(long)]
    pub(in crate::cli) show_secrets: bool,
    /// When to use colours [env: NO_COLOR, CLICOLOR_FORCE]
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
    #[arg(long, hide = true)]
    no_color: bool,
    /// Show findings only
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
    /// Also list accepted findings
    #[arg(short, long)]
    pub(in crate::cli) verbose: bool,
    /// Hide the progress line
    #[arg(long)]
    pub(in crate::cli) no_progress: bool,
    // Spellings of gitleaks for what keyside does anyway.
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true)]
    redact: Option<Option<String>>,
    #[arg(long, hide = true)]
    no_banner: bool,
}

fn format_help() -> String {
    let [names @ .., last] = Format::ALL.map(|(name, _)| name);
    format!("Report as {} or {last}; FORMAT=FILE writes to a file (repeatable)", names.join(", "))
}

impl OutputArgs {
    pub(in crate::cli) fn color(&self) -> Color {
        if self.no_color { Color::Never } else { self.color }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(in crate::cli) fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

/// `FORMAT` or `FORMAT=FILE`.
#[derive(Debug, Clone)]
pub(in crate::cli) struct FormatArg {
    pub(in crate::cli) format: Format,
    pub(in crate::cli) file: Option<PathBuf>,
}

impl FromStr for FormatArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("no file after `=`".to_owned()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let names = || Format::ALL.map(|(name, _)| name).join(", ");
        let format = Format::by_name(name)
            .ok_or_else(|| format!("unknown format `{name}`; known formats: {}", names()))?;
        Ok(Self { format, file })
    }
}
