//! Rules that a scanned tree or a change brings: they add findings and take none away, whatever they say.

use keyside::rules::{Rng, Rule, Ruleset};
use serde_json::Value;

use crate::repositories::Repo;
use crate::support::{Dir, SECRET, number_of};

/// The random rules of a usual run.
const RULES: u64 = 40;

/// A way in which a rule might take a key away: its name, the file of rules, the text with `@` for a key of
/// 32 hexadecimal digits and `#` for one with a text of its own, the file of the text, and the rule that
/// finds the key.
type Attempt = (&'static str, &'static str, &'static str, &'static str, &'static str);

const ATTEMPTS: &[Attempt] = &[
    (
        "a pair in files that are not there",
        "pattern = 'own_[0-9]{12}'\npair = { with = 'magicx-secret-key' }\nplace = { files = ['nowhere'] }\n\
         constraints = { random = false }",
        "k = '#'\no = 'own_123412341234'\n",
        "a.txt",
        "magicx-secret-key",
    ),
    (
        "a pair that is a note",
        "pattern = 'own_[0-9]{12}'\npair = { with = 'magicx-secret-key' }\nseverity = 'note'\n\
         constraints = { random = false }",
        "k = '#'\no = 'own_123412341234'\n",
        "a.txt",
        "magicx-secret-key",
    ),
    (
        "a pair that nobody can ask about",
        "pattern = 'own_[0-9]{12}'\npair = { with = 'magicx-secret-key' }\n\
         constraints = { random = false }",
        "k = '#'\no = 'own_123412341234'\n",
        "a.txt",
        "magicx-secret-key",
    ),
    (
        "a name that fits any key",
        "pattern = '[0-9a-f]{32}'\nnearby = { words = ['api_key'] }\nseverity = 'note'",
        "datadog:\n  api_key: @\n",
        "a.yaml",
        "datadog-api-key",
    ),
    (
        "a name that fits any key, all of which are accepted",
        "pattern = '[0-9a-f]{32}'\nnearby = { words = ['api_key'] }\n\
         constraints = { allowed = ['[0-9a-f]{32}'] }",
        "datadog:\n  api_key: @\n",
        "a.yaml",
        "datadog-api-key",
    ),
    (
        "a name in files that are not there",
        "pattern = '[0-9a-f]{32}'\nnearby = { words = ['api_key'] }\nplace = { files = ['nowhere'] }",
        "datadog:\n  api_key: @\n",
        "a.yaml",
        "datadog-api-key",
    ),
    (
        "a name that fits any key, and a public one",
        "pattern = '[0-9a-z]{32}'\nnearby = { words = ['api_key'] }\n[[rule]]\nid = 'own-public'\n\
         class = 'public'\npattern = '[0-9a-f]{32}'\nnearby = { words = ['api_key'] }",
        "datadog:\n  api_key: @\n",
        "a.yaml",
        "datadog-api-key",
    ),
    (
        "a text beside the key of a place",
        "pattern = 'token: [0-9a-f]{32}'\nseverity = 'note'",
        "users:\n- name: ci\n  user:\n    token: @\n",
        "kubeconfig",
        "kubernetes-kubeconfig-credential",
    ),
    (
        "the text in an encoded key",
        "pattern = 'user:[0-9a-f]{32}'\nseverity = 'note'\nconstraints = { random = false }",
        "Authorization: Basic {base64of:user:@}\n",
        "a.txt",
        "authorization-basic-header",
    ),
    (
        "a public text around the key",
        "pattern = 'tok: sk_v1_[0-9A-Za-z]{43}'\nclass = 'public'",
        "tok: #\n",
        "a.txt",
        "magicx-secret-key",
    ),
];

fn filled(text: &str, key: &str, seed: u64) -> String {
    let hex = Rng::new(seed).text("0123456789abcdef", 32);
    let text = text.replace('@', &hex).replace('#', key);
    keyside::rules::Template::parse(&text).unwrap().fill(&mut Rng::new(seed))
}

fn rule_ids(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|own| own["rule_id"].as_str().unwrap()).collect()
}

