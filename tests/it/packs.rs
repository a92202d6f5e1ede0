//! The delta walk finds in real packs exactly the hits of a search of every whole object, and
//! survives damaged packs.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use keyside::model::{ObjectFormat, Oid};
use keyside::rules::Rng;
use keyside::source::git::{
    NeedleHit, NeedleSearch, NeedleSet, ObjectKind, ObjectVisitor, Pack, SearchSigns,
    SearchedObject, VisitedObject, WalkScope, walk,
};
use libdeflater::{CompressionLvl, Compressor};

use crate::support::{Dir, object_format, with_object_format};

/// Needles of several lengths; one is a suffix of another.
const NEEDLES: [&[u8]; 4] =
    [b"needle_", b"le_", b"a-rather-long-needle-of-37-characters", b"n\0e\0e"];

struct Needles;

impl NeedleSearch for Needles {
    fn longest(&self) -> usize {
        NEEDLES.iter().map(|needle| needle.len()).max().unwrap()
    }

    fn hits(
        &self,
        bytes: &[u8],
        range: Range<usize>,
        _: NeedleSet,
        each: &mut dyn FnMut(NeedleHit),
    ) -> SearchSigns {
        for start in range {
            for (needle, text) in (0..).zip(NEEDLES) {
                if bytes[start..].starts_with(text) {
                    each(NeedleHit { start, length: text.len(), needle, ..NeedleHit::default() });
                }
            }
        }
        SearchSigns::default()
    }
}

/// Everything that a walk reports, by object.
#[derive(Default)]
struct Seen {
    hits: BTreeMap<Oid, Vec<NeedleHit>>,
    damaged: Vec<Oid>,
    /// The size and the first bytes of the searched objects.
    sizes: BTreeMap<Oid, (usize, Vec<u8>)>,
    searched: usize,
    fresh: usize,
}

impl ObjectVisitor for Seen {
    fn object(&mut self, object: VisitedObject<'_>) {
        let oid = object.oid;
        assert!(self.hits.insert(oid, object.hits.to_vec()).is_none(), "{oid} was met twice");
    }

    fn damaged(&mut self, oid: Oid, _: &str) {
        self.damaged.push(oid);
    }

    fn searched(&mut self, object: SearchedObject<'_>) {
        self.sizes.insert(object.oid, (object.size, object.start.to_vec()));
        self.searched += 1;
        self.fresh += object.fresh;
    }
}

