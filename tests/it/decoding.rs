//! Keys are found in archives and in encodings, with their exact places; what cannot be read is reported,
//! and no archive takes time or memory without end.

use std::path::Path;

use serde_json::{Value, json};

use crate::decoding_samples::*;
use crate::documents;
use crate::repo::Repo;
use crate::support::{Dir, SECRET, notices};

/// Makes a file from a text with a key in its second line.
type Pack = fn(&[u8]) -> Vec<u8>;

/// Every container: its file, its writer, and the place of the text in it.
const CONTAINERS: &[(&str, Pack, &str)] = &[
    ("a.zip", |text| zip(&[("b/c.env", text)]), "b/c.env"),
    ("stored.zip", |text| zip_with(&[("b/c.env", text)], 0, 0, b"", b""), "b/c.env"),
    ("streamed.jar", |text| zip_streamed(&[("b/c.env", text)]), "b/c.env"),
    ("comment.whl", |text| zip_with(&[("c.env", text)], 8, 0, b"", b"a comment"), "c.env"),
    ("prefix.exe", |text| zip_with(&[("c.env", text)], 8, 0, b"MZ\0\x01", b""), "c.env"),
    ("misnamed.txt", |text| zip(&[("c.env", text)]), "c.env"),
    ("members.apk", |text| zip(&[("a", b"x"), ("b", b"y"), ("c.env", text)]), "c.env"),
    ("two.zip", |text| [zip(&[("c.env", text)]), zip(&[("d", b"x")])].concat(), "c.env"),
    ("unlisted.zip", unlisted, "c.env"),
    ("renamed.zip", |text| renamed(text), "listed.env"),
    ("a.tar", |text| tar(&[("b/c.env", text)]), "b/c.env"),
    ("dot.tar", |text| tar(&[("./b/c.env", text)]), "b/c.env"),
    ("old.tar", |text| old_tar(&[("b/c.env", text)]), "b/c.env"),
    ("pax.tar", |text| pax(&[("b/c.env", text)]), "b/c.env"),
    ("sparse.tar", |text| sparse_tar("b/c.env", text), "b/c.env"),
    ("second.tar", |text| [tar(&[("a", b"x")]), tar(&[("c.env", text)])].concat(), "c.env"),
    ("a.tar.gz", |text| gzip(&tar(&[("b/c.env", text)])), "b/c.env"),
    ("package.tgz", |text| gzip(&tar(&[("package/c.env", text)])), "package/c.env"),
    ("a.tar.xz", |text| xz(&tar(&[("b/c.env", text)])), "b/c.env"),
    ("a.tar.bz2", |text| bzip2(&tar(&[("b/c.env", text)])), "b/c.env"),
    ("a.tar.zst", |text| zstd(&tar(&[("b/c.env", text)])), "b/c.env"),
    ("a.tar.lz4", |text| lz4(&tar(&[("b/c.env", text)])), "b/c.env"),
    ("c.env.gz", gzip, "c.env"),
    ("parts.env.gz", |text| [gzip(b"#"), gzip(text)].concat(), "parts.env"),
    ("c.env.bz2", bzip2, "c.env"),
    ("c.env.xz", xz, "c.env"),
    ("c.env.zst", zstd, "c.env"),
    ("frames.env.zst", |text| [zstd(b"#"), zstd(text)].concat(), "frames.env"),
    ("c.env.lz4", lz4, "c.env"),
    ("frames.env.lz4", |text| [lz4(b"#"), lz4(text)].concat(), "frames.env"),
    ("c.env.z", zlib, "c.env"),
    ("a.a", |text| ar(&[("c.env", text)]), "c.env"),
    ("a.deb", deb, "data.tar.xz!etc/c.env"),
    ("a.cpio", |text| cpio(&[("b/c.env", text)]), "b/c.env"),
    ("a.rpm", |text| rpm(&xz(&cpio(&[("./etc/c.env", text)]))), "etc/c.env"),
    ("app.asar", |text| asar("c.env", text), "c.env"),
    ("a.7z", |text| seven_zip(&[("b/c.env", text)]), "b/c.env"),
    ("solid.7z", |text| seven_zip(&[("a", b"x"), ("c.env", text), ("d", b"y")]), "c.env"),
    ("packed.7z", |text| seven_zip_with(&[("a", b"x"), ("c.env", text)], true), "c.env"),
    ("c.env.br", brotli, "c.env"),
    ("a.tar.br", |text| brotli(&tar(&[("b/c.env", text)])), "b/c.env"),
    ("signed.crx", |text| zip_with(&[("c.env", text)], 8, 0, b"Cr24\x03\0\0\0", b""), "c.env"),
    ("app.pyz", |text| zip_with(&[("c.env", text)], 8, 0, b"#!/bin/python\n", b""), "c.env"),
    (
        "setup.zip",
        |text| zip(&[("a.exe", &zip_with(&[("c.env", text)], 8, 0, b"MZ", b""))]),
        "a.exe!c.env",
    ),
    ("nested.zip", |text| zip(&[("in/a.zip", &zip(&[("c.env", text)]))]), "in/a.zip!c.env"),
    ("war.tar.gz", |text| gzip(&tar(&[("a.war", &zip(&[("c.env", text)]))])), "a.war!c.env"),
    ("image.tar", |text| tar(&[("ab/layer.tar", &tar(&[("c.env", text)]))]), "ab/layer.tar!c.env"),
    ("blob.tar", |text| tar(&[("blobs/ab", &gzip(&tar(&[("c.env", text)])))]), "blobs/ab!c.env"),
    ("comment.png", |text| png(b"tEXt", &[b"Comment\0", text].concat()), "Comment"),
    ("packed.png", |text| png(b"zTXt", &[&b"Raw\0\0"[..], &zlib(text)].concat()), "Raw"),
    ("comment.jpg", |text| jpeg(0xfe, text), "comment"),
    ("metadata.jpg", |text| jpeg(0xe1, text), "metadata"),
    ("stream.pdf", pdf, "stream-1"),
    (
        "letters.pdf",
        |text| pdf_with("/ASCII85Decode /FlateDecode", &ascii85(&zlib(text))),
        "stream-1",
    ),
    ("digits.pdf", |text| pdf_with("/ASCIIHexDecode", hex_of(text).as_bytes()), "stream-1"),
    ("a.avro", |text| avro("deflate", &deflate(text)), "block-1"),
    ("b.avro", |text| avro("snappy", &snappy_checked(text)), "block-1"),
    ("c.avro", |text| avro("zstandard", &zstd(text)), "block-1!block-1"),
    ("a.parquet", |text| parquet(1, &snappy(text), text.len()), "page-1"),
    ("b.parquet", |text| parquet(2, &gzip(text), text.len()), "page-1!page-1"),
    ("c.parquet", |text| parquet(4, &brotli(text), text.len()), "page-1.br!page-1"),
];

