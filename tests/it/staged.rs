//! `keyside git --staged`: keys that the next commit would add, in repositories made by git.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::Value;

use crate::repositories::{Repo, found};
use crate::support::{Dir, SECRET, notices, places};

#[test]
fn the_first_commit_is_all_new() {
    let repo = Repo::new();
    repo.dir.run(&["git", "--staged"]).expect(0).err("nothing new is staged");
    let key = repo.dir.key(SECRET);
    repo.stage(&[("a.txt", &format!("x\nk={key}\n")), ("b/c.txt", "clean"), ("empty", "")]);
    let report = repo.expect(&[], 1, &["a.txt:2"]);
    let place = &report["findings"][0]["occurrences"][0];
    assert_eq!((&place["source"], &place["commit"]), (&"index".into(), &Value::Null));
    assert_eq!(place["blob"], repo.git(&["rev-parse", ":a.txt"]));
    assert_eq!((&report["scan"]["mode"], &report["scan"]["files"]), (&"staged".into(), &3.into()));
    assert_eq!(
        (&report["scan"]["state"], &report["scan"]["blobs"]),
        (&"complete".into(), &3.into())
    );
}

#[test]
fn the_index_counts_not_the_files() {
    let repo = Repo::with(&[("a", "1"), ("b", "1"), ("c", "1")]);
    let key = repo.dir.key(SECRET);
    repo.stage(&[("a", &key), ("b", "clean")]);
    repo.dir.write("a", "taken out again");
    repo.dir.write("b", &key);
    repo.dir.write("untracked", &key);
    std::fs::remove_file(repo.path().join("c")).unwrap();
    repo.expect(&[], 1, &["a:1"]);
}

/// The files of a repository, the files then staged, and the expected result of a scan.
struct Case<'c> {
    name: &'c str,
    old: &'c [(&'c str, &'c str)],
    /// A text of `-` removes the file.
    staged: &'c [(&'c str, &'c str)],
    added: &'c [&'c str],
    whole: &'c [&'c str],
}

#[test]
fn only_additions_count() {
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
fn modes_and_deletions_are_nothing_to_scan() {
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

/// Installs a copy of the program as the hook of a repository.
fn hook(repo: &Repo, name: &str) {
    let text = format!(
        "#!/bin/sh\nexec {} git --staged -f json -o \"$HOME/report.json\" --quiet\n",
        env!("CARGO_BIN_EXE_keyside")
    );
    let path = repo.dir.write(&format!(".git/hooks/{name}"), text);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The `path:line`s that the hook found.
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
    // The whole tree, although nothing is staged.
    repo.dir.write("a", &key);
    let commit = |args: &[&str]| repo.try_git(&[&["commit", "-q", "-m", "x"], args].concat());
    assert!(!commit(&["-a"]).status.success());
    assert_eq!(hook_found(&repo), "a:1");
    // One path, although another is staged.
    repo.git(&["add", "a"]);
    repo.dir.write("b", "2");
    assert!(commit(&["b"]).status.success());
    assert_eq!(hook_found(&repo), "");
    repo.dir.write("b", format!("3\n{key}"));
    assert!(!commit(&["b"]).status.success());
    assert_eq!(hook_found(&repo), "b:2");
    // From a subfolder.
    repo.git(&["reset", "-q", "--hard"]);
    repo.dir.write("sub/c", &key);
    let from_sub =
        repo.command(&["commit", "-qam", "x"]).current_dir(repo.path().join("sub")).output();
    assert!(!from_sub.unwrap().status.success());
    assert_eq!(hook_found(&repo), "sub/c:1");
    assert!(commit(&["-a", "--no-verify"]).status.success());
    // Now the key is old.
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
    // Only for git's own repository, not for one that the user names.
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
    repo.dir.run(&["git", "--staged", at.to_str().unwrap()]).expect(0).err("nothing new is staged");
    let index = repo.path().join(".git/index");
    let run = repo.dir.command(&["git", "--staged"], b"").env("GIT_INDEX_FILE", index);
    let run = run.env("GIT_DIR", &at).env("GIT_OBJECT_DIRECTORY", repo.path().join(".git/objects"));
    run.finish(&repo.dir).expect(1).out("sub/b:1:1");
}

/// A repository in a conflicted merge of `other`, which adds a key in a file without conflict.
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
    // The conflict does not stop the scan.
    repo.expect(&[], 0, &[]);
    repo.stage(&[("f", "both\n")]);
    repo.expect(&[], 0, &[]);
    // Their key in another file is a copy, for their side too.
    repo.stage(&[("f", &format!("both\n{key}\n"))]);
    repo.expect(&[], 1, &["f:2"]);
    repo.stage(&[("f", &format!("both\n{k}\n"))]);
    repo.expect(&[], 1, &["f:2"]);
    repo.expect(&["--whole-file"], 1, &["f:2"]);
    // A file without conflict was changed by hand, and a new one added.
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
fn intent_to_add_is_not_staged() {
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
fn options_work_as_for_trees() {
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
    let expected = ["suppressed-by-tree", "accepted-by-change"];
    assert_eq!(notices(&report), expected);
    repo.expect(
        &["--no-suppress", "-j2"],
        1,
        &["docs/x:1", "large:1", "marked:1", "text.png:1", "wide.reg:2"],
    );
    // Skipped files were still staged.
    let run = repo.dir.run(&["git", "--staged", "--exclude", "*"]).expect(0);
    assert!(!run.stderr.contains("nothing new is staged"), "{run}");
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
    // The trap itself works.
    repo.try_git(&["status"]);
    assert!(marker.exists());
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
