//! Sources of settings, their precedence, and the limits of a configuration found in the scanned
//! tree.

use serde_json::Value;

use crate::support::{AIMAGICX, Dir, SECRET, TOKEN, notices, places};

/// A rule file with one rule `ID`, whose keys begin with `PREFIX`, at any severity.
pub(crate) fn rule_file(provider: &str, prefix: &str, severity: &str) -> String {
    format!(
        r#"[provider]
id = "{provider}"
name = "{provider}"
url = "https://example.com/keys"

[[rule]]
id = "{provider}-key"
title = "A key of {provider}"
description = "Whoever holds it is in."
class = "secret"
severity = "{severity}"
confidence = "high"
keywords = ["{prefix}"]
pattern = '(?P<secret>{prefix}(?P<body>[A-Za-z0-9]{{32}}))'

[rule.constraints]
alphabet = "A-Za-z0-9"

[rule.remediation]
summary = "Change it."
url = "https://example.com/revoke"

[rule.samples]
match = ["{prefix}{{alnum:32}}"]
ignore = ["{prefix}"]
"#
    )
}

/// The rules with findings, each once.
fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    let mut rules: Vec<_> = findings.map(|f| f["rule_id"].as_str().unwrap()).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// A folder with a key of three rules, in files and folders of their own.
fn planted() -> Dir {
    let dir = Dir::new();
    dir.write("src/secret.txt", dir.key(SECRET));
    dir.write("src/token.txt", dir.key(TOKEN));
    dir.write("src/sub/other.txt", dir.key(AIMAGICX));
    dir
}

const ALL: [&str; 3] = ["aimagicx-api-key", "magicx-access-token", "magicx-secret-key"];

#[test]
fn a_configuration_that_the_user_names_has_full_power() {
    for (text, expected) in [
        ("", &ALL[..]),
        ("only = ['magicx-secret-key']", &ALL[2..]),
        ("disable = ['magicx-secret-key']", &ALL[..2]),
        ("exclude = ['/sub']", &ALL[1..]),
        ("exclude = ['*.txt', '!token.txt']", &ALL[1..2]),
        ("min-severity = 'error'", &[ALL[0], ALL[2]]),
        ("max-file-size = 48", &ALL[1..2]),
        ("max-file-size = '1K'\nthreads = 2\nno-ignore = false", &ALL),
    ] {
        let dir = planted();
        dir.write("conf.toml", text);
        for args in [["--config", "conf.toml"], ["-c", "./conf.toml"]] {
            let (code, report) = dir.json(&[&["src"], &args[..]].concat());
            assert_eq!((code, rules(&report)), (1, expected.to_vec()), "{text}");
            assert_eq!(notices(&report), [""; 0], "{text}");
        }
        let run = dir.command(&["scan", "-f", "json", "src"], b"");
        let run = run.env("KEYSIDE_CONFIG", "conf.toml").finish(&dir);
        assert_eq!(rules(&run.json()), expected, "{text}");
    }
}

