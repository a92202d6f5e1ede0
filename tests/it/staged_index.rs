//! Changed files as `keyside git --staged` sees them, in every form of the index, and its errors on
//! damaged and hostile repositories.

use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use keyside::rules::Rng;
use keyside::source::git::{Repository, Staged};

use crate::repositories::{Repo, contents, found};
use crate::support::{OBJECT_FORMATS, SECRET, notices, use_object_format};

/// Changed paths according to keyside.
fn changed(folder: &Path) -> BTreeSet<Vec<u8>> {
    let repository = Repository::open(folder).unwrap();
    let objects = repository.objects().unwrap();
    let mut notices = Vec::new();
    let staged = Staged::read(&repository, &objects, &mut notices).unwrap();
    let mut paths: BTreeSet<_> = staged.changes.iter().map(|change| change.path.clone()).collect();
    paths.extend(staged.replaced_files(&objects, 0, &mut notices).into_iter().map(|old| old.path));
    assert_eq!(notices, []);
    paths
}

/// Changed paths according to git.
fn diff(repo: &Repo) -> BTreeSet<Vec<u8>> {
    let output =
        repo.try_git(&["diff-index", "--cached", "--name-only", "--no-renames", "-z", "HEAD"]);
    assert!(output.status.success());
    let names = output.stdout.split(|&byte| byte == 0);
    names.filter(|name| !name.is_empty()).map(<[u8]>::to_owned).collect()
}

