//! Changes that make an existing secret reach a client, staged and as a commit.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::repo::Repo;
use crate::support::SECRET;

/// Files by path; `{key}` in them is replaced with the key.
type Files<'f> = &'f [(&'f str, &'f str)];

/// A change of a project that holds one key.
struct Case {
    name: &'static str,
    before: Files<'static>,
    /// Files that the change writes.
    after: Files<'static>,
    /// Files that the change removes.
    gone: &'static [&'static str],
    /// Kind, path and line of each leak that the change adds.
    expect: &'static [(&'static str, &'static str, u64)],
}

const NEXT: (&str, &str) =
    ("package.json", "{\"name\": \"web\", \"dependencies\": {\"next\": \"15.1.0\"}}\n");
const VITE: (&str, &str) =
    ("package.json", "{\"name\": \"web\", \"devDependencies\": {\"vite\": \"6.0.0\"}}\n");
const KEYS: (&str, &str) = ("lib/keys.ts", "export const key = '{key}'\n");
const SHOWN: &str = "import { key } from '../lib/keys'\nexport const W = () => key\n";
const CLIENT: &str =
    "'use client'\nimport { key } from '../lib/keys'\nexport const W = () => key\n";
const BARE: &str = "'use client'\nexport const W = () => <i>x</i>\n";
const PAGE: (&str, &str) = ("app/page.tsx", "import { W } from './w'\nexport default W\n");
const INDEX: (&str, &str) = ("index.html", "<script type=module src=/src/main.js></script>\n");
const LITERAL: &str = "client-secret-literal";

