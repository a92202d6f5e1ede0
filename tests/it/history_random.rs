//! Reports of random histories agree with plain git commands, however the histories are stored.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::rc::Rc;

use keyside::rules::Rng;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::repo::{REF_FORMATS, Repo, of};
use crate::support::{OBJECT_FORMATS, SECRET, id_digits, number_of, with_object_format};

/// A random history of branches, merges, renames and removals that add and remove keys.
struct Random {
    repo: Repo,
    rng: Rng,
    keys: Vec<String>,
    branches: usize,
}

const FOLDERS: [&str; 4] = ["", "a/", "a/b/", "c/d/e/"];

impl Random {
    fn new(seed: u64) -> Self {
        let repo = Repo::stored(REF_FORMATS[seed as usize / 2 % 2]);
        let keys = (0..6).map(|_| repo.dir.key(SECRET)).collect();
        Self { repo, rng: Rng::new(seed), keys, branches: 0 }
    }

    fn files(&self) -> Vec<String> {
        self.repo.git(&["ls-files"]).lines().map(ToOwned::to_owned).collect()
    }

    fn content(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.rng.below(40) {
            text += &format!("line {}\n", self.rng.below(30));
        }
        if self.rng.below(2) == 0 {
            let nth = self.rng.below(self.keys.len());
            text += &format!("KEY={}\n", self.keys[nth]);
        }
        text
    }

    fn edit(&mut self) {
        let files = self.files();
        let any = |rng: &mut Rng| files[rng.below(files.len())].clone();
        match self.rng.below(6) {
            0 if files.len() > 2 => {
                let file = any(&mut self.rng);
                self.repo.git(&["rm", "-q", "-f", &file]);
            }
            1 if !files.is_empty() => {
                let (from, to) = (any(&mut self.rng), self.name());
                if from != to && !self.repo.path().join(&to).exists() {
                    self.parent(&to);
                    self.repo.git(&["mv", &from, &to]);
                }
            }
            2 if !files.is_empty() => {
                let (from, to) = (any(&mut self.rng), self.name());
                let text = std::fs::read(self.repo.path().join(from)).unwrap();
                self.repo.write(&to, text);
            }
            3 if !files.is_empty() => {
                let file = any(&mut self.rng);
                let text = std::fs::read_to_string(self.repo.path().join(&file)).unwrap();
                self.repo.write(&file, format!("new\n{text}"));
            }
            _ => {
                let (name, text) = (self.name(), self.content());
                self.repo.write(&name, text);
            }
        }
        self.repo.git(&["add", "-A", "."]);
    }

    fn name(&mut self) -> String {
        format!("{}f{}", FOLDERS[self.rng.below(FOLDERS.len())], self.rng.below(5))
    }

    fn parent(&self, path: &str) {
        let path = self.repo.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    }

    fn branch_names(&self) -> Vec<String> {
        let names = self.repo.git(&["for-each-ref", "--format=%(refname:short)", "refs/heads"]);
        names.lines().map(ToOwned::to_owned).collect()
    }

