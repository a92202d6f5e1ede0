//! Who may accept what of a change: the rows of docs/security-model.md, one test each.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;

use keyside::rules::Rng;
use serde_json::Value;

use crate::repositories::Repo;
use crate::support::{SECRET, TOKEN};

/// The expected exit codes: of a range, of a range with `--trust-head`, and of the commit.
type Codes = [i32; 3];

/// A row of the table: its name, the files before, the change, and the exit codes.
struct Row {
    name: &'static str,
    base: fn(&Case),
    change: fn(&Case),
    codes: Codes,
}

/// A repository in which a change is made, and keys to make it with.
pub(crate) struct Case {
    pub(crate) repo: Repo,
    pub(crate) key: String,
    pub(crate) token: String,
    id: String,
}

impl Case {
    pub(crate) fn new() -> Self {
        let repo = Repo::with(&[("README", "x\n")]);
        let (key, token) = (repo.dir.key(SECRET), repo.dir.key(TOKEN));
        let report = repo.dir.pipe(&["stdin", "-f", "json"], key.as_bytes()).expect(1).json();
        let id = report["findings"][0]["id"].as_str().unwrap().to_owned();
        Self { repo, key, token, id }
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        self.repo.dir.write(path, text);
    }

    fn remove(&self, path: &str) {
        std::fs::remove_file(self.repo.path().join(path)).unwrap();
    }

    /// Writes the key into a file.
    fn leak(&self, path: &str) {
        self.write(path, format!("k = '{}'\n", self.key));
    }

    fn baseline(&self, path: &str) {
        self.write(path, format!("version = 1\nfinding = [\n  {{ id = \"{}\" }},\n]\n", self.id));
    }
}

/// A rule of the project for keys that no other rule finds.
pub(crate) fn own_rule(more: &str) -> String {
    format!("[[rule]]\nid = \"own-key\"\npattern = 'own_[0-9a-f]{{32}}'\n{more}\n")
}

fn own_key() -> String {
    format!("own_{}", Rng::new(7).text("0123456789abcdef", 32))
}

const OPEN: Codes = [1, 1, 1];
const ONLY_BY_CHANGE: Codes = [1, 0, 0];
const ACCEPTED: Codes = [0, 0, 0];
const USAGE: Codes = [2, 2, 2];

