//! Trees: files that are read, files that are skipped and counted, and keys in long, deep and
//! numerous files.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::support::{AIMAGICX, Dir, SECRET, TOKEN, notices, places};

/// The paths with findings.
fn paths(report: &Value) -> BTreeSet<String> {
    let path = |place: String| place.rsplitn(3, ':').nth(2).unwrap().to_owned();
    places(report).into_iter().map(path).collect()
}

fn set(paths: &[&str]) -> BTreeSet<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

/// Writes a fresh key into each of these files.
fn plant(dir: &Dir, paths: &[&str]) {
    for path in paths {
        dir.write(path, dir.key(SECRET));
    }
}

#[test]
fn ignored_files_are_skipped_only_in_a_repository() {
    let files =
        ["a.txt", "sub/a.txt", "sub/b.txt", "sub/keep.log", "build/c.txt", "x.log", "private.txt"];
    let dir = Dir::new();
    plant(&dir, &files);
    dir.write(".gitignore", "build/\n*.log\n!keep.log\n");
    dir.write("sub/.gitignore", "/b.txt\n");
    dir.write(".git-later/info/exclude", "private.txt\n");
    let (_, report) = dir.json(&[]);
    assert_eq!(paths(&report), set(&files), "no repository");

    std::fs::rename(dir.path().join(".git-later"), dir.path().join(".git")).unwrap();
    let read = ["a.txt", "sub/a.txt", "sub/keep.log"];
    assert_eq!(paths(&dir.json(&[]).1), set(&read));
    let (_, report) = dir.json(&["sub"]);
    assert_eq!(paths(&report), set(&read[1..]), "from above the root");
    assert_eq!(paths(&dir.json(&["--no-ignore"]).1), set(&files));
}

#[test]
fn named_files_are_read_even_if_ignored() {
    let dir = Dir::repository();
    plant(&dir, &["a.log", "build/b.txt"]);
    dir.write(".gitignore", "*.log\nbuild/\n");
    assert_eq!(paths(&dir.json(&["a.log"]).1), set(&["a.log"]));
    let (_, report) = dir.json(&["build/b.txt"]);
    assert_eq!(paths(&report), set(&["build/b.txt"]));
}

#[test]
fn the_ignore_files_of_other_tools_hide_nothing() {
    let dir = Dir::repository();
    plant(&dir, &["a.txt", "b.txt", "c.txt"]);
    dir.write(".ignore", "a.txt");
    dir.write(".rgignore", "b.txt");
    dir.write(".dockerignore", "c.txt");
    let (_, report) = dir.json(&[]);
    assert_eq!(paths(&report), set(&["a.txt", "b.txt", "c.txt"]));
}

#[test]
fn hidden_files_are_read_and_the_git_folder_is_not() {
    let dir = Dir::new();
    let read = [".env", ".config/.x/key", ".gitlab-ci.yml", "a/.git.txt"];
    plant(&dir, &read);
    plant(&dir, &[".git/config", "sub/.git/config"]);
    // A worktree or submodule has a file of that name.
    dir.write("module/.git", dir.key(SECRET));
    assert_eq!(paths(&dir.json(&[]).1), set(&read));
    assert_eq!(paths(&dir.json(&["--hidden"]).1), set(&read));
    assert_eq!(paths(&dir.json(&["--no-ignore"]).1), set(&read));
    let (_, report) = dir.json(&[".git"]);
    assert_eq!(paths(&report), set(&[".git/config"]), "asked for");
}

#[test]
fn symbolic_links_are_counted_and_not_followed() {
    let outside = Dir::new();
    plant(&outside, &["out.txt", "folder/out.txt"]);
    let dir = Dir::new();
    plant(&dir, &["in/a.txt"]);
    let link = |target: &std::path::Path, name: &str| symlink(target, dir.path().join(name));
    link(&outside.path().join("out.txt"), "file").unwrap();
    link(&outside.path().join("folder"), "folder").unwrap();
    link(dir.path(), "in/loop").unwrap();
    link("self".as_ref(), "self").unwrap();
    link("nowhere".as_ref(), "broken").unwrap();
    let (code, report) = dir.json(&[]);
    assert_eq!((code, paths(&report)), (1, set(&["in/a.txt"])));
    assert_eq!(report["scan"]["skips"]["links"], 5);
    assert_eq!(report["scan"]["state"], "complete");
    // A link that the user names is followed.
    assert_eq!(paths(&dir.json(&["file", "folder"]).1), set(&["file", "folder/out.txt"]));
}

