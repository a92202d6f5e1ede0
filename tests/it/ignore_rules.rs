//! Ignore files of random trees hide what git ignores, and nothing else: `git ls-files -co
//! --exclude-standard` says what git would commit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use keyside::model::Notice;
use keyside::rules::Rng;
use keyside::source::{NamedChunk, Sink, SkipReason, TreeOptions, walk};
use keyside::suppress::PathPatterns;

use crate::support::{Dir, Run, SECRET, number_of};

/// Trees for one run of the suite, many of them in one repository; `just random-ignores` sets another number.
const TREES: u64 = 600;

/// Of so many trees, one also is a repository of its own.
const ALONE: u64 = 4;

/// Trees in one repository.
const FOREST: u64 = 150;

/// Parts of names. Most have a meaning in patterns.
const NAMES: [&str; 26] = [
    "a", "b", "ab", "A", "x.env", "é", "[", "]", "{", "}", ",", "{a,b}", " ", "!", "#", "*", "?",
    "\\", "-", ".", ":", "\t", "\u{a0}", "**", "[a]", "1",
];

/// Parts of patterns.
const PARTS: [&str; 45] = [
    "a",
    "b",
    "ab",
    "A",
    "*",
    "*",
    "*",
    "**",
    "**/",
    "/**",
    "/**/",
    "***",
    "?",
    "??",
    "/",
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-c]",
    "[]a]",
    "[!]a]",
    "[a",
    "[",
    "]",
    "[[:alpha:]]",
    "[[:punct:]]",
    "[[:space:]]",
    "[[:x:]]",
    "[:alpha:]",
    "[\\]]",
    "[a\\-c]",
    "[/]",
    "[--0]",
    "\\",
    "\\*",
    "\\a",
    "\\/",
    "{a,b}",
    " ",
    "\\ ",
    "\t",
    "\u{a0}",
    "!",
    "#",
    ".env",
];

/// Patterns whose meaning differs between versions of git: less may be hidden than git ignores.
fn is_ambiguous(rules: &[String]) -> bool {
    let lines = rules.iter().flat_map(|text| text.split('\n'));
    lines.into_iter().any(|line| {
        let line = line.trim_start_matches('!');
        line.find("**").is_some_and(|at| at > 0 && !line[..at].ends_with('/'))
    })
}

struct Tree {
    rng: Rng,
    top: PathBuf,
    /// The paths of all files.
    files: Vec<String>,
    /// The texts of all ignore files.
    rules: Vec<String>,
}

impl Tree {
    fn new(seed: u64, top: PathBuf) -> Self {
        let mut tree = Self { rng: Rng::new(seed), top, files: Vec::new(), rules: Vec::new() };
        fs::create_dir_all(&tree.top).unwrap();
        let mut folders = vec![String::new()];
        for _ in 0..tree.rng.below(4) {
            let folder = format!("{}{}/", tree.any(&folders), tree.name());
            if fs::create_dir_all(tree.top.join(&folder)).is_ok() {
                folders.push(folder);
            }
        }
        for _ in 0..3 + tree.rng.below(6) {
            let file = format!("{}{}", tree.any(&folders), tree.name());
            let path = tree.top.join(&file);
            if path.symlink_metadata().is_err() {
                match tree.rng.below(12) {
                    0 => symlink(".", path).unwrap(),
                    _ => fs::write(path, "x").unwrap(),
                }
                tree.files.push(file);
            }
        }
        for folder in folders {
            if folder.is_empty() || tree.rng.below(3) == 0 {
                tree.rule_file(&format!("{folder}.gitignore"));
            }
        }
        tree
    }

    fn any(&mut self, all: &[String]) -> String {
        all[self.rng.below(all.len())].clone()
    }

    fn name(&mut self) -> String {
        let count = 1 + self.rng.below(2);
        let name: String = (0..count).map(|_| NAMES[self.rng.below(NAMES.len())]).collect();
        if matches!(&name[..], "." | "..") { "a".to_owned() } else { name }
    }

