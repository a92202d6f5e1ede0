//! Rule files: the built-in ones and the user's own; every fault is reported with file, line and
//! rule.

use std::collections::BTreeSet;

use keyside::rules::{Rng, RuleFile, Ruleset, Template};

use crate::configuration::rule_file;
use crate::repo::Repo;
use crate::support::{Dir, places};

/// The ids of the built-in rules that are on.
fn ids() -> Vec<String> {
    let wanted = Ruleset::built_in().rules.into_iter().filter(|rule| !rule.is_experimental);
    wanted.map(|rule| rule.id).collect()
}

/// The ids in the output of `rules list`.
fn listed(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect()
}

#[test]
fn the_built_in_rules_are_listed_and_valid() {
    let dir = Dir::new();
    let list = dir.run(&["rules", "list"]).expect(0);
    assert_eq!(listed(&list.stdout), ids());
    for id in ids() {
        let shown = dir.run(&["rules", "show", &id]).expect(0);
        for name in ["provider", "class", "severity", "body length", "to do", "revoke at", "file"] {
            assert!(shown.stdout.lines().any(|line| line.starts_with(name)), "{name}\n{shown}");
        }
        // Some keys are told by their names alone, and some are blocks of lines.
        for names in [&["keywords", "nearby", "pair"][..], &["pattern", "begins with"]] {
            let is_there = |line: &str| names.iter().any(|name| line.starts_with(name));
            assert!(shown.stdout.lines().any(is_there), "{names:?}\n{shown}");
        }
    }
    let rules = Ruleset::built_in();
    let counts = format!("{} rules in {} files pass", rules.rules.len(), rules.providers.len());
    dir.run(&["rules", "check"]).expect(0).out(&counts);
    dir.run(&["rules", "show", "aimagicx-api-key"])
        .expect(0)
        .out("AIMAGICX_API_KEY")
        .out("beta.aimagicx.com")
        .out("every 90 days")
        .out("(only with --verify)");
    dir.run(&["rules", "show", "magicx-access-token"])
        .expect(0)
        .out("severity      warning, note in history, confidence high");
}

#[test]
fn rules_can_be_chosen() {
    let dir = Dir::new();
    let ids = ids();
    let (first, second) = (&*ids[0], &*ids[1]);
    for (args, expected) in [
        (&["--only", first][..], &ids[..1]),
        (&["--only", first, "--only", second], &ids[..2]),
        (&["--disable", first], &ids[1..]),
        (&["--only", first, "--only", second, "--disable", first], &ids[1..2]),
        (&["--enable-rule", second], &ids[1..2]),
    ] {
        let run = dir.run(&[&["rules", "list"], args].concat()).expect(0);
        assert_eq!(listed(&run.stdout), expected, "{args:?}");
    }
}

#[test]
fn custom_rules_find_their_keys() {
    let dir = Dir::new();
    dir.write("rules/a.toml", rule_file("alpha", "alp_", "error"));
    let token = rule_file("beta", "bet_", "warning").replace("\"secret\"", "\"token\"");
    dir.write("rules/b.toml", token);
    let public = rule_file("gamma", "gam_", "note").replace("\"secret\"", "\"public\"");
    dir.write("rules/c.toml", public);
    dir.write("rules/readme.md", "no rule file");
    dir.write(
        "x.txt",
        format!(
            "{}\n{}\n{}\n",
            dir.key(("alp_", 32)),
            dir.key(("bet_", 32)),
            dir.key(("gam_", 32))
        ),
    );
    let (_, report) = dir.json(&["--rules", "rules"]);
    assert_eq!(places(&report), ["x.txt:1:1-37", "x.txt:2:1-37"]);
    let of = |index: usize, field: &str| report["findings"][index][field].clone();
    assert_eq!([of(0, "rule_id"), of(1, "rule_id")], ["alpha-key", "beta-key"]);
    assert_eq!([of(0, "key_class"), of(1, "key_class")], ["secret", "token"]);
    assert_eq!([of(0, "severity"), of(1, "severity")], ["error", "warning"]);

    let files = ["--rules", "rules/a.toml", "--rules", "rules/c.toml"];
    assert_eq!(places(&dir.json(&files).1), ["x.txt:1:1-37"]);
    // Named twice, a file is read once.
    let twice = ["--rules", "rules", "--rules", "./rules/../rules"];
    assert_eq!(places(&dir.json(&twice).1).len(), 2);
    dir.run(&[&["rules", "list"], &files[..]].concat()).expect(0).out("alpha-key").out("gamma-key");
    dir.run(&["rules", "show", "beta-key", "--rules", "rules"]).expect(0).out("rules/b.toml");
    dir.run(&["rules", "check", "rules"])
        .expect(0)
        .out("3 rules in 3 files pass, with all their 6 samples");
    dir.run(&["rules", "check", "rules/a.toml", "rules/b.toml"])
        .expect(0)
        .out("2 rules in 2 files");
}