const CASES: [Case; 16] = [
    Case {
        name: "a component becomes one of the client",
        before: &[NEXT, KEYS, PAGE, ("app/w.tsx", SHOWN)],
        after: &[("app/w.tsx", CLIENT)],
        gone: &[],
        expect: &[(LITERAL, "lib/keys.ts", 1)],
    },
    Case {
        name: "a component becomes one of the server",
        before: &[NEXT, KEYS, PAGE, ("app/w.tsx", CLIENT)],
        after: &[("app/w.tsx", SHOWN)],
        gone: &[],
        expect: &[],
    },
    Case {
        name: "client code imports a module with a key",
        before: &[NEXT, KEYS, PAGE, ("app/w.tsx", BARE)],
        after: &[("app/w.tsx", CLIENT)],
        gone: &[],
        expect: &[(LITERAL, "lib/keys.ts", 1)],
    },
    Case {
        name: "client code imports it no more",
        before: &[NEXT, KEYS, PAGE, ("app/w.tsx", CLIENT)],
        after: &[("app/w.tsx", BARE)],
        gone: &[],
        expect: &[],
    },
    Case {
        name: "lines are moved",
        before: &[NEXT, KEYS, PAGE, ("app/w.tsx", CLIENT)],
        after: &[
            (
                "app/w.tsx",
                "'use client'\n\n\nimport { key } from '../lib/keys'\nexport const W = () => key\n",
            ),
            ("lib/keys.ts", "// one\n\nexport const key = '{key}'\n"),
        ],
        gone: &[],
        expect: &[],
    },
    Case {
        name: "a module with a key is moved, and leaks as before",
        before: &[NEXT, KEYS, PAGE, ("app/w.tsx", CLIENT)],
        after: &[
            ("server/keys.ts", KEYS.1),
            (
                "app/w.tsx",
                "'use client'\nimport { key } from '../server/keys'\nexport const W = () => key\n",
            ),
        ],
        gone: &["lib/keys.ts"],
        expect: &[],
    },
    Case {
        name: "a component is moved among the pages",
        before: &[
            NEXT,
            ("pages/index.tsx", "export default () => 1\n"),
            ("lib/a.tsx", "export default () => '{key}'\n"),
        ],
        after: &[("pages/a.tsx", "export default () => '{key}'\n")],
        gone: &["lib/a.tsx"],
        expect: &[(LITERAL, "pages/a.tsx", 1)],
    },
    Case {
        name: "a prefix makes a variable public",
        before: &[
            VITE,
            INDEX,
            (".env", "APP_KEY={key}\n"),
            ("vite.config.js", "export default {}\n"),
            ("src/main.js", "show(import.meta.env.APP_KEY)\n"),
        ],
        after: &[("vite.config.js", "export default { envPrefix: 'APP_' }\n")],
        gone: &[],
        expect: &[("client-secret-env", "src/main.js", 1), ("public-env-secret", ".env", 1)],
    },
    Case {
        name: "a variable is put into the code",
        before: &[
            NEXT,
            PAGE,
            (".env", "APP_KEY={key}\n"),
            ("next.config.js", "module.exports = {}\n"),
            ("app/w.tsx", "'use client'\nexport const W = () => process.env.APP_KEY\n"),
        ],
        after: &[(
            "next.config.js",
            "module.exports = { env: { APP_KEY: process.env.APP_KEY } }\n",
        )],
        gone: &[],
        expect: &[
            ("build-inline-secret", "next.config.js", 1),
            ("client-secret-env", "app/w.tsx", 2),
        ],
    },
    Case {
        name: "a variable gets a public name",
        before: &[VITE, INDEX, (".env", "APP_KEY={key}\n"), ("src/main.js", "show(1)\n")],
        after: &[(".env", "VITE_APP_KEY={key}\n")],
        gone: &[],
        expect: &[("public-env-secret", ".env", 1)],
    },
    Case {
        name: "a boundary falls",
        before: &[
            NEXT,
            PAGE,
            ("lib/keys.ts", "import './only'\nexport const key = '{key}'\n"),
            ("lib/only.ts", "import 'server-only'\n"),
            ("app/w.tsx", CLIENT),
        ],
        after: &[("lib/only.ts", "export {}\n"), ("lib/keys.ts", "export const key = '{key}'\n")],
        gone: &[],
        expect: &[],
    },
    Case {
        name: "a path leads to another module",
        before: &[
            NEXT,
            KEYS,
            (
                "app/w.tsx",
                "'use client'\nimport { key } from '@/keys'\nexport const W = () => key\n",
            ),
            ("public/keys.ts", "export const key = 'pk'\n"),
            ("tsconfig.json", "{\"compilerOptions\": {\"paths\": {\"@/*\": [\"./public/*\"]}}}\n"),
        ],
        after: &[(
            "tsconfig.json",
            "{\"compilerOptions\": {\"paths\": {\"@/*\": [\"./lib/*\"]}}}\n",
        )],
        gone: &[],
        expect: &[(LITERAL, "lib/keys.ts", 1)],
    },
    Case {
        name: "a file that stood in front of another is gone",
        before: &[
            NEXT,
            ("lib/keys/index.ts", "export const key = '{key}'\n"),
            ("lib/keys.ts", "export const key = 'x'\n"),
            ("app/w.tsx", CLIENT),
        ],
        after: &[],
        gone: &["lib/keys.ts"],
        expect: &[(LITERAL, "lib/keys/index.ts", 1)],
    },
    Case {
        name: "another package of the workspace takes a module in",
        before: &[
            ("package.json", "{\"name\": \"top\", \"workspaces\": [\"packages/*\"]}\n"),
            (
                "packages/web/package.json",
                "{\"name\": \"web\", \"dependencies\": {\"next\": \"15.1.0\", \"shared\": \"*\"}}\n",
            ),
            ("packages/web/app/w.tsx", BARE),
            ("packages/shared/package.json", "{\"name\": \"shared\", \"main\": \"index.ts\"}\n"),
            ("packages/shared/index.ts", "export const key = '{key}'\n"),
        ],
        after: &[(
            "packages/web/app/w.tsx",
            "'use client'\nimport { key } from 'shared'\nexport const W = () => key\n",
        )],
        gone: &[],
        expect: &[(LITERAL, "packages/shared/index.ts", 1)],
    },
    Case {
        name: "a page takes a script in",
        before: &[("index.html", "<p>x</p>\n"), ("keys.js", "window.key = '{key}'\n")],
        after: &[("index.html", "<p>x</p>\n<script src=keys.js></script>\n")],
        gone: &[],
        expect: &[(LITERAL, "keys.js", 1)],
    },
    Case {
        name: "documents do not matter",
        before: &[NEXT, KEYS, PAGE, ("app/w.tsx", CLIENT)],
        after: &[("README.md", "Text.\n"), ("package-lock.json", "{}\n")],
        gone: &[],
        expect: &[],
    },
];

