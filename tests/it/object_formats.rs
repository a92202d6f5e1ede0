//! Repositories that name objects by SHA-256: every mode, and every file that git writes for them.

use std::fs;

use keyside::rules::Rng;
use serde_json::Value;

use crate::repo::{Repo, config, of, only};
use crate::repositories::contents;
use crate::support::{
    OBJECT_FORMATS, SECRET, notices, use_object_format, with_each_object_format, with_object_format,
};

/// A repository with SHA-256.
fn repository() -> Repo {
    with_object_format("sha256", Repo::new)
}

/// The number of digits of the ids in a report.
fn digits(finding: &Value) -> Vec<usize> {
    let first = [&finding["first_seen"]["commit"], &finding["removed_in"]["commit"]];
    let occurrences = finding["occurrences"].as_array().unwrap().iter();
    let ids = occurrences.flat_map(|place| [&place["commit"], &place["blob"]]);
    let mut digits: Vec<_> = first.into_iter().chain(ids).filter_map(Value::as_str).collect();
    digits.sort_unstable();
    digits.dedup();
    let mut digits: Vec<_> = digits.into_iter().map(str::len).collect();
    digits.dedup();
    digits
}

#[test]
fn history_is_searched_as_git_log_says() {
    let repo = repository();
    let key = repo.dir.key(SECRET);
    repo.add("README", "nothing\n");
    let commit = repo.add("dir/settings.env", config(&key));
    let parent = repo.id("HEAD~1");
    repo.git(&["rm", "-q", "dir/settings.env"]);
    let removal = repo.commit_staged("Remove it");
    for _ in 0..2 {
        let finding = repo.finding();
        assert_eq!(finding["first_seen"], repo.first(&commit, "dir/settings.env"));
        assert_eq!(finding["removed_in"], repo.removal(&removal));
        assert_eq!(digits(&finding), [64]);
        assert!(repo.git(&["log", "-1", "-p", "--format=", &commit]).contains(&key));
        repo.git(&["repack", "-adq"]);
    }
    // The forms in which people name commits.
    for range in [
        format!("{parent}..{commit}"),
        format!("{}..{}", &parent[..9], &commit[..40]),
        format!("HEAD~2..{commit}"),
        "HEAD^^..HEAD^".to_owned(),
        "main~2..main~1".to_owned(),
        "HEAD@{2}..HEAD@{1}".to_owned(),
        ":/README..HEAD~".to_owned(),
    ] {
        let finding = only(&repo.report(&["--range", &range], 1));
        assert_eq!(finding["first_seen"]["commit"], commit.as_str(), "{range}");
        assert_eq!(digits(&finding), [64], "{range}");
    }
    let zeros = "0".repeat(64);
    repo.keyside(&["--range", &format!("{zeros}..HEAD")]).expect(2).err("the id of zeros");
}

#[test]
fn every_source_of_history_is_searched() {
    let repo = repository();
    let mut keys = (0..9).map(|_| repo.dir.key(SECRET)).collect::<Vec<_>>().into_iter();
    let mut next = || keys.next().unwrap();
    repo.add("a", "a\n");
    let mut expected = Vec::new();
    let mut add = |source: &'static str, key: &str| expected.push((source, key.to_owned()));

    let key = next();
    repo.commit(&format!("Message\n\n{key}"));
    add("commit-message", &key);
    let key = next();
    repo.git(&["tag", "-a", "v1", "-m", &key]);
    add("tag-message", &key);
    let key = next();
    repo.git(&["notes", "add", "-m", &key]);
    add("note", &key);
    let key = next();
    repo.write("a", &key);
    repo.git(&["stash", "-q"]);
    add("stash", &key);
    let key = next();
    repo.add("b", &key);
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    fs::remove_file(repo.path().join(".git/ORIG_HEAD")).unwrap();
    add("reflog", &key);
    let key = next();
    repo.blob(&key);
    add("unreachable", &key);
    let key = next();
    repo.write("c", &key);
    repo.git(&["add", "c"]);
    add("index", &key);
    repo.git(&["rm", "-q", "--cached", "c"]);
    let staged = repo.id("HEAD");
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{},c", repo.blob(&key))]);

    let report = repo.report(&[], 1);
    for (source, key) in expected {
        let finding = of(&report, &key);
        assert_eq!(finding["occurrences"][0]["source"], source, "{finding:#}");
    }
    assert_eq!(repo.id("HEAD"), staged);
}

