//! Keys that belong to a key of another rule, and words that stand some lines away.

use serde_json::Value;

use keyside::rules::{Rng, Ruleset, Template};

use crate::repo::{Repo, only};
use crate::support::{Dir, FORMATS, places};

const RULES: &str = r#"
[[rule]]
id = "acme-id"
class = "CLASS"
pattern = 'ACMEID[0-9A-Z]{16}'
constraints = { random = false }

[[rule]]
id = "acme-secret"
pattern = '[0-9A-Za-z]{40}'
pair = { with = "acme-id", lines = 3 }
nearby = { words = ["acme_secret"], not-words = ["beta"] }
"#;

/// An id and a secret; `@` and `#` in texts.
struct Keys {
    id: String,
    secret: String,
}

impl Keys {
    fn new(dir: &Dir) -> Self {
        let id = dir.key(("", 16)).to_ascii_uppercase();
        Self { id: format!("ACMEID{id}"), secret: dir.key(("", 40)) }
    }

    fn fill(&self, text: &str) -> String {
        text.replace('@', &self.id).replace('#', &self.secret)
    }
}

/// Writes the rules, with this class of ids.
fn with_rules(dir: &Dir, class: &str) {
    dir.write("rules.toml", RULES.replace("CLASS", class));
}

fn scan(dir: &Dir) -> (i32, Value) {
    let run = dir.run(&["scan", "-f", "json", "--rules", "rules.toml", "src"]);
    (run.code, run.json())
}

#[test]
fn a_key_counts_near_the_key_that_it_belongs_to() {
    let dir = Dir::new();
    with_rules(&dir, "public");
    let keys = Keys::new(&dir);
    for (text, is_found, is_paired) in [
        ("id = '@'\nkey = '#'\n", true, true),
        ("key = '#'\n\n\nid = '@'\n", true, true),
        ("id: \"@\", key: \"#\"", true, true),
        ("id = '@'\n\n\n\nkey = '#'\n", false, false),
        ("key = '#'\n", false, false),
        ("ACME_SECRET='#'\n", true, false),
        ("id = '@'\nACME_SECRET='#'\n", true, true),
        ("id = '@'\nbeta = '#'\n", false, false),
        ("id = '@'\nsha256 = '#'\n", false, false),
        ("@ #\n", false, false),
    ] {
        dir.write("src/a.txt", keys.fill(text));
        let (code, report) = scan(&dir);
        assert_eq!(code, i32::from(is_found), "{text}");
        if is_found {
            let finding = only(&report);
            assert_eq!(finding["rule_id"], "acme-secret");
            assert_eq!(finding["pair"]["rule_id"] == "acme-id", is_paired, "{text}");
            let message = finding["message"].as_str().unwrap();
            assert_eq!(message.contains("with its Acme ID `"), is_paired, "{message}");
            assert!(!report.to_string().contains(&keys.id), "{text}");
        }
    }
    dir.write("src/a.txt", keys.fill("id = '@'\n\n\n\nkey = '#'\n"));
    dir.run(&["explain", "src/a.txt:5", "--rules", "rules.toml"]).expect(0).out("not reported");
}

#[test]
fn two_keys_that_belong_together_are_one_finding() {
    let dir = Dir::new();
    with_rules(&dir, "secret");
    let keys = Keys::new(&dir);
    dir.write("src/a.txt", keys.fill("id = '@'\nkey = '#'\n"));
    let finding = only(&scan(&dir).1);
    assert_eq!(
        (&finding["rule_id"], &finding["pair"]["rule_id"]),
        (&"acme-secret".into(), &"acme-id".into())
    );
    for format in FORMATS {
        let run = dir.run(&["scan", "-f", format, "--rules", "rules.toml", "src"]).expect(1);
        assert!(!run.stdout.contains(&keys.id), "{format}");
    }
    dir.run(&["explain", "src/a.txt:1", "--rules", "rules.toml"])
        .expect(0)
        .out("it is part of the finding of the key that belongs to it");
    // Alone it is a finding of its own, and where the other rule is switched off.
    dir.write("src/a.txt", keys.fill("id = '@'\n"));
    assert_eq!(only(&scan(&dir).1)["rule_id"], "acme-id");
    dir.write("src/a.txt", keys.fill("id = '@'\nkey = '#'\n"));
    let args = ["scan", "-f", "json", "--rules", "rules.toml", "--only", "acme-id", "src"];
    assert_eq!(only(&dir.run(&args).expect(1).json())["rule_id"], "acme-id");
}

