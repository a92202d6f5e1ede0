//! Sentences are true of what keyside did: numbers, dates, reasons and advice.

use std::ffi::OsStr;
use std::fs;

use serde_json::{Value, json};

use crate::repo::{BEGIN, DAY, Repo, config, like, of, only};
use crate::support::{Dir, FORMATS, SECRET, notices};

/// The message of the only notice of a kind.
fn message(report: &Value, kind: &str) -> String {
    let notices = report["scan"]["notices"].as_array().unwrap();
    let of_kind: Vec<_> = notices.iter().filter(|notice| notice["kind"] == kind).collect();
    assert_eq!(of_kind.len(), 1, "{kind}: {report:#}");
    of_kind[0]["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_bare_repository_is_not_clean() {
    let repo = Repo::new();
    repo.add("a", config(&repo.dir.key(SECRET)));
    let dir = Dir::new();
    repo.git(&["clone", "-q", "--bare", ".", dir.path().join("x y.git").to_str().unwrap()]);
    // The repository itself, from above, from inside, packed; its objects were not read.
    for (folder, argument, named) in
        [("", "x y.git", "'x y.git'"), ("", ".", "'x y.git'"), ("x y.git", ".", ".")]
    {
        let whole = dir.path().join(folder);
        let command = dir.command(&["scan", argument, "-f", "json"], b"").with(|command| {
            command.current_dir(whole);
        });
        let report = command.finish(&dir).expect(3).json();
        assert_eq!(notices(&report), ["bare-repository"], "{argument}");
        let text = message(&report, "bare-repository");
        assert!(text.contains(&format!("`keyside git {named}`")), "{text}");
    }
    dir.run(&["git", "x y.git"]).expect(1);
    dir.run(&["scan", ".", "--exclude", "*.git", "--allow-empty"]).expect(0);
    // Packed, with a link for a HEAD; and the objects alone.
    dir.run(&["scan", "x y.git/objects"]).expect(1);
    repo.git(&["-C", dir.path().join("x y.git").to_str().unwrap(), "gc", "-q"]);
    let head = dir.path().join("x y.git/HEAD");
    fs::remove_file(&head).unwrap();
    std::os::unix::fs::symlink("refs/heads/main", head).unwrap();
    let report = dir.run(&["scan", "-f", "json"]).expect(3).json();
    assert_eq!(notices(&report), ["bare-repository"]);
    dir.run(&["scan", "x y.git/objects"]).expect(1);
    // Neither a checkout nor a file of that name is one.
    let report = dir.run(&["scan", repo.path().to_str().unwrap(), "-f", "json"]).expect(1).json();
    assert_eq!(notices(&report), [""; 0]);
    let dir = Dir::new();
    dir.write("a/HEAD", "ref: refs/heads/main\n");
    fs::create_dir_all(dir.path().join("a/objects")).unwrap();
    dir.run(&["scan"]).expect(0);
}

#[test]
fn numbers_are_of_the_chosen_commits() {
    let repo = Repo::new();
    for name in ["a", "b", "c"] {
        repo.add(name, format!("{name}\n"));
    }
    let day = |nth: i64| format!("@{}", BEGIN + nth * DAY);
    let size = |revisions: &[&str]| -> u64 {
        let sizes = revisions.iter().map(|id| repo.git(&["cat-file", "-s", id]));
        sizes.map(|size| size.parse::<u64>().unwrap()).sum()
    };
    let tests: &[(&[&str], u64, &[&str])] = &[
        (&["--max-count", "1"], 1, &["HEAD", "HEAD:c"]),
        (&["--max-count", "2"], 2, &["HEAD", "HEAD:c", "HEAD~1", "HEAD:b"]),
        (&["--until", &day(1)], 1, &["HEAD~2", "HEAD:a"]),
        (&["--branch", "HEAD~2"], 1, &["HEAD~2", "HEAD:a"]),
    ];
    for (args, commits, objects) in tests {
        like(
            &repo.report(args, 0)["scan"],
            &json!({ "commits": commits, "blobs": commits, "bytes": size(objects) }),
        );
    }
    // A choice that leaves none is no gap, in history and in a range.
    for args in [
        &["--since", &day(99)][..],
        &["--until", &day(-9)],
        &["--max-count", "0"],
        &["--branch", "main", "--since", "2099-01-01"],
        &["--range", "HEAD~1..", "--since", "2099-01-01"],
    ] {
        let report = repo.report(args, 0);
        assert_eq!(notices(&report), ["nothing-chosen"], "{args:?}");
        like(
            &report["scan"],
            &json!({ "commits": 0, "blobs": 0, "bytes": 0, "state": "complete" }),
        );
        repo.dir
            .run(&[&["git"], args].concat())
            .expect(0)
            .out("note: no commit is left by --since");
    }
    repo.keyside(&["--range", "HEAD..HEAD"]).expect(3);
    Repo::new().keyside(&["--since", "2001-01-01"]).expect(3);
}

#[test]
fn either_date_chooses_a_commit() {
    let repo = Repo::new();
    repo.add("a", "a");
    // An old commit that was rebased lately, and one whose author's clock was ahead.
    for (author, committer) in [(-400, 500), (500, -400)] {
        let date = |days: i64| format!("@{} +0000", BEGIN + days * DAY);
        repo.write("b", format!("{author}"));
        repo.git(&["add", "b"]);
        let (author, committer) = (date(author), date(committer));
        let dates = [
            ("GIT_AUTHOR_DATE", OsStr::new(&author)),
            ("GIT_COMMITTER_DATE", OsStr::new(&committer)),
        ];
        assert!(repo.git_with("", &["commit", "-q", "-m", "x"], b"", &dates).status.success());
    }
    let commits = |args: &[&str]| repo.report(args, 0)["scan"]["commits"].as_u64().unwrap();
    let day = |nth: i64| format!("@{}", BEGIN + nth * DAY);
    assert_eq!(commits(&["--since", &day(450)]), 2);
    assert_eq!(commits(&["--until", &day(-300)]), 2);
    assert_eq!(commits(&["--since", &day(-300), "--until", &day(450)]), 1);
    assert_eq!(commits(&["--range", "HEAD~2..", "--since", &day(450)]), 2);
    assert_eq!(commits(&["--range", "HEAD~2..", "--until", &day(-300)]), 2);
}

#[test]
fn advice_about_ranges_works() {
    let repo = Repo::new();
    repo.add("a", "a");
    repo.add("b", "b");
    let refused = |range: &str| {
        let run = repo.dir.run(&["git", &format!("--log-opts={range}")]).expect(2);
        assert!(!run.stderr.contains("git fetch"), "{run}");
        run
    };
    let zeros = "0".repeat(40);
    refused(&format!("{zeros}..HEAD")).err("id of zeros").err("--branch HEAD");
    let root = repo.id("HEAD~1");
    for range in ["HEAD~2..HEAD", "HEAD^^..HEAD", &format!("{root}^..HEAD"), "main~9..main"] {
        refused(range).err("history does not go back that far");
    }
    repo.dir.run(&["git", "--branch", "HEAD"]).expect(0);
    let run = refused("HEAD^!").err("`HEAD^..HEAD`");
    assert!(!run.stderr.contains("HEAD^!.."), "{run}");
    for args in [&["--log-opts", "-1"][..], &["--range", "-p"], &["--log-opts=--all"]] {
        let run = repo.dir.run(&[&["git"], args].concat()).expect(2).err("is an option of git");
        assert!(!run.stderr.contains("-- -"), "{run}");
    }
    refused("nope..HEAD").err("`nope` names no commit here");
    repo.git(&["remote", "add", "origin", "/nowhere"]);
    repo.dir.run(&["git", "--range", "nope..HEAD"]).expect(2).err("git fetch");
}

#[test]
fn commits_are_read_in_their_own_encoding() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    for (encoding, name, text) in [
        ("ISO-8859-1", &b"J\xfcrgen"[..], &b"F\xfcge hinzu"[..]),
        ("windows-1251", b"\xcf\xb8\xf2\xf0", b"\xca\xeb\xfe\xf7"),
        ("Shift_JIS", b"\x91\xbe\x98\x59", b"\x8c\xae"),
        ("EUC-KR", b"\xb1\xe8", b"\xbf\xad\xbc\xe8"),
        ("UTF-8", "Zoë".as_bytes(), "Schlüssel".as_bytes()),
        ("no-such-encoding", b"Ada", b"Key"),
    ] {
        let tree = {
            repo.write("k", &key);
            repo.git(&["add", "k"]);
            repo.git(&["write-tree"])
        };
        let who = [name, b" <a@example.com> 1700000000 +0000"].concat();
        let commit = [
            format!("tree {tree}\nauthor ").as_bytes(),
            &who,
            b"\ncommitter ",
            &who,
            format!("\nencoding {encoding}\n\n").as_bytes(),
            text,
            b"\n",
        ]
        .concat();
        let id = repo.git_in("", &["hash-object", "-t", "commit", "-w", "--stdin"], &commit);
        repo.git(&["update-ref", "refs/heads/main", &id]);
        let seen = only(&repo.report(&[], 1))["first_seen"].clone();
        let git = repo.git(&["log", "-1", "--format=%an%n%s"]);
        let git = git.split_once('\n').unwrap();
        assert_eq!((seen["author"].as_str().unwrap(), seen["summary"].as_str().unwrap()), git);
        fs::remove_dir_all(repo.path().join(".git")).unwrap();
        repo.git(&["init", "-q"]);
    }
}