    fn rule_file(&mut self, name: &str) {
        let mut text = String::new();
        if self.rng.below(20) == 0 {
            text.push('\u{feff}');
        }
        for _ in 0..1 + self.rng.below(5) {
            text += &self.pattern();
            text += ["\n", "\n", "\n", "\r\n", " \n", "\r\r\n", "\n\n"][self.rng.below(7)];
        }
        if self.rng.below(4) == 0 {
            text.pop();
        }
        fs::write(self.top.join(name), &text).unwrap();
        self.rules.push(text);
    }

    /// A pattern: a path of the tree with some parts replaced, or anything.
    fn pattern(&mut self) -> String {
        let mut pattern = String::new();
        if self.rng.below(5) == 0 {
            pattern.push('!');
        }
        if self.rng.below(4) == 0 || self.files.is_empty() {
            for _ in 0..1 + self.rng.below(5) {
                pattern += PARTS[self.rng.below(PARTS.len())];
            }
            return pattern;
        }
        let files = self.files.clone();
        let path = self.any(&files);
        let mut parts: Vec<&str> = path.split('/').collect();
        parts.truncate(1 + self.rng.below(parts.len()));
        let from = if self.rng.below(2) == 0 { parts.len() - 1 } else { 0 };
        let path = parts[from..].join("/");
        if self.rng.below(4) == 0 {
            pattern.push('/');
        }
        let rate = 2 + self.rng.below(8);
        for character in path.chars() {
            match self.rng.below(rate) {
                0 => pattern += PARTS[self.rng.below(PARTS.len())],
                1 => {
                    pattern.push('\\');
                    pattern.push(character);
                }
                _ => pattern.push(character),
            }
        }
        if self.rng.below(4) == 0 {
            pattern.push('/');
        }
        pattern
    }

    /// Makes it a repository.
    fn init(&mut self) {
        for folder in [".git/objects", ".git/refs", ".git/info"] {
            fs::create_dir_all(self.top.join(folder)).unwrap();
        }
        fs::write(self.top.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        let case = self.rng.below(8) == 0;
        let config = format!("[core]\n\texcludesFile = .git/own\n\tignoreCase = {case}\n");
        fs::write(self.top.join(".git/config"), config).unwrap();
        for file in [".git/own", ".git/info/exclude"] {
            if self.rng.below(2) == 0 {
                self.rule_file(file);
            }
        }
        if self.rng.below(8) == 0 && !case {
            let files = self.files.clone();
            let file = self.any(&files);
            self.git(&["--literal-pathspecs", "add", "-f", "--", &file]);
        }
    }

    fn git(&self, args: &[&str]) -> BTreeSet<String> {
        git_names(&self.top, args)
    }

    fn walked(&self, options: &TreeOptions) -> BTreeSet<String> {
        walked(&self.top, options)
    }

    fn compare(&self, seed: u64, read: &BTreeSet<String>, expected: &BTreeSet<String>) {
        let missed: Vec<_> = expected.difference(read).collect();
        assert!(missed.is_empty(), "seed {seed} misses {missed:?}\n{self}");
        let more: Vec<_> = read.difference(expected).collect();
        let is_exact = more.is_empty() || is_ambiguous(&self.rules);
        assert!(is_exact, "seed {seed} also reads {more:?}\n{self}");
    }
}

impl std::fmt::Display for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let config = fs::read_to_string(self.top.join(".git/config")).unwrap_or_default();
        writeln!(f, "files {:?}\nrules {:?}\n{config}", self.files, self.rules)
    }
}

/// The names that git prints in a folder.
fn git_names(top: &Path, args: &[&str]) -> BTreeSet<String> {
    let output = Command::new("git").args(args).current_dir(top).output().unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    let names = output.stdout.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    names.map(|name| String::from_utf8(name.to_vec()).unwrap()).collect()
}

/// The names of what is read in a folder.
fn walked(top: &Path, options: &TreeOptions) -> BTreeSet<String> {
    let all = Mutex::default();
    walk(&[top.to_owned()], options, || Names { top, all: &all });
    all.into_inner().unwrap()
}

/// Collects the names of what is read.
struct Names<'n> {
    top: &'n Path,
    all: &'n Mutex<BTreeSet<String>>,
}

