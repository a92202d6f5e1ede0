//! `keyside verify`: whether a key on standard input is live.

use std::io;
use std::path::PathBuf;

use super::args::VerifyArgs;
use super::output::Outputs;
use super::scan::Input;
use super::{Streams, exit, interrupt, progress};
use crate::config::Settings;
use crate::model::{Notice, NoticeKind};
use crate::report::Format;
use crate::run::{self, Progress, ScanTarget};

pub(super) fn verify(args: VerifyArgs, streams: &Streams) -> anyhow::Result<u8> {
    let VerifyArgs { ask, rules, output } = args;
    let settings = Settings {
        verify: Some(ask.wishes()),
        // A key has no line to be accepted on.
        no_suppress: true,
        allow_empty: true,
        ..Settings::default()
    };
    let plan = rules.settings(settings).plan(&[])?;
    let outputs = Outputs::open(&output)?;
    let progress = Progress::default();
    interrupt::heed(&plan, &progress)?;
    let wanted = !output.quiet && !output.no_progress;
    let mut input = Input(io::stdin());
    let mut targets = [ScanTarget::Stream(&mut input, PathBuf::from("<stdin>"))];
    let line_hashes = outputs.has(Format::Sarif);
    let mut report = progress::shown(wanted, &progress, || {
        run::run(&plan, &mut targets, line_hashes, &progress)
    });
    if report.findings.is_empty() {
        report.notices.push(Notice {
            path: None,
            kind: NoticeKind::Unverified,
            message: "no key that a rule knows is on standard input".to_owned(),
        });
    }
    let code = exit::of_verification(&report);
    outputs.write(&report, &plan.rules, code, streams)?;
    Ok(code)
}
