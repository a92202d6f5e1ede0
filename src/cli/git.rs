//! `keyside git`.

use std::io::Write;
use std::path::Path;
use std::slice::from_ref;

use anyhow::bail;

use super::args::GitArgs;
use super::output::Outputs;
use super::streams::Streams;
use super::{changes, interrupt, progress, repository, unused_ignores};
use crate::config::Settings;
use crate::model::{Completeness, Mode};
use crate::report::Format;
use crate::run::{self, GitTarget, Progress};

pub(super) fn git(args: GitArgs, streams: &Streams) -> anyhow::Result<u8> {
    let settings = args.tree.settings(Settings::default());
    let (settings, output, choice) = args.common.split(settings)?;
    let (repository, unpacked) = repository::open_or_unpack(&args.repository)?;
    let repository = match args.part.no_alternates {
        true => repository.without_alternates(),
        false => repository,
    };
    let roots: Vec<_> = repository.checkout().map(ToOwned::to_owned).into_iter().collect();
    let (trusts_head, part) = (args.part.trust_head, args.part.part());
    if unpacked.is_some() && matches!(part, GitTarget::Staged { .. }) {
        bail!("{} is a bundle or a pack, where nothing is staged", args.repository.display());
    }
    // A bundle may lie in another repository, whose settings are not its own.
    let place = unpacked.as_ref().map_or(&*args.repository, |folder| folder.path());
    let plan = changes::plan(settings, place, &repository, &part, trusts_head)?;
    let mut outputs = Outputs::open(&output)?;
    outputs.set_subject(if roots.is_empty() { from_ref(&args.repository) } else { &roots });
    let wanted = !output.quiet && !output.no_progress;
    let progress = Progress { is_shown: progress::is_shown(wanted), ..Progress::default() };
    let lock = interrupt::install_handler(&progress, streams)?;
    let line_hashes = outputs.has(Format::Sarif);
    let report = progress::shown(wanted, &progress, || {
        run::run_git(&plan, &repository, &part, line_hashes, &progress)
    })?;
    let is_nothing = report.summary.blobs == 0 && report.summary.skipped() == 0;
    if report.mode == Mode::Staged && is_nothing && report.state() == Completeness::Complete {
        // A closed standard error must not change the exit code.
        let _ =
            writeln!(streams.err(), "note: nothing new is staged, so there was nothing to scan");
    }
    let base = roots.first().map_or(Path::new(""), |root| root);
    let code = unused_ignores::exit_code(&plan, &report, base, choice, streams)?;
    outputs.write(&report, &plan.rules, code, streams, &lock)?;
    Ok(code)
}
