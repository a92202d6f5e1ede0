//! `keyside hook`: what git's hooks call, and the programs that manage them.
//!
//! Where nothing else is asked for, it speaks on standard error, in few lines: that is what
//! programs with a window show, and what git hands on to who pushes.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

use anstream::StripStream;
use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand, ValueEnum};

use super::args::{CommonArgs, OutputArgs, TreeArgs};
use super::output::Outputs;
use super::{Streams, exit, harmless, interrupt, progress};
use crate::config::{Plan, Settings};
use crate::model::{Completeness, Notice, NoticeKind, Report};
use crate::report::{self, Format, Stopped};
use crate::rules::Rule;
use crate::run::{self, GitTarget, Progress};
use crate::source::git::{PushReceiver, RefUpdate, Repository};
use crate::suppress::{self, IgnoreFile};

/// The largest ignore file that a push may bring.
const MAX_IGNORE_FILE: u64 = 1 << 20;

/// The push option that lets a push pass unseen, where the operator allows it.
const BREAKGLASS: &str = "breakglass";

#[derive(Debug, Subcommand)]
pub(super) enum HookArgs {
    /// Scan what a commit adds; also what the pre-commit framework calls, at every stage
    #[command(name = "pre-commit")]
    Commit(PreCommitArgs),
    /// Scan what a push adds, before it is sent; git tells of it on standard input
    #[command(name = "pre-push")]
    Push(PrePushArgs),
    /// Scan what a push adds, on the server, before it is taken
    #[command(name = "pre-receive")]
    Receive(PreReceiveArgs),
}