#[test]
fn pairs_are_found_in_the_history_and_the_index() {
    let repo = Repo::new();
    with_rules(&repo.dir, "secret");
    let rules = repo.path().join("rules.toml");
    let rules = ["--rules", rules.to_str().unwrap()];
    let keys = Keys::new(&repo.dir);
    repo.add("a.txt", "clean");
    repo.write("b.txt", keys.fill("id = '@'\nkey = '#'\n"));
    repo.git(&["add", "b.txt"]);
    let report = |args: &[&str]| repo.report(&[args, &rules].concat(), 1);
    assert_eq!(only(&report(&["--staged"]))["pair"]["rule_id"], "acme-id");
    let added = repo.commit_staged("add keys");
    assert_eq!(only(&report(&["--range", "HEAD~1..HEAD"]))["pair"]["rule_id"], "acme-id");
    repo.git(&["rm", "-q", "b.txt"]);
    repo.commit_staged("remove them");
    let finding = only(&report(&[]));
    assert_eq!(
        (&finding["rule_id"], &finding["pair"]["rule_id"]),
        (&"acme-secret".into(), &"acme-id".into())
    );
    assert_eq!(finding["first_seen"]["commit"], added);
}

#[test]
fn no_pair_is_lost_where_a_file_is_cut_into_pieces() {
    const FRESH: usize = (4 << 20) - (64 << 10);
    let dir = Dir::new();
    with_rules(&dir, "secret");
    let keys = Keys::new(&dir);
    for text in ["id = '@'\n\n\nkey = '#'\n", "key = '#'\n\n\nid = '@'\n"] {
        let text = keys.fill(text);
        for before in [0, 10, 30, 38, 50, 80, 100] {
            let filler = "- nothing\n".repeat((FRESH - before) / 10);
            let filler = filler.clone() + &" ".repeat(FRESH - before - filler.len());
            dir.write("src/a.txt", format!("{filler}{text}{}", "- nothing\n".repeat(20_000)));
            let finding = only(&scan(&dir).1);
            assert_eq!(finding["pair"]["rule_id"], "acme-id", "{before}");
            assert_eq!(finding["occurrences"].as_array().unwrap().len(), 1, "{before}");
        }
    }
}

#[test]
fn words_may_stand_some_lines_away() {
    let dir = Dir::new();
    let key = dir.key(("", 40));
    dir.write(
        "rules.toml",
        "[[rule]]\nid = 'acme-key'\npattern = '[0-9A-Za-z]{40}'\n\
         nearby = { words = ['acme'], within-lines = 2 }\n",
    );
    dir.write("src/a.yaml", format!("acme:\n  region: x\n  key: {key}\n"));
    dir.write("src/b.yaml", format!("key: {key}\n\n\nacme: 1\n"));
    assert_eq!(places(&scan(&dir).1), ["src/a.yaml:3:8-48"]);
}

#[test]
fn an_exact_name_is_found_in_all_its_spellings() {
    let dir = Dir::new();
    dir.write(
        "rules.toml",
        "[[rule]]\nid = 'acme-key'\npattern = '[0-9A-Za-z]{40}'\n\
         nearby = { words = ['aws_secret_access_key'] }\n",
    );
    for name in [
        "AWS_SECRET_ACCESS_KEY=",
        "aws_secret_access_key = ",
        "\"awsSecretAccessKey\": \"",
        "AwsSecretAccessKey: ",
        "AWSSecretAccessKey=",
        "--aws-secret-access-key ",
        "aws.secret.access.key=",
        "AWS Secret Access Key: ",
    ] {
        dir.write("src/a.txt", format!("{name}{}\n", dir.key(("", 40))));
        assert_eq!(scan(&dir).0, 1, "{name}");
    }
    dir.write("src/a.txt", format!("AWS_SECRET_ACCESS=1\nKEY={}\n", dir.key(("", 40))));
    assert_eq!(scan(&dir).0, 0);
}

