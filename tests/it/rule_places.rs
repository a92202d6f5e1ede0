//! Rules for some files only, and for some places in JSON.

use serde_json::Value;

use crate::repo::{Repo, of, only};
use crate::support::{AIMAGICX, Dir, SECRET, places};

const RULES: &str = r#"
[[rule]]
id = "acme-registry-token"
pattern = '[0-9a-f]{40}'
nearby = { words = ["auth_token"] }
place = { files = [".npmrc", "**/.acme/*.rc"] }

[[rule]]
id = "acme-registry-auth"
pattern = '[0-9A-Za-z]{40}'
nearby = { words = ["auth"] }
place = { files = [".acme/config.json"], json = "/auths/*/auth" }

[[rule]]
id = "acme-anything"
pattern = '[0-9a-z]{40}'
nearby = { words = ["auth_token"] }
"#;

fn hex(dir: &Dir) -> String {
    let text = dir.key(("", 40));
    text.bytes().map(|byte| char::from(b"0123456789abcdef"[usize::from(byte) % 16])).collect()
}

/// The rule and the places of each finding.
fn found(report: &Value) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let rules = findings.flat_map(|finding| {
        let rule = finding["rule_id"].as_str().unwrap().to_owned();
        vec![rule; finding["occurrences"].as_array().unwrap().len()]
    });
    let mut found: Vec<_> = rules.zip(places(report)).collect();
    found.sort();
    found
}

#[test]
fn a_rule_counts_in_its_files_only() {
    let dir = Dir::new();
    let key = hex(&dir);
    dir.write("rules.toml", RULES);
    let line = format!("_authToken={key}\n");
    for path in ["src/.npmrc", "src/a/.acme/x.rc", "src/b/npmrc"] {
        dir.write(path, &line);
    }
    let run =
        |args: &[&str]| dir.run(&[&["scan", "-f", "json", "--rules", "rules.toml"], args].concat());
    // Where the rule for a place counts, it is the more exact one.
    let at = |rule: &str, place: &str| (rule.to_owned(), format!("{place}:1:12-52"));
    assert_eq!(
        found(&run(&["src"]).expect(1).json()),
        [
            at("acme-anything", "src/b/npmrc"),
            at("acme-registry-token", "src/.npmrc"),
            at("acme-registry-token", "src/a/.acme/x.rc"),
        ]
    );
    run(&["--only", "acme-registry-token", "src/b"]).expect(0);
    dir.run(&["explain", "src/b/npmrc:1", "--rules", "rules.toml"])
        .expect(0)
        .out("the rule is for another place: .npmrc, **/.acme/*.rc");
    let stdin = |path: &str| {
        let args =
            ["stdin", "-f", "json", "--rules", "rules.toml", "--only", "acme-registry-token"];
        dir.pipe(&[&args[..], &["--path", path]].concat(), line.as_bytes()).code
    };
    assert_eq!((stdin("x/.npmrc"), stdin("x/npmrc")), (1, 0));
}

#[test]
fn a_place_in_json_is_a_pointer() {
    let dir = Dir::new();
    dir.write("rules.toml", RULES);
    let (right, other, outside) = (dir.key(("", 40)), dir.key(("", 40)), dir.key(("", 40)));
    let text = format!(
        "{{\n\"auths\": {{\"https://acme.example/v1/\": {{\"auth\": \"{right}\"}}}},\n\
         \"auth\": \"{other}\"}}\n"
    );
    dir.write("src/.acme/config.json", text);
    let text = format!("{{\"auths\": {{\"x\": {{\"auth\": \"{outside}\"}}}}}}");
    dir.write("src/config.json", text);
    let args = ["scan", "-f", "json", "--rules", "rules.toml", "src"];
    assert_eq!(places(&dir.run(&args).expect(1).json()), ["src/.acme/config.json:2:49-89"]);
}