impl Names<'_> {
    fn add(&self, path: &Path) {
        let path = path.strip_prefix(self.top).unwrap().to_str().unwrap().to_owned();
        self.all.lock().unwrap().insert(path);
    }
}

impl Sink for Names<'_> {
    fn chunk(&mut self, item: NamedChunk<'_>) {
        self.add(item.path);
    }

    fn link(&mut self, path: &Path, _: &[u8], _: bool) {
        self.add(path);
    }

    fn build_input(&mut self, _: &Path, _: &[u8]) {}

    fn skipped(&mut self, path: &Path, _: SkipReason) {
        self.add(path);
    }

    fn notice(&mut self, notice: Notice) {
        panic!("{notice:?}");
    }
}

/// The first seed, and the number of seeds.
fn seeds() -> (u64, u64) {
    let first = number_of("KEYSIDE_FIRST_SEED").unwrap_or(1);
    (first, number_of("KEYSIDE_RANDOM_TREES").unwrap_or(TREES))
}

/// Calls `each` with every seed, in as many threads as there are processors.
fn each_seed((first, count): (u64, u64), each: impl Fn(u64, PathBuf) + Sync) {
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get()) as u64;
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (each, folder) = (&each, folder.path());
            scope.spawn(move || {
                for seed in (first..first + count).filter(|seed| seed % threads == thread) {
                    let top = folder.join(seed.to_string());
                    each(seed, top.clone());
                    fs::remove_dir_all(top).unwrap();
                }
            });
        }
    });
}

#[test]
fn random_trees_are_read_as_git_lists_them() {
    let (first, count) = seeds();
    each_seed((first, count.div_ceil(ALONE)), |seed, top| {
        let mut tree = Tree::new(seed, top);
        tree.init();
        let listed = tree.git(&["ls-files", "-zco", "--exclude-standard"]);
        let options = TreeOptions { threads: 1, ..TreeOptions::default() };
        tree.compare(seed, &tree.walked(&options), &listed);
    });
}

