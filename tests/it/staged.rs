//! `keyside git --staged`: what the next commit would add, in repositories that git itself makes.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keyside::rules::Rng;
use keyside::source::git::{Repository, Staged};
use serde_json::Value;

use crate::support::{Dir, SECRET, notices, places};

/// A repository that git has made.
struct Repo {
    dir: Dir,
}

impl Repo {
    fn new() -> Self {
        let repo = Self { dir: Dir::new() };
        repo.git(&["init", "-q", "-b", "main"]);
        repo
    }

    /// One with a commit of these files.
    fn with(files: &[(&str, &str)]) -> Self {
        let repo = Self::new();
        files.iter().for_each(|(path, text)| drop(repo.dir.write(path, text)));
        repo.commit();
        repo
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "gc.auto=0"])
            .args(["-c", "protocol.file.allow=always"])
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.dir.home())
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        command
    }

    fn try_git(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--no-verify", "--allow-empty", "-m", "x"]);
    }

    /// Writes files and stages them.
    fn stage(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            self.dir.write(path, text);
            self.git(&["add", path]);
        }
    }

    /// Scans what is staged; nothing in the repository may change by it.
    fn staged(&self, args: &[&str]) -> (i32, Value) {
        let before = contents(&self.path().join(".git"));
        let run = self.dir.run(&[&["git", "--staged", "-f", "json"], args].concat());
        assert!(before == contents(&self.path().join(".git")), "the repository has changed");
        (run.code, run.json())
    }

    /// Fails the test unless a scan ends with a code and finds keys at these `path:line`.
    fn expect(&self, args: &[&str], code: i32, lines: &[&str]) -> Value {
        let (own, report) = self.staged(args);
        assert_eq!((own, found(&report)), (code, lines.join(" ")), "{report:#}");
        report
    }
}

/// `path:line` of every occurrence.
fn found(report: &Value) -> String {
    let line = |place: String| place.rsplit_once(':').unwrap().0.to_owned();
    places(report).into_iter().map(line).collect::<Vec<_>>().join(" ")
}

/// All files in a folder, with their content.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
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

#[test]
fn the_first_commit_is_compared_with_nothing() {
    let repo = Repo::new();
    repo.dir.run(&["git", "--staged"]).expect(0).err("nothing is staged");
    let key = repo.dir.key(SECRET);
    repo.stage(&[("a.txt", &format!("x\nk={key}\n")), ("b/c.txt", "clean"), ("empty", "")]);
    let report = repo.expect(&[], 1, &["a.txt:2"]);
    assert_eq!(report["findings"][0]["occurrences"][0]["source"], "index");
    assert_eq!((&report["scan"]["mode"], &report["scan"]["files"]), (&"staged".into(), &3.into()));
    assert_eq!(
        (&report["scan"]["state"], &report["scan"]["blobs"]),
        (&"complete".into(), &3.into())
    );
}

#[test]
fn the_index_counts_and_not_the_files() {
    let repo = Repo::with(&[("a", "1"), ("b", "1"), ("c", "1")]);
    let key = repo.dir.key(SECRET);
    repo.stage(&[("a", &key), ("b", "clean")]);
    repo.dir.write("a", "taken out again");
    repo.dir.write("b", &key);
    repo.dir.write("untracked", &key);
    std::fs::remove_file(repo.path().join("c")).unwrap();
    repo.expect(&[], 1, &["a:1"]);
}

/// What stands in a repository, what is staged then, and what a scan says.
struct Case<'c> {
    name: &'c str,
    old: &'c [(&'c str, &'c str)],
    /// A text of `-` takes the file out.
    staged: &'c [(&'c str, &'c str)],
    added: &'c [&'c str],
    whole: &'c [&'c str],
}

