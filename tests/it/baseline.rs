//! `keyside baseline` and `--baseline`: known findings are accepted, new ones are not.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::repo::Repo;
use crate::support::{AIMAGICX, Dir, Run, SECRET, TOKEN, places};

/// The default name of the file.
const FILE: &str = "keyside-baseline.toml";

fn read(dir: &Dir) -> String {
    fs::read_to_string(dir.path().join(FILE)).unwrap()
}

/// The baseline without days.
fn undated(dir: &Dir) -> String {
    let day = regex::Regex::new("added = [0-9-]{10}, ").unwrap();
    day.replace_all(&read(dir), "").into_owned()
}

/// The JSON of `keyside baseline show`.
fn shown(dir: &Dir) -> Value {
    dir.run(&["baseline", "show", "-f", "json"]).expect(0).json()
}

/// A folder with two keys in a baseline.
fn adopted() -> (Dir, [String; 2]) {
    let dir = Dir::new();
    let keys = [dir.key(SECRET), dir.key(AIMAGICX)];
    dir.write("src/a.txt", format!("k = '{}'\n", keys[0]));
    dir.write("b.txt", format!("k = '{}'\n", keys[1]));
    dir.run(&["baseline", "write"]).expect(0).out("2 findings accepted, 2 of them new");
    (dir, keys)
}

/// Scans with the baseline.
fn scan(dir: &Dir) -> (i32, Value) {
    dir.json(&["-b", FILE])
}

#[test]
fn baseline_findings_stay_accepted_when_they_move() {
    let (dir, [a, b]) = adopted();
    let (code, report) = scan(&dir);
    assert_eq!((code, &report["scan"]["suppressed"]), (0, &2.into()));
    let lines = format!("\n\n// moved\nconst k = '{a}';\n");
    for (path, text) in [("src/a.txt", &lines), ("moved/c.txt", &lines), ("src/a.txt", &b)] {
        dir.write(path, text);
        assert_eq!(scan(&dir).0, 0, "{path}");
    }
    dir.write("new.txt", dir.key(SECRET));
    let (code, report) = scan(&dir);
    assert_eq!((code, places(&report)), (1, vec!["new.txt:1:1-50".to_owned()]));
    // Unless it is named, it has no effect.
    assert_eq!(places(&dir.json(&[]).1).len(), 4);
    assert_eq!(places(&dir.json(&["-b", FILE, "--no-suppress"]).1).len(), 4);
    dir.run(&["scan", "--baseline-path", FILE]).expect(1);
}

#[test]
fn it_holds_ids_and_review_context() {
    let (dir, keys) = adopted();
    let ids = dir.json(&[]).1;
    let id = |nth: usize| ids["findings"][nth]["id"].as_str().unwrap().to_owned();
    let head = "\
# Known and accepted findings, written by `keyside baseline write`. Reasons are yours to
# write and are kept; comments are not. Where branches meet, keep the lines of both.
version = 1

finding = [
";
    let line = |id: &str, rule: &str, path: &str| {
        format!(
            "  {{ id = \"{id}\", rule = \"{rule}\", kind = \"secret\", path = \"{path}\", reason = \"\" }},\n"
        )
    };
    let expected = [
        head.to_owned(),
        line(&id(0), "aimagicx-api-key", "b.txt"),
        line(&id(1), "magicx-secret-key", "src/a.txt"),
        "]\n".to_owned(),
    ];
    assert_eq!(undated(&dir), expected.concat());
    for key in keys {
        assert!(!read(&dir).contains(&key[7..11]), "a part of a key is in the baseline");
    }
    // It is the same from another folder and with any number of threads.
    let whole = dir.path().to_str().unwrap();
    for args in [&[whole][..], &["-j", "1"], &["-j", "7", "-b", FILE], &["-o", "other.toml", "."]] {
        fs::remove_file(dir.path().join(FILE)).unwrap();
        dir.run(&[&["baseline", "write"], args].concat()).expect(0);
        let other = dir.path().join("other.toml");
        if other.exists() {
            fs::rename(other, dir.path().join(FILE)).unwrap();
        }
        assert_eq!(undated(&dir), expected.concat(), "{args:?}");
    }
    // No other file is left in the folder.
    let mut names: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["b.txt", FILE, "src"]);
}

