//! `keyside hook` and `keyside install-hook`: commits and pushes made by git, with hooks called by
//! git.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::repositories::{Repo, contents, found};
use crate::support::{Dir, Run, SECRET, TOKEN, notices};

/// Runs `keyside hook pre-commit`, which must leave the repository as it is.
fn pre_commit(repo: &Repo, files: &[&str]) -> Run {
    let before = contents(&repo.path().join(".git"));
    let run = repo.dir.run(&[&["hook", "pre-commit"], files].concat());
    assert!(before == contents(&repo.path().join(".git")), "the repository has changed");
    assert_eq!(run.stdout, "", "{run}");
    run
}

/// The `path:line`s that it finds.
fn lines(repo: &Repo, files: &[&str]) -> String {
    let run = repo.dir.run(&[&["hook", "pre-commit", "-f", "json"], files].concat());
    let report = run.json();
    assert_eq!(run.code, i32::from(report["findings"] != serde_json::json!([])), "{run}");
    found(&report)
}

#[test]
fn a_blocked_commit_says_three_lines() {
    let repo = Repo::new();
    pre_commit(&repo, &[]).expect(0).err("nothing new is staged, so there was nothing to scan");
    let (key, token) = (repo.dir.key(SECRET), repo.dir.key(TOKEN));
    repo.stage(&[("src/a b.js", &format!("x\nconst k = '{key}';\n"))]);
    let run = pre_commit(&repo, &[]).expect(1);
    let masked = format!("{}…(49)", &key[..10]);
    let expected = format!(
        "keyside stops this commit: src/a b.js:2:12: MagicX AI Autocomplete secret key `{masked}`\n  \
         fix:    read it from the environment (MAGICX_SECRET_KEY), `git add 'src/a b.js'`, \
         commit again\n  \
         accept: add above line 2 of src/a b.js: // keyside:allow[magicx-secret-key] WHY\n"
    );
    assert_eq!(run.stderr, expected);
    // The suggested line works.
    let marker = "// keyside:allow[magicx-secret-key] a test";
    repo.stage(&[("src/a b.js", &format!("x\n{marker}\nconst k = '{key}';\n"))]);
    pre_commit(&repo, &[]).expect(0).err("1 accepted");
    // Where a comment may not work, and for several places, it suggests the id.
    repo.stage(&[("src/a b.js", "x"), ("d.json", &format!("[\"{key}\", \"{token}\"]"))]);
    repo.stage(&[("e.json", &format!("[\"{token}\"]"))]);
    let run = pre_commit(&repo, &[]).expect(1).err("` in 2 places");
    let ids = run.stderr.lines().filter_map(|line| line.split_once("add to .keysideignore: "));
    let ids: Vec<_> = ids.map(|(_, line)| line).collect();
    assert_eq!(ids.len(), 2, "{run}");
    repo.stage(&[(".keysideignore", &ids.join("\n"))]);
    pre_commit(&repo, &[]).expect(0).err("3 accepted");
    repo.git(&["rm", "-q", "-f", ".keysideignore"]);
    // Only the first of many are listed.
    let many: Vec<_> = (0..8).map(|_| repo.dir.key(SECRET)).collect();
    repo.stage(&[("d.json", ""), ("e.json", ""), ("many.py", &many.join("\n"))]);
    let run = pre_commit(&repo, &[]).expect(1).err("and 3 more findings");
    assert_eq!(run.stderr.lines().count(), 16, "{run}");
}

