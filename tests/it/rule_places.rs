//! Rules for some files only, and for some places in JSON.

use serde_json::Value;

use crate::repo::{Repo, of, only};
use crate::support::{Dir, places};

const RULES: &str = r#"
[[rule]]
id = "acme-registry-token"
pattern = '[0-9a-f]{40}'
nearby = { words = ["auth_token"] }
place = { files = [".npmrc", "**/.acme/*.rc"] }

[[rule]]
id = "acme-registry-auth"
pattern = '[0-9A-Za-z]{40}'
nearby = { words = ["auth"] }
place = { files = [".acme/config.json"], json = "/auths/*/auth" }

[[rule]]
id = "acme-anything"
pattern = '[0-9a-z]{40}'
nearby = { words = ["auth_token"] }
"#;

fn hex(dir: &Dir) -> String {
    let text = dir.key(("", 40));
    text.bytes().map(|byte| char::from(b"0123456789abcdef"[usize::from(byte) % 16])).collect()
}

/// The rule and the places of each finding.
fn found(report: &Value) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let rules = findings.flat_map(|finding| {
        let rule = finding["rule_id"].as_str().unwrap().to_owned();
        vec![rule; finding["occurrences"].as_array().unwrap().len()]
    });
    let mut found: Vec<_> = rules.zip(places(report)).collect();
    found.sort();
    found
}

#[test]
fn a_rule_counts_in_its_files_only() {
    let dir = Dir::new();
    let key = hex(&dir);
    dir.write("rules.toml", RULES);
    let line = format!("_authToken={key}\n");
    for path in ["src/.npmrc", "src/a/.acme/x.rc", "src/b/npmrc"] {
        dir.write(path, &line);
    }
    let run =
        |args: &[&str]| dir.run(&[&["scan", "-f", "json", "--rules", "rules.toml"], args].concat());
    // Where the rule for a place counts, it is the more exact one.
    let at = |rule: &str, place: &str| (rule.to_owned(), format!("{place}:1:12-52"));
    assert_eq!(
        found(&run(&["src"]).expect(1).json()),
        [
            at("acme-anything", "src/b/npmrc"),
            at("acme-registry-token", "src/.npmrc"),
            at("acme-registry-token", "src/a/.acme/x.rc"),
        ]
    );
    run(&["--only", "acme-registry-token", "src/b"]).expect(0);
    dir.run(&["explain", "src/b/npmrc:1", "--rules", "rules.toml"])
        .expect(0)
        .out("the rule is for another place: .npmrc, **/.acme/*.rc");
    let stdin = |path: &str| {
        let args =
            ["stdin", "-f", "json", "--rules", "rules.toml", "--only", "acme-registry-token"];
        dir.pipe(&[&args[..], &["--path", path]].concat(), line.as_bytes()).code
    };
    assert_eq!((stdin("x/.npmrc"), stdin("x/npmrc")), (1, 0));
}

#[test]
fn a_place_in_json_is_a_pointer() {
    let dir = Dir::new();
    dir.write("rules.toml", RULES);
    let (right, other, outside) = (dir.key(("", 40)), dir.key(("", 40)), dir.key(("", 40)));
    let text = format!(
        "{{\n\"auths\": {{\"https://acme.example/v1/\": {{\"auth\": \"{right}\"}}}},\n\
         \"auth\": \"{other}\"}}\n"
    );
    dir.write("src/.acme/config.json", text);
    let text = format!("{{\"auths\": {{\"x\": {{\"auth\": \"{outside}\"}}}}}}");
    dir.write("src/config.json", text);
    let args = ["scan", "-f", "json", "--rules", "rules.toml", "src"];
    assert_eq!(places(&dir.run(&args).expect(1).json()), ["src/.acme/config.json:2:49-89"]);
}

#[test]
fn blobs_have_the_places_of_their_paths() {
    let repo = Repo::new();
    let (elsewhere, key) = (hex(&repo.dir), hex(&repo.dir));
    repo.dir.write("rules.toml", RULES);
    let args = ["--rules", "rules.toml", "--only", "acme-registry-token"];
    let scan = |more: &[&str], code: i32| repo.report(&[more, &args].concat(), code);
    repo.write("x/npmrc", format!("_authToken={elsewhere}\n"));
    repo.git(&["add", "x"]);
    scan(&["--staged"], 0);
    // A key that does not count there takes no other key's place.
    let staged = repo.report(&["--staged", "--rules", "rules.toml"], 1);
    assert_eq!(of(&staged, &elsewhere)["rule_id"], "acme-anything");
    repo.commit_staged("not the place");
    scan(&[], 0);
    repo.write("y/.npmrc", format!("a\n_authToken={key}\n"));
    repo.git(&["add", "y"]);
    repo.commit_staged("the place");
    let finding = only(&scan(&["--range", "HEAD~1..HEAD"], 1));
    assert_eq!(finding["occurrences"][0]["path"], "y/.npmrc");
    let finding = only(&scan(&[], 1));
    assert_eq!(finding["occurrences"].as_array().unwrap().len(), 1, "{finding:#}");
    assert_eq!(finding["occurrences"][0]["path"], "y/.npmrc");
}

#[test]
fn faults_of_places_name_the_line() {
    let dir = Dir::new();
    for (place, message) in [
        ("files = ['/etc/x']", "bad.toml:5: rule `acme-key`: `/etc/x` is not a pattern for files"),
        ("json = 'auths'", "the JSON pointer in `json` must begin with `/`"),
        ("files = []", "a place needs `files`, `json` or both"),
        ("file = 'x'", "unknown field `file`"),
    ] {
        let rule = "[[rule]]\nid = 'acme-key'\npattern = 'acme_[0-9A-Za-z]{40}'\n[rule.place]\n";
        dir.write("bad.toml", format!("{rule}{place}\n"));
        dir.run(&["scan", "--rules", "bad.toml", "."]).expect(2).err(message);
    }
}
