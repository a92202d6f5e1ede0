//! What each kind of finding is called, what it says of one secret, why it is bad and what to do:
//! the texts that all formats and `keyside explain` share.

use crate::model::{Finding, FindingKind, LeakKind};
use crate::rules::Rule;

/// What there is to say of a kind.
#[derive(Debug, Clone, Copy)]
pub struct KindText {
    /// The heading of a finding; `{}` is what the rule calls its keys.
    title: &'static str,
    /// One sentence on one finding, without its full stop; `{}` is what the finding is about.
    message: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Why it is bad.
    pub why: &'static str,
    /// What to do about it, in the code.
    pub fix: &'static str,
}

impl KindText {
    /// The texts of a kind.
    pub fn of(kind: FindingKind) -> &'static Self {
        match kind {
            FindingKind::Secret => &SECRET,
            FindingKind::Leak(LeakKind::ClientServerEnvRead) => &CLIENT_SERVER_ENV_READ,
            FindingKind::Leak(LeakKind::ClientSecretEnv) => &CLIENT_SECRET_ENV,
            FindingKind::Leak(LeakKind::ClientSecretLiteral) => &CLIENT_SECRET_LITERAL,
            FindingKind::Leak(LeakKind::BundleSecret) => &BUNDLE_SECRET,
            FindingKind::Leak(LeakKind::NativeAppSecret) => &NATIVE_APP_SECRET,
            FindingKind::Leak(LeakKind::PublicEnvSecret) => &PUBLIC_ENV_SECRET,
            FindingKind::Leak(LeakKind::BuildInlineSecret) => &BUILD_INLINE_SECRET,
            FindingKind::Leak(LeakKind::ServerToClientSecret) => &SERVER_TO_CLIENT_SECRET,
            FindingKind::Leak(LeakKind::ClientTokenExchange) => &CLIENT_TOKEN_EXCHANGE,
            FindingKind::Leak(LeakKind::SdkSecretKey) => &SDK_SECRET_KEY,
        }
    }

    /// The heading of a finding of `rule`, or of whatever else is meant by `what`.
    pub fn title(&self, what: &str) -> String {
        self.title.replace("{}", what)
    }
}

/// The id that reports give a rule for one kind of its findings.
pub(super) fn id(rule_id: &str, kind: FindingKind) -> String {
    match kind {
        FindingKind::Secret => rule_id.to_owned(),
        FindingKind::Leak(_) => format!("{rule_id}/{}", kind.name()),
    }
}

/// The heading of a finding.
pub(super) fn title(kind: FindingKind, rule: &Rule) -> String {
    KindText::of(kind).title(&rule.title)
}

/// What a finding says in one sentence, without its full stop. `subject` is what it is about, as
/// the format can show it.
pub(super) fn message(finding: &Finding, rule: &Rule, subject: &str) -> String {
    let subject = if subject.is_empty() {
        format!("the {}", rule.title)
    } else if finding.kind == FindingKind::Secret {
        format!("{} `{subject}`", rule.title)
    } else {
        format!("`{subject}`")
    };
    let places = match finding.occurrences.len() {
        0 | 1 => String::new(),
        several => format!(" in {several} places"),
    };
    KindText::of(finding.kind).message.replace("{}", &subject) + &places
}

/// What to do in the code, if it is more than what the rule says.
pub(super) fn fix(finding: &Finding) -> Option<&str> {
    if !finding.exposure.fix.is_empty() {
        return Some(&finding.exposure.fix);
    }
    (finding.kind != FindingKind::Secret).then(|| KindText::of(finding.kind).fix)
}

/// What to do about the key itself: nothing, if no client can have got it.
pub(super) fn remedy(finding: &Finding, rule: &Rule) -> Option<String> {
    let summary = &rule.remediation.summary;
    match finding.kind {
        FindingKind::Leak(LeakKind::ClientServerEnvRead) => None,
        _ if finding.secret.is_some() => Some(summary.clone()),
        FindingKind::Secret | FindingKind::Leak(_) => Some(if_published(rule)),
    }
}

/// What to do about a key that is perhaps out.
pub(super) fn if_published(rule: &Rule) -> String {
    format!("If this was ever published: {}", rule.remediation.summary)
}

