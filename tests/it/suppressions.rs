//! Findings accepted by markers or by `.keysideignore`, which every report counts and names.

use serde_json::Value;

use crate::repo::Repo;
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
        ("<!-- keyside:allow why --> <a k='@'>", Some(OWN), "why"),
        ("/* keyside:allow why */ x = '@'; y = 1;", Some(OWN), "why"),
        (
            "x = '@' # keyside:allow[magicx-access-token] t keyside:allow[magicx-secret-key] why",
            Some(OWN),
            "why",
        ),
        (
            "# keyside:allow[magicx-secret-key] why\n# keyside:allow[magicx-access-token] t\nx = '@'",
            Some(OWN),
            "why",
        ),
        (
            "# keyside:allow[magicx-access-token] t\n# keyside:allow[magicx-secret-key] why\nx = '@'",
            Some(OWN),
            "why",
        ),
        ("# keyside:allow[magicx-secret-key] why\nx = '@'", Some(OWN), "why"),
        ("// keyside:allow why\r\nx = '@'\r\n", Some(OWN), "why"),
        ("  -- keyside:allow: why\nx = '@'", Some(OWN), "why"),
        ("x = '@' # gitleaks:allow", Some("gitleaks:allow"), ""),
        ("x = '@' // betterleaks:allow", Some("betterleaks:allow"), ""),
        ("x = '@' # trufflehog:ignore fake", Some("trufflehog:ignore"), "fake"),
        ("x = '@' # kingfisher:ignore", Some("kingfisher:ignore"), ""),
        ("x = '@' # kingfisher:allow", Some("kingfisher:allow"), ""),
        ("x = '@' # pragma: allowlist secret", Some("pragma: allowlist secret"), ""),
        ("x = '@' # pragma:allowlist secret", Some("pragma: allowlist secret"), ""),
        ("x = '@' # pragma: allowlist-secret", Some("pragma: allowlist secret"), ""),
        ("x = '@' # pragma: whitelist-secret", Some("pragma: whitelist secret"), ""),
        (
            "# pragma: allowlist-nextline-secret\nx = '@'",
            Some("pragma: allowlist nextline secret"),
            "",
        ),
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
        ("/* keyside:allow */ y = 1\nx = '@'", None, ""),
        ("# keyside:allow\ny = 1\n# keyside:allow[magicx-access-token]\nx = '@'", None, ""),
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
        assert_eq!(said, reason, "{text}");
        assert_eq!(report["scan"]["suppressed"], 1);
        dir.run(&["explain", &format!("a.py:{}", accepted["start_line"])])
            .expect(0)
            .out(&format!("accepted by {marker}"));
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
fn a_marker_counts_wherever_it_is_on_its_line() {
    let dir = Dir::new();
    let marker = "/* keyside:allow[magicx-secret-key] why */";
    for size in [4_096, 100_000, 5 << 20, 9 << 20] {
        let gap = "x".repeat(size);
        for line in [
            format!("'{}' {gap} {marker}", dir.key(SECRET)),
            format!("{marker} {gap} '{}'", dir.key(SECRET)),
        ] {
            dir.write("a.js", format!("a\n{line}\nb\n"));
            let (code, report) = dir.json(&[]);
            assert_eq!((code, &report["scan"]["suppressed"]), (0, &1.into()), "{size}");
            assert_eq!(report["suppressed"][0]["reason"], "why");
            // A line above or below is another line.
            dir.write("a.js", line.replace(&gap, &format!("{gap}\n")));
            assert_eq!(dir.run(&["scan"]).code, 1, "{size}");
        }
    }
}

/// Thousands of markers and keys on one line, or on lines of markers, take time that grows with
/// their number only.
#[test]
fn many_markers_are_read_once() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    for (text, count) in [
        (format!("/* keyside:allow */ x='{key}';"), 20_000),
        (format!("# keyside:allow[magicx-access-token] '{key}'\n"), 20_000),
        (format!("/* keyside:allow[magicx-secret-key] why */ x='{key}';"), 3_000),
        (format!("/* keyside:alow */ x='{key}';"), 5_000),
    ] {
        dir.write("a.js", text.repeat(count));
        let start = std::time::Instant::now();
        let run = dir.run(&["scan", "-f", "json", "--exit-zero"]).expect(0);
        let places = run.json()["scan"]["suppressed"].as_u64().unwrap();
        assert_eq!(
            places,
            if text.contains(":allow *") || text.contains("why") { count as u64 } else { 0 },
            "{text}"
        );
        // Where the list of markers ends, none is taken for a misspelt one.
        let is_told = notices(&run.json()).contains(&"marker".to_owned());
        assert_eq!(is_told, text.contains("alow"), "{text}");
        assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    }
}

