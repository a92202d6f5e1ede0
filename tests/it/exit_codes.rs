//! Exit codes: 0 clean, 1 findings, 2 wrong use, 3 not everything was read.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use crate::support::{Dir, FORMATS, Pending, SECRET, TOKEN, notices};

#[test]
fn clean_is_0_and_findings_are_1() {
    let dir = Dir::new();
    dir.write("a.txt", "nothing");
    dir.run(&["scan"]).expect(0).out("clean: no leaked key in 1 file");
    dir.run(&["dir"]).expect(0);
    dir.pipe(&["stdin"], b"nothing").expect(0).out("clean");
    let key = dir.key(SECRET);
    dir.write("b.txt", &key);
    dir.run(&["scan"]).expect(1).out("found: 1 leaked key");
    dir.run(&["dir", "."]).expect(1);
    dir.run(&["scan", "b.txt"]).expect(1);
    dir.run(&["scan", "a.txt"]).expect(0);
    for args in [&["stdin"][..], &["scan", "-"], &["stdin", "--path", "x"]] {
        dir.pipe(args, key.as_bytes()).expect(1);
    }
}

#[test]
fn a_warning_is_a_finding() {
    let dir = Dir::new();
    dir.write("a.txt", dir.key(TOKEN));
    dir.run(&["scan"]).expect(1);
    dir.run(&["scan", "--min-severity", "error"]).expect(0).out("1 below --min-severity");
}

#[test]
fn wrong_use_is_2() {
    let dir = Dir::new();
    dir.write("a.txt", dir.key(SECRET));
    let cases: &[(&[&str], &str)] = &[
        (&["scan", "--frobnicate"], "--frobnicate"),
        (&["frobnicate"], "frobnicate"),
        (&["rules", "frobnicate"], "frobnicate"),
        (&["scan", "-f", "pdf"], "unknown format `pdf`"),
        (&["scan", "-f", "json="], "no file after `=`"),
        (&["scan", "-f", "json", "-f", "sarif"], "only one format"),
        (&["scan", "-f", "json=-", "-f", "sarif=-"], "only one format"),
        (&["scan", "-f", "json", "-f", "human", "-o", "x"], "only one format"),
        (&["scan", "--only", "no-such-rule"], "unknown rule `no-such-rule`"),
        (&["scan", "--disable", "no-such-rule"], "unknown rule `no-such-rule`"),
        (&["stdin", "--only", "no-such-rule"], "unknown rule `no-such-rule`"),
        (&["scan", "--max-file-size", "much"], "`much` is not a size"),
        (&["scan", "--min-severity", "bad"], "bad"),
        (&["scan", "-j", "many"], "many"),
        (&["scan", "--color", "red"], "red"),
        (&["scan", "--exit-code", "256"], "256"),
        (&["scan", "--exit-zero", "--exit-code", "4"], "--exit-code"),
        (&["scan", "--config", "none.toml"], "none.toml: cannot be read"),
        (&["scan", "--rules", "none.toml"], "none.toml: cannot be read"),
        (&["scan", "--rules", "."], "contains no *.toml"),
        (&["scan", "-o", "no/such/folder/r.json"], "cannot write the report no/such/folder/r.json"),
        (&["scan", "-f", "json=no/r.json"], "cannot write the report no/r.json"),
        (&["rules", "show", "no-such-rule"], "unknown rule `no-such-rule`"),
        (&["completions", "tcsh"], "tcsh"),
        (&[], "Usage"),
    ];
    for (args, message) in cases {
        dir.run(args).expect(2).err(message);
    }
}

#[test]
fn two_reports_cannot_go_to_one_file() {
    let dir = Dir::new();
    dir.write("src/a.txt", "x");
    for args in [["-f", "json=r", "-f", "sarif=r"], ["-f", "json=r", "-o", "./r"]] {
        dir.run(&[&["scan", "src"], &args[..]].concat())
            .expect(2)
            .err("two reports cannot share a file");
    }
}

