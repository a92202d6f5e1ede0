//! `keyside hook`: scans on behalf of git hooks and hook managers.
//!
//! Unless a report is requested, it writes a few lines to standard error: graphical clients show
//! these, and git forwards them to whoever pushes.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

use anstream::StripStream;
use anyhow::{Context, anyhow};

use super::args::{
    CommonArgs, HookArgs, OnTimeout, PreCommitArgs, PrePushArgs, PreReceiveArgs, TreeArgs,
};
use super::exit::ExitChoice;
use super::interrupt::WriteLock;
use super::output::Outputs;
use super::sanitize::sanitize;
use super::streams::Streams;
use super::{changes, exit, interrupt, progress, repository, unused_ignores};
use crate::config::{Plan, Settings};
use crate::model::{Completeness, Notice, NoticeKind, Report};
use crate::report::{self, BlockedAction, Format};
use crate::run::{self, GitTarget, Progress};
use crate::source::git::{PushReceiver, RefUpdate};

/// The push option that skips the scan, if the operator allows it.
const BREAKGLASS: &str = "breakglass";

pub(super) fn hook(hook: HookArgs, streams: &Streams) -> anyhow::Result<u8> {
    match hook {
        HookArgs::Commit(args) => pre_commit(args, streams),
        HookArgs::Push(args) => pre_push(args, streams),
        HookArgs::Receive(args) => pre_receive(args, streams),
    }
}

fn pre_commit(args: PreCommitArgs, streams: &Streams) -> anyhow::Result<u8> {
    let trusts_head = args.trust.trust_head;
    let job = match of_framework()? {
        Some((update, receiver)) => {
            let stopped = match receiver {
                PushReceiver::Remote(_) => BlockedAction::Push,
                PushReceiver::Here | PushReceiver::Unknown => BlockedAction::Commits,
            };
            let part = GitTarget::Push { updates: vec![update], receiver };
            HookScan {
                part,
                trusts_head,
                stopped,
                nothing: "no commit is new, so there was nothing to scan",
            }
        }
        None => HookScan {
            part: GitTarget::Staged { whole_file: false, files: args.files, cache: args.cache },
            trusts_head: true,
            stopped: BlockedAction::Commit,
            nothing: "nothing new is staged, so there was nothing to scan",
        },
    };
    run_here(job, args.tree, args.common, streams)
}

/// The commits that the pre-commit framework names: `--from-ref` and `--to-ref`, or the first ref of
/// a push.
fn of_framework() -> anyhow::Result<Option<(RefUpdate, PushReceiver)>> {
    let variable = |name: &str| -> anyhow::Result<Option<String>> {
        let value = env::var_os(name).filter(|value| !value.is_empty());
        let text =
            value.map(|value| value.into_string().map_err(|_| anyhow!("{name} is not UTF-8")));
        text.transpose()
    };
    let old = variable("PRE_COMMIT_FROM_REF")?;
    let remote = variable("PRE_COMMIT_REMOTE_NAME")?;
    let new = match variable("PRE_COMMIT_TO_REF")? {
        Some(new) if old.is_some() => Some(new),
        // The remote has nothing of the push yet: the framework names all files then.
        _ if remote.is_some() => variable("PRE_COMMIT_LOCAL_BRANCH")?,
        _ => None,
    };
    let Some(new) = new else { return Ok(None) };
    let name = variable("PRE_COMMIT_REMOTE_BRANCH")?.unwrap_or_default();
    let receiver = remote.map_or(PushReceiver::Unknown, PushReceiver::Remote);
    Ok(Some((RefUpdate { name, old, new }, receiver)))
}

fn pre_push(args: PrePushArgs, streams: &Streams) -> anyhow::Result<u8> {
    let updates = RefUpdate::of_pre_push(&lines()?)?;
    let job = HookScan {
        part: GitTarget::Push { updates, receiver: PushReceiver::Remote(args.remote) },
        trusts_head: args.trust.trust_head,
        stopped: BlockedAction::Push,
        nothing: "the push brings no new commit, so there was nothing to scan",
    };
    run_here(job, args.tree, args.common, streams)
}

