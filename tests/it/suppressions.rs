//! Findings accepted by markers or by `.keysideignore`, which every report counts and names.

use serde_json::Value;

use crate::support::{AIMAGICX, Dir, SECRET, TOKEN, notices, places};

fn ids(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn markers_accept_what_they_name() {
    // `@` is replaced with the key, `%` with the marker.
    const OWN: &str = "keyside:allow";
    for (text, marker, reason) in [
        ("x = '@' # keyside:allow", Some(OWN), ""),
        ("x = '@' # keyside:allow a test key", Some(OWN), "a test key"),
        ("x = '@' // keyside:allow[magicx-secret-key] why", Some(OWN), "why"),
        ("x = '@' /* keyside:allow[other, magicx-secret-key] why */", Some(OWN), "why"),
        ("<!-- keyside:allow why --> <a k='@'>", Some(OWN), "why --> <a k='"),
        ("# keyside:allow[magicx-secret-key] why\nx = '@'", Some(OWN), "why"),
        ("// keyside:allow why\r\nx = '@'\r\n", Some(OWN), "why"),
        ("  -- keyside:allow: why\nx = '@'", Some(OWN), "why"),
        ("x = '@' # gitleaks:allow", Some("gitleaks:allow"), ""),
        ("x = '@' // betterleaks:allow", Some("betterleaks:allow"), ""),
        ("x = '@' # trufflehog:ignore fake", Some("trufflehog:ignore"), "fake"),
        ("x = '@' # kingfisher:ignore", Some("kingfisher:ignore"), ""),
        ("x = '@' # pragma: allowlist secret", Some("pragma: allowlist secret"), ""),
        (
            "# pragma: allowlist nextline secret\nx = '@'",
            Some("pragma: allowlist nextline secret"),
            "",
        ),
        // Markers that accept nothing.
        ("x = '@' # keyside:allow[magicx-access-token] why", None, ""),
        ("x = '@' # keyside:allow[]", None, ""),
        ("x = '@' # keyside:allowed", None, ""),
        ("x = '@' # notkeyside:allow", None, ""),
        ("y = 1 # keyside:allow\nx = '@'", None, ""),
        ("# keyside:allow\n\nx = '@'", None, ""),
        ("x = '@'\n# keyside:allow", None, ""),
        ("# gitleaks:allow\nx = '@'", None, ""),
        ("# keyside:allow[magicx-access-token]\nx = '@'", None, ""),
    ] {
        let dir = Dir::new();
        dir.write("a.py", text.replace('@', &dir.key(SECRET)));
        let (code, report) = dir.json(&[]);
        assert_eq!(code, i32::from(marker.is_none()), "{text}");
        let Some(marker) = marker else {
            assert_eq!(report["scan"]["suppressed"], 0, "{text}");
            continue;
        };
        let accepted = &report["suppressed"][0];
        assert_eq!(accepted["kind"], "inline", "{text}");
        assert_eq!(accepted["by"], marker, "{text}");
        let said = accepted["reason"].as_str().unwrap();
        assert!(said.starts_with(reason), "{text}: {said}");
        assert_eq!(report["scan"]["suppressed"], 1);
        dir.run(&["scan"]).expect(0).out(&format!("1 by `{marker}`"));
        dir.run(&["scan", "--no-suppress"]).expect(1);
    }
}

#[test]
fn a_marker_is_for_its_line_only() {
    let dir = Dir::new();
    let (a, b) = (dir.key(SECRET), dir.key(SECRET));
    dir.write("a.txt", format!("{a} # keyside:allow\n{b}\n{a}"));
    let (code, report) = dir.json(&[]);
    assert_eq!(
        (code, places(&report)),
        (1, vec!["a.txt:2:1-50".to_owned(), "a.txt:3:1-50".to_owned()])
    );
    assert_eq!(report["scan"]["suppressed"], 1);
}

#[test]
fn markers_in_long_lines_and_around_seams_work() {
    let dir = Dir::new();
    let gap = " ".repeat(3000);
    dir.write("a.js", format!("{}{gap}// keyside:allow why", dir.key(SECRET)));
    for distance in [0, 1, 30, 60] {
        let line = format!("{} # keyside:allow why", dir.key(SECRET));
        let before = (4 << 20) - (64 << 10) - 80 + distance;
        dir.write(&format!("{distance}.txt"), format!("{}\n{line}", ".".repeat(before)));
    }
    let (code, report) = dir.json(&[]);
    assert_eq!((code, &report["scan"]["suppressed"]), (0, &5.into()));
}

#[test]
fn an_accepted_id_is_stable_when_lines_and_files_move() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("a.txt", &key);
    let (_, report) = dir.json(&[]);
    let id = ids(&report).remove(0);
    assert!(id.starts_with("ks1:") && id.len() == 24, "{id}");
    dir.write(".keysideignore", format!("# accepted\n\n{id} rotated on 2026-01-02\n"));
    for (path, text) in [
        ("a.txt", key.clone()),
        ("a.txt", format!("\n\n\nKEY = '{key}'\n")),
        ("moved/b.txt", key.clone()),
    ] {
        dir.write("a.txt", "");
        dir.write(path, text);
        let (code, report) = dir.json(&[]);
        assert_eq!(code, 0, "{path}");
        let accepted = report["suppressed"].as_array().unwrap().last().unwrap();
        assert_eq!(accepted["kind"], "ignore-file");
        assert_eq!(accepted["by"], ".keysideignore:3");
        assert_eq!(accepted["reason"], "rotated on 2026-01-02");
        assert_eq!(accepted["id"], *id);
    }
    // Another key is not accepted.
    dir.write("c.txt", dir.key(SECRET));
    let (code, report) = dir.json(&[]);
    assert_eq!((code, places(&report)), (1, vec!["c.txt:1:1-50".to_owned()]));
    let (_, report) = dir.json(&["--no-suppress"]);
    assert_eq!(places(&report).len(), 2);
}