#[test]
fn nobody_is_blamed_where_history_is_cut_off() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("f", config(&key));
    for _ in 0..2 {
        repo.add("g", "g");
    }
    repo.write("g", "later");
    repo.git(&["add", "g"]);
    repo.tick();
    let innocent = [("GIT_AUTHOR_NAME", "Innocent"), ("GIT_AUTHOR_EMAIL", "in@example.com")];
    let innocent = innocent.map(|(name, value)| (name, OsStr::new(value)));
    let output = repo.git_with("", &["commit", "-q", "-m", "Blameless"], b"", &innocent);
    assert!(output.status.success());
    let later = repo.dir.key(SECRET);
    repo.add("h", config(&later));
    let dir = Dir::new();
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth", "2", &url, dir.path().join("s").to_str().unwrap()]);
    for format in FORMATS {
        let run = dir.run(&["git", "s", "-f", format, "-v"]).expect(1);
        assert!(!run.stdout.contains("Innocent") && !run.stdout.contains("Blameless"), "{run}");
    }
    let report = dir.run(&["git", "s", "-f", "json"]).expect(1).json();
    like(
        &of(&report, &key),
        &json!({
            "first_seen": { "boundary": true, "author": "", "email": "", "summary": "" },
            "age_days": null, "past_rotation": null
        }),
    );
    like(&of(&report, &later), &json!({ "first_seen": { "boundary": false, "author": "Ada" } }));
    dir.run(&["git", "s"]).expect(1).out("= seen at or before ");
    // A whole clone knows better.
    assert_eq!(of(&repo.report(&[], 1), &key)["first_seen"]["boundary"], false);
}

