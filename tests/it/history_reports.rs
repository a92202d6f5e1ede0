//! Findings of history in reports: odd contents and names, acceptance, flags and formats.

use std::ffi::OsStr;

use serde_json::{Value, json};

use crate::repo::{Repo, config, like, of, only};
use crate::support::{AIMAGICX, FORMATS, PUBLIC, SECRET, TOKEN, notices};

#[test]
fn contents_of_all_kinds() {
    let repo = Repo::new();
    let keys = [(); 5].map(|()| repo.dir.key(SECRET));
    let wide = |text: &str| -> Vec<u8> {
        let units = [0xfeff].into_iter().chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    repo.write("wide.txt", wide(&config(&keys[0])));
    repo.write("binary", [b"\0\x01\xff\n", keys[1].as_bytes(), b"\0\xfe"].concat());
    let mut large = "some text of a line\n".repeat(300_000);
    large.insert_str(5_000_000, &format!("\n{}\n", keys[2]));
    repo.write("large.txt", &large);
    repo.write("no-line-break", &keys[3]);
    repo.write("crlf", format!("1\r\n2\r\nKEY={}\r\n", keys[4]));
    let first = repo.commit("All");
    for packed in [false, true] {
        if packed {
            repo.git(&["repack", "-adq"]);
        }
        let report = repo.report(&[], 1);
        assert_eq!(report["findings"].as_array().unwrap().len(), 5, "{report:#}");
        for (key, path, line, column) in [
            (&keys[0], "wide.txt", 2, 5),
            (&keys[1], "binary", 2, 1),
            (&keys[2], "large.txt", 250_002, 1),
            (&keys[3], "no-line-break", 1, 1),
            (&keys[4], "crlf", 3, 5),
        ] {
            like(
                &of(&report, key),
                &json!({
                    "in_head": true, "first_seen": repo.first(&first, path),
                    "occurrences": [{ "path": path, "start_line": line, "start_column": column,
                                      "blob": repo.id(&format!("HEAD:{path}")) }]
                }),
            );
        }
        // The same places as in the files.
        let (_, tree) = repo.dir.json(&["."]);
        for key in &keys {
            let (tree, history) = (of(&tree, key), of(&report, key));
            for field in ["start_line", "start_column", "end_column", "line"] {
                let at = format!("/occurrences/0/{field}");
                assert_eq!(tree.pointer(&at), history.pointer(&at), "{field}");
            }
        }
    }
}

#[test]
fn accepted_keys() {
    let repo = Repo::new();
    let [inline, by_id, by_path, kept] = [(); 4].map(|()| repo.dir.key(SECRET));
    repo.write("a.js", format!("k = '{inline}' // keyside:allow a sample\n"));
    repo.write("b.js", config(&by_id));
    repo.write("vendor/c.js", config(&by_path));
    repo.write("d.js", config(&kept));
    repo.commit("All");
    repo.git(&["rm", "-q", "-r", "a.js", "b.js", "vendor", "d.js"]);
    repo.commit("None");
    let report = repo.report(&[], 1);
    assert_eq!(report["findings"].as_array().unwrap().len(), 3);
    assert_eq!(notices(&report), ["suppressed-by-tree"]);
    let id = of(&report, &by_id)["id"].as_str().unwrap().to_owned();
    repo.write(".keysideignore", format!("{id} # rotated\nvendor/\n"));
    let report = repo.report(&[], 1);
    of(&report, &kept);
    only(&report);
    assert_eq!(report["scan"]["suppressed"], 3, "{report:#}");
    // Paths that the user excludes are not searched, and the scan is still complete.
    let report = repo.report(&["--exclude", "*.js"], 0);
    assert_eq!(report["findings"], json!([]));
    assert_eq!(report["scan"]["state"], "complete");
}

#[test]
fn a_key_accepted_in_one_place_only() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("a.js", format!("k = '{key}' // keyside:allow a sample\n"));
    repo.add("b.js", config(&key));
    like(&repo.report(&[], 1), &json!({ "findings": [{ "occurrences": [{ "path": "b.js" }] }] }));
}