const ROWS: &[Row] = &[
    Row { name: "a key", base: |_| {}, change: |case| case.leak("a.py"), codes: OPEN },
    Row {
        name: "a key with a marker",
        base: |_| {},
        change: |case| case.write("a.py", format!("k = '{}' # keyside:allow t\n", case.key)),
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a key with a marker of another tool",
        base: |_| {},
        change: |case| {
            case.write("a.py", format!("k = '{}' # gitleaks:allow\n", case.key));
            case.write("b.py", format!("k = '{}' # pragma: allowlist secret\n", case.token));
        },
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "another key under an old marker",
        base: |case| case.write("a.py", format!("# keyside:allow\nk = '{}'\n", case.token)),
        change: |case| case.write("a.py", format!("# keyside:allow\nk = '{}'\n", case.key)),
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a key and its id",
        base: |_| {},
        change: |case| {
            case.leak("a.py");
            case.write(".keysideignore", format!("{} a test key\n", case.id));
        },
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a key and a path pattern",
        base: |case| case.write(".keysideignore", "docs/\n"),
        change: |case| {
            case.leak("src/a.py");
            case.write(".keysideignore", "docs/\nsrc/\n");
        },
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a key and an ignore file in UTF-16",
        base: |_| {},
        change: |case| {
            case.leak("src/a.py");
            let wide = "\u{feff}src/\n".encode_utf16().flat_map(u16::to_le_bytes);
            case.write(".keysideignore", wide.collect::<Vec<_>>());
        },
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a key and a nested ignore file",
        base: |_| {},
        change: |case| {
            case.leak("src/a/b.py");
            case.write("src/.keysideignore", "*\n");
        },
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a folder renamed with its ignore file",
        base: |case| {
            case.write("fixtures/.keysideignore", "*\n");
            case.write("fixtures/x.txt", "x\n");
        },
        change: |case| {
            let path = case.repo.path();
            std::fs::rename(path.join("fixtures"), path.join("src")).unwrap();
            case.leak("src/a.py");
        },
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a key and `exclude`",
        base: |_| {},
        change: |case| {
            case.leak("src/a.py");
            case.write("keyside.toml", "exclude = [\"src/\"]\n");
        },
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a key and `disable`",
        base: |_| {},
        change: |case| {
            case.leak("src/a.py");
            case.write("keyside.toml", "disable = [\"magicx-secret-key\"]\n");
        },
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a key and a baseline",
        base: |_| {},
        change: |case| {
            case.leak("src/a.py");
            case.write("keyside.toml", "baseline = \"known.toml\"\n");
            case.baseline("known.toml");
        },
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a key and an entry of an old baseline",
        base: |case| {
            case.write("keyside.toml", "baseline = \"known.toml\"\n");
            case.write("known.toml", "version = 1\n");
        },
        change: |case| {
            case.leak("src/a.py");
            case.baseline("known.toml");
        },
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a key and a link for a configuration",
        base: |case| case.write("lax.toml", "exclude = [\"**\"]\n"),
        change: |case| {
            case.leak("src/a.py");
            symlink("lax.toml", case.repo.path().join("keyside.toml")).unwrap();
        },
        codes: ONLY_BY_CHANGE,
    },
    Row {
        name: "a key and other spellings of names",
        base: |_| {},
        change: |case| {
            case.leak("src/a.py");
            for name in [".KeysideIgnore", ".keysideignore ", "src/.KEYSIDEIGNORE"] {
                case.write(name, "*\n");
            }
            case.write("Keyside.toml", "exclude = [\"**\"]\n");
            case.write("x/keyside.toml", "exclude = [\"**\"]\n");
        },
        codes: OPEN,
    },
    Row {
        name: "a key and git's own settings",
        base: |_| {},
        change: |case| {
            case.leak("src/a.py");
            let all = "* binary -diff -text export-ignore linguist-generated filter=lfs\n";
            case.write(".gitattributes", all);
            case.write(".gitmodules", "[submodule \"x\"]\n\tpath = src\n\turl = ../x\n");
        },
        codes: OPEN,
    },
    Row {
        name: "a key and a folder for a configuration",
        base: |case| {
            case.write("keyside.toml", "rules = [\"rules.toml\"]\n");
            case.write("rules.toml", own_rule(""));
        },
        change: |case| {
            case.remove("keyside.toml");
            case.write("keyside.toml/x", "x\n");
            case.write("a", own_key());
        },
        codes: [1, 0, 0],
    },
    Row {
        name: "a key and no rule for it any more",
        base: |case| {
            case.write("keyside.toml", "rules = [\"rules.toml\"]\n");
            case.write("rules.toml", own_rule(""));
        },
        change: |case| {
            case.remove("keyside.toml");
            case.remove("rules.toml");
            case.write("a", own_key());
        },
        codes: [1, 0, 0],
    },
    Row {
        name: "a key and a milder rule for it",
        base: |case| {
            case.write("keyside.toml", "rules = [\"rules.toml\"]\n");
            case.write("rules.toml", own_rule(""));
        },
        change: |case| {
            case.write("rules.toml", own_rule("class = \"public\""));
            case.write("a", own_key());
        },
        codes: [1, 0, 0],
    },
    Row {
        name: "a key and a wider rule for it",
        base: |case| {
            case.write("keyside.toml", "rules = [\"rules.toml\"]\n");
            case.write("rules.toml", own_rule("").replace("own_[0-9a-f]{32}", "xwn_[0-9a-f]{32}"));
        },
        change: |case| {
            case.write("rules.toml", own_rule(""));
            case.write("a", own_key());
        },
        codes: OPEN,
    },
    Row {
        name: "a key and a disabled rule that takes it over",
        base: |case| {
            case.write("keyside.toml", "rules = [\"rules.toml\"]\ndisable = [\"own-key\"]\n");
            case.write("rules.toml", own_rule(""));
        },
        change: |case| {
            let pattern = "sk_v1_[0-9A-Za-z]{43}";
            case.write("rules.toml", own_rule("").replace("own_[0-9a-f]{32}", pattern));
            case.leak("a.py");
        },
        codes: OPEN,
    },
    Row {
        name: "a key and a rule that makes a pair with it",
        base: |_| {},
        change: |case| {
            case.write("keyside.toml", "rules = [\"rules.toml\"]\n");
            let pair = "pair = { with = \"magicx-secret-key\" }\nplace = { files = [\"nowhere\"] }";
            case.write("rules.toml", own_rule(pair));
            case.write("a.py", format!("k = '{}'\no = '{}'\n", case.key, own_key()));
        },
        codes: OPEN,
    },
    Row {
        name: "a key and a rule for its name",
        base: |_| {},
        change: |case| {
            case.write("keyside.toml", "rules = [\"rules.toml\"]\n");
            let name = "nearby = { words = [\"api_key\"] }\nplace = { files = [\"nowhere\"] }";
            case.write("rules.toml", own_rule(name).replace("own_[0-9a-f]{32}", "[0-9a-f]{32}"));
            case.write("a.yaml", format!("datadog:\n  api_key: {}\n", &own_key()[4..]));
        },
        codes: OPEN,
    },
    Row {
        name: "a key and a faulty rule of the same id",
        base: |case| {
            case.write("keyside.toml", "rules = [\"rules.toml\"]\n");
            case.write("rules.toml", own_rule(""));
        },
        change: |case| {
            case.write("rules.toml", own_rule("pair = { with = \"nothing\" }"));
            case.write("a", own_key());
        },
        codes: [1, 0, 0],
    },
    Row {
        name: "a key and other salt",
        base: |case| case.write(".keysideignore", "salt one\n"),
        change: |case| {
            case.leak("a.py");
            case.write(".keysideignore", format!("salt {}\n", "two"));
        },
        codes: OPEN,
    },
    Row {
        name: "a key and a broken configuration",
        base: |case| case.write("keyside.toml", "exclude = []\n"),
        change: |case| {
            case.leak("src/a.py");
            case.write("keyside.toml", "exclude = [\n");
        },
        codes: USAGE,
    },
    Row {
        name: "a key and a huge ignore file",
        base: |_| {},
        change: |case| {
            case.leak("src/a.py");
            case.write(".keysideignore", "src/\n".repeat(1 << 18));
        },
        codes: USAGE,
    },
    Row {
        name: "a key and the end of its acceptance",
        base: |case| case.write(".keysideignore", "src/\n"),
        change: |case| {
            case.leak("src/a.py");
            case.write(".keysideignore", "docs/\n");
        },
        codes: OPEN,
    },
    Row {
        name: "a key that was accepted before",
        base: |case| {
            case.write(".keysideignore", format!("{} a test key\ndocs/\n", case.id));
            case.write("keyside.toml", "exclude = [\"vendor/\"]\nbaseline = \"known.toml\"\n");
            case.write("known.toml", "version = 1\n");
            case.write("x/.keysideignore", "*.py\n");
        },
        change: |case| {
            case.leak("a.py");
            for path in ["docs/a.py", "vendor/a.py", "x/y/a.py"] {
                case.write(path, format!("k = '{}'\n", case.token));
            }
        },
        codes: ACCEPTED,
    },
    Row {
        name: "an accepted key that moves",
        base: |case| case.write("a.py", format!("k = '{}' # keyside:allow t\n", case.key)),
        change: |case| {
            case.remove("a.py");
            case.write("b/c.py", format!("\n\nkey = '{}' # keyside:allow t\n", case.key));
        },
        codes: ACCEPTED,
    },
    Row {
        name: "a file renamed to an accepted name",
        base: |case| {
            case.write(".keysideignore", "docs/\n");
            case.write("src/a.py", "x\n");
        },
        change: |case| {
            case.remove("src/a.py");
            case.leak("docs/a.py");
        },
        codes: ACCEPTED,
    },
    Row {
        name: "a policy alone",
        base: |_| {},
        change: |case| case.write(".keysideignore", "src/\n"),
        codes: ACCEPTED,
    },
];