fn unlisted(text: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(b"");
    zip.member("seen", Some("seen"), (8, 0), b"x");
    zip.member("c.env", None, (8, 0), text);
    zip.member("last", Some("last"), (0, 0), b"y");
    zip.finish(b"")
}

fn renamed(text: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(b"");
    zip.member("local.env", Some("listed.env"), (8, 0), text);
    zip.finish(b"")
}

fn deb(text: &[u8]) -> Vec<u8> {
    ar(&[("debian-binary", b"2.0\n"), ("data.tar.xz", &xz(&tar(&[("./etc/c.env", text)])))])
}

/// Writes a key's characters.
pub(crate) type Encode = fn(&str) -> String;

/// Every encoding of a key, with its layers from the outside in.
pub(crate) const ENCODINGS: &[(&str, Encode, &[&str])] = &[
    ("base64", |key| base64(key.as_bytes()), &["base64"]),
    ("base64 of UTF-16", |key| base64(&utf16(key)), &["base64", "utf-16"]),
    ("base64 twice", |key| base64(base64(key.as_bytes()).as_bytes()), &["base64", "base64"]),
    ("base64 three times", thrice, &["base64", "base64", "base64"]),
    ("base64 of hexadecimal digits", |key| base64(hex(key).as_bytes()), &["base64", "hex"]),
    ("base64 of gzip", |key| base64(&gzip(&text(key))), &["base64", "gzip"]),
    ("base64 of zlib", |key| base64(&zlib(&text(key))), &["base64", "zlib"]),
    ("base64 of zip", |key| base64(&zip(&[("a.env", &text(key))])), &["base64", "archive"]),
    ("base64 of bzip2", |key| base64(&bzip2(&text(key))), &["base64", "archive"]),
    ("hexadecimal digits of zip", |key| hex_of(&zip(&[("a", &text(key))])), &["hex", "archive"]),
    ("base64 of percent encoding", |key| base64(percent(key).as_bytes()), &["base64", "percent"]),
    ("hexadecimal digits", hex, &["hex"]),
    ("percent encoding", percent, &["percent"]),
    ("percent encoding in small letters", |key| each(key, |b| format!("%{b:02x}")), &["percent"]),
    ("percent encoding of signs", |key| key.replace('_', "%5F"), &["percent"]),
    ("percent encoding twice", |key| percent(key).replace('%', "%25"), &["percent", "percent"]),
    ("percent encoding of base64", |key| percent(&base64(key.as_bytes())), &["percent", "base64"]),
    ("\\x escapes", |key| each(key, |b| format!("\\x{b:02x}")), &["escape"]),
    ("\\x escapes of some", |key| key.replace('_', "\\x5f"), &["escape"]),
    ("\\u escapes", |key| each(key, |b| format!("\\u{b:04x}")), &["escape"]),
    ("\\u escapes of some", |key| key.replace('_', "\\u005F"), &["escape"]),
    ("\\u{} escapes", |key| each(key, |b| format!("\\u{{{b:x}}}")), &["escape"]),
    ("\\U escapes", |key| each(key, |b| format!("\\U{b:08x}")), &["escape"]),
    ("octal escapes", |key| each(key, |b| format!("\\{b:03o}")), &["escape"]),
    ("escapes of Markdown and LaTeX", |key| key.replace('_', "\\_"), &["escape"]),
    ("decimal escapes", |key| each(key, |b| format!("\\{b}")), &["escape"]),
    ("escapes in escapes", |key| each(key, |b| format!("\\\\u{b:04x}")), &["escape", "escape"]),
    ("decimal references", |key| each(key, |b| format!("&#{b};")), &["html"]),
    ("hexadecimal references", |key| each(key, |b| format!("&#x{b:x};")), &["html"]),
    ("named references", |key| key.replace('_', "&lowbar;"), &["html"]),
    ("references in references", |key| each(key, |b| format!("&amp;#{b};")), &["html", "html"]),
    ("quoted-printable", |key| each(key, |b| format!("={b:02X}")), &["quoted-printable"]),
    ("a C array", |key| list(key, ", ", |b| format!("0x{b:02x}")), &["bytes"]),
    ("a dense C array", |key| list(key, ",", |b| format!("0x{b:02X}")), &["bytes"]),
    ("decimal bytes", |key| list(key, ", ", |b| b.to_string()), &["bytes"]),
    ("dense decimal bytes", |key| list(key, ",", |b| b.to_string()), &["bytes"]),
    ("hexadecimal bytes", |key| list(key, " ", |b| format!("{b:02x}")), &["bytes"]),
    ("bytes with colons", |key| list(key, ":", |b| format!("{b:02X}")), &["bytes"]),
    ("bytes with casts", |key| list(key, ", ", |b| format!("(byte) {b}")), &["bytes"]),
    (
        "hexadecimal bytes with casts",
        |key| list(key, ", ", |b| format!("(byte)0x{b:02x}")),
        &["bytes"],
    ),
    ("bytes with a type", |key| list(key, ", ", |b| format!("{b}u8")), &["bytes"]),
    ("octal bytes", |key| list(key, ", ", |b| format!("0{b:o}")), &["bytes"]),
    ("binary bytes", |key| list(key, ", ", |b| format!("0b{b:08b}")), &["bytes"]),
    ("character codes", |key| list(key, ".", |b| format!("chr({b})")), &["joined"]),
    (
        "hexadecimal character codes",
        |key| list(key, " + ", |b| format!("chr(0x{b:x})")),
        &["joined"],
    ),
    (
        "character codes in Visual Basic",
        |key| list(key, " & ", |b| format!("ChrW({b})")),
        &["joined"],
    ),
    ("character codes in SQL", |key| list(key, " || ", |b| format!("CHR({b})")), &["joined"]),
    ("character casts", |key| list(key, "+", |b| format!("[char]{b}")), &["joined"]),
    ("String.fromCharCode", |key| list(key, ", ", |b| b.to_string()), &["bytes"]),
    ("base64 of UTF-16 in the other order", |key| base64(&utf16_be(key)), &["base64", "utf-16"]),
    ("hexadecimal digits twice", |key| hex(&hex(key)), &["hex", "hex"]),
    ("hexadecimal digits of base64", |key| hex(&base64(key.as_bytes())), &["hex", "base64"]),
    ("hexadecimal digits of UTF-16", |key| hex_of(&utf16(key)), &["hex", "utf-16"]),
    ("hexadecimal digits of gzip", |key| hex_of(&gzip(&text(key))), &["hex", "gzip"]),
    ("base32", |key| data_encoding::BASE32.encode(key.as_bytes()), &["base32"]),
    ("\\x{} escapes", |key| each(key, |b| format!("\\x{{{b:02x}}}")), &["escape"]),
    ("\\o{} escapes", |key| each(key, |b| format!("\\o{{{b:o}}}")), &["escape"]),
    ("\\N{U+} escapes", |key| each(key, |b| format!("\\N{{U+{b:04X}}}")), &["escape"]),
    ("escapes of Java with several u", |key| each(key, |b| format!("\\uu{b:04x}")), &["escape"]),
    ("octal escapes of printf", |key| each(key, |b| format!("\\0{b:03o}")), &["escape"]),
    ("escapes of style sheets with blanks", |key| each(key, |b| format!("\\{b:x} ")), &["escape"]),
    ("base64 of deflate", |key| base64(&deflate(&text(key))), &["base64", "deflate"]),
    ("escapes of style sheets", |key| each(key, |b| format!("\\{b:06x}")), &["escape"]),
    (
        "escapes three deep",
        |key| each(key, |b| format!("\\\\\\\\u{b:04x}")),
        &["escape", "escape", "escape"],
    ),
    ("percent encoding thrice", |key| percent(key).replace('%', "%2525"), &["percent"; 3]),
    ("references with zeros", |key| each(key, |b| format!("&#{b:04};")), &["html"]),
    ("references without an end", |key| each(key, |b| format!("&#{b}")), &["html"]),
    ("named references, another name", |key| key.replace('_', "&UnderBar;"), &["html"]),
    ("quoted-printable of signs", |key| key.replace('_', "=5F"), &["quoted-printable"]),
    ("backwards", |key| key.chars().rev().collect(), &["reversed"]),
    ("ROT13", rot13, &["rot13"]),
];

