//! `keyside install-hook --check`: commits or pushes a key in a temporary clone, with the hooks of the
//! repository, and sees what happens. Nothing is written to the repository itself.
//!
//! The key is of a kind that no provider has, and only the runs that this file starts know its rule.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, io};

use anyhow::{Context, anyhow, bail};
use tempfile::TempDir;

use super::args::Hook;
use super::trial_rule::{self, PREFIX, VARIABLE};
use super::{exit, sanitize};
use crate::model::ObjectFormat;
use crate::source::git::Repository;

/// The file with the key.
const FILE: &str = "keyside-trial";

/// Folders and files besides those of a commit that hooks and their managers read as they are on disk.
const ON_DISK: &[&str] = &[
    ".husky",
    ".huskyrc",
    ".huskyrc.json",
    ".cargo-husky",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    "prek.toml",
    "lefthook.yml",
    "lefthook.yaml",
    ".lefthook.yml",
    ".lefthook.yaml",
    "lefthook.toml",
    ".lefthook.toml",
    "lefthook.json",
    ".lefthook.json",
    "lefthook-local.yml",
    ".config",
    ".overcommit.yml",
    "captainhook.json",
    "hk.pkl",
    ".rusty-hook.toml",
    "package.json",
    "keyside.toml",
    ".keysideignore",
];

/// Larger files are not hooks.
const MAX_FILE: u64 = 4 << 20;

/// The most lines of a hook's output that are shown.
const SHOWN: usize = 5;

/// The result of a trial.
pub(super) enum HookTrial {
    /// keyside stopped it.
    Stopped,
    /// It was stopped without a word of keyside's, and without a key it was not.
    StoppedSilently,
    /// It went through, with this output.
    Passed(String),
    /// It was stopped even without a key, with this output.
    Broken(String),
}

impl HookTrial {
    /// The result in a sentence, with the output that explains it.
    pub(super) fn sentence(&self, hook: Hook) -> String {
        let (name, what) = (hook.name(), action(hook));
        let tail = |said: &str| {
            let lines: Vec<_> = said.lines().filter(|line| !line.trim().is_empty()).collect();
            let last = lines.iter().skip(lines.len().saturating_sub(SHOWN));
            last.map(|line| format!("\n  {}", sanitize::sanitize(line))).collect::<String>()
        };
        match self {
            Self::Stopped => format!("{name}: {what} with a key is stopped here (tried in a copy)"),
            Self::StoppedSilently => format!(
                "{name}: {what} with a key is stopped here, but keyside's message is not shown \
                 (tried in a copy)"
            ),
            Self::Passed(said) if said.contains(PREFIX) || said.contains("keyside stops") => {
                format!(
                    "{name}: {what} with a key is NOT stopped here: keyside finds it, but the hook goes \
                 on all the same; write `|| exit $?` after keyside's call{}",
                    tail(said)
                )
            }
            Self::Passed(said) if said.contains("keyside") || said.contains("clean:") => format!(
                "{name}: {what} with a key is NOT stopped here: keyside runs, but does not report \
                 it; see its arguments and `keyside config show`{}",
                tail(said)
            ),
            Self::Passed(said) => format!(
                "{name}: {what} with a key is NOT stopped here: no hook calls keyside; `keyside \
                 install-hook -t {name}` adds it or says where{}",
                tail(said)
            ),
            Self::Broken(said) => format!(
                "{name}: not known: here, {what} without a key is stopped, too, before keyside says \
                 anything{}",
                tail(said)
            ),
        }
    }

    /// The exit code: 0 if keys are stopped, 1 if not, 3 if that is not known.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Stopped | Self::StoppedSilently => exit::CLEAN,
            Self::Passed(_) => exit::FOUND,
            Self::Broken(_) => exit::INCOMPLETE,
        }
    }
}

fn action(hook: Hook) -> &'static str {
    match hook {
        Hook::Commit => "a commit",
        Hook::Push => "a push",
        Hook::Receive => "a push to here",
    }
}

