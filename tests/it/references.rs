//! References and their logs are what git says they are, in files and as reftable; damaged tables are
//! named, and never more.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use keyside::model::{Notice, Oid};
use keyside::rules::Rng;
use keyside::source::git::{RefTarget, Repository};
use serde_json::json;

use crate::repo::{REF_FORMATS, Repo, config, like, of, only};
use crate::support::{SECRET, notices};

/// Name, target and peeled target of each reference, as the program reads them.
fn listed(repository: &Repository) -> BTreeMap<String, String> {
    let mut notices = Vec::new();
    let references = repository.references();
    let all = references.below(b"refs/", &mut notices);
    assert_eq!(notices, []);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_owned()).unwrap();
    let line = |target: &RefTarget, name: &[u8]| {
        let symbolic = match target {
            RefTarget::Symbolic(other) => text(other),
            RefTarget::Object(_) => String::new(),
        };
        let object = references.resolve(name).unwrap();
        format!("{} {symbolic}", object.map(|oid| oid.to_string()).unwrap_or_default())
    };
    let lines = all.iter().map(|own| (text(&own.name), line(&own.target, &own.name)));
    // Git leaves out symbolic references that lead nowhere.
    lines.filter(|(_, line)| !line.starts_with(' ')).collect()
}

/// The same from git.
fn listed_by_git(repo: &Repo, folder: &str) -> BTreeMap<String, String> {
    let format = "--format=%(refname)%09%(objectname) %(symref)";
    let lines = repo.git_in(folder, &["for-each-ref", format], b"");
    let parts = lines.lines().map(|line| line.split_once('\t').unwrap());
    parts.map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect()
}

/// Compares what is read with git, seen from one checkout.
fn compare(repo: &Repo, folder: &str) {
    let repository = Repository::open(&repo.path().join(folder)).unwrap();
    let all = listed_by_git(repo, folder);
    let own = listed(&repository);
    let differing: Vec<_> =
        own.iter().filter(|(name, line)| all.get(*name) != Some(line)).collect();
    assert_eq!((own.len(), differing), (all.len(), vec![]), "{folder}");
    let references = repository.references();
    // Of the many that only make tables large, none has a log.
    let names = all.keys().filter(|name| !name.starts_with("refs/many/"));
    for name in names.map(String::as_str).chain(["HEAD"]) {
        let short = name.strip_prefix("refs/heads/").unwrap_or(name);
        let by_git = repo.try_git(folder, &["rev-parse", "--verify", "-q", short], b"");
        let by_git = String::from_utf8(by_git.stdout).unwrap().trim().to_owned();
        let found = references.expand(short.as_bytes()).unwrap();
        let found = found.and_then(|name| references.resolve(&name).unwrap());
        assert_eq!(found.map(|oid| oid.to_string()).unwrap_or_default(), by_git, "{short}");
        let args = ["reflog", "show", "--format=%H %gs", name];
        let logged = repo.try_git(folder, &args, b"");
        let logged = String::from_utf8(logged.stdout).unwrap();
        let logged_by = references.expand_logged(name.as_bytes()).unwrap();
        let changes = logged_by.map(|found| found.2).unwrap_or_default().into_iter();
        let changes = changes.map(|change| {
            let new = change.new.unwrap_or(Oid::from([0; 20]));
            format!("{new} {}\n", String::from_utf8(change.message).unwrap())
        });
        assert_eq!(changes.collect::<String>(), logged, "the log of {name}");
    }
    let branch = repo.try_git(folder, &["symbolic-ref", "-q", "HEAD"], b"");
    let branch = String::from_utf8(branch.stdout).unwrap().trim().to_owned();
    let head = references.head().unwrap();
    let own = head.branch.map(|name| String::from_utf8(name).unwrap()).unwrap_or_default();
    assert_eq!(own, branch, "{folder}");
}

/// Changes references at random.
fn change(repo: &Repo, rng: &mut Rng, nth: usize) {
    let name = |rng: &mut Rng| format!("b{}/x{}", rng.below(3), rng.below(12));
    let one = name(rng);
    match rng.below(13) {
        0 | 1 => drop(repo.add("f", format!("{nth}"))),
        2 | 3 => drop(repo.try_git("", &["branch", "-f", &one], b"")),
        4 => drop(repo.try_git("", &["branch", "-D", &one], b"")),
        5 => drop(repo.try_git("", &["branch", "-M", &one, &name(rng)], b"")),
        6 => drop(repo.try_git("", &["checkout", "-q", &one], b"")),
        7 => drop(repo.try_git("", &["tag", "-a", "-m", "x", &format!("t{nth}")], b"")),
        8 => {
            let other = format!("refs/heads/{one}");
            repo.git(&["symbolic-ref", &format!("refs/remotes/r{}/HEAD", nth % 3), &other]);
        }
        9 => drop(repo.try_git("", &["pack-refs", "--all"], b"")),
        10 => drop(repo.try_git("", &["reflog", "delete", &format!("{one}@{{0}}")], b"")),
        11 => {
            let line = |nth| format!("create refs/many/{}/{nth} HEAD\n", rng.below(1000));
            let lines: String = (0..200).map(line).collect();
            drop(repo.try_git("", &["update-ref", "--stdin"], lines.as_bytes()));
        }
        _ => {
            repo.write("f", format!("stashed {nth}"));
            drop(repo.try_git("", &["stash", "-q"], b""));
        }
    }
}

