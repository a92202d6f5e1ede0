//! Accepted findings over years: last days and owners, kinds, entries without use, and what fails a run.

use std::fs;

use serde_json::Value;

use crate::repo::Repo;
use crate::support::{AIMAGICX, Dir, SECRET, TOKEN, notices, places};

const PAST: &str = "2001-01-01";
const FUTURE: &str = "9999-12-31";

/// The id of the first finding in a report.
fn id(report: &Value) -> String {
    report["findings"][0]["id"].as_str().unwrap().to_owned()
}

/// The messages of a report's notices of one kind, each after its path.
fn told(report: &Value, kind: &str) -> Vec<String> {
    let notices = report["scan"]["notices"].as_array().unwrap().iter();
    let notices = notices.filter(|notice| notice["kind"] == kind);
    let text = |notice: &Value| {
        let path = notice["path"].as_str().unwrap_or_default();
        format!("{path}: {}", notice["message"].as_str().unwrap())
    };
    notices.map(text).collect()
}

fn read(dir: &Dir, path: &str) -> String {
    fs::read_to_string(dir.path().join(path)).unwrap()
}

#[test]
fn an_expired_entry_is_a_finding_again_and_says_so() {
    let dir = Dir::repository();
    dir.write("src/a.txt", format!("\nk = '{}'\n", dir.key(SECRET)));
    let id = id(&dir.json(&[]).1);
    for (entry, reason) in [
        (format!("{id} until=DAY owner=@team rotate it"), "rotate it"),
        (format!("{id}/secret rotate it until=DAY owner=@team"), "rotate it"),
        ("src/ until=DAY owner=@team rotate it".to_owned(), "path pattern `src/`: rotate it"),
        ("*.txt # rotate it owner=@team until=DAY".to_owned(), "path pattern `*.txt`: rotate it"),
    ] {
        dir.write(".keysideignore", format!("# why\n{}\n", entry.replace("DAY", FUTURE)));
        let (code, report) = dir.json(&[]);
        assert_eq!((code, told(&report, "expired")), (0, Vec::new()), "{entry}");
        let said = format!("{reason} (until {FUTURE}, owner @team)");
        let accepted = &report["suppressed"][0];
        assert_eq!(accepted["reason"], said, "{entry}");
        assert_eq!((&accepted["until"], &accepted["owner"]), (&FUTURE.into(), &"@team".into()));
        dir.write(".keysideignore", format!("# why\n{}\n", entry.replace("DAY", PAST)));
        let (code, report) = dir.json(&[]);
        assert_eq!((code, places(&report).len()), (1, 1), "{entry}");
        let said = format!(
            ".keysideignore: line 2: accepted until {PAST} (owner @team): rotate it; reported again: src/a.txt:2"
        );
        assert_eq!(told(&report, "expired"), [said], "{entry}");
        for format in ["human", "sarif", "markdown", "html"] {
            dir.run(&["scan", "-f", format]).expect(1).out(&format!("accepted until {PAST}"));
        }
        dir.run(&["explain", "src/a.txt:2"])
            .expect(0)
            .out("reported as error")
            .out(&format!(".keysideignore:2: accepted until {PAST}"));
    }
    // Without a finding, it is still named.
    dir.write("src/a.txt", "");
    dir.write(".keysideignore", format!("{id} until={PAST}\n"));
    let (code, report) = dir.json(&[]);
    let said =
        format!(".keysideignore: line 1: accepted until {PAST}; it accepts nothing any more");
    assert_eq!((code, told(&report, "expired")), (0, vec![said]));
    dir.write(".keysideignore", format!("{id} until=someday\n"));
    dir.run(&["scan"]).expect(2).err(".keysideignore:1: `until=someday`: not a day such as");
}