/// The findings of a report that only the change accepts, and the other ones.
fn counts(report: &Value) -> (usize, usize) {
    let findings = report["findings"].as_array().unwrap();
    let by_change = findings.iter().filter(|own| !own["accepted_by_change"].is_null()).count();
    (by_change, findings.len() - by_change)
}

#[test]
fn each_row_of_the_security_model_holds() {
    let text = std::fs::read_to_string("docs/security-model.md").unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let documented: BTreeSet<_> = rows.collect();
    for Row { name, base, change, codes } in ROWS {
        assert!(documented.contains(name), "docs/security-model.md has no row `{name}`");
        let case = Case::new();
        base(&case);
        case.repo.commit();
        change(&case);
        case.repo.git(&["add", "-A"]);
        let run = |args: &[&str]| case.repo.dir.run(&[&["git", "-f", "json"], args].concat());
        let staged = run(&["--staged", "--allow-empty"]);
        case.repo.commit();
        let range = run(&["--range", "HEAD^..HEAD"]);
        let trusted = run(&["--range", "HEAD^..HEAD", "--trust-head"]);
        let got = [range.code, trusted.code, staged.code];
        assert_eq!(got, *codes, "{name}\nrange: {range}\ntrusted: {trusted}\nstaged: {staged}");
        if *codes == ONLY_BY_CHANGE && !name.contains("rule") && !name.contains("folder for") {
            let (by_change, open) = counts(&range.json());
            assert!(by_change > 0 && open == 0, "{name}: {range}");
            for run in [&trusted, &staged] {
                let report = run.json();
                let accepted = report["suppressed"].as_array().unwrap();
                assert!(accepted.iter().all(|own| own["by_change"] == true), "{name}: {run}");
                let notices = report["scan"]["notices"].as_array().unwrap();
                let is_told = notices.iter().any(|own| own["kind"] == "accepted-by-change");
                assert!(is_told, "{name}: {run}");
            }
        } else if *codes == ACCEPTED {
            let report = trusted.json();
            let accepted = report["suppressed"].as_array().unwrap();
            assert!(accepted.iter().all(|own| own["by_change"] == false), "{name}: {trusted}");
        }
    }
}

