//! Repositories made to hide a key, or to make a scan hang or run out of memory.

use std::path::{Path, PathBuf};

use libdeflater::{CompressionLvl, Compressor};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::repo::{Repo, config, of, only};
use crate::support::{SECRET, id_digits, notices, object_format};

/// Runs `keyside git` in `repo` with at most `memory` KiB.
#[cfg(target_os = "linux")]
fn run_with(memory: u64, repo: &Repo, args: &str) -> crate::support::Run {
    let program = env!("CARGO_BIN_EXE_keyside");
    let script = format!("ulimit -v {memory} && exec {program} git -j 2 {args}");
    repo.dir.command_of("sh".as_ref(), &["-c", &script], b"").finish(&repo.dir)
}

/// The id and the offset of an object.
type IndexRow = (Vec<u8>, u32);

/// Length of an id in bytes.
fn id_bytes() -> usize {
    id_digits() / 2
}

/// The id and the offset of each object in a version 2 index.
fn rows(index: &[u8]) -> Vec<IndexRow> {
    let number = |at: usize| u32::from_be_bytes(index[at..at + 4].try_into().unwrap());
    let count = number(8 + 1020) as usize;
    let row = |nth: usize| {
        let at = 1032 + id_bytes() * nth;
        let offset = number(1032 + (id_bytes() + 4) * count + 4 * nth);
        (index[at..at + id_bytes()].to_vec(), offset)
    };
    (0..count).map(row).collect()
}

/// A version 2 index of a pack, with checksums that fit.
fn index_of(mut rows: Vec<IndexRow>, pack: &[u8]) -> Vec<u8> {
    rows.sort_unstable();
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for byte in 0..=255u8 {
        let count = rows.iter().filter(|(id, _)| id[0] <= byte).count() as u32;
        index.extend(count.to_be_bytes());
    }
    rows.iter().for_each(|(id, _)| index.extend(id));
    let end = pack.len() - id_bytes();
    let mut starts: Vec<usize> = rows.iter().map(|(_, offset)| *offset as usize).collect();
    starts.sort_unstable();
    starts.dedup();
    for (_, offset) in &rows {
        let nth = starts.binary_search(&(*offset as usize)).unwrap();
        // What the index does not list belongs to the entry before.
        let start = if nth == 0 { 12 } else { starts[nth] };
        let next = starts.get(nth + 1).copied().unwrap_or(end);
        index.extend(libdeflater::crc32(&pack[start..next]).to_be_bytes());
    }
    rows.iter().for_each(|(_, offset)| index.extend(offset.to_be_bytes()));
    index.extend(&pack[end..]);
    let own = match id_bytes() {
        32 => Sha256::digest(&index).to_vec(),
        _ => Sha1::digest(&index).to_vec(),
    };
    index.extend(own);
    index
}

/// Rewrites the only index of a repository.
fn change_index(repo: &Repo, pack: &Path, change: impl FnOnce(&mut Vec<IndexRow>)) {
    let path = pack.with_extension("idx");
    let index = std::fs::read(&path).unwrap();
    let mut own = rows(&index);
    change(&mut own);
    let changed = index_of(own, &std::fs::read(pack.with_extension("pack")).unwrap());
    overwrite(&path, &changed);
    assert!(repo.path().exists());
}

/// Replaces a file that git has made read-only.
fn overwrite(path: &Path, content: &[u8]) {
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, content).unwrap();
}

fn id(hex: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    (0..hex.len() / 2).map(digits).collect()
}

/// Packs these objects and removes their loose copies; returns the pack without its extension.
fn packed(repo: &Repo, ids: &[&str]) -> PathBuf {
    let list = ids.join("\n") + "\n";
    let pack = ".git/objects/pack/pack";
    let name = repo.git_in("", &["pack-objects", "-q", pack], list.as_bytes());
    repo.git(&["prune-packed", "-q"]);
    repo.path().join(format!("{pack}-{name}"))
}

