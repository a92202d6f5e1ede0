//! Unreadable parts of a repository are reported, and never called clean.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::repo::{BEGIN, DAY, Repo, config, like, of, only};
use crate::support::{SECRET, id_digits, notices};

/// The report of a scan that finds nothing and has a notice of this kind about `named`.
fn amiss(repo: &Repo, kind: &str, named: &str) -> Value {
    let report = repo.report(&[], 3);
    assert_eq!(report["findings"], json!([]));
    assert_eq!(report["scan"]["state"], "incomplete", "{report:#}");
    assert!(notices(&report).iter().any(|own| own == kind), "{kind}: {report:#}");
    let text = report["scan"]["notices"].to_string();
    assert!(text.contains(named), "{named} is not in {report:#}");
    report
}

/// A repository with three commits, a folder, and nothing to find.
fn clean() -> Repo {
    let repo = Repo::new();
    repo.add("a", "a\n");
    repo.add("folder/b", "b\n");
    repo.add("a", "other\n");
    repo
}

#[test]
fn no_repository() {
    let repo = Repo::without();
    repo.write("a", "a");
    for args in [&["."][..], &["a"], &["no-such-folder"]] {
        repo.keyside(args).expect(2).err("no git repository");
    }
    let gone = repo.path().join("gone");
    repo.dir.command(&["git"], b"").env("GIT_DIR", &gone).finish(&repo.dir).expect(2);
    clean().dir.command(&["git"], b"").env("GIT_DIR", &gone).finish(&repo.dir).expect(2);
}

#[test]
fn nothing_stored() {
    let repo = Repo::new();
    amiss(&repo, "nothing-scanned", "no objects");
    let report = repo.report(&["--allow-empty"], 0);
    assert_eq!(report["scan"]["state"], "complete");
    assert_eq!(notices(&report), [""; 0]);
}

#[test]
fn shallow_clones() {
    let repo = clean();
    let url = format!("file://{}", repo.path().display());
    let shallow = Repo::without();
    shallow.git(&["clone", "-q", "--depth=1", &url, "."]);
    let report = amiss(&shallow, "shallow", "fetch-depth: 0");
    assert_eq!(notices(&report), ["shallow"]);
    let key = repo.dir.key(SECRET);
    let first = repo.add("k.env", config(&key));
    shallow.git(&["pull", "-q"]);
    let report = shallow.report(&[], 1);
    assert_eq!(notices(&report), ["shallow"]);
    assert_eq!(report["scan"]["state"], "incomplete");
    like(&only(&report), &json!({ "in_head": true, "first_seen": { "commit": first } }));
    shallow.git(&["fetch", "-q", "--unshallow"]);
    assert_eq!(shallow.finding()["id"], only(&report)["id"]);
}

#[test]
fn partial_clones() {
    let repo = clean();
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", repo.path().display());
    for filter in ["blob:none", "tree:0"] {
        let partial = Repo::without();
        partial.git(&["clone", "-q", "--no-checkout", "--filter", filter, &url, "."]);
        let before = partial.git(&["count-objects", "-v"]);
        let report = amiss(&partial, "missing-object", "partial clone");
        assert_eq!(notices(&report), ["missing-object"], "{filter}: {report:#}");
        let message = report["scan"]["notices"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("3 objects are missing"), "{filter}: {message}");
        assert_eq!(report["scan"]["blobs"], 0);
        assert_eq!(partial.git(&["count-objects", "-v"]), before, "something was fetched");
    }
}

#[test]
fn missing_objects() {
    for revision in ["HEAD~:a", "HEAD:a", "HEAD:folder", "HEAD~2^{tree}", "HEAD~", "HEAD"] {
        let repo = clean();
        let id = repo.id(revision);
        fs::remove_file(repo.loose(&id)).unwrap();
        let report = amiss(&repo, "missing-object", &id);
        assert!(notices(&report).len() <= 3, "{revision}: {report:#}");
    }
    // With a key elsewhere.
    let repo = clean();
    let key = repo.dir.key(SECRET);
    repo.add("k.env", config(&key));
    fs::remove_file(repo.loose(&repo.id("HEAD~:a"))).unwrap();
    let report = repo.report(&[], 1);
    assert_eq!(notices(&report), ["missing-object"]);
    assert_eq!(report["scan"]["state"], "incomplete");
    // The target of a tag.
    let repo = clean();
    let blob = repo.blob("tagged");
    repo.git(&["tag", "-am", "x", "t", &blob]);
    fs::remove_file(repo.loose(&blob)).unwrap();
    amiss(&repo, "missing-object", &blob);
}

