//! The GitHub Action, step by step: what it scans for each event and checkout depth, what it
//! reports, and that it never calls clean what it could not scan.

use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::repo::Repo;
use crate::runner::{Done, Job, definition};
use crate::support::{Dir, SECRET};

const NONE: &str = "0000000000000000000000000000000000000000";

/// A server with the repository `ada/app`, and a machine that runs one of its jobs.
///
/// `main` has long had a key in `old.txt`. `feature` adds one in `new.txt` and removes it again, so
/// that only a scan of its commits finds it. A pull request merges it.
struct Hub {
    origin: Repo,
    machine: Dir,
    first: String,
    fork_point: String,
    feature: String,
    main: String,
    merge: String,
}

impl Hub {
    fn new() -> Self {
        Self::with(|dir| dir.key(SECRET))
    }

    /// Like [`Self::new`], without keys.
    fn clean() -> Self {
        Self::with(|_| "none".to_owned())
    }

    fn with(key: impl Fn(&Dir) -> String) -> Self {
        let origin = Repo::new();
        let machine = Dir::new();
        let first = origin.add("README", "An app.\n");
        origin.add("old.txt", format!("key = {}\n", key(&origin.dir)));
        let fork_point = origin.add("src/a.js", "a()\n");
        origin.git(&["checkout", "-q", "-b", "feature"]);
        origin.add("new.txt", format!("new = {}\n", key(&origin.dir)));
        std::fs::remove_file(origin.path().join("new.txt")).unwrap();
        origin.commit("Remove it");
        let feature = origin.add("src/b.js", "b()\n");
        origin.git(&["checkout", "-q", "main"]);
        origin.add("src/c.js", "c()\n");
        let main = origin.add("src/d.js", "d()\n");
        origin.git(&["tag", "v1.0.0"]);
        origin.git(&["checkout", "-q", "--detach"]);
        origin.git(&["merge", "-q", "--no-ff", "-m", "Merge", "feature"]);
        let merge = origin.id("HEAD");
        origin.git(&["update-ref", "refs/pull/1/merge", &merge]);
        origin.git(&["checkout", "-q", "main"]);
        let server = machine.path().join("server/ada");
        std::fs::create_dir_all(&server).unwrap();
        symlink(origin.path(), server.join("app")).unwrap();
        Self { origin, machine, first, fork_point, feature, main, merge }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.machine.path().join(name)
    }

    fn server(&self) -> String {
        format!("file://{}", self.path("server").display())
    }

    fn git(&self, args: &[&str]) {
        let work = self.path("work");
        self.origin.git(&[&["-C", work.to_str().unwrap()], args].concat());
    }

    /// Checks a commit out as `actions/checkout` does.
    fn checkout(&self, commit: &str, depth: usize) {
        std::fs::create_dir_all(self.path("work")).unwrap();
        self.git(&["init", "-q"]);
        self.git(&["remote", "add", "origin", &format!("{}/ada/app", self.server())]);
        let own = format!("+{commit}:refs/remotes/origin/checked-out");
        if depth == 0 {
            let heads = "+refs/heads/*:refs/remotes/origin/*";
            self.git(&["fetch", "-q", "--tags", "origin", heads, &own]);
        } else {
            let depth = format!("--depth={depth}");
            self.git(&["fetch", "-q", "--no-tags", &depth, "origin", &own]);
        }
        self.git(&["checkout", "-q", "--detach", commit]);
    }

    /// A job for an event, with the tested binary on the PATH.
    fn job(&self, event: &Event) -> Job {
        let bin = self.path("bin");
        std::fs::create_dir_all(&bin).unwrap();
        let _ = symlink(env!("CARGO_BIN_EXE_keyside"), bin.join("keyside"));
        let path = std::env::var("PATH").unwrap_or_default();
        Job {
            action: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            workspace: self.path("work"),
            temp: self.path("temp"),
            github: json!({
                "event_name": event.name,
                "event": event.payload,
                "repository": "ada/app",
                "ref": event.reference,
                "ref_name": event.reference.splitn(3, '/').last(),
                "ref_type": if event.reference.starts_with("refs/tags/") { "tag" } else { "branch" },
                "server_url": self.server(),
                "sha": event.sha,
                "token": "none"
            }),
            inputs: vec![("install", "false".to_owned())],
            variables: vec![
                ("PATH", format!("{}:{path}", bin.display())),
                ("HOME", self.machine.home().display().to_string()),
                ("RUNNER_OS", "Linux".to_owned()),
                ("RUNNER_ARCH", "X64".to_owned()),
            ],
            is_refused: false,
        }
    }

