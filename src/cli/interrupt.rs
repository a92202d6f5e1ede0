//! Signals that end a run (Ctrl-C, SIGTERM, SIGHUP): what was found until then goes to standard error,
//! no report is written, and the exit code is 128 and the signal's number. During verification, Ctrl-C
//! only stops the requests, and the run still reports.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::streams::Streams;
use crate::run::Progress;

/// Keeps an interrupt waiting while a file takes the place of another.
#[derive(Clone, Default)]
pub(super) struct WriteLock(Arc<Mutex<()>>);

impl WriteLock {
    /// Holds back interrupts until the guard is dropped.
    pub(super) fn hold(&self) -> MutexGuard<'_, ()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Installs the handler of a run. Files are written under the lock that it returns.
#[cfg(unix)]
pub(super) fn install_handler(progress: &Progress, streams: &Streams) -> anyhow::Result<WriteLock> {
    use anyhow::Context;
    use signal_hook::consts::SIGINT;
    use signal_hook::iterator::Signals;
    use std::sync::atomic::Ordering;

    const WHAT: &str = "cannot handle interrupts";
    let lock = WriteLock::default();
    let mut signals = Signals::new(handled::signals()).context(WHAT)?;
    let (found, watch) = (progress.found.clone(), progress.watch.clone());
    let (is_shown, streams) = (progress.is_shown, streams.clone());
    let held = lock.clone();
    let handler = move || {
        for signal in signals.forever() {
            let is_verifying = signal == SIGINT && !watch.is_idle.load(Ordering::Relaxed);
            if is_verifying && !watch.is_stopped.swap(true, Ordering::Relaxed) {
                continue;
            }
            handled::end(signal, &found.now(), &held, is_shown, &streams);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(handler).context(WHAT)?;
    Ok(lock)
}

/// Installs the handler of a run: elsewhere, only Ctrl-C during verification is handled.
#[cfg(not(unix))]
pub(super) fn install_handler(
    progress: &Progress,
    _streams: &Streams,
) -> anyhow::Result<WriteLock> {
    use anyhow::Context;
    use signal_hook::consts::SIGINT;
    use signal_hook::flag;

    let watch = &progress.watch;
    // The order matters: the first two terminate the program; the last one only sets the flag that
    // makes the next Ctrl-C do so.
    flag::register_conditional_default(SIGINT, watch.is_idle.clone())
        .and_then(|_| flag::register_conditional_default(SIGINT, watch.is_stopped.clone()))
        .and_then(|_| flag::register(SIGINT, watch.is_stopped.clone()))
        .context("cannot handle Ctrl-C")?;
    Ok(WriteLock::default())
}

#[cfg(unix)]
mod handled {
    use std::io::Write;
    use std::thread;
    use std::time::{Duration, Instant};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::low_level;

    use super::WriteLock;
    use crate::cli::streams::Streams;
    use crate::run::FoundKeys;

    /// How long an interrupt waits for a file that is being written.
    const PATIENCE: Duration = Duration::from_secs(10);

    /// The signals to handle: those that the caller does not want ignored, as `nohup` wants SIGHUP.
    pub(super) fn signals() -> Vec<i32> {
        let ignored = ignored();
        let is_handled = |signal: &i32| match ignored {
            Some(mask) => mask >> (signal - 1) & 1 == 0,
            // Where this cannot be asked, the system's own way ends the program at a hangup.
            None => *signal != SIGHUP,
        };
        [SIGINT, SIGTERM, SIGHUP].into_iter().filter(is_handled).collect()
    }

    /// The signals that are ignored, one bit each.
    fn ignored() -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    }

    /// Says what was found, and ends the program.
    pub(super) fn end(
        signal: i32,
        found: &FoundKeys,
        lock: &WriteLock,
        is_shown: bool,
        streams: &Streams,
    ) -> ! {
        let begun = Instant::now();
        let mut guard = lock.0.try_lock();
        while guard.is_err() && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(5));
            guard = lock.0.try_lock();
        }
        // Standard error may be closed; the exit code says it, too.
        let _ = write_found(signal, found, is_shown, &mut streams.err());
        low_level::exit(128 + signal)
    }

    fn write_found(
        signal: i32,
        found: &FoundKeys,
        is_shown: bool,
        err: &mut dyn Write,
    ) -> std::io::Result<()> {
        let name = low_level::signal_name(signal).unwrap_or("a signal");
        if is_shown {
            // The progress line is there.
            writeln!(err)?;
        }
        writeln!(
            err,
            "incomplete: interrupted by {name}: not everything was read, and no report was written"
        )?;
        let counted =
            |count: u64, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        let keys = found.keys.len() as u64;
        if keys == 0 {
            return writeln!(err, "until then: no key");
        }
        writeln!(
            err,
            "until then: {} in {}, accepted and old ones among them",
            counted(keys, "key"),
            counted(found.places, "place")
        )?;
        for place in &found.first {
            writeln!(err, "  {}", crate::report::visible(place))?;
        }
        let more = found.places.saturating_sub(found.first.len() as u64);
        if more > 0 { writeln!(err, "  and {more} more") } else { Ok(()) }
    }
}
