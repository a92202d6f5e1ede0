//! Files that git ignores and builds read all the same.

use serde_json::Value;

use crate::repo::Repo;
use crate::support::{AIMAGICX, Dir, SECRET};

const NEXT: &str = r#"{"name": "app", "dependencies": {"next": "15.0.0"}}"#;
const VITE: &str = r#"{"name": "app", "devDependencies": {"vite": "6.0.0"}}"#;
const SAID: &str = "git ignores this file; the build does not";

/// The kinds and first places of a report's findings.
fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let texts = findings.map(|own| {
        let place = &own["occurrences"][0];
        format!("{} {}:{}", own["kind"], place["path"], place["start_line"]).replace('"', "")
    });
    texts.collect()
}

#[test]
fn a_secret_of_an_ignored_env_file_is_in_the_next_build() {
    for (name, package, variable) in [
        (".env", NEXT, "NEXT_PUBLIC_MAGICX_SECRET_KEY"),
        (".env.local", NEXT, "NEXT_PUBLIC_MAGICX_SECRET_KEY"),
        (".env.production.local", VITE, "VITE_MAGICX_SECRET_KEY"),
    ] {
        for folder in ["", "packages/web/"] {
            let dir = Dir::repository();
            let (leaked, kept) = (dir.key(SECRET), dir.key(AIMAGICX));
            dir.write(".gitignore", ".env*\n");
            dir.write(&format!("{folder}package.json"), package);
            let env = format!("AIMAGICX_API_KEY={kept}\n{variable}={leaked}\n");
            dir.write(&format!("{folder}{name}"), &env);
            let report = dir.run(&["scan", "-f", "json"]).expect(1).json();
            assert_eq!(found(&report), [format!("public-env-secret {folder}{name}:2")]);
            dir.run(&["scan"]).expect(1).out(SAID);
            dir.run(&["scan", "--exclude", name, "--allow-empty"]).expect(0);
            // With everything read, the other key is found, too.
            let report = dir.run(&["scan", "--no-ignore", "-f", "json"]).expect(1).json();
            assert_eq!(report["findings"].as_array().unwrap().len(), 2, "{report:#}");
            assert!(!report.to_string().contains(SAID));
            // A key that stays on the server is nobody's finding.
            dir.write(&format!("{folder}{name}"), format!("AIMAGICX_API_KEY={kept}\n"));
            dir.run(&["scan"]).expect(0);
        }
    }
}

#[test]
fn a_tracked_file_is_not_called_ignored() {
    let repo = Repo::new();
    repo.write(".gitignore", ".env\n");
    repo.write("package.json", NEXT);
    let key = repo.dir.key(SECRET);
    repo.write(".env", format!("NEXT_PUBLIC_MAGICX_SECRET_KEY={key}\n"));
    repo.git(&["add", "-f", "."]);
    let run = repo.dir.run(&["scan"]).expect(1).out("public-env-secret");
    assert!(!run.stdout.contains(SAID), "{run}");
}

#[test]
fn what_code_and_configurations_name_is_read() {
    for (ignored, text, config) in [
        ("src/keys.local.ts", "export const key = 'KEY'\n", ""),
        ("src/keys.local.json", "{\"key\": \"KEY\"}\n", ""),
        (
            "build.secrets.json",
            "{\"key\": \"KEY\"}\n",
            "import keys from './build.secrets.json'\nexport default { define: { KEY: \
             JSON.stringify(keys.key) } }\n",
        ),
    ] {
        let dir = Dir::repository();
        let key = dir.key(SECRET);
        dir.write(".gitignore", "*.local.*\n*.secrets.json\n*.log\n");
        dir.write("package.json", VITE);
        dir.write("index.html", "<script type=module src=/src/main.ts></script>");
        dir.write(ignored, text.replace("KEY", &key));
        if config.is_empty() {
            let name = ignored.trim_start_matches("src/");
            let import = match name.ends_with("ts") {
                true => format!("import {{ key }} from './{}'", name.trim_end_matches(".ts")),
                false => format!("import {{ key }} from './{name}'"),
            };
            dir.write("src/main.ts", format!("{import}\nuse(key)\n"));
        } else {
            dir.write("vite.config.js", config);
            dir.write("src/main.ts", "use(KEY)\n");
        }
        dir.write("debug.log", dir.key(SECRET));
        let run = dir.run(&["scan"]).expect(1).out(SAID).out(ignored);
        assert!(run.stdout.contains("found: 1 leaked key"), "{run}");
        // Nothing imports it: nothing ships.
        dir.write("src/main.ts", "use(1)\n");
        dir.write("vite.config.js", "export default {}\n");
        dir.run(&["scan"]).expect(0);
    }
}

#[test]
fn folders_that_git_ignores_have_inputs_too() {
    let dir = Dir::repository();
    let key = dir.key(SECRET);
    dir.write(".gitignore", "env/\nsecrets/\ndist/\n");
    dir.write("package.json", VITE);
    dir.write("index.html", "<script type=module src=/src/main.ts></script>");
    dir.write("vite.config.js", "export default { envDir: './env' }\n");
    dir.write("src/main.ts", "use(import.meta.env.VITE_KEY)\n");
    dir.write("env/.env", format!("VITE_KEY={key}\n"));
    let run = dir.run(&["scan"]).expect(1).out(SAID).out("env/.env");
    assert!(run.stdout.contains("VITE_KEY=sk_v1_"), "{run}");
    dir.run(&["scan", "--exclude", "env/"]).expect(0);
    // An import leads there, too.
    dir.write("env/.env", "VITE_KEY=1\n");
    dir.write("secrets/a/keys.ts", format!("export const key = '{key}'\n"));
    dir.write("src/main.ts", "import { key } from '../secrets/a/keys'\nuse(key)\n");
    dir.run(&["scan"]).expect(1).out(SAID).out("secrets/a/keys.ts");
    dir.write("src/main.ts", "use(1)\n");
    dir.write("dist/keys.ts", format!("export const key = '{key}'\n"));
    dir.run(&["scan"]).expect(0);
}

#[test]
fn ignored_inputs_of_mobile_builds_are_read() {
    let dir = Dir::repository();
    let key = dir.key(SECRET);
    dir.write(".gitignore", "local.properties\n");
    dir.write("settings.gradle", "include ':app'\n");
    dir.write("local.properties", format!("magicx.secret={key}\n"));
    dir.write(
        "app/build.gradle",
        "plugins { id 'com.android.application' }\ndef p = new Properties()\n\
         p.load(rootProject.file('local.properties').newDataInputStream())\n\
         android { defaultConfig {\n  buildConfigField 'String', 'KEY', \
         \"\\\"${p.getProperty('magicx.secret')}\\\"\"\n} }\n",
    );
    dir.write("app/src/main/AndroidManifest.xml", "<manifest/>\n");
    dir.run(&["scan"]).expect(1).out(SAID);
}

#[test]
fn staged_changes_and_ranges_know_only_what_git_has() {
    let repo = Repo::new();
    repo.add("package.json", NEXT);
    repo.write(".gitignore", ".env\n");
    let key = repo.dir.key(SECRET);
    repo.write(".env", format!("NEXT_PUBLIC_MAGICX_SECRET_KEY={key}\n"));
    repo.git(&["add", ".gitignore"]);
    repo.keyside(&["--staged"]).expect(0);
    repo.commit_staged("ignore");
    repo.keyside(&["--range", "HEAD~1..HEAD"]).expect(0);
    repo.keyside(&[]).expect(0);
    repo.dir.run(&["scan"]).expect(1);
}
