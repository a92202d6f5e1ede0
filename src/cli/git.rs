//! `keyside git`.

use std::io::Write;
use std::slice::from_ref;

use anyhow::bail;

use super::args::GitArgs;
use super::output::Outputs;
use super::{Streams, exit, interrupt, progress};
use crate::config::Settings;
use crate::model::{Completeness, Mode};
use crate::report::Format;
use crate::rules::Rule;
use crate::run::{self, Progress};
use crate::source::git::Repository;

pub(super) fn git(args: GitArgs, streams: &Streams) -> anyhow::Result<u8> {
    let settings = args.tree.settings(Settings::default());
    let (settings, output, found) = args.common.split(settings)?;
    let repository = Repository::open(&args.repository)?;
    let roots: Vec<_> = repository.checkout().map(ToOwned::to_owned).into_iter().collect();
    let settings = Settings { base: roots.first().cloned(), ..settings };
    let plan = settings.plan(&roots)?;
    if !plan.rules.rules.iter().any(Rule::is_reported) {
        bail!("no rule is left that could find anything: see --only and --disable");
    }
    let mut outputs = Outputs::open(&output)?;
    outputs.set_subject(if roots.is_empty() { from_ref(&args.repository) } else { &roots });
    let wanted = !output.quiet && !output.no_progress;
    let progress = Progress { is_shown: progress::is_shown(wanted), ..Progress::default() };
    interrupt::heed(&plan, &progress)?;
    let line_hashes = outputs.has(Format::Sarif);
    let part = args.part.part();
    let report = progress::shown(wanted, &progress, || {
        run::run_git(&plan, &repository, &part, line_hashes, &progress)
    })?;
    let is_nothing = report.summary.blobs == 0 && report.summary.skipped() == 0;
    if report.mode == Mode::Staged && is_nothing && report.state() == Completeness::Complete {
        // Whoever closes standard error must not lose the exit code.
        let _ = writeln!(streams.err(), "note: nothing is staged: there was nothing to scan");
    }
    let code = exit::of(&report, found);
    outputs.write(&report, &plan.rules, code, streams)?;
    Ok(code)
}
