//! A repository with a history: small edits of files, commit after commit, on a trunk and on short
//! side branches. It holds no key.

use std::io::{self, Write};
use std::path::Path;

use crate::git;
use crate::text::Writer;

const COMMITS: usize = 20_000;
const FILES: usize = 600;
const LINES: usize = 250;
/// One commit in this many is a merge of a side branch.
const MERGES: usize = 25;
/// The time of the first commit in seconds since 1970, and the interval to the next.
const BEGIN: usize = 1_500_000_000;
const PAUSE: usize = 600;

/// The current state of a file.
struct File {
    path: String,
    lines: Vec<Vec<u8>>,
}

impl File {
    fn new(nth: usize, writer: &mut Writer) -> Self {
        let rng = writer.rng();
        let (one, two) = (rng.below(12), rng.below(6));
        let path = match rng.below(3) {
            0 => format!("part_{one}/file_{nth}.c"),
            1 => format!("part_{one}/area_{two}/file_{nth}.c"),
            _ => format!("part_{one}/area_{two}/deep/file_{nth}.c"),
        };
        let count = LINES / 4 + rng.below(LINES * 3 / 2);
        let lines = (0..count).map(|_| line(writer)).collect();
        Self { path, lines }
    }

    /// Changes some adjacent lines, as people do.
    fn edit(&mut self, writer: &mut Writer) {
        let rng = writer.rng();
        let at = rng.below(self.lines.len());
        let end = (at + rng.below(4)).min(self.lines.len() - 1);
        let count = rng.below(5);
        let new: Vec<Vec<u8>> = (0..count).map(|_| line(writer)).collect();
        self.lines.splice(at..end, new);
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let content = self.lines.concat();
        writeln!(out, "M 100644 inline {}\ndata {}", self.path, content.len())?;
        out.write_all(&content)?;
        writeln!(out)
    }
}

fn line(writer: &mut Writer) -> Vec<u8> {
    let mut line = Vec::new();
    writer.write(&mut line, 1, b'\n');
    line
}

/// Makes the repository in the empty folder `folder`, with this format of objects, and packs it well.
pub(crate) fn make(folder: &Path, object_format: &str) -> io::Result<()> {
    let format = format!("--object-format={object_format}");
    git::run(folder, &["init", "-q", "--bare", "-b", "main", &format, "."])?;
    git::import(folder, |out| commits(out))?;
    git::run(folder, &["repack", "-adfq"])
}

fn commits(out: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new(7);
    let mut files: Vec<File> = (0..FILES).map(|nth| File::new(nth, &mut writer)).collect();
    head(out, "refs/heads/main", BEGIN, "Begin")?;
    files.iter().try_for_each(|file| file.write(out))?;
    writeln!(out)?;
    for nth in 1..COMMITS {
        let is_merge = nth % MERGES == 0;
        // The commit before a merge is on the side branch, which begins one commit earlier.
        let is_aside = (nth + 1) % MERGES == 0;
        if is_aside {
            writeln!(out, "reset refs/heads/side\nfrom refs/heads/main\n")?;
        }
        let (branch, message) = match (is_merge, is_aside) {
            (true, _) => ("refs/heads/main", format!("Merge number {nth}")),
            (_, true) => ("refs/heads/side", format!("Aside {nth}")),
            _ => ("refs/heads/main", format!("Change {nth}\n\nBecause of what came before.\n")),
        };
        head(out, branch, BEGIN + PAUSE * nth, &message)?;
        if is_merge {
            writeln!(out, "merge refs/heads/side")?;
        }
        for _ in 0..1 + writer.rng().below(3) {
            let file = writer.rng().below(FILES);
            files[file].edit(&mut writer);
            files[file].write(out)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn head(out: &mut dyn Write, branch: &str, time: usize, message: &str) -> io::Result<()> {
    let length = message.len();
    writeln!(
        out,
        "commit {branch}\ncommitter Ada <ada@example.com> {time} +0000\n\
         data {length}\n{message}"
    )
}

/// Adds `count` commits to the branch that HEAD names, each with a change of one file.
pub(crate) fn go_on(folder: &Path, count: usize) -> io::Result<()> {
    let branch = git::output(folder, &["symbolic-ref", "HEAD"])?;
    let time: usize =
        git::output(folder, &["log", "-1", "--format=%ct"])?.parse().map_err(io::Error::other)?;
    let mut writer = Writer::new(8);
    let mut file = File::new(0, &mut writer);
    git::import(folder, |out| {
        for nth in 1..=count {
            head(out, &branch, time + PAUSE * nth, "Go on")?;
            if nth == 1 {
                writeln!(out, "from {branch}^0")?;
            }
            file.edit(&mut writer);
            file.write(out)?;
            writeln!(out)?;
        }
        Ok(())
    })
}
