//! What holds for every report format: nothing that is scanned becomes a command, a colour or a key.

use keyside::report::Format;

use crate::repo::{Repo, config};
use crate::support::{Dir, FORMATS, SECRET};

#[test]
fn every_format_is_tested() {
    assert_eq!(Format::ALL.map(|(name, _)| name), FORMATS);
}

/// The commands that GitHub's runner takes from a text, from its source (`ActionCommand.cs`), and
/// those of Azure Pipelines. Lines end at a lone carriage return, too.
fn commands(text: &str) -> Vec<&str> {
    let is_command = |line: &&str| {
        let words =
            |rest: &str| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap().len();
        let is_old = line.match_indices("##").any(|(at, _)| {
            let rest = &line[at + 2..];
            rest[words(rest)..].starts_with('[')
        });
        line.trim_start().starts_with("::") || is_old
    };
    text.split(['\n', '\r']).filter(is_command).collect()
}

#[test]
fn nothing_that_is_scanned_becomes_a_command_of_a_build_server() {
    let dir = Dir::new();
    let bad = "::set-output name=a::b ##[error]x ##vso[task.setvariable variable=a]b";
    dir.write(
        &format!("::error::a\n::error::b ##[error]c\r##vso[x]d/{}", "e.txt"),
        format!("{bad}\n  {bad} {} {bad}\r\n{bad}", dir.key(SECRET)),
    );
    dir.write("b.txt", format!("{} # keyside:allow {bad}", dir.key(SECRET)));
    dir.write("t/keyside.toml", format!("\"{bad}\" = 1"));
    for format in FORMATS {
        let run = dir.run(&["scan", "-v", "-f", format, ".", "--exclude", "t"]).expect(1);
        let found = commands(&run.stdout);
        let own = |line: &&&str| line.starts_with("::error title=");
        assert_eq!(found.iter().filter(own).count(), usize::from(format == "github"), "{run}");
        assert_eq!(found.len(), usize::from(format == "github"), "{run}");
        assert_eq!(commands(&run.stderr), Vec::<&str>::new(), "{run}");
        let is_escaped = ["github", "markdown"].contains(&format);
        assert!(run.stdout.contains("[task.setvariable variable=a]b") || is_escaped, "{run}");
    }
    // What is scanned and its JSON stay the same.
    let report = dir.run(&["scan", "-f", "json", ".", "--exclude", "t"]).json();
    let line = report["findings"][0]["occurrences"][0]["line"].as_str().unwrap();
    assert!(line.ends_with(bad), "{line}");
    for args in [
        &["scan", "t"][..],
        &["scan", "--config", "::error::x\n::error::y ##[error]z"],
        &["scan", "::error::x\r::error::y ##[error]z"],
        &["scan", "--min-severity", "\n::error::y ##[error]z"],
        &["explain", "b.txt:1"],
        &["explain", "\n::error::x"],
        &["rules", "check", "t/keyside.toml"],
    ] {
        let run = dir.run(args);
        let found = [commands(&run.stdout), commands(&run.stderr)].concat();
        assert_eq!(found, Vec::<&str>::new(), "{args:?}\n{run}");
    }
}

#[test]
fn nothing_in_history_becomes_a_command_of_a_build_server() {
    let repo = Repo::new();
    let bad = "::set-output name=a::b ##[error]x ##vso[task.setvariable variable=a]b";
    let path = format!("::error::a\n{bad}\r::error::b");
    repo.write(&path, format!("{bad}\n{}", config(&repo.dir.key(SECRET))));
    repo.git(&["add", "."]);
    repo.tick();
    let message = format!("{bad}\r{bad}\n\n{bad}\n{bad} {}", repo.dir.key(SECRET));
    repo.git(&["commit", "-q", "-m", &message, "--author", &format!("{bad} <{bad}>")]);
    repo.git(&["tag", "-a", "-m", &format!("{bad}\n{}", repo.dir.key(SECRET)), "v1"]);
    for format in FORMATS {
        let run = repo.dir.run(&["git", "-v", "-f", format]).expect(1);
        let found = commands(&run.stdout);
        let is_own = |line: &&str| line.starts_with("::error title=MagicX");
        assert!(found.iter().all(is_own), "{run}");
        assert_eq!(found.len(), if format == "github" { 3 } else { 0 }, "{run}");
        assert_eq!(commands(&run.stderr), Vec::<&str>::new(), "{run}");
    }
}