/// The refs that git passes to the hooks of a push.
fn lines() -> anyhow::Result<Vec<u8>> {
    let mut input = Vec::new();
    io::stdin().lock().read_to_end(&mut input).context("cannot read standard input")?;
    Ok(input)
}

/// A hook's scan.
struct HookScan {
    part: GitTarget,
    /// True if what the change itself accepts counts.
    trusts_head: bool,
    stopped: BlockedAction,
    /// The message if there is nothing to scan.
    nothing: &'static str,
}

/// Scans in a checkout.
fn run_here(
    job: HookScan,
    tree: TreeArgs,
    common: CommonArgs,
    streams: &Streams,
) -> anyhow::Result<u8> {
    let settings = tree.settings(Settings::default());
    let (settings, output, choice) = common.split(settings)?;
    let repository = repository::open(Path::new("."))?;
    let roots: Vec<_> = repository.checkout().map(ToOwned::to_owned).into_iter().collect();
    let plan = changes::plan(settings, Path::new("."), &repository, &job.part, job.trusts_head)?;
    let mut outputs = Outputs::of_hook(&output)?;
    outputs.set_subject(&roots);
    let wanted = !output.quiet && !output.no_progress;
    let progress = Progress { is_shown: progress::is_shown(wanted), ..Progress::default() };
    let lock = interrupt::install_handler(&progress, streams)?;
    let line_hashes = outputs.has(Format::Sarif);
    let report = progress::shown(wanted, &progress, || {
        run::run_git(&plan, &repository, &job.part, line_hashes, &progress)
    })?;
    let mut err = streams.err();
    let outputs = HookOutputs { outputs, quiet: output.quiet, lock };
    end(&report, &plan, &job, outputs, choice, &mut err, streams)
}

/// Where a hook's report goes.
struct HookOutputs {
    outputs: Outputs,
    quiet: bool,
    lock: WriteLock,
}

/// Reports the result of a scan; returns the exit code.
fn end(
    report: &Report,
    plan: &Plan,
    job: &HookScan,
    HookOutputs { outputs, quiet, lock }: HookOutputs,
    choice: ExitChoice,
    err: &mut dyn Write,
    streams: &Streams,
) -> anyhow::Result<u8> {
    let code = unused_ignores::exit_code(plan, report, Path::new(""), choice, streams)?;
    if outputs.is_hook() {
        // A closed standard error must not change the exit code.
        let _ = write_message(report, plan, job, quiet, code != exit::CLEAN, err);
    } else if is_nothing(report) {
        let _ = writeln!(err, "note: {}", job.nothing);
    }
    outputs.write(report, &plan.rules, code, streams, &lock)?;
    Ok(code)
}

/// Writes the hook's own message.
fn write_message(
    report: &Report,
    plan: &Plan,
    job: &HookScan,
    quiet: bool,
    is_stopped: bool,
    err: &mut dyn Write,
) -> io::Result<()> {
    if is_nothing(report) {
        report::write_notices(report, quiet, err)?;
        writeln!(err, "keyside: {}", job.nothing)
    } else if report.findings.is_empty() && !is_stopped && !quiet {
        report::write_closing(report, err)?;
        report::write_accepted(report, job.stopped, err)
    } else {
        let is_named = |notice: &Notice| notice.kind == NoticeKind::NamedFiles;
        let stopped =
            if report.notices.iter().any(is_named) { BlockedAction::Files } else { job.stopped };
        report::write_hook_message(report, &plan.rules, stopped, is_stopped, err)?;
        report::write_notices(report, true, err)?;
        if quiet { Ok(()) } else { report::write_accepted(report, job.stopped, err) }
    }
}

fn is_nothing(report: &Report) -> bool {
    let summary = &report.summary;
    let read = summary.files + summary.blobs + summary.commits + summary.bytes;
    let is_clean = report.findings.is_empty() && report.suppressed.is_empty();
    is_clean && read == 0 && summary.skipped() == 0 && report.state() == Completeness::Complete
}

fn pre_receive(args: PreReceiveArgs, streams: &Streams) -> anyhow::Result<u8> {
    let mut err = PusherOutput { streams, text: StripStream::new(Vec::new()) };
    let code = received(args, &mut err, streams).unwrap_or_else(|error| {
        let _ = writeln!(
            err.text,
            "keyside stops this push, as it could not be scanned: {}",
            sanitize(&format!("{error:#}"))
        );
        exit::USAGE
    });
    let _ = err.flush();
    Ok(code)
}

