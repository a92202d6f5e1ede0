//! `keyside scan` and `keyside stdin`.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::args::{CommonArgs, ScanArgs, StdinArgs};
use super::output::Outputs;
use super::stdin::StdinReader;
use super::streams::Streams;
use super::{interrupt, progress, repository, unused_ignores};
use crate::config::Settings;
use crate::report::Format;
use crate::rules::Rule;
use crate::run::{self, Progress, ScanTarget};

pub(super) fn scan(args: ScanArgs, streams: &Streams) -> anyhow::Result<u8> {
    let (streamed, paths): (Vec<_>, Vec<_>) =
        args.paths.into_iter().partition(|path| path == Path::new("-"));
    let settings = args.tree.settings(Settings::default());
    let name = (!streamed.is_empty()).then(|| PathBuf::from("<stdin>"));
    for folder in &args.build {
        if !folder.is_dir() {
            bail!("--build: {} is no folder: run the build first", folder.display());
        }
    }
    execute(&paths, name, args.build, settings, args.common, streams)
}

pub(super) fn stdin(args: StdinArgs, streams: &Streams) -> anyhow::Result<u8> {
    let settings = args.tree.settings(Settings::default());
    execute(&[], Some(args.path), Vec::new(), settings, args.common, streams)
}

/// Scans `paths`, and standard input if `stream` names it.
fn execute(
    paths: &[PathBuf],
    stream: Option<PathBuf>,
    builds: Vec<PathBuf>,
    settings: Settings,
    common: CommonArgs,
    streams: &Streams,
) -> anyhow::Result<u8> {
    for path in paths {
        repository::check_folder(path)?;
    }
    let (settings, output, choice) = common.split(settings)?;
    let here = [PathBuf::from(".")];
    let mut plan = settings.plan(if paths.is_empty() { &here } else { paths })?;
    if !plan.rules.rules.iter().any(Rule::is_reported) {
        bail!("no rule is left to scan with: see --only and --disable");
    }
    let mut outputs = Outputs::open(&output)?;
    outputs.set_subject(stream.as_slice());
    if !paths.is_empty() {
        outputs.set_subject(paths);
    }
    plan.tree.outputs = outputs.paths();
    plan.builds = builds;
    let wanted = !output.quiet && !output.no_progress;
    let progress = Progress { is_shown: progress::is_shown(wanted), ..Progress::default() };
    let lock = interrupt::install_handler(&progress, streams)?;
    let line_hashes = outputs.has(Format::Sarif);
    let mut input = StdinReader(io::stdin());
    let mut targets = Vec::new();
    if !paths.is_empty() {
        targets.push(ScanTarget::Paths(paths));
    }
    if let Some(name) = stream {
        targets.push(ScanTarget::Stream(&mut input, name));
    }
    let report = progress::shown(wanted, &progress, || {
        run::run(&plan, &mut targets, line_hashes, &progress)
    });
    let code = unused_ignores::exit_code(&plan, &report, Path::new(""), choice, streams)?;
    outputs.write(&report, &plan.rules, code, streams, &lock)?;
    Ok(code)
}