#[test]
fn a_submodule_with_the_id_of_a_file_is_not_the_file() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("a", "a\n");
    let blob = repo.blob(config(&key));
    let stage = |mode: &str| {
        repo.git(&["update-index", "--add", "--cacheinfo", &format!("{mode},{blob},dir/f")]);
    };
    stage("160000");
    assert_eq!(repo.keyside(&["--staged"]).expect(0).json()["findings"], json!([]));
    repo.commit_staged("A commit of another repository");
    repo.keyside(&["--range", "HEAD~1..HEAD"]).expect(0);
    stage("100644");
    let staged = only(&repo.report(&["--staged"], 1));
    assert_eq!(staged["occurrences"][0]["path"], "dir/f");
    let commit = repo.commit_staged("Its content");
    for range in ["HEAD~1..HEAD", "HEAD~2..HEAD"] {
        let finding = only(&repo.report(&["--range", range], 1));
        assert_eq!(finding["first_seen"], repo.first(&commit, "dir/f"), "{range}");
    }
    assert_eq!(repo.finding()["first_seen"], repo.first(&commit, "dir/f"));
}

#[test]
fn an_invalid_submodule_ends() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("a", config(&key));
    // libgit2 would look for one in the folders above, and find this one again.
    repo.write(".git/modules/x/HEAD", "ref: refs/heads/main\n");
    std::fs::create_dir(repo.path().join(".git/modules/x/objects")).unwrap();
    let report = repo.report(&[], 1);
    assert_eq!(notices(&report), ["unreadable"]);
    assert_eq!(only(&report)["occurrences"].as_array().unwrap().len(), 1);
}

#[test]
fn findings_are_reported_without_a_readable_head() {
    let inner = Repo::new();
    let (own, other) = (inner.dir.key(SECRET), inner.dir.key(SECRET));
    inner.add("a", config(&other));
    let repo = Repo::new();
    repo.add("a", config(&own));
    repo.git(&["submodule", "--quiet", "add", &inner.path().display().to_string(), "sub"]);
    repo.commit("Add a submodule");
    repo.write(".git/modules/sub/refs/heads/main", "nonsense\n");
    let report = repo.report(&[], 1);
    assert_eq!(of(&report, &own)["in_head"], true);
    assert_eq!(of(&report, &other)["in_head"], Value::Null);
    repo.write(".git/refs/heads/main", "nonsense\n");
    let report = repo.report(&[], 1);
    assert_eq!(of(&report, &own)["in_head"], Value::Null);
    assert_eq!(report["scan"]["state"], "incomplete");
}

#[test]
fn the_environments_index_is_found_from_subfolders() {
    let repo = Repo::new();
    repo.add("sub/a", "a\n");
    let key = repo.dir.key(SECRET);
    repo.write("sub/f", config(&key));
    std::fs::copy(repo.path().join(".git/index"), repo.path().join(".git/other")).unwrap();
    let variables = [("GIT_INDEX_FILE", ".git/other".as_ref())];
    assert!(repo.git_with("sub", &["add", "f"], b"", &variables).status.success());
    let run = |folder: &str| {
        let pending = repo.dir.command(&["git", "--staged"], b"");
        let pending = pending.env("GIT_INDEX_FILE", ".git/other");
        pending
            .with(|command| {
                command.current_dir(repo.path().join(folder));
            })
            .finish(&repo.dir)
    };
    run("").expect(1).out("sub/f");
    run("sub").expect(1).out("sub/f");
    // `git --work-tree=. commit` calls its hook like this.
    let named = |index: &str| {
        let pending = repo.dir.command(&["git", "--staged"], b"").env("GIT_DIR", ".git");
        pending.env("GIT_WORK_TREE", ".").env("GIT_INDEX_FILE", index).finish(&repo.dir)
    };
    named(".git/other").expect(1).out("sub/f");
    named(".git/nowhere").expect(2).err("GIT_INDEX_FILE");
}

