//! Reports: they keep their documented form, are reproducible, and hold no key.

use std::fs;

use serde_json::{Value, json};

use crate::support::{AIMAGICX, Dir, FORMATS, PUBLIC, Run, SECRET, TOKEN, places};

fn schema() -> jsonschema::Validator {
    let text = include_str!("../../docs/report.schema.json");
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
}

/// A folder with keys of all kinds, accepted ones, media, links and a name that is not UTF-8.
fn full() -> Dir {
    use std::os::unix::ffi::OsStrExt;

    let dir = Dir::new();
    let shared = dir.key(AIMAGICX);
    dir.write("a b/c.ts", format!("const k = '{shared}';\nlet p = '{}'\n", dir.key(PUBLIC)));
    dir.write("b.env", format!("A={shared}\nB={}\nC={}\n", dir.key(SECRET), dir.key(TOKEN)));
    dir.write("c.env", format!("# keyside:allow a sample\n{}\n", dir.key(SECRET)));
    dir.write("d.png", b"\x89PNG\r\n\x1a\n");
    dir.write("é/😀.txt", format!("😀é {}", dir.key(SECRET)));
    std::os::unix::fs::symlink("nowhere", dir.path().join("link")).unwrap();
    let name = std::ffi::OsStr::from_bytes(b"\xff.txt");
    // Some file systems take UTF-8 only.
    let _ = fs::write(dir.path().join(name), dir.key(TOKEN));
    dir.write("keyside.toml", "min-severity = 'error'\ndisable = ['magicx-public-key']\n");
    dir
}

/// Fails the test unless a JSON report matches its schema.
pub(crate) fn assert_valid(report: &Value) {
    let errors: Vec<_> = schema().iter_errors(report).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{report:#}");
}

#[test]
fn json_reports_are_valid_by_their_schema() {
    let schema = schema();
    let check = |run: &Run| assert_valid(&run.json());
    let dir = full();
    for args in [
        &[][..],
        &["--show-secrets"],
        &["--no-suppress"],
        &["--min-severity", "error"],
        &["none", "b.env"],
        &["none"],
        &["--only", "aimagicx-api-key", "--max-file-size", "10"],
    ] {
        let args = [&["scan", "-f", "json"], args].concat();
        check(&dir.command(&args, b"").finish_showing(&dir));
    }
    check(&dir.pipe(&["stdin", "-f", "json"], dir.key(SECRET).as_bytes()));
    check(&dir.pipe(&["stdin", "-f", "json"], b""));
    // The schema can fail.
    let mut wrong = dir.run(&["scan", "-f", "json"]).json();
    wrong["findings"][0]["secret"] = json!("x");
    assert!(!schema.is_valid(&wrong));
}

#[test]
fn json_has_every_documented_field() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("src/a.ts", format!("const K = '{key}'\n"));
    let (_, mut report) = dir.json(&[]);
    let finding = &mut report["findings"][0];
    assert!(finding["id"].as_str().unwrap().starts_with("ks1:"));
    let sha256 = keyside::model::Secret::new(key.as_bytes(), 0).sha256();
    let sha256: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let redacted = format!("{}…(49)", &key[..10]);
    let title = "MagicX AI Autocomplete secret key";
    let expected = json!({
        "id": finding["id"],
        "rule_id": "magicx-secret-key",
        "kind": "secret",
        "title": title,
        "message": format!("{title} `{redacted}`"),
        "severity": "error",
        "confidence": "high",
        "key_class": "secret",
        "secret": { "redacted": redacted, "sha256": sha256 },
        "about": null,
        "exposure": {
            "verdict": "unknown", "framework": null, "confirmed": null, "confidence": null,
            "trace": [], "related": []
        },
        "verification": {
            "status": "not-checked", "reason": null, "checked_at": null, "account": null
        },
        "remediation": finding["remediation"],
        "in_head": null,
        "first_seen": null,
        "removed_in": null,
        "branches": [],
        "age_days": null,
        "past_rotation": null,
        "accepted_by_change": null,
        "occurrences": [{
            "source": "tree", "path": "src/a.ts",
            "start_line": 1, "start_column": 12, "end_line": 1, "end_column": 61,
            "line": "const K = '[REDACTED]'",
            "commit": null, "blob": null, "encoding": [], "inside": null,
            "accepted_by_change": null
        }]
    });
    assert_eq!(*finding, expected);
    for field in ["summary", "url"] {
        assert!(!finding["remediation"][field].as_str().unwrap().is_empty());
    }
    report["scan"]["duration_ms"] = json!(0);
    report["findings"] = json!([]);
    assert_eq!(
        report,
        json!({
            "schema_version": 1,
            "tool": { "name": "keyside", "version": env!("CARGO_PKG_VERSION") },
            "scan": {
                "state": "complete", "mode": "tree",
                "files": 1, "blobs": 0, "commits": 0, "known": 0, "bytes": 62, "skipped": 0,
                "skips": { "media": 0, "archives": 0, "special": 0, "links": 0, "large": 0, "excluded": 0 },
                "totals": { "keys": 1, "places": 1, "reach_clients": 0, "ways": 0, "other_leaks": 0 },
                "suppressed": 0, "below_severity": 0, "not_live": 0, "verification": null,
                "duration_ms": 0, "notices": []
            },
            "findings": [],
            "suppressed": []
        })
    );
    let run = dir.pipe(&["stdin", "-f", "json", "--path", "x/y.env"], key.as_bytes());
    let report = run.json();
    assert_eq!(report["scan"]["mode"], "stdin");
    let place = &report["findings"][0]["occurrences"][0];
    assert_eq!((&place["source"], &place["path"]), (&json!("stdin"), &json!("x/y.env")));
}