#[test]
fn an_expired_marker_accepts_nothing() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("a.py", format!("k = '{key}' # keyside:allow until={FUTURE} owner=@team a test\n"));
    let (code, report) = dir.json(&[]);
    let said = format!("a test (until {FUTURE}, owner @team)");
    let accepted = &report["suppressed"][0];
    assert_eq!((code, &accepted["reason"]), (0, &said.into()));
    assert_eq!((&accepted["until"], &accepted["owner"]), (&FUTURE.into(), &"@team".into()));
    for text in [
        format!("k = '{key}' # keyside:allow until={PAST} a test\n"),
        format!("# keyside:allow[magicx-secret-key] a test until={PAST}\nk = '{key}'\n"),
    ] {
        dir.write("a.py", &text);
        let (code, report) = dir.json(&[]);
        assert_eq!(code, 1, "{text}");
        let line = text.lines().count();
        let said = told(&report, "expired");
        let head = format!("a.py: line {line}: `keyside:allow` has ended");
        assert!(said.len() == 1 && said[0].starts_with(&head), "{said:?}");
        dir.run(&["explain", &format!("a.py:{line}")]).expect(0).out("has ended: a test (until");
    }
    dir.write("a.py", format!("k = '{key}' # keyside:allow until=soon\n"));
    let (code, report) = dir.json(&[]);
    assert_eq!((code, notices(&report)), (1, vec!["marker".to_owned()]));
}

/// A project whose key is on the server, or in the browser.
pub(crate) fn app(dir: &Dir, key: &str, directive: &str) {
    dir.write("package.json", r#"{"dependencies":{"next":"15.0.0","react":"19.0.0"}}"#);
    dir.write("lib/key.ts", format!("export const KEY = '{key}';\n"));
    let page = "import { KEY } from '../lib/key';\n\
                export default function Page() { fetch('/x', { headers: { k: KEY } }); return null }\n";
    dir.write("app/page.tsx", format!("{directive}{page}"));
}

#[test]
fn an_accepted_key_that_begins_to_reach_a_browser_is_new() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    app(&dir, &key, "");
    let id = id(&dir.json(&[]).1);
    dir.write(".keysideignore", format!("{id}/secret only the server has it\n"));
    assert_eq!(dir.json(&[]).0, 0);
    app(&dir, &key, "'use client';\n");
    let (code, report) = dir.json(&[]);
    assert_eq!((code, &report["findings"][0]["kind"]), (1, &"client-secret-literal".into()));
    dir.write(".keysideignore", format!("{id}/client-secret-literal a demo\n"));
    assert_eq!(dir.json(&[]).0, 0);
    // It covers the less exposed kinds.
    app(&dir, &key, "");
    assert_eq!(dir.json(&[]).0, 0);
    // An id alone accepts the key, and the report says what it does not accept.
    dir.write(".keysideignore", format!("{id} a demo\n"));
    assert_eq!(dir.json(&[]).0, 0);
    app(&dir, &key, "'use client';\n");
    let (code, report) = dir.json(&[]);
    let said = told(&report, "worse-than-accepted");
    let line = format!("`{id}/client-secret-literal WHY` does");
    assert_eq!((code, said.len()), (1, 1), "{said:?}");
    assert!(
        said[0].starts_with(".keysideignore: line 1 accepts the key") && said[0].ends_with(&line)
    );
    dir.write(".keysideignore", format!("{id}/clients a demo\n"));
    dir.run(&["scan"]).expect(2).err("unknown kind of finding `clients`");
}

