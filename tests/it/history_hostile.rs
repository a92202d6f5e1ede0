//! Hostile repositories: scans of them end soon, write nothing, run nothing, and report what they
//! could not read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::repo::{Repo, config, like, of, only};
use crate::support::{SECRET, id_digits, notices, object_format};

/// Timeout of a run, in seconds. No test here needs a hundredth of it.
const GUARD: u64 = 600;

/// The report of a scan that must end, with its exit code.
fn ends(repo: &Repo, args: &[&str]) -> (i32, Value) {
    let begun = Instant::now();
    let scan = [&[env!("CARGO_BIN_EXE_keyside"), "git", "-f", "json"], args].concat();
    let guard = GUARD.to_string();
    let run =
        repo.dir.command_of("timeout".as_ref(), &[&[guard.as_str()], &scan[..]].concat(), b"");
    let run = run.finish(&repo.dir);
    assert!(begun.elapsed() < Duration::from_secs(GUARD), "it hangs\n{run}");
    (run.code, if run.stdout.is_empty() { Value::Null } else { run.json() })
}

fn tree(repo: &Repo, entries: &[(&str, &[u8], &str)]) -> String {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend([mode.as_bytes(), b" ", name, b"\0"].concat());
        let digits =
            (0..id.len() / 2).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap());
        bytes.extend(digits);
    }
    let args = ["hash-object", "-t", "tree", "-w", "--stdin", "--literally"];
    repo.git_in("", &args, &bytes)
}

fn commit_tree(repo: &Repo, tree: &str) -> String {
    let id = repo.git(&["commit-tree", "-m", "x", tree]);
    repo.git(&["update-ref", "refs/heads/main", &id]);
    id
}

#[test]
fn a_git_bomb() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let mut id = repo.blob(config(&key));
    let names: Vec<String> = (0..10).map(|nth| format!("d{nth}")).collect();
    for level in 0..10 {
        let mode = if level == 0 { "100644" } else { "40000" };
        let entries: Vec<_> =
            names.iter().map(|name| (mode, name.as_bytes(), id.as_str())).collect();
        id = tree(&repo, &entries);
    }
    let commit = commit_tree(&repo, &id);
    let (code, report) = ends(&repo, &[]);
    assert_eq!(code, 1);
    let finding = only(&report);
    like(&finding, &json!({ "in_head": true, "first_seen": { "commit": commit } }));
    assert!(notices(&report).contains(&"truncated".to_owned()), "{:#}", report["scan"]);
    assert!(!finding["occurrences"].as_array().unwrap().is_empty());
}

#[test]
fn a_deep_tree() {
    let repo = Repo::new();
    let [deep, shallow] = [(); 2].map(|()| repo.dir.key(SECRET));
    let blob = repo.blob(config(&deep));
    let other = repo.blob(config(&shallow));
    // 20,000 nested folders, made by git in one run.
    let path = "d/".repeat(20_000);
    let stream = format!(
        "commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 1\nx\n\
         M 100644 {blob} {path}a.env\nM 100644 {other} b.env\n\n"
    );
    repo.git_in("", &["fast-import", "--quiet"], stream.as_bytes());
    let (code, report) = ends(&repo, &[]);
    assert_eq!(code, 1);
    like(&of(&report, &shallow), &json!({ "in_head": true, "occurrences": [{ "path": "b.env" }] }));
    like(&of(&report, &deep), &json!({ "in_head": true }));
}

#[test]
fn names_that_no_checkout_accepts() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let blob = repo.blob(config(&key));
    let names: [&[u8]; 7] = [b"..", b".git", b"", b".", b"a/b", b"../../etc/passwd", b"/abs"];
    for name in names {
        let inner = tree(&repo, &[("100644", name, &blob)]);
        let outer = tree(&repo, &[("40000", name, &inner), ("100644", b"ok.env", &blob)]);
        let commit = commit_tree(&repo, &outer);
        let (code, report) = ends(&repo, &["--exclude", "no-such"]);
        assert_eq!(code, 1);
        let finding = only(&report);
        like(&finding, &json!({ "in_head": true }));
        let name = String::from_utf8_lossy(name);
        let paths: Vec<&str> = (finding["occurrences"].as_array().unwrap().iter())
            .filter(|place| place["commit"] == commit.as_str())
            .map(|place| place["path"].as_str().unwrap())
            .collect();
        let expected = format!("{name}/{name}");
        assert!(paths.contains(&"ok.env") && paths.contains(&expected.as_str()), "{paths:?}");
    }
}

