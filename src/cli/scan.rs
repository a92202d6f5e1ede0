//! `keyside scan` and `keyside stdin`.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::args::{CommonArgs, ScanArgs, StdinArgs};
use super::output::Outputs;
use super::{Streams, exit, interrupt, progress};
use crate::config::Settings;
use crate::report::Format;
use crate::rules::Rule;
use crate::run::{self, Progress, ScanTarget};

pub(super) fn scan(args: ScanArgs, streams: &Streams) -> anyhow::Result<u8> {
    let (streamed, paths): (Vec<_>, Vec<_>) =
        args.paths.into_iter().partition(|path| path == Path::new("-"));
    let settings = args.tree.settings(Settings::default());
    let name = (!streamed.is_empty()).then(|| PathBuf::from("<stdin>"));
    execute(&paths, name, settings, args.common, streams)
}

pub(super) fn stdin(args: StdinArgs, streams: &Streams) -> anyhow::Result<u8> {
    let settings = args.tree.settings(Settings::default());
    execute(&[], Some(args.path), settings, args.common, streams)
}

/// Scans `paths`, and standard input under the name `stream` if it has one.
fn execute(
    paths: &[PathBuf],
    stream: Option<PathBuf>,
    settings: Settings,
    common: CommonArgs,
    streams: &Streams,
) -> anyhow::Result<u8> {
    let (settings, output, found) = common.split(settings)?;
    let here = [PathBuf::from(".")];
    let mut plan = settings.plan(if paths.is_empty() { &here } else { paths })?;
    if !plan.rules.rules.iter().any(Rule::is_reported) {
        bail!("no rule is left that could find anything: see --only and --disable");
    }
    let mut outputs = Outputs::open(&output)?;
    outputs.set_subject(stream.as_slice());
    if !paths.is_empty() {
        outputs.set_subject(paths);
    }
    plan.tree.outputs = outputs.paths();
    let progress = Progress::default();
    interrupt::heed(&plan, &progress)?;
    let line_hashes = outputs.has(Format::Sarif);
    let mut input = Input(io::stdin());
    let mut targets = Vec::new();
    if !paths.is_empty() {
        targets.push(ScanTarget::Paths(paths));
    }
    if let Some(name) = stream {
        targets.push(ScanTarget::Stream(&mut input, name));
    }
    let wanted = !output.quiet && !output.no_progress;
    let report = progress::shown(wanted, &progress, || {
        run::run(&plan, &mut targets, line_hashes, &progress)
    });
    let code = exit::of(&report, found);
    outputs.write(&report, &plan.rules, code, streams)?;
    Ok(code)
}

/// Standard input, locked for each read only, so that it can go to another thread.
pub(super) struct Input(pub(super) io::Stdin);

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.lock().read(buffer)
    }
}
