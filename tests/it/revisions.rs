//! Revisions name the same commits as for git, whatever the format of objects and references; and damaged
//! objects on the way to them are reported in time.

use std::fs;
use std::path::Path;

use keyside::source::git::Repository;

use crate::repo::{BEGIN, DAY, REF_FORMATS, Repo, config};
use crate::support::{SECRET, with_each_object_format};

/// A repository with branches, merges, tags, a remote repository and reflogs; and a clone of it.
fn with_all(format: &str) -> (Repo, Repo) {
    let repo = Repo::stored(format);
    for nth in 0..4 {
        repo.add(&format!("f{nth}"), format!("{nth}\n"));
    }
    repo.git(&["tag", "-a", "-m", "one", "v1.0", "HEAD~1"]);
    repo.git(&["tag", "-a", "-m", "a tag of a tag", "v1.1", "v1.0"]);
    repo.git(&["tag", "light"]);
    repo.git(&["tag", "of-a-tree", "HEAD^{tree}"]);
    repo.git(&["checkout", "-q", "-b", "topic/side", "HEAD~2"]);
    repo.add("side", "side\n");
    repo.commit("fix: a {strange} side ^ of it\n\nThe body says more.");
    repo.git(&["branch", "-q", "beef"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.tick();
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge the side", "topic/side"]);
    let clone = Repo::without();
    let kind = format!("--ref-format={format}");
    let url = repo.path().to_str().unwrap().to_owned();
    if !clone.try_git("", &["clone", "-q", &kind, &url, "."], b"").status.success() {
        clone.git(&["clone", "-q", &url, "."]);
    }
    // No two commits have the same time: versions of git differ in which one they take then.
    (0..9).for_each(|_| clone.tick());
    clone.git(&["checkout", "-q", "--no-track", "-b", "work", "origin/main~1"]);
    clone.git(&["branch", "-q", "--set-upstream-to=origin/main"]);
    for nth in 0..3 {
        clone.add(&format!("w{nth}"), format!("{nth}\n"));
    }
    clone.git(&["checkout", "-q", "-b", "side", "origin/topic/side"]);
    clone.git(&["checkout", "-q", "--detach", "HEAD~1"]);
    clone.git(&["checkout", "-q", "work"]);
    clone.git(&["config", "push.default", "current"]);
    // A tag has no log, so the branch counts where its past is asked for.
    clone.git(&["branch", "-q", "both"]);
    clone.git(&["branch", "-q", "-f", "both", "HEAD~1"]);
    clone.git(&["tag", "both", "HEAD~2"]);
    clone.git(&["symbolic-ref", "refs/heads/symbolic", "refs/heads/work"]);
    for text in ["one", "two", "three"] {
        clone.write("w1", text);
        clone.tick();
        clone.git(&["stash", "-q"]);
    }
    // A gap in a log.
    clone.git(&["stash", "drop", "-q", "stash@{1}"]);
    clone.git(&["reflog", "delete", "work@{1}"]);
    clone.git(&["branch", "-q", "local", "HEAD~1"]);
    clone.git(&["branch", "-q", "follows", "--track", "local"]);
    (repo, clone)
}

/// Revisions that name something in [`with_all`], or nothing.
const REVISIONS: &[&str] = &[
    "HEAD",
    "@",
    "work",
    "heads/work",
    "refs/heads/work",
    "origin",
    "origin/main",
    "origin/topic/side",
    "v1.0",
    "tags/v1.0",
    "v1.1",
    "v1.1^{}",
    "v1.1^{commit}",
    "v1.1^{tag}",
    "v1.1^{object}",
    "v1.1^0",
    "light",
    "beef",
    "nothing",
    "HEAD~",
    "HEAD~0",
    "HEAD^0",
    "HEAD^",
    "HEAD^^",
    "HEAD~1^",
    "origin/main^2",
    "origin/main^2~1",
    "origin/main~1^2",
    "origin/main^3",
    "v1.0~1",
    "v1.0^{}~1",
    "HEAD~99",
    "@{0}",
    "@{1}",
    "@{2}",
    "work@{1}",
    "work@{2}",
    "work@{3}",
    "work@{9}",
    "HEAD@{0}",
    "HEAD@{1}",
    "HEAD@{2}",
    "HEAD@{3}",
    "HEAD@{6}",
    "HEAD@{99}",
    "@{-1}",
    "@{-2}",
    "@{-3}",
    "@{-9}",
    "@{-1}~1",
    "@{u}",
    "@{upstream}",
    "work@{u}",
    "work@{UPSTREAM}~1",
    "side@{u}",
    "main@{u}",
    "beef@{u}",
    "@{push}",
    "side@{push}",
    "@@{u}",
    "HEAD@{u}",
    "@{-2}@{u}",
    "HEAD^{/w0}",
    "HEAD^{/Write f}",
    "HEAD^{/}",
    "origin/main^{/fix: a {strange}}",
    "origin/main^{/fix}~1",
    "HEAD^{/!-w}",
    "HEAD^{/[}",
    "of-a-tree",
    "HEAD^{tree}",
    "HEAD:w1",
    ":w1",
    "work@{yesterday}",
    "work@{bogus}",
    "nothing@{1}",
    "beef@{1}",
    "v1.0-3-g",
    "",
    "~",
    "^",
    "@{",
    "HEAD^{x}",
    "@{u}@{0}",
    "@{u}@{1}",
    "origin@{0}",
    "origin/main@{0}",
    "@{-1}@{0}",
    "@{-1}@{1}",
    "@{-2}@{0}",
    "@{-1}@{push}",
    "@{u}@{u}",
    "follows@{u}",
    "follows@{u}@{0}",
    "follows@{u}@{u}",
    "@@{0}",
    "@@{1}",
    "@@{-1}",
    "@@@{u}",
    "HEAD@{-1}",
    "work@{-1}",
    "@{-0}",
    "@{-1x}",
    "work@{00001}",
    "heads/work@{1}",
    "refs/heads/work@{1}",
    "heads/work@{u}",
    "refs/heads/work@{u}",
    "both",
    "heads/both",
    "both@{0}",
    "both@{1}",
    "both@{2}",
    "tags/both@{0}",
    "v1.0@{0}",
    "symbolic",
    "symbolic@{0}",
    "symbolic@{1}",
    "symbolic@{u}",
    "stash",
    "stash@{0}",
    "stash@{1}",
    "stash@{2}",
    "stash@{1}^2",
    "stash^{/on work}",
    "work@{}",
    "@{}",
    "@{u",
    "@{u}~1",
    "@{u}^{/fix}",
    "@~1@{u}",
    "work~1@{1}",
    ":/",
    "HEAD^{/!}",
    "HEAD^{/!x}",
    "HEAD^{/^$}",
];

/// Searches of the messages of all commits, with what tells `git rev-list` the same. Before 2.51, git began with
/// the oldest branch, unlike its documentation.
const MESSAGES: [(&str, &[&str]); 8] = [
    (":/Write w1", &["--grep=Write w1"]),
    (":/fix", &["--grep=fix"]),
    (":/^fix.*side", &["--grep=^fix.*side"]),
    (":/says more", &["--grep=says more"]),
    (":/!!no", &["--grep=!no"]),
    (":/!-Write", &["--grep=Write", "--invert-grep"]),
    (":/!-on work|Write w|index", &["--grep=on work|Write w|index", "--invert-grep"]),
    (":/nothing like that", &["--grep=nothing like that"]),
];

/// The commits that git finds, all by few processes: it ends at what it cannot resolve for some reasons.
fn by_git(repo: &Repo, rows: &[String]) -> Vec<Option<String>> {
    let mut found = Vec::new();
    while found.len() < rows.len() {
        let left: String =
            rows[found.len()..].iter().map(|row| format!("{row}^{{commit}}\n")).collect();
        let git = repo.try_git("", &["cat-file", "--batch-check=%(objectname)"], left.as_bytes());
        let said = String::from_utf8_lossy(&git.stdout).into_owned();
        let is_id = |line: &str| line.bytes().all(|byte| byte.is_ascii_hexdigit());
        found.extend(said.lines().map(|line| is_id(line).then(|| line.to_owned())));
        if !git.status.success() {
            found.push(None);
        }
    }
    found
}

#[test]
fn revisions_name_the_commits_that_git_says() {
    with_each_object_format(|| {
        for format in REF_FORMATS {
            let (_remote, repo) = with_all(format);
            let ids =
                [repo.id("HEAD"), repo.id("origin/main"), repo.id("v1.0"), repo.id("HEAD^{tree}")];
            let mut rows: Vec<String> = REVISIONS.iter().map(|&row| row.to_owned()).collect();
            for (nth, seconds) in [(1, 0), (11, 30), (13, 0), (14, 1), (21, 5), (-5, 0), (400, 0)] {
                for name in ["work", "HEAD", "", "stash", "both"] {
                    let time = BEGIN + DAY * nth + seconds;
                    rows.push(format!("{name}@{{{time}}}"));
                    rows.push(format!("{name}@{{{time} +0000}}"));
                }
            }
            rows.push("work@{2023-11-20 10:00:00 +0000}".to_owned());
            rows.push(repo.git(&["describe", "--long", "HEAD"]));
            for id in &ids {
                rows.extend(
                    [4, 7, 12, 39, id.len() - 1, id.len()].map(|count| id[..count].to_owned()),
                );
                rows.push(id[..9].to_uppercase());
                rows.push(format!("{}^", &id[..9]));
                rows.push(format!("v1.0-3-g{}", &id[..9]));
            }
            rows.push("0".repeat(ids[0].len()));
            rows.push("f".repeat(ids[0].len()));
            let mut faults = Vec::new();
            for state in ["on a branch", "on a commit", "before the first commit"] {
                match state {
                    "on a commit" => repo.git(&["checkout", "-q", "--detach", "HEAD~1"]).clear(),
                    "before the first commit" => {
                        repo.git(&["symbolic-ref", "HEAD", "refs/heads/unborn"]).clear();
                    }
                    _ => {}
                }
                let own = Repository::open(repo.path()).unwrap();
                let mut compare = |row: &str, git: Option<String>| {
                    let found = own.commit(row);
                    if found.as_ref().ok().map(ToString::to_string) != git {
                        faults.push(format!("{format}, {state}, `{row}`: {found:?}, not {git:?}"));
                    }
                };
                for (row, git) in rows.iter().zip(by_git(&repo, &rows)) {
                    compare(row, git);
                }
                for (row, options) in MESSAGES {
                    let list = ["rev-list", "-1", "-E", "--all"];
                    let git = repo.git(&[&list[..], options].concat());
                    compare(row, Some(git).filter(|id| !id.is_empty()));
                }
            }
            assert_eq!(faults, [""; 0]);
        }
    });
}

#[test]
fn revisions_that_name_nothing_are_told_apart() {
    let repo = Repo::stored("reftable");
    repo.add("f", "x\n");
    for (range, says) in [
        ("nothing..HEAD", "no such branch"),
        ("HEAD~9..HEAD", "--branch HEAD"),
        ("HEAD:f..HEAD", "leave out the colon"),
        ("HEAD^{tree}..HEAD", "a tree"),
        ("HEAD^!..HEAD", "`HEAD^..HEAD`"),
        ("@{u}..HEAD", "no upstream"),
        ("@{push}..HEAD", "pushed to"),
        ("@{-1}..HEAD", "reflog of HEAD"),
        ("@{7}..HEAD", "has only 1 entries"),
        ("main@{the day before}..HEAD", "2 weeks ago"),
        (":/no such text..HEAD", "no commit has such a message"),
        (":/!x..HEAD", "`!!`"),
    ] {
        repo.dir.run(&["git", "--range", range]).expect(2).err(says);
    }
}

/// Ways to damage a file.
fn damaged(good: &[u8]) -> [Vec<u8>; 6] {
    [
        Vec::new(),
        good[..good.len() / 2].to_vec(),
        good[..good.len() - 1].to_vec(),
        vec![0; good.len()],
        good[..2].to_vec(),
        b"commit 7\0content".to_vec(),
    ]
}

/// libgit2 inflates some damaged objects without end; nothing here asks it for one.
#[test]
fn damaged_loose_objects_are_reported_in_every_mode() {
    let repo = Repo::new();
    for nth in 0..3 {
        repo.add(&format!("d/f{nth}"), format!("line {nth}\n").repeat(99 * nth));
    }
    repo.git(&["tag", "-a", "-m", "one", "v1", "HEAD"]);
    repo.write("d/f2", "staged\n");
    repo.git(&["add", "."]);
    let is_loose = |id: &str| repo.loose(id).exists();
    for (revision, is_in_range) in [
        ("HEAD", true),
        ("HEAD~1", true),
        ("HEAD^{tree}", true),
        ("HEAD:d", true),
        ("HEAD:d/f2", true),
        ("v1", true),
        (":d/f2", false),
    ] {
        let id = repo.id(revision);
        assert!(is_loose(&id));
        let path = repo.loose(&id);
        let good = fs::read(&path).unwrap();
        make_writable(&path);
        for bytes in damaged(&good) {
            fs::write(&path, &bytes).unwrap();
            for (args, is_concerned) in [
                (vec!["git"], true),
                (vec!["git", "--range", "HEAD~2..v1"], is_in_range),
                (vec!["git", "--range", "HEAD~2...v1"], is_in_range),
                (vec!["git", "--staged"], false),
            ] {
                let program = ["20", env!("CARGO_BIN_EXE_keyside")];
                let all = [&program[..], &args[..]].concat();
                let run = repo.dir.command_of("timeout".as_ref(), &all, b"").finish(&repo.dir);
                let is_told =
                    matches!(run.code, 2 | 3) && !(run.stdout.is_empty() && run.stderr.is_empty());
                assert!(is_told || !is_concerned && run.code == 0, "{revision} {args:?}\n{run}");
            }
        }
        fs::write(&path, &good).unwrap();
    }
    repo.dir.run(&["git"]).expect(0);
}

#[cfg(unix)]
fn make_writable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
}

#[cfg(not(unix))]
#[allow(clippy::permissions_set_readonly_false, reason = "Windows knows no other permission")]
fn make_writable(path: &Path) {
    let mut permissions = fs::metadata(path).unwrap().permissions();
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions).unwrap();
}

