//! Keys that belong to a key of another rule, and words that stand some lines away.

use serde_json::Value;

use crate::repo::{Repo, only};
use crate::support::{Dir, FORMATS, places};

const RULES: &str = r#"
[[rule]]
id = "acme-id"
class = "CLASS"
pattern = 'ACMEID[0-9A-Z]{16}'
constraints = { random = false }

[[rule]]
id = "acme-secret"
pattern = '[0-9A-Za-z]{40}'
pair = { with = "acme-id", lines = 3 }
nearby = { words = ["acme_secret"], not-words = ["beta"] }
"#;

/// An id and a secret; `@` and `#` in texts.
struct Keys {
    id: String,
    secret: String,
}

impl Keys {
    fn new(dir: &Dir) -> Self {
        let id = dir.key(("", 16)).to_ascii_uppercase();
        Self { id: format!("ACMEID{id}"), secret: dir.key(("", 40)) }
    }

    fn fill(&self, text: &str) -> String {
        text.replace('@', &self.id).replace('#', &self.secret)
    }
}

/// Writes the rules, with this class of ids.
fn with_rules(dir: &Dir, class: &str) {
    dir.write("rules.toml", RULES.replace("CLASS", class));
}

fn scan(dir: &Dir) -> (i32, Value) {
    let run = dir.run(&["scan", "-f", "json", "--rules", "rules.toml", "src"]);
    (run.code, run.json())
}

#[test]
fn a_key_counts_near_the_key_that_it_belongs_to() {
    let dir = Dir::new();
    with_rules(&dir, "public");
    let keys = Keys::new(&dir);
    for (text, is_found, is_paired) in [
        ("id = '@'\nkey = '#'\n", true, true),
        ("key = '#'\n\n\nid = '@'\n", true, true),
        ("id: \"@\", key: \"#\"", true, true),
        ("id = '@'\n\n\n\nkey = '#'\n", false, false),
        ("key = '#'\n", false, false),
        ("ACME_SECRET='#'\n", true, false),
        ("id = '@'\nACME_SECRET='#'\n", true, true),
        ("id = '@'\nbeta = '#'\n", false, false),
        ("id = '@'\nsha256 = '#'\n", false, false),
        ("@ #\n", false, false),
    ] {
        dir.write("src/a.txt", keys.fill(text));
        let (code, report) = scan(&dir);
        assert_eq!(code, i32::from(is_found), "{text}");
        if is_found {
            let finding = only(&report);
            assert_eq!(finding["rule_id"], "acme-secret");
            assert_eq!(finding["pair"]["rule_id"] == "acme-id", is_paired, "{text}");
            let message = finding["message"].as_str().unwrap();
            assert_eq!(message.contains("with its Acme ID `"), is_paired, "{message}");
            assert!(!report.to_string().contains(&keys.id), "{text}");
        }
    }
    dir.write("src/a.txt", keys.fill("id = '@'\n\n\n\nkey = '#'\n"));
    dir.run(&["explain", "src/a.txt:5", "--rules", "rules.toml"]).expect(0).out("not reported");
}

#[test]
fn two_keys_that_belong_together_are_one_finding() {
    let dir = Dir::new();
    with_rules(&dir, "secret");
    let keys = Keys::new(&dir);
    dir.write("src/a.txt", keys.fill("id = '@'\nkey = '#'\n"));
    let finding = only(&scan(&dir).1);
    assert_eq!(
        (&finding["rule_id"], &finding["pair"]["rule_id"]),
        (&"acme-secret".into(), &"acme-id".into())
    );
    for format in FORMATS {
        let run = dir.run(&["scan", "-f", format, "--rules", "rules.toml", "src"]).expect(1);
        assert!(!run.stdout.contains(&keys.id), "{format}");
    }
    dir.run(&["explain", "src/a.txt:1", "--rules", "rules.toml"])
        .expect(0)
        .out("it is part of the finding of the key that belongs to it");
    // Alone it is a finding of its own, and where the other rule is switched off.
    dir.write("src/a.txt", keys.fill("id = '@'\n"));
    assert_eq!(only(&scan(&dir).1)["rule_id"], "acme-id");
    dir.write("src/a.txt", keys.fill("id = '@'\nkey = '#'\n"));
    let args = ["scan", "-f", "json", "--rules", "rules.toml", "--only", "acme-id", "src"];
    assert_eq!(only(&dir.run(&args).expect(1).json())["rule_id"], "acme-id");
}

#[test]
fn pairs_are_found_in_the_history_and_the_index() {
    let repo = Repo::new();
    with_rules(&repo.dir, "secret");
    let rules = repo.path().join("rules.toml");
    let rules = ["--rules", rules.to_str().unwrap()];
    let keys = Keys::new(&repo.dir);
    repo.add("a.txt", "clean");
    repo.write("b.txt", keys.fill("id = '@'\nkey = '#'\n"));
    repo.git(&["add", "b.txt"]);
    let report = |args: &[&str]| repo.report(&[args, &rules].concat(), 1);
    assert_eq!(only(&report(&["--staged"]))["pair"]["rule_id"], "acme-id");
    let added = repo.commit_staged("add keys");
    assert_eq!(only(&report(&["--range", "HEAD~1..HEAD"]))["pair"]["rule_id"], "acme-id");
    repo.git(&["rm", "-q", "b.txt"]);
    repo.commit_staged("remove them");
    let finding = only(&report(&[]));
    assert_eq!(
        (&finding["rule_id"], &finding["pair"]["rule_id"]),
        (&"acme-secret".into(), &"acme-id".into())
    );
    assert_eq!(finding["first_seen"]["commit"], added);
}