#[test]
fn a_rule_of_the_tree_takes_no_key_away() {
    let rules = Ruleset::built_in();
    for (nth, (what, rule, text, path, expected)) in ATTEMPTS.iter().enumerate() {
        // A file of its own, and one with the name of that in the binary.
        for file in ["own.toml", rules.by_id(expected).unwrap().file.as_str()] {
            let repo = Repo::with(&[("README", "x\n")]);
            let key = repo.dir.key(SECRET);
            repo.dir.write(path, filled(text, &key, nth as u64 + 3));
            let run = |args: &[&str]| {
                let run = repo.dir.run(&[args, &["-f", "json"]].concat());
                let report = run.json();
                assert!(rule_ids(&report).contains(expected), "{what}, {file}, {args:?}: {run}");
                run.code
            };
            assert_eq!(run(&["scan", path]), 1);
            repo.dir.write("keyside.toml", format!("rules = ['{file}']\n"));
            repo.dir.write(file, format!("[[rule]]\nid = 'own-key'\n{rule}\n"));
            assert_eq!(run(&["scan"]), 1);
            repo.git(&["add", "-A"]);
            assert_eq!(run(&["git", "--staged"]), 1);
            repo.commit();
            assert_eq!(run(&["git", "--range", "HEAD^.."]), 1);
            assert_eq!(run(&["git", "--range", "HEAD^..", "--trust-head"]), 1);
            assert_eq!(run(&["git"]), 1);
        }
    }
}

#[test]
fn a_rule_that_cannot_be_used_takes_no_other_one_away() {
    let rule = |id: &str, more: &str| {
        format!("[[rule]]\nid = '{id}'\npattern = 'own_[0-9a-f]{{32}}'\n{more}\n")
    };
    let repo = Repo::with(&[
        ("keyside.toml", "rules = ['own.toml']\n"),
        ("own.toml", &rule("own-key", "")),
    ]);
    repo.dir.write("a", format!("own_{}\n", Rng::new(5).text("0123456789abcdef", 32)));
    repo.commit();
    for more in ["pair = { with = 'nothing' }", "pair = { with = 'own-key' }", "class = 'none'"] {
        repo.dir.write("own.toml", rule("own-key", more));
        repo.git(&["commit", "-q", "-a", "--amend", "-m", "x"]);
        let run = repo.dir.run(&["git", "--range", "HEAD^..", "-f", "json"]).expect(1);
        assert_eq!(rule_ids(&run.json()), ["own-key"], "{more}");
    }
}

