//! Private keys: the same record in every layout, told from all that only looks like one.

use serde_json::Value;

use crate::repo::{Repo, only};
use crate::support::{Dir, FORMATS, SECRET};

/// A layout that a file may have a key in.
type Layout = (&'static str, fn(&str) -> String);

const LAYOUTS: &[Layout] = &[
    ("id_rsa", |key| key.to_owned()),
    ("windows.pem", |key| key.replace('\n', "\r\n")),
    ("service.json", |key| format!("{{\n  \"private_key\": \"{}\"\n}}\n", escaped(key))),
    ("nested.json", |key| {
        let inner = format!("{{\\\"k\\\":\\\"{}\\\"}}", key.replace('\n', "\\\\n"));
        format!("{{\"account\": \"{inner}\"}}")
    }),
    ("php.json", |key| format!("[\"{}\"]", escaped(key).replace('/', "\\/"))),
    ("dotnet.json", |key| format!("[\"{}\"]", escaped(key).replace('+', "\\u002B"))),
    ("values.yaml", |key| format!("tls:\n  key: |\n{}", each_line(key, "    ", ""))),
    (".env", |key| format!("A=1\nTLS_KEY=\"{}\"\nB=2\n", escaped(key))),
    ("blanks.env", |key| format!("TLS_KEY={}\n", key.trim().replace('\n', " "))),
    ("key.js", |key| {
        format!(
            "const k =\n{};\n",
            each_line(key, "  '", "\\n' +").trim_end_matches([' ', '+', '\n'])
        )
    }),
    ("array.js", |key| format!("const k = [\n{}].join('\\n')", each_line(key, "  \"", "\","))),
    ("key.py", |key| format!("KEY = (\n{})\n", each_line(key, "    b'", "\\n'"))),
    ("text.py", |key| format!("KEY = \"\"\"{key}\"\"\"\n")),
    ("key.go", |key| format!("const key = `{key}`\n")),
    ("key.sh", |key| each_line(key, "# ", "")),
    ("key.c", |key| format!("/*\n{} */\n", each_line(key, " * ", ""))),
    ("change.patch", |key| each_line(key, "+", "")),
    ("key.properties", |key| format!("key={}", each_line(key, "", "\\n\\"))),
    ("web.xml", |key| format!("<k>{}</k>", key.replace('\n', "&#10;"))),
    ("secret.yaml", |key| format!("data:\n  key: {}\n", data_encoding_base64(key.as_bytes()))),
];

fn escaped(key: &str) -> String {
    key.replace('\n', "\\n")
}

fn each_line(key: &str, before: &str, after: &str) -> String {
    key.lines().map(|line| format!("{before}{line}{after}\n")).collect()
}

/// Base64 as programs write it, without a crate that only the library may name.
fn data_encoding_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let word = three.iter().fold(0u32, |word, &byte| word << 8 | u32::from(byte));
        let word = word << (8 * (3 - three.len()));
        for nth in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * nth)) as usize & 63];
            text.push(if nth > three.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

/// The ids of the rules that found something.
fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["rule_id"].as_str().unwrap()).collect()
}

#[test]
fn a_key_is_one_record_in_every_layout() {
    for (kind, rule, severity) in [
        ("rsa", "private-key", "error"),
        ("pkcs8", "private-key", "error"),
        ("ec", "private-key", "error"),
        ("dsa", "private-key", "error"),
        ("ed25519", "private-key", "error"),
        ("openssh", "ssh-private-key", "error"),
        ("openssh-rsa", "ssh-private-key", "error"),
        ("pgp", "pgp-private-key", "error"),
        ("encrypted", "encrypted-private-key", "warning"),
        ("encrypted-rsa", "encrypted-private-key", "warning"),
        ("openssh-encrypted", "encrypted-private-key", "warning"),
        ("pgp-encrypted", "encrypted-private-key", "warning"),
        ("putty", "putty-private-key", "error"),
        ("putty-encrypted", "encrypted-private-key", "warning"),
    ] {
        let dir = Dir::new();
        let key = dir.private_key(kind);
        let mut written = Vec::new();
        for (path, layout) in LAYOUTS {
            // A comment with blanks cannot be told from what follows it on the same line.
            let is_joined =
                *path == "blanks.env" && (kind.starts_with("putty") || kind.starts_with("pgp"));
            if !is_joined {
                dir.write(path, layout(&key));
                written.push(*path);
            }
        }
        let (code, report) = dir.json(&[]);
        assert_eq!(code, 1, "{kind}");
        let finding = only(&report);
        assert_eq!((&finding["rule_id"], &finding["severity"]), (&rule.into(), &severity.into()));
        let places = finding["occurrences"].as_array().unwrap();
        let mut found: Vec<_> = places
            .iter()
            .map(|place| place["path"].as_str().unwrap().trim_start_matches("./"))
            .collect();
        found.sort_unstable();
        written.sort_unstable();
        assert_eq!(found, written, "{kind}");
    }
}