impl HookArgs {
    pub(super) fn output(&self) -> &OutputArgs {
        match self {
            Self::Commit(args) => &args.common.output,
            Self::Push(args) => &args.common.output,
            Self::Receive(args) => &args.common.output,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct PreCommitArgs {
    /// Files to scan besides what is staged: as the index has them, from disk if it has them not
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    tree: TreeArgs,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct PrePushArgs {
    /// The name of the remote repository, as git gives it to its hook
    #[arg(value_name = "REMOTE", default_value = "")]
    remote: String,
    /// Its address
    #[arg(value_name = "URL")]
    url: Option<OsString>,
    #[command(flatten)]
    tree: TreeArgs,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct PreReceiveArgs {
    /// How long it may take; 0 is for ever. Servers end hooks themselves: GitHub's after 5 seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 4.0)]
    timeout: f64,
    /// What comes of a push that could not be scanned in that time
    #[arg(long, value_name = "WHAT", default_value = "block")]
    on_timeout: OnTimeout,
    /// Let a push pass unseen that asks for it: `git push -o breakglass`
    #[arg(long)]
    breakglass: bool,
    #[command(flatten)]
    tree: TreeArgs,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnTimeout {
    Allow,
    Block,
}

pub(super) fn hook(hook: HookArgs, streams: &Streams) -> anyhow::Result<u8> {
    match hook {
        HookArgs::Commit(args) => pre_commit(args, streams),
        HookArgs::Push(args) => pre_push(args, streams),
        HookArgs::Receive(args) => pre_receive(args, streams),
    }
}

fn pre_commit(args: PreCommitArgs, streams: &Streams) -> anyhow::Result<u8> {
    let job = match of_framework()? {
        Some((update, receiver)) => {
            let stopped = match receiver {
                PushReceiver::Remote(_) => Stopped::Push,
                PushReceiver::Here | PushReceiver::Unknown => Stopped::Commits,
            };
            let part = GitTarget::Push { updates: vec![update], receiver };
            Job { part, stopped, nothing: "no commit is new: there was nothing to scan" }
        }
        None => Job {
            part: GitTarget::Staged { whole_file: false, files: args.files },
            stopped: Stopped::Commit,
            nothing: "nothing is staged: there was nothing to scan",
        },
    };
    run_here(job, args.tree, args.common, streams)
}

/// The commits that the pre-commit framework is about: `--from-ref` and `--to-ref`, or the first
/// ref of a push.
fn of_framework() -> anyhow::Result<Option<(RefUpdate, PushReceiver)>> {
    let variable = |name: &str| -> anyhow::Result<Option<String>> {
        let value = env::var_os(name).filter(|value| !value.is_empty());
        let text = value.map(|value| value.into_string().map_err(|_| anyhow!("{name} is no text")));
        text.transpose()
    };
    let old = variable("PRE_COMMIT_FROM_REF")?;
    let remote = variable("PRE_COMMIT_REMOTE_NAME")?;
    let new = match variable("PRE_COMMIT_TO_REF")? {
        Some(new) if old.is_some() => Some(new),
        // Nothing of what is pushed is there yet: the framework names all files then.
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
    let job = Job {
        part: GitTarget::Push { updates, receiver: PushReceiver::Remote(args.remote) },
        stopped: Stopped::Push,
        nothing: "the push brings no new commit: there was nothing to scan",
    };
    run_here(job, args.tree, args.common, streams)
}

/// What git hands to a hook of a push.
fn lines() -> anyhow::Result<Vec<u8>> {
    let mut input = Vec::new();
    io::stdin().lock().read_to_end(&mut input).context("standard input cannot be read")?;
    Ok(input)
}

/// What a hook is to scan.
struct Job {
    part: GitTarget,
    stopped: Stopped,
    /// What is said if there is nothing to it.
    nothing: &'static str,
}

/// Scans in a checkout.
fn run_here(job: Job, tree: TreeArgs, common: CommonArgs, streams: &Streams) -> anyhow::Result<u8> {
    let settings = tree.settings(Settings::default());
    let (settings, output, found) = common.split(settings)?;
    let repository = Repository::open(Path::new("."))?;
    let roots: Vec<_> = repository.checkout().map(ToOwned::to_owned).into_iter().collect();
    let plan = planned(Settings { base: roots.first().cloned(), ..settings }, &roots)?;
    let mut outputs = Outputs::of_hook(&output)?;
    outputs.set_subject(&roots);
    let wanted = !output.quiet && !output.no_progress;
    let progress = Progress { is_shown: progress::is_shown(wanted), ..Progress::default() };
    interrupt::heed(&plan, &progress)?;
    let line_hashes = outputs.has(Format::Sarif);
    let report = progress::shown(wanted, &progress, || {
        run::run_git(&plan, &repository, &job.part, line_hashes, &progress)
    })?;
    let mut err = streams.err();
    end(&report, &plan, &job, (outputs, output.quiet), found, &mut err, streams)
}

fn planned(settings: Settings, roots: &[PathBuf]) -> anyhow::Result<Plan> {
    let plan = settings.plan(roots)?;
    if !plan.rules.rules.iter().any(Rule::is_reported) {
        bail!("no rule is left that could find anything: see --only and --disable");
    }
    Ok(plan)
}

/// Reports what came of a scan; the exit code.
fn end(
    report: &Report,
    plan: &Plan,
    job: &Job,
    (outputs, quiet): (Outputs, bool),
    found: u8,
    err: &mut dyn Write,
    streams: &Streams,
) -> anyhow::Result<u8> {
    let code = exit::of(report, found);
    if outputs.is_hook() {
        // Whoever closes standard error must not lose the exit code.
        let _ = tell(report, plan, job, quiet, code != exit::CLEAN, err);
    } else if is_nothing(report) {
        let _ = writeln!(err, "note: {}", job.nothing);
    }
    outputs.write(report, &plan.rules, code, streams)?;
    Ok(code)
}

/// Says what came of a scan.
fn tell(
    report: &Report,
    plan: &Plan,
    job: &Job,
    quiet: bool,
    is_stopped: bool,
    err: &mut dyn Write,
) -> io::Result<()> {
    if is_nothing(report) {
        report::write_notices(report, quiet, err)?;
        writeln!(err, "keyside: {}", job.nothing)
    } else if report.findings.is_empty() && !is_stopped && !quiet {
        report::write_closing(report, err)
    } else {
        let is_named = |notice: &Notice| notice.kind == NoticeKind::NamedFiles;
        let stopped =
            if report.notices.iter().any(is_named) { Stopped::Files } else { job.stopped };
        report::write_blocked(report, &plan.rules, stopped, is_stopped, err)?;
        report::write_notices(report, true, err)
    }
}

fn is_nothing(report: &Report) -> bool {
    let summary = &report.summary;
    let read = summary.files + summary.blobs + summary.commits + summary.bytes;
    read == 0 && summary.skipped() == 0 && report.state() == Completeness::Complete
}

fn pre_receive(args: PreReceiveArgs, streams: &Streams) -> anyhow::Result<u8> {
    let mut err = Told { streams, text: StripStream::new(Vec::new()) };
    let code = received(args, &mut err, streams).unwrap_or_else(|error| {
        let _ = writeln!(
            err.text,
            "keyside stops this push: it could not be scanned: {}",
            harmless(&format!("{error:#}"))
        );
        exit::USAGE
    });
    let _ = err.flush();
    Ok(code)
}

fn received(args: PreReceiveArgs, err: &mut Told<'_>, streams: &Streams) -> anyhow::Result<u8> {
    if args.breakglass && push_options().any(|option| option == BREAKGLASS) {
        writeln!(err.text, "keyside: not scanned, as the push asks for it (breakglass)")?;
        return Ok(exit::CLEAN);
    }
    let limit = match args.timeout {
        0.0 => None,
        seconds => Some(Duration::try_from_secs_f64(seconds).context("--timeout")?),
    };
    let updates = RefUpdate::of_pre_receive(&lines()?)?;
    let settings = args.tree.settings(Settings::default());
    let (settings, output, found) = args.common.split(settings)?;
    let outputs = Outputs::of_hook(&output)?;
    let line_hashes = outputs.has(Format::Sarif);
    let job = Job {
        part: GitTarget::Push { updates, receiver: PushReceiver::Here },
        stopped: Stopped::Arrival,
        nothing: "the push brings no new commit: there was nothing to scan",
    };
    // The thread is left behind when its time is over; the process ends then.
    let (done, waiting) = mpsc::channel();
    thread::spawn(move || {
        let scanned = scan_received(settings, &job.part, line_hashes);
        let _ = done.send((scanned, job));
    });
    let answer = match limit {
        Some(limit) => waiting.recv_timeout(limit).ok(),
        None => waiting.recv().ok(),
    };
    if let Some((scanned, job)) = answer {
        let (report, plan) = scanned?;
        return end(&report, &plan, &job, (outputs, output.quiet), found, &mut err.text, streams);
    }
    let seconds = args.timeout;
    Ok(match args.on_timeout {
        OnTimeout::Allow => {
            writeln!(err.text, "keyside: not scanned: it took longer than {seconds} seconds")?;
            exit::CLEAN
        }
        OnTimeout::Block => {
            writeln!(
                err.text,
                "keyside stops this push: scanning it took longer than {seconds} seconds\n  \
                 push fewer commits at a time (`git push origin COMMIT:refs/heads/BRANCH`),\n  \
                 or ask whoever runs the server for a longer --timeout"
            )?;
            exit::INCOMPLETE
        }
    })
}

/// Scans what has arrived, in a thread of its own. The server's repository has no checkout whose
/// ignore file could count: those of the pushed commits do.
fn scan_received(
    settings: Settings,
    part: &GitTarget,
    line_hashes: bool,
) -> anyhow::Result<(Report, Plan)> {
    let repository = Repository::open(Path::new("."))?;
    let mut plan = planned(settings, &[])?;
    if let GitTarget::Push { updates, .. } = part {
        let top = repository.checkout().unwrap_or(Path::new("."));
        let texts = updates.iter().filter_map(|update| {
            repository.file_of(&update.new, suppress::FILE_NAME, MAX_IGNORE_FILE)
        });
        let files = texts.map(|text| {
            IgnoreFile::parse(suppress::FILE_NAME, top, &String::from_utf8_lossy(&text))
        });
        plan.honour(files.collect::<Result<_, _>>()?)?;
    }
    let report = run::run_git(&plan, &repository, part, line_hashes, &Progress::default())?;
    Ok((report, plan))
}

/// The options of `git push -o` (githooks(5)).
fn push_options() -> impl Iterator<Item = OsString> {
    let count = env::var("GIT_PUSH_OPTION_COUNT").ok().and_then(|count| count.parse().ok());
    (0..count.unwrap_or(0u32)).map_while(|nth| env::var_os(format!("GIT_PUSH_OPTION_{nth}")))
}

/// What is said to who pushes. GitLab's pages show only lines with its prefix.
struct Told<'t> {
    streams: &'t Streams,
    text: StripStream<Vec<u8>>,
}

impl Told<'_> {
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