#[test]
fn jsonl_has_a_finding_per_line_then_the_scan() {
    let dir = full();
    let whole = dir.run(&["scan", "-f", "json"]).json();
    let run = dir.run(&["scan", "-f", "jsonl"]).expect(1);
    let lines: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, findings) = lines.split_last().unwrap();
    assert_eq!(findings, whole["findings"].as_array().unwrap().as_slice());
    assert_eq!(last.as_object().unwrap().len(), 1);
    assert_eq!(last["scan"]["files"], whole["scan"]["files"]);
    assert_eq!(last["scan"]["suppressed"], 1);

    let clean = Dir::new();
    clean.write("a", "x");
    let run = clean.run(&["scan", "-f", "jsonl"]).expect(0);
    assert_eq!(run.stdout.lines().count(), 1);
}

#[test]
fn secrets_are_shown_only_on_request_in_human_and_json() {
    let dir = Dir::new();
    let (key, other) = (dir.key(SECRET), dir.key(TOKEN));
    dir.write("a.txt", format!("{key} {other}"));
    let shown = |format: &str| {
        let args = ["scan", "--show-secrets", "-f", format];
        dir.command(&args, b"").finish_showing(&dir).expect(1)
    };
    let report = shown("json").json();
    assert_eq!(report["findings"][0]["secret"]["raw"], *key);
    assert_eq!(report["findings"][0]["occurrences"][0]["line"], format!("{key} [REDACTED]"));
    assert_eq!(report["findings"][1]["secret"]["raw"], *other);
    for format in ["human", "jsonl"] {
        shown(format).out(&key).out(&other);
    }
    for format in FORMATS.iter().filter(|name| !["human", "json", "jsonl"].contains(name)) {
        let run = dir.run(&["scan", "--show-secrets", "-f", format]).expect(1);
        assert!(!run.stdout.contains(&key[..12]), "{run}");
    }
    let (_, report) = dir.json(&[]);
    assert!(report["findings"][0]["secret"].get("raw").is_none());
}

