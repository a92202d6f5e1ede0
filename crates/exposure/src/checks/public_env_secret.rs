//! `public-env-secret`: the value of a variable with a public name is a secret, or its name says
//! that it is meant to be.

use std::collections::BTreeMap;

use crate::app::App;
use crate::checks::check::Check;
use crate::checks::checker::leave_out;
use crate::checks::kind_texts::KindTexts;
use crate::frameworks::modes::unread_file;
use crate::js::guard::Absence;
use crate::leak::{Leak, LeakKind, LeakSubject, StepKind, TraceStep};
use crate::severity::{Confidence, Severity};
use crate::variables::declarations::Declaration;
use crate::variables::names::public_prefix;
use crate::variables::tainted::{TaintedVariables, ValueClass};

/// The texts and the fix of the kind.
pub(crate) const CHECK: Check = Check {
    kind: LeakKind::PublicEnvSecret,
    texts: KindTexts {
        title: "{} under a public name",
        message: "A variable with a public name is given a secret: {}",
        meaning: "A variable has a secret as its value and a name by which bundlers put it into \
                  client code.",
        why: "Bundlers give every variable with such a prefix to clients: the name publishes the \
              secret wherever it is read.",
        fix: "Rename the variable so that it has no public prefix, and read it in server code only.",
        cwe: 200,
        is_published: true,
        example: &[
            ("package.json", r#"{ "devDependencies": { "vite": "6.0.0" } }"#),
            (".env", "VITE_ACME_SECRET_KEY=acme_sk_…"),
        ],
    },
    fix: |context| format!("Read {} {}.", context.read(), context.in_server_code()),
};

/// The variables that are public by their names, by a prefix that is public anywhere, unless the
/// configuration `changed` it, or by one of `prefixes`, and whose values are secrets or meant to be: one for each name in a file, by place.
pub(crate) fn leaks(
    app: &App<'_>,
    prefixes: &[String],
    changed: &[&str],
    env: &TaintedVariables<'_>,
) -> Vec<Leak> {
    let own = prefixes.iter().map(String::as_str);
    let known = app.conventions.public_prefixes.iter().copied();
    let known = known.filter(|prefix| !changed.contains(prefix));
    let prefixes: Vec<&str> = known.chain(own).collect();
    let mut found: BTreeMap<(&str, &str), Leak> = BTreeMap::new();
    for (declaration, value) in env.declared() {
        let Some(parts) = public_prefix(&declaration.name, &prefixes) else { continue };
        let Some(leak) = leak(declaration, value, app, env, parts) else { continue };
        if !app.catalog.kind(leak.key_kind).is_wanted {
            continue;
        }
        let key = (&*declaration.at.path, declaration.name.as_str());
        match found.get(&key) {
            Some(known) if known.severity >= leak.severity => {}
            Some(_) | None => {
                found.insert(key, leak);
            }
        }
    }
    let mut leaks: Vec<Leak> = found.into_values().collect();
    leaks.sort_by(|a, b| a.at.cmp(&b.at));
    leaks
}

/// The leak of a declaration of a public name; `parts` are the name's prefix and the rest.
fn leak(
    declaration: &Declaration,
    value: &ValueClass,
    app: &App<'_>,
    env: &TaintedVariables<'_>,
    parts: (&str, &str),
) -> Option<Leak> {
    let (name, (prefix, rest)) = (&declaration.name, parts);
    let by_name = || app.names.key_kind(rest).or_else(|| app.names.key_kind(name));
    let mut related = Vec::new();
    let (key_kind, subject, severity) = match value {
        ValueClass::Secret(key_kind, secret) => {
            (*key_kind, LeakSubject::Secret(secret.clone()), Severity::Error)
        }
        ValueClass::Harmless => return None,
        ValueClass::Unknown => {
            let subject = LeakSubject::Name(name.clone());
            if let Some((key_kind, other)) = env.referred(declaration) {
                related.extend(env.source(other));
                (key_kind, subject, Severity::Error)
            } else if env.is_cleared(name) {
                return None;
            } else {
                (by_name()?, subject, Severity::Warning)
            }
        }
    };
    let severity = if declaration.is_example { Severity::Warning } else { severity };
    let note = format!("the name makes {name} public ({})", declaration.place);
    let at = declaration.at.clone();
    let mut leak = Leak {
        kind: CHECK.kind,
        key_kind,
        subject,
        at: at.clone(),
        written_at: None,
        severity,
        confidence: Confidence::High,
        framework: None,
        trace: vec![TraceStep { at, kind: StepKind::Source, note }],
        related,
        fix: fix(app, name, prefix, rest),
    };
    if declaration.is_for_development {
        leave_out(&mut leak, Absence::DevelopmentVariable);
    } else if let Some(absence) = unread_file(app, &declaration.at.path) {
        leave_out(&mut leak, absence);
    }
    Some(leak)
}

/// The fix. A prefix of a configuration may be the only part of a name that speaks of the provider.
fn fix(app: &App<'_>, name: &str, prefix: &str, rest: &str) -> String {
    if app.conventions.public_prefixes.contains(&prefix) || app.names.key_kind(rest).is_some() {
        return format!(
            "Rename {name} to {rest}, without the public prefix, and read it in server code only."
        );
    }
    format!("Take {prefix} off the public prefixes, and read {name} in server code only.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::variables::{key_body, with_variables};

    /// Runs `check` with the leaks of files in which `{SK}` and `{PK}` are keys.
    fn with_leaks(files: &[(&str, &str)], prefixes: &[&str], check: impl FnOnce(&[Leak])) {
        let prefixes: Vec<String> = prefixes.iter().map(|&prefix| prefix.to_owned()).collect();
        with_variables(files, |app, env| {
            let leaks = leaks(app, &prefixes, &[], env);
            for leak in &leaks {
                let hops = leak.trace.iter().chain(&leak.related);
                for text in hops.map(|hop| &hop.note).chain([&leak.fix]) {
                    assert!(!text.contains(&key_body()), "{text}");
                }
            }
            check(&leaks);
        });
    }

    /// The leaks in words: path, line, name or `key`, severity.
    fn lines(leaks: &[Leak], files: &[(&str, &str)]) -> Vec<String> {
        let line = |leak: &Leak| {
            let text = files.iter().find(|(path, _)| **path == *leak.at.path).unwrap().1;
            // Keys are longer than their placeholders, but never on a line of their own.
            let name = leak.trace[0].note.split(' ').nth(3).unwrap();
            1 + text.lines().position(|line| line.contains(name)).unwrap()
        };
        let subject = |leak: &Leak| match &leak.subject {
            LeakSubject::Secret(_) => "key".to_owned(),
            LeakSubject::Name(name) => name.clone(),
        };
        let all = leaks.iter().map(|leak| {
            format!("{}:{} {} {:?}", leak.at.path, line(leak), subject(leak), leak.severity)
        });
        all.collect()
    }

    #[test]
    fn public_names_with_secrets_are_reported() {
        for (path, text, prefixes, expected) in [
            (".env", "VITE_X={SK}\n", &[][..], &[".env:1 key Error"][..]),
            (
                ".env",
                "MAGICX_API_KEY={SK}\nVITE_X=$MAGICX_API_KEY\n",
                &[],
                &[".env:2 VITE_X Error"],
            ),
            (".env", "VITE_X={PK}\nVITE_MAGICX_SK={PK}\nX={SK}\n", &[], &[]),
            (".env", "VITE_MAGICX_SECRET_KEY=\n", &[], &[".env:1 VITE_MAGICX_SECRET_KEY Warning"]),
            (
                ".env",
                "VITE_MAGICX_SECRET_KEY=your_key\n",
                &[],
                &[".env:1 VITE_MAGICX_SECRET_KEY Warning"],
            ),
            (".env", "VITE_MAGICX_HAS_SECRET=true\nVITE_MAGICX_PRODUCT_ID=7\n", &[], &[]),
            (".env", "VITE_MAGICX_API_KEY=\nNEXT_PUBLIC_MAGICX_PK=x\n", &[], &[]),
            (".env.example", "VITE_X={SK}\n", &[], &[".env.example:1 key Warning"]),
            (".env", "PUBLIC_MAGICX_SECRET_KEY={SK}\n", &[], &[]),
            (".env", "PUBLIC_MAGICX_SECRET_KEY={SK}\n", &["PUBLIC_"], &[".env:1 key Error"]),
            (".env", "MAGICX_SECRET_KEY={SK}\n", &["MAGICX_"], &[".env:1 key Error"]),
            (
                "Dockerfile",
                "FROM node\nARG MAGICX_SECRET_KEY\nENV VITE_MAGICX_SECRET_KEY=$MAGICX_SECRET_KEY\n",
                &[],
                &["Dockerfile:3 VITE_MAGICX_SECRET_KEY Error"],
            ),
            (
                "Dockerfile",
                "ARG VITE_MAGICX_PUBLIC_KEY\nENV VITE_MAGICX_PUBLIC_KEY=$VITE_MAGICX_PUBLIC_KEY\n\
                 ENV MAGICX_SECRET_KEY=\"\"\n",
                &[],
                &[],
            ),
            (
                ".github/workflows/a.yml",
                "env:\n  MAGICX_SECRET_KEY: ${{ secrets.MAGICX_SECRET_KEY }}\n  \
                 NEXT_PUBLIC_MAGICX_PUBLIC_KEY: ${{ vars.MAGICX_PUBLIC_KEY }}\n  \
                 NEXT_PUBLIC_K: ${{ secrets.aimagicx_api_key }}\n",
                &[],
                &[".github/workflows/a.yml:4 NEXT_PUBLIC_K Error"],
            ),
        ] {
            let files = [(path, text)];
            with_leaks(&files, prefixes, |leaks| {
                assert_eq!(lines(leaks, &files), expected, "{text}");
            });
        }
        let files = [(".env", "VITE_X={SK}\nVITE_X={SK}\n"), (".env.local", "VITE_X={SK}\n")];
        with_leaks(&files, &[], |leaks| {
            assert_eq!(lines(leaks, &files), [".env:1 key Error", ".env.local:1 key Error"]);
        });
    }

    #[test]
    fn a_leak_names_the_variable_it_refers_to_and_the_fix() {
        let files = [(".env", "A={SK}\nVITE_AI_KEY=$A\n")];
        with_leaks(&files, &[], |leaks| {
            assert_eq!(leaks[0].related[0].note, "A is declared here (.env file)");
            let fix = "Rename VITE_AI_KEY to AI_KEY, without the public prefix, \
                       and read it in server code only.";
            assert_eq!(leaks[0].fix, fix);
        });
        with_leaks(&[(".env", "MAGICX_SECRET_KEY={SK}\n")], &["MAGICX_"], |leaks| {
            assert!(leaks[0].fix.starts_with("Take MAGICX_ off the public prefixes"));
        });
    }
}