/// Tries a hook of `repository`.
///
/// # Errors
/// No git, or a repository that cannot be cloned.
pub(super) fn run(repository: &Repository, hook: Hook) -> anyhow::Result<HookTrial> {
    let trial = TrialClone::new(repository, hook)?;
    let seed =
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let key = trial_rule::key(seed ^ u64::from(std::process::id()));
    let (is_done, said) = trial.attempt(hook, "key", &format!("key = \"{key}\"\n"))?;
    let said = said.replace(&key, &format!("{PREFIX}…"));
    if is_done {
        return Ok(HookTrial::Passed(said));
    }
    if said.contains("keyside stops") || said.contains(PREFIX) {
        return Ok(HookTrial::Stopped);
    }
    let (is_done, said) = trial.attempt(hook, "control", "nothing\n")?;
    Ok(if is_done { HookTrial::StoppedSilently } else { HookTrial::Broken(said) })
}

/// A clone with the hooks of a repository; removed when it is dropped.
struct TrialClone {
    folder: TempDir,
    /// The folder in which git looks for the hooks that are tried.
    hooks: PathBuf,
    /// The format of the ids of objects: git refuses to push to a repository with another one.
    format: ObjectFormat,
}

impl TrialClone {
    fn new(repository: &Repository, hook: Hook) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("keyside-trial-");
        let folder = folder.context("cannot create a temporary folder")?;
        fs::create_dir(folder.path().join("none")).context("cannot create a temporary folder")?;
        let top = repository.checkout().unwrap_or(repository.folder());
        let source = repository.hooks();
        let tried = folder.path().join(if hook == Hook::Receive { "remote" } else { "clone" });
        let hooks = trial_hooks(&source, top, repository, &tried);
        let trial = Self { hooks, folder, format: repository.format() };
        match hook {
            Hook::Receive => {
                trial.clone_of(top, "remote", &["--bare"])?;
                trial.git("", &["init", "-q", "clone"])?;
            }
            Hook::Commit | Hook::Push => {
                trial.clone_of(top, "clone", &[])?;
                trial.git("", &["init", "-q", "--bare", "remote"])?;
                // As they lie on disk: a hook is tried before it is committed.
                for name in ON_DISK {
                    copy(&top.join(name), &tried.join(name))?;
                }
            }
        }
        if trial.hooks.starts_with(&tried) {
            let _ = fs::remove_dir_all(&trial.hooks);
            copy(&source, &trial.hooks)?;
        }
        trial.copy_configuration(top, &tried)?;
        trial.git("clone", &["add", "-A", "-f", "--", "."])?;
        trial.git("clone", &["commit", "-q", "--allow-empty", "-m", "base"])?;
        #[cfg(unix)]
        if top.join("node_modules").is_dir() && hook != Hook::Receive {
            // Managers from npm are programs in there.
            let _ =
                std::os::unix::fs::symlink(top.join("node_modules"), tried.join("node_modules"));
        }
        Ok(trial)
    }

    fn clone_of(&self, top: &Path, name: &str, flags: &[&str]) -> anyhow::Result<()> {
        let args = [&["clone", "-q", "--shared"], flags].concat();
        let args = args.iter().map(OsStr::new).chain([
            OsStr::new("--"),
            top.as_os_str(),
            OsStr::new(name),
        ]);
        let (is_done, said) =
            finish(self.command("", &self.folder.path().join("none")).args(args))?;
        if !is_done {
            bail!("the hook cannot be tried: git cannot clone this repository: {}", said.trim());
        }
        Ok(())
    }

    /// Copies the hooks that newer versions of git keep in the configuration.
    fn copy_configuration(&self, top: &Path, tried: &Path) -> anyhow::Result<()> {
        let mut read = self.command("", &self.hooks);
        read.arg("-C").arg(top).args(["config", "--local", "-z", "--get-regexp", r"^hook\."]);
        let output = read.output().context("cannot run git")?.stdout;
        for entry in String::from_utf8_lossy(&output).split('\0') {
            if let Some((name, value)) = entry.split_once('\n') {
                let mut write = self.command("", &self.hooks);
                finish(write.arg("-C").arg(tried).args(["config", "--add", name, value]))?;
            }
        }
        Ok(())
    }

    /// Commits or pushes a text, so that the hook runs; returns if that went through, and what was
    /// said.
    fn attempt(&self, hook: Hook, branch: &str, text: &str) -> anyhow::Result<(bool, String)> {
        let commit = ["commit", "-q", "-m", "keyside install-hook --check"];
        fs::write(self.folder.path().join("clone").join(FILE), text).context("cannot write")?;
        self.git("clone", &["add", "-f", "--", FILE])?;
        if hook == Hook::Commit {
            return finish(self.command("clone", &self.hooks).args(commit));
        }
        self.git("clone", &commit)?;
        let target = format!("HEAD:refs/heads/keyside-trial-{branch}");
        let pushed =
            finish(self.command("clone", &self.hooks).args(["push", "-q", "../remote", &target]));
        self.git("clone", &["reset", "-q", "--hard", "HEAD~1"])?;
        pushed
    }

    /// Runs git without any hook, which must succeed.
    fn git(&self, folder: &str, args: &[&str]) -> anyhow::Result<()> {
        let none = self.folder.path().join("none");
        let (is_done, said) = finish(self.command(folder, &none).args(args))?;
        if is_done {
            return Ok(());
        }
        Err(anyhow!("the hook cannot be tried: git {}: {}", args.join(" "), said.trim()))
    }

    /// git in a folder of the trial, with the hooks of another.
    fn command(&self, folder: &str, hooks: &Path) -> Command {
        let mut command = Command::new("git");
        // In a hook, these name the repository that it runs for.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            let is_of_user = ["GIT_CONFIG", "GIT_EXEC", "GIT_SSL", "GIT_TEMPLATE"];
            if text.starts_with("GIT_") && !is_of_user.iter().any(|own| text.starts_with(own)) {
                command.env_remove(name);
            }
        }
        let mut path = std::ffi::OsString::from("core.hooksPath=");
        path.push(hooks);
        command
            .current_dir(self.folder.path().join(folder))
            .env(VARIABLE, "1")
            .env("GIT_DEFAULT_HASH", self.format.name())
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_LFS_SKIP_SMUDGE", "1")
            .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "keyside")))
            .envs(
                ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "keyside@localhost")),
            )
            .stdin(Stdio::null())
            .arg("-c")
            .arg(path)
            .args(["-c", "commit.gpgSign=false", "-c", "protocol.file.allow=always"]);
        command
    }
}