#[test]
fn a_public_name_of_the_tree_hides_no_secret_variable() {
    let public = "id = 'own-key'\nclass = 'public'\npattern = 'own_[0-9a-f]{32}'\n";
    let rules = format!("[[rule]]\n{public}env = ['MAGICX_SECRET_KEY', 'AIMAGICX_API_KEY']\n");
    for (file, rules) in [("own.toml", ""), ("own.toml", &rules), ("rules/magicx.toml", &rules)] {
        let repo = Repo::with(&[
            ("package.json", r#"{"name": "app", "dependencies": {"next": "15.0.0"}}"#),
            ("app/page.tsx", "'use client'\nexport default () => null\n"),
        ]);
        let inlined =
            "module.exports = { env: { MAGICX_SECRET_KEY: process.env.MAGICX_SECRET_KEY } }\n";
        repo.dir.write("next.config.js", inlined);
        let page = "'use client'\nexport default () => use(process.env.MAGICX_SECRET_KEY)\n";
        repo.dir.write("app/page.tsx", page);
        if !rules.is_empty() {
            repo.dir.write("keyside.toml", format!("rules = ['{file}']\n"));
            repo.dir.write(file, rules);
        }
        repo.git(&["add", "-A"]);
        for args in [&["scan"][..], &["git", "--staged"]] {
            let run = repo.dir.run(&[args, &["-f", "json"]].concat()).expect(1);
            assert!(rule_ids(&run.json()).contains(&"magicx-secret-key"), "{run}");
        }
    }
}

#[test]
fn a_public_text_of_the_tree_clears_no_variable() {
    let rule = |pattern: &str| {
        format!(
            "[[rule]]\nid = 'own-key'\nclass = 'public'\npattern = '{pattern}'\n\
             constraints = {{ random = false, word-start = false }}\n"
        )
    };
    let env = "NEXT_PUBLIC_MAGICX_SECRET_KEY=${MAGICX_SECRET_KEY}\nNEXT_PUBLIC_AIMAGICX_API_KEY=of-mine\n";
    for pattern in ["", "NEXT_PUBLIC_MAGICX_SECRET_KEY", "MAGICX_SECRET_KEY", "of-mine", "=of-mine"]
    {
        let dir = Dir::new();
        dir.write("package.json", r#"{"name": "app", "dependencies": {"next": "15.0.0"}}"#);
        dir.write("app/page.tsx", "export default () => null\n");
        dir.write(".env", env);
        if !pattern.is_empty() {
            dir.write("keyside.toml", "rules = ['own.toml']\n");
            dir.write("own.toml", rule(pattern));
        }
        let run = dir.run(&["scan", "-f", "json"]).expect(1);
        let (report, expected) = (run.json(), ["aimagicx-api-key", "magicx-secret-key"]);
        let mut ids = rule_ids(&report);
        ids.sort_unstable();
        assert_eq!(ids, expected, "{pattern}: {run}");
    }
}

/// A finding of a text, as far as a rule of the tree must not change it.
#[derive(Debug)]
struct Found {
    rule: String,
    severity: usize,
    /// First and last line, first and last column.
    place: [u64; 4],
}

fn found(report: &Value) -> Vec<Found> {
    let findings = report["findings"].as_array().unwrap();
    let of = |own: &Value| {
        let severities = ["note", "warning", "error"];
        let severity = severities.iter().position(|name| own["severity"] == **name).unwrap();
        let places = own["occurrences"].as_array().unwrap().iter();
        let here = places.filter(|place| place["path"] == "a.txt");
        let here = here.map(|place| {
            ["start_line", "end_line", "start_column", "end_column"]
                .map(|name| place[name].as_u64().unwrap())
        });
        let rule = own["rule_id"].as_str().unwrap().to_owned();
        here.map(|place| Found { rule: rule.clone(), severity, place }).collect::<Vec<_>>()
    };
    findings.iter().flat_map(of).collect()
}

impl Found {
    /// True if `other` says as much of the same key.
    fn is_said_by(&self, other: &Self, rules: &Ruleset) -> bool {
        let ([from, to, ..], [start, end, ..]) = (self.place, other.place);
        let is_verified = rules.by_id(&self.rule).is_some_and(|rule| rule.verify.is_some());
        let is_as_good = other.rule == self.rule || !is_verified;
        is_as_good && other.severity >= self.severity && start <= to && from <= end
    }
}

/// A text as a regular expression that no scan takes for a key.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("\\x{byte:02x}")).collect()
}

/// A rule that fits a key of `line` in one way or another.
fn random_rule(rng: &mut Rng, line: &str, columns: [usize; 2], rule: &Rule, id: &str) -> String {
    let mut one = |of: &[&str]| of[rng.below(of.len())].to_owned();
    let severity = one(&["", "severity = 'note'", "severity = 'warning'"]);
    let class = one(&["", "", "class = 'token'", "class = 'public'"]);
    let kind = one(&["", "", "generic = true", "experimental = true"]);
    let place = one(&["", "", "place = { files = ['nowhere'] }", "place = { files = ['*'] }"]);
    let allowed = one(&["", ", allowed = ['(?s).{3,}']"]);
    let random = one(&["random = false, word-start = false", "random = false"]);
    let what = one(&["text", "text", "text", "name", "pair"]);
    let [from, to] = columns;
    let (mut pattern, mut more) = (String::new(), String::new());
    match &*what {
        "text" => {
            let low = from.saturating_sub(rng.below(16));
            let high = line.len().min(to + rng.below(16));
            let cut = rng.below((to - from) / 3 + 1);
            let own = match rng.below(4) {
                0 => from..to,
                1 => low..high,
                2 => from + cut..to,
                _ => 0..line.len(),
            };
            let text = &line[own];
            let keyword = serde_json::to_string(&text[..text.len().min(8)]).unwrap();
            pattern = escaped(&text[..text.len().min(900)]);
            more = format!("keywords = [{keyword}]");
        }
        "name" => {
            let is_word = |word: &&str| word.len() >= 4 && word.len() < 20;
            let words = line[..from].split(|sign: char| !sign.is_ascii_alphanumeric());
            let words: Vec<_> = words.filter(is_word).map(str::to_ascii_lowercase).collect();
            if let Some(word) = words.get(rng.below(words.len().max(1))) {
                let length = to - from;
                pattern = format!("[!-~]{{16,{}}}", length.clamp(16, 900));
                more = format!("nearby = {{ words = ['{word}'] }}");
            }
        }
        _ => {
            pattern = "own_pair_[0-9]{12}".to_owned();
            more = format!("pair = {{ with = '{}', lines = 20 }}", rule.id);
        }
    }
    format!(
        "[[rule]]\nid = '{id}'\npattern = '{pattern}'\n{more}\n{severity}\n{class}\n{kind}\n{place}\n\
         constraints = {{ {random}{allowed} }}\n"
    )
}

#[test]
fn random_rules_take_no_key_away() {
    let first: u64 = number_of("KEYSIDE_FIRST_SEED").unwrap_or(1);
    let count = number_of("KEYSIDE_RANDOM_RULES").unwrap_or(RULES);
    let rules = Ruleset::built_in();
    let (mut tried, mut used) = (0, 0);
    for seed in first..first + count {
        let mut rng = Rng::new(seed);
        let rule = &rules.rules[rng.below(rules.rules.len())];
        let samples = &rule.samples.matching;
        if samples.is_empty() || !rule.is_reported() || rule.place.is_some() {
            continue;
        }
        let sample = &samples[rng.below(samples.len())].template;
        let text = rule.fill(sample, &mut rng) + "\nown_pair_123412341234\n";
        let dir = Dir::new();
        dir.write("a.txt", &text);
        let before = found(&dir.run(&["scan", "-f", "json"]).json());
        let Some(own) = before.first() else { continue };
        let [line, last, start, end] = own.place.map(|number| number as usize);
        let Some(line_text) = text.lines().nth(line - 1).filter(|own| own.is_ascii()) else {
            continue;
        };
        let end = if last == line { end - 1 } else { line_text.len() };
        if start > end || end > line_text.len() {
            continue;
        }
        let columns = [start - 1, end];
        let ids = ["own-key", "own-other"];
        let written = ids.map(|id| random_rule(&mut rng, line_text, columns, rule, id));
        let file = ["own.toml", rule.file.as_str()][rng.below(2)];
        dir.write("keyside.toml", format!("rules = ['{file}']\n"));
        dir.write(file, written[..=rng.below(2)].concat());
        let run = dir.run(&["scan", "-f", "json"]);
        assert!(run.code < 4, "seed {seed}: {run}");
        if run.code == 2 {
            continue;
        }
        let report = run.json();
        let after = found(&report);
        for own in &before {
            let is_there = after.iter().any(|other| own.is_said_by(other, &rules));
            let rules = std::fs::read_to_string(dir.path().join(file)).unwrap();
            assert!(is_there, "seed {seed}: {own:?}\n{text}\n{rules}\n{run}");
        }
        tried += 1;
        used += usize::from(!report["scan"]["notices"].to_string().contains("left out"));
    }
    assert!(count < 20 || (tried > 0 && used > 0), "{tried} tried, {used} used");
}