fn rot13(key: &str) -> String {
    let turned = |byte: u8, first: u8| char::from((byte - first + 13) % 26 + first);
    let letters = key.bytes().map(|byte| match byte {
        b'a'..=b'z' => turned(byte, b'a'),
        b'A'..=b'Z' => turned(byte, b'A'),
        other => char::from(other),
    });
    letters.collect()
}

fn utf16_be(key: &str) -> Vec<u8> {
    key.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn hex_of(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn hex(key: &str) -> String {
    each(key, |byte| format!("{byte:02x}"))
}

fn percent(key: &str) -> String {
    each(key, |byte| format!("%{byte:02X}"))
}

fn utf16(key: &str) -> Vec<u8> {
    key.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn thrice(key: &str) -> String {
    base64(base64(base64(key.as_bytes()).as_bytes()).as_bytes())
}

/// Encodings over several lines; only that the key is found is compared.
pub(crate) const BROKEN: &[(&str, Encode, &[&str])] = &[
    ("base64 in lines of 64", |key| wrapped(&long_base64(key, 40), 64), &["base64"]),
    ("base64 in lines of 76", |key| wrapped(&long_base64(key, 50), 76), &["base64"]),
    ("base64 cut in its keyword", |key| wrapped(&long_base64(key, 46), 64), &["base64"]),
    (
        "base64 in literals",
        |key| literals(&long_base64(key, 46), "\"\n  \""),
        &["joined", "base64"],
    ),
    (
        "base64 in joined literals",
        |key| literals(&long_base64(key, 46), "\" +\n  \""),
        &["joined", "base64"],
    ),
    (
        "hexadecimal digits in lines",
        |key| wrapped(&hex(&format!("A=1\nKEY={key}\n")), 60),
        &["hex"],
    ),
    ("a dump", |key| dump(key, ":", "  "), &["hex"]),
    ("a dump with characters", |key| dump(key, " ", "  |"), &["hex"]),
    ("an array in lines", |key| list(key, ",\n  ", |b| format!("0x{b:02x}")), &["bytes"]),
    (
        "a continued line",
        |key| format!("{}{}=\n{}", "x ".repeat(27), &key[..20], &key[20..]),
        &["quoted-printable"],
    ),
    (
        "base64 backwards",
        |key| {
            let turned: String = base64(key.as_bytes()).chars().rev().collect();
            format!("key = b64decode('{turned}'[::-1])\n")
        },
        &["reversed", "base64"],
    ),
    (
        "words of a header",
        |key| {
            let word = |own: &str| format!("=?utf-8?Q?{}?=", own.replace('_', "=5F"));
            format!("Subject: {}\n {}", word(&key[..20]), word(&key[20..]))
        },
        &["quoted-printable"],
    ),
    (
        "words of a header in base64",
        |key| {
            let word = |own: &str| format!("=?utf-8?B?{}?=", base64(own.as_bytes()));
            format!("Subject: {}\r\n {}", word(&key[..7]), word(&key[7..]))
        },
        &["base64"],
    ),
];

/// Literals of 64 characters.
fn literals(text: &str, between: &str) -> String {
    format!("x = \"{}\"", wrapped(text, 64).replace('\n', between))
}

/// Lines of 16 bytes: their offset, digits and characters.
fn dump(key: &str, after_offset: &str, after_digits: &str) -> String {
    let mut text = String::new();
    for (nth, part) in format!("A=1\nKEY={key}\nB=2\n").as_bytes().chunks(16).enumerate() {
        let digits: Vec<_> = part.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown = String::from_utf8_lossy(part).replace('\n', ".");
        text +=
            &format!("{:08x}{after_offset} {}{after_digits}{shown}\n", 16 * nth, digits.join(" "));
    }
    text
}

/// Base64 with the key behind so many bytes.
fn long_base64(key: &str, before: usize) -> String {
    base64(
        format!(
            "{}{key} {}",
            "text. ".repeat(9).split_at(before).0.to_owned() + " ",
            "text. ".repeat(20)
        )
        .as_bytes(),
    )
}

fn text(key: &str) -> Vec<u8> {
    // Short texts are stored, not compressed.
    format!("A=1\nKEY={key}\n{}", "# more lines of text\n".repeat(20)).into_bytes()
}

/// `path inside line:column-column encodings` of every occurrence.
fn places(report: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        for own in finding["occurrences"].as_array().unwrap() {
            let inside = own["inside"].as_str().unwrap_or("-");
            let layers = own["encoding"].as_array().unwrap().iter();
            let layers: Vec<_> = layers.map(|layer| layer.as_str().unwrap()).collect();
            let place =
                format!("{}:{}-{}", own["start_line"], own["start_column"], own["end_column"]);
            all.push(format!("{} {inside} {place} {layers:?}", own["path"].as_str().unwrap()));
        }
    }
    all.sort();
    all
}

/// Copies the files of a test to where `KEYSIDE_MATRIX` names a folder, so that other scanners can read them.
pub(crate) fn keep_for_others(dir: &Dir, name: &str) {
    let Some(folder) = std::env::var_os("KEYSIDE_MATRIX") else { return };
    copy_all(dir.path(), &Path::new(&folder).join(name));
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_all(&path, &copy);
        } else {
            std::fs::copy(path, copy).unwrap();
        }
    }
}

