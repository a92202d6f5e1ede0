//! A key is found and attributed wherever git may store it: loose, in packs of all kinds, in
//! borrowed stores, in linked worktrees and submodules, and in stores that the environment names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::repo::{REF_FORMATS, Repo, config, like, of, only};
use crate::support::{SECRET, id_digits, notices};

/// A repository whose history has a key in one file and in many versions of another.
fn with_past() -> (Repo, Vec<String>) {
    let repo = Repo::new();
    let keys = vec![repo.dir.key(SECRET), repo.dir.key(SECRET)];
    repo.add("a.env", config(&keys[0]));
    for nth in 0..8 {
        let lines: String = (0..60).map(|line| format!("line {line} of {}\n", nth % 3)).collect();
        repo.add("long.txt", format!("{lines}{}{nth}\n", config(&keys[1])));
    }
    repo.git(&["rm", "-q", "a.env"]);
    repo.commit("Remove");
    (repo, keys)
}

/// The findings of a report and its counts, except bytes.
fn found(report: &Value) -> (Value, Value, Value) {
    (report["findings"].clone(), report["scan"]["blobs"].clone(), report["scan"]["commits"].clone())
}

#[test]
fn every_kind_of_pack() {
    let (repo, keys) = with_past();
    let loose = found(&repo.report(&[], 1));
    assert_eq!((&loose.1, &loose.2), (&json!(9), &json!(10)));
    let objects = repo.path().join(".git/objects");
    type Step = &'static [&'static str];
    let ways: &[(&str, &[Step])] = &[
        ("packed and loose", &[&["repack", "-q", "-a"]]),
        ("deep", &[&["repack", "-q", "-adf", "--depth=50", "--window=50"]]),
        ("flat", &[&["repack", "-q", "-adf", "--depth=0"]]),
        ("index of several packs", &[&["multi-pack-index", "write"]]),
        ("garbage collected", &[&["gc", "-q"]]),
    ];
    for (name, steps) in ways {
        for step in *steps {
            repo.git(step);
        }
        assert_eq!(found(&repo.report(&[], 1)), loose, "{name}");
    }
    // Several packs that share objects.
    for range in ["HEAD~7", "HEAD~4", "HEAD~2"] {
        let list = repo.git(&["rev-list", "--objects", range]);
        let ids: String = list.lines().map(|line| format!("{}\n", &line[..id_digits()])).collect();
        let to = [".git/objects/pack/pack"];
        repo.git_in("", &[&["pack-objects", "-q"], &to[..]].concat(), ids.as_bytes());
    }
    let packs = || {
        let paths = fs::read_dir(objects.join("pack")).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|e| e == "pack")).collect::<Vec<_>>()
    };
    assert_eq!(packs().len(), 4);
    assert_eq!(found(&repo.report(&[], 1)), loose, "several packs");
    repo.git(&["multi-pack-index", "write"]);
    assert_eq!(found(&repo.report(&[], 1)), loose, "several packs and their index");
    // git can unpack objects and so store them loose and packed at once.
    let kept: Vec<Vec<u8>> = packs().iter().map(|path| fs::read(path).unwrap()).collect();
    fs::rename(objects.join("pack"), repo.path().join("packs")).unwrap();
    for pack in &kept {
        repo.git_in("", &["unpack-objects", "-q"], pack);
    }
    fs::rename(repo.path().join("packs"), objects.join("pack")).unwrap();
    assert_eq!(found(&repo.report(&[], 1)), loose, "all of it twice");
    assert!(keys.iter().all(|key| !of(&repo.report(&[], 1), key).is_null()));
}

#[test]
fn a_cruft_pack() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let base = repo.add("b", "b");
    let lost = repo.add("a.env", config(&key));
    repo.git(&["reset", "-q", "--hard", &base]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    fs::remove_file(repo.path().join(".git/ORIG_HEAD")).unwrap();
    repo.git(&["gc", "-q", "--cruft", "--prune=never"]);
    let packs = fs::read_dir(repo.path().join(".git/objects/pack")).unwrap();
    let has_cruft = |entry: fs::DirEntry| entry.path().extension().is_some_and(|e| e == "mtimes");
    assert!(packs.flatten().any(has_cruft), "git has made no cruft pack");
    like(
        &repo.finding(),
        &json!({
            "in_head": false, "first_seen": repo.first(&lost, "a.env"),
            "occurrences": [{ "source": "unreachable", "path": "a.env", "commit": lost }]
        }),
    );
}