#[test]
fn a_date_in_the_future_is_no_age() {
    let repo = Repo::new();
    repo.write("k", repo.dir.key(SECRET));
    repo.git(&["add", "k"]);
    let dates = [("GIT_AUTHOR_DATE", OsStr::new("@4102444800 +0000"))];
    assert!(repo.git_with("", &["commit", "-q", "-m", "x"], b"", &dates).status.success());
    assert_eq!(repo.finding()["age_days"], Value::Null);
    let run = repo.dir.run(&["git"]).expect(1).out("= seen").out("2100-01-01");
    assert!(!run.stdout.contains("ago") && !run.stdout.contains("today"), "{run}");
}

#[test]
fn a_key_that_another_checkout_has_is_not_past() {
    let repo = Repo::new();
    repo.add("a", "a");
    let tree = repo.dir.home().join("linked");
    repo.git(&["worktree", "add", "-q", "--detach", tree.to_str().unwrap()]);
    fs::write(tree.join("k"), repo.dir.key(SECRET)).unwrap();
    for args in [&["add", "k"][..], &["commit", "-q", "-m", "k"]] {
        repo.git(&[&["-C", tree.to_str().unwrap()], args].concat());
    }
    let run = repo.dir.run(&["git"]).expect(1).out("checked out in the worktree linked");
    assert!(!run.stdout.contains("only a past commit"), "{run}");
    let finding = repo.finding();
    assert_eq!((&finding["in_head"], &finding["removed_in"]), (&json!(false), &Value::Null));
    // Seen from there, it is in HEAD, and of the main checkout likewise.
    let from_there = repo.dir.run(&["git", tree.to_str().unwrap(), "-f", "json"]).expect(1).json();
    assert_eq!(only(&from_there)["in_head"], true);
    repo.git(&["checkout", "-q", "--detach", "HEAD"]);
    repo.add("l", repo.dir.key(SECRET));
    let run = repo.dir.run(&["git", tree.to_str().unwrap()]).expect(1);
    run.out("checked out in the main worktree");
}