/// Leaks that are not the worst of their key, and those of names, have ids of their own.
#[test]
fn an_id_of_one_kind_needs_no_kind() {
    let dir = Dir::new();
    dir.write("package.json", r#"{"dependencies":{"next":"15.0.0","react":"19.0.0"}}"#);
    let page = "'use client';\nexport default () => process.env.NEXT_PUBLIC_MAGICX_SECRET_KEY;\n";
    dir.write("app/page.tsx", page);
    let (_, report) = dir.json(&[]);
    assert_eq!(report["findings"][0]["secret"], Value::Null, "{report:#}");
    let ids = report["findings"].as_array().unwrap().iter();
    let ids: Vec<_> = ids.map(|own| own["id"].as_str().unwrap()).collect();
    dir.write(".keysideignore", ids.join("\n"));
    assert_eq!(dir.json(&[]).0, 0);
}

#[test]
fn entries_that_accept_nothing_are_named() {
    let dir = Dir::repository();
    dir.write("src/a.txt", dir.key(SECRET));
    let id = id(&dir.json(&[]).1);
    let gone = "ks1:00112233445566778899";
    dir.write(
        ".keysideignore",
        format!("{id} why\n# gone\n{gone} why\nno/such/ # x\n!src/b.txt\n"),
    );
    let (code, report) = dir.json(&[]);
    let said = told(&report, "unused-ignore");
    assert_eq!((code, said.len()), (0, 1), "{said:?}");
    assert!(said[0].starts_with(".keysideignore: lines 3 and 4 accept nothing"), "{said:?}");
    // A reason that is taken for a part of a path is such an entry.
    dir.write(".keysideignore", "src/ made-up keys\n");
    let (code, report) = dir.json(&[]);
    let said = told(&report, "unused-ignore");
    assert!(code == 1 && said[0].contains("its reason begins with ` # `"), "{said:?}");
    dir.write(
        ".keysideignore",
        format!("{id} why\n# gone\n{gone} why\nno/such/ # x\n!src/b.txt\n"),
    );
    // Scans that cannot know say nothing.
    for args in [
        &["src"][..],
        &["--only", "magicx-secret-key"],
        &["--disable", "aimagicx-api-key"],
        &["--exclude", "src"],
        &["nowhere", "."],
        &["--no-suppress"],
    ] {
        assert_eq!(told(&dir.json(args).1, "unused-ignore"), [""; 0], "{args:?}");
    }
    let run = dir.run(&["scan", "--strict-ignores"]).expect(2);
    let run = run.err(&format!(
        "error: .keysideignore:3: unused: the tree and its history have no finding for {gone}"
    ));
    run.err(".keysideignore:4: unused");
    dir.run(&["scan", "src", "--strict-ignores"]).expect(2).err(".keysideignore:3: unused");
    dir.write(".keysideignore", format!("{id} why\n"));
    for args in [&["."][..], &["--only", "aimagicx-api-key"], &["--exclude", "src"], &["src"]] {
        dir.run(&[&["scan", "--allow-empty", "--strict-ignores"], args].concat()).expect(0);
    }
    dir.write(".keysideignore", format!("{id} until={PAST}\n"));
    dir.run(&["scan", "--strict-ignores"]).expect(2).err("and has expired");
}

#[test]
fn what_only_another_branch_or_the_past_has_is_in_use() {
    let repo = Repo::new();
    let dir = &repo.dir;
    repo.add("clean.txt", "1");
    let base = repo.git(&["rev-parse", "--abbrev-ref", "HEAD"]);
    repo.git(&["checkout", "-qb", "other"]);
    repo.add("other.txt", dir.key(SECRET));
    let other = id(&dir.json(&[]).1);
    repo.git(&["checkout", "-q", base.trim()]);
    repo.add("past.txt", dir.key(SECRET));
    let past = id(&dir.json(&[]).1);
    repo.add("past.txt", "gone");
    // Git ignores this file; `scan --no-ignore` finds it.
    repo.write(".gitignore", ".env\n");
    repo.write(".env", format!("K={}\n", dir.key(SECRET)));
    let ignored = id(&dir.json(&["--no-ignore"]).1);
    let used = format!("{other} a\n{past}/secret b\n{ignored} c\n.env # d\nother.txt # e\n");
    repo.write(".keysideignore", &used);
    dir.run(&["scan", "--strict-ignores"]).expect(0);
    dir.run(&["git", "--strict-ignores"]).expect(0);
    dir.run(&["baseline", "prune"]).expect(0).out(".keysideignore: 0 entries removed");
    assert_eq!(read(dir, ".keysideignore"), used);
    repo.write(".keysideignore", format!("{used}ks1:00112233445566778899 f\n"));
    dir.run(&["scan", "--strict-ignores"]).expect(2).err(".keysideignore:6: unused");
    dir.run(&["git", "--strict-ignores"]).expect(2).err(".keysideignore:6: unused");
    // A leak of another branch is found in no history.
    repo.write(".keysideignore", format!("{used}ks1:00112233445566778899/client-secret-env f\n"));
    dir.run(&["scan", "--strict-ignores"]).expect(0);
    // What is staged says nothing of entries without use.
    repo.write(".keysideignore", "ks1:00112233445566778899 f\n");
    dir.run(&["git", "--staged", "--strict-ignores"]).expect(0);
}

#[test]
fn prune_removes_what_is_unused_from_both_files_and_keeps_comments() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("a.txt", &key);
    dir.write("b.txt", dir.key(AIMAGICX));
    dir.write("sub/c.txt", dir.key(TOKEN));
    dir.run(&["baseline", "write"]).expect(0).out("3 findings accepted");
    let (_, report) = dir.json(&["--only", "magicx-secret-key"]);
    let id = id(&report);
    let gone = "ks1:00112233445566778899";
    let text = format!(
        "# kept\r\nsalt keyside\r\n{gone} x\r\n\r\n# of a\r\n{id} until={PAST} y\r\nno/ # z\r\n!a\r\n{gone}"
    );
    dir.write(".keysideignore", &text);
    dir.write("sub/.keysideignore", format!("{gone} x\nc.txt # y\n"));
    dir.write("clean/.keysideignore", format!("# nothing is here\n{gone} x\n"));
    fs::remove_file(dir.path().join("b.txt")).unwrap();
    let run = dir.run(&["baseline", "prune", "--dry-run"]).expect(0);
    run.out(&format!("would be removed: .keysideignore:3: {gone}"))
        .out("would be removed: .keysideignore:7: no/")
        .out("keyside-baseline.toml: 1 finding would be removed, 2 left");
    assert_eq!(read(&dir, ".keysideignore"), text);
    let run = dir.run(&["baseline", "prune"]).expect(0);
    run.out(".keysideignore: 3 entries removed").out("sub/.keysideignore: 1 entry removed");
    let kept = format!("# kept\r\nsalt keyside\r\n\r\n# of a\r\n{id} until={PAST} y\r\n!a\r\n");
    assert_eq!(read(&dir, ".keysideignore"), kept);
    assert_eq!(read(&dir, "sub/.keysideignore"), "c.txt # y\n");
    assert_eq!(read(&dir, "clean/.keysideignore"), "# nothing is here\n");
    // The ignore file alone is enough.
    fs::remove_file(dir.path().join("keyside-baseline.toml")).unwrap();
    fs::remove_file(dir.path().join("a.txt")).unwrap();
    dir.run(&["baseline", "prune"]).expect(0).out(&format!("removed: .keysideignore:5: {id}"));
    assert!(!dir.path().join("keyside-baseline.toml").exists());
    // A link could lead to a file of the user's.
    let other = dir.write("other", format!("{gone}\n"));
    fs::remove_file(dir.path().join(".keysideignore")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&other, dir.path().join(".keysideignore")).unwrap();
    #[cfg(unix)]
    dir.run(&["baseline", "prune"]).expect(2).err(".keysideignore is a link");
    assert_eq!(read(&dir, "other"), format!("{gone}\n"));
    fs::remove_file(dir.path().join(".keysideignore")).unwrap();
    // Files of folders that are not scanned stay.
    dir.write(".keysideignore", format!("{gone}\n"));
    dir.run(&["baseline", "prune", "sub", "-b", "none.toml"]).expect(2);
    dir.run(&["baseline", "prune", "sub"]).expect(0);
    assert_eq!(read(&dir, ".keysideignore"), format!("{gone}\n"));
    // Without both, there is nothing to prune.
    fs::remove_file(dir.path().join(".keysideignore")).unwrap();
    dir.run(&["baseline", "prune"]).expect(2).err("no such baseline");
}

