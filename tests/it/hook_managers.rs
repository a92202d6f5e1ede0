//! `keyside install-hook` beside hooks and hook managers of others, and `--check`, which tries what a
//! commit would do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::repositories::{Repo, contents};
use crate::support::{Run, SECRET};

/// Runs keyside with itself in PATH, as after an installation.
fn keyside(repo: &Repo, args: &[&str]) -> Run {
    repo.dir.command(&[&["install-hook"], args].concat(), b"").env("PATH", path()).finish(&repo.dir)
}

/// PATH with the program under test.
fn path() -> std::ffi::OsString {
    let own = Path::new(env!("CARGO_BIN_EXE_keyside")).parent().unwrap().to_owned();
    let others = std::env::var_os("PATH").unwrap();
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&others))).unwrap()
}

/// Writes an executable hook.
fn write_hook(repo: &Repo, name: &str, text: &str) {
    let file = repo.dir.write(&format!(".git/hooks/{name}"), text);
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Asserts that a commit with a key is stopped by keyside, or is not, and that `--check` knows it and
/// leaves nothing behind.
fn assert_stops(repo: &Repo, is_stopped: bool, what: &str) {
    let before = contents(repo.path());
    let run = keyside(repo, &["--check"]);
    assert!(before == contents(repo.path()), "{what}: --check has changed the repository");
    assert_eq!(run.code, i32::from(!is_stopped), "{what}: {run}");
    let says = if is_stopped { "is stopped here" } else { "is NOT stopped here" };
    let run = run.out(says);
    let key = repo.dir.key(SECRET);
    repo.stage(&[("key.env", &format!("k={key}\n"))]);
    let output = repo.command(&["commit", "-q", "-m", "x"]).env("PATH", path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(!output.status.success(), is_stopped, "{what}: {said}; {run}");
    assert_eq!(said.contains("keyside stops this commit"), is_stopped, "{what}: {said}");
    if is_stopped {
        repo.git(&["rm", "-q", "-f", "--cached", "key.env"]);
        fs::remove_file(repo.path().join("key.env")).unwrap();
    } else {
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
}

/// Follows advice to add a line after the first one.
fn add_second_line(repo: &Repo, name: &str, line: &str) {
    let file = repo.path().join(".git/hooks").join(name);
    let text = fs::read_to_string(&file).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    fs::write(file, format!("{first}\n{line}\n{rest}")).unwrap();
}

#[test]
fn advice_for_shell_hooks_names_a_line_that_is_reached() {
    for text in [
        "#!/bin/sh\necho checked\nexit 0\n",
        "#!/bin/bash\nset -e\nexec true \"$@\"\n",
        "#!/usr/bin/env bash\ntrue lint-staged\n",
    ] {
        let repo = Repo::with(&[("a", "1")]);
        write_hook(&repo, "pre-commit", text);
        assert_stops(&repo, false, text);
        let run =
            keyside(&repo, &[]).expect(2).err("directly after its first line, `#!").err("--check");
        let line =
            run.stderr.lines().find(|line| line.contains("keyside hook pre-commit")).unwrap();
        add_second_line(&repo, "pre-commit", line.trim());
        assert_stops(&repo, true, text);
        keyside(&repo, &[]).expect(0).out("line 2 calls keyside already");
        // The same by a flag; the lines of others stay, and removing leaves them as they were.
        write_hook(&repo, "pre-commit", text);
        keyside(&repo, &["--insert"]).expect(0).out("inserted at the top");
        assert_stops(&repo, true, text);
        keyside(&repo, &[]).expect(0).out("already installed");
        keyside(&repo, &["--uninstall"]).expect(0).out("removed");
        assert_eq!(fs::read_to_string(repo.path().join(".git/hooks/pre-commit")).unwrap(), text);
    }
    // A hook without a first line that names a shell is one for the shell.
    let repo = Repo::with(&[("a", "1")]);
    write_hook(&repo, "pre-commit", "true\nexit 0\n");
    keyside(&repo, &[]).expect(2).err("before its first line");
    keyside(&repo, &["--insert"]).expect(0);
    assert_stops(&repo, true, "no shebang");
}

#[test]
fn lines_of_keyside_that_are_never_reached_are_no_installation() {
    let repo = Repo::with(&[("a", "1")]);
    for call in ["keyside hook pre-commit || exit $?\n".to_owned(), {
        keyside(&repo, &[]).expect(0);
        let text = fs::read_to_string(repo.path().join(".git/hooks/pre-commit")).unwrap();
        text["#!/bin/sh\n".len()..].to_owned()
    }] {
        write_hook(&repo, "pre-commit", &format!("#!/bin/sh\ntrue\nexit 0\n{call}"));
        keyside(&repo, &[]).expect(2).err("line 3 is `exit 0`").err("never reached");
        assert_stops(&repo, false, &call);
    }
    keyside(&repo, &["--insert"]).expect(0).out("moved to the top");
    assert_stops(&repo, true, "moved");
    // git does not run it.
    let file = repo.path().join(".git/hooks/pre-commit");
    fs::write(&file, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    keyside(&repo, &["--insert"]).expect(2).err("not executable");
    assert_stops(&repo, false, "not executable");
    // Its exit code is dropped; it stops nothing that it finds; it is not allowed to.
    for (text, says) in [
        ("keyside hook pre-commit || true\n", "keyside finds it, but the hook goes on"),
        ("keyside hook pre-commit --exit-zero\n", "keyside finds it, but the hook goes on"),
        ("keyside hook pre-commit --exclude '*'\n", "does not report it"),
        ("true\n", "no hook calls keyside"),
    ] {
        write_hook(&repo, "pre-commit", &format!("#!/bin/sh\n{text}"));
        keyside(&repo, &["--check"]).expect(1).out(says);
    }
    // Rules that the hook chooses are no reason; a silent hook is told; a broken one is unknown.
    write_hook(
        &repo,
        "pre-commit",
        "#!/bin/sh\nkeyside hook pre-commit --only magicx-secret-key\n",
    );
    assert_stops(&repo, true, "--only");
    write_hook(&repo, "pre-commit", "#!/bin/sh\nkeyside hook pre-commit >/dev/null 2>&1\n");
    keyside(&repo, &["--check"]).expect(0).out("message is not shown");
    write_hook(&repo, "pre-commit", "#!/bin/sh\necho lint failed\nexit 1\n");
    keyside(&repo, &["--check"]).expect(3).out("not known").out("lint failed");
}

#[test]
fn hooks_that_are_no_shell_scripts_are_called_by_one() {
    for (text, kind) in [
        ("#!/usr/bin/env python3\nprint('checked')\n", "`python`"),
        ("#!/usr/bin/perl -w\nprint 1;\n", "`perl`"),
        ("#!/usr/bin/env node\nconsole.log(1)\n", "`node`"),
        ("\x7fELF\0\0", "a program"),
    ] {
        let repo = Repo::with(&[("a", "1")]);
        write_hook(&repo, "pre-commit", text);
        let run = keyside(&repo, &[]).expect(2).err(kind).err("Rename it to pre-commit.local");
        run.err("exec \"$(dirname \"$0\")/pre-commit.local\" \"$@\"");
        keyside(&repo, &["--insert"]).expect(0).out("pre-commit.local afterwards");
        let moved = repo.path().join(".git/hooks/pre-commit.local");
        assert_eq!(fs::read(&moved).unwrap(), text.as_bytes());
        write_hook(&repo, "pre-commit.local", "#!/bin/sh\necho \"called $0\"; exit 7\n");
        assert_stops(&repo, true, kind);
        let output = repo.command(&["commit", "--allow-empty", "-m", "x"]).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stderr).contains("called"), "{kind}");
        // There is no place for a second one.
        write_hook(&repo, "pre-commit", text);
        keyside(&repo, &["--insert"]).expect(2).err("exists already");
    }
}

#[test]
fn managers_are_named_with_their_own_configuration() {
    for (written, file, configuration, says) in [
        (
            "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\nexec true\n",
            ".pre-commit-config.yaml",
            "repos: []\n",
            "entry: keyside hook pre-commit",
        ),
        (
            "#!/bin/sh\n# File generated by prek: https://github.com/j178/prek\nexec true\n",
            ".pre-commit-config.yaml",
            "repos: []\n",
            "entry: keyside hook pre-commit",
        ),
        (
            "#!/bin/sh\ncall_lefthook() { true; }\ncall_lefthook run \"pre-commit\" \"$@\"\n",
            "lefthook.yml",
            "pre-commit:\n",
            "run: keyside hook pre-commit",
        ),
        (
            "#!/bin/sh\ncall_lefthook() { true; }\ncall_lefthook run \"pre-commit\" \"$@\"\n",
            "lefthook.toml",
            "[pre-commit]\n",
            "[pre-commit.commands.keyside]",
        ),
        (
            "#!/bin/sh\nif [ \"$SKIP_SIMPLE_GIT_HOOKS\" = \"1\" ]; then exit 0; fi\nnpx lint-staged\n",
            "package.json",
            "{\"simple-git-hooks\": {}}\n",
            "\"simple-git-hooks\": { \"pre-commit\": \"keyside hook pre-commit\" }",
        ),
        ("#!/bin/sh\n#yorkie 2.0.0\n", "package.json", "{\"gitHooks\": {}}\n", "\"gitHooks\""),
        (
            "#!/usr/bin/env ruby\n# Entrypoint for Overcommit hook integration.\n",
            ".overcommit.yml",
            "PreCommit:\n",
            "command: ['keyside', 'hook', 'pre-commit']",
        ),
        (
            "#!/bin/sh\n# installed by CaptainHook 5.23\n",
            "captainhook.json",
            "{}\n",
            "\"action\": \"keyside hook pre-commit\"",
        ),
    ] {
        let repo = Repo::with(&[("a", "1"), (file, configuration)]);
        write_hook(&repo, "pre-commit", written);
        for flags in [&[][..], &["--insert"]] {
            keyside(&repo, flags).expect(2).err(&format!("Add this to {file}:")).err(says);
        }
        assert_eq!(fs::read_to_string(repo.path().join(".git/hooks/pre-commit")).unwrap(), written);
        // Once it is there, the hook is set up, and only a trial can tell more.
        repo.dir.write(file, format!("{configuration}# keyside\n"));
        keyside(&repo, &[]).expect(0).out(&format!("{file} names keyside already"));
    }
}

/// husky: `.husky/_` is written anew by each `npm install`.
fn husky(repo: &Repo) {
    for name in ["pre-commit", "pre-push"] {
        let file = repo
            .dir
            .write(&format!(".husky/_/{name}"), "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n");
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let helper = "n=$(basename \"$0\"); s=$(dirname \"$(dirname \"$0\")\")/$n\n\
                  [ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"\nexit $?\n";
    repo.dir.write(".husky/_/h", helper);
    repo.dir.write(".husky/_/.gitignore", "*");
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
}

#[test]
fn hooks_of_husky_are_in_the_folder_that_it_leaves_alone() {
    let repo = Repo::with(&[("a", "1"), ("package.json", "{}")]);
    husky(&repo);
    assert_stops(&repo, false, "husky without a hook");
    keyside(&repo, &["-t", "pre-commit", "-t", "pre-push"]).expect(0).out(".husky/pre-commit\n");
    let file = repo.path().join(".husky/pre-commit");
    let text = fs::read_to_string(&file).unwrap();
    // The file is committed: the path of a program on one machine has no place in it.
    assert!(!text.contains(env!("CARGO_BIN_EXE_keyside")), "{text}");
    husky(&repo);
    assert_stops(&repo, true, "husky");
    keyside(&repo, &["--check", "-t", "pre-push"]).expect(0).out("a push with a key is stopped");
    keyside(&repo, &["--uninstall"]).expect(0).out("removed");
    assert!(!file.exists());
    // One that is there: lines for it, which husky runs with `sh`, executable or not.
    fs::write(&file, "npx lint-staged && exit 0\n").unwrap();
    keyside(&repo, &[]).expect(2).err(".husky/pre-commit already exists").err("first line");
    fs::write(&file, "echo checked\nexit 0\n").unwrap();
    keyside(&repo, &["--insert"]).expect(0).out("inserted at the top");
    assert_stops(&repo, true, "husky, inserted");
    // A clone in which husky is not set up yet: git would look elsewhere soon.
    repo.git(&["config", "--unset", "core.hooksPath"]);
    keyside(&repo, &[]).expect(0).out("installed").err("once husky is set up");
}

#[test]
fn managers_that_would_take_the_hook_away_are_named() {
    let repo = Repo::with(&[("a", "1"), ("lefthook.yml", "pre-commit:\n")]);
    let run = keyside(&repo, &[]).expect(0).out("installed").err("configures lefthook");
    run.err("run: keyside hook pre-commit");
    let repo = Repo::with(&[("package.json", "{\"simple-git-hooks\": {}}")]);
    keyside(&repo, &[]).expect(0).err("configures simple-git-hooks");
    let repo = Repo::with(&[("package.json", "{}"), (".pre-commit-config.yaml", "repos: []")]);
    let run = keyside(&repo, &[]).expect(0);
    assert_eq!(run.stderr, "");
}

#[test]
fn refs_of_a_push_reach_the_lines_of_others() {
    let repo = Repo::with(&[("a", "1")]);
    let remote = repo.dir.home().join("remote.git");
    repo.git(&["init", "-q", "--bare", remote.to_str().unwrap()]);
    let log = repo.dir.home().join("log");
    // As `git lfs pre-push` does, it reads the refs.
    let text = format!("#!/bin/sh\ncat > '{}'\n", log.display());
    write_hook(&repo, "pre-push", &text);
    keyside(&repo, &["-t", "pre-push", "--check"]).expect(1).out("NOT stopped");
    let run =
        keyside(&repo, &["-t", "pre-push"]).expect(2).err("install-hook -t pre-push --insert");
    let lines =
        run.stderr.split_once("ends the hook:\n").unwrap().1.split_once("or let").unwrap().0;
    for is_inserted in [false, true] {
        write_hook(&repo, "pre-push", &text);
        if is_inserted {
            keyside(&repo, &["-t", "pre-push", "--insert"]).expect(0);
        } else {
            add_second_line(&repo, "pre-push", lines.trim_end());
        }
        let branch = format!("HEAD:refs/heads/b{is_inserted}");
        let push =
            repo.command(&["push", remote.to_str().unwrap(), &branch]).env("PATH", path()).output();
        assert!(push.unwrap().status.success());
        let said = fs::read_to_string(&log).unwrap();
        let commit = repo.git(&["rev-parse", "HEAD"]);
        assert!(said.contains(commit.trim()) && said.ends_with('\n'), "{said}");
        keyside(&repo, &["-t", "pre-push", "--check"])
            .expect(0)
            .out("a push with a key is stopped");
    }
}

#[test]
fn trials_leave_nothing_and_need_nothing() {
    // No commit, a linked worktree, a folder below, a bare repository, hooks elsewhere.
    let repo = Repo::new();
    keyside(&repo, &[]).expect(0);
    assert_stops(&repo, true, "no commit yet");
    let repo = Repo::with(&[("d/a", "1")]);
    keyside(&repo, &[]).expect(0);
    repo.git(&["worktree", "add", "-q", "-b", "side", "tree"]);
    for folder in ["tree", "d"] {
        let folder = repo.path().join(folder);
        let command = repo.dir.command(&["install-hook", "--check"], b"").with(|command| {
            command.current_dir(folder);
        });
        command.finish(&repo.dir).expect(0).out("is stopped here");
    }
    let hooks = repo.dir.home().join("hooks");
    repo.git(&["config", "core.hooksPath", hooks.to_str().unwrap()]);
    keyside(&repo, &["--check"]).expect(1);
    keyside(&repo, &[]).expect(0);
    assert_stops(&repo, true, "a folder for all repositories");
    let server = Repo::new();
    server.git(&["config", "core.bare", "true"]);
    keyside(&server, &["--check"]).expect(2).err("bare");
    let check = ["-t", "pre-receive", "--check"];
    keyside(&server, &check).expect(1).out("a push to here with a key is NOT stopped");
    keyside(&server, &["-t", "pre-receive"]).expect(0);
    keyside(&server, &check).expect(0).out("a push to here with a key is stopped");
    let left = fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let left = left.filter(|entry| {
        entry.file_name().to_string_lossy().starts_with("keyside-trial-")
            && entry
                .metadata()
                .is_ok_and(|about| about.modified().unwrap().elapsed().unwrap().as_secs() > 600)
    });
    assert_eq!(left.count(), 0, "a trial has left its folder");
}
