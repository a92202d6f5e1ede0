//! Formats whose parts are not in one piece, or not where they seem to be: databases, packs, programs with an
//! archive behind them, and archives in history that only their whole content tells.

use serde_json::Value;

use crate::decoding_samples::*;
use crate::repo::Repo;
use crate::support::{AIMAGICX, Dir, SECRET, notices, places, with_each_object_format};

/// The places of all occurrences in archives, in order.
fn insides(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let all = findings.flat_map(|finding| finding["occurrences"].as_array().unwrap());
    let mut all: Vec<_> = all.map(|own| own["inside"].as_str().unwrap_or("-").to_owned()).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn a_text_that_goes_on_in_overflow_pages_of_a_database_is_whole() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    let mut expected = Vec::new();
    // The key crosses the end of the row's own page, and those of overflow pages.
    for nth in 0..40 {
        let text = format!("{} {key} {}", "x".repeat(nth * 13), "text ".repeat(270));
        dir.write(&format!("{nth:02}.db"), sqlite(text.as_bytes(), 1));
        expected.push(format!("{nth:02}.db!rows"));
    }
    dir.write("40.db", sqlite(&utf16_bytes(format!("text {key}").as_bytes()), 2));
    // Neighbouring columns touch.
    dir.write("41.db", sqlite(key.as_bytes(), 1));
    expected.extend(["40.db!rows".to_owned(), "41.db!rows".to_owned()]);
    let (code, report) = dir.json(&[]);
    assert_eq!((code, insides(&report)), (1, expected));
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(notices(&report), [""; 0]);
}

#[test]
fn compressed_blobs_of_a_database_are_opened() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    let text = format!("A=1\nkey = {key}\n");
    let text = text.as_bytes();
    let blobs =
        [gzip(text), zlib(text), zip(&[("c.env", text)]), bzip2(text), zstd(text), xz(text)];
    for (nth, blob) in blobs.iter().enumerate() {
        dir.write(&format!("{nth}.db"), sqlite_blob(blob));
    }
    let (code, report) = dir.json(&[]);
    assert_eq!(code, 1);
    let expected = (0..blobs.len()).map(|nth| match nth {
        2 => format!("{nth}.db!blob-1.z!c.env"),
        _ => format!("{nth}.db!blob-1.z!blob-1"),
    });
    // A short text may be stored in them as it is, and is in its row then, too.
    let mut found = insides(&report);
    found.retain(|own| !own.ends_with("!rows"));
    assert_eq!(found, expected.collect::<Vec<_>>());
    assert_eq!(notices(&report), [""; 0]);
}

#[test]
fn objects_in_packs_and_bundles_are_searched() {
    with_each_object_format(objects_are_searched);
}

fn objects_are_searched() {
    let repo = Repo::new();
    let lines = "a line of text\n".repeat(60);
    let key = repo.dir.key(SECRET);
    repo.add("a.txt", format!("{lines}{lines}"));
    repo.add("a.txt", format!("{lines}key = {key}\n{lines}"));
    let with_key = repo.id("HEAD:a.txt");
    repo.add("a.txt", format!("{lines}key =\n{lines}more\n"));
    repo.git(&["repack", "-adfq"]);
    let dir = Dir::new();
    dir.write("in.pack", std::fs::read(repo.pack().with_extension("pack")).unwrap());
    for (file, options) in
        [("all.bundle", &["--version=3", "HEAD"][..]), ("late.bundle", &["HEAD~1..HEAD"])]
    {
        let options = [
            &["bundle", "create", "-q"],
            &options[..options.len() - 1],
            &[file],
            &options[options.len() - 1..],
        ];
        repo.git(&options.concat());
        dir.write(file, std::fs::read(repo.path().join(file)).unwrap());
    }
    let own = std::fs::read(dir.path().join("in.pack")).unwrap();
    dir.write("pack.zip", zip(&[("in.pack", &own)]));
    let (code, report) = dir.json(&[]);
    let places = ["all.bundle", "in.pack", "pack.zip!in.pack"];
    let expected: Vec<_> = places.iter().map(|place| format!("{place}!{with_key}")).collect();
    assert_eq!((code, insides(&report)), (1, expected));
    // It is built on objects that are elsewhere.
    let told = report["scan"]["notices"].to_string();
    assert!(told.contains("late.bundle") && told.contains("does not have"), "{told}");
    assert_eq!(notices(&report), ["unreadable"]);
    dir.run(&["explain", &format!("in.pack!{with_key}:61")]).expect(0).out("reported as error");
}