#[test]
fn no_pair_is_lost_where_a_file_is_cut_into_pieces() {
    const FRESH: usize = (4 << 20) - (64 << 10);
    let dir = Dir::new();
    with_rules(&dir, "secret");
    let keys = Keys::new(&dir);
    for text in ["id = '@'\n\n\nkey = '#'\n", "key = '#'\n\n\nid = '@'\n"] {
        let text = keys.fill(text);
        for before in [0, 10, 30, 38, 50, 80, 100] {
            let filler = "- nothing\n".repeat((FRESH - before) / 10);
            let filler = filler.clone() + &" ".repeat(FRESH - before - filler.len());
            dir.write("src/a.txt", format!("{filler}{text}{}", "- nothing\n".repeat(20_000)));
            let finding = only(&scan(&dir).1);
            assert_eq!(finding["pair"]["rule_id"], "acme-id", "{before}");
            assert_eq!(finding["occurrences"].as_array().unwrap().len(), 1, "{before}");
        }
    }
}

#[test]
fn words_may_stand_some_lines_away() {
    let dir = Dir::new();
    let key = dir.key(("", 40));
    dir.write(
        "rules.toml",
        "[[rule]]\nid = 'acme-key'\npattern = '[0-9A-Za-z]{40}'\n\
         nearby = { words = ['acme'], within-lines = 2 }\n",
    );
    dir.write("src/a.yaml", format!("acme:\n  region: x\n  key: {key}\n"));
    dir.write("src/b.yaml", format!("key: {key}\n\n\nacme: 1\n"));
    assert_eq!(places(&scan(&dir).1), ["src/a.yaml:3:8-48"]);
}

#[test]
fn an_exact_name_is_found_in_all_its_spellings() {
    let dir = Dir::new();
    dir.write(
        "rules.toml",
        "[[rule]]\nid = 'acme-key'\npattern = '[0-9A-Za-z]{40}'\n\
         nearby = { words = ['aws_secret_access_key'] }\n",
    );
    for name in [
        "AWS_SECRET_ACCESS_KEY=",
        "aws_secret_access_key = ",
        "\"awsSecretAccessKey\": \"",
        "AwsSecretAccessKey: ",
        "AWSSecretAccessKey=",
        "--aws-secret-access-key ",
        "aws.secret.access.key=",
        "AWS Secret Access Key: ",
    ] {
        dir.write("src/a.txt", format!("{name}{}\n", dir.key(("", 40))));
        assert_eq!(scan(&dir).0, 1, "{name}");
    }
    dir.write("src/a.txt", format!("AWS_SECRET_ACCESS=1\nKEY={}\n", dir.key(("", 40))));
    assert_eq!(scan(&dir).0, 0);
}

#[test]
fn faults_of_pairs_name_the_line() {
    let dir = Dir::new();
    for (pair, message) in [
        ("with = 'acme-id'\nlines = 21", "6: rule `acme-key`: lines must be 0 to 20"),
        (
            "with = 'acme-ids'",
            "5: rule `acme-key`: there is no pair with `acme-ids`: no rule has this id",
        ),
        ("with = 'acme-key'", "that rule has a [rule.pair] itself"),
        ("with = 'private-key'", "keys of that rule are blocks"),
        ("with = 'acme-id'\n[rule.nearby]\nwithin = 9\nwithin-lines = 2", "write one of them"),
        ("with = 'acme-id'\n[rule.nearby]\nwithin-lines = 21", "within-lines must be 0 to 20"),
    ] {
        let rules = format!(
            "[[rule]]\nid = 'acme-key'\npattern = '[0-9A-Za-z]{{40}}'\n[rule.pair]\n{pair}\n\
             [[rule]]\nid = 'acme-id'\npattern = 'ACMEID[0-9A-Z]{{16}}'\n"
        );
        dir.write("bad.toml", rules);
        dir.run(&["scan", "--rules", "bad.toml", "."]).expect(2).err(message);
    }
    dir.write(
        "bad.toml",
        "[[rule]]\nid = 'acme-key'\npattern = 'acme_[0-9A-Za-z]{40}'\npair.with = 'private-key'\n",
    );
    dir.run(&["scan", "--rules", "bad.toml", "."]).expect(2).err("these have `acme_`");
}

#[test]
fn many_pairs_in_one_file_take_no_time_without_end() {
    let dir = Dir::new();
    with_rules(&dir, "secret");
    let keys = Keys::new(&dir);
    dir.write("src/a.txt", keys.fill("id = '@'\nkey = '#'\n").repeat(20_000));
    let started = std::time::Instant::now();
    let finding = only(&scan(&dir).1);
    assert_eq!(finding["occurrences"].as_array().unwrap().len(), 20_000);
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