#[test]
fn days_and_reasons_are_kept_and_rewrites_are_stable() {
    let (dir, _) = adopted();
    let own = r##"added = 2020-02-29, reason = "see \"#12\",\nthen rotate""##;
    dir.write(FILE, undated(&dir).replacen("reason = \"\"", own, 1));
    dir.run(&["baseline", "write", "--reason", "not me"])
        .expect(0)
        .out("2 findings accepted, 0 of");
    let text = read(&dir);
    assert!(text.contains("added = 2020-02-29, ") && !text.contains("not me"), "{text}");
    dir.run(&["baseline", "write", "--reason", "not me"]).expect(0);
    assert_eq!(read(&dir), text);
    let reason = "see \"#12\",\nthen rotate";
    assert_eq!(shown(&dir)["findings"][0]["reason"], reason);
    let (_, report) = scan(&dir);
    assert_eq!(report["suppressed"][0]["reason"], reason);
    dir.write("new.txt", dir.key(TOKEN));
    dir.run(&["baseline", "write", "--reason", "it's new"])
        .expect(0)
        .out("3 findings accepted, 1 of");
    assert_eq!(shown(&dir)["findings"][1]["reason"], "it's new");
    assert_eq!(scan(&dir).0, 0);
}

/// Two branches accept keys, and git merges them: without an attribute, where both sides of a conflict
/// are kept, and with `merge=union`.
#[test]
fn merged_branches_make_one_baseline() {
    for attribute in [None, Some("keyside-baseline.toml merge=union\n")] {
        for same in [false, true] {
            for has_base in [true, false] {
                let repo = Repo::new();
                let dir = &repo.dir;
                dir.write(".gitattributes", attribute.unwrap_or_default());
                repo.git(&["add", "."]);
                repo.git(&["commit", "-qm", "begin"]);
                let base = repo.git(&["rev-parse", "--abbrev-ref", "HEAD"]);
                let write = |name: &str| {
                    let args = ["baseline", "write", "--reason", &format!("because of {name}")];
                    dir.run(&args).expect(0);
                    repo.git(&["add", "."]);
                    repo.git(&["commit", "-qm", name]);
                };
                dir.write("m/a.env", format!("k={}\n", dir.key(SECRET)));
                dir.write("m/z.env", format!("k={}\n", dir.key(SECRET)));
                if has_base {
                    write("base");
                }
                if same {
                    dir.write("b/k.env", format!("k={}\n", dir.key(SECRET)));
                    dir.write("n/k.env", format!("k={}\n", dir.key(SECRET)));
                }
                repo.git(&["add", "."]);
                repo.git(&["commit", "-qm", "keys", "--allow-empty"]);
                for name in ["x", "y"] {
                    repo.git(&["checkout", "-q", base.trim()]);
                    repo.git(&["checkout", "-qb", name]);
                    if !same {
                        dir.write(&format!("{name}/k.env"), format!("k={}\n", dir.key(SECRET)));
                    }
                    write(name);
                }
                let merged = repo.try_git("", &["merge", "-q", "x"], b"");
                let text = read(dir);
                let case = format!("{attribute:?} {same} {has_base} {merged:?}\n{text}");
                if text.contains("<<<<<<<") {
                    let line = 1 + text.lines().position(|l| l.starts_with("<<<<<<<")).unwrap();
                    dir.run(&["scan", "-b", FILE])
                        .expect(2)
                        .err(&format!("{FILE}:{line}: a merge left a conflict here"));
                }
                let is_mark = |line: &&str| {
                    !["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark))
                };
                let kept: String =
                    text.lines().filter(is_mark).map(|line| format!("{line}\n")).collect();
                dir.write(FILE, kept);
                let (code, report) = scan(dir);
                assert_eq!((code, &report["findings"]), (0, &json!([])), "{case}");
                assert_eq!(report["scan"]["suppressed"], 4, "{case}");
                // The next run writes it as one again.
                dir.run(&["baseline", "write"]).expect(0).out("4 findings accepted, 0 of them new");
                assert_eq!(shown(dir)["findings"].as_array().unwrap().len(), 4);
            }
        }
    }
}

#[test]
fn only_removed_keys_are_pruned() {
    let (dir, [a, _]) = adopted();
    let before = read(&dir);
    // A key with a marker on its line still exists.
    dir.write("src/a.txt", format!("k = '{a}' # keyside:allow why\n"));
    let prune = |args: &[&str]| dir.run(&[&["baseline", "prune"], args].concat());
    prune(&[]).expect(0).out("0 findings removed, 2 left");
    dir.write("b.txt", "clean");
    prune(&["--dry-run"]).expect(0).out("would be removed: ks1:").out("aimagicx-api-key b.txt");
    // Keys that were not looked for are not gone.
    prune(&["--disable", "aimagicx-api-key"]).expect(0).out("1 finding not checked");
    // If not everything was read, the key may still exist.
    prune(&["nowhere", "-b", FILE]).expect(3).err("unchanged, because not everything was read");
    assert_eq!(read(&dir), before);
    prune(&[]).expect(0).out("1 finding removed, 1 left");
    assert_eq!(shown(&dir)["findings"].as_array().unwrap().len(), 1);
    fs::remove_file(dir.path().join("src/a.txt")).unwrap();
    prune(&[]).expect(0).out("1 finding removed, 0 left");
    assert_eq!(shown(&dir)["findings"], json!([]));
}

#[test]
fn findings_of_incomplete_scans_are_written() {
    let dir = Dir::new();
    fs::create_dir(dir.path().join("src")).unwrap();
    dir.run(&["baseline", "write", "src"]).expect(3).err("nothing was scanned").out("0 findings");
    let repo = Repo::new();
    repo.add("a.txt", repo.dir.key(SECRET));
    let gone = repo.blob("gone");
    repo.add("b.txt", "gone");
    fs::remove_file(repo.loose(&gone)).unwrap();
    let run = repo.dir.run(&["baseline", "write", "--history"]).expect(3);
    run.out("1 finding accepted").err(&gone[..8]);
    repo.dir.run(&["baseline", "prune"]).expect(3).err("unchanged, because");
}

#[test]
fn show_is_for_people_and_programs() {
    let (dir, _) = adopted();
    let run = dir.run(&["baseline", "show"]).expect(0).out("aimagicx-api-key b.txt\n");
    assert!(run.stdout.ends_with(&format!("{FILE}: 2 findings accepted\n")), "{run}");
    let document = shown(&dir);
    assert_eq!((&document["salt"], &document["history"]), (&"keyside".into(), &false.into()));
    let entry = &document["findings"][1];
    assert_eq!(
        (&entry["rule_id"], &entry["kind"]),
        (&"magicx-secret-key".into(), &"secret".into())
    );
    assert_eq!((&entry["path"], &entry["reason"]), (&"src/a.txt".into(), &"".into()));
    dir.run(&["baseline", "show", "src"]).expect(2).err("no such baseline");
    dir.run(&["baseline", "show", "src", "-b", FILE]).expect(0);
}

#[test]
fn the_salt_of_the_project_is_in_it() {
    let dir = Dir::new();
    dir.write("a.txt", dir.key(SECRET));
    dir.write(".keysideignore", "salt our \"own\"\n");
    dir.run(&["baseline", "write"]).expect(0);
    assert_eq!(shown(&dir)["salt"], "our \"own\"");
    assert_eq!(scan(&dir).0, 0);
    // It works without the ignore file, and later writes keep it.
    fs::remove_file(dir.path().join(".keysideignore")).unwrap();
    assert_eq!(scan(&dir).0, 0);
    let text = read(&dir);
    dir.run(&["baseline", "write"]).expect(0).out("0 of them new");
    assert_eq!(read(&dir), text);
    // Ids of two salts cannot both be found.
    dir.write(".keysideignore", "salt another\n");
    let run = dir.run(&["scan", "-b", FILE]).expect(2);
    run.err("keyside-baseline.toml and .keysideignore have different salts");
    dir.run(&["baseline", "write"]).expect(2).err("different salts");
    dir.write(FILE, text.replace("salt = ", "# "));
    dir.run(&["scan", "-b", FILE]).expect(2).err("different salts");
    assert_eq!(dir.run(&["scan", "-b", FILE, "--no-suppress"]).code, 2);
}

#[test]
fn faults_name_file_and_line_and_overwrite_nothing() {
    let dir = Dir::new();
    dir.write("a.txt", dir.key(SECRET));
    for (text, message) in [
        ("", "own.toml:1: not a keyside baseline"),
        ("just a text\n", "own.toml:1: "),
        ("# x\nversion = 7\n", "own.toml:2: unknown baseline version 7"),
        ("version = 1\n[[finding]]\nid = 'ks1:1'\n", "own.toml:3: `ks1:1`: a finding id"),
        ("version = 1\n<<<<<<< HEAD\n", "own.toml:2: "),
        (
            "[\n {\"RuleID\": \"x\"}]",
            "own.toml:1: this is JSON, not a keyside baseline; `keyside import",
        ),
        ("\u{fffd}", "own.toml:1: "),
    ] {
        dir.write("own.toml", text);
        for command in [
            &["scan"][..],
            &["stdin"],
            &["baseline", "write"],
            &["baseline", "prune"],
            &["baseline", "show"],
        ] {
            dir.run(&[command, &["-b", "own.toml"]].concat()).expect(2).err(message);
        }
        assert_eq!(fs::read_to_string(dir.path().join("own.toml")).unwrap(), text);
    }
    dir.write("own.toml", b"\xff\xfe");
    dir.run(&["scan", "-b", "own.toml"]).expect(2).err("own.toml:1: not a keyside baseline");
    // An endless file is not read to its end.
    #[cfg(target_os = "linux")]
    for args in [&["scan", "-b", "/dev/zero"][..], &["baseline", "write", "-b", "/dev/full"]] {
        dir.run(args).expect(2).err("must be smaller than 64 MiB");
    }
    let advice =
        "none.toml: no such baseline; create it with `keyside baseline write -b none.toml`";
    dir.run(&["scan", "-b", "none.toml"]).expect(2).err(advice);
    dir.run(&["baseline", "write", "-b", "no/such/b.toml"]).expect(2).err("cannot write");
    dir.run(&["baseline", "write", "-b", "."]).expect(2);
    dir.run(&["baseline", "write", "--only", "none"]).expect(2);
}

#[test]
fn links_and_permissions_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = Dir::new();
    dir.write("a.txt", dir.key(SECRET));
    let real = dir.write("real.toml", "version = 1\n");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.toml", dir.path().join(FILE)).unwrap();
    dir.run(&["baseline", "write"]).expect(0).out("1 finding accepted");
    assert!(dir.path().join(FILE).is_symlink());
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::read_to_string(&real).unwrap().contains("ks1:"));
    // Only plain files are replaced.
    fs::remove_file(dir.path().join(FILE)).unwrap();
    symlink("/dev/null", dir.path().join(FILE)).unwrap();
    dir.run(&["baseline", "write"]).expect(2);
}

