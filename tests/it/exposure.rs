//! Runs the program on every case of `crates/exposure/tests/cases`: a small project with its
//! expected report. Client findings are compared as a set of kind, path and line of the first
//! occurrence; keys must be among the occurrences.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cases::{Case, Expected, Reported};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde_json::Value;

use crate::decisions::{Place, assert_agree};
use crate::repo::Repo;
use crate::support::{AIMAGICX, Dir, PUBLIC, Run, SECRET, TOKEN};

#[path = "../../crates/exposure/tests/cases/loader.rs"]
mod cases;

/// The cases with their expectations.
fn load() -> Vec<Project> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/exposure/tests/cases");
    let cases = cases::load(&folder).unwrap_or_else(|fault| panic!("{fault}"));
    cases.into_iter().map(Project::new).collect()
}

fn place(value: &Value) -> Place {
    (value["path"].as_str().unwrap().to_owned(), value["line"].as_u64().unwrap())
}

/// A case with its expectations, sorted.
struct Project {
    case: Case,
    leaks: BTreeSet<Reported>,
    possible: BTreeSet<Reported>,
    /// Places of keys of class `secret`, with their side if the case names one.
    keys: Vec<(Place, Option<String>)>,
    /// Places where a secret is sent: the last step of a client finding.
    sent: Vec<Place>,
}

impl Project {
    fn new(case: Case) -> Self {
        let (mut keys, mut sent) = (Vec::new(), Vec::new());
        for mark in &case.marks {
            let place = (mark.path.clone(), mark.line);
            match &mark.expected {
                Expected::Key(side) => keys.push((place, side.clone())),
                Expected::Sent => sent.push(place),
                Expected::Leak(_) | Expected::MayLeak(_) | Expected::Severity(_) => {}
            }
        }
        Self { leaks: case.leaks(), possible: case.possible_leaks(), keys, sent, case }
    }

    /// The arguments, plus those that select the case's rules.
    fn args<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        let rules = self.case.rules.iter().flat_map(|path| ["--rules", path.to_str().unwrap()]);
        args.iter().copied().chain(rules).collect()
    }

    /// Writes the files, with fresh keys where they have `{key:PREFIX:N}`; the same `N` is the same
    /// key.
    fn write(&self, dir: &Dir) {
        self.write_below(dir, ".");
    }

    /// The same, in a folder.
    fn write_below(&self, dir: &Dir, folder: &str) {
        let mut keys: BTreeMap<(String, u64), String> = BTreeMap::new();
        for file in &self.case.files {
            let bytes = file.bytes(|prefix, number| {
                let key = keys.entry((prefix.to_owned(), number));
                key.or_insert_with(|| made(dir, prefix)).clone()
            });
            dir.write(&format!("{folder}/{}", file.path), bytes);
        }
    }

    /// A fault at a line of a file, with its line in the Markdown if the case has one.
    fn fault(&self, what: &str, path: &str, line: u64) -> String {
        match self.case.source(path, line) {
            Some((at, text)) => format!("{what} {path}:{line}\n      --> {at}\n        | {text}"),
            None => format!("{what} {path}:{line}"),
        }
    }

    /// Faults of the client findings of a report.
    fn client_faults(&self, report: &Value) -> Vec<String> {
        let came = clients(report);
        let fault = |what: &str, own: &Reported| {
            self.fault(&format!("{what} {}", own.kind), &own.path, own.line)
        };
        let missing = self.leaks.difference(&came).map(|one| fault("missing", one));
        let more = came.difference(&self.leaks).filter(|one| !self.possible.contains(*one));
        let more = more.map(|one| fault("too much", one));
        let last = |finding: &Value| {
            let step = finding["exposure"]["trace"].as_array()?.last()?.clone();
            (step["kind"] == "sink").then(|| place(&step))
        };
        let findings = report["findings"].as_array().unwrap().iter();
        let sent: BTreeSet<Place> = findings.filter_map(last).collect();
        let unsent = self.sent.iter().filter(|place| !sent.contains(*place));
        let unsent = unsent.map(|(path, line)| self.fault("not sent at", path, *line));
        missing.chain(more).chain(unsent).collect()
    }

    /// All faults of a report.
    fn faults(&self, report: &Value) -> Vec<String> {
        let mut faults = self.client_faults(report);
        let findings = report["findings"].as_array().unwrap();
        let is_plain = |finding: &&Value| finding["kind"] == "secret";
        let mut reported = BTreeSet::new();
        for finding in findings {
            reported.extend(places(finding));
            if !is_plain(&finding) {
                let trace = finding["exposure"]["trace"].as_array().into_iter().flatten();
                reported.extend(trace.map(place));
            }
        }
        for (place, side) in &self.keys {
            let Some(side) = side else { continue };
            let here = findings.iter().filter(|finding| places(finding).contains(place));
            let sides: BTreeSet<_> =
                here.filter_map(|own| own["exposure"]["verdict"].as_str()).collect();
            if !sides.iter().eq([side]) {
                let what = format!("side {sides:?}, not {side},");
                faults.push(self.fault(&what, &place.0, place.1));
            }
        }
        for ((path, line), _) in self.keys.iter().filter(|(place, _)| !reported.contains(place)) {
            faults.push(self.fault("missing secret", path, *line));
        }
        for (path, line, wanted) in self.case.severities() {
            let own = findings.iter().filter(|own| own["kind"] != "secret");
            let mut here = own.filter(|own| places(own)[0] == (path.to_owned(), line));
            if here.any(|own| own["severity"] != wanted) {
                faults.push(self.fault(&format!("severity not {wanted},"), path, line));
            }
        }
        let mut lines: BTreeSet<Place> =
            self.leaks.iter().map(|own| (own.path.clone(), own.line)).collect();
        lines.extend(self.keys.iter().map(|(place, _)| place.clone()));
        let secrets = findings.iter().filter(is_plain).filter(|own| own["key_class"] == "secret");
        for (path, line) in secrets.flat_map(places) {
            if !lines.contains(&(path.clone(), line)) {
                faults.push(self.fault("too much secret", &path, line));
            }
        }
        faults
    }
}