/// The number of the weakness (CWE): a credential in the code, or one that is given away.
pub(super) fn cwe(kind: FindingKind) -> u32 {
    match kind {
        FindingKind::Secret
        | FindingKind::Leak(LeakKind::ClientSecretLiteral)
        | FindingKind::Leak(LeakKind::BundleSecret)
        | FindingKind::Leak(LeakKind::NativeAppSecret)
        | FindingKind::Leak(LeakKind::SdkSecretKey) => 798,
        FindingKind::Leak(LeakKind::ClientServerEnvRead)
        | FindingKind::Leak(LeakKind::ClientSecretEnv)
        | FindingKind::Leak(LeakKind::PublicEnvSecret)
        | FindingKind::Leak(LeakKind::BuildInlineSecret)
        | FindingKind::Leak(LeakKind::ServerToClientSecret)
        | FindingKind::Leak(LeakKind::ClientTokenExchange) => 200,
    }
}

const SECRET: KindText = KindText {
    title: "{}",
    message: "{}",
    what: "A secret is written down: in a file, in a commit, in a message.",
    why: "Whoever can read the text can use the secret, and what was committed stays in the \
          history.",
    fix: "Revoke it, and let the program read a new one from its environment or a secret store.",
};

const CLIENT_SERVER_ENV_READ: KindText = KindText {
    title: "{} is read in client code, where it is undefined",
    message: "Client code reads {}, which only a server has",
    what: "Client code reads a secret variable that the bundler leaves out.",
    why: "The variable is undefined there, so that the code does not work. The usual way to make \
          it work, a public prefix for its name, would give the secret to everybody.",
    fix: "Read the variable in server code and let client code call that; do not give it a \
          public prefix.",
};

const CLIENT_SECRET_ENV: KindText = KindText {
    title: "{} is built into client code",
    message: "{} puts a secret into client code",
    what: "Client code reads a secret variable, and the bundler replaces the read by the value.",
    why: "The value stands in the files that every visitor loads; a variable hides it from the \
          repository only.",
    fix: "Read the variable, under a name without a public prefix, in server code only, and let \
          client code call that.",
};

const CLIENT_SECRET_LITERAL: KindText = KindText {
    title: "{} in client code",
    message: "Code that ships to clients holds {}",
    what: "A secret is written down in code that ships to clients.",
    why: "Everybody who opens the page or the app gets the code, and the secret with it; \
          minifying does not hide it.",
    fix: "Move what needs the key to the server, which reads it from its environment, and let \
          client code call that.",
};

const BUNDLE_SECRET: KindText = KindText {
    title: "{} in a file that clients get",
    message: "A file that is served as it is holds {}",
    what: "A secret stands in build output, in a source map, or in a file that is served as it \
           is.",
    why: "The file is what browsers download: where it is deployed, the secret is public.",
    fix: "Find the code or the setting that the secret comes from, move that to the server, and \
          build and deploy anew.",
};

const NATIVE_APP_SECRET: KindText = KindText {
    title: "{} in an app's package",
    message: "The package of an app takes {} along",
    what: "A secret stands in what the package of a mobile or desktop app takes along.",
    why: "Everybody who has the app can unpack it and read its strings, resources and settings.",
    fix: "Keep the key on a server of yours, and let the app ask that server.",
};

const PUBLIC_ENV_SECRET: KindText = KindText {
    title: "{} under a public name",
    message: "A variable with a public name is given a secret: {}",
    what: "A variable has a name by which bundlers put it into client code, and a secret as its \
           value.",
    why: "Bundlers give every variable with such a prefix to clients: the name publishes the \
          secret wherever it is read.",
    fix: "Rename the variable so that it has no public prefix, and read it in server code only.",
};

const BUILD_INLINE_SECRET: KindText = KindText {
    title: "{} is put into client code by the build",
    message: "The build configuration puts {} into client code",
    what: "A build configuration puts a secret, or all variables at once, into client code.",
    why: "The value stands in the built files, whatever its name, even if no code reads it on \
          purpose.",
    fix: "Take it out of the configuration: define single variables that are public, never the \
          whole environment.",
};

