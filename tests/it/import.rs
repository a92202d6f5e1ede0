//! `keyside import`: files of gitleaks and detect-secrets, made at run time, and the findings of a
//! scan with the result.

use keyside::rules::Rng;
use serde_json::json;
use sha1::{Digest, Sha1};

use crate::repo::Repo;
use crate::support::{AIMAGICX, Dir, SECRET, places};

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn sha1(text: &str) -> String {
    Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Rules of gitleaks; the text before and after one of their keys; the alphabet and the length of
/// the key's random part, which follows its prefix.
const RULES: &[(&str, &str, &str, &str, &str, &str, usize)] = &[
    ("plain", "regex = '''acme_[0-9a-zA-Z]{36}'''\nentropy = 3", "x=", "acme_", "\n", ALNUM, 36),
    (
        "any-case",
        r#"regex = '''(?i)[\w.-]{0,50}?(?:widgetly)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|,)[\x60'"\s=]{0,5}([a-z0-9]{32})(?:[\x60'"\s;]|\\[nr]|$)'''"#,
        "my_WIDGETLY_token = '",
        "",
        "'",
        "abcdefghijklmnopqrstuvwxyz0123456789",
        32,
    ),
    ("open", r"regex = '''\bopen_[\w-]{20,}'''", " ", "open_", ";", ALNUM, 300),
    (
        "group",
        "regex = '''(?:sonar)[_.-]?(login|token)=((?:squ_)?[a-f0-9]{40})'''\nsecretGroup = 2",
        "sonar_login=",
        "squ_",
        "",
        "0123456789abcdef",
        40,
    ),
    (
        "2 Branches",
        r"regex = '''(?i)bra=([a-z]{24})|\b(BRB-[a-z]{24})'''",
        "z ",
        "BRB-",
        "",
        "abcdefghijklmnopqrstuvwxyz",
        24,
    ),
    (
        "braces",
        r"regex = '''<key>{([a-z0-9]{30})}\<'''",
        "<key>{",
        "",
        "}<",
        "abcdefghij0123456789",
        30,
    ),
];

#[test]
fn rules_of_gitleaks_become_rules_that_find_the_same() {
    let dir = Dir::new();
    let mut config = "title = \"ours\"\n".to_owned();
    for (id, lines, ..) in RULES {
        config += &format!("[[rules]]\nid = \"{id}\"\ndescription = \"Key of {id}\"\n{lines}\n");
    }
    dir.write("gl.toml", config);
    dir.run(&["import", "gl.toml", "-o", "rules.toml"])
        .expect(0)
        .err("written: rules.toml")
        .err("rule `gitleaks-2-branches`: the id was changed to this")
        .err("rule `gitleaks-2-branches` becomes 2 rules")
        .err("6 of 6 rules became 7 of keyside's; of 1 with an entropy limit, 1 use")
        .err("0 left out");
    dir.run(&["rules", "check", "rules.toml"]).expect(0).out("7 rules in 1 files pass");
    for (seed, (id, _, before, prefix, after, alphabet, length)) in (0..).zip(RULES) {
        let body = Rng::new(seed).text(alphabet, *length);
        dir.write("src/a.txt", format!("{before}{prefix}{body}{after}"));
        let (code, report) = dir.json(&["src", "--rules", "rules.toml"]);
        assert_eq!(code, 1, "{id}: {report:#}");
        let start = before.chars().count() + 1;
        let place = format!("src/a.txt:1:{start}-{}", start + prefix.len() + length);
        assert_eq!(places(&report), [place], "{id}");
        dir.write("src/a.txt", format!("{before}{prefix}"));
        dir.run(&["scan", "src", "--rules", "rules.toml"]).expect(0);
    }
}

#[test]
fn unsupported_rules_are_skipped_and_named() {
    for (lines, reason) in [
        ("regex = '''[a-z0-9]{32}'''", "no literal text of at least three characters"),
        ("regex = '''acme_[0-9]{9}'''\npath = '''\\.env$'''", "applies to some paths only"),
        ("path = '''\\.p12$'''", "applies to some paths only"),
        ("description = \"x\"", "it has no `regex`"),
        ("regex = '''acme_([0-9]{9}'''", "not a regular expression: unclosed group"),
        ("regex = '''acme_\\pL{9}'''", "not a regular expression"),
        ("regex = '''acme_(?:ab+c+){250,}'''", "can match more than 4096 bytes"),
        ("regex = '''acme_(a)?(b)?[0-9]{9}'''", "the text decides"),
        ("regex = '''acme_([0-9]*)'''", "can be empty"),
        ("regex = '''acme_[0-9]{9}'''\nsecretGroup = 1", "no group 1"),
        ("regex = '''acme_[a&&b]{9}'''", "plain characters in Go"),
        ("regex = '''acme_fixed_text'''", "a matching sample must generate its key"),
        ("regex = '''acme_[0-9]{9}'''\nrequired = [{id = \"a\"}]", "depends on findings of other"),
        ("regex = '''acme_[0-9]{9}'''\nskipReport = true", "it reports nothing on its own"),
        ("regex = 3", "`regex` is not a text"),
        ("regex = '''acme_[0-9]{9}'''\nfoo = 3", "no such setting"),
    ] {
        let dir = Dir::new();
        dir.write("gl.toml", format!("[[rules]]\nid = \"acme\"\n{lines}\n"));
        let run = dir.run(&["import", "gl.toml"]).expect(3).err(reason).err("1 left out");
        assert!(run.stderr.starts_with("gl.toml:"), "{run}");
        assert!(run.stdout.is_empty() || lines.contains("foo"), "{run}");
    }
    let dir = Dir::new();
    let two = "[[rules]]\nid = \"acme\"\nregex = '''acme_[0-9]{9}'''\n".repeat(2);
    dir.write("a.toml", two + "[[rules]]\nid = \"magicx-secret-key\"\nregex = '''acme_[0-9]{9}'''");
    dir.run(&["import", "a.toml"])
        .expect(3)
        .err("a.toml:4: rule `acme` is left out: duplicate id")
        .err("rule `magicx-secret-key` is left out: keyside has a rule with this id")
        .out("id = \"acme\"");
}

#[test]
fn allowlists_of_gitleaks_are_kept_if_possible() {
    let dir = Dir::new();
    let sample = format!("acme_{}", Rng::new(9).text(ALNUM, 20));
    dir.write(
        "gl.toml",
        format!(
            "[extend]\nuseDefault = true\n[allowlist]\n\
             paths = ['''^fixtures/''', '''(?i)\\.lock$''', '''lib/[a-z]+\\.js''']\n\
             stopwords = [\"staging\", \"no\"]\n\
             [[rules]]\nid = \"acme\"\nregex = '''acme_[0-9A-Za-z_]{{20,40}}'''\n\
             [[rules.allowlists]]\nregexes = ['''^{sample}$''', '''^acme_aaa+''']\ncommits = [\"abc\"]\n\
             [[rules.allowlists]]\ncondition = \"AND\"\npaths = ['''x''']\nstopwords = [\"xyz\"]\n"
        ),
    );
    let run = dir.run(&["import", "gl.toml", "-o", "."]).expect(3);
    for said in [
        "gl.toml:1: `useDefault` is left out",
        "gl.toml:4: the path expression is left out",
        "gl.toml:5: a stopword shorter than 3 bytes",
        "gl.toml:11: `commits` is left out",
        "gl.toml:12: the allowlist is left out: keyside cannot require several conditions",
        "3 path expressions became 2 path patterns; 5 left out",
    ] {
        assert!(run.stderr.contains(said), "{said}\n{run}");
    }
    let rules = std::fs::read_to_string(dir.path().join("gitleaks-rules.toml")).unwrap();
    assert!(!rules.contains(&sample), "a key is not written down\n{rules}");
    let config = ["scan", "--config", "keyside.toml"];
    for (path, text, code) in [
        ("src/a.txt", format!("acme_{}", Rng::new(3).text(ALNUM, 24)), 1),
        ("src/a.txt", sample, 0),
        ("src/a.txt", "acme_staging_0123456789abcd".to_owned(), 0),
        ("src/a.txt", format!("acme_aaa{}", Rng::new(3).text(ALNUM, 24)), 0),
        ("fixtures/a.txt", format!("acme_{}", Rng::new(3).text(ALNUM, 24)), 0),
        ("x/y.LOCK", format!("acme_{}", Rng::new(3).text(ALNUM, 24)), 0),
    ] {
        for folder in ["src", "fixtures", "x"] {
            let _ = std::fs::remove_dir_all(dir.path().join(folder));
        }
        dir.write(path, text);
        let run = dir.run(&config);
        assert_eq!(run.code, code, "{path}\n{run}");
    }
    // Without rules there is one file, which needs no name.
    dir.write("p.toml", "[allowlist]\npaths = ['''^fixtures/''']\n");
    dir.run(&["import", "p.toml"]).expect(0).out("exclude = [\n    \"/fixtures/\",\n]\n");
}

/// Imports a configuration into the folder, and returns the keys that a scan of `in/` then finds.
fn imported(dir: &Dir, config: &str, text: &str) -> Vec<String> {
    dir.write("gl.toml", config);
    dir.write("in/a.txt", text);
    let import = dir.run(&["import", "gl.toml", "--kind", "gitleaks-config", "-o", ".", "--force"]);
    assert!(import.code == 0 || import.code == 3, "{import}");
    let args = ["scan", "in", "--rules", "gitleaks-rules.toml", "-f", "json", "--show-secrets"];
    let report = dir.run(&args).json();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["secret"]["raw"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn allowed_expressions_stay_exact() {
    let body = Rng::new(4).text("abcdefghijkmnopqrstuvwxyz0123456789", 12);
    for (expression, key, is_allowed) in [
        ("^password$", "password".to_owned(), true),
        ("^password$", format!("password{body}"), false),
        ("^password$", format!("{body}password"), false),
        ("^password$", "PASSWORD".to_owned(), false),
        ("^changeit", format!("changeit{body}"), true),
        ("^changeit", format!("q9changeit{body}"), false),
        ("changeit$", format!("{body}changeit"), true),
        ("changeit$", format!("{body}changeit99"), false),
        (r"\bfoo\b", format!("{body}-foo-{body}"), true),
        (r"\bfoo\b", format!("{body}foo{body}"), false),
        ("FAKE", format!("{body}FAKE{body}"), true),
        ("FAKE", format!("{body}fake{body}"), false),
        ("(?i)fake", format!("{body}FAKE{body}"), true),
        (r"^\$\{[A-Z_]+\}$", "${ACME_TOKEN}".to_owned(), true),
        (r"^\$\{[A-Z_]+\}$", format!("${{ACME}}{body}"), false),
    ] {
        let dir = Dir::new();
        let rule = r#"regex = '''pwd\s*=\s*"([^"\n]{8,40})"'''"#;
        for lists in ["[[rules.allowlists]]", "[allowlist]"] {
            let config = format!(
                "[[rules]]\nid = \"r1\"\n{rule}\n{lists}\nregexes = ['''{expression}''']\n"
            );
            let found = imported(&dir, &config, &format!("pwd = \"{key}\""));
            assert_eq!(found.is_empty(), is_allowed, "{expression} {key} {lists}");
        }
    }
    // One that allows keys that are drawn at random cannot be meant for all of them.
    let dir = Dir::new();
    let rule = "[[rules]]\nid = \"r1\"\nregex = '''acme_[0-9a-z]{20}'''\n";
    let list = "[[rules.allowlists]]\nregexes = ['''[0-9a-z]+''', '''^acme_aaa''']\n";
    dir.write("gl.toml", format!("{rule}{list}"));
    dir.run(&["import", "gl.toml"])
        .expect(3)
        .err("rule `r1`: the allowed expression is left out: it allows keys drawn at random")
        .err("1 of 1 rules became 1 of keyside's; 1 left out")
        .out("allowed = [\"^acme_aaa\"]");
    // What cannot be kept is named and counted.
    let dir = Dir::new();
    let list = |more: &str| {
        format!(
            "[[rules]]\nid = \"r1\"\nregex = '''acme_[0-9a-z]{{20}}'''\n[[rules.allowlists]]\n{more}\n"
        )
    };
    for more in [
        "regexes = ['''a*''']",
        "regexes = ['''(''']",
        "regexTarget = \"line\"\nregexes = ['''^x$''']",
        "regexTarget = \"match\"\nregexes = ['''x''']",
    ] {
        dir.write("gl.toml", list(more));
        let run = dir.run(&["import", "gl.toml"]).expect(3).err("1 left out");
        assert!(run.stderr.contains("the allowed expression is left out: "), "{run}");
    }
}

#[test]
fn branches_with_groups_become_rules_wherever_they_stand() {
    let dir = Dir::new();
    let hex = Rng::new(5).text("0123456789abcdef", 32);
    let upper = Rng::new(6).text("0123456789ABCDEF", 32);
    let text = format!("a xina_{hex} b\nc pinb_{upper} d\n");
    for expression in [
        "xina_([0-9a-f]{32})|pinb_([0-9A-F]{32})",
        "(?:xina_([0-9a-f]{32})|pinb_([0-9A-F]{32}))",
        r"\b(?:xina_([0-9a-f]{32})|pinb_([0-9A-F]{32}))\b",
        r"\b(?:(?:xina_([0-9a-f]{32}))|(?:pinb_([0-9A-F]{32})))(?:\s|$)",
        r"(?:xi|pi)(?:na_([0-9a-f]{32})|nb_([0-9A-F]{32}))",
    ] {
        let found =
            imported(&dir, &format!("[[rules]]\nid = \"r\"\nregex = '''{expression}'''"), &text);
        assert_eq!(found, [hex.clone(), upper.clone()], "{expression}");
    }
}

#[test]
fn a_line_end_belongs_to_no_key() {
    let dir = Dir::new();
    let key = format!("kk_{}", Rng::new(7).text("abcdefghijklmnopqrstuvwxyz", 20));
    for end in [
        "",
        "$",
        "(?:[^a-z]|$)",
        r"(?:\s|$)",
        r"\s",
        r"[^a-z]",
        r"\s*",
        r"(\s|$)",
        "\\n",
        "(?:\\r?\\n)",
    ] {
        let config = format!("[[rules]]\nid = \"r\"\nregex = '''kk_[a-z]{{20}}{end}'''");
        for after in ["\n", "\r\n", ""] {
            let found = imported(&dir, &config, &format!("{key}{after}"));
            assert!(found.iter().all(|own| *own == key), "{end:?} {after:?}: {found:?}");
        }
    }
    // Rules of one's own, too.
    let rule = "[[rule]]\nid = \"own\"\npattern = '(?P<secret>kk_[a-z]{20}[^a-z])'\n";
    dir.write("own.toml", rule);
    dir.write("in/a.txt", format!("{key}\n"));
    dir.write("in/b.txt", format!("{key}\r\n"));
    let (code, report) = dir.json(&["in", "--rules", "own.toml"]);
    assert_eq!((code, report["findings"].as_array().unwrap().len()), (1, 1), "{report:#}");
}

#[test]
fn what_import_writes_is_used_in_its_folder() {
    let repo = Repo::new();
    let dir = &repo.dir;
    dir.write(
        ".gitleaks.toml",
        "[allowlist]\npaths = [\"vendor/\"]\n\
         [[rules]]\nid = \"acme-url\"\n\
         regex = \"https://[a-z]+:(pw_[A-Za-z0-9]{24,40})@acme[.]example\"\n\
         [[rules]]\nid = \"acme-key\"\nregex = \"acme_([A-Za-z0-9]{24})\"\n",
    );
    dir.run(&["import", ".gitleaks.toml", "-o", "."])
        .expect(0)
        .err("rule `acme-url` counts only where its file is named with --rules or --config")
        .err("0 left out");
    dir.write("a.txt", format!("acme_{}\n", Rng::new(8).text(ALNUM, 24)));
    repo.git(&["add", "."]);
    for (args, code) in [
        (&["scan"][..], 1),
        (&["scan", "--config", "keyside.toml"], 1),
        (&["git", "--staged"], 1),
        (&["hook", "pre-commit"], 1),
        (&["stdin", "--allow-empty"], 0),
        (&["explain", "a.txt:1"], 0),
        (&["config", "show"], 0),
        (&["rules", "list"], 0),
        (&["baseline", "write"], 0),
        (&["baseline", "prune"], 0),
    ] {
        let run = dir.run(args).expect(code);
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(code == 0 || all.contains("acme"), "{args:?}\n{run}");
    }
    let (_, report) = dir.json(&[]);
    let notice = &report["scan"]["notices"][0];
    assert_eq!(
        (&notice["kind"], &notice["path"]),
        (&"rule-left-out".into(), &"gitleaks-rules.toml".into())
    );
    // Rules without paths make a configuration, too, and the same file again is no obstacle.
    let dir = Dir::new();
    dir.write("gl.toml", "[[rules]]\nid = \"acme-key\"\nregex = \"acme_([A-Za-z0-9]{24})\"\n");
    for _ in 0..2 {
        dir.run(&["import", "gl.toml", "-o", "."]).expect(0).err("written: ./keyside.toml");
    }
    std::fs::remove_file(dir.path().join("gitleaks-rules.toml")).unwrap();
    dir.run(&["import", "gl.toml", "-o", "."]).expect(0).err("written: ./gitleaks-rules.toml");
    dir.write("a.txt", format!("acme_{}\n", Rng::new(8).text(ALNUM, 24)));
    dir.run(&["scan"]).expect(1).out("acme-key");
    dir.write("keyside.toml", "disable = [\"magicx-secret-key\"]\n");
    dir.run(&["import", "gl.toml", "-o", "."])
        .expect(0)
        .err("keyside.toml is there: add `rules = [\"gitleaks-rules.toml\"]` to it");
    // A file is written as it is.
    dir.run(&["import", "gl.toml", "-o", "own.toml"]).expect(0).err("written: own.toml");
    dir.run(&["rules", "check", "own.toml"]).expect(0);
}

#[test]
fn one_bad_rule_of_a_tree_is_left_out() {
    let dir = Dir::new();
    let good = |id: &str| format!("[[rule]]\nid = \"{id}\"\npattern = '{id}_[0-9a-z]{{24}}'\n");
    let bad = "[[rule]]\nid = \"bad\"\npattern = 'bad_['\n";
    dir.write("own.toml", format!("{}{bad}{}", good("first"), good("last")));
    dir.write("keyside.toml", "rules = [\"own.toml\"]\ndisable = [\"bad\"]\n");
    dir.write("a.txt", format!("last_{}\n", Rng::new(8).text("0123456789abcdefghijklmnop", 24)));
    dir.run(&["scan"]).expect(1).out("own.toml: rule `bad` in line 6 is left out").out("last");
    // Whoever names the file wants all of it.
    dir.run(&["scan", "--rules", "own.toml"]).expect(2).err("own.toml:6: rule `bad`: ");
}

#[test]
fn files_of_other_scanners_are_named_as_what_they_are() {
    let dir = Dir::new();
    dir.write("a", "x");
    let rules = "[[rules]]\nid = \"a\"\ndescription = \"an a\"\nregex = \"abc_[a-z]{20}\"\n";
    for (name, text, advice) in [
        ("g.toml", rules, "g.toml is a configuration of gitleaks: `keyside import g.toml -o .`"),
        ("g.toml", "title = \"x\"\n[extend]\nuseDefault = true\n", "`keyside import g.toml -o .`"),
        ("g.toml", "[allowlist]\npaths = [\"a\"]\n", "`keyside import g.toml -o .`"),
        (
            "g.json",
            "[{\"RuleID\": \"r\", \"File\": \"a\"}]",
            "a JSON report or baseline of gitleaks",
        ),
        (".secrets.baseline", "{\"results\": {}}", "a .secrets.baseline of detect-secrets"),
        (".gitleaksignore", "a/b.py:rule:3\n", "a .gitleaksignore"),
        (
            "t.yaml",
            "detectors:\n  - name: x\n    regex:\n      x: y\n",
            "looks like a file of trufflehog",
        ),
        (".secretsignore", "*.png\n[secrets]\nabc\n", "looks like a file of ripsecrets"),
    ] {
        dir.write(name, text);
        for flag in ["-c", "--rules", "-b"] {
            dir.run(&["scan", flag, name, "a"]).expect(2).err(advice);
        }
        dir.run(&["rules", "check", name]).expect(2).err(advice);
    }
    dir.write("keyside.toml", "rules = []\nfoo = 1\n");
    let run = dir.run(&["scan"]).expect(2);
    assert!(!run.stderr.contains("import"), "{run}");
}

#[test]
fn a_generic_and_a_special_rule_tell_one_key() {
    let dir = Dir::new();
    let key = format!("acme_{}", Rng::new(9).text(ALNUM, 36));
    let special = "[[rules]]\nid = \"acme-pat\"\nregex = '''acme_[0-9a-zA-Z]{36}'''\n";
    for generic in [
        r#"regex = '''api_key = "([A-Za-z0-9_]{20,60})"'''"#,
        r#"regex = '''api_key = "[A-Za-z0-9_]{20,60}"'''"#,
        r#"regex = '''api_key = "([A-Za-z0-9_]{20,30})'''"#,
        r#"regex = '''api_key = "[A-Za-z0-9_]{30}'''"#,
    ] {
        let generic = format!("[[rules]]\nid = \"generic-api-key\"\n{generic}\n");
        for config in [format!("{generic}{special}"), format!("{special}{generic}")] {
            let found = imported(&dir, &config, &format!("api_key = \"{key}\""));
            assert_eq!(found, std::slice::from_ref(&key), "{config}");
        }
    }
    // With a built-in rule.
    let generic =
        "[[rules]]\nid = \"generic-api-key\"\nregex = '''api_key = \"([A-Za-z0-9_]{20,60})\"'''";
    let key = dir.key(SECRET);
    dir.write("gl.toml", generic);
    dir.write("in/a.txt", format!("api_key = \"{key}\""));
    dir.run(&["import", "gl.toml", "-o", ".", "--force"]).expect(0);
    dir.run(&["scan", "in", "--rules", "gitleaks-rules.toml"])
        .expect(1)
        .out("found: 1 leaked key in");
}

#[test]
fn files_of_windows_are_imported() {
    let repo = Repo::new();
    let dir = &repo.dir;
    let key = dir.key(SECRET);
    let commit = repo.add("foo/k.py", format!("KEY = \"{key}\"\n"));
    let baseline = json!({ "results": { "foo\\k.py": [{ "hashed_secret": sha1(&key) }] } });
    let report =
        json!([{ "RuleID": "r", "File": "foo\\k.py", "StartLine": 1, "Secret": "REDACTED" }]);
    for (name, text) in [
        (".gitleaksignore", "foo/k.py:x:1\n".to_owned()),
        (".gitleaksignore", "foo\\k.py:x:1\n".to_owned()),
        (".gitleaksignore", format!("{commit}:foo\\k.py:x:1\n")),
        (".secrets.baseline", baseline.to_string()),
        ("report.json", report.to_string()),
    ] {
        for bytes in crate::suppressions::windows_forms(&text) {
            if name != ".gitleaksignore" && bytes.starts_with(b"#") {
                continue;
            }
            dir.write(name, &bytes);
            dir.run(&["import", name]).expect(0).err("1 of 1 accepted findings became 1 id");
        }
    }
}

#[test]
fn gitleaksignore_becomes_ids() {
    let repo = Repo::new();
    let dir = &repo.dir;
    let (old, kept, other) = (dir.key(SECRET), dir.key(SECRET), dir.key(AIMAGICX));
    let commit = repo.add("old.txt", format!("\nk = '{old}'\n"));
    repo.add("old.txt", "nothing");
    dir.write("src/a.txt", format!("x\nk = '{kept}'\n"));
    dir.write("src/two.txt", format!("{other} {}\n", dir.key(SECRET)));
    dir.write(
        ".gitleaksignore",
        format!(
            "# accepted\n{commit}:old.txt:generic-api-key:2\n./src/a.txt:generic-api-key:2\n\
             src/a.txt:generic-api-key:1\nsrc/gone.txt:x:1\nsrc/two.txt:generic:1\n\
             src/two.txt:aimagicx-api-key:1\nnonsense\n../../etc/passwd:x:1\n0123456789:a:x:1\n"
        ),
    );
    let run = dir.run(&["import", ".gitleaksignore"]).expect(3);
    for said in [
        "4: left out: keyside finds no key there, so there is nothing to accept",
        "5: left out: its file does not exist",
        "6: left out: there are 2 keys",
        "8: not a fingerprint",
        "10: left out: its file is not in the commit 0123456789",
        "3 of 8 accepted findings became 3 ids; 6 left out",
    ] {
        assert!(run.stderr.contains(said), "{said}\n{run}");
    }
    let lines: Vec<_> = run.stdout.lines().map(|line| &line[25..]).collect();
    let expected = [2, 3, 7].map(|line| format!("accepted in .gitleaksignore:{line}"));
    assert_eq!(lines, expected);
    dir.write(".keysideignore", &run.stdout);
    dir.run(&["scan", "src/a.txt"]).expect(0).out("1 by .keysideignore");
    let report = repo.report(&[], 0);
    assert_eq!(report["scan"]["suppressed"], 1, "{report:#}");
}

#[test]
fn a_report_of_gitleaks_becomes_ids() {
    let dir = Dir::new();
    let keys: Vec<_> = (0..4).map(|_| dir.key(SECRET)).collect();
    dir.write("a.txt", format!("{}\n{}\n", keys[1], keys[2]));
    let finding = |line: usize, secret: &str, matched: &str| {
        json!({ "RuleID": "r", "File": "a.txt", "StartLine": line, "EndLine": line,
                "Secret": secret, "Match": matched, "Commit": "", "Entropy": 4.1 })
    };
    let report = json!([
        // It knows the key, wherever it is now; or the text around it; or only the place.
        finding(9, &keys[0], &keys[0]),
        finding(9, &keys[3][6..], &format!("k={};", keys[3])),
        finding(1, "REDACTED", "REDACTED"),
        finding(2, &format!("{}...", &keys[2][..9]), ""),
        finding(1, "another-one", "k=another-one"),
        finding(7, "REDACTED", "REDACTED"),
    ]);
    dir.write("report.json", report.to_string());
    let run = dir
        .run(&["import", "report.json"])
        .expect(3)
        .err("finding 5: left out: there is another key now")
        .err("finding 6: left out: keyside finds no key there")
        .err("4 of 6 accepted findings became 4 ids; 2 left out");
    dir.write(".keysideignore", &run.stdout);
    dir.write("b.txt", format!("{}\n{}\n", keys[0], keys[3]));
    dir.run(&["scan", "a.txt", "b.txt"]).expect(0).out("4 by .keysideignore");
    dir.write("empty.json", "[]");
    dir.run(&["import", "empty.json"]).expect(0).err("nothing in it can be imported");
}

#[test]
fn a_baseline_of_detect_secrets_becomes_ids() {
    let dir = Dir::new();
    let keys: Vec<_> = (0..3).map(|_| dir.key(SECRET)).collect();
    dir.write("src/a.py", format!("{}\n{}\n{}\n", keys[0], keys[1], keys[2]));
    let entry = |hash: &str, audited: Option<bool>| {
        let mut entry = json!({ "type": "Secret Keyword", "filename": "src/a.py",
                                "hashed_secret": hash, "is_verified": false, "line_number": 40 });
        if let Some(audited) = audited {
            entry["is_secret"] = audited.into();
        }
        entry
    };
    let filter = |name: &str, pattern: &str| json!({ "path": format!("detect_secrets.filters.regex.{name}"), "pattern": [pattern] });
    let baseline = json!({
        "version": "1.5.0",
        "plugins_used": [{ "name": "KeywordDetector" }],
        "filters_used": [{ "path": "detect_secrets.filters.heuristic.is_sequential_string" },
                         filter("should_exclude_file", "^vendor/"),
                         filter("should_exclude_line", "x")],
        "results": { "src/a.py": [entry(&sha1(&keys[0]), None), entry(&sha1(&keys[1]), Some(false)),
                                  entry(&sha1("else"), Some(true)), entry("short", None)] },
        "generated_at": "2026-01-01T00:00:00Z",
    });
    dir.write(".secrets.baseline", baseline.to_string());
    let run = dir
        .run(&["import", ".secrets.baseline"])
        .expect(3)
        .out(
            "accepted in .secrets.baseline: src/a.py, entry 2 (marked as not a secret)\n/vendor/\n",
        )
        .err("src/a.py, entry 3: left out: keyside finds no key with this hash")
        .err("src/a.py, entry 4: `hashed_secret` is not a SHA-1")
        .err("should_exclude_line: left out")
        .err("2 of 3 accepted findings became 2 ids; 1 path patterns were converted; 3 left out");
    dir.write(".keysideignore", &run.stdout);
    let (code, report) = dir.json(&[]);
    assert_eq!((code, places(&report)), (1, vec!["src/a.py:3:1-50".to_owned()]));
}

#[test]
fn name_and_content_identify_a_file() {
    let dir = Dir::new();
    for (name, text, kind) in [
        ("a", "[[rules]]\nid = \"a\"", "a configuration of gitleaks"),
        ("a.toml", "\n[[rules\n", "a.toml:2: this is not a configuration of gitleaks"),
        ("a", "# x\na/b.txt:rule:3\n", "a .gitleaksignore"),
        (".gitleaksignore", "", "a .gitleaksignore"),
        ("a", "[{\"RuleID\": \"r\", \"File\": \"none\"}]", "a JSON report or baseline of gitleaks"),
        ("a", "{\"results\": {}}", "a .secrets.baseline of detect-secrets"),
    ] {
        dir.write(name, text);
        let run = dir.run(&["import", name]).err(kind);
        assert!([0, 2, 3].contains(&run.code), "{run}");
    }
    for text in
        ["", "words of a text", "{}", "{\"results\": []}", "[1]", "title = \"x\"", "[\n[\n["]
    {
        dir.write("a", text);
        let run = dir.run(&["import", "a"]).expect(2).err("unknown kind of file");
        for kind in ["gitleaks-config", "gitleaks-ignore", "gitleaks-report", "detect-secrets"] {
            assert!(run.stderr.contains(kind), "{run}");
        }
    }
    dir.write("a", "a:b\n");
    dir.run(&["import", "a", "--kind", "gitleaks-ignore"]).expect(3).err("a:1: not a fingerprint");
    dir.run(&["import", "a", "--kind", "gitleaks-report"]).expect(2).err("a:1: this is not a JSON");
    dir.run(&["import", "a", "--kind", "gitleaks-config"]).expect(2).err("a:1: this is not a conf");
    dir.run(&["import", "a", "--kind", "other"]).expect(2);
    dir.run(&["import", "none"]).expect(2).err("cannot read none");
}

#[test]
fn nothing_is_overwritten_and_no_other_file_is_read() {
    let dir = Dir::new();
    let away = Dir::new();
    let key = dir.key(SECRET);
    let elsewhere = away.write("k.txt", &key);
    dir.write("a.txt", &key);
    dir.write(".gitleaksignore", format!("a.txt:r:1\n{}:r:1\n", elsewhere.display()));
    dir.run(&["import", ".gitleaksignore", "-o", "out"]).expect(3).err("its path leads outside");
    let first = std::fs::read_to_string(dir.path().join("out")).unwrap();
    assert_eq!(first.lines().count(), 1, "{first}");
    dir.write("out", "mine");
    dir.run(&["import", ".gitleaksignore", "-o", "out"]).expect(2).err("--force overwrites it");
    assert_eq!(std::fs::read_to_string(dir.path().join("out")).unwrap(), "mine");
    dir.run(&["import", ".gitleaksignore", "-o", "out", "--force"]).expect(3);
    assert_eq!(std::fs::read_to_string(dir.path().join("out")).unwrap(), first);
    std::fs::create_dir(dir.path().join("folder")).unwrap();
    dir.run(&["import", ".gitleaksignore", "-o", "folder"]).expect(3);
    assert_eq!(std::fs::read_to_string(dir.path().join("folder/.keysideignore")).unwrap(), first);
    let names = std::fs::read_dir(dir.path()).unwrap().flatten();
    assert!(names.into_iter().all(|name| !name.file_name().to_string_lossy().ends_with(".new")));
}

/// No key in these files is shown, and no text breaks a line or the program.
#[test]
fn hostile_files_are_harmless() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    let deep = |open: &str| open.repeat(20_000);
    for text in [
        format!("{key}:r:1\n{key}:{key}:2\nx\u{1b}[31m:r:1\n"),
        format!("[{{\"RuleID\": \"{key}\", \"File\": \"{key}\\n::error::x\", \"StartLine\": 1}}]"),
        format!("[{{\"RuleID\": \"r\", \"StartLine\": \"{key}\"}}]"),
        format!(
            "{{\"results\": {{\"{key}\\nks1:00112233445566778899\": [{{\"hashed_secret\": \"{key}\"}}]}}}}"
        ),
        format!(
            "[[rules]]\nid = \"{key}\"\nregex = '''{key}[a-z]{{9}}'''\ndescription = \"{key}\"\n"
        ),
        format!(
            "[[rules]]\nid = \"a\"\nregex = '''{key}'''\n[allowlist]\npaths = ['''{key}''', '''\n::error::''']\n"
        ),
        format!(
            "[[rules]]\nid = \"a\"\nregex = '''acme_[0-9]{{9}}'''\nkeywords = [\"{key}\"]\n[allowlist]\nstopwords = [\"{key}\"]\n"
        ),
        format!("[[rules]]\nid = {key}\n"),
        format!("[[rules]]\nid = \"a\"\nregex = '''{}'''\n", "(".repeat(50_000)),
        format!("[[rules]]\nid = \"a\"\nregex = '''a_key{}[a-z]'''\n", "(?:a|b)".repeat(2_000)),
        "[[rules]]\nid = \"a\"\nregex = '''a_key(?:(?:(?:(?:ab){9}){9}){9}){9}'''\n".to_owned(),
        "[[rules]]\nid = \"a\"\nregex = '''x'''\nsecretGroup = 99999999999999999999\n".to_owned(),
        deep("["),
        deep("{\"results\":"),
        deep("[[rules]]\n"),
    ] {
        dir.write("f", &text);
        let run = dir.run(&["import", "f"]);
        assert!([0, 2, 3].contains(&run.code), "{run}");
        assert!(!run.stderr.contains('\u{1b}') && !run.stdout.contains("\n::"), "{run}");
        assert!(!run.stdout.contains("\nks1:0011"), "{run}");
        dir.run(&["import", "f", "--kind", "gitleaks-ignore"]).expect(3);
    }
    dir.write("f", [0xff, 0xfe, 0]);
    dir.run(&["import", "f"]).expect(2).err("f:1: not a text in UTF-8 or UTF-16");
}
