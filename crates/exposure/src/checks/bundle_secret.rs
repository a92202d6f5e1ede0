//! `bundle-secret`: a secret is in build output, in a source map or in a file that is served as it
//! is. [`crate::artifacts`] finds these by the place of the file.

use crate::checks::check::Check;
use crate::checks::kind_texts::KindTexts;
use crate::leak::LeakKind;

/// The texts and the fix of the kind.
pub(crate) const CHECK: Check = Check {
    kind: LeakKind::BundleSecret,
    texts: KindTexts {
        title: "{} in a file that clients get",
        message: "A file that is served as it is contains {}",
        meaning: "A secret is in build output, in a source map, or in a file that is served as it \
                  is.",
        why: "Browsers download the file: once it is deployed, the secret is public.",
        fix: "Find the code or the setting that the secret comes from, move that to the server, \
              then build and deploy again.",
        cwe: 798,
        is_published: true,
        example: &[
            ("package.json", r#"{ "devDependencies": { "vite": "6.0.0" } }"#),
            ("public/config.json", r#"{ "key": "acme_sk_…" }"#),
        ],
    },
    fix: |_| {
        "Remove the key from what is built or served, move its use to a server, and revoke it."
            .to_owned()
    },
};