fn expected_in_containers() -> Vec<String> {
    let end = 5 + SECRET.0.len() + SECRET.1;
    let mut all: Vec<_> = CONTAINERS
        .iter()
        .map(|(file, _, place)| format!("{file} {file}!{place} 2:5-{end} []"))
        .collect();
    // What the directory and the local header call by different names is read by both.
    all.push(format!("renamed.zip renamed.zip!local.env 2:5-{end} []"));
    all.sort();
    all
}

#[test]
fn keys_are_found_in_every_container() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    for (file, pack, _) in CONTAINERS {
        dir.write(file, pack(&text(&key)));
    }
    keep_for_others(&dir, "containers");
    let (code, report) = dir.json(&[]);
    assert_eq!(places(&report), expected_in_containers());
    assert_eq!((code, &report["scan"]["state"]), (1, &json!("complete")), "{}", report["scan"]);
    assert_eq!(report["scan"]["skips"]["archives"], 0);
    let (_, single) = dir.json(&["-j", "1"]);
    let (_, many) = dir.json(&["-j", "8"]);
    assert_eq!(single["findings"], many["findings"]);
    // The id is that of the key in a plain file.
    let plain = Dir::new();
    plain.write("c.env", text(&key));
    assert_eq!(plain.json(&[]).1["findings"][0]["id"], report["findings"][0]["id"]);
    dir.run(&["scan"]).expect(1).out("a.a!c.env:2:5");
}