#[test]
fn references_and_logs_are_those_of_git() {
    for (format, seed) in REF_FORMATS.iter().zip(1..) {
        let repo = Repo::stored(format);
        let mut rng = Rng::new(seed);
        repo.add("f", "begin");
        repo.git(&["worktree", "add", "-q", "--detach", "w"]);
        repo.write(".gitignore", "w\n");
        for nth in 0..60 {
            change(&repo, &mut rng, nth);
            if nth == 30 {
                repo.git_in("w", &["update-ref", "refs/bisect/bad", "HEAD"], b"");
                repo.git_in("w", &["checkout", "-q", "-b", "of-w"], b"");
            }
            if nth % 15 == 14 {
                compare(&repo, "");
                compare(&repo, "w");
            }
        }
        let repository = Repository::at(repo.path()).unwrap();
        let others = repository.references().of_other_checkouts(&mut Vec::new());
        let names: Vec<_> = others.iter().map(|own| own.name.as_slice()).collect();
        assert_eq!(names, [&b"worktrees/w/refs/bisect/bad"[..], b"worktrees/w/HEAD"]);
    }
}

#[test]
fn every_mode_reads_both_stores() {
    for format in REF_FORMATS {
        let repo = Repo::stored(format);
        let [old, kept, logged, stashed, staged] = [(); 5].map(|()| repo.dir.key(SECRET));
        repo.add("f", "begin");
        let first = repo.add("a.env", config(&old));
        repo.git(&["tag", "-a", "-m", "one", "v1"]);
        repo.git(&["checkout", "-q", "-b", "side"]);
        let on_side = repo.add("side.env", config(&kept));
        repo.add("gone.env", config(&logged));
        repo.git(&["reset", "-q", "--hard", "HEAD~"]);
        repo.try_git("", &["update-ref", "-d", "ORIG_HEAD"], b"");
        repo.write("f", config(&stashed));
        repo.git(&["stash", "-q"]);
        repo.git(&["checkout", "-q", "main"]);
        let report = repo.report(&[], 1);
        assert_eq!(notices(&report), [""; 0], "{format}");
        let expected = json!({ "in_head": true, "branches": ["main", "side"], "removed_in": null,
                               "first_seen": { "commit": first } });
        like(&of(&report, &old), &expected);
        let expected = json!({ "in_head": false, "branches": ["side"],
                               "first_seen": { "commit": on_side } });
        like(&of(&report, &kept), &expected);
        like(&of(&report, &logged), &json!({ "occurrences": [{ "source": "reflog" }] }));
        like(&of(&report, &stashed), &json!({ "occurrences": [{ "source": "stash" }] }));
        // Ranges, by all kinds of names.
        for (range, key) in [
            ("main..side", &kept),
            ("v1..side", &kept),
            ("v1^{}..refs/heads/side", &kept),
            ("main..side@{0}", &kept),
            ("v1~1..v1", &old),
            ("v1^..@", &old),
            ("heads/main..@{-1}", &kept),
            ("side@{2}..side@{1}", &logged),
        ] {
            let report = repo.report(&["--range", range], 1);
            assert_eq!(only(&report), of(&report, key), "{format} {range}");
        }
        repo.keyside(&["--range", "nowhere..main"]).expect(2).err("nowhere");
        repo.keyside(&["--range", "side@{99}..main"]).expect(2).err("has only");
        repo.report(&["--branch", "side", "--since", "2001-01-01"], 1);
        // The index, in a hook, too; and a push.
        repo.report(&["--staged"], 0);
        repo.write("new.env", config(&staged));
        repo.git(&["add", "new.env"]);
        only(&repo.report(&["--staged"], 1));
        repo.dir.run(&["hook", "pre-commit"]).expect(1);
        repo.git(&["rm", "-q", "-f", "new.env"]);
        let (side, none) = (repo.id("side"), "0".repeat(40));
        let push = format!("refs/heads/side {side} refs/heads/side {none}\n");
        repo.git(&["update-ref", "refs/remotes/origin/main", "main"]);
        repo.git(&["remote", "add", "origin", "/nowhere"]);
        repo.dir.pipe(&["hook", "pre-push", "origin", "/nowhere"], push.as_bytes()).expect(1);
        repo.git(&["update-ref", "refs/remotes/origin/side", "side"]);
        repo.dir.pipe(&["hook", "pre-push", "origin", "/nowhere"], push.as_bytes()).expect(0);
        let receive = format!("{none} {side} refs/heads/new\n");
        repo.dir.pipe(&["hook", "pre-receive"], receive.as_bytes()).expect(0);
        // A branch that follows another one.
        repo.git(&["branch", "-q", "--set-upstream-to=main", "side"]);
        repo.report(&["--range", "side@{u}..side"], 1);
    }
}

