//! The files that mutations begin with, made when a run begins. No key is written down.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use keyside::model::ObjectFormat;
use keyside::rules::{Rng, RuleFile};
use keyside::source::git::{
    Index, MatchAll, ObjectKind, ObjectStore, ObjectVisitor, Repository, SearchedObject,
    VisitedObject, WalkScope, entries,
};
use tempfile::TempDir;

use crate::decoding_samples::{
    ENCRYPTED, Member, ar, asar, avro, base64, brotli, bzip2, cpio, deflate, docx, each, gzip,
    jpeg, laid_out_docx, list, lz4, numbered_pdf, odt, old_tar, parquet, pax, pdf, png, rpm,
    seven_zip, seven_zip_with, snappy, snappy_checked, sqlite, sqlite_blob, tar, utf16_bytes,
    wrapped, xlsx, xz, zip, zip_streamed, zip_with, zlib, zstd,
};
use crate::mutate::{Random, mutated};

const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

pub(crate) const JS_WORDS: &[&str] = &[
    "import ",
    "export ",
    "from '",
    "await ",
    "=>",
    "`${",
    "}`",
    "process.env.",
    "import.meta.env.",
    "/*",
    "*/",
    "</script>",
    "<script>",
    "{{",
    "\"use client\"",
    "...",
    "?.",
    "\\u{",
    "(((((((((",
    "[[[[[[[",
];
pub(crate) const YAML_WORDS: &[&str] =
    &["- ", ": ", "&a", "*a", "|\n", ">\n", "\"", "---\n", "? ", "!!"];
pub(crate) const TOML_WORDS: &[&str] = &[
    "[[rules]]\n",
    "id = ",
    "\"",
    "'''",
    "(?i)",
    "{1000}",
    "[^\\s]",
    "|",
    "= true\n",
    "\\b",
    "{alnum:32}",
];
pub(crate) const ENCODING_WORDS: &[&str] =
    &["\\x", "\\u", "\\u{", "&#", "&#x", "%", "=3D", "0x", ", ", "==", "\\\\", "%25", "&amp;"];
pub(crate) const COMMIT_WORDS: &[&str] = &[
    "tree ",
    "parent ",
    "author ",
    "<",
    ">",
    "\n\n",
    " +0000",
    "encoding ",
    "gpgsig ",
    "99999999999999999999",
];

fn key() -> String {
    "sk_v1_".to_owned() + &Rng::new(7).text(BASE62, 43)
}

/// Every kind of container, each with its seeds.
pub(crate) fn containers() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let text = format!("A=1\nKEY={}\n{}", key(), "# more lines\n".repeat(20));
    let text = text.as_bytes();
    let two: &[Member<'_>] = &[("a", b"first"), ("b/c.env", text)];
    let (key, rest) = text.split_at(20);
    let (key, rest) = (String::from_utf8_lossy(key), String::from_utf8_lossy(rest));
    vec![
        (
            "zip",
            vec![
                zip(two),
                zip_streamed(two),
                zip_with(two, 0, 0, b"MZ", b"comment"),
                zip_with(two, 8, ENCRYPTED, b"", b""),
                zip(&[("in.zip", &zip(two))]),
            ],
        ),
        (
            "office",
            vec![
                docx(&key, &rest),
                xlsx(&key, &rest),
                odt(&key, &rest),
                laid_out_docx(&key, &rest),
            ],
        ),
        ("tar", vec![tar(two), pax(two), old_tar(two), tar(&[(&"long/".repeat(30), text)])]),
        ("gzip", vec![gzip(text), [gzip(text), gzip(text)].concat(), gzip(&tar(two))]),
        ("bzip2", vec![bzip2(text), bzip2(&tar(two))]),
        ("xz", vec![xz(text), xz(&tar(two))]),
        ("zstd", vec![zstd(text), [zstd(text), zstd(text)].concat()]),
        ("lz4", vec![lz4(text), [lz4(text), lz4(text)].concat()]),
        ("zlib", vec![zlib(text)]),
        ("brotli", vec![brotli(text), brotli(&tar(two))]),
        ("ar", vec![ar(two), ar(&[("data.tar.xz", &xz(&tar(two)))])]),
        ("cpio", vec![cpio(two)]),
        ("rpm", vec![rpm(&xz(&cpio(two))), rpm(&gzip(&cpio(two)))]),
        ("asar", vec![asar("c.env", text)]),
        ("7z", vec![seven_zip(two), seven_zip_with(two, true)]),
        (
            "sqlite",
            vec![
                sqlite(text, 1),
                sqlite(&utf16_bytes(&text.repeat(3)), 2),
                sqlite(&text.repeat(9), 1),
                sqlite_blob(&gzip(text)),
                sqlite_blob(&zip(two)),
            ],
        ),
        (
            "avro",
            vec![
                avro("deflate", &deflate(text)),
                avro("snappy", &snappy_checked(text)),
                avro("zstandard", &zstd(text)),
            ],
        ),
        (
            "parquet",
            vec![parquet(1, &snappy(text), text.len()), parquet(6, &zstd(text), text.len())],
        ),
        ("git-pack", packs()),
        ("pdf", vec![pdf(b"BT [(a) -20 (b\\)c)] TJ (d(e)) Tj ET"), numbered_pdf("ab", "c_1")]),
        (
            "png",
            vec![
                png(b"tEXt", &[b"Comment\0", text].concat()),
                png(b"zTXt", &[&b"Raw\0\0"[..], &zlib(text)].concat()),
                png(b"iTXt", &[&b"Raw\0\x01\0en\0raw\0"[..], &zlib(text)].concat()),
            ],
        ),
        ("jpeg", vec![jpeg(0xfe, text), jpeg(0xe1, text)]),
    ]
}

