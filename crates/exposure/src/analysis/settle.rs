//! The final set of leaks: sorted, and without those that a more specific leak covers.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::analysis::result::Analysis;
use crate::catalog::KeyKindId;
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind};

/// Sorts the results of several apps, and leaves out what a more specific leak covers.
pub(super) fn settle(analysis: &mut Analysis) {
    let is_literal = |leak: &Leak| matches!(leak.subject, LeakSubject::Secret(_));
    // A secret that goes to a client package is reported there, not where it is written or read.
    let covered: HashSet<FileSpan> = analysis
        .leaks
        .iter()
        .filter(|leak| matches!(leak.kind, LeakKind::SdkSecretKey | LeakKind::SdkBrowserSwitch))
        .flat_map(|leak| {
            let sources = leak.trace.iter().filter(|hop| hop.kind == StepKind::Source);
            sources.map(|hop| hop.at.clone()).chain(leak.written_at.clone())
        })
        .collect();
    // A variable that servers render into the page is not only undefined in clients.
    let rendered: HashSet<FileSpan> = analysis
        .leaks
        .iter()
        .filter(|leak| leak.kind == LeakKind::ServerToClientSecret)
        .filter_map(|leak| Some(leak.trace.first()?.at.clone()))
        .collect();
    analysis.leaks.retain(|leak| match leak.kind {
        LeakKind::ClientServerEnvRead => {
            !covered.contains(&leak.at) && !rendered.contains(&leak.at)
        }
        LeakKind::ClientSecretLiteral | LeakKind::ClientSecretEnv => !covered.contains(&leak.at),
        LeakKind::BundleSecret
        | LeakKind::NativeAppSecret
        | LeakKind::PublicEnvSecret
        | LeakKind::BuildInlineSecret
        | LeakKind::ServerToClientSecret
        | LeakKind::ClientTokenExchange
        | LeakKind::SdkSecretKey
        | LeakKind::SdkBrowserSwitch => true,
    });
    // One literal at one place: the most specific kind, the worst severity, the shortest trace.
    analysis.leaks.sort_by(|a, b| {
        (&a.at, Reverse(a.kind), Reverse(a.severity), a.trace.len())
            .cmp(&(&b.at, Reverse(b.kind), Reverse(b.severity), b.trace.len()))
            .then_with(|| a.key_kind.cmp(&b.key_kind))
    });
    let mut places: HashMap<FileSpan, LeakKind> = HashMap::new();
    let mut seen: BTreeSet<(FileSpan, LeakKind, KeyKindId, String)> = BTreeSet::new();
    analysis.leaks.retain(|leak| {
        let subject = match &leak.subject {
            LeakSubject::Secret(secret) => secret.masked(),
            LeakSubject::Name(name) => name.clone(),
        };
        if !seen.insert((leak.at.clone(), leak.kind, leak.key_kind, subject)) {
            return false;
        }
        !is_literal(leak) || *places.entry(leak.at.clone()).or_insert(leak.kind) == leak.kind
    });
    analysis.sided.sort_by(|a, b| (&a.at, a.side).cmp(&(&b.at, b.side)));
    analysis.sided.dedup_by(|a, b| a.at == b.at);
    let leaked: HashSet<&FileSpan> =
        analysis.leaks.iter().filter(|leak| is_literal(leak)).map(|leak| &leak.at).collect();
    analysis.sided.retain(|sided| !leaked.contains(&sided.at));
    analysis.notices.sort();
    analysis.notices.dedup();
}