#[test]
fn exit_zero_only_warns() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.stage(&[("a.py", &key)]);
    let run = |args: &[&str]| repo.dir.run(&[&["hook", "pre-commit"], args].concat());
    run(&["--exit-zero"]).expect(0).err("keyside warns about this commit: a.py:1:1");
    run(&["--exit-code", "9"]).expect(9).err("keyside stops");
    run(&["-f", "human"]).expect(1).out("error[magicx-secret-key]").err("");
    let path = repo.dir.home().join("out.json");
    let file = format!("json={}", path.display());
    run(&["-f", &file]).expect(1).err("keyside stops this commit");
    assert!(std::fs::read_to_string(&path).unwrap().contains("\"mode\": \"staged\""));
    run(&["--only", "magicx-access-token"]).expect(0).err("no leaked key in 1 staged file");
    let quiet = run(&["-q", "--only", "magicx-access-token"]).expect(0);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn only_additions_of_the_index_count() {
    let repo = Repo::new();
    let (old, new) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    let text = |lines: &[&str]| lines.join("\n");
    repo.stage(&[("a", &text(&["x", &old])), ("b", "1"), ("clean", "1")]);
    repo.commit();
    repo.stage(&[("a", &text(&["edited", &old]))]);
    assert_eq!(lines(&repo, &["a"]), "");
    repo.stage(&[("a", &text(&["edited", &old, &new])), ("b", "2")]);
    repo.dir.write("a", "taken out again");
    repo.dir.write("b", &new);
    assert_eq!(lines(&repo, &["a", "b"]), "a:3");
    assert_eq!(lines(&repo, &[]), "a:3");
}

#[test]
fn named_unstaged_files_are_read_from_the_index() {
    let repo = Repo::new();
    let (k, l) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    repo.stage(&[("d/a", &format!("1\n{k}")), ("b", "1"), ("gone", &l)]);
    repo.dir.write("-dash", &l);
    repo.commit();
    assert_eq!(lines(&repo, &["d/a", "b", "gone"]), "d/a:2 gone:1");
    let run = pre_commit(&repo, &["d/a", "b"]).expect(1).err("keyside: d/a:2:1: MagicX");
    assert_eq!(run.stderr.lines().count(), 3, "{run}");
    let run = run.err("if it is already in a commit, revoke it: https://");
    assert!(!run.stderr.contains("stops"), "{run}");
    repo.dir.write("d/a", "clean on disk");
    repo.dir.write("b", &l);
    assert_eq!(lines(&repo, &["d/a", "b"]), "d/a:2");
    assert_eq!(lines(&repo, &["--", "-dash"]), "-dash:1");
    pre_commit(&repo, &["b"]).expect(0).err("1 staged file");
    // From any folder, in any spelling.
    let absolute = repo.path().join("d/a");
    assert_eq!(lines(&repo, &[absolute.to_str().unwrap()]), "d/a:2");
    assert_eq!(lines(&repo, &["./d/../d/a"]), "d/a:2");
    let below = repo.dir.command(&["hook", "pre-commit", "-f", "json", "a"], b"");
    let below = below.with(|command| {
        command.current_dir(repo.path().join("d"));
    });
    assert_eq!(found(&below.finish(&repo.dir).expect(1).json()), "d/a:2");
    // A file that the commit removes adds nothing; one that never existed is not clean.
    repo.git(&["rm", "-q", "-f", "gone", "d/a"]);
    assert_eq!(lines(&repo, &["gone", "d/a"]), "");
    repo.git(&["reset", "-q", "HEAD", "d/a"]);
    let run = pre_commit(&repo, &["nowhere"]).expect(3).err("nowhere: no such file");
    run.err("keyside: not everything could be read");
    // Untracked files are read from disk, and the report says so.
    repo.dir.write("untracked", format!("1\n2\n{l}"));
    assert_eq!(lines(&repo, &["untracked"]), "untracked:3");
    pre_commit(&repo, &["untracked"]).expect(1);
    repo.dir.write("untracked", "clean");
    pre_commit(&repo, &["untracked"]).expect(0).err("read from disk");
    repo.git(&["add", "--intent-to-add", "untracked"]);
    pre_commit(&repo, &["untracked"]).expect(0).err("read from disk").err("1 staged file");
    // A request for other files includes everything staged, too.
    repo.stage(&[("d/a", &format!("edited\n{k}"))]);
    assert_eq!(lines(&repo, &["d/a"]), "");
    assert_eq!(lines(&repo, &["d/a", "b"]), "d/a:2");
}

