//! Keys are found in base64 and hexadecimal digits, and reported decoded.

use serde_json::Value;

use crate::joined::sha256;
use crate::repo::{Repo, only};
use crate::support::{AIMAGICX, Dir, SECRET, TOKEN, places};

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_URLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn base64_by(alphabet: &[u8; 64], bytes: &[u8], is_padded: bool) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let character = alphabet[(word >> (18 - 6 * at) & 0x3f) as usize];
            match at <= three.len() {
                true => text.push(char::from(character)),
                false if is_padded => text.push('='),
                false => {}
            }
        }
    }
    text
}

pub(crate) fn base64(text: &str) -> String {
    base64_by(STANDARD, text.as_bytes(), true)
}

fn for_urls(text: &str) -> String {
    base64_by(FOR_URLS, text.as_bytes(), false)
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn large_hex(text: &str) -> String {
    hex(text).to_uppercase()
}

fn powershell(text: &str) -> String {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    base64_by(STANDARD, &wide, true)
}

fn twice(text: &str) -> String {
    base64(&base64(text))
}

type Encode = fn(&str) -> String;

/// Every encoding, with its layers from the outside in.
const WAYS: &[(&str, Encode, &[&str])] = &[
    ("base64", base64, &["base64"]),
    ("base64 for addresses", for_urls, &["base64"]),
    ("hexadecimal", hex, &["hex"]),
    ("large hexadecimal", large_hex, &["hex"]),
    ("base64 of UTF-16", powershell, &["base64", "utf-16"]),
    ("base64 of base64", twice, &["base64", "base64"]),
    ("base64 of hexadecimal", |text| base64(&hex(text)), &["base64", "hex"]),
];

/// Text around a key inside its encoding.
const INSIDE: &[(&str, &str)] =
    &[("", ""), ("x:", ""), ("KEY=", "\nNEXT=1\n"), ("{\"key\":\"", "\"}"), ("a b c d ", " e f")];

/// Text around the encoded key; `@` is replaced with it.
const AROUND: &[&str] = &[
    "@",
    "  api-key: @\n",
    "Authorization: Basic @\r\n",
    "const key = atob(\"@\");",
    "https://host.example/hook/@?a=b",
    "powershell -enc @ & rem",
    "\u{65e5}\u{672c} @ \u{e9}",
];

fn secret_of(key: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fails unless exactly `key` is found in these layers.
fn is_found(report: &Value, key: &str, layers: &[&str], what: &str) {
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{what}");
    assert_eq!(findings[0]["secret"]["sha256"], secret_of(key), "{what}");
    assert_eq!(findings[0]["occurrences"][0]["encoding"], serde_json::json!(layers), "{what}");
}

/// Files whose beginning tells that they are written in other characters, or have texts behind letters.
#[test]
fn keys_are_found_in_files_that_their_beginning_tells() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    let long = format!("K={key} and more\n");
    let length = |text: &str| u8::try_from(text.len()).unwrap();
    let der = [&[0x30, length(&key) + 2, 0x0c, length(&key)][..], key.as_bytes()].concat();
    let mail = |body: String| format!("From: ada@acme.com\nSubject: x\n\n{body}\n");
    for (path, text, layers) in [
        ("a.uu", uuencode(long.as_bytes()).into_bytes(), "uuencode"),
        ("a.eml", mail(uuencode(long.as_bytes())).into_bytes(), "uuencode"),
        ("a.a85", ascii85(long.as_bytes()).into_bytes(), "base85"),
        ("a.der", der, ""),
        ("a.pkl", format!("(dp0\nVkey\np1\nV{key}\np2\ns.").into_bytes(), ""),
    ] {
        dir.write(path, text);
        let report = dir.run(&["scan", path, "-f", "json"]).expect(1).json();
        let place = &report["findings"][0]["occurrences"][0];
        assert_eq!(report["findings"][0]["secret"]["sha256"], sha256(&key), "{path}: {report}");
        let own = place["encoding"].as_array().map_or(String::new(), |all| {
            all.iter().map(|own| own.as_str().unwrap()).collect::<Vec<_>>().join(" ")
        });
        assert_eq!(own, layers, "{path}");
    }
}

#[test]
fn keys_are_found_in_binary_patches_of_git() {
    let repo = Repo::new();
    repo.add("README", "a");
    let dir = Dir::new();
    let key = dir.key(SECRET);
    repo.add("k.bin", format!("\0\x01K={key}\0").as_str());
    let patch = repo.git(&["format-patch", "-1", "--stdout", "--binary"]);
    dir.write("k.patch", patch);
    let report = dir.run(&["scan", "k.patch", "-f", "json"]).expect(1).json();
    assert_eq!(report["findings"][0]["secret"]["sha256"], sha256(&key), "{report}");
    let place = &report["findings"][0]["occurrences"][0];
    assert_eq!(place["encoding"], serde_json::json!(["base85", "zlib"]));
}

/// A file in uuencode, as `uuencode` writes it.
fn uuencode(bytes: &[u8]) -> String {
    let character = |value: u8| char::from(if value == 0 { b'`' } else { b' ' + value });
    let mut text = String::from("begin 644 name\n");
    for line in bytes.chunks(45) {
        text.push(character(line.len() as u8));
        for group in line.chunks(3) {
            let byte = |nth: usize| u32::from(group.get(nth).copied().unwrap_or(0));
            let word = byte(0) << 16 | byte(1) << 8 | byte(2);
            text.extend([18, 12, 6, 0].map(|shift| character((word >> shift & 0x3f) as u8)));
        }
        text.push('\n');
    }
    text + "`\nend\n"
}

/// Bytes in Ascii85, in its marks.
fn ascii85(bytes: &[u8]) -> String {
    let mut text = String::from("<~");
    for group in bytes.chunks(4) {
        let mut word = [0; 4];
        word[..group.len()].copy_from_slice(group);
        let number = u32::from_be_bytes(word);
        let digits = [85 * 85 * 85 * 85, 85 * 85 * 85, 85 * 85, 85, 1];
        let all = digits.map(|digit| char::from(b'!' + (number / digit % 85) as u8));
        text.extend(&all[..=group.len()]);
    }
    text + "~>\n"
}

#[test]
fn keys_are_found_in_every_encoding_at_every_place() {
    for (way, encode, layers) in WAYS {
        for kind in [SECRET, TOKEN, AIMAGICX] {
            let dir = Dir::new();
            let mut expected = Vec::new();
            for (nth, (before, after)) in INSIDE.iter().enumerate() {
                for (place, around) in AROUND.iter().enumerate() {
                    let key = dir.key(kind);
                    let encoded = encode(&format!("{before}{key}{after}"));
                    dir.write(&format!("{nth}-{place}.txt"), around.replace('@', &encoded));
                    expected.push((secret_of(&key), format!("{nth}-{place}.txt")));
                }
            }
            let (code, report) = dir.json(&["--max-decode-depth", &layers.len().to_string()]);
            assert_eq!(code, 1, "{way}");
            let found = report["findings"].as_array().unwrap().iter().map(|finding| {
                let place = &finding["occurrences"][0];
                assert_eq!(place["encoding"], serde_json::json!(layers), "{way}");
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                (text(&finding["secret"]["sha256"]), text(&place["path"]))
            });
            let mut found: Vec<_> = found.collect();
            found.sort();
            expected.sort();
            let missed: Vec<_> = expected.iter().filter(|key| !found.contains(key)).collect();
            assert!(missed.is_empty(), "{way}, {}: missed {missed:?}", kind.0);
            assert_eq!(found, expected, "{way}");
        }
    }
}

#[test]
fn the_place_covers_the_characters_of_the_key() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    // 49 bytes after 5: the first of them begins in the middle of a character.
    dir.write("a.yaml", format!("kind: Secret\n  k: {}\n", base64(&format!("user:{key}"))));
    dir.write("b.txt", format!("x {}.", hex(&key)));
    let (_, report) = dir.json(&[]);
    let end = |start: u64, characters: u64| start + characters;
    assert_eq!(
        places(&report),
        [
            format!("a.yaml:2:{}-{}", 6 + 6, end(6, 72)),
            format!("b.txt:1:3-{}", end(3, 2 * key.len() as u64)),
        ]
    );
    let line = |nth: usize| report["findings"][0]["occurrences"][nth]["line"].as_str().unwrap();
    assert_eq!(line(0), format!("  k: {}[REDACTED]", &base64("user:")[..6]));
    assert_eq!(line(1), "x [REDACTED].");
}