#[test]
fn several_reports_are_written_at_once() {
    let dir = full();
    let run = dir.run(&[
        "scan",
        "-f",
        "json=r/report.json",
        "-f",
        "sarif=r/x.sarif",
        "-f",
        "jsonl=r/x.jsonl",
    ]);
    run.expect(2).err("cannot write the report r/report.json");
    fs::create_dir(dir.path().join("r")).unwrap();
    dir.run(&[
        "scan",
        "-f",
        "json=r/report.json",
        "-f",
        "sarif=r/x.sarif",
        "-f",
        "jsonl=r/x.jsonl",
        "-f",
        "human=r/x.txt",
    ])
    .expect(1)
    .out("found: ");
    let read = |name: &str| fs::read_to_string(dir.path().join("r").join(name)).unwrap();
    let json: Value = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(json["schema_version"], 1);
    let sarif: Value = serde_json::from_str(&read("x.sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(read("x.jsonl").lines().last().unwrap().starts_with("{\"scan\":"));
    assert!(read("x.txt").contains("found: ") && !read("x.txt").contains('\x1b'));
}

#[test]
fn a_file_extension_selects_the_format() {
    let dir = Dir::new();
    dir.write("src/a.txt", dir.key(SECRET));
    for (args, start) in [
        (&["-o", "r.json"][..], "{\n  \"schema_version\": 1"),
        (&["-o", "r.jsonl"], "{\"id\":\"ks1:"),
        (&["-o", "r.sarif"], "{\n  \"$schema\""),
        (&["-o", "r.md"], "## keyside: 1 leaked key"),
        (&["-o", "r.xml"], "<?xml"),
        (&["-o", "r.csv"], "id,severity,"),
        (&["-o", "r.html"], "<!doctype html>"),
        (&["-o", "r.txt"], "error[magicx-secret-key]"),
        (&["-o", "r"], "error[magicx-secret-key]"),
        (&["-o", "r.json", "-f", "jsonl"], "{\"id\":\"ks1:"),
        (&["-f", "human", "-o", "r.json"], "error[magicx-secret-key]"),
    ] {
        let run = dir.run(&[&["scan", "src"], args].concat()).expect(1);
        assert_eq!(run.stdout, "", "{args:?}");
        assert!(run.stderr.contains("found: 1 leaked key"), "{run}");
        let name = args.iter().find(|arg| arg.starts_with('r')).unwrap();
        let text = fs::read_to_string(dir.path().join(name)).unwrap();
        assert!(text.starts_with(start), "{args:?}\n{text}");
    }
    let run = dir.run(&["scan", "src", "-f", "json", "-o", "-"]).expect(1);
    assert_eq!(run.json()["schema_version"], 1);
}

#[test]
fn data_is_alone_on_standard_output() {
    let dir = full();
    for format in ["json", "sarif"] {
        let run = dir.run(&["scan", "-f", format]).expect(1);
        run.json();
        run.err("found: ").err("note: ");
        let run = dir.run(&["scan", "-q", "-f", format]).expect(1);
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn colours_need_a_terminal_or_a_flag() {
    let dir = full();
    for (args, env, coloured) in [
        (&[][..], None, false),
        (&["--color", "always"], None, true),
        (&["--color", "never"], Some(("CLICOLOR_FORCE", "1")), false),
        (&[], Some(("CLICOLOR_FORCE", "1")), true),
        (&[], Some(("NO_COLOR", "1")), false),
        (&["--color", "always"], Some(("NO_COLOR", "1")), true),
        (&["--color", "always", "--no-color"], None, false),
    ] {
        let mut run = dir.command(&[&["scan"], args].concat(), b"");
        if let Some((name, value)) = env {
            run = run.env(name, value);
        }
        let run = run.finish(&dir).expect(1);
        assert_eq!(run.stdout.contains("\x1b["), coloured, "{args:?} {env:?}\n{run}");
    }
    let run = dir.run(&["scan", "--color", "always", "-f", "json"]).expect(1);
    assert!(!run.stdout.contains('\x1b'));
}

#[test]
fn quiet_is_findings_only() {
    let dir = full();
    let run = dir.run(&["scan", "-q"]).expect(1).out("error[magicx-secret-key]");
    for word in ["found:", "note:", "accepted"] {
        assert!(!run.stdout.contains(word), "{word}\n{run}");
    }
    assert_eq!(run.stderr, "");
    let run = dir.run(&["scan", "-q", "c.env"]).expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    // Unread files are still reported.
    dir.run(&["scan", "-q", "none"]).expect(3).out("incomplete: none");
}

#[test]
fn findings_are_in_order_of_severity_then_place() {
    let dir = Dir::new();
    dir.write("a.txt", format!("{}\n{}", dir.key(TOKEN), dir.key(SECRET)));
    dir.write("a/x.txt", dir.key(SECRET));
    dir.write("b.txt", format!("{}  {}", dir.key(AIMAGICX), dir.key(SECRET)));
    dir.write("B.txt", dir.key(TOKEN));
    let (_, report) = dir.json(&["b.txt", "a", "B.txt", "a.txt"]);
    assert_eq!(
        places(&report),
        [
            "a.txt:2:1-50",
            "a/x.txt:1:1-50",
            "b.txt:1:1-51",
            "b.txt:1:53-102",
            "B.txt:1:1-47",
            "a.txt:1:1-47",
        ]
    );
}

#[test]
fn scanned_files_cannot_steer_the_terminal() {
    let dir = Dir::new();
    let evil = "\x1b[2J\x1b]0;t\x07\r\u{9b}31m\u{202e}\u{8}";
    dir.write(&format!("a\x1b[31m\n{}.txt", "x"), format!("{evil} '{}' {evil}", dir.key(SECRET)));
    dir.write("b.txt", format!("{} # keyside:allow {evil}", dir.key(SECRET)));
    let args = ["scan", "-v", "none\x1b[1m", "."];
    let plain = dir.run(&args).expect(1);
    let coloured = dir.run(&[&args[..], &["--color", "always"]].concat()).expect(1);
    let bad = ['\x07', '\r', '\u{9b}', '\u{202e}', '\u{8}'];
    for run in [&plain, &coloured] {
        assert!(!run.stdout.contains(bad), "{run}");
        assert!(run.stdout.contains("a\\x1b[31m\\x0ax.txt:1:"), "{run}");
        assert!(run.stdout.contains("\\x1b[2J\\x1b]0;t\\x07\\x0d\\x9b31m\\u{202e}\\x08"), "{run}");
    }
    assert!(!plain.stdout.contains('\x1b'), "{plain}");
    // keyside's own colours remain.
    for escape in ["\x1b[2J", "\x1b]0", "a\x1b[31m", "none\x1b"] {
        assert!(!coloured.stdout.contains(escape), "{escape:?}\n{coloured}");
    }
    // The same in errors.
    dir.write("t/keyside.toml", "\"\\u001b[2J\" = 1");
    let run = dir.command(&["scan", "t"], b"").env("CLICOLOR_FORCE", "1").finish(&dir);
    assert!(!run.expect(2).stderr.contains("\x1b[2J"));
}

#[test]
fn the_human_report_reads_like_this() {
    let dir = Dir::new();
    let (secret, token) = (dir.key(SECRET), dir.key(TOKEN));
    dir.write("config/é.ts", format!("x\n  const é = '{secret}'; // {token}\n"));
    dir.write("z.env", format!("\nA={secret}\n"));
    let (_, report) = dir.json(&[]);
    let id = |index: usize| report["findings"][index]["id"].as_str().unwrap();
    let run = dir.run(&["scan"]).expect(1);
    let at = run.stdout.rfind(" in ").unwrap();
    let expected = format!(
        "\
error[magicx-secret-key]: MagicX AI Autocomplete secret key
 --> config/é.ts:2:14
  |
2 | const é = '{secret}…(49)'; // {token}…(46)
  |            ^^^^^^^^^^^^^^^
  = also z.env:2:3
  = id   {}
    why  Whoever holds the key can mint access tokens for the account's products without limit.
         It belongs on a server only: the provider says that the secret key must never reach
         end-user devices, a browser bundle, a client-side environment variable or a front-end
         `.env`.
    do   Create a new secret key, delete this one on the keys page, and let a server route
         exchange the new one (MAGICX_SECRET_KEY) for access tokens. A key that was pushed is
         leaked, even if the commit is removed.
    see  https://ai-autocomplete.com/account/keys
    keep by adding `keyside:allow[magicx-secret-key] WHY` to its line, or `ID/secret WHY` to .keysideignore

warning[magicx-access-token]: MagicX AI Autocomplete access token
 --> config/é.ts:2:69
  |
2 | const é = '{secret}…(49)'; // {token}…(46)
  |                                 ^^^^^^^^^^^^^^^
  = id   {}
    why  A token that a server minted from the secret key. It expires within minutes or hours; a
         client may hold it at run time, but one in a file is stale or was left there carelessly,
         together with whatever made it.
    do   Remove the token and fetch one at run time from a server route. It expires by itself;
         check that the secret key that minted it is not beside it.
    see  https://ai-autocomplete.com/account/keys
    keep by adding `keyside:allow[magicx-access-token] WHY` to its line, or `ID/secret WHY` to .keysideignore

found: 2 leaked keys in 3 places, in 2 files (171 B) in TIME
",
        id(0),
        id(1),
        secret = &secret[..10],
        token = &token[..10],
    );
    assert_eq!(format!("{} in TIME\n", &run.stdout[..at]), expected, "{run}");
}

#[test]
fn sarif_has_the_right_places_and_no_key() {
    let dir = full();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let sarif = |args: &[&str], folder: &str| {
        let folder = dir.path().join(folder);
        let run = dir
            .command(&[&["scan", "-f", "sarif"], args].concat(), b"")
            .with(|command| {
                command.current_dir(folder);
            })
            .finish(&dir)
            .expect(1);
        let log = run.json();
        assert_eq!(log["version"], "2.1.0");
        log["runs"][0].clone()
    };
    let places = |run: &Value| -> Vec<String> {
        let results = run["results"].as_array().unwrap().iter();
        let places = results.map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            let region = &place["region"];
            format!(
                "{}:{}:{}-{}",
                place["artifactLocation"]["uri"].as_str().unwrap(),
                region["startLine"],
                region["startColumn"],
                region["endColumn"]
            )
        });
        places.collect()
    };
    let run = sarif(&[], ".");
    let all = places(&run);
    // Columns are UTF-16 code units: the emoji takes two.
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    for place in [
        "a%20b/c.ts:1:12-62",
        "b.env:1:3-53",
        "b.env:2:3-52",
        "b.env:3:3-49",
        "%C3%A9/%F0%9F%98%80.txt:1:5-54",
    ] {
        assert!(all.contains(&place.to_owned()), "{place}: {all:?}");
    }
    // From a folder of the repository, the URIs still begin at its top.
    assert_eq!(places(&sarif(&["."], "a b")), ["a%20b/c.ts:1:12-62"]);
    assert_eq!(places(&sarif(&["../b.env"], "a b")).len(), 3);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let text = result["locations"][0]["physicalLocation"]["contextRegion"].to_string();
        assert!(text.contains("[REDACTED]"), "{text}");
    }
}

