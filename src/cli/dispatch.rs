//! Parses the arguments, runs the subcommand, and turns its result into an exit code.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use super::args::{Cli, Color, Command};
use super::sanitize::{mask_keys, sanitize};
use super::streams::Streams;
use super::{
    baseline, completions, config, diff, exit, explain, foreign_file, git, hook, import,
    install_hook, rules, scan, triage, verify,
};

/// Runs keyside with `args`, the program's name first, on the process's streams.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is not worth a complaint.
            let _ = if error.use_stderr() {
                let text = mask_keys(&error.render().ansi().to_string());
                Streams::new(Color::Auto).err().write_all(text.as_bytes())
            } else {
                error.print()
            };
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::CLEAN });
        }
    };
    let streams = Streams::new(cli.command.color());
    match dispatch(cli.command, &streams) {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_closed_pipe(&error) => ExitCode::from(exit::CLEAN),
        Err(error) => {
            let _ = print_error(&error, &streams);
            ExitCode::from(exit::USAGE)
        }
    }
}

fn dispatch(command: Command, streams: &Streams) -> anyhow::Result<u8> {
    match command {
        Command::Scan(args) => scan::scan(args, streams),
        Command::Git(args) => git::git(args, streams),
        Command::Stdin(args) => scan::stdin(args, streams),
        Command::Hook { hook } => hook::hook(hook, streams),
        Command::InstallHook(args) => install_hook::install_hook(args, streams),
        Command::Verify(args) => verify::verify(args, streams),
        Command::Explain(args) => explain::explain(args, streams),
        Command::Rules { action } => rules::rules(action, streams),
        Command::Import(args) => import::import(args, streams),
        Command::Config { action } => config::config(action, streams),
        Command::Baseline { action } => baseline::baseline(action, streams),
        Command::Triage(args) => triage::triage(args, streams),
        Command::Diff(args) => diff::diff(args, streams),
        Command::Completions { shell } => completions::completions(shell, streams),
        Command::Man => completions::man(streams),
    }
}

fn print_error(error: &anyhow::Error, streams: &Streams) -> io::Result<()> {
    let mut err = streams.err();
    let style = anstyle::AnsiColor::Red.on_default().bold();
    writeln!(err, "{style}error{style:#}: {}", sanitize(&error.to_string()))?;
    for cause in error.chain().skip(1) {
        writeln!(err, "  because: {}", sanitize(&cause.to_string()))?;
    }
    if let Some(advice) = foreign_file::advice(error) {
        writeln!(err, "  {}", sanitize(&advice))?;
    }
    Ok(())
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
