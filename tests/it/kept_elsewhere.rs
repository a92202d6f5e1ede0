//! Files whose content git does not have: what Git LFS keeps here is searched as the file in every mode, and
//! what is not here is named, as are files of git-annex and git-crypt.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::decoding_samples::gzip;
use crate::repo::{Repo, config, like, of, only};
use crate::support::{SECRET, notices};

/// The pointer to a content, and the place of that in a folder of Git LFS.
fn pointer(content: &str) -> (String, PathBuf) {
    let id: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    let place = Path::new(&id[..2]).join(&id[2..4]).join(&id);
    let size = content.len();
    (format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize {size}\n"), place)
}

/// Writes a content into a folder of Git LFS; returns its pointer.
fn keep(folder: &Path, content: &str) -> String {
    let (text, place) = pointer(content);
    let place = folder.join("objects").join(place);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, content).unwrap();
    text
}

fn kept(repo: &Repo, content: &str) -> String {
    keep(&repo.path().join(".git/lfs"), content)
}

/// Fails unless there is one notice of a kind, which names `path`; returns it.
fn told(report: &Value, kind: &str, path: &str) -> Value {
    let all = report["scan"]["notices"].as_array().unwrap();
    let mut own = all.iter().filter(|notice| notice["kind"] == kind);
    let notice = own.next().unwrap_or_else(|| panic!("no {kind}: {report:#}"));
    assert!(own.next().is_none(), "{report:#}");
    assert!(notice.to_string().contains(path), "{path}: {notice:#}");
    notice.clone()
}

#[test]
fn content_that_is_here_is_the_file() {
    let repo = Repo::new();
    let [old, new] = [(); 2].map(|()| repo.dir.key(SECRET));
    repo.add("f", "begin");
    repo.write("a.xml", kept(&repo, &config(&old)));
    repo.git(&["add", "a.xml"]);
    let place =
        json!([{ "path": "a.xml", "start_line": 2, "start_column": 5, "line": "KEY=[REDACTED]" }]);
    let staged = json!({ "occurrences": place });
    like(&only(&repo.report(&["--staged"], 1)), &staged);
    repo.dir.run(&["hook", "pre-commit"]).expect(1);
    let first = repo.commit("One");
    let on_disk = |code| repo.dir.run(&["scan", "-f", "json"]).expect(code).json();
    like(&only(&on_disk(1)), &json!({ "occurrences": place }));
    repo.write("a.xml", kept(&repo, &config(&new)));
    let second = repo.commit("Two");
    let report = repo.report(&[], 1);
    assert_eq!(notices(&report), [""; 0]);
    like(
        &of(&report, &old),
        &json!({ "in_head": false, "first_seen": { "commit": first }, "removed_in": { "commit": second },
                 "occurrences": place }),
    );
    like(&of(&report, &new), &json!({ "in_head": true, "occurrences": place }));
    like(&only(&repo.report(&["--range", "HEAD^.."], 1)), &json!({ "occurrences": place }));
    // Moving a file brings nothing in.
    repo.git(&["mv", "a.xml", "b.xml"]);
    repo.report(&["--staged"], 0);
    repo.commit("Move");
    repo.report(&["--range", "HEAD^.."], 0);
    // A linked checkout has the same content, and so has a repository that borrows objects.
    repo.git(&["worktree", "add", "-q", "--detach", "../linked"]);
    let linked = repo.path().parent().unwrap().join("linked");
    let run = repo.dir.run(&["scan", "-f", "json", linked.to_str().unwrap()]).expect(1);
    only(&run.json());
    fs::remove_dir_all(linked).unwrap();
    let borrower = Repo::without();
    borrower.git(&["clone", "-q", "--shared", repo.path().to_str().unwrap(), "."]);
    of(&borrower.report(&[], 1), &new);
    // Another folder.
    let elsewhere = Repo::new();
    elsewhere.git(&["config", "lfs.storage", "kept"]);
    elsewhere.add("a.xml", keep(&elsewhere.path().join(".git/kept"), &config(&new)));
    elsewhere.finding();
}