/// Trees are deltas in packs, of which only the additions are searched.
#[test]
fn objects_missing_from_packs() {
    let repo = Repo::new();
    let names = ["a", "b c/100644 d", "b c/e/40000 f", "b c/e/0", "g/h 7", "160000 i"];
    for nth in 0..60 {
        repo.write(names[nth * nth % names.len()], format!("{nth}\n"));
        for more in 0..5 {
            repo.write(&format!("b c/e/file {more} of {}", nth % 7), format!("{nth} {more}"));
        }
        repo.commit("More");
    }
    let listed = repo.git(&["rev-list", "--objects", "--no-object-names", "--all"]);
    let all: Vec<&str> = listed.lines().collect();
    let head = repo.id("HEAD");
    let without = |lost: &str| {
        let other = Repo::new();
        let ids: Vec<&str> = all.iter().filter(|id| **id != lost).copied().collect();
        let pack = other.path().join(".git/objects/pack/pack");
        let args = ["pack-objects", "-q", "--window=50", &pack.display().to_string()];
        repo.git_in("", &args, (ids.join("\n") + "\n").as_bytes());
        other.write(".git/refs/heads/main", format!("{head}\n"));
        other
    };
    let whole = without("").report(&[], 0);
    assert_eq!(whole["scan"]["commits"], 60);
    for nth in 0..12 {
        // Commits come first in the list.
        let lost = all[60 + nth * (all.len() - 60) / 12];
        let report = amiss(&without(lost), "missing-object", lost);
        assert_eq!(notices(&report), ["missing-object"], "{report:#}");
        let message = report["scan"]["notices"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("an object is missing"), "{message}");
    }
}

#[test]
fn many_missing_objects_are_counted() {
    let repo = Repo::new();
    for nth in 0..30 {
        repo.write(&format!("f{nth}"), format!("{nth}"));
    }
    repo.commit("Many");
    for nth in 0..30 {
        fs::remove_file(repo.loose(&repo.id(&format!("HEAD:f{nth}")))).unwrap();
    }
    let report = amiss(&repo, "missing-object", "30 objects");
    assert_eq!(notices(&report), ["missing-object"]);
}

#[test]
fn damaged_objects() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 4] = [
        ("emptied", Vec::clear),
        ("cut", |bytes| bytes.truncate(bytes.len() / 2)),
        ("garbage", |bytes| bytes.fill(0x78)),
        ("one byte", |bytes| bytes[9] ^= 0x55),
    ];
    for revision in ["HEAD:a", "HEAD:folder", "HEAD~", "HEAD"] {
        for (name, damage) in damages {
            let repo = clean();
            let id = repo.id(revision);
            let path = repo.loose(&id);
            let mut bytes = fs::read(&path).unwrap();
            damage(&mut bytes);
            fs::remove_file(&path).unwrap();
            fs::write(&path, bytes).unwrap();
            let report = repo.report(&[], 3);
            let text = report["scan"]["notices"].to_string();
            assert!(text.contains(&id), "{revision} {name}: {report:#}");
        }
    }
    // Not a file.
    let repo = clean();
    let id = repo.id("HEAD:a");
    fs::remove_file(repo.loose(&id)).unwrap();
    fs::create_dir(repo.loose(&id)).unwrap();
    amiss(&repo, "damaged-object", &id);
}