#[test]
fn named_files_of_special_indexes_are_found() {
    let repo = Repo::new();
    let (k, l) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    repo.stage(&[("in/a", "1"), ("out/b", &k), ("out/deep/er/c", &l)]);
    repo.commit();
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    assert!(repo.git(&["ls-files", "--sparse", "-s"]).contains("040000"));
    assert_eq!(lines(&repo, &["in/a", "out/b", "out/deep/er/c"]), "out/b:1 out/deep/er/c:1");
    assert_eq!(lines(&repo, &["in/a"]), "");
    // A submodule has its content elsewhere.
    let inner = Repo::with(&[("a", "1")]);
    let url = inner.path().to_str().unwrap();
    repo.git(&["sparse-checkout", "disable"]);
    repo.git(&["submodule", "add", "-q", url, "sub"]);
    repo.commit();
    pre_commit(&repo, &["sub"]).expect(0).err("sub: is a submodule");
    // The index that the environment names.
    repo.stage(&[("in/a", &l)]);
    let other = repo.dir.home().join("index");
    std::fs::copy(repo.path().join(".git/index"), &other).unwrap();
    repo.git(&["reset", "-q", "--hard"]);
    assert_eq!(lines(&repo, &[]), "");
    let run = repo.dir.command(&["hook", "pre-commit", "-f", "json"], b"");
    let run = run.env("GIT_INDEX_FILE", &other).finish(&repo.dir).expect(1);
    assert_eq!(found(&run.json()), "in/a:1");
}

#[test]
fn no_program_of_the_repository_runs() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let proof = repo.dir.home().join("ran");
    let command = format!("touch {}", proof.display());
    repo.dir.write(".gitattributes", "* filter=evil diff=evil\n");
    repo.stage(&[("a", &key)]);
    for name in ["core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv"]
    {
        repo.git(&["config", name, &command]);
    }
    pre_commit(&repo, &["a", ".gitattributes"]).expect(1);
    assert!(!proof.exists());
}

/// Installs hooks by the program under test.
fn install(repo: &Repo, args: &[&str]) -> Run {
    repo.dir.run(&[&["install-hook"], args].concat())
}

/// The output of git, which must hold none of `keys`.
fn said(output: &Output, keys: &[&str]) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(!keys.iter().any(|key| text.contains(key)), "a key is in the output of git");
    text
}

#[test]
fn git_runs_the_hook_before_commits() {
    let repo = Repo::with(&[("a", "1"), ("b", "1"), ("d/c", "1")]);
    install(&repo, &[]).expect(0).out("installed");
    let (k, l) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    let commit = |folder: &str, args: &[&str], is_stopped: bool| {
        let mut command = repo.command(&[&["commit", "-m", "x"], args].concat());
        let output = command.current_dir(repo.path().join(folder)).output().unwrap();
        let text = said(&output, &[&k, &l]);
        assert_eq!(output.status.success(), !is_stopped, "{args:?}: {text}");
        assert_eq!(text.contains("keyside stops this commit"), is_stopped, "{args:?}: {text}");
    };
    // All changed files, one file, and a file besides the staged ones.
    repo.dir.write("a", &k);
    commit("", &["-a"], true);
    commit("", &["a"], true);
    commit("d", &["../a"], true);
    repo.stage(&[("b", "2")]);
    commit("", &["b"], false);
    repo.git(&["checkout", "-q", "a"]);
    // In a linked worktree, and from a folder below.
    repo.git(&["worktree", "add", "-q", "-b", "side", "tree"]);
    std::fs::write(repo.path().join("tree/d/c"), &k).unwrap();
    commit("tree/d", &["-a"], true);
    commit("tree", &["--allow-empty"], false);
    commit("tree", &["-a", "--no-verify"], false);
    // The other side's key is not new to a merge, although the pre-commit framework names its file.
    repo.stage(&[("own", "1")]);
    commit("", &[], false);
    repo.git(&["merge", "-q", "--no-commit", "side"]);
    assert_eq!(lines(&repo, &["d/c"]), "");
    commit("", &[], false);
    assert_eq!(lines(&repo, &["d/c"]), "d/c:1");
    // A conflict: additions of the resolution count, keys of either side do not.
    repo.git(&["checkout", "-q", "-b", "ours"]);
    repo.stage(&[("a", &format!("ours\n{k}"))]);
    commit("", &["--no-verify"], false);
    repo.git(&["checkout", "-q", "-b", "theirs", "HEAD~1"]);
    repo.stage(&[("a", "theirs"), ("new", &k)]);
    commit("", &["--no-verify"], false);
    let merge = repo.try_git(&["merge", "-q", "--no-edit", "ours"]);
    assert!(!merge.status.success());
    repo.stage(&[("a", &format!("both\n{k}\n{l}"))]);
    commit("", &[], true);
    repo.stage(&[("a", &format!("ours\n{k}"))]);
    // The pre-commit framework names the file, although it equals that of one side.
    assert_eq!(lines(&repo, &["a"]), "");
    commit("", &[], false);
}