#[test]
fn faults_of_pairs_name_the_line() {
    let dir = Dir::new();
    for (pair, message) in [
        ("with = 'acme-id'\nlines = 21", "6: rule `acme-key`: lines must be 0 to 20"),
        (
            "with = 'acme-ids'",
            "5: rule `acme-key`: there is no pair with `acme-ids`: no rule has this id",
        ),
        ("with = 'acme-key'", "that rule has a [rule.pair] itself"),
        ("with = 'private-key'", "keys of that rule are blocks"),
        ("with = 'acme-id'\n[rule.nearby]\nwithin = 9\nwithin-lines = 2", "write one of them"),
        ("with = 'acme-id'\n[rule.nearby]\nwithin-lines = 21", "within-lines must be 0 to 20"),
    ] {
        let rules = format!(
            "[[rule]]\nid = 'acme-key'\npattern = '[0-9A-Za-z]{{40}}'\n[rule.pair]\n{pair}\n\
             [[rule]]\nid = 'acme-id'\npattern = 'ACMEID[0-9A-Z]{{16}}'\n"
        );
        dir.write("bad.toml", rules);
        dir.run(&["scan", "--rules", "bad.toml", "."]).expect(2).err(message);
    }
    for (rule, message) in [
        (
            "pattern = 'acme_[0-9A-Za-z]{40}'\npair = { with = 'acme-id', tells = true }",
            "these have `acme_`: leave `tells` out",
        ),
        (
            "pattern = 'acme_[0-9A-Za-z]{40}'\npair = { with = 'acme-id', or-with = ['acme-ids'] }",
            "there is no pair with `acme-ids`: no rule has this id",
        ),
        (
            "pattern = '[0-9A-Za-z]{40}'\npair = { with = 'acme-id', tells = false }",
            "add one, or [rule.nearby] with words that stand near the key",
        ),
    ] {
        let rules = format!(
            "[[rule]]\nid = 'acme-key'\n{rule}\n\
             [[rule]]\nid = 'acme-id'\npattern = 'ACMEID[0-9A-Z]{{16}}'\n"
        );
        dir.write("bad.toml", rules);
        dir.run(&["scan", "--rules", "bad.toml", "."]).expect(2).err(message);
    }
}

/// Rules whose keys are found without their pair.
const FOUND_ALONE: &str = r#"
[[rule]]
id = "acme-id"
class = "public"
pattern = 'ACMEID[0-9A-Z]{16}'
constraints = { random = false }

[[rule]]
id = "acme-shop"
class = "public"
pattern = '(?P<secret>[a-z]{3,20})\.acme-shop\.example'
constraints = { random = false }

[[rule]]
id = "acme-tenant"
class = "public"
pattern = '[0-9a-z]{24}'
nearby = { words = ["acme_tenant"] }

[[rule]]
id = "acme-text"
pattern = 'acme_text_[0-9A-Za-z]{40}'
pair = { with = "acme-id", or-with = ["acme-shop", "acme-tenant"], lines = 3 }

[[rule]]
id = "acme-name"
pattern = '[0-9A-Za-z]{40}'
pair = { with = "acme-id", or-with = ["acme-shop", "acme-tenant"], lines = 3, tells = false }
nearby = { words = ["acme_name"] }
"#;

