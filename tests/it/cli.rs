//! The command line itself: help, completions, the manual and the spellings of gitleaks.

use std::collections::BTreeSet;

use crate::support::{Dir, SECRET};

#[test]
fn the_argument_definition_is_sound() {
    keyside::cli::command().debug_assert();
}

/// Calls `each` for a command and all its subcommands.
fn walk(command: &clap::Command, each: &mut impl FnMut(&clap::Command)) {
    each(command);
    for below in command.get_subcommands() {
        walk(below, each);
    }
}

#[test]
fn option_names_are_unique_and_all_are_described() {
    let mut command = keyside::cli::command();
    command.build();
    walk(&command, &mut |command| {
        let mut longs = BTreeSet::new();
        let mut shorts = BTreeSet::new();
        let name = command.get_name();
        assert!(command.get_about().is_some(), "{name} is not described");
        for argument in command.get_arguments() {
            let id = argument.get_id();
            let aliases = argument.get_all_aliases().unwrap_or_default();
            for long in argument.get_long().into_iter().chain(aliases) {
                assert!(longs.insert(long.to_owned()), "{name} has two --{long}");
            }
            let aliases = argument.get_all_short_aliases().unwrap_or_default();
            for short in argument.get_short().into_iter().chain(aliases) {
                assert!(shorts.insert(short), "{name} has two -{short}");
            }
            let is_described = argument.get_help().is_some() || argument.is_hide_set();
            assert!(is_described, "{id} of {name} is not described");
        }
    });
}

#[test]
fn help_is_grouped_and_has_examples() {
    let dir = Dir::new();
    for args in [["scan", "--help"], ["scan", "-h"], ["dir", "--help"]] {
        let run = dir.run(&args).expect(0);
        let headings =
            ["What to read:", "Rules:", "What to report:", "Output:", "Exit code:", "Examples:"];
        for heading in headings {
            assert!(run.stdout.lines().any(|line| line == heading), "{heading}\n{run}");
        }
        for option in ["--no-ignore", "--only", "--min-severity", "--format"] {
            assert!(run.stdout.contains(option), "{option}\n{run}");
        }
        // Silently accepted spellings are hidden.
        for hidden in ["--redact", "--no-banner", "--hidden"] {
            assert!(!run.stdout.contains(hidden), "{hidden}\n{run}");
        }
    }
    let run = dir.run(&["--help"]).expect(0).out("Examples:").out("Exit codes: 0 clean");
    for command in ["scan", "stdin", "explain", "rules", "config", "completions", "man"] {
        let is_listed = |line: &str| line.trim_start().starts_with(&format!("{command} "));
        assert!(run.stdout.lines().any(is_listed), "{command}\n{run}");
    }
}

#[test]
fn completions_are_made_for_each_shell() {
    let dir = Dir::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = dir.run(&["completions", shell]).expect(0);
        for word in ["keyside", "scan", "stdin", "min-severity"] {
            assert!(run.stdout.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn the_manual_is_a_page_with_every_command_and_option() {
    let dir = Dir::new();
    let page = dir.run(&["man"]).expect(0).stdout;
    assert!(page.lines().any(|line| line.starts_with(".TH keyside 1")), "{page}");
    for section in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", "KEYSIDE SCAN", "KEYSIDE RULES"]
    {
        assert!(page.contains(section), "{section}");
    }
    for option in ["no\\-ignore", "max\\-file\\-size", "show\\-secrets", "exit\\-zero"] {
        assert!(page.contains(option), "{option}");
    }
    assert!(!page.contains("redact"), "hidden options are not in the manual");
}

#[test]
fn spellings_of_gitleaks_are_accepted() {
    let dir = Dir::new();
    dir.write("src/a.txt", dir.key(SECRET));
    for args in [
        &["dir", "src", "--report-format", "json", "--report-path", "r"][..],
        &["dir", "src", "--report-format=json", "-r", "r"],
        &["dir", "src", "-f", "json", "-r=r", "--redact"],
        &["scan", "src", "-f", "json", "-o", "r", "--redact=50"],
        &["dir", "src", "-v", "--no-banner", "--no-color", "-f", "json", "-r", "r"],
        &["dir", "--enable-rule", "magicx-secret-key", "src", "-f", "json", "-r", "r"],
        &["dir", "src", "--exit-code=1", "-f", "json", "-r", "r"],
    ] {
        let run = dir.run(args).expect(1);
        assert!(!run.stdout.contains('{'), "{run}");
        let report = std::fs::read_to_string(dir.path().join("r")).unwrap();
        assert!(report.contains("\"rule_id\": \"magicx-secret-key\""), "{args:?}\n{report}");
        std::fs::remove_file(dir.path().join("r")).unwrap();
    }
    dir.pipe(&["stdin", "--no-banner", "--redact", "-v"], dir.key(SECRET).as_bytes()).expect(1);
    // The hook of gitleaks, keyside's own hook, and gitleaks' name of standard output.
    let repo = crate::repo::Repo::new();
    repo.dir.write("a.txt", repo.dir.key(SECRET));
    repo.git(&["add", "."]);
    for args in [
        &["git", "--pre-commit", "--redact", "--staged", "--verbose"][..],
        &["git", "--staged", "--pre-commit", "--no-banner", "--no-color", "--redact=20"],
        &["git", "--pre-commit", "-f", "json", "-r", "-"],
    ] {
        repo.dir.run(args).expect(1).out("magicx-secret-key");
    }
    dir.pipe(&["stdin", "--report-format=json", "--report-path", "-"], b"x").expect(0).out("{");
    // `--redact` takes no value: the next word is a path.
    dir.run(&["scan", "--redact", "src"]).expect(1);
}