#[test]
fn a_baseline_takes_rules_reasons_and_reports() {
    let dir = Dir::new();
    dir.write("a.txt", dir.key(SECRET));
    dir.write("b.txt", dir.key(AIMAGICX));
    let shown = || dir.run(&["baseline", "show", "-f", "json"]).expect(0).json();
    let write = |args: &[&str]| dir.run(&[&["baseline", "write"], args].concat());
    write(&["--only", "magicx-secret-key", "--reason", "first"]).expect(0).out("1 of them new");
    dir.run(&["scan", "-b", "keyside-baseline.toml"]).expect(1).out("b.txt:1:1");
    dir.run(&["scan", "-f", "json", "-o", "report.json"]).expect(1);
    // The files may be gone by now.
    fs::remove_file(dir.path().join("b.txt")).unwrap();
    write(&["--from", "report.json", "--only", "magicx-secret-key"]).expect(0).out("0 of them new");
    write(&["--from", "report.json", "--reason", "second"])
        .expect(0)
        .out("2 findings accepted, 1 of");
    let of = |nth: usize| {
        let own = shown()["findings"][nth].clone();
        ["rule_id", "kind", "path", "reason"].map(|key| own[key].as_str().unwrap().to_owned())
    };
    assert_eq!(of(0), ["magicx-secret-key", "secret", "a.txt", "first"]);
    assert_eq!(of(1), ["aimagicx-api-key", "secret", "b.txt", "second"]);
    // A report of an incomplete scan has not everything.
    dir.run(&["scan", ".", "nowhere", "-f", "json", "-o", "part.json"]).expect(1);
    write(&["--from", "part.json"]).expect(3);
    for (text, fault) in [
        ("{}", "no.json: not a JSON report of keyside"),
        ("[{\"RuleID\": 1}]", "no.json: not a JSON report of keyside"),
    ] {
        dir.write("no.json", text);
        write(&["--from", "no.json"]).expect(2).err(fault);
    }
    write(&["--from", "none.json"]).expect(2).err("cannot read the report none.json");
}

