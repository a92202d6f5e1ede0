//! On random histories with merges, a range reports exactly the keys that follow from git's own
//! data about its commits and their trees.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use keyside::rules::Rng;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::range::Repo;
use crate::repo::REF_FORMATS;
use crate::support::{OBJECT_FORMATS, SECRET, number_of, with_object_format};

const COMMITS: usize = 14;
const PATHS: [&str; 7] = ["a", "b", "d/a", "d/b", "d/e/a", "f/a", "f.x"];

type Tree = BTreeMap<&'static str, String>;

/// A repository of random commits, tagged `c0`, `c1` and so on, and its keys.
fn random(seed: u64) -> (Repo, Vec<String>) {
    let mut rng = Rng::new(seed);
    let repo = Repo::stored(REF_FORMATS[seed as usize / 2 % 2]);
    let keys: Vec<String> = (0..6).map(|_| repo.dir.key(SECRET)).collect();
    let mut trees: Vec<Tree> = Vec::new();
    let mut stream = String::new();
    // Clocks of some repositories are wrong.
    let is_skewed = seed.is_multiple_of(3);
    for nth in 0..COMMITS {
        let mut parents = BTreeSet::new();
        if nth > 0 && rng.below(12) > 0 {
            for _ in 0..=[0, 0, 0, 1, 1, 2][rng.below(6)] {
                parents.insert(nth - 1 - rng.below(nth.min(5)));
            }
        }
        let mut tree = Tree::new();
        for &parent in &parents {
            for (path, text) in &trees[parent] {
                if !tree.contains_key(path) || rng.below(2) == 0 {
                    tree.insert(path, text.clone());
                }
            }
        }
        let edits = if parents.len() > 1 { rng.below(2) } else { 1 + rng.below(3) };
        for _ in 0..edits {
            let path = PATHS[rng.below(PATHS.len())];
            let other = PATHS[rng.below(PATHS.len())];
            match rng.below(6) {
                0 | 1 => drop(tree.insert(path, keys[rng.below(keys.len())].clone())),
                2 => drop(tree.remove(path)),
                3 => {
                    if let Some(text) = tree.remove(path) {
                        tree.insert(other, text);
                    }
                }
                4 => {
                    let line = rng.text("abc ", 12);
                    write!(tree.entry(path).or_default(), "\n{line}\n").unwrap();
                }
                _ => {
                    if let Some(text) = tree.get(path).cloned() {
                        tree.insert(other, text);
                    }
                }
            }
        }
        let time = if is_skewed { rng.below(100_000) } else { nth * 100 };
        let message = match rng.below(8) {
            0 => format!("say {}", keys[rng.below(keys.len())]),
            _ => format!("commit {nth}"),
        };
        let refs = format!("refs/tags/c{nth}");
        write!(
            stream,
            "reset {refs}\n\ncommit {refs}\nmark :{}\ncommitter t <t@example.com> {} +0000\n\
             data {}\n{message}\n",
            nth + 1,
            1_700_000_000 + time,
            message.len()
        )
        .unwrap();
        for (place, parent) in parents.iter().enumerate() {
            let word = if place == 0 { "from" } else { "merge" };
            writeln!(stream, "{word} :{}", parent + 1).unwrap();
        }
        stream += "deleteall\n";
        for (path, text) in &tree {
            write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len()).unwrap();
        }
        stream += "\n";
        trees.push(tree);
    }
    let input = repo.dir.write("stream", stream);
    let input = std::fs::File::open(input).unwrap();
    let mut import = repo.command(&["fast-import", "--quiet", "--force"]);
    assert!(import.stdin(input).status().unwrap().success());
    repo.git(&["update-ref", "refs/heads/main", &format!("c{}", COMMITS - 1)]);
    (repo, keys)
}

/// Cached output of git about a repository.
struct Oracle<'o> {
    repo: &'o Repo,
    keys: &'o [String],
    blobs: HashMap<String, BTreeSet<usize>>,
}

