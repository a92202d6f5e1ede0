//! Whatever is found in a tree is found in a repository's history, ranges and index.

use std::collections::BTreeSet;

use keyside::rules::{Rng, Ruleset};
use serde_json::Value;

use crate::decoding::{BROKEN, ENCODINGS, Encode};
use crate::decoding_samples::base64;
use crate::repo::Repo;
use crate::support::{Dir, SECRET};

/// A key that only names tell, on its own line or on another one.
const RULES: &str = r#"
    [[rule]]
    id = "acme-api-key"
    pattern = '[0-9A-Za-z]{40}'
    nearby = { words = ["acme_api_key"] }
"#;

/// Texts with a key; `‹K›` stands for it, and `‹S›` for one with a text of its own.
const TEXTS: &[&str] = &[
    "‹S›",
    "ACME_API_KEY=‹K›",
    "acme_api_key: ‹K›\nother: 1\n",
    "acme:\n  region: eu\n  size: 4\n  color: blue\n  api_key: ‹K›\nother: 1\n",
];

/// A text with a character of the key encoded that is far behind its beginning.
fn with_one(text: &str, encode: fn(u8) -> String) -> String {
    let at = text.len() - 9;
    let end = text[..at].rfind(|c: char| c.is_ascii_alphanumeric()).unwrap();
    format!("{}{}{}", &text[..end], encode(text.as_bytes()[end]), &text[end + 1..])
}

/// The files in which a report has keys.
fn paths(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let occurrences = findings.flat_map(|finding| finding["occurrences"].as_array().unwrap());
    occurrences.map(|own| own["path"].as_str().unwrap().to_owned()).collect()
}

/// Files with what they are, and rules beside the built-in ones.
struct Files {
    repo: Repo,
    files: Vec<(String, String, String)>,
    rules: Vec<String>,
}

impl Files {
    fn new(rules: &[&str]) -> Self {
        let rules = rules.iter().map(|&rule| rule.to_owned()).collect();
        Self { repo: Repo::new(), files: Vec::new(), rules }
    }

    fn add(&mut self, path: String, text: String, what: String) {
        self.files.push((path, text, what));
    }

    /// Compares what is found in the tree with what is found in git, where a change brings each text, and
    /// where it takes it away. Returns the number of files with keys.
    fn compare(&self) -> usize {
        // Lines that make every version a delta, and are longer than what a change is searched with.
        let lines: String =
            (0..90).map(|nth| format!("# line {nth} of a text without any key\n")).collect();
        let write = |text: &dyn Fn(&str) -> String| {
            for (path, own, _) in &self.files {
                self.repo.write(path, text(own));
            }
        };
        let rules: Vec<&str> = self.rules.iter().map(String::as_str).collect();
        write(&|_| format!("{lines}{lines}"));
        self.repo.commit("plain");
        write(&|own| format!("{lines}{own}\n{lines}"));
        let expected = paths(&self.repo.dir.json(&rules).1);
        let compare = |mode: &str, args: &[&str]| {
            let found = paths(&self.repo.report(&[args, &rules].concat(), 1));
            let missed = self
                .files
                .iter()
                .filter(|(path, ..)| expected.contains(path) && !found.contains(path));
            let missed: Vec<_> = missed.map(|(_, _, what)| what.clone()).collect();
            assert_eq!(missed, [""; 0], "{mode}");
            assert_eq!(found, expected, "{mode}");
        };
        self.repo.git(&["add", "-A"]);
        compare("staged", &["--staged"]);
        self.repo.commit("added");
        compare("range", &["--range", "HEAD~1..HEAD"]);
        // The last version is the largest one, and the others are what it is not.
        write(&|_| format!("{lines}{lines}{lines}# the end\n"));
        self.repo.commit("removed");
        self.repo.git(&["repack", "-adfq"]);
        compare("history", &[]);
        expected.len()
    }
}

#[test]
fn whatever_a_tree_scan_decodes_is_found_in_git() {
    let encodings = ENCODINGS.iter().chain(BROKEN).map(|&(name, encode, _)| (name, encode));
    let partly: [(&str, Encode); 4] = [
        ("as it is", str::to_owned),
        ("one escape", |text| with_one(text, |byte| format!("\\u{byte:04x}"))),
        ("one percent sign", |text| with_one(text, |byte| format!("%{byte:02X}"))),
        ("one reference", |text| with_one(text, |byte| format!("&#{byte};"))),
    ];
    let encodings: Vec<_> = partly.into_iter().chain(encodings).collect();
    let folder = Dir::new();
    folder.write("rules.toml", RULES);
    let rules = folder.path().join("rules.toml");
    let mut files = Files::new(&["--rules", rules.to_str().unwrap()]);
    for (nth, text) in TEXTS.iter().enumerate() {
        for (place, (name, encode)) in encodings.iter().enumerate() {
            let own = text.replace("‹S›", &files.repo.dir.key(SECRET));
            let own = own.replace("‹K›", &files.repo.dir.key(("", 40)));
            let encoded = encode(&own);
            let line =
                if encoded.contains('\n') { encoded } else { format!("value = \"{encoded}\"") };
            files.add(format!("{nth}-{place:02}.txt"), line, format!("{name}: {text}"));
        }
    }
    let found = files.compare();
    // Most are found in a tree, the long ones, too.
    assert!(4 * files.files.len() <= 5 * found, "{found} of {}", files.files.len());
}

#[test]
fn samples_of_every_rule_are_found_in_git() {
    let rules = Ruleset::built_in();
    let mut files = Files::new(&[]);
    let mut rng = Rng::new(7);
    for rule in rules.rules.iter().filter(|rule| rule.is_reported()) {
        if let Some(sample) = rule.samples.matching.first() {
            let text = rule.fill(&sample.template, &mut rng);
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let ways = [
                ("as it is", text.clone()),
                ("escaped", format!("{{\"text\": \"a\\n{escaped}\\n\"}}")),
                ("base64", format!("data: {}", base64(format!("a=1\n{text}\nb=2\n").as_bytes()))),
            ];
            for (way, (what, text)) in ways.into_iter().enumerate() {
                let path = format!("{}-{way}.txt", rule.id);
                files.add(path, text, format!("{what}: {}", rule.id));
            }
        }
    }
    let found = files.compare();
    assert!(files.files.len() <= 2 * found, "{found} of {}", files.files.len());
}