/// The folder from which the trial takes its hooks: a copy, or the original if it belongs to no
/// repository.
fn trial_hooks(source: &Path, top: &Path, repository: &Repository, tried: &Path) -> PathBuf {
    let own =
        if tried.ends_with("remote") { tried.join("hooks") } else { tried.join(".git/hooks") };
    if source.starts_with(repository.folder()) || !source.starts_with(top) && is_default(source) {
        own
    } else if let Ok(below) = source.strip_prefix(top) {
        tried.join(below)
    } else {
        source.to_owned()
    }
}

/// True for the folder of hooks that git makes itself, such as that of a linked worktree's repository.
fn is_default(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == "hooks")
        && folder.parent().is_some_and(|git| git.join("objects").is_dir())
}

/// Copies a file, a link or a folder, if it exists.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    copied(from, to).with_context(|| format!("cannot copy {}", from.display()))
}

fn copied(from: &Path, to: &Path) -> io::Result<()> {
    let Ok(about) = from.symlink_metadata() else { return Ok(()) };
    if about.is_symlink() {
        #[cfg(unix)]
        {
            let _ = fs::remove_file(to);
            return std::os::unix::fs::symlink(fs::read_link(from)?, to);
        }
    } else if about.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copied(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else if about.is_file() && about.len() <= MAX_FILE {
        fs::copy(from, to)?;
    }
    Ok(())
}

/// Runs a command; returns if it succeeded, and all it said.
fn finish(command: &mut Command) -> anyhow::Result<(bool, String)> {
    let output = command.output().context("cannot run git, which a trial needs")?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}