pub(crate) fn encodings() -> Vec<Vec<u8>> {
    let key = key();
    let written = [
        base64(key.as_bytes()),
        base64(base64(key.as_bytes()).as_bytes()),
        base64(&gzip(key.repeat(4).as_bytes())),
        base64(&zip(&[("a", key.as_bytes())])),
        base64(&bzip2(key.as_bytes())),
        wrapped(&base64(key.repeat(5).as_bytes()), 64),
        each(&key, |byte| format!("\\x{byte:02x}")),
        each(&key, |byte| format!("\\\\u{byte:04x}")),
        each(&key, |byte| format!("\\u{{{byte:x}}}")),
        each(&key, |byte| format!("%{byte:02X}")),
        each(&key, |byte| format!("&#{byte};")),
        each(&key, |byte| format!("={byte:02X}")),
        each(&key, |byte| format!("{byte:02x}")),
        list(&key, ", ", |byte| byte.to_string()),
        list(&key, ",\n", |byte| format!("0x{byte:02x}")),
    ];
    let lines = written.iter().map(|own| format!("a = 1\nkey = \"{own}\";\n").into_bytes());
    // Files whose beginning tells them.
    let files = [
        "begin 644 a\n503TQ\"DM%63UA('1E>'0@;V8@:70*\n`\nend\n",
        "From: a\n\nbegin 644 a\n503TQ\"DM%63UA('1E>'0@;V8@:70*\n`\nend\n",
        "<~5s6q091;uH@3BZ'G]Y'HAftf0$3~>",
        "diff --git a/k b/k\nGIT binary patch\nliteral 21\ncc-nKcHRSSkjkHZvC`qj-QOHkI$SmOk06(<`A^-pY\n\nliteral 0\nHcmV?d00001\n\n",
        "(dp0\nVkey\np1\nVvalue\np2\ns.",
        "0\x0a\x0c\x03key\x16\x03own",
    ];
    let lines = lines.chain(files.map(|own| own.as_bytes().to_vec()));
    lines.chain([utf16_bytes(key.as_bytes()), format!("a: {key}").into_bytes()]).collect()
}

pub(crate) fn deltas() -> Vec<Vec<u8>> {
    vec![
        // 300 bytes become 60: a copied run, a text, and another run.
        vec![0xac, 2, 60, 0x91, 10, 40, 4, b't', b'e', b'x', b't', 0x93, 0, 1, 16],
        vec![0xac, 2, 0x80, 2, 0xb1, 0, 0, 1],
    ]
}

pub(crate) fn trees() -> Vec<Vec<u8>> {
    let entry = |mode: &str, name: &str, length| {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &vec![7; length]].concat()
    };
    [20, 32]
        .map(|length| {
            let all = [("100644", "a"), ("40000", "folder"), ("120000", "link"), ("160000", "sub")];
            all.iter().flat_map(|(mode, name)| entry(mode, name, length)).collect()
        })
        .into()
}