    fn pull_request(&self) -> Event {
        let own = json!({ "full_name": "ada/app", "id": 1 });
        let payload = json!({ "pull_request": {
            "base": { "sha": self.main, "repo": own },
            "head": { "sha": self.feature, "repo": own }
        } });
        Event::new("pull_request", "refs/pull/1/merge", &self.merge, payload)
    }

    fn push(&self, branch: &str, before: &str, after: &str) -> Event {
        let payload = json!({ "before": before, "after": after });
        Event::new("push", &format!("refs/heads/{branch}"), after, payload)
    }

    fn schedule(&self) -> Event {
        Event::new("schedule", "refs/heads/main", &self.main, json!({}))
    }

    /// All events by name, with the files in which they must find a key.
    fn events(&self) -> Vec<(&'static str, Event, &'static [&'static str])> {
        let gone = "1234567890123456789012345678901234567890";
        let pull_request = self.pull_request();
        let mut fork = pull_request.clone();
        fork.payload["pull_request"]["head"]["repo"] = Value::Null;
        let mut target = pull_request.clone();
        (target.name, target.sha) = ("pull_request_target", self.main.clone());
        target.reference = "refs/heads/main".to_owned();
        let queue = json!({ "merge_group": { "base_sha": self.main, "head_sha": self.merge } });
        let queue = Event::new("merge_group", "refs/heads/queue/main", &self.merge, queue);
        let tag = json!({ "before": NONE, "after": self.main });
        let tag = Event::new("push", "refs/tags/v1.0.0", &self.main, tag);
        let plain = |name| Event::new(name, "refs/heads/main", &self.main, json!({}));
        vec![
            ("pull request", pull_request, &["new.txt"]),
            ("pull request of a fork", fork, &["new.txt"]),
            ("pull request, from outside", target, &["new.txt"]),
            ("push", self.push("feature", &self.fork_point, &self.feature), &["new.txt"]),
            ("new branch", self.push("feature", NONE, &self.feature), &["new.txt"]),
            ("forced push", self.push("feature", &self.main, &self.feature), &["new.txt"]),
            ("forced push, base gone", self.push("feature", gone, &self.feature), &["new.txt"]),
            ("forced push of main, base gone", self.push("main", gone, &self.main), &["old.txt"]),
            ("first push", self.push("main", NONE, &self.main), &["old.txt"]),
            ("old commit", self.push("main", &self.main, &self.first), &[]),
            ("merge queue", queue, &["new.txt"]),
            ("tag", tag, &["old.txt"]),
            ("schedule", self.schedule(), &["old.txt"]),
            ("by hand", plain("workflow_dispatch"), &["old.txt"]),
            ("release", plain("release"), &["old.txt"]),
        ]
    }
}

/// The event that triggers a run.
#[derive(Clone)]
struct Event {
    name: &'static str,
    reference: String,
    /// The commit that GitHub checks out.
    sha: String,
    payload: Value,
}

impl Event {
    fn new(name: &'static str, reference: &str, sha: &str, mut payload: Value) -> Self {
        payload["repository"] = json!({ "default_branch": "main", "full_name": "ada/app" });
        Self { name, reference: reference.to_owned(), sha: sha.to_owned(), payload }
    }

    fn has_commits(&self) -> bool {
        ["pull_request", "merge_group", "after"].iter().any(|name| self.payload.get(name).is_some())
            && !self.reference.starts_with("refs/tags/")
    }
}

/// The files in which a SARIF report has findings.
fn files(report: &Value) -> BTreeSet<&str> {
    let results = report["runs"][0]["results"].as_array().unwrap().iter();
    let uri = |result: &'_ Value| {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone()
    };
    let names: Vec<_> = results.map(uri).collect();
    ["old.txt", "new.txt"].into_iter().filter(|name| names.contains(&(*name).into())).collect()
}

fn category(report: &Value) -> &str {
    report["runs"][0]["automationDetails"]["id"].as_str().unwrap()
}

