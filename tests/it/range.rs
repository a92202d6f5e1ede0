//! `keyside git --range` on real repositories: reports keys that the commits of a range add, not
//! earlier ones, and never calls a range clean that could not be read.

use std::cell::Cell;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::{Dir, Run, SECRET, notices, object_format, places};

/// A repository whose commits are a thousand seconds apart.
pub(crate) struct Repo {
    pub(crate) dir: Dir,
    clock: Cell<i64>,
}

impl Repo {
    pub(crate) fn new() -> Self {
        let repo = Self { dir: Dir::new(), clock: Cell::new(1_700_000_000) };
        repo.git(&["init", "-q", "-b", "main", "."]);
        repo
    }

    /// The same with references stored in another way (`crate::repo::REF_FORMATS`). Versions of git that
    /// know no reftable make files.
    pub(crate) fn stored(format: &str) -> Self {
        let repo = Self { dir: Dir::new(), clock: Cell::new(1_700_000_000) };
        if !repo.try_git(&["init", "-q", "-b", "main", &format!("--ref-format={format}"), "."]) {
            repo.git(&["init", "-q", "-b", "main", "."]);
        }
        repo
    }

    /// A repository with one commit, `base`.
    fn with_base() -> Self {
        let repo = Self::new();
        repo.dir.write("README", "nothing here\n");
        repo.commit("base");
        repo
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let date = format!("{} +0100", self.clock.get());
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "gc.auto=0"])
            .args(["-c", "core.autocrlf=false", "-c", "merge.conflictStyle=merge"])
            .args(args)
            .current_dir(self.dir.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_DEFAULT_HASH", object_format())
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date);
        command
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {err}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Runs a git command that may fail, such as a merge with conflicts; true if it succeeded.
    pub(crate) fn try_git(&self, args: &[&str]) -> bool {
        self.command(args).output().unwrap().status.success()
    }

    /// Commits everything and returns the commit's id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.clock.set(self.clock.get() + 1000);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn scan(&self, range: &str, args: &[&str]) -> Run {
        self.dir.run(&[&["git", "-f", "json", "--range", range], args].concat())
    }

    /// The places and the history of each finding in a range.
    fn findings(&self, range: &str) -> Vec<String> {
        self.of(&self.scan(range, &[]).json())
    }

    /// The places and the history of each finding in a report.
    fn of(&self, report: &Value) -> Vec<String> {
        let name = |commit: &Value| {
            let id = commit.as_str().unwrap_or("none");
            self.git(&["log", "-1", "--format=%s", id])
        };
        let mut lines = Vec::new();
        for finding in report["findings"].as_array().unwrap() {
            let first = &finding["first_seen"];
            let removed = &finding["removed_in"];
            let mut line =
                format!("{}: {}", first["path"].as_str().unwrap(), name(&first["commit"]));
            if !removed.is_null() {
                line += &format!(" to {}", name(&removed["commit"]));
            }
            if finding["in_head"] == true {
                line += ", in HEAD";
            }
            for place in finding["occurrences"].as_array().unwrap() {
                let path = place["path"].as_str().unwrap();
                let commit = place["commit"].as_str().unwrap();
                let path = if path == commit { "<its id>" } else { path };
                line += &format!(
                    "; {} {path}:{} {}",
                    place["source"].as_str().unwrap(),
                    place["start_line"],
                    name(&place["commit"])
                );
                assert_eq!(place["blob"].is_null(), place["source"] == "commit-message");
            }
            lines.push(line);
        }
        lines
    }

    fn key(&self) -> String {
        self.dir.key(SECRET)
    }

    fn object_file(&self, id: &str) -> PathBuf {
        self.dir.path().join(".git/objects").join(&id[..2]).join(&id[2..])
    }
}