/// A backup of a folder has what its `.git` has.
#[test]
fn loose_objects_are_searched_where_no_repository_is() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    repo.add("a.txt", format!("key = {key}\n"));
    let blob = repo.id("HEAD:a.txt");
    repo.git(&["commit", "-q", "--allow-empty", "-m", &format!("say {key}")]);
    let commit = repo.id("HEAD");
    let dir = Dir::new();
    let name = |id: &str| format!(".git/objects/{}/{}", &id[..2], &id[2..]);
    let read = |id: &str| std::fs::read(repo.path().join(name(id))).unwrap();
    for id in [&blob, &commit] {
        dir.write(&format!("{id}.zip"), zip(&[(&name(id), &read(id))]));
        dir.write("object", read(id));
        dir.run(&["scan", "object"]).expect(1);
        dir.run(&["scan", &format!("{id}.zip")]).expect(1);
    }
}

#[test]
fn archives_that_git_stores_as_differences_are_opened() {
    let repo = Repo::new();
    let key = repo.dir.key(SECRET);
    let mut rng = keyside::rules::Rng::new(5);
    let filler = rng.text("abcdefghijklmnop", 20_000).into_bytes();
    // Some begin so that 16 bytes tell them, others have longer names.
    let packed = gzip(format!("KEY={key}\n").as_bytes());
    let (long, plain) = ("folder/".repeat(6), gzip(b"KEY=\n"));
    let write = |packed: &[u8], end: &[u8]| {
        let members = [("filler", &filler[..]), ("in.gz", packed), ("end", end)];
        let named = [(&long[..], &filler[..]), ("in.gz", packed), ("end", end)];
        repo.write("a.tar", tar(&members));
        repo.write("b.tar", tar(&named));
        repo.write("c.cpio", cpio(&members));
        repo.write("d.elf", zip_with(&members, 0, 0, &[&b"\x7fELF"[..], &filler].concat(), b""));
        repo.write("e.zip", zip_with(&members, 0, 0, b"", b""));
    };
    write(&plain, b"one");
    repo.commit("without");
    write(&packed, b"two");
    repo.commit("with");
    write(&plain, b"three");
    repo.commit("without");
    repo.git(&["repack", "-adfq", "--window=50"]);
    let files = ["a.tar", "b.tar", "c.cpio", "d.elf", "e.zip"];
    let expected: Vec<_> = files.iter().map(|file| format!("{file}!in.gz!in")).collect();
    assert_eq!(insides(&repo.report(&[], 1)), expected);
}

#[test]
fn a_program_with_an_archive_behind_it_is_opened_whatever_its_size() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    let text = "# text\n".repeat(40) + &key;
    let archive = |prefix: &[u8]| zip_with(&[("c.env", text.as_bytes())], 8, 0, prefix, b"");
    let large = [&b"\x7fELF"[..], &vec![1; 5 << 20]].concat();
    dir.write("large", archive(&large));
    dir.write("a.tar", tar(&[("large", &archive(&large)), ("small", &archive(b"MZ"))]));
    let (code, report) = dir.json(&[]);
    assert_eq!(
        (code, insides(&report)),
        (
            1,
            vec![
                "a.tar!large!c.env".to_owned(),
                "a.tar!small!c.env".to_owned(),
                "large!c.env".to_owned(),
            ]
        )
    );
}