#[test]
fn fifos_and_sockets_are_skipped_and_counted() {
    let dir = Dir::new();
    plant(&dir, &["a.txt"]);
    let made = std::process::Command::new("mkfifo").arg(dir.path().join("fifo")).status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
    let (_, report) = dir.json(&[]);
    assert_eq!(paths(&report), set(&["a.txt"]));
    assert_eq!(report["scan"]["skips"]["special"], 2);
    assert_eq!(report["scan"]["skipped"], 2);
    // Named, they are not read either, as that could block forever, but they are reported.
    let (code, report) = dir.json(&["fifo", "socket", "/dev/null"]);
    assert_eq!((code, notices(&report).len()), (3, 4));
    dir.run(&["scan", "fifo", "a.txt"]).expect(1).out("not everything was read");
}

#[test]
fn media_are_skipped_by_name_and_content_together() {
    let dir = Dir::new();
    let kinds: &[(&str, &[u8])] = &[
        ("a.png", b"\x89PNG\r\n\x1a\n"),
        ("b.JPG", b"\xff\xd8\xff\xe0"),
        ("c.mp4", b"\0\0\0\x18ftypmp42"),
        ("d.mp3", b"ID3\x03"),
        ("e.wav", b"RIFF\x24\0\0\0WAVE"),
    ];
    for (name, magic) in kinds {
        let key = dir.key(SECRET);
        dir.write(name, [magic, &b" "[..], key.as_bytes()].concat());
        // The same content under another file extension is not a media file.
        dir.write(&format!("{name}.bin"), [magic, &b" "[..], key.as_bytes()].concat());
    }
    plant(&dir, &["text.png", "text.mp4", "vector.svg"]);
    let (_, report) = dir.json(&[]);
    let mut read = set(&["text.png", "text.mp4", "vector.svg"]);
    read.extend(kinds.iter().map(|(name, _)| format!("{name}.bin")));
    assert_eq!(paths(&report), read);
    assert_eq!(report["scan"]["skips"]["media"], 5);
    assert_eq!(report["scan"]["files"], 8);
    assert_eq!(paths(&dir.json(&["a.png"]).1), set(&["a.png"]), "named");
}

#[test]
fn empty_files_are_read_and_clean() {
    let dir = Dir::new();
    dir.write("a", "");
    dir.write("b", "");
    let (code, report) = dir.json(&[]);
    assert_eq!(code, 0);
    assert_eq!(report["scan"]["files"], 2);
    assert_eq!(report["scan"]["bytes"], 0);
}

#[test]
fn files_above_the_limit_are_skipped_and_counted() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("exact", format!("{key:<1024}"));
    dir.write("larger", format!("{key:<1025}"));
    for limit in ["1K", "1024", "1k", "1KiB"] {
        let (code, report) = dir.json(&["--max-file-size", limit]);
        assert_eq!((code, paths(&report)), (1, set(&["exact"])), "{limit}");
        assert_eq!(report["scan"]["skips"]["large"], 1);
        assert_eq!(report["scan"]["state"], "complete");
    }
    let (_, report) = dir.json(&["--max-file-size", "1K", "larger", "exact"]);
    assert_eq!(paths(&report), set(&["exact"]), "also named ones");
    let (_, report) = dir.json(&[]);
    assert_eq!(paths(&report), set(&["exact", "larger"]), "no limit");
}