#[test]
fn any_number_of_threads_works() {
    let repo = Repo::new();
    (0..100).for_each(|nth| repo.write(&nth.to_string(), "a\n"));
    repo.git(&["add", "."]);
    repo.keyside(&["--staged", "-j", "1000000"]).expect(0);
}

#[test]
fn modes_with_leading_zeros_are_accepted() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let blob = repo.blob(config(&key));
    let tree = |mode: &str, name: &str, hex: &str| {
        let text = [format!("{mode} {name}\0").as_bytes(), &id(hex)].concat();
        repo.git_in("", &["hash-object", "-w", "-t", "tree", "--literally", "--stdin"], &text)
    };
    let folder = tree("0100644", "f", &blob);
    let top = tree("040000", "dir", &folder);
    let commit = repo.git(&["commit-tree", "-m", "x", &top]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    let finding = repo.finding();
    assert_eq!(
        (&finding["in_head"], &finding["first_seen"]["path"]),
        (&json!(true), &json!("dir/f"))
    );
}

#[test]
fn missing_objects_of_cached_commits_are_reported() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("a", "a\n");
    repo.add("dir/f", config(&key));
    repo.git(&["rm", "-q", "dir/f"]);
    repo.commit_staged("Remove it");
    let cache = repo.dir.home().join("cache");
    let args = ["--cache", cache.to_str().unwrap()];
    repo.keyside(&args).expect(1);
    for object in ["HEAD~1:dir/f", "HEAD~1:dir", "HEAD~1^{tree}"] {
        std::fs::remove_file(repo.loose(&repo.id(object))).unwrap();
    }
    repo.keyside(&args).expect(3);
}

#[test]
fn missing_objects_of_cached_packs_are_reported() {
    let repo = Repo::new();
    // A pack that is large enough to count as settled, and names a loose object.
    let entries = (0..10_000).map(|nth| format!("blob\ndata {}\n{nth}\n", nth.to_string().len()));
    let marks = entries.collect::<String>();
    repo.git_in("", &["fast-import", "--quiet"], marks.as_bytes());
    let pack = repo.pack();
    repo.add("a", "loose\n");
    let loose = repo.id("HEAD:a");
    let listed = repo.git(&["cat-file", "--batch-check=%(objectname)", "--batch-all-objects"]);
    let others = listed.lines().filter(|id| *id != loose).collect::<Vec<_>>().join("\n") + "\n";
    let stored = repo.path().join(".git/objects/pack/pack").display().to_string();
    repo.git_in("", &["pack-objects", "-q", &stored], others.as_bytes());
    for ending in ["pack", "idx"] {
        std::fs::remove_file(pack.with_extension(ending)).unwrap();
    }
    repo.git(&["prune-packed"]);
    let cache = repo.dir.home().join("cache");
    let args = ["--cache", cache.to_str().unwrap()];
    for _ in 0..2 {
        repo.keyside(&args).expect(0);
    }
    std::fs::remove_file(repo.loose(&loose)).unwrap();
    repo.keyside(&args).expect(3).err(&loose);

    // Everything in the pack, and later a loose tree that names a missing object.
    repo.write("a", "loose\n");
    repo.git(&["add", "a"]);
    repo.git(&["repack", "-adkq"]);
    for _ in 0..2 {
        repo.keyside(&args).expect(0);
    }
    repo.add("b", "new\n");
    let new = repo.id("HEAD:b");
    std::fs::remove_file(repo.loose(&new)).unwrap();
    repo.keyside(&args).expect(3).err(&new);
}

#[test]
fn an_invalid_pack_folder_is_reported() {
    let repo = Repo::new();
    repo.add("a", "a\n");
    let packs = repo.path().join(".git/objects/pack");
    std::fs::remove_dir_all(&packs).unwrap();
    std::fs::write(&packs, "").unwrap();
    assert_eq!(notices(&repo.report(&[], 3)), ["unreadable"]);
}

