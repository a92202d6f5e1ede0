//! `keyside install-hook`: installs, removes and tries the hooks of a repository. Lines that others
//! wrote there are never changed; keyside's lines are put before them if the user asks for it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, bail};

use super::args::{Hook, InstallArgs};
use super::hook_manager::{HookManager, husky_folder, husky_is_waiting};
use super::hook_script::{
    Interpreter, block, call, end_of_script, manual_lines, own, with_lines_first,
};
use super::streams::Streams;
use super::{exit, hook_trial, repository};
use crate::model::replace_file;
use crate::source::git::Repository;

/// The ending of a hook that keyside's one calls.
const MOVED: &str = "local";

pub(super) fn install_hook(args: InstallArgs, streams: &Streams) -> anyhow::Result<u8> {
    let repository = repository::open(Path::new("."))?;
    let mut out = streams.out();
    let mut code = exit::CLEAN;
    for hook in args.kinds {
        if repository.checkout().is_none() && hook != Hook::Receive && !args.uninstall {
            bail!("nobody commits in or pushes from a bare repository; use --type pre-receive");
        }
        if args.check {
            let trial = hook_trial::run(&repository, hook)?;
            writeln!(out, "{}", trial.sentence(hook))?;
            code = code.max(trial.exit_code());
            continue;
        }
        let file = HookFile::of(&repository, hook);
        let done = if args.uninstall {
            file.uninstall(&repository)?.to_owned()
        } else {
            file.install(&args.args, args.insert)?
        };
        writeln!(out, "{done}: {}", file.path.display())?;
        if !args.uninstall
            && let Some(warning) = file.warning(&repository)
        {
            // A closed standard error must not change the exit code.
            let _ = writeln!(streams.err(), "note: {warning}");
        }
    }
    Ok(code)
}

/// The file that keyside's lines belong in.
struct HookFile {
    hook: Hook,
    path: PathBuf,
    /// The top of the checkout, or the folder of a bare repository.
    top: PathBuf,
    /// True if it is part of the checkout, so that it is committed and used on other machines.
    is_committed: bool,
    /// True if husky runs it, which asks for no permission and no first line.
    is_of_husky: bool,
}

impl HookFile {
    fn of(repository: &Repository, hook: Hook) -> Self {
        let folder = repository.hooks();
        let top = repository.checkout().unwrap_or(repository.folder()).to_owned();
        let husky = husky_folder(&folder);
        let is_of_husky = husky.is_some();
        let path = husky.unwrap_or(folder).join(hook.name());
        let is_committed = repository.checkout().is_some()
            && path.starts_with(&top)
            && !path.starts_with(repository.folder());
        Self { hook, path, top, is_committed, is_of_husky }
    }

    /// Installs or updates the hook; returns what was done.
    fn install(&self, args: &[String], insert: bool) -> anyhow::Result<String> {
        let Some(text) = read(&self.path)? else {
            self.write(&format!("#!/bin/sh\n{}", self.block(args, "")?))?;
            return Ok("installed".to_owned());
        };
        let Some((before, old, after)) = own(&text) else {
            return self.join(&text, args, insert);
        };
        let block = self.block(args, after)?;
        if let Some((line, end)) = end_of_script(before) {
            if !insert {
                bail!(
                    "keyside's lines in {} are never reached: line {line} is `{end}`. `{}` moves \
                     them to the top",
                    self.path.display(),
                    self.again("--insert"),
                );
            }
            let rest = format!("{before}{after}");
            self.write(&with_lines_first(&rest, &self.block(args, &rest)?))?;
            return Ok("moved to the top".to_owned());
        }
        self.write(&format!("{before}{block}{after}"))?;
        Ok(if old == block { "already installed" } else { "updated" }.to_owned())
    }