    fn step(&mut self, nth: usize) {
        let branches = self.branch_names();
        let other = branches.get(self.rng.below(branches.len().max(1))).cloned();
        match self.rng.below(10) {
            0 if branches.len() < 5 => {
                self.branches += 1;
                let name = format!("b/{}", self.branches);
                self.repo.git(&["checkout", "-q", "-b", &name]);
            }
            1 | 2 => self.repo.git(&["checkout", "-q", "-f", &other.unwrap()]).clear(),
            3 | 4 => self.merge(nth, &branches),
            5 if branches.len() > 2 => {
                let head = self.repo.git(&["rev-parse", "--abbrev-ref", "HEAD"]);
                let gone = other.filter(|other| *other != head && self.rng.below(3) == 0);
                if let Some(gone) = gone {
                    self.repo.git(&["branch", "-q", "-D", &gone]);
                }
            }
            6 if self.rng.below(3) == 0 => {
                self.repo.git(&["tag", &format!("t{nth}")]);
                self.repo.git(&["tag", "-am", "A tag", &format!("annotated{nth}")]);
            }
            7 if self.rng.below(4) == 0 => {
                let depth = format!("--depth={}", self.rng.below(20));
                self.repo.git(&["repack", "-q", "-d", &depth]);
            }
            8 if self.rng.below(2) == 0 => {
                self.edit();
                self.repo.tick();
                self.repo.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "Amended"]);
            }
            _ => {
                for _ in 0..=self.rng.below(3) {
                    self.edit();
                }
                self.repo.commit(&format!("Number {nth}"));
            }
        }
    }

    /// Merges one branch or two, with git's tree or a random one.
    fn merge(&mut self, nth: usize, branches: &[String]) {
        let head = self.repo.id("HEAD");
        let mut parents = vec![head];
        for _ in 0..=self.rng.below(2) {
            let other = self.repo.id(&branches[self.rng.below(branches.len())]);
            if !parents.contains(&other) {
                parents.push(other);
            }
        }
        if parents.len() == 1 {
            return;
        }
        let theirs = parents[parents.len() - 1].clone();
        match self.rng.below(3) {
            // Ours; ours and theirs side by side; theirs.
            0 => {}
            1 => self.repo.git(&["checkout", "-q", &theirs, "--", "."]).clear(),
            _ => self.repo.git(&["read-tree", "-u", "--reset", &theirs]).clear(),
        }
        if self.rng.below(3) == 0 {
            self.edit();
        }
        self.repo.git(&["add", "-A", "."]);
        let tree = self.repo.git(&["write-tree"]);
        self.repo.tick();
        let mut args =
            vec!["commit-tree".to_owned(), tree, "-m".to_owned(), format!("Merge {nth}")];
        for parent in parents {
            args.extend(["-p".to_owned(), parent]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let merge = self.repo.git(&args);
        self.repo.git(&["reset", "-q", "--hard", &merge]);
    }
}

/// A commit according to git.
struct Commit {
    id: String,
    parents: Vec<String>,
    time: i64,
    is_kept: bool,
    files: BTreeMap<String, Rc<StoredText>>,
}

/// A file of a commit.
struct StoredText {
    blob: String,
    text: String,
    keys: BTreeSet<usize>,
}

impl Commit {
    fn has(&self, key: usize) -> bool {
        self.files.values().any(|file| file.keys.contains(&key))
    }
}

/// A history, told by git or by whoever made it.
struct Known {
    commits: Vec<Commit>,
    head: String,
    /// The commits of the branches, with their short names.
    branches: Vec<(String, String)>,
}

fn stored(blob: String, text: String, keys: &[String]) -> StoredText {
    let own = (0..).zip(keys).filter(|(_, key)| text.contains(*key)).map(|(nth, _)| nth).collect();
    StoredText { blob, text, keys: own }
}

/// The history according to plain git commands.
fn known_by_git(repo: &Repo, keys: &[String]) -> Known {
    let kept = repo.git(&["rev-list", "--all", "HEAD"]);
    let kept: BTreeSet<&str> = kept.lines().collect();
    let format = "--format=%H %ct %P";
    let all = repo.git(&["rev-list", "--all", "--reflog", "HEAD", "--no-commit-header", format]);
    let mut known: HashMap<String, Rc<StoredText>> = HashMap::new();
    let mut commits = Vec::new();
    for line in all.lines() {
        let mut words = line.split(' ').filter(|word| !word.is_empty()).map(ToOwned::to_owned);
        let id = words.next().unwrap();
        let time = words.next().unwrap().parse().unwrap();
        let mut files = BTreeMap::new();
        for entry in repo.git(&["ls-tree", "-r", &id]).lines() {
            let (head, path) = entry.split_once('\t').unwrap();
            let blob = head.split(' ').nth(2).unwrap();
            let own = known.entry(blob.to_owned()).or_insert_with(|| {
                Rc::new(stored(blob.to_owned(), repo.git(&["cat-file", "blob", blob]), keys))
            });
            files.insert(path.to_owned(), own.clone());
        }
        let is_kept = kept.contains(id.as_str());
        commits.push(Commit { id, parents: words.collect(), time, is_kept, files });
    }
    let refs = ["for-each-ref", "--format=%(objectname) %(refname:short)", "refs/heads"];
    let refs = repo.git(&refs);
    let branches = refs.lines().map(|line| {
        let (id, name) = line.split_once(' ').unwrap();
        (id.to_owned(), name.to_owned())
    });
    Known { commits, head: repo.id("HEAD"), branches: branches.collect() }
}

/// The length of the longest line of commits before each one.
fn generations<'c>(by_id: &HashMap<&'c str, &'c Commit>) -> HashMap<&'c str, usize> {
    let mut known: HashMap<&str, usize> = HashMap::new();
    for &commit in by_id.values() {
        let mut stack = vec![commit];
        while let Some(&last) = stack.last() {
            let unknown = last.parents.iter().find(|id| !known.contains_key(id.as_str()));
            if let Some(id) = unknown {
                stack.push(by_id[id.as_str()]);
                continue;
            }
            let parents = last.parents.iter().map(|id| known[id.as_str()] + 1);
            known.insert(&last.id, parents.max().unwrap_or(0));
            stack.pop();
        }
    }
    known
}

/// The expected finding of a key.
fn expected(known: &Known, key: usize) -> Option<Value> {
    let commits = &known.commits[..];
    let by_id: HashMap<&str, &Commit> = commits.iter().map(|c| (c.id.as_str(), c)).collect();
    let generations = generations(&by_id);
    // Of commits with the same time, ancestors come first.
    let when = |commit: &Commit| (commit.time, generations[commit.id.as_str()], commit.id.clone());
    let rank = |commit: &&Commit| (!commit.is_kept, when(commit));
    let parents =
        |commit: &Commit| commit.parents.iter().map(|id| by_id[id.as_str()]).collect::<Vec<_>>();
    let is_new =
        |commit: &&Commit| commit.has(key) && parents(commit).iter().all(|parent| !parent.has(key));
    let first = commits.iter().filter(is_new).min_by_key(rank)?;
    let head = by_id[known.head.as_str()];
    let branches = known.branches.iter().filter(|(id, _)| by_id[id.as_str()].has(key));
    let branches: Vec<_> = branches.map(|(_, name)| name).collect();
    let gone = |commit: &&Commit| {
        commit.is_kept && !commit.has(key) && parents(commit).iter().any(|parent| parent.has(key))
    };
    let by_itself = |commit: &Commit| parents(commit).iter().all(|parent| parent.has(key));
    let is_there = head.has(key) || !branches.is_empty();
    let removed = commits
        .iter()
        .filter(|commit| !is_there && gone(commit))
        .max_by_key(|commit| (by_itself(commit), when(commit)));
    // Each path with the commit whose version is shown.
    let mut paths: BTreeSet<&String> = BTreeSet::new();
    let holds = |commit: &Commit, path: &String| {
        commit.files.get(path).is_some_and(|file| file.keys.contains(&key))
    };
    for commit in commits {
        paths.extend(commit.files.keys().filter(|path| holds(commit, path)));
    }
    let mut places: Vec<Value> = Vec::new();
    for path in paths {
        let shown = if holds(head, path) {
            head
        } else {
            let came = commits.iter().filter(|commit| {
                holds(commit, path) && parents(commit).iter().all(|parent| !holds(parent, path))
            });
            came.min_by_key(rank).unwrap()
        };
        let StoredText { blob, text, .. } = &*shown.files[path];
        let source = if shown.is_kept { "commit" } else { "reflog" };
        for (line, _) in text.lines().enumerate().filter(|(_, l)| l.starts_with("KEY=")) {
            places.push(json!([source, path, shown.id, blob, line + 1, 5]));
        }
    }
    places.sort_by_key(ToString::to_string);
    let first_path = first.files.keys().find(|path| holds(first, path));
    Some(json!({
        "in_head": head.has(key), "branches": branches,
        "first": [first.id, first_path, first.parents.len() > 1],
        "removed": removed.map(|commit| &commit.id), "places": places
    }))
}

/// The compared part of a finding.
fn compared_part(finding: &Value) -> Value {
    let mut places: Vec<Value> = finding["occurrences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| {
            json!([
                place["source"],
                place["path"],
                place["commit"],
                place["blob"],
                place["start_line"],
                place["start_column"]
            ])
        })
        .collect();
    places.sort_by_key(ToString::to_string);
    let first = &finding["first_seen"];
    json!({
        "in_head": finding["in_head"], "branches": finding["branches"],
        "first": [first["commit"], first["path"], first["merge"]],
        "removed": finding["removed_in"]["commit"], "places": places
    })
}

