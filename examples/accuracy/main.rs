//! Measures how exact the built-in rules are; docs/accuracy.md has the results.
//!
//! ```text
//! accuracy recall [--all]
//! accuracy places [--all]
//! accuracy precision REPORT… --judged FILE [--new]
//! ```
//!
//! `recall` makes keys of every rule from the rule's samples, puts each into five surroundings, and
//! prints how many are found, and how many by their own rule; `--all` lists every rule. `places` puts fewer keys
//! into every place where people put them, and prints which places hide keys; `--all` lists the rules, too.
//! `precision` reads JSON reports of scans and compares their findings with a table of findings that
//! a person has judged: one line a finding, with tabs between SHA-256 of the key (its first 16
//! digits), rule, path, `key` or `false`, and a reason. `--new` prints the findings that the table
//! lacks, as lines to complete. Neither holds the text of a key.

mod places;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::ops::Range;

use data_encoding::BASE64;
use keyside::model::Severity;
use keyside::rules::{Rng, Rule, Ruleset};
use keyside::scan::KeyScanner;
use keyside::source::Chunk;

use places::{PLACES, filled};

type Outcome = Result<(), Box<dyn Error>>;

/// The number of keys that are made of each rule, and of one that misses its goal with these, so that one bad
/// key in twenty does not tell.
const KEYS: u64 = 20;
const MORE_KEYS: u64 = 400;

/// The places of a key: in an env file, in JSON, in code, in YAML and on a command line. `<NAME>`
/// and `<KEY>` are filled in, `<name>` is the name in camel case.
const SURROUNDINGS: &[&str] = &[
    "PORT=8080\n<NAME>=<KEY>\nDEBUG=false\n",
    "{\n  \"region\": \"eu\",\n  \"<NAME>\": \"<KEY>\",\n  \"retries\": 3\n}\n",
    "import { env } from 'node:process';\n\nconst <name> = '<KEY>';\n\nexport default <name>;\n",
    "services:\n  web:\n    environment:\n      <NAME>: <KEY>\n      PORT: \"80\"\n",
    "#!/bin/sh\nset -e\nexport <NAME>=\"<KEY>\"\nexec ./serve --port 80\n",
];

fn main() -> Outcome {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["recall", rest @ ..] => recall(rest.contains(&"--all")),
        ["places", rest @ ..] => places(rest.contains(&"--all")),
        ["precision", rest @ ..] => precision(rest),
        _ => Err("usage: accuracy recall [--all] | places [--all] | precision REPORT… --judged FILE [--new]".into()),
    }
}

/// The keys of one rule.
#[derive(Default, Clone, Copy)]
struct Found {
    /// Keys that were made.
    made: usize,
    /// Those found by any rule.
    found: usize,
    /// Those found by their own rule.
    own: usize,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.made += other.made;
        self.found += other.found;
        self.own += other.own;
    }

    fn percent(self) -> (f64, f64) {
        let of = |count: usize| 100.0 * count as f64 / self.made.max(1) as f64;
        (of(self.found), of(self.own))
    }
}

fn recall(lists_all: bool) -> Outcome {
    let mut out = io::stdout().lock();
    let mut rules = Ruleset::built_in();
    let mut groups: BTreeMap<&str, Found> = BTreeMap::new();
    let mut misses = Vec::new();
    for is_experimental in [false, true] {
        for rule in &mut rules.rules {
            rule.is_wanted |= is_experimental;
        }
        let scanner = KeyScanner::new(&rules);
        let searched = rules.rules.iter().filter(|rule| !rule.is_only_paired);
        for rule in searched.filter(|rule| rule.is_experimental == is_experimental) {
            let goal = if rule.keywords.is_empty() { 95.0 } else { 99.0 };
            let mut found = recall_of(&scanner, rule, KEYS);
            if found.percent().0 < goal {
                found = recall_of(&scanner, rule, MORE_KEYS);
            }
            let group = match (rule.keywords.is_empty(), is_experimental) {
                (false, false) => "with a text of its own",
                (true, false) => "told by name",
                (false, true) => "experimental, with a text of its own",
                (true, true) => "experimental, told by name",
            };
            groups.entry(group).or_default().add(found);
            if lists_all || found.percent().0 < goal || found.made == 0 {
                misses.push((rule.id.clone(), found));
            }
        }
    }
    writeln!(out, "{:38} {:>6} {:>9} {:>9}", "rules", "keys", "found", "own rule")?;
    for (group, found) in &groups {
        let (all, own) = found.percent();
        writeln!(out, "{group:38} {:>6} {all:>8.2}% {own:>8.2}%", found.made)?;
    }
    writeln!(out, "\n{} rules below their goal (99 % with a text, 95 % by name):", misses.len())?;
    for (id, found) in misses {
        let (all, own) = found.percent();
        writeln!(out, "  {id:50} {:>6} {all:>8.2}% {own:>8.2}%", found.made)?;
    }
    Ok(())
}