#[test]
fn ids_depend_on_the_rule_the_secret_and_the_salt() {
    let dir = Dir::new();
    dir.write("src/a.txt", dir.key(SECRET));
    dir.write("src/b.txt", dir.key(SECRET));
    let before = ids(&dir.json(&["src"]).1);
    assert_ne!(before[0], before[1]);
    dir.write("src/.keysideignore", "salt words of our own\n");
    let salted = ids(&dir.json(&["src"]).1);
    for id in &salted {
        assert!(!before.contains(id));
    }
    dir.write("src/.keysideignore", "salt other words\n");
    assert_ne!(ids(&dir.json(&["src"]).1), salted);

    let text = format!("salt words of our own\n{} why\n", salted[0]);
    dir.write("src/.keysideignore", &text);
    let (_, report) = dir.json(&["src"]);
    assert_eq!(places(&report), ["src/b.txt:1:1-50"]);
    // Without acceptance, the report shows the ids.
    assert_eq!(ids(&dir.json(&["src", "--no-suppress"]).1), salted);
    // An id of another salt accepts nothing.
    dir.write("src/.keysideignore", format!("{} why\n", salted[0]));
    assert_eq!(dir.json(&["src"]).1["scan"]["suppressed"], 0);
}

#[test]
fn an_ignore_file_accepts_paths() {
    let dir = Dir::new();
    for path in ["a.txt", "tests/fixtures/b.txt", "tests/c.txt", "x/#d.md", "keep.md"] {
        dir.write(path, dir.key(SECRET));
    }
    dir.write(".keysideignore", "tests/fixtures/\n*.md  \n!keep.md\n");
    let (code, report) = dir.json(&[]);
    assert_eq!(code, 1);
    assert_eq!(places(&report), ["a.txt:1:1-50", "keep.md:1:1-50", "tests/c.txt:1:1-50"]);
    let by: Vec<_> = report["suppressed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["by"].as_str().unwrap(), one["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(
        by,
        [
            (".keysideignore:1", "path pattern `tests/fixtures/`"),
            (".keysideignore:2", "path pattern `*.md`"),
        ]
    );
    // The same from a subfolder, and for named standard input.
    let dir_git = dir.path().join(".git");
    std::fs::create_dir(dir_git).unwrap();
    dir.run(&["scan", "tests/fixtures"]).expect(0);
    dir.pipe(&["stdin", "--path", "x/y.md"], dir.key(SECRET).as_bytes()).expect(0);
    dir.pipe(&["stdin", "--path", "x/y.rs"], dir.key(SECRET).as_bytes()).expect(1);
}

#[test]
fn faults_of_an_ignore_file_name_file_and_line() {
    for (text, message) in [
        ("\nks1:0011\n", ".keysideignore:2: `ks1:0011`: a finding id"),
        ("ks1:0011223344556677889g", ".keysideignore:1: "),
        ("ks9:00112233445566778899 x", ".keysideignore:1: `ks9:"),
        ("# x\n\n[z-a", ".keysideignore:3: `[z-a` is not a path pattern"),
        ("salt a\nsalt b", ".keysideignore:2: duplicate salt"),
    ] {
        let dir = Dir::new();
        dir.write("a.txt", "x");
        dir.write(".keysideignore", text);
        dir.run(&["scan"]).expect(2).err(message);
    }
    let dir = Dir::new();
    dir.write("a/.keysideignore", "salt a");
    dir.write("b/.keysideignore", "salt b");
    dir.run(&["scan", "a", "b"]).expect(2).err("different salts");
    dir.write("c/.keysideignore", b"\xff\xfe");
    dir.run(&["scan", "c"]).expect(2).err("c/.keysideignore: cannot be read");
}

#[test]
fn partly_accepted_findings_are_reported_at_their_open_places() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("a.txt", format!("{key} # keyside:allow a sample"));
    dir.write("b.txt", &key);
    let (code, report) = dir.json(&[]);
    assert_eq!((code, places(&report)), (1, vec!["b.txt:1:1-50".to_owned()]));
    assert_eq!(report["suppressed"].as_array().unwrap().len(), 1);
    assert_eq!(report["suppressed"][0]["path"], "a.txt");
    assert_eq!(report["suppressed"][0]["id"], report["findings"][0]["id"]);
}

