//! Every case of `tests/cases`: a small project, and what keyside must say of it. A folder in there
//! with `rules.toml` is a provider of its own, whose cases run with these rules. How a case is
//! judged is the rule of those who collect them: client findings are compared as a set of kind,
//! path and line of the first occurrence; plain places must be among the occurrences.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::repo::Repo;
use crate::support::{AIMAGICX, Dir, PUBLIC, Run, SECRET, TOKEN};

/// Kind, path and line of a client finding's first occurrence.
type Found = BTreeSet<(String, String, u64)>;

/// A place: path and line.
type Place = (String, u64);

/// A project and what must be said of it.
struct Case {
    name: String,
    /// The rule file it runs with, besides the built-in ones.
    rules: Option<PathBuf>,
    files: Map<String, Value>,
    expect: Found,
    /// What may be said as well.
    also: Found,
    plain: Vec<Place>,
    /// The sides of plain places, where a case says it.
    verdicts: Vec<(Place, String)>,
    /// Where a secret is sent: the last step of a client finding.
    sent: Vec<Place>,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases = cases_in(&folder, None);
    for folder in listed(&folder).into_iter().filter(|path| path.is_dir()) {
        cases.extend(cases_in(&folder, Some(&folder.join("rules.toml"))));
    }
    let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
    cases
}

fn cases_in(folder: &Path, rules: Option<&Path>) -> Vec<Case> {
    let mut cases = Vec::new();
    let is_list = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
    for file in listed(folder).into_iter().filter(is_list) {
        let text = std::fs::read_to_string(&file).unwrap();
        let list: Vec<Value> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        cases.extend(list.iter().map(|case| Case::new(case, rules)));
    }
    cases
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.collect();
    paths.sort();
    paths
}

fn place(value: &Value) -> Place {
    (value["path"].as_str().unwrap().to_owned(), value["line"].as_u64().unwrap())
}

fn found(list: &Value) -> Found {
    let list = list.as_array().into_iter().flatten().map(|one| {
        let (path, line) = place(one);
        (one["rule_kind"].as_str().unwrap().to_owned(), path, line)
    });
    list.collect()
}

impl Case {
    fn new(value: &Value, rules: Option<&Path>) -> Self {
        Self {
            name: value["name"].as_str().unwrap().to_owned(),
            rules: rules.map(Path::to_owned),
            files: value["files"].as_object().unwrap().clone(),
            expect: found(&value["expect"]),
            also: found(&value["also"]),
            plain: value["plain"].as_array().unwrap().iter().map(place).collect(),
            verdicts: value["plain"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|plain| Some((place(plain), plain["verdict"].as_str()?.to_owned())))
                .collect(),
            sent: value["sent"].as_array().into_iter().flatten().map(place).collect(),
        }
    }

    /// Arguments with those that name the rules.
    fn args<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        let rules = self.rules.iter().flat_map(|path| ["--rules", path.to_str().unwrap()]);
        args.iter().copied().chain(rules).collect()
    }

    /// Writes the files, with fresh keys where they have `{key:PREFIX:N}`; the same `N` is the same
    /// key.
    fn write(&self, dir: &Dir) {
        let mut keys = Map::new();
        for (path, content) in &self.files {
            let text = content.as_str().or_else(|| content["utf16"].as_str());
            let text = text.unwrap_or_else(|| panic!("{}: {path} has no text", self.name));
            let text = filled(text, dir, &mut keys);
            if content.is_string() {
                dir.write(path, text);
            } else {
                let units = format!("\u{feff}{text}");
                dir.write(
                    path,
                    units.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
                );
            }
        }
    }

    /// What is wrong with the client findings of a report.
    fn judge_clients(&self, report: &Value) -> Vec<String> {
        let came = clients(report);
        let missing = self.expect.difference(&came).map(|one| format!("missing {}", shown(one)));
        let more = came.difference(&self.expect).filter(|one| !self.also.contains(*one));
        let more = more.map(|one| format!("too much {}", shown(one)));
        let last = |finding: &Value| {
            let step = finding["exposure"]["trace"].as_array()?.last()?.clone();
            (step["kind"] == "sink").then(|| place(&step))
        };
        let findings = report["findings"].as_array().unwrap().iter();
        let sent: BTreeSet<Place> = findings.filter_map(last).collect();
        let unsent = self.sent.iter().filter(|place| !sent.contains(*place));
        let unsent = unsent.map(|(path, line)| format!("not sent at {path}:{line}"));
        missing.chain(more).chain(unsent).collect()
    }

    /// What is wrong with a report, all in all.
    fn judge(&self, report: &Value) -> Vec<String> {
        let mut faults = self.judge_clients(report);
        let findings = report["findings"].as_array().unwrap();
        let is_plain = |finding: &&Value| finding["kind"] == "secret";
        let mut told = BTreeSet::new();
        for finding in findings {
            told.extend(places(finding));
            if !is_plain(&finding) {
                let trace = finding["exposure"]["trace"].as_array().into_iter().flatten();
                told.extend(trace.map(place));
            }
        }
        for (place, verdict) in &self.verdicts {
            let mut here = findings.iter().filter(|finding| places(finding).contains(place));
            let sides: Vec<_> = here.by_ref().map(|own| &own["exposure"]["verdict"]).collect();
            if sides.iter().any(|side| *side != verdict) || sides.is_empty() {
                faults.push(format!("{sides:?}, not {verdict} {}:{}", place.0, place.1));
            }
        }
        for (path, line) in self.plain.iter().filter(|place| !told.contains(*place)) {
            faults.push(format!("missing secret {path}:{line}"));
        }
        let lines: BTreeSet<Place> =
            self.expect.iter().map(|(_, path, line)| (path.clone(), *line)).collect();
        let secrets = findings.iter().filter(is_plain).filter(|own| own["key_class"] == "secret");
        for (path, line) in secrets.flat_map(places) {
            let own = (path, line);
            if !self.plain.contains(&own) && !lines.contains(&own) {
                faults.push(format!("too much secret {}:{line}", own.0));
            }
        }
        faults
    }
}