#[test]
fn only_what_is_added_counts() {
    let (dir, other) = (Dir::new(), Dir::new());
    let (k, l) = (&dir.key(SECRET)[..], &other.key(SECRET)[..]);
    let l = &l.replace(&l[8..12], "Zq9T")[..];
    let text = |lines: &[&str]| lines.join("\n");
    let cases = [
        Case {
            name: "an old key in an edited file",
            old: &[("a", &text(&["x", k, "y"]))],
            staged: &[("a", &text(&["new", "x", k, "z"]))],
            added: &[],
            whole: &["a:3"],
        },
        Case {
            name: "its line was edited",
            old: &[("a", &text(&["x", k]))],
            staged: &[("a", &text(&["x", &format!("    key = '{k}' # old")]))],
            added: &[],
            whole: &["a:2"],
        },
        Case {
            name: "a key beside an old one",
            old: &[("a", k)],
            staged: &[("a", &text(&[l, k]))],
            added: &["a:1"],
            whole: &["a:1", "a:2"],
        },
        Case {
            name: "a key in the place of an old one",
            old: &[("a", k)],
            staged: &[("a", l)],
            added: &["a:1"],
            whole: &["a:1"],
        },
        Case {
            name: "a moved and edited file",
            old: &[("a", &text(&["x", k])), ("z", "")],
            staged: &[("a", "-"), ("new/b", &text(&[k, "y"]))],
            added: &[],
            whole: &["new/b:1"],
        },
        Case {
            name: "a moved folder",
            old: &[("d/e/a", k), ("d/e/b", l), ("d/c", "")],
            staged: &[("d/e/a", "-"), ("d/e/b", "-"), ("f/a", k), ("f/b", l)],
            added: &[],
            whole: &["f/a:1", "f/b:1"],
        },
        Case {
            name: "a key moved from one file to another",
            old: &[("a", k), ("b", "")],
            staged: &[("a", "gone"), ("b", k)],
            added: &[],
            whole: &["b:1"],
        },
        Case {
            name: "a file became a folder",
            old: &[("a", k)],
            staged: &[("a", "-"), ("a/b", k)],
            added: &[],
            whole: &["a/b:1"],
        },
        Case {
            name: "a folder became a file",
            old: &[("a/b/c", k)],
            staged: &[("a/b/c", "-"), ("a", k)],
            added: &[],
            whole: &["a:1"],
        },
        Case {
            name: "a copied file",
            old: &[("a", k)],
            staged: &[("b", k)],
            added: &["b:1"],
            whole: &["b:1"],
        },
        Case {
            name: "a second one in the same file",
            old: &[("a", &text(&["x", k, "y"]))],
            staged: &[("a", &text(&["x", &format!("twice {k}"), k, "y"]))],
            added: &["a:2"],
            whole: &["a:2", "a:3"],
        },
        Case {
            name: "the same line again",
            old: &[("a", &text(&[k, "x"]))],
            staged: &[("a", &text(&[k, "x", k]))],
            added: &["a:3"],
            whole: &["a:1", "a:3"],
        },
        Case {
            name: "nothing but a deletion",
            old: &[("a", k), ("b", "")],
            staged: &[("a", "-")],
            added: &[],
            whole: &[],
        },
    ];
    for case in &cases {
        let repo = Repo::with(case.old);
        for (path, _) in case.staged.iter().filter(|(_, text)| *text == "-") {
            repo.git(&["rm", "-q", path]);
        }
        for (path, text) in case.staged.iter().filter(|(_, text)| *text != "-") {
            repo.stage(&[(path, text)]);
        }
        for (args, expected) in [(&[][..], case.added), (&["--whole-file"], case.whole)] {
            let (code, report) = repo.staged(args);
            let mut lines: Vec<_> = expected.to_vec();
            let mut own: Vec<_> = found(&report).split_whitespace().map(str::to_owned).collect();
            lines.sort_unstable();
            own.sort_unstable();
            assert_eq!(own, lines, "{} {args:?}", case.name);
            assert_eq!(code, i32::from(!lines.is_empty()), "{} {args:?}", case.name);
        }
    }
}

#[test]
fn a_mode_or_a_deletion_alone_is_nothing_to_scan() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.stage(&[("a", &key), ("b", &key)]);
    repo.commit();
    repo.git(&["update-index", "--chmod=+x", "a"]);
    repo.git(&["rm", "-q", "b"]);
    repo.expect(&[], 0, &[]);
    repo.expect(&["--whole-file"], 0, &[]);
    repo.dir.run(&["git", "--staged"]).expect(0).err("nothing to scan");
}