#[test]
fn files_that_the_user_names_count_as_they_were() {
    let case = Case::new();
    case.write("ci/keyside.toml", "exclude = []\n");
    case.write("known.toml", "version = 1\n");
    case.write("ci/rules.toml", own_rule(""));
    case.repo.commit();
    case.leak("src/a.py");
    case.write("ci/keyside.toml", "exclude = [\"src/\"]\nonly = [\"magicx-access-token\"]\n");
    case.baseline("known.toml");
    case.write("ci/rules.toml", own_rule("").replace("own_", "xwn_"));
    case.write("src/b", own_key());
    case.repo.commit();
    let run = |args: &[&str], code: i32| {
        let args = [&["git", "--range", "HEAD^..", "-f", "json"], args].concat();
        counts(&case.repo.dir.run(&args).expect(code).json())
    };
    for args in [&["-c", "ci/keyside.toml"][..], &["-b", "known.toml"]] {
        assert_eq!(run(args, 1), (1, 0), "{args:?}");
        run(&[args, &["--trust-head"]].concat(), 0);
    }
    assert_eq!(run(&["--rules", "ci/rules.toml"], 1), (0, 2));
    // A file that git does not track is the user's.
    case.write("own.toml", "exclude = [\"src/\"]\n");
    run(&["-c", "own.toml"], 0);
    // What it names may be the change's all the same, and so may the target of a link.
    case.write("own.toml", "baseline = \"known.toml\"\n");
    assert_eq!(run(&["-c", "own.toml"], 1), (1, 0));
    symlink("known.toml", case.repo.path().join("link.toml")).unwrap();
    assert_eq!(run(&["-b", "link.toml"], 1), (1, 0));
    case.remove("link.toml");
    // Of a commit, the index counts.
    case.repo.git(&["reset", "-q", "--soft", "HEAD^"]);
    for args in [&["-c", "ci/keyside.toml"][..], &["-b", "known.toml"]] {
        case.repo.dir.run(&[&["git", "--staged"], args].concat()).expect(0);
    }
    case.repo.git(&["reset", "-q", "HEAD", "known.toml"]);
    case.repo.dir.run(&["git", "--staged", "-b", "known.toml"]).expect(1);
}

#[test]
fn the_index_counts_not_the_disk() {
    let case = Case::new();
    case.repo.commit();
    case.leak("src/a.py");
    case.repo.git(&["add", "-A"]);
    let hook = |code| case.repo.dir.run(&["hook", "pre-commit"]).expect(code);
    hook(1);
    // On disk only.
    case.write(".keysideignore", "src/\n");
    case.write("keyside.toml", "exclude = [\"src/\"]\n");
    case.write("src/.keysideignore", "*\n");
    hook(1);
    case.repo.git(&["add", ".keysideignore"]);
    let said = hook(0).stderr;
    let last = said.lines().last().unwrap();
    assert_eq!(
        last,
        "keyside: this commit itself accepts 1 finding, which nothing accepted before"
    );
    // Taken from the disk, it still stands in the index.
    case.remove(".keysideignore");
    hook(0);
    case.repo.git(&["commit", "-q", "--no-verify", "-m", "x"]);
    case.write("src/b.py", format!("k = '{}'\n", case.token));
    case.repo.git(&["add", "src/b.py"]);
    let said = hook(0).stderr;
    assert!(said.contains("1 accepted") && !said.contains("itself"), "{said}");
}