/// Makes keys from the rule's first sample, and looks for them in all surroundings.
fn recall_of(scanner: &KeyScanner<'_>, rule: &Rule, keys: u64) -> Found {
    let mut found = Found::default();
    let Some(sample) = rule.samples.matching.first() else { return found };
    // The lines of a block stand alone, and those of a file for such keys are as the sample has them.
    let is_alone = rule.block.is_some() || rule.place.is_some();
    let surroundings = if is_alone { &["<KEY>\n"] } else { SURROUNDINGS };
    for seed in 0..keys {
        let text = rule.fill(&sample.template, &mut Rng::new(1000 + seed));
        let Some(key) = key_in(scanner, rule, &text) else {
            // Not even found where the rule's author put it.
            found.made += surroundings.len();
            continue;
        };
        let name = name_of(rule);
        let key = if rule.place.is_some() { text.clone() } else { key };
        for surrounding in surroundings {
            let text = surrounding
                .replace("<NAME>", &name)
                .replace("<name>", &camel_case(&name))
                .replace("<KEY>", &key);
            let matches = scanner.find(&Chunk::whole(text.as_bytes()));
            let place = text.find(&*key).map_or(0..0, |at| at..at + key.len());
            let is_it = |span: &Range<usize>| span.start < place.end && place.start < span.end;
            let hits = matches.keys.iter().filter(|hit| is_it(&hit.span));
            let rules: Vec<_> = hits.map(|hit| hit.rule.id.as_str()).collect();
            found.made += 1;
            found.found += usize::from(!rules.is_empty());
            found.own += usize::from(rules.contains(&rule.id.as_str()));
        }
    }
    found
}

/// The number of keys of each rule for each place.
const PLACE_KEYS: u64 = 3;

/// Prints how many keys are found in each place, of rules with a text of their own and of the others.
fn places(lists_rules: bool) -> Outcome {
    let mut out = io::stdout().lock();
    let rules = Ruleset::built_in();
    let scanner = KeyScanner::new(&rules);
    let mut found = vec![[Found::default(); 2]; PLACES.len()];
    let mut missed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let is_plain = |rule: &&Rule| {
        rule.is_searched() && !rule.is_only_paired && rule.block.is_none() && rule.place.is_none()
    };
    for rule in rules.rules.iter().filter(is_plain) {
        let Some(sample) = rule.samples.matching.first() else { continue };
        for seed in 0..PLACE_KEYS {
            let text = rule.fill(&sample.template, &mut Rng::new(3000 + seed));
            let Some(key) = key_in(&scanner, rule, &text) else { continue };
            let base64 = BASE64.encode(key.as_bytes());
            for ((place, form), found) in PLACES.iter().zip(&mut found) {
                let text = filled(form, &name_of(rule), &key, &base64);
                let matches = scanner.find(&Chunk::whole(text.as_bytes()));
                let one = Found { made: 1, found: usize::from(!matches.keys.is_empty()), own: 0 };
                found[usize::from(rule.keywords.is_empty())].add(one);
                if one.found == 0 {
                    missed.entry(place).or_default().push(&rule.id);
                }
            }
        }
    }
    writeln!(out, "{:34} {:>9} {:>9}", "place", "with text", "by name")?;
    for ((place, _), [own, named]) in PLACES.iter().zip(found) {
        writeln!(out, "{place:34} {:>8.2}% {:>8.2}%", own.percent().0, named.percent().0)?;
        if let Some(rules) = missed.get_mut(place).filter(|_| lists_rules) {
            rules.dedup();
            writeln!(out, "  {}", rules.join(" "))?;
        }
    }
    Ok(())
}