#[test]
fn blobs_have_the_places_of_their_paths() {
    let repo = Repo::new();
    let (elsewhere, key) = (hex(&repo.dir), hex(&repo.dir));
    repo.dir.write("rules.toml", RULES);
    let args = ["--rules", "rules.toml", "--only", "acme-registry-token"];
    let scan = |more: &[&str], code: i32| repo.report(&[more, &args].concat(), code);
    repo.write("x/npmrc", format!("_authToken={elsewhere}\n"));
    repo.git(&["add", "x"]);
    scan(&["--staged"], 0);
    // A key that does not count there takes no other key's place.
    let staged = repo.report(&["--staged", "--rules", "rules.toml"], 1);
    assert_eq!(of(&staged, &elsewhere)["rule_id"], "acme-anything");
    repo.commit_staged("not the place");
    scan(&[], 0);
    repo.write("y/.npmrc", format!("a\n_authToken={key}\n"));
    repo.git(&["add", "y"]);
    repo.commit_staged("the place");
    let finding = only(&scan(&["--range", "HEAD~1..HEAD"], 1));
    assert_eq!(finding["occurrences"][0]["path"], "y/.npmrc");
    let finding = only(&scan(&[], 1));
    assert_eq!(finding["occurrences"].as_array().unwrap().len(), 1, "{finding:#}");
    assert_eq!(finding["occurrences"][0]["path"], "y/.npmrc");
}

#[test]
fn faults_of_places_name_the_line() {
    let dir = Dir::new();
    for (place, message) in [
        ("files = ['/etc/x']", "bad.toml:5: rule `acme-key`: `/etc/x` is not a pattern for files"),
        ("json = 'auths'", "the JSON pointer in `json` must begin with `/`"),
        ("json = '/auths'\nor-json = ['x']", "the JSON pointer in `json` must begin with `/`"),
        ("files = []", "a place needs `files`, `json` or both"),
        ("file = 'x'", "unknown field `file`"),
    ] {
        let rule = "[[rule]]\nid = 'acme-key'\npattern = 'acme_[0-9A-Za-z]{40}'\n[rule.place]\n";
        dir.write("bad.toml", format!("{rule}{place}\n"));
        dir.run(&["scan", "--rules", "bad.toml", "."]).expect(2).err(message);
    }
}

/// The files of programs, with `#` for a random key; what is in no such file is no finding of the rule.
const FILES: &[(&str, &str, &str)] = &[
    (".pgpass", "db.acme.com:5432:shop:deploy:#\n", "pgpass-password"),
    ("home/.my.cnf", "[client]\nuser = deploy\npassword = #\n", "mysql-option-file-password"),
    (".pypirc", "[pypi]\nusername = ada\npassword = #\n", "pypirc-password"),
    ("blog/wp-config.php", "define( 'DB_PASSWORD', '#' );\n", "wordpress-db-password"),
    (
        "infra/prod.tfstate",
        "{\"terraform_version\": \"1.9.0\", \"resources\": [{\"instances\": [{\"attributes\": \
         {\"id\": \"db-1\", \"auth_token\": \"#\"}}]}]}",
        "terraform-state-secret",
    ),
    (
        "infra/dev.tfstate",
        "{\"resources\": [{\"type\": \"random_password\", \"instances\": [{\"attributes\": \
         {\"id\": \"none\", \"result\": \"#\"}}]}]}",
        "terraform-state-password",
    ),
    (
        ".kube/config",
        "users:\n- name: ci\n  user:\n    token: #\n",
        "kubernetes-kubeconfig-credential",
    ),
    (
        ".cursor/mcp.json",
        "{\"mcpServers\": {\"docs\": {\"env\": {\"DOCS_API_KEY\": \"#\"}}}}",
        "mcp-config-credential",
    ),
    (
        ".vscode/mcp.json",
        "{\"servers\": {\"docs\": {\"args\": [\"mcp-server-docs\"], \"headers\": \
         {\"Authorization\": \"Bearer #\"}}}}",
        "mcp-config-credential",
    ),
    (
        ".m2/settings.xml",
        "<server><id>central</id><username>ci</username><password>#</password></server>",
        "maven-settings-password",
    ),
    (".sentryclirc", "[auth]\ntoken = %\n", "sentry-cli-token-legacy"),
];

#[test]
fn built_in_rules_know_the_files_of_programs() {
    for (path, text, rule) in FILES {
        let dir = Dir::new();
        let long = hex(&dir) + &hex(&dir)[..24];
        let text = text.replace('#', &dir.key(("", 40))).replace('%', &long);
        dir.write(&format!("src/{path}"), &text);
        let scan = || dir.run(&["scan", "-f", "json", "src"]);
        assert_eq!(only(&scan().expect(1).json())["rule_id"], *rule, "{path}");
        dir.write(&format!("src/{path}"), "");
        dir.write("src/notes.txt", &text);
        let elsewhere = scan().json();
        let rules = found(&elsewhere);
        assert!(rules.iter().all(|(own, _)| own != rule), "{path}: {rules:?}");
    }
}

