//! Repositories that git itself makes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{Dir, object_format, places};

/// A repository made by git.
pub(crate) struct Repo {
    pub(crate) dir: Dir,
}

impl Repo {
    pub(crate) fn new() -> Self {
        let repo = Self { dir: Dir::new() };
        repo.git(&["init", "-q", "-b", "main"]);
        repo
    }

    /// A repository with one commit of these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let repo = Self::new();
        files.iter().for_each(|(path, text)| drop(repo.dir.write(path, text)));
        repo.commit();
        repo
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "gc.auto=0"])
            .args(["-c", "protocol.file.allow=always"])
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.dir.home())
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_DEFAULT_HASH", object_format());
        command
    }

    pub(crate) fn try_git(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--no-verify", "--allow-empty", "-m", "x"]);
    }

    /// Writes files and stages them.
    pub(crate) fn stage(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            self.dir.write(path, text);
            self.git(&["add", path]);
        }
    }

    /// Scans the staged changes, which must not modify the repository.
    pub(crate) fn staged(&self, args: &[&str]) -> (i32, Value) {
        let before = contents(&self.path().join(".git"));
        let run = self.dir.run(&[&["git", "--staged", "-f", "json"], args].concat());
        assert!(before == contents(&self.path().join(".git")), "the repository has changed");
        (run.code, run.json())
    }

    /// Fails unless a scan ends with `code` and finds keys at these `path:line`.
    pub(crate) fn expect(&self, args: &[&str], code: i32, lines: &[&str]) -> Value {
        let (own, report) = self.staged(args);
        assert_eq!((own, found(&report)), (code, lines.join(" ")), "{report:#}");
        report
    }
}

/// `path:line` of every occurrence.
pub(crate) fn found(report: &Value) -> String {
    let line = |place: String| place.rsplit_once(':').unwrap().0.to_owned();
    places(report).into_iter().map(line).collect::<Vec<_>>().join(" ")
}

/// All files in a folder, with their content.
pub(crate) fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
            files.push((entry.path(), std::fs::read(entry.path()).unwrap_or_default()));
        }
    }
    files.sort();
    files
}
