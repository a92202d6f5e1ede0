//! Repositories of every kind: nested ones, bundles and packs, borrowed objects, partial clones, stores of
//! other programs, and the files beside the objects.

use std::fs;

use serde_json::{Value, json};

use crate::repo::{REF_FORMATS, Repo, config, like, of, only};
use crate::support::{OBJECT_FORMATS, SECRET, notices, with_each_object_format};

/// The message of the only notice of a kind.
fn message(report: &Value, kind: &str) -> String {
    let all = report["scan"]["notices"].as_array().unwrap();
    let own: Vec<_> = all.iter().filter(|notice| notice["kind"] == kind).collect();
    assert_eq!(own.len(), 1, "{kind}: {report:#}");
    format!("{}: {}", own[0]["path"].as_str().unwrap_or("-"), own[0]["message"].as_str().unwrap())
}

/// Makes a repository with a removed key in a subfolder of another one.
fn nested(repo: &Repo, folder: &str) -> String {
    let key = repo.dir.key(SECRET);
    repo.git(&["init", "-q", folder]);
    repo.write(&format!("{folder}/old.env"), config(&key));
    repo.git_in(folder, &["add", "old.env"], b"");
    repo.git_in(folder, &["commit", "-q", "-m", "Add"], b"");
    repo.git_in(folder, &["rm", "-q", "old.env"], b"");
    repo.git_in(folder, &["commit", "-q", "-m", "Remove"], b"");
    repo.write(&format!("{folder}/f"), "x");
    key
}

#[test]
fn histories_inside_are_named_or_searched() {
    let repo = Repo::new();
    repo.write(".gitignore", "/ignored\n");
    repo.add("f", "x");
    let one = nested(&repo, "one");
    let tree = || repo.dir.run(&["scan", "-f", "json"]).expect(0).json();
    assert!(message(&tree(), "nested-repository").starts_with("one: "), "{:#}", tree());
    assert_eq!(tree()["scan"]["state"], "complete");
    let [deep, ignored] = ["a/b/two", "ignored/three"].map(|folder| nested(&repo, folder));
    let bare = nested(&repo, "source");
    repo.git(&["clone", "-q", "--bare", "source", "bare.git"]);
    fs::remove_dir_all(repo.path().join("source")).unwrap();
    repo.git(&["worktree", "add", "-q", "--detach", "linked"]);
    let run = repo.dir.run(&["scan", "-f", "json", "--exclude", "/bare.git"]).expect(0);
    let named = message(&run.json(), "nested-repository");
    assert!(named.contains("2 repositories") && named.contains("a/b/two, one"), "{named}");
    repo.report(&[], 0);
    let report = repo.report(&["--recursive"], 1);
    assert_eq!(notices(&report), [""; 0], "{report:#}");
    for (key, path) in [
        (&one, "one/old.env"),
        (&deep, "a/b/two/old.env"),
        (&ignored, "ignored/three/old.env"),
        (&bare, "bare.git/old.env"),
    ] {
        let expected = json!({ "first_seen": { "path": path, "summary": "Add" },
                               "removed_in": { "summary": "Remove" } });
        like(&of(&report, key), &expected);
    }
    // One of them is damaged, one excluded.
    fs::write(repo.path().join("one/.git/HEAD"), "garbage").unwrap();
    let report = repo.report(&["--recursive", "--exclude", "/a"], 1);
    assert!(report["scan"]["notices"].to_string().contains("one/.git/HEAD"), "{report:#}");
    assert_eq!(report["findings"].as_array().unwrap().len(), 3);
    repo.keyside(&["--recursive", "--staged"]).expect(2);
}

#[test]
fn bundles_and_packs_are_repositories() {
    with_each_object_format(|| REF_FORMATS.into_iter().for_each(bundles_and_packs));
}