#[test]
fn entries_of_the_wrong_kind() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let blob = repo.blob(config(&key));
    let folder = tree(&repo, &[("100644", b"a.env", &blob)]);
    // A blob as a folder, a folder as a file, odd modes, the same name twice, links, submodules.
    let outer = tree(
        &repo,
        &[
            ("40000", b"blob-as-folder", &blob),
            ("100644", b"folder-as-file", &folder),
            ("120000", b"link", &blob),
            ("160000", b"module", &blob),
            ("7", b"odd", &blob),
            ("100644", b"twice", &blob),
            ("100644", b"twice", &blob),
        ],
    );
    commit_tree(&repo, &outer);
    let (code, report) = ends(&repo, &[]);
    assert_eq!(code, 1, "{report:#}");
    only(&report);
    // A truncated tree.
    let args = ["hash-object", "-t", "tree", "-w", "--stdin", "--literally"];
    let cut = repo.git_in("", &args, b"100644 a.env\0cut");
    commit_tree(&repo, &cut);
    let (code, report) = ends(&repo, &[]);
    assert_eq!(code, 1, "{report:#}");
}

#[test]
fn commits_of_many_parents() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let blob = repo.blob(config(&key));
    let with = tree(&repo, &[("100644", b"a.env", &blob)]);
    let without = tree(&repo, &[]);
    let mut stream = String::new();
    for nth in 0..1000 {
        stream += &format!(
            "reset refs/heads/b{nth}\ncommit refs/heads/b{nth}\ncommitter A <a@b> {} +0000\ndata 1\nx\n\
             M 100644 inline f{nth}\ndata 1\nx\n\n",
            1_700_000_000 + nth
        );
    }
    repo.git_in("", &["fast-import", "--quiet"], stream.as_bytes());
    let parents = repo.git(&["for-each-ref", "--format=parent %(objectname)", "refs/heads"]);
    let person = "A <a@b> 1800000000 +0000";
    let text = format!("tree {with}\n{parents}\nauthor {person}\ncommitter {person}\n\nx\n");
    let args = ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"];
    let merge = repo.git_in("", &args, text.as_bytes());
    // A commit that is its own sibling's parent a thousand times, and one without any.
    let again = format!("parent {merge}\n").repeat(1000);
    let text = format!("tree {without}\n{again}author {person}\ncommitter {person}\n\ny\n");
    let gone = repo.git_in("", &args, text.as_bytes());
    repo.git(&["update-ref", "refs/heads/main", &gone]);
    let (code, report) = ends(&repo, &[]);
    assert_eq!(code, 1);
    like(
        &only(&report),
        &json!({
            "in_head": false, "first_seen": { "commit": merge, "merge": true },
            "removed_in": { "commit": gone }, "branches": []
        }),
    );
}

#[test]
fn tags_of_tags() {
    let repo = Repo::new();
    let mut target = repo.add("a", "a");
    let mut kind = "commit";
    for nth in 0..200 {
        let text =
            format!("object {target}\ntype {kind}\ntag t{nth}\ntagger A <a@b> 0 +0000\n\nx\n");
        let args = ["hash-object", "-t", "tag", "-w", "--stdin", "--literally"];
        target = repo.git_in("", &args, text.as_bytes());
        kind = "tag";
    }
    repo.git(&["update-ref", "refs/tags/deep", &target]);
    assert_eq!(ends(&repo, &[]).0, 0);
}

