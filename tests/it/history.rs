//! Every place in a history where a key can hide: it is found once, and the report names its
//! location, the commit that added it and the commit that removed it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::repo::{BEGIN, DAY, Repo, config, like, of, only};
use crate::support::SECRET;

#[test]
fn a_key_in_head_has_its_current_place() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let first = repo.add("deep/er/a.env", config(&key));
    repo.add("deep/er/a.env", format!("new line\n{}", config(&key)));
    let head = repo.add("b.txt", "nothing");
    let finding = repo.finding();
    like(
        &finding,
        &json!({
            "rule_id": "magicx-secret-key", "kind": "secret", "severity": "error",
            "in_head": true, "removed_in": null, "branches": ["main"], "past_rotation": null,
            "first_seen": repo.first(&first, "deep/er/a.env"),
            "occurrences": [{
                "source": "commit", "path": "deep/er/a.env", "commit": head,
                "blob": repo.id("HEAD:deep/er/a.env"), "start_line": 3, "start_column": 5,
                "end_line": 3, "end_column": 54, "line": "KEY=[REDACTED]"
            }]
        }),
    );
    let age = finding["age_days"].as_i64().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let expected = (now - BEGIN - DAY) / DAY;
    assert!((expected - 1..=expected + 1).contains(&age), "{age}");
    // A scan of the files gives the same finding.
    let (_, tree) = repo.dir.json(&["."]);
    assert_eq!(only(&tree)["id"], finding["id"]);
    assert_eq!(only(&tree)["secret"], finding["secret"]);
}

#[test]
fn a_deleted_key() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("b.txt", "nothing");
    let first = repo.add("a.env", config(&key));
    let blob = repo.id("HEAD:a.env");
    std::fs::remove_file(repo.path().join("a.env")).unwrap();
    let gone = repo.commit("Oops");
    repo.add("b.txt", "more");
    like(
        &repo.finding(),
        &json!({
            "in_head": false, "removed_in": repo.removal(&gone), "branches": [],
            "first_seen": repo.first(&first, "a.env"),
            "occurrences": [{
                "source": "commit", "path": "a.env", "commit": first, "blob": blob,
                "start_line": 2, "start_column": 5, "end_column": 54
            }]
        }),
    );
}

#[test]
fn a_key_that_comes_and_goes() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let first = repo.add("a.env", config(&key));
    repo.add("a.env", "none");
    repo.add("a.env", format!("again\n{}", config(&key)));
    let last = repo.add("a.env", "none again");
    repo.add("b", "b");
    like(
        &repo.finding(),
        &json!({
            "in_head": false, "removed_in": repo.removal(&last), "branches": [],
            "first_seen": repo.first(&first, "a.env"),
            "occurrences": [{ "path": "a.env", "commit": first, "start_line": 2 }]
        }),
    );
}