/// Makes a random history and compares its report with git.
fn compare_with_git(seed: u64) -> Random {
    let mut random = Random::new(seed);
    random.repo.add("f0", "begin\n");
    for nth in 0..35 {
        random.step(nth);
    }
    // ORIG_HEAD keeps commits that no reflog has.
    random.repo.try_git("", &["update-ref", "-d", "ORIG_HEAD"], b"");
    let repo = &random.repo;
    // Content that was staged and changed again before the commit.
    repo.git(&["prune", "--expire=now"]);
    let known = known_by_git(repo, &random.keys);
    let run = repo.keyside(&[]);
    let report = run.json();
    assert_eq!(report["scan"]["notices"], json!([]), "seed {seed}: {report:#}");
    let mut count = 0;
    for (key, text) in random.keys.iter().enumerate() {
        let Some(expected) = expected(&known, key) else {
            continue;
        };
        count += 1;
        let said = compared_part(&of(&report, text));
        assert!(
            said == expected,
            "seed {seed}, key {key}, in {}\nsaid {said:#}\nexpected {expected:#}\n{}",
            repo.path().display(),
            repo.git(&["log", "--graph", "--all", "--reflog", "--format=%h %ct %d"])
        );
    }
    assert_eq!(report["findings"].as_array().unwrap().len(), count, "seed {seed}");
    assert_eq!(run.code, i32::from(count > 0));
    random
}

