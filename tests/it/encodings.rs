//! Keys are found in every text encoding and in binary files, at the right column.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::repo::Repo;
use crate::support::{AIMAGICX, Dir, SECRET, TOKEN, places};

fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn utf16be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn utf8(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// Latin-1: one byte per character, with a question mark for characters it lacks.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

type Encode = fn(&str) -> Vec<u8>;

/// Each encoding with its byte-order mark, if any, and its encoder.
const ENCODINGS: &[(&str, &[u8], Encode)] = &[
    ("utf-8", b"", utf8),
    ("utf-8 with a mark", b"\xef\xbb\xbf", utf8),
    ("latin-1", b"", latin1),
    ("utf-16 le", b"", utf16le),
    ("utf-16 le with a mark", b"\xff\xfe", utf16le),
    ("utf-16 be", b"", utf16be),
    ("utf-16 be with a mark", b"\xfe\xff", utf16be),
];

/// Texts with the line and column of their key `@`. Their characters are in Latin-1 unless the
/// first field says otherwise.
const TEXTS: &[(bool, &str, u64, u64)] = &[
    (false, "@", 1, 1),
    (false, "KEY=@\nX=1\n", 1, 5),
    (false, "A=1\nKEY='@'\n", 2, 6),
    (false, "A=1\r\nKEY='@'\r\n", 2, 6),
    (false, "A=1\r\n\r\n@", 3, 1),
    (false, "caf\u{e9} \u{fc}ber = '@' # na\u{ef}ve", 1, 14),
    (false, "\u{e9}@\u{e9}", 1, 2),
    (true, "key = 1\n\u{65e5}\u{672c}\u{8a9e} '@' and more text", 2, 6),
    (true, "the key is \u{1f600}\u{1f600} '@' and more text", 1, 16),
    (true, "a longer line\r\n\u{4e00}@\u{4e00} of words", 2, 2),
];

#[test]
fn columns_count_characters_in_every_encoding() {
    for (name, mark, encode) in ENCODINGS {
        for (is_wide, text, line, column) in TEXTS {
            if *is_wide && *name == "latin-1" {
                continue;
            }
            for kind in [SECRET, TOKEN, AIMAGICX] {
                let dir = Dir::new();
                let key = dir.key(kind);
                let text = text.replace('@', &key);
                dir.write("x.txt", [mark, &encode(&text)[..]].concat());
                let (_, report) = dir.json(&[]);
                let expected = format!("x.txt:{line}:{column}-{}", column + key.len() as u64);
                assert_eq!(places(&report), [expected], "{name}: {text:?}");
            }
        }
    }
}

#[test]
fn reports_are_readable_in_every_encoding() {
    for (name, mark, encode) in ENCODINGS {
        let dir = Dir::new();
        let text = format!("first\ncaf\u{e9} = '{}'\nlast", dir.key(SECRET));
        dir.write("x.txt", [mark, &encode(&text)[..]].concat());
        let (_, report) = dir.json(&[]);
        let line = &report["findings"][0]["occurrences"][0]["line"];
        assert_eq!(line, "caf\u{e9} = '[REDACTED]'", "{name}");
    }
}

#[test]
fn a_key_is_the_same_secret_in_every_encoding() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    for (number, (_, mark, encode)) in ENCODINGS.iter().enumerate() {
        let text = format!("key: {key}\n");
        dir.write(&format!("{number}.txt"), [mark, &encode(&text)[..]].concat());
    }
    let (_, report) = dir.json(&[]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(places(&report).len(), ENCODINGS.len());
}

#[test]
fn markers_accept_keys_in_every_encoding() {
    for (name, mark, encode) in ENCODINGS {
        let dir = Dir::new();
        let text = format!("x = '{}' # keyside:allow test\r\n", dir.key(SECRET));
        dir.write("x.txt", [mark, &encode(&text)[..]].concat());
        let (code, report) = dir.json(&[]);
        assert_eq!(code, 0, "{name}");
        assert_eq!(report["suppressed"][0]["reason"], "test", "{name}");
    }
}

/// Bytes as in a compiled or database file: all values, zero bytes, few words.
fn binary(length: usize) -> Vec<u8> {
    let mut rng = keyside::rules::Rng::new(length as u64);
    (0..length).map(|_| rng.below(256) as u8).collect()
}

#[test]
fn a_utf16_string_in_a_binary_is_found_at_every_alignment() {
    for encode in [utf16le, utf16be] {
        for offset in 512..520 {
            let dir = Dir::new();
            let text = encode(&format!("\0 {} \0", dir.key(SECRET)));
            dir.write("a.exe", [binary(offset), text, binary(300)].concat());
            let (code, report) = dir.json(&[]);
            assert_eq!((code, places(&report).len()), (1, 1), "at {offset}");
        }
    }
}

#[test]
fn a_key_in_a_binary_file_is_found() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    let length = [key.len() as u8];
    let parts: &[(&str, Vec<u8>)] = &[
        // A constant in Python's bytecode: type, length, text, type.
        (
            "module.pyc",
            [
                b"\xcb\x0d\x0d\x0a\0\0\0\0\xe3\0\0\0\0\0\0\xfa",
                &length[..],
                key.as_bytes(),
                b"\xa9\x01\0\0",
            ]
            .concat(),
        ),
        // A page of a database; a record's columns follow each other with nothing between them.
        (
            "cache.sqlite",
            [
                b"SQLite format 3\0\x10\0\x01\x01\0",
                &[0; 4000][..],
                b"\x3b\x02\x03\x1b\x6fapi_key",
                key.as_bytes(),
                b"\x34\x01\x02\x6f",
                key.as_bytes(),
            ]
            .concat(),
        ),
        (
            "key.class",
            [b"\xca\xfe\xba\xbe\0\0\0\x3d\x01\0", &length[..], key.as_bytes(), b"\x0c\0\x05"]
                .concat(),
        ),
        ("zeros.bin", [b"\0", key.as_bytes(), b"\0"].concat()),
        ("noise.o", [&binary(5000)[..], b"\0", key.as_bytes(), b"\0", &binary(5000)].concat()),
    ];
    for (name, bytes) in parts {
        dir.write(name, bytes);
    }
    let (_, report) = dir.json(&[]);
    let places = places(&report);
    for (name, _) in parts {
        let count = places.iter().filter(|place| place.starts_with(name)).count();
        let expected = if *name == "cache.sqlite" { 2 } else { 1 };
        assert_eq!(count, expected, "{name}");
    }
    // The bytes around a key in a binary file are not a line, so they are not shown.
    let lines: Vec<_> = report["findings"][0]["occurrences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["line"].as_str().unwrap())
        .filter(|line| *line != "…[REDACTED]…")
        .collect();
    assert_eq!(lines.len(), 0, "{lines:?}");
}

#[test]
fn zero_bytes_beside_a_key_are_not_in_it() {
    let dir = Dir::new();
    let key = dir.key(TOKEN);
    let text = format!("x\0{key}\0y\n\0\0{key}\0\0\0{key}");
    dir.write("x", text);
    let (_, report) = dir.json(&[]);
    let end = key.len() as u64;
    assert_eq!(
        places(&report),
        [
            format!("x:1:3-{}", 3 + end),
            format!("x:2:3-{}", 3 + end),
            format!("x:2:{}-{}", 6 + end, 6 + 2 * end),
        ]
    );
}

#[test]
fn keys_in_utf32_are_found() {
    let repo = Repo::new();
    let wide = |text: &str, unit: fn(u32) -> [u8; 4]| -> Vec<u8> {
        text.chars().flat_map(|character| unit(u32::from(character))).collect()
    };
    let text = format!("A=1\n\u{1f600} é key = {}\nB=2\n", repo.dir.key(SECRET));
    for (name, mark, unit) in [
        ("a.txt", "\u{feff}", u32::to_le_bytes as fn(u32) -> [u8; 4]),
        ("b.txt", "\u{feff}", u32::to_be_bytes),
        ("c.txt", "", u32::to_le_bytes),
        ("d.txt", "", u32::to_be_bytes),
    ] {
        repo.write(name, wide(&format!("{mark}{text}"), unit));
    }
    let end = 11 + SECRET.0.len() + SECRET.1;
    let expected: Vec<_> = ["a", "b", "c", "d"].map(|name| format!("{name}.txt:2:11-{end}")).into();
    assert_eq!(columns(&repo.dir.json(&[]).1), expected);
    let line = repo.dir.json(&[]).1["findings"][0]["occurrences"][0]["line"].clone();
    assert_eq!(line, "\u{1f600} é key = [REDACTED]");
    repo.git(&["add", "-A"]);
    assert_eq!(columns(&repo.report(&["--staged"], 1)), expected);
    repo.commit("wide");
    assert_eq!(columns(&repo.report(&[], 1)), expected);
}

/// `path:line:column-column` of every occurrence.
fn columns(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let places = findings.flat_map(|finding| finding["occurrences"].as_array().unwrap());
    let mut all: Vec<_> = places
        .map(|own| {
            let [path, line] = [&own["path"], &own["start_line"]];
            let columns = (&own["start_column"], &own["end_column"]);
            format!("{}:{line}:{}-{}", path.as_str().unwrap(), columns.0, columns.1)
        })
        .collect();
    all.sort();
    all
}

/// The paths of all occurrences.
fn paths(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let places = findings.flat_map(|finding| finding["occurrences"].as_array().unwrap());
    places.map(|place| place["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_key_in_a_binary_file_is_found_however_far_it_is_from_a_control_character() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let distances = || (0..=200).step_by(8).chain([61, 62, 63, 65, 127, 1000, 4000]);
    let letters = |count: usize| "a".repeat(count);
    let files: Vec<_> = distances()
        .flat_map(|distance| {
            // What comes before the key and after it, in a file that is binary and in one that gets so.
            let far = format!("\u{1}!{}", letters(distance));
            [
                (format!("{distance}.bin"), far.clone(), far.clone()),
                (format!("{distance}.new"), letters(distance), far),
            ]
        })
        .collect();
    for (path, before, _) in &files {
        repo.write(path, format!("{}\n{before}\nlast line\n", "some text\n".repeat(30)));
    }
    repo.commit("Without keys");
    for (path, _, after) in &files {
        repo.write(path, format!("{}\n{after}{key}\nlast line\n", "some text\n".repeat(30)));
    }
    // In text, a key does not begin inside a word.
    repo.write("text.txt", format!("{}{key}\n", letters(70)));
    repo.git(&["add", "-A", "."]);
    let expected: BTreeSet<String> = files.iter().map(|(path, ..)| path.clone()).collect();
    assert_eq!(paths(&repo.report(&["--staged"], 1)), expected);
    assert_eq!(paths(&repo.dir.json(&["."]).1), expected);
    repo.commit("With keys");
    for options in [&["-adfq"][..], &["-adfq", "--depth=0"]] {
        repo.git(&[&["repack"], options].concat());
        assert_eq!(paths(&repo.report(&[], 1)), expected, "{options:?}");
    }
}

/// Texts of two bytes a character may be encoded or put together as others, and places are the same.
#[test]
fn encoded_keys_are_found_in_utf_16_texts() {
    let repo = Repo::new();
    let lines = "# a line of text\n".repeat(30);
    let mut texts = Vec::new();
    for (nth, (_, encode, _)) in crate::decoding::ENCODINGS.iter().enumerate() {
        let encoded = encode(&repo.dir.key(SECRET));
        texts.push((
            format!("{nth:02}"),
            format!("{lines}gr\u{f6}\u{df}e = \"{encoded}\";\n{lines}"),
        ));
    }
    let key = repo.dir.key(SECRET);
    let (first, rest) = key.split_at(20);
    texts.push(("pieces".to_owned(), format!("{lines}k = \"{first}\" + \"{rest}\"\n{lines}")));
    let own = |report: &Value, ending: &str| -> BTreeSet<String> {
        let all = places(report).into_iter().filter(|place| place.contains(ending));
        all.map(|place| place.replace(ending, ".txt")).collect()
    };
    let narrow = Dir::new();
    for (name, text) in &texts {
        narrow.write(&format!("{name}.txt"), text);
    }
    let expected = own(&narrow.json(&[]).1, ".txt");
    assert_eq!(expected.len(), texts.len());
    let marked = |text: &str| utf16le(&format!("\u{feff}{text}"));
    let kinds: [(&str, Encode); 3] = [(".le", marked), (".none", utf16le), (".be", utf16be)];
    for (ending, encode) in kinds {
        for (name, _) in &texts {
            repo.write(&format!("{name}{ending}"), encode(&format!("{lines}x\n{lines}")));
        }
    }
    repo.commit("plain");
    for (ending, encode) in kinds {
        for (name, text) in &texts {
            repo.write(&format!("{name}{ending}"), encode(text));
        }
    }
    repo.git(&["add", "-A"]);
    let staged = repo.report(&["--staged"], 1);
    repo.commit("encoded");
    let range = repo.report(&["--range", "HEAD~1..HEAD"], 1);
    repo.git(&["repack", "-adfq"]);
    let history = repo.report(&[], 1);
    let tree = repo.dir.json(&[]).1;
    for (mode, report) in
        [("tree", tree), ("staged", staged), ("range", range), ("history", history)]
    {
        for (ending, _) in kinds {
            let found = own(&report, ending);
            let missed: Vec<_> = expected.symmetric_difference(&found).collect();
            assert!(missed.is_empty(), "{mode}, {ending}: {missed:?}");
        }
    }
}

/// A script in base64 of UTF-16 that decodes its key in turn.
#[test]
fn keys_in_scripts_in_base64_of_utf_16_are_decoded_again() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let (first, rest) = key.split_at(20);
    for (name, script) in [
        ("base64", format!("$k = \"{}\"; iex $k", crate::encoded::base64(&key))),
        ("joined", format!("$k = \"{first}\" + \"{rest}\"; iex $k")),
    ] {
        let script = crate::decoding_samples::base64(&utf16le(&script));
        repo.add("run.cmd", format!("powershell -EncodedCommand {script}\n"));
        let layers = serde_json::json!(["base64", "utf-16", name]);
        for report in [repo.dir.json(&[]).1, repo.report(&[], 1)] {
            let occurrences = report["findings"][0]["occurrences"].as_array().unwrap();
            assert!(occurrences.iter().any(|own| own["encoding"] == layers), "{name}: {report}");
        }
    }
}
