//! A folder to scan, and runs of keyside in it. Every run also checks that its output holds no key
//! of the folder.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use keyside::rules::{Rng, Template};
use serde_json::Value;
use tempfile::TempDir;

/// The prefix and body length of each kind of key.
pub(crate) const SECRET: (&str, usize) = ("sk_v1_", 43);
pub(crate) const TOKEN: (&str, usize) = ("at_v1_", 40);
pub(crate) const PUBLIC: (&str, usize) = ("pk_v1_", 43);
pub(crate) const AIMAGICX: (&str, usize) = ("mgx-sk-", 43);

/// The hashes by which git names objects.
pub(crate) const OBJECT_FORMATS: [&str; 2] = ["sha1", "sha256"];

thread_local! {
    static OBJECT_FORMAT: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// The hash of the repositories that git makes: SHA-1, unless the test asks for another one, or the
/// variable `KEYSIDE_TEST_OBJECT_FORMAT` for the whole suite.
pub(crate) fn object_format() -> String {
    let asked = OBJECT_FORMAT.get().map(str::to_owned);
    asked.or_else(|| std::env::var("KEYSIDE_TEST_OBJECT_FORMAT").ok()).unwrap_or("sha1".to_owned())
}

/// While it lives, git makes repositories with a certain hash.
pub(crate) struct ObjectFormatChoice {
    before: Option<&'static str>,
}

impl Drop for ObjectFormatChoice {
    fn drop(&mut self) {
        OBJECT_FORMAT.set(self.before);
    }
}

/// Lets git make repositories with this hash while the result lives.
pub(crate) fn use_object_format(format: &'static str) -> ObjectFormatChoice {
    ObjectFormatChoice { before: OBJECT_FORMAT.replace(Some(format)) }
}

/// Lets git make repositories with this hash while `test` runs.
pub(crate) fn with_object_format<R>(format: &'static str, test: impl FnOnce() -> R) -> R {
    let _choice = use_object_format(format);
    test()
}

/// Runs a test with each hash.
pub(crate) fn with_each_object_format(test: impl Fn()) {
    OBJECT_FORMATS.into_iter().for_each(|format| with_object_format(format, &test));
}

/// Number of hexadecimal digits of an id.
pub(crate) fn id_digits() -> usize {
    if object_format() == "sha256" { 64 } else { 40 }
}

/// The number that a variable of the environment has: recipes of the justfile set how much is tried.
pub(crate) fn number_of(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is no number: {value}")))
}

/// Every report format.
pub(crate) const FORMATS: [&str; 10] =
    ["human", "json", "jsonl", "sarif", "github", "markdown", "junit", "csv", "gitlab", "html"];

const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// True if this program ignores a signal, which those that it starts inherit.
#[cfg(unix)]
pub(crate) fn ignores_signal(signal: &str) -> bool {
    let number = match signal {
        "HUP" => 1,
        "INT" => 2,
        _ => 15,
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

/// A folder of its own for each test.
pub(crate) struct Dir {
    folder: TempDir,
    home: TempDir,
    keys: RefCell<Vec<String>>,
    seed: Cell<u64>,
}

impl Dir {
    pub(crate) fn new() -> Self {
        let make = || tempfile::Builder::new().prefix("keyside-it").tempdir().unwrap();
        Self { folder: make(), home: make(), keys: RefCell::default(), seed: Cell::new(1) }
    }

    /// A folder that git recognises as a repository.
    pub(crate) fn repository() -> Self {
        let dir = Self::new();
        std::fs::create_dir(dir.path().join(".git")).unwrap();
        dir
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// A fresh key that no run may show.
    pub(crate) fn key(&self, (prefix, length): (&str, usize)) -> String {
        self.seed.set(self.seed.get() + 1);
        let key = format!("{prefix}{}", Rng::new(self.seed.get()).text(BASE62, length));
        self.keys.borrow_mut().push(key.clone());
        key
    }

    /// A fresh private key of some lines, none of which a run may show.
    pub(crate) fn private_key(&self, kind: &str) -> String {
        self.seed.set(self.seed.get() + 1);
        let template = Template::parse(&format!("{{private-key:{kind}}}")).unwrap();
        let key = template.fill(&mut Rng::new(self.seed.get()));
        let lines = key.lines().filter(|line| line.len() > 20 && !line.contains(['-', ':']));
        self.keys.borrow_mut().extend(lines.map(str::to_owned));
        key
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Runs keyside here.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.command(args, b"").finish(self)
    }

    /// Runs keyside here with `input` on standard input.
    pub(crate) fn pipe(&self, args: &[&str], input: &[u8]) -> Run {
        self.command(args, input).finish(self)
    }

    /// A prepared run, whose environment can still be set.
    pub(crate) fn command(&self, args: &[&str], input: &[u8]) -> Pending {
        self.command_of(env!("CARGO_BIN_EXE_keyside").as_ref(), args, input)
    }

    /// A prepared run of a copy of the program.
    pub(crate) fn command_of(&self, program: &Path, args: &[&str], input: &[u8]) -> Pending {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Pending { command, input: input.to_vec() }
    }

    /// The JSON report of a scan with `args`, and its exit code.
    pub(crate) fn json(&self, args: &[&str]) -> (i32, Value) {
        let run = self.run(&[&["scan", "-f", "json"], args].concat());
        (run.code, run.json())
    }

    fn listing(&self) -> String {
        let mut names = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(entry.path());
                } else {
                    names.push(entry.path().display().to_string());
                }
            }
        }
        names.sort();
        names.join("\n")
    }
}

/// A run before its start.
pub(crate) struct Pending {
    command: Command,
    input: Vec<u8>,
}

impl Pending {
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Changes the command itself.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Command)) -> Self {
        change(&mut self.command);
        self
    }

    pub(crate) fn finish(self, dir: &Dir) -> Run {
        let run = self.finish_showing(dir);
        for key in dir.keys.borrow().iter() {
            assert!(!run.stdout.contains(key), "a key is on standard output\n{run}");
            assert!(!run.stderr.contains(key), "a key is on standard error\n{run}");
        }
        run
    }

    /// Like `finish`, for runs that may show secrets.
    pub(crate) fn finish_showing(mut self, dir: &Dir) -> Run {
        let mut child = self.command.spawn().unwrap();
        let stdin = child.stdin.take();
        let input = std::mem::take(&mut self.input);
        // A run that does not read its input closes it.
        let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            listing: dir.listing(),
        }
    }
}

/// The result of a run.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    listing: String,
}

impl Run {
    /// Fails the test unless the run ended with `code`.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n{self}");
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// Fails the test unless standard output holds `text`.
    pub(crate) fn out(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "`{text}` is not on standard output\n{self}");
        self
    }

    /// Fails the test unless standard error holds `text`.
    pub(crate) fn err(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "`{text}` is not on standard error\n{self}");
        self
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "--- exit {}\n--- stdout\n{}\n--- stderr\n{}\n--- files\n{}",
            self.code, self.stdout, self.stderr, self.listing
        )
    }
}

/// `path:line:column-column` of every occurrence of every finding, in the report's order.
pub(crate) fn places(report: &Value) -> Vec<String> {
    let mut places = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        for place in finding["occurrences"].as_array().unwrap() {
            places.push(format!(
                "{}:{}:{}-{}",
                place["path"].as_str().unwrap(),
                place["start_line"],
                place["start_column"],
                place["end_column"]
            ));
        }
    }
    places
}

/// The kinds of a report's notices.
pub(crate) fn notices(report: &Value) -> Vec<String> {
    let notices = report["scan"]["notices"].as_array().unwrap();
    notices.iter().map(|notice| notice["kind"].as_str().unwrap().to_owned()).collect()
}