#[test]
fn a_misspelt_marker_is_a_notice_with_its_place() {
    for (text, line, said) in [
        ("x = '@' # keyside:alow[magicx-secret-key] why", 1, "`keyside:alow` is not a marker"),
        ("\n# keyside:alow why\nx = '@'", 2, "`keyside:alow` is not a marker"),
        ("x = '@' # keyside:allow[no-rule] why", 1, "`keyside:allow[no-rule]` names no rule"),
        ("x = '@' # keyside:allow[magicx-secret-key why", 1, "has no closing bracket"),
        ("x = '@' # keyside:allow magicx-secret-key] why", 1, "has no opening bracket"),
    ] {
        let dir = Dir::new();
        dir.write("a.py", text.replace('@', &dir.key(SECRET)));
        let (code, report) = dir.json(&[]);
        assert_eq!((code, notices(&report)), (1, vec!["marker".to_owned()]), "{text}");
        let notice = &report["scan"]["notices"][0];
        assert_eq!((&notice["path"], &notice["incomplete"]), (&"a.py".into(), &false.into()));
        let message = notice["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("line {line}: ")), "{text}: {message}");
        assert!(message.contains(said), "{text}: {message}");
        dir.run(&["scan"]).expect(1).out(said);
        let place = format!("a.py:{}", report["findings"][0]["occurrences"][0]["start_line"]);
        dir.run(&["explain", &place]).expect(0).out(said);
    }
}

/// The messages of a report's notices on markers, each after its path.
fn on_markers(report: &Value) -> Vec<String> {
    let all = report["scan"]["notices"].as_array().unwrap().iter();
    let all = all.filter(|notice| notice["kind"] == "marker");
    all.map(|own| {
        format!("{}: {}", own["path"].as_str().unwrap(), own["message"].as_str().unwrap())
    })
    .collect()
}

#[test]
fn a_misspelt_marker_is_a_notice_wherever_it_stands() {
    let repo = Repo::new();
    let dir = &repo.dir;
    let base = repo.add("b.py", "y = 1\n");
    let text =
        "y = 1 # keyside:alow why\nz = 2 # keyside:allow[no-rule] why\n# see `keyside:alow`\n";
    let wanted = [
        "a.py: line 1: `keyside:alow` is not a marker: write `keyside:allow[RULE] WHY`",
        "a.py: line 2: `keyside:allow[no-rule]` names no rule; `keyside rules list` shows all",
    ];
    repo.write("a.py", text);
    let (code, report) = dir.json(&[]);
    assert_eq!((code, on_markers(&report)), (0, wanted.map(str::to_owned).to_vec()));
    dir.run(&["scan"]).expect(0).out("`keyside:alow` is not a marker");
    dir.run(&["scan", "--no-suppress", "-f", "json"]).expect(0).out("\"notices\": []");
    // In what is staged and in a range as well; not what the range itself has mended.
    repo.git(&["add", "a.py"]);
    let staged = repo.report(&["--staged"], 0);
    assert_eq!(on_markers(&staged), wanted);
    repo.commit_staged("Add it");
    repo.add("b.py", "y = 1 # keyside:alow\n");
    repo.add("b.py", "y = 1\n");
    let range = format!("{base}..HEAD");
    assert_eq!(on_markers(&repo.report(&["--range", &range], 0)), wanted);
    // In every encoding, and in every part of a large file.
    for form in windows_forms("y = 1 # keyside:alow\n") {
        repo.write("a.py", &form);
        assert_eq!(on_markers(&dir.json(&[]).1).len(), 1, "{form:?}");
    }
    let long = format!("{}y = 1 # keyside:alow\n", "x = 1\n".repeat(2 << 20));
    repo.write("a.py", long);
    let told = on_markers(&dir.json(&[]).1);
    assert!(told[0].starts_with("a.py: line 2097153: `keyside:alow`"), "{told:?}");
    // Of many of them, ten are told.
    repo.write("a.py", "x /* keyside:alow */ ".repeat(100_000));
    assert_eq!(on_markers(&dir.json(&[]).1).len(), 1);
    repo.write("a.py", "# keyside:alow\n".repeat(100_000));
    assert!((1..=20).contains(&on_markers(&dir.json(&[]).1).len()));
}

/// Files as editors and shells of Windows write them: with a mark, with their line ends, in UTF-16.
pub(crate) fn windows_forms(text: &str) -> Vec<Vec<u8>> {
    let windows = text.replace('\n', "\r\n");
    let marked = format!("\u{feff}{windows}");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    vec![
        text.into(),
        format!("\u{feff}{text}").into(),
        windows.clone().into(),
        marked.clone().into(),
        wide(&marked),
        wide(&windows),
        marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        [&b"# notes\n"[..], &wide(&windows)].concat(),
    ]
}

#[test]
fn files_from_windows_are_read() {
    let dir = Dir::new();
    dir.write("tests/fixtures/a.txt", dir.key(SECRET));
    dir.write("rules/own.toml", "");
    dir.write("b.txt", dir.key(("own_key_", 32)));
    let id = ids(&dir.json(&[]).1).remove(0);
    let rules = crate::configuration::rule_file("own", "own_key_", "error");
    for text in [
        format!("{id} why\n"),
        "tests/fixtures/\n".to_owned(),
        "tests\\fixtures\\\n".to_owned(),
        "tests\\fixtures\\*.txt\n".to_owned(),
    ] {
        for bytes in windows_forms(&text) {
            dir.write(".keysideignore", &bytes);
            dir.run(&["scan"]).expect(0).out("1 by .keysideignore");
        }
    }
    std::fs::remove_file(dir.path().join(".keysideignore")).unwrap();
    let baseline = format!("version = 1\n[[finding]]\nid = \"{id}\"\n");
    for config in [
        "exclude = ['tests/']\nrules = ['rules/own.toml']\n",
        "exclude = ['tests\\fixtures\\']\nrules = ['rules\\own.toml']\n",
        "baseline = 'sub\\baseline.toml'\nrules = ['.\\rules\\own.toml']\n",
    ] {
        let forms = windows_forms(config).into_iter();
        let forms = forms.zip(windows_forms(&rules)).zip(windows_forms(&baseline));
        for ((config, rules), baseline) in forms {
            dir.write("keyside.toml", config);
            dir.write("rules/own.toml", rules);
            dir.write("sub/baseline.toml", baseline);
            let (code, report) = dir.json(&[]);
            assert_eq!((code, places(&report)), (1, vec!["b.txt:1:1-41".to_owned()]));
            dir.run(&["scan", "-c", "keyside.toml"]).expect(1).out("own-key");
        }
    }
    // A tree's file may lead nowhere else.
    dir.write("keyside.toml", "rules = ['..\\own.toml']\n");
    dir.run(&["scan"]).expect(2).err("is outside the scanned tree");
    dir.write("keyside.toml", "exclude = [\"tests\\fixtures\"]\n");
    dir.run(&["scan"]).expect(2).err("keyside.toml:1: a path pattern contains a control character");
    std::fs::remove_file(dir.path().join("keyside.toml")).unwrap();
    for (name, args) in [
        (".keysideignore", &["scan"][..]),
        ("own.toml", &["scan", "-c", "own.toml"]),
        ("own.toml", &["scan", "--rules", "own.toml"]),
        ("own.toml", &["scan", "-b", "own.toml"]),
        ("own.toml", &["import", "own.toml", "--kind", "gitleaks-config"]),
    ] {
        for (text, fault) in [
            (&b"# x\n\n# caf\xe9\n"[..], ":3: not a text in UTF-8 or UTF-16"),
            (b"# x\n<<<<<<< HEAD\n# y\n=======\n# z\n>>>>>>> x\n", ":2: a merge left a conflict"),
        ] {
            dir.write(name, text);
            dir.run(args).expect(2).err(&format!("{name}{fault}"));
            std::fs::remove_file(dir.path().join(name)).unwrap();
        }
    }
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
    dir.write("c/.keysideignore", b"\xff\xfea");
    dir.run(&["scan", "c"]).expect(2).err("c/.keysideignore:1: not a text in UTF-8 or UTF-16");
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