/// Files below `.git` that git reads and an attacker may write.
const SMALL: [&str; 16] = [
    "packed-refs",
    "logs/HEAD",
    "logs/refs/heads/main",
    "logs/refs/stash",
    "objects/info/alternates",
    "shallow",
    "index",
    "ORIG_HEAD",
    "FETCH_HEAD",
    "MERGE_HEAD",
    "info/grafts",
    "info/exclude",
    "info/attributes",
    "refs/heads/other",
    "refs/tags/other",
    "worktrees/w/HEAD",
];

fn with_key() -> (Repo, String) {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let first = repo.add("a.env", config(&key));
    (repo, first)
}

fn place(repo: &Repo, file: &str) -> PathBuf {
    let path = repo.path().join(".git").join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = fs::remove_file(&path);
    path
}

#[test]
fn garbage_in_small_files() {
    let garbage: [&[u8]; 4] =
        [b"", b"\0\xff\n garbage \x1b[31m\n\n", b"/dev/zero\n", b"../../..\n"];
    for file in SMALL {
        for content in garbage {
            let (repo, _) = with_key();
            fs::write(place(&repo, file), content).unwrap();
            let (code, report) = ends(&repo, &[]);
            assert!([1, 2].contains(&code), "{file} {content:?}: {report:#}");
            if code == 1 {
                like(&only(&report), &json!({ "occurrences": [{ "path": "a.env" }] }));
            }
            // Git itself refuses these.
            let is_refused = ["shallow", "info/grafts", "worktrees/w/HEAD"].contains(&file);
            assert!(code == 1 || is_refused, "{file} {content:?}");
        }
    }
}

#[test]
fn pipes_and_folders_instead_of_files() {
    let more = [
        "HEAD",
        "config",
        "objects/pack/pack-x.pack",
        "objects/pack/pack-x.idx",
        "objects/pack/multi-pack-index",
        "objects/info/commit-graph",
        "commondir",
        "gitdir",
    ];
    for file in SMALL.into_iter().chain(more) {
        for is_pipe in [true, false] {
            let (repo, _) = with_key();
            let path = place(&repo, file);
            if is_pipe {
                let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
                assert!(made.success());
            } else {
                fs::create_dir(&path).unwrap();
            }
            let (code, report) = ends(&repo, &[]);
            // Only the configuration tells that objects are named by SHA-256.
            let is_unknown = file == "config" && object_format() == "sha256" && code == 3;
            let is_right = [1, 2].contains(&code) || is_unknown;
            assert!(is_right, "{file} {is_pipe}: {code} {report:#}");
        }
    }
    // Objects.
    let (repo, _) = with_key();
    let path = repo.loose(&"0123456789".repeat(7)[..id_digits()]);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    let (code, report) = ends(&repo, &[]);
    assert_eq!(code, 1);
    assert!(notices(&report).contains(&"damaged-object".to_owned()), "{report:#}");
}

#[test]
fn configurations_that_libgit2_must_not_read() {
    let pipe = "p";
    let texts = [
        "[include]\n\tpath = p\n",
        "[includeIf \"gitdir:**\"]\n\tpath = other\n",
        "[include] path = \"oth\\\ner\"\n",
        "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat\n",
        "[core]\n\trepositoryformatversion = 1\n[extensions] objectFormat # none\n",
        "[core]\n\trepositoryformatversion = 1\n[include]\n\tpath = valueless\n",
    ];
    for text in texts {
        let (repo, _) = with_key();
        let place = |name: &str| repo.path().join(".git").join(name);
        let made = std::process::Command::new("mkfifo").arg(place(pipe)).status().unwrap();
        assert!(made.success());
        fs::write(place("other"), "[include]\n\tpath = p\n").unwrap();
        fs::write(place("valueless"), "[extensions]\n\tobjectformat\n").unwrap();
        let mut config = fs::read_to_string(place("config")).unwrap();
        config.push_str(text);
        fs::write(place("config"), config).unwrap();
        let (code, report) = ends(&repo, &[]);
        assert_eq!(code, 2, "{text}: {report:#}");
        // The files of the checkout do not need it.
        repo.write("again.env", "x = 1\n");
        repo.dir.run(&["scan"]);
    }
}