#[test]
fn kept_only_by_the_index() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("b", "b");
    repo.write("staged.env", config(&key));
    repo.git(&["add", "staged.env"]);
    let finding = repo.finding();
    like(
        &finding,
        &json!({
            "in_head": false, "first_seen": null, "removed_in": null, "branches": [],
            "occurrences": [{ "source": "index", "path": "staged.env", "commit": null,
                              "blob": repo.id(":staged.env"), "start_line": 2 }]
        }),
    );
}

#[test]
fn borrowed_objects() {
    let lender = Repo::new();
    let key = lender.dir.key(SECRET);
    let first = lender.add("a.env", config(&key));
    for (name, chain) in [("absolute", false), ("chain", true)] {
        let middle = Repo::without();
        let url = lender.path().to_str().unwrap().to_owned();
        middle.git(&["clone", "-q", "--shared", &url, "."]);
        let borrower = Repo::without();
        let from = if chain { middle.path() } else { lender.path() };
        borrower.git(&["clone", "-q", "--shared", from.to_str().unwrap(), "."]);
        assert_eq!(borrower.git(&["count-objects"]), "0 objects, 0 kilobytes", "{name}");
        let report = borrower.report(&[], 1);
        assert_eq!(notices(&report), ["alternates"], "{name}");
        like(
            &only(&report),
            &json!({
                "in_head": true, "first_seen": borrower.first(&first, "a.env"),
                "branches": ["main", "origin/main"],
                "occurrences": [{ "path": "a.env", "commit": first }]
            }),
        );
    }
    // A relative path, and stores that borrow from each other.
    let outer = Repo::new();
    let key = outer.dir.key(SECRET);
    let first = outer.add("a.env", config(&key));
    outer.git(&["clone", "-q", "--shared", ".", "inner"]);
    let inner = outer.path().join("inner/.git/objects/info/alternates");
    fs::write(&inner, "# a comment\n\n../../../.git/objects\n").unwrap();
    fs::write(outer.path().join(".git/objects/info/alternates"), "../../inner/.git/objects\n")
        .unwrap();
    for folder in [".", "inner"] {
        let report = outer.report(&[folder], 1);
        like(&only(&report), &json!({ "in_head": true, "first_seen": { "commit": first } }));
        assert_eq!(notices(&report), ["alternates"], "{folder}");
        assert_eq!(report["scan"]["blobs"], 1);
    }
}

#[test]
fn stores_from_the_environment() {
    let store = Repo::new();
    let key = store.dir.key(SECRET);
    let blob = store.blob(config(&key));
    let repo = Repo::new();
    repo.add("b", "b");
    let objects = store.path().join(".git/objects");
    let own = repo.path().join(".git/objects");
    let run = |variables: &[(&str, &Path)], code: i32| {
        let mut run = repo.dir.command(&["git", "-f", "json"], b"");
        for (name, value) in variables {
            run = run.env(name, value);
        }
        run.finish(&store.dir).expect(code).json()
    };
    run(&[], 0);
    let alternates = ("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects.as_path());
    let report = run(&[alternates], 1);
    like(&only(&report), &json!({ "occurrences": [{ "source": "unreachable", "blob": blob }] }));
    // As in git's quarantine during a push.
    let alternates = ("GIT_ALTERNATE_OBJECT_DIRECTORIES", own.as_path());
    let report = run(&[("GIT_OBJECT_DIRECTORY", &objects), alternates], 1);
    like(&only(&report), &json!({ "occurrences": [{ "source": "unreachable", "blob": blob }] }));
    assert_eq!(report["scan"]["commits"], 1);
    // The repository itself.
    let first = store.add("a.env", config(&key));
    let report = run(&[("GIT_DIR", &store.path().join(".git"))], 1);
    like(&only(&report), &json!({ "in_head": true, "first_seen": { "commit": first } }));
    // A named repository ignores the environment.
    let named = repo.dir.command(&["git", "-f", "json", repo.path().to_str().unwrap()], b"");
    named.env("GIT_DIR", store.path().join(".git")).finish(&repo.dir).expect(0);
}

#[test]
fn from_a_subfolder() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let first = repo.add("x/y/a.env", config(&key));
    let expected = json!({
        "in_head": true, "first_seen": repo.first(&first, "x/y/a.env"),
        "occurrences": [{ "path": "x/y/a.env", "commit": first }]
    });
    let below = repo.dir.command(&["git", "-f", "json"], b"");
    let below = below.with(|command| {
        command.current_dir(repo.path().join("x/y"));
    });
    like(&only(&below.finish(&repo.dir).expect(1).json()), &expected);
    for named in ["x/y", ".git", "x/y/.."] {
        like(&only(&repo.report(&[named], 1)), &expected);
    }
}