#[test]
fn commits_of_the_same_second_follow_their_parents() {
    let repo = Repo::new();
    let now = |content: &str, message: &str| {
        repo.write("a.env", content);
        repo.git(&["add", "a.env"]);
        repo.git(&["commit", "-q", "-m", message]);
        repo.id("HEAD")
    };
    let mut keys = Vec::new();
    for nth in 0..6 {
        let key = repo.dir.key(SECRET);
        let first = now(&format!("{nth}{}", config(&key)), "Add");
        now("none", "Remove");
        now(&format!("again{nth}{}", config(&key)), &format!("Add {key}"));
        let last = now(&format!("none {nth}"), "Remove");
        keys.push((key, first, last));
    }
    let report = repo.report(&[], 1);
    for (key, first, last) in keys {
        like(
            &of(&report, &key),
            &json!({
                "first_seen": repo.first(&first, "a.env"), "removed_in": repo.removal(&last)
            }),
        );
    }
    let newest = repo.report(&["--max-count", "2"], 1);
    assert_eq!(newest["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_key_on_another_branch() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("b", "b");
    repo.git(&["checkout", "-q", "-b", "feature/x"]);
    let first = repo.add("a.env", config(&key));
    repo.git(&["branch", "also"]);
    repo.git(&["checkout", "-q", "main"]);
    like(
        &repo.finding(),
        &json!({
            "in_head": false, "removed_in": null, "branches": ["also", "feature/x"],
            "first_seen": repo.first(&first, "a.env"),
            "occurrences": [{ "source": "commit", "path": "a.env", "commit": first }]
        }),
    );
    // Removed on HEAD's branch, still on the other.
    repo.git(&["merge", "-q", "--ff-only", "also"]);
    std::fs::remove_file(repo.path().join("a.env")).unwrap();
    repo.commit("Oops");
    like(
        &repo.finding(),
        &json!({ "in_head": false, "removed_in": null, "branches": ["also", "feature/x"] }),
    );
}

#[test]
fn a_key_on_a_remote_tracking_branch() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("b", "b");
    repo.git(&["checkout", "-q", "-b", "side"]);
    let first = repo.add("a.env", config(&key));
    repo.git(&["checkout", "-q", "main"]);
    let clone = Repo::without();
    clone.git(&["clone", "-q", repo.path().to_str().unwrap(), "."]);
    like(
        &clone.finding(),
        &json!({
            "in_head": false, "removed_in": null, "branches": ["origin/side"],
            "first_seen": clone.first(&first, "a.env"),
            "occurrences": [{ "source": "commit", "commit": first }]
        }),
    );
}

#[test]
fn a_renamed_and_edited_file() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let first = repo.add("old name.env", config(&key));
    let old = repo.id("HEAD:old name.env");
    repo.git(&["mv", "old name.env", "new.env"]);
    let head = repo.add("new.env", format!("1\n2\n{}", config(&key)));
    like(
        &repo.finding(),
        &json!({
            "in_head": true, "removed_in": null, "branches": ["main"],
            "first_seen": repo.first(&first, "old name.env"),
            "occurrences": [
                { "path": "new.env", "commit": head, "start_line": 4,
                  "blob": repo.id("HEAD:new.env") },
                { "path": "old name.env", "commit": first, "start_line": 2, "blob": old }
            ]
        }),
    );
}

#[test]
fn a_key_that_was_copied() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let first = repo.add("b/a.env", config(&key));
    repo.add("a.env", config(&key));
    repo.write("c.js", format!("const k = '{key}', again = '{key}'\n"));
    let head = repo.commit("Copy");
    like(
        &repo.finding(),
        &json!({
            "in_head": true, "first_seen": repo.first(&first, "b/a.env"),
            "occurrences": [
                { "path": "a.env", "commit": head, "start_line": 2 },
                { "path": "b/a.env", "commit": head, "start_line": 2 },
                { "path": "c.js", "commit": head, "start_line": 1, "start_column": 12,
                  "line": "const k = '[REDACTED]', again = '[REDACTED]'" },
                { "path": "c.js", "commit": head, "start_line": 1, "start_column": 73 }
            ]
        }),
    );
}

/// Two branches that have both changed `f`; HEAD is `main`.
fn forked() -> Repo {
    let repo = Repo::new();
    repo.add("f", "base\n");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.add("f", "theirs\n");
    repo.git(&["checkout", "-q", "main"]);
    repo.add("f", "ours\n");
    repo
}

#[test]
fn keys_that_a_merge_itself_adds() {
    // A file that no parent has.
    let repo = forked();
    let key = repo.dir.key(SECRET);
    assert!(!repo.try_git("", &["merge", "-q", "side"], b"").status.success());
    repo.write("f", "both\n");
    repo.write("evil.env", config(&key));
    let merge = repo.commit("Merge side");
    like(
        &repo.finding(),
        &json!({
            "in_head": true, "branches": ["main"], "first_seen": repo.first(&merge, "evil.env"),
            "occurrences": [{ "path": "evil.env", "commit": merge, "start_line": 2 }]
        }),
    );
    assert!(repo.finding()["first_seen"]["merge"].as_bool().unwrap());
    // The resolution of a conflict.
    let repo = forked();
    let key = repo.dir.key(SECRET);
    assert!(!repo.try_git("", &["merge", "-q", "side"], b"").status.success());
    let merge = repo.add("f", format!("ours\n{key}\ntheirs\n"));
    let gone = repo.add("f", "none");
    like(
        &repo.finding(),
        &json!({
            "in_head": false, "first_seen": repo.first(&merge, "f"),
            "removed_in": repo.removal(&gone),
            "occurrences": [{ "path": "f", "commit": merge, "start_line": 2, "start_column": 1 }]
        }),
    );
    assert!(repo.finding()["first_seen"]["merge"].as_bool().unwrap());
}