#[test]
fn keys_are_found_in_containers_on_standard_input_and_in_git() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("README", "first");
    // Without a name, the walk of all objects knows no brotli, and it takes a script for a script.
    let in_history: Vec<_> =
        CONTAINERS.iter().filter(|row| !row.0.ends_with(".br") && row.0 != "app.pyz").collect();
    for (file, pack, _) in &in_history {
        repo.write(file, pack(&text(&key)));
    }
    let packed = [1, 10, 15, 21, 35];
    for (file, pack, place) in packed.map(|nth: usize| CONTAINERS[nth]) {
        let content = pack(&text(&key));
        let run = repo.dir.pipe(&["stdin", "--path", file, "-f", "json"], &content).expect(1);
        let inside = format!("{file}!{place}");
        assert_eq!(run.json()["findings"][0]["occurrences"][0]["inside"], inside, "{file}");
    }
    repo.git(&["add", "-A"]);
    let insides = |report: &Value| {
        let mut all = Vec::new();
        for own in report["findings"][0]["occurrences"].as_array().unwrap() {
            all.push(own["inside"].as_str().unwrap_or("-").to_owned());
        }
        all.sort();
        all.dedup();
        all
    };
    let mut expected: Vec<_> =
        in_history.iter().map(|(file, _, place)| format!("{file}!{place}")).collect();
    expected.push("renamed.zip!local.env".to_owned());
    expected.sort();
    assert_eq!(insides(&repo.report(&["--staged"], 1)), expected);
    repo.commit("packed");
    assert_eq!(insides(&repo.report(&["--range", "HEAD~1..HEAD"], 1)), expected);
    assert_eq!(insides(&repo.report(&[], 1)), expected);
    repo.git(&["rm", "-q", "-r", "."]);
    repo.add("README", "later");
    repo.git(&["repack", "-adq"]);
    let report = repo.report(&[], 1);
    assert_eq!(insides(&report), expected);
    assert_eq!(report["findings"][0]["in_head"], false);
}