/// Fails unless every event, checked out at a depth, finds its keys.
fn all_events_at(depth: usize) {
    let hub = Hub::new();
    for (what, event, expected) in hub.events() {
        let name = format!("{what} at depth {depth}");
        hub.checkout(&event.sha, depth);
        let done = hub.job(&event).run();
        let code = i32::from(!expected.is_empty());
        assert_eq!(done.code, code, "{name}\n{}", done.log);
        assert_eq!(done.output("exit-code"), code.to_string(), "{name}");
        assert_eq!(done.output("findings"), expected.len().to_string(), "{name}");
        let report = Done::report(done.output("sarif-file"));
        assert_eq!(files(&report), expected.iter().copied().collect(), "{name}\n{}", done.log);
        let scanned = done.output("scanned");
        assert!(done.summary.contains(&format!("Scanned {scanned}.")), "{name}\n{}", done.summary);
        let annotations = done.commands();
        assert_eq!(annotations.is_empty(), expected.is_empty(), "{name}\n{}", done.log);
        for file in expected {
            assert!(done.summary.contains(file), "{name}\n{}", done.summary);
        }

        // The upload always covers the tree, whatever was scanned; the merge has the old key, too.
        let is_fork = what.ends_with("fork");
        assert_eq!(done.used.len(), usize::from(!is_fork), "{name}");
        for upload in done.used {
            let report = Done::report(upload["sarif_file"].as_str().unwrap());
            assert_eq!(category(&report), "keyside/tree/", "{name}");
            let tree: &[_] = if what == "old commit" { &[] } else { &["old.txt"] };
            assert_eq!(files(&report), tree.iter().copied().collect(), "{name}");
            let checkout = Path::new(upload["checkout_path"].as_str().unwrap());
            assert_eq!(checkout.canonicalize().unwrap(), hub.path("work").canonicalize().unwrap());
        }
        std::fs::remove_dir_all(hub.path("work")).unwrap();
    }
}

#[test]
fn a_full_checkout_finds_the_keys_of_the_event() {
    all_events_at(0);
}

#[test]
fn a_checkout_of_one_commit_fetches_the_rest() {
    all_events_at(1);
}

#[test]
fn a_checkout_of_two_commits_fetches_the_rest() {
    all_events_at(2);
}

#[test]
fn an_incomplete_scan_is_not_clean() {
    let hub = Hub::clean();
    for (what, event, _) in hub.events() {
        for depth in [0, 1] {
            for is_there in [true, false] {
                let name = format!("{what} at depth {depth}, server is there: {is_there}");
                hub.checkout(&event.sha, depth);
                let job = hub.job(&event);
                let server = hub.path("server");
                if !is_there {
                    std::fs::rename(&server, hub.path("gone")).unwrap();
                }
                let done = job.run();
                if !is_there {
                    std::fs::rename(hub.path("gone"), &server).unwrap();
                }
                // For an event without commits, only its tree is scanned.
                let is_whole = is_there || depth == 0 || !event.has_commits();
                // A depth of one is enough for an empty range and for one of that very commit.
                let code = if is_whole { 0 } else { 3 };
                assert_eq!(done.code, code, "{name}\n{}", done.log);
                assert_eq!(done.output("findings"), "0", "{name}");
                assert_eq!(done.output("exit-code"), code.to_string(), "{name}");
                let is_said = |text: &str| text.contains("could not be fetched");
                assert_eq!(is_said(&done.summary), !is_whole, "{name}\n{}", done.summary);
                assert_eq!(done.commands().iter().any(|own| is_said(own)), !is_whole, "{name}");
                std::fs::remove_dir_all(hub.path("work")).unwrap();
            }
        }
    }
}

#[test]
fn history_is_everything_stored() {
    for depth in [0, 1] {
        let hub = Hub::new();
        hub.checkout(&hub.main, depth);
        let mut job = hub.job(&hub.schedule());
        job.inputs.push(("history", "true".to_owned()));
        let done = job.run();
        assert_eq!((done.code, done.output("findings")), (1, "2"), "{}", done.log);
        let report = Done::report(done.used[0]["sarif_file"].as_str().unwrap());
        assert_eq!(category(&report), "keyside/history/");
        assert_eq!(files(&report), BTreeSet::from(["new.txt", "old.txt"]));
    }
    // A shallow clone leaves objects out, so it is not clean.
    let hub = Hub::clean();
    hub.checkout(&hub.main, 1);
    let mut job = hub.job(&hub.schedule());
    job.inputs.push(("history", "true".to_owned()));
    std::fs::remove_dir_all(hub.path("server")).unwrap();
    let done = job.run();
    assert_eq!(done.code, 3, "{}", done.log);
    assert!(done.summary.contains("could not be fetched"), "{}", done.summary);
}

