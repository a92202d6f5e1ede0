//! A git repository made at run time, and git's own view of it.

use std::cell::Cell;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Dir, Run, object_format};

/// Time of the first commit, in seconds since 1970; each later one is a day younger.
pub(crate) const BEGIN: i64 = 1_700_000_000;
pub(crate) const DAY: i64 = 86_400;

/// The ways in which git stores references.
pub(crate) const REF_FORMATS: [&str; 2] = ["files", "reftable"];

/// A repository in its own folder.
pub(crate) struct Repo {
    pub(crate) dir: Dir,
    clock: Cell<i64>,
}

impl Repo {
    /// An empty one on the branch `main`.
    pub(crate) fn new() -> Self {
        let repo = Self::without();
        repo.git(&["init", "-q", "-b", "main", "."]);
        repo
    }

    /// An empty one on the branch `main` with references stored as [`REF_FORMATS`] has it. Versions of
    /// git that know no reftable make files.
    pub(crate) fn stored(format: &str) -> Self {
        let repo = Self::without();
        let format = format!("--ref-format={format}");
        let made = repo.try_git("", &["init", "-q", "-b", "main", &format, "."], b"");
        if !made.status.success() {
            repo.git(&["init", "-q", "-b", "main", "."]);
        }
        repo
    }

    /// A copy of a repository with one commit: cheaper than a new one.
    pub(crate) fn copy_of_begun(folder: &Path) -> Self {
        let repo = Self { dir: Dir::new(), clock: Cell::new(BEGIN + DAY) };
        copy_folder(folder, repo.path());
        repo
    }