/// A fresh key with a prefix.
fn made(dir: &Dir, prefix: &str) -> String {
    // Without a prefix, the body that code appends to one.
    let own = ["qs_root_", "qs_sess_", "qs_open_", ""].map(|prefix| (prefix, 43));
    let mut kinds = [SECRET, TOKEN, PUBLIC, AIMAGICX].into_iter().chain(own);
    let kind = kinds.find(|(own, _)| *own == prefix);
    dir.key(kind.unwrap_or_else(|| panic!("no key begins with `{prefix}`")))
}

fn places(finding: &Value) -> Vec<Place> {
    let all = finding["occurrences"].as_array().unwrap().iter();
    all.map(|own| (own["path"].as_str().unwrap().to_owned(), own["start_line"].as_u64().unwrap()))
        .collect()
}

fn clients(report: &Value) -> BTreeSet<Reported> {
    let findings = report["findings"].as_array().unwrap().iter();
    let clients = findings.filter(|finding| finding["kind"] != "secret").flat_map(|finding| {
        let kind = finding["kind"].as_str().unwrap();
        // A key may stand in other places, too; the name of a variable is shown where it leaks.
        let count = if finding["secret"].is_null() { usize::MAX } else { 1 };
        let all = places(finding).into_iter().take(count);
        all.map(move |(path, line)| Reported { kind: kind.to_owned(), path, line })
    });
    clients.collect()
}

/// Fails with every fault, by case.
fn assert_no_faults(faults_of: impl Fn(&Project) -> Vec<String> + Sync) {
    let projects = load();
    let shown = |project: &Project| {
        let faults = faults_of(project);
        let case = &project.case;
        (!faults.is_empty()).then(|| {
            let at = format!("{}:{}", case.file.display(), case.line);
            format!("{} at {at}\n    {}\n", case.name, faults.join("\n    "))
        })
    };
    let failed: Vec<String> = projects.par_iter().filter_map(shown).collect();
    assert!(
        failed.is_empty(),
        "{} of {} cases fail\n{}",
        failed.len(),
        projects.len(),
        failed.concat()
    );
}

/// The report, or the faults of a failed run.
fn report(run: &Run) -> Result<Value, Vec<String>> {
    if matches!(run.code, 0 | 1) { Ok(run.json()) } else { Err(vec![run.to_string()]) }
}

#[test]
fn every_case_is_reported_right() {
    assert_no_faults(|project| {
        let dir = Dir::new();
        project.write(&dir);
        let run = dir.run(&project.args(&["scan", ".", "-f", "json"]));
        report(&run).map_or_else(|why| why, |report| project.faults(&report))
    });
}