/// Kind, path and line of each finding's first occurrence, and its id.
fn found(report: &Value) -> BTreeSet<(String, String, u64, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let found = findings.map(|finding| {
        let place = &finding["occurrences"][0];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let line = place["start_line"].as_u64().unwrap();
        (text(&finding["kind"]), text(&place["path"]), line, text(&finding["id"]))
    });
    found.collect()
}

fn report(repo: &Repo, args: &[&str]) -> Value {
    let run = repo.keyside(args);
    assert!(matches!(run.code, 0 | 1), "{run}");
    run.json()
}

impl Case {
    fn write(files: Files<'_>, repo: &Repo, key: &str) {
        for (path, text) in files {
            repo.write(path, text.replace("{key}", key));
        }
    }

    fn begin(&self) -> (Repo, String, String) {
        let repo = Repo::new();
        let key = repo.dir.key(SECRET);
        Self::write(self.before, &repo, &key);
        repo.git(&["add", "-A", "-f", "."]);
        let base = repo.commit_staged("Begin");
        (repo, key, base)
    }

    /// Makes the change and stages it.
    fn change(&self, repo: &Repo, key: &str) {
        Self::write(self.after, repo, key);
        for path in self.gone {
            std::fs::remove_file(repo.path().join(path)).unwrap();
        }
        repo.git(&["add", "-A", "-f", "."]);
    }

    /// Faults of a report, given the report of the whole state.
    fn judge(&self, how: &str, report: &Value, whole: &Value) -> Vec<String> {
        let came = found(report);
        let short: BTreeSet<_> = came
            .iter()
            .map(|(kind, path, line, _)| (kind.as_str(), path.as_str(), *line))
            .collect();
        let expect: BTreeSet<_> = self.expect.iter().copied().collect();
        let mut faults = Vec::new();
        if short != expect {
            faults.push(format!("{how}: {short:?}, not {expect:?}"));
        }
        // A scan of everything gives the same finding.
        let all = found(whole);
        faults.extend(came.difference(&all).map(|one| format!("{how}: {one:?} is in no scan")));
        faults
    }
}

#[test]
fn leaks_that_a_change_causes_are_added() {
    let mut text = String::new();
    for case in &CASES {
        let (repo, key, base) = case.begin();
        case.change(&repo, &key);
        let staged = report(&repo, &["--staged"]);
        let cache = repo.dir.home().join("cache");
        let with_cache = ["--staged", "--cache", cache.to_str().unwrap()];
        let cached = [report(&repo, &with_cache), report(&repo, &with_cache)];
        repo.commit_staged("Change");
        let run = repo.dir.run(&["scan", ".", "--no-ignore", "-f", "json"]);
        let scan = run.json();
        let mut faults = case.judge("staged", &staged, &scan);
        for (how, cached) in ["cold", "warm"].iter().zip(&cached) {
            faults.extend(case.judge(how, cached, &scan));
        }
        let range = report(&repo, &["--range", &format!("{base}..")]);
        faults.extend(case.judge("range", &range, &scan));
        repo.add("README.md", "More text.\n");
        let range = report(&repo, &["--range", "HEAD^.."]);
        faults.extend(found(&range).iter().map(|one| format!("later: {one:?}")));
        if !faults.is_empty() {
            text += &format!("{}\n    {}\n", case.name, faults.join("\n    "));
        }
    }
    assert!(text.is_empty(), "\n{text}");
}

/// A repository with the files of a case, and the key that `{key}` stands for.
fn repo(files: Files<'_>) -> (Repo, String) {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    Case::write(files, &repo, &key);
    (repo, key)
}

/// Kind, path and line of the findings of a report.
fn places(report: &Value) -> Vec<(String, String, u64)> {
    found(report).into_iter().map(|(kind, path, line, _)| (kind, path, line)).collect()
}

fn leak() -> Vec<(String, String, u64)> {
    vec![(LITERAL.to_owned(), "lib/keys.ts".to_owned(), 1)]
}