/// The key in a filled sample.
fn key_in(scanner: &KeyScanner<'_>, rule: &Rule, text: &str) -> Option<String> {
    let matches = scanner.find(&Chunk::whole(text.as_bytes()));
    let key = matches.keys.iter().find(|key| key.rule.id == rule.id)?;
    let matcher = rule.pattern.matcher();
    if rule.block.is_some() {
        return text.get(key.span.clone()).map(str::to_owned);
    }
    let secret = String::from_utf8_lossy(key.secret.reveal()).into_owned();
    if rule.keywords.is_empty() || matcher.regex.is_match(secret.as_bytes()) {
        return Some(secret);
    }
    // The secret is a part of what tells it, as in an address.
    let whole = matcher
        .regex
        .find_iter(text.as_bytes())
        .find(|whole| String::from_utf8_lossy(whole.as_bytes()).contains(&secret))?;
    Some(String::from_utf8_lossy(whole.as_bytes()).into_owned())
}

/// The name that a user would give the key.
fn name_of(rule: &Rule) -> String {
    let plain = |text: &str| text.to_lowercase().replace('_', "");
    let words = rule.nearby.as_ref().map(|nearby| nearby.words.as_slice()).unwrap_or_default();
    let is_told = |name: &&String| words.iter().any(|word| plain(name).contains(word.as_str()));
    let told = rule.env.iter().find(is_told);
    match (told, words) {
        (Some(name), _) => name.clone(),
        (None, [word, ..]) => format!("{}_KEY", word.to_uppercase()),
        (None, []) => rule.env.first().cloned().unwrap_or_else(|| "API_TOKEN".to_owned()),
    }
}

/// `ACME_API_KEY` gives `acmeApiKey`.
fn camel_case(name: &str) -> String {
    let mut text = String::new();
    for part in name.split('_').filter(|part| !part.is_empty()) {
        let (first, rest) = part.split_at(1);
        let first = if text.is_empty() { first.to_lowercase() } else { first.to_uppercase() };
        text.push_str(&first);
        text.push_str(&rest.to_lowercase());
    }
    text
}

fn precision(args: &[&str]) -> Outcome {
    let mut out = io::stdout().lock();
    let at = args.iter().position(|arg| *arg == "--judged").ok_or("--judged FILE is missing")?;
    let table = fs::read_to_string(args.get(at + 1).ok_or("--judged needs a file")?)?;
    let judged: BTreeMap<(String, String), bool> = table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (hash, rule) = (fields.next()?.to_owned(), fields.next()?.to_owned());
            Some(((hash, rule), fields.nth(1)? == "key"))
        })
        .collect();
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut files = 0;
    for path in &args[..at] {
        let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        files += report["scan"]["files"].as_u64().unwrap_or(0);
        for finding in report["findings"].as_array().ok_or("no findings in the report")? {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let Some(sha256) = finding["secret"]["sha256"].as_str() else { continue };
            let key = (sha256.chars().take(16).collect::<String>(), text(&finding["rule_id"]));
            let severity = match text(&finding["severity"]).as_str() {
                "error" => Severity::Error.name(),
                "warning" => Severity::Warning.name(),
                _ => Severity::Note.name(),
            };
            let verdict = judged.get(&key);
            let column = verdict.map_or(2, |&is_key| usize::from(!is_key));
            counts.entry(severity).or_default()[column] += 1;
            if verdict.is_none() && args.contains(&"--new") {
                let place = &finding["occurrences"][0];
                writeln!(out, "{}\t{}\t{}\t?\t", key.0, key.1, text(&place["path"]))?;
            }
        }
    }
    writeln!(out, "{files} files")?;
    writeln!(
        out,
        "{:10} {:>6} {:>6} {:>10} {:>10}",
        "severity", "keys", "false", "not judged", "precision"
    )?;
    for (severity, [keys, wrong, open]) in counts {
        let percent = 100.0 * keys as f64 / (keys + wrong).max(1) as f64;
        writeln!(out, "{severity:10} {keys:>6} {wrong:>6} {open:>10} {percent:>9.1}%")?;
    }
    Ok(())
}
