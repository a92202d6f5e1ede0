//! Measures the keyside binary as a whole process, in turn with other programs on the same input.
//!
//! ```text
//! cargo bench --bench speed [-- [figures [PART…]] [tree [PATH…]] [rules] [start] [large] [decode [PATH…]] [staged] [history] [exposure [PATH…]]]
//! ```
//!
//! It prints medians and ratios, and which goals are met; it fails only if a program does. All
//! input is generated from fixed seeds and removed at the end. `docs/performance.md` explains the
//! figures.

#![allow(clippy::print_stdout, reason = "the tables are what this program is for")]

mod checkouts;
mod decode;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/decoding_samples.rs"]
#[allow(clippy::unwrap_used, reason = "samples are made in memory")]
mod decoding_samples;
mod exposure;
mod figures;
mod floor;
mod forest;
mod git;
mod history;
mod large;
mod measure;
mod past;
mod peers;
mod plant;
mod rules;
mod staged;
mod start;
mod text;
mod tree;

use std::collections::BTreeSet;
use std::error::Error;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use keyside::rules::Ruleset;
use measure::Program;

/// The folder for generated files: inside the build folder, which is on a disk everywhere.
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

/// The shortest keyword that ripgrep looks for, too: shorter ones hit nearly everywhere.
const SHORTEST_LITERAL: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if history::does_a_part(&args)? {
        return Ok(());
    }
    // `cargo test --all-targets` runs this program too, without the flag.
    if !args.iter().any(|arg| arg == "--bench") {
        println!("nothing is measured here: run `cargo bench --bench speed`");
        return Ok(());
    }
    let named: Vec<&str> =
        args.iter().map(String::as_str).filter(|arg| !arg.starts_with('-')).collect();
    if let ["exposure", paths @ ..] = &named[..]
        && !paths.is_empty()
    {
        checkouts::run(&paths.iter().map(PathBuf::from).collect::<Vec<_>>())?;
        return Ok(());
    }
    if let ["figures", parts @ ..] = &named[..] {
        return figures::run(parts);
    }
    if let ["tree", paths @ ..] = &named[..]
        && !paths.is_empty()
    {
        return Ok(paths.iter().try_for_each(|path| tree::run_at(Path::new(path)))?);
    }
    if let ["decode", paths @ ..] = &named[..]
        && !paths.is_empty()
    {
        return Ok(paths.iter().try_for_each(|path| decode::run_tree(Path::new(path), path))?);
    }
    let known = ["decode", "start", "staged", "tree", "rules", "large", "history", "exposure"];
    if let Some(unknown) = named.iter().find(|name| !known.contains(name)) {
        return Err(format!("there is no benchmark `{unknown}`, only {}", known.join(", ")).into());
    }
    let wanted = |name: &str| named.is_empty() || named.contains(&name);
    println!(
        "keyside {}, {} processors",
        env!("CARGO_PKG_VERSION"),
        std::thread::available_parallelism().map_or(1, usize::from),
    );
    if wanted("start") {
        start::run()?;
    }
    if wanted("staged") {
        staged::run()?;
    }
    if wanted("tree") || wanted("rules") || wanted("decode") {
        let forest = forest::grow()?;
        if wanted("decode") {
            decode::run_tree(forest.path(), &forest.size())?;
            decode::run_bombs()?;
        }
        if wanted("tree") {
            tree::run(&forest)?;
        }
        if wanted("rules") {
            rules::run(&forest)?;
        }
    }
    if wanted("large") {
        large::run()?;
    }
    if wanted("history") {
        history::run()?;
    }
    if wanted("exposure") {
        exposure::run()?;
    }
    Ok(())
}

/// `keyside scan` with `args`; the generated texts hold no key.
fn keyside(args: impl IntoIterator<Item = OsString>) -> Program {
    let mut words: Vec<OsString> = vec![env!("CARGO_BIN_EXE_keyside").into(), "scan".into()];
    words.extend(args);
    Program::new("keyside", words, &[0])
}

/// ripgrep for the keywords of the built-in rules in `path`, if it is installed. It reads them from a
/// file in `folder`.
fn ripgrep(path: &Path, folder: &Path) -> io::Result<Option<Program>> {
    if !measure::is_installed("rg")? {
        println!("(rg is not installed: keyside's own figures only)");
        return Ok(None);
    }
    let rules = Ruleset::built_in();
    let keywords = rules.rules.iter().flat_map(|rule| &*rule.keywords);
    let keywords: BTreeSet<&str> =
        keywords.map(String::as_str).filter(|word| word.len() >= SHORTEST_LITERAL).collect();
    let list = folder.join("keywords");
    std::fs::write(&list, keywords.iter().map(|word| format!("{word}\n")).collect::<String>())?;
    let mut words: Vec<OsString> = ["rg", "-c", "--hidden", "-F", "-f"].map(OsString::from).into();
    words.extend([list.into(), path.into()]);
    // 1 means that nothing was found.
    let name = format!("rg -c -F, {} keywords", keywords.len());
    Ok(Some(Program::new(name, words, &[0, 1])))
}