pub(crate) fn commits() -> Vec<Vec<u8>> {
    let id = "1".repeat(40);
    let people = "author A <a@b.c> 1700000000 +0100\ncommitter C <c@d.e> 1700000001 -0530\n";
    vec![
        format!(
            "tree {id}\nparent {id}\nparent {id}\n{people}encoding latin1\n\nSubject\n\nText\n"
        )
        .into_bytes(),
        format!("object {id}\ntype commit\ntag v1\ntagger T <t@u.v> 1 +0000\n\nmessage\n")
            .into_bytes(),
    ]
}

pub(crate) fn rules() -> Vec<Vec<u8>> {
    RuleFile::built_in().into_iter().step_by(40).map(|file| file.text.into_bytes()).collect()
}

pub(crate) fn configurations() -> Vec<Vec<u8>> {
    let texts = [
        "exclude = [\"/target\", \"*.min.js\"]\nmax-file-size = \"5M\"\nmax-decode-depth = 2\n",
        "[[rules]]\nid = \"a\"\ndisabled = true\n[exposure]\nbuild = \"dist\"\n",
        "baseline = \"baseline.json\"\nfail-on = \"error\"\nonly = [\"a\"]\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

pub(crate) fn ignore_files() -> Vec<Vec<u8>> {
    let text = "# salt: 0123456789abcdef\nks1:0123456789abcdef0123 a reason\n\
                tests/**/*.env until=2030-01-01 owner=me\n!tests/real.env\nks1:0123456789abcdef0123/kind x\n";
    vec![text.as_bytes().to_vec()]
}

pub(crate) fn baselines() -> Vec<Vec<u8>> {
    let text = "{\"version\": 1, \"salt\": \"0123456789abcdef\", \"findings\": [{\"id\": \
                \"ks1:0123456789abcdef0123\", \"kind\": \"secret\", \"rule\": \"a\", \"path\": \"b\", \"line\": 1}]}";
    vec![text.as_bytes().to_vec(), b"{\"version\": 1, \"findings\": []}".to_vec()]
}

pub(crate) fn imports() -> Vec<Vec<u8>> {
    let texts = [
        "title = \"g\"\n[extend]\nuseDefault = true\n[[rules]]\nid = \"a\"\nregex = '''(?i)key_[a-z]{8,20}'''\n\
         keywords = [\"key_\"]\nentropy = 3.5\n[rules.allowlist]\npaths = ['''a/.*\\.env$''']\n[allowlist]\n\
         regexes = ['''x+''']\n",
        "0123456789012345678901234567890123456789:a/b.env:rule:12\na/b.env:rule:3\n",
        "[{\"RuleID\": \"a\", \"File\": \"b\", \"StartLine\": 1, \"Commit\": \"\", \"Fingerprint\": \"b:a:1\"}]",
        "{\"version\": \"1.4.0\", \"plugins_used\": [], \"results\": {\"a.env\": [{\"type\": \"Secret Keyword\", \
         \"filename\": \"a.env\", \"hashed_secret\": \"0123456789012345678901234567890123456789\", \"line_number\": 2}]}}",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

pub(crate) fn scripts() -> Vec<Vec<u8>> {
    let texts = [
        "'use client'\nimport { key, other as o } from '../lib/settings'\nexport default async function P({ a, ...r }) \
         {\n  const { b = key() } = r\n  return <div onClick={() => fetch(`/x/${b}`, { headers: { k: o } })}>{a?.c}</div>\n}\n",
        "import * as all from '../lib/settings'\nexport const load = async () => ({ props: { ...all, \
         k: process.env.SECRET ?? [1, 2].map((n) => n + '').join(\"\") } })\nclass A extends B { #x = 1; static { f() } }\n",
        "export const x = ['a', 'b'].concat(String.fromCharCode(107, 101)).join('')\nswitch (x) { case `a${x}`: break }\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

pub(crate) fn components() -> Vec<Vec<u8>> {
    let text = "<script setup lang=\"ts\">\nimport { key } from '../lib/settings'\nconst a = ref(key())\n</script>\n\
                <template><p v-if=\"a\" :title=\"a + `b`\">{{ a }}</p></template>\n<style>p { color: v-bind(a) }</style>\n";
    vec![text.as_bytes().to_vec()]
}

pub(crate) fn tsconfigs() -> Vec<Vec<u8>> {
    let text = "{ // paths\n \"extends\": [\"./base.json\"], \"compilerOptions\": { \"baseUrl\": \".\", \"paths\": { \
                \"@/*\": [\"./*\", \"lib/*\"], \"x\": [\"lib/settings\"] } }, \"references\": [{ \"path\": \"lib\" }], }\n";
    vec![text.as_bytes().to_vec()]
}

pub(crate) fn packages() -> Vec<Vec<u8>> {
    let text = "{\"name\": \"a\", \"workspaces\": [\"packages/*\", \"!x\"], \"dependencies\": {\"next\": \"15\", \"vue\": \"3\"}, \
                \"exports\": {\".\": {\"import\": \"./lib/settings.ts\", \"default\": null}, \"./*\": \"./lib/*\"}, \"imports\": \
                {\"#s\": \"./lib/settings.ts\"}, \"browser\": {\"./a\": false}}";
    vec![text.as_bytes().to_vec()]
}

pub(crate) fn yaml() -> Vec<Vec<u8>> {
    vec![b"packages:\n  - 'packages/*'\n  - \"!**/test/**\"\n  - &a apps/web # app\ncatalog:\n  next: ^15\n".to_vec()]
}

pub(crate) fn env_files() -> Vec<Vec<u8>> {
    vec![
        b"# a\nexport SECRET='x y'\nNEXT_PUBLIC_A=\"${SECRET}\\n$SECRET\"\nB=`c`\nC=\"two\nlines\"\n".to_vec(),
        format!("MAGICX_SECRET_KEY={}\n", key()).into_bytes(),
    ]
}

/// An app whose files the input replaces one of.
pub(crate) fn app() -> BTreeMap<&'static str, Vec<u8>> {
    let key = key();
    BTreeMap::from([
        (
            "package.json",
            b"{\"dependencies\": {\"next\": \"15\", \"vue\": \"3\", \"vite\": \"7\"}}".to_vec(),
        ),
        ("index.html", b"<script type=\"module\" src=\"/app/main.ts\"></script>".to_vec()),
        (
            "app/main.ts",
            b"import View from './view.vue'\nimport { key } from '../lib/settings'".to_vec(),
        ),
        ("app/page.tsx", b"'use client'\nimport { key } from '../lib/settings'\nkey()".to_vec()),
        ("lib/settings.ts", format!("export const key = () => '{key}'").into_bytes()),
        (".env", format!("MAGICX_SECRET_KEY={key}\n").into_bytes()),
    ])
}

fn git(folder: &Path, arguments: &[&str]) {
    let run = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", folder)
        .output()
        .expect("git can be run");
    assert!(run.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
}

/// A repository with packs, loose objects, an index, references and their logs.
fn made_repository(format: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder can be made");
    let folder = dir.path();
    git(folder, &[&["init", "-q", "-b", "main"], format].concat());
    let lines = "a line of text\n".repeat(40);
    for nth in 0..4 {
        let text = format!("{lines}KEY={}\n{nth}\n{lines}", key());
        fs::create_dir_all(folder.join("folder/inner")).expect("a folder can be made");
        fs::write(folder.join("folder/inner/a.txt"), text).expect("a file can be written");
        fs::write(folder.join(format!("b{nth}")), "small\n").expect("a file can be written");
        git(folder, &["add", "-A"]);
        git(folder, &["commit", "-q", "-m", "A subject\n\nand a text"]);
    }
    git(folder, &["tag", "-a", "-m", "a tag", "v1"]);
    git(folder, &["repack", "-adfq", "--write-midx"]);
    git(folder, &["commit-graph", "write", "--reachable"]);
    fs::write(folder.join("b0"), "changed\n").expect("a file can be written");
    git(folder, &["commit", "-qam", "loose"]);
    git(folder, &["branch", "side"]);
    if format.is_empty() {
        git(folder, &["pack-refs", "--all"]);
    }
    dir
}

/// Packs and bundles.
fn packs() -> Vec<Vec<u8>> {
    let dir = made_repository(&[]);
    git(dir.path(), &["bundle", "create", "-q", "all.bundle", "--all"]);
    git(dir.path(), &["bundle", "create", "-q", "late.bundle", "main~2..main"]);
    git(dir.path(), &["bundle", "create", "-q", "--version=3", "new.bundle", "main"]);
    let read = |path: PathBuf| fs::read(path).expect("git has written it");
    let mut all: Vec<_> =
        ["all.bundle", "late.bundle", "new.bundle"].map(|name| read(dir.path().join(name))).into();
    let files = files_below(&dir.path().join(".git/objects/pack"));
    all.extend(
        files
            .into_iter()
            .filter(|path| path.extension().is_some_and(|own| own == "pack"))
            .map(read),
    );
    all
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be read").flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder { &mut folders } else { &mut files }.push(entry.path());
        }
    }
    files.sort();
    files
}

/// Counts what a walk of all objects passes on.
#[derive(Default)]
struct ObjectCounter {
    objects: usize,
    damaged: usize,
    entries: usize,
}

impl ObjectVisitor for ObjectCounter {
    fn object(&mut self, object: VisitedObject<'_>) {
        self.objects += 1;
        if object.kind == ObjectKind::Tree {
            self.entries += entries(object.bytes, object.oid.format()).take(10_000).count();
        }
    }

    fn damaged(&mut self, _: keyside::model::Oid, _: &str) {
        self.damaged += 1;
    }

    fn searched(&mut self, _: SearchedObject<'_>) {}
}

/// Damages a file of a repository, in files or in a reftable, and reads everything. The input only seeds the
/// damage.
pub(crate) fn repository() -> impl FnMut(&[u8]) -> u64 {
    let made = [
        made_repository(&[]),
        made_repository(&["--object-format=sha256"]),
        made_repository(&["--ref-format=reftable"]),
    ];
    let files: Vec<_> = made
        .iter()
        .enumerate()
        .flat_map(|(nth, dir)| {
            let all = files_below(&dir.path().join(".git")).into_iter();
            // Hooks' samples say nothing.
            let all = all.filter(|path| !path.components().any(|part| part.as_os_str() == "hooks"));
            all.map(move |path| (nth, path))
        })
        .collect();
    move |input| {
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        let mut random = Random::new(hasher.finish());
        let (nth, path) = &files[random.below(files.len())];
        let before = fs::read(path).expect("git has written it");
        make_writable(path);
        fs::write(path, mutated(&before, &before, &[], &mut random)).expect("it can be written");
        let read = read_repository(made[*nth].path());
        fs::write(path, before).expect("it can be written");
        let mut hasher = DefaultHasher::new();
        (path.file_name(), read).hash(&mut hasher);
        hasher.finish()
    }
}

fn make_writable(path: &Path) {
    let mut permissions = fs::metadata(path).expect("git has written it").permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a file of this run only")]
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions).expect("it is of this run");
}

/// Everything that reading a repository comes to.
fn read_repository(folder: &Path) -> String {
    let repository = match Repository::at(folder) {
        Ok(repository) => repository,
        Err(error) => return error.to_string(),
    };
    let mut notices = Vec::new();
    let format = repository.format();
    let references = repository.references();
    let names = references.below(b"refs/", &mut notices).len();
    let changes = references.changes(&mut notices).len();
    let head = references.head().is_ok();
    let index = Index::of(&repository).map(|index| index.entries.len()).ok();
    let objects = folder.join(".git/objects");
    let store = ObjectStore::open(&[objects], format, 1, &mut notices);
    let outside = |_| None;
    let scope = WalkScope { kinds: &|_| true, skip: None, outside: &outside };
    let counters = store.search(&MatchAll, &scope, ObjectCounter::default);
    let sum = |one: fn(&ObjectCounter) -> usize| counters.iter().map(one).sum::<usize>();
    let counts = [sum(|own| own.objects), sum(|own| own.damaged), sum(|own| own.entries)];
    let mailmap = repository.mailmap().proper("a", "a@b.c");
    let is_sha256 = format == ObjectFormat::Sha256;
    format!(
        "{is_sha256} {names} {changes} {head} {index:?} {counts:?} {mailmap:?} {}",
        notices.len()
    )
}