/// A copy of the program as the hook of a repository.
fn hook(repo: &Repo, name: &str) {
    let text = format!(
        "#!/bin/sh\nexec {} git --staged -f json -o \"$HOME/report.json\" --quiet\n",
        env!("CARGO_BIN_EXE_keyside")
    );
    let path = repo.dir.write(&format!(".git/hooks/{name}"), text);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The `path:line`s that the hook has found.
fn hook_found(repo: &Repo) -> String {
    let file = repo.dir.home().join("report.json");
    let text = std::fs::read(&file).expect("the hook has run");
    std::fs::remove_file(file).unwrap();
    found(&serde_json::from_slice(&text).unwrap())
}

#[test]
fn a_hook_sees_the_index_of_its_commit() {
    let repo = Repo::with(&[("a", "1"), ("b", "1"), ("sub/c", "1")]);
    let key = repo.dir.key(SECRET);
    hook(&repo, "pre-commit");
    // The whole tree, though nothing is staged.
    repo.dir.write("a", &key);
    let commit = |args: &[&str]| repo.try_git(&[&["commit", "-q", "-m", "x"], args].concat());
    assert!(!commit(&["-a"]).status.success());
    assert_eq!(hook_found(&repo), "a:1");
    // One path, though another is staged.
    repo.git(&["add", "a"]);
    repo.dir.write("b", "2");
    assert!(commit(&["b"]).status.success());
    assert_eq!(hook_found(&repo), "");
    repo.dir.write("b", format!("3\n{key}"));
    assert!(!commit(&["b"]).status.success());
    assert_eq!(hook_found(&repo), "b:2");
    // From a folder.
    repo.git(&["reset", "-q", "--hard"]);
    repo.dir.write("sub/c", &key);
    let from_sub =
        repo.command(&["commit", "-qam", "x"]).current_dir(repo.path().join("sub")).output();
    assert!(!from_sub.unwrap().status.success());
    assert_eq!(hook_found(&repo), "sub/c:1");
    assert!(commit(&["-a", "--no-verify"]).status.success());
    // It is old now.
    repo.dir.write("sub/c", format!("{key}\nmore"));
    assert!(commit(&["-a"]).status.success());
    assert_eq!(hook_found(&repo), "");
}

#[test]
fn the_environment_names_the_index() {
    let repo = Repo::with(&[("a", "1")]);
    let key = repo.dir.key(SECRET);
    let index = repo.path().join("other-index");
    std::fs::copy(repo.path().join(".git/index"), &index).unwrap();
    repo.dir.write("a", &key);
    assert!(repo.command(&["add", "a"]).env("GIT_INDEX_FILE", &index).status().unwrap().success());
    repo.expect(&[], 0, &[]);
    let run = repo.dir.command(&["git", "--staged"], b"").env("GIT_INDEX_FILE", &index);
    run.finish(&repo.dir).expect(1).out("a:1:1");
    // Only for the repository that git means, not for one that the user names.
    let other = Repo::with(&[("b", "1")]);
    let path = other.path().to_str().unwrap();
    let run = repo.dir.command(&["git", "--staged", path], b"").env("GIT_INDEX_FILE", &index);
    run.finish(&repo.dir).expect(0);
}

#[test]
fn worktrees_subfolders_and_bare_repositories_have_their_own_index() {
    let repo = Repo::with(&[("a", "1"), ("sub/b", "1")]);
    let key = repo.dir.key(SECRET);
    let tree = Dir::new();
    let path = tree.path().join("tree");
    repo.git(&["worktree", "add", "-q", path.to_str().unwrap()]);
    std::fs::write(path.join("a"), &key).unwrap();
    let git = |args: &[&str]| repo.command(args).current_dir(&path).status().unwrap().success();
    assert!(git(&["add", "a"]));
    repo.expect(&[], 0, &[]);
    repo.expect(&[path.to_str().unwrap()], 1, &["a:1"]);
    let run = repo.dir.command(&["git", "--staged"], b"").with(|run| {
        run.current_dir(&path);
    });
    run.finish(&repo.dir).expect(1).out("a:1:1");

    repo.stage(&[("sub/b", &key)]);
    let run = repo.dir.command(&["git", "--staged"], b"").with(|run| {
        run.current_dir(repo.path().join("sub"));
    });
    run.finish(&repo.dir).expect(1).out("sub/b:1:1");

    let bare = Dir::new();
    repo.git(&["clone", "-q", "--bare", ".", bare.path().join("bare").to_str().unwrap()]);
    let at = bare.path().join("bare");
    repo.dir.run(&["git", "--staged", at.to_str().unwrap()]).expect(0).err("nothing is staged");
    let index = repo.path().join(".git/index");
    let run = repo.dir.command(&["git", "--staged"], b"").env("GIT_INDEX_FILE", index);
    let run = run.env("GIT_DIR", &at).env("GIT_OBJECT_DIRECTORY", repo.path().join(".git/objects"));
    run.finish(&repo.dir).expect(1).out("sub/b:1:1");
}

/// A repository in a conflicted merge of `other`, which has brought a key in with a clean file.
fn merging(theirs: &str) -> Repo {
    let repo = Repo::with(&[("f", "base\n"), ("g", "1")]);
    repo.git(&["checkout", "-qb", "other"]);
    repo.stage(&[("f", "theirs\n"), ("clean", theirs)]);
    repo.commit();
    repo.git(&["checkout", "-q", "main"]);
    repo.stage(&[("f", "ours\n")]);
    repo.commit();
    assert!(!repo.try_git(&["merge", "-q", "other"]).status.success());
    repo
}

#[test]
fn a_merge_adds_only_what_neither_side_has() {
    let other = Dir::new();
    let (key, k) = (other.key(SECRET), other.key(SECRET));
    let repo = merging(&key);
    // The conflict itself is no obstacle.
    repo.expect(&[], 0, &[]);
    repo.stage(&[("f", "both\n")]);
    repo.expect(&[], 0, &[]);
    // Their key somewhere else is a copy, for them too.
    repo.stage(&[("f", &format!("both\n{key}\n"))]);
    repo.expect(&[], 1, &["f:2"]);
    repo.stage(&[("f", &format!("both\n{k}\n"))]);
    repo.expect(&[], 1, &["f:2"]);
    repo.expect(&["--whole-file"], 1, &["f:2"]);
    // A clean file was changed by hand, and a new one brought in.
    repo.stage(&[("f", "both\n"), ("clean", &format!("{key}\n{k}")), ("new", &k)]);
    repo.expect(&[], 1, &["clean:2", "new:1"]);
}

#[test]
fn an_octopus_has_many_parents() {
    let repo = Repo::with(&[("a", "1")]);
    let (k, l) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    let mut heads = String::new();
    for (name, text) in [("b", &k), ("c", &l)] {
        repo.git(&["checkout", "-qb", name, "main"]);
        repo.stage(&[(name, text)]);
        repo.commit();
        heads.push_str(&format!("{}\n", repo.git(&["rev-parse", "HEAD"])));
    }
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["checkout", "b", "--", "b"]);
    repo.git(&["checkout", "c", "--", "c"]);
    repo.expect(&[], 1, &["b:1", "c:1"]);
    repo.dir.write(".git/MERGE_HEAD", heads);
    repo.expect(&[], 0, &[]);
    repo.stage(&[("a", &format!("1\n{l}"))]);
    repo.expect(&[], 1, &["a:2"]);
}