#[test]
fn a_merge_adds_what_neither_side_leaks() {
    let (repo, key) =
        repo(&[NEXT, ("lib/keys.ts", "export const key = 'x'\n"), ("app/w.tsx", BARE)]);
    repo.commit("Begin");
    repo.git(&["checkout", "-q", "-b", "side"]);
    Case::write(&[KEYS], &repo, &key);
    repo.commit("Write the key");
    assert_eq!(places(&report(&repo, &["--range", "HEAD^.."]))[0].0, "secret");
    repo.git(&["checkout", "-q", "main"]);
    repo.add("app/w.tsx", CLIENT);
    assert_eq!(places(&report(&repo, &["--range", "HEAD^.."])), []);
    repo.git(&["merge", "-q", "--no-commit", "side"]);
    assert_eq!(places(&report(&repo, &["--staged"])), leak());
    repo.commit_staged("Merge");
    for range in ["HEAD^1..HEAD", "HEAD^2..HEAD", "HEAD^1^..HEAD"] {
        assert_eq!(places(&report(&repo, &["--range", range])), leak(), "{range}");
    }
}

#[test]
fn a_first_commit_adds_all_its_leaks() {
    let (repo, _) = repo(&[NEXT, KEYS, ("app/w.tsx", CLIENT)]);
    repo.git(&["add", "-A", "."]);
    assert_eq!(places(&report(&repo, &["--staged"])), leak());
    repo.commit_staged("Begin");
    repo.git(&["checkout", "-q", "--orphan", "other"]);
    repo.git(&["rm", "-q", "-r", "-f", "."]);
    repo.add("README.md", "Text.\n");
    assert_eq!(places(&report(&repo, &["--range", "other..main"])), leak());
}

#[test]
fn only_selected_commits_count() {
    let (repo, _) = repo(&[NEXT, KEYS, ("app/w.tsx", BARE)]);
    repo.commit("Begin");
    repo.add("app/w.tsx", CLIENT);
    repo.add("README.md", "Text.\n");
    assert_eq!(places(&report(&repo, &["--range", "HEAD~2.."])), leak());
    assert_eq!(places(&report(&repo, &["--range", "HEAD~2..", "--max-count", "1"])), []);
}

#[test]
fn excluded_files_touch_nothing() {
    let (repo, _) = repo(&[NEXT, KEYS, ("app/w.tsx", BARE)]);
    repo.commit("Begin");
    repo.write("app/w.tsx", CLIENT);
    repo.git(&["add", "-A", "."]);
    assert_eq!(places(&report(&repo, &["--staged", "--exclude", "app/**"])), []);
    repo.commit_staged("Change");
    assert_eq!(places(&report(&repo, &["--range", "HEAD^..", "--exclude", "app/**"])), []);
    assert_eq!(places(&report(&repo, &["--range", "HEAD^.."])), leak());
}

#[test]
fn notices_are_repeated_for_changed_files_only() {
    let broken = "const key = '{key}'\nconst = 1\n";
    let (repo, key) =
        repo(&[NEXT, ("lib/broken.ts", broken), ("app/page.tsx", "export default 1\n")]);
    repo.commit("Begin");
    let notices = |args: &[&str]| {
        let report = report(&repo, args);
        let all = report["scan"]["notices"].as_array().unwrap().iter();
        all.filter(|notice| notice["path"] == "lib/broken.ts").count()
    };
    repo.add("app/page.tsx", "export default 2\n");
    assert_eq!(notices(&["--range", "HEAD^.."]), 0);
    Case::write(&[("lib/broken.ts", &format!("{broken}\n"))], &repo, &key);
    repo.commit("Change");
    assert_eq!(notices(&["--range", "HEAD^.."]), 1);
}

