//! Verifies the keys of a report, and updates the report with the answers. Accepted occurrences are
//! in no finding, so their keys are never sent.

use std::collections::{BTreeMap, BTreeSet};

use super::collect;
use crate::config::Plan;
use crate::model::{
    Call, Finding, Ledger, Liveness, Notice, NoticeKind, Report, Severity, Verification,
};
use crate::scan::KeyScanner;
use crate::verify::{self, KeyToVerify, VerifyOptions, Watch};

/// Verifies the keys, if the plan asks for it.
pub(super) fn verify(report: &mut Report, plan: &Plan, scanner: &KeyScanner<'_>, watch: &Watch) {
    let Some(options) = &plan.verify else { return };
    let asked = report.findings.iter().enumerate().filter_map(|(nth, finding)| {
        let (secret, rule) = (finding.secret.as_ref()?, plan.rules.by_id(&finding.rule_id)?);
        Some((nth, KeyToVerify { rule, secret, pair: None }))
    });
    // A key that stands beside several others is asked about with each of them.
    let needs_pair =
        |key: &KeyToVerify<'_>| key.rule.verify.as_ref().is_some_and(|verify| verify.needs_pair);
    let asked = asked.flat_map(|(nth, key)| {
        let pairs = report.findings[nth].pairs.iter().filter(|_| needs_pair(&key));
        let paired = pairs.map(|pair| KeyToVerify { pair: Some(&pair.secret), ..key });
        let mut keys: Vec<_> = paired.collect();
        if keys.is_empty() {
            keys.push(key);
        }
        keys.into_iter().map(move |key| (nth, key))
    });
    let (places, keys): (Vec<_>, Vec<_>) = asked.unzip();
    let answers = verify::verify_keys(&keys, &plan.rules, options, watch);
    let keys = keys.iter().map(|own| (own.secret.sha256(), own.rule.verify.is_some()));
    let (places, keys, verifications) = joined(places, keys.collect(), answers.verifications);
    // A key that reaches clients in several ways is several findings.
    let mut left: BTreeMap<String, BTreeSet<[u8; 32]>> = BTreeMap::new();
    let mut undecided = BTreeSet::new();
    for ((nth, (key, is_askable)), verification) in places.into_iter().zip(keys).zip(verifications)
    {
        match verification.liveness {
            Liveness::NotChecked if is_askable => {
                left.entry(verification.reason.clone()).or_default().insert(key);
                undecided.insert(key);
            }
            Liveness::Unknown => {
                undecided.insert(key);
            }
            Liveness::NotChecked | Liveness::Live | Liveness::Dead => {}
        }
        let finding = &mut report.findings[nth];
        finding.severity = severity(finding.severity, verification.liveness);
        finding.verification = redacted(verification, scanner);
    }
    if !options.is_dry_run {
        let left = left.iter().map(|(reason, keys)| not_asked(keys.len(), reason));
        report.notices.extend(left);
    }
    if options.only_live && !undecided.is_empty() {
        report.notices.push(undecided_notice(undecided.len()));
    }
    let below = |finding: &mut Finding| finding.severity < plan.min_severity;
    let below: Vec<_> = report.findings.extract_if(.., below).collect();
    report.summary.below_severity += below.len() as u64;
    report.hidden.extend(below);
    if options.only_live {
        let before = report.findings.len();
        report.findings.retain(Finding::is_live);
        report.summary.not_live = (before - report.findings.len()) as u64;
    }
    collect::sort(&mut report.findings);
    report.notices.sort();
    report.ledger = Some(ledger(options, answers.calls));
}

/// The answers about a key with each of the others that it may belong to, as one: live if it is live with
/// one of them, and dead only if it is dead with all.
fn joined<K>(
    places: Vec<usize>,
    keys: Vec<K>,
    verifications: Vec<Verification>,
) -> (Vec<usize>, Vec<K>, Vec<Verification>) {
    let rank = |own: &Verification| match own.liveness {
        Liveness::Live => 0,
        Liveness::Unknown => 1,
        Liveness::NotChecked => 2,
        Liveness::Dead => 3,
    };
    let mut all: (Vec<usize>, Vec<K>, Vec<Verification>) = Default::default();
    for ((place, key), own) in places.into_iter().zip(keys).zip(verifications) {
        match all.2.last_mut().filter(|_| all.0.last() == Some(&place)) {
            Some(last) if rank(&own) < rank(last) => *last = own,
            Some(_) => {}
            None => {
                all.0.push(place);
                all.1.push(key);
                all.2.push(own);
            }
        }
    }
    all
}

/// The severity of a finding, given the state of its key.
fn severity(before: Severity, liveness: Liveness) -> Severity {
    match liveness {
        Liveness::Live => Severity::Error,
        Liveness::Dead => Severity::Note,
        Liveness::NotChecked | Liveness::Unknown => before,
    }
}

/// Texts of the provider may contain keys, too.
fn redacted(mut verification: Verification, scanner: &KeyScanner<'_>) -> Verification {
    if let Some(account) = &mut verification.account {
        let texts = account.id.iter_mut().chain(&mut account.name).chain(&mut account.scopes);
        texts.for_each(|text| *text = scanner.masked_text(text));
    }
    verification
}

fn ledger(options: &VerifyOptions, calls: Vec<Call>) -> Ledger {
    let VerifyOptions { is_dry_run, only_live, budget, .. } = *options;
    Ledger { is_dry_run, only_live, budget, calls }
}

fn not_asked(count: usize, reason: &str) -> Notice {
    let keys = if count == 1 { "1 key was" } else { &format!("{count} keys were") };
    Notice {
        path: None,
        kind: NoticeKind::Verification,
        message: format!("{keys} not verified: {reason}"),
    }
}

fn undecided_notice(count: usize) -> Notice {
    let keys = if count == 1 { "1 key" } else { &format!("{count} keys") };
    Notice {
        path: None,
        kind: NoticeKind::Unverified,
        message: format!("{keys} left out by --only-live may be live, but could not be verified"),
    }
}