#[test]
fn no_encoded_key_is_shown() {
    let dir = Dir::new();
    for (nth, (_, encode, _)) in WAYS.iter().enumerate() {
        let key = dir.key(SECRET);
        let encoded = encode(&format!("user:{key}"));
        dir.write(&format!("{nth}.env"), format!("A={encoded} # {encoded}\nB='{encoded}'"));
        for format in ["human", "json", "sarif", "markdown", "html", "csv"] {
            let run = dir.run(&["scan", "-f", format, "--max-decode-depth=2"]).expect(1);
            for output in [&run.stdout, &run.stderr] {
                let middle = &encoded[20..encoded.len() - 20];
                assert!(!output.contains(middle), "{nth} {format}");
            }
        }
    }
    dir.run(&["scan", "--max-decode-depth=2"]).out("encoded: base64 of utf-16");
    dir.run(&["explain", "0.env:1"]).out("encoded: base64\n");
}

#[test]
fn base64_across_lines_is_one_text() {
    for mark in ["\n", "\r\n", "\n    ", "\\n"] {
        for width in [64, 76] {
            let dir = Dir::new();
            let key = dir.key(SECRET);
            let text = base64(&format!("{}{key} and more of it", "words and ".repeat(3)));
            let lines: Vec<_> =
                text.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
            let broken = lines.join(mark);
            dir.write("a.yaml", format!("data: |\n    {broken}\n"));
            let (_, report) = dir.json(&[]);
            is_found(&report, &key, &["base64"], &format!("{mark:?} at {width}"));
            assert!(!report.to_string().contains(&text[48..60]), "{report}");
        }
    }
}