#[test]
fn incomplete_packs() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 7] = [
        ("truncated pack", |pack| {
            let path = pack.with_extension("pack");
            let bytes = fs::read(&path).unwrap();
            fs::remove_file(&path).unwrap();
            fs::write(&path, &bytes[..bytes.len() - 40]).unwrap();
        }),
        ("empty pack", |pack| {
            fs::remove_file(pack.with_extension("pack")).unwrap();
            fs::write(pack.with_extension("pack"), "").unwrap();
        }),
        ("no pack", |pack| fs::remove_file(pack.with_extension("pack")).unwrap()),
        ("no index", |pack| fs::remove_file(pack.with_extension("idx")).unwrap()),
        ("truncated index", |pack| {
            let path = pack.with_extension("idx");
            let bytes = fs::read(&path).unwrap();
            fs::remove_file(&path).unwrap();
            fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("a folder", |pack| {
            fs::remove_file(pack.with_extension("pack")).unwrap();
            fs::create_dir(pack.with_extension("pack")).unwrap();
        }),
        ("garbage", |pack| {
            let path = pack.with_extension("pack");
            let mut bytes = fs::read(&path).unwrap();
            bytes[12..].fill(0xff);
            fs::remove_file(&path).unwrap();
            fs::write(&path, bytes).unwrap();
        }),
    ];
    for (name, damage) in damages {
        let repo = clean();
        repo.git(&["repack", "-adq"]);
        damage(&repo.pack());
        let report = repo.report(&[], 3);
        let kinds = notices(&report);
        let told = kinds.iter().any(|kind| kind == "unreadable" || kind == "damaged-object");
        assert!(told, "{name}: {report:#}");
        assert!(!kinds.contains(&"nothing-scanned".to_owned()) || report["scan"]["blobs"] == 0);
    }
    // The remaining objects are still searched.
    for (name, damage) in damages {
        let repo = clean();
        repo.git(&["repack", "-adq"]);
        let key = repo.dir.key(SECRET);
        let blob = repo.blob(config(&key));
        damage(&repo.pack());
        let report = repo.report(&[], 1);
        like(&only(&report), &json!({ "occurrences": [{ "blob": blob }] }));
        assert_eq!(report["scan"]["state"], "incomplete", "{name}");
    }
}

#[test]
fn missing_borrowed_stores() {
    let lender = clean();
    let borrower = Repo::without();
    borrower.git(&["clone", "-q", "--shared", lender.path().to_str().unwrap(), "."]);
    borrower.report(&[], 0);
    let alternates = borrower.path().join(".git/objects/info/alternates");
    fs::write(alternates, "/no/such/folder\n").unwrap();
    amiss(&borrower, "missing-path", "/no/such/folder");
}

#[test]
fn unreadable_formats() {
    let repo = clean();
    repo.git(&["config", "core.repositoryformatversion", "7"]);
    repo.keyside(&[]).expect(2).err("version");
}

#[test]
fn heads_and_refs_that_name_nothing() {
    let lost = &"0123456789".repeat(7)[..id_digits()];
    // HEAD itself.
    for (head, code) in [("garbage", 2), ("", 2), ("ref: refs/heads/../../x\n", 2)] {
        let repo = clean();
        repo.write(".git/HEAD", head);
        let run = repo.keyside(&[]);
        assert!([code, 3].contains(&run.code), "{head}: {run}");
    }
    let repo = clean();
    repo.write(".git/HEAD", format!("{lost}\n"));
    amiss(&repo, "missing-object", lost);
    // A key is still found.
    let key = repo.dir.key(SECRET);
    let blob = repo.blob(config(&key));
    let report = repo.report(&[], 1);
    like(&only(&report), &json!({ "occurrences": [{ "blob": blob }] }));
    // A branch, loose and packed; a tag; garbage.
    for (file, content, named) in [
        (".git/refs/heads/lost", format!("{lost}\n"), lost),
        (".git/packed-refs", format!("{lost} refs/heads/lost\n"), lost),
        (".git/refs/tags/lost", format!("{lost}\n"), lost),
        (".git/refs/heads/main", format!("{lost}\n"), lost),
        (".git/refs/heads/garbage", "garbage\n".to_owned(), "refs/heads/garbage"),
    ] {
        let repo = clean();
        repo.write(file, content);
        let report = repo.report(&[], 3);
        let text = report["scan"]["notices"].to_string();
        assert!(text.contains(named), "{file}: {report:#}");
        // The other objects are still searched and attributed to their commits.
        let key = repo.dir.key(SECRET);
        repo.git(&["symbolic-ref", "HEAD", "refs/heads/new"]);
        repo.add("k.env", config(&key));
        let report = repo.report(&[], 1);
        like(&only(&report), &json!({ "in_head": true, "branches": ["new"] }));
    }
    let repo = clean();
    repo.write(".git/packed-refs", "garbage\n");
    amiss(&repo, "unreadable", "packed-refs");
    // Reflogs may name pruned commits.
    let repo = clean();
    let log = repo.path().join(".git/logs/HEAD");
    let text = fs::read_to_string(&log).unwrap();
    fs::write(log, text.replace(&repo.id("HEAD~2"), lost)).unwrap();
    repo.report(&[], 0);
}

#[test]
fn unreadable_folders() {
    use std::os::unix::fs::PermissionsExt;
    let repo = clean();
    let folder = repo.path().join(".git/objects").join(&repo.id("HEAD:a")[..2]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser may read everything.
    if fs::read_dir(&folder).is_err() {
        let report = repo.report(&[], 3);
        assert!(notices(&report).contains(&"unreadable".to_owned()), "{report:#}");
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn repositories_of_others() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("a.env", config(&key));
    let given = std::process::Command::new("chown")
        .args(["-R", "4242:4242"])
        .arg(repo.path())
        .status()
        .is_ok_and(|status| status.success());
    if given {
        for named in [".", repo.path().to_str().unwrap()] {
            let report = repo.report(&[named], 1);
            assert_eq!(notices(&report), ["foreign-owner"], "{report:#}");
            assert_eq!(report["scan"]["state"], "complete");
            like(&only(&report), &json!({ "in_head": true }));
        }
    }
}

#[test]
fn invalid_arguments() {
    let repo = clean();
    for args in [
        &["--since", "the day before never"][..],
        &["--until", ""],
        &["--branch", "unknown"],
        &["--max-count", "-1"],
        &["--only", "unknown"],
        &["--staged", "--branch", "main"],
    ] {
        let run = repo.keyside(args).expect(2);
        assert!(!run.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn selections() {
    let repo = Repo::new();
    let [old, middle, side, message] = [(); 4].map(|()| repo.dir.key(SECRET));
    repo.add("a.env", config(&old));
    let second = repo.add("b.env", config(&middle));
    repo.git(&["checkout", "-q", "-b", "side"]);
    let third = repo.add("c.env", config(&side));
    repo.git(&["checkout", "-q", "main"]);
    repo.write("b.env", "none");
    repo.commit(&format!("Message with {message}"));
    repo.add("a.env", format!("moved\n{}", config(&old)));
    let day = |nth: i64| format!("@{}", BEGIN + nth * DAY);
    let cases: &[(&[&str], &[&str])] = &[
        (&["--branch", "main"], &[&old, &middle, &message]),
        (&["--branch", "side"], &[&old, &middle, &side]),
        (&["--branch", "main", "--branch", "side"], &[&old, &middle, &side, &message]),
        (&["--branch", &second], &[&old, &middle]),
        (&["--since", &day(2)], &[&middle, &side, &message]),
        (&["--until", &day(2)], &[&old, &middle]),
        (&["--since", &day(2), "--until", &day(3)], &[&middle, &side]),
        (&["--since", &day(5)], &[]),
        (&["--max-count", "2"], &[&message]),
        (&["--max-count", "3"], &[&message, &side]),
        (&["--max-count", "2", "--branch", "side"], &[&side, &middle]),
        (&["--max-count", "100"], &[&old, &middle, &side, &message]),
    ];
    for (args, keys) in cases {
        let report = repo.report(args, i32::from(!keys.is_empty()));
        assert_eq!(report["findings"].as_array().unwrap().len(), keys.len(), "{args:?}");
        assert_eq!(report["scan"]["mode"], "range", "{args:?}");
        keys.iter().for_each(|key| drop(of(&report, key)));
    }
    like(
        &of(&repo.report(&["--branch", "side"], 1), &side),
        &json!({ "first_seen": { "commit": third }, "branches": ["side"] }),
    );
    for args in [&["--since", &day(99)][..], &["--until", &day(-9)], &["--max-count", "0"]] {
        let report = repo.report(args, 0);
        assert_eq!(notices(&report), ["nothing-chosen"], "{args:?}");
    }
}
