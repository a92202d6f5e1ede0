//! Trees that are git repositories. Their dates are fixed, so that the same revision makes the same
//! commits.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::cases::Case;
use super::keys::key;
use super::runs::Tree;

const SETTINGS: [&str; 7] = [
    "user.name=Ada",
    "user.email=ada@example.com",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.file.allow=always",
    "init.defaultBranch=main",
    "advice.detachedHead=false",
];

/// The time of the first commit, in seconds since 1970.
const BEGIN: i64 = 1_700_000_000;
const DAY: i64 = 86_400;

/// A repository under construction.
struct Repo {
    folder: PathBuf,
    /// Seconds since 1970; each commit is a day younger than the last.
    clock: Cell<i64>,
}

impl Repo {
    fn new(folder: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir_all(&folder)?;
        let repo = Self { folder, clock: Cell::new(BEGIN) };
        repo.git(&["init", "-q", "-b", "main", "."])?;
        Ok(repo)
    }

    fn git(&self, args: &[&str]) -> anyhow::Result<String> {
        let date = format!("{} +0200", self.clock.get());
        let output = Command::new("git")
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            .args(args)
            .current_dir(&self.folder)
            .env("HOME", &self.folder)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .env("GIT_EDITOR", "true")
            .env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE")
            .output()
            .context("git cannot be run")?;
        if !output.status.success() {
            bail!("git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) -> anyhow::Result<()> {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
        Ok(fs::write(path, content)?)
    }

    /// Commits everything in the folder.
    fn commit(&self, message: &str) -> anyhow::Result<()> {
        self.git(&["add", "-A", "-f", "."])?;
        self.commit_staged(message)
    }

    fn commit_staged(&self, message: &str) -> anyhow::Result<()> {
        self.clock.set(self.clock.get() + DAY);
        self.git(&["commit", "-q", "--allow-empty", "-m", message])?;
        Ok(())
    }
}

/// Writes a case into a folder.
pub(crate) fn write(case: &Case, folder: &Path) -> anyhow::Result<()> {
    for file in &case.files {
        let bytes = file.bytes(key);
        let path = folder.join(&file.path);
        fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// All cases, each in a folder of its own: half of them committed one by one, the others staged.
pub(crate) fn all_cases(cases: &[Case], folder: &Path) -> anyhow::Result<Tree> {
    let repo = Repo::new(folder.join("all-cases"))?;
    repo.commit("Begin")?;
    let write_all = |cases: &[Case]| {
        cases.iter().try_for_each(|case| write(case, &repo.folder.join(&case.name)))
    };
    let (committed, staged) = cases.split_at(cases.len() / 2);
    let parts: Vec<_> = committed.chunks(committed.len().max(8) / 8).collect();
    for (number, part) in parts.iter().enumerate() {
        write_all(part)?;
        repo.commit(&format!("Add part {number}"))?;
    }
    write_all(staged)?;
    repo.git(&["add", "-A", "-f", "."])?;
    let mut rules: Vec<String> = Vec::new();
    for path in cases.iter().filter_map(|case| case.rules.as_ref()) {
        let argument = format!("--rules={}", path.display());
        if !rules.contains(&argument) {
            rules.push(argument);
        }
    }
    let range = format!("HEAD~{}..HEAD", parts.len().saturating_sub(1));
    let runs: &[(&str, &[&str])] = &[
        ("scan", &["scan", ".", "--no-ignore"]),
        ("git", &["git"]),
        ("staged", &["git", "--staged"]),
        ("range", &["git", "--range", &range]),
    ];
    Ok(Tree::new("all-cases", repo.folder.clone(), runs).with(&rules))
}

const VITE: &str = "{\"name\": \"app\", \"devDependencies\": {\"vite\": \"6.0.0\"}}\n";

/// A history of keys added, moved and removed, on branches, in messages and in git's other stores;
/// and a staged change.
pub(crate) fn history(folder: &Path) -> anyhow::Result<Tree> {
    let repo = Repo::new(folder.join("history"))?;
    made(&repo)?;
    let runs: &[(&str, &[&str])] = &[
        ("scan", &["scan", "."]),
        ("scan-all", &["scan", ".", "--no-ignore", "--no-suppress", "--max-decode-depth=2"]),
        ("scan-verbose", &["scan", ".", "-v", "--min-severity=warning"]),
        ("git", &["git"]),
        ("git-branch", &["git", "--branch", "side", "--max-count=3"]),
        ("staged", &["git", "--staged"]),
        ("staged-whole", &["git", "--staged", "--whole-file"]),
        ("range", &["git", "--range", "start..HEAD"]),
        ("range-merge", &["git", "--range", "merge^..merge"]),
        ("range-unknown", &["git", "--range", "nothing..HEAD"]),
        ("dry", &["scan", ".", "--verify-dry-run"]),
    ];
    Ok(Tree::new("history", repo.folder.clone(), runs))
}

fn made(repo: &Repo) -> anyhow::Result<()> {
    let secret = |number: u64| key("sk_v1_", 5000 + number);
    let other = |number: u64| key("mgx-sk-", 5000 + number);
    repo.write("package.json", VITE)?;
    repo.write("index.html", "<script type=module src=/src/main.ts></script>\n")?;
    repo.write("src/main.ts", "import { ask } from './ask'\nask()\n")?;
    repo.write("src/ask.ts", "export const ask = () => 1\n")?;
    repo.commit("Begin")?;
    repo.git(&["tag", "start"])?;

    repo.write(
        "src/ask.ts",
        format!("export const ask = () => fetch('/', {{ headers: {{ a: '{}' }} }})\n", secret(1)),
    )?;
    repo.write(
        ".env",
        format!("MAGICX_SECRET_KEY={}\nVITE_MAGICX_SECRET_KEY={}\n", secret(2), secret(3)),
    )?;
    repo.commit("Ask for it")?;
    repo.write(
        "config/old.py",
        format!("# é😀\nKEY = '{}'\nTOKEN = '{}'\n", other(4), key("at_v1_", 5005)),
    )?;
    repo.write("config/public.py", format!("KEY = '{}'\n", key("pk_v1_", 5006)))?;
    repo.commit(&format!("Configure it\n\nNot with {} any more.", secret(7)))?;

    // Encodings.
    let utf16 = |text: &str, is_big: bool| -> Vec<u8> {
        let units = format!("\u{feff}{text}");
        let bytes = |unit: u16| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        units.encode_utf16().flat_map(bytes).collect()
    };
    let hex: String = secret(8).bytes().map(|byte| format!("{byte:02x}")).collect();
    repo.write("encoded/hex.txt", format!("a\n{hex}\n"))?;
    repo.write(
        "encoded/base64.yml",
        format!("a: b\nkey: {}\n", base64(format!("key={}", other(9)).as_bytes())),
    )?;
    repo.write(
        "encoded/twice.yml",
        format!("key: {}\n", base64(base64(secret(10).as_bytes()).as_bytes())),
    )?;
    repo.write("encoded/little.txt", utf16(&format!("a\r\nkey = {}\r\n", secret(11)), false))?;
    repo.write("encoded/big.txt", utf16(&format!("a\r\nkey = {}\r\n", secret(12)), true))?;
    repo.write("encoded/mark.txt", format!("\u{feff}key = {}\r\n", secret(13)))?;
    repo.write("encoded/mixed.bin", [b"\0\xff\xfe", secret(14).as_bytes(), b"\0"].concat())?;
    repo.write("encoded/latin.txt", [b"\xe9 = ", secret(15).as_bytes(), b"\n"].concat())?;
    repo.commit("Encode it")?;

    // A branch, and a merge that adds a key of its own.
    repo.git(&["checkout", "-q", "-b", "side", "start"])?;
    repo.write("side.txt", format!("{}\n{}\n", secret(16), other(4)))?;
    repo.commit("Go aside")?;
    repo.write("side.txt", "nothing\n")?;
    repo.commit("Take it out again")?;
    repo.git(&["checkout", "-q", "main"])?;
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"])?;
    repo.write("merged.txt", format!("{}\n", secret(17)))?;
    repo.commit("Merge side")?;
    repo.git(&["tag", "merge"])?;
    repo.git(&["branch", "-q", "old", "HEAD~1"])?;

    // Moves, removals and accepted keys.
    repo.git(&["mv", "config", "settings"])?;
    repo.commit("Move it")?;
    fs::remove_file(repo.folder.join("encoded/hex.txt"))?;
    repo.write(
        "accepted.txt",
        format!("{} # keyside:allow[magicx-secret-key] a sample\n", secret(18)),
    )?;
    repo.write("ignored/a.txt", format!("{}\n", secret(19)))?;
    repo.write(".keysideignore", "/ignored/\n")?;
    repo.write(
        "path with 'spaces' \"quotes\" & <é>/😀.ts",
        format!("const k = `{}`\n", secret(20)),
    )?;
    repo.write(".gitignore", "/left-out/\n*.log\n")?;
    repo.write("picture.png", b"\x89PNG\r\n\x1a\n")?;
    repo.commit("Accept it")?;

    // Git's other stores.
    repo.git(&["tag", "-a", "-m", &format!("One\n\n{}", other(22)), "v1"])?;
    repo.git(&["notes", "add", "-m", &format!("see {}", secret(23))])?;
    repo.write("src/ask.ts", format!("export const ask = () => '{}'\n", secret(24)))?;
    repo.git(&["stash", "-q"])?;
    repo.write("lost.txt", format!("{}\n", other(25)))?;
    repo.commit("Lose it")?;
    repo.git(&["reset", "-q", "--hard", "HEAD~1"])?;
    repo.git(&["gc", "-q"])?;
    repo.write("later.txt", "later\n")?;
    repo.git(&["add", "later.txt"])?;
    repo.commit_staged("Be loose")?;

    repo.write("left-out/a.txt", format!("{}\n", secret(21)))?;

    // A staged change and an unstaged one.
    repo.write("src/main.ts", format!("import {{ ask }} from './ask'\nask()\nuse('{}', import.meta.env.VITE_MAGICX_SECRET_KEY)\n", secret(26)))?;
    repo.write("settings/old.py", format!("KEY = '{}'\nNEW = '{}'\n", other(4), other(27)))?;
    repo.git(&["add", "src", "settings"])?;
    repo.write("src/main.ts", format!("unstaged('{}')\n", secret(28)))
}

/// A shallow clone of the history that lacks a blob as well.
pub(crate) fn cut(folder: &Path) -> anyhow::Result<Tree> {
    let source = Repo { folder: folder.join("history"), clock: Cell::new(BEGIN) };
    let path = folder.join("cut");
    let url = format!("file://{}", source.folder.display());
    let path_text = path.to_str().context("the path is no UTF-8")?;
    source.git(&["clone", "-q", "--depth=3", &url, path_text])?;
    let repo = Repo { folder: path, clock: Cell::new(BEGIN + 100 * DAY) };
    repo.write("gone.txt", "gone\n")?;
    repo.commit("Add what gets lost")?;
    let id = repo.git(&["rev-parse", "HEAD:gone.txt"])?;
    fs::remove_file(repo.folder.join(".git/objects").join(&id[..2]).join(&id[2..]))?;
    let runs: &[(&str, &[&str])] = &[
        ("git", &["git"]),
        ("range", &["git", "--range", "HEAD~2..HEAD"]),
        ("range-cut", &["git", "--branch", "main"]),
    ];
    Ok(Tree::new("cut", repo.folder.clone(), runs))
}

/// A clone of keyside itself.
pub(crate) fn checkout(source: &Path, folder: &Path) -> anyhow::Result<Tree> {
    let parent = Repo { folder: folder.to_owned(), clock: Cell::new(BEGIN) };
    let source_text = source.to_str().context("the path is no UTF-8")?;
    parent.git(&["clone", "-q", "--no-tags", source_text, "keyside"])?;
    let runs: &[(&str, &[&str])] = &[
        ("scan", &["scan", "."]),
        ("git", &["git"]),
        ("range", &["git", "--range", "HEAD~20..HEAD"]),
    ];
    Ok(Tree::new("keyside", folder.join("keyside"), runs))
}

/// Base64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let of_three = |three: &[u8]| {
        let number = (0..3).fold(0, |sum, at| sum << 8 | u32::from(*three.get(at).unwrap_or(&0)));
        let letter = |at: u32| char::from(letters[(number >> (18 - 6 * at)) as usize & 63]);
        let all: String = (0..4).map(letter).collect();
        format!("{:=<4}", &all[..=three.len()])
    };
    bytes.chunks(3).map(of_three).collect()
}
