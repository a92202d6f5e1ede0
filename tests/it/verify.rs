//! Verification of keys against a provider on this machine that implements the documented APIs.

use std::time::Duration;

use keyside::rules::{Rng, Ruleset, Template};
use serde_json::{Value, json};

use crate::provider::{Answer, MARK, Provider};
use crate::support::{AIMAGICX, Dir, Run, SECRET, TOKEN, ignores_signal};

const ALLOW: &str = "KEYSIDE_VERIFY_ALLOW_LOOPBACK";

/// Runs keyside so that it asks `provider` instead of the real one.
fn run(dir: &Dir, provider: &Provider, args: &[&str]) -> Run {
    let url = provider.url();
    let (one, other) = (format!("aimagicx={url}"), format!("magicx={url}"));
    let own = ["--verify-endpoint", &one, "--verify-endpoint", &other];
    let run = dir.command(&[args, &own].concat(), b"").env(ALLOW, "1").finish(dir);
    for shown in [&run.stdout, &run.stderr] {
        assert!(!shown.contains(MARK) && !shown.contains(&token()), "{run}");
    }
    run
}

fn json(dir: &Dir, provider: &Provider, args: &[&str]) -> Value {
    run(dir, provider, &[&["scan", "--verify", "-f", "json"], args].concat()).json()
}

/// Status and severity of every finding, in their order.
fn statuses(report: &Value) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let found = findings.map(|own| (text(&own["verification"]["status"]), text(&own["severity"])));
    found.collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|&(status, how)| (status.to_owned(), how.to_owned())).collect()
}

/// The minted token.
fn token() -> String {
    format!("at_v1_{}", Rng::new(99).text("ABCDEFGHabcdefgh01234567", 40))
}

fn minted() -> Answer {
    let token = token();
    let body = format!(r#"{{"access_token":"{token}","expires_at":1,"token_type":"{MARK}"}}"#);
    Answer::json(200, &body)
}

/// Answers of a provider, with the expected status, severity and words of the reason.
#[test]
fn every_documented_answer_of_ai_magicx_is_understood() {
    let models = format!(r#"{{"success":true,"data":["{MARK}"]}}"#);
    let scope = format!(
        r#"{{"success":false,"error":{{"code":"AUTH_INSUFFICIENT_SCOPE","message":"{MARK}",
            "details":{{"required_scope":"models:read","current_scopes":["read","write"]}}}}}}"#
    );
    for (answer, status, severity, why) in [
        (Answer::json(200, &models), "live", "error", "the models"),
        (Answer::json(403, &scope), "live", "error", "without the scope"),
        (Answer::error(401, "AUTH_KEY_INVALID"), "dead", "note", "revoked"),
        (Answer::error(401, "AUTH_INVALID_FORMAT"), "dead", "note", "malformed"),
        (Answer::error(401, "AUTH_MISSING"), "unknown", "error", "did not see"),
        (Answer::error(401, "SOMETHING_ELSE"), "unknown", "error", "does not document"),
        (Answer::json(200, ""), "unknown", "error", "does not document"),
        (Answer::json(404, "{}"), "unknown", "error", "(404)"),
    ] {
        let dir = Dir::new();
        dir.write("a.env", dir.key(AIMAGICX));
        let provider = Provider::saying(answer);
        let report = json(&dir, &provider, &[]);
        assert_eq!(statuses(&report), pairs(&[(status, severity)]), "{why}");
        let verification = &report["findings"][0]["verification"];
        assert!(verification["reason"].as_str().unwrap().contains(why), "{verification}");
        assert!(verification["checked_at"].as_str().unwrap().contains('T'));
        let scopes =
            if why == "without the scope" { json!(["read", "write"]) } else { json!(null) };
        assert_eq!(verification["account"]["scopes"], scopes);
        assert_eq!(provider.asked().len(), 1);
        assert_eq!(provider.asked()[0].line, "GET /api/v1/models HTTP/1.1");
    }
}