fn bundles_and_packs(format: &str) {
    let repo = Repo::stored(format);
    let [old, new] = [(); 2].map(|()| repo.dir.key(SECRET));
    let lines = "a line that both versions have\n".repeat(40);
    let first = repo.add("a.env", config(&old));
    repo.add("f", &lines);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.git(&["rm", "-q", "a.env"]);
    repo.add("f", format!("{lines}another\n"));
    repo.add("b.env", config(&new));
    repo.git(&["tag", "-a", "-m", "x", "v1"]);
    repo.git(&["bundle", "create", "-q", "all.bundle", "--all", "HEAD"]);
    let report = repo.report(&["all.bundle"], 1);
    assert_eq!(notices(&report), [""; 0]);
    like(
        &of(&report, &old),
        &json!({ "in_head": false, "branches": ["main"], "first_seen": repo.first(&first, "a.env") }),
    );
    like(&of(&report, &new), &json!({ "in_head": true, "branches": ["side"] }));
    only(&repo.report(&["all.bundle", "--range", "main..side"], 1));
    // A pack has no references, and says nothing of its format.
    for by_offset in ["true", "false"] {
        let set = format!("repack.useDeltaBaseOffset={by_offset}");
        repo.git(&["-c", &set, "repack", "-adfq"]);
        let pack = repo.pack().with_extension("pack");
        let report = repo.report(&[pack.to_str().unwrap()], 1);
        assert_eq!(notices(&report), [""; 0]);
        like(&of(&report, &new), &json!({ "occurrences": [{ "source": "unreachable" }] }));
    }
    // A bundle of what came later, of which a file is stored as a difference from one before.
    repo.git(&["bundle", "create", "-q", "later.bundle", "main..side"]);
    let report = repo.report(&["later.bundle"], 1);
    only(&report);
    of(&report, &new);
    assert!(message(&report, "shallow").contains("not in it (1: "), "{report:#}");
    let told = report["scan"]["notices"].to_string();
    assert!(told.contains("`git fetch later.bundle`"), "{told}");
    assert!(told.contains("left out on purpose"), "{told}");
    // One whose files a filter leaves out.
    repo.git(&["bundle", "create", "-q", "bare.bundle", "--filter=blob:none", "--all"]);
    let report = repo.report(&["bare.bundle"], 3);
    let missing = message(&report, "missing-object");
    assert!(missing.contains("left out on purpose") && !missing.contains("git f"), "{missing}");
    // One without anything to find is not clean, as not all of it could be read.
    repo.git(&["branch", "early", "side~1"]);
    repo.git(&["bundle", "create", "-q", "thin.bundle", "main..early"]);
    let run = repo.keyside(&["thin.bundle"]).expect(3);
    assert!(message(&run.json(), "shallow").contains("not in it"), "{run}");
    let bytes = fs::read(repo.path().join("all.bundle")).unwrap();
    for (name, bytes) in [
        ("cut.bundle", &bytes[..bytes.len() - 30]),
        ("short.bundle", &bytes[..40]),
        ("changed.bundle", &[&bytes[..bytes.len() - 40], &[0; 40]].concat()),
        ("empty.bundle", b"# v3 git bundle\n@object-format=sha256\n\nPACK"),
        ("new.bundle", b"# v3 git bundle\n@object-format=sha512\n\nPACK"),
    ] {
        fs::write(repo.path().join(name), bytes).unwrap();
        repo.keyside(&[name]).expect(2).err(name);
    }
    // Its settings are its own, wherever it lies.
    let elsewhere = Repo::without();
    fs::copy(repo.path().join("all.bundle"), elsewhere.path().join("all.bundle")).unwrap();
    let of_side = ["all.bundle", "--range", "main..side"];
    only(&elsewhere.report(&of_side, 1));
    elsewhere.git(&["init", "-q", "."]);
    elsewhere.write("keyside.toml", "exclude = [\"*.env\"]\n");
    elsewhere.commit("Settings");
    only(&elsewhere.report(&of_side, 1));
    elsewhere.keyside(&["all.bundle", "--staged"]).expect(2).err("nothing is staged");
    repo.write("no.bundle", "text");
    repo.keyside(&["no.bundle"]).expect(1);
}

