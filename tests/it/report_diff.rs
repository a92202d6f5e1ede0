//! `keyside diff`: what is new and gone between two JSON reports.

use std::fs;

use serde_json::Value;

use crate::accepted::app;
use crate::support::{AIMAGICX, Dir, SECRET};

fn report(dir: &Dir, file: &str) {
    dir.run(&["scan", "-f", "json", "-o", file, "--exit-zero"]);
}

/// The paths of a list of findings.
fn paths(list: &Value) -> Vec<&str> {
    let findings = list.as_array().unwrap().iter();
    findings.map(|own| own["occurrences"][0]["path"].as_str().unwrap()).collect()
}

#[test]
fn new_gone_and_kept_findings_are_told_apart() {
    let dir = Dir::new();
    let (kept, new) = (dir.key(SECRET), dir.key(AIMAGICX));
    dir.write("kept.txt", &kept);
    dir.write("gone.txt", dir.key(SECRET));
    dir.write("accepted.txt", dir.key(SECRET));
    report(&dir, "old.json");
    dir.run(&["diff", "old.json", "old.json"]).expect(0).out("0 new, 0 gone, 3 still there");
    fs::remove_file(dir.path().join("gone.txt")).unwrap();
    dir.write("kept.txt", format!("\n\n{kept}"));
    dir.write(".keysideignore", "accepted.txt # a test\n");
    report(&dir, "new.json");
    let run = dir.run(&["diff", "old.json", "new.json"]).expect(0);
    run.out("gone     gone.txt:1:1: error[magicx-secret-key]")
        .out("accepted accepted.txt:1:1")
        .out("still    kept.txt:3:1")
        .out("\n0 new, 1 gone, 1 now accepted, 1 still there\n");
    dir.write("new.txt", &new);
    report(&dir, "new.json");
    dir.run(&["diff", "old.json", "new.json"])
        .expect(1)
        .out("new      new.txt:1:1: error[aimagicx");
    let document = dir.run(&["diff", "old.json", "new.json", "-f", "json"]).expect(1).json();
    for (list, expected) in [
        ("new", "new.txt"),
        ("gone", "gone.txt"),
        ("accepted", "accepted.txt"),
        ("still", "kept.txt"),
    ] {
        assert_eq!(paths(&document[list]), [expected], "{list}");
    }
    assert_eq!(document["new"][0]["was_kind"], Value::Null);
    dir.run(&["diff", "old.json", "new.json", "-f", "markdown"])
        .expect(1)
        .out("**keyside:** 1 new, 1 gone")
        .out("- error `aimagicx-api-key` in `new.txt:1:1` (ks1:");
    // Another salt is no other finding.
    dir.write(".keysideignore", "salt of our own\naccepted.txt # a test\n");
    report(&dir, "salted.json");
    dir.run(&["diff", "new.json", "salted.json"]).expect(0).out("0 new, 0 gone, 2 still there");
}

#[test]
fn a_finding_that_gets_worse_is_new() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    app(&dir, &key, "");
    report(&dir, "old.json");
    app(&dir, &key, "'use client';\n");
    report(&dir, "new.json");
    let run = dir.run(&["diff", "old.json", "new.json", "-f", "json"]);
    let document = run.json();
    let kind = document["new"][0]["kind"].as_str().unwrap_or_default();
    assert!(run.code == 1 && kind.starts_with("client-"), "{document:#}");
    assert!(document["new"][0]["was_kind"].is_string(), "{document:#}");
    dir.run(&["diff", "new.json", "old.json"]).expect(0).out("0 new, 0 gone, 1 still there");
}

#[test]
fn what_is_no_report_or_not_whole_is_said() {
    let dir = Dir::new();
    dir.write("a.txt", dir.key(SECRET));
    report(&dir, "a.json");
    dir.run(&["scan", ".", "nowhere", "-f", "json", "-o", "part.json"]);
    dir.run(&["diff", "a.json", "part.json"])
        .expect(3)
        .err("the scan of NEW did not read everything");
    dir.run(&["diff", "part.json", "a.json"])
        .expect(0)
        .err("the scan of OLD did not read everything");
    dir.write("b.txt", dir.key(SECRET));
    report(&dir, "b.json");
    dir.run(&["diff", "part.json", "b.json"]).expect(1);
    dir.write("c.json", "{\"runs\": []}");
    dir.run(&["diff", "a.json", "c.json"]).expect(2).err("c.json: not a JSON report of keyside");
    dir.run(&["diff", "none.json", "a.json"]).expect(2).err("cannot read the report none.json");
    dir.run(&["diff", "a.json"]).expect(2);
    // What PowerShell writes is read, too.
    let text = fs::read_to_string(dir.path().join("a.json")).unwrap();
    for bytes in crate::suppressions::windows_forms(&text).into_iter().take(6) {
        dir.write("w.json", bytes);
        dir.run(&["diff", "a.json", "w.json"]).expect(0).out("1 still there");
    }
    // Nothing that a report holds reaches the terminal as it is.
    dir.write("h.json", text.replace("a.txt", "\\u001b[31m##[error]x"));
    let run = dir.run(&["diff", "a.json", "h.json"]).expect(0);
    assert!(!run.stdout.contains('\u{1b}'), "{run}");
}
