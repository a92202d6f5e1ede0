//! Detects pull requests from forks: their author would choose which keys are sent to providers, over
//! this machine's network and into its public log.

use std::fs;

use serde_json::Value;

/// The CI system whose environment `env` says that this run is, or may be, about a pull request from
/// a fork.
pub fn fork_of_pull_request(env: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let env = |name: &str| env(name).filter(|value| !value.is_empty());
    let differs = |one: &str, other: &str| {
        env(one).is_some_and(|own| env(other).is_none_or(|other| own != other))
    };
    let is = |name: &str| env(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if env("GITHUB_EVENT_NAME").is_some_and(|name| name.starts_with("pull_request")) {
        let event = env("GITHUB_EVENT_PATH").and_then(|path| fs::read(path).ok());
        let event: Option<Value> = event.and_then(|text| serde_json::from_slice(&text).ok());
        // If in doubt, it counts as a fork.
        if event.is_none_or(|event| !is_own(&event)) {
            return Some("GitHub");
        }
    }
    if differs("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID") {
        return Some("GitLab");
    }
    if is("SYSTEM_PULLREQUEST_ISFORK") {
        return Some("Azure Pipelines");
    }
    if env("CIRCLE_PR_REPONAME").is_some() {
        return Some("CircleCI");
    }
    if differs("TRAVIS_PULL_REQUEST_SLUG", "TRAVIS_REPO_SLUG") {
        return Some("Travis CI");
    }
    let is_build = env("BUILDKITE_PULL_REQUEST").is_some_and(|number| number != "false");
    if is_build && differs("BUILDKITE_PULL_REQUEST_REPO", "BUILDKITE_REPO") {
        return Some("Buildkite");
    }
    None
}

/// True if a GitHub pull request comes from its own repository. The branch of a deleted fork has no
/// repository at all.
fn is_own(event: &Value) -> bool {
    let repository = |side: &str| event["pull_request"][side]["repo"]["id"].as_u64();
    let head = repository("head");
    head.is_some() && head == repository("base")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forks_are_distinguished_from_branches() {
        let folder = tempfile::tempdir().unwrap();
        let event = |name: &str, head: &str| {
            let path = folder.path().join(name);
            let text = format!(
                r#"{{"pull_request":{{"head":{{"repo":{head}}},"base":{{"repo":{{"id":1}}}}}}}}"#
            );
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let own = event("own", r#"{"id":1}"#);
        let fork = event("fork", r#"{"id":2,"fork":true}"#);
        let gone = event("gone", "null");
        let github = |name: &'static str, path: &str| {
            vec![("GITHUB_EVENT_NAME", name.to_owned()), ("GITHUB_EVENT_PATH", path.to_owned())]
        };
        let plain = |pairs: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
            pairs.iter().map(|&(name, value)| (name, value.to_owned())).collect()
        };
        let gitlab = |source| {
            plain(&[
                ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", source),
                ("CI_MERGE_REQUEST_PROJECT_ID", "1"),
            ])
        };
        let buildkite = |number, repo| {
            plain(&[
                ("BUILDKITE_PULL_REQUEST", number),
                ("BUILDKITE_PULL_REQUEST_REPO", repo),
                ("BUILDKITE_REPO", "a"),
            ])
        };
        for (variables, expected) in [
            (plain(&[]), None),
            (plain(&[("CI", "true")]), None),
            (github("push", &fork), None),
            (github("pull_request", &own), None),
            (github("pull_request", &fork), Some("GitHub")),
            (github("pull_request_target", &fork), Some("GitHub")),
            (github("pull_request", &gone), Some("GitHub")),
            (github("pull_request", "/nowhere"), Some("GitHub")),
            (plain(&[("GITHUB_EVENT_NAME", "pull_request")]), Some("GitHub")),
            (gitlab("1"), None),
            (gitlab("2"), Some("GitLab")),
            (plain(&[("SYSTEM_PULLREQUEST_ISFORK", "False")]), None),
            (plain(&[("SYSTEM_PULLREQUEST_ISFORK", "True")]), Some("Azure Pipelines")),
            (plain(&[("CIRCLE_PR_REPONAME", "x")]), Some("CircleCI")),
            (plain(&[("TRAVIS_PULL_REQUEST_SLUG", ""), ("TRAVIS_REPO_SLUG", "a/b")]), None),
            (
                plain(&[("TRAVIS_PULL_REQUEST_SLUG", "c/b"), ("TRAVIS_REPO_SLUG", "a/b")]),
                Some("Travis CI"),
            ),
            (buildkite("false", "b"), None),
            (buildkite("7", "a"), None),
            (buildkite("7", "b"), Some("Buildkite")),
        ] {
            let env = |name: &str| {
                let mut all = variables.iter();
                all.find(|(own, _)| *own == name).map(|(_, value)| value.clone())
            };
            assert_eq!(fork_of_pull_request(env), expected, "{variables:?}");
        }
    }
}