    /// A folder without a repository.
    pub(crate) fn without() -> Self {
        Self { dir: Dir::new(), clock: Cell::new(BEGIN) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Runs git, which must succeed, and returns its output without the last line break.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.git_in("", args, b"")
    }

    /// Runs git in a subfolder with input, like [`Self::git`].
    pub(crate) fn git_in(&self, folder: &str, args: &[&str], input: &[u8]) -> String {
        let output = self.try_git(folder, args, input);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {error}");
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    /// Runs git, which may fail.
    pub(crate) fn try_git(&self, folder: &str, args: &[&str], input: &[u8]) -> Output {
        self.git_with(folder, args, input, &[])
    }

    /// Runs git with additional variables; it may fail.
    pub(crate) fn git_with(
        &self,
        folder: &str,
        args: &[&str],
        input: &[u8],
        variables: &[(&str, &OsStr)],
    ) -> Output {
        let date = format!("{} +0200", self.clock.get());
        let settings = [
            "user.name=Ada",
            "user.email=ada@example.com",
            "gc.auto=0",
            "maintenance.auto=false",
            "protocol.file.allow=always",
            "init.defaultBranch=main",
            "advice.detachedHead=false",
        ];
        let mut child = Command::new("git")
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .args(args)
            .current_dir(self.path().join(folder))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir.home())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .env("GIT_EDITOR", "true")
            .env("GIT_DEFAULT_HASH", object_format())
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer =
            std::thread::spawn(move || drop(std::io::Write::write_all(&mut stdin, &input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        self.dir.write(path, content);
    }

    /// Advances the clock by a day.
    pub(crate) fn tick(&self) {
        self.clock.set(self.clock.get() + DAY);
    }

    /// Commits everything in the folder, a day after the last commit; returns the id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A", "."]);
        self.commit_staged(message)
    }

    /// Commits the staged changes; returns the id.
    pub(crate) fn commit_staged(&self, message: &str) -> String {
        self.tick();
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    /// Writes a file and commits it; returns the id.
    pub(crate) fn add(&self, path: &str, content: impl AsRef<[u8]>) -> String {
        self.write(path, content);
        self.commit(&format!("Write {}", path.escape_default()))
    }

    /// The id of a revision.
    pub(crate) fn id(&self, revision: &str) -> String {
        self.git(&["rev-parse", "--verify", revision])
    }

    /// Stores an unreferenced blob; returns the id.
    pub(crate) fn blob(&self, content: impl AsRef<[u8]>) -> String {
        self.git_in("", &["hash-object", "-w", "--stdin"], content.as_ref())
    }

    /// The path of a loose object.
    pub(crate) fn loose(&self, id: &str) -> std::path::PathBuf {
        self.path().join(".git/objects").join(&id[..2]).join(&id[2..])
    }

    /// The only pack, without its extension.
    pub(crate) fn pack(&self) -> std::path::PathBuf {
        let folder = std::fs::read_dir(self.path().join(".git/objects/pack")).unwrap();
        let paths = folder.map(|entry| entry.unwrap().path());
        let mut packs: Vec<_> =
            paths.filter(|path| path.extension().is_some_and(|own| own == "pack")).collect();
        assert_eq!(packs.len(), 1);
        packs.pop().unwrap().with_extension("")
    }

    /// The expected `first_seen` of a report, from git's data about the commit.
    pub(crate) fn first(&self, commit: &str, path: &str) -> Value {
        let fields = self.commit_fields(commit);
        json!({
            "commit": commit, "path": path, "author": fields[0], "email": fields[1],
            "date": fields[2], "summary": fields[3], "merge": fields[4].contains(' '),
            "boundary": false
        })
    }

    /// The expected `removed_in` of a report, from git's data about the commit.
    pub(crate) fn removal(&self, commit: &str) -> Value {
        let fields = self.commit_fields(commit);
        json!({ "commit": commit, "date": fields[2], "author": fields[0], "summary": fields[3] })
    }

    fn commit_fields(&self, commit: &str) -> Vec<String> {
        let format = "--format=%an%x00%ae%x00%aI%x00%s%x00%P";
        let fields = self.git(&["log", "-1", "--no-show-signature", format, commit]);
        fields.split('\0').map(ToOwned::to_owned).collect()
    }

    /// Runs `keyside git` with JSON on standard output.
    pub(crate) fn keyside(&self, args: &[&str]) -> Run {
        self.dir.run(&[&["git", "-f", "json"], args].concat())
    }

    /// The report of a scan that must end with `code`.
    pub(crate) fn report(&self, args: &[&str], code: i32) -> Value {
        self.keyside(args).expect(code).json()
    }

    /// The only finding of a full scan, which must be complete.
    pub(crate) fn finding(&self) -> Value {
        let report = self.report(&[], 1);
        assert_eq!(report["scan"]["state"], "complete", "{report:#}");
        assert_eq!(report["scan"]["notices"], json!([]), "{report:#}");
        only(&report)
    }
}

/// The only finding of a report.
pub(crate) fn only(report: &Value) -> Value {
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report:#}");
    findings[0].clone()
}

/// The finding of a key.
pub(crate) fn of(report: &Value, key: &str) -> Value {
    let digest: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
    let findings = report["findings"].as_array().unwrap();
    let mut of = findings.iter().filter(|finding| finding["secret"]["sha256"] == digest.as_str());
    let finding = of.next().unwrap_or_else(|| panic!("the key is not found\n{report:#}"));
    assert!(of.next().is_none(), "the key is found twice\n{report:#}");
    finding.clone()
}

/// Two lines; the key begins in column 5 of the second.
pub(crate) fn config(key: &str) -> String {
    format!("a = 1\nKEY={key}\n")
}

/// Fails unless `actual` has every field of `expected`. Lists must have the same length.
pub(crate) fn like(actual: &Value, expected: &Value) {
    if let Err(what) = compare(actual, expected, String::new()) {
        panic!("{what}\n{actual:#}");
    }
}

fn compare(actual: &Value, expected: &Value, at: String) -> Result<(), String> {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            expected.iter().try_for_each(|(name, value)| {
                let own = actual.get(name).ok_or(format!("{at}/{name} is missing"))?;
                compare(own, value, format!("{at}/{name}"))
            })
        }
        (Value::Array(own), Value::Array(other)) if own.len() == other.len() => (own.iter())
            .zip(other)
            .enumerate()
            .try_for_each(|(nth, (own, other))| compare(own, other, format!("{at}/{nth}"))),
        (own, other) if own == other => Ok(()),
        (own, other) => Err(format!("{at}: {own}, expected {other}")),
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy_folder(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
