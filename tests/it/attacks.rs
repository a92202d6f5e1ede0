//! Changes whose author wants a key to get past a scan: odd bytes, odd trees, odd commits, odd references,
//! and a repository that is told to look elsewhere. docs/security-model.md says what is not stopped.

use crate::repo::Repo;
use crate::support::{SECRET, notices};

/// A repository with a first commit, whose policy leaves `fixtures/` out.
fn begun() -> Repo {
    let repo = Repo::new();
    repo.write(".keysideignore", "fixtures/\n");
    repo.add("README", "An app.\n");
    repo
}

fn object(repo: &Repo, kind: &str, bytes: &[u8]) -> String {
    let args = ["hash-object", "-w", "--literally", "-t", kind, "--stdin"];
    repo.git_in("", &args, bytes)
}

/// A tree object with entries that git itself may refuse to write.
fn tree(repo: &Repo, entries: &[(&str, &str, &str)]) -> String {
    let mut bytes = Vec::new();
    for (mode, name, oid) in entries {
        bytes.extend(format!("{mode} {name}\0").into_bytes());
        let digits = (0..oid.len()).step_by(2).map(|at| &oid[at..at + 2]);
        bytes.extend(digits.map(|digits| u8::from_str_radix(digits, 16).unwrap()));
    }
    object(repo, "tree", &bytes)
}

fn commit(repo: &Repo, tree: &str, parents: &[&str]) -> String {
    let parents = parents.iter().flat_map(|parent| ["-p", parent]);
    let args: Vec<&str> = ["commit-tree", tree, "-m", "odd"].into_iter().chain(parents).collect();
    repo.git(&args)
}

/// Exit code and kinds of notices of what `tip` has and `base` has not.
fn range(repo: &Repo, base: &str, tip: &str) -> (i32, Vec<String>) {
    let run = repo.keyside(&["--range", &format!("{base}..{tip}")]);
    (run.code, notices(&run.json()))
}

#[test]
fn no_first_bytes_hide_what_follows() {
    let repo = begun();
    let base = repo.id("HEAD");
    let text = format!("k = '{}'\n", repo.dir.key(SECRET)).into_bytes();
    let pointer = [
        &b"version https://git-lfs.github.com/spec/v1\noid sha256:"[..],
        &b"a".repeat(64),
        b"\nsize 12\n",
    ];
    for (name, start) in [
        ("a.png", &b""[..]),
        ("a.woff2", b""),
        ("a.js", b"\x89PNG\r\n\x1a\n"),
        ("a.txt", b"\xff\xd8\xff\xe0"),
        ("a.txt", b"\xff\xfe"),
        ("a.txt", b"\xfe\xff"),
        ("a.txt", b"\xff\xfe\0\0"),
        ("a.txt", b"\0GITCRYPT\0"),
        ("a.txt", b"PK\x03\x04"),
        ("a.txt", b"7z\xbc\xaf'\x1c"),
        ("a.txt", b"\x1f\x8b\x08\0"),
        ("a.pack", b"PACK\0\0\0\x02"),
        ("a.txt", &pointer.concat()),
        ("a\n::error::x\x1b[2J", b""),
        (".gitattributes", b"* binary -diff export-ignore filter=x\n"),
        ("package-lock.json", b""),
        ("node_modules/a/b.min.js", b""),
        ("Fixtures/a.txt", b""),
        ("fixtures\n/a.txt", b""),
    ] {
        repo.write(name, [start, &text[..]].concat());
        repo.git(&["add", "-Af"]);
        let staged = repo.dir.run(&["git", "--staged", "-f", "json"]);
        assert_eq!(staged.code, 1, "{name:?} {start:?}: {staged}");
        repo.commit_staged("x");
        assert_eq!(range(&repo, &base, "HEAD").0, 1, "{name:?} {start:?}");
        repo.git(&["reset", "-q", "--hard", &base]);
    }
}