const SERVER_TO_CLIENT_SECRET: KindText = KindText {
    title: "{} is sent to the client",
    message: "Server code sends {} to the client",
    what: "Server code hands a secret to the client: as a property, as page data, in a response.",
    why: "What a server renders, serialises or answers can be read in the browser, shown or not.",
    fix: "Use the secret on the server, and send only what came of it.",
};

const CLIENT_TOKEN_EXCHANGE: KindText = KindText {
    title: "{} is exchanged for a token in client code",
    message: "Client code exchanges a secret key for a token: {}",
    what: "Client code calls the provider's address that gives tokens for secret keys.",
    why: "The call takes the secret key, so that client code must have it; then everybody can \
          mint tokens.",
    fix: "Let a route of your server exchange the key, and give client code the token only.",
};

const SDK_SECRET_KEY: KindText = KindText {
    title: "{} where a public key belongs",
    message: "A client package is given {}, where a public key belongs",
    what: "A package that runs in clients is given a secret key where a public one belongs.",
    why: "The package sends the key from the browser or the app, where everybody can read it.",
    fix: "Give it the public key, or a function that fetches a short-lived token from your server.",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::rules::Ruleset;

    #[test]
    fn every_kind_has_its_texts() {
        let mut whats: Vec<_> = FindingKind::all().map(|kind| KindText::of(kind).what).collect();
        whats.sort_unstable();
        whats.dedup();
        assert_eq!(whats.len(), FindingKind::all().count());
        for kind in FindingKind::all() {
            let text = KindText::of(kind);
            assert!(text.title.contains("{}") && text.message.contains("{}"), "{kind:?}");
            for sentence in [text.what, text.why, text.fix] {
                assert!(sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
            }
        }
    }

    #[test]
    fn sentences_name_what_they_are_about() {
        let rules = Ruleset::built_in();
        for (kind, expected) in [
            (FindingKind::Secret, "AI Magicx API key `KEY`"),
            (FindingKind::Leak(LeakKind::ClientSecretEnv), "`KEY` puts a secret into client code"),
            (
                FindingKind::Leak(LeakKind::ClientSecretLiteral),
                "Code that ships to clients holds `KEY`",
            ),
            (
                FindingKind::Leak(LeakKind::PublicEnvSecret),
                "A variable with a public name is given a secret: `KEY`",
            ),
        ] {
            let finding = sample::of_kind(kind);
            let rule = rules.by_id(&finding.rule_id).unwrap();
            assert_eq!(message(&finding, rule, "KEY"), expected);
        }
        let finding = sample::of_kind(FindingKind::Leak(LeakKind::ServerToClientSecret));
        let rule = rules.by_id(&finding.rule_id).unwrap();
        let sentence = message(&finding, rule, "");
        assert_eq!(sentence, "Server code sends the AI Magicx API key to the client");
    }

    #[test]
    fn what_is_to_be_done_depends_on_what_got_out() {
        let rules = Ruleset::built_in();
        let rule = rules.by_id(&sample::of_kind(FindingKind::Secret).rule_id).unwrap();
        let summary = &rule.remediation.summary;
        for (kind, is_named, expected) in [
            (FindingKind::Secret, false, Some(summary.clone())),
            (FindingKind::Leak(LeakKind::ClientSecretLiteral), false, Some(summary.clone())),
            (FindingKind::Leak(LeakKind::ClientServerEnvRead), true, None),
            (
                FindingKind::Leak(LeakKind::ClientSecretEnv),
                true,
                Some(format!("If this was ever published: {summary}")),
            ),
        ] {
            let mut finding = sample::of_kind(kind);
            assert_eq!(finding.secret.is_none(), is_named, "{kind:?}");
            assert_eq!(remedy(&finding, rule), expected, "{kind:?}");
            finding.exposure.fix = String::new();
            let own = (kind != FindingKind::Secret).then_some(KindText::of(kind).fix);
            assert_eq!(fix(&finding), own, "{kind:?}");
            finding.exposure.fix = "Do this.".to_owned();
            assert_eq!(fix(&finding), Some("Do this."), "{kind:?}");
        }
    }
}