/// A clone of an empty bare repository, and that repository.
fn clone() -> (Repo, Repo) {
    let server = Repo { dir: Dir::new() };
    server.git(&["init", "-q", "--bare", "-b", "main"]);
    let repo = Repo::new();
    repo.git(&["remote", "add", "origin", server.path().to_str().unwrap()]);
    (repo, server)
}

/// Writes a file and commits it without hooks; returns the id.
fn add(repo: &Repo, path: &str, text: &str) -> String {
    repo.stage(&[(path, text)]);
    repo.git(&["commit", "-q", "--no-verify", "--allow-empty", "-m", path]);
    repo.git(&["rev-parse", "HEAD"])
}

/// Pushes; returns the output of git.
fn push(repo: &Repo, args: &[&str], is_stopped: bool, keys: &[&str]) -> String {
    let output = repo.try_git(&[&["push"], args].concat());
    let text = said(&output, keys);
    assert_eq!(output.status.success(), !is_stopped, "{args:?}: {text}");
    assert_eq!(text.contains("keyside stops this push"), is_stopped, "{args:?}: {text}");
    text
}

fn refs(server: &Repo) -> String {
    server.git(&["for-each-ref", "--format=%(refname)"]).replace('\n', " ")
}

#[test]
fn git_runs_the_hook_before_pushes() {
    let (repo, server) = clone();
    install(&repo, &["--type", "pre-push"]).expect(0);
    let (k, l) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    let keys = [&k[..], &l[..]];
    add(&repo, "a.py", "1");
    assert!(push(&repo, &["-u", "origin", "main"], false, &keys).contains("1 commit"));
    // Every ref and every commit counts, not only the first or last.
    for name in ["one", "two", "three"] {
        repo.git(&["checkout", "-q", "-b", name, "main"]);
        add(&repo, "file", name);
    }
    let bad = add(&repo, "a.py", &format!("1\n{k}"));
    add(&repo, "a.py", "1");
    let text = push(&repo, &["origin", "one", "two", "three"], true, &keys);
    assert!(text.contains(&format!("a.py:2:1 at {}", &bad[..8])), "{text}");
    assert_eq!(refs(&server), "refs/heads/main");
    push(&repo, &["origin", "one", "two"], false, &keys);
    // The suggested line works once it is at the remote.
    let advice = "add to .keysideignore, in a change of its own that is pushed before: ";
    let (_, line) = text.split_once(advice).unwrap();
    repo.git(&["checkout", "-q", "-b", "accept", "three"]);
    repo.git(&["reset", "-q", "--hard", "main"]);
    add(&repo, ".keysideignore", line.lines().next().unwrap());
    push(&repo, &["origin", "accept"], false, &keys);
    repo.git(&["rebase", "-q", "accept", "three"]);
    push(&repo, &["--dry-run", "origin", "three"], false, &keys);
    repo.git(&["reset", "-q", "--hard", "ORIG_HEAD"]);
    // Commits of the remote repository are not scanned again.
    repo.git(&["push", "-q", "--no-verify", "origin", "three"]);
    assert!(push(&repo, &["origin", "three:four"], false, &keys).contains("no new commit"));
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-edit", "three"]);
    repo.git(&["commit", "-q", "--amend", "-m", "a merge"]);
    push(&repo, &["origin", "main"], false, &keys);
    // A forced push, also over commits that were never fetched.
    repo.git(&["reset", "-q", "--hard", "one"]);
    add(&repo, "a.py", &l);
    push(&repo, &["-f", "origin", "main"], true, &keys);
    repo.git(&["reset", "-q", "--hard", "one"]);
    let other = Repo::new();
    other.git(&["fetch", "-q", server.path().to_str().unwrap(), "main"]);
    other.git(&["reset", "-q", "--hard", "FETCH_HEAD"]);
    add(&other, "other", "1");
    other.git(&["push", "-q", server.path().to_str().unwrap(), "main"]);
    add(&repo, "b", "1");
    push(&repo, &["-f", "origin", "main"], false, &keys);
    // Deletions; a tag whose message holds a key; an old commit under a new name.
    assert!(push(&repo, &["origin", ":two"], false, &keys).contains("no new commit"));
    repo.git(&["tag", "-a", "-m", &format!("key {l}"), "bad"]);
    let text = push(&repo, &["origin", "bad"], true, &keys);
    assert!(text.contains("message of tag"), "{text}");
    repo.git(&["tag", "-a", "-m", "fine", "good"]);
    repo.git(&["tag", "light", "one"]);
    push(&repo, &["origin", "good", "light"], false, &keys);
    // By address: the remote repository of that address is meant.
    repo.git(&["checkout", "-q", "-b", "five"]);
    repo.git(&["config", "core.abbrev", "40"]);
    push(&repo, &[server.path().to_str().unwrap(), "five"], false, &keys);
    // A ref that names no commit is not skipped.
    let blob = repo.git(&["hash-object", "-w", "a.py"]);
    let output = repo.try_git(&["push", "origin", &format!("{blob}:refs/tags/blob")]);
    let text = said(&output, &keys);
    assert!(!output.status.success() && text.contains("names a file, not a commit"), "{text}");
    assert!(text.contains("keyside stops this push: not everything could be read"), "{text}");
}