#[test]
fn added_keys_are_reported_with_the_line_of_the_tip() {
    let repo = Repo::with_base();
    let key = repo.key();
    repo.dir.write("src/a.js", format!("k = '{key}'\n"));
    repo.commit("add");
    repo.dir.write("src/a.js", format!("// moved down\nk = '{key}'\n"));
    repo.commit("edit");
    let run = repo.scan("HEAD~2..HEAD", &[]).expect(1);
    let report = run.json();
    assert_eq!(repo.of(&report), ["src/a.js: add, in HEAD; commit src/a.js:2 edit"]);
    assert_eq!(places(&report), ["src/a.js:2:6-55"]);
    let scan = &report["scan"];
    assert_eq!((&scan["mode"], &scan["state"]), (&"range".into(), &"complete".into()));
    assert_eq!((&scan["blobs"], &scan["commits"]), (&2.into(), &2.into()));
    let first = &report["findings"][0]["first_seen"];
    assert_eq!(first["author"], "Ada");
    assert_eq!(first["email"], "ada@example.com");
    assert_eq!(first["date"], "2023-11-14T23:46:40+01:00");
    assert_eq!(first["merge"], false);
    assert!(report["findings"][0]["age_days"].as_u64().unwrap() > 1000);
    assert_eq!(repo.findings("HEAD~..HEAD"), [""; 0]);
}

#[test]
fn keys_added_and_removed_inside_are_reported() {
    let repo = Repo::with_base();
    repo.dir.write("a", repo.key());
    repo.commit("add");
    repo.dir.write("a", "gone");
    repo.commit("remove");
    repo.commit("later");
    assert_eq!(repo.findings("HEAD~3.."), ["a: add to remove; commit a:1 add"]);
    repo.scan("HEAD~3..", &[]).expect(1);
    // The removal alone adds nothing.
    repo.scan("HEAD~2..", &[]).expect(0);
}

#[test]
fn a_restored_key_dates_from_its_first_commit() {
    let repo = Repo::with_base();
    let key = repo.key();
    for (text, message) in
        [(&*key, "one"), ("none", "two"), (&*key, "three"), ("", "four"), (&*key, "five")]
    {
        repo.dir.write("a", text);
        repo.commit(message);
    }
    assert_eq!(repo.findings("HEAD~5.."), ["a: one, in HEAD; commit a:1 five"]);
    assert_eq!(repo.findings("HEAD~5..HEAD~1"), ["a: one to four, in HEAD; commit a:1 one"]);
    assert_eq!(repo.findings("HEAD~3..HEAD~2"), ["a: three, in HEAD; commit a:1 three"]);
}

#[test]
fn keys_of_the_base_are_not_new() {
    let repo = Repo::new();
    let key = repo.key();
    repo.dir.write("old", format!("1\n{key}\n3\n"));
    repo.commit("base");
    // The line and its neighbours are edited, the file moved, the key copied, the mode changed.
    repo.dir.write("old", format!("0\n\n{key} // still\n"));
    repo.commit("edit");
    repo.git(&["mv", "old", "new"]);
    repo.commit("move");
    repo.dir.write("copy", &key);
    repo.commit("copy");
    repo.git(&["update-index", "--chmod=+x", "new"]);
    repo.git(&["commit", "-qm", "mode"]);
    repo.git(&["rm", "-q", "--cached", "copy"]);
    repo.git(&["commit", "-qm", "delete"]);
    repo.scan("HEAD~5..HEAD", &[]).expect(0);
    for commit in 0..5 {
        repo.scan(&format!("HEAD~{commit}^..HEAD~{commit}"), &[]).expect(0);
    }
    // Removed and added back: the base still has it.
    std::fs::remove_file(repo.dir.path().join("new")).unwrap();
    std::fs::remove_file(repo.dir.path().join("copy")).unwrap();
    repo.commit("all gone");
    repo.dir.write("back", &key);
    repo.commit("back");
    repo.scan("HEAD~7..HEAD", &[]).expect(0);
    assert_eq!(repo.findings("HEAD~1..HEAD"), ["back: back, in HEAD; commit back:1 back"]);
}