fn git(dir: &Dir, args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "gc.auto=0"])
        .args(args)
        .current_dir(dir.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_DEFAULT_HASH", object_format())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(std::io::Write::write_all(&mut stdin, &input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// One edit: cuts, copies and insertions that add needles, split them and join halves.
fn edited(rng: &mut Rng, text: &mut Vec<u8>) {
    let at = rng.below(text.len() + 1);
    match rng.below(8) {
        0 => drop(text.splice(at..at, NEEDLES[rng.below(4)].iter().copied())),
        1 => {
            let needle = NEEDLES[rng.below(4)];
            let half = &needle[..rng.below(needle.len())];
            text.splice(at..at, half.iter().copied());
        }
        2 => {
            let needle = NEEDLES[rng.below(4)];
            let half = &needle[rng.below(needle.len())..];
            text.splice(at..at, half.iter().copied());
        }
        3 => {
            let end = (at + rng.below(60)).min(text.len());
            text.drain(at..end);
        }
        4 => {
            let from = rng.below(text.len() + 1);
            let run: Vec<u8> = text[from..(from + rng.below(300)).min(text.len())].to_vec();
            text.splice(at..at, run);
        }
        5 => drop(text.splice(at..at, [b'|'])),
        _ => drop(text.splice(at..at, rng.text("abcdefgh \n", 20).into_bytes())),
    }
}

/// Makes a repository with one pack of deep delta chains; returns the pack's path.
fn packed(dir: &Dir, seed: u64, versions: usize, options: &[&str]) -> PathBuf {
    packed_by(dir, seed, versions, options, edited)
}

/// The same with versions that differ by the given edits.
pub(crate) fn packed_by(
    dir: &Dir,
    seed: u64,
    versions: usize,
    options: &[&str],
    edited: impl Fn(&mut Rng, &mut Vec<u8>),
) -> PathBuf {
    git(dir, &["init", "-q", "."], b"");
    let mut rng = Rng::new(seed);
    let mut stream = String::new();
    let mut marks = 0;
    let mut texts: Vec<Vec<u8>> =
        (0..3).map(|_| rng.text("abcdefghijklmnop \n", 2000).into_bytes()).collect();
    let mut blobs = Vec::new();
    for _ in 0..versions {
        let nth = rng.below(texts.len());
        for _ in 0..=rng.below(3) {
            edited(&mut rng, &mut texts[nth]);
        }
        marks += 1;
        blobs.extend(format!("blob\nmark :{marks}\ndata {}\n", texts[nth].len()).into_bytes());
        blobs.extend(&texts[nth]);
        blobs.push(b'\n');
        let message = format!("version {marks} {}", String::from_utf8_lossy(NEEDLES[marks % 3]));
        stream += &format!(
            "commit refs/heads/main\ncommitter t <t@example.com> {marks} +0000\ndata {}\n{message}\nM 100644 :{marks} f{nth}\n\n",
            message.len()
        );
    }
    blobs.extend(stream.into_bytes());
    git(dir, &["fast-import", "--quiet"], &blobs);
    git(dir, &[&["repack", "-adfq", "--window=30"], options].concat(), b"");
    let folder = dir.path().join(".git/objects/pack");
    let packs = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut packs: Vec<_> = packs.filter(|p| p.extension().is_some_and(|e| e == "pack")).collect();
    assert_eq!(packs.len(), 1);
    packs.pop().unwrap()
}

/// The hits in every object except trees, by searching it whole, and the number of objects.
fn naive(dir: &Dir) -> (BTreeMap<String, Vec<NeedleHit>>, usize) {
    let all = git(dir, &["cat-file", "--batch", "--batch-all-objects"], b"");
    let mut found = BTreeMap::new();
    let mut count = 0;
    let mut rest = &all[..];
    while !rest.is_empty() {
        let line = rest.iter().position(|&b| b == b'\n').unwrap();
        let head = String::from_utf8(rest[..line].to_vec()).unwrap();
        let parts: Vec<_> = head.split(' ').collect();
        let size: usize = parts[2].parse().unwrap();
        let bytes = &rest[line + 1..line + 1 + size];
        let mut hits = Vec::new();
        Needles.hits(bytes, 0..size, NeedleSet::Long, &mut |hit| hits.push(hit));
        hits.sort_unstable();
        count += usize::from(parts[1] != "tree");
        if parts[1] != "tree" && !hits.is_empty() {
            found.insert(parts[0].to_owned(), hits);
        }
        rest = &rest[line + 1 + size + 1..];
    }
    (found, count)
}

/// The format of the packs that git makes here.
fn format() -> ObjectFormat {
    if object_format() == "sha256" { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 }
}

fn walked(path: &Path) -> Seen {
    let pack = Pack::open(path, format()).unwrap();
    let mut all = Seen::default();
    let scope =
        WalkScope { kinds: &|kind| kind != ObjectKind::Tree, skip: None, outside: &|_| None };
    for seen in walk(&pack, &Needles, &scope, Seen::default) {
        for (oid, hits) in seen.hits {
            assert!(all.hits.insert(oid, hits).is_none(), "{oid} was met by two threads");
        }
        all.damaged.extend(seen.damaged);
        all.sizes.extend(seen.sizes);
        all.searched += seen.searched;
        all.fresh += seen.fresh;
    }
    all
}

#[test]
fn the_delta_walk_matches_a_search_of_every_object() {
    let cases: &[(u64, usize, &[&str])] = &[
        (1, 40, &["--depth=4095"]),
        (2, 200, &["--depth=50"]),
        (3, 200, &["--depth=250"]),
        (4, 60, &["--depth=0"]),
        (5, 120, &["--depth=10"]),
    ];
    with_object_format("sha1", || walks_match(cases));
    with_object_format("sha256", || walks_match(&cases[..3]));
}

fn walks_match(cases: &[(u64, usize, &[&str])]) {
    for &(seed, versions, options) in cases {
        let dir = Dir::new();
        let pack = packed(&dir, seed, versions, options);
        let seen = walked(&pack);
        let found: BTreeMap<_, _> =
            seen.hits.iter().map(|(oid, hits)| (oid.to_string(), hits.clone())).collect();
        assert_eq!((found, seen.searched), naive(&dir), "seed {seed}");
        assert_eq!(seen.damaged, []);
    }
}

/// Writes one copy or insert instruction, and its addition to the object.
fn instruction(rng: &mut Rng, base: &[u8], delta: &mut Vec<u8>, object: &mut Vec<u8>) {
    let needle = NEEDLES[rng.below(4)];
    let cut = rng.below(needle.len() + 1);
    if rng.below(2) == 0 && !base.is_empty() {
        // Most are about as long as one or two needles, so that some needles lie in one
        // instruction.
        let start = rng.below(base.len());
        let most = [2, 40, 100, 1000][rng.below(4)];
        let length = 1 + rng.below(most.min(base.len() - start));
        delta.push(0xff);
        delta.extend(&(start as u32).to_le_bytes());
        delta.extend(&(length as u32).to_le_bytes()[..3]);
        object.extend(&base[start..start + length]);
    } else {
        let text = match rng.below(5) {
            0 => needle,
            1 => &needle[cut..],
            2 => b"|",
            _ => &needle[..cut],
        };
        if !text.is_empty() {
            delta.push(text.len() as u8);
            delta.extend(text);
            object.extend(text);
        }
    }
}

/// Writes a number in seven bits per byte.
fn number(mut value: usize, bytes: &mut Vec<u8>) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Writes a pack of deltas that git would not make, with a version 1 index. Returns its objects,
/// whose ids are numbers.
fn odd_pack(rng: &mut Rng, path: &Path) -> BTreeMap<Oid, Vec<u8>> {
    let mut objects: Vec<(Oid, Vec<u8>)> = Vec::new();
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    let count = 12u32;
    pack.extend(count.to_be_bytes());
    let mut index: Vec<u8> = (0..256).flat_map(|_| count.to_be_bytes()).collect();
    for nth in 0..count {
        let mut oid = vec![0; format().bytes()];
        oid[16..20].copy_from_slice(&nth.to_be_bytes());
        let oid = Oid::from_bytes(&oid).unwrap();
        index.extend((pack.len() as u32).to_be_bytes());
        index.extend(oid.as_bytes());
        let mut object = Vec::new();
        let mut stored = Vec::new();
        let base = objects.len().checked_sub(1).map(|last| &objects[rng.below(last + 1)]);
        if let Some((_, base)) = base {
            let mut delta = Vec::new();
            for _ in 0..rng.below(8) {
                instruction(rng, base, &mut delta, &mut object);
            }
            number(base.len(), &mut stored);
            number(object.len(), &mut stored);
            stored.extend(delta);
        } else {
            for _ in 0..rng.below(30) {
                let text = rng.text("abc", 20);
                object.extend(text.as_bytes());
                let needle = NEEDLES[rng.below(4)];
                object.extend(&needle[..rng.below(needle.len())]);
            }
            stored.clone_from(&object);
        }
        let kind = if base.is_some() { 7 } else { 3 };
        // The lowest four bits of the size share a byte with the kind.
        pack.push(0x80 | kind << 4 | (stored.len() & 0x0f) as u8);
        number(stored.len() >> 4, &mut pack);
        if let Some((base, _)) = base {
            pack.extend(base.as_bytes());
        }
        let mut compressor = Compressor::new(CompressionLvl::fastest());
        let mut deflated = vec![0; compressor.zlib_compress_bound(stored.len())];
        let length = compressor.zlib_compress(&stored, &mut deflated).unwrap();
        pack.extend(&deflated[..length]);
        objects.push((oid, object));
    }
    // Checksums are compared, not computed.
    pack.extend(vec![7; format().bytes()]);
    index.extend(vec![7; 2 * format().bytes()]);
    std::fs::write(path, &pack).unwrap();
    std::fs::write(path.with_extension("idx"), &index).unwrap();
    objects.into_iter().collect()
}

#[test]
fn needles_are_found_at_every_edge_of_odd_deltas() {
    with_object_format("sha1", || odd_deltas(9, 1500));
    with_object_format("sha256", || odd_deltas(10, 500));
}

fn odd_deltas(seed: u64, rounds: usize) {
    let dir = Dir::new();
    let path = dir.path().join("odd.pack");
    let mut rng = Rng::new(seed);
    for round in 0..rounds {
        let objects = odd_pack(&mut rng, &path);
        let seen = walked(&path);
        assert_eq!(seen.damaged, [], "round {round}");
        for (oid, bytes) in &objects {
            let mut hits = Vec::new();
            Needles.hits(bytes, 0..bytes.len(), NeedleSet::Long, &mut |hit| hits.push(hit));
            hits.sort_unstable();
            let found = seen.hits.get(oid).cloned().unwrap_or_default();
            assert_eq!(found, hits, "round {round}, object {oid}");
            let start = bytes[..bytes.len().min(16)].to_vec();
            assert_eq!(seen.sizes[oid], (bytes.len(), start), "round {round}, object {oid}");
        }
        assert_eq!(seen.searched, objects.len(), "round {round}");
    }
}

#[test]
fn only_delta_additions_are_searched() {
    let dir = Dir::new();
    let pack = packed(&dir, 6, 300, &["--depth=250"]);
    let whole: usize = 300 * 2000;
    let fresh = walked(&pack).fresh;
    assert!(fresh < whole / 4, "{fresh} of {whole} bytes");
}

#[test]
fn damaged_packs_are_searched_as_far_as_possible() {
    with_object_format("sha1", || damaged_packs(120));
    with_object_format("sha256", || damaged_packs(80));
}

fn damaged_packs(rounds: usize) {
    let dir = Dir::new();
    let path = packed(&dir, 7, 60, &["--depth=50"]);
    let good = walked(&path);
    let bytes = std::fs::read(&path).unwrap();
    let index = std::fs::read(path.with_extension("idx")).unwrap();
    let copy = dir.path().join("copy.pack");
    let mut rng = Rng::new(8);
    for round in 0..rounds {
        let (mut pack, mut idx) = (bytes.clone(), index.clone());
        let target = if round % 4 == 3 { &mut idx } else { &mut pack };
        match round % 3 {
            0 => target.truncate(rng.below(target.len())),
            _ => {
                for _ in 0..=rng.below(4) {
                    let at = rng.below(target.len());
                    target[at] ^= 1 << rng.below(8);
                }
            }
        }
        std::fs::write(&copy, &pack).unwrap();
        std::fs::write(copy.with_extension("idx"), &idx).unwrap();
        let Ok(pack) = Pack::open(&copy, format()) else {
            continue;
        };
        // Every object of the index is searched or named; a panic in a thread would fail the test.
        let mut reported = 0;
        let scope = WalkScope { kinds: &|_| true, skip: None, outside: &|_| None };
        for seen in walk(&pack, &Needles, &scope, Seen::default) {
            reported += seen.searched + seen.damaged.len();
        }
        assert!(reported >= pack.entries.len(), "round {round}: something was lost silently");
    }
    assert!(!good.hits.is_empty());
}

/// No bit of a pack or of its index changes unnoticed. One of the version of the pack does not matter: 2 and 3
/// mean the same.
#[test]
fn no_damaged_bit_of_a_pack_is_overlooked() {
    const VERSION: usize = 8 * 7;
    for format_name in crate::support::OBJECT_FORMATS {
        with_object_format(format_name, || {
            let dir = Dir::new();
            let path = packed(&dir, 9, 6, &["--depth=5"]);
            let good = ["pack", "idx"].map(|ending| std::fs::read(path.with_extension(ending)));
            let good = good.map(Result::unwrap);
            let copy = dir.path().join("copy.pack");
            let places = ["pack", "idx"].map(|ending| copy.with_extension(ending));
            for target in [0, 1] {
                std::fs::write(&places[1 - target], &good[1 - target]).unwrap();
                let mut bad = good[target].clone();
                let mut overlooked = Vec::new();
                // Each of the eight bits of a byte, in turn.
                for bit in (0..8 * bad.len()).step_by(7) {
                    bad[bit / 8] ^= 1 << (bit % 8);
                    std::fs::write(&places[target], &bad).unwrap();
                    bad[bit / 8] ^= 1 << (bit % 8);
                    let Ok(pack) = Pack::open(&copy, format()) else { continue };
                    let scope = WalkScope { kinds: &|_| true, skip: None, outside: &|_| None };
                    let seen = walk(&pack, &Needles, &scope, Seen::default);
                    if pack.fits && seen.iter().all(|seen| seen.damaged.is_empty()) {
                        overlooked.push(bit);
                    }
                }
                let expected = if target == 0 { vec![VERSION] } else { Vec::new() };
                assert_eq!(overlooked, expected, "{format_name}, file {target}");
            }
        });
    }
}