/// A text with keys in the place of their templates.
fn filled(text: &str, dir: &Dir, keys: &mut Map<String, Value>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{key:") {
        let (template, after) = after.split_once('}').expect("a template has an end");
        let (prefix, _) = template.rsplit_once(':').expect("a template is `{key:PREFIX:N}`");
        // Without a prefix, what code puts behind one.
        let own = ["qs_root_", "qs_sess_", "qs_open_", ""].map(|prefix| (prefix, 43));
        let kinds = [SECRET, TOKEN, PUBLIC, AIMAGICX].into_iter().chain(own);
        let kind = { kinds }.find(|(own, _)| *own == prefix);
        let kind = kind.unwrap_or_else(|| panic!("no key begins with `{prefix}`"));
        let key = keys.entry(template).or_insert_with(|| dir.key(kind).into());
        out = out + before + key.as_str().unwrap();
        rest = after;
    }
    out + rest
}

fn places(finding: &Value) -> Vec<Place> {
    let all = finding["occurrences"].as_array().unwrap().iter();
    all.map(|own| (own["path"].as_str().unwrap().to_owned(), own["start_line"].as_u64().unwrap()))
        .collect()
}

fn clients(report: &Value) -> Found {
    let findings = report["findings"].as_array().unwrap().iter();
    let clients = findings.filter(|finding| finding["kind"] != "secret").map(|finding| {
        let (path, line) = places(finding).swap_remove(0);
        (finding["kind"].as_str().unwrap().to_owned(), path, line)
    });
    clients.collect()
}

fn shown((kind, path, line): &(String, String, u64)) -> String {
    format!("{kind} {path}:{line}")
}

/// Fails with all that is wrong, by case.
fn judged(judge: impl Fn(&Case) -> Vec<String>) {
    let cases = cases();
    let mut failed = 0;
    let mut text = String::new();
    for case in &cases {
        let faults = judge(case);
        if !faults.is_empty() {
            failed += 1;
            text += &format!("{}\n    {}\n", case.name, faults.join("\n    "));
        }
    }
    assert!(failed == 0, "{failed} of {} cases fail\n{text}", cases.len());
}

/// The report, unless the run went wrong.
fn report(run: &Run) -> Result<Value, Vec<String>> {
    if matches!(run.code, 0 | 1) { Ok(run.json()) } else { Err(vec![run.to_string()]) }
}

#[test]
fn every_case_is_judged_right() {
    judged(|case| {
        let dir = Dir::new();
        case.write(&dir);
        let run = dir.run(&case.args(&["scan", ".", "-f", "json"]));
        report(&run).map_or_else(|why| why, |report| case.judge(&report))
    });
}

#[test]
fn what_a_case_leaks_is_added_by_its_first_commit() {
    judged(|case| {
        let repo = Repo::new();
        let base = repo.commit("Begin");
        case.write(&repo.dir);
        repo.git(&["add", "-A", "-f", "."]);
        let mut faults = Vec::new();
        let mut judge = |how: &str, args: &[&str]| {
            let came = report(&repo.keyside(&case.args(args)));
            let own = came.map_or_else(|why| why, |report| case.judge_clients(&report));
            faults.extend(own.into_iter().map(|fault| format!("{how}: {fault}")));
        };
        judge("staged", &["--staged"]);
        repo.commit_staged("Add all");
        judge("range", &["--range", &format!("{base}..HEAD")]);
        let nothing = clients(&repo.report(&["--staged"], 0));
        faults.extend(nothing.iter().map(|one| format!("staged twice: {}", shown(one))));
        faults
    });
}

const VITE: &str = "{\"name\": \"app\", \"devDependencies\": {\"vite\": \"6.0.0\"}}";
const PAGE: &str = "<script type=module src=/src/main.ts></script>";

#[cfg(unix)]
#[test]
fn links_lead_the_analysis_nowhere() {
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
    assert_eq!(shown(&found[0]), "client-secret-literal app/src/main.ts:1");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn the_same_code_is_judged_the_same_in_any_encoding() {
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
        let found: Vec<String> = clients(&report).iter().map(shown).collect();
        assert_eq!(found, ["client-secret-literal src/main.ts:3"], "{encoding}");
    }
}

#[test]
fn a_key_that_only_an_inline_map_holds_is_found() {
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
fn encoded(bytes: &[u8]) -> String {
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
fn what_is_not_followed_keeps_its_plain_finding() {
    for (text, message) in [
        ("const = 'KEY'", "cannot be understood"),
        ("import './gone'; import '@/gone'\nexport const f = () => 'KEY'", "is not there"),
        ("((((NESTED))))\nuse('KEY')", "cannot be understood"),
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
                && notice["message"].as_str().is_some_and(|said| said.contains(message))
        });
        assert!(is_said, "{message}: {notices:?}");
    }
}
