//! The progress line on the terminal, for scans that take longer than half a second.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

use crate::run::Progress;

/// The time before progress is shown.
const PATIENCE: Duration = Duration::from_millis(500);
/// The width of the bar, in columns.
const WIDTH: u64 = 20;
const STEP: Duration = Duration::from_millis(100);

/// True if progress is `wanted` and standard error is a terminal.
pub(super) fn is_shown(wanted: bool) -> bool {
    wanted && std::io::stderr().is_terminal()
}

/// Runs `work` and shows its progress, if that is `wanted` and standard error is a terminal.
pub(super) fn shown<T>(wanted: bool, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if !is_shown(wanted) {
        return work();
    }
    thread::scope(|scope| {
        let (done, waiting) = mpsc::channel::<()>();
        scope.spawn(move || show(progress, &waiting));
        let result = work();
        drop(done);
        result
    })
}

fn show(progress: &Progress, waiting: &mpsc::Receiver<()>) {
    if waiting.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}").expect("the template is valid"));
    while waiting.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
        bar.set_message(message(progress));
        bar.tick();
    }
    bar.finish_and_clear();
}

fn message(progress: &Progress) -> String {
    let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    if !progress.watch.is_idle.load(Ordering::Relaxed) {
        let (decided, keys) = (of(&progress.watch.decided), of(&progress.watch.keys));
        return format!("asking providers: {decided} of {keys} keys (Ctrl-C stops)");
    }
    let bytes = HumanBytes(of(&progress.bytes));
    let (objects, all) = (of(&progress.objects), of(&progress.all_objects));
    match of(&progress.keys) {
        0 if objects == 0 => {
            format!("scanning: {} files, {bytes}", HumanCount(of(&progress.files)))
        }
        0 if all == 0 => format!("scanning: {} objects, {bytes}", HumanCount(objects)),
        0 => {
            let done = (WIDTH * objects / all).min(WIDTH) as usize;
            let bar = "━".repeat(done) + &"─".repeat(WIDTH as usize - done);
            format!("{bar} {} of {} objects, {bytes}", HumanCount(objects), HumanCount(all))
        }
        1 => "1 key found; tracing its history".to_owned(),
        keys => format!("{} keys found; tracing their history", HumanCount(keys)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_follows_the_scan() {
        let progress = Progress::default();
        let set = |counter: &AtomicU64, value| counter.store(value, Ordering::Relaxed);
        set(&progress.bytes, 2048);
        assert_eq!(message(&progress), "scanning: 0 files, 2.00 KiB");
        set(&progress.objects, 1500);
        assert_eq!(message(&progress), "scanning: 1,500 objects, 2.00 KiB");
        set(&progress.all_objects, 3000);
        let bar = "━".repeat(10) + &"─".repeat(10);
        assert_eq!(message(&progress), format!("{bar} 1,500 of 3,000 objects, 2.00 KiB"));
        set(&progress.keys, 2);
        progress.watch.keys.store(3, Ordering::Relaxed);
        assert_eq!(message(&progress), "2 keys found; tracing their history");
        progress.watch.is_idle.store(false, Ordering::Relaxed);
        assert_eq!(message(&progress), "asking providers: 0 of 3 keys (Ctrl-C stops)");
    }
}