#[test]
fn lines_not_from_git_are_refused() {
    let repo = Repo::with(&[("a", "1")]);
    for hook in ["pre-push", "pre-receive"] {
        repo.dir
            .pipe(&["hook", hook], b"whatever\n")
            .expect(2)
            .err("is not a line that git passes");
        repo.dir.pipe(&["hook", hook], b"").expect(0).err("no new commit");
    }
}

#[test]
fn the_framework_passes_ranges() {
    let repo = Repo::new();
    let (k, l) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    let root = add(&repo, "a", &k);
    let base = add(&repo, "b", "1");
    let bad = add(&repo, "b", &l);
    let tip = add(&repo, "b", "3");
    repo.stage(&[("c", &l)]);
    let run = |variables: &[(&str, &str)], files: &[&str]| {
        let mut run = repo.dir.command(&[&["hook", "pre-commit"], files].concat(), b"");
        for (name, value) in variables {
            run = run.env(&format!("PRE_COMMIT_{name}"), value);
        }
        run.finish(&repo.dir)
    };
    // Every commit, not only the final state, and not the staged changes.
    let both = |from: &str, to: &str| run(&[("FROM_REF", from), ("TO_REF", to)], &["b"]);
    let told = both(&base, "HEAD").expect(1).err("keyside stops these commits: b:1:1 at ");
    assert!(told.stderr.contains(&bad[..8]) && told.stderr.lines().count() == 3, "{told}");
    both(&bad, &tip).expect(0).err("1 commit");
    both("HEAD", "HEAD").expect(0).err("no commit is new");
    both("nowhere", "HEAD").expect(2).err("`nowhere` names no commit here");
    both("HEAD~9", "HEAD").expect(2);
    // The first push: the remote is empty, which only the names show.
    let remote = [("REMOTE_NAME", "origin"), ("LOCAL_BRANCH", "refs/heads/main")];
    let told = run(&remote, &["a", "b"]).expect(1).err("keyside stops this push: a:1:1");
    assert!(told.stderr.contains(&root[..8]) && told.stderr.contains(&bad[..8]), "{told}");
    repo.git(&["update-ref", "refs/remotes/origin/main", &bad]);
    run(&remote, &["a", "b"]).expect(0).err("1 commit");
    let from = [("FROM_REF", &root[..]), ("TO_REF", &tip)];
    run(&[&from[..], &remote].concat(), &["b"]).expect(0).err("1 commit");
}