/// Finds the key of a repository in each of the ways in which git stores objects.
#[test]
fn objects_are_found_however_they_are_stored() {
    with_each_object_format(|| {
        let repo = Repo::new();
        let key = repo.dir.key(SECRET);
        let lines: String = (0..400).map(|nth| format!("line {nth}\n")).collect();
        repo.add("f", &lines);
        let commit = repo.add("f", format!("{lines}KEY={key}\n"));
        repo.add("f", format!("{lines}changed\n"));
        repo.git(&["tag", "-a", "v1", "-m", "one"]);
        let check = |what: &str| {
            let report = repo.report(&[], 1);
            // That objects are borrowed is told.
            let told: Vec<_> =
                notices(&report).into_iter().filter(|kind| kind != "alternates").collect();
            assert!(told.is_empty(), "{what}: {report:#}");
            let finding = only(&report);
            assert_eq!(finding["first_seen"], repo.first(&commit, "f"), "{what}");
            let range = format!("{commit}~1..v1");
            assert_eq!(only(&repo.report(&["--range", &range], 1))["id"], finding["id"], "{what}");
        };
        check("loose");
        repo.git(&["repack", "-adfq", "--window=10"]);
        check("a pack with deltas by offset");
        repo.git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"]);
        check("a pack with deltas by id");
        repo.git(&["-c", "pack.indexVersion=1", "repack", "-adfq"]);
        check("an index of version 1");
        repo.git(&["-c", "pack.writeReverseIndex=true", "repack", "-adbfq"]);
        check("a reverse index and a bitmap");
        repo.git(&["commit-graph", "write", "--reachable"]);
        check("a commit graph");
        repo.add("g", "g\n");
        repo.git(&["commit-graph", "write", "--reachable", "--split=no-merge"]);
        check("a split commit graph");
        repo.git(&["repack", "-dq"]);
        repo.git(&["multi-pack-index", "write", "--bitmap"]);
        check("a multi-pack index");
        // Incremental chains are newer than the oldest git that is supported.
        repo.add("h", "h\n");
        repo.git(&["repack", "-dq"]);
        if repo.try_git("", &["multi-pack-index", "write", "--incremental"], b"").status.success() {
            check("an incremental multi-pack index");
        }
        repo.git(&["pack-refs", "--all"]);
        check("packed references");
        let store = repo.path().join("store");
        fs::rename(repo.path().join(".git/objects"), &store).unwrap();
        repo.write(".git/objects/info/alternates", store.to_str().unwrap());
        check("borrowed");
        let clone = Repo::without();
        let source = repo.path().to_str().unwrap();
        clone.git(&["clone", "-q", "--bare", source, "."]);
        assert_eq!(only(&clone.report(&[], 1))["first_seen"], repo.first(&commit, "f"));
    });
}

#[test]
fn the_index_is_read_in_every_version() {
    with_each_object_format(|| {
        let repo = Repo::new();
        let key = repo.dir.key(SECRET);
        repo.write(".gitignore", "*.env\n");
        repo.write("deep/er/a", "a\n");
        repo.write("other/b", "b\n");
        repo.add("deep/tracked", "a\n");
        repo.write("deep/settings.env", config(&key));
        repo.git(&["add", "-f", "deep/settings.env"]);
        let check = |what: &str| {
            let report = repo.report(&["--staged"], 1);
            // That objects are borrowed is told.
            let told: Vec<_> =
                notices(&report).into_iter().filter(|kind| kind != "alternates").collect();
            assert!(told.is_empty(), "{what}: {report:#}");
            let finding = only(&report);
            assert_eq!(finding["occurrences"][0]["path"], "deep/settings.env", "{what}");
            assert_eq!(finding["occurrences"][0]["blob"], repo.id(":deep/settings.env"), "{what}");
            // Tracked, although it is ignored.
            let tree = repo.dir.run(&["scan", "-f", "json", "."]).expect(1).json();
            assert_eq!(only(&tree)["occurrences"][0]["path"], "deep/settings.env", "{what}");
        };
        for version in ["2", "3", "4"] {
            repo.git(&["update-index", "--index-version", version]);
            check(version);
        }
        repo.write("intended", "later\n");
        repo.git(&["add", "-N", "intended"]);
        check("an entry with more flags");
        repo.git(&["update-index", "--untracked-cache"]);
        check("an untracked cache");
        repo.git(&["update-index", "--split-index"]);
        check("a shared index");
        repo.write("more", "more\n");
        repo.git(&["add", "more"]);
        check("changes to a shared index");
        repo.git(&["update-index", "--no-split-index"]);
        repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "deep"]);
        check("a sparse index");
    });
}