#[test]
fn an_index_with_a_repeated_id_hides_nothing() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let secret = repo.blob(config(&key));
    let harmless = [repo.blob("1"), repo.blob("2"), repo.blob("3")];
    packed(&repo, &[&secret]);
    let pack = packed(&repo, &harmless.each_ref().map(String::as_str));
    change_index(&repo, &pack, |rows| {
        let row = rows.iter_mut().find(|row| row.0 == id(&harmless[0])).unwrap();
        row.0 = id(&secret);
    });
    assert_eq!(only(&repo.report(&[], 1))["occurrences"][0]["blob"], secret.as_str());
}

#[test]
fn an_incomplete_index_is_reported() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let (secret, harmless) = (repo.blob(config(&key)), repo.blob("1"));
    let pack = packed(&repo, &[&secret, &harmless]);
    let original = std::fs::read(pack.with_extension("idx")).unwrap();
    change_index(&repo, &pack, |rows| rows.retain(|row| row.0 == id(&harmless)));
    assert_eq!(notices(&repo.report(&[], 3)), ["unreadable"]);
    // Two ids for one entry, none for the other.
    overwrite(&pack.with_extension("idx"), &original);
    change_index(&repo, &pack, |rows| {
        let at = rows.iter().find(|row| row.0 == id(&harmless)).unwrap().1;
        rows.iter_mut().for_each(|row| row.1 = at);
    });
    assert_eq!(notices(&repo.report(&[], 3)), ["unreadable"]);
    // The index of another pack.
    let more = packed(&repo, &[&repo.blob("2"), &repo.blob("3")]);
    overwrite(&more.with_extension("idx"), &original);
    let report = repo.report(&[], 3);
    assert!(report.to_string().contains(more.file_name().unwrap().to_str().unwrap()));
}

#[test]
fn each_copy_of_an_object_is_searched() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let blob = repo.blob(config(&key));
    let loose = std::fs::read(repo.loose(&blob)).unwrap();
    let pack = packed(&repo, &[&blob]).with_extension("pack");
    let write_loose = |content: &[u8]| {
        let path = repo.loose(&blob);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    write_loose(&loose);
    let report = repo.report(&[], 1);
    assert_eq!(
        (&report["scan"]["state"], &report["scan"]["blobs"]),
        (&json!("complete"), &json!(1))
    );
    assert_eq!(only(&report)["occurrences"].as_array().unwrap().len(), 1);
    write_loose(b"nonsense");
    assert_eq!(notices(&repo.report(&[], 1)), ["damaged-object"]);
    write_loose(&loose);
    let mut bytes = std::fs::read(&pack).unwrap();
    bytes[20] ^= 0xff;
    overwrite(&pack, &bytes);
    assert_eq!(notices(&repo.report(&[], 1)), ["damaged-object"]);
}

#[test]
fn a_tree_stored_twice_counts_once() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let commit = repo.add("dir/f", config(&key));
    let kept: Vec<_> = ["HEAD^{tree}", "HEAD:dir", "HEAD:dir/f"].map(|name| repo.id(name)).into();
    let loose: Vec<_> = kept.iter().map(|id| std::fs::read(repo.loose(id)).unwrap()).collect();
    repo.add("b", "b\n");
    repo.git(&["repack", "-q", "-a", "-d"]);
    for (id, content) in kept.iter().zip(loose) {
        std::fs::create_dir_all(repo.loose(id).parent().unwrap()).unwrap();
        std::fs::write(repo.loose(id), content).unwrap();
    }
    let finding = repo.finding();
    assert_eq!(finding["first_seen"], repo.first(&commit, "dir/f"));
    assert_eq!(finding["occurrences"].as_array().unwrap().len(), 1);
}

/// A number as in the path prefixes of a version 4 index.
fn strip(mut number: usize) -> Vec<u8> {
    let mut bytes = vec![(number & 0x7f) as u8];
    while number > 0x7f {
        number = (number >> 7) - 1;
        bytes.insert(0, 0x80 | (number & 0x7f) as u8);
    }
    bytes
}