#[test]
fn bare_repositories() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let first = repo.add("a.env", config(&key));
    let expected = json!({
        "in_head": true, "branches": ["main"], "first_seen": repo.first(&first, "a.env"),
        "occurrences": [{ "path": "a.env", "commit": first }]
    });
    let bare = Repo::without();
    bare.git(&["clone", "-q", "--bare", repo.path().to_str().unwrap(), "b.git"]);
    like(&only(&bare.report(&["b.git"], 1)), &expected);
    let inside = bare.dir.command(&["git", "-f", "json"], b"");
    let inside = inside.with(|command| {
        command.current_dir(bare.path().join("b.git"));
    });
    like(&only(&inside.finish(&repo.dir).expect(1).json()), &expected);
}

#[test]
fn heads_that_name_no_branch() {
    REF_FORMATS.iter().for_each(|format| heads_that_name_no_branch_with(format));
}

fn heads_that_name_no_branch_with(format: &str) {
    // Before the first commit, with objects.
    let repo = Repo::stored(format);
    let [key, on_side] = [(); 2].map(|()| repo.dir.key(SECRET));
    let blob = repo.blob(config(&key));
    like(
        &repo.finding(),
        &json!({
            "in_head": null, "first_seen": null, "removed_in": null, "branches": [],
            "occurrences": [{ "source": "unreachable", "path": blob, "blob": blob }]
        }),
    );
    let side = repo.add("a.env", config(&on_side));
    repo.git(&["branch", "-m", "main", "side"]);
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/main"]);
    like(
        &of(&repo.report(&[], 1), &on_side),
        &json!({ "in_head": null, "branches": ["side"], "first_seen": { "commit": side } }),
    );
    // Detached.
    repo.git(&["checkout", "-q", "--detach", "side"]);
    let detached = repo.add("c", "c");
    repo.git(&["branch", "-q", "-D", "side"]);
    like(
        &of(&repo.report(&[], 1), &on_side),
        &json!({
            "in_head": true, "branches": [], "removed_in": null, "first_seen": { "commit": side },
            "occurrences": [{ "source": "commit", "commit": detached }]
        }),
    );
}

#[test]
fn linked_worktrees() {
    REF_FORMATS.iter().for_each(|format| linked_worktrees_with(format));
}

fn linked_worktrees_with(format: &str) {
    let repo = Repo::stored(format);
    let [key, detached, amended] = [(); 3].map(|()| repo.dir.key(SECRET));
    repo.add("b", "b");
    repo.git(&["worktree", "add", "-q", "-b", "side", "linked"]);
    repo.git(&["worktree", "add", "-q", "--detach", "loose"]);
    let commit = |folder: &str, key: &str| {
        fs::write(repo.path().join(folder).join("a.env"), config(key)).unwrap();
        repo.tick();
        repo.git_in(folder, &["add", "a.env"], b"");
        repo.git_in(folder, &["commit", "-q", "-m", "Key"], b"");
        repo.git_in(folder, &["rev-parse", "HEAD"], b"")
    };
    let on_side = commit("linked", &key);
    let thrown = commit("loose", &amended);
    repo.git_in("loose", &["reset", "-q", "--hard", "HEAD~"], b"");
    repo.git_in("loose", &["update-ref", "-d", "ORIG_HEAD"], b"");
    let on_none = commit("loose", &detached);
    for (folder, in_head) in [(".", false), ("linked", true), ("loose", false)] {
        let run = repo.dir.command(&["git", "-f", "json"], b"").with(|command| {
            command.current_dir(repo.path().join(folder));
        });
        let report = run.finish(&repo.dir).expect(1).json();
        assert_eq!(notices(&report), [""; 0], "{folder}");
        like(
            &of(&report, &key),
            &json!({
                "in_head": in_head, "branches": ["side"], "removed_in": null,
                "first_seen": repo.first(&on_side, "a.env"),
                "occurrences": [{ "source": "commit", "path": "a.env", "commit": on_side }]
            }),
        );
        like(
            &of(&report, &detached),
            &json!({
                "in_head": folder == "loose", "removed_in": null,
                "branches": if folder == "loose" { vec![] } else { vec!["worktrees/loose/HEAD"] },
                "first_seen": repo.first(&on_none, "a.env"),
                "occurrences": [{ "source": "commit", "path": "a.env", "commit": on_none }]
            }),
        );
        like(
            &of(&report, &amended),
            &json!({ "occurrences": [{ "source": "reflog", "commit": thrown }] }),
        );
    }
}