#[test]
fn the_other_key_adds_to_a_key_that_is_found_without_it() {
    let dir = Dir::new();
    dir.write("rules.toml", FOUND_ALONE);
    let keys = Keys::new(&dir);
    let tenant = dir.key(("", 24)).to_ascii_lowercase();
    let key = dir.key(("acme_text_", 40));
    for (text, rule, pair) in [
        ("k = '!'\n", "acme-text", None),
        ("id = '@'\nk = '!'\n", "acme-text", Some("acme-id")),
        ("id = '@'\n\n\n\nk = '!'\n", "acme-text", None),
        ("k = '!'\nurl = 'https://own.acme-shop.example/x'\n", "acme-text", Some("acme-shop")),
        ("ACME_TENANT=%\nk=!\n", "acme-text", Some("acme-tenant")),
        ("TENANT=%\nk=!\n", "acme-text", None),
        // The nearest one counts, and of two that are equally near the first.
        ("id = '@'\nACME_TENANT=%\n\nk=!\n", "acme-text", Some("acme-tenant")),
        ("ACME_TENANT=%\nk=!\nid = '@'\n", "acme-text", Some("acme-tenant")),
        ("ACME_NAME='#'\n", "acme-name", None),
        ("id: @\nACME_NAME: #\n", "acme-name", Some("acme-id")),
        ("ACME_TENANT: %\nACME_NAME: #\n", "acme-name", Some("acme-tenant")),
    ] {
        let text = keys.fill(text).replace('!', &key).replace('%', &tenant);
        let wide: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        for bytes in [text.clone().into_bytes(), wide] {
            dir.write("src/a.txt", bytes);
            let (code, report) = scan(&dir);
            assert_eq!(code, 1, "{text}");
            let finding = only(&report);
            assert_eq!(finding["rule_id"], rule, "{text}");
            assert_eq!(finding["pair"]["rule_id"].as_str(), pair, "{text}");
        }
    }
    // A value of the form alone is none, even beside the other key.
    dir.write("src/a.txt", keys.fill("id = '@'\nkey = '#'\n"));
    assert_eq!(scan(&dir).0, 0);
}

#[test]
fn a_key_that_other_words_tell_has_its_pair_in_the_history() {
    let repo = Repo::new();
    repo.dir.write("rules.toml", FOUND_ALONE);
    let rules = repo.path().join("rules.toml");
    let rules = ["--rules", rules.to_str().unwrap()];
    let keys = Keys::new(&repo.dir);
    repo.add("a.txt", "clean");
    repo.write("b.txt", keys.fill("id = '@'\nACME_NAME = '#'\n"));
    repo.git(&["add", "b.txt"]);
    let report = |args: &[&str]| repo.report(&[args, &rules].concat(), 1);
    assert_eq!(only(&report(&["--staged"]))["pair"]["rule_id"], "acme-id");
    repo.commit_staged("add keys");
    assert_eq!(only(&report(&["--range", "HEAD~1..HEAD"]))["pair"]["rule_id"], "acme-id");
    assert_eq!(only(&report(&[]))["pair"]["rule_id"], "acme-id");
}