#[test]
fn the_hook_of_a_clean_merge_knows_the_other_side() {
    let repo = Repo::with(&[("a", "1")]);
    let key = repo.dir.key(SECRET);
    repo.git(&["checkout", "-qb", "other"]);
    repo.stage(&[("b", &key)]);
    repo.commit();
    repo.git(&["checkout", "-q", "main"]);
    repo.stage(&[("c", "1")]);
    repo.commit();
    hook(&repo, "pre-merge-commit");
    let merged = repo.try_git(&["merge", "-q", "--no-edit", "other"]);
    assert!(merged.status.success(), "{}", String::from_utf8_lossy(&merged.stderr));
    assert_eq!(hook_found(&repo), "");
}

#[test]
fn conflicts_are_searched_on_all_sides() {
    let repo = Repo::with(&[("f", "base")]);
    let keys = [0; 3].map(|_| repo.dir.key(SECRET));
    let mut input = String::new();
    for (stage, key) in (1..).zip(&keys) {
        repo.dir.write("x", key);
        let oid = repo.git(&["hash-object", "-w", "x"]);
        input.push_str(&format!("100644 {oid} {stage}\tf\n"));
    }
    let list = repo.dir.write("list", input);
    repo.git(&["update-index", "--force-remove", "f"]);
    let mut command = repo.command(&["update-index", "--index-info"]);
    command.stdin(std::fs::File::open(list).unwrap());
    assert!(command.status().unwrap().success());
    repo.expect(&[], 1, &["f:1", "f:1", "f:1"]);
}

#[test]
fn links_are_searched_and_submodules_are_not() {
    let repo = Repo::with(&[("a", "1")]);
    let key = repo.dir.key(SECRET);
    symlink(format!("/x/{key}"), repo.path().join("link")).unwrap();
    let head = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},module")]);
    repo.git(&["add", "link"]);
    let report = repo.expect(&[], 1, &["link:1"]);
    assert_eq!(report["scan"]["state"], "complete");
    assert_eq!(report["scan"]["files"], 1);
}