#[test]
fn excluded_paths() {
    let repo = Repo::new();
    let [out, kept] = [(); 2].map(|()| repo.dir.key(SECRET));
    repo.add("dist/deep/a.js", config(&out));
    repo.add("src/b.js", config(&kept));
    repo.add("dist/deep/b.js", config(&kept));
    for pattern in ["dist", "dist/**", "**/deep/*.js"] {
        let report = repo.report(&["--exclude", pattern], 1);
        like(&only(&report), &json!({ "occurrences": [{ "path": "src/b.js" }] }));
        assert_eq!(report["scan"]["state"], "complete", "{pattern}");
    }
    // Patterns are relative to the repository, whatever the current folder.
    for (folder, named) in [("src", "."), ("src", ".."), ("/", repo.path().to_str().unwrap())] {
        for pattern in ["/dist/", "dist/**"] {
            let run = repo.dir.command(&["git", "-f", "json", "--exclude", pattern, named], b"");
            let run = run.with(|command| {
                command.current_dir(repo.path().join(folder));
            });
            let report = run.finish(&repo.dir).expect(1).json();
            like(&only(&report), &json!({ "occurrences": [{ "path": "src/b.js" }] }));
        }
    }
}

#[test]
fn skipped_large_blobs() {
    let repo = Repo::new();
    let [large, small] = [(); 2].map(|()| repo.dir.key(SECRET));
    repo.add("large", format!("{}{}", "x\n".repeat(2000), config(&large)));
    repo.add("small", config(&small));
    for packed in [false, true] {
        if packed {
            repo.git(&["repack", "-adq"]);
        }
        let report = repo.report(&["--max-file-size", "2K"], 1);
        like(&only(&report), &json!({ "occurrences": [{ "path": "small" }] }));
        like(&report["scan"], &json!({ "blobs": 1, "skips": { "large": 1 } }));
        assert_eq!(report["scan"]["state"], "complete");
    }
}

#[test]
fn chosen_rules() {
    let repo = Repo::new();
    let [token, public] = [TOKEN, PUBLIC].map(|kind| repo.dir.key(kind));
    repo.add("a.js", format!("{token}\n{public}\n"));
    like(&only(&repo.report(&[], 1)), &json!({ "severity": "note", "key_class": "token" }));
    repo.report(&["--min-severity", "warning"], 0);
    repo.report(&["--disable", "magicx-access-token"], 0);
    repo.report(&["--only", "magicx-secret-key"], 0);
    repo.keyside(&["--only", "no-such-rule"]).expect(2).err("no-such-rule");
    repo.report(&["--exit-zero"], 0);
    repo.report(&["--exit-code", "7"], 7);
    let (_, tree) = repo.dir.json(&["."]);
    like(&only(&tree), &json!({ "severity": "warning" }));
}

#[test]
fn other_formats() {
    let repo = Repo::new();
    let keys = [(); 2].map(|()| repo.dir.key(SECRET));
    let first = repo.add("a b.env", config(&keys[0]));
    repo.git(&["rm", "-q", "a b.env"]);
    let said = repo.commit(&format!("Remove {}", keys[1]));
    let lines = repo.dir.run(&["git", "-f", "jsonl"]).expect(1);
    let lines: Vec<Value> =
        lines.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[2]["scan"]["mode"], "history");
    let whole = repo.report(&[], 1);
    for line in &lines[..2] {
        let is_same = |finding: &Value| finding["id"] == line["id"];
        let finding = whole["findings"].as_array().unwrap().iter().find(|f| is_same(f)).unwrap();
        like(line, finding);
    }
    let sarif = repo.dir.run(&["git", "-f", "sarif"]).expect(1).json();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert!(run["automationDetails"]["id"].as_str().unwrap().contains("history"), "{run:#}");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    let text = serde_json::to_string(results).unwrap();
    assert!(text.contains("a%20b.env") && text.contains(&first) && text.contains(&said), "{text}");
    let human = repo.dir.run(&["git", "--color", "never"]).expect(1);
    human.out("a b.env").out(&first[..7]).out("Ada");
    for format in ["csv", "junit", "github", "gitlab", "markdown", "html"] {
        let run = repo.dir.run(&["git", "-f", format]);
        assert!([1, 2].contains(&run.code), "{run}");
    }
}