#[cfg(target_os = "linux")]
#[test]
fn an_index_cannot_exhaust_memory() {
    let repo = Repo::new();
    let mut index = b"DIRC\0\0\0\x04".to_vec();
    index.extend(20_000u32.to_be_bytes());
    for nth in 0..20_000 {
        index.extend([0; 24]);
        index.extend(0o100_644_u32.to_be_bytes());
        index.extend([0; 12]);
        index.extend(vec![1; id_bytes()]);
        index.extend([0x0f, 0xff]);
        index.extend(strip(if nth == 0 { 0 } else { 5 }));
        index.extend(vec![b'a'; if nth == 0 { 1 << 20 } else { 0 }]);
        index.extend(format!("{nth:05}\0").bytes());
    }
    index.extend(vec![0; id_bytes()]);
    repo.write(".git/index", index);
    run_with(4_000_000, &repo, "--staged").expect(2).err("the index is damaged");
}

/// An entry of a pack: a header of this kind, and deflated bytes.
fn entry(kind: u8, base: &[u8], content: &[u8]) -> Vec<u8> {
    let mut size = content.len() >> 4;
    let mut entry = vec![kind << 4 | (content.len() & 15) as u8];
    while size > 0 {
        *entry.last_mut().unwrap() |= 0x80;
        entry.push((size & 0x7f) as u8);
        size >>= 7;
    }
    entry.extend(base);
    let mut deflate = Compressor::new(CompressionLvl::default());
    let mut deflated = vec![0; deflate.zlib_compress_bound(content.len())];
    let length = deflate.zlib_compress(content, &mut deflated).unwrap();
    entry.extend(&deflated[..length]);
    entry
}

/// A number in seven bits per byte, the lowest first.
fn size(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        bytes.push((number & 0x7f) as u8 | if number > 0x7f { 0x80 } else { 0 });
        number >>= 7;
        if number == 0 {
            return bytes;
        }
    }
}

/// Each delta of the chain makes an object of 32 MiB out of a few bytes, and each object is the
/// base of a second one, too.
#[cfg(target_os = "linux")]
#[test]
fn delta_chains_are_not_kept_in_memory() {
    const SIZE: usize = 32 << 20;
    const LENGTH: u8 = 60;
    let repo = Repo::new();
    let mut text = config(&repo.dir.key(SECRET)).into_bytes();
    text.resize(SIZE, b' ');
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend((1 + 2 * u32::from(LENGTH)).to_be_bytes());
    let mut rows = vec![(vec![0; id_bytes()], pack.len() as u32)];
    pack.extend(entry(3, b"", &text));
    let mut delta = [size(SIZE), size(SIZE)].concat();
    for _ in 0..SIZE >> 20 {
        // The first MiB of the base.
        delta.extend([0xc0, 0x10]);
    }
    for nth in 1..=LENGTH {
        for fork in 0..2 {
            let mut own = vec![0; id_bytes()];
            own[..2].copy_from_slice(&[nth, fork]);
            rows.push((own, pack.len() as u32));
            let mut base = vec![0; id_bytes()];
            base[0] = nth - 1;
            pack.extend(entry(7, &base, &delta));
        }
    }
    pack.extend(vec![0; id_bytes()]);
    repo.write(".git/objects/pack/pack-1.idx", index_of(rows, &pack));
    repo.write(".git/objects/pack/pack-1.pack", pack);
    run_with(1_000_000, &repo, "-q --max-file-size 1M").expect(0);
}

/// Writes a loose object; returns the id.
fn loose(repo: &Repo, kind: git2::ObjectType, content: &[u8]) -> String {
    let format = match object_format().as_str() {
        "sha256" => git2::ObjectFormat::Sha256,
        _ => git2::ObjectFormat::Sha1,
    };
    let id = git2::Oid::hash_object_ext(kind, content, format).unwrap().to_string();
    let object = [format!("{kind} {}\0", content.len()).as_bytes(), content].concat();
    let mut deflate = Compressor::new(CompressionLvl::fastest());
    let mut deflated = vec![0; deflate.zlib_compress_bound(object.len())];
    let length = deflate.zlib_compress(&object, &mut deflated).unwrap();
    std::fs::create_dir_all(repo.loose(&id).parent().unwrap()).unwrap();
    std::fs::write(repo.loose(&id), &deflated[..length]).unwrap();
    id
}