#[test]
fn keys_in_compiled_and_structured_files_are_found() {
    let dir = Dir::new();
    let (key, other) = (dir.key(SECRET), dir.key(AIMAGICX));
    let (length, second) = (key.len() as u8, other.len() as u8);
    let both = |before: &[u8], between: &[u8], after: &[u8]| {
        [before, key.as_bytes(), between, other.as_bytes(), after].concat()
    };
    let files: Vec<(&str, Vec<u8>)> = vec![
        // Constants with their lengths before them: the types of marshal, the constant pool, the strings of dex.
        ("a.pyc", both(&[0xcb, 13, 13, 10, 0, 0, 0, 0, b'z', length], &[b'z', second], b"N)")),
        ("b.pyc", both(&[0xcb, 13, 13, 10, 0, 0, 0, 0, 0xda, length], &[0xda, second], &[0xa9, 0])),
        (
            "A.class",
            both(
                &[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61, 0, 9, 1, 0, length],
                &[1, 0, second],
                &[7, 0],
            ),
        ),
        (
            "classes.dex",
            both(&[b'd', b'e', b'x', 10, b'0', b'3', b'5', 0, length], &[0, second], &[0, 1]),
        ),
        (
            "a.plist",
            both(
                &[&b"bplist00"[..], &[0x5f, 0x10, length]].concat(),
                &[0x5f, 0x10, second],
                &[8, 9],
            ),
        ),
        (
            "wide.plist",
            [
                &b"bplist00\x6f\x10"[..],
                // The high byte comes first. A length that is a digit would be a part of a longer word.
                &[length + 2, 0],
                &utf16_bytes(format!("k={key}").as_bytes())[..2 * key.len() + 3],
                &[0x5f, 0x10, second],
                other.as_bytes(),
                &[0],
            ]
            .concat(),
        ),
        ("000003.log", both(b"\x12\x34\x56\x78\x80\0\x01META\x01\x31", b"\x01\x31", b"\x01\x02")),
        (
            "a.ipynb",
            both(b"{\"cells\": [{\"source\": [\"import os\\n\", \"k = '", b"'\\nl = '", b"'\"]}]}"),
        ),
        (
            "a.js.map",
            both(b"{\"sourcesContent\": [\"const a = \\\"", b"\\\";\\nconst b =\\\"", b"\\\"\"]}"),
        ),
        (
            "a.har",
            both(
                b"{\"headers\": [{\"name\": \"Authorization\", \"value\": \"Bearer ",
                b"\", \"x\": \"",
                b"\"}]}",
            ),
        ),
        (
            "config.json",
            both(
                b"{\"config\": {\"Env\": [\"PATH=/bin\", \"KEY=",
                b"\"]}, \"history\": [{\"created_by\": \"ENV K=",
                b"\"}]}",
            ),
        ),
    ];
    for (name, bytes) in &files {
        dir.write(name, bytes);
    }
    let (_, report) = dir.json(&[]);
    let found = places(&report).join("\n");
    for (name, _) in &files {
        assert_eq!(found.matches(&format!("{name}:")).count(), 2, "{name}\n{found}");
    }
}

#[test]
fn a_database_that_ends_before_its_last_page_is_noticed() {
    let dir = Dir::new();
    let whole = sqlite(&b"a text ".repeat(900), 1);
    // A count that another version left says nothing.
    let mut other = whole[..whole.len() - 600].to_vec();
    other[95] = 1;
    let cut = |end: usize| whole[..end].to_vec();
    let files = [
        ("whole.db", whole.clone(), 0),
        ("other.db", other, 0),
        ("page.db", cut(whole.len() - 600), 1),
        ("byte.db", cut(whole.len() - 1), 1),
        ("first.db", cut(700), 1),
    ];
    for (name, content, count) in files {
        dir.write(name, content);
        let report = dir.run(&["scan", name, "-f", "json"]).expect(0).json();
        assert_eq!(notices(&report), vec!["undecoded"; count], "{name}: {report}");
    }
}

/// A file that unpacks to other text than was packed is damaged, and no file that its name tells is passed over.
#[test]
fn wrong_checksums_and_cut_files_with_names_are_reported() {
    let dir = Dir::new();
    // It cannot be compressed, so that its bytes stand in the packed file as they are.
    let mut content = format!("A=1\nKEY={}\n", dir.key(SECRET)).into_bytes();
    let mut state = 1u64;
    content.extend((0..4000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    }));
    let changed = |mut packed: Vec<u8>| {
        let at = memchr::memmem::find(&packed, b"KEY=").unwrap();
        packed[at + 4] ^= 1;
        packed
    };
    let lzma = |content: &[u8]| {
        let options = lzma_rust2::LzmaOptions::with_preset(1);
        let size = Some(content.len() as u64);
        let mut writer =
            lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, size).unwrap();
        std::io::Write::write_all(&mut writer, content).unwrap();
        writer.finish().unwrap()
    };
    // The key is cut off.
    let text = format!("NAME=value\nKEY={}", dir.key(SECRET)).into_bytes();
    let cut = |packed: Vec<u8>| packed[..packed.len() - 36].to_vec();
    let (solid, single) = (
        seven_zip(&[("a", b"x"), ("c.env", &content), ("d", b"y")]),
        seven_zip(&[("c.env", &content)]),
    );
    let rows = [
        ("single.7z", single.clone(), changed(single)),
        ("solid.7z", solid.clone(), changed(solid)),
        ("c.env.zst", zstd(&content), changed(zstd(&content))),
        ("c.env.gz", gzip(&content), changed(gzip(&content))),
        ("c.env.xz", xz(&content), changed(xz(&content))),
        ("c.env.lzma", lzma(&text), cut(lzma(&text))),
        ("c.env.zlib", zlib(&text), cut(zlib(&text))),
    ];
    for (name, whole, damaged) in rows {
        dir.write(name, whole);
        assert_eq!(dir.json(&[name]).0, 1, "{name}");
        dir.write(name, damaged);
        let (code, report) = dir.json(&[name]);
        assert_eq!((code, notices(&report)), (3, vec!["unreadable".to_owned()]), "{name}");
    }
}
