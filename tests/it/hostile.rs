//! Hostile trees and arguments: nothing unread is called clean, no key is shown indirectly, and no
//! file makes the run hang or crash.

use crate::support::{AIMAGICX, Dir, FORMATS, SECRET};

#[test]
fn a_scan_without_rules_is_refused() {
    let dir = Dir::new();
    dir.write("a", dir.key(SECRET));
    dir.run(&["scan", "--only", "magicx-public-key"]).expect(2).err("no rule is left");
}

#[test]
fn empty_folders_and_empty_input_are_not_clean() {
    let dir = Dir::new();
    dir.run(&["scan", "-", "."]).expect(3);
}

#[cfg(unix)]
#[test]
fn named_pipes_are_not_just_skipped() {
    let dir = Dir::new();
    dir.write("a", "nothing");
    fifo(&dir, "pipe");
    dir.run(&["scan", "pipe", "a"]).expect(3).out("is a pipe");
    dir.run(&["scan", "."]).expect(0);
}

#[cfg(unix)]
#[test]
fn a_closed_stderr_loses_no_report_or_exit_code() {
    let dir = Dir::new();
    dir.write("a", dir.key(SECRET));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let run = dir
        .command(&["scan", "-f", "json"], b"")
        .with(|command| _ = command.stderr(writer))
        .finish(&dir)
        .expect(1);
    assert_eq!(run.json()["findings"].as_array().unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_report_into_a_closed_pipe_is_an_error() {
    let dir = Dir::new();
    dir.write("a", dir.key(SECRET));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    dir.command(&["scan", "-f", "json=/dev/stdout", "-o", "human.txt"], b"")
        .with(|command| _ = command.stdout(writer))
        .finish(&dir)
        .expect(2);
}

#[test]
fn keys_of_disabled_rules_are_not_shown() {
    let dir = Dir::new();
    dir.write("a", format!("{} {}", dir.key(AIMAGICX), dir.key(SECRET)));
    for format in FORMATS {
        let only = ["scan", "-f", format, "--only", "aimagicx-api-key"];
        dir.run(&only).expect(1);
        dir.run(&["scan", "-f", format, "--disable", "magicx-secret-key"]).expect(1);
    }
}

#[test]
fn reasons_and_patterns_show_no_key() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("a", format!("x = '{key}' # gitleaks:allow {key}"));
    dir.write("b", format!("x = '{key}'"));
    dir.write(".keysideignore", format!("b\n{key}\n"));
    dir.run(&["scan", "-f", "json", "-v", "--no-progress"]);
    dir.run(&["scan", "-v"]);
}

#[test]
fn errors_show_no_key_or_terminal_escape() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.run(&["explain", &key]).expect(2);
    dir.run(&["scan", "--only", &key]).expect(2);
    dir.run(&[&key]).expect(2);
    dir.run(&["scan", &format!("--{key}")]).expect(2);
    dir.run(&["scan", &key]).expect(3);
    dir.write("keyside.toml", format!("\"\\u001b]0;{key}\" = 1"));
    let run = dir.run(&["scan", "--color", "always"]).expect(2);
    assert!(!run.stderr.contains("\u{1b}]"), "{run}");
}

#[cfg(unix)]
#[test]
fn rule_files_of_the_tree_are_plain_files_in_it() {
    let dir = Dir::new();
    dir.write("tree/keyside.toml", "rules = [\"rules\"]");
    dir.write("outside.toml", "");
    std::fs::create_dir(dir.path().join("tree/rules")).unwrap();
    let link = dir.path().join("tree/rules/x.toml");
    for target in ["/dev/zero", "../../outside.toml"] {
        std::os::unix::fs::symlink(target, &link).unwrap();
        let run = dir.run(&["scan", "tree"]).expect(2);
        run.err("leads out of the scanned tree");
        std::fs::remove_file(&link).unwrap();
    }
    fifo(&dir, "tree/rules/x.toml");
    dir.run(&["scan", "tree"]).expect(2).err("not a regular file");
}

#[cfg(unix)]
fn fifo(dir: &Dir, name: &str) {
    let made = std::process::Command::new("mkfifo").arg(dir.path().join(name)).status();
    assert!(made.unwrap().success());
}

#[test]
fn a_rule_of_the_tree_must_begin_with_its_keyword() {
    let dir = Dir::new();
    let rule = crate::configuration::rule_file("evil", "keyword", "error");
    let rule = rule
        .replace("(?P<secret>keyword(?P<body>[A-Za-z0-9]{32}))", "(?P<secret>[a-z]{1,4000}keyword)")
        .replace("keyword{alnum:32}", "{lower:8}keyword");
    dir.write("evil.toml", rule);
    dir.write("keyside.toml", "rules = ['evil.toml']");
    dir.write("a.txt", "x keyword");
    let run = dir.run(&["scan"]).expect(0).out("must begin with its keyword");
    assert!(run.stdout.contains("evil.toml: rule `evil-key` is left out"), "{run}");
    // A file that the user names is trusted.
    dir.run(&["scan", "--rules", "evil.toml"]).expect(0);
}