#[test]
fn explanations_and_reports_agree_on_every_line() {
    let projects = load();
    let mut by_rules: BTreeMap<_, Vec<&Project>> = BTreeMap::new();
    for project in &projects {
        by_rules.entry(project.case.rules.clone()).or_default().push(project);
    }
    // Many cases share a folder, as each run takes its time.
    let groups: Vec<&[&Project]> = by_rules.values().flat_map(|own| own.chunks(60)).collect();
    groups.par_iter().for_each(|group| {
        let dir = Dir::new();
        let mut places = Vec::new();
        for (nth, project) in group.iter().enumerate() {
            let folder = format!("c{nth}");
            project.write_below(&dir, &folder);
            for file in &project.case.files {
                let lines = 1..=file.text.lines().count();
                places.extend(lines.map(|line| format!("{folder}/{}:{line}", file.path)));
            }
        }
        // Some are accepted.
        dir.write("c3/.keysideignore", "*.ts\n");
        dir.write("keyside.toml", "exclude = ['c5/', '*.vue']\n");
        let scan = dir.run(&group[0].args(&["scan", ".", "-f", "json"]));
        let report = report(&scan).unwrap_or_else(|why| panic!("{why:?}"));
        let mut args = vec!["explain"];
        args.extend(places.iter().map(String::as_str));
        let run = dir.run(&group[0].args(&args)).expect(0);
        assert_agree(&report, &run.stdout, &places, "");
    });
}

#[test]
fn the_first_commit_adds_every_leak() {
    let begun = Repo::new();
    let base = begun.commit("Begin");
    std::fs::remove_dir_all(begun.path().join(".git/hooks")).unwrap();
    let begun = begun.path();
    assert_no_faults(|project| {
        let repo = Repo::copy_of_begun(begun);
        project.write(&repo.dir);
        repo.git(&["add", "-A", "-f", "."]);
        let mut faults = Vec::new();
        let mut check = |how: &str, args: &[&str]| {
            let report = report(&repo.keyside(&project.args(args)));
            let own = report.map_or_else(|why| why, |report| project.client_faults(&report));
            faults.extend(own.into_iter().map(|fault| format!("{how}: {fault}")));
        };
        check("staged", &["--staged"]);
        // What a range does otherwise, a part of the cases shows.
        if project.case.line % 4 != 0 {
            return faults;
        }
        repo.tick();
        repo.git(&["commit", "-q", "--allow-empty", "-m", "Add all"]);
        check("range", &["--range", &format!("{base}..HEAD")]);
        let nothing = clients(&repo.report(&["--staged"], 0));
        faults.extend(nothing.iter().map(|one| format!("staged twice: {one}")));
        faults
    });
}

#[test]
fn the_providers_of_the_cases_are_built_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = |path: &Path| -> toml::Table {
        let text = std::fs::read_to_string(path);
        text.unwrap_or_else(|error| panic!("{}: {error}", path.display())).parse().unwrap()
    };
    let some = |value: &toml::Value, fields: &[&str]| -> Vec<Option<toml::Value>> {
        fields.iter().map(|field| value.get(*field).cloned()).collect()
    };
    let provider =
        |file: &toml::Table| some(&file["provider"], &["words", "hosts", "server-paths", "sdk"]);
    let rules = |file: &toml::Table| -> Vec<_> {
        let rules = file["rule"].as_array().unwrap().iter();
        rules.map(|rule| some(rule, &["class", "keywords", "env"])).collect()
    };
    let own = folder.join("crates/exposure/tests/cases/providers");
    for path in std::fs::read_dir(own).unwrap().map(|entry| entry.unwrap().path()) {
        let built_in = table(&folder.join("rules").join(path.file_name().unwrap()));
        let own = table(&path);
        assert_eq!(provider(&own), provider(&built_in), "{}", path.display());
        for rule in rules(&own) {
            assert!(rules(&built_in).contains(&rule), "{}: {rule:?}", path.display());
        }
    }
}

const VITE: &str = "{\"name\": \"app\", \"devDependencies\": {\"vite\": \"6.0.0\"}}";
const PAGE: &str = "<script type=module src=/src/main.ts></script>";