#[test]
fn words_that_look_alike_are_not_keys() {
    let dir = Dir::new();
    let bodies = ["", "your_api_key_goes_here_please_now", "result_of_the_day"];
    for (nth, body) in bodies.iter().enumerate() {
        for prefix in ["task_v1_", SECRET.0, TOKEN.0, AIMAGICX.0] {
            let text = format!("{prefix}{body}");
            let encoded = format!("{} {} {}", base64(&text), hex(&text), twice(&text));
            dir.write(&format!("{prefix}{nth}.txt"), encoded);
        }
    }
    dir.run(&["scan", "--max-decode-depth=2"]).expect(0);
}

#[test]
fn base64_public_keys_are_not_reported() {
    let dir = Dir::new();
    let key = dir.key(crate::support::PUBLIC);
    dir.write("a.txt", base64(&key));
    dir.run(&["scan"]).expect(0);
}

#[test]
fn the_user_sets_the_depth() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("once.txt", base64(&key));
    dir.write("twice.txt", twice(&key));
    for (args, expected) in [
        (&[][..], &["once.txt", "twice.txt"][..]),
        (&["--max-decode-depth", "2"], &["once.txt", "twice.txt"]),
        (&["--max-decode-depth", "1"], &["once.txt"]),
        (&["--max-decode-depth=0"], &[]),
    ] {
        let (code, report) = dir.json(args);
        let paths: Vec<_> = places(&report)
            .iter()
            .map(|place| place.split(':').next().unwrap().to_owned())
            .collect();
        assert_eq!(
            (code, paths),
            (i32::from(!expected.is_empty()), expected.iter().map(|p| (*p).to_owned()).collect()),
            "{args:?}"
        );
    }
    dir.run(&["scan", "--max-decode-depth", "9"]).expect(2).err("`9` is not a depth");
    // The scanned tree may not reduce the depth.
    dir.write("keyside.toml", "max-decode-depth = 0\n");
    dir.run(&["scan"]).expect(1).out("max-decode-depth");
    dir.run(&["scan", "-c", "keyside.toml"]).expect(0);
    dir.write("keyside.toml", "\nmax-decode-depth = 9\n");
    dir.run(&["scan"]).expect(2).err("keyside.toml:2: ").err("`9` is not a depth");
}

#[test]
fn custom_rules_find_encoded_keys_too() {
    let dir = Dir::new();
    dir.write("rules/own.toml", crate::configuration::rule_file("own", "own_key_", "error"));
    let key = dir.key(("own_key_", 32));
    dir.write("a.txt", base64(&format!("k={key}")));
    let (code, report) = dir.json(&["--rules", "rules", "a.txt"]);
    assert_eq!(code, 1, "{report}");
    is_found(&report, &key, &["base64"], "own rule");
}

#[test]
fn history_and_staged_files_work_too() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let secret = |data: &str| {
        format!("kind: Secret\ndata:\n  key: {data}\n  other: 1\n{}", "# line\n".repeat(50))
    };
    repo.add("secret.yaml", secret("bm9uZQ=="));
    let added = repo.add("secret.yaml", secret(&base64(&key)));
    repo.add("secret.yaml", secret(&base64(&key)) + "# more\n");
    repo.add("secret.yaml", secret("bm9uZQ=="));
    repo.git(&["repack", "-adq"]);
    let report = repo.report(&[], 1);
    is_found(&report, &key, &["base64"], "history");
    assert_eq!(only(&report)["first_seen"]["commit"], added);
    assert_eq!(only(&report)["in_head"], false);
    let report = repo.report(&["--range", "HEAD~3..HEAD~1"], 1);
    is_found(&report, &key, &["base64"], "range");
    repo.write("new.txt", base64(&format!("user:{key}")));
    repo.git(&["add", "new.txt"]);
    let report = repo.report(&["--staged"], 1);
    is_found(&report, &key, &["base64"], "staged");
}

#[test]
fn keys_that_a_client_decodes_are_leaks() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("package.json", r#"{"dependencies": {"vite": "7", "react": "19"}}"#);
    dir.write("index.html", r#"<script type="module" src="/src/main.js"></script>"#);
    dir.write(
        "src/main.js",
        format!("const key = atob('{}');\nfetch('/', {{ headers: {{ key }} }});", base64(&key)),
    );
    let (_, report) = dir.json(&[]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report:#}");
    assert_eq!(report["findings"][0]["secret"]["sha256"], secret_of(&key));
    assert_eq!(report["findings"][0]["exposure"]["verdict"], "client", "{report:#}");
}