#[test]
fn a_key_is_marked_from_its_begin_to_its_end_and_masked_whole() {
    let dir = Dir::new();
    let (key, other) = (dir.private_key("rsa"), dir.key(SECRET));
    let lines = key.lines().count() as u64;
    dir.write("a.yaml", format!("k: |\n{}n: {other}\n", each_line(&key, "  ", "")));
    dir.write("b.json", format!("{{\"key\": \"{}\", \"other\": \"{other}\"}}", escaped(&key)));
    for format in FORMATS {
        dir.run(&["scan", "-f", format]).expect(1);
    }
    let (_, report) = dir.json(&[]);
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["rule_id"] == "private-key").unwrap();
    let place = &finding["occurrences"][0];
    assert_eq!((&place["start_line"], &place["start_column"]), (&2.into(), &3.into()));
    assert_eq!(place["end_line"], 1 + lines);
    assert_eq!(place["end_column"], 3 + "-----END RSA PRIVATE KEY-----".len());
    let line = finding["occurrences"][1]["line"].as_str().unwrap();
    assert_eq!(line, "{\"key\": \"[REDACTED]\\n\", \"other\": \"[REDACTED]\"}");
    let begin = finding["secret"]["redacted"].as_str().unwrap();
    assert!(begin.starts_with("MII") && begin.len() < 16, "{begin}");
}

#[test]
fn a_key_without_its_end_counts_if_its_secret_number_is_there() {
    for (kind, enough) in [("rsa", 7), ("ec", 2), ("ed25519", 2), ("openssh-rsa", 12)] {
        let dir = Dir::new();
        let key = dir.private_key(kind);
        let lines: Vec<_> = key.lines().collect();
        let text =
            |count: usize| format!("{}\n\nSome text follows here.\n", lines[..count].join("\n"));
        dir.write("a.txt", text(enough));
        assert_eq!(dir.json(&[]).0, 1, "{kind}");
        if kind == "rsa" || kind == "openssh-rsa" {
            dir.write("a.txt", text(3));
            assert_eq!(dir.json(&[]).0, 0, "{kind}");
            dir.run(&["explain", "a.txt:1"]).expect(0).out("its body ends before the secret part");
        }
    }
}

#[test]
fn what_only_looks_like_a_key_is_none_and_explain_says_why() {
    let dir = Dir::new();
    let key = dir.private_key("rsa");
    let lines: Vec<_> = key.lines().collect();
    let altered = {
        let mut line = lines[2].to_owned();
        let digit = if line.starts_with('A') { "B" } else { "A" };
        line.replace_range(0..1, digit);
        key.replace(lines[2], &line)
    };
    let same = key.replace(&lines[1..lines.len() - 1].join("\n"), &[lines[1]; 5].join("\n"));
    let zeros = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEI".to_owned()
        + &"A".repeat(55)
        + "\n-----END EC PRIVATE KEY-----\n";
    for (text, reason) in [
        ("-----BEGIN PRIVATE KEY-----".to_owned(), "no key follows"),
        (format!("{}\n...\n{}", lines[0], lines[0].replace("BEGIN", "END")), "no key follows"),
        (format!("{}\n{}\n...\n", lines[0], lines[1]), "its body ends before the secret part"),
        (format!("{}\nMIIE\n-----END RSA PRIVATE KEY-----", lines[0]), "4 characters is too short"),
        (altered, "its numbers do not belong together"),
        (same, "not have the structure"),
        (zeros, "not"),
        (
            "x.replace('-----BEGIN PRIVATE KEY-----', '').replace('-----END')".to_owned(),
            "no key follows",
        ),
        (key.replace("RSA PRIVATE", "ENCRYPTED PRIVATE"), "it is not encrypted; another rule"),
    ] {
        dir.write("a.txt", &text);
        assert_eq!(dir.json(&[]).0, 0, "{reason}");
        dir.run(&["explain", "a.txt:1"]).expect(0).out(reason).out("not reported");
    }
    dir.write("a.txt", key.replace("RSA PRIVATE KEY", "CERTIFICATE").replace("PRIVATE", "PUBLIC"));
    assert_eq!(dir.json(&[]).0, 0);
}

#[test]
fn the_history_and_the_index_have_keys_too() {
    let repo = Repo::new();
    let key = repo.dir.private_key("openssh");
    repo.add("deploy.yaml", "key: none\n");
    repo.write("deploy.yaml", format!("key: |\n{}", each_line(&key, "  ", "")));
    repo.git(&["add", "-A"]);
    let staged = repo.report(&["--staged"], 1);
    assert_eq!(rules(&staged), ["ssh-private-key"]);
    let added = repo.commit("add a key");
    assert_eq!(rules(&repo.report(&["--range", "HEAD~1..HEAD"], 1)), ["ssh-private-key"]);
    // Another layout is the same key, and one that is moved is not new.
    repo.write("config.json", format!("{{\"key\": \"{}\"}}", escaped(&key)));
    repo.git(&["rm", "-q", "-f", "deploy.yaml"]);
    let moved = repo.commit("move it");
    assert_eq!(rules(&repo.report(&["--range", "HEAD~1..HEAD"], 0)), [""; 0]);
    repo.git(&["rm", "-q", "config.json"]);
    let removed = repo.commit("take it out");
    repo.git(&["gc", "-q"]);
    let finding = repo.finding();
    assert_eq!(finding["first_seen"]["commit"], added);
    assert_eq!(finding["removed_in"]["commit"], removed);
    assert_eq!(finding["in_head"], false);
    let commits: Vec<_> =
        finding["occurrences"].as_array().unwrap().iter().map(|place| &place["path"]).collect();
    assert_eq!(commits.len(), 2, "{moved}: {finding:#}");
}