/// The files of the stack of a repository.
fn tables(repo: &Repo) -> Vec<PathBuf> {
    let files = fs::read_dir(repo.path().join(".git/reftable")).into_iter().flatten().flatten();
    let mut files: Vec<_> = files.map(|file| file.path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "ref"));
    files.sort();
    files
}

/// A repository with a reftable, unless git knows none.
fn with_tables() -> Option<Repo> {
    let repo = Repo::stored("reftable");
    for nth in 0..3 {
        repo.add("f", format!("{nth}"));
        repo.git(&["tag", "-a", "-m", "x", &format!("t{nth}")]);
    }
    let lines: String = (0..400).map(|nth| format!("create refs/many/{nth} HEAD\n")).collect();
    repo.git_in("", &["update-ref", "--stdin"], lines.as_bytes());
    (!tables(&repo).is_empty()).then_some(repo)
}

/// Reads everything; the notices.
fn read_all(repo: &Repo) -> Vec<Notice> {
    let repository = Repository::at(repo.path()).unwrap();
    let mut notices = Vec::new();
    repository.roots(&mut notices);
    let _ = repository.head();
    notices
}

#[test]
fn damaged_tables_are_named() {
    let Some(repo) = with_tables() else { return };
    assert_eq!(read_all(&repo), []);
    let mut rng = Rng::new(7);
    let originals: Vec<_> =
        tables(&repo).into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    for round in 0..1500 {
        let (original, path) = &originals[rng.below(originals.len())];
        let mut bytes = original.clone();
        let is_cut = rng.below(8) == 0;
        if is_cut {
            bytes.truncate(rng.below(bytes.len()));
        }
        for _ in 0..=rng.below(3) {
            if !bytes.is_empty() {
                let at = rng.below(bytes.len());
                bytes[at] = [0, 0xff, bytes[at] ^ 1, rng.below(256) as u8][rng.below(4)];
            }
        }
        let is_changed = bytes != *original;
        // With a right checksum, damage gets further.
        let is_summed = rng.below(4) > 0 && bytes.len() > 68;
        if is_summed {
            if rng.below(2) == 0 {
                let header = bytes[..24].to_owned();
                let end = bytes.len() - 68;
                bytes[end..end + 24].copy_from_slice(&header);
            }
            let end = bytes.len() - 4;
            let sum = crc32(&bytes[end - 64..end]);
            bytes[end..].copy_from_slice(&sum.to_be_bytes());
        }
        fs::write(path, &bytes).unwrap();
        let notices = read_all(&repo);
        let is_told = notices.iter().any(|notice| {
            notice.path.as_ref().is_some_and(|own| own.to_path() == path.canonicalize().unwrap())
        });
        assert!(!is_cut || is_told, "round {round}: {notices:?}");
        // The inner parts of a table have no checksum of their own.
        assert!(is_told || is_summed || !is_changed || is_inner(original, &bytes), "{round}");
        fs::write(path, original).unwrap();
    }
    assert_eq!(read_all(&repo), []);
}

/// True if only bytes before the footer and behind the header differ.
fn is_inner(one: &[u8], two: &[u8]) -> bool {
    let end = one.len() - 68;
    one.len() == two.len() && one[..24] == two[..24] && one[end..] == two[end..]
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
        })
    })
}