/// Every repository that `git init` makes, by its flags: each mode finds what git shows, and nothing else.
#[test]
fn every_repository_that_git_init_makes_is_read() {
    let template = Repo::without();
    template.write("template/info/exclude", "*.tmp\n");
    template.write("template/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    let template = format!("--template={}", template.path().join("template").display());
    let empty = "--template=".to_owned();
    let layouts: [&[&str]; 9] = [
        &[],
        &["--bare"],
        &["--separate-git-dir=../git-dir"],
        &["--shared=group"],
        &["--shared=0640"],
        &["--initial-branch=trunk/long-name"],
        &[&template],
        &[&empty],
        &["--bare", "--shared=all", "--initial-branch=trunk", &empty],
    ];
    let formats = OBJECT_FORMATS.map(|objects| REF_FORMATS.map(|references| (objects, references)));
    let formats = formats.concat();
    for (nth, layout) in layouts.into_iter().enumerate() {
        // All formats of the plainest; the others take turns.
        let all = if nth == 0 { &formats[..] } else { &formats[nth % 4..][..1] };
        for (objects, references) in all {
            let flags =
                [format!("--object-format={objects}"), format!("--ref-format={references}")];
            for has_worktree in
                [false, true].into_iter().filter(|own| nth == 0 || *own == (nth % 2 == 0))
            {
                initialised(&flags.each_ref().map(String::as_str), layout, has_worktree);
            }
        }
    }
}

/// Makes a repository with these flags of `git init`, and one commit with a key in it, one without, and a staged
/// key, and compares what each mode finds with what git shows.
fn initialised(formats: &[&str], layout: &[&str], has_worktree: bool) {
    let outer = Repo::without();
    fs::create_dir(outer.path().join("r")).unwrap();
    let args = [&["init", "-q"], formats, layout, &["."]].concat();
    if !outer.try_git("r", &args, b"").status.success() {
        // A version of git that does not know the formats.
        return;
    }
    let keys: Vec<String> = (0..4).map(|_| outer.dir.key(SECRET)).collect();
    let [old, kept, staged, outside] = [0, 1, 2, 3].map(|nth| keys[nth].as_str());
    let is_bare = layout.contains(&"--bare");
    let mut checkout = "r";
    let branch = outer.git_in("r", &["symbolic-ref", "HEAD"], b"");
    let stream = format!(
        "commit {branch}\ncommitter A <a@e.com> 1700000000 +0000\ndata 1\nx\n\
         M 100644 inline old.env\ndata {}\n{}\n\
         commit {branch}\ncommitter A <a@e.com> 1700000100 +0000\ndata 1\ny\n\
         D old.env\nM 100644 inline kept.env\ndata {}\n{}\n",
        config(old).len(),
        config(old),
        config(kept).len(),
        config(kept)
    );
    outer.git_in("r", &["fast-import", "--quiet"], stream.as_bytes());
    if has_worktree {
        outer.git_in("r", &["worktree", "add", "-q", "-b", "other", "../w"], b"");
        checkout = "w";
    } else if is_bare {
        checkout = "";
    } else {
        outer.git_in("r", &["reset", "-q", "--hard"], b"");
    }
    let shown = outer.git_in("r", &["log", "--all", "-p", "--format="], b"");
    assert_eq!(keys.iter().filter(|key| shown.contains(*key)).count(), 2);
    let run = |folder: &str, args: &[&str]| {
        let path = outer.path().join(folder);
        let command = outer.dir.command(&[args, &["-f", "json"]].concat(), b"");
        command.with(|command| _ = command.current_dir(path)).finish(&outer.dir)
    };
    let found = |folder: &str, args: &[&str], wanted: &[&str]| {
        let run = run(folder, args);
        assert_eq!(
            run.code,
            i32::from(!wanted.is_empty()),
            "{formats:?} {layout:?} {args:?}\n{run}"
        );
        let report = run.json();
        assert_eq!(
            report["findings"].as_array().unwrap().len(),
            wanted.len(),
            "{args:?} {report:#}"
        );
        wanted.iter().for_each(|key| drop(of(&report, key)));
    };
    for folder in ["r", "w"].into_iter().filter(|folder| *folder == "r" || has_worktree) {
        found(folder, &["git"], &[old, kept]);
        found(folder, &["git", "--range", "HEAD~1..HEAD"], &[kept]);
        // A bare repository keeps no log of what HEAD was.
        let past = ["git", "--range", "HEAD@{0}~1..@"];
        match outer.try_git(folder, &["rev-parse", "HEAD@{0}~1"], b"").status.success() {
            true => found(folder, &past, &[kept]),
            false => assert_eq!(run(folder, &past).code, 2),
        }
    }
    if checkout.is_empty() {
        // Nothing is checked out: what lies there are objects.
        assert_eq!(run("r", &["scan", "."]).code, 3);
        return;
    }
    outer.write(&format!("{checkout}/staged.env"), config(staged));
    outer.git_in(checkout, &["add", "staged.env"], b"");
    outer.write(&format!("{checkout}/outside.env"), config(outside));
    found(checkout, &["git", "--staged"], &[staged]);
    found(checkout, &["scan"], &[kept, staged, outside]);
    found(checkout, &["git"], &[old, kept, staged]);
}

#[test]
fn borrowed_objects_are_named_and_left_out_on_demand() {
    let lender = Repo::new();
    let [lent, own] = [(); 2].map(|()| lender.dir.key(SECRET));
    lender.add("a.env", config(&lent));
    let borrower = Repo::without();
    borrower.git(&["clone", "-q", "--shared", lender.path().to_str().unwrap(), "."]);
    borrower.git(&["checkout", "-q", "--orphan", "own"]);
    borrower.git(&["rm", "-q", "-r", "-f", "."]);
    borrower.add("b.env", config(&own));
    let report = borrower.report(&[], 1);
    of(&report, &lent);
    assert!(message(&report, "alternates").contains("--no-alternates"));
    let report = borrower.report(&["--no-alternates"], 1);
    only(&report);
    like(&of(&report, &own), &json!({ "in_head": true }));
    assert!(!notices(&report).contains(&"alternates".to_owned()), "{report:#}");
    // Changes, too, are read from the own objects alone.
    borrower.write("c.env", config(&own));
    borrower.git(&["add", "c.env"]);
    only(&borrower.report(&["--no-alternates", "--staged"], 1));
    borrower.commit_staged("again");
    let range = ["--no-alternates", "--range", "HEAD~1..HEAD"];
    assert_eq!(borrower.report(&range, 0)["findings"], json!([]));
    let range = ["--range", "own..origin/HEAD"];
    of(&borrower.report(&range, 1), &lent);
    let run = borrower.keyside(&["--no-alternates", range[0], range[1]]);
    assert!([2, 3].contains(&run.code), "{run}");
    // What the environment names is the user's own.
    let objects = lender.path().join(".git/objects");
    fs::remove_file(borrower.path().join(".git/objects/info/alternates")).unwrap();
    let run = borrower.dir.command(&["git", "-f", "json"], b"");
    let run = run.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", &objects).finish(&borrower.dir);
    let report = run.expect(1).json();
    of(&report, &lent);
    assert!(!notices(&report).contains(&"alternates".to_owned()), "{report:#}");
}

#[test]
fn files_beside_the_objects_are_searched() {
    for is_bare in [false, true] {
        let repo = Repo::without();
        let init = ["init", "-q", ".", "--bare"];
        repo.git(&init[..init.len() - usize::from(!is_bare)]);
        let folder = if is_bare { "" } else { ".git/" };
        let keys: Vec<_> = (0..9).map(|_| repo.dir.key(SECRET)).collect();
        let places = [
            ("config", "git-config"),
            ("FETCH_HEAD", "git-file"),
            ("hooks/pre-push", "git-file"),
            ("info/exclude", "git-file"),
            ("logs/HEAD", "git-file"),
            // A patch that is being applied, an address in an old form, and files of other tools.
            ("rebase-apply/0001", "git-file"),
            ("remotes/origin", "git-file"),
            ("worktrees/w/config.worktree", "git-config"),
            ("tool/state/credentials", "git-file"),
        ];
        let sample = repo.dir.key(SECRET);
        repo.write(&format!("{folder}hooks/x.sample"), &sample);
        for ((path, source), key) in places.iter().zip(&keys) {
            let place = repo.path().join(folder).join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            let before = fs::read_to_string(&place).unwrap_or_default();
            fs::write(&place, format!("{before}# {key}\n")).unwrap();
            let path = format!("{folder}{path}");
            let expected = json!({ "occurrences": [{ "source": source, "path": path }] });
            like(&of(&repo.keyside(&["--allow-empty"]).expect(1).json(), key), &expected);
        }
        let report = repo.keyside(&["--allow-empty"]).expect(1).json();
        assert_eq!(report["findings"].as_array().unwrap().len(), keys.len());
        for format in crate::support::FORMATS {
            repo.dir.run(&["git", "-f", format]).expect(1);
        }
        let excluded = format!("/{folder}hooks");
        let report = repo.keyside(&["--exclude", &excluded]).expect(1).json();
        assert_eq!(report["findings"].as_array().unwrap().len(), keys.len() - 1);
    }
    // What a commit says is there, and not in git's copies of it, too.
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.write("f", "x");
    repo.commit(&format!("Say {key}"));
    let finding = only(&repo.report(&[], 1));
    assert_eq!(finding["occurrences"].as_array().unwrap().len(), 1, "{finding:#}");
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.write(".gitignore", ".idea\n");
    repo.add("f", "x");
    repo.write(".idea/shelf/Changes/shelved.patch", config(&key));
    let expected = json!({ "occurrences": [{ "source": "git-file",
                                             "path": ".idea/shelf/Changes/shelved.patch" }] });
    like(&only(&repo.report(&[], 1)), &expected);
    repo.report(&["--max-count", "5"], 0);
    // An editor was opened in a folder of the checkout.
    fs::create_dir_all(repo.path().join("parts")).unwrap();
    fs::rename(repo.path().join(".idea"), repo.path().join("parts/.idea")).unwrap();
    only(&repo.report(&[], 1));
}

#[test]
fn stores_of_other_programs_are_named() {
    for (folder, says) in [
        (".hg/store", "Mercurial"),
        (".sl/store", "Sapling"),
        (".svn/pristine", "Subversion"),
        (".pijul/pristine", "Pijul"),
        ("_darcs/inventories", "Darcs"),
        (".jj/repo/store/commits", "Jujutsu, which keyside does not read"),
        (".jj/repo/store/git/objects", "keyside git"),
    ] {
        let repo = Repo::new();
        repo.add("f", "x");
        fs::create_dir_all(repo.path().join(folder)).unwrap();
        let tree = repo.dir.run(&["scan", "-f", "json"]).expect(0).json();
        for report in [tree, repo.report(&[], 0)] {
            let message = message(&report, "other-store");
            assert!(message.contains(says) && message.starts_with(&folder[..3]), "{message}");
            assert_eq!(report["scan"]["state"], "complete");
        }
    }
    // One beside git has its commits there.
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("a.env", config(&key));
    let hidden = repo.id("HEAD");
    repo.git(&["update-ref", &format!("refs/jj/keep/{hidden}"), &hidden]);
    fs::create_dir_all(repo.path().join(".jj/repo/store")).unwrap();
    fs::write(repo.path().join(".jj/repo/store/git_target"), "../../../.git").unwrap();
    assert_eq!(notices(&repo.report(&[], 1)), [""; 0]);
    // A further workspace names the first one, and has no repository of git beside it.
    let workspace = Repo::without();
    let first = repo.path().join(".jj/repo");
    workspace.write(".jj/repo", first.as_os_str().as_encoded_bytes());
    workspace.write("f", "x");
    let says =
        format!("keyside git {}", repo.path().join(".git").canonicalize().unwrap().display());
    let report = workspace.dir.run(&["scan", "-f", "json"]).expect(0).json();
    assert!(message(&report, "other-store").contains(&says), "{report:#}");
    workspace.keyside(&[]).expect(2).err(&says);
    // One outside of the workspace.
    fs::remove_file(workspace.path().join(".jj/repo")).unwrap();
    workspace.write(".jj/repo/store/git_target", repo.path().join(".git").to_str().unwrap());
    workspace.keyside(&[]).expect(2).err(&says);
    // And none at all.
    workspace.write("hg/.hg/store/x", "x");
    workspace.dir.run(&["git", "hg"]).expect(2).err("Mercurial");
}

#[test]
fn promised_objects_are_named_with_the_command_that_brings_them() {
    let source = Repo::new();
    source.git(&["config", "uploadpack.allowFilter", "true"]);
    source.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let key = source.dir.key(SECRET);
    for nth in 0..4 {
        source.add(&format!("d/{nth}"), format!("{nth}\n").repeat(500));
    }
    source.add("a.env", config(&key));
    let url = format!("file://{}", source.path().display());
    for filter in ["blob:none", "blob:limit=200", "tree:0"] {
        for format in REF_FORMATS {
            let partial = Repo::stored(format);
            partial.git(&["remote", "add", "origin", &url]);
            partial.git(&["fetch", "-q", "--filter", filter, "origin"]);
            let report = partial.keyside(&[]).json();
            let says = message(&report, "missing-object");
            assert!(says.contains("`git fetch --refetch --no-filter`"), "{says}");
            let range = partial.keyside(&["--range", "origin/main^..origin/main"]);
            let report = range.json();
            if range.code == 3 {
                assert!(
                    report.to_string().contains("`git fetch --refetch --no-filter`"),
                    "{range}"
                );
            }
            partial.git(&["fetch", "-q", "--refetch", "--no-filter", "origin"]);
            let report = partial.report(&[], 1);
            assert_eq!(notices(&report), [""; 0], "{filter}");
            only(&report);
        }
    }
}

#[test]
fn people_have_their_proper_names() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.write(".mailmap", "Ada Byte <byte@example.org> <ada@example.com>\n");
    repo.add("a.env", config(&key));
    for args in [&[][..], &["--branch", "main"]] {
        let finding = only(&repo.report(args, 1));
        let expected = json!({ "author": "Ada Byte", "email": "byte@example.org",
                               "raw_author": "Ada", "raw_email": "ada@example.com" });
        like(&finding["first_seen"], &expected);
    }
    repo.add("b.env", config(&repo.dir.key(SECRET)));
    let report = repo.report(&["--range", "HEAD^.."], 1);
    like(&only(&report)["first_seen"], &json!({ "author": "Ada Byte", "raw_author": "Ada" }));
    repo.git(&["rm", "-q", ".mailmap"]);
    repo.commit("No map");
    let first = &of(&repo.report(&[], 1), &key)["first_seen"];
    assert_eq!((&first["author"], first.get("raw_author")), (&json!("Ada"), None));
}