#[test]
fn no_key_is_lost_where_a_file_is_cut_into_pieces() {
    const PIECE: usize = 4 << 20;
    let dir = Dir::new();
    let key = dir.private_key("rsa");
    let filler = "# nothing but a comment of some length\n";
    for from_seam in [-66_000_i64, -65_600, -65_536, -65_000, -900, -40, -10, 0, 20] {
        let start = (PIECE as i64 + from_seam) as usize;
        let mut text = filler.repeat(start / filler.len());
        text.push_str(&"-\n".repeat((start - text.len()) / 2));
        text.push_str(&key);
        text.push_str(&filler.repeat(8000));
        dir.write("large.txt", &text);
        let (code, report) = dir.json(&[]);
        assert_eq!(code, 1, "{from_seam}");
        let finding = only(&report);
        assert_eq!(finding["occurrences"].as_array().unwrap().len(), 1, "{from_seam}");
        let sha = finding["secret"]["sha256"].clone();
        dir.write("large.txt", &key);
        assert_eq!(only(&dir.json(&[]).1)["secret"]["sha256"], sha, "{from_seam}");
    }
}

#[test]
fn keys_are_found_in_utf16_and_in_several_encodings() {
    let dir = Dir::new();
    let key = dir.private_key("pkcs8");
    let wide: Vec<u8> =
        format!("\u{feff}{key}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    dir.write("wide.txt", wide);
    let hex: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    dir.write("hex.txt", hex);
    let finding = only(&dir.json(&[]).1);
    let encodings: Vec<_> =
        finding["occurrences"].as_array().unwrap().iter().map(|place| &place["encoding"]).collect();
    assert_eq!(encodings.len(), 2, "{finding:#}");
}

#[test]
fn a_rule_of_ones_own_can_have_a_block() {
    let dir = Dir::new();
    let body = |seed: usize| {
        let key = dir.key(("", 128));
        format!(
            "-----BEGIN ACME LICENSE-----\n{}\n{}\n-----END ACME LICENSE-----{}",
            &key[..64],
            &key[64..],
            " ".repeat(seed)
        )
    };
    dir.write(
        "acme.toml",
        "[[rule]]\nid = 'acme-license'\n[rule.block]\nbegin = ['-----BEGIN ACME LICENSE-----']\n\
         form = 'base64'\n",
    );
    dir.write("src/a.txt", body(0));
    let report = dir.run(&["scan", "-f", "json", "--rules", "acme.toml", "src"]).expect(1).json();
    assert_eq!(rules(&report), ["acme-license"]);
    for (block, message) in [
        (
            "begin = ['BEGIN IT']\nform = 'pem'",
            "3: `pem` is not a form; known forms: private-key, base64",
        ),
        ("begin = []\nform = 'base64'", "a block needs a text in `begin`"),
        ("begin = ['x']\nform = 'base64'", "is not a text of 8 to 64 ASCII characters"),
        ("begin = ['#### key ####']\nform = 'base64'", "say in `end` what such blocks end with"),
        (
            "begin = ['BEGIN IT']\nform = 'base64'\nencrypted = true",
            "only blocks of the form private-key",
        ),
        ("begin = ['BEGIN IT']\nform = 'base64'\n[rule.nearby]\nwords = ['acme']", "[rule.nearby]"),
    ] {
        dir.write("bad.toml", format!("[[rule]]\nid = 'acme-license'\n[rule.block]\n{block}\n"));
        dir.run(&["rules", "check", "bad.toml"])
            .expect(2)
            .err("bad.toml:")
            .err(message.trim_start_matches("3: "));
    }
    dir.write("bad.toml", "[[rule]]\nid = 'acme-license'\n");
    dir.run(&["rules", "check", "bad.toml"]).expect(2).err("either a `pattern` or a [rule.block]");
}

#[test]
fn marks_and_pairs_without_end_take_no_time_without_end() {
    let dir = Dir::new();
    let begin = "-----BEGIN RSA PRIVATE KEY-----\n";
    let encoded = data_encoding_base64(begin.as_bytes()) + "\n";
    dir.write("a.txt", begin.repeat(100_000));
    dir.write("b.txt", format!("{begin}{}", "'".repeat(15_000)).repeat(200));
    dir.write("c.txt", encoded.repeat(60_000));
    dir.write("d.txt", format!("{begin}{}", "\\".repeat(15_000)).repeat(200));
    let started = std::time::Instant::now();
    dir.run(&["scan"]).expect(0);
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