#[test]
fn an_empty_file_and_an_empty_tree_are_known() {
    with_each_object_format(|| {
        let repo = Repo::new();
        repo.commit("An empty tree");
        repo.add("empty", "");
        repo.write("other", "");
        repo.git(&["add", "other"]);
        for name in ["HEAD~1^{tree}", "HEAD:empty"] {
            let path = repo.loose(&repo.id(name));
            let _ = fs::remove_file(path);
        }
        let report = repo.report(&["--range", "HEAD~1..HEAD"], 3);
        assert_eq!(notices(&report), ["missing-object"]);
        assert_eq!(repo.report(&["--staged"], 0)["scan"]["state"], "complete");
    });
}

#[test]
fn shallow_clones_submodules_and_worktrees_are_read() {
    with_each_object_format(|| {
        let inner = Repo::new();
        let (own, other) = (inner.dir.key(SECRET), inner.dir.key(SECRET));
        inner.add("a", config(&other));
        let repo = Repo::new();
        repo.add("before", "b\n");
        repo.add("a", config(&own));
        repo.git(&["submodule", "--quiet", "add", &inner.path().display().to_string(), "sub"]);
        repo.commit("Add a submodule");
        let report = repo.report(&[], 1);
        assert_eq!(of(&report, &other)["occurrences"][0]["path"], "sub/a");
        assert_eq!(of(&report, &own)["in_head"], true);

        let shallow = Repo::without();
        let address = format!("file://{}", repo.path().display());
        shallow.git(&["clone", "-q", "--depth=1", &address, "."]);
        let report = shallow.report(&[], 1);
        assert_eq!(notices(&report), ["shallow"]);
        assert_eq!(only(&report)["first_seen"]["boundary"], true);

        repo.git(&["worktree", "add", "-q", "--detach", "linked", "HEAD~2"]);
        let linked = repo.dir.run(&["git", "-f", "json", "linked"]).expect(1).json();
        assert_eq!(of(&linked, &own)["in_head"], false);
        repo.write(".git/info/grafts", format!("{}\n", repo.id("HEAD")));
        assert!(notices(&repo.report(&[], 1)).contains(&"replaced-objects".to_owned()));
    });
}

#[test]
fn hooks_take_ids_of_both_lengths() {
    with_each_object_format(|| {
        let repo = Repo::new();
        let key = repo.dir.key(SECRET);
        let base = repo.add("a", "a\n");
        let tip = repo.add("b", config(&key));
        let none = "0".repeat(tip.len());
        let push = |line: &str, code: i32| {
            let run = repo.dir.pipe(&["hook", "pre-push", "origin", "x"], line.as_bytes());
            run.expect(code);
            let words: Vec<_> = line.split(' ').collect();
            let line = format!("{} {} {}\n", words[3].trim_end(), words[1], words[2]);
            repo.dir.pipe(&["hook", "pre-receive"], line.as_bytes()).expect(code);
        };
        // The receiver of the second hook is this repository, which has all commits already.
        repo.git(&["update-ref", "-d", "refs/heads/main"]);
        push(&format!("refs/heads/main {tip} refs/heads/main {base}\n"), 1);
        push(&format!("refs/heads/main {tip} refs/heads/main {none}\n"), 1);
        push(&format!("refs/heads/main {base} refs/heads/main {none}\n"), 0);
    });
}