#[test]
fn excluded_paths_are_counted_not_read() {
    let dir = Dir::new();
    plant(&dir, &["a.txt", "b.lock", "docs/a.txt", "x/docs/b.txt", "x/a.txt"]);
    for (patterns, read, excluded) in [
        (&["*.lock"][..], &["a.txt", "docs/a.txt", "x/docs/b.txt", "x/a.txt"][..], 1),
        (&["docs/"], &["a.txt", "b.lock", "x/a.txt"], 2),
        (&["/docs", "*.lock"], &["a.txt", "x/docs/b.txt", "x/a.txt"], 2),
        (
            &["x/**"],
            &["a.txt", "b.lock", "docs/a.txt"],
            2, // x/docs and x/a.txt
        ),
        (&["*.txt", "!a.txt", "x"], &["a.txt", "b.lock", "docs/a.txt"], 1),
    ] {
        let args: Vec<_> = patterns.iter().flat_map(|p| ["--exclude", p]).collect();
        let (_, report) = dir.json(&args);
        assert_eq!(paths(&report), set(read), "{patterns:?}");
        assert_eq!(report["scan"]["skips"]["excluded"], excluded, "{patterns:?}");
    }
    dir.run(&["scan", "--exclude", "[z-a"])
        .expect(2)
        .err("--exclude: `[z-a` is not a path pattern");
}

#[test]
fn paths_share_one_scan_and_repeated_files_count_once() {
    let dir = Dir::new();
    plant(&dir, &["a/1.txt", "b/2.txt", "c.txt", "d.txt"]);
    let (_, report) = dir.json(&["a", "b", "c.txt"]);
    assert_eq!(paths(&report), set(&["a/1.txt", "b/2.txt", "c.txt"]));
    let (_, report) = dir.json(&["c.txt", ".", "./c.txt", "a", "./a/1.txt"]);
    assert_eq!(
        places(&report),
        ["a/1.txt:1:1-50", "b/2.txt:1:1-50", "c.txt:1:1-50", "d.txt:1:1-50"]
    );
}

#[test]
fn a_file_in_a_deep_tree_is_read() {
    let dir = Dir::new();
    let path = "d/".repeat(300) + "key.txt";
    plant(&dir, &[&path]);
    let (code, report) = dir.json(&[]);
    assert_eq!((code, paths(&report)), (1, set(&[&path])));
    assert_eq!(report["scan"]["state"], "complete");
}

#[test]
fn the_report_does_not_depend_on_the_number_of_threads() {
    let dir = Dir::new();
    let shared: Vec<_> = (0..7).map(|_| dir.key(AIMAGICX)).collect();
    for n in 0..3000usize {
        let own = match n % 5 {
            0 => dir.key(SECRET),
            1 => dir.key(TOKEN),
            _ => String::new(),
        };
        let text = format!("{}\n {own} {}\n", "x".repeat(n % 97), shared[n % 7]);
        dir.write(&format!("{:02}/{n}.txt", n % 40), text);
    }
    let report = |threads: &str| {
        let run = dir.run(&["scan", "-f", "json", "-j", threads]).expect(1).stdout;
        let at = run.find("\"duration_ms\":").unwrap();
        let end = at + run[at..].find('\n').unwrap();
        format!("{}{}", &run[..at], &run[end..])
    };
    let one = report("1");
    assert!(one.contains("\"files\": 3000"), "{}", &one[..400]);
    for threads in ["2", "8"] {
        // Not assert_eq: the reports are megabytes.
        assert!(report(threads) == one, "-j {threads} differs from -j 1");
    }
}

#[test]
fn any_file_name_is_scanned() {
    let dir = Dir::new();
    let names: &[(&[u8], &str)] = &[
        (b"a b/c  d.txt", "a b/c  d.txt"),
        (b"line\nbreak", "line\nbreak"),
        (b"-rf", "-rf"),
        (b"#x", "#x"),
        (b"'\"$(x)`", "'\"$(x)`"),
        ("日本語.txt".as_bytes(), "日本語.txt"),
        (b"caf\xe9.txt", "caf\u{fffd}.txt"),
        (b"\xff/\xfe", "\u{fffd}/\u{fffd}"),
    ];
    for (name, _) in names {
        let path = dir.path().join(std::ffi::OsStr::from_bytes(name));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // Some file systems take UTF-8 only.
        if std::fs::write(&path, dir.key(SECRET)).is_err() && std::str::from_utf8(name).is_ok() {
            panic!("{} cannot be written", path.display());
        }
    }
    let (code, report) = dir.json(&[]);
    assert_eq!(code, 1);
    for (name, shown) in names {
        let path = dir.path().join(std::ffi::OsStr::from_bytes(name));
        assert_eq!(paths(&report).contains(*shown), path.exists(), "{shown:?}");
    }
    assert_eq!(report["scan"]["state"], "complete");
}

