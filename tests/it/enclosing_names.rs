//! Keys that only names tell, with the name on another line: in files, in history and in explanations.

use keyside::rules::Rng;

use crate::repo::Repo;
use crate::support::Dir;

/// A text with keys of these kinds in the places of their letters in angle brackets.
fn filled(text: &str) -> String {
    let mut rng = Rng::new(11);
    let hex = "0123456789abcdef";
    let word = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    text.replace("‹datadog›", &rng.text(hex, 32))
        .replace("‹application›", &rng.text(hex, 40))
        .replace("‹okta›", &format!("00{}", rng.text(word, 40)))
        .replace("‹hetzner›", &rng.text(word, 64))
}

const FILES: &[(&str, &str, &[&str])] = &[
    (
        "k8s/app.yaml",
        "env:\n  - name: DD_API_KEY\n    value: \"‹datadog›\"\n  - name: PORT\n    value: \"80\"\n",
        &["datadog-api-key k8s/app.yaml:3"],
    ),
    (
        "ecs.json",
        "[\n  {\n    \"name\": \"DD_API_KEY\",\n    \"value\": \"‹datadog›\"\n  }\n]\n",
        &["datadog-api-key ecs.json:4"],
    ),
    (
        "main.tf",
        "provider \"datadog\" {\n  api_key = \"‹datadog›\"\n  app_key = \"‹application›\"\n}\n\
         provider \"hcloud\" {\n  token = \"‹hetzner›\"\n}\n",
        &[
            "datadog-api-key main.tf:2",
            "datadog-application-key main.tf:3",
            "hetzner-cloud-token main.tf:6",
        ],
    ),
    ("config.ini", "[okta]\nurl = x\napi_token = ‹okta›\n", &["okta-api-token config.ini:3"]),
    (
        "values.yaml",
        "datadog:\n  site: x\n  apiKey: ‹datadog›\n  appKey: ‹application›\n",
        &["datadog-api-key values.yaml:3", "datadog-application-key values.yaml:4"],
    ),
    (
        "call.sh",
        "curl -H 'Authorization: Bearer ‹hetzner›' https://api.hetzner.cloud/v1/servers\n",
        &["hetzner-cloud-token call.sh:1"],
    ),
    (
        "lines.sh",
        "curl -X GET \\\n  -H 'Authorization: Bearer ‹hetzner›' \\\n  https://api.hetzner.cloud/v1/servers\n",
        &["hetzner-cloud-token lines.sh:2"],
    ),
    (
        "call.py",
        "headers = {\n    \"Authorization\": \"Bearer ‹hetzner›\",\n    \"Accept\": \"*/*\",\n}\n\
         r = requests.get(\"https://api.hetzner.cloud/v1/servers\", headers=headers)\n",
        &["hetzner-cloud-token call.py:2"],
    ),
    ("other.sh", "curl -H 'Authorization: Bearer ‹hetzner›' https://api.acme.io/v1/servers\n", &[]),
    (
        "far.py",
        "headers = {\n    \"Authorization\": \"Bearer ‹hetzner›\",\n}\n\n\n\n\n\n\n\
         r = requests.get(\"https://api.hetzner.cloud/v1/servers\", headers=headers)\n",
        &[],
    ),
    ("hashes.yaml", "datadog:\n  commit: ‹application›\n  version: ‹datadog›\n", &[]),
    ("image.yaml", "datadog:\n  image: datadog/agent@sha256:‹application›‹application›\n", &[]),
    ("other.yaml", "datadog:\n  site: x\nother:\n  apiKey: ‹datadog›\n", &[]),
];

/// The rule and the place of each occurrence.
fn found(report: &serde_json::Value) -> Vec<String> {
    let mut found = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        let rule = finding["rule_id"].as_str().unwrap();
        for place in finding["occurrences"].as_array().unwrap() {
            let path = place["path"].as_str().unwrap();
            found.push(format!("{rule} {path}:{}", place["start_line"]));
        }
    }
    found.sort();
    found
}

#[test]
fn names_on_other_lines_tell_keys_in_files_and_explanations() {
    for (path, text, expected) in FILES {
        let dir = Dir::new();
        dir.write(path, filled(text));
        let (_, report) = dir.json(&[]);
        assert_eq!(found(&report), *expected, "{report}");
        for (nth, _) in text.lines().enumerate() {
            let place = format!("{path}:{}", nth + 1);
            let run = dir.run(&["explain", &place]).expect(0);
            let is_found = expected.iter().any(|own| own.ends_with(&place));
            assert_eq!(run.stdout.contains("reported as error"), is_found, "{run}");
        }
    }
}

#[test]
fn names_on_other_lines_tell_keys_in_history_and_the_index() {
    for (path, text, expected) in FILES {
        let repo = Repo::new();
        repo.write(path, filled(text));
        repo.git(&["add", "-A"]);
        assert_eq!(found(&repo.keyside(&["--staged"]).json()), *expected);
        repo.commit_staged("add");
        repo.git(&["rm", "-q", path]);
        repo.commit_staged("remove");
        assert_eq!(found(&repo.keyside(&[]).json()), *expected, "{path}");
    }
}

#[test]
fn a_name_that_a_delta_adds_above_a_value_of_its_base_tells_a_key() {
    let repo = Repo::new();
    let rest: String = (0..200).map(|nth| format!("setting{nth}: {}\n", nth * 7919)).collect();
    let text = filled("other:\n  site: x\n  apiKey: ‹datadog›\n") + &rest;
    repo.add("values.yaml", &text);
    repo.tick();
    repo.add("values.yaml", text.replace("other:", "datadog:"));
    repo.tick();
    repo.add("values.yaml", text.replace("  apiKey:", "  version:"));
    repo.git(&["repack", "-adq"]);
    let finding = repo.finding();
    assert_eq!(finding["rule_id"], "datadog-api-key");
    assert_eq!(finding["in_head"], false, "{finding}");
}