#[test]
fn what_is_only_going_to_be_added_is_not_staged() {
    let repo = Repo::with(&[("a", "1")]);
    repo.dir.write("b", repo.dir.key(SECRET));
    repo.git(&["add", "-N", "b"]);
    repo.expect(&[], 0, &[]);
    repo.git(&["add", "b"]);
    repo.expect(&[], 1, &["b:1"]);
}

#[test]
fn keys_in_names_of_added_files_count() {
    let repo = Repo::new();
    let (k, l) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    repo.stage(&[(&format!("old-{k}/a"), "1"), ("b", "1")]);
    repo.commit();
    repo.stage(&[(&format!("old-{k}/c"), "1"), (&format!("old-{k}/a"), "2")]);
    repo.expect(&[], 0, &[]);
    repo.stage(&[(&format!("new/{l}.txt"), "1")]);
    let (code, report) = repo.staged(&[]);
    assert_eq!((code, report["findings"].as_array().unwrap().len()), (1, 1));
    repo.commit();
    repo.git(&["mv", "new", "moved"]);
    repo.expect(&[], 0, &[]);
}

#[test]
fn options_hold_as_for_trees() {
    let repo = Repo::with(&[("a", "1")]);
    let key = &repo.dir.key(SECRET)[..];
    let marked = format!("{key} # keyside:allow");
    let png = format!("\u{89}PNG {key}");
    let large = format!("{key:<2000}");
    repo.stage(&[("docs/x", key), ("marked", &marked), ("large", &large), ("text.png", &png)]);
    let mut media = b"\x89PNG\r\n\x1a\n".to_vec();
    media.extend(key.as_bytes());
    repo.dir.write("image.png", media);
    let wide: Vec<u8> =
        format!("\u{feff}a\r\nb {key}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    repo.dir.write("wide.reg", wide);
    repo.dir.write("utf32", [&b"\xff\xfe\0\0"[..], b"a\0\0\0"].concat());
    repo.git(&["add", "."]);
    let report = repo.expect(
        &["--exclude", "docs/", "--max-file-size", "1K"],
        1,
        &["text.png:1", "wide.reg:2"],
    );
    let skips = &report["scan"]["skips"];
    assert_eq!(
        (&skips["excluded"], &skips["large"], &skips["media"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert_eq!(notices(&report), ["suppressed-by-tree", "unreadable"]);
    repo.expect(
        &["--no-suppress", "-j2"],
        1,
        &["docs/x:1", "large:1", "marked:1", "text.png:1", "wide.reg:2"],
    );
    // What is skipped was staged all the same.
    let run = repo.dir.run(&["git", "--staged", "--exclude", "*"]).expect(0);
    assert!(!run.stderr.contains("nothing is staged"), "{run}");
}

#[test]
fn many_files_are_searched_by_many_threads() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let mut lines = Vec::new();
    for nth in 0..200 {
        let text = if nth % 7 == 0 { key.clone() } else { format!("{nth}") };
        repo.dir.write(&format!("d{}/f{nth:03}", nth % 10), text);
        if nth % 7 == 0 {
            lines.push(format!("d{}/f{nth:03}:1", nth % 10));
        }
    }
    repo.git(&["add", "."]);
    lines.sort();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    for threads in ["0", "1", "3"] {
        repo.expect(&["-j", threads], 1, &lines);
    }
}

#[test]
fn every_form_of_the_index_is_read() {
    let forms: &[(&str, &[&[&str]])] = &[
        ("version 4", &[&["update-index", "--index-version", "4"]]),
        (
            "split",
            &[
                &["config", "splitIndex.maxPercentChange", "100"],
                &["update-index", "--split-index"],
            ],
        ),
        (
            "split, version 4",
            &[
                &["update-index", "--index-version", "4"],
                &["config", "splitIndex.maxPercentChange", "100"],
                &["update-index", "--split-index"],
            ],
        ),
        (
            "without a checksum",
            &[&["config", "index.skipHash", "true"], &["update-index", "--force-write-index"]],
        ),
        (
            "with offsets",
            &[&["config", "index.threads", "2"], &["update-index", "--force-write-index"]],
        ),
        ("plain", &[]),
    ];
    for (name, commands) in forms {
        let repo = Repo::new();
        for nth in 0..150 {
            repo.dir.write(&format!("d{}/file-{nth}", nth % 12), format!("{nth}"));
        }
        repo.commit();
        commands.iter().for_each(|command| drop(repo.git(command)));
        let (k, l, m) = (repo.dir.key(SECRET), repo.dir.key(SECRET), repo.dir.key(SECRET));
        // Replaced, deleted and new entries.
        repo.stage(&[("d1/file-1", &k), ("d3/new", &l), ("a-first", "1"), ("z/last", &m)]);
        repo.git(&["rm", "-q", "d2/file-2", "d2/file-14"]);
        repo.git(&["rm", "-q", "--cached", "d5/file-5"]);
        if name.contains("split") {
            let names = contents(&repo.path().join(".git"));
            assert!(names.iter().any(|(path, _)| path.to_str().unwrap().contains("sharedindex")));
        }
        let (code, report) = repo.staged(&[]);
        let own: BTreeSet<_> = found(&report).split_whitespace().map(str::to_owned).collect();
        let expected = ["d1/file-1:1", "d3/new:1", "z/last:1"].map(str::to_owned);
        assert_eq!((code, own), (1, BTreeSet::from(expected)), "{name}");
        assert_eq!(changed(repo.path()), diff(&repo), "{name}");
        assert_eq!(report["scan"]["state"], "complete");
    }
}

#[test]
fn a_sparse_index_names_folders() {
    let repo = Repo::new();
    let (k, l) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    for path in ["in/a", "out/b", "out/deep/er/c", "other/d", "top"] {
        repo.dir.write(path, "1");
    }
    repo.commit();
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    assert!(repo.git(&["ls-files", "--sparse", "-s"]).contains("040000"));
    repo.expect(&[], 0, &[]);
    repo.stage(&[("in/a", &k)]);
    repo.expect(&[], 1, &["in/a:1"]);
    assert_eq!(changed(repo.path()), diff(&repo));
    // A folder outside that is not as HEAD has it: HEAD goes back.
    repo.commit();
    repo.git(&["sparse-checkout", "disable"]);
    repo.stage(&[("out/deep/er/c", &l), ("out/deep/new", "2")]);
    repo.git(&["rm", "-q", "out/b"]);
    repo.commit();
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    assert!(repo.git(&["ls-files", "--sparse", "-s"]).contains("040000"));
    repo.expect(&[], 1, &["out/deep/er/c:1"]);
    // git names the new folder as one here.
    let expected =
        ["out/b", "out/deep/er/c", "out/deep/new"].map(|path| path.as_bytes().to_owned());
    assert_eq!(changed(repo.path()), BTreeSet::from(expected));
}

#[test]
fn what_cannot_be_read_is_never_clean() {
    let object = |repo: &Repo, name: &str| {
        let oid = repo.git(&["rev-parse", name]);
        repo.path().join(".git/objects").join(&oid[..2]).join(&oid[2..])
    };
    let new = || {
        let repo = Repo::with(&[("a", "1"), ("d/b", "1")]);
        repo.stage(&[("a", "2"), ("d/b", "3")]);
        repo
    };
    for (name, kind) in [(":a", "missing-object"), ("HEAD", "missing-object")] {
        let repo = new();
        std::fs::remove_file(object(&repo, name)).unwrap();
        if name == "HEAD" {
            // HEAD names nothing at all any more.
            let code = repo.dir.run(&["git", "--staged"]).code;
            assert!(code == 2 || code == 3, "{code}");
            continue;
        }
        let report = repo.expect(&[], 3, &[]);
        assert_eq!(notices(&report), [kind], "{name}");
        let run = repo.dir.run(&["git", "--staged"]).expect(3);
        assert!(!run.stderr.contains("nothing is staged"), "{run}");
    }
    for name in ["HEAD^{tree}", "HEAD:d"] {
        let repo = new();
        let path = object(&repo, name);
        std::fs::remove_file(&path).unwrap();
        let report = repo.expect(&[], 3, &[]);
        assert_eq!(notices(&report), ["missing-object"], "{name}");
        std::fs::write(&path, "no object").unwrap();
        let report = repo.expect(&[], 3, &[]);
        assert_eq!(notices(&report), ["damaged-object"], "{name}");
    }
    // An old content counts only where there is a key.
    let repo = new();
    let key = repo.dir.key(SECRET);
    std::fs::remove_file(object(&repo, "HEAD:a")).unwrap();
    repo.expect(&[], 0, &[]);
    repo.stage(&[("a", &key)]);
    let report = repo.expect(&[], 1, &["a:1"]);
    assert_eq!(notices(&report), ["missing-object"]);
}

#[test]
fn a_damaged_index_is_an_error() {
    let repo = Repo::with(&[("a", "1"), ("d/b", "1")]);
    let key = repo.dir.key(SECRET);
    repo.stage(&[("a", &key)]);
    let path = repo.path().join(".git/index");
    let good = std::fs::read(&path).unwrap();
    let mut rng = Rng::new(7);
    // Either the key is found or something is wrong; never is it clean.
    let scan = |bytes: &[u8], what: &str| {
        std::fs::write(&path, bytes).unwrap();
        let run = repo.dir.run(&["git", "--staged"]);
        assert!((1..=3).contains(&run.code), "{what}\n{run}");
    };
    for cut in (0..good.len()).step_by(3) {
        scan(&good[..cut], &format!("cut at {cut}"));
    }
    for count in 0..2 {
        let mut bytes = good.clone();
        bytes[11] = count;
        scan(&bytes, "fewer entries");
    }
    for _ in 0..100 {
        let mut bytes = good.clone();
        let (at, bit) = (12 + rng.below(bytes.len() - 12), rng.below(8));
        bytes[at] ^= 1 << bit;
        scan(&bytes, &format!("bit {bit} of byte {at}"));
    }
    std::fs::remove_file(&path).unwrap();
    repo.dir.run(&["git", "--staged"]).expect(0).err("nothing to scan");
    std::fs::create_dir(&path).unwrap();
    repo.dir.run(&["git", "--staged"]).expect(2).err("index");
    // The part of a split index that others share.
    let repo = Repo::with(&[("a", "1"), ("d/b", "1")]);
    repo.git(&["update-index", "--split-index"]);
    let shared = std::fs::read_dir(repo.path().join(".git")).unwrap().flatten();
    let shared = shared.map(|entry| entry.path());
    let shared = shared.filter(|path| path.to_str().unwrap().contains("sharedindex"));
    shared.for_each(|path| std::fs::remove_file(path).unwrap());
    repo.dir.run(&["git", "--staged"]).expect(2).err("sharedindex");
}

#[test]
fn trees_that_nobody_could_follow_end() {
    let repo = Repo::with(&[("a", "1")]);
    let key = repo.dir.key(SECRET);
    let tree = |entries: &str| {
        let list = repo.dir.write("list", entries);
        let mut command = repo.command(&["mktree"]);
        command.stdin(std::fs::File::open(list).unwrap());
        String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned()
    };
    // Ten levels of ten names each: 10^10 files.
    let mut bomb = repo.git(&["rev-parse", "HEAD^{tree}"]);
    for _ in 0..10 {
        let lines: Vec<_> = (0..10).map(|nth| format!("040000 tree {bomb}\td{nth}\n")).collect();
        bomb = tree(&lines.concat());
    }
    let commit = repo.git(&["commit-tree", "-m", "bomb", &bomb]);
    repo.git(&["update-ref", "HEAD", &commit]);
    repo.stage(&[("a", "2")]);
    repo.expect(&[], 0, &[]);
    repo.stage(&[("a", &key)]);
    let report = repo.expect(&[], 1, &["a:1"]);
    assert_eq!(report["scan"]["state"], "incomplete");
    // Not a tree at all.
    let blob = repo.git(&["hash-object", "-w", "a"]);
    let bytes = [&b"40000 d\0"[..], &hex(&blob), b"100644 e\0short"].concat();
    repo.dir.write("list", bytes);
    let broken = repo.git(&["hash-object", "-t", "tree", "--literally", "-w", "list"]);
    let commit = repo.git(&["commit-tree", "-m", "x", &broken]);
    repo.git(&["update-ref", "HEAD", &commit]);
    repo.stage(&[("a", "2"), ("d/x", "1")]);
    let report = repo.expect(&[], 3, &[]);
    assert_eq!(notices(&report), ["damaged-object", "damaged-object"]);
}

fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn no_program_runs() {
    let repo = Repo::with(&[("a", "1"), (".gitattributes", "* filter=x diff=x\n")]);
    let key = repo.dir.key(SECRET);
    repo.stage(&[("a", &format!("2\n{key}"))]);
    repo.dir.write("a", "3");
    let marker = repo.dir.home().join("marker");
    let script = repo.dir.write("evil.sh", format!("#!/bin/sh\ntouch {}\n", marker.display()));
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let script = script.to_str().unwrap();
    let folder = repo.path().to_str().unwrap();
    for (name, value) in [
        ("core.fsmonitor", script),
        ("core.sshCommand", script),
        ("core.pager", script),
        ("core.hooksPath", folder),
        ("credential.helper", script),
        ("diff.external", script),
        ("diff.x.textconv", script),
        ("diff.x.command", script),
        ("filter.x.clean", script),
        ("filter.x.smudge", script),
        ("filter.x.process", script),
        ("filter.x.required", "true"),
        ("alias.diff-index", "!evil.sh"),
    ] {
        repo.git(&["config", name, value]);
    }
    for name in ["pre-commit", "post-index-change", "post-checkout"] {
        std::fs::copy(script, repo.path().join(name)).unwrap();
    }
    let _ = std::fs::remove_file(&marker);
    repo.expect(&[], 1, &["a:2"]);
    assert!(!marker.exists(), "something was run");
    // The trap works.
    repo.try_git(&["status"]);
    assert!(marker.exists());
}

/// The paths that keyside takes for changed.
fn changed(folder: &Path) -> BTreeSet<Vec<u8>> {
    let repository = Repository::open(folder).unwrap();
    let objects = repository.objects().unwrap();
    let mut notices = Vec::new();
    let staged = Staged::read(&repository, &objects, &mut notices).unwrap();
    let mut paths: BTreeSet<_> = staged.changes.iter().map(|change| change.path.clone()).collect();
    paths.extend(staged.old_files(&objects, 0, &mut notices).into_iter().map(|old| old.path));
    assert_eq!(notices, []);
    paths
}

/// The paths that git takes for changed.
fn diff(repo: &Repo) -> BTreeSet<Vec<u8>> {
    let output =
        repo.try_git(&["diff-index", "--cached", "--name-only", "--no-renames", "-z", "HEAD"]);
    assert!(output.status.success());
    let names = output.stdout.split(|&byte| byte == 0);
    names.filter(|name| !name.is_empty()).map(<[u8]>::to_owned).collect()
}

#[test]
fn the_changed_files_are_those_of_git() {
    const NAMES: [&str; 8] = ["a", "a.b", "a0", "b", "é x", "ab", "A", "-"];
    let mut rng = Rng::new(11);
    for round in 0..25 {
        let repo = Repo::new();
        let put = |rng: &mut Rng| {
            let depth = 1 + rng.below(4);
            let names: Vec<_> = (0..depth).map(|_| NAMES[rng.below(NAMES.len())]).collect();
            let path = repo.path().join(names.join("/"));
            // A folder in the place of a file, or the other way round, goes first.
            for above in path.ancestors().skip(1).take_while(|above| *above != repo.path()) {
                if above.is_file() || above.is_symlink() {
                    std::fs::remove_file(above).unwrap();
                }
            }
            let _ = std::fs::remove_dir_all(&path);
            let _ = std::fs::remove_file(&path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            if rng.below(8) == 0 {
                symlink(format!("{}", rng.below(3)), &path).unwrap();
            } else {
                std::fs::write(&path, format!("{}", rng.below(4))).unwrap();
                let mode = if rng.below(5) == 0 { 0o755 } else { 0o644 };
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            }
        };
        (0..30).for_each(|_| put(&mut rng));
        repo.commit();
        if rng.below(3) == 0 {
            repo.git(&["update-index", "--split-index"]);
        }
        let count = rng.below(12);
        (0..count).for_each(|_| put(&mut rng));
        repo.git(&["add", "-A"]);
        for path in repo.git(&["ls-files", "-z"]).split('\0').filter(|path| !path.is_empty()) {
            if rng.below(10) == 0 {
                repo.git(&["update-index", "--force-remove", "--", path]);
            }
        }
        if rng.below(2) == 0 {
            // The trees are known to the index then.
            repo.git(&["write-tree"]);
        }
        assert_eq!(changed(repo.path()), diff(&repo), "round {round}");
    }
}

#[test]
fn paths_are_any_bytes() {
    let repo = Repo::with(&[("a", "1")]);
    let key = repo.dir.key(SECRET);
    std::fs::write(repo.path().join(OsStr::from_bytes(b"caf\xe9")), &key).unwrap();
    repo.dir.write("new\nline", &key);
    repo.git(&["add", "."]);
    let (code, report) = repo.staged(&[]);
    assert_eq!((code, places(&report).len()), (1, 2));
}
