//! The decisions about each line of a tree, as a report and as explanations give them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A place: path and line.
pub(crate) type Place = (String, u64);

/// The decisions that an explanation or a report has about a line: `reported ID` and `accepted ID`.
type Decisions = BTreeMap<Place, BTreeSet<String>>;

/// The decisions of a report, by line.
fn decisions(report: &Value) -> Decisions {
    let mut decisions = Decisions::new();
    let mut add = |place: &Value, decision: String| {
        let path = place["path"].as_str().unwrap().to_owned();
        let (start, end) = (place["start_line"].as_u64().unwrap(), place["end_line"].as_u64());
        for line in start..=end.unwrap_or(start) {
            decisions.entry((path.clone(), line)).or_default().insert(decision.clone());
        }
    };
    for finding in report["findings"].as_array().unwrap() {
        let [severity, kind, id] =
            ["severity", "kind", "id"].map(|field| finding[field].as_str().unwrap());
        let kind = if kind == "secret" { String::new() } else { format!(", {kind}") };
        for place in finding["occurrences"].as_array().unwrap() {
            add(place, format!("reported as {severity}{kind} ({id})"));
        }
    }
    for accepted in report["suppressed"].as_array().unwrap() {
        add(accepted, format!("accepted {}", accepted["id"].as_str().unwrap()));
    }
    decisions
}

/// The decisions of explanations, by line.
fn explained(text: &str) -> Decisions {
    let mut decisions = Decisions::new();
    let mut place = None;
    for line in text.lines() {
        if let Some((path, number)) = line.rsplit_once(':').filter(|_| !line.starts_with(' ')) {
            place = Some((path.to_owned(), number.parse().unwrap()));
        }
        let line = line.trim_start();
        let decision = match line.split_once(" by ") {
            Some(("accepted", by)) => {
                let id = &by[by.rfind("(ks1:").unwrap() + 1..];
                format!("accepted {}", id.split_once(')').unwrap().0)
            }
            _ if line.starts_with("reported as ") => {
                let end = line.find(')').unwrap();
                line[..=end].to_owned()
            }
            _ => continue,
        };
        decisions.entry(place.clone().unwrap()).or_default().insert(decision);
    }
    decisions
}

/// Fails the test unless explanations of `places` say what a report says.
pub(crate) fn assert_agree(report: &Value, explanations: &str, places: &[String], what: &str) {
    let mut given = explained(explanations);
    let reported = decisions(report);
    // Words that tell a key may stand on other lines than the key itself, and reports have the first line
    // only of what is accepted.
    for ((path, line), own) in &mut given {
        own.retain(|decision| {
            let has = |all: &BTreeSet<String>| all.contains(decision);
            let mut of_file = reported.range((path.clone(), 0)..=(path.clone(), u64::MAX));
            let is_here = reported.get(&(path.clone(), *line)).is_some_and(has);
            is_here || !of_file.any(|(_, all)| has(all))
        });
    }
    given.retain(|_, own| !own.is_empty());
    let asked: BTreeSet<&String> = places.iter().collect();
    let is_asked = |path: &str, line| asked.contains(&format!("{path}:{line}"));
    let expected: Decisions =
        reported.into_iter().filter(|((path, line), _)| is_asked(path, *line)).collect();
    let differs = |one: &Decisions, other: &Decisions| {
        let differing = one.iter().filter(|(place, own)| other.get(*place) != Some(*own));
        differing.map(|(place, own)| (place.clone(), own.clone())).take(5).collect::<Vec<_>>()
    };
    let (given, missing) = (differs(&given, &expected), differs(&expected, &given));
    assert!(given.is_empty() && missing.is_empty(), "{what}: {given:#?}\n{missing:#?}");
}