#[test]
fn octopus_merges() {
    for evil in [false, true] {
        let repo = Repo::new();
        let key = repo.dir.key(SECRET);
        repo.add("base", "base");
        let mut first = String::new();
        for name in ["one", "two", "three"] {
            repo.git(&["checkout", "-q", "-b", name, "main"]);
            let content = if name == "two" && !evil { config(&key) } else { name.to_owned() };
            let commit = repo.add(name, content);
            if name == "two" {
                first = commit;
            }
        }
        repo.git(&["checkout", "-q", "main"]);
        repo.add("base", "more");
        repo.tick();
        repo.git(&["merge", "-q", "-m", "Octopus", "one", "two", "three"]);
        let mut path = "two";
        if evil {
            path = "evil";
            repo.write("evil", config(&key));
            repo.git(&["add", "evil"]);
            repo.git(&["commit", "-q", "--amend", "--no-edit"]);
            first = repo.id("HEAD");
        }
        assert_eq!(repo.git(&["log", "-1", "--format=%P"]).split(' ').count(), 4);
        let branches = if evil { vec!["main"] } else { vec!["main", "two"] };
        let finding = repo.finding();
        like(
            &finding,
            &json!({
                "in_head": true, "branches": branches, "first_seen": repo.first(&first, path),
                "occurrences": [{ "path": path, "commit": repo.id("HEAD"), "start_line": 2 }]
            }),
        );
        assert_eq!(finding["first_seen"]["merge"], evil);
    }
}

#[test]
fn a_merge_that_drops_the_other_sides_key() {
    let repo = forked();
    let key = repo.dir.key(SECRET);
    repo.git(&["checkout", "-q", "side"]);
    let first = repo.add("a.env", config(&key));
    repo.git(&["checkout", "-q", "main"]);
    repo.tick();
    repo.git(&["merge", "-q", "-s", "ours", "-m", "Ours", "side"]);
    let merge = repo.id("HEAD");
    like(&repo.finding(), &json!({ "removed_in": null, "branches": ["side"] }));
    repo.git(&["branch", "-q", "-D", "side"]);
    repo.add("b", "later");
    like(
        &repo.finding(),
        &json!({
            "in_head": false, "branches": [], "first_seen": repo.first(&first, "a.env"),
            "removed_in": repo.removal(&merge),
            "occurrences": [{ "source": "commit", "commit": first }]
        }),
    );
}

#[test]
fn merging_a_branch_without_the_key_removes_nothing() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("b", "b");
    repo.git(&["branch", "old"]);
    repo.add("a.env", config(&key));
    let gone = repo.add("a.env", "none");
    repo.git(&["checkout", "-q", "old"]);
    repo.add("c", "c");
    repo.git(&["checkout", "-q", "main"]);
    repo.tick();
    repo.git(&["merge", "-q", "-m", "Merge", "old"]);
    like(&repo.finding(), &json!({ "removed_in": repo.removal(&gone), "in_head": false }));
}

#[test]
fn amended_commits() {
    // Amended to remove the key: only the reflog has it.
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("b", "b");
    let first = repo.add("a.env", config(&key));
    repo.write("a.env", "none");
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "--amend", "-m", "Amended"]);
    like(
        &repo.finding(),
        &json!({
            "in_head": false, "removed_in": null, "branches": [],
            "first_seen": repo.first(&first, "a.env"),
            "occurrences": [{ "source": "reflog", "path": "a.env", "commit": first,
                              "start_line": 2 }]
        }),
    );
    // Amended with the key kept: the amended commit is the first.
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("a.env", config(&key));
    repo.tick();
    repo.git(&["commit", "-q", "--amend", "-m", "Amended"]);
    let head = repo.id("HEAD");
    like(
        &repo.finding(),
        &json!({
            "in_head": true, "first_seen": repo.first(&head, "a.env"),
            "occurrences": [{ "source": "commit", "path": "a.env", "commit": head }]
        }),
    );
}