#[test]
fn no_key_is_in_any_report_file() {
    let dir = full();
    let mut keys = Vec::new();
    for name in ["b.env", "c.env", "é/😀.txt", "a b/c.ts"] {
        let text = fs::read_to_string(dir.path().join(name)).unwrap();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c));
        keys.extend(words.filter(|word| word.len() > 40).map(str::to_owned));
    }
    assert_eq!(keys.len(), 7);
    let names = FORMATS;
    let out = Dir::new();
    let formats: Vec<_> =
        names.iter().map(|name| format!("{name}={}", out.path().join(name).display())).collect();
    for extra in [&[][..], &["-v"], &["--no-suppress"], &["--min-severity", "error"]] {
        let mut args = vec!["scan"];
        args.extend(formats.iter().flat_map(|format| ["-f", format.as_str()]));
        args.extend(extra);
        dir.run(&args).expect(1);
        for name in names {
            let text = fs::read_to_string(out.path().join(name)).unwrap();
            assert!(text.contains("magicx-secret-key"), "{name} is empty");
            for key in &keys {
                // Twelve characters show four of the random part at most.
                assert!(!text.contains(&key[..12]), "{name} {extra:?}");
            }
        }
    }
}

/// Fails if any report on standard output shows more of a key than a mask does.
fn masks(dir: &Dir, args: &[&str], keys: &[&String]) {
    for format in FORMATS {
        let run = dir.run(&[&["scan", "-v", "-f", format], args].concat()).expect(1);
        for key in keys {
            let hidden = &key[key.len() - 33..];
            for at in 0..=hidden.len() - 10 {
                let part = &hidden[at..at + 10];
                assert!(!run.stdout.contains(part), "{part} of {key}\n{run}");
            }
        }
    }
}