#[test]
fn every_report_counts_accepted_keys() {
    let dir = Dir::new();
    dir.write("a.txt", format!("{} # gitleaks:allow fake", dir.key(SECRET)));
    dir.write("b.txt", dir.key(AIMAGICX));
    dir.write("c/d.txt", format!("{}\n{}", dir.key(TOKEN), dir.key(TOKEN)));
    let (_, report) = dir.json(&["b.txt"]);
    dir.write(".keysideignore", format!("{} rotated\nc/\n", ids(&report)[0]));

    let (code, report) = dir.json(&[]);
    assert_eq!((code, &report["scan"]["suppressed"]), (0, &4.into()));
    assert_eq!(report["suppressed"].as_array().unwrap().len(), 4);
    assert_eq!(notices(&report), ["suppressed-by-tree"]);
    let said = "accepted, not reported: 3 by .keysideignore, 1 by `gitleaks:allow`";
    assert_eq!(report["scan"]["notices"][0]["message"], said);

    let run = dir.run(&["scan"]).expect(0).out(said).out("; 4 accepted");
    assert!(!run.stdout.contains("rotated"), "{run}");
    dir.run(&["scan", "-v"])
        .expect(0)
        .out("accepted: a.txt:1:1 magicx-secret-key ks1:")
        .out("by gitleaks:allow: fake")
        .out("accepted: b.txt:1:1 aimagicx-api-key ks1:")
        .out("by .keysideignore:1: rotated")
        .out("accepted: c/d.txt:2:1 magicx-access-token")
        .out("by .keysideignore:2: path pattern `c/`");

    let run = dir.run(&["scan", "-f", "jsonl"]).expect(0);
    let last: Value = serde_json::from_str(run.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["scan"]["suppressed"], 4);

    // GitHub has no notion of accepted results, so they are counted, not listed.
    let sarif = dir.run(&["scan", "-f", "sarif"]).expect(0).json();
    let run = &sarif["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 0);
    let notification = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notification["message"]["text"], format!("{said}."));
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}