#[test]
fn a_rebased_branch() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("b", "b");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.add("a.env", config(&key));
    repo.git(&["checkout", "-q", "main"]);
    repo.add("b", "more");
    repo.tick();
    repo.git(&["rebase", "-q", "main", "side"]);
    let first = repo.id("side");
    repo.git(&["checkout", "-q", "main"]);
    like(
        &repo.finding(),
        &json!({
            "in_head": false, "branches": ["side"], "first_seen": repo.first(&first, "a.env"),
            "occurrences": [{ "source": "commit", "path": "a.env", "commit": first }]
        }),
    );
}

#[test]
fn stashes() {
    let repo = Repo::new();
    let [changed, untracked, staged] = [(); 3].map(|()| repo.dir.key(SECRET));
    repo.add("b", "b");
    repo.write("b", config(&staged));
    repo.git(&["add", "b"]);
    repo.write("b", config(&changed));
    repo.write("new.env", config(&untracked));
    repo.tick();
    repo.git(&["stash", "push", "-q", "-u"]);
    // Only the reflog has a stash below the top one.
    let lower = repo.dir.key(SECRET);
    let below = repo.id("stash");
    repo.write("b", config(&lower));
    repo.tick();
    repo.git(&["stash", "push", "-q"]);
    let report = repo.report(&[], 1);
    assert_eq!(report["findings"].as_array().unwrap().len(), 4, "{report:#}");
    for (key, path, commit) in [
        (&changed, "b", below.clone()),
        (&staged, "b", repo.id(&format!("{below}^2"))),
        (&untracked, "new.env", repo.id(&format!("{below}^3"))),
        (&lower, "b", repo.id("stash")),
    ] {
        like(
            &of(&report, key),
            &json!({
                "in_head": false, "removed_in": null, "branches": [],
                "first_seen": repo.first(&commit, path),
                "occurrences": [{ "source": "stash", "path": path, "commit": commit,
                                  "start_line": 2 }]
            }),
        );
    }
}

#[test]
fn notes() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let head = repo.add("b", "b");
    repo.tick();
    repo.git(&["notes", "add", "-m", &config(&key)]);
    let note = repo.id("refs/notes/commits");
    like(
        &repo.finding(),
        &json!({
            "in_head": false, "removed_in": null, "branches": [],
            "first_seen": repo.first(&note, &head),
            "occurrences": [{ "source": "note", "path": head, "commit": note, "start_line": 2 }]
        }),
    );
}

#[test]
fn commit_messages() {
    let repo = Repo::new();
    let [message, author, email] = [(); 3].map(|()| repo.dir.key(SECRET));
    repo.add("b", "b");
    let said = repo.commit_staged(&format!("Subject\n\nThe key is {message}."));
    repo.tick();
    let args = ["commit", "-q", "--allow-empty", "-m", "x", "--author"];
    repo.git(&[&args[..], &[&format!("{author} <a@b>")]].concat());
    let named = repo.id("HEAD");
    repo.git(&[&args[..], &[&format!("A <{email}@b>")]].concat());
    let addressed = repo.id("HEAD");
    repo.add("b", "c");
    let report = repo.report(&[], 1);
    assert_eq!(report["findings"].as_array().unwrap().len(), 3);
    like(
        &of(&report, &message),
        &json!({
            "in_head": false, "removed_in": null, "branches": [],
            "first_seen": { "commit": said, "summary": "Subject", "author": "Ada" },
            "occurrences": [{
                "source": "commit-message", "commit": said, "blob": null, "start_line": 3,
                "start_column": 12, "line": "The key is [REDACTED]."
            }]
        }),
    );
    for (key, commit) in [(&author, &named), (&email, &addressed)] {
        like(
            &of(&report, key),
            &json!({
                "first_seen": { "commit": commit, "summary": "x" },
                "occurrences": [{ "source": "commit-message", "commit": commit, "blob": null }]
            }),
        );
    }
}