#[test]
fn every_other_key_of_a_line_is_masked() {
    let dir = Dir::new();
    let (first, second, third) = (dir.key(SECRET), dir.key(AIMAGICX), dir.key(TOKEN));
    let public = dir.key(PUBLIC);
    dir.write("a.txt", format!("{first} {second} {third} {public}"));
    let all = [&first, &second, &third, &public];
    masks(&dir, &[], &all);
    masks(&dir, &["--min-severity", "error"], &all);
    // Keys of unused rules are not reported, but masked.
    masks(&dir, &["--only", "magicx-secret-key"], &all);
    masks(&dir, &["--disable", "aimagicx-api-key", "--disable", "magicx-public-key"], &all);

    // One of them is accepted.
    let (_, report) = dir.json(&[]);
    let ids = report["findings"].as_array().unwrap().iter();
    for id in ids.map(|finding| finding["id"].as_str().unwrap()) {
        dir.write(".keysideignore", format!("{id} see {second}\n"));
        masks(&dir, &[], &all);
    }
    dir.write(".keysideignore", "");
    dir.write("a.txt", format!("{first} {third} keyside:allow[magicx-secret-key] {second}"));
    masks(&dir, &[], &all);
}

#[test]
fn keys_cut_by_the_edge_of_a_line_are_masked() {
    let dir = Dir::new();
    let (key, left, right) = (dir.key(SECRET), dir.key(AIMAGICX), dir.key(TOKEN));
    for distance in 100..220 {
        let gap = ".".repeat(distance);
        dir.write(&format!("{distance}.js"), format!("{left}{gap}{key}{gap}{right}"));
    }
    masks(&dir, &["--only", "magicx-secret-key"], &[&left, &key, &right]);
    masks(&dir, &[], &[&left, &key, &right]);
}

#[test]
fn overlapping_keys_of_two_rules_are_masked() {
    let dir = Dir::new();
    let rule = crate::configuration::rule_file("own", "own_key_", "note");
    let rule = rule
        .replace("[A-Za-z0-9]{32})", "[A-Za-z0-9]{32}:[A-Za-z0-9_]{49}:[A-Za-z0-9]{33})")
        .replace("alphabet = \"A-Za-z0-9\"", "random = false");
    dir.write("rules/own.toml", rule);
    let (before, inner, after) = (dir.key(("own_key_", 32)), dir.key(SECRET), dir.key(("", 33)));
    dir.write("src/a.txt", format!("k = '{before}:{inner}:{after}'"));
    let (_, report) = dir.json(&["src", "--rules", "rules"]);
    // The rule with more fixed text is milder.
    assert_eq!(places(&report), ["src/a.txt:1:47-96", "src/a.txt:1:6-130"]);
    masks(&dir, &["src", "--rules", "rules"], &[&before, &inner, &after]);
}