/// A server whose hook has these arguments, and a clone.
fn guarded(args: &[&str]) -> (Repo, Repo) {
    let (repo, server) = clone();
    let args: Vec<_> = if args.is_empty() { vec![] } else { [&["--"], args].concat() };
    install(&server, &[&["--type", "pre-receive"], &args[..]].concat()).expect(0);
    server.git(&["config", "receive.advertisePushOptions", "true"]);
    (repo, server)
}

#[test]
fn a_server_refuses_quarantined_keys() {
    let (repo, server) = guarded(&["--timeout", "60"]);
    let (k, l) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    let keys = [&k[..], &l[..]];
    add(&repo, "a.py", "1");
    assert!(push(&repo, &["origin", "main"], false, &keys).contains("remote: clean: "));
    repo.git(&["checkout", "-q", "-b", "one"]);
    add(&repo, "file", "1");
    repo.git(&["checkout", "-q", "-b", "two"]);
    let bad = add(&repo, "a.py", &format!("1\n{k}"));
    add(&repo, "a.py", "1");
    let text = push(&repo, &["origin", "one", "two"], true, &keys);
    assert!(text.contains(&format!("remote: keyside stops this push: a.py:2:1 at {}", &bad[..8])));
    assert_eq!(refs(&server), "refs/heads/main");
    // Nothing of the push remains.
    assert!(!server.try_git(&["cat-file", "-e", &bad]).status.success());
    push(&repo, &["origin", "one"], false, &keys);
    assert!(push(&repo, &["origin", "one:three"], false, &keys).contains("no new commit"));
    assert!(push(&repo, &["origin", ":three"], false, &keys).contains("no new commit"));
    // Existing keys are not reported again.
    server.git(&["config", "core.hooksPath", "/nowhere"]);
    push(&repo, &["origin", "two"], false, &keys);
    server.git(&["config", "--unset", "core.hooksPath"]);
    repo.git(&["checkout", "-q", "-b", "four"]);
    add(&repo, "b", "1");
    push(&repo, &["origin", "four"], false, &keys);
    // Objects in packs.
    server.git(&["config", "receive.unpackLimit", "1"]);
    add(&repo, "c.json", &format!("\"{l}\""));
    let text = push(&repo, &["origin", "four"], true, &keys);
    let (_, line) = text.split_once("in a change of its own that is pushed before: ").unwrap();
    let id = line.split_whitespace().next().unwrap();
    // The suggested line accepts the key once it has been pushed.
    repo.git(&["reset", "-q", "--hard", "HEAD^"]);
    add(&repo, ".keysideignore", &format!("{id} a test\n"));
    push(&repo, &["origin", "four"], false, &keys);
    add(&repo, "c.json", &format!("\"{l}\""));
    assert!(push(&repo, &["origin", "four"], false, &keys).contains("1 accepted"));
    repo.git(&["tag", "-a", "-m", &format!("key {k}"), "bad"]);
    push(&repo, &["origin", "bad"], true, &keys);
}