#[test]
fn changed_files_match_those_of_git() {
    const NAMES: [&str; 8] = ["a", "a.b", "a0", "b", "é x", "ab", "A", "-"];
    let mut rng = Rng::new(11);
    for round in 0..25 {
        let _format = use_object_format(OBJECT_FORMATS[round % 2]);
        let repo = Repo::new();
        let put = |rng: &mut Rng| {
            let depth = 1 + rng.below(4);
            let names: Vec<_> = (0..depth).map(|_| NAMES[rng.below(NAMES.len())]).collect();
            let path = repo.path().join(names.join("/"));
            // A folder that a file replaces is removed first, and the reverse.
            for above in path.ancestors().skip(1).take_while(|above| *above != repo.path()) {
                if above.is_file() || above.is_symlink() {
                    std::fs::remove_file(above).unwrap();
                }
            }
            let _ = std::fs::remove_dir_all(&path);
            let _ = std::fs::remove_file(&path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            if rng.below(8) == 0 {
                symlink(format!("{}", rng.below(3)), &path).unwrap();
            } else {
                std::fs::write(&path, format!("{}", rng.below(4))).unwrap();
                let mode = if rng.below(5) == 0 { 0o755 } else { 0o644 };
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            }
        };
        (0..30).for_each(|_| put(&mut rng));
        repo.commit();
        if rng.below(3) == 0 {
            repo.git(&["update-index", "--split-index"]);
        }
        let count = rng.below(12);
        (0..count).for_each(|_| put(&mut rng));
        repo.git(&["add", "-A"]);
        for path in repo.git(&["ls-files", "-z"]).split('\0').filter(|path| !path.is_empty()) {
            if rng.below(10) == 0 {
                repo.git(&["update-index", "--force-remove", "--", path]);
            }
        }
        if rng.below(2) == 0 {
            // Then the index knows the trees.
            repo.git(&["write-tree"]);
        }
        assert_eq!(changed(repo.path()), diff(&repo), "round {round}");
    }
}

#[test]
fn every_form_of_the_index_is_read() {
    let forms: &[(&str, &[&[&str]])] = &[
        ("version 4", &[&["update-index", "--index-version", "4"]]),
        (
            "split",
            &[
                &["config", "splitIndex.maxPercentChange", "100"],
                &["update-index", "--split-index"],
            ],
        ),
        (
            "split, version 4",
            &[
                &["update-index", "--index-version", "4"],
                &["config", "splitIndex.maxPercentChange", "100"],
                &["update-index", "--split-index"],
            ],
        ),
        (
            "without a checksum",
            &[&["config", "index.skipHash", "true"], &["update-index", "--force-write-index"]],
        ),
        (
            "with offsets",
            &[&["config", "index.threads", "2"], &["update-index", "--force-write-index"]],
        ),
        ("plain", &[]),
    ];
    for (name, commands) in forms {
        let repo = Repo::new();
        for nth in 0..150 {
            repo.dir.write(&format!("d{}/file-{nth}", nth % 12), format!("{nth}"));
        }
        repo.commit();
        commands.iter().for_each(|command| drop(repo.git(command)));
        let (k, l, m) = (repo.dir.key(SECRET), repo.dir.key(SECRET), repo.dir.key(SECRET));
        // Replaced, deleted and new entries.
        repo.stage(&[("d1/file-1", &k), ("d3/new", &l), ("a-first", "1"), ("z/last", &m)]);
        repo.git(&["rm", "-q", "d2/file-2", "d2/file-14"]);
        repo.git(&["rm", "-q", "--cached", "d5/file-5"]);
        if name.contains("split") {
            let names = contents(&repo.path().join(".git"));
            assert!(names.iter().any(|(path, _)| path.to_str().unwrap().contains("sharedindex")));
        }
        let (code, report) = repo.staged(&[]);
        let own: BTreeSet<_> = found(&report).split_whitespace().map(str::to_owned).collect();
        let expected = ["d1/file-1:1", "d3/new:1", "z/last:1"].map(str::to_owned);
        assert_eq!((code, own), (1, BTreeSet::from(expected)), "{name}");
        assert_eq!(changed(repo.path()), diff(&repo), "{name}");
        assert_eq!(report["scan"]["state"], "complete");
    }
}

#[test]
fn a_sparse_index_names_folders() {
    let repo = Repo::new();
    let (k, l) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    for path in ["in/a", "out/b", "out/deep/er/c", "other/d", "top"] {
        repo.dir.write(path, "1");
    }
    repo.commit();
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    assert!(repo.git(&["ls-files", "--sparse", "-s"]).contains("040000"));
    repo.expect(&[], 0, &[]);
    repo.stage(&[("in/a", &k)]);
    repo.expect(&[], 1, &["in/a:1"]);
    assert_eq!(changed(repo.path()), diff(&repo));
    // HEAD moves back, so a folder outside the cone differs from it.
    repo.commit();
    repo.git(&["sparse-checkout", "disable"]);
    repo.stage(&[("out/deep/er/c", &l), ("out/deep/new", "2")]);
    repo.git(&["rm", "-q", "out/b"]);
    repo.commit();
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    assert!(repo.git(&["ls-files", "--sparse", "-s"]).contains("040000"));
    repo.expect(&[], 1, &["out/deep/er/c:1"]);
    // git lists the new folder as one entry.
    let expected =
        ["out/b", "out/deep/er/c", "out/deep/new"].map(|path| path.as_bytes().to_owned());
    assert_eq!(changed(repo.path()), BTreeSet::from(expected));
}

#[test]
fn unreadable_data_is_never_clean() {
    let object = |repo: &Repo, name: &str| {
        let oid = repo.git(&["rev-parse", name]);
        repo.path().join(".git/objects").join(&oid[..2]).join(&oid[2..])
    };
    let new = || {
        let repo = Repo::with(&[("a", "1"), ("d/b", "1")]);
        repo.stage(&[("a", "2"), ("d/b", "3")]);
        repo
    };
    for (name, kind) in [(":a", "missing-object"), ("HEAD", "missing-object")] {
        let repo = new();
        std::fs::remove_file(object(&repo, name)).unwrap();
        if name == "HEAD" {
            // HEAD no longer names anything.
            let code = repo.dir.run(&["git", "--staged"]).code;
            assert!(code == 2 || code == 3, "{code}");
            continue;
        }
        let report = repo.expect(&[], 3, &[]);
        assert_eq!(notices(&report), [kind], "{name}");
        let run = repo.dir.run(&["git", "--staged"]).expect(3);
        assert!(!run.stderr.contains("nothing new is staged"), "{run}");
    }
    for name in ["HEAD^{tree}", "HEAD:d"] {
        let repo = new();
        let path = object(&repo, name);
        std::fs::remove_file(&path).unwrap();
        let report = repo.expect(&[], 3, &[]);
        assert_eq!(notices(&report), ["missing-object"], "{name}");
        std::fs::write(&path, "no object").unwrap();
        let report = repo.expect(&[], 3, &[]);
        assert_eq!(notices(&report), ["damaged-object"], "{name}");
    }
    // Old content matters only where there is a key.
    let repo = new();
    let key = repo.dir.key(SECRET);
    std::fs::remove_file(object(&repo, "HEAD:a")).unwrap();
    repo.expect(&[], 0, &[]);
    repo.stage(&[("a", &key)]);
    let report = repo.expect(&[], 1, &["a:1"]);
    assert_eq!(notices(&report), ["missing-object"]);
}

#[test]
fn a_damaged_index_is_an_error() {
    let repo = Repo::with(&[("a", "1"), ("d/b", "1")]);
    let key = repo.dir.key(SECRET);
    repo.stage(&[("a", &key)]);
    let path = repo.path().join(".git/index");
    let good = std::fs::read(&path).unwrap();
    let mut rng = Rng::new(7);
    // Either the key is found or an error is reported; the result is never clean.
    let scan = |bytes: &[u8], what: &str| {
        std::fs::write(&path, bytes).unwrap();
        let run = repo.dir.run(&["git", "--staged"]);
        assert!((1..=3).contains(&run.code), "{what}\n{run}");
    };
    for cut in (0..good.len()).step_by(3) {
        scan(&good[..cut], &format!("cut at {cut}"));
    }
    for count in 0..2 {
        let mut bytes = good.clone();
        bytes[11] = count;
        scan(&bytes, "fewer entries");
    }
    for _ in 0..100 {
        let mut bytes = good.clone();
        let (at, bit) = (12 + rng.below(bytes.len() - 12), rng.below(8));
        bytes[at] ^= 1 << bit;
        scan(&bytes, &format!("bit {bit} of byte {at}"));
    }
    std::fs::remove_file(&path).unwrap();
    repo.dir.run(&["git", "--staged"]).expect(0).err("nothing to scan");
    std::fs::create_dir(&path).unwrap();
    repo.dir.run(&["git", "--staged"]).expect(2).err("index");
    // The shared part of a split index.
    let repo = Repo::with(&[("a", "1"), ("d/b", "1")]);
    repo.git(&["update-index", "--split-index"]);
    let shared = std::fs::read_dir(repo.path().join(".git")).unwrap().flatten();
    let shared = shared.map(|entry| entry.path());
    let shared = shared.filter(|path| path.to_str().unwrap().contains("sharedindex"));
    shared.for_each(|path| std::fs::remove_file(path).unwrap());
    repo.dir.run(&["git", "--staged"]).expect(2).err("sharedindex");
}

#[test]
fn exponential_trees_end() {
    let repo = Repo::with(&[("a", "1")]);
    let key = repo.dir.key(SECRET);
    let tree = |entries: &str| {
        let list = repo.dir.write("list", entries);
        let mut command = repo.command(&["mktree"]);
        command.stdin(std::fs::File::open(list).unwrap());
        String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned()
    };
    // Ten levels of ten names each: 10^10 files.
    let mut bomb = repo.git(&["rev-parse", "HEAD^{tree}"]);
    for _ in 0..10 {
        let lines: Vec<_> = (0..10).map(|nth| format!("040000 tree {bomb}\td{nth}\n")).collect();
        bomb = tree(&lines.concat());
    }
    let commit = repo.git(&["commit-tree", "-m", "bomb", &bomb]);
    repo.git(&["update-ref", "HEAD", &commit]);
    repo.stage(&[("a", "2")]);
    repo.expect(&[], 0, &[]);
    repo.stage(&[("a", &key)]);
    let report = repo.expect(&[], 1, &["a:1"]);
    assert_eq!(report["scan"]["state"], "incomplete");
    // Not a tree.
    let blob = repo.git(&["hash-object", "-w", "a"]);
    let bytes = [&b"40000 d\0"[..], &hex(&blob), b"100644 e\0short"].concat();
    repo.dir.write("list", bytes);
    let broken = repo.git(&["hash-object", "-t", "tree", "--literally", "-w", "list"]);
    let commit = repo.git(&["commit-tree", "-m", "x", &broken]);
    repo.git(&["update-ref", "HEAD", &commit]);
    repo.stage(&[("a", "2"), ("d/x", "1")]);
    let report = repo.expect(&[], 3, &[]);
    assert_eq!(notices(&report), ["damaged-object", "damaged-object"]);
}

fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