#[test]
fn threads_change_nothing() {
    let repo = Repo::new();
    for nth in 0..40 {
        let keys = [(); 2].map(|()| repo.dir.key(SECRET));
        repo.write(&format!("f{}", nth % 7), format!("{nth}\n{}", config(&keys[0])));
        repo.write(&format!("d/f{}", nth % 3), config(&keys[1]));
        repo.commit(&format!("Number {nth}"));
        if nth == 20 {
            repo.git(&["repack", "-adq"]);
        }
    }
    let run = |threads: &str, format: &str| {
        let text = repo.dir.run(&["git", "-j", threads, "-f", format]).expect(1).stdout;
        let lines = text
            .lines()
            .filter(|line| !line.contains("duration_ms") && !line.starts_with("found:"));
        lines.collect::<Vec<_>>().join("\n")
    };
    for format in ["json", "sarif", "human", "csv"] {
        assert!(run("1", format) == run("4", format), "{format}");
    }
}

#[test]
fn odd_paths() {
    let repo = Repo::new();
    let paths: [&[u8]; 6] = [
        b"line\nbreak.env",
        b"escape\x1b[31m\x07.env",
        b"<script>alert(1)<\x2fscript>.env",
        b"latin-\xe9.env",
        b" leading and trailing ",
        b"quote\"'\\.env",
    ];
    let mut keys = Vec::new();
    for path in paths {
        use std::os::unix::ffi::OsStrExt;
        let key = repo.dir.key(SECRET);
        let path = repo.path().join(OsStr::from_bytes(path));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, config(&key)).unwrap();
        keys.push(key);
    }
    repo.commit("Odd");
    let report = repo.report(&[], 1);
    for (key, path) in keys.iter().zip(paths) {
        let path = String::from_utf8_lossy(path);
        like(
            &of(&report, key),
            &json!({ "first_seen": { "path": path }, "occurrences": [{ "path": path }] }),
        );
    }
    for format in FORMATS {
        let run = repo.dir.run(&["git", "-f", format, "--color", "never"]).expect(1);
        assert!(!run.stdout.contains(['\x1b', '\x07']), "{format}: {run}");
        assert!(!run.stderr.contains(['\x1b', '\x07']), "{format}: {run}");
    }
}

#[test]
fn names_with_terminal_escapes() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("b", "b");
    // Git refuses such branch names, but the files can be written directly.
    repo.write("a.env", config(&key));
    repo.git(&["add", "."]);
    repo.tick();
    let message = "Red \x1b[31m\x1b]0;title\x07 \u{202e}text\n\nbody \x1b[2J";
    let author = "Ev\x1bil \u{9b}31m <e\x1b[1m@x>";
    repo.git(&["commit", "-q", "-m", message, "--author", author]);
    let head = repo.id("HEAD");
    repo.write(".git/packed-refs", format!("{head} refs/heads/side\u{1b}[31mred\n"));
    let run = repo.dir.run(&["git", "--color", "never"]).expect(1);
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(['\x1b', '\x07', '\u{9b}', '\u{202e}']), "{run}");
    }
    like(&only(&repo.report(&[], 1)), &json!({ "first_seen": { "commit": head } }));
}