#[test]
fn submodules() {
    let innermost = Repo::new();
    let mut keys = vec![innermost.dir.key(SECRET)];
    innermost.add("c.env", config(&keys[0]));
    innermost.add("c.env", "none");
    let inner = Repo::new();
    // Keys of one folder are distinct; those of several folders might not be.
    inner.dir.key(SECRET);
    keys.push(inner.dir.key(SECRET));
    inner.add("b.env", config(&keys[1]));
    inner.git(&["submodule", "add", "-q", innermost.path().to_str().unwrap(), "deep/two"]);
    inner.commit("Add a submodule");
    let outer = Repo::new();
    outer.dir.key(SECRET);
    outer.dir.key(SECRET);
    keys.push(outer.dir.key(SECRET));
    outer.git(&["submodule", "add", "-q", inner.path().to_str().unwrap(), "lib/one"]);
    outer.git(&["submodule", "update", "-q", "--init", "--recursive"]);
    let own = outer.add("lib/a.env", config(&keys[2]));
    assert!(outer.path().join(".git/modules/lib/one/modules/deep/two/HEAD").is_file());
    let report = outer.report(&[], 1);
    assert_eq!(report["scan"]["state"], "complete", "{report:#}");
    let ids: BTreeMap<_, _> = ["c.env", "b.env"]
        .into_iter()
        .zip([&innermost, &inner])
        .map(|(path, repo)| (path, repo.git(&["log", "--format=%H", "--reverse", "--", path])))
        .collect();
    let first = |path: &str| ids[path].lines().next().unwrap().to_owned();
    like(
        &of(&report, &keys[0]),
        &json!({
            "in_head": false, "branches": [],
            "first_seen": { "commit": first("c.env"), "path": "lib/one/deep/two/c.env" },
            "removed_in": { "commit": ids["c.env"].lines().nth(1).unwrap() },
            "occurrences": [{ "source": "commit", "path": "lib/one/deep/two/c.env",
                              "commit": first("c.env") }]
        }),
    );
    like(
        &of(&report, &keys[1]),
        &json!({
            "in_head": true, "first_seen": { "commit": first("b.env"), "path": "lib/one/b.env" },
            "branches": ["lib/one/main", "lib/one/origin/main"],
            "occurrences": [{ "path": "lib/one/b.env" }]
        }),
    );
    like(
        &of(&report, &keys[2]),
        &json!({ "first_seen": { "commit": own, "path": "lib/a.env" }, "branches": ["main"] }),
    );
}

#[test]
fn moved_and_unabsorbed_submodules() {
    let inner = Repo::new();
    let keys = [(); 2].map(|()| inner.dir.key(SECRET));
    inner.add("a.env", config(&keys[0]));
    inner.add("a.env", "none");
    let outer = Repo::new();
    let url = inner.path().to_str().unwrap();
    outer.git(&["submodule", "add", "-q", "--name", "some name", url, "old"]);
    outer.git(&["mv", "old", "new place"]);
    outer.git(&["init", "-q", "embedded"]);
    fs::write(outer.path().join("embedded/b.env"), config(&keys[1])).unwrap();
    outer.git_in("embedded", &["add", "."], b"");
    outer.git_in("embedded", &["commit", "-q", "-m", "b"], b"");
    outer.commit("Add submodules");
    let report = outer.dir.command(&["git", "-f", "json"], b"").finish(&inner.dir).expect(1).json();
    assert_eq!(report["scan"]["state"], "complete", "{report:#}");
    for (key, path) in keys.iter().zip(["new place/a.env", "embedded/b.env"]) {
        like(
            &of(&report, key),
            &json!({ "first_seen": { "path": path }, "occurrences": [{ "path": path }] }),
        );
    }
}