#[test]
fn accepted_findings_do_not_depend_on_the_hash() {
    let ids: Vec<_> = ["sha1", "sha256"]
        .into_iter()
        .map(|format| {
            with_object_format(format, || {
                let repo = Repo::new();
                let key = repo.dir.key(SECRET);
                repo.add("a", config(&key));
                only(&repo.report(&[], 1))["id"].clone()
            })
        })
        .collect();
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn a_cache_serves_repositories_of_both_hashes() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    for _ in 0..2 {
        with_each_object_format(|| {
            let repo = Repo::new();
            let key = repo.dir.key(SECRET);
            repo.add("a", "a\n");
            repo.add("b", config(&key));
            let args = ["--cache", cache.to_str().unwrap()];
            for _ in 0..2 {
                assert_eq!(only(&repo.report(&args, 1))["occurrences"][0]["path"], "b");
            }
            repo.git(&["repack", "-adq"]);
            fs::remove_dir_all(repo.path().join(".git/objects/pack")).unwrap();
            repo.keyside(&args).expect(3);
        });
    }
}

#[test]
fn a_second_id_in_the_other_format_does_no_harm() {
    let repo = repository();
    repo.git(&["config", "extensions.compatObjectFormat", "sha1"]);
    let key = repo.dir.key(SECRET);
    repo.write("a", config(&key));
    // Older versions of git refuse the setting.
    if repo.try_git("", &["add", "a"], b"").status.success() {
        let commit = repo.commit("Write a");
        assert_eq!(repo.finding()["first_seen"], repo.first(&commit, "a"));
    }
}

#[test]
fn an_unknown_hash_is_refused_by_name() {
    let repo = repository();
    repo.git(&["config", "extensions.objectFormat", "sha512"]);
    repo.keyside(&[]).expect(2).err("sha512");
    // SHA-1 may be said explicitly.
    let repo = with_object_format("sha1", Repo::new);
    let key = repo.dir.key(SECRET);
    repo.add("a", config(&key));
    repo.git(&["config", "core.repositoryFormatVersion", "1"]);
    repo.git(&["config", "extensions.objectFormat", "sha1"]);
    assert_eq!(digits(&repo.finding()), [40]);
}

#[test]
fn accepted_findings_of_other_scanners_name_long_commits() {
    let repo = repository();
    let key = repo.dir.key(SECRET);
    let commit = repo.add("old.txt", format!("\nk = '{key}'\n"));
    repo.write(".gitleaksignore", format!("{commit}:old.txt:generic-api-key:2\n"));
    repo.dir.run(&["import", ".gitleaksignore"]).expect(0).out("ks1:");
}

#[test]
fn a_damaged_store_is_never_clean() {
    let mut rng = Rng::new(20);
    let mut incomplete = 0;
    for round in 0..24 {
        let _format = use_object_format(OBJECT_FORMATS[round % 2]);
        let repo = Repo::new();
        let key = repo.dir.key(SECRET);
        repo.add("d/e/f", "one\n".repeat(200));
        repo.add("d/e/f", format!("{}{}", "one\n".repeat(200), config(&key)));
        repo.git(&["tag", "-a", "v1", "-m", "one"]);
        if round % 4 < 2 {
            repo.git(&["repack", "-adfq", "--window=10"]);
        }
        let mut files = contents(&repo.path().join(".git/objects"));
        files.retain(|(path, content)| path.is_file() && !content.is_empty());
        let (path, mut content) = files.swap_remove(rng.below(files.len()));
        if rng.below(3) == 0 {
            content.truncate(rng.below(content.len()));
        } else {
            let at = rng.below(content.len());
            content[at] ^= 1 << rng.below(8);
        }
        fs::remove_file(&path).unwrap();
        fs::write(&path, content).unwrap();
        let run = repo.keyside(&[]);
        let context = format!("round {round}, {}\n{run}", path.display());
        assert!([1, 3].contains(&run.code), "{context}");
        let report = run.json();
        assert_eq!(report["findings"].as_array().unwrap().len(), usize::from(run.code == 1));
        let is_incomplete = report["scan"]["state"] == "incomplete";
        assert_eq!(is_incomplete, !notices(&report).is_empty(), "{context}");
        assert!(is_incomplete || run.code == 1, "{context}");
        incomplete += usize::from(is_incomplete);
    }
    assert!(incomplete > 8, "{incomplete} damaged stores were noticed");
}
