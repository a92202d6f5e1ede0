//! Keys in packs: the walk finds them in the same versions of a file as a search of each version.

use std::collections::BTreeSet;
use std::ops::Range;

use keyside::model::{ObjectFormat, Oid};
use keyside::rules::{Rng, RuleFile, Ruleset};
use keyside::scan::KeyScanner;
use keyside::source::Chunk;
use keyside::source::git::{
    MatchAll, ObjectKind, ObjectVisitor, Pack, SearchedObject, VisitedObject, WalkScope, walk,
};

use crate::encoded::base64;
use crate::packs::packed_by;
use crate::support::{Dir, number_of};

/// Rules whose keys have a text of their own, long and short, and one whose keys a name or a host tells.
const RULES: &str = r#"
    [provider]
    id = "acme"
    name = "Acme"
    url = "https://acme.example"
    hosts = ["api.acme.example"]
    [[rule]]
    id = "acme-api-key"
    pattern = '[0-9a-f]{32}'
    nearby = { words = ["acme_api_key", "acme_token"], not-words = ["public"] }
    [[rule]]
    id = "cord-key"
    keywords = ["cd_"]
    pattern = '(?P<secret>cd_(?P<body>[0-9a-f]{24}))'
    [[rule]]
    id = "dome-address"
    keywords = ["https://hooks.dome.example/services/"]
    pattern = 'https://hooks\.dome\.example/services/(?P<secret>[0-9a-f]{24})'
    [[rule]]
    id = "echo-password"
    keywords = ["machine "]
    pattern = 'machine echo[a-z ;]{0,300}=(?P<secret>[0-9a-f]{20})'
"#;

/// One edit of a text with keys: it inserts parts of them, cuts them, and joins or splits lines and words.
fn edited_keys(rng: &mut Rng, text: &mut Vec<u8>) {
    const PARTS: &[&str] = &[
        "acme_api_key",
        "ACME_TOKEN",
        "=",
        "=\n",
        ":",
        "\"",
        "\n",
        "\n",
        "‹32›",
        "cd_‹24›",
        "cd_",
        "‹24›",
        "‹20›",
        "https://hooks.dome.example/services/‹24›",
        "https://hooks.dome",
        ".example/services/",
        "machine ",
        "machine echo",
        "x",
        "9",
        "_",
        "public",
        "\\n",
        "%3D",
        "\u{1}",
        "‹code›",
        "‹wide›",
    ];
    let hex = |rng: &mut Rng, length| rng.text("0123456789abcdef", length);
    let at = rng.below(text.len() + 1);
    match rng.below(10) {
        0 => drop(text.splice(at..at, rng.text("abcdefgh;\n", 20).into_bytes())),
        1 => {
            let end = (at + rng.below(60)).min(text.len());
            match rng.below(6) {
                // What is cut off at either end leaves a key without what stood beside it.
                0 if text.len() > 400 => drop(text.drain(..end)),
                1 if text.len() > 400 => text.truncate(at),
                _ => drop(text.drain(at..end)),
            }
        }
        2 => {
            let from = rng.below(text.len() + 1);
            let run: Vec<u8> = text[from..(from + rng.below(200)).min(text.len())].to_vec();
            text.splice(at..at, run);
        }
        3 if at < text.len() => text[at] = b"x\n=_"[rng.below(4)],
        _ => {
            let mut added = Vec::new();
            for _ in 0..=rng.below(3) {
                let part = PARTS[rng.below(PARTS.len())];
                let is_rare = part == "\u{1}" || part == "‹wide›";
                if is_rare && rng.below(20) > 0 {
                    continue;
                }
                let part = part.replace("‹32›", &hex(rng, 32)).replace("‹24›", &hex(rng, 24));
                let part = part.replace("‹20›", &hex(rng, 20));
                let key = format!("key=cd_{}", hex(rng, 24));
                match &*part {
                    "‹code›" => added.extend(base64(&key).bytes()),
                    "‹wide›" => added.extend(key.encode_utf16().flat_map(u16::to_le_bytes)),
                    part => added.extend(part.bytes()),
                }
            }
            text.splice(at..at, added);
        }
    }
}