#[test]
fn what_fails_a_run_is_chosen_apart_from_what_is_shown() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("token.txt", dir.key(TOKEN));
    let scan = |args: &[&str]| dir.run(&[&["scan"], args].concat());
    // A token is a warning.
    scan(&[]).expect(1);
    scan(&["--fail-on", "warning"]).expect(1);
    scan(&["--fail-on", "error"])
        .expect(0)
        .out("warning[magicx-access-token]")
        .err("no finding fails this run");
    scan(&["--fail-on", "error", "nowhere", "."]).expect(3);
    // What is not shown can fail, too.
    scan(&["--min-severity", "error"]).expect(0);
    let hidden = "1 finding below --min-severity fails this run";
    scan(&["--min-severity", "error", "--fail-on", "note"]).expect(1).err(hidden);
    scan(&["--fail-on", "note", "--exit-code", "9"]).expect(9);
    scan(&["--fail-on", "note", "--exit-zero"]).expect(0);
    app(&dir, &key, "");
    scan(&["--fail-on", "error"]).expect(1);
    scan(&["--fail-on", "client"]).expect(0);
    app(&dir, &key, "'use client';\n");
    scan(&["--fail-on", "client"]).expect(1);
    scan(&["--fail-on", "live"]).expect(2).err("--fail-on live does nothing without --verify");
    scan(&["--fail-on", "everything"]).expect(2);
    // Hooks and git scans have it, too.
    let repo = Repo::new();
    repo.write("token.txt", repo.dir.key(TOKEN));
    repo.git(&["add", "."]);
    for first in [&["git", "--staged"][..], &["hook", "pre-commit"]] {
        repo.dir.run(&[first, &["--fail-on", "error"]].concat()).expect(0);
        repo.dir.run(&[first, &["--fail-on", "warning"]].concat()).expect(1);
    }
}