#[test]
fn names_in_a_configuration_are_relative_to_it() {
    let dir = Dir::new();
    dir.write("conf/rules/own.toml", rule_file("own", "own_key_", "error"));
    dir.write("conf/keyside.toml", "rules = ['rules']\nexclude = ['/x/']");
    dir.write("conf/x/a.txt", dir.key(("own_key_", 32)));
    dir.write("x/a.txt", dir.key(("own_key_", 32)));
    // Its path patterns count from what is scanned.
    let (_, report) = dir.json(&["-c", "conf/keyside.toml"]);
    assert_eq!(places(&report), ["conf/x/a.txt:1:1-41"]);
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let dir = planted();
    dir.write(
        "all.toml",
        "only = ['magicx-secret-key']\nmin-severity = 'error'\nmax-file-size = 1\nthreads = 3\n",
    );
    dir.write("none.toml", "disable = ['magicx-secret-key']");
    let show = |args: &[&str], env: &[(&str, &str)]| {
        let mut run = dir.command(&[&["config", "show"], args].concat(), b"");
        for (name, value) in env {
            run = run.env(name, value);
        }
        run.finish(&dir).expect(0).stdout
    };
    let has = |text: &str, line: &str| assert!(text.lines().any(|l| l == line), "{line}:\n{text}");
    let all = ["-c", "all.toml"];
    let text = show(&all, &[]);
    has(&text, "only = [\"magicx-secret-key\"]");
    has(&text, "min-severity = \"error\"");
    has(&text, "max-file-size = \"1\"");
    has(&text, "threads = 3");

    let text = show(&all, &[("KEYSIDE_THREADS", "5")]);
    has(&text, "threads = 5");
    let text = show(&["-c", "all.toml", "-j", "7"], &[("KEYSIDE_THREADS", "5")]);
    has(&text, "threads = 7");
    let text = show(&all, &[("KEYSIDE_CONFIG", "none.toml")]);
    has(&text, "disable = []");
    for severity in ["note", "warning"] {
        let text = show(&["-c", "all.toml", "--min-severity", severity], &[]);
        has(&text, &format!("min-severity = \"{severity}\""));
    }
    let flags = ["-c", "all.toml", "--only", ALL[0], "--max-file-size", "2G"];
    let text = show(&flags, &[]);
    has(&text, "only = [\"aimagicx-api-key\"]");
    has(&text, "max-file-size = \"2G\"");
}

#[test]
fn rules_come_from_the_environment_too() {
    let dir = Dir::new();
    dir.write("own.toml", rule_file("own", "own_key_", "error"));
    dir.write("flag.toml", rule_file("flag", "flag_key_", "error"));
    dir.write("a.txt", dir.key(("own_key_", 32)));
    dir.write("b.txt", dir.key(("flag_key_", 32)));
    let run = |args: &[&str]| {
        let args = [&["scan", "-f", "json"], args].concat();
        let run = dir.command(&args, b"").env("KEYSIDE_RULES", "own.toml");
        run.finish(&dir).json()
    };
    assert_eq!(rules(&run(&[])), ["own-key"]);
    assert_eq!(rules(&run(&["--rules", "flag.toml"])), ["flag-key"]);
}

#[test]
fn a_wrong_environment_is_2() {
    let dir = planted();
    for (name, value, message) in [
        ("KEYSIDE_THREADS", "many", "many"),
        ("KEYSIDE_CONFIG", "none.toml", "none.toml: cannot be read"),
        ("KEYSIDE_RULES", "none.toml", "none.toml: cannot be read"),
    ] {
        let run = dir.command(&["scan"], b"").env(name, value).finish(&dir);
        run.expect(2).err(message);
    }
}

#[test]
fn configurations_are_found_from_the_root_up_to_the_repository() {
    let disables = "disable = ['magicx-secret-key']";
    // The file's folder, whether there is a repository, what is scanned, and whether the file
    // counts.
    for (at, has_git, scanned, counts) in [
        ("keyside.toml", false, ".", true),
        ("src/keyside.toml", false, "src", true),
        ("src/keyside.toml", false, "src/secret.txt", true),
        ("keyside.toml", false, "src", false),
        ("keyside.toml", true, "src", true),
        ("keyside.toml", true, "src/sub", true),
        ("keyside.toml", true, "src/secret.txt", true),
        ("../keyside.toml", true, "src", false),
        // Below the root it has no effect.
        ("src/keyside.toml", true, ".", false),
    ] {
        let dir = Dir::new();
        dir.write("top/src/secret.txt", dir.key(SECRET));
        dir.write("top/src/sub/secret.txt", dir.key(SECRET));
        dir.write(&format!("top/{at}"), disables);
        if has_git {
            std::fs::create_dir(dir.path().join("top/.git")).unwrap();
        }
        let top = dir.path().join("top");
        let args = ["scan", "-f", "json", scanned];
        let run = dir
            .command(&args, b"")
            .with(|command| {
                command.current_dir(&top);
            })
            .finish(&dir);
        let case = format!("{at}, {has_git}, {scanned}");
        assert_eq!(run.code, i32::from(!counts), "{case}\n{run}");
        assert_eq!(run.json()["scan"]["suppressed"] != 0, counts, "{case}");
    }
}