/// The same for many trees in one repository, which is quicker: their ignore files are those of subfolders.
#[test]
fn random_trees_of_one_repository_are_read_as_git_lists_them() {
    let (first, count) = seeds();
    each_seed((first, count.div_ceil(FOREST)), |number, top| {
        fs::create_dir(&top).unwrap();
        let start = first + (number - first) * FOREST;
        let seeds = start..(start + FOREST).min(first + count);
        let mut trees: Vec<_> =
            seeds.map(|seed| (seed, Tree::new(seed, top.join(seed.to_string())))).collect();
        for folder in [".git/objects", ".git/refs"] {
            fs::create_dir_all(top.join(folder)).unwrap();
        }
        fs::write(top.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        let case = number.is_multiple_of(8);
        fs::write(top.join(".git/config"), format!("[core]\n\tignoreCase = {case}\n")).unwrap();
        let mut add =
            vec!["--literal-pathspecs".to_owned(), "add".into(), "-f".into(), "--".into()];
        for (seed, tree) in &mut trees {
            // With `ignoreCase`, git takes `a` for the `A` that it tracks, and does not list it.
            if tree.rng.below(8) == 0 && !case {
                let files = tree.files.clone();
                add.push(format!("{seed}/{}", tree.any(&files)));
            }
        }
        if add.len() > 4 {
            git_names(&top, &add.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let mut listed = by_tree(git_names(&top, &["ls-files", "-zco", "--exclude-standard"]));
        let options = TreeOptions { threads: 1, ..TreeOptions::default() };
        let mut read = by_tree(walked(&top, &options));
        for (seed, tree) in &trees {
            let [read, listed] =
                [&mut read, &mut listed].map(|all| all.remove(seed).unwrap_or_default());
            tree.compare(*seed, &read, &listed);
        }
        assert!(read.is_empty() && listed.is_empty(), "{read:?} {listed:?}");
    });
}

/// Names by the trees that they begin with.
fn by_tree(names: BTreeSet<String>) -> BTreeMap<u64, BTreeSet<String>> {
    let mut all = BTreeMap::<_, BTreeSet<_>>::new();
    for name in names {
        let (tree, rest) = name.split_once('/').unwrap();
        all.entry(tree.parse().unwrap()).or_default().insert(rest.to_owned());
    }
    all
}

#[test]
fn random_patterns_exclude_what_git_would() {
    let (first, count) = seeds();
    each_seed((first, count.div_ceil(ALONE)), |seed, top| {
        let mut tree = Tree::new(seed, top);
        fs::remove_file(tree.top.join(".gitignore")).unwrap();
        tree.init();
        fs::write(tree.top.join(".git/config"), "").unwrap();
        let patterns: Vec<_> = (0..4).map(|_| tree.pattern()).collect();
        let new = |pattern: &String| PathPatterns::new(&tree.top, std::iter::once(&pattern[..]));
        let patterns: Vec<_> = patterns.into_iter().filter(|own| new(own).is_ok()).collect();
        // In a file, `#` begins a comment.
        let quoted = patterns
            .iter()
            .map(|own| format!("{}{own}\n", if own.starts_with('#') { "\\" } else { "" }));
        fs::write(tree.top.join(".git/x"), quoted.collect::<String>()).unwrap();
        let expected = tree.git(&["ls-files", "-zco", "-X", ".git/x"]);
        tree.rules = vec![patterns.join("\n")];
        let own = PathPatterns::new(&tree.top, patterns.iter().map(String::as_str)).unwrap();
        let mut read = tree.walked(&TreeOptions { no_ignore: true, ..TreeOptions::default() });
        let tracked = tree.git(&["ls-files", "-z"]);
        read.retain(|path| {
            tracked.contains(path) || own.matched(&tree.top.join(path), false).is_none()
        });
        tree.compare(seed, &read, &expected);
    });
}

/// A repository in `r` with files that hold a key; the home folder is empty.
fn planted(files: &[&str]) -> Dir {
    let dir = Dir::new();
    git(&dir, &["init", "-q", "r"]);
    for file in files {
        dir.write(&format!("r/{file}"), dir.key(SECRET));
    }
    dir
}

fn git(dir: &Dir, args: &[&str]) {
    let mut command = Command::new("git");
    command
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(["-c", "protocol.file.allow=always"])
        .args(args)
        .current_dir(dir.path())
        .env("HOME", dir.home());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
}

fn scan_in(dir: &Dir, folder: &str, variables: &[(&str, &str)]) -> Run {
    let folder = dir.path().join(folder);
    let mut run = dir.command(&["scan"], b"").with(|command| {
        command.current_dir(folder);
    });
    for (name, value) in variables {
        run = run.env(name, value);
    }
    run.finish(dir)
}

/// Git itself says for each case if it ignores the file.
#[test]
fn the_users_own_ignore_file_is_the_one_that_git_takes() {
    let home = |dir: &Dir, name: &str, text: &str| {
        let path = dir.home().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace("HOME", dir.home().to_str().unwrap())).unwrap();
    };
    let ignore = ".config/git/ignore";
    // Files in the home folder, the repository's configuration, variables.
    type Case<'c> = (&'c [(&'c str, &'c str)], &'c str, &'c [(&'c str, &'c str)]);
    let cases: &[Case<'_>] = &[
        (&[], "", &[]),
        (&[(ignore, "*.env\n")], "", &[]),
        (&[(ignore, "/sub/x.env\n")], "", &[]),
        (&[(ignore, "/x.env\n")], "", &[]),
        (&[(ignore, "*.env"), ("xdg/git/ignore", "*.pem")], "", &[("XDG_CONFIG_HOME", "HOME/xdg")]),
        (&[("xdg/git/ignore", "*.env")], "", &[("XDG_CONFIG_HOME", "HOME/xdg")]),
        (&[("gi", "*.env"), (".gitconfig", "[core]\n excludesFile = ~/gi\n")], "", &[]),
        (&[("gi", "*.env"), (".gitconfig", "[CORE]\nexcludesfile=\"~/gi\"   # mine\n")], "", &[]),
        (&[("g i", "*.env"), (".gitconfig", "[core] excludesFile = ~/\"g i\" ; x\n")], "", &[]),
        (&[("gi", "*.env"), (".gitconfig", "[core]\nexcludesFile = ~/g\\\ni\n")], "", &[]),
        (&[("gi", "*.env"), (".gitconfig", "[core \"x\"]\nexcludesFile = ~/gi\n")], "", &[]),
        (&[("gi", "*.env"), (".config/git/config", "[core]\nexcludesFile = HOME/gi\n")], "", &[]),
        (&[(ignore, "*.env"), (".gitconfig", "[core]\nexcludesFile = ~/none\n")], "", &[]),
        (&[(ignore, "*.env"), (".gitconfig", "[core]\nexcludesFile =\n")], "", &[]),
        (&[(ignore, "*.env")], "[core]\n\texcludesFile = /dev/null\n", &[]),
        (&[("gi", "*.env"), ("no", "")], "[core]\n\texcludesFile = ~/gi\n", &[]),
        (
            &[("gi", "*.env"), (".gitconfig", "[core]\nexcludesFile = ~/gi\n")],
            "[core]\n\texcludesFile = ~/none\n",
            &[],
        ),
        (&[], "[core]\n\texcludesFile = sub/own\n", &[]),
        (
            &[
                ("gi", "*.env"),
                ("more", "[core]\nexcludesFile = ~/gi\n"),
                (".gitconfig", "[include]\npath = more\n"),
            ],
            "",
            &[],
        ),
        (
            &[
                ("gi", "*.env"),
                ("more", "[core]\nexcludesFile = ~/gi\n"),
                (".gitconfig", "[includeIf \"gitdir:**/r/.git\"]\npath = more\n"),
            ],
            "",
            &[],
        ),
        (
            &[
                ("gi", "*.env"),
                ("more", "[core]\nexcludesFile = ~/gi\n"),
                (".gitconfig", "[includeIf \"gitdir:**/other/\"]\npath = more\n"),
            ],
            "",
            &[],
        ),
        (
            &[(ignore, "*.env"), ("gi", ""), ("g", "[core]\nexcludesFile = ~/gi\n")],
            "",
            &[("GIT_CONFIG_GLOBAL", "HOME/g")],
        ),
        (
            &[("gi", "*.env"), (".gitconfig", "[core]\nexcludesFile = ~/gi\n")],
            "",
            &[("GIT_CONFIG_GLOBAL", "/dev/null")],
        ),
        (
            &[("gi", "*.env"), ("s", "[core]\nexcludesFile = ~/gi\n")],
            "",
            &[("GIT_CONFIG_SYSTEM", "HOME/s")],
        ),
        (
            &[("gi", "*.env"), ("s", "[core]\nexcludesFile = ~/gi\n")],
            "",
            &[("GIT_CONFIG_SYSTEM", "HOME/s"), ("GIT_CONFIG_NOSYSTEM", "1")],
        ),
        (
            &[("gi", "*.env")],
            "[core]\n\texcludesFile = /dev/null\n",
            &[
                ("GIT_CONFIG_COUNT", "1"),
                ("GIT_CONFIG_KEY_0", "core.excludesfile"),
                ("GIT_CONFIG_VALUE_0", "~/gi"),
            ],
        ),
        (&[], "[core]\n\tignoreCase = true\n\texcludesFile = sub/case\n", &[]),
    ];
    for (files, config, variables) in cases {
        let dir = planted(&["sub/x.env"]);
        for (name, text) in *files {
            home(&dir, name, text);
        }
        dir.write("r/sub/own", "*.env\n");
        dir.write("r/sub/case", "*.ENV\n");
        let own = fs::read_to_string(dir.path().join("r/.git/config")).unwrap();
        dir.write("r/.git/config", own + config);
        let at = dir.home().to_str().unwrap();
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (*name, value.replace("HOME", at))).collect();
        let mut command = Command::new("git");
        command.args(["check-ignore", "-q", "sub/x.env"]).current_dir(dir.path().join("r"));
        command.env_remove("XDG_CONFIG_HOME").env("HOME", at);
        command.envs(variables.iter().map(|(name, value)| (*name, value)));
        let is_ignored = command.status().unwrap().success();
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for folder in ["r", "r/sub"] {
            let run = scan_in(&dir, folder, &variables);
            let case = format!("{files:?} {config:?} {variables:?} {folder}");
            assert_eq!(run.code, i32::from(!is_ignored), "{case}\n{run}");
        }
    }
}