#[test]
fn no_key_is_written_or_shown() {
    let dir = Dir::new();
    let (key, other) = (dir.key(SECRET), dir.key(AIMAGICX));
    dir.write(&format!("{other}.txt"), &key);
    let reason = format!("because of {other}\n##[error]x");
    dir.run(&["baseline", "write", "--reason", &reason]).expect(0);
    let clean = |text: &str| [&key, &other].iter().all(|key| !text.contains(&key[..]));
    assert!(clean(&read(&dir)), "a key is in the baseline");
    // A hostile baseline: every run checks that its output holds no key.
    let id = shown(&dir)["findings"][0]["id"].as_str().unwrap().to_owned();
    dir.write(FILE, format!("version = 1\n[[finding]]\nid = '{id}'\nrule = '{other}'\npath = \"{other}\\u001b[31m\"\nreason = '{other}'\n"));
    for format in ["human", "json", "sarif", "html", "markdown"] {
        dir.run(&["scan", "-v", "-f", format, "-b", FILE]);
    }
    for command in ["show", "prune", "write"] {
        let run = dir.run(&["baseline", command]);
        assert!(!run.stdout.contains('\u{1b}'), "{run}");
    }
    dir.run(&["baseline", "show", "-f", "json"]).expect(0);
    assert!(clean(&read(&dir)), "a key is in the baseline");
    dir.write("kx.toml", format!("version = 1\n[[finding]]\nid = '{other}'\n"));
    dir.run(&["scan", "-b", "kx.toml"]).expect(2);
    dir.run(&["scan", "-b", &other]).expect(2);
}