#[test]
fn every_documented_answer_of_ai_autocomplete_is_understood() {
    let wrong = format!(r#"{{"error":{{"code":"INVALID_SECRET_KEY","message":"{MARK}"}}}}"#);
    let product = format!(r#"{{"error":{{"code":"PRODUCT_NOT_FOUND","message":"{MARK}"}}}}"#);
    for (answer, status, severity) in [
        (minted(), "live", "error"),
        (Answer::json(401, &wrong), "dead", "note"),
        (Answer::json(404, &product), "unknown", "error"),
        (Answer::json(401, &product), "unknown", "error"),
    ] {
        let dir = Dir::new();
        let key = dir.key(SECRET);
        dir.write("a.env", &key);
        let provider = Provider::saying(answer);
        let report = json(&dir, &provider, &[]);
        assert_eq!(statuses(&report), pairs(&[(status, severity)]));
        let [asked] = &provider.asked()[..] else { panic!() };
        assert_eq!(asked.line, "POST /api/auth/token HTTP/1.1");
        assert_eq!(asked.header("Authorization"), Some(format!("Bearer {key}").as_str()));
        assert_eq!(asked.header("Content-Type"), Some("application/json"));
        let agent = asked.header("User-Agent").unwrap();
        assert!(agent.starts_with("keyside/") && agent.contains("(+https://"), "{agent}");
        assert_eq!(asked.header("Cookie"), None);
        assert_eq!(asked.body, r#"{"product_id":"00000000-0000-0000-0000-000000000000"}"#);
    }
}

#[test]
fn other_answers_are_unknown_with_a_reason() {
    let page = format!("<!doctype html><title>{MARK}</title>");
    let html = |status| Answer::new(status, &[("Content-Type", "text/html")], &page);
    let busy = |status| Answer::new(status, &[("Retry-After", "0")], &page);
    for (answer, count, why) in [
        (busy(429), 3, "rate-limiting requests (429), 3 times"),
        (busy(503), 3, "the API fails (503), 3 times"),
        (Answer::new(500, &[], &page), 1, "the API fails (500)"),
        (html(502), 1, "the API fails (502)"),
        (html(200), 1, "the answer (200) is an HTML page"),
        (html(401), 1, "the answer (401) is an HTML page"),
        (Answer::new(204, &[], ""), 1, "(204)"),
        (Answer::Bytes(format!("{MARK}\r\n\r\n")), 1, "not HTTP"),
        (Answer::Close, 1, "closed without an answer"),
        (Answer::Hang, 1, "no answer in time"),
    ] {
        for prefix in [AIMAGICX, SECRET] {
            let dir = Dir::new();
            dir.write("a.env", dir.key(prefix));
            let provider = Provider::saying(answer.clone());
            let report = json(&dir, &provider, &["--verify-timeout", "1"]);
            assert_eq!(statuses(&report), pairs(&[("unknown", "error")]), "{why}");
            let verification = &report["findings"][0]["verification"];
            let reason = verification["reason"].as_str().unwrap();
            assert!(reason.contains(why), "{reason}");
            assert_eq!(verification["account"], json!(null));
            assert_eq!(provider.asked().len(), count, "{why}");
            let requests = report["scan"]["verification"]["requests"].as_array().unwrap();
            assert_eq!(requests.len(), count, "{why}");
        }
    }
}

#[test]
fn redirects_are_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let dir = Dir::new();
        dir.write("a.env", format!("{}\n{}", dir.key(AIMAGICX), dir.key(SECRET)));
        let other = Provider::saying(Answer::json(200, "{}"));
        let to = format!("{}/{MARK}", other.url());
        let provider = Provider::saying(Answer::new(status, &[("Location", &to)], ""));
        let report = json(&dir, &provider, &[]);
        assert_eq!(statuses(&report), pairs(&[("unknown", "error"), ("unknown", "error")]));
        assert_eq!((provider.asked().len(), other.asked().len()), (2, 0), "{status}");
        let reason = report["findings"][0]["verification"]["reason"].as_str().unwrap();
        assert!(reason.contains("redirects") && !reason.contains(&other.url()), "{reason}");
    }
}

#[test]
fn transient_errors_are_retried() {
    for status in [429, 503] {
        let dir = Dir::new();
        dir.write("a.env", dir.key(AIMAGICX));
        let provider = Provider::new(move |_, before| match before {
            0 => Answer::new(status, &[("Retry-After", "0")], ""),
            _ => Answer::error(401, "AUTH_KEY_INVALID"),
        });
        let report = json(&dir, &provider, &[]);
        assert_eq!(statuses(&report), pairs(&[("dead", "note")]));
        let requests = &report["scan"]["verification"]["requests"];
        let of = |field: &str| [requests[0][field].clone(), requests[1][field].clone()];
        assert_eq!(of("attempt"), [json!(1), json!(2)]);
        assert_eq!(of("answer"), [json!(status.to_string()), json!("401")]);
    }
}

#[test]
fn long_retry_pauses_are_respected() {
    let dir = Dir::new();
    let keys: Vec<_> = (0..6).map(|_| dir.key(AIMAGICX)).collect();
    dir.write("a.env", keys.join("\n"));
    let provider = Provider::saying(Answer::new(429, &[("Retry-After", "86400")], ""));
    let report = json(&dir, &provider, &[]);
    let count = provider.asked().len();
    assert!((1..=2).contains(&count), "{count}");
    let unknown = statuses(&report).iter().filter(|(status, _)| status == "unknown").count();
    assert_eq!(unknown, count);
    let notices = report["scan"]["notices"].to_string();
    assert!(notices.contains("too long a pause"), "{notices}");
}

#[test]
fn the_budget_is_not_exceeded() {
    for (budget, dead) in [("0", 0), ("2", 2), ("3", 3)] {
        let dir = Dir::new();
        let keys: Vec<_> = (0..3).map(|_| dir.key(AIMAGICX)).collect();
        dir.write("a.env", keys.join("\n"));
        let provider = Provider::saying(Answer::error(401, "AUTH_KEY_INVALID"));
        let report = json(&dir, &provider, &["--verify-budget", budget]);
        assert_eq!(provider.asked().len(), dead);
        let found = statuses(&report);
        assert_eq!(found.iter().filter(|(status, _)| status == "dead").count(), dead);
        assert_eq!(found.iter().filter(|(status, _)| status == "not-checked").count(), 3 - dead);
        let notices = report["scan"]["notices"].to_string();
        assert_eq!(notices.contains("--verify-budget"), dead < 3, "{notices}");
        assert_eq!(report["scan"]["verification"]["sent"], dead);
        assert_eq!(report["scan"]["state"], "complete");
    }
    // Repeated requests count.
    let dir = Dir::new();
    dir.write("a.env", dir.key(AIMAGICX));
    let provider = Provider::saying(Answer::new(503, &[("Retry-After", "0")], ""));
    let report = json(&dir, &provider, &["--verify-budget", "2"]);
    assert_eq!(provider.asked().len(), 2);
    assert_eq!(statuses(&report), pairs(&[("unknown", "error")]));
}

#[test]
fn each_key_is_requested_once() {
    let dir = Dir::new();
    let (key, other) = (dir.key(SECRET), dir.key(SECRET));
    dir.write("a.env", format!("{key}\n{key}"));
    dir.write("b/c.txt", &key);
    dir.write("package.json", r#"{"dependencies":{"next":"15.0.0"}}"#);
    dir.write("app/page.tsx", format!("'use client'\nexport const k = '{key}'\n"));
    dir.write(".env.production", format!("NEXT_PUBLIC_MAGICX_SECRET_KEY={key}\nOTHER={other}\n"));
    let provider = Provider::saying(minted());
    let report = json(&dir, &provider, &[]);
    let found = statuses(&report);
    assert!(found.len() > 2 && found.iter().all(|(status, _)| status == "live"), "{found:?}");
    let mut asked: Vec<_> = provider
        .asked()
        .iter()
        .map(|own| own.header("Authorization").unwrap().to_owned())
        .collect();
    let mut expected = vec![format!("Bearer {key}"), format!("Bearer {other}")];
    asked.sort();
    expected.sort();
    assert_eq!(asked, expected);
}

#[test]
fn accepted_keys_are_never_sent() {
    let dir = Dir::new();
    let (inline, listed, folder) = (dir.key(AIMAGICX), dir.key(AIMAGICX), dir.key(AIMAGICX));
    dir.write("a.js", format!("k('{inline}') // keyside:allow[aimagicx-api-key] old"));
    dir.write("b.js", &listed);
    dir.write("docs/c.js", &folder);
    let id = dir.json(&["b.js"]).1["findings"][0]["id"].as_str().unwrap().to_owned();
    dir.write(".keysideignore", format!("{id} old\ndocs/\n"));
    let provider = Provider::saying(Answer::json(200, "{}"));
    let report = json(&dir, &provider, &[]);
    assert_eq!((statuses(&report), report["scan"]["suppressed"].clone()), (Vec::new(), json!(3)));
    assert_eq!(provider.asked().len(), 0);
    // Nor are keys below the requested severity.
    let dir = Dir::new();
    dir.write("a.js", dir.key(TOKEN));
    let report = json(&dir, &provider, &[]);
    assert_eq!(statuses(&report), pairs(&[("not-checked", "warning")]));
    assert_eq!(provider.asked().len(), 0);
}

#[test]
fn live_keys_come_first_and_dead_ones_are_notes() {
    let dir = Dir::new();
    let keys = [dir.key(AIMAGICX), dir.key(AIMAGICX), dir.key(AIMAGICX)];
    for (key, name) in keys.iter().zip(["a.env", "b.env", "c.env"]) {
        dir.write(name, key);
    }
    dir.write("0.env", dir.key(TOKEN));
    let [dead, unknown, _] = keys.clone();
    let answer = move |key: &str| {
        if key.ends_with(&dead) {
            Answer::error(401, "AUTH_KEY_INVALID")
        } else if key.ends_with(&unknown) {
            Answer::json(500, "")
        } else {
            let scopes = ("X-API-Key-Scopes", "models:read, credits:purchase");
            let headers = [("X-API-Key-ID", "key_7"), ("X-API-Key-Name", "prod"), scopes];
            Answer::new(200, &headers, "{}")
        }
    };
    let provider =
        Provider::new(move |asked, _| answer(asked.header("Authorization").unwrap_or_default()));
    let files =
        ["-o", "r.txt", "-f", "json=r.json", "-f", "jsonl=r.jsonl", "-f", "sarif=r.sarif", "-v"];
    let run = run(&dir, &provider, &[&["scan", "--verify"], &files[..]].concat()).expect(1);
    let reports: Vec<_> = ["r.txt", "r.json", "r.jsonl", "r.sarif"]
        .map(|name| std::fs::read_to_string(dir.path().join(name)).unwrap())
        .into_iter()
        .collect();
    for report in &reports {
        assert!(!keys.iter().any(|key| report.contains(key)) && !report.contains(MARK), "{run}");
        assert!(report.contains("spend money"), "{report}");
    }
    let report: Value = serde_json::from_str(&reports[1]).unwrap();
    let expected =
        [("live", "error"), ("unknown", "error"), ("not-checked", "warning"), ("dead", "note")];
    assert_eq!(statuses(&report), pairs(&expected));
    let account = json!({
        "id": "key_7", "name": "prod", "scopes": ["models:read", "credits:purchase"]
    });
    assert_eq!(report["findings"][0]["verification"]["account"], account);
    let text = &reports[0];
    for line in [
        "= live yes: the API answered with the models; with `credits:purchase`, whoever holds it \
         can spend money",
        "= key  id key_7; name \"prod\"; scopes models:read, credits:purchase",
        "= live no: the key is invalid, expired or revoked",
        "= live unknown: the API fails (500)",
        "= live not checked: its rule cannot verify keys",
        "found: 4 leaked keys, 1 of them live, in",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(text.matches("\nsent: 20").count(), 3, "{text}");
    let sarif: Value = serde_json::from_str(&reports[3]).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["level"], "error");
    assert_eq!(result["properties"]["verification"], "live");
    assert_eq!(result["properties"]["accountKeyId"], "key_7");
    let message = result["message"]["text"].as_str().unwrap();
    assert!(message.contains("It is live: the API answered with the models;"), "{message}");
    let dead = &sarif["runs"][0]["results"][3];
    assert_eq!(
        (&dead["level"], &dead["properties"]["verification"]),
        (&json!("note"), &json!("dead"))
    );
    crate::reports::assert_valid(&report);
}

#[test]
fn only_live_reports_live_keys_alone() {
    let wrong = || Answer::error(401, "AUTH_KEY_INVALID");
    for (answers, code, count, not_live, incomplete) in [
        ([wrong(), wrong()], 0, 0, 2, false),
        ([Answer::json(200, "{}"), wrong()], 1, 1, 1, false),
        ([Answer::json(500, "{}"), wrong()], 3, 0, 2, true),
        ([Answer::json(500, "{}"), Answer::json(200, "{}")], 1, 1, 1, true),
    ] {
        let dir = Dir::new();
        dir.write("a.env", format!("{}\n{}", dir.key(AIMAGICX), dir.key(AIMAGICX)));
        let provider = Provider::new(move |_, before| answers[before % 2].clone());
        let run = run(&dir, &provider, &["scan", "--verify", "--only-live", "-f", "json"]);
        let report = run.expect(code).json();
        assert_eq!(statuses(&report).len(), count);
        assert_eq!(report["scan"]["not_live"], not_live);
        assert_eq!(report["scan"]["state"] == "incomplete", incomplete);
    }
    // A note is below a warning.
    let dir = Dir::new();
    dir.write("a.env", dir.key(AIMAGICX));
    let report = json(&dir, &Provider::saying(wrong()), &["--min-severity", "warning"]);
    assert_eq!((statuses(&report), &report["scan"]["below_severity"]), (Vec::new(), &json!(1)));
}

#[test]
fn a_dry_run_shows_requests_and_sends_none() {
    let dir = Dir::new();
    dir.write("a.env", format!("{}\n{}", dir.key(AIMAGICX), dir.key(SECRET)));
    let provider = Provider::saying(Answer::json(200, "{}"));
    let param = ["--verify-param", "magicx.product_id=6f0e-7"];
    let asks = ["scan", "--verify", "--verify-dry-run"];
    let text = run(&dir, &provider, &[&asks[..], &param].concat()).expect(1);
    for part in [
        format!("would send: GET {}/api/v1/models\n", provider.url()),
        format!("would send: POST {}/api/auth/token\n", provider.url()),
        "Authorization: Bearer mgx-sk-".to_owned(),
        "Authorization: Bearer sk_v1_".to_owned(),
        "…(50)".to_owned(),
        "User-Agent: keyside/".to_owned(),
        r#"{"product_id":"6f0e-7"}"#.to_owned(),
    ] {
        assert!(text.stdout.contains(&part), "{part}\n{text}");
    }
    let data = run(&dir, &provider, &["scan", "--verify-dry-run", "-f", "json"]).expect(1);
    assert!(data.stderr.contains("would send: GET"), "{data}");
    let report = data.json();
    let ledger = &report["scan"]["verification"];
    assert_eq!((&ledger["dry_run"], &ledger["sent"]), (&json!(true), &json!(0)));
    assert_eq!(ledger["requests"].as_array().unwrap().len(), 2);
    assert_eq!(ledger["requests"][0]["answer"], json!(null));
    assert_eq!(statuses(&report), pairs(&[("not-checked", "error"), ("not-checked", "error")]));
    crate::reports::assert_valid(&report);
    assert_eq!(provider.asked().len(), 0);
}

#[test]
fn nothing_is_sent_by_default() {
    let dir = Dir::new();
    dir.write("a.env", dir.key(AIMAGICX));
    let (code, report) = dir.json(&[]);
    assert_eq!((code, &report["scan"]["verification"]), (1, &json!(null)));
    let verification = &report["findings"][0]["verification"];
    let expected =
        json!({ "status": "not-checked", "reason": null, "checked_at": null, "account": null });
    assert_eq!(verification, &expected);
    for flags in [
        &["--verify-budget", "1"][..],
        &["--verify-timeout", "1"],
        &["--verify-param", "magicx.product_id=1"],
        &["--verify-endpoint", "magicx=https://staging.example.com"],
        &["--verify-force"],
        &["--only-live"],
    ] {
        dir.run(&[&["scan"], flags].concat()).expect(2).err("--verify");
    }
}

#[test]
fn invalid_endpoints_and_parameters_are_refused() {
    let dir = Dir::new();
    dir.write("a.env", dir.key(AIMAGICX));
    let local = "KEYSIDE_VERIFY_ALLOW_LOOPBACK=1";
    for (flag, value, allowed, message) in [
        ("--verify-endpoint", "aimagicx=http://127.0.0.1:9", "0", local),
        ("--verify-endpoint", "aimagicx=https://localhost:9", "0", local),
        ("--verify-endpoint", "aimagicx=https://10.0.0.1", "0", local),
        ("--verify-endpoint", "aimagicx=https://[::1]:9", "0", local),
        ("--verify-endpoint", "aimagicx=http://10.0.0.1", "1", "https only"),
        ("--verify-endpoint", "aimagicx=http://example.com", "1", "https only"),
        ("--verify-endpoint", "aimagicx=nonsense", "1", "expected `https://HOST`"),
        ("--verify-endpoint", "aimagicx=https://a@b.example", "1", "expected `https://HOST`"),
        ("--verify-endpoint", "nonsense", "1", "PROVIDER=URL"),
        ("--verify-endpoint", "nobody=https://example.com", "1", "unknown provider `nobody`"),
        ("--verify-param", "magicx.product=1", "1", "no parameter `product`"),
        ("--verify-param", "magicx.product_id=\"}", "1", "letters, digits"),
        ("--verify-param", "magicx", "1", "PROVIDER.NAME=VALUE"),
        ("--verify-timeout", "0", "1", "1 to 300"),
    ] {
        let run = dir.command(&["scan", "--verify", flag, value], b"").env(ALLOW, allowed);
        let run = run.finish(&dir).expect(2);
        assert!(run.stderr.contains(message), "{value}\n{run}");
    }
}

#[test]
fn private_addresses_are_refused_when_connecting() {
    for host in ["127.0.0.1", "127.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"] {
        let dir = Dir::new();
        let key = format!("own_key_{}", Rng::new(5).text("ABCDEFGHabcdefgh01234567", 32));
        dir.write("src/a.txt", &key);
        dir.write("own.toml", rules_of(host));
        let run = dir.run(&["scan", "src", "--verify", "--rules", "own.toml", "-f", "json"]);
        let report = run.expect(1).json();
        let verification = &report["findings"][0]["verification"];
        assert_eq!(verification["status"], "unknown", "{host}");
        let reason = verification["reason"].as_str().unwrap();
        assert!(reason.contains("private network"), "{host}: {reason}");
    }
}

/// A rule file whose rule asks `host`.
fn rules_of(host: &str) -> String {
    let rules = crate::configuration::rule_file("own", "own_key_", "error");
    let hosts = format!("https://example.com/keys\"\nhosts = [\"{host}\"]");
    let rules = rules.replacen("https://example.com/keys\"", &hosts, 1);
    format!(
        "{rules}\n[rule.verify]\nmethod = \"GET\"\nurl = \"https://{host}/me\"\n\
         headers = {{ X-Api-Key = \"{{secret}}\" }}\n\n\
         [[rule.verify.answer]]\nstatus = 200\nverdict = \"live\"\nreason = \"it works\"\n"
    )
}

/// Providers want the key in a header, in the address, in a form or in JSON. Its characters are escaped
/// there, and no output shows it.
#[test]
fn the_key_stands_where_the_provider_wants_it() {
    let form = "headers = { Content-Type = \"application/x-www-form-urlencoded\" }";
    let json = "headers = { Content-Type = \"application/json\" }";
    let basic = "headers = { Authorization = \"Basic {base64:api:{secret}}\" }";
    let cases = [
        ("/me", basic.to_owned()),
        ("/bot{secret}/me", String::new()),
        ("/me?key={secret}&x=1", String::new()),
        ("/me", format!("{form}\nbody = \"key={{secret}}&x=1\"")),
        ("/me", format!("{json}\nbody = '{{\"key\":\"{{secret}}\"}}'")),
    ];
    for (nth, (path, more)) in cases.into_iter().enumerate() {
        let dir = Dir::new();
        let body = Rng::new(nth as u64).text("ABCDEFGHabcdefgh01234567", 30);
        let key = format!("own_key_+{body}\"");
        let rules = rules_of("api.example.com")
            .replace("[A-Za-z0-9]{32}", "\\+[A-Za-z0-9]{30}\"")
            .replace("{alnum:32}", "+{alnum:30}\\\"")
            .replace("A-Za-z0-9\"", "A-Za-z0-9+\\\"\"")
            .replace("headers = { X-Api-Key = \"{secret}\" }", &more)
            .replace("/me\"", &format!("{path}\""))
            .replace("\"GET\"", if more.contains("body") { "\"POST\"" } else { "\"GET\"" });
        dir.write("own.toml", rules);
        dir.write("a.txt", &key);
        let provider = Provider::saying(Answer::json(200, "{}"));
        let endpoint = format!("own={}", provider.url());
        let args = ["scan", "a.txt", "--rules", "own.toml", "--verify"];
        let args = [&args[..], &["--verify-endpoint", &endpoint, "-f", "json"]].concat();
        let run = dir.command(&args, b"").env(ALLOW, "1").finish(&dir).expect(1);
        assert_eq!(statuses(&run.json()), pairs(&[("live", "error")]), "{path} {more}");
        assert!(!run.stdout.contains(&body) && !run.stderr.contains(&body), "{run}");
        let asked = provider.asked().remove(0);
        let escaped = format!("own_key_%2B{body}%22");
        let expected = match nth {
            0 => {
                let text = format!("api:{key}");
                let basic = format!("Basic {}", data_encoding::BASE64.encode(text.as_bytes()));
                assert_eq!(asked.header("Authorization"), Some(&*basic));
                String::new()
            }
            1 => {
                assert_eq!(asked.line, format!("GET /bot{escaped}/me HTTP/1.1"));
                String::new()
            }
            2 => {
                assert_eq!(asked.line, format!("GET /me?key={escaped}&x=1 HTTP/1.1"));
                String::new()
            }
            3 => format!("key={escaped}&x=1"),
            _ => format!("{{\"key\":\"own_key_+{body}\\\"\"}}"),
        };
        assert_eq!(asked.body, expected);
        let dry = ["scan", "a.txt", "--rules", "own.toml", "--verify-dry-run"];
        let dry = dir.run(&dry).expect(1);
        assert!(!dry.stdout.contains(&body) && !dry.stderr.contains(&body), "{dry}");
    }
}

/// A rule for keys with an id or a shop that they belong to, and its request.
fn paired_rules(request: &str) -> String {
    format!(
        r#"
[provider]
id = "own"
name = "Own"
url = "https://example.com/keys"
hosts = ["api.example.com"]

[[rule]]
id = "own-id"
class = "public"
pattern = 'OWNID[0-9A-Z]{{16}}'
constraints = {{ random = false }}

[[rule]]
id = "own-shop"
class = "public"
pattern = '(?P<secret>[^\s/\x27]{{1,40}}\.own-[a-z]{{3,6}}\.dev)'
constraints = {{ random = false }}

[[rule]]
id = "own-key"
pattern = 'own_key_[A-Za-z0-9]{{32}}'
pair = {{ with = "own-id", or-with = ["own-shop"] }}

[rule.verify]
method = "POST"
{request}

[[rule.verify.answer]]
status = 200
verdict = "live"
reason = "it works"

[[rule.verify.answer]]
status = 401
verdict = "dead"
reason = "it is refused"
"#
    )
}

/// The id, the key, and a text with `@` and `#` for them.
fn paired(seed: u64, text: &str) -> (String, String, String) {
    let mut rng = Rng::new(seed);
    let id = format!("OWNID{}", rng.text("ABCDEFGH01234567", 16));
    let key = format!("own_key_{}", rng.text("ABCDEFGHabcdefgh01234567", 32));
    let text = text.replace('@', &id).replace('#', &key);
    (id, key, text)
}

#[test]
fn a_request_has_both_parts_of_a_pair() {
    let dir = Dir::new();
    let (id, key, text) = paired(3, "id = '@'\nkey = '#'\n");
    dir.write("src/a.txt", text);
    let url = "url = \"https://api.example.com/me\"";
    let form = "Content-Type = \"application/x-www-form-urlencoded\"";
    for (request, expected) in [
        (
            format!(
                "{url}\nheaders = {{ Authorization = \"Basic {{base64:{{pair}}:{{secret}}}}\" }}"
            ),
            format!("Basic {}", data_encoding::BASE64.encode(format!("{id}:{key}").as_bytes())),
        ),
        (format!("{url}\nheaders = {{ X-Id = \"{{pair}}\", X-Key = \"{{secret}}\" }}"), id.clone()),
        (
            "url = \"https://api.example.com/{pair}/me?key={secret}\"".to_owned(),
            format!("POST /{id}/me?key={key} HTTP"),
        ),
        (
            format!("{url}\nheaders = {{ {form} }}\nbody = \"id={{pair}}&key={{secret}}\""),
            format!("id={id}&key={key}"),
        ),
    ] {
        dir.write("own.toml", paired_rules(&request));
        let provider = Provider::saying(Answer::json(200, "{}"));
        let endpoint = format!("own={}", provider.url());
        let args = ["scan", "src", "--rules", "own.toml", "--verify", "-f", "json"];
        let args = [&args[..], &["--verify-endpoint", &endpoint]].concat();
        let run = dir.command(&args, b"").env(ALLOW, "1").finish(&dir).expect(1);
        assert_eq!(statuses(&run.json()), pairs(&[("live", "error")]), "{request}");
        let [asked] = &provider.asked()[..] else { panic!("{request}") };
        assert!(String::from_utf8_lossy(&asked.bytes).contains(&expected), "{request}");
        let dry = dir.run(&["scan", "src", "--rules", "own.toml", "--verify-dry-run"]).expect(1);
        for shown in [run.stdout, run.stderr, dry.stdout, dry.stderr] {
            assert!(!shown.contains(&id) && !shown.contains(&key), "{shown}");
        }
    }
}

#[test]
fn each_pair_is_asked_about_once() {
    let dir = Dir::new();
    let request = "url = \"https://api.example.com/me\"\nheaders = { X-Id = \"{pair}\" }";
    dir.write("own.toml", paired_rules(request));
    let (one, key, text) = paired(3, "id = '@'\nkey = '#'\n");
    let (other, ..) = paired(4, "");
    dir.write("src/a.txt", &text);
    dir.write("src/b.txt", &text);
    dir.write("src/c.txt", format!("id = '{other}'\nkey = '{key}'\n"));
    let run = |provider: &Provider| {
        let endpoint = format!("own={}", provider.url());
        let args = ["scan", "src", "--rules", "own.toml", "--verify", "-f", "json"];
        let args = [&args[..], &["--verify-endpoint", &endpoint]].concat();
        dir.command(&args, b"").env(ALLOW, "1").finish(&dir).expect(1).json()
    };
    // It is live with one of its ids, and dead only if none of them goes with it.
    for (live, expected) in
        [(&one, ("live", "error")), (&other, ("live", "error")), (&key, ("dead", "note"))]
    {
        let live = live.clone();
        let provider = Provider::new(move |asked, _| match asked.header("X-Id") == Some(&*live) {
            true => Answer::json(200, "{}"),
            false => Answer::json(401, "{}"),
        });
        assert_eq!(statuses(&run(&provider)), pairs(&[expected]));
        let mut ids: Vec<_> =
            provider.asked().iter().map(|own| own.header("X-Id").unwrap().to_owned()).collect();
        ids.sort();
        let mut both = [one.clone(), other.clone()];
        both.sort();
        assert_eq!(ids, both);
    }
    // Without the other key there is nothing to send.
    dir.write("src/a.txt", format!("key = '{key}'\n"));
    dir.write("src/b.txt", "");
    dir.write("src/c.txt", "");
    let provider = Provider::saying(Answer::json(200, "{}"));
    let report = run(&provider);
    assert_eq!(statuses(&report), pairs(&[("not-checked", "error")]));
    assert_eq!(provider.asked().len(), 0);
    let notices = report["scan"]["notices"].to_string();
    assert!(notices.contains("needs the key that belongs to it"), "{notices}");
}

/// Text of the scanned files chooses a host only below the ends that the rule has.
#[test]
fn a_host_that_a_file_names_is_one_of_the_rules_own() {
    let dir = Dir::new();
    let request = "url = \"https://{pair}/me\"\nheaders = { X-Key = \"{secret}\" }\n\
                   host-suffixes = [\".own-shop.dev\", \".own-app.dev\"]";
    dir.write("own.toml", paired_rules(request));
    for (host, is_asked) in [
        ("acme.own-shop.dev", true),
        ("Acme-1.own-app.dev", true),
        ("acme.own-evil.dev", false),
        ("evil.org#.own-shop.dev", false),
        ("evil.org?.own-shop.dev", false),
        ("a.b.own-shop.dev", false),
        ("x@evil.own-shop.dev", false),
        ("evil.org:443.own-shop.dev", false),
        ("%65vil.own-shop.dev", false),
    ] {
        let (_, key, text) = paired(3, "key = '#'\n");
        dir.write("src/a.txt", format!("shop = '{host}'\n{text}"));
        let args = ["scan", "src", "--rules", "own.toml", "--verify-dry-run", "-f", "json"];
        let report = dir.run(&args).expect(1).json();
        let requests = report["scan"]["verification"]["requests"].as_array().unwrap();
        let urls: Vec<_> = requests.iter().map(|own| own["url"].as_str().unwrap()).collect();
        let expected = format!("https://{}/me", host.to_ascii_lowercase());
        assert_eq!(urls, if is_asked { vec![expected.as_str()] } else { Vec::new() }, "{host}");
        assert!(!report.to_string().contains(&key));
    }
    for (request, message) in [
        ("url = \"https://{pair}/me\"", "must end with one of `host-suffixes`"),
        ("url = \"https://{pair}.example.com/me\"", "must end with one of `host-suffixes`"),
        (
            "url = \"https://{pair}/me\"\nhost-suffixes = [\".com\"]",
            "`.com` is not the end of a host",
        ),
        (
            "url = \"https://api.example.com/{id}\"",
            "must be literal, except for `{secret}` and `{pair}`",
        ),
        ("url = \"https://api.example.com/\"\nsign = \"rot13\"", "must be aws-sigv4, not `rot13`"),
    ] {
        dir.write("own.toml", paired_rules(request));
        dir.run(&["scan", "src", "--rules", "own.toml"]).expect(2).err(message);
    }
    let alone = paired_rules("url = \"https://api.example.com/{pair}\"");
    let alone = alone.replace("pair = { with = \"own-id\", or-with = [\"own-shop\"] }", "");
    dir.write("own.toml", alone);
    dir.run(&["scan", "src", "--rules", "own.toml"]).expect(2).err("needs a [rule.pair]");
}

#[test]
fn a_signed_request_does_not_send_the_key() {
    let dir = Dir::new();
    let request = "url = \"https://api.example.com/\"\nsign = \"aws-sigv4\"";
    dir.write("own.toml", paired_rules(request));
    let (id, key, text) = paired(3, "id = '@'\nkey = '#'\n");
    dir.write("src/a.txt", text);
    let provider = Provider::saying(Answer::json(200, "{}"));
    let endpoint = format!("own={}", provider.url());
    let args = ["scan", "src", "--rules", "own.toml", "--verify", "-f", "json"];
    let args = [&args[..], &["--verify-endpoint", &endpoint]].concat();
    let run = dir.command(&args, b"").env(ALLOW, "1").finish(&dir).expect(1);
    assert_eq!(statuses(&run.json()), pairs(&[("live", "error")]));
    assert!(!run.stdout.contains(&id) && !run.stdout.contains(&key), "{run}");
    let asked = provider.asked().remove(0);
    assert!(!String::from_utf8_lossy(&asked.bytes).contains(&key[8..]));
    let signed = asked.header("Authorization").unwrap();
    assert!(signed.starts_with(&format!("AWS4-HMAC-SHA256 Credential={id}/")), "{signed}");
    assert!(signed.contains("/us-east-1/api/aws4_request, SignedHeaders=host;x-amz-date, "));
    assert!(asked.header("X-Amz-Date").is_some());
}

/// Built-in requests that need both keys of a pair, to a provider on this machine.
#[test]
fn built_in_rules_ask_with_both_keys() {
    let rules = Ruleset::built_in();
    for (nth, (rule, text, line, header)) in [
        (
            "twilio-auth-token",
            "TWILIO_ACCOUNT_SID=AC{hex:32}\nTWILIO_AUTH_TOKEN={hex:32}\n",
            "GET /v2/Services?PageSize=1 HTTP/1.1",
            "Authorization",
        ),
        (
            "mux-token-secret",
            "MUX_TOKEN_ID={hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}\nMUX_TOKEN_SECRET={[0-9A-Za-z+/]:75}\n",
            "GET /system/v1/whoami HTTP/1.1",
            "Authorization",
        ),
        (
            "shopify-access-token",
            "SHOP=acme-{[a-z]:8}.myshopify.com\nTOKEN=shpat_{hex:32}\n",
            "GET /admin/oauth/access_scopes.json HTTP/1.1",
            "X-Shopify-Access-Token",
        ),
        (
            "aws-secret-access-key",
            "id: AKIA{[A-Z2-7]:16}\nkey: {[0-9A-Za-z+/]:40}\n",
            "POST / HTTP/1.1",
            "Authorization",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let dir = Dir::new();
        let own = rules.by_id(rule).unwrap();
        let template = Template::parse(text).unwrap();
        let text = own.fill(&template, &mut Rng::new(nth as u64 + 90));
        dir.write("src/a.txt", &text);
        let provider = Provider::saying(Answer::json(200, "{}"));
        let endpoint = format!("{}={}", rules.provider(own).id, provider.url());
        let args = ["scan", "src", "--verify", "--verify-endpoint", &endpoint, "-f", "json"];
        let run = dir.command(&args, b"").env(ALLOW, "1").finish(&dir).expect(1);
        assert_eq!(statuses(&run.json()), pairs(&[("live", "error")]), "{rule}");
        let [asked] = &provider.asked()[..] else { panic!("{rule}") };
        assert_eq!(asked.line, line);
        assert!(asked.header(header).is_some(), "{rule}");
        let secret = text.trim_end().rsplit(['=', ' ']).next().unwrap();
        assert!(!run.stdout.contains(secret), "{rule}");
        if header == "Authorization" {
            let sent = String::from_utf8_lossy(&asked.bytes).into_owned();
            assert!(!sent.contains(secret), "{rule}");
        }
    }
}

/// A temporary key of AWS works with its session token only, so that an answer would say nothing.
#[test]
fn temporary_keys_are_not_asked_about() {
    let rules = Ruleset::built_in();
    let text = "AWS_ACCESS_KEY_ID=ASIA{[A-Z2-7]:16}\nAWS_SECRET_ACCESS_KEY={[0-9A-Za-z+/]:40}\n";
    let rule = rules.by_id("aws-secret-access-key").unwrap();
    let dir = Dir::new();
    dir.write("src/a.txt", rule.fill(&Template::parse(text).unwrap(), &mut Rng::new(9)));
    let report = dir.run(&["scan", "src", "--verify", "-f", "json"]).expect(1).json();
    assert_eq!(statuses(&report), pairs(&[("not-checked", "error")]));
    assert!(report["scan"]["notices"].to_string().contains("session token"), "{report}");
}

#[test]
fn only_rules_of_the_command_line_choose_the_host() {
    let provider = Provider::saying(Answer::json(200, "{}"));
    let endpoint = format!("own={}", provider.url());
    let dir = Dir::new();
    let key = format!("own_key_{}", Rng::new(5).text("ABCDEFGHabcdefgh01234567", 32));
    dir.write("src/a.txt", &key);
    dir.write("src/own.toml", rules_of("api.example.com"));
    let run = |args: &[&str], env: Option<(&str, &str)>| {
        let mut command = dir.command(&[&["scan", "src", "-f", "json"], args].concat(), b"");
        if let Some((name, value)) = env {
            command = command.env(name, value);
        }
        command.env(ALLOW, "1").finish(&dir)
    };
    let ask = ["--verify", "--verify-endpoint", &endpoint];
    let named = run(&[&["--rules", "src/own.toml"], &ask[..]].concat(), None).expect(1).json();
    assert_eq!(statuses(&named), pairs(&[("live", "error")]));
    assert_eq!(provider.asked()[0].header("X-Api-Key"), Some(key.as_str()));
    dir.write("own-config.toml", "rules = [\"src/own.toml\"]");
    dir.write("src/keyside.toml", "rules = [\"own.toml\"]");
    let config = ["--config", "own-config.toml"];
    let environment = Some(("KEYSIDE_RULES", "src/own.toml"));
    for (args, env) in [(&[][..], None), (&config[..], None), (&[][..], environment)] {
        let report = run(&[args, &["--verify"]].concat(), env).expect(1).json();
        assert_eq!(statuses(&report), pairs(&[("not-checked", "error")]), "{args:?}");
        let notices = report["scan"]["notices"].to_string();
        assert!(notices.contains("own.toml") && notices.contains("--rules"), "{notices}");
        // There is no provider to ask, not even elsewhere.
        run(&[args, &ask[..]].concat(), env).expect(2).err("unknown provider `own`");
    }
    assert_eq!(provider.asked().len(), 1);
}

#[test]
fn keys_from_forks_are_not_sent() {
    let dir = Dir::new();
    dir.write("src/a.env", dir.key(AIMAGICX));
    let repo = |id: u32| format!(r#"{{"repo":{{"id":{id}}}}}"#);
    let event = format!(r#"{{"pull_request":{{"head":{},"base":{}}}}}"#, repo(2), repo(1));
    let event = dir.write("event.json", event);
    let provider = Provider::saying(Answer::error(401, "AUTH_KEY_INVALID"));
    let endpoint = format!("aimagicx={}", provider.url());
    let run = |args: &[&str]| {
        let own = ["scan", "src", "--verify", "--verify-endpoint", &endpoint];
        dir.command(&[&own, args].concat(), b"")
            .env(ALLOW, "1")
            .env("GITHUB_EVENT_NAME", "pull_request")
            .env("GITHUB_EVENT_PATH", &event)
            .finish(&dir)
    };
    run(&[]).expect(2).err("fork").err("--verify-force");
    assert_eq!(provider.asked().len(), 0);
    run(&["--verify-dry-run"]).expect(1).out("would send");
    assert_eq!(provider.asked().len(), 0);
    run(&["--verify-force"]).expect(1).out("live no");
    assert_eq!(provider.asked().len(), 1);
}

#[test]
fn keys_are_sent_only_over_tls() {
    let dir = Dir::new();
    let key = dir.key(AIMAGICX);
    dir.write("a.env", &key);
    let provider = Provider::saying(Answer::json(200, "{}"));
    let endpoint = format!("aimagicx=https://127.0.0.1:{}", provider.port());
    let args = ["scan", "--verify", "-f", "json", "--verify-endpoint", &endpoint];
    let report = dir.command(&args, b"").env(ALLOW, "1").finish(&dir).expect(1).json();
    assert_eq!(statuses(&report), pairs(&[("unknown", "error")]));
    let reason = report["findings"][0]["verification"]["reason"].as_str().unwrap();
    assert!(reason.contains("TLS"), "{reason}");
    // It has seen the start of a handshake and nothing else.
    for asked in provider.asked() {
        assert_eq!(asked.bytes.first(), Some(&0x16));
        let holds = |part: &[u8]| asked.bytes.windows(part.len()).any(|own| own == part);
        assert!(!holds(&key.as_bytes()[7..15]) && !holds(b"Bearer"));
    }
}

#[test]
fn the_environments_proxy_is_used_and_learns_no_key() {
    let dir = Dir::new();
    let (key, other) = (dir.key(AIMAGICX), dir.key(SECRET));
    dir.write("a.env", format!("{key}\n{other}"));
    let proxy = Provider::saying(Answer::new(403, &[], ""));
    let run = |name: &str, value: &str| {
        let command = dir.command(&["scan", "--verify", "-f", "json"], b"");
        let report = command.env(name, value).finish(&dir).expect(1).json();
        assert_eq!(statuses(&report), pairs(&[("unknown", "error"), ("unknown", "error")]));
        report["findings"][0]["verification"]["reason"].as_str().unwrap().to_owned()
    };
    let reason = run("HTTPS_PROXY", &proxy.url());
    assert!(reason.contains("the proxy does not connect"), "{reason}");
    let mut lines: Vec<_> = proxy.asked().into_iter().map(|asked| asked.line).collect();
    lines.sort();
    let hosts = ["api.ai-autocomplete.com", "beta.aimagicx.com"];
    assert_eq!(lines, hosts.map(|host| format!("CONNECT {host}:443 HTTP/1.1")));
    for asked in proxy.asked() {
        let text = String::from_utf8_lossy(&asked.bytes).into_owned();
        assert!(!text.contains(&key) && !text.contains(&other) && !text.contains("Bearer"));
    }
    let reason = run("ALL_PROXY", "socks5://127.0.0.1:9");
    assert!(reason.contains("SOCKS"), "{reason}");
    // Requests to this machine bypass the proxy.
    let provider = Provider::saying(Answer::error(401, "AUTH_KEY_INVALID"));
    let endpoint = format!("aimagicx={}", provider.url());
    let args = ["scan", "--verify", "--only", "aimagicx-api-key", "--verify-endpoint", &endpoint];
    let command = dir.command(&args, b"").env(ALLOW, "1").env("HTTP_PROXY", proxy.url());
    command.finish(&dir).expect(1).out("live no");
    assert_eq!((provider.asked().len(), proxy.asked().len()), (1, 2));
}

#[test]
fn at_most_two_concurrent_requests() {
    let dir = Dir::new();
    let keys: Vec<_> = (0..50).flat_map(|_| [dir.key(AIMAGICX), dir.key(SECRET)]).collect();
    dir.write("a.env", keys.join("\n"));
    let provider = Provider::with_latency(Duration::from_millis(10), |_, _| {
        Answer::error(401, "AUTH_KEY_INVALID")
    });
    let report = json(&dir, &provider, &[]);
    assert_eq!((statuses(&report).len(), provider.asked().len()), (100, 100));
    assert_eq!(provider.most(), 2);
}

#[test]
fn keys_on_standard_input_are_verified() {
    let dir = Dir::new();
    let wrong = Answer::error(401, "AUTH_KEY_INVALID");
    let server_error = Answer::json(500, "");
    for (answer, code, word) in
        [(Answer::json(200, "{}"), 1, "yes"), (wrong, 0, "no:"), (server_error, 3, "unknown")]
    {
        let key = dir.key(AIMAGICX);
        let provider = Provider::saying(answer);
        let endpoint = format!("aimagicx={}", provider.url());
        let args = ["verify", "--verify-endpoint", &endpoint];
        let run = dir.command(&args, format!("{key}\n").as_bytes()).env(ALLOW, "1").finish(&dir);
        assert_eq!(run.code, code, "{run}");
        assert!(run.stdout.contains(&format!("live {word}")), "{run}");
        assert_eq!(provider.asked().len(), 1);
    }
    let as_argument = dir.key(AIMAGICX);
    dir.run(&["verify", &as_argument]).expect(2);
    dir.pipe(&["verify"], b"").expect(3).out("no rule recognises a key");
    dir.pipe(&["verify"], b"no key\n").expect(3).out("no rule recognises a key");
    dir.pipe(&["verify"], dir.key(TOKEN).as_bytes()).expect(3).out("not checked");
}

#[test]
fn keys_of_history_are_verified() {
    let repo = crate::repo::Repo::new();
    let key = repo.dir.key(AIMAGICX);
    repo.write("a.env", &key);
    repo.commit("Add");
    repo.write("a.env", "");
    repo.commit("Remove");
    let provider = Provider::saying(Answer::error(401, "AUTH_KEY_INVALID"));
    let report = run(&repo.dir, &provider, &["git", "--verify", "-f", "json"]).expect(1).json();
    assert_eq!(statuses(&report), pairs(&[("dead", "note")]));
    assert_eq!(provider.asked().len(), 1);
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_still_reports() {
    if ignores_signal("INT") {
        return;
    }
    let dir = Dir::new();
    let keys: Vec<_> = (0..9).map(|_| dir.key(AIMAGICX)).collect();
    dir.write("a.env", keys.join("\n"));
    let provider = Provider::saying(Answer::Hang);
    let endpoint = format!("aimagicx={}", provider.url());
    let args = ["scan", "--verify", "-f", "json", "--verify-timeout", "300"];
    let args = [&args[..], &["--verify-endpoint", &endpoint]].concat();
    let mut child = None;
    let pending = dir.command(&args, b"").env(ALLOW, "1").with(|command| {
        child = Some(command.spawn().unwrap());
    });
    drop(pending);
    let child = child.unwrap();
    provider.await_requests(2);
    let id = child.id().to_string();
    assert!(
        std::process::Command::new("sh")
            .args(["-c", &format!("kill -INT {id}")])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!keys.iter().any(|key| text.contains(key)));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let found = statuses(&report);
    assert_eq!(found.iter().filter(|(status, _)| status == "unknown").count(), 2);
    assert_eq!(found.iter().filter(|(status, _)| status == "not-checked").count(), 7);
    let notices = report["scan"]["notices"].to_string();
    assert!(notices.contains("7 keys were not verified: the run was interrupted"), "{notices}");
}
