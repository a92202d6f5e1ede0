//! `keyside completions` and `keyside man`: made from the definition of the arguments.

use std::io::Write;

use clap_complete::Shell;

use super::Streams;

pub(super) fn completions(shell: Shell, streams: &Streams) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "keyside", &mut script);
    streams.out().write_all(&script)?;
    Ok(super::exit::CLEAN)
}

pub(super) fn man(streams: &Streams) -> anyhow::Result<u8> {
    let mut page = Vec::new();
    clap_mangen::Man::new(super::command()).render(&mut page)?;
    // One page: each subcommand's options follow as sections of their own.
    for subcommand in super::command()
        .get_subcommands()
        .filter(|c| !c.is_hide_set())
    {
        let title = format!("KEYSIDE {}", subcommand.get_name().to_uppercase());
        writeln!(page, ".SH \"{title}\"")?;
        let man = clap_mangen::Man::new(subcommand.clone());
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
        if subcommand.has_subcommands() {
            man.render_subcommands_section(&mut page)?;
        }
    }
    streams.out().write_all(&page)?;
    Ok(super::exit::CLEAN)
}