    /// Adds keyside's lines to a hook of somebody else's, or says where they belong.
    fn join(&self, text: &str, args: &[String], insert: bool) -> anyhow::Result<String> {
        let path = self.path.display();
        if let Some(manager) = HookManager::that_wrote(text) {
            let (file, is_named) = manager.file(&self.top);
            if is_named {
                return Ok(format!(
                    "{file} names keyside already (`{}` tries it)",
                    self.again("--check")
                ));
            }
            bail!(
                "{path} is a file of {}, which writes it anew: a line in it would be lost. {}",
                manager.name,
                manager.advice(&self.top, self.hook),
            );
        }
        if let Some(line) = call(text, self.hook) {
            return match end_of_script(text) {
                Some((last, end)) if last < line => bail!(
                    "{path} calls keyside in line {line}, which is never reached: line {last} is \
                     `{end}`. Move that call to the top, before all other lines"
                ),
                _ => Ok(format!("line {line} calls keyside already")),
            };
        }
        if !self.is_run()? {
            bail!(
                "{path} exists, and git does not run it, as it is not executable. Remove it, or \
                 make it executable (chmod +x), then run `{}` again",
                self.again("")
            );
        }
        if self.is_of_husky || Interpreter::of(text) == Interpreter::Shell {
            if insert {
                self.write(&with_lines_first(text, &self.block(args, text)?))?;
                return Ok("inserted at the top".to_owned());
            }
            bail!("{}", self.advice_for_shell(text));
        }
        if insert { self.wrap(args) } else { bail!("{}", self.advice_for_other(text)) }
    }

    /// Moves a hook that is no shell script aside, and installs one that calls it.
    fn wrap(&self, args: &[String]) -> anyhow::Result<String> {
        let moved = self.path.with_extension(MOVED);
        if moved.symlink_metadata().is_ok() {
            bail!(
                "{} is needed for the hook that is in the way, and exists already",
                moved.display()
            );
        }
        let rest = self.call_of_moved();
        let text = format!("#!/bin/sh\n{}{rest}", self.block(args, &rest)?);
        fs::rename(&self.path, &moved)
            .with_context(|| format!("cannot rename {}", self.path.display()))?;
        self.write(&text).inspect_err(|_| {
            // The hook that was there is better than none.
            let _ = fs::rename(&moved, &self.path);
        })?;
        Ok(format!("installed, and calls {} afterwards", moved.display()))
    }

    /// The line that calls the hook that was moved aside.
    fn call_of_moved(&self) -> String {
        format!("exec \"$(dirname \"$0\")/{}.{MOVED}\" \"$@\"\n", self.hook.name())
    }

    fn advice_for_shell(&self, text: &str) -> String {
        let lines = manual_lines(self.hook);
        let these = if lines.lines().count() == 1 { "this line" } else { "these lines" };
        let place = match text.lines().next() {
            Some(first) if first.starts_with("#!") => {
                format!("directly after its first line, `{}`", first.trim_end())
            }
            _ => "before its first line".to_owned(),
        };
        format!(
            "{} already exists, and not from keyside. Add {these} at its top, {place}, so that \
             nothing before it ends the hook:\n{}or let `{}` do that. `{}` then tries a commit",
            self.path.display(),
            // The end of a here-document must begin its line.
            if these == "this line" { format!("  {lines}") } else { lines },
            self.again("--insert"),
            self.again("--check"),
        )
    }

    fn advice_for_other(&self, text: &str) -> String {
        let (path, name) = (self.path.display(), self.hook.name());
        let kind = match Interpreter::of(text) {
            Interpreter::Other(name) => format!("a script for `{name}`"),
            Interpreter::Binary | Interpreter::Shell => "a program".to_owned(),
        };
        format!(
            "{path} is {kind}, which has no place for a line of shell. Rename it to {name}.{MOVED} \
             and write a new {name} that calls keyside first:\n#!/bin/sh\n{}{}or let `{}` do that. \
             `{}` then tries a commit",
            manual_lines(self.hook),
            self.call_of_moved(),
            self.again("--insert"),
            self.again("--check"),
        )
    }