#[test]
fn help_and_version_are_0() {
    let dir = Dir::new();
    for args in [
        &["--help"][..],
        &["-h"],
        &["scan", "--help"],
        &["rules", "--help"],
        &["config", "show", "-h"],
    ] {
        dir.run(args).expect(0).out("Usage: keyside");
    }
    dir.run(&["--version"]).expect(0).out(&format!("keyside {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn nothing_scanned_is_3_unless_allowed() {
    let dir = Dir::new();
    fs::create_dir(dir.path().join("empty")).unwrap();
    fs::create_dir_all(dir.path().join("folders/in/folders")).unwrap();
    dir.write("excluded/a.txt", "x");
    let cases: &[&[&str]] = &[
        &["scan", "empty"],
        &["scan", "folders"],
        &["scan", "excluded", "--exclude", "a.txt"],
        &["scan", "excluded", "--max-file-size", "0"],
        &["scan", "-"],
        &["scan", "empty", "-"],
        &["stdin"],
        &["stdin", "--path", "x.txt"],
    ];
    for args in cases {
        let run = dir.run(&[args, &["-f", "json"][..]].concat()).expect(3);
        let report = run.json();
        assert_eq!(notices(&report), ["nothing-scanned"], "{args:?}");
        assert_eq!(report["scan"]["state"], "incomplete", "{args:?}");
        dir.run(args).expect(3).out("nothing was scanned");
        dir.run(&[args, &["--allow-empty"][..]].concat()).expect(0);
        dir.run(&[args, &["--exit-zero"][..]].concat()).expect(3);
    }
}

#[test]
fn a_report_written_into_an_empty_folder_is_not_scanned() {
    for output in [
        &["-o", "report.json"][..],
        &["-o", "./report.json"],
        &["-f", "sarif=report.sarif", "-f", "json=other.json"],
    ] {
        let dir = Dir::new();
        dir.run(&[&["scan"], output].concat()).expect(3);
        dir.run(&[&["scan"], output].concat()).expect(3);
    }
}

#[test]
fn a_missing_path_is_3_and_findings_win() {
    let dir = Dir::new();
    dir.write("a.txt", "x");
    dir.write("b.txt", dir.key(SECRET));
    let (code, report) = dir.json(&["none", "a.txt"]);
    assert_eq!(code, 3);
    assert_eq!(notices(&report), ["missing-path"]);
    assert_eq!(report["scan"]["notices"][0]["path"], "none");
    assert_eq!(report["scan"]["notices"][0]["incomplete"], true);
    dir.run(&["scan", "none"]).expect(3).out("incomplete: none: no such file or directory");
    dir.run(&["scan", "none", "--allow-empty"]).expect(3);

    let (code, report) = dir.json(&["none", "b.txt"]);
    assert_eq!((code, &report["scan"]["state"]), (1, &"incomplete".into()));
    dir.run(&["scan", "none", "b.txt"])
        .expect(1)
        .out("incomplete: none: no such file or directory")
        .out("found: 1 leaked key in 1 file")
        .out("not everything was read");
}

#[test]
fn the_exit_code_for_findings_can_be_set() {
    let dir = Dir::new();
    dir.write("a.txt", "x");
    dir.write("b.txt", dir.key(SECRET));
    let cases: &[(&[&str], i32)] = &[
        (&["a.txt", "--exit-code", "7"], 0),
        (&["b.txt", "--exit-code", "7"], 7),
        (&["b.txt", "--exit-code=0"], 0),
        (&["b.txt", "--exit-zero"], 0),
        (&["none", "b.txt", "--exit-code", "7"], 7),
        // An incomplete scan never exits with 0.
        (&["none", "b.txt", "--exit-zero"], 3),
        (&["none", "--exit-zero"], 3),
        (&["none", "--exit-code", "7"], 3),
        (&["--only", "no-such-rule", "--exit-zero"], 2),
    ];
    for (args, code) in cases {
        dir.run(&[&["scan"], *args].concat()).expect(*code);
    }
}

/// Prepares a run as an unprivileged user, because root may read anything. The test's own files
/// must be readable for that user.
fn as_anybody(dir: &Dir, args: &[&str]) -> Pending {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;

    let is_root = fs::metadata(dir.path()).unwrap().uid() == 0;
    if !is_root {
        return dir.command(args, b"");
    }
    for folder in [dir.path(), dir.home()] {
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    }
    let copy = dir.home().join("keyside");
    // Copied by another process: a file that this one has open for writing cannot be executed.
    let copied = std::process::Command::new("cp")
        .args([env!("CARGO_BIN_EXE_keyside").as_ref(), copy.as_os_str()])
        .status();
    assert!(copied.unwrap().success());
    dir.command_of(&copy, args, b"").with(|command| {
        command.uid(65534).gid(65534);
    })
}

fn close(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
}

fn open(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn an_unreadable_file_or_folder_is_named_and_3() {
    let dir = Dir::new();
    dir.write("a.txt", "x");
    let file = dir.write("closed.txt", dir.key(SECRET));
    dir.write("folder/b.txt", dir.key(SECRET));
    let folder = dir.path().join("folder");
    close(&file);
    close(&folder);
    for args in
        [&["scan", "-f", "json"][..], &["scan", "-f", "json", "a.txt", "closed.txt", "folder"]]
    {
        let run = as_anybody(&dir, args).finish(&dir).expect(3);
        let report = run.json();
        assert_eq!(notices(&report), ["unreadable", "unreadable"], "{run}");
        let path = |index: usize| report["scan"]["notices"][index]["path"].clone();
        assert_eq!([path(0), path(1)], ["closed.txt", "folder"]);
        assert_eq!(report["scan"]["files"], 1);
    }
    let text = as_anybody(&dir, &["scan", "-q"]).finish(&dir).expect(3);
    let text = text.out("incomplete: closed.txt: cannot be read");
    assert!(!text.stdout.contains("clean"), "{text}");
    dir.write("found.txt", dir.key(SECRET));
    as_anybody(&dir, &["scan"]).finish(&dir).expect(1);
    open(&folder);
}

#[test]
fn an_unreadable_configuration_or_ignore_file_is_2() {
    for name in ["keyside.toml", ".keysideignore"] {
        let dir = Dir::new();
        dir.write("a.txt", "x");
        close(&dir.write(name, ""));
        as_anybody(&dir, &["scan"]).finish(&dir).expect(2).err(&format!("{name}: cannot be read"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_with_a_read_error_is_named_and_3() {
    let dir = Dir::new();
    let (code, report) = dir.json(&["/proc/self/mem"]);
    assert_eq!(code, 3);
    assert!(notices(&report).contains(&"unreadable".to_owned()));
    assert_eq!(report["scan"]["notices"][1]["path"], "/proc/self/mem");
}

#[test]
fn unreadable_standard_input_is_3() {
    let dir = Dir::new();
    let folder = File::open(dir.path()).unwrap();
    let run = dir
        .command(&["stdin", "-f", "json"], b"")
        .with(|command| {
            command.stdin(Stdio::from(folder));
        })
        .finish(&dir)
        .expect(3);
    assert!(notices(&run.json()).contains(&"unreadable".to_owned()), "{run}");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let dir = Dir::new();
    for n in 0..300 {
        dir.write(&format!("{n}.txt"), dir.key(SECRET));
    }
    let cases: &[(&[&str], i32)] = &[
        (&["scan"], 1),
        (&["scan", "-f", "json"], 1),
        (&["scan", "-f", "sarif", "-q"], 1),
        (&["rules", "list"], 0),
        (&["rules", "show", "aimagicx-api-key"], 0),
        (&["man"], 0),
        (&["completions", "bash"], 0),
        (&["--help"], 0),
    ];
    for (args, code) in cases {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let run = dir
            .command(args, b"")
            .with(|command| {
                command.stdout(Stdio::from(writer));
            })
            .finish(&dir)
            .expect(*code);
        assert!(!run.stderr.contains("error"), "{args:?}\n{run}");
        assert!(!run.stderr.contains("panicked"), "{args:?}\n{run}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_2_with_a_reason() {
    let dir = Dir::new();
    dir.write("a.txt", dir.key(SECRET));
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for format in FORMATS {
        let to_file = format!("{format}=/dev/full");
        dir.run(&["scan", "-f", &to_file])
            .expect(2)
            .err("cannot write the report /dev/full")
            .err("No space left on device");
        dir.command(&["scan", "-f", format], b"")
            .with(|command| {
                command.stdout(Stdio::from(full()));
            })
            .finish(&dir)
            .expect(2)
            .err("cannot write to standard output")
            .err("No space left on device");
    }
    for args in [&["rules", "list"][..], &["man"], &["completions", "zsh"], &["config", "show"]] {
        dir.command(args, b"")
            .with(|command| {
                command.stdout(Stdio::from(full()));
            })
            .finish(&dir)
            .expect(2)
            .err("No space left on device");
    }
}
