//! The command line: arguments, one file a subcommand, exit codes. The only module that prints.

mod args;
mod baseline;
mod command_escaper;
mod completions;
mod config;
mod exit;
mod explain;
mod git;
mod hook;
mod import;
mod install_hook;
mod interrupt;
mod output;
mod progress;
mod rules;
mod scan;
mod verify;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use clap::{CommandFactory, Parser};

use crate::report;
use crate::rules::Ruleset;
use crate::scan::Scanner;
use args::{Cli, Color, Command};
use command_escaper::CommandEscaper;

/// Runs keyside with `args`, the program's name first, on the process's streams.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is no reason to complain about.
            let _ = if error.use_stderr() {
                let text = without_keys(&error.render().ansi().to_string());
                Streams { color: Color::Auto }.err().write_all(text.as_bytes())
            } else {
                error.print()
            };
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::CLEAN });
        }
    };
    let streams = Streams { color: cli.command.color() };
    match dispatch(cli.command, &streams) {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_closed_pipe(&error) => ExitCode::from(exit::CLEAN),
        Err(error) => {
            let _ = complain(&error, &streams);
            ExitCode::from(exit::USAGE)
        }
    }
}

/// The definition of the command line, for completions, the manual and tests.
pub fn command() -> clap::Command {
    Cli::command()
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
        Command::Completions { shell } => completions::completions(shell, streams),
        Command::Man => completions::man(streams),
    }
}

fn complain(error: &anyhow::Error, streams: &Streams) -> io::Result<()> {
    let mut err = streams.err();
    let style = anstyle::AnsiColor::Red.on_default().bold();
    writeln!(err, "{style}error{style:#}: {}", harmless(&error.to_string()))?;
    for cause in error.chain().skip(1) {
        writeln!(err, "  because: {}", harmless(&cause.to_string()))?;
    }
    Ok(())
}

/// What an error says of arguments and files, without keys and without what steers a terminal.
fn harmless(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(report::visible).collect();
    without_keys(&lines.join("\n"))
}

fn without_keys(text: &str) -> String {
    Scanner::new(&Ruleset::built_in()).masked_text(text)
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// The process's output streams, with or without colour.
struct Streams {
    color: Color,
}

impl Streams {
    fn out(&self) -> AutoStream<Box<dyn Write>> {
        self.stream(io::stdout())
    }

    fn err(&self) -> AutoStream<Box<dyn Write>> {
        self.stream(io::stderr())
    }

    fn stream(&self, raw: impl RawStream + 'static) -> AutoStream<Box<dyn Write>> {
        let wanted = self.color.choice();
        let choice = if wanted == ColorChoice::Auto { AutoStream::choice(&raw) } else { wanted };
        AutoStream::new(Box::new(CommandEscaper::new(raw)), choice)
    }
}