#[test]
fn experimental_rules_are_off_unless_they_are_asked_for() {
    let dir = Dir::new();
    let text = rule_file("alpha", "alp_", "error");
    let text = text.replace("confidence = \"high\"", "confidence = \"low\"\nexperimental = true");
    dir.write("own.toml", text);
    dir.write("x.txt", dir.key(("alp_", 32)));
    let rules = &["--rules", "own.toml"][..];
    let found = |more: &[&str]| places(&dir.json(&[rules, more].concat()).1).len();
    assert_eq!(found(&[]), 0);
    assert_eq!(found(&["--enable", "experimental"]), 1);
    assert_eq!(found(&["--only", "alpha-key"]), 1);
    let listed = dir.run(&[&["rules", "list"], rules].concat()).expect(0);
    assert!(!listed.stdout.contains("alpha-key"), "{listed}");
    dir.run(&[&["rules", "show", "alpha-key"], rules].concat()).expect(0).out("experimental");
    dir.run(&["rules", "check", "own.toml"]).expect(0).out("1 rules in 1 files");
    dir.write("keyside.toml", "experimental = true\n");
    assert_eq!(found(&[]), 1);
}

/// A text put into a valid rule file (in line 12, if it is about the pattern), and the line and
/// text of its fault. Only a fault of the provider has no rule.
const FAULTS: &[(&str, &str, usize, bool, &str)] = &[
    // Names and types.
    ("class = \"secret\"", "klass = \"secret\"", 10, true, "unknown field `klass`"),
    ("class = \"secret\"", "class = \"private\"", 10, true, "`class`: unknown variant `private`"),
    ("severity = \"error\"", "severity = 1", 11, true, "`severity`: is no text"),
    (
        "severity = \"error\"",
        "severity = \"error\"\nseverity-in-history = \"low\"",
        12,
        true,
        "unknown variant `low`",
    ),
    ("confidence = \"high\"", "confidence = \"sure\"", 12, true, "sure"),
    ("id = \"own-key\"\n", "", 6, false, "missing field `id`"),
    ("name = \"own\"", "nam = \"own\"", 3, false, "unknown field `nam`"),
    ("[rule.samples]", "[rule.sample]", 23, true, "unknown field `sample`"),
    // Ids.
    ("id = \"own\"", "id = \"Own\"", 2, false, "kebab-case"),
    ("id = \"own\"", "id = \"magicx\"", 2, false, "duplicate provider `magicx`"),
    ("id = \"own-key\"", "id = \"own_key\"", 7, true, "kebab-case"),
    ("id = \"own-key\"", "id = \"magicx-secret-key\"", 7, true, "already has a rule with this id"),
    // Patterns and keywords.
    ("(?P<secret>own_key_", "(?P<secret>(own_key_", 14, true, "unclosed group"),
    ("{32}))", "+))", 14, true, "more than 4096 bytes"),
    ("{32}))", "{9000}))", 14, true, "more than 4096 bytes"),
    ("own_key_(?P<body>[A-Za-z0-9]{32}))", "(?:own_key_)?)", 14, true, "empty text"),
    ("(?P<secret>own", "(?P<key>own", 14, true, "a group `key`; the names of groups are"),
    (
        "keywords = [\"own_key_\"]",
        "keywords = [\"other\"]",
        13,
        true,
        "cannot contain the keyword `other`",
    ),
    (
        "keywords = [\"own_key_\"]",
        "keywords = [\"OWN_KEY_\"]",
        13,
        true,
        "cannot contain the keyword",
    ),
    (
        "keywords = [\"own_key_\"]\npattern = '(?P<secret>own_key_",
        "pattern = '(?P<secret>",
        13,
        true,
        "spells out no text of 3 bytes",
    ),
    ("keywords = [\"own_key_\"]", "keywords = [\"ow\"]", 13, true, "at least 3 bytes"),
    ("(?P<secret>own_key_", "(?P<secret>(?:own_key_)?", 14, true, "without any of the keywords"),
    ("(?P<secret>own_key_", "(?P<secret>(?:own_key_|x)", 14, true, "without any of the keywords"),
    ("(?P<secret>own_key_", "(?i)(?P<secret>own_key_", 14, true, "without any of the keywords"),
    // Words.
    (
        "[rule.constraints]",
        "[rule.nearby]\nwords = [\"Acme\"]\n[rule.constraints]",
        17,
        true,
        "`Acme` is not a word of 4 lower-case letters",
    ),
    (
        "[rule.constraints]",
        "[rule.nearby]\nwords = [\"acme\"]\nwithin = 900\n[rule.constraints]",
        18,
        true,
        "within must be 1 to 400",
    ),
    // Constraints.
    ("alphabet = \"A-Za-z0-9\"", "alphabet = \"\"", 17, true, "alphabet is empty"),
    ("alphabet = \"A-Za-z0-9\"", "alphabet = \"z-a\"", 17, true, "runs backwards"),
    ("alphabet = \"A-Za-z0-9\"", "min-length = 9\nmax-length = 8", 18, true, "below min-length"),
    ("alphabet = \"A-Za-z0-9\"", "documented = [\"sha256:12\"]", 17, true, "64 hexadecimal digits"),
    ("alphabet = \"A-Za-z0-9\"", "placeholders = [\"x\"]", 17, true, "at least 3 bytes"),
    // Addresses and texts.
    ("https://example.com/keys", "http://example.com/keys", 4, false, "not an https:// address"),
    ("https://example.com/revoke", "javascript:alert(1)", 21, true, "not an https:// address"),
    (
        "https://example.com/keys\"",
        "https://example.com\"\nhosts = [\"exa mple.com\"]",
        5,
        false,
        "not a host name",
    ),
    (
        "https://example.com/keys\"",
        "https://example.com\"\nhosts = [\"localhost\"]",
        5,
        false,
        "not a host name",
    ),
    (
        "https://example.com/keys\"",
        "https://example.com\"\nwords = [\"Acme\"]",
        5,
        false,
        "not a word of a variable's name",
    ),
    // Packages.
    (
        "https://example.com/keys\"",
        "https://example.com\"\n[[provider.sdk]]\npackage = \"p\"\nclient = true\nkey-properties = [\"f(x)\"]",
        8,
        false,
        "`f(x)` does not say where a key goes; write `createClient(1)`",
    ),
    (
        "https://example.com/keys\"",
        "https://example.com\"\n[[provider.sdk]]\npackage = \"p\"\nclient = true\nkey-properties = [\"--token\"]",
        8,
        false,
        "`--token` does not say where a key goes",
    ),
    (
        "https://example.com/keys\"",
        "https://example.com\"\n[[provider.sdk]]\npackage = \"p\"\nclient = false\nclient-only = true\nkey-properties = [\"a\"]",
        8,
        false,
        "client-only needs client = true",
    ),
    (
        "https://example.com/keys\"",
        "https://example.com\"\n[[provider.sdk]]\npackage = \"p\"\nclient = true\nbrowser-switch = \"a b\"\nkey-properties = [\"a\"]",
        8,
        false,
        "`a b` is not the name of an option",
    ),
    ("Whoever holds it is in.", " ", 9, true, "it must have 1 to 1024"),
    ("Change it.", "", 20, true, "it must have 1 to 1024"),
    ("A key of own", "A \\u001b[31mkey", 8, true, "control character"),
    ("name = \"own\"", "name = \"\\u0007\"", 3, false, "control character"),
    // Samples.
    ("[\"own_key_{alnum:32}\"]", "[\"own_key_{alnm:32}\"]", 24, true, "`alnm` is not a kind"),
    ("[\"own_key_{alnum:32}\"]", "[\"own_key_{alnum:0}\"]", 24, true, "1 to 4096"),
    ("[\"own_key_{alnum:32}\"]", "[\"own_key_literal\"]", 24, true, "must not be written down"),
    ("[\"own_key_{alnum:32}\"]", "[]", 7, true, "needs a sample that must match"),
    ("ignore = [\"own_key_\"]", "ignore = []", 7, true, "one that must not"),
];