/// Stores a tree with two folders.
fn folders(repo: &Repo, a: &str, b: &str) -> String {
    let content = [&b"40000 a\0"[..], &id(a), b"40000 b\0", &id(b)].concat();
    loose(repo, git2::ObjectType::Tree, &content)
}

/// Stores a tree with a file.
fn file(repo: &Repo, content: &str) -> String {
    let blob = loose(repo, git2::ObjectType::Blob, content.as_bytes());
    loose(repo, git2::ObjectType::Tree, &[&b"100644 f\0"[..], &id(&blob)].concat())
}

/// At each of the 2^26 paths of a merge, its parents have different trees: each parent
/// distinguishes one bit of the path.
#[test]
fn exponential_tree_comparisons_end() {
    const DEPTH: usize = 26;
    let repo = Repo::new();
    let commit = |tree: &str, parents: &[String]| {
        let parents: String = parents.iter().map(|id| format!("parent {id}\n")).collect();
        let who = "A <a@example.com> 1700000000 +0000";
        let text = format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n\nx\n");
        loose(&repo, git2::ObjectType::Commit, text.as_bytes())
    };
    let base = commit(&file(&repo, "base"), &[]);
    let parents = (0..DEPTH).map(|bit| {
        let [mut zero, mut one] = ["0", "1"].map(|side| file(&repo, &format!("{bit} {side}")));
        for _ in bit + 1..DEPTH {
            (zero, one) = (folders(&repo, &zero, &zero), folders(&repo, &one, &one));
        }
        let mut top = folders(&repo, &zero, &one);
        for _ in 0..bit {
            top = folders(&repo, &top, &top);
        }
        commit(&top, std::slice::from_ref(&base))
    });
    let parents: Vec<_> = parents.collect();
    let top = (0..DEPTH).fold(file(&repo, "new"), |tree, _| folders(&repo, &tree, &tree));
    let merge = commit(&top, &parents);
    let report = repo.report(&["--range", &format!("{base}..{merge}")], 3);
    assert_eq!(notices(&report), ["damaged-object"]);
}

/// An object that can be read may still not be the one that its id names.
#[test]
fn objects_in_the_place_of_others_are_never_clean() {
    for format in crate::support::OBJECT_FORMATS {
        crate::support::with_object_format(format, || {
            let repo = Repo::new();
            repo.add("f", "first\n");
            repo.add("f", "second\n");
            let blob = repo.id("HEAD:f");
            let path = repo.loose(&blob);
            let good = std::fs::read(&path).unwrap();
            let other = std::fs::read(repo.loose(&repo.blob("other\n"))).unwrap();
            overwrite(&path, &other);
            for args in [&[][..], &["--range", "HEAD~1..HEAD"]] {
                let report = repo.report(args, 3);
                assert!(report.to_string().contains("its content has another id"), "{report:#}");
            }
            // One that holds a key is reported all the same.
            let key = repo.dir.key(SECRET);
            overwrite(&path, &std::fs::read(repo.loose(&repo.blob(config(&key)))).unwrap());
            let report = repo.report(&[], 1);
            assert_eq!(report["scan"]["state"], "incomplete", "{report:#}");
            std::fs::remove_file(repo.loose(&repo.blob(config(&key)))).unwrap();
            let report = repo.report(&[], 1);
            assert!(report.to_string().contains("its content has another id"), "{report:#}");
            // What follows the object is no part of it, so its content is as it was.
            overwrite(&path, &[&good[..], b"more"].concat());
            let report = repo.report(&[], 3);
            assert!(report.to_string().contains("its file goes on behind it"), "{report:#}");
            repo.report(&["--range", "HEAD~1..HEAD"], 0);
            overwrite(&path, &good);
            repo.report(&[], 0);
        });
    }
}