#[test]
fn no_odd_tree_hides_a_file() {
    let repo = begun();
    let base = repo.id("HEAD");
    let key = repo.blob(format!("k = '{}'\n", repo.dir.key(SECRET)));
    let clean = repo.blob("nothing\n");
    let folder = tree(&repo, &[("100644", "x", &key)]);
    let before = tree(&repo, &[("100644", "a", &clean), ("100644", "z", &clean)]);
    let before = commit(&repo, &before, &[&base]);
    for entries in [
        &[("120000", "link", &key[..])][..],
        &[("100664", "a", &key)],
        &[("100600", "a", &key)],
        &[("100000", "a", &key)],
        &[("0", "a", &key)],
        &[("170000", "a", &key)],
        &[("100644", "a", &clean), ("100644", "a", &key)],
        &[("100644", "a", &key), ("100644", "a", &clean)],
        &[("100644", "z", &clean), ("100644", "a", &key)],
        &[("100644", "z", &clean), ("100644", "m", &key), ("100644", "a", &clean)],
        &[("100644", "fixtures/x", &key)],
        &[("40000", "./fixtures", &folder)],
        &[("40000", ".git", &folder)],
        &[("40000", ".git ", &folder)],
        &[("40000", "..", &folder)],
    ] {
        let tip = commit(&repo, &tree(&repo, entries), &[&before]);
        assert_eq!(range(&repo, &base, &tip).0, 1, "{entries:?}");
    }
    // What is not what it is said to be cannot be read.
    for (mode, oid) in [("40000", &key), ("40755", &key), ("100644", &folder)] {
        let tip = commit(&repo, &tree(&repo, &[(mode, "a", oid)]), &[&base]);
        assert_eq!(range(&repo, &base, &tip).0, 3, "{mode}");
    }
    let tip = commit(&repo, &tree(&repo, &[("160000", "sub", &key)]), &[&base]);
    assert_eq!(range(&repo, &base, &tip), (0, vec!["submodule".to_owned()]));
}

#[test]
fn the_name_of_a_submodule_hides_no_key() {
    let repo = begun();
    let (key, head) = (repo.dir.key(SECRET), repo.id("HEAD"));
    for (name, code) in [("sub".to_owned(), 0), (format!("src/{key}"), 1), (key, 1)] {
        repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},{name}")]);
        let staged = repo.keyside(&["--staged"]).expect(code);
        assert_eq!(notices(&staged.json()), ["submodule"], "{name}");
        repo.commit_staged("submodule");
        assert_eq!(range(&repo, "HEAD^", "HEAD").0, code, "{name}");
        repo.git(&["reset", "-q", "--hard", &head]);
    }
}

#[test]
fn no_odd_commit_hides_a_key() {
    let repo = begun();
    let base = repo.id("HEAD");
    let key = repo.dir.key(SECRET);
    let clean = repo.id("HEAD^{tree}");
    let bad = tree(&repo, &[("100644", "a", &repo.blob(&key))]);
    let raw = |headers: &str, message: &[u8]| {
        let who = "a <a@example.com> 1700000000 +0000";
        let start =
            format!("tree {clean}\nparent {base}\nauthor {who}\ncommitter {who}\n{headers}\n");
        object(&repo, "commit", &[start.as_bytes(), message].concat())
    };
    let wide: Vec<u8> = key.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (one, two) = (commit(&repo, &clean, &[&base]), commit(&repo, &clean, &[&base, &base]));
    let evil = commit(&repo, &bad, &[&one, &two, &base]);
    for (what, tip) in [
        ("a message", raw("", key.as_bytes())),
        ("a message after a zero byte", raw("", format!("m\0{key}").as_bytes())),
        ("a message in UTF-16", raw("encoding UTF-16\n", &wide)),
        ("a signature", raw(&format!("gpgsig -----BEGIN\n {key}\n -----END\n"), b"m")),
        ("an unknown header", raw(&format!("x-note {key}\n"), b"m")),
        ("parents that are the same", commit(&repo, &bad, &[&base, &base])),
        ("a merge of three", evil.clone()),
        ("a merge that is taken back", commit(&repo, &clean, &[&evil])),
    ] {
        assert_eq!(range(&repo, &base, &tip).0, 1, "{what}");
    }
    // Nor does a repository that is told to see other objects, or to see less.
    let last = commit(&repo, &clean, &[&evil]);
    repo.git(&["replace", &evil, &one]);
    assert_eq!(range(&repo, &base, &last).0, 1);
    repo.git(&["replace", "-d", &evil]);
    repo.write(".git/info/grafts", format!("{last} {base}\n"));
    assert_eq!(range(&repo, &base, &last).0, 1);
    repo.write(".git/info/grafts", "");
    repo.write(".git/shallow", format!("{last}\n"));
    let (code, told) = range(&repo, &base, &last);
    assert_eq!((code, &*told[0]), (3, "shallow"));
    repo.write(".git/shallow", format!("{last}\n"));
    let next = commit(&repo, &clean, &[&last]);
    assert_eq!(range(&repo, &last, &next).0, 0);
}