/// Verification blocks with their faults.
const VERIFY_FAULTS: &[(&str, &str)] = &[
    ("method = \"PUT\"\nurl = \"https://api.example.com/\"\n", "GET or POST"),
    ("method = \"GET\"\nurl = \"http://api.example.com/\"\n", "must begin with https://"),
    (
        "method = \"GET\"\nurl = \"https://api.example.com.evil.org/\"\n",
        "not one of the provider's hosts",
    ),
    ("method = \"GET\"\nurl = \"https://api.example.com/{host}\"\n", "literal"),
    (
        "method = \"GET\"\nurl = \"https://api.example.com/\"\nheaders = { A = \"{env.HOME}\" }\n",
        "env.HOME",
    ),
    (
        "method = \"GET\"\nurl = \"https://api.example.com/\"\nheaders = { A = \"a\\nb\" }\n",
        "not visible ASCII",
    ),
    (
        "method = \"GET\"\nurl = \"https://api.example.com/\"\nheaders = { \"A b\" = \"x\" }\n",
        "not a header name",
    ),
    (
        "method = \"POST\"\nurl = \"https://api.example.com/\"\nbody = \"{secret}\"\n",
        "a secret in a body needs the header `Content-Type`",
    ),
    (
        "method = \"GET\"\nurl = \"https://api.example.com/\"\naccount = { id = \"cookie:x\" }\n",
        "account value",
    ),
    (
        "method = \"GET\"\nurl = \"https://api.example.com/\"\nfollow = true\n",
        "unknown field `follow`",
    ),
];

#[test]
fn faults_of_a_rule_file_name_file_line_and_rule() {
    let dir = Dir::new();
    dir.write("src/a.txt", "x");
    let good = rule_file("own", "own_key_", "error");
    dir.write("own.toml", &good);
    dir.run(&["rules", "check", "own.toml"]).expect(0);
    for &(from, to, line, has_rule, message) in FAULTS {
        assert_eq!(good.matches(from).count(), 1, "{from}");
        let text = good.replace(from, to);
        let id = to.strip_prefix("id = ").map_or("own-key", |id| id.trim_matches('"'));
        dir.write("own.toml", &text);
        let place = if has_rule {
            format!("own.toml:{line}: rule `{id}`: ")
        } else {
            format!("own.toml:{line}: ")
        };
        let run = dir.run(&["scan", "src", "--rules", "own.toml"]).expect(2);
        let error = run.stderr.lines().find(|line| line.contains(message));
        let error = error.unwrap_or_else(|| panic!("{to}: no `{message}`\n{run}"));
        assert!(error.trim_start_matches("error: ").starts_with(&place), "{to}: `{place}`\n{run}");
    }
}

