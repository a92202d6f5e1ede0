//! The texts of a user's rule that says no more than its id and its pattern.

use std::sync::Arc;

use super::ruleset::{Provider, Remediation, Ruleset};

/// The id of the provider of rules that name none.
const PROVIDER: &str = "custom";

/// The address that reports give for such rules.
const URL: &str = "https://github.com/keyside/keyside/blob/main/docs/custom-rules.md";

/// The description of a rule without one.
pub(super) const DESCRIPTION: &str =
    "A rule file of one's own looks for it and does not say what its holder can do.";

/// The advice of rules that have none, and of imported ones.
pub const SUMMARY: &str = "Create a new key, revoke this one where it was issued, and keep the new one out of the \
                           repository. A key that was pushed is leaked, even if the commit is removed.";

/// Index of the provider of rules that name none; it is added if it is not there.
pub(super) fn provider(set: &mut Ruleset) -> usize {
    if let Some(known) = set.providers.iter().position(|provider| provider.id == PROVIDER) {
        return known;
    }
    set.providers.push(Provider {
        id: PROVIDER.to_owned(),
        name: "rules of one's own".to_owned(),
        url: URL.to_owned(),
        keys: Arc::default(),
    });
    set.providers.len() - 1
}

/// A title made of an id: `acme-api-key` gives `Acme API key`.
pub(super) fn title(id: &str) -> String {
    let words = id.split('-').enumerate().map(|(nth, word)| match word {
        "api" | "id" | "jwt" | "ssh" | "url" => word.to_ascii_uppercase(),
        _ if nth > 0 => word.to_owned(),
        _ => {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The remedy for a leak of a key whose rule says none.
pub(super) fn remediation() -> Remediation {
    Remediation { summary: SUMMARY.to_owned(), url: URL.to_owned(), rotation_days: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_made_of_the_id() {
        assert_eq!(title("acme-api-key"), "Acme API key");
        assert_eq!(title("9tail"), "9tail");
        assert_eq!(title(""), "");
    }
}