#[test]
fn files_hidden_by_a_found_configuration_are_counted() {
    for (text, hidden, by) in [
        (
            "disable = ['magicx-secret-key']",
            "src/secret.txt",
            "src/keyside.toml: disable \"magicx-secret-key\"",
        ),
        ("exclude = ['secret.*']", "src/secret.txt", "src/keyside.toml: exclude \"secret.*\""),
        ("exclude = ['sub/']", "src/sub/other.txt", "src/keyside.toml: exclude \"sub/\""),
    ] {
        let dir = planted();
        dir.write("src/keyside.toml", text);
        let (code, report) = dir.json(&["src"]);
        assert_eq!(code, 1);
        assert_eq!(report["findings"].as_array().unwrap().len(), 2, "{text}");
        assert_eq!(report["scan"]["suppressed"], 1, "{text}");
        let accepted = &report["suppressed"][0];
        assert_eq!(accepted["path"], hidden);
        assert_eq!((&accepted["kind"], &accepted["by"]), (&"config".into(), &by.into()));
        assert_eq!(notices(&report), ["suppressed-by-tree"]);
        dir.run(&["scan", "src"])
            .expect(1)
            .out(&format!("accepted, not reported: 1 by {by}"))
            .out("; 1 accepted");
        // A file that the user names is trusted.
        let (_, report) = dir.json(&["src", "-c", "src/keyside.toml"]);
        assert_eq!(report["scan"]["suppressed"], 0, "{text}");
        assert_eq!(report["findings"].as_array().unwrap().len(), 2, "{text}");
        let (_, report) = dir.json(&["src", "--no-suppress"]);
        assert_eq!(report["findings"].as_array().unwrap().len(), 3, "{text}");
    }
}