#[test]
fn faults_of_a_verification_block_name_file_line_and_rule() {
    let dir = Dir::new();
    dir.write("src/a.txt", "x");
    let good = rule_file("own", "own_key_", "error");
    let hosts = "https://example.com/keys\"\nhosts = [\"api.example.com\"]";
    let good = good.replace("https://example.com/keys\"", hosts);
    let first = good.lines().count() + 2;
    let answers = |verdict: &str| {
        format!("\n[[rule.verify.answer]]\nstatus = 200\nverdict = \"{verdict}\"\nreason = \"x\"\n")
    };
    let head = "\n[rule.verify]\nmethod = \"GET\"\nurl = \"https://api.example.com/\"\n";
    dir.write("own.toml", format!("{good}{head}{}", answers("live")));
    dir.run(&["rules", "check", "own.toml"]).expect(0);
    let mut cases: Vec<_> = VERIFY_FAULTS
        .iter()
        .map(|(block, message)| (format!("\n[rule.verify]\n{block}{}", answers("live")), *message))
        .collect();
    cases.push((format!("{head}{}", answers("perhaps")), "live, dead or unknown"));
    cases.push((format!("{head}{}", answers("live").replace("200", "99")), "100 to 599"));
    let pointer = answers("live").replace("status", "json = { \"error\" = \"x\" }\nstatus");
    cases.push((format!("{head}{pointer}"), "must begin with `/`"));
    cases.push((head.to_owned(), "missing field `answer`"));
    for (block, message) in cases {
        dir.write("own.toml", format!("{good}{block}"));
        let run = dir.run(&["scan", "src", "--rules", "own.toml"]).expect(2);
        let error = run.stderr.lines().find(|line| line.contains(message));
        let error = error.unwrap_or_else(|| panic!("no `{message}`\n{run}"));
        let place = error.trim_start_matches("error: ").strip_prefix("own.toml:");
        let (line, rest) = place.and_then(|rest| rest.split_once(": ")).unwrap();
        assert!(line.parse::<usize>().unwrap() >= first, "{run}");
        assert!(rest.starts_with("rule `own-key`: "), "{run}");
    }
}

#[test]
fn a_pattern_that_compiles_too_large_is_refused() {
    let dir = Dir::new();
    let branches: Vec<_> = (0..40).map(|n| format!("{n:02}[ac]{{0,2000}}")).collect();
    let pattern = format!("own_key_(?:{})", branches.join("|"));
    let text = rule_file("own", "own_key_", "error")
        .replace("own_key_(?P<body>[A-Za-z0-9]{32})", &pattern);
    dir.write("own.toml", text);
    dir.run(&["rules", "check", "own.toml"])
        .expect(2)
        .err("own.toml:14: rule `own-key`: the pattern is too large");
}

#[test]
fn all_faults_are_reported_at_once() {
    let dir = Dir::new();
    let good = |provider: &str| rule_file(provider, &format!("{provider}_"), "error");
    dir.write("rules/a.toml", good("aaa").replace("{32}", "+"));
    dir.write(
        "rules/b.toml",
        good("bbb").replace("Change it.", "").replace("(?P<secret>", "(?P<key>"),
    );
    dir.write("rules/c.toml", "");
    dir.write("rules/d.toml", good("aaa"));
    dir.run(&["rules", "check", "rules"])
        .expect(2)
        .err("rules/a.toml:14: rule `aaa-key`")
        .err("rules/b.toml:14: rule `bbb-key`")
        .err("rules/b.toml:20: rule `bbb-key`")
        .err("rules/c.toml:1: the file has no [[rule]]")
        .err("rules/d.toml:2: duplicate provider `aaa`");
    for (name, message) in [("rules/none.toml", "cannot be read"), ("src", "cannot be read")] {
        dir.run(&["rules", "check", name]).expect(2).err(&format!("{name}: {message}"));
    }
    dir.write("latin.toml", b"# \xe9");
    dir.run(&["rules", "check", "latin.toml"])
        .expect(2)
        .err("latin.toml:1: not a text in UTF-8 or UTF-16");
}

#[test]
fn a_repeated_id_in_one_file_is_a_fault() {
    let dir = Dir::new();
    let good = rule_file("own", "own_key_", "error");
    let rule = &good[good.find("[[rule]]").unwrap()..];
    dir.write("own.toml", format!("{good}\n{rule}"));
    dir.run(&["rules", "check", "own.toml"])
        .expect(2)
        .err("own.toml:28: rule `own-key`: own.toml already has a rule with this id");
}