#[test]
fn a_key_shared_with_a_submodule_is_one() {
    for in_inner in [true, false] {
        let inner = Repo::new();
        let key = inner.dir.key(SECRET);
        inner.add("b.env", config(&key));
        if !in_inner {
            inner.add("b.env", "none");
        }
        let outer = Repo::new();
        (0..3).for_each(|_| outer.tick());
        let own = outer.add("a.env", config(&key));
        outer.git(&["submodule", "add", "-q", inner.path().to_str().unwrap(), "sub"]);
        outer.commit("Add a submodule");
        if in_inner {
            outer.git(&["rm", "-q", "a.env"]);
            outer.commit("Remove");
        }
        let report = outer.dir.run(&["git", "-f", "json"]).expect(1).json();
        // HEAD of either still has it; the submodule had it first.
        let first = inner.git(&["log", "--format=%H", "--reverse", "--", "b.env"]);
        let first = first.lines().next().unwrap();
        let branches = if in_inner { vec!["sub/main", "sub/origin/main"] } else { vec!["main"] };
        let of_inner = json!({ "path": "sub/b.env", "commit": first });
        let of_outer = json!({ "path": "a.env" });
        let places = if in_inner { [of_inner, of_outer] } else { [of_outer, of_inner] };
        like(
            &only(&report),
            &json!({
                "in_head": true, "removed_in": null, "branches": branches,
                "first_seen": { "commit": first, "path": "sub/b.env" }, "occurrences": places
            }),
        );
        assert!(outer.id(&own) == own);
    }
}

#[test]
fn replaced_objects_and_grafts() {
    let repo = Repo::new();
    let [hidden, shown] = [(); 2].map(|()| repo.dir.key(SECRET));
    let first = repo.add("a.env", config(&hidden));
    let blob = repo.id("HEAD:a.env");
    let other = repo.blob(config(&shown));
    repo.git(&["replace", &blob, &other]);
    let report = repo.report(&[], 1);
    assert_eq!(notices(&report), ["replaced-objects"]);
    like(
        &of(&report, &hidden),
        &json!({ "in_head": true, "occurrences": [{ "path": "a.env", "blob": blob }],
                 "first_seen": { "commit": first } }),
    );
    like(&of(&report, &shown), &json!({ "in_head": false, "occurrences": [{ "blob": other }] }));
    repo.git(&["replace", "-d", &blob]);
    let second = repo.add("b", "b");
    fs::create_dir_all(repo.path().join(".git/info")).unwrap();
    fs::write(repo.path().join(".git/info/grafts"), format!("{second}\n")).unwrap();
    let report = repo.report(&[], 1);
    assert_eq!(notices(&report), ["replaced-objects"]);
    like(&of(&report, &hidden), &json!({ "first_seen": { "commit": first } }));
}

/// A version that is a part of another one is stored as a piece of it, and begins or ends with the key.
#[test]
fn keys_at_the_ends_of_pieces() {
    let lines =
        |from: usize| (from..from + 30).map(|nth| format!("line {nth}\n")).collect::<String>();
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let other = repo.dir.key(SECRET);
    let whole = format!("{}KEY={key}\nOTHER={other}\n{}", lines(0), lines(40));
    let start = whole.find("KEY=").unwrap();
    let value = start + "KEY=".len();
    let end = value + key.len();
    let last = whole.find(&other).unwrap() + other.len();
    repo.write("whole", &whole);
    for (name, range) in [
        ("line", start..end + 1),
        ("value", value..end),
        ("from-line", start..whole.len()),
        ("from-value", value..whole.len()),
        ("to-value", 0..end),
        ("to-line", 0..end + 1),
        ("both", start..last),
    ] {
        repo.write(name, &whole[range]);
    }
    repo.commit("Add");
    repo.git(&["repack", "-adfq", "--depth=1", "--window=50"]);
    let report = repo.report(&[], 1);
    let paths = |key: &str| {
        let finding = of(&report, key);
        let places = finding["occurrences"].as_array().unwrap().clone();
        places
            .iter()
            .map(|place| place["path"].as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
    };
    let all = ["both", "from-line", "from-value", "line", "to-line", "to-value", "value", "whole"];
    assert_eq!(paths(&key), all.map(str::to_owned).into());
    let others = ["both", "from-line", "from-value", "whole"];
    assert_eq!(paths(&other), others.map(str::to_owned).into());
}