#[test]
fn content_that_is_not_here_is_named() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("f", "begin");
    let (text, place) = pointer(&config(&key));
    repo.write("a.xml", &text);
    repo.git(&["add", "a.xml"]);
    told(&repo.report(&["--staged"], 3), "lfs-pointer", "a.xml");
    repo.commit("Pointer");
    for args in [&[][..], &["--range", "HEAD^.."]] {
        let report = repo.report(args, 3);
        assert_eq!(report["scan"]["state"], "incomplete");
        told(&report, "lfs-pointer", "a.xml");
    }
    let tree = || repo.dir.run(&["scan", "-f", "json"]);
    told(&tree().expect(3).json(), "lfs-pointer", "git lfs fetch");
    repo.dir.run(&["scan"]).expect(3).out("1 of Git LFS or git-annex not here");
    // Without a repository.
    let dir = crate::support::Dir::new();
    dir.write("a.xml", &text);
    told(&dir.run(&["scan", "-f", "json"]).expect(3).json(), "lfs-pointer", "a.xml");
    // Several are counted.
    for nth in 0..5 {
        repo.write(&format!("d/{nth}.xml"), pointer(&format!("{nth}")).0);
    }
    repo.commit("More");
    let notice = told(&repo.report(&[], 3), "lfs-pointer", "6 files");
    assert!(notice["message"].as_str().unwrap().ends_with("a.xml, d/0.xml, d/1.xml and 3 more"));
    told(&tree().expect(3).json(), "lfs-pointer", "6 files");
    repo.report(&["--exclude", "*.xml"], 0);
    // What a cache remembers does not hide what comes later.
    let cache = repo.dir.home().join("cache");
    let cached = |code| repo.report(&["--cache", cache.to_str().unwrap()], code);
    cached(3);
    // Damaged content, or a pipe, is as good as none.
    let place = repo.path().join(".git/lfs/objects").join(place);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(&place, "cut").unwrap();
    repo.report(&[], 3);
    #[cfg(unix)]
    {
        fs::remove_file(&place).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&place).status().unwrap().success());
        cached(3);
        tree().expect(3);
        fs::remove_file(&place).unwrap();
    }
    kept(&repo, &config(&key));
    assert_eq!(only(&cached(1))["in_head"], true);
    only(&tree().expect(1).json());
    // A limit of the user's own is no fault.
    fs::remove_dir_all(repo.path().join("d")).unwrap();
    repo.dir.run(&["scan", "--max-file-size", "20"]).expect(0);
}

#[test]
fn other_keepers_are_named() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("plain.env", config(&key));
    let encrypted: Vec<u8> = [&b"\0GITCRYPT\0"[..], &[7; 40]].concat();
    repo.write("secret.bin", &encrypted);
    repo.write("big.dat", "/annex/objects/SHA256E-s123--0badf00d.dat\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        "../.git/annex/objects/Gx/9K/SHA256E-s1--0a/SHA256E-s1--0a",
        repo.path().join("locked.dat"),
    )
    .unwrap();
    repo.git(&["add", "-A"]);
    let staged = repo.report(&["--staged"], 3);
    repo.commit("Others");
    let tree = repo.dir.run(&["scan", "-f", "json"]).expect(1).json();
    let annexed = if cfg!(unix) { "big.dat, locked.dat" } else { "big.dat" };
    for report in [staged, tree, repo.report(&[], 1), repo.report(&["--range", "HEAD^.."], 3)] {
        let notice = told(&report, "encrypted", "secret.bin");
        assert_eq!(notice["incomplete"], false);
        told(&report, "annex-pointer", annexed);
    }
}

#[test]
fn keys_and_files_that_were_not_read_are_named_in_one_run() {
    let repo = Repo::new();
    let [plain, packed] = [(); 2].map(|()| repo.dir.key(SECRET));
    repo.add("f", "begin");
    repo.write("plain.env", config(&plain));
    repo.write("secret.bin", [&b"\0GITCRYPT\0"[..], &[7; 40]].concat());
    repo.write("a.xml", pointer("nowhere").0);
    // The file with this key is one of which something cannot be read, too.
    let whole = gzip(format!("{}{}", config(&packed), "nothing\n".repeat(50_000)).as_bytes());
    repo.write("short.gz", &whole[..whole.len() / 2]);
    repo.git(&["add", "-A"]);
    let first = repo.commit("All");
    repo.git(&["rm", "-q", "plain.env", "secret.bin", "a.xml", "short.gz"]);
    let second = repo.commit("None");
    let report = repo.report(&[], 1);
    for (kind, path) in
        [("encrypted", "secret.bin"), ("lfs-pointer", "a.xml"), ("unreadable", "short.gz")]
    {
        told(&report, kind, path);
    }
    for (key, path) in [(&plain, "plain.env"), (&packed, "short.gz")] {
        let own = of(&report, key);
        like(
            &own,
            &json!({ "in_head": false, "first_seen": { "commit": first }, "removed_in": { "commit": second } }),
        );
        assert_eq!(own["occurrences"].as_array().unwrap().len(), 1);
        assert!(own["occurrences"][0].to_string().contains(path), "{own:#}");
    }
}
