//! Random changes: nothing that only the head adds hides a finding.

use std::collections::BTreeSet;

use keyside::rules::Rng;

use crate::change_policy::{Case, branch, own_rule};
use crate::support::number_of;

/// The random changes of a usual run.
const CHANGES: u64 = 12;

/// Files that accept, each for some of the paths and keys.
fn random_policy(rng: &mut Rng, case: &Case, ids: &[String]) {
    let path = case.repo.path();
    for name in ["keyside.toml", ".keysideignore", "known.toml", "rules.toml", "a/.keysideignore"] {
        let _ = std::fs::remove_file(path.join(name));
    }
    let mut one = |of: &[&str]| of[rng.below(of.len())].to_owned();
    let patterns = ["a/", "b/", "*.py", "*", "!a/x.py", "/c", "a/**", "# none"];
    let salts = ["", "", "", "", "", "", "salt s\n", "salt t\n"];
    let mut ignore = one(&salts);
    for _ in 0..2 {
        ignore += &(one(&patterns) + "\n");
        let entry = format!("{} t\n", one(&ids.iter().map(String::as_str).collect::<Vec<_>>()));
        ignore += &one(&["", &entry]);
    }
    let known = one(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    case.write("known.toml", format!("version = 1\nfinding = [\n  {{ id = \"{known}\" }},\n]\n"));
    if one(&["y", "n"]) == "y" {
        case.write(".keysideignore", ignore);
    }
    if one(&["y", "n"]) == "y" {
        case.write("a/.keysideignore", one(&patterns) + "\n");
    }
    let pattern = one(&["own_[0-9a-f]{32}", "sk_v1_[0-9A-Za-z]{43}", "at_v1_[0-9A-Za-z]{40}"]);
    let more = one(&["", "severity = \"note\"", "class = \"public\"", "experimental = true"]);
    case.write("rules.toml", own_rule(&more).replace("own_[0-9a-f]{32}", &pattern));
    let config = [
        one(&["", "exclude = [\"a/\"]\n", "exclude = [\"**\"]\n", "exclude = [\"*.py\"]\n"]),
        one(&["", "disable = [\"magicx-secret-key\"]\n", "disable = [\"magicx-access-token\"]\n"]),
        one(&["", "baseline = \"known.toml\"\n"]),
        one(&["", "rules = [\"rules.toml\"]\n"]),
    ];
    if one(&["y", "y", "n"]) == "y" {
        case.write("keyside.toml", config.concat());
    }
}

/// The hashes of the keys that a range reports; `None` if it cannot be scanned.
fn reported(case: &Case) -> Option<BTreeSet<String>> {
    let run = case.repo.dir.run(&["git", "--range", "main..HEAD", "-f", "json"]);
    if run.code == 2 {
        return None;
    }
    let report = run.json();
    let findings = report["findings"].as_array().unwrap();
    Some(findings.iter().map(|own| own["secret"]["sha256"].to_string()).collect())
}

#[test]
fn random_changes_hide_nothing_by_themselves() {
    let first: u64 = number_of("KEYSIDE_FIRST_SEED").unwrap_or(1);
    let count = number_of("KEYSIDE_RANDOM_CHANGES").unwrap_or(CHANGES);
    let mut hidden = 0;
    for seed in first..first + count {
        let mut rng = Rng::new(seed);
        let case = Case::new();
        let ids = [&case.key, &case.token].map(|key| {
            let run = case.repo.dir.pipe(&["stdin", "-f", "json"], key.as_bytes()).expect(1);
            run.json()["findings"][0]["id"].as_str().unwrap().to_owned()
        });
        random_policy(&mut rng, &case, &ids);
        case.repo.commit();
        let paths = ["a/x.py", "a/b/y.js", "b/x.py", "c", "d/x.js"];
        let markers = ["", "", " # keyside:allow", " # gitleaks:allow"];
        let leaks: Vec<_> = (0..3)
            .map(|_| {
                let path = paths[rng.below(paths.len())];
                let key = [&case.key, &case.token][rng.below(2)];
                (path, key, markers[rng.below(markers.len())])
            })
            .collect();
        // With the policy of the base, and without markers.
        branch(&case, "plain", "main");
        for (path, key, _) in &leaks {
            case.write(path, format!("k = '{key}'\n"));
        }
        case.repo.commit();
        // Some policies contradict themselves.
        let Some(plain) = reported(&case) else { continue };
        branch(&case, "changed", "main");
        for (path, key, marker) in &leaks {
            case.write(path, format!("k = '{key}'{marker}\n"));
        }
        random_policy(&mut rng, &case, &ids);
        case.repo.commit();
        let Some(changed) = reported(&case) else { continue };
        assert!(plain.is_subset(&changed), "seed {seed}: {plain:?} {changed:?}");
        hidden += usize::from(plain.is_empty());
    }
    assert!(hidden < count as usize || count < 4, "no change had a finding to hide");
}