#[test]
fn each_file_counts_once() {
    let dir = Dir::new();
    dir.write("c/f", dir.key(SECRET));
    dir.write("c/d/g", "x");
    let whole = dir.path().join("c");
    let whole = whole.to_str().unwrap();
    for paths in [&["c", "c/f", "c", "./c", whole][..], &["c/d", "c/f", "c"], &[".", "c/d/g"]] {
        let report = dir.run(&[&["scan", "-f", "json"], paths].concat()).expect(1).json();
        assert_eq!(report["scan"]["files"], 2, "{paths:?}");
        assert_eq!(only(&report)["occurrences"].as_array().unwrap().len(), 1, "{paths:?}");
    }
    // A folder that git ignores is read if it is named, beside the one above it.
    let dir = Dir::repository();
    dir.write(".gitignore", "out\n");
    dir.write("out/k", dir.key(SECRET));
    dir.run(&["scan", "."]).expect(0);
    dir.run(&["scan", ".", "out"]).expect(1).out("2 files");
}

#[test]
fn reasons_and_advice_fit() {
    let dir = Dir::new();
    for path in ["nope", "no/such/"] {
        let run = dir.run(&["scan", path]).expect(3).out("no such file");
        assert!(!run.stdout.contains("--no-ignore"), "{run}");
    }
    fs::create_dir(dir.path().join("e")).unwrap();
    dir.run(&["scan", "e"]).expect(3).out("--no-ignore");
    let run = dir.run(&["scan", "e", "--no-ignore"]).expect(3).out("--allow-empty");
    assert!(!run.stdout.contains("--no-ignore"), "{run}");
    dir.write("x/a", "a");
    dir.run(&["scan", "x", "--exclude", "a"]).expect(3).out("excluded or skipped");
    // UTF-16 with the line ends of Windows.
    let text = format!("a\r\n  key={}\r\nz\r\n", dir.key(SECRET));
    for (name, bytes) in [
        ("le", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
        ("be", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
    ] {
        let mark: &[u8] = if name == "le" { b"\xff\xfe" } else { b"\xfe\xff" };
        dir.write(name, [mark, &bytes].concat());
        let report = dir.run(&["scan", name, "-f", "json"]).expect(1).json();
        assert_eq!(only(&report)["occurrences"][0]["line"], "  key=[REDACTED]", "{name}");
    }
}

#[test]
fn what_is_staged_without_news_is_not_called_nothing() {
    let repo = Repo::new();
    repo.add("a", "a");
    repo.add("gone", "gone");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.add("c", "c");
    repo.git(&["checkout", "-q", "main"]);
    repo.add("d", "d");
    repo.git(&["merge", "-q", "--no-commit", "side"]);
    let says_so = || {
        for args in [&["git", "--staged"][..], &["hook", "pre-commit"]] {
            let run = repo.dir.run(args).expect(0).err("nothing new is staged");
            assert!(!run.stderr.contains("nothing is staged"), "{run}");
        }
    };
    says_so();
    repo.commit("merge");
    repo.git(&["rm", "-q", "gone"]);
    says_so();
}

#[test]
fn stores_of_refs_and_extensions_are_named() {
    let repo = Repo::new();
    repo.add("a", config(&repo.dir.key(SECRET)));
    repo.git(&["config", "core.repositoryformatversion", "1"]);
    for (setting, value, says) in [
        ("refStorage", "files", ""),
        ("preciousObjects", "true", ""),
        ("worktreeConfig", "true", ""),
        ("relativeWorktrees", "true", ""),
        ("refStorage", "reftable", "has no folder `reftable`"),
        ("refStorage", "elsewhere", "`elsewhere`"),
        ("newFeature", "true", "`newfeature`"),
        ("objectFormatTwo", "sha1", "`objectformattwo`"),
    ] {
        repo.git(&["config", "--file", ".git/config", &format!("extensions.{setting}"), value]);
        let code = if says.is_empty() { 1 } else { 2 };
        let run = repo.keyside(&[]).expect(code);
        assert!(says.is_empty() || run.stderr.contains(says), "{setting} = {value}: {run}");
        fs::write(
            repo.path().join(".git/config"),
            "[core]\n\trepositoryformatversion = 1\n\tbare = false\n",
        )
        .unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_was_deleted_is_named_as_that() {
    let dir = Dir::new();
    let kept = dir.write("kept", "x");
    fs::create_dir(dir.path().join("gone")).unwrap();
    let shell = |args: &str| {
        let keyside = env!("CARGO_BIN_EXE_keyside");
        let script = format!(
            "cd gone && rmdir ../gone && '{keyside}' {args}; c=$?; mkdir ../gone 2>/dev/null || mkdir '{}'; exit $c",
            dir.path().join("gone").display()
        );
        dir.command_of("/bin/sh".as_ref(), &["-c", &script], b"").finish(&dir)
    };
    for args in ["scan", "scan .", "git", "git --staged", "install-hook"] {
        shell(args).expect(2).err("the current folder no longer exists");
    }
    shell(&format!("scan '{}'", kept.display())).expect(0);
}

#[test]
fn what_was_not_searched_is_counted_by_reason_everywhere() {
    let dir = Dir::repository();
    dir.write("a.rar", b"Rar!\x1a\x07....");
    dir.write("b.rar", b"Rar!\x1a\x07....");
    dir.write("c.png", b"\x89PNG\r\n\x1a\n....");
    dir.write("large", "x".repeat(200));
    dir.write("left-out", "x");
    let args = ["scan", "--max-file-size", "100", "--exclude", "left-out"];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("large", dir.path().join("link")).unwrap();
        assert!(
            std::process::Command::new("mkfifo")
                .arg(dir.path().join("p"))
                .status()
                .unwrap()
                .success()
        );
        let report = dir.run(&[&args[..], &["-f", "json"]].concat()).expect(0).json();
        let skips = json!({
            "media": 1, "archives": 2, "special": 1, "links": 1, "large": 1, "excluded": 1
        });
        assert_eq!(report["scan"]["skips"], skips);
        assert_eq!(report["scan"]["skipped"], 7);
        let sentence = ["1 media skipped", "2 compressed, not opened", "1 too large skipped"];
        let sentence =
            [&sentence[..], &["1 excluded", "1 link not followed", "1 special file skipped"]];
        let (human, html) = (dir.run(&args), dir.run(&[&args[..], &["-f", "html"]].concat()));
        for part in sentence.concat() {
            assert!(human.stdout.contains(part) && html.stdout.contains(part), "{part}: {human}");
        }
        dir.run(&[&args[..], &["-f", "sarif"]].concat()).out("compressed and not opened: 2");
    }
    // In git, too.
    let repo = Repo::new();
    repo.add("first", "first");
    repo.add("a.rar", b"Rar!\x1a\x07...");
    repo.write("b.rar", b"Rar!\x1a\x07....");
    repo.git(&["add", "b.rar"]);
    for (args, archives) in [
        (&["--staged"][..], 1),
        (&["--range", "HEAD~1.."], 1),
        (&["--max-count", "1"], 1),
        (&["--branch", "HEAD~1"], 0),
        (&[], 2),
    ] {
        assert_eq!(repo.report(args, 0)["scan"]["skips"]["archives"], archives, "{args:?}");
    }
}

#[test]
fn the_schema_knows_the_reasons_and_notices() {
    let schema = fs::read_to_string("docs/report.schema.json").unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let reasons = &schema["$defs"]["Skips"]["properties"];
    let report = Dir::new().run(&["scan", "--allow-empty", "-f", "json"]).json();
    let names = |value: &Value| -> Vec<String> {
        let mut names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(names(reasons), names(&report["scan"]["skips"]));
    assert!(reasons.as_object().unwrap().values().all(|own| own["description"].is_string()));
    let formats = fs::read_to_string("docs/formats.md").unwrap();
    for reason in names(reasons) {
        assert!(formats.contains(&format!("`{reason}`")), "docs/formats.md lacks `{reason}`");
    }
}

#[test]
fn paths_begin_at_the_repository_that_holds_the_file() {
    let repo = Repo::new();
    repo.add("sub/k", config(&repo.dir.key(SECRET)));
    let elsewhere = Dir::new();
    let other = Repo::new();
    let (whole, sub) = (repo.path().to_owned(), repo.path().join("sub"));
    let starts = [elsewhere.path(), other.path(), &whole, &sub, whole.parent().unwrap()];
    for start in starts {
        for target in [&whole, &sub, &sub.join("k")] {
            let relative =
                if *target == sub && start == sub { ".".as_ref() } else { target.as_path() };
            for (format, expected) in [
                ("sarif", "\"uri\": \"sub/k\""),
                ("gitlab", "\"file\": \"sub/k\""),
                ("github", "file=sub/k,"),
            ] {
                let args = ["scan", relative.to_str().unwrap(), "-f", format];
                let run = elsewhere.command(&args, b"").with(|command| {
                    command.current_dir(start);
                });
                let run = run.finish(&elsewhere).expect(1).out(expected);
                assert!(!run.stderr.contains("repositories"), "{run}");
            }
        }
    }
    // A folder of clones: of one only, paths are those of the one; of several, a note says that they
    // cannot be.
    let folder = Dir::new();
    for name in ["one", "two"] {
        repo.git(&["clone", "-q", ".", folder.path().join(name).to_str().unwrap()]);
        let run = folder.run(&["scan", ".", "-f", "sarif"]).expect(1);
        match name {
            "one" => drop(run.out("\"uri\": \"sub/k\"")),
            _ => drop(run.err("in 2 repositories").out("\"uri\": \"two/sub/k\"")),
        }
    }
    let sha = repo.id("HEAD");
    elsewhere.run(&["scan", whole.to_str().unwrap(), "-f", "gitlab"]).expect(1).out(&sha);
}

#[test]
fn history_says_nothing_of_sides_it_does_not_know() {
    let repo = Repo::new();
    repo.add("k", config(&repo.dir.key(SECRET)));
    let page = repo.dir.run(&["git", "-f", "html"]).expect(1);
    assert!(!page.stdout.contains("reach clients"), "{page}");
    repo.dir.run(&["scan", "-f", "html"]).expect(1).out("reach clients");
}