#[test]
fn a_server_obeys_its_timeout_and_operator() {
    let key = Dir::new().key(SECRET);
    let text = format!("k = '{key}'");
    // A timeout that is always too short.
    let (repo, server) = guarded(&["--timeout", "0.000001"]);
    add(&repo, "a.py", &text);
    let said = push(&repo, &["origin", "main"], true, &[&key]);
    assert!(said.contains("longer than 0.000001 seconds") && refs(&server).is_empty(), "{said}");
    let (repo, _server) = guarded(&["--timeout", "0.000001", "--on-timeout", "allow"]);
    add(&repo, "a.py", &text);
    assert!(push(&repo, &["origin", "main"], false, &[&key]).contains("keyside: not scanned"));
    // A push may skip the check only if the operator allows it.
    let (repo, _server) = guarded(&["--timeout", "0"]);
    add(&repo, "a.py", &text);
    push(&repo, &["-o", "breakglass", "origin", "main"], true, &[&key]);
    let (repo, _server) = guarded(&["--timeout", "0", "--breakglass"]);
    add(&repo, "a.py", &text);
    push(&repo, &["-o", "other", "origin", "main"], true, &[&key]);
    push(&repo, &["-o", "breakglass", "origin", "main"], false, &[&key]);
    let dir = Dir::new();
    dir.run(&["hook", "pre-receive", "--timeout", "-1"]).expect(2);
    dir.run(&["hook", "pre-receive"]).expect(2).err("keyside stops this push, as it could not be");
}

#[test]
fn gitlab_shows_lines_with_its_prefix() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let tip = add(&repo, "a.py", &key);
    // It is unreachable, as in a push.
    repo.git(&["update-ref", "-d", "HEAD"]);
    let line = format!("{} {tip} refs/heads/main\n", "0".repeat(40));
    let run = |protocol: &str, args: &[&str]| {
        let run = repo.dir.command(&[&["hook", "pre-receive"], args].concat(), line.as_bytes());
        run.env("GL_PROTOCOL", protocol).finish(&repo.dir)
    };
    let web = run("web", &["--timeout", "60"]).expect(1);
    assert_eq!(web.stderr.lines().count(), 3, "{web}");
    assert!(web.stderr.lines().all(|line| line.starts_with("GL-HOOK-ERR: ")), "{web}");
    run("web", &["--only", "nothing"]).expect(2).err("GL-HOOK-ERR: keyside stops this push");
    let ssh = run("ssh", &["--timeout", "60", "-f", "json"]).expect(1);
    assert!(!ssh.stderr.contains("GL-HOOK-ERR"), "{ssh}");
    assert_eq!(notices(&ssh.json()), [""; 0]);
}

#[test]
fn hooks_are_installed_once_and_removed_again() {
    let repo = Repo::with(&[("a", "1")]);
    let path = repo.path().join(".git/hooks/pre-commit");
    let _ = std::fs::remove_dir_all(repo.path().join(".git/hooks"));
    install(&repo, &["--uninstall"]).expect(0).out("was not installed");
    install(&repo, &["-t", "pre-commit", "-t", "pre-push"]).expect(0).out("pre-push");
    let first = std::fs::read_to_string(&path).unwrap();
    install(&repo, &[]).expect(0).out("already installed");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    install(&repo, &["--", "--only", "it's \"$x\""]).expect(0).out("updated");
    assert!(std::fs::read_to_string(&path).unwrap().contains(r#"'it'\''s "$x"' || exit"#));
    // Lines of others around it stay.
    let others = format!("#!/bin/sh\necho before\n{}echo behind\n", &first["#!/bin/sh\n".len()..]);
    std::fs::write(&path, &others).unwrap();
    install(&repo, &[]).expect(0).out("already installed");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), others);
    install(&repo, &["--uninstall"]).expect(0).out("removed");
    let rest = "#!/bin/sh\necho before\necho behind\n";
    assert_eq!(std::fs::read_to_string(&path).unwrap(), rest);
    // A foreign hook is neither changed nor removed.
    for args in [&[][..], &["--uninstall"]] {
        install(&repo, args).expect(2).err("pre-commit");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), rest);
    }
    install(&repo, &[]).expect(2).err("keyside hook pre-commit || exit $?");
    install(&repo, &["-t", "pre-push", "--uninstall"]).expect(0).out("removed");
    assert!(!repo.path().join(".git/hooks/pre-push").exists());
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/nowhere/hook", &path).unwrap();
    install(&repo, &[]).expect(2).err("cannot read");
    // Without a repository or without a working tree.
    Dir::new().run(&["install-hook"]).expect(2).err("no git repository");
    let (_, server) = clone();
    install(&server, &[]).expect(2).err("bare");
    install(&server, &["-t", "pre-receive"]).expect(0).out("hooks/pre-receive");
    install(&server, &["--type", "post-commit"]).expect(2);
}

