//! `keyside scan --build DIR`: the client's build output confirms leaks, or does not.

use std::fs::File;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::{AIMAGICX, Dir, SECRET};

/// A Vite app with a key in its code, one in a variable, and one that nothing reaches.
fn app() -> (Dir, [String; 3]) {
    let dir = Dir::repository();
    let keys = [dir.key(SECRET), dir.key(AIMAGICX), dir.key(SECRET)];
    dir.write("package.json", r#"{"name": "app", "devDependencies": {"vite": "7.0.0"}}"#);
    dir.write("index.html", "<script type=module src=/src/main.js></script>");
    dir.write(
        "src/main.js",
        format!("send('{}')\nsend(import.meta.env.VITE_AIMAGICX_API_KEY)\n", keys[0]),
    );
    dir.write(".env", format!("VITE_AIMAGICX_API_KEY={}\n", keys[1]));
    dir.write("src/server.py", format!("KEY = '{}'\n", keys[2]));
    dir.write(".gitignore", "dist\n");
    (dir, keys)
}

/// Kind, severity, what the build says, and places, of each finding.
fn told(report: &Value) -> Vec<(String, String, Value, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    let mut told: Vec<_> = findings
        .map(|finding| {
            let places = finding["occurrences"].as_array().unwrap().iter();
            let places = places.map(|place| text(&place["path"])).collect();
            let confirmed = finding["exposure"]["confirmed"].clone();
            (text(&finding["kind"]), text(&finding["severity"]), confirmed, places)
        })
        .collect();
    told.sort_by(|a, b| (&a.0, &a.3).cmp(&(&b.0, &b.3)));
    told
}

/// The findings with this verdict of the build: kind and severity.
fn with(report: &Value, confirmed: Value) -> Vec<String> {
    let told = told(report).into_iter().filter(|it| it.2 == confirmed);
    told.map(|(kind, severity, ..)| format!("{kind} {severity}")).collect()
}

#[test]
fn a_key_in_the_output_confirms_its_leak() {
    let (dir, keys) = app();
    dir.write("dist/assets/index.js", format!("a('{}');b(\"{}\")", keys[0], keys[1]));
    let (code, report) = dir.json(&["--build", "dist"]);
    assert_eq!(code, 1);
    let confirmed = with(&report, true.into());
    assert!(confirmed.contains(&"client-secret-literal error".to_owned()), "{confirmed:?}");
    assert!(confirmed.contains(&"client-secret-env error".to_owned()), "{confirmed:?}");
    assert_eq!(with(&report, Value::Null), ["secret error"], "{report:#}");
    let literal = report["findings"].as_array().unwrap().iter();
    let mut literal = literal.filter(|it| it["kind"] == "client-secret-literal");
    let related = &literal.next().unwrap()["exposure"]["related"][0];
    assert_eq!(related["path"], "dist/assets/index.js");
    assert_eq!((&related["line"], &related["column"]), (&1.into(), &4.into()));
    dir.run(&["scan", "--build", "dist"]).expect(1).out("in the client's build output");
}

#[test]
fn a_newer_output_without_the_key_takes_a_step_back() {
    let (dir, _) = app();
    let output = dir.write("dist/index.js", "a()");
    let (_, report) = dir.json(&["--build", "dist"]);
    let severities = with(&report, false.into());
    assert!(severities.contains(&"client-secret-literal warning".to_owned()), "{report:#}");
    // An older build says nothing.
    let old = SystemTime::now() - Duration::from_secs(86_400);
    File::options().write(true).open(&output).unwrap().set_modified(old).unwrap();
    let (_, report) = dir.json(&["--build", "dist"]);
    assert!(with(&report, false.into()).is_empty(), "{report:#}");
    assert!(with(&report, Value::Null).contains(&"client-secret-literal error".to_owned()));
}

#[test]
fn a_build_is_no_judge_of_what_servers_answer() {
    let dir = Dir::repository();
    let key = dir.key(SECRET);
    dir.write("package.json", r#"{"name": "app", "dependencies": {"next": "15.1.0"}}"#);
    dir.write(
        "app/api/key/route.ts",
        format!("export const GET = () => Response.json({{ key: '{key}' }})\n"),
    );
    dir.write("out/index.js", "a()");
    let (code, report) = dir.json(&["--build", "out"]);
    assert_eq!(code, 1);
    assert_eq!(with(&report, Value::Null), ["server-to-client-secret error"], "{report:#}");
}

#[cfg(unix)]
#[test]
fn output_with_links_or_an_empty_folder_proves_nothing() {
    let (dir, _) = app();
    dir.write("dist/index.js", "a()");
    std::os::unix::fs::symlink("/elsewhere", dir.path().join("dist/linked.js")).unwrap();
    let (_, report) = dir.json(&["--build", "dist"]);
    assert!(with(&report, false.into()).is_empty(), "{report:#}");
    let (dir, _) = app();
    dir.write("dist/index.js", "a()");
    std::fs::create_dir(dir.path().join("out")).unwrap();
    let (_, report) = dir.json(&["--build", "dist", "--build", "out"]);
    assert!(with(&report, false.into()).is_empty(), "{report:#}");
    assert_eq!(report["scan"]["state"], "incomplete");
}

#[test]
fn a_key_in_the_output_that_nothing_explains_is_a_leak() {
    let (dir, keys) = app();
    let other = dir.key(AIMAGICX);
    dir.write("dist/a.js", format!("a('{}')\nb('{other}')", keys[2]));
    let (_, report) = dir.json(&["--build", "dist"]);
    let found: Vec<_> = told(&report).into_iter().filter(|it| it.0 == "bundle-secret").collect();
    let places: Vec<_> = found.iter().map(|it| (&*it.1, &it.2, &it.3[0][..], it.3.len())).collect();
    let yes = Value::Bool(true);
    assert_eq!(
        places,
        [("error", &yes, "dist/a.js", 1), ("error", &yes, "dist/a.js", 2)],
        "{report:#}"
    );
}

#[test]
fn output_that_cannot_be_read_is_said() {
    let (dir, _) = app();
    dir.run(&["scan", "--build", "dist"]).expect(2).err("dist is no folder: run the build first");
    std::fs::create_dir(dir.path().join("dist")).unwrap();
    dir.run(&["scan", "--build", "dist", "src/server.py"])
        .expect(1)
        .out("holds no build output: run the build first");
    let clean = Dir::repository();
    clean.write("a.js", "a()");
    std::fs::create_dir(clean.path().join("dist")).unwrap();
    clean.run(&["scan", "--build", "dist"]).expect(3);
}