#[cfg(unix)]
#[test]
fn the_analysis_follows_no_links() {
    use std::os::unix::fs::symlink;
    let dir = Dir::new();
    let (inside, outside) = (dir.key(SECRET), dir.key(AIMAGICX));
    dir.write("app/package.json", VITE);
    dir.write("app/index.html", PAGE);
    dir.write(
        "app/src/main.ts",
        format!("import './out'; import './zero'; import './loop/main'; use('{inside}')"),
    );
    dir.write("outside.ts", format!("use('{outside}')"));
    for (target, link) in [
        ("../../outside.ts", "app/src/out.ts"),
        ("/dev/zero", "app/src/zero.ts"),
        (".", "app/src/loop"),
        ("circle", "app/src/circle"),
        ("/", "app/public"),
        ("../outside.ts", "app/tsconfig.json"),
        ("/dev/zero", "app/.env"),
    ] {
        symlink(target, dir.path().join(link)).unwrap();
    }
    let report = dir.run(&["scan", "app", "-f", "json"]).expect(1).json();
    let found: Vec<_> = clients(&report).into_iter().collect();
    assert_eq!(found[0].to_string(), "client-secret-literal app/src/main.ts:1");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn code_is_judged_alike_in_any_encoding() {
    let text = |key: &str| {
        format!("const é = '😀'\r\nimport {{ x }} from './b'\r\nuse(é, x, '{key}')\r\n")
    };
    let wide = |units: Vec<u16>, big: bool| -> Vec<u8> {
        units
            .into_iter()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    };
    for encoding in ["plain", "mark", "little", "big", "zero"] {
        let dir = Dir::new();
        let text = text(&dir.key(SECRET));
        let marked = || format!("\u{feff}{text}").encode_utf16().collect::<Vec<u16>>();
        dir.write("package.json", VITE);
        dir.write("index.html", PAGE);
        dir.write("src/b.ts", "export const x = 1");
        dir.write(
            "src/main.ts",
            match encoding {
                "plain" => text.clone().into_bytes(),
                "mark" => format!("\u{feff}{text}").into_bytes(),
                "little" => wide(marked(), false),
                "big" => wide(marked(), true),
                _ => format!("{text}// \0\0\n").into_bytes(),
            },
        );
        let report = dir.run(&["scan", ".", "-f", "json"]).expect(1).json();
        let found: Vec<String> = clients(&report).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["client-secret-literal src/main.ts:3"], "{encoding}");
    }
}

#[test]
fn keys_only_in_inline_maps_are_found() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    let map = format!("{{\"sources\":[\"a.ts\"],\"sourcesContent\":[\"const k = '{key}'\"]}}");
    let map = encoded(map.as_bytes());
    dir.write("package.json", r#"{"name": "app", "devDependencies": {"vite": "6.0.0"}}"#);
    dir.write("dist/index.html", "<script src=app-1a2b3c4d.js></script>");
    let text = format!("a()\n//# sourceMappingURL=data:application/json;base64,{map}\n");
    dir.write("dist/app-1a2b3c4d.js", text);
    let report = dir.run(&["scan", ".", "-f", "json"]).expect(1).json();
    assert_eq!(report["findings"][0]["kind"], "bundle-secret", "{report:#}");
}

/// Base64 (RFC 4648, section 4).
pub(crate) fn encoded(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let of_three = |three: &[u8]| {
        let number = (0..3).fold(0, |sum, at| sum << 8 | u32::from(*three.get(at).unwrap_or(&0)));
        let letter = |at: u32| char::from(letters[(number >> (18 - 6 * at)) as usize & 63]);
        let all: String = (0..4).map(letter).collect();
        format!("{:=<4}", &all[..=three.len()])
    };
    bytes.chunks(3).map(of_three).collect()
}

#[test]
fn unfollowed_secrets_keep_plain_findings() {
    for (text, message) in [
        ("const = 'KEY'", "cannot be parsed"),
        (
            "import './gone'; import '@/gone'\nexport const f = () => 'KEY'",
            "is missing or too large",
        ),
        ("((((NESTED))))\nuse('KEY')", "cannot be parsed"),
        ("/*LONG*/\nuse('KEY')", "is too large"),
    ] {
        let dir = Dir::new();
        let key = dir.key(SECRET);
        dir.write("package.json", VITE);
        dir.write("index.html", PAGE);
        dir.write("tsconfig.json", r#"{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}"#);
        let nested = "(".repeat(3000) + "1" + &")".repeat(3000);
        let text = text.replace("NESTED", &nested).replace("LONG", &" ".repeat(3 << 20));
        dir.write("src/main.ts", text.replace("KEY", &key));
        let report = dir.run(&["scan", ".", "-f", "json"]).expect(1).json();
        assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{message}");
        let notices = report["scan"]["notices"].as_array().unwrap();
        let is_said = notices.iter().any(|notice| {
            notice["kind"] == "exposure"
                && notice["message"].as_str().is_some_and(|text| text.contains(message))
        });
        assert!(is_said, "{message}: {notices:?}");
    }
}