#[test]
fn hooks_go_where_git_looks_for_them() {
    let repo = Repo::with(&[("a", "1")]);
    repo.git(&["worktree", "add", "-q", "-b", "side", "tree"]);
    let below = |args: &[&str], folder: &str| {
        let command = repo.dir.command(&[&["install-hook"], args].concat(), b"");
        let folder = repo.path().join(folder);
        let command = command.with(|command| {
            command.current_dir(folder);
        });
        command.finish(&repo.dir)
    };
    let where_git_looks = |folder: &str| -> PathBuf {
        let mut command = repo.command(&["rev-parse", "--git-path", "hooks/pre-commit"]);
        let folder = repo.path().join(folder);
        let output = command.current_dir(&folder).output().unwrap().stdout;
        folder.join(String::from_utf8(output).unwrap().trim_end())
    };
    below(&[], "tree").expect(0).out("installed");
    assert!(repo.path().join(".git/hooks/pre-commit").is_file());
    below(&["--uninstall"], "").expect(0).out("removed");
    for set in ["tools/hooks", repo.dir.home().join("hooks").to_str().unwrap()] {
        repo.git(&["config", "core.hooksPath", set]);
        std::fs::create_dir_all(repo.path().join("deep/er")).unwrap();
        for folder in ["", "tree", "deep/er"] {
            below(&[], folder).expect(0).out("installed");
            assert!(where_git_looks(if folder == "tree" { "tree" } else { "" }).is_file());
            below(&["--uninstall"], folder).expect(0).out("removed");
        }
    }
}

#[test]
fn a_hook_without_program_finds_another_or_stops() {
    let repo = Repo::with(&[("a", "1")]);
    install(&repo, &[]).expect(0);
    let key = repo.dir.key(SECRET);
    let commit = |path: Option<&Path>| {
        let mut command = repo.command(&["commit", "-m", "x"]);
        if let Some(path) = path {
            let own = std::env::var_os("PATH").unwrap();
            let paths = std::iter::once(path.to_owned()).chain(std::env::split_paths(&own));
            command.env("PATH", std::env::join_paths(paths).unwrap());
        }
        let output = command.output().unwrap();
        (output.status.success(), said(&output, &[&key]))
    };
    repo.stage(&[("a.py", &key)]);
    let (is_made, text) = commit(None);
    assert!(!is_made && text.contains("keyside stops this commit"), "{text}");
    let hook = repo.path().join(".git/hooks/pre-commit");
    let text = std::fs::read_to_string(&hook).unwrap();
    let gone = text.replace(env!("CARGO_BIN_EXE_keyside"), "/nowhere/keyside");
    assert_ne!(gone, text);
    std::fs::write(&hook, gone).unwrap();
    let folder = Path::new(env!("CARGO_BIN_EXE_keyside")).parent().unwrap();
    let (is_made, text) = commit(Some(folder));
    assert!(!is_made && text.contains("keyside stops this commit"), "{text}");
    let is_elsewhere = std::env::split_paths(OsStr::new(&std::env::var_os("PATH").unwrap()))
        .any(|folder| folder.join("keyside").exists());
    if !is_elsewhere {
        let (is_made, text) = commit(None);
        assert!(!is_made && text.contains("no longer installed"), "{text}");
    }
}