#[test]
fn keys_are_found_in_every_encoding() {
    let dir = Dir::new();
    let mut expected = Vec::new();
    for (nth, (_, encode, layers)) in ENCODINGS.iter().enumerate() {
        let encoded = encode(&dir.key(SECRET));
        dir.write(&format!("{nth:02}.txt"), format!("A=1\nkey = \"{encoded}\";\n"));
        // Padding says nothing of the key.
        let length = match *layers {
            ["base64" | "base32"] => encoded.trim_end_matches('=').len(),
            ["hex", "base64"] => encoded.trim_end_matches("3d").len(),
            ["percent", "base64"] => encoded.trim_end_matches("%3D").len(),
            _ => encoded.len(),
        };
        let start = format!("{nth:02}.txt - 2:8-");
        expected.push((start, 8 + length, format!(" {layers:?}")));
    }
    keep_for_others(&dir, "encodings");
    let (_, report) = dir.json(&[]);
    let found = places(&report);
    let mut faults = Vec::new();
    for ((name, _, layers), (start, end, encoding)) in ENCODINGS.iter().zip(&expected) {
        let own = found.iter().find(|own| own.starts_with(start));
        let own = own.unwrap_or_else(|| panic!("{name} is not found"));
        // Of what is encoded again in base64, the last characters may be padding.
        let is_exact = layers[0] != "base64" || layers.len() == 1;
        let ends = if is_exact { 0..1 } else { 0..9 };
        let mut ends = ends.map(|less| format!("{start}{}{encoding}", end - less));
        if !ends.any(|expected| *own == expected) {
            faults.push(format!("{name}: {own}, not {start}{end}{encoding}"));
        }
    }
    assert_eq!(faults, [""; 0]);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    assert_eq!(dir.json(&["--max-decode-depth", "0"]).0, 0);
}

#[test]
fn keys_are_found_in_encodings_over_several_lines() {
    for (name, encode, layers) in BROKEN {
        let dir = Dir::new();
        dir.write("a.txt", format!("A=1\n{}\nB=2\n", encode(&dir.key(SECRET))));
        let (code, report) = dir.json(&[]);
        assert_eq!(code, 1, "{name}");
        let findings = report["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{name}: {findings:?}");
        assert_eq!(findings[0]["occurrences"][0]["encoding"], json!(layers), "{name}");
    }
}