#[test]
fn a_failed_sample_is_reported_with_line() {
    let dir = Dir::new();
    let good = rule_file("own", "own_key_", "error");
    for (from, to, line, message) in [
        ("{alnum:32}\"]", "{alnum:31}\"]", 24, "must give 1 match(es), gave 0"),
        ("{alnum:32}\"]", "{alnum:32} own_key_{alnum:32}\"]", 24, "must give 1 match(es), gave 2"),
        (
            "ignore = [\"own_key_\"]",
            "ignore = [\n\"a\",\n\"own_key_{alnum:32}\"]",
            27,
            "must give 0 match(es), gave 1",
        ),
    ] {
        dir.write("own.toml", good.replace(from, to));
        dir.run(&["rules", "check", "own.toml"])
            .expect(2)
            .err(&format!("own.toml:{line}: rule `own-key`: the sample {message}"))
            .err("samples fail");
    }
}

/// A rule file of many rules with deliberately similar prefixes: some begin with others.
fn many_rules(prefixes: &[String]) -> String {
    let one = |index: usize, prefix: &str| {
        let text = rule_file(&format!("p{index}"), prefix, "error");
        text[text.find("[[rule]]").unwrap()..].to_owned()
    };
    let first = rule_file("many", "unused_", "error");
    let provider = first[..first.find("[[rule]]").unwrap()].to_owned();
    let rules = prefixes.iter().enumerate().map(|(n, prefix)| one(n, prefix));
    // The pattern alone decides, so that it can be compared with a plain search.
    let constraints = "[rule.constraints]\nrandom = false\nword-start = false\n";
    let text = provider + &rules.collect::<String>();
    text.replace("[rule.constraints]\nalphabet = \"A-Za-z0-9\"\n", constraints)
}

#[test]
fn three_hundred_rules_match_a_plain_search() {
    let mut rng = Rng::new(300);
    let mut prefixes = BTreeSet::new();
    while prefixes.len() < 300 {
        let length = 3 + rng.below(4);
        prefixes.insert(rng.text("abk", length) + "_");
    }
    let prefixes: Vec<_> = prefixes.into_iter().collect();
    let dir = Dir::new();
    dir.write("many.toml", many_rules(&prefixes));
    let regexes: Vec<_> = prefixes
        .iter()
        .map(|prefix| regex::Regex::new(&format!("{prefix}[A-Za-z0-9]{{32}}")).unwrap())
        .collect();
    let mut expected = Vec::new();
    for file in 0..20 {
        let mut text = String::new();
        while text.len() < 20_000 {
            let prefix = &prefixes[rng.below(prefixes.len())];
            let length = 28 + rng.below(12);
            let glue = [" ", "\n", "", "x", "\""][rng.below(5)];
            text += &format!("{glue}{prefix}{}", rng.text("ABCDEFXYZ0123456789", length));
        }
        let mut matches = Vec::new();
        for (index, regex) in regexes.iter().enumerate() {
            let mut from = 0;
            // The next may begin inside this one.
            while let Some(found) = regex.find_at(&text, from) {
                from = found.start() + 1;
                matches.push((index, found.range()));
            }
        }
        matches.sort_by_key(|(_, range)| (range.end, range.start));
        for (at, (index, range)) in matches.iter().enumerate() {
            // A rule with a longer prefix that ends at the same place is the more exact one.
            if at > 0 && matches[at - 1].1.end == range.end {
                continue;
            }
            let before = &text[..range.start];
            let line = before.matches('\n').count() + 1;
            let column = range.start - before.rfind('\n').map_or(0, |at| at + 1) + 1;
            let end = column + range.len();
            expected.push(format!("p{index}-key src/{file}.txt:{line}:{column}-{end}"));
        }
        dir.write(&format!("src/{file}.txt"), text);
    }
    let (_, report) = dir.json(&["src", "--rules", "many.toml"]);
    let mut found = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        for place in finding["occurrences"].as_array().unwrap() {
            found.push(format!(
                "{} {}:{}:{}-{}",
                finding["rule_id"].as_str().unwrap(),
                place["path"].as_str().unwrap(),
                place["start_line"],
                place["start_column"],
                place["end_column"],
            ));
        }
    }
    expected.sort();
    found.sort();
    assert!(expected.len() > 3000, "{}", expected.len());
    let (expected, found): (BTreeSet<_>, BTreeSet<_>) =
        (expected.into_iter().collect(), found.into_iter().collect());
    let missed: Vec<_> = expected.difference(&found).take(5).collect();
    let invented: Vec<_> = found.difference(&expected).take(5).collect();
    assert!(missed.is_empty() && invented.is_empty(), "missed {missed:?}, invented {invented:?}");
}