#[test]
fn reports_count_and_name_baseline_findings() {
    let (dir, _) = adopted();
    let said = "accepted, not reported: 2 by keyside-baseline.toml";
    dir.run(&["scan", "-b", FILE]).expect(0).out(said).out("; 2 accepted");
    dir.run(&["scan", "-b", FILE, "-v"])
        .expect(0)
        .out("accepted: b.txt:1:6 aimagicx-api-key ks1:")
        .out("by keyside-baseline.toml:6");
    let (_, report) = scan(&dir);
    let accepted = &report["suppressed"][0];
    assert_eq!(
        (&accepted["kind"], &accepted["by"]),
        (&"baseline".into(), &format!("{FILE}:6").into())
    );
    let run = |args: &[&str]| {
        let run = dir.run(&[&["scan", "-b", FILE, "-f", "sarif"], args].concat());
        run.expect(0).json()["runs"][0].clone()
    };
    assert_eq!(run(&[])["results"], json!([]));
    let suppressions = run(&["-v"])["results"][0]["suppressions"].clone();
    let expected = json!([{
        "kind": "external", "status": "accepted",
        "justification": format!("accepted by {FILE}:6")
    }]);
    assert_eq!(suppressions, expected);
}

/// The project of `secrets_that_begin_to_leak_are_new`.
fn app(dir: &Dir, key: &str, directive: &str) {
    dir.write("package.json", r#"{"dependencies":{"next":"15.0.0","react":"19.0.0"}}"#);
    dir.write("lib/key.ts", format!("export const KEY = '{key}';\n"));
    let page = "import { KEY } from '../lib/key';\n\
                export default function Page() { fetch('/x', { headers: { k: KEY } }); return null }\n";
    dir.write("app/page.tsx", format!("{directive}{page}"));
}

#[test]
fn secrets_that_begin_to_leak_are_new() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    app(&dir, &key, "");
    dir.run(&["baseline", "write"]).expect(0).out("1 finding accepted");
    assert_eq!(scan(&dir).0, 0);
    let server = read(&dir);
    app(&dir, &key, "'use client';\n");
    let (code, report) = scan(&dir);
    assert_eq!((code, &report["findings"][0]["kind"]), (1, &"client-secret-literal".into()));
    dir.run(&["baseline", "write"]).expect(0).out("1 finding accepted, 0 of them new");
    assert!(read(&dir).contains("kind = \"client-secret-literal\","), "{}", read(&dir));
    assert_eq!(scan(&dir).0, 0);
    // A secret accepted on the client's side is also accepted on a less exposed one.
    app(&dir, &key, "");
    assert_eq!(scan(&dir).0, 0);
    dir.run(&["baseline", "write"]).expect(0);
    assert_eq!(read(&dir), server);
}