#[test]
fn a_found_configuration_may_not_limit_the_scan() {
    for (key, value) in [
        ("only", "['magicx-secret-key']"),
        ("min-severity", "'error'"),
        ("max-file-size", "1"),
        ("threads", "1"),
    ] {
        let dir = planted();
        dir.write("src/keyside.toml", format!("{key} = {value}"));
        let (code, report) = dir.json(&["src"]);
        assert_eq!((code, rules(&report)), (1, ALL.to_vec()), "{key}");
        assert_eq!(notices(&report), ["untrusted-config"], "{key}");
        let notice = &report["scan"]["notices"][0];
        assert_eq!(notice["path"], "src/keyside.toml");
        assert_eq!(notice["incomplete"], false);
        let message = notice["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("`{key}` is ignored")), "{message}");
        dir.run(&["scan", "src"]).expect(1).out("is ignored");
    }
}

#[test]
fn a_found_configuration_may_read_more() {
    let dir = Dir::repository();
    dir.write(".gitignore", "a.txt");
    dir.write("a.txt", dir.key(SECRET));
    dir.write("own.toml", rule_file("own", "own_key_", "error"));
    dir.write("b.txt", dir.key(("own_key_", 32)));
    dir.run(&["scan"]).expect(0);
    dir.write("keyside.toml", "no-ignore = true\nrules = ['./own.toml']\n");
    let (_, report) = dir.json(&[]);
    assert_eq!(places(&report), ["a.txt:1:1-50", "b.txt:1:1-41"]);
    // Accepting nothing does not find less.
    let (_, report) = dir.json(&["--no-suppress"]);
    assert_eq!(places(&report), ["a.txt:1:1-50", "b.txt:1:1-41"]);
}

#[test]
fn rule_files_outside_the_tree_are_refused() {
    let dir = Dir::new();
    std::fs::create_dir_all(dir.path().join("src/sub")).unwrap();
    let outside = dir.write("own.toml", rule_file("own", "own_key_", "error"));
    for name in ["../own.toml", "sub/../../own.toml", outside.to_str().unwrap()] {
        dir.write("src/keyside.toml", format!("rules = ['{name}']"));
        dir.run(&["scan", "src"])
            .expect(2)
            .err(&format!("src/keyside.toml: `{name}` is outside the scanned tree"));
        dir.run(&["rules", "list", "-c", "src/keyside.toml"]).expect(0).out("own-key");
    }
}

#[test]
fn faults_of_a_configuration_name_file_and_line() {
    for (text, line, message) in [
        ("only = [", 1, ""),
        ("\nthread = 1\n", 2, "unknown field `thread`"),
        ("[scan]\n", 1, "unknown field `scan`"),
        ("\n\nexclude = ['a', '[z-a']", 3, "`[z-a` is not a path pattern"),
        ("\nmax-file-size = '1X'", 2, "is not a size"),
        ("\nmax-file-size = -1", 2, ""),
        ("\nmin-severity = 'high'", 2, "high"),
        ("\nthreads = 'two'", 2, ""),
        ("\nonly = 'magicx-secret-key'", 2, ""),
        ("no-ignore = 1", 1, ""),
        ("rules = []\nrules = []", 2, "duplicate key"),
    ] {
        let dir = planted();
        dir.write("src/keyside.toml", text);
        for args in [&["scan", "src"][..], &["scan", "src", "-c", "src/keyside.toml"]] {
            dir.run(args).expect(2).err(&format!("src/keyside.toml:{line}: ")).err(message);
        }
    }
    for (text, message) in [
        ("only = ['no-such']", ""),
        ("disable = ['no-such']", "unknown rule `no-such`"),
        ("rules = ['none.toml']", "none.toml: cannot be read"),
    ] {
        let dir = planted();
        dir.write("src/keyside.toml", text);
        dir.run(&["scan", "src", "-c", "src/keyside.toml"]).expect(2).err(message);
    }
}

#[test]
fn config_show_prints_an_equivalent_configuration() {
    let dir = Dir::new();
    dir.write("rules/it's.toml", rule_file("own", "own_key_", "error"));
    dir.write(
        "conf.toml",
        "rules = [\"rules/it's.toml\"]\nonly = ['own-key', 'magicx-secret-key']\n\
         disable = ['magicx-access-token']\nexclude = ['a\"b', '*.\\t', '#x']\n\
         min-severity = 'warning'\nmax-file-size = '10M'\nno-ignore = true\nthreads = 2\n",
    );
    for args in [&[][..], &["-c", "conf.toml"], &["-c", "conf.toml", "--exclude", "é 'x'"]] {
        let settings = |args: &[&str]| {
            let run = dir.run(&[&["config", "show"], args].concat()).expect(0);
            let lines = run.stdout.lines().filter(|line| !line.starts_with('#'));
            lines.collect::<Vec<_>>().join("\n")
        };
        let shown = settings(args);
        dir.write("shown.toml", &shown);
        assert_eq!(settings(&["-c", "shown.toml"]), shown, "{args:?}");
        std::fs::remove_file(dir.path().join("shown.toml")).unwrap();
    }
    let run = dir.run(&["config", "show", "-c", "conf.toml"]);
    run.expect(0).out("# read: conf.toml").out("# 2 rules");
}

#[test]
fn config_show_explains_a_found_configuration() {
    let dir = planted();
    dir.write(
        "src/keyside.toml",
        "disable = ['magicx-secret-key']\nexclude = ['x']\nmin-severity = 'error'\n",
    );
    dir.run(&["config", "show", "src"])
        .expect(0)
        .out("# read: src/keyside.toml")
        .out("`min-severity` is ignored")
        .out("# src/keyside.toml: magicx-secret-key still runs; its findings are suppressed")
        .out("# src/keyside.toml: excluded paths are still scanned; their findings are suppressed")
        .out("disable = []")
        .out("min-severity = \"note\"");
}