/// Each repository below what is scanned has an index and ignore rules of its own.
#[test]
fn repositories_in_a_tree_have_their_own_rules() {
    let dir = planted(&[".env", "own.env"]);
    dir.write("r/.gitignore", "*.env\n.env\n");
    dir.write("r/.git/info/exclude", "untracked\n");
    git(&dir, &["-C", "r", "add", "-f", ".env", ".gitignore"]);
    git(&dir, &["-C", "r", "commit", "-qm", "all"]);
    fs::create_dir(dir.path().join("clones")).unwrap();
    git(&dir, &["clone", "-q", "r", "clones/r"]);
    git(&dir, &["init", "-q", "above"]);
    dir.write("above/.gitignore", "kept.txt\n");
    git(&dir, &["-C", "above", "submodule", "-q", "add", "../r", "sub"]);
    git(&dir, &["clone", "-q", "r", "above/vend"]);
    dir.write("above/vend/kept.txt", dir.key(SECRET));
    git(&dir, &["-C", "r", "worktree", "add", "-q", "linked"]);
    dir.write("r/linked/untracked", dir.key(SECRET));
    for (scanned, expected) in [
        ("clones", &["clones/r/.env"][..]),
        ("above", &["above/sub/.env", "above/vend/.env", "above/vend/kept.txt"]),
        ("above/vend", &["above/vend/.env", "above/vend/kept.txt"]),
        ("r/linked", &["r/linked/.env"]),
        ("r", &["r/.env", "r/linked/.env"]),
    ] {
        let (_, report) = dir.json(&[scanned]);
        let findings = report["findings"].as_array().unwrap().iter();
        let places = findings.flat_map(|finding| finding["occurrences"].as_array().unwrap());
        let mut read: Vec<_> = places.map(|place| place["path"].as_str().unwrap()).collect();
        read.sort_unstable();
        assert_eq!(read, expected, "{scanned}");
    }
    // An ignored one is not entered.
    dir.write("above/.gitignore", "vend/\n");
    assert!(!dir.run(&["scan", "above"]).stdout.contains("above/vend"));
}