#[test]
fn each_path_is_listed_once_tip_first() {
    let repo = Repo::with_base();
    let key = repo.key();
    repo.dir.write("b", &key);
    repo.commit("add");
    repo.git(&["mv", "b", "a"]);
    repo.dir.write("c", format!("\n{key}"));
    repo.commit("move and copy");
    let expected =
        ["b: add, in HEAD; commit a:1 move and copy; commit c:2 move and copy; commit b:1 add"];
    assert_eq!(repo.findings("HEAD~2.."), expected);
}

#[test]
fn a_merge_counts_only_its_own_additions() {
    let repo = Repo::with_base();
    repo.git(&["checkout", "-qb", "side"]);
    let theirs = repo.key();
    repo.dir.write("side", &theirs);
    repo.commit("side");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("ours");
    repo.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    let evil = repo.key();
    repo.dir.write("evil", &evil);
    repo.commit("merge");
    let report = repo.scan("side..HEAD", &[]).json();
    assert_eq!(repo.of(&report), ["evil: merge, in HEAD; commit evil:1 merge"]);
    assert_eq!(report["findings"][0]["first_seen"]["merge"], true);
    assert_eq!(
        repo.findings("HEAD^..HEAD"),
        ["evil: merge, in HEAD; commit evil:1 merge", "side: side, in HEAD; commit side:1 merge"]
    );
}

#[test]
fn a_merge_of_the_other_side_adds_nothing() {
    let repo = Repo::with_base();
    repo.git(&["checkout", "-qb", "topic"]);
    repo.dir.write("topic", "harmless");
    repo.commit("topic");
    repo.git(&["checkout", "-q", "main"]);
    repo.dir.write("main", repo.key());
    repo.commit("main's key");
    repo.git(&["checkout", "-q", "topic"]);
    repo.git(&["merge", "-q", "--no-edit", "main"]);
    repo.scan("main..topic", &[]).expect(0);
    repo.scan("main...topic", &[]).expect(0);
    repo.scan("topic^2..topic", &[]).expect(0);
}

#[test]
fn a_resolved_conflict_and_an_octopus_are_searched() {
    let repo = Repo::with_base();
    for branch in ["one", "two", "three"] {
        repo.git(&["checkout", "-q", "-b", branch, "main"]);
        repo.dir.write(branch, branch);
        repo.dir.write("both", if branch == "three" { "one" } else { branch });
        repo.commit(branch);
    }
    repo.git(&["checkout", "-q", "one"]);
    assert!(!repo.try_git(&["merge", "-q", "two"]));
    repo.dir.write("both", repo.key());
    repo.commit("resolved");
    assert_eq!(repo.findings("two..one"), ["both: resolved, in HEAD; commit both:1 resolved"]);

    repo.git(&["checkout", "-q", "-b", "four", "main"]);
    repo.commit("four");
    let tree = repo.git(&["rev-parse", "one^{tree}"]);
    let octopus = repo.git(&[
        "commit-tree",
        "-m",
        "octopus",
        "-p",
        "two",
        "-p",
        "three",
        "-p",
        "four",
        &tree,
    ]);
    let report = repo.scan(&format!("three..{octopus}"), &[]).expect(1).json();
    assert_eq!(repo.of(&report), ["both: octopus; commit both:1 octopus"]);
    // One parent of the octopus has it, so the octopus does not add it.
    let octopus =
        repo.git(&["commit-tree", "-m", "octopus", "-p", "two", "-p", "three", "-p", "one", &tree]);
    repo.scan(&format!("one..{octopus}"), &[]).expect(0);
}

#[test]
fn three_dots_begin_at_the_merge_base() {
    let repo = Repo::with_base();
    repo.git(&["checkout", "-qb", "topic"]);
    let topic = repo.key();
    repo.dir.write("topic", &topic);
    repo.commit("topic's");
    repo.git(&["checkout", "-q", "main"]);
    repo.dir.write("main", repo.key());
    repo.commit("main's");
    let expected = ["topic: topic's; commit topic:1 topic's"];
    assert_eq!(repo.findings("main...topic"), expected);
    assert_eq!(repo.findings("main..topic"), expected);
    assert_eq!(repo.findings("...topic"), expected);
    assert_eq!(repo.findings("topic...").len(), 1);
    // Keys that the other side has since gained are not new either.
    repo.dir.write("other", &topic);
    repo.commit("the same on main");
    repo.scan("main...topic", &[]).expect(0);

    repo.git(&["checkout", "-q", "--orphan", "alone"]);
    repo.commit("alone");
    repo.scan("main...alone", &[]).expect(2).err("no common ancestor").err("two dots");
}