#[test]
fn random_histories_match_git() {
    // Git names objects by SHA-256 in every second one.
    for seed in 0..15 {
        with_object_format(OBJECT_FORMATS[seed as usize % 2], || drop(compare_with_git(seed)));
    }
}

const COMMITS: usize = 16;
const PATHS: [&str; 7] = ["a", "b", "d/a", "d/b", "d/e/a", "f/a", "f.x"];

/// Makes a history at once, and tells what is in it: a git command takes longer than all the rest.
fn imported(rng: &mut Rng, repo: &Repo, keys: &[String], is_skewed: bool) -> Known {
    let mut trees: Vec<BTreeMap<&str, String>> = Vec::new();
    let (mut stream, mut names, mut all_parents, mut times) =
        (String::new(), Vec::new(), Vec::new(), Vec::new());
    for nth in 0..COMMITS {
        let mut parents = BTreeSet::new();
        if nth > 0 && rng.below(12) > 0 {
            for _ in 0..=[0, 0, 0, 1, 1, 2][rng.below(6)] {
                parents.insert(nth - 1 - rng.below(nth.min(5)));
            }
        }
        let mut tree = BTreeMap::new();
        for &parent in &parents {
            for (path, text) in &trees[parent] {
                if !tree.contains_key(path) || rng.below(2) == 0 {
                    tree.insert(*path, text.clone());
                }
            }
        }
        for _ in 0..rng.below(4) {
            let (path, other) = (PATHS[rng.below(PATHS.len())], PATHS[rng.below(PATHS.len())]);
            match rng.below(7) {
                0 | 1 => {
                    let lines: String =
                        (0..rng.below(30)).map(|line| format!("line {line}\n")).collect();
                    tree.insert(path, format!("{lines}KEY={}\n", keys[rng.below(keys.len())]));
                }
                2 => drop(tree.remove(path)),
                3 => drop(tree.remove(path).map(|text| tree.insert(other, text))),
                4 => drop(tree.get(path).cloned().map(|text| tree.insert(other, text))),
                5 => tree.entry(path).or_default().insert_str(0, "new\n"),
                _ => drop(tree.insert(path, format!("{}\n", rng.text("abc ", 12)))),
            }
        }
        let time = 1_700_000_000 + if is_skewed { rng.below(100_000) } else { nth / 2 * 100 };
        let name = match rng.below(3) {
            _ if nth == COMMITS - 1 => "refs/heads/main".to_owned(),
            0 => format!("refs/heads/b/{nth}"),
            _ => format!("refs/tags/c{nth}"),
        };
        stream += &format!(
            "reset {name}\n\ncommit {name}\nmark :{}\ncommitter t <t@example.com> {time} +0000\ndata 2\nm\n",
            nth + 1
        );
        for (place, parent) in parents.iter().enumerate() {
            stream += &format!("{} :{}\n", if place == 0 { "from" } else { "merge" }, parent + 1);
        }
        stream += "deleteall\n";
        for (path, text) in &tree {
            stream += &format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
        stream += "\n";
        trees.push(tree);
        names.push(name);
        all_parents.push(parents);
        times.push(time as i64);
    }
    let unpack = format!("fastimport.unpackLimit={}", rng.below(2) * 1000);
    let marks = repo.path().join(".git/marks");
    let export = format!("--export-marks={}", marks.display());
    repo.git_in(
        "",
        &["-c", &unpack, "-c", "core.fsync=none", "fast-import", "--quiet", "--force", &export],
        stream.as_bytes(),
    );
    let mut ids = vec![String::new(); COMMITS];
    for line in std::fs::read_to_string(&marks).unwrap().lines() {
        let (mark, id) = line[1..].split_once(' ').unwrap();
        ids[mark.parse::<usize>().unwrap() - 1] = id.to_owned();
    }
    std::fs::remove_file(marks).unwrap();
    let mut files: HashMap<String, Rc<StoredText>> = HashMap::new();
    let commits = (0..COMMITS).map(|nth| Commit {
        id: ids[nth].clone(),
        parents: all_parents[nth].iter().map(|&parent| ids[parent].clone()).collect(),
        time: times[nth],
        is_kept: true,
        files: trees[nth]
            .iter()
            .map(|(path, text)| {
                let file = files.entry(text.clone());
                let file =
                    file.or_insert_with(|| Rc::new(stored(blob_id(text), text.clone(), keys)));
                ((*path).to_owned(), file.clone())
            })
            .collect(),
    });
    let commits: Vec<_> = commits.collect();
    let branches = names
        .iter()
        .zip(&ids)
        .filter_map(|(name, id)| Some((id.clone(), name.strip_prefix("refs/heads/")?.to_owned())));
    let mut branches: Vec<_> = branches.collect();
    branches.sort_by(|one, two| one.1.cmp(&two.1));
    Known { commits, head: ids[COMMITS - 1].clone(), branches }
}

/// The id that git gives a file.
fn blob_id(text: &str) -> String {
    let bytes = format!("blob {}\0{text}", text.len());
    match id_digits() {
        64 => Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        _ => Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// As many as `KEYSIDE_RANDOM_HISTORIES` says for each combination of formats; `just random-histories`.
#[test]
fn many_random_histories_are_reported_as_they_were_made() {
    let first: u64 = number_of("KEYSIDE_FIRST_SEED").unwrap_or(1);
    let count: u64 = number_of("KEYSIDE_RANDOM_HISTORIES").unwrap_or(5);
    for object_format in OBJECT_FORMATS {
        for ref_format in REF_FORMATS {
            with_object_format(object_format, || {
                // Git makes this one, and copies serve the others.
                let begun = Repo::stored(ref_format);
                (first..first + count).for_each(|seed| imported_is_reported(&begun, seed));
            });
        }
    }
}

fn imported_is_reported(begun: &Repo, seed: u64) {
    let mut rng = Rng::new(seed);
    let repo = Repo::copy_of_begun(begun.path());
    let keys: Vec<String> = (0..5).map(|_| repo.dir.key(SECRET)).collect();
    let known = imported(&mut rng, &repo, &keys, seed.is_multiple_of(4));
    let run = repo.keyside(&[]);
    let report = run.json();
    assert_eq!(report["scan"]["notices"], json!([]), "seed {seed}: {report:#}");
    let mut count = 0;
    for (key, text) in keys.iter().enumerate() {
        let Some(expected) = expected(&known, key) else { continue };
        count += 1;
        let said = compared_part(&of(&report, text));
        assert!(said == expected, "seed {seed}, key {key}\nsaid {said:#}\nexpected {expected:#}");
    }
    assert_eq!(report["findings"].as_array().unwrap().len(), count, "seed {seed}");
    assert_eq!(run.code, i32::from(count > 0), "seed {seed}");
}

#[test]
fn however_a_random_history_is_stored() {
    for (seed, format) in (100..103).zip(["sha1", "sha256", "sha1"]) {
        with_object_format(format, || stored_in_every_way(seed));
    }
}

fn stored_in_every_way(seed: u64) {
    let random = compare_with_git(seed);
    let repo = &random.repo;
    let findings = || {
        let report = repo.keyside(&[]).json();
        (report["findings"].clone(), report["scan"]["blobs"].clone())
    };
    let before = findings();
    let packs = repo.path().join(".git/objects/pack");
    let unpack = || {
        let kept = repo.path().join("packs");
        std::fs::rename(&packs, &kept).unwrap();
        for entry in std::fs::read_dir(&kept).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "pack") {
                repo.git_in("", &["unpack-objects", "-q"], &std::fs::read(path).unwrap());
            }
        }
        std::fs::remove_dir_all(kept).unwrap();
    };
    repo.git(&["repack", "-adfq", "--depth=50", "--keep-unreachable"]);
    assert!(findings() == before, "seed {seed}: one pack");
    unpack();
    assert!(findings() == before, "seed {seed}: loose");
    let all = repo.git(&["rev-list", "--all"]);
    let ranges = all.lines().step_by(5).map(|id| vec![id]).chain([vec!["--all", "--reflog"]]);
    for range in ranges {
        let list = repo.git(&[&["rev-list", "--objects"], &range[..]].concat());
        let ids: String = list.lines().map(|line| format!("{}\n", &line[..id_digits()])).collect();
        let args = ["pack-objects", "-q", "--delta-base-offset", ".git/objects/pack/pack"];
        repo.git_in("", &args, ids.as_bytes());
    }
    assert!(findings() == before, "seed {seed}: several packs and loose");
    repo.git(&["prune-packed", "-q"]);
    repo.git(&["multi-pack-index", "write"]);
    assert!(findings() == before, "seed {seed}: several packs");
    // All objects borrowed.
    let store = repo.path().join("store");
    std::fs::rename(repo.path().join(".git/objects"), &store).unwrap();
    let info = repo.path().join(".git/objects/info");
    std::fs::create_dir_all(&info).unwrap();
    std::fs::write(info.join("alternates"), store.to_str().unwrap()).unwrap();
    assert!(findings() == before, "seed {seed}: borrowed");
    assert!(Path::new(&store).is_dir());
}