#[test]
fn submodules_inside_each_other() {
    let (repo, _) = with_key();
    for (own, other) in [("x", "y"), ("y", "x")] {
        repo.git(&["init", "-q", own]);
        repo.git_in(own, &["commit", "-q", "--allow-empty", "-m", own], b"");
        let id = repo.git_in(own, &["rev-parse", "HEAD"], b"");
        let link = format!("160000,{id},{other}");
        repo.git_in(own, &["update-index", "--add", "--cacheinfo", &link], b"");
        repo.git_in(own, &["config", "core.worktree", repo.path().to_str().unwrap()], b"");
        let link = format!("160000,{id},{own}");
        repo.git(&["update-index", "--add", "--cacheinfo", &link]);
    }
    let (code, report) = ends(&repo, &[]);
    assert_eq!(code, 1);
    only(&report);
    assert_eq!(report["scan"]["commits"], 3, "{report:#}");
}

/// Every file below a folder, by its content.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        all.insert(folder.clone(), Vec::new());
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.insert(path.clone(), Sha256::digest(fs::read(&path).unwrap()).to_vec());
            }
        }
    }
    all
}

#[test]
fn nothing_is_written_and_nothing_is_run() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let marker = repo.dir.home().join("marker");
    let program = repo.dir.home().join("program");
    fs::write(&program, format!("#!/bin/sh\necho run >> '{}'\ncat\n", marker.display())).unwrap();
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    repo.write(".gitattributes", "* filter=evil diff=evil merge=evil\n");
    let first = repo.add("a.env", config(&key));
    repo.git(&["repack", "-adq"]);
    repo.add("a.env", "none");
    repo.write("a.env", "changed");
    let hooks = repo.path().join(".git/hooks");
    for hook in ["post-checkout", "pre-commit", "reference-transaction", "post-index-change"] {
        fs::copy(&program, hooks.join(hook)).unwrap();
    }
    let run = program.to_str().unwrap();
    for name in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.gitProxy",
        "core.pager",
        "core.editor",
        "core.askPass",
        "core.alternateRefsCommand",
        "credential.helper",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
        "diff.external",
        "merge.evil.driver",
        "gpg.program",
        "uploadpack.packObjectsHook",
        "pager.log",
        "alias.rev-list",
        "interactive.diffFilter",
        "sequence.editor",
    ] {
        repo.write(
            ".git/config",
            format!(
                "{}\n[{}]\n\t{} = {run}\n",
                fs::read_to_string(repo.path().join(".git/config")).unwrap(),
                section(name),
                name.rsplit_once('.').unwrap().1
            ),
        );
    }
    repo.write(
        ".git/config",
        fs::read_to_string(repo.path().join(".git/config")).unwrap()
            + "[remote \"origin\"]\n\turl = ext::sh -c 'echo run >> marker'\n\tpromisor = true\n\
               \tpartialclonefilter = blob:none\n[extensions]\n\tpartialClone = origin\n",
    );
    // An object is missing, which git itself would fetch now.
    fs::remove_file(repo.loose(&repo_id(&repo, "HEAD:a.env"))).unwrap();
    let kept = contents(repo.path());
    for args in [&[][..], &["--branch", "main"], &["--since", "2001-01-01"]] {
        let (code, report) = ends(&repo, args);
        assert_eq!(code, 1, "{report:#}");
        like(&only(&report), &json!({ "first_seen": { "commit": first }, "in_head": false }));
        assert!(notices(&report).contains(&"missing-object".to_owned()));
    }
    assert!(contents(repo.path()) == kept, "something was written");
    assert!(!marker.exists(), "something was run");
    assert!(!repo.path().join("marker").exists(), "something was run");
}

fn section(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    match parts[..] {
        [section, sub, _] => format!("{section} \"{sub}\""),
        _ => parts[0].to_owned(),
    }
}

/// The id of a revision, read from the reflog's files: the repository's programs must not run.
fn repo_id(repo: &Repo, revision: &str) -> String {
    let settings = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];
    repo.git(&[&settings[..], &["rev-parse", "--verify", revision]].concat())
}