#[test]
fn many_pairs_in_one_file_take_no_time_without_end() {
    let dir = Dir::new();
    with_rules(&dir, "secret");
    let keys = Keys::new(&dir);
    dir.write("src/a.txt", keys.fill("id = '@'\nkey = '#'\n").repeat(20_000));
    let started = std::time::Instant::now();
    let finding = only(&scan(&dir).1);
    assert_eq!(finding["occurrences"].as_array().unwrap().len(), 20_000);
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

/// The built-in rules that a key and its pair make one finding of; `{…}` as in samples.
const BUILT_IN: &[(&str, &str, &str)] = &[
    (
        "id: AKIA{[A-Z2-7]:16}\nkey: {[0-9A-Za-z+/]:40}\n",
        "aws-secret-access-key",
        "aws-access-key-id",
    ),
    (
        "[default]\naws_access_key_id = AKIA{[A-Z2-7]:16}\naws_secret_access_key = {[0-9A-Za-z+/]:40}\n",
        "aws-secret-access-key-pair",
        "aws-access-key-id",
    ),
    (
        "AWS_ACCESS_KEY_ID=ASIA{[A-Z2-7]:16}\nREGION=x\n\nAWS_SECRET_ACCESS_KEY={[0-9A-Za-z+/]:40}\n",
        "aws-secret-access-key",
        "aws-temporary-access-key-id",
    ),
    (
        "Client('LTAI5t{alnum:18}', '{alnum:30}')\n",
        "alibaba-access-key-secret",
        "alibaba-access-key-id",
    ),
    (
        "TWILIO_ACCOUNT_SID=AC{hex:32}\nTWILIO_AUTH_TOKEN={hex:32}\n",
        "twilio-auth-token",
        "twilio-account-sid",
    ),
    (
        "TWILIO_API_KEY=SK{hex:32}\nTWILIO_API_SECRET={alnum:32}\n",
        "twilio-api-key-secret",
        "twilio-api-key-sid",
    ),
    (
        "ALGOLIA_APP_ID={[0-9A-Z]:10}\nALGOLIA_ADMIN_KEY={hex:32}\n",
        "algolia-admin-key",
        "algolia-app-id",
    ),
    ("PLAID_CLIENT_ID={hex:24}\nPLAID_SECRET={hex:30}\n", "plaid-secret", "plaid-client-id"),
    (
        "id: {digit:12}-{[0-9a-z]:32}.apps.googleusercontent.com\nsecret: GOCSPX-{base64url:28}\n",
        "google-oauth-client-secret",
        "google-oauth-client-id",
    ),
    (
        "GITHUB_CLIENT_ID=Iv1.{hex:16}\nGITHUB_CLIENT_SECRET={hex:40}\n",
        "github-oauth-client-secret",
        "github-client-id",
    ),
    ("DD_API_KEY={hex:32}\nDD_APP_KEY={hex:40}\n", "datadog-application-key", "datadog-api-key"),
    (
        "SHOP=acme-{[a-z]:8}.myshopify.com\nTOKEN=shpat_{hex:32}\n",
        "shopify-access-token",
        "shopify-store-domain",
    ),
    (
        "TWITTER_API_KEY={alnum:25}\nTWITTER_API_SECRET={alnum:50}\n",
        "twitter-api-secret",
        "twitter-api-key",
    ),
    (
        "DefaultEndpointsProtocol=https;AccountName=acme{[a-z]:8};AccountKey={[0-9A-Za-z+/]:86}==\n",
        "azure-storage-account-key-legacy",
        "azure-storage-account-name",
    ),
    (
        "CLOUDINARY_API_KEY={digit:15}\nCLOUDINARY_API_SECRET={base64url:27}\n",
        "cloudinary-api-secret",
        "cloudinary-api-key",
    ),
];

#[test]
fn built_in_rules_know_what_belongs_together() {
    let rules = Ruleset::built_in();
    for (nth, (text, rule, pair)) in BUILT_IN.iter().enumerate() {
        let template = Template::parse(text).unwrap();
        let text = rules.by_id(rule).unwrap().fill(&template, &mut Rng::new(nth as u64 + 70));
        let dir = Dir::new();
        dir.write("src/a.txt", &text);
        let finding = only(&dir.run(&["scan", "-f", "json", "src"]).expect(1).json());
        assert_eq!(
            (&finding["rule_id"], &finding["pair"]["rule_id"]),
            (&(*rule).into(), &(*pair).into()),
            "{text}"
        );
    }
}

#[test]
fn an_identifier_that_is_only_paired_is_masked_beside_its_key() {
    let dir = Dir::new();
    let rules = "[[rule]]\nid = 'acme-id'\nclass = 'public'\nonly-paired = true\n\
                 pattern = 'ACMEID[0-9A-Z]{16}'\nconstraints = { random = false }\n\
                 [[rule]]\nid = 'acme-text'\npattern = 'acme_text_[0-9A-Za-z]{40}'\n\
                 pair = { with = 'acme-id' }\n";
    dir.write("rules.toml", rules);
    let keys = Keys::new(&dir);
    let key = dir.key(("acme_text_", 40));
    dir.write("src/a.txt", keys.fill("id = '@', key = '!'\n").replace('!', &key));
    for format in FORMATS {
        let run = dir.run(&["scan", "-f", format, "--rules", "rules.toml", "src"]).expect(1);
        assert!(!run.stdout.contains(&keys.id), "{format}\n{}", run.stdout);
    }
    assert_eq!(only(&scan(&dir).1)["pair"]["rule_id"], "acme-id");
    dir.write("src/a.txt", keys.fill("id = '@'\n"));
    assert_eq!(scan(&dir).0, 0);
    dir.write("rules.toml", rules.replace("class = 'public'\n", ""));
    dir.run(&["scan", "--rules", "rules.toml", "src"])
        .expect(2)
        .err("only-paired is for rules of the class `public`");
}