#[test]
fn a_range_says_what_only_it_accepts() {
    let case = Case::new();
    case.write("a.py", format!("k = '{}' # keyside:allow t\n", case.key));
    case.repo.commit();
    for format in
        ["human", "json", "jsonl", "sarif", "github", "markdown", "junit", "gitlab", "html"]
    {
        let args = ["git", "--range", "HEAD^..", "-f", format];
        let run = case.repo.dir.run(&args).expect(1);
        assert!(
            run.stdout.contains("accepted only by this change")
                || format.starts_with("json") && run.stdout.contains("\"accepted_by_change\""),
            "{format}: {run}"
        );
    }
    let args = ["git", "--range", "HEAD^..", "--trust-head"];
    let run = case.repo.dir.run(&args).expect(0);
    run.out("warning: a.py: line 1: only this change itself accepts").out("only by this change");
    let run = case.repo.dir.run(&[&args[..], &["-f", "github"]].concat()).expect(0);
    run.out("::warning title=accepted by this change (magicx-secret-key),file=a.py,line=1");
    // Without suppressions, nothing is accepted.
    let run = case.repo.dir.run(&[&args[..], &["--no-suppress", "-f", "json"]].concat());
    assert_eq!(counts(&run.expect(1).json()), (0, 1));
    case.repo.dir.run(&["git", "--trust-head"]).expect(2);
}

/// Commits on a branch from `start`.
pub(crate) fn branch(case: &Case, name: &str, start: &str) {
    case.repo.git(&["checkout", "-q", "-b", name, start]);
}

#[test]
fn of_diverged_branches_the_base_counts() {
    let case = Case::new();
    case.write("lax/x", "x\n");
    case.write(".keysideignore", "lax/\n");
    case.repo.commit();
    branch(&case, "topic", "main");
    case.leak("src/a.py");
    case.write("lax/a.py", format!("k = '{}'\n", case.token));
    case.repo.commit();
    case.repo.git(&["checkout", "-q", "main"]);
    let run = |range: &str| {
        let run = case.repo.dir.run(&["git", "--range", range, "-f", "json"]);
        (run.code, run.code != 0)
    };
    assert_eq!(run("main..topic"), (1, true));
    // Accepted at the base since the branch began; its head need not know.
    case.write(".keysideignore", "lax/\nsrc/\n");
    case.repo.commit();
    for range in ["main..topic", "main...topic"] {
        assert_eq!(run(range).0, 0, "{range}");
    }
    // No longer accepted there.
    case.write(".keysideignore", "src/\n");
    case.repo.commit();
    for range in ["main..topic", "main...topic"] {
        assert_eq!(run(range).0, 1, "{range}");
    }
    // A merge takes the base's policy over.
    case.write(".keysideignore", "src/\nlax/\n");
    case.repo.commit();
    case.repo.git(&["checkout", "-q", "topic"]);
    case.repo.git(&["merge", "-q", "--no-edit", "main"]);
    assert_eq!(run("main..topic").0, 0);
}

#[test]
fn a_base_that_cannot_be_read_accepts_nothing() {
    let case = Case::new();
    case.write(".keysideignore", "src/\n");
    case.repo.commit();
    let blob = case.repo.git(&["rev-parse", "HEAD:.keysideignore"]);
    case.write("src/b", "clean\n");
    case.write(".keysideignore", "src/\n# more\n");
    case.repo.commit();
    let object = format!(".git/objects/{}/{}", &blob[..2], &blob[2..]);
    let object = case.repo.path().join(object);
    std::fs::remove_file(object).unwrap();
    let run = case.repo.dir.run(&["git", "--range", "HEAD^.."]).expect(3);
    run.err("").out("incomplete").out("clone without --filter and --depth to get all objects");
    case.leak("src/a.py");
    case.repo.commit();
    case.repo.dir.run(&["git", "--range", "HEAD~2.."]).expect(1);
    // One that cannot be parsed says so, and can be mended.
    let case = Case::new();
    case.write("keyside.toml", "exclude = [\n");
    case.repo.commit();
    case.write("keyside.toml", "exclude = []\n");
    case.repo.commit();
    let run = case.repo.dir.run(&["git", "--range", "HEAD^.."]).expect(0);
    run.out("the settings at the base of the change").out("keyside.toml:1");
}