/// A parent may be younger than its child, and then dates do not say where history can be cut off.
#[test]
fn wrong_clocks_do_not_change_ranges() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let mut stream = String::new();
    // A line of commits; the clock of the base and of the commits after it is years behind.
    for nth in 1..=60 {
        let time = if (20..50).contains(&nth) { 1000 - nth } else { BEGIN + nth };
        let text = if nth == 10 { config(&key) } else { nth.to_string() };
        let message = format!("number {nth}");
        let from = if nth > 1 { format!("from :{}\n", nth - 1) } else { String::new() };
        stream += &format!(
            "commit refs/heads/main\nmark :{nth}\ncommitter A <a@example.com> {time} +0000\ndata {}\n\
             {message}\n{from}M 100644 inline f{nth}\ndata {}\n{text}\n",
            message.len(),
            text.len()
        );
    }
    repo.git_in("", &["fast-import", "--quiet"], stream.as_bytes());
    for (base, tip) in
        [("main~35", "main"), ("main~12", "main~11"), ("main~45", "main~5"), ("main~58", "main")]
    {
        let expected = repo.git(&["rev-list", "--count", &format!("{base}..{tip}")]);
        let run = repo.dir.run(&["git", "-f", "json", "--range", &format!("{base}..{tip}")]);
        assert_eq!(run.json()["scan"]["commits"].to_string(), expected, "{base}..{tip}\n{run}");
        let has_key = base == "main~58";
        assert_eq!(run.code, i32::from(has_key), "{base}..{tip}\n{run}");
    }
}