fn received(
    args: PreReceiveArgs,
    err: &mut PusherOutput<'_>,
    streams: &Streams,
) -> anyhow::Result<u8> {
    if args.breakglass && push_options().any(|option| option == BREAKGLASS) {
        writeln!(err.text, "keyside: not scanned, as the push requests it (breakglass)")?;
        return Ok(exit::CLEAN);
    }
    let limit = match args.timeout {
        0.0 => None,
        seconds => Some(Duration::try_from_secs_f64(seconds).context("--timeout")?),
    };
    let updates = RefUpdate::of_pre_receive(&lines()?)?;
    let settings = args.tree.settings(Settings::default());
    let (settings, output, choice) = args.common.split(settings)?;
    let outputs = Outputs::of_hook(&output)?;
    let line_hashes = outputs.has(Format::Sarif);
    let job = HookScan {
        part: GitTarget::Push { updates, receiver: PushReceiver::Here },
        trusts_head: args.trust.trust_head,
        stopped: BlockedAction::Arrival,
        nothing: "the push brings no new commit, so there was nothing to scan",
    };
    // When its time is over, the thread is abandoned; the process ends then.
    let (done, waiting) = mpsc::channel();
    thread::spawn(move || {
        let scanned = scan_received(settings, &job.part, job.trusts_head, line_hashes);
        let _ = done.send((scanned, job));
    });
    let answer = match limit {
        Some(limit) => waiting.recv_timeout(limit).ok(),
        None => waiting.recv().ok(),
    };
    if let Some((scanned, job)) = answer {
        let (report, plan) = scanned?;
        // A signal ends this hook at once, and git refuses the push.
        let outputs = HookOutputs { outputs, quiet: output.quiet, lock: WriteLock::default() };
        return end(&report, &plan, &job, outputs, choice, &mut err.text, streams);
    }
    let seconds = args.timeout;
    Ok(match args.on_timeout {
        OnTimeout::Allow => {
            writeln!(err.text, "keyside: not scanned, as it took longer than {seconds} seconds")?;
            exit::CLEAN
        }
        OnTimeout::Block => {
            writeln!(
                err.text,
                "keyside stops this push, as scanning it took longer than {seconds} seconds\n  \
                 push fewer commits at a time (`git push origin COMMIT:refs/heads/BRANCH`),\n  \
                 or ask the server's operator for a longer --timeout"
            )?;
            exit::INCOMPLETE
        }
    })
}

/// Scans the received commits, in a thread of its own.
fn scan_received(
    settings: Settings,
    part: &GitTarget,
    trusts_head: bool,
    line_hashes: bool,
) -> anyhow::Result<(Report, Plan)> {
    let here = Path::new(".");
    let repository = repository::open(here)?;
    let plan = changes::plan(settings, here, &repository, part, trusts_head)?;
    let report = run::run_git(&plan, &repository, part, line_hashes, &Progress::default())?;
    Ok((report, plan))
}

/// The options of `git push -o` (githooks(5)).
fn push_options() -> impl Iterator<Item = OsString> {
    let count = env::var("GIT_PUSH_OPTION_COUNT").ok().and_then(|count| count.parse().ok());
    (0..count.unwrap_or(0u32)).map_while(|nth| env::var_os(format!("GIT_PUSH_OPTION_{nth}")))
}

/// Output for whoever pushes. GitLab's pages show only lines with its prefix.
struct PusherOutput<'t> {
    streams: &'t Streams,
    text: StripStream<Vec<u8>>,
}

impl PusherOutput<'_> {
    fn flush(self) -> io::Result<()> {
        let is_web = env::var_os("GL_PROTOCOL").is_some_and(|protocol| protocol == "web");
        let prefix = if is_web { "GL-HOOK-ERR: " } else { "" };
        let mut err = self.streams.err();
        for line in String::from_utf8_lossy(&self.text.into_inner()).lines() {
            writeln!(err, "{prefix}{line}")?;
        }
        Ok(())
    }
}