#[test]
fn what_stands_in_place_of_a_table_is_never_clean() {
    let say = |repo: &Repo, what: &str| {
        let report = repo.report(&[], 3);
        assert_eq!(report["scan"]["state"], "incomplete", "{what}");
        assert!(report["scan"]["notices"].to_string().contains("reftable"), "{what}: {report:#}");
        // The staged change needs HEAD.
        repo.keyside(&["--staged"]).expect(2).err("reftable");
    };
    let Some(repo) = with_tables() else { return };
    let list = repo.path().join(".git/reftable/tables.list");
    let names = fs::read_to_string(&list).unwrap();
    for (what, content) in [
        ("a table that is missing", names.clone() + "0x000000000009-0x000000000009-0badf00d.ref\n"),
        ("a path", "../../../../etc/passwd\n".to_owned()),
        ("a hidden file", ".lock\n".to_owned()),
        ("no text", "\u{0}\n".to_owned()),
    ] {
        fs::write(&list, content).unwrap();
        say(&repo, what);
    }
    fs::remove_file(&list).unwrap();
    say(&repo, "no list");
    fs::write(&list, &names).unwrap();
    repo.report(&[], 0);
    let table = tables(&repo).pop().unwrap();
    let bytes = fs::read(&table).unwrap();
    for (what, bytes) in [
        ("nothing", &b""[..]),
        ("another file", b"# pack-refs with: peeled fully-peeled sorted\n"),
        ("a version of the future", &[&b"REFT\x09"[..], &bytes[5..]].concat()),
        ("a cut table", &bytes[..bytes.len() - 1]),
    ] {
        fs::write(&table, bytes).unwrap();
        say(&repo, what);
    }
    #[cfg(unix)]
    for target in [None, Some("/dev/zero"), Some("nowhere"), Some(".")] {
        for place in [&table, &list] {
            let kept = fs::read(place).unwrap_or_else(|_| bytes.clone());
            fs::remove_file(place).unwrap();
            match target {
                Some(target) => std::os::unix::fs::symlink(target, place).unwrap(),
                None => {
                    let made = std::process::Command::new("mkfifo").arg(place).status().unwrap();
                    assert!(made.success());
                }
            }
            say(&repo, &format!("{target:?} as {}", place.display()));
            fs::remove_file(place).unwrap();
            fs::write(place, kept).unwrap();
        }
        fs::write(&table, &bytes).unwrap();
    }
    // A link to the table is one.
    #[cfg(unix)]
    {
        let moved = repo.path().join("moved");
        fs::rename(&table, &moved).unwrap();
        std::os::unix::fs::symlink(&moved, &table).unwrap();
        repo.report(&[], 0);
    }
}

#[test]
fn a_stack_may_be_merged_while_it_is_read() {
    let Some(repo) = with_tables() else { return };
    let path = repo.path().to_owned();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                let repository = Repository::at(&path).unwrap();
                let mut notices = Vec::new();
                let count = repository.references().below(b"refs/", &mut notices).len();
                assert_eq!(notices, []);
                assert!(count >= most, "{count} of {most} references");
                most = count;
            }
            assert!(most > 400);
        });
        for nth in 0..60 {
            repo.git(&["update-ref", &format!("refs/new/{nth}"), "HEAD"]);
            repo.git(&["pack-refs"]);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_hundred_thousand_references() {
    for format in REF_FORMATS {
        let repo = Repo::stored(format);
        let head = repo.add("f", "x");
        let names = (0..100_000).map(|nth| format!("refs/heads/b{}/x{nth}", nth % 100));
        if format == "files" {
            // Git would write each into a file first.
            let lines = names.map(|name| format!("{head} {name}\n"));
            repo.write(".git/packed-refs", lines.collect::<String>());
        } else {
            let lines = names.map(|name| format!("create {name} {head}\n"));
            let lines: String = lines.collect();
            repo.git_in("", &["update-ref", "--stdin"], lines.as_bytes());
        }
        let repository = Repository::at(repo.path()).unwrap();
        assert_eq!(repository.head().unwrap().unwrap().to_string(), head);
        assert_eq!(repository.references().below(b"refs/", &mut Vec::new()).len(), 100_001);
    }
}

#[test]
fn references_of_old_and_odd_kinds() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let first = repo.add("a.env", config(&key));
    // HEAD and a branch as links, as old versions of git wrote symbolic references.
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        let git = |path: &str| repo.path().join(".git").join(path);
        fs::remove_file(git("HEAD")).unwrap();
        symlink("refs/heads/main", git("HEAD")).unwrap();
        symlink("refs/heads/main", git("refs/heads/linked")).unwrap();
        let repository = Repository::at(repo.path()).unwrap();
        let references = repository.references();
        let main = RefTarget::Symbolic(b"refs/heads/main".to_vec());
        assert_eq!(references.get(b"refs/heads/linked"), Ok(Some(main)));
        assert_eq!(references.head().unwrap().branch.unwrap(), b"refs/heads/main");
        like(&repo.finding(), &json!({ "in_head": true, "first_seen": { "commit": first } }));
    }
    // References that lead to each other.
    let repo = Repo::new();
    repo.add("f", "x");
    for (name, other) in [("a", "b"), ("b", "a")] {
        fs::write(
            repo.path().join(".git/refs/heads").join(name),
            format!("ref: refs/heads/{other}"),
        )
        .unwrap();
    }
    repo.report(&[], 0);
    repo.keyside(&["--range", "a..main"]).expect(2).err("without end");
}
