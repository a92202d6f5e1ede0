//! A line on the terminal while a scan takes longer than half a second.

use std::io::IsTerminal;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

use crate::run::Progress;

/// How long a scan may take before it says anything.
const PATIENCE: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_millis(100);

/// Runs `work` and shows how far it has come, if standard error is a terminal and `wanted`.
pub(super) fn shown<T>(wanted: bool, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if !wanted || !std::io::stderr().is_terminal() {
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
        bar.set_message(format!(
            "scanning: {} files, {}",
            HumanCount(progress.files.load(Ordering::Relaxed)),
            HumanBytes(progress.bytes.load(Ordering::Relaxed)),
        ));
        bar.tick();
    }
    bar.finish_and_clear();
}
