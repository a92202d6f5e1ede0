//! Signals, closed pipes and full disks: a file is the old one or the new one, never a part of either.

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::repo::{Repo, config};
use crate::support::{Dir, FORMATS, SECRET, ignores_signal};

/// A run whose standard input stays open.
fn started(dir: &Dir, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_keyside"))
        .args(args)
        .current_dir(dir.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", dir.home())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn send(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).output();
    assert!(sent.unwrap().status.success());
}

/// Fills a run's standard input, which it reads last, and then sends it a signal.
fn interrupted(mut child: Child, signal: &str) -> Output {
    // More than a pipe holds: when it is written, the run has come to its standard input.
    let mut input = child.stdin.take().unwrap();
    input.write_all(&vec![b'x'; 1 << 20]).unwrap();
    send(&child, signal);
    let output = child.wait_with_output().unwrap();
    drop(input);
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_signal_leaves_reports_as_they_are_and_says_what_was_found() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("src/a.ts", format!("\nconst k = '{key}';\n"));
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        // Programs inherit that a signal is ignored, as under nohup.
        if ignores_signal(signal) {
            continue;
        }
        for format in FORMATS {
            let old = format!("the old report {signal} {format}");
            dir.write("old", &old);
            let args = ["scan", "src", "-", "-f", &format!("{format}=old"), "-f", "sarif=new"];
            let output = interrupted(started(&dir, &args), signal);
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{signal}: {said}");
            assert!(said.contains(&format!("incomplete: interrupted by SIG{signal}")), "{said}");
            assert!(said.contains("until then: 1 key in 1 place"), "{said}");
            assert!(said.contains("src/a.ts:2:12 magicx-secret-key"), "{said}");
            assert!(!said.contains(&key) && output.stdout.is_empty(), "{said}");
            assert_eq!(fs::read_to_string(dir.path().join("old")).unwrap(), old);
            let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
            assert_eq!(left.len(), 2, "{left:?}");
        }
    }
    // Without a key, and with standard input only.
    let output = interrupted(started(&dir, &["stdin", "-o", "new.json"]), "TERM");
    assert_eq!(output.status.code(), Some(143));
    assert!(text(&output.stderr).contains("until then: no key"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_the_caller_ignores_is_ignored() {
    let dir = Dir::new();
    let program = env!("CARGO_BIN_EXE_keyside");
    let mut child = Command::new("sh")
        .args(["-c", &format!("trap '' HUP INT; exec '{program}' stdin -f json")])
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&vec![b'x'; 1 << 20]).unwrap();
    send(&child, "HUP");
    send(&child, "INT");
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
}

#[test]
fn at_any_moment_a_file_is_the_old_or_the_new_one() {
    let repo = Repo::new();
    for nth in 0..20 {
        repo.add(&format!("f{nth}"), config(&repo.dir.key(SECRET)));
    }
    repo.write("staged", config(&repo.dir.key(SECRET)));
    repo.git(&["add", "staged"]);
    let path = |name: &str| repo.dir.home().join(name).to_str().unwrap().to_owned();
    let (report, baseline) = (path("report.json"), path("baseline.toml"));
    let (cache, ids, imported) = (path("cache"), path(".gitleaksignore"), path("ids"));
    fs::write(&ids, "f1:magicx:1\n".repeat(50)).unwrap();
    let runs: [&[&str]; 8] = [
        &["scan", ".", "-o", &report],
        &["git", ".", "-o", &report],
        &["git", "--staged", "-o", &report],
        &["git", "--range", "HEAD~9..HEAD", "-o", &report],
        &["git", "--cache", &cache, "-o", &report],
        &["hook", "pre-commit", "-f", &format!("json={report}")],
        &["baseline", "write", "-b", &baseline],
        &["import", &ids, "--kind", "gitleaks-ignore", "--force", "-o", &imported],
    ];
    for (nth, args) in runs.iter().enumerate() {
        for step in 0..5 {
            let old = "findings = []\n";
            fs::write(&report, old).unwrap();
            let _ = fs::remove_file(&baseline);
            fs::write(&imported, old).unwrap();
            let mut child = started(&repo.dir, args);
            drop(child.stdin.take());
            // From before the handler is there to after the last write.
            std::thread::sleep(Duration::from_millis(4 + step * 23 + nth as u64));
            send(&child, ["INT", "TERM", "HUP"][step as usize % 3]);
            let output = child.wait_with_output().unwrap();
            let now = fs::read_to_string(&report).unwrap();
            let is_whole = serde_json::from_str::<serde_json::Value>(&now).is_ok();
            assert!(now == old || is_whole, "{args:?}: {now}\n{}", text(&output.stderr));
            let now = fs::read_to_string(&baseline).unwrap_or_default();
            assert!(now.parse::<toml::Table>().is_ok(), "{args:?}: {now}");
            let now = fs::read_to_string(&imported).unwrap();
            assert!(now == old || now.is_empty() || now.ends_with('\n'), "{args:?}: {now}");
        }
    }
    repo.keyside(&["--cache", &cache]).expect(1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_what_was_there() {
    let dir = Dir::new();
    dir.write("src/a.ts", format!("const k = '{}';\n", dir.key(SECRET)));
    for format in FORMATS {
        let run = dir.run(&["scan", "src", "-f", format, "-o", "/dev/full"]).expect(2);
        run.err("cannot write the report /dev/full").err("No space left");
        let program = env!("CARGO_BIN_EXE_keyside");
        dir.write("out/report", "the old report");
        let shell = |script: &str| {
            let script = format!("trap '' XFSZ; {}", script.replace("KEYSIDE", program));
            dir.command_of("/bin/sh".as_ref(), &["-c", &script], b"").finish(&dir)
        };
        shell(&format!("KEYSIDE scan src -f {format} > /dev/full")).expect(2).err("No space left");
        // No file may grow.
        let limited = format!("ulimit -f 0; KEYSIDE scan src -f {format}=out/report");
        shell(&limited).expect(2).err("cannot write the report out/report");
        assert_eq!(fs::read_to_string(dir.path().join("out/report")).unwrap(), "the old report");
        assert_eq!(fs::read_dir(dir.path().join("out")).unwrap().count(), 1);
        // A reader that has seen enough changes no file.
        shell(&format!("KEYSIDE scan src -f json -f {format}=out/report 2>&1 | true")).expect(0);
        let report = fs::read_to_string(dir.path().join("out/report")).unwrap();
        assert!(report.len() > 20 && report != "the old report", "{format}: {report}");
    }
    let limited = |command: &str| {
        let script =
            format!("trap '' XFSZ; ulimit -f 0; {} {command}", env!("CARGO_BIN_EXE_keyside"));
        dir.command_of("/bin/sh".as_ref(), &["-c", &script], b"").finish(&dir)
    };
    dir.run(&["baseline", "write"]).expect(0);
    let baseline = || fs::read_to_string(dir.path().join("keyside-baseline.toml")).unwrap();
    let before = baseline();
    dir.write("src/b.ts", format!("const k = '{}';\n", dir.key(SECRET)));
    limited("baseline write").expect(2).err("cannot write the baseline");
    assert_eq!(baseline(), before);
    dir.write(".gitleaksignore", "src/a.ts:magicx:1\n");
    dir.write(".keysideignore", "# ours\n");
    limited("import .gitleaksignore --force -o .keysideignore").expect(2);
    assert_eq!(fs::read_to_string(dir.path().join(".keysideignore")).unwrap(), "# ours\n");
}
