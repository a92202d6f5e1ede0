//! Groups findings by key: a key that reaches clients in several ways is one block of a report.

use std::collections::HashMap;

use crate::model::Finding;

/// The findings about one key, or one finding that is about none.
pub(super) struct KeyGroup<'f> {
    /// The first one in the report's order.
    pub(super) first: &'f Finding,
    /// Other ways of the same key.
    pub(super) others: Vec<&'f Finding>,
}

/// Groups findings by their keys, in the order of the first finding of each.
pub(super) fn key_groups(findings: &[Finding]) -> Vec<KeyGroup<'_>> {
    let mut groups: Vec<KeyGroup<'_>> = Vec::new();
    let mut known: HashMap<&[u8], usize> = HashMap::new();
    for finding in findings {
        if let Some(secret) = &finding.secret {
            let nth = *known.entry(secret.reveal()).or_insert(groups.len());
            if let Some(group) = groups.get_mut(nth) {
                group.others.push(finding);
                continue;
            }
        }
        groups.push(KeyGroup { first: finding, others: Vec::new() });
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FindingKind, LeakKind, SourceKind};
    use crate::report::sample;

    #[test]
    fn a_key_is_one_group() {
        let leak = |kind| sample::of_kind(FindingKind::Leak(kind));
        let plain = |seed| Finding {
            secret: Some(sample::key(seed)),
            ..sample::finding(vec![sample::provenance(SourceKind::Tree, "a")], None)
        };
        let findings = [
            plain(2),
            plain(1),
            leak(LeakKind::ClientTokenExchange),
            leak(LeakKind::ClientSecretLiteral),
            leak(LeakKind::ClientTokenExchange),
            plain(2),
        ];
        let sizes: Vec<_> =
            key_groups(&findings).iter().map(|group| 1 + group.others.len()).collect();
        let with_key = usize::from(findings[3].secret.is_some());
        assert_eq!(with_key, 1);
        assert_eq!(sizes, [2, 2, 1, 1]);
    }
}