#[test]
fn encodings_are_found_in_git_and_in_archives() {
    let repo = Repo::new();
    let mut expected = Vec::new();
    let lines = "# a line of text\n".repeat(40);
    for (nth, (_, encode, _)) in ENCODINGS.iter().enumerate() {
        let path = format!("{nth:02}.txt");
        repo.write(&path, format!("{lines}{lines}"));
        expected.push((path, encode(&repo.dir.key(SECRET))));
    }
    repo.commit("plain");
    for (path, encoded) in &expected {
        repo.write(path, format!("{lines}key = \"{encoded}\"\n{lines}"));
    }
    let files = |report: &Value| {
        let mut all = Vec::new();
        for finding in report["findings"].as_array().unwrap() {
            all.push(finding["occurrences"][0]["path"].as_str().unwrap().to_owned());
        }
        all.sort();
        all
    };
    let paths: Vec<_> = expected.iter().map(|(path, _)| path.clone()).collect();
    repo.git(&["add", "-A"]);
    assert_eq!(files(&repo.report(&["--staged"], 1)), paths);
    repo.commit("encoded");
    assert_eq!(files(&repo.report(&["--range", "HEAD~1..HEAD"], 1)), paths);
    repo.git(&["repack", "-adfq"]);
    assert_eq!(files(&repo.report(&[], 1)), paths);
    let dir = Dir::new();
    let encoded = percent(&dir.key(SECRET));
    dir.write("a.zip", zip(&[("b.txt", format!("A=1\nk={encoded}\n").as_bytes())]));
    let end = 3 + encoded.len();
    let found = places(&dir.json(&[]).1);
    assert_eq!(found, [format!("a.zip a.zip!b.txt 2:3-{end} [\"percent\"]")]);
}

#[test]
fn texts_of_office_documents_and_pages_are_put_together() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    let (before, after) = key.split_at(20);
    dir.write("a.docx", docx(before, after));
    dir.write("a.odt", odt(before, after));
    dir.write("a.pdf", pdf(format!("BT [({before}) -20 ({after})] TJ ET").as_bytes()));
    let hex = format!("BT [<{}> -20 <{}>] TJ ET", hex(before), hex(after));
    dir.write("b.pdf", pdf(hex.as_bytes()));
    dir.write("c.pdf", numbered_pdf(before, after));
    dir.write("a.pptx", pptx(before, after));
    dir.write("a.xlsx", xlsx(before, after));
    dir.write("b.docx", laid_out_docx(before, after));
    let (_, report) = dir.json(&[]);
    let end = 1 + key.len();
    assert_eq!(
        places(&report),
        [
            format!("a.docx a.docx!word/document.xml 2:1-{end} []"),
            format!("a.odt a.odt!content.xml 1:1-{end} []"),
            format!("a.pdf a.pdf!stream-1 1:1-{end} []"),
            format!("a.pptx a.pptx!ppt/slides/slide1.xml 1:1-{end} []"),
            format!("a.xlsx a.xlsx!xl/sharedStrings.xml 1:1-{end} []"),
            format!("b.docx b.docx!word/document.xml 1:1-{end} []"),
            format!("b.pdf b.pdf!stream-1 1:1-{end} []"),
            format!("c.pdf c.pdf!stream-1 1:1-{end} []"),
        ]
    );
}

#[test]
fn what_is_not_opened_is_reported() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    let whole = gzip(&text(&key).repeat(2000));
    dir.write("encrypted.zip", zip_with(&[("c.env", b"no text")], 8, ENCRYPTED, b"", b""));
    dir.write("short.gz", &whole[..whole.len() / 2]);
    let (code, report) = dir.json(&[]);
    // What precedes the damage is searched.
    assert_eq!((code, &report["scan"]["state"]), (1, &json!("incomplete")));
    assert_eq!(notices(&report), ["unreadable", "unreadable"]);
    let messages = report["scan"]["notices"].to_string();
    assert!(messages.contains("encrypted.zip!c.env") && messages.contains("is encrypted"));
    assert!(messages.contains("it ends too early"), "{messages}");
    dir.run(&["scan", "encrypted.zip"]).expect(3).out("is encrypted");
    // Switched off, they are skipped and counted.
    let report = dir.run(&["scan", "-f", "json", "--max-archive-depth", "0"]).expect(0).json();
    assert_eq!(report["scan"]["skips"]["archives"], 2);
}

#[test]
fn archives_are_opened_to_a_depth() {
    let dir = Dir::new();
    let mut content = text(&dir.key(SECRET));
    for _ in 0..5 {
        content = zip(&[("a.zip", &content)]);
    }
    dir.write("a.zip", &content);
    let report = dir.run(&["scan", "-f", "json"]).expect(3).json();
    assert_eq!(notices(&report), ["limit"]);
    dir.run(&["scan", "--max-archive-depth", "5"])
        .expect(1)
        .out("a.zip!a.zip!a.zip!a.zip!a.zip!a.zip:2:5");
}