#[test]
fn tag_messages() {
    let repo = Repo::new();
    let [message, outer, inner, on_blob] = [(); 4].map(|()| repo.dir.key(SECRET));
    let head = repo.add("b", "b");
    repo.tick();
    repo.git(&["tag", "-a", "v1", "-m", &format!("Release\n\n{message}")]);
    repo.git(&["tag", "-a", "inner", "-m", &format!("Inner {inner}")]);
    repo.git(&["tag", "-a", "outer", "-m", &format!("Outer {outer}"), "inner"]);
    repo.git(&["tag", "-d", "inner"]);
    let blob = repo.blob("a text");
    repo.git(&["tag", "-a", "blob", "-m", &format!("Blob {on_blob}"), &blob]);
    let report = repo.report(&[], 1);
    assert_eq!(report["findings"].as_array().unwrap().len(), 4);
    for (key, name, commit, line, summary) in [
        (&message, "v1", json!(head), 3, "Release"),
        (&inner, "inner", json!(head), 1, ""),
        (&outer, "outer", json!(head), 1, ""),
        (&on_blob, "blob", json!(null), 1, ""),
    ] {
        let finding = of(&report, key);
        like(
            &finding,
            &json!({
                "in_head": false, "removed_in": null, "branches": [],
                "first_seen": { "path": name, "author": "Ada", "merge": false },
                "occurrences": [{ "source": "tag-message", "path": name, "commit": commit,
                                  "blob": null, "start_line": line }]
            }),
        );
        assert!(finding["first_seen"]["summary"].as_str().unwrap().starts_with(summary));
    }
}

#[test]
fn kept_only_by_tags() {
    let repo = Repo::new();
    let [light, heavy, direct, wrapped] = [(); 4].map(|()| repo.dir.key(SECRET));
    let base = repo.add("b", "b");
    let mut commits = Vec::new();
    for (key, args) in [(&light, &["tag", "light"][..]), (&heavy, &["tag", "-am", "x", "heavy"])] {
        commits.push(repo.add("a.env", config(key)));
        repo.git(args);
        repo.git(&["reset", "-q", "--hard", &base]);
    }
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    let blobs = [&direct, &wrapped].map(|key| repo.blob(config(key)));
    repo.git(&["tag", "direct", &blobs[0]]);
    repo.git(&["tag", "-am", "x", "wrapped", &blobs[1]]);
    let report = repo.report(&[], 1);
    assert_eq!(report["findings"].as_array().unwrap().len(), 4);
    for (key, commit) in [(&light, &commits[0]), (&heavy, &commits[1])] {
        like(
            &of(&report, key),
            &json!({
                "in_head": false, "branches": [], "removed_in": null,
                "first_seen": repo.first(commit, "a.env"),
                "occurrences": [{ "source": "commit", "path": "a.env", "commit": commit }]
            }),
        );
    }
    for (key, name, blob) in
        [(&direct, "refs/tags/direct", &blobs[0]), (&wrapped, "refs/tags/wrapped", &blobs[1])]
    {
        like(
            &of(&report, key),
            &json!({
                "in_head": false, "first_seen": null, "removed_in": null,
                "occurrences": [{ "source": "commit", "path": name, "commit": null,
                                  "blob": blob, "start_line": 2 }]
            }),
        );
    }
}

#[test]
fn unreachable() {
    let repo = Repo::new();
    let [blob, tree, commit] = [(); 3].map(|()| repo.dir.key(SECRET));
    let base = repo.add("b", "b");
    let loose = repo.blob(config(&blob));
    let inner = repo.blob(config(&tree));
    let inner = repo.git_in("", &["mktree"], format!("100644 blob {inner}\ta.env\n").as_bytes());
    let folder = format!("040000 tree {inner}\tfolder\n");
    let folder = repo.git_in("", &["mktree"], folder.as_bytes());
    assert_ne!(folder, inner);
    let lost = repo.add("c.env", config(&commit));
    repo.git(&["reset", "-q", "--hard", &base]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    std::fs::remove_file(repo.path().join(".git/ORIG_HEAD")).unwrap();
    let report = repo.report(&[], 1);
    for (key, path, of_commit) in [
        (&blob, loose.as_str(), None),
        (&tree, "folder/a.env", None),
        (&commit, "c.env", Some(&lost)),
    ] {
        like(
            &of(&report, key),
            &json!({
                "in_head": false, "branches": [], "removed_in": null,
                "first_seen": of_commit.map(|commit| repo.first(commit, path)),
                "occurrences": [{ "source": "unreachable", "path": path, "commit": of_commit,
                                  "start_line": 2 }]
            }),
        );
    }
}
