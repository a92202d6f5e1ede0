//! `keyside verify`: asks the provider whether a key on standard input is live.

use std::io;
use std::path::PathBuf;

use super::args::VerifyArgs;
use super::output::Outputs;
use super::stdin::StdinReader;
use super::streams::Streams;
use super::{exit, interrupt, progress};
use crate::config::Settings;
use crate::model::{Notice, NoticeKind};
use crate::report::Format;
use crate::run::{self, Progress, ScanTarget};

pub(super) fn verify(args: VerifyArgs, streams: &Streams) -> anyhow::Result<u8> {
    let VerifyArgs { provider, rules, output } = args;
    let settings = Settings {
        verify: Some(provider.settings()),
        // A bare key has no line that could accept it.
        no_suppress: true,
        allow_empty: true,
        ..Settings::default()
    };
    let plan = rules.settings(settings).plan(&[])?;
    let outputs = Outputs::open(&output)?;
    let wanted = !output.quiet && !output.no_progress;
    let progress = Progress { is_shown: progress::is_shown(wanted), ..Progress::default() };
    let lock = interrupt::install_handler(&progress, streams)?;
    let mut input = StdinReader(io::stdin());
    let mut targets = [ScanTarget::Stream(&mut input, PathBuf::from("<stdin>"))];
    let line_hashes = outputs.has(Format::Sarif);
    let mut report = progress::shown(wanted, &progress, || {
        run::run(&plan, &mut targets, line_hashes, &progress)
    });
    if report.findings.is_empty() {
        report.notices.push(Notice {
            path: None,
            kind: NoticeKind::Unverified,
            message: "no rule recognises a key on standard input".to_owned(),
        });
    }
    let code = exit::of_verification(&report);
    outputs.write(&report, &plan.rules, code, streams, &lock)?;
    Ok(code)
}