/// The objects in which a walk finds keys.
struct WithKeys<'s> {
    scanner: &'s KeyScanner<'s>,
    needles: &'s KeyScanner<'s>,
    found: BTreeSet<Oid>,
    /// Objects that a search of the whole object is needed for.
    read: usize,
}

impl ObjectVisitor for WithKeys<'_> {
    fn object(&mut self, object: VisitedObject<'_>) {
        if self.needles.may_have_key(object.bytes, object.hits) {
            self.read += 1;
            if !self.scanner.find(&Chunk::whole(object.bytes)).keys.is_empty() {
                self.found.insert(object.oid);
            }
        }
    }

    fn damaged(&mut self, oid: Oid, why: &str) {
        panic!("{oid}: {why}");
    }

    fn searched(&mut self, _: SearchedObject<'_>) {}
}

/// The objects in which a search of everything finds keys.
struct ReadWhole<'s> {
    scanner: &'s KeyScanner<'s>,
    found: Vec<Oid>,
}

impl ObjectVisitor for ReadWhole<'_> {
    fn object(&mut self, object: VisitedObject<'_>) {
        if !self.scanner.find(&Chunk::whole(object.bytes)).keys.is_empty() {
            self.found.push(object.oid);
        }
    }

    fn damaged(&mut self, oid: Oid, why: &str) {
        panic!("{oid}: {why}");
    }

    fn searched(&mut self, _: SearchedObject<'_>) {}
}

/// Lines of keys that two places make: a name and a value some lines below or above, a constant and its use.
const LINES: &[&str] = &[
    "acme:",
    "acme: {",
    "[acme]",
    "globex:",
    "[globex]",
    "  region: eu",
    "    size: 4",
    "  }",
    "# acme",
    "  api_key: ‹32›",
    "  api_key: \"‹32›\",",
    "    api_key: '‹32›'",
    "api_key = ‹32›",
    "value: ‹32›",
    "GET https://api.acme.example/v1",
    "GET https://other.example/v1",
    "Authorization: Bearer ‹32›",
    "- name: ACME_API_KEY",
    "  name: ACME_API_KEY",
    "  name: OTHER",
    "  value: ‹32›",
    "PRE = \"cd_\"",
    "const PRE = 'cd_';",
    "PRE = \"ef_\"",
    "key = PRE + \"‹24›\"",
    "key = f\"{PRE}‹24›\"",
    "word = PRE + \"x\"",
    "REST = \"_‹24›\"",
    "REST = \"_‹24›\"",
    "REST = \"other\"",
    "send(\"cd\" + REST)",
    "send(`cd${REST}`)",
    "send(\"cd{}\".format(REST))",
    "send(\"{}{}\".format(\"cd\", REST))",
    "key = f\"cd{REST}\"",
];

/// One edit of whole lines, or of some of their characters.
fn edited_lines(rng: &mut Rng, text: &mut Vec<u8>) {
    let hex = |rng: &mut Rng, length| rng.text("0123456789abcdef", length);
    let at = rng.below(text.len());
    let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length + 1);
    match rng.below(8) {
        0 => drop(text.splice(start..start, format!("{}\n", hex(rng, 9)).into_bytes())),
        1 if text.len() > 400 => drop(text.drain(start..end)),
        2 => {
            let from = rng.below(text.len());
            let run: Vec<u8> = text[from..(from + rng.below(600)).min(text.len())].to_vec();
            text.splice(start..start, run);
        }
        3 => text[at] = b"x\n=_ "[rng.below(5)],
        _ => {
            let line = LINES[rng.below(LINES.len())];
            let line = line.replace("‹32›", &hex(rng, 32)).replace("‹24›", &hex(rng, 24));
            let old = if rng.below(2) == 0 { start..start } else { start..end };
            text.splice(old, format!("{line}\n").into_bytes());
        }
    }
}