impl Oracle<'_> {
    /// The keys in a text.
    fn in_text(&self, text: &str) -> BTreeSet<usize> {
        (0..self.keys.len()).filter(|&key| text.contains(&self.keys[key])).collect()
    }

    /// The keys in the files of a commit.
    fn has(&mut self, commit: &str) -> BTreeSet<usize> {
        let mut all = BTreeSet::new();
        for line in self.repo.git(&["ls-tree", "-r", commit]).lines() {
            let id = line.split(['\t', ' ']).nth(2).unwrap().to_owned();
            if !self.blobs.contains_key(&id) {
                let keys = self.in_text(&self.repo.git(&["cat-file", "blob", &id]));
                self.blobs.insert(id.clone(), keys);
            }
            all.extend(&self.blobs[&id]);
        }
        all
    }

    fn list(&self, args: &[&str]) -> Vec<String> {
        self.repo.git(args).lines().map(ToOwned::to_owned).collect()
    }

    /// Each key that a range adds, with the commits that add it in files or in messages.
    fn added(&mut self, base: &str, tip: &str, is_symmetric: bool) -> BTreeMap<usize, Vec<String>> {
        let mut known = self.has(base);
        if is_symmetric {
            for common in self.list(&["merge-base", "--all", base, tip]) {
                known.extend(self.has(&common));
            }
        }
        let mut added: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut in_files = BTreeSet::new();
        let mut merges: Vec<(String, BTreeSet<usize>)> = Vec::new();
        for commit in self.list(&["rev-list", &format!("{base}..{tip}")]) {
            let mut own = self.has(&commit);
            let parents = self.repo.git(&["log", "-1", "--format=%P", &commit]);
            let parents = parents.split(' ').filter(|parent| !parent.is_empty());
            let before: Vec<_> = parents.map(|parent| self.has(parent)).collect();
            if before.len() > 1 {
                let lacks = |key: &usize| before.iter().any(|before| !before.contains(key));
                merges.push((commit.clone(), own.iter().copied().filter(lacks).collect()));
            }
            own.retain(|key| !before.iter().any(|before| before.contains(key)));
            own.retain(|key| !known.contains(key));
            in_files.extend(own.iter().copied());
            own.extend(self.in_text(&self.repo.git(&["cat-file", "commit", &commit])));
            for key in own {
                added.entry(key).or_default().push(commit.clone());
            }
        }
        // A merge can bring back what the base and its common ancestors with the tip have no more.
        if !merges.is_empty() && self.repo.try_git(&["merge-base", base, tip]) {
            let mut back = self.has(tip);
            for fork in self.list(&["merge-base", "--all", base, tip]) {
                known.extend(self.has(&fork));
            }
            back.retain(|key| !known.contains(key) && !in_files.contains(key));
            for key in back {
                let own = merges.iter().filter(|(_, keys)| keys.contains(&key));
                let commits = own.map(|(commit, _)| commit.clone());
                added.entry(key).or_default().extend(commits);
            }
        }
        added
    }
}

fn check(finding: &Value, commits: &[String], is_in_tip: bool, is_in_head: bool) {
    let first = finding["first_seen"]["commit"].as_str().unwrap();
    assert!(commits.iter().any(|commit| commit == first), "{commits:?} {finding:#}");
    assert_eq!(finding["in_head"], is_in_head, "{finding:#}");
    assert!(!is_in_tip || finding["removed_in"].is_null(), "{finding:#}");
    assert!(!finding["occurrences"].as_array().unwrap().is_empty());
}

#[test]
fn random_ranges_match_git() {
    let first: u64 = number_of("KEYSIDE_FIRST_SEED").unwrap_or(1);
    let count: u64 = number_of("KEYSIDE_RANDOM_RANGES").unwrap_or(12);
    let (mut runs, mut found) = (0, 0);
    // Git names objects by SHA-256 in every second one.
    for seed in first..first + count {
        with_object_format(OBJECT_FORMATS[seed as usize % 2], || {
            let (own_runs, own_found) = ranges_match(seed);
            runs += own_runs;
            found += own_found;
        });
    }
    assert!(runs > 50 && found > 50, "{runs} runs, {found} keys: the histories are too dull");
}

/// Compares ranges of a random history; returns how many, and how many keys they had.
fn ranges_match(seed: u64) -> (usize, usize) {
    let (mut runs, mut found) = (0, 0);
    let (repo, keys) = random(seed);
    let mut oracle = Oracle { repo: &repo, keys: &keys, blobs: HashMap::new() };
    let in_head = oracle.has("main");
    let mut rng = Rng::new(1000 + seed);
    for round in 0..6 {
        let (one, two) = (rng.below(COMMITS), rng.below(COMMITS));
        let (base, tip) = (format!("c{}", one.min(two)), format!("c{}", one.max(two)));
        let is_symmetric = round % 3 == 2;
        let range = format!("{base}{}{tip}", if is_symmetric { "..." } else { ".." });
        let run = repo.dir.run(&["git", "-f", "json", "--allow-empty", "--range", &range]);
        let is_common = repo.try_git(&["merge-base", &base, &tip]);
        if is_symmetric && !is_common {
            run.expect(2);
            continue;
        }
        let expected = oracle.added(&base, &tip, is_symmetric);
        let report = run.json();
        let context = format!("seed {seed}, {range}\n{run}");
        let findings = report["findings"].as_array().unwrap();
        let hash = |key: usize| -> String {
            Sha256::digest(&keys[key]).iter().map(|byte| format!("{byte:02x}")).collect()
        };
        let reported: BTreeSet<&str> =
            findings.iter().map(|f| f["secret"]["sha256"].as_str().unwrap()).collect();
        let wanted: BTreeMap<String, usize> =
            expected.keys().map(|&key| (hash(key), key)).collect();
        assert_eq!(reported, wanted.keys().map(String::as_str).collect(), "{context}");
        assert_eq!(run.code, i32::from(!expected.is_empty()), "{context}");
        let in_tip = oracle.has(&tip);
        for finding in findings {
            let key = wanted[finding["secret"]["sha256"].as_str().unwrap()];
            let tip = in_tip.contains(&key);
            check(finding, &expected[&key], tip, in_head.contains(&key));
        }
        runs += 1;
        found += findings.len();
    }
    (runs, found)
}
