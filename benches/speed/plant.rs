//! A copy of a repository whose newest commits are rewritten, some of them with a key.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::path::Path;

use keyside::rules::Rng;

use crate::git;
use crate::text::Writer;

/// The number of keys; half of them are removed again.
pub(crate) const KEYS: usize = 100;

/// The number of trunk commits that are rewritten, at most.
const TRUNK: usize = 1000;

const BRANCH: &str = "refs/heads/keyside-planted";

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A change of a file in addition to a commit's own.
enum Change {
    Write { path: String, content: Vec<u8> },
    Remove { path: String },
}

/// The result of [`plant`].
pub(crate) struct Planted {
    /// The number of rewritten commits.
    pub(crate) commits: usize,
    /// True if everything was packed into one pack.
    pub(crate) is_packed: bool,
}

/// Makes a copy of `repository` with keys in `folder`, which must not exist. HEAD names the branch
/// with the keys; the original branches remain.
pub(crate) fn plant(repository: &Path, folder: &Path) -> io::Result<Planted> {
    copy(repository, folder)?;
    let trunk = git::output(folder, &["rev-list", "--first-parent", "HEAD"])?;
    let mut trunk: Vec<&str> = trunk.lines().collect();
    trunk.truncate((TRUNK + 1).min(trunk.len()));
    trunk.reverse();
    if trunk.len() < 20 {
        return Err(io::Error::other("the repository has too few commits to plant keys in"));
    }
    let (base, trunk) = (trunk[0], &trunk[1..]);
    let folders = git::output(folder, &["ls-tree", "-d", "-r", "--name-only", base])?;
    // Paths with other characters would have to be quoted.
    let is_plain = |path: &&str| {
        path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-.".contains(&byte))
    };
    let folders: Vec<&str> = folders.lines().filter(is_plain).collect();
    let changes = changes(trunk.len(), &folders);
    let by_commit: HashMap<&str, &Vec<Change>> = trunk.iter().copied().zip(&changes).collect();

    git::run(folder, &["update-ref", BRANCH, "HEAD"])?;
    let hidden = format!("^{base}");
    let export =
        ["fast-export", "--no-data", "--show-original-ids", "--reencode=no", BRANCH, &hidden];
    let mut commits = 0;
    git::import(folder, |out| {
        git::lines(folder, &export, |lines| {
            commits = rewrite(lines, out, &by_commit)?;
            Ok(())
        })
    })?;
    git::run(folder, &["symbolic-ref", "HEAD", BRANCH])?;
    let is_packed = git::succeeds(folder, &["repack", "-adkq"])?;
    Ok(Planted { commits, is_packed })
}

/// Copies a repository with all its refs.
pub(crate) fn copy(repository: &Path, folder: &Path) -> io::Result<()> {
    let (from, to) = (repository.to_string_lossy(), folder.to_string_lossy());
    git::run(Path::new("."), &["clone", "-q", "--mirror", "--local", &from, &to])
}

/// The additional changes of each trunk commit.
fn changes(commits: usize, folders: &[&str]) -> Vec<Vec<Change>> {
    let mut rng = Rng::new(11);
    let mut writer = Writer::new(12);
    let mut changes: Vec<Vec<Change>> = (0..commits).map(|_| Vec::new()).collect();
    for nth in 0..KEYS {
        let begin = rng.below(commits * 3 / 4);
        let folder = match folders {
            [] => "src",
            folders => folders[rng.below(folders.len())],
        };
        let path = format!("{folder}/config/{}/settings_{nth}.py", ["env", "prod"][nth % 2]);
        let prefix = ["sk_v1_", "at_v1_", "mgx-sk-"][nth % 3];
        let key = format!("{prefix}{}", rng.text(ALPHABET, 43));
        let mut content = Vec::new();
        writer.write(&mut content, 500 + rng.below(3000), b'\n');
        content.extend_from_slice(format!("API_KEY = \"{key}\"\n").as_bytes());
        writer.write(&mut content, 500 + rng.below(3000), b'\n');
        changes[begin].push(Change::Write { path: path.clone(), content: content.clone() });
        let later = |rng: &mut Rng, from: usize| from + 1 + rng.below(commits - from - 1);
        let mut end = begin;
        if nth % 3 == 0 {
            // An edit of the file that keeps the key.
            end = begin + 1 + rng.below(commits / 8);
            writer.write(&mut content, 200, b'\n');
            changes[end].push(Change::Write { path: path.clone(), content });
        }
        if nth % 2 == 0 {
            let gone = later(&mut rng, end);
            changes[gone].push(Change::Remove { path });
        }
    }
    changes
}

/// Copies a stream of commits and adds the changes; returns the number of commits.
fn rewrite(
    lines: &mut dyn BufRead,
    out: &mut dyn Write,
    changes: &HashMap<&str, &Vec<Change>>,
) -> io::Result<usize> {
    let mut commits = 0;
    let mut due: &[Change] = &[];
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(commits);
        }
        let text = line.trim_ascii_end();
        if text.starts_with(b"commit ") {
            commits += 1;
        } else if let Some(id) = text.strip_prefix(b"original-oid ") {
            let id = String::from_utf8_lossy(id);
            due = changes.get(id.as_ref()).map_or(&[], |own| own.as_slice());
        } else if let Some(length) = text.strip_prefix(b"data ") {
            let length = String::from_utf8_lossy(length);
            let mut data = vec![0; length.parse().map_err(io::Error::other)?];
            lines.read_exact(&mut data)?;
            out.write_all(&line)?;
            out.write_all(&data)?;
            continue;
        } else if text.is_empty() {
            // The end of a commit. Other empty lines may follow, but then nothing is due.
            for change in std::mem::take(&mut due) {
                change.write(out)?;
            }
        }
        out.write_all(&line)?;
    }
}

impl Change {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Write { path, content } => {
                writeln!(out, "M 100644 inline {path}\ndata {}", content.len())?;
                out.write_all(content)?;
                writeln!(out)
            }
            Self::Remove { path } => writeln!(out, "D {path}"),
        }
    }
}