#[test]
fn commit_messages_are_searched() {
    let repo = Repo::with_base();
    let key = repo.key();
    repo.commit(&format!("subject\n\nbody\nwith {key} in it"));
    let report = repo.scan("HEAD^..", &[]).expect(1).json();
    assert_eq!(repo.of(&report), [": subject; commit-message <its id>:4 subject"]);
    assert_eq!(report["findings"][0]["in_head"], false);
    assert_eq!(report["findings"][0]["occurrences"][0]["start_column"], 6);
    assert!(report["findings"][0]["occurrences"][0]["blob"].is_null());

    // Also if the base has the key, and in a header of the commit.
    repo.dir.write("a", &key);
    repo.commit("file");
    repo.git(&["-c", &format!("user.name=x {key}"), "commit", "-qm", "say", "--allow-empty"]);
    let report = repo.scan("HEAD^..", &[]).expect(1).json();
    let line = "; commit-message <its id>:3 say; commit-message <its id>:4 say";
    assert_eq!(repo.of(&report), [format!(": say, in HEAD{line}")]);
    let author = report["findings"][0]["first_seen"]["author"].as_str().unwrap().to_owned();
    assert!(author.starts_with("x sk_v1_"), "{author}");
    // In a file and a message, it is one finding.
    let report = repo.scan("HEAD~3..", &[]).json();
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_name_of_an_added_file_is_searched() {
    let repo = Repo::with_base();
    let key = repo.key();
    repo.dir.write(&format!("backup/{key}/a"), "x");
    repo.dir.write(&format!("{key}.txt"), format!("and\n{key}"));
    repo.commit("names");
    let report = repo.scan("HEAD^..", &[]).expect(1).json();
    assert_eq!(report["findings"][0]["occurrences"].as_array().unwrap().len(), 3);
    repo.dir.write(&format!("backup/{key}/b"), "x");
    repo.dir.write(&format!("other/{key}"), "x");
    repo.commit("more of it");
    repo.scan("HEAD^..", &[]).expect(0);
}

#[test]
fn a_root_commit_is_all_new() {
    let repo = Repo::with_base();
    repo.git(&["checkout", "-q", "--orphan", "other"]);
    let key = repo.key();
    repo.dir.write("a", &key);
    repo.commit("root");
    repo.commit("next");
    assert_eq!(repo.findings("main..other"), ["a: root, in HEAD; commit a:1 next"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--allow-unrelated-histories", "--no-edit", "other"]);
    let found = repo.findings("HEAD^..HEAD");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("a: root, in HEAD"), "{found:?}");
    repo.scan("HEAD^2..HEAD", &[]).expect(0);
}

#[test]
fn invalid_ranges_are_refused() {
    let repo = Repo::with_base();
    let usage = |range: &str| repo.dir.run(&["git", &format!("--range={range}")]).expect(2);
    usage("main").err("names one commit, not a range").err("`main..HEAD`");
    usage("nope..HEAD").err("`nope` names no commit here");
    usage("HEAD..nope").err("`nope`");
    usage("--all").err("is an option of git").err("BASE..HEAD");
    usage("-p..HEAD").err("is an option of git");
    usage("HEAD..-p").err("an option of git");
    usage("--all HEAD~1..HEAD").err("is an option of git");
    usage("a..b c..d").err("more than one range");
    usage("HEAD..HEAD..HEAD").err("more than one place");
    usage("").err("the range is empty");
    repo.dir.run(&["git", "--log-opts=--all"]).expect(2).err("is an option of git");
    repo.dir.run(&["git", "--range", "HEAD^{tree}..HEAD"]).expect(2).err("names no commit");
    // A key in the range itself is not shown.
    let key = repo.key();
    usage(&format!("{key}..HEAD")).err("names no commit");

    let empty = Repo::new();
    empty.dir.run(&["git", "--range", "HEAD..HEAD"]).expect(2).err("no commit yet");
}

#[test]
fn every_range_syntax_is_accepted() {
    let repo = Repo::with_base();
    let id = repo.commit("one");
    repo.dir.write("a", repo.key());
    repo.commit("two");
    repo.git(&["tag", "-am", "annotated", "v1"]);
    for range in
        ["HEAD~1..HEAD", "HEAD^..", "v1^..v1", &format!("{id}.."), &format!("{}..main", &id[..9])]
    {
        repo.scan(range, &[]).expect(1);
        repo.dir.run(&["git", "--log-opts", range]).expect(1);
    }
    repo.scan(" HEAD~1..HEAD ", &[]).expect(1);
    // `main@{0}` needs the reflog.
    repo.scan("main@{1}..main@{0}", &[]).expect(1);
}

#[test]
fn a_range_without_commits_is_not_clean() {
    let repo = Repo::with_base();
    let report = repo.scan("HEAD..HEAD", &[]).expect(3).json();
    assert_eq!(notices(&report), ["nothing-scanned"]);
    repo.scan("HEAD..HEAD", &["--allow-empty"]).expect(0);
    repo.commit("one");
    repo.scan("HEAD..HEAD~1", &[]).expect(3);
    repo.scan("HEAD~1..HEAD", &["--since", "2100-01-01"]).expect(0);
    repo.scan("HEAD~1..HEAD", &[]).expect(0);
}

#[test]
fn a_selection_narrows_the_range() {
    let repo = Repo::with_base();
    let keys: Vec<_> = (0..3).map(|_| repo.key()).collect();
    for (nth, key) in keys.iter().enumerate() {
        repo.dir.write(&format!("f{nth}"), key);
        repo.commit(&format!("c{nth}"));
    }
    repo.git(&["branch", "old", "HEAD~1"]);
    let found = |args: &[&str]| -> Vec<String> {
        let report = repo.scan("HEAD~3..HEAD", args).json();
        let found = repo.of(&report);
        found.iter().map(|line| line.split_once(',').unwrap().0.to_owned()).collect()
    };
    // The commits are of 1,700,002,000, 3,000 and 4,000 seconds.
    let date = |seconds: i64| format!("@{}", 1_700_000_000 + seconds);
    assert_eq!(found(&["--max-count", "1"]), ["f2: c2"]);
    assert_eq!(found(&["--since", &date(3000)]), ["f1: c1", "f2: c2"]);
    assert_eq!(found(&["--until", &date(3000)]), ["f0: c0", "f1: c1"]);
    assert_eq!(found(&["--until", &date(3000), "--max-count", "1"]), ["f1: c1"]);
    assert_eq!(found(&["--branch", "old"]), ["f0: c0", "f1: c1"]);
    assert_eq!(found(&["--branch", "old", "--branch", "main"]).len(), 3);
    repo.scan("HEAD~3..HEAD", &["--branch", "nope"]).expect(2).err("`nope`");
    let report = repo.scan("HEAD~3..HEAD", &["--max-count", "2"]).json();
    assert_eq!(report["scan"]["commits"], 2);
}

#[test]
fn a_shallow_clone_is_never_clean() {
    let repo = Repo::with_base();
    repo.git(&["tag", "start"]);
    repo.dir.write("old", repo.key());
    repo.commit("old key");
    repo.commit("three");
    repo.commit("four");
    let url = format!("file://{}", repo.dir.path().display());
    let clone = |depth: &str, name: &str| {
        repo.git(&["clone", "-q", "--no-tags", "--depth", depth, &url, name]);
    };
    let scan =
        |name: &str, range: &str| repo.dir.run(&["git", name, "-f", "json", "--range", range]);
    clone("1", "one");
    scan("one", "HEAD~1..HEAD").expect(2).err("shallow").err("fetch-depth: 0");
    scan("one", "HEAD~1...HEAD").expect(2).err("--unshallow");
    clone("2", "two");
    scan("two", "HEAD~1..HEAD").expect(0);
    scan("two", "HEAD~2..HEAD").expect(2).err("fetch-depth: 0");

    // The base is present but the commits in between are missing: their additions are in the tree
    // of the oldest commit that is present.
    repo.git(&["-C", "two", "fetch", "-q", "--depth", "1", "origin", "tag", "start"]);
    let report = scan("two", "start..HEAD").expect(1).json();
    assert_eq!(notices(&report), ["shallow"]);
    assert_eq!(report["scan"]["state"], "incomplete");
    let report = scan("two", "start...HEAD").expect(1).json();
    assert_eq!(notices(&report), ["shallow"]);

    std::fs::remove_file(repo.dir.path().join("old")).unwrap();
    std::fs::remove_dir_all(repo.dir.path().join("one")).unwrap();
    std::fs::remove_dir_all(repo.dir.path().join("two")).unwrap();
    repo.commit("removed");
    repo.commit("last");
    clone("2", "three");
    repo.git(&["-C", "three", "fetch", "-q", "--depth", "1", "origin", "tag", "start"]);
    let report = scan("three", "start..HEAD").expect(3).json();
    assert_eq!(notices(&report), ["shallow"]);
    assert!(report["scan"]["notices"][0]["message"].as_str().unwrap().contains("fetch-depth: 0"));
}

#[test]
fn missing_and_damaged_objects_are_reported() {
    let repo = Repo::with_base();
    for nth in 0..12 {
        repo.dir.write(&format!("f{nth:02}"), format!("{nth}"));
    }
    repo.commit("many");
    let id = repo.git(&["rev-parse", "HEAD:f03"]);
    std::fs::remove_file(repo.object_file(&id)).unwrap();
    let report = repo.scan("HEAD^..", &[]).expect(3).json();
    assert_eq!(notices(&report), ["missing-object"]);
    assert_eq!(report["scan"]["notices"][0]["path"], "f03");
    for nth in 0..12 {
        let id = repo.git(&["rev-parse", &format!("HEAD:f{nth:02}")]);
        let _ = std::fs::remove_file(repo.object_file(&id));
    }
    let report = repo.scan("HEAD^..", &[]).expect(3).json();
    assert_eq!(notices(&report), ["missing-object"; 11]);
    let messages = report["scan"]["notices"].to_string();
    assert!(messages.contains("2 more"), "{messages}");

    let repo = Repo::with_base();
    repo.dir.write("dir/a", "x");
    repo.dir.write("key", repo.key());
    repo.commit("two");
    let tree = repo.object_file(&repo.git(&["rev-parse", "HEAD:dir"]));
    std::fs::remove_file(&tree).unwrap();
    std::fs::write(&tree, b"not deflated").unwrap();
    // Findings take precedence over missing objects.
    let report = repo.scan("HEAD^..", &[]).expect(1).json();
    assert_eq!(notices(&report), ["damaged-object"]);
    // Without the base's tree, everything counts as new.
    let tree = repo.object_file(&repo.git(&["rev-parse", "HEAD~^{tree}"]));
    std::fs::remove_file(&tree).unwrap();
    repo.scan("HEAD^..", &[]).expect(1);
    // A commit in between is missing.
    let middle = repo.git(&["rev-parse", "HEAD"]);
    repo.commit("three");
    std::fs::remove_file(repo.object_file(&middle)).unwrap();
    let run = repo.scan("HEAD~2..HEAD", &[]);
    assert!(run.code != 0, "{run}");
    let base = repo.git(&["rev-parse", "main@{2}"]);
    let report = repo.scan(&format!("{base}..HEAD"), &[]).expect(1).json();
    assert!(notices(&report).contains(&"missing-object".to_owned()));
}

#[test]
fn a_partial_clone_reports_its_gaps() {
    let repo = Repo::with_base();
    repo.dir.write("a", "1");
    repo.commit("one");
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.dir.path().display());
    repo.git(&["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "clone"]);
    let report =
        repo.dir.run(&["git", "clone", "-f", "json", "--range", "HEAD~1.."]).expect(3).json();
    assert_eq!(notices(&report), ["missing-object"]);
    assert!(
        report["scan"]["notices"][0]["message"]
            .as_str()
            .unwrap()
            .contains("git fetch --refetch --no-filter")
    );
}

#[test]
fn utf16_utf32_links_and_submodules_work() {
    let repo = Repo::with_base();
    let key = repo.key();
    let wide: Vec<u8> =
        format!("\u{feff}a\r\nk={key}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    repo.dir.write("wide.txt", wide);
    repo.commit("wide");
    assert_eq!(repo.findings("HEAD^.."), ["wide.txt: wide, in HEAD; commit wide.txt:2 wide"]);

    let other = repo.key();
    let wide: Vec<u8> = format!("\u{feff}a\r\nk={other}")
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    repo.dir.write("utf32", wide);
    repo.commit("utf32");
    assert_eq!(repo.findings("HEAD^.."), ["utf32: utf32, in HEAD; commit utf32:2 utf32"]);

    let link = repo.key();
    std::os::unix::fs::symlink(&link, repo.dir.path().join("link")).unwrap();
    repo.commit("link");
    assert_eq!(repo.findings("HEAD^.."), ["link: link, in HEAD; commit link:1 link"]);

    let id = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")]);
    repo.git(&["commit", "-qm", "submodule"]);
    let report = repo.scan("HEAD^..", &[]).expect(0).json();
    assert_eq!(notices(&report), ["submodule"]);
}

#[test]
fn excluded_and_large_files_are_counted() {
    let repo = Repo::with_base();
    let (key, other) = (repo.key(), repo.key());
    repo.dir.write("docs/a", &key);
    repo.dir.write("big", format!("{other}{}", "x\n".repeat(5000)));
    repo.commit("two");
    let report =
        repo.scan("HEAD^..", &["--exclude", "docs/", "--max-file-size", "1K"]).expect(0).json();
    let skips = &report["scan"]["skips"];
    assert_eq!((&skips["excluded"], &skips["large"]), (&1.into(), &1.into()));
    assert_eq!(report["scan"]["blobs"], 0);
    // Excluded content was not searched: copied elsewhere, it is new.
    repo.dir.write("src/a", &key);
    repo.commit("three");
    repo.scan("HEAD^..", &[]).expect(0);
    let report = repo.scan("HEAD^..", &["--exclude", "docs/"]).expect(1).json();
    assert_eq!(places(&report), ["src/a:1:1-50"]);
}

#[test]
fn suppressions_hold_for_a_range() {
    let repo = Repo::with_base();
    let key = repo.key();
    repo.dir.write("a", &key);
    repo.commit("one");
    repo.dir.write("a", format!("{key} # keyside:allow a test key"));
    repo.commit("two");
    repo.scan("HEAD~2..", &["--trust-head"]).expect(0);
    repo.scan("HEAD~2..", &[]).expect(1);
    repo.dir.write(".keysideignore", "vendor/\n");
    repo.commit("three");
    repo.dir.write("vendor/b", repo.key());
    repo.commit("four");
    repo.scan("HEAD^..", &[]).expect(0);
    repo.scan("HEAD~2..", &[]).expect(1);
}

#[test]
fn every_kind_of_repository_is_read() {
    let repo = Repo::with_base();
    repo.dir.write("sub/dir/a", repo.key());
    repo.commit("add");
    let path = repo.dir.path();
    repo.git(&["clone", "-q", "--bare", ".", "bare.git"]);
    repo.git(&["worktree", "add", "-q", "--detach", "linked"]);
    let bare = path.join("bare.git").display().to_string();
    for place in ["sub/dir", "linked", &bare] {
        let report = repo.dir.run(&["git", place, "-f", "json", "--range", "HEAD^.."]);
        let report = report.expect(1).json();
        assert_eq!(report["findings"][0]["in_head"], true, "{place}");
        assert_eq!(places(&report), ["sub/dir/a:1:1-50"], "{place}");
    }
    let folder = path.join("sub/dir");
    let run = repo.dir.command(&["git", "--range", "HEAD^.."], b"");
    let inside = |command: &mut Command| {
        command.current_dir(folder);
    };
    run.with(inside).finish(&repo.dir).expect(1);
    // HEAD of a bare repository may name a missing branch.
    std::fs::write(path.join("bare.git/HEAD"), "ref: refs/heads/none\n").unwrap();
    let report = repo.dir.run(&["git", &bare, "-f", "json", "--range", "main^..main"]);
    let report = report.expect(1).json();
    assert!(report["findings"][0]["in_head"].is_null());
    repo.dir.run(&["git", &bare, "--range", "main^.."]).expect(2).err("no commit yet");
}

#[test]
fn grafts_hide_no_commit() {
    let repo = Repo::with_base();
    let base = repo.git(&["rev-parse", "HEAD"]);
    repo.dir.write("a", repo.key());
    repo.commit("key");
    repo.dir.write("a", "gone");
    let last = repo.commit("gone");
    repo.dir.write(".git/info/grafts", format!("{last} {base}\n"));
    let report = repo.scan(&format!("{base}..HEAD"), &[]).expect(1).json();
    assert_eq!(report["scan"]["commits"], 2);
}

#[test]
fn trees_of_billions_of_paths_are_read_once() {
    let repo = Repo::with_base();
    let key = repo.key();
    let file = repo.dir.write("leaf", &key);
    let blob = repo.git(&["hash-object", "-w", file.to_str().unwrap()]);
    let mktree = |lines: &str| {
        let list = repo.dir.write("list", lines);
        let input = std::fs::File::open(list).unwrap();
        let output = repo.command(&["mktree"]).stdin(input).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let mut tree = mktree(&format!("100644 blob {blob}\tleaf\n"));
    for _ in 0..40 {
        let lines: String = (0..10).map(|nth| format!("040000 tree {tree}\td{nth}\n")).collect();
        tree = mktree(&lines);
    }
    let commit = repo.git(&["commit-tree", "-m", "bomb", "-p", "HEAD", &tree]);
    let report = repo.scan(&format!("HEAD..{commit}"), &[]).expect(1).json();
    assert_eq!(report["scan"]["blobs"], 1);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    // With exclusions, paths matter, and there are too many to visit.
    let run = repo.scan(&format!("HEAD..{commit}"), &["--exclude", "d0/d1/d2"]).expect(1);
    assert!(notices(&run.json()).contains(&"damaged-object".to_owned()));
}

#[test]
fn threads_do_not_change_a_long_range() {
    let repo = Repo::with_base();
    let mut stream = String::new();
    for nth in 0..200 {
        let text = if nth % 40 == 7 { repo.key() } else { format!("text {nth}") };
        let from = if nth == 0 { "from refs/heads/main^0\n" } else { "" };
        stream += &format!(
            "commit refs/heads/main\ncommitter t <t@example.com> {} +0000\ndata 1\nc\n{from}\
             M 100644 inline d{}/f\ndata {}\n{text}\n\n",
            1_700_002_000 + nth,
            nth % 9,
            text.len()
        );
    }
    let input = std::fs::File::open(repo.dir.write("stream", stream)).unwrap();
    assert!(repo.command(&["fast-import", "--quiet"]).stdin(input).status().unwrap().success());
    let report = |threads: &str| {
        let run = repo.scan("main~200..main", &["-j", threads, "--exclude", "d8/"]).expect(1);
        let mut report = run.json();
        report["scan"]["duration_ms"] = 0.into();
        report
    };
    let one = report("1");
    assert_eq!(one["findings"].as_array().unwrap().len(), 5);
    assert_eq!(one["scan"]["commits"], 200);
    assert_eq!(one["scan"]["skips"]["excluded"], 1);
    assert_eq!(one, report("2"));
    assert_eq!(one, report("7"));
}