#[test]
fn a_credential_of_npm_is_told_by_its_file_and_its_form() {
    let dir = Dir::new();
    let auth = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    let good = auth(&format!("deploy:{}", dir.key(("", 20))));
    for (path, value, is_found) in [
        (".npmrc", good.as_str(), true),
        (".npmrc", &auth(&dir.key(("", 30))), false),
        ("settings.ini", &good, false),
    ] {
        let dir = Dir::new();
        dir.write(
            &format!("src/{path}"),
            format!("registry=https://npm.acme.com/\n_auth={value}\n"),
        );
        let run = dir.run(&["scan", "-f", "json", "src"]).expect(i32::from(is_found));
        if is_found {
            assert_eq!(only(&run.json())["rule_id"], "npmrc-global-auth");
        }
    }
}

#[test]
fn a_credential_that_holds_another_key_has_one_mask() {
    let dir = Dir::new();
    let value = data_encoding::BASE64.encode(format!("deploy:{}", dir.key(SECRET)).as_bytes());
    dir.write("src/.npmrc", format!("registry=https://npm.acme.com/\n_auth={value} # ours\n"));
    let report = dir.run(&["scan", "-f", "json", "src"]).expect(1).json();
    for place in only(&report)["occurrences"].as_array().unwrap() {
        assert_eq!(place["line"], "_auth=[REDACTED] # ours");
    }
}

/// A rule of no provider says only that something is a credential.
#[test]
fn the_place_of_a_generic_rule_hides_no_providers_key() {
    let dir = Dir::new();
    let (key, other) = (dir.key(AIMAGICX), dir.key(("", 40)));
    let text = format!(
        "{{\"mcpServers\": {{\"a\": {{\"env\": {{\"A_KEY\": \"{key}\", \"B_KEY\": \"{other}\"}}}}}}}}"
    );
    dir.write("src/mcp.json", text);
    let report = dir.run(&["scan", "-f", "json", "src"]).expect(1).json();
    assert_eq!(of(&report, &key)["rule_id"], "aimagicx-api-key");
    assert_eq!(of(&report, &other)["rule_id"], "mcp-config-credential");
    assert_eq!(report["findings"].as_array().unwrap().len(), 2);
}

#[test]
fn a_word_anywhere_in_the_file_will_do() {
    let dir = Dir::new();
    let rules = "[[rule]]\nid = 'acme-key'\npattern = '[0-9A-Za-z]{40}'\n\
                 nearby = { words = ['acme_cloud'], not-words = ['digest'], anywhere = true }\n\
                 place = { json = '/a/*/key', or-json = ['/b/key'] }\n";
    dir.write("rules.toml", rules);
    let key = dir.key(("", 40));
    let filler = "\"x\": 1,\n".repeat(2000);
    let args = ["scan", "-f", "json", "--rules", "rules.toml", "src"];
    for (text, is_found) in [
        (
            format!(
                "{{\"kind\": \"acme-cloud\",\n{filler}\"a\": {{\"b\": {{\"key\": \"{key}\"}}}}}}"
            ),
            true,
        ),
        (format!("{{\"b\": {{\"key\": \"{key}\"}},\n{filler}\"kind\": \"AcmeCloud\"}}"), true),
        (format!("{{\"b\": {{\"other\": \"{key}\"}},\n{filler}\"kind\": \"AcmeCloud\"}}"), false),
        (
            format!("{{\"b\": {{\"digest\": 1, \"key\": \"{key}\"}}, \"kind\": \"AcmeCloud\"}}"),
            false,
        ),
        (format!("{{\"b\": {{\"key\": \"{key}\"}}}}"), false),
    ] {
        dir.write("src/a.json", text.as_bytes());
        assert_eq!(dir.run(&args).code, i32::from(is_found), "{}", &text[..60]);
    }
    for (nearby, message) in [
        (
            "within = 9\nanywhere = true",
            "with `anywhere`, neither `within` nor `within-lines` counts",
        ),
        (
            "anywhere = true\n[rule.constraints]\nrandom = false",
            "is for keys without a text of their own",
        ),
    ] {
        let pattern =
            if nearby.contains("random") { "acme_[0-9A-Za-z]{40}" } else { "[0-9A-Za-z]{40}" };
        dir.write(
            "bad.toml",
            format!("[[rule]]\nid = 'acme-key'\npattern = '{pattern}'\n[rule.nearby]\nwords = ['acme_cloud']\n{nearby}\n"),
        );
        dir.run(&["scan", "--rules", "bad.toml", "."]).expect(2).err(message);
    }
}