const KB: usize = 1 << 10;
const MB: usize = 1 << 20;

/// Lengths at which the pieces of a text meet (`source/pieces.rs`).
const SEAMS: [usize; 3] = [4 * MB - 128 * KB, 4 * MB - 64 * KB, 4 * MB];

/// Runs `keyside stdin` and returns the columns of every occurrence in line 1.
fn columns(dir: &Dir, text: &[u8]) -> Vec<(u64, u64)> {
    let run = dir.pipe(&["stdin", "-f", "json"], text).expect(1);
    let report = run.json();
    let findings = report["findings"].as_array().unwrap().iter();
    let places = findings.flat_map(|finding| finding["occurrences"].as_array().unwrap());
    let mut columns: Vec<_> = places
        .map(|place| {
            assert_eq!(place["start_line"], 1);
            let column = |name: &str| place[name].as_u64().unwrap();
            (column("start_column"), column("end_column"))
        })
        .collect();
    columns.sort_unstable();
    columns
}

#[test]
fn keys_at_every_offset_around_seams_are_found_once() {
    let dir = Dir::new();
    let keys = SEAMS.map(|_| dir.key(SECRET));
    let length = keys[0].len();
    let mut text = vec![b'.'; 4 * MB + 100 * KB];
    for shift in 0..length + 8 {
        let starts = SEAMS.map(|seam| seam + 4 - shift);
        for (key, start) in keys.iter().zip(starts) {
            text[start..start + length].copy_from_slice(key.as_bytes());
        }
        let expected = starts.map(|start| (start as u64 + 1, (start + length) as u64 + 1));
        assert_eq!(columns(&dir, &text), expected, "shifted by {shift}");
        for start in starts {
            text[start..start + length].fill(b'.');
        }
    }
}

#[test]
fn columns_after_a_seam_count_characters() {
    let dir = Dir::new();
    let keys = SEAMS.map(|_| dir.key(SECRET));
    for odd in [0, 1, 2, 3] {
        // Three-byte characters, so that a seam splits one or lies between two.
        let mut text = vec![b'.'; odd];
        let mut expected = Vec::new();
        let mut characters = odd as u64;
        for (key, seam) in keys.iter().zip(SEAMS) {
            while text.len() < seam - 20 {
                text.extend_from_slice("語".as_bytes());
                characters += 1;
            }
            expected.push((characters + 1, characters + 1 + key.len() as u64));
            text.extend_from_slice(key.as_bytes());
            characters += key.len() as u64;
        }
        text.extend_from_slice("語".repeat(20 * KB).as_bytes());
        assert_eq!(columns(&dir, &text), expected, "{odd}");
    }
}

#[test]
fn utf16_keys_around_seams_are_found_once() {
    let dir = Dir::new();
    let keys = SEAMS.map(|_| dir.key(SECRET));
    let length = 2 * keys[0].len();
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let mut text = wide(&format!("\u{feff}{}", ".".repeat(2 * MB + 50 * KB)));
    for shift in (0..length + 8).step_by(6) {
        let starts = SEAMS.map(|seam| seam + 4 - shift);
        for (key, start) in keys.iter().zip(starts) {
            text[start..start + length].copy_from_slice(&wide(key));
        }
        let expected = starts.map(|start| (start as u64 / 2, (start + length) as u64 / 2));
        assert_eq!(columns(&dir, &text), expected, "shifted by {shift}");
        for start in starts {
            text[start..start + length].copy_from_slice(&wide(&".".repeat(length / 2)));
        }
    }
}