#[test]
fn an_id_and_a_pattern_are_a_rule() {
    let dir = Dir::new();
    dir.write("acme.toml", "[[rule]]\nid = \"acme-api-key\"\npattern = 'acme_[a-z0-9]{32}'\n");
    dir.write("other.toml", "[[rule]]\nid = \"other-key\"\npattern = '(?i)oth-[0-9a-f]{32}'\n");
    let key = "acme_".to_owned() + &Rng::new(5).text("abcdefghijklmnopqrstuvwxyz0123456789", 32);
    let other = "OTH-".to_owned() + &Rng::new(6).text("0123456789abcdef", 32);
    dir.write("src/a.txt", format!("k = '{key}'\nk = '{other}'\n"));
    let rules = ["--rules", "acme.toml", "--rules", "other.toml"];
    let run = dir.run(&[&["scan", "src", "-f", "json"], &rules[..]].concat()).expect(1);
    let report = run.json();
    assert_eq!(places(&report), ["src/a.txt:1:6-43", "src/a.txt:2:6-42"]);
    let finding = &report["findings"][0];
    assert_eq!(finding["rule_id"], "acme-api-key");
    assert_eq!([&finding["key_class"], &finding["severity"]], ["secret", "error"]);
    for format in ["human", "sarif", "html", "markdown", "gitlab", "csv", "github", "junit"] {
        let run = dir.run(&[&["scan", "src", "-f", format], &rules[..]].concat());
        assert!(matches!(run.code, 1 | 2), "{run}");
        assert!(!run.stdout.contains(&key) && !run.stderr.contains(&key), "{run}");
    }
    let show = ["rules", "show", "acme-api-key", "--rules", "acme.toml"];
    dir.run(&show).expect(0).out("acme-api-key: Acme API key").out("keywords      acme_");
    dir.run(&["rules", "check", "acme.toml", "other.toml"]).expect(0).out("all their 0 samples");
}