#[test]
fn a_partial_clone_is_not_clean() {
    let hub = Hub::clean();
    hub.origin.git(&["config", "uploadpack.allowFilter", "true"]);
    std::fs::create_dir_all(hub.path("work")).unwrap();
    let url = format!("{}/ada/app", hub.server());
    hub.git(&["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "."]);
    hub.git(&["checkout", "-q", "--detach", "origin/feature"]);
    let event = hub.push("feature", &hub.fork_point, &hub.feature);
    let done = hub.job(&event).run();
    assert_eq!(done.code, 3, "{}", done.log);
}

#[test]
fn findings_need_not_fail_the_job() {
    let hub = Hub::new();
    hub.checkout(&hub.main, 1);
    let mut job = hub.job(&hub.schedule());
    job.inputs.push(("fail", "false".to_owned()));
    let done = job.run();
    assert_eq!((done.code, done.output("exit-code"), done.output("findings")), (0, "1", "1"));
    // What fails it can be chosen; the report has all.
    for (choice, is_fork, code) in [("client", false, 0), ("error", false, 1), ("live", true, 1)] {
        let mut event = hub.schedule();
        if is_fork {
            event = hub.pull_request();
            event.payload["pull_request"]["head"]["repo"] = Value::Null;
        }
        let mut job = hub.job(&event);
        job.inputs.push(("fail-on", choice.to_owned()));
        job.inputs.push(("verify", is_fork.to_string()));
        let done = job.run();
        assert_eq!((done.code, done.output("findings")), (code, "1"), "{choice}: {}", done.log);
        assert_eq!(done.used.len(), usize::from(!is_fork), "{choice}");
    }
    // But unreadable objects do.
    let hub = Hub::clean();
    hub.checkout(&hub.merge, 1);
    let mut job = hub.job(&hub.pull_request());
    job.inputs.push(("fail", "false".to_owned()));
    std::fs::remove_dir_all(hub.path("server")).unwrap();
    assert_eq!(job.run().code, 3);
}

#[test]
fn uploads_are_for_the_checked_out_commit() {
    let hub = Hub::new();
    // A workflow that others trigger has checked out their code.
    let mut event = hub.pull_request();
    event.name = "pull_request_target";
    (event.reference, event.sha) = ("refs/heads/main".to_owned(), hub.main.clone());
    hub.checkout(&hub.feature, 0);
    let done = hub.job(&event).run();
    assert_eq!((done.code, done.used.len()), (1, 0), "{}", done.log);
    // The head of a pull request from the same repository is as good as its merge.
    let done = hub.job(&hub.pull_request()).run();
    assert_eq!((done.code, done.used.len()), (1, 1), "{}", done.log);
    let mut job = hub.job(&hub.pull_request());
    job.inputs.push(("upload", "false".to_owned()));
    assert_eq!(job.run().used.len(), 0);
}

#[test]
fn a_refused_upload_is_only_reported() {
    let hub = Hub::clean();
    hub.checkout(&hub.main, 1);
    let mut job = hub.job(&hub.schedule());
    job.is_refused = true;
    let done = job.run();
    assert_eq!(done.code, 0, "{}", done.log);
    assert!(done.commands()[0].contains("security-events: write"), "{}", done.log);
}

#[test]
fn a_folder_without_checkout_is_scanned() {
    let hub = Hub::new();
    hub.checkout(&hub.merge, 1);
    hub.machine.write("work/dist/app.js", format!("k('{}')\n", hub.machine.key(SECRET)));
    let mut job = hub.job(&hub.pull_request());
    job.inputs.push(("path", "dist".to_owned()));
    let done = job.run();
    assert_eq!((done.code, done.output("findings")), (1, "1"), "{}", done.log);
    assert!(done.commands().iter().any(|own| own.contains("file=dist/app.js")), "{}", done.log);
    // Its alerts would close those of the whole tree.
    assert_eq!(done.used.len(), 0);
}

#[test]
fn another_repository_is_scanned_as_it_is() {
    let hub = Hub::clean();
    let other = Repo::new();
    other.add("old.txt", format!("key = {}\n", other.dir.key(SECRET)));
    let path = other.path().to_str().unwrap().to_owned();
    hub.origin.git(&["clone", "-q", &path, hub.path("work").to_str().unwrap()]);
    let done = hub.job(&hub.pull_request()).run();
    assert_eq!((done.code, done.output("scanned")), (1, "the whole tree"), "{}", done.log);
    assert_eq!(done.used.len(), 0);
}

#[test]
fn inputs_are_data_not_commands() {
    let hub = Hub::clean();
    hub.checkout(&hub.main, 1);
    let pwned = hub.path("pwned");
    let command = format!("touch {}", pwned.display());
    for name in [
        format!("a b; {command}"),
        format!("$({command})"),
        format!("`{command}`"),
        format!("x\n{command}\n"),
        format!("\"; {command} #"),
        format!("'; {command} #"),
        "-rf".to_owned(),
        "--help".to_owned(),
        "*".to_owned(),
        "x\nexit-code=0".to_owned(),
        "%0A::error::x".to_owned(),
    ] {
        for input in [
            "path",
            "config",
            "baseline",
            "min-severity",
            "fail-on",
            "trust-head",
            "args",
            "history",
            "verify",
            "upload",
            "version",
        ] {
            let mut job = hub.job(&hub.schedule());
            if input == "version" {
                job.inputs.clear();
            }
            job.inputs.push((input, name.clone()));
            let done = job.run();
            let is_option = input == "args" && name.starts_with('-');
            assert_eq!(done.code == 0, is_option, "{input}: {name}\n{}", done.log);
            assert!(!pwned.exists(), "{input}: {name}");
            let is_own = |own: &&str| {
                let words = own.strip_prefix("::error").or(own.strip_prefix("::warning"));
                words.is_some_and(|words| words.starts_with(" title=keyside"))
            };
            assert!(done.commands().iter().all(is_own), "{input}: {name}\n{}", done.log);
        }
    }
    // Folders may have such names.
    for name in [format!("a b; {}", command.replace('/', "_")), "-rf".to_owned()] {
        hub.machine.write(&format!("work/{name}/x.txt"), "nothing\n");
        let mut job = hub.job(&hub.schedule());
        job.inputs.push(("path", name.clone()));
        assert_eq!(job.run().code, 0, "{name}");
    }
    // Each line of `args` is one argument.
    let args = "--exclude\na b; exit 0\n\n--max-file-size=1K\r\n";
    let mut job = hub.job(&hub.schedule());
    job.inputs.push(("args", args.to_owned()));
    assert_eq!(job.run().code, 0);
}

#[test]
fn baseline_findings_fail_no_job() {
    let hub = Hub::new();
    hub.checkout(&hub.main, 0);
    let job = |event: &Event| {
        let mut job = hub.job(event);
        job.inputs.push(("baseline", "known.toml".to_owned()));
        job.run()
    };
    let missing = job(&hub.schedule());
    assert_eq!(missing.code, 2, "{}", missing.log);
    assert!(missing.log.contains("no such baseline"), "{}", missing.log);
    // The job runs in `work`.
    let write = ["baseline", "write", "work", "-b", "work/known.toml"];
    hub.machine.run(&write).expect(0).out("1 finding accepted");
    let done = job(&hub.schedule());
    assert_eq!(done.code, 0, "{}", done.log);
    assert!(done.log.contains("1 by known.toml"), "{}", done.log);
    assert_eq!(hub.job(&hub.schedule()).run().code, 1);
    // Additions of a branch are not in it.
    assert_eq!(job(&hub.push("feature", &hub.fork_point, &hub.feature)).code, 1);
}

#[test]
fn what_a_fork_accepts_itself_does_not_count() {
    let hub = Hub::clean();
    hub.origin.git(&["checkout", "-q", "feature"]);
    hub.origin.add(".keysideignore", "accepted/\n");
    let text = format!("k = '{}'\n", hub.origin.dir.key(SECRET));
    let after = hub.origin.add("accepted/a.py", text);
    hub.origin.git(&["checkout", "-q", "main"]);
    hub.checkout(&after, 0);
    let mut own = hub.pull_request();
    own.payload["pull_request"]["head"]["sha"] = after.clone().into();
    let mut fork = own.clone();
    fork.payload["pull_request"]["head"]["repo"] = json!({ "full_name": "eve/app", "id": 2 });
    let new = hub.push("feature", NONE, &after);
    let annotation =
        "::warning title=accepted by this change (magicx-secret-key),file=accepted/a.py";
    for (what, event, input, code) in [
        ("a branch", &own, None, 0),
        ("a branch", &own, Some("false"), 1),
        ("a fork", &fork, None, 1),
        ("a fork", &fork, Some("auto"), 1),
        ("a fork", &fork, Some("true"), 0),
        ("a push", &new, None, 0),
        ("a push", &new, Some("false"), 1),
        ("a wrong input", &own, Some("yes"), 2),
    ] {
        let mut job = hub.job(event);
        job.inputs.extend(input.map(|value| ("trust-head", value.to_owned())));
        let done = job.run();
        assert_eq!(done.code, code, "{what} {input:?}\n{}", done.log);
        assert_eq!(done.log.contains(annotation), code == 0, "{what} {input:?}\n{}", done.log);
        if code == 1 {
            assert!(done.log.contains("accepted only by this change"), "{}", done.log);
            assert_eq!(done.output("findings"), "1", "{what}");
        }
    }
    // Where nothing was before, nothing can have accepted anything.
    let first = Event { reference: "refs/heads/main".to_owned(), ..hub.push("main", NONE, &after) };
    let mut job = hub.job(&first);
    job.inputs.push(("trust-head", "false".to_owned()));
    assert_eq!(job.run().code, 1);
}

#[test]
fn repository_texts_are_not_commands() {
    let hub = Hub::clean();
    let name = "\n::error::injected\r::set-output name=exit-code::0 ##[error]injected";
    let text = format!("\n::error::injected {}\n##[error]injected\n", hub.origin.dir.key(SECRET));
    hub.origin.git(&["checkout", "-q", "feature"]);
    let after = hub.origin.add(name, text);
    let event = hub.push("feature", &hub.feature, &after);
    hub.checkout(&after, 1);
    let done = hub.job(&event).run();
    assert_eq!(done.code, 1, "{}", done.log);
    let commands = done.commands();
    assert_eq!(commands.len(), 1, "{commands:?}");
    assert!(commands[0].starts_with("::error "), "{commands:?}");
}

#[test]
fn at_most_ten_annotations_are_written() {
    let hub = Hub::clean();
    hub.checkout(&hub.main, 1);
    for nth in 0..25 {
        let key = hub.machine.key(SECRET);
        hub.machine.write(&format!("work/{nth}.txt"), format!("key = {key}\n"));
    }
    let done = hub.job(&hub.schedule()).run();
    assert_eq!((done.code, done.output("findings")), (1, "25"));
    let commands = done.commands();
    let errors = commands.iter().filter(|own| own.starts_with("::error")).count();
    assert_eq!((errors, commands.len()), (10, 11), "{commands:#?}");
    assert!(commands[10].contains("not shown: 15 errors"), "{commands:#?}");
}

#[test]
fn no_key_is_in_any_output() {
    let hub = Hub::new();
    hub.checkout(&hub.merge, 1);
    let done = hub.job(&hub.pull_request()).run();
    let old = std::fs::read_to_string(hub.path("work/old.txt")).unwrap();
    let old = old.trim_start_matches("key = ").trim();
    let new = hub.origin.git(&["show", "feature~2:new.txt"]);
    let new = new.trim_start_matches("new = ");
    let reports = std::fs::read_dir(hub.path("temp")).unwrap();
    let folder = reports.map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    let mut texts = vec![done.log, done.summary];
    for entry in std::fs::read_dir(folder).unwrap() {
        texts.push(std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    assert!(texts.len() > 5);
    for text in texts {
        assert!(!text.contains(old) && !text.contains(new), "{text}");
    }
}

/// A release that this test's own `curl` serves, and a copy of the action with its checksums.
struct Release {
    hub: Hub,
    archive: PathBuf,
    job: Job,
}

const ARCHIVE: &str = "keyside-1.2.3-x86_64-unknown-linux-musl.tar.gz";

impl Release {
    fn new() -> Self {
        let hub = Hub::clean();
        hub.checkout(&hub.main, 1);
        let mut job = hub.job(&hub.schedule());
        // Made as by the release workflow, except for the size of its content.
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let binary = hub.path("keyside");
        program(&binary, &format!("exec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_keyside")));
        let made = Command::new(own.join(".ci/archive"))
            .arg(&binary)
            .args(["1.2.3", "x86_64-unknown-linux-musl"])
            .arg(hub.path("served"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let archive = hub.path("served").join(ARCHIVE);
        assert!(archive.is_file());
        let digest = Sha256::digest(std::fs::read(&archive).unwrap());
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        for file in ["action.yml", "action/install.sh", "action/scan.sh", "action/result.sh"] {
            let copy = hub.machine.write(&format!("own/{file}"), "");
            std::fs::copy(own.join(file), copy).unwrap();
        }
        let old = "0".repeat(64);
        let list = format!("# A remark\n{digest}  {ARCHIVE}\n{old}  keyside-1.0.0-other.tar.gz\n");
        hub.machine.write("own/action/checksums.txt", list);
        // The keyside on the PATH is not the wanted one.
        std::fs::remove_file(hub.path("bin/keyside")).unwrap();
        let release = "https://github.com/keyside/keyside/releases/download/v1.2.3";
        program(
            &hub.path("bin/curl"),
            &format!(
                "echo \"$*\" >>'{log}'\n\
                 [[ \" $* \" == *' --proto =https '*' {release}/{ARCHIVE} ' ]] || exit 1\n\
                 while [ \"$1\" != --output ]; do shift; done\n\
                 cp '{archive}' \"$2\"\n",
                log = hub.path("curl.log").display(),
                archive = archive.display()
            ),
        );
        job.action = hub.path("own");
        job.inputs.clear();
        job.variables.push(("RUNNER_TOOL_CACHE", hub.path("cache").display().to_string()));
        Self { hub, archive, job }
    }

    /// The number of downloads.
    fn downloads(&self) -> usize {
        std::fs::read_to_string(self.hub.path("curl.log")).unwrap_or_default().lines().count()
    }

    fn input(&mut self, name: &'static str, value: &str) {
        self.job.inputs.push((name, value.to_owned()));
    }

    fn variable(&mut self, name: &'static str, value: &str) {
        self.job.variables.push((name, value.to_owned()));
    }
}

/// Writes an executable bash script.
fn program(path: &Path, text: &str) {
    std::fs::write(path, format!("#!/usr/bin/env bash\n{text}")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_release_is_downloaded_once_and_checked_each_time() {
    let release = Release::new();
    assert_eq!(release.job.run().code, 0);
    assert_eq!(release.downloads(), 1);
    let done = release.job.run();
    assert_eq!((done.code, release.downloads()), (0, 1), "{}", done.log);
    // A tampered cache is not run.
    let kept = release.hub.path("cache/keyside").join(ARCHIVE);
    std::fs::write(&kept, "changed").unwrap();
    let done = release.job.run();
    assert_eq!((done.code, release.downloads()), (0, 2), "{}", done.log);
    assert_eq!(std::fs::read(&kept).unwrap(), std::fs::read(&release.archive).unwrap());
}

#[test]
fn an_archive_with_another_checksum_is_refused() {
    let release = Release::new();
    let mut bytes = std::fs::read(&release.archive).unwrap();
    bytes.push(0);
    std::fs::write(&release.archive, bytes).unwrap();
    let done = release.job.run();
    assert_eq!(done.code, 2, "{}", done.log);
    assert!(done.commands()[0].contains("is not what was released"), "{}", done.log);
    assert!(!release.hub.path("cache").exists());
    let temp = std::fs::read_dir(release.hub.path("temp")).unwrap().map(|own| own.unwrap().path());
    let unpacked =
        |path: &PathBuf| path.is_dir() && path.join(ARCHIVE.replace(".tar.gz", "")).exists();
    assert!(!temp.into_iter().any(|path| unpacked(&path)));
}

#[test]
fn only_exact_versions_with_a_checksum_are_downloaded() {
    for (version, reason) in [
        ("latest", "an exact version"),
        ("v1.2.3", "an exact version"),
        ("1.2", "an exact version"),
        ("1.2.3-rc.1", "an exact version"),
        ("1.2.3/../1.2.3", "an exact version"),
        ("1.2.4", "no checksum of keyside-1.2.4"),
        ("1.0.0", "no checksum of keyside-1.0.0-x86_64"),
        ("1.2.3", ""),
    ] {
        let mut release = Release::new();
        release.input("version", version);
        let done = release.job.run();
        assert_eq!(done.code, if reason.is_empty() { 0 } else { 2 }, "{version}\n{}", done.log);
        assert!(done.log.contains(reason), "{version}\n{}", done.log);
        assert_eq!(release.downloads(), usize::from(reason.is_empty()), "{version}");
    }
}

#[test]
fn a_failed_download_is_not_clean() {
    let release = Release::new();
    std::fs::remove_file(&release.archive).unwrap();
    let done = release.job.run();
    assert_eq!(done.code, 2, "{}", done.log);
    assert!(done.commands()[0].contains("could not be downloaded"), "{}", done.log);
}

#[test]
fn cargo_builds_it_outside_the_tree_if_no_archive_exists() {
    for input in ["release", "cargo"] {
        let mut release = Release::new();
        release.input("install", input);
        if input == "release" {
            release.variable("RUNNER_ARCH", "RISCV64");
        }
        let calls = release.hub.path("calls");
        program(
            &release.hub.path("bin/cargo"),
            &format!(
                "printf '%s\\n' \"$PWD\" \"$@\" >'{}'\n\
                 mkdir -p \"$6/bin\"\nln -s '{}' \"$6/bin/keyside\"\n",
                calls.display(),
                env!("CARGO_BIN_EXE_keyside"),
            ),
        );
        let done = release.job.run();
        assert_eq!(done.code, 0, "{}", done.log);
        let calls = std::fs::read_to_string(calls).unwrap();
        let calls: Vec<_> = calls.lines().collect();
        assert!(calls[0].starts_with(release.hub.path("temp").to_str().unwrap()), "{calls:?}");
        assert_eq!(calls[1..5], ["install", "--locked", "--version", "1.2.3"]);
        assert_eq!(calls[7], "keyside");
        assert_eq!(release.downloads(), 0);
    }
}

#[test]
fn a_keyside_in_a_relative_path_is_not_run() {
    let hub = Hub::clean();
    hub.checkout(&hub.main, 1);
    let mut job = hub.job(&hub.schedule());
    std::fs::remove_file(hub.path("bin/keyside")).unwrap();
    program(&hub.path("work/keyside"), "echo pwned\n");
    let path = &mut job.variables.iter_mut().find(|(name, _)| *name == "PATH").unwrap().1;
    *path = format!(".:{path}");
    let done = job.run();
    assert_eq!(done.code, 2, "{}", done.log);
    assert!(!done.log.contains("pwned"), "{}", done.log);
}

#[test]
fn nothing_of_the_checkout_is_run() {
    let hub = Hub::clean();
    hub.checkout(&hub.merge, 1);
    // Hooks that are files of the tree, as with husky.
    let pwned = hub.path("pwned");
    for hook in ["reference-transaction", "post-checkout", "post-index-change"] {
        let path = hub.machine.write(&format!("work/.husky/{hook}"), "");
        program(&path, &format!("touch '{}'\n", pwned.display()));
    }
    hub.git(&["config", "core.hooksPath", ".husky"]);
    for history in ["false", "true"] {
        let mut job = hub.job(&hub.pull_request());
        job.inputs.push(("history", history.to_owned()));
        let done = job.run();
        assert_eq!(done.code, 0, "{}", done.log);
        assert!(!pwned.exists(), "history: {history}");
    }
}

#[test]
fn the_token_reaches_the_server_but_no_process_list() {
    let hub = Hub::clean();
    // A git that records its arguments.
    let path = std::env::var_os("PATH").unwrap();
    let mut gits = std::env::split_paths(&path).map(|folder| folder.join("git"));
    let git = gits.find(|git| git.is_file()).unwrap();
    let (job, calls) = (hub.job(&hub.pull_request()), hub.path("calls"));
    program(
        &hub.path("bin/git"),
        &format!(
            "[[ \" $* \" != *' fetch '* ]] ||\n\
             echo \"$* with ${{GIT_CONFIG_KEY_0:-}} ${{GIT_CONFIG_VALUE_0:-}}\" >>'{}'\n\
             exec '{}' \"$@\"\n",
            calls.display(),
            git.display()
        ),
    );
    let basic = "eC1hY2Nlc3MtdG9rZW46bm9uZQ==";
    let header = format!("http.{}/.extraheader", hub.server());
    for is_kept in [false, true] {
        hub.checkout(&hub.merge, 1);
        if is_kept {
            // Two headers would be refused.
            hub.git(&["config", "http.https://github.com/.extraheader", "AUTHORIZATION: basic x"]);
        }
        assert_eq!(job.run().code, 0);
        let calls = std::fs::read_to_string(&calls).unwrap();
        let (call, with) = calls.lines().last().unwrap().split_once(" with ").unwrap();
        assert!(!call.contains("none") && !call.contains(basic), "{call}");
        let given = format!("{header} AUTHORIZATION: basic {basic}");
        assert_eq!(with.trim(), if is_kept { "" } else { given.as_str() });
        std::fs::remove_dir_all(hub.path("work")).unwrap();
    }
}

#[test]
fn pull_requests_from_forks_verify_nothing() {
    let hub = Hub::clean();
    let (_, fork, _) = hub.events().into_iter().find(|(what, ..)| what.ends_with("fork")).unwrap();
    hub.checkout(&fork.sha, 1);
    let mut job = hub.job(&fork);
    job.inputs.push(("verify", "true".to_owned()));
    let done = job.run();
    assert_eq!(done.code, 0, "{}", done.log);
}

#[test]
fn the_documentation_has_all_inputs_and_outputs_and_this_version() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(own.join(name)).unwrap();
    let text = read("docs/github-action.md");
    let action = definition(own);
    for part in ["inputs", "outputs"] {
        for (name, _) in action[part].as_object().unwrap() {
            assert!(text.contains(&format!("\n| `{name}` |")), "{name}");
        }
    }
    for name in [
        "docs/github-action.md",
        "docs/workflows/keyside.yml",
        "docs/workflows/keyside-outside.yml",
    ] {
        let text = read(name);
        let versions: BTreeSet<_> = text
            .match_indices("keyside/keyside@v")
            .map(|(at, prefix)| text[at + prefix.len()..].split_whitespace().next().unwrap())
            .collect();
        assert_eq!(versions, BTreeSet::from([env!("CARGO_PKG_VERSION")]), "{name}");
    }
}