#[test]
fn authors_not_in_utf_8() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let blob = repo.blob(config(&key));
    let tree = repo.git_in("", &["mktree"], format!("100644 blob {blob}\ta.env\n").as_bytes());
    let people: [(&[u8], &str, &str, &str); 5] = [
        (b"Ren\xe9 <r@x> 1700000000 +0100", "Ren\u{fffd}", "r@x", "2023-11-14T23:13:20+01:00"),
        (b"<> 0 +0000", "", "", "1970-01-01T00:00:00+00:00"),
        (b"A <a@b> 1700000000 +9999", "A", "a@b", ""),
        (b"A <a@b> 99999999999999999999 +0000", "A", "a@b", ""),
        (b"no address", "no address", "", "1970-01-01T00:00:00+00:00"),
    ];
    for (person, name, email, date) in people {
        let commit = [
            format!("tree {tree}\nauthor ").as_bytes(),
            person,
            b"\ncommitter ",
            person,
            b"\n\nCaf\xe9\n",
        ]
        .concat();
        let args = ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"];
        let id = repo.git_in("", &args, &commit);
        repo.write(".git/refs/heads/main", format!("{id}\n"));
        let report = repo.report(&[], 1);
        let finding = only(&report);
        assert_eq!(finding["in_head"], true, "{finding:#}");
        // The oldest of those commits may be another one.
        let first = &finding["first_seen"];
        if first["commit"] == id.as_str() {
            like(first, &json!({ "author": name, "email": email, "summary": "Caf\u{fffd}" }));
            assert!(date.is_empty() || first["date"] == date, "{first:#}");
        }
        std::fs::remove_file(repo.loose(&id)).unwrap();
    }
}

#[test]
fn keys_in_fields_of_a_finding_are_masked() {
    let repo = Repo::new();
    let keys = [(); 6].map(|()| repo.dir.key(SECRET));
    repo.git(&["checkout", "-q", "-b", &format!("b-{}", keys[0])]);
    repo.write(&format!("dir-{}/a.env", keys[1]), config(&keys[2]));
    repo.git(&["add", "."]);
    repo.tick();
    let author = format!("{} <{}>", keys[3], keys[4]);
    repo.git(&["commit", "-q", "-m", &keys[5], "--author", &author]);
    // Every run checks that its output holds no key.
    for format in FORMATS {
        repo.dir.run(&["git", "-f", format]).expect(1);
    }
    let finding = of(&repo.report(&[], 1), &keys[2]);
    for text in [
        &finding["branches"][0],
        &finding["first_seen"]["author"],
        &finding["first_seen"]["email"],
        &finding["first_seen"]["summary"],
        &finding["first_seen"]["path"],
        &finding["occurrences"][0]["path"],
    ] {
        assert!(text.as_str().unwrap().contains("sk_v1_"), "{finding:#}");
    }
}

#[test]
fn keys_in_head_have_the_side_of_heads_tree() {
    let repo = Repo::new();
    let [leaked, kept, past] = [SECRET, AIMAGICX, SECRET].map(|kind| repo.dir.key(kind));
    repo.add("old.js", format!("const k = '{past}'\n"));
    repo.git(&["rm", "-q", "old.js"]);
    repo.write("package.json", r#"{"name": "app", "dependencies": {"next": "15.0.0"}}"#);
    repo.write(
        "app/page.tsx",
        format!("'use client'\nexport default function Page() {{ return use('{leaked}') }}\n"),
    );
    repo.write("app/api/route.ts", format!("export const GET = () => ask('{kept}')\n"));
    repo.git(&["add", "-A"]);
    repo.commit_staged("app");
    // What is checked out does not matter.
    std::fs::remove_dir_all(repo.path().join("app")).unwrap();
    let report = repo.report(&[], 1);
    let exposure = |key: &str| of(&report, key)["exposure"].clone();
    like(&exposure(&leaked), &json!({ "verdict": "client", "framework": "next" }));
    assert_eq!(exposure(&leaked)["trace"].as_array().unwrap().len(), 2);
    assert_eq!(of(&report, &leaked)["kind"], "secret");
    like(&exposure(&kept), &json!({ "verdict": "server" }));
    like(&exposure(&past), &json!({ "verdict": "unknown" }));
    repo.dir.run(&["git"]).expect(1).out("3 leaked keys, 1 of which reaches clients in 1 way");
    repo.dir.run(&["git", "-f", "html"]).expect(1).out("reach clients");
    // A bare clone has no checkout at all.
    let bare = repo.dir.home().join("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let report = repo.dir.run(&["git", bare.to_str().unwrap(), "-f", "json"]).expect(1).json();
    like(&of(&report, &leaked)["exposure"], &json!({ "verdict": "client" }));
}