#[test]
fn a_key_at_the_end_of_a_text_of_any_length_is_found() {
    let dir = Dir::new();
    for size in [64 * KB, 256 * KB, MB, 4 * MB - 64 * KB, 4 * MB, 8 * MB - 128 * KB] {
        for length in [size - 1, size, size + 1] {
            let key = dir.key(SECRET);
            let start = length - key.len();
            let text = [".".repeat(start), key].concat();
            dir.write("long.txt", &text);
            let (_, report) = dir.json(&[]);
            let expected = format!("long.txt:1:{}-{}", start + 1, length + 1);
            assert_eq!(places(&report), [expected]);
            assert_eq!(report["scan"]["bytes"], length);
        }
    }
}

#[test]
fn keys_at_both_ends_of_a_long_line_are_found() {
    let dir = Dir::new();
    let (first, middle, last) = (dir.key(SECRET), dir.key(TOKEN), dir.key(AIMAGICX));
    let gap = ";var x=1".repeat(700 * KB) + ";";
    dir.write("min.js", format!("{first}{gap}'{middle}'{gap}{last}"));
    let (_, report) = dir.json(&[]);
    let at = |start: usize, key: &str| format!("min.js:1:{}-{}", start + 1, start + 1 + key.len());
    let behind = first.len() + gap.len() + 1;
    assert_eq!(
        places(&report),
        [at(0, &first), at(behind + middle.len() + 1 + gap.len(), &last), at(behind, &middle),]
    );
}

#[test]
fn lines_are_counted_across_pieces() {
    let dir = Dir::new();
    let mut text = String::new();
    let mut expected = Vec::new();
    for part in 1..=9 {
        text += &"line\r\n".repeat(200_000);
        let key = dir.key(SECRET);
        let line = part * 200_001;
        expected.push(format!("lines.txt:{line}:4-{}", 4 + key.len()));
        text += &format!("é= {key}\r\n");
    }
    dir.write("lines.txt", text);
    assert_eq!(places(&dir.json(&[]).1), expected);
}

/// Runs git in `dir` without user or system configuration.
fn git(dir: &Dir, args: &[&str]) {
    let run = std::process::Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(args)
        .current_dir(dir.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .unwrap();
    assert!(run.status.success(), "{args:?}: {run:?}");
}

#[test]
fn tracked_files_are_read_even_if_ignored() {
    for version in ["2", "3", "4", "split"] {
        let dir = Dir::new();
        git(&dir, &["init", "-q"]);
        plant(&dir, &["a.txt", "secrets/deep/b.env", "secrets/c", "untracked/d"]);
        dir.write(".gitignore", "a.txt\nsecrets/\nuntracked/\n*.png\n");
        dir.write("secrets/gone", "x");
        git(&dir, &["add", "-f", "a.txt", "secrets", ".gitignore"]);
        std::fs::remove_file(dir.path().join("secrets/gone")).unwrap();
        match version {
            "split" => git(&dir, &["update-index", "--split-index"]),
            "3" => git(&dir, &["update-index", "--skip-worktree", "secrets/c"]),
            version => git(&dir, &["update-index", "--index-version", version]),
        }
        let tracked = ["a.txt", "secrets/c", "secrets/deep/b.env"];
        let (code, report) = dir.json(&[]);
        assert_eq!((code, paths(&report)), (1, set(&tracked)), "{version}");
        let (_, report) = dir.json(&["secrets"]);
        assert_eq!(paths(&report), set(&tracked[1..]), "{version}");
        let (_, report) = dir.json(&["--exclude", "deep/", "."]);
        assert_eq!(paths(&report), set(&tracked[..2]), "{version}");
        let (_, report) = dir.json(&["--no-ignore"]);
        assert_eq!(paths(&report).len(), 4, "{version}");
        assert_eq!(report["scan"]["files"], 5, "{version}: no file is read twice");
    }
}

#[test]
fn a_damaged_index_is_not_clean() {
    let dir = Dir::new();
    git(&dir, &["init", "-q"]);
    dir.write("a.txt", "x");
    git(&dir, &["add", "a.txt"]);
    dir.run(&["scan"]).expect(0);
    let index = dir.path().join(".git/index");
    let mut bytes = std::fs::read(&index).unwrap();
    bytes[11] = 200;
    std::fs::write(&index, bytes).unwrap();
    let (code, report) = dir.json(&[]);
    assert_eq!((code, notices(&report)), (3, vec!["unreadable".to_owned()]));
}

#[test]
fn names_of_unread_files_are_searched() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write(&format!("{key}.png"), b"\x89PNG\r\n\x1a\n");
    dir.write("a.txt", "x");
    dir.run(&["scan"]).expect(1).out("1 media skipped");
}