    /// A command of keyside's for this hook.
    fn again(&self, flag: &str) -> String {
        let mut command = "keyside install-hook".to_owned();
        if self.hook != Hook::Commit {
            command.push_str(&format!(" -t {}", self.hook.name()));
        }
        if !flag.is_empty() {
            command.push_str(&format!(" {flag}"));
        }
        command
    }

    /// Another tool's configuration by which this hook will not be called any more.
    fn warning(&self, repository: &Repository) -> Option<String> {
        let top = repository.checkout()?;
        if self.hook == Hook::Receive {
            return None;
        }
        let name = self.hook.name();
        if husky_is_waiting(top, &repository.hooks()) {
            return Some(format!(
                "this repository has a folder .husky: once husky is set up (`npm install`), git runs \
                 the hooks there and no longer this one. Run `{}` again then",
                self.again("")
            ));
        }
        let manager = HookManager::that_would_replace(top)?;
        let (file, is_named) = manager.file(top);
        (!is_named).then(|| {
            format!(
                "{file} configures {}, which puts a {name} of its own in place of this one once it \
                 is set up. {}",
                manager.name,
                manager.advice(top, self.hook),
            )
        })
    }

    /// Removes keyside's block, and the file if nothing else is in it.
    fn uninstall(&self, repository: &Repository) -> anyhow::Result<&'static str> {
        let written_before = repository.hooks().join(self.hook.name());
        let mut path = &self.path;
        // Before it knew husky, keyside was installed in the folder that husky writes.
        if let Ok(Some(text)) = read(&written_before)
            && own(&text).is_some()
        {
            path = &written_before;
        }
        let Some(text) = read(path)? else { return Ok("was not installed") };
        let Some((before, _, after)) = own(&text) else {
            bail!("{} is not from keyside, and was left unchanged", path.display());
        };
        let rest = format!("{before}{after}");
        let is_empty = rest.lines().all(|line| line.trim().is_empty() || line.starts_with("#!"));
        let done =
            if is_empty { fs::remove_file(path) } else { replace_file(path, rest.as_bytes()) };
        done.with_context(|| format!("cannot change {}", path.display()))?;
        Ok("removed")
    }

    /// The block for this file, before lines of others.
    fn block(&self, args: &[String], others: &str) -> anyhow::Result<String> {
        let is_shared = !others.trim().is_empty();
        let program = if self.is_committed { None } else { Some(program()?) };
        Ok(block(program.as_deref(), self.hook, args, is_shared))
    }

    fn write(&self, text: &str) -> anyhow::Result<()> {
        let path = &self.path;
        if let Some(folder) = path.parent() {
            let made = fs::create_dir_all(folder);
            made.with_context(|| format!("cannot create {}", folder.display()))?;
        }
        replace_file(path, text.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
        allow_running(path).with_context(|| format!("cannot make {} executable", path.display()))
    }

    /// True if git, or husky, runs the file.
    fn is_run(&self) -> anyhow::Result<bool> {
        let is_executable = is_executable(&self.path);
        let is_executable =
            is_executable.with_context(|| format!("cannot read {}", self.path.display()))?;
        Ok(self.is_of_husky || is_executable)
    }
}

/// The text of the file at `path`, if there is one.
fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read(path) {
        // Somebody's hook need not be text.
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// The path of this program, in the form git's shell takes.
fn program() -> anyhow::Result<String> {
    let path = env::current_exe().context("cannot find the path of keyside")?;
    let path = path.into_os_string().into_string();
    let text = path.ok().context("the path of keyside is not UTF-8")?;
    // The shell does not know the prefix that Windows puts before long paths.
    let text = text.strip_prefix(r"\\?\").unwrap_or(&text);
    Ok(if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() })
}

#[cfg(unix)]
fn allow_running(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    // Everyone who may read it may run it.
    fs::set_permissions(path, fs::Permissions::from_mode(mode | 0o100 | (mode & 0o444) >> 2))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn allow_running(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn is_executable(_path: &Path) -> io::Result<bool> {
    Ok(true)
}
