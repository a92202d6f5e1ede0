//! `native-app-secret`: a secret is in the package of a mobile or desktop app.
//! [`crate::artifacts`] finds these by the place of the file.

use crate::checks::check::Check;
use crate::checks::kind_texts::KindTexts;
use crate::leak::LeakKind;

/// The texts and the fix of the kind.
pub(crate) const CHECK: Check = Check {
    kind: LeakKind::NativeAppSecret,
    texts: KindTexts {
        title: "{} in an app's package",
        message: "The package of an app contains {}",
        meaning: "A secret is in a file or setting that the package of a mobile or desktop app \
                  contains.",
        why: "Everybody who has the app can unpack it and read its strings, resources and settings.",
        fix: "Keep the key on a server of yours, and let the app ask that server.",
        cwe: 798,
        is_published: true,
        example: &[
            ("app/build.gradle", "plugins { id 'com.android.application' }"),
            (
                "app/src/main/res/values/strings.xml",
                r#"<resources><string name="key">acme_sk_…</string></resources>"#,
            ),
        ],
    },
    fix: |_| {
        "Keep the key on a server that calls the provider for the app, and revoke this one."
            .to_owned()
    },
};