/// The one rule: what does not name commits is wrong use (2); commits that are named and not all here, or
/// none, are a gap (3).
#[test]
fn ranges_that_cannot_be_read_are_2_or_3() {
    for format in REF_FORMATS {
        let origin = Repo::stored(format);
        for nth in 0..4 {
            origin.add("f", format!("{nth}"));
        }
        origin.git(&["tag", "v1", "HEAD~3"]);
        let (root, zero) = (origin.id("HEAD~3"), "0".repeat(40));
        let of_root = format!("{root}^..HEAD");
        let (of_zero, to_zero) = (format!("{zero}..HEAD"), format!("HEAD..{zero}"));
        for (range, code, says) in [
            ("HEAD~1..HEAD", 0, ""),
            ("v1..main", 0, ""),
            // Wrong use.
            ("nowhere..HEAD", 2, "`nowhere` names no commit"),
            ("HEAD..nowhere", 2, "`nowhere` names no commit"),
            ("HEAD~9..HEAD", 2, "does not go back that far"),
            (&of_root, 2, "does not go back that far"),
            (&of_zero, 2, "stands for no commit"),
            (&to_zero, 2, "stands for no commit"),
            ("HEAD@{99}..HEAD", 2, "has only"),
            ("HEAD", 2, "names one commit"),
            ("HEAD^!", 2, "HEAD^..HEAD"),
            ("", 2, "is empty"),
            ("-1", 2, "option"),
            ("HEAD:f..HEAD", 2, "names no commit"),
            // A gap.
            ("HEAD..HEAD", 3, "no commits"),
            ("HEAD..v1", 3, "no commits"),
        ] {
            let run = origin.dir.run(&["git", "--range", range]);
            assert_eq!(run.code, code, "{range}: {run}");
            let all = format!("{}{}", run.stdout, run.stderr);
            assert!(all.contains(says), "{range}: {says}\n{run}");
            assert!(!all.contains("git fetch"), "{range}: nothing to fetch from\n{run}");
        }
        origin.dir.run(&["git", "--range", "HEAD..HEAD", "--allow-empty"]).expect(0);
        let shallow = Repo::without();
        let url = format!("file://{}", origin.path().display());
        shallow.git(&["clone", "-q", "--depth", "2", &url, "."]);
        shallow.dir.run(&["git", "--range", "HEAD~1..HEAD"]).expect(0);
        for range in ["HEAD~2..HEAD", "v1..HEAD"] {
            shallow.dir.run(&["git", "--range", range]).expect(2).err("--unshallow");
        }
        shallow.git(&["fetch", "-q", "--depth", "1", "origin", "tag", "v1"]);
        // The tag is here, and what is between is not.
        let run = shallow.dir.run(&["git", "--range", "v1..HEAD"]).expect(3);
        assert!(format!("{}{}", run.stdout, run.stderr).contains("--unshallow"), "{run}");
    }
}