#[test]
fn leaked_names_are_accepted_in_their_files() {
    let dir = Dir::new();
    dir.write("package.json", r#"{"dependencies":{"next":"15.0.0","react":"19.0.0"}}"#);
    let page = "'use client';\nexport default () => process.env.NEXT_PUBLIC_MAGICX_SECRET_KEY;\n";
    dir.write("app/page.tsx", page);
    let (_, report) = dir.json(&[]);
    assert_eq!(report["findings"][0]["secret"], Value::Null, "{report:#}");
    dir.run(&["baseline", "write"]).expect(0);
    dir.write("app/page.tsx", format!("\n\n{page}"));
    assert_eq!(scan(&dir).0, 0);
    dir.write("app/other/page.tsx", page);
    let (code, report) = scan(&dir);
    assert_eq!(code, 1);
    assert!(places(&report).iter().all(|place| place.starts_with("app/other/")), "{report:#}");
}

#[test]
fn a_history_baseline_holds_removed_keys() {
    let repo = Repo::new();
    let (old, now) = (repo.dir.key(SECRET), repo.dir.key(SECRET));
    repo.add("old.txt", &old);
    repo.add("old.txt", "gone");
    repo.add("now.txt", &now);
    repo.write("untracked.txt", repo.dir.key(AIMAGICX));
    let baseline = |args: &[&str]| repo.dir.run(&[&["baseline"], args].concat()).expect(0);
    baseline(&["write"]).out("2 findings accepted");
    repo.dir.run(&["git", "-b", FILE]).expect(1).out("old.txt");
    baseline(&["write", "--history", "--reason", "old"]).out("3 findings accepted, 1 of them new");
    assert!(read(&repo.dir).contains("\nhistory = true\n"));
    let paths: Vec<_> = shown(&repo.dir)["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["path"].clone())
        .collect();
    assert_eq!(paths, ["now.txt", "old.txt", "untracked.txt"]);
    repo.dir.run(&["git", "-b", FILE]).expect(0).out("2 accepted");
    repo.dir.run(&["scan", "-b", FILE]).expect(0).out("2 accepted");
    // It remembers its scope.
    let text = read(&repo.dir);
    baseline(&["prune"]).out("0 findings removed, 3 left");
    baseline(&["write"]);
    assert_eq!(read(&repo.dir), text);
    fs::remove_file(repo.path().join("untracked.txt")).unwrap();
    repo.add("new.txt", repo.dir.key(TOKEN));
    repo.dir.run(&["git", "-b", FILE]).expect(1).out("new.txt");
    baseline(&["prune"]).out("1 finding removed, 2 left");
    // Outside a repository there is no history.
    let (dir, _) = adopted();
    dir.run(&["baseline", "write", "--history"]).expect(2);
}

#[test]
fn every_scan_takes_one() {
    let repo = Repo::new();
    let base = repo.add("clean.txt", "1");
    let key = repo.dir.key(SECRET);
    repo.write("a.txt", format!("k = '{key}'\n"));
    repo.dir.run(&["baseline", "write"]).expect(0);
    repo.git(&["add", "a.txt"]);
    let file = repo.path().join(FILE);
    let file = file.to_str().unwrap();
    // The finding appears only without the baseline.
    let both = |run: &dyn Fn(&[&str]) -> Run, what: &str| {
        assert_eq!(run(&[]).code, 1, "{what}");
        assert_eq!(run(&["-b", file]).code, 0, "{what}");
        assert_eq!(run(&["-b", file, "--no-suppress"]).code, 1, "{what}");
    };
    let with = |first: &[&str], args: &[&str]| repo.dir.run(&[first, args].concat());
    for first in [&["git", "--staged"][..], &["hook", "pre-commit"], &["scan", "a.txt"]] {
        both(&|args| with(first, args), &format!("{first:?}"));
    }
    both(&|args| repo.dir.pipe(&[&["stdin"], args].concat(), key.as_bytes()), "stdin");
    both(&|args| repo.dir.pipe(&[&["scan", "-"], args].concat(), key.as_bytes()), "-");
    let tip = repo.commit_staged("Add it");
    let range = format!("{base}..HEAD");
    both(&|args| with(&["git", "--range", &range], args), "range");
    repo.git(&["update-ref", "-d", "HEAD"]);
    let line = format!("{} {tip} refs/heads/main\n", "0".repeat(40));
    let receive = ["hook", "pre-receive", "--timeout", "60"];
    both(&|args| repo.dir.pipe(&[&receive, args].concat(), line.as_bytes()), "pre-receive");
}

#[test]
fn a_configuration_names_one() {
    let (dir, _) = adopted();
    fs::create_dir(dir.path().join("conf")).unwrap();
    fs::rename(dir.path().join(FILE), dir.path().join("conf/b.toml")).unwrap();
    dir.write("conf/named.toml", "baseline = 'b.toml'\n");
    dir.run(&["scan", "-c", "conf/named.toml"]).expect(0).out("2 by conf/b.toml");
    dir.run(&["config", "show", "-c", "conf/named.toml"])
        .expect(0)
        .out("baseline = \"conf/b.toml\"")
        .out("# read: conf/b.toml");
    // A flag takes precedence.
    dir.run(&["scan", "-c", "conf/named.toml", "-b", "none.toml"]).expect(2);
    // A configuration found in the tree may name a file beside it: everything it accepts is
    // reported.
    dir.write("keyside.toml", "baseline = 'conf/b.toml'\n");
    dir.run(&["scan"]).expect(0).out("accepted, not reported: 2 by conf/b.toml");
    dir.run(&["scan", "-b", "./conf/b.toml"]).expect(0).out("2 accepted");
    dir.run(&["scan", "--no-suppress"]).expect(1);
    // It may name a baseline that does not exist yet.
    dir.write("keyside.toml", format!("baseline = '{FILE}'\n"));
    dir.run(&["scan"]).expect(2).err("no such baseline");
    dir.run(&["baseline", "write"]).expect(0).out("2 findings accepted, 2 of them new");
    dir.run(&["scan"]).expect(0);
    dir.run(&["baseline", "prune"]).expect(0).out("0 findings removed");
    dir.run(&["baseline", "write"]).expect(0).out("0 of them new");
}

#[test]
fn a_found_configuration_names_no_outside_baseline() {
    let (dir, _) = adopted();
    let whole = dir.path().join(FILE);
    for name in [&format!("../{FILE}"), whole.to_str().unwrap(), "/dev/stdin"] {
        dir.write("src/keyside.toml", format!("baseline = '{name}'\n"));
        dir.run(&["scan", "src"]).expect(2).err("is outside the scanned tree");
    }
    let link = dir.path().join("src/link.toml");
    for target in [Path::new("/dev/zero"), &whole] {
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(target, &link).unwrap();
        dir.write("src/keyside.toml", "baseline = 'link.toml'\n");
        dir.run(&["scan", "src"]).expect(2).err("leads out of the scanned tree");
    }
}