#[test]
fn links_that_lead_out_are_named_and_the_texts_of_all_are_searched() {
    let dir = planted(&[]);
    let key = dir.key(SECRET);
    dir.write("out.txt", "x");
    dir.write("r/in.txt", "x");
    dir.write("r/.gitignore", "tracked\n");
    for (target, name) in [
        ("../out.txt", "r/one"),
        ("in.txt", "r/inner"),
        ("nowhere", "r/dangling"),
        ("/", "r/root"),
        (&format!("/x/{key}"), "r/key"),
        (&format!("/y/{key}"), "r/tracked"),
    ] {
        symlink(target, dir.path().join(name)).unwrap();
    }
    let run = dir.run(&["scan", "r", "-f", "json"]).expect(1);
    let report = run.json();
    let places = report["findings"][0]["occurrences"].as_array().unwrap();
    assert_eq!((places.len(), &places[0]["path"]), (1, &"r/key".into()));
    assert_eq!(report["scan"]["skips"]["links"], 5);
    let notice = &report["scan"]["notices"][0];
    assert_eq!((&notice["kind"], &notice["incomplete"]), (&"links-out".into(), &false.into()));
    let message = "2 links lead out of what is scanned and were not followed: r/one, r/root";
    assert_eq!(notice["message"], message);
    dir.run(&["scan", "r"]).expect(1).out(message);
    // Git commits the text of a link that it tracks, whatever ignores it.
    git(&dir, &["-C", "r", "add", "-f", "tracked"]);
    let report = dir.run(&["scan", "r", "-f", "json"]).expect(1).json();
    assert_eq!(report["findings"][0]["occurrences"].as_array().unwrap().len(), 2);
    assert_eq!(report["scan"]["skips"]["links"], 6);
    // The link that is named leads to what is scanned.
    dir.run(&["scan", "r", "out.txt", "-f", "json"]).expect(1).out("1 link leads out");
}