/// One edit that puts a few lines in or takes some out, of so few that most changes were searched before, beside
/// other lines.
fn edited_again(rng: &mut Rng, text: &mut Vec<u8>) {
    let at = rng.below(text.len());
    let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1);
    let ends = memchr::memchr_iter(b'\n', &text[at..]).nth(rng.below(4));
    let end = ends.map_or(text.len(), |length| at + length + 1);
    if rng.below(3) == 0 && text.len() > 400 {
        text.drain(start..end);
        return;
    }
    let mut lines = String::new();
    let first = rng.below(LINES.len());
    for line in LINES[first..].iter().take(1 + rng.below(3)) {
        let key = Rng::new(rng.below(2) as u64).text("0123456789abcdef", 32);
        lines += &line.replace("‹32›", &key).replace("‹24›", &key[..24]);
        lines.push('\n');
    }
    text.splice(start..start, lines.into_bytes());
}

/// Compares a walk through versions that differ by the given edits with a search of each. Returns the numbers
/// of versions with keys and of those that were searched whole.
fn compare_with_each(
    rules: &Ruleset,
    seed: u64,
    edited: fn(&mut Rng, &mut Vec<u8>),
) -> (usize, usize) {
    let (scanner, needles) = (KeyScanner::new(rules), KeyScanner::of_reported(rules));
    let dir = Dir::new();
    let path = packed_by(&dir, seed, 400, &["--depth=60"], edited);
    let pack = Pack::open(&path, ObjectFormat::Sha1).unwrap();
    let scope =
        WalkScope { kinds: &|kind| kind == ObjectKind::Blob, skip: None, outside: &|_| None };
    let visitor =
        || WithKeys { scanner: &scanner, needles: &needles, found: BTreeSet::new(), read: 0 };
    let (mut found, mut read) = (BTreeSet::new(), 0);
    for own in walk(&pack, &needles, &scope, visitor) {
        found.extend(own.found);
        read += own.read;
    }
    let mut expected = BTreeSet::new();
    let visitor = || ReadWhole { scanner: &scanner, found: Vec::new() };
    for own in walk(&pack, &MatchAll, &scope, visitor) {
        expected.extend(own.found);
    }
    let missed: Vec<_> = expected.difference(&found).collect();
    let counts = (missed.len(), expected.len());
    assert_eq!(missed, Vec::<&Oid>::new(), "seed {seed}: {counts:?}");
    assert_eq!(found, expected, "seed {seed}");
    assert!(expected.len() > 50, "seed {seed}: {}", expected.len());
    (expected.len(), read)
}

/// The seeds of packs: a few, or as many as `just random-packs` says.
fn seeds() -> Range<u64> {
    let first = number_of("KEYSIDE_FIRST_SEED").unwrap_or(1);
    first..first + number_of("KEYSIDE_RANDOM_PACKS").unwrap_or(6)
}

#[test]
fn the_walk_finds_keys_in_the_same_versions_as_a_search_of_each() {
    let file = RuleFile { name: "r.toml".to_owned(), text: RULES.to_owned() };
    let rules = Ruleset::only(&[file]).unwrap();
    let (mut all, mut searched) = (0, 0);
    for seed in seeds() {
        let (keys, read) = compare_with_each(&rules, seed, edited_keys);
        (all, searched) = (all + keys, searched + read);
    }
    // UTF-16 alone is not judged at its needles.
    assert!(searched <= all + all / 5, "{searched} for {all}");
}

/// Either place may be one that a change leaves as it is.
#[test]
fn keys_that_two_places_make_are_found_whichever_of_them_changes() {
    let file = RuleFile { name: "r.toml".to_owned(), text: RULES.to_owned() };
    let rules = Ruleset::only(&[file]).unwrap();
    for seed in seeds() {
        compare_with_each(&rules, seed, edited_lines);
    }
}

/// Parts that are known to have no key are passed over.
#[test]
fn keys_beside_what_was_searched_before_are_found() {
    let file = RuleFile { name: "r.toml".to_owned(), text: RULES.to_owned() };
    let rules = Ruleset::only(&[file]).unwrap();
    for seed in seeds() {
        compare_with_each(&rules, seed, edited_again);
    }
}