#[test]
fn text_that_begins_like_a_bitmap_is_read() {
    let dir = Dir::new();
    dir.write("a.bmp", format!("BM={}", dir.key(SECRET)));
    dir.run(&["scan"]).expect(1);
}

#[test]
fn absurd_thread_counts_work() {
    let dir = Dir::new();
    dir.write("a.txt", "x");
    dir.run(&["scan", "-j", "1000000"]).expect(0);
}

/// A version 2 index that tracks `paths`, valid or not.
fn index(paths: &[&str]) -> Vec<u8> {
    let mut bytes =
        [&b"DIRC"[..], &2u32.to_be_bytes(), &(paths.len() as u32).to_be_bytes()].concat();
    for path in paths {
        let mut entry = vec![0; 62];
        entry[24..28].copy_from_slice(&0o100_644u32.to_be_bytes());
        entry[60..62].copy_from_slice(&(path.len() as u16).to_be_bytes());
        entry.extend(path.as_bytes());
        entry.resize((entry.len() + 8) / 8 * 8, 0);
        bytes.extend(entry);
    }
    bytes
}

#[test]
fn a_hostile_index_reads_nothing_outside_the_tree() {
    let outside = Dir::new();
    let secret = outside.write("secret.txt", outside.key(SECRET));
    let dir = Dir::repository();
    dir.write("a.txt", "x");
    dir.write("b.env", dir.key(SECRET));
    dir.write(".gitignore", "b.env\nlink\n");
    symlink(outside.path(), dir.path().join("link")).unwrap();
    let up = format!("../{}/secret.txt", outside.path().file_name().unwrap().to_str().unwrap());
    let hostile = [secret.to_str().unwrap(), &up, "link/secret.txt", "./a.txt", ".git/index"];
    dir.write(".git/index", index(&hostile));
    dir.run(&["scan"]).expect(0).out("no leaked key in 2 files");
    // The same index with a valid entry finds the key, so the index was understood.
    dir.write(".git/index", index(&[&hostile[..], &["b.env"]].concat()));
    let (_, report) = dir.json(&[]);
    assert_eq!(paths(&report), set(&["b.env"]));
}

#[test]
fn pipes_instead_of_git_files_do_not_block() {
    for name in [".git", ".git/index"] {
        let dir = Dir::new();
        dir.write("a.txt", "x");
        if name != ".git" {
            std::fs::create_dir(dir.path().join(".git")).unwrap();
        }
        let made = std::process::Command::new("mkfifo").arg(dir.path().join(name)).status();
        assert!(made.unwrap().success());
        let run = dir.run(&["scan"]);
        assert_eq!(run.code, if name == ".git" { 0 } else { 3 }, "{name}: {run}");
    }
}

#[test]
fn an_ignore_file_that_git_would_not_read_hides_nothing() {
    for (place, kinds) in [
        (".gitignore", &["link", "pipe"][..]),
        ("d/.gitignore", &["link", "pipe"]),
        (".git/info/exclude", &["pipe"]),
    ] {
        for &kind in kinds {
            let dir = Dir::repository();
            dir.write("rules", "*.env\n");
            dir.write("d/a.txt", "x");
            dir.write(".git/info/x", "x");
            plant(&dir, &["d/b.env"]);
            let at = dir.path().join(place);
            if kind == "link" {
                symlink(dir.path().join("rules"), at).unwrap();
            } else {
                let made = std::process::Command::new("mkfifo").arg(at).status();
                assert!(made.unwrap().success());
            }
            let (_, report) = dir.json(&["-j", "2"]);
            assert_eq!(paths(&report), set(&["d/b.env"]), "{place} {kind}");
            let (_, report) = dir.json(&["d"]);
            assert_eq!(paths(&report), set(&["d/b.env"]), "{place} {kind}");
        }
    }
}
