//! Every report format: scanned text never becomes a command or a colour, and no key is shown.

use keyside::report::Format;

use crate::repo::{Repo, config};
use crate::support::{Dir, FORMATS, SECRET};

#[test]
fn every_format_is_tested() {
    assert_eq!(Format::ALL.map(|(name, _)| name), FORMATS);
}

/// The commands that GitHub's runner (`ActionCommand.cs` in its source) and Azure Pipelines read
/// from a text. A lone carriage return ends a line, too.
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
fn no_scanned_text_becomes_a_build_command() {
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
    // The scanned files and the JSON stay the same.
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
fn no_text_of_history_becomes_a_build_command() {
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

#[test]
fn a_human_report_is_named_after_its_target() {
    let repo = Repo::new();
    for name in ["src/a.txt", "b.txt", "c.txt", "d.txt"] {
        repo.write(name, repo.dir.key(SECRET));
    }
    repo.commit("All");
    let folder = repo.path().file_name().unwrap().to_str().unwrap();
    let scan = ["scan", "src", "b.txt"];
    for (args, name, count) in [
        (&scan[..], "src, b.txt", 2),
        (&["scan", "./src/../b.txt", "c.txt", "d.txt", "src"], "b.txt, c.txt, d.txt, 1 more", 4),
        (&["scan"], folder, 4),
        (&["git"], folder, 4),
    ] {
        let run = repo.dir.run(&[args, &["-f", "html"]].concat()).expect(1);
        run.out(&format!("<title>{name}: {count} leaked keys – keyside</title>"));
    }
    let input = repo.dir.key(SECRET);
    let run = repo.dir.pipe(&["stdin", "-f", "html", "--path", "x/y.env"], input.as_bytes());
    run.expect(1).out("<title>y.env: 1 leaked key – keyside</title>");
}

#[test]
fn gitlab_gets_the_checked_out_commit() {
    let repo = Repo::new();
    let sha = |repo: &Repo| {
        let report = repo.dir.run(&["scan", "-f", "gitlab"]).expect(1).json();
        report["vulnerabilities"][0]["location"]["commit"]["sha"].as_str().unwrap().to_owned()
    };
    repo.write("a.env", config(&repo.dir.key(SECRET)));
    assert_eq!(sha(&repo), "0".repeat(40));
    repo.commit("One");
    assert_eq!(sha(&repo), repo.id("HEAD"));
    let outside = Repo::without();
    outside.write("a.env", config(&outside.dir.key(SECRET)));
    assert_eq!(sha(&outside), "0".repeat(40));
}

#[test]
fn azure_pipelines_are_named_in_sarif() {
    let dir = Dir::new();
    dir.write("a.env", dir.key(SECRET));
    let id = "3a3a2a60-14c7-570b-14a4-fa42ad92f52a";
    let variables = [
        ("TF_BUILD", "True"),
        ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/ours/"),
        ("SYSTEM_TEAMPROJECTID", id),
        ("SYSTEM_DEFINITIONID", "12"),
        ("SYSTEM_PHASEID", id),
        ("SYSTEM_PHASENAME", "Job"),
        ("BUILD_DEFINITIONNAME", "checks"),
        ("BUILD_BUILDID", "345"),
        ("BUILD_SOURCEBRANCH", "refs/heads/main"),
    ];
    let run = |count: usize| {
        let mut run = dir.command(&["scan", "-f", "sarif"], b"");
        for (name, value) in &variables[..count] {
            run = run.env(name, value);
        }
        let log = run.finish(&dir).expect(1).json();
        log["runs"][0]["automationDetails"]["id"].as_str().unwrap().to_owned()
    };
    let expected = format!("azuredevops/pipeline/build/ours/{id}/12/{id}/refs/heads/main/345");
    assert_eq!(run(variables.len()), expected);
    // A pipeline without its full name is ignored.
    assert_eq!(run(variables.len() - 1), "keyside/tree/");
}
