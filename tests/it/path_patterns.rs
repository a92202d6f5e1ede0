//! The folders that path patterns count from: those of `--exclude`, of configurations and of
//! `.keysideignore`.

use std::path::Path;

use serde_json::Value;

use crate::support::{Dir, Run, SECRET, notices};

/// A repository with a key in each of `files`, all of them committed.
fn repository(files: &[&str]) -> Dir {
    let dir = Dir::new();
    git(&dir, &["init", "-q", "r"]);
    for file in files {
        dir.write(&format!("r/{file}"), dir.key(SECRET));
    }
    dir
}

fn git(dir: &Dir, args: &[&str]) {
    let settings = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    let mut command = std::process::Command::new("git");
    command.args(settings).args(args).current_dir(dir.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
    assert!(command.status().unwrap().success(), "{args:?}");
}

fn commit(dir: &Dir) {
    git(dir, &["-C", "r", "add", "-Af"]);
    git(dir, &["-C", "r", "commit", "-qm", "all"]);
}

fn run_in(dir: &Dir, folder: &str, args: &[&str]) -> Run {
    let folder = dir.path().join(folder);
    let run = dir.command(args, b"").with(|command| {
        command.current_dir(folder);
    });
    run.finish(dir)
}

/// The last parts of the paths with findings.
fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let occurrences = findings.flat_map(|finding| finding["occurrences"].as_array().unwrap());
    let mut names: Vec<_> = occurrences
        .map(|one| one["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn patterns_of_a_named_configuration_count_from_what_is_scanned() {
    let dir = repository(&["vendor/1.a", "sub/vendor/2.a", "sub/3.a", "4.b"]);
    dir.write("r/.git/info/exclude", "");
    commit(&dir);
    let absolute = dir.path().join("r").display().to_string();
    for config in ["r/.github/keyside.toml", "own.toml", "r/keyside.toml", "r/sub/deep/x.toml"] {
        for (pattern, scanned, expected) in [
            ("/vendor/", "r", &["2.a", "3.a", "4.b"][..]),
            ("vendor/", "r", &["3.a", "4.b"]),
            ("sub/vendor", "r", &["1.a", "3.a", "4.b"]),
            ("/vendor/", "r/sub", &["3.a"]),
            ("sub/vendor", "r/sub", &["3.a"]),
            ("*.a", "r/sub", &[]),
            ("*.a", &absolute, &["4.b"]),
            ("/4.b", "r/4.b", &[]),
            ("x/", "r/4.b", &["4.b"]),
        ] {
            let file = dir.write(config, format!("exclude = ['{pattern}']\n"));
            let case = format!("{config} {pattern} {scanned}");
            let run = dir.run(&["scan", scanned, "-f", "json", "-c", config]);
            assert_eq!(found(&run.json()), expected, "{case}");
            let run = dir.command(&["scan", scanned, "-f", "json"], b"");
            let run = run.env("KEYSIDE_CONFIG", config).finish(&dir);
            assert_eq!(found(&run.json()), expected, "{case}, by environment");
            if scanned == "r" {
                let run = dir.run(&["git", "r", "-f", "json", "-c", config]);
                assert_eq!(found(&run.json()), expected, "{case}, history");
            }
            std::fs::remove_file(file).unwrap();
        }
    }
}

#[test]
fn patterns_of_the_command_line_count_from_here_or_from_anywhere_below() {
    let dir = repository(&["vendor/1.a", "sub/vendor/2.a", "sub/vendor/x/3.a", "4.b"]);
    commit(&dir);
    let top = dir.path().join("r").display().to_string();
    for (here, scanned, pattern, expected) in [
        ("r", ".", "vendor/", &["4.b"][..]),
        ("r", ".", "/vendor/", &["2.a", "3.a", "4.b"]),
        ("r", ".", "vendor/x", &["1.a", "2.a", "4.b"]),
        ("r/sub", "..", "/vendor/", &["1.a", "4.b"]),
        ("r/sub", "..", "vendor/x/", &["1.a", "2.a", "4.b"]),
        ("", "r", "/r/vendor", &["2.a", "3.a", "4.b"]),
        ("", "r", "**/vendor/**", &["4.b"]),
        ("", &top, "vendor/", &["4.b"]),
        ("r/.git", &top, "vendor/*.a", &["3.a", "4.b"]),
        ("r/.git", &top, "/vendor/", &["1.a", "2.a", "3.a", "4.b"]),
        ("r/.git", &top, "sub/**/*.a", &["1.a", "4.b"]),
    ] {
        let run = run_in(&dir, here, &["scan", scanned, "-f", "json", "--exclude", pattern]);
        assert_eq!(found(&run.json()), expected, "{here} {scanned} {pattern}\n{run}");
    }
    // Of a repository, they count from its top, too.
    for pattern in ["/vendor/", "vendor/1.a"] {
        let run = run_in(&dir, "r/sub", &["git", "-f", "json", "--exclude", pattern]);
        assert!(!found(&run.json()).contains(&"1.a".to_owned()), "{pattern}");
    }
}

/// Excluded files are not read, but a file that is named is, and what is found there is accepted.
#[test]
fn a_named_file_that_is_excluded_is_read_and_accepted_by_any_setting() {
    let dir = repository(&["fix/a.env", "fix/deep/b.env"]);
    dir.write("r/keyside.toml", "exclude = ['fix/']\n");
    let other = dir.write("own.toml", "exclude = ['fix/']\n").display().to_string();
    git(&dir, &["-C", "r", "add", "-A"]);
    let settings = [&[][..], &["-c", "keyside.toml"], &["--exclude", "fix/"], &["-c", &other]];
    for has_own in [true, false] {
        for args in
            settings.iter().filter(|args| has_own || args.len() > 1 && args[1] != "keyside.toml")
        {
            for named in [&["fix/a.env"][..], &["./fix/a.env"], &["fix/deep"], &["fix"]] {
                let run = run_in(&dir, "r", &[&["scan", "-f", "json"], named, args].concat());
                let report = run.json();
                let case = format!("{args:?} {named:?} {has_own}");
                assert_eq!(run.code, 0, "{case}\n{run}");
                assert_ne!(report["scan"]["suppressed"], 0, "{case}");
                assert_eq!(report["scan"]["skips"]["excluded"], 0, "{case}");
                assert_eq!(notices(&report), ["suppressed-by-tree"], "{case}");
            }
            let hook = [&["hook", "pre-commit"][..], args, &["--", "fix/a.env"]].concat();
            run_in(&dir, "r", &hook).expect(0);
            let text = dir.key(SECRET);
            let stdin = [&["stdin", "--path", "fix/x.env"][..], args].concat();
            let run = dir.command(&stdin, text.as_bytes());
            let run = run.with(|command| {
                command.current_dir(dir.path().join("r"));
            });
            run.finish(&dir).expect(0);
        }
        let _ = std::fs::remove_file(dir.path().join("r/keyside.toml"));
    }
    // Reports name the setting, and without it the key is found.
    run_in(&dir, "r", &["scan", "fix/a.env", "--exclude", "fix/"])
        .expect(0)
        .out("accepted, not reported: 1 by --exclude \"fix/\"");
    run_in(&dir, "r", &["scan", "fix/a.env", "-c", &other])
        .expect(0)
        .out("own.toml: exclude \"fix/\"");
    run_in(&dir, "r", &["scan", "fix/a.env", "--exclude", "fix/", "--no-suppress"]).expect(1);
    run_in(&dir, "r", &["scan", "fix/a.env", "--exclude", "other/"]).expect(1);
}

#[test]
fn all_settings_read_patterns_as_git_does() {
    for (pattern, file, is_match) in [
        ("*.{env,pem}", "prod.env", false),
        ("*.{env,pem}", "prod.{env,pem}", true),
        (".env\t", ".env", false),
        (".env\u{a0}", ".env", false),
        (".env  ", ".env", true),
        ("a[!x]b", "a/b", false),
        ("[[:alpha:]].env", "b.env", true),
        ("dir/\n!dir/kept.env", "dir/kept.env", true),
        ("*.env\n!b.env", "b.env", false),
    ] {
        let dir = Dir::repository();
        dir.write(file, dir.key(SECRET));
        dir.write("ok", "x");
        let code = i32::from(!is_match);
        let lines: Vec<_> = pattern.split('\n').collect();
        let flags: Vec<_> = lines.iter().flat_map(|line| ["--exclude", line]).collect();
        let run = dir.run(&[&["scan"], &flags[..]].concat());
        assert_eq!(run.code, code, "{pattern:?} {file}\n{run}");
        let list = toml::Value::from(lines.clone());
        let config = dir.write("x.toml", format!("exclude = {list}\n"));
        dir.run(&["scan", "-c", "x.toml"]).expect(code);
        std::fs::rename(config, dir.path().join("keyside.toml")).unwrap();
        dir.run(&["scan"]).expect(code);
        std::fs::remove_file(dir.path().join("keyside.toml")).unwrap();
        dir.write(".keysideignore", format!("{pattern}\n"));
        dir.run(&["scan"]).expect(code);
    }
}

/// The exit codes of the modes that read the repository `r`.
fn codes(dir: &Dir, args: &[&str]) -> Vec<i32> {
    let mode = |mode: &[&str]| run_in(dir, "r", &[mode, args].concat()).code;
    let staged = mode(&["git", "--staged"]);
    git(dir, &["-C", "r", "commit", "-qm", "keys"]);
    let codes = [&["scan"][..], &["scan", "."], &["scan", "a"], &["scan", "a/b"], &["git"]];
    let mut codes: Vec<_> = codes.into_iter().map(mode).collect();
    codes.extend([staged, mode(&["git", "--range", "HEAD^..HEAD", "--trust-head"])]);
    codes
}

#[test]
fn an_ignore_file_counts_in_every_mode_below_its_folder() {
    let id_of = |dir: &Dir| {
        let report = dir.run(&["scan", "-f", "json", "r/a/b/k"]).json();
        report["findings"][0]["id"].as_str().unwrap().to_owned()
    };
    // The ignore files, by folder; `ID` is the id of the key in a/b/k.
    for (files, expected) in [
        (&[("a", "ID nested\n")][..], 0),
        (&[("a/b", "ID nested\n")], 0),
        (&[("a", "b/\n")], 0),
        (&[("a", "/b/k\n")], 0),
        (&[("a/b", "k\n")], 0),
        // An empty one hides no other.
        (&[("", "ID root\n"), ("a", "")], 0),
        (&[("", "a/b/k\n"), ("a", "# nothing\n"), ("a/b", "\n")], 0),
        // Inner patterns take back what outer ones accept.
        (&[("", "k\n"), ("a", "!k\n")], 1),
        (&[("", "k\n"), ("a", "!k\n"), ("a/b", "/k\n")], 0),
        // It counts for nothing beside its folder.
        (&[("c", "ID other\nk\n*\n")], 1),
        (&[("a", "/k\n")], 1),
        (&[], 1),
    ] {
        let dir = repository(&[]);
        dir.write("r/c/empty", "");
        commit(&dir);
        dir.write("r/a/b/k", dir.key(SECRET));
        let id = id_of(&dir);
        for (folder, text) in files {
            dir.write(&format!("r/{folder}/.keysideignore"), text.replace("ID", &id));
        }
        git(&dir, &["-C", "r", "add", "-A"]);
        let codes = codes(&dir, &[]);
        assert!(codes.iter().all(|code| *code == expected), "{files:?}: {codes:?}");
    }
}

#[test]
fn what_a_nested_ignore_file_accepts_is_counted_and_named() {
    let dir = repository(&["a/b/k"]);
    dir.write("r/a/.keysideignore", "\nb/\n");
    let run = run_in(&dir, "r", &["scan", "-f", "json"]).expect(0);
    let report = run.json();
    assert_eq!(report["scan"]["suppressed"], 1);
    assert_eq!(report["suppressed"][0]["by"], "a/.keysideignore:2");
    assert_eq!(notices(&report), ["suppressed-by-tree"]);
    run_in(&dir, "r", &["scan", "--no-suppress"]).expect(1);
    run_in(&dir, "r", &["explain", "a/b/k:1"]).expect(0).out("accepted by a/.keysideignore:2");
    // One that cannot be used accepts nothing, and that is said.
    let other = dir.path().join("r/other");
    for (text, fault) in [
        ("b/\nks1:12\n", "line 2: `ks1:12`"),
        ("b/\n[a\n", "line 2: `[a` is not a path pattern"),
        ("salt own\nb/\n", "its salt is not that of this scan"),
    ] {
        dir.write("r/a/.keysideignore", text);
        let report = run_in(&dir, "r", &["scan", "-f", "json"]).expect(1).json();
        let notice = &report["scan"]["notices"][0];
        assert_eq!(
            (&notice["kind"], &notice["path"]),
            (&"untrusted-config".into(), &"a/.keysideignore".into())
        );
        let message = notice["message"].as_str().unwrap();
        assert!(message.contains(fault), "{message}");
    }
    std::fs::write(&other, "b/\n").unwrap();
    link(&other, &dir.path().join("r/a/.keysideignore"));
    let report = run_in(&dir, "r", &["scan", "-f", "json"]).expect(1).json();
    assert_eq!(notices(&report), ["untrusted-config"]);
}

#[test]
fn ignore_files_have_the_same_names_in_every_mode() {
    let dir = repository(&[]);
    dir.write("r/.keysideignore", "k\n");
    dir.write("r/a/.keysideignore", "b/\n");
    commit(&dir);
    dir.write("r/k", dir.key(SECRET));
    dir.write("r/a/b/x", dir.key(SECRET));
    let names = |args: &[&str]| {
        let report = run_in(&dir, "r", &[args, &["-f", "json"]].concat()).expect(0).json();
        let accepted = report["suppressed"].as_array().unwrap().iter();
        let mut names: Vec<_> =
            accepted.map(|own| own["by"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let expected = [".keysideignore:1", "a/.keysideignore:1"];
    assert_eq!(names(&["scan"]), expected);
    git(&dir, &["-C", "r", "add", "-A"]);
    assert_eq!(names(&["git", "--staged"]), expected);
    commit(&dir);
    assert_eq!(names(&["git", "--range", "HEAD^.."]), expected);
    assert_eq!(names(&["git"]), expected);
}

fn link(target: &Path, at: &Path) {
    let _ = std::fs::remove_file(at);
    std::os::unix::fs::symlink(target, at).unwrap();
}

#[test]
fn roots_that_are_links_have_the_same_patterns() {
    let dir = repository(&["a/k"]);
    dir.write("r/.keysideignore", "/a/k\n");
    link(&dir.path().join("r/a"), &dir.path().join("l"));
    for args in [&["scan", "l"][..], &["scan", "l/k"], &["scan", "r/../l"]] {
        dir.run(args).expect(0).out("1 accepted");
    }
    std::fs::remove_file(dir.path().join("r/.keysideignore")).unwrap();
    dir.write("c.toml", "exclude = ['/a/k']");
    dir.run(&["scan", "l", "-c", "c.toml", "--allow-empty"]).expect(0).out("1 excluded");
}

#[test]
fn outer_configurations_are_not_hidden_by_inner_ones() {
    let dir = repository(&["a/1.x", "a/2.y"]);
    dir.write("r/keyside.toml", "exclude = ['*.x']\n");
    dir.write("r/a/keyside.toml", "exclude = ['*.y']\n");
    let report = run_in(&dir, "r", &["scan", "a", "-f", "json"]).expect(0).json();
    assert_eq!(report["scan"]["suppressed"], 2);
    // What one disables holds below its folder only.
    let dir = Dir::new();
    dir.write("a/keyside.toml", "disable = ['magicx-secret-key']\n");
    for file in ["a/1", "b/2"] {
        dir.write(file, dir.key(SECRET));
    }
    let report = dir.run(&["scan", "a", "b", "-f", "json"]).expect(1).json();
    assert_eq!(found(&report), ["2"]);
}