#[test]
fn no_merge_brings_back_an_old_key() {
    let repo = begun();
    let key = repo.dir.key(SECRET);
    repo.add("a", format!("k = '{key}'\n"));
    let (old, bad) = (repo.id("HEAD"), repo.id("HEAD^{tree}"));
    repo.git(&["rm", "-q", "a"]);
    repo.commit_staged("removed");
    let (base, clean) = (repo.id("HEAD"), repo.id("HEAD^{tree}"));
    let topic = commit(&repo, &bad, &[&old]);
    for (what, tip, code) in [
        ("the old side wins", commit(&repo, &bad, &[&topic, &base]), 1),
        ("the old side is a parent", commit(&repo, &bad, &[&base, &old]), 1),
        (
            "and is hidden by later commits",
            {
                let merge = commit(&repo, &bad, &[&base, &old]);
                commit(&repo, &bad, &[&merge])
            },
            1,
        ),
        ("nothing was merged", topic.clone(), 0),
        ("the base's side wins", commit(&repo, &clean, &[&topic, &base]), 0),
        ("both sides have it", commit(&repo, &bad, &[&topic, &old]), 0),
    ] {
        for dots in ["..", "..."] {
            let run = repo.keyside(&["--range", &format!("{base}{dots}{tip}")]);
            assert_eq!(run.code, code, "{what} {dots}: {run}");
        }
    }
}

#[test]
fn keys_in_names_of_branches_and_tags_are_found() {
    let repo = begun();
    let (key, head) = (repo.dir.key(SECRET), repo.id("HEAD"));
    let none = "0".repeat(head.len());
    let path = repo.path().to_str().unwrap();
    for name in [format!("refs/heads/{key}"), format!("refs/tags/v1-{key}")] {
        let line = format!("{head} {head} {name} {none}\n");
        let pushed = repo.dir.pipe(&["hook", "pre-push", "origin", path], line.as_bytes());
        pushed.expect(1).err("keyside stops this push: .git/refs/").err("another name");
        let line = format!("{none} {head} {name}\n");
        repo.dir.pipe(&["hook", "pre-receive"], line.as_bytes()).expect(1).err(".git/refs/");
        // It is there already.
        let line = format!("{head} {head} {name} {head}\n");
        repo.dir.pipe(&["hook", "pre-push", "origin", path], line.as_bytes()).expect(0);
        repo.git(&["update-ref", &name, "HEAD"]);
        repo.dir.run(&["git"]).expect(1).out(".git/refs/");
        repo.git(&["pack-refs", "--all"]);
        repo.dir.run(&["git"]).expect(1).out(".git/refs/");
        repo.git(&["update-ref", "-d", &name]);
    }
    repo.dir.run(&["git"]).expect(0);
}