#[test]
fn places_in_archives_are_explained() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("a.zip", zip(&[("in/b.tar", &tar(&[("c.env", &text(&key))]))]));
    let id = dir.json(&[]).1["findings"][0]["id"].as_str().unwrap().to_owned();
    dir.run(&["explain", "a.zip!in/b.tar!c.env:2"])
        .expect(0)
        .out(&format!("reported as error ({id})"));
    dir.run(&["explain", "a.zip!missing:2"]).expect(2).err("cannot read");
}

#[test]
fn bombs_end_soon() {
    let dir = Dir::new();
    let zeros = vec![0; 4 << 20];
    let packed = gzip(&gzip(&zeros.repeat(40)));
    dir.write("zeros.gz", packed);
    // Many members that are the same bytes.
    let mut overlapping = ZipWriter::new(b"");
    overlapping.member("a", Some("a"), (8, 0), &zeros);
    let mut bytes = overlapping.finish(b"");
    let end = bytes.len() - 22;
    let entry_start = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    let entry = bytes[entry_start..end].to_vec();
    let mut tail = bytes.split_off(end);
    for _ in 1..2000 {
        bytes.extend(&entry);
    }
    tail[8..12].copy_from_slice(&[0xd0, 0x07, 0xd0, 0x07]);
    tail[12..16].copy_from_slice(&(2000 * entry.len() as u32).to_le_bytes());
    bytes.extend(tail);
    dir.write("overlapping.zip", bytes);
    let mut deep = b"x".to_vec();
    for _ in 0..60 {
        deep = zip(&[("a.zip", &deep)]);
    }
    dir.write("deep.zip", deep);
    let wide = |inner: &[u8]| {
        let names: Vec<_> = (0..16).map(|nth| format!("{nth}.zip")).collect();
        zip(&names.iter().map(|name| (name.as_str(), inner)).collect::<Vec<_>>())
    };
    dir.write("wide.zip", wide(&wide(&wide(&wide(&wide(&zip(&[("z", &zeros)])))))));
    let report = dir.run(&["scan", "-f", "json"]).expect(3).json();
    let mut kinds = notices(&report);
    kinds.dedup();
    assert_eq!(kinds, ["limit"], "{}", report["scan"]["notices"]);
    let named = report["scan"]["notices"].to_string();
    for file in ["zeros.gz", "overlapping.zip", "deep.zip", "wide.zip"] {
        assert!(named.contains(file), "{file}: {named}");
    }
}

#[test]
fn damaged_archives_are_reported_and_do_no_harm() {
    let dir = Dir::new();
    let content = b"NAME=value\nOTHER=text without a key\n".repeat(30);
    let mut seed = 0x9e37_79b9_u32;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed as usize
    };
    let mut count = 0;
    for (file, pack, _) in CONTAINERS {
        let whole = pack(&content);
        for nth in 0..8 {
            let mut bytes = whole.clone();
            match nth % 4 {
                0 => bytes.truncate(random() % whole.len()),
                1 => {
                    let at = random() % whole.len();
                    bytes[at] ^= 1 << (random() % 8);
                }
                2 => {
                    for _ in 0..16 {
                        let at = random() % whole.len();
                        bytes[at] = random() as u8;
                    }
                }
                _ => {
                    let at = random() % whole.len();
                    let piece = bytes[at..].to_vec();
                    let to = random() % whole.len();
                    bytes.splice(to..to, piece);
                }
            }
            dir.write(&format!("{nth}-{file}"), bytes);
            count += 1;
        }
    }
    assert!(count >= 200);
    let report = dir.run(&["scan", "-f", "json"]).expect(3).json();
    let kinds = ["unreadable", "limit", "undecoded"];
    assert!(notices(&report).iter().all(|kind| kinds.contains(&kind.as_str())));
}

#[test]
fn the_docs_list_every_container_and_encoding() {
    let mut containers = String::from("| file | place of a text in it |\n|---|---|\n");
    for (file, _, place) in CONTAINERS {
        containers += &format!("| `{file}` | `{file}!{place}` |\n");
    }
    documents::check_part("docs/decoding.md", "CONTAINERS", &containers);
    let mut encodings = String::from("| `key_1` in | is | `encoding` |\n|---|---|---|\n");
    for (name, encode, layers) in ENCODINGS {
        let example = encode("key_1");
        let example = match example.char_indices().nth(32) {
            Some((cut, _)) => format!("{}…", &example[..cut]),
            None => example,
        };
        let example = example.replace('|', "\\|");
        encodings += &format!("| {name} | `{example}` | {} |\n", layers.join(" of "));
    }
    documents::check_part("docs/decoding.md", "ENCODINGS", &encodings);
}
