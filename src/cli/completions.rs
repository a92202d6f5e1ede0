//! `keyside completions` and `keyside man`, generated from the arguments' definition.

use std::io::{self, Write};

use clap_complete::Shell;

use super::streams::Streams;
use super::{args, exit};

pub(super) fn completions(shell: Shell, streams: &Streams) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "keyside", &mut script);
    streams.out().write_all(&script)?;
    Ok(exit::CLEAN)
}

/// Prints one page, with a section for each subcommand.
pub(super) fn man(streams: &Streams) -> anyhow::Result<u8> {
    let mut page = Vec::new();
    let command = args::command();
    let man = clap_mangen::Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    for subcommand in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        write_section(subcommand, "keyside", &mut page)?;
    }
    if let Some(examples) = command.get_after_help() {
        writeln!(page, ".SH EXAMPLES AND EXIT CODES")?;
        write_lines(&examples.to_string(), &mut page)?;
    }
    man.render_version_section(&mut page)?;
    streams.out().write_all(&page)?;
    Ok(exit::CLEAN)
}

fn write_section(command: &clap::Command, parent: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let name = format!("{parent} {}", command.get_name());
    writeln!(page, ".SH {}", name.to_uppercase())?;
    let man = clap_mangen::Man::new(command.clone());
    man.render_description_section(page)?;
    if let Some(examples) = command.get_after_help() {
        write_lines(&examples.to_string(), page)?;
    }
    man.render_options_section(page)?;
    for subcommand in command.get_subcommands() {
        write_section(subcommand, &name, page)?;
    }
    Ok(())
}

/// Writes lines without reflowing them.
fn write_lines(text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".nf")?;
    for line in text.lines() {
        writeln!(page, "\\&{}", line.replace('\\', "\\e").replace('-', "\\-"))?;
    }
    writeln!(page, ".fi")
}