/// A server with a hook, and a clone of it.
fn guarded(args: &[&str]) -> (Case, Repo) {
    let server = Repo { dir: crate::support::Dir::new() };
    server.git(&["init", "-q", "--bare", "-b", "main"]);
    let case = Case::new();
    case.repo.git(&["remote", "add", "origin", server.path().to_str().unwrap()]);
    let install = [&["install-hook", "--type", "pre-receive", "--", "--timeout", "60"], args];
    server.dir.run(&install.concat()).expect(0);
    (case, server)
}

/// Pushes; returns whether the server took it, and what was said.
fn push(case: &Case, args: &[&str]) -> (bool, String) {
    let output = case.repo.try_git(&[&["push", "-q"], args].concat());
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_server_counts_what_it_has() {
    let (case, _server) = guarded(&[]);
    assert!(push(&case, &["origin", "main"]).0);
    // A new branch with a policy of its own.
    branch(&case, "one", "main");
    case.leak("src/a.py");
    case.write(".keysideignore", "src/\n");
    case.repo.commit();
    let (is_taken, said) = push(&case, &["origin", "one"]);
    assert!(!is_taken && said.contains("accepted only by this change"), "{said}");
    assert!(said.contains("accept it before, in a change of its own"), "{said}");
    // Without history, nothing was before.
    case.repo.git(&["checkout", "-q", "--orphan", "two"]);
    case.repo.commit();
    assert!(!push(&case, &["origin", "two"]).0);
    // One branch does not speak for another, in one push or after it.
    case.repo.git(&["checkout", "-q", "-f", "-b", "lax", "main"]);
    case.write(".keysideignore", "src/\n");
    case.repo.commit();
    assert!(!push(&case, &["origin", "lax", "one"]).0);
    assert!(push(&case, &["origin", "lax"]).0);
    assert!(!push(&case, &["origin", "one"]).0);
    assert!(!push(&case, &["origin", "one:other"]).0);
    // Two pushes to one branch: what the branch had counts.
    case.leak("src/a.py");
    case.repo.commit();
    assert!(push(&case, &["origin", "lax"]).0);
    // A forced push: what the branch had, not what the other history says.
    case.repo.git(&["checkout", "-q", "-f", "-b", "forced", "main"]);
    case.write(".keysideignore", "other/\n");
    case.write("other/a.py", format!("k = '{}'\n", case.token));
    case.repo.commit();
    assert!(!push(&case, &["-f", "origin", "forced:lax"]).0);
    // Accepted on the default branch.
    case.repo.git(&["checkout", "-q", "main"]);
    case.write(".keysideignore", "src/\n");
    case.repo.commit();
    assert!(push(&case, &["origin", "main"]).0);
    assert!(push(&case, &["origin", "one"]).0);
}

#[test]
fn a_server_may_trust_whoever_pushes() {
    let (case, _server) = guarded(&["--trust-head"]);
    assert!(push(&case, &["origin", "main"]).0);
    case.write("a.py", format!("k = '{}' # keyside:allow t\n", case.key));
    case.repo.commit();
    let (is_taken, said) = push(&case, &["origin", "main"]);
    assert!(is_taken && said.contains("this push itself accepts 1 finding"), "{said}");
}

#[test]
fn keys_in_messages_are_not_accepted_by_them() {
    let (case, _server) = guarded(&[]);
    assert!(push(&case, &["origin", "main"]).0);
    let message = format!("{} keyside:allow", case.key);
    case.repo.git(&["commit", "-q", "--allow-empty", "-m", &message]);
    case.repo.dir.run(&["git", "--range", "HEAD^.."]).expect(1);
    case.repo.dir.run(&["git", "--range", "HEAD^..", "--trust-head"]).expect(0);
    assert!(!push(&case, &["origin", "main"]).0);
    case.repo.git(&["reset", "-q", "HEAD^"]);
    case.repo.git(&["tag", "-a", "-m", &message, "v1"]);
    assert!(!push(&case, &["origin", "v1"]).0);
}