#[test]
fn changes_that_expose_nothing_are_remembered() {
    let (repo, key) = repo(&[NEXT, KEYS, PAGE, ("app/w.tsx", BARE)]);
    repo.commit("Begin");
    let folder = repo.dir.home().join("cache");
    let args = ["--staged", "--cache", folder.to_str().unwrap()];
    let files = || -> Vec<_> {
        let all = std::fs::read_dir(&folder).into_iter().flatten();
        all.map(|file| file.unwrap().path()).collect()
    };
    // The ids in the cache, of changes and of contents with and without seeds: these files have nothing
    // else but heads and checks.
    let ids = || -> Vec<usize> {
        let files = files().into_iter().filter(|file| file.extension().unwrap() == "ids");
        let sizes = files.map(|file| std::fs::read(file).unwrap().len());
        let mut ids: Vec<usize> = sizes.map(|size| size.saturating_sub(72) / 20).collect();
        ids.sort_unstable();
        ids
    };
    let stage = |text: &str| {
        repo.write("app/w.tsx", text);
        repo.git(&["add", "app/w.tsx"]);
    };
    let bare = |number: usize| format!("{BARE}export const n = {number}\n");
    for (text, expected) in
        [(bare(1), [1, 1, 3]), (bare(1), [1, 1, 3]), (bare(2), [1, 2, 4]), (bare(1), [1, 2, 4])]
    {
        stage(&text);
        assert_eq!(places(&report(&repo, &args)), []);
        assert_eq!(ids(), expected, "{text}");
    }
    stage(CLIENT);
    for _ in 0..2 {
        assert_eq!(places(&report(&repo, &args)), leak());
        assert_eq!(ids(), [1, 2, 6]);
    }
    // With other rules or options, it is another change.
    stage(&bare(1));
    report(&repo, &[&args[..], &["--exclude", "x"]].concat());
    // One more file of changes and one of states; modules are the same.
    assert_eq!(files().len(), 7);
    for file in files() {
        let kept = std::fs::read(&file).unwrap();
        assert!(!kept.windows(key.len()).any(|part| part == key.as_bytes()));
        std::fs::write(file, "junk").unwrap();
    }
    assert_eq!(places(&report(&repo, &args)), []);
    assert_eq!(ids().iter().filter(|&&count| count == 1).count(), 2);
    stage(CLIENT);
    assert_eq!(places(&report(&repo, &args)), leak());
}

#[test]
fn a_cache_that_cannot_be_used_is_a_notice() {
    let (repo, _) = repo(&[NEXT, KEYS, PAGE, ("app/w.tsx", BARE)]);
    repo.commit("Begin");
    repo.write("app/w.tsx", CLIENT);
    repo.git(&["add", "app/w.tsx"]);
    let file = repo.dir.home().join("file");
    std::fs::write(&file, "").unwrap();
    let report = report(&repo, &["--staged", "--cache", file.to_str().unwrap()]);
    assert_eq!(places(&report), leak());
    assert_eq!(report["scan"]["notices"][0]["kind"], "cache");
    assert_eq!(report["scan"]["state"], "complete");
}

#[test]
fn an_edit_of_code_that_no_secret_meets_is_not_analysed() {
    let (repo, key) = repo(&[NEXT, KEYS, PAGE, ("app/w.tsx", BARE)]);
    repo.commit("Begin");
    let folder = repo.dir.home().join("cache");
    let args = ["--staged", "--cache", folder.to_str().unwrap()];
    let modules = || -> Vec<_> {
        let all = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        all.filter(|file| file.extension().unwrap() == "modules").collect()
    };
    let bare = |number: usize| format!("{BARE}export const n = {number}\n");
    for number in 0..4 {
        repo.write("app/w.tsx", bare(number));
        // What cannot matter does not make it another state.
        repo.write("README.md", bare(number));
        repo.git(&["add", "app/w.tsx", "README.md"]);
        assert_eq!(places(&report(&repo, &args)), []);
        // Only an analysis keeps modules.
        assert_eq!(modules().len(), usize::from(number == 0));
        modules().iter().for_each(|file| std::fs::remove_file(file).unwrap());
        repo.commit_staged("Edit");
    }
    Case::write(&[("app/w.tsx", CLIENT)], &repo, &key);
    repo.git(&["add", "app/w.tsx"]);
    assert_eq!(places(&report(&repo, &args)), leak());
    for file in std::fs::read_dir(&folder).unwrap() {
        let kept = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!kept.windows(key.len()).any(|part| part == key.as_bytes()));
    }
}