#[test]
fn rules_are_listed_by_provider_and_found_by_a_word() {
    let dir = Dir::new();
    let all = dir.run(&["rules", "list"]).expect(0);
    let rules = Ruleset::built_in();
    assert!(all.stdout.contains("\nAI Magicx (aimagicx): 1 rule\n"), "{all}");
    let experimental = rules.rules.iter().filter(|rule| rule.is_experimental).count();
    let more = format!("; {experimental} experimental ones are off (--enable experimental)\n");
    assert!(all.stdout.ends_with(&more), "{all}");
    let count = format!("\n{} rules of ", ids().len());
    assert!(all.stdout.contains(&count), "{all}");
    let whole = dir.run(&["rules", "list", "--enable", "experimental"]).expect(0);
    let count = format!("{} rules of {} providers\n", rules.rules.len(), rules.providers.len());
    assert!(whole.stdout.ends_with(&count), "{whole}");
    for (word, expected) in [
        ("aimagicx", &["aimagicx-api-key"][..]),
        ("AT_v1", &["magicx-access-token"]),
        ("MAGICX_SECRET", &["magicx-secret-key"]),
        ("autocomplete public KEY", &["magicx-public-key"]),
    ] {
        assert_eq!(listed(&dir.run(&["rules", "list", word]).expect(0).stdout), expected, "{word}");
    }
    dir.run(&["rules", "list", "nobody"]).expect(2).err("no rule has `nobody` in it");
    let json = dir.run(&["rules", "list", "--format", "json"]).expect(0).json();
    let listed = json.as_array().unwrap().iter().flat_map(|one| one["rules"].as_array().unwrap());
    let listed: Vec<_> = listed.map(|rule| rule["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, ids());
}

#[test]
fn a_starter_file_is_complete_and_passes_its_own_check() {
    let dir = Dir::new();
    let new = dir.run(&["rules", "new", "acme-cloud"]).expect(0);
    new.err("written: acme-cloud.toml").err("keyside rules check acme-cloud.toml");
    dir.run(&["rules", "check", "acme-cloud.toml"]).expect(0).out("1 rules in 1 files pass");
    dir.write("src/a.txt", dir.key(("acme-cloud_", 32)));
    dir.run(&["scan", "src", "--rules", "acme-cloud.toml"]).expect(1).out("acme-cloud API key");
    dir.run(&["rules", "new", "acme-cloud"]).expect(2).err("cannot create acme-cloud.toml");
    dir.run(&["rules", "new", "acme-cloud", "-o", "b.toml"]).expect(0).err("written: b.toml");
    dir.run(&["rules", "new", "Acme"]).expect(2).err("not a provider's name in kebab-case");
    dir.run(&["rules", "new", "../acme"]).expect(2).err("not a provider's name in kebab-case");
    dir.run(&["rules", "new", "magicx"]).expect(2).err("duplicate provider `magicx`");
}

#[test]
fn a_key_with_a_wrong_checksum_is_no_finding_and_explained() {
    let dir = Dir::new();
    dir.write(
        "acme.toml",
        "[[rule]]\nid = \"acme-token\"\nchecksum = { kind = \"crc32-base62\" }\n\
         pattern = '(?P<secret>acm_(?P<body>(?P<checked>[0-9A-Za-z]{30})(?P<checksum>[0-9A-Za-z]{6})))'\n\
         samples = { match = [\"acm_{alnum:30}{checksum:crc32-base62}\"], ignore = [\"acm_{alnum:36}\"] }\n",
    );
    dir.run(&["rules", "check", "acme.toml"]).expect(0).out("all their 2 samples");
    let rules = [RuleFile {
        name: "acme.toml".to_owned(),
        text: std::fs::read_to_string(dir.path().join("acme.toml")).unwrap(),
    }];
    let rules = Ruleset::only(&rules).unwrap();
    let good = rules.rules[0].fill(&rules.rules[0].samples.matching[0].template, &mut Rng::new(7));
    let bad = good.replace("acm_", "acm_0")[..40].to_owned();
    dir.write("src/a.txt", format!("{good}\n{bad}\n"));
    let run = dir.run(&["scan", "src", "-f", "json", "--rules", "acme.toml"]).expect(1);
    assert_eq!(places(&run.json()), ["src/a.txt:1:1-41"]);
    let explained = dir.run(&["explain", "src/a.txt:2", "--rules", "acme.toml"]).expect(0);
    explained.out("its checksum is wrong: it was made up, cut or altered");
    let fault = std::fs::read_to_string(dir.path().join("acme.toml")).unwrap();
    dir.write("acme.toml", fault.replace("{ kind = \"crc32-base62\"", "{ kind = \"crc33\""));
    let run = dir.run(&["scan", "src", "--rules", "acme.toml"]).expect(2);
    run.err(
        "acme.toml:3: rule `acme-token`: `crc33` is not a checksum; known checksums: base58check",
    );
}

#[test]
fn the_more_exact_rule_reports_a_key_and_explain_says_so() {
    let dir = Dir::new();
    dir.write("a.toml", "[[rule]]\nid = \"any-key\"\npattern = 'acme_[A-Za-z0-9]{32,64}'\n");
    dir.write("b.toml", "[[rule]]\nid = \"hex-key\"\npattern = 'acme_[a-f0-9]{32}'\n");
    dir.write("src/a.txt", "acme_".to_owned() + &Rng::new(3).text("0123456789abcdef", 32));
    let rules = ["--rules", "a.toml", "--rules", "b.toml"];
    let report = dir.run(&[&["scan", "src", "-f", "json"], &rules[..]].concat()).expect(1).json();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report:#}");
    assert_eq!(findings[0]["rule_id"], "hex-key");
    let explained = dir.run(&[&["explain", "src/a.txt:1"], &rules[..]].concat()).expect(0);
    explained.out("not reported: rule hex-key fits better here").out("reported as error");
}

#[test]
fn a_key_in_pem_belongs_to_the_provider_around_it() {
    let dir = Dir::new();
    let pem = |kind: &str| {
        let template = Template::parse(&format!("{{private-key:{kind}}}")).unwrap();
        template.fill(&mut Rng::new(11))
    };
    let account = |kind: &str| {
        let key = pem(kind).replace('\n', "\\n");
        format!(
            "{{\"type\": \"service_account\", \"private_key\": \"{key}\\n\", \
             \"client_email\": \"ci@acme.iam.gserviceaccount.com\"}}\n"
        )
    };
    for (text, rule) in [
        (account("pkcs8"), "gcp-service-account-key"),
        (account("rsa"), "gcp-service-account-key"),
        (format!("{}\nOCI_API_KEY\n", pem("pkcs8")), "oci-config-key"),
        (pem("pkcs8"), "private-key"),
    ] {
        dir.write("key.txt", text);
        let report = dir.run(&["scan", "key.txt", "-f", "json"]).expect(1).json();
        assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{rule}");
        assert_eq!(report["findings"][0]["rule_id"], rule);
    }
}

/// Three rules without a text of their own, and one with a keyword and words around it.
const BY_NAME: &str = r#"
[[rule]]
id = "acme-api-key"
pattern = '[0-9a-f]{32}'
nearby = { words = ["acme_api", "acme"], not-words = ["acme_app"] }

[[rule]]
id = "acme-app-key"
pattern = '[0-9a-f]{40}'
nearby = { words = ["acme_app"] }

[[rule]]
id = "other-uuid"
pattern = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
nearby = { words = ["other"], within = 30 }

[[rule]]
id = "short-prefix"
pattern = 'pk_[0-9a-f]{34}'
nearby = { words = ["klav"] }
"#;

#[test]
fn keys_without_a_text_of_their_own_are_found_by_their_names() {
    let dir = Dir::new();
    dir.write("acme.toml", BY_NAME);
    let mut rng = Rng::new(21);
    let mut hex = |length| rng.text("0123456789abcdef", length);
    let (a, b, c, d, e, f, g) = (hex(32), hex(32), hex(40), hex(32), hex(32), hex(32), hex(32));
    let uuid = [hex(8), hex(4), hex(4), hex(4), hex(12)].join("-");
    let pk = format!("pk_{}", hex(34));
    dir.write(
        "src/a.txt",
        format!(
            "ACME_API_KEY={a}\n\
             const client = acme({{ apiKey: '{b}' }})\n\
             acmeAppKey: \"{c}\"\n\
             acme --token {d}\n\
             <add key=\"AcmeKey\" value=\"{e}\"/>\n\
             other_id = {uuid}\n\
             klaviyo.init('{pk}')\n"
        ),
    );
    // No name, another name, a hash, a longer value, a part of an address, a prefix alone.
    dir.write(
        "src/b.txt",
        format!(
            "key = '{f}'\nACME_APP_SECRET={f}\nacme_commit = '{f}'\nacme = '{f}0'\n\
             https://acme.example/{f}\nacme: see {f}\n{pk}\n\
             other: a text that is longer than thirty bytes = {uuid}\n"
        ),
    );
    let wide: Vec<u8> =
        format!("\u{feff}ACME_KEY={g}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    dir.write("src/c.txt", wide);
    let run = dir.run(&["scan", "src", "-f", "json", "--rules", "acme.toml"]).expect(1);
    let report = run.json();
    assert_eq!(
        places(&report),
        [
            "src/a.txt:1:14-46",
            "src/a.txt:2:32-64",
            "src/a.txt:3:14-54",
            "src/a.txt:4:14-46",
            "src/a.txt:5:27-59",
            "src/a.txt:6:12-48",
            "src/a.txt:7:15-52",
            "src/c.txt:1:10-42",
        ],
        "{report:#}"
    );
    assert_eq!(report["findings"][2]["rule_id"], "acme-app-key");
    let explained = dir.run(&["explain", "src/a.txt:1", "--rules", "acme.toml"]).expect(0);
    explained.out("rule acme-api-key").out("reported as error");
    let explained = dir.run(&["explain", "src/b.txt:7", "--rules", "acme.toml"]).expect(0);
    explained.out("the words near it say that it is something else");
    for secret in [&a, &b, &c, &d, &e, &g, &pk] {
        let shown = dir.run(&["scan", "src", "--rules", "acme.toml"]).stdout;
        assert!(!shown.contains(secret.as_str()), "{shown}");
    }
}

#[test]
fn keys_by_name_are_found_in_history_and_in_what_is_staged() {
    let repo = Repo::new();
    repo.write("acme.toml", BY_NAME);
    let mut rng = Rng::new(22);
    let mut key = || rng.text("0123456789abcdef", 32);
    let (first, second, third) = (key(), key(), key());
    let filler: String = (0..200).map(|n| format!("line {n} of a file\n")).collect();
    repo.write("src/a.txt", format!("ACME_KEY=\n{filler}"));
    repo.commit("one");
    repo.write("src/a.txt", format!("ACME_KEY={first}\n{filler}"));
    repo.commit("two");
    repo.write("src/a.txt", format!("ACME_KEY={second}\n{filler}"));
    repo.commit("three");
    repo.git(&["gc", "-q", "--aggressive", "--prune=now"]);
    let json =
        |args: &[&str]| repo.keyside(&[args, &["--rules", "acme.toml"]].concat()).expect(1).json();
    let report = json(&[]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 2, "{report:#}");
    repo.write("src/a.txt", format!("ACME_KEY={third}\n{filler}"));
    repo.git(&["add", "."]);
    let report = json(&["--staged"]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report:#}");
}

#[test]
fn a_claim_tells_the_class_of_a_token_and_its_end() {
    let dir = Dir::new();
    let rule = |id: &str, class: &str, role: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\nclass = \"{class}\"\n\
             pattern = '(?P<secret>eyJ[0-9A-Za-z_-]{{20,60}}\\.eyJ[0-9A-Za-z_-]{{20,260}}\\.(?P<body>[0-9A-Za-z_-]{{43}}))'\n\
             decoded = {{ form = \"jwt\", json = {{ \"/role\" = \"{role}\" }}, expires = \"/exp\" }}\n\
             samples = {{ match = ['{{jwt:{{\"role\":\"{role}\",\"n\":\"{{lower:9}}\"}}}}'], ignore = ['{{jwt:{{\"role\":\"x\"}}}}'] }}\n"
        )
    };
    dir.write(
        "a.toml",
        rule("service-key", "secret", "service") + &rule("anon-key", "public", "anon"),
    );
    dir.run(&["rules", "check", "a.toml"]).expect(0).out("2 rules in 1 files pass");
    let token = |payload: &str, seed| {
        Template::parse(&format!("{{jwt:{payload}}}")).unwrap().fill(&mut Rng::new(seed))
    };
    let lasting = token(r#"{"role":"service","exp":9999999999}"#, 1);
    let over = token(r#"{"role":"service","exp":1000000000}"#, 2);
    let public = token(r#"{"role":"anon"}"#, 3);
    let other = token(r#"{"role":"user","name":"a user of the app"}"#, 4);
    dir.write("src/a.txt", format!("{lasting}\n{over}\n{public}\n{other}\n"));
    // The rule for all web tokens would report them, too: no file may make its findings milder.
    let own = ["--rules", "a.toml", "--disable", "jwt"];
    let report = dir.run(&[&["scan", "src", "-f", "json"], &own[..]].concat()).expect(1).json();
    let findings = report["findings"].as_array().unwrap();
    let told: Vec<_> = findings
        .iter()
        .map(|one| {
            (
                one["occurrences"][0]["start_line"].as_u64().unwrap(),
                one["severity"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [(1, "error"), (2, "note")], "{report:#}");
    let explained = dir.run(&["explain", "src/a.txt:4", "--rules", "a.toml"]).expect(0);
    explained.out("decoded, it is something else");
    let fault = std::fs::read_to_string(dir.path().join("a.toml")).unwrap();
    dir.write("a.toml", fault.replacen("\"jwt\"", "\"jwe\"", 1));
    dir.run(&["scan", "src", "--rules", "a.toml"])
        .expect(2)
        .err("rule `service-key`: `jwe` is not a form; known forms: base64");
}
