//! `keyside explain` says of each line of random trees what `keyside scan` says.

use keyside::rules::{Rng, Ruleset};

use crate::decisions::assert_agree;
use crate::support::{Dir, SECRET, TOKEN, number_of};

/// The random trees of a usual run.
const TREES: u64 = 6;

/// Markers that are put at the end of a line or above it.
const MARKERS: &[&str] = &[
    "# keyside:allow[magicx-secret-key] a test",
    "# keyside:allow a test",
    "// keyside:allow[magicx-secret-key] keyside:allow[magicx-access-token] two",
    "# keyside:alow a test",
    "# keyside:allow[magicx-secret-key a test",
    "# keyside:allow until=2020-01-01 ended",
    "# keyside:allow until=2999-01-01 owner=@team not yet",
    "# gitleaks:allow",
    "# pragma: allowlist nextline secret",
    "/* pragma: allowlist secret */",
];

const PATHS: &[&str] =
    &["a.py", "src/b.js", "src/deep/c.yaml", ".env", "docs/d.md", "e.json", "app/page.tsx"];

/// A text of some lines, with one key or two, or none.
fn random_text(rng: &mut Rng, rules: &Ruleset, keys: &[String]) -> String {
    let key = &keys[rng.below(keys.len())];
    match rng.below(9) {
        0 => "nothing here".to_owned(),
        1 => format!("k = '{key}'"),
        2 => format!("a = '{key}'; b = '{}'", keys[rng.below(keys.len())]),
        3 => format!("k = atob('{}')", data_encoding::BASE64.encode(key.as_bytes())),
        4 => format!("const k = '{}' +\n  '{}'", &key[..12], &key[12..]),
        5 => format!("datadog:\n  api_key: {}", rng.text("0123456789abcdef", 32)),
        6 => format!("export const a = '{key}'\nexport const b = 1"),
        _ => {
            let rule = &rules.rules[rng.below(rules.rules.len())];
            let samples = &rule.samples.matching;
            let sample = samples.get(rng.below(samples.len().max(1)));
            sample.map_or(String::new(), |sample| rule.fill(&sample.template, rng))
        }
    }
}

fn random_file(rng: &mut Rng, rules: &Ruleset, keys: &[String]) -> String {
    let mut text = String::new();
    for _ in 0..1 + rng.below(6) {
        let own = random_text(rng, rules, keys);
        let marker = MARKERS[rng.below(MARKERS.len())];
        text += &match rng.below(6) {
            0 => format!("{own} {marker}\n"),
            1 => format!("{marker}\n{own}\n"),
            2 => format!("{own}\r\n"),
            _ => format!("{own}\n"),
        };
    }
    text
}

/// Files that accept some of the findings of `ids`.
fn random_policy(rng: &mut Rng, dir: &Dir, ids: &[String]) {
    let patterns = ["src/", "*.py", "/a.py", "src/**", "!src/b.js", "docs/ # text", ".env"];
    let ends = ["", "until=2020-01-01 ", "until=2999-01-01 owner=@team "];
    for name in [".keysideignore", "src/.keysideignore"] {
        let mut text = String::new();
        for _ in 0..rng.below(3) {
            text += patterns[rng.below(patterns.len())];
            text += "\n";
            if let Some(id) = ids.get(rng.below(ids.len().max(1))) {
                let kind = ["", "/secret", "/client-secret-literal"][rng.below(3)];
                text += &format!("{id}{kind} {}a reason\n", ends[rng.below(3)]);
            }
        }
        dir.write(name, text);
    }
    let exclude = ["[]", "['docs/']", "['*.js']"][rng.below(3)];
    let disable = ["[]", "['magicx-access-token']", "['own-key']"][rng.below(3)];
    dir.write(
        "keyside.toml",
        format!("exclude = {exclude}\ndisable = {disable}\nrules = ['own.toml']\n"),
    );
    let pattern = ["own_[0-9a-f]{32}", "sk_v1_[0-9A-Za-z]{43}", "k = .sk_v1_[0-9A-Za-z]{43}"];
    let class = ["", "class = 'public'", "severity = 'note'"][rng.below(3)];
    let pattern = pattern[rng.below(3)];
    let rule = format!("[[rule]]\nid = 'own-key'\npattern = '{pattern}'\n{class}\n");
    dir.write("own.toml", rule);
}

#[test]
fn random_trees_are_explained_as_they_are_reported() {
    let first: u64 = number_of("KEYSIDE_FIRST_SEED").unwrap_or(1);
    let count = number_of("KEYSIDE_RANDOM_EXPLANATIONS").unwrap_or(TREES);
    let rules = Ruleset::built_in();
    let mut decided = 0;
    for seed in first..first + count {
        let mut rng = Rng::new(seed);
        let dir = Dir::repository();
        dir.write("package.json", r#"{"name": "app", "dependencies": {"next": "15.0.0"}}"#);
        let keys: Vec<_> = [SECRET, TOKEN, SECRET].iter().map(|kind| dir.key(*kind)).collect();
        let paths: Vec<_> = PATHS.iter().filter(|_| rng.below(3) > 0).collect();
        for path in &paths {
            let mut text = random_file(&mut rng, &rules, &keys);
            if path.starts_with("app/") {
                text =
                    format!("'use client'\nimport {{ a, b }} from '../src/b'\nuse(a, b)\n{text}");
            }
            dir.write(path, text);
        }
        let report = dir.run(&["scan", "-f", "json"]).json();
        let findings = report["findings"].as_array().unwrap().iter();
        let ids: Vec<_> = findings.map(|own| own["id"].as_str().unwrap().to_owned()).collect();
        random_policy(&mut rng, &dir, &ids);
        let scan = dir.run(&["scan", "-f", "json"]);
        let report = scan.json();
        let mut places = Vec::new();
        for path in &paths {
            let text = std::fs::read_to_string(dir.path().join(path)).unwrap();
            places.extend((1..=text.lines().count()).map(|line| format!("{path}:{line}")));
        }
        if places.is_empty() {
            continue;
        }
        let args: Vec<_> =
            ["explain"].into_iter().chain(places.iter().map(String::as_str)).collect();
        let run = dir.run(&args).expect(0);
        assert_agree(&report, &run.stdout, &places, &format!("seed {seed}"));
        decided += report["findings"].as_array().unwrap().len();
        decided += report["suppressed"].as_array().unwrap().len();
    }
    assert!(count < 3 || decided > 0);
}
