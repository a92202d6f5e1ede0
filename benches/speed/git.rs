//! Runs git without user or system configuration.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-C"])
        .arg(folder)
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdin(Stdio::null());
    command
}

fn done(mut child: Child, args: &[&str]) -> io::Result<()> {
    if child.wait()?.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("git {args:?} failed")))
    }
}

/// Runs git in `folder`.
pub(crate) fn run(folder: &Path, args: &[&str]) -> io::Result<()> {
    done(command(folder, args).spawn()?, args)
}

/// Runs git in `folder`; true if it succeeded.
pub(crate) fn succeeds(folder: &Path, args: &[&str]) -> io::Result<bool> {
    Ok(command(folder, args).stderr(Stdio::null()).status()?.success())
}

/// The output of git without the last line break.
pub(crate) fn output(folder: &Path, args: &[&str]) -> io::Result<String> {
    let output = command(folder, args).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("git {args:?} failed")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Pipes the output of `write` into `git fast-import`.
pub(crate) fn import(
    folder: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let args = ["fast-import", "--quiet", "--force"];
    let mut child = command(folder, &args).stdin(Stdio::piped()).spawn()?;
    if let Some(stdin) = child.stdin.take() {
        let mut out = BufWriter::with_capacity(1 << 18, stdin);
        write(&mut out)?;
        out.flush()?;
    }
    done(child, &args)
}

/// Streams the output of git to `read`.
pub(crate) fn lines(
    folder: &Path,
    args: &[&str],
    read: impl FnOnce(&mut dyn BufRead) -> io::Result<()>,
) -> io::Result<()> {
    let mut child = command(folder, args).stdout(Stdio::piped()).spawn()?;
    if let Some(stdout) = child.stdout.take() {
        read(&mut BufReader::with_capacity(1 << 18, stdout))?;
    }
    done(child, args)
}
