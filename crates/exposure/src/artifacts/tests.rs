//! Small projects and what of them ships. `@sk@`, `@mgx@` and `@pk@` stand for keys, which are made
//! at run time; `@entity@` is one with an entity in it.

use crate::artifacts::context::ArtifactContext;
use crate::artifacts::project_files::ProjectFiles;
use crate::artifacts::search::{ArtifactSecrets, secrets};
use crate::catalog::KeyKindId;
use crate::frameworks;
use crate::input::{FoundKey, KeyFinder};
use crate::leak::{Leak, LeakSubject, Side};
use crate::secret::Secret;
use crate::testing::catalog::{KINDS, catalog};
use crate::testing::memory::Memory;
use crate::testing::rng::Rng;
use crate::variables::names::SecretNames;

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Finds what has the prefix and the length of a key.
struct Prefixes([(&'static str, usize); 3]);

impl Prefixes {
    fn new() -> Self {
        let key_kind = |id| KINDS.iter().position(|kind| *kind == id).unwrap();
        Self([
            ("sk_v1_", key_kind("magicx-secret-key")),
            ("pk_v1_", key_kind("magicx-public-key")),
            ("mgx-sk-", key_kind("aimagicx-api-key")),
        ])
    }
}

impl KeyFinder for Prefixes {
    fn find(&self, text: &str) -> Vec<FoundKey> {
        let mut keys = Vec::new();
        for (prefix, key_kind) in self.0 {
            for (at, _) in text.match_indices(prefix) {
                let body = &text[at + prefix.len()..];
                let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-';
                let length = body.find(is_end).unwrap_or(body.len());
                let range = at..at + prefix.len() + length;
                if length >= 20 {
                    let secret = Secret::new(&text.as_bytes()[range.clone()], prefix.len());
                    keys.push(FoundKey { key_kind: KeyKindId(key_kind), range, secret });
                }
            }
        }
        keys.sort_by_key(|key| key.range.start);
        keys
    }

    fn masked(&self, text: &str) -> String {
        text.to_owned()
    }

    fn text(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }
}

fn key(prefix: &str) -> String {
    format!("{prefix}{}", Rng::new(7).text(ALPHABET, 40))
}

fn filled(text: &str) -> String {
    text.replace("@entity@", &key("&#115;k_v1_"))
        .replace("@sk@", &key("sk_v1_"))
        .replace("@mgx@", &key("mgx-sk-"))
        .replace("@pk@", &key("pk_v1_"))
}

fn analysed(files: &[(&str, String)]) -> (Memory, ArtifactSecrets) {
    let texts: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, &**text)).collect();
    let state = Memory::new(&texts);
    let mut paths: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    paths.sort();
    let catalog = catalog();
    let names = SecretNames::new(&catalog);
    let keys = Prefixes::new();
    let folders = &frameworks::tables().folders;
    let projects = ProjectFiles::new(&paths);
    let own = (&paths[..], &projects);
    let context = || ArtifactContext::new(own, "", &state, &catalog, &keys, &names, folders);
    let found = secrets(&context, &paths);
    (state, found)
}

/// `kind path:line` of each finding.
fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<(&str, String)> =
        files.iter().map(|(path, text)| (*path, filled(text))).collect();
    let (_, found) = analysed(&files);
    let line = |leak: &Leak| {
        assert!(!leak.trace.is_empty());
        let text = &files.iter().find(|(path, _)| **path == *leak.at.path).unwrap().1;
        let start = leak.at.span.start as usize;
        assert!(text.is_char_boundary(start) && leak.at.span.end as usize <= text.len());
        text[..start].matches('\n').count() + 1
    };
    found
        .leaks
        .iter()
        .map(|leak| format!("{} {}:{}", leak.kind.name(), leak.at.path, line(leak)))
        .collect()
}

/// A project: its name, its files with their texts, and what is to be found in it.
type Project<'p> = (&'p str, &'p [(&'p str, &'p str)], &'p [&'p str]);

/// Checks the projects of a table, and reports all that are wrong at once.
#[track_caller]
fn check(table: &[Project<'_>]) {
    let mut wrong = Vec::new();
    for (name, files, expected) in table {
        let found = findings(files);
        if found != *expected {
            wrong.push(format!("{name}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const VITE: &str = r#"{"devDependencies":{"vite":"6.0.0"}}"#;

#[test]
fn build_output_for_clients_is_told_from_that_for_servers() {
    check(&[
        (
            "a folder with an index.html",
            &[("dist/index.html", "<html>"), ("dist/assets/i.js", "const k='@mgx@'")],
            &["bundle-secret dist/assets/i.js:1"],
        ),
        (
            "a name with a hash",
            &[("web/build/static/js/main.8f14e45f.js", "\nk='@sk@'")],
            &["bundle-secret web/build/static/js/main.8f14e45f.js:2"],
        ),
        (
            "a mark of browsers",
            &[("out/a.js", "(self.webpackChunk=[]).push('@sk@')")],
            &["bundle-secret out/a.js:1"],
        ),
        ("nothing proves it", &[("dist/a.js", "k='@sk@'")], &[]),
        ("a public key", &[("dist/index.html", ""), ("dist/a.js", "k='@pk@'")], &[]),
        ("the server's part of next", &[(".next/server/page.js", "k='@sk@'")], &[]),
        (
            "the client's part of next",
            &[(".next/static/chunks/a.js", "k='@sk@'")],
            &["bundle-secret .next/static/chunks/a.js:1"],
        ),
        (
            "nitro",
            &[(".output/public/_nuxt/a.js", "'@sk@'"), (".output/server/b.mjs", "'@sk@'")],
            &["bundle-secret .output/public/_nuxt/a.js:1"],
        ),
        (
            "a server beside a client",
            &[
                ("dist/index.html", ""),
                ("dist/server/a-Bx3k9a.js", "'@sk@'"),
                ("dist/b.js", "require('express')('@sk@')"),
            ],
            &[],
        ),
        (
            "a library",
            &[
                ("package.json", r#"{"main":"./dist/index.js"}"#),
                ("dist/index.js", "'@sk@'\n//# sourceMappingURL=index.js.map"),
                ("dist/chunk-5XK3QYZT.js", "'@sk@'"),
            ],
            &[],
        ),
        (
            "a server that is started",
            &[
                ("package.json", r#"{"scripts":{"start":"node dist/main.js"}}"#),
                ("dist/main.js", "document.x;'@sk@'\n//# sourceMappingURL=main.js.map"),
            ],
            &[],
        ),
        (
            "a client built beside a server",
            &[
                ("package.json", r#"{"main":"dist/index.js"}"#),
                ("dist/index.js", "'@sk@'"),
                ("dist/public/index.html", ""),
                ("dist/public/a.js", "'@sk@'"),
            ],
            &["bundle-secret dist/public/a.js:1"],
        ),
        (
            "a report on tests",
            &[("build/reports/tests/index.html", "@sk@"), ("coverage/index.html", "@sk@")],
            &[],
        ),
    ]);
}

#[test]
fn a_secret_of_server_output_is_on_the_server() {
    for path in [".next/server/a.js", "build/server/a.js"] {
        let (_, found) = analysed(&[(path, filled("k='@sk@'"))]);
        assert_eq!(found.sided.len(), 1, "{path}");
        assert_eq!(found.sided[0].side, Side::Server);
    }
}

#[test]
fn folders_that_are_copied_ship_whatever_is_in_them() {
    let own = |dependency: &str| format!(r#"{{"dependencies":{{"{dependency}":"1.0.0"}}}}"#);
    let (next, kit, gatsby) = (own("next"), own("@sveltejs/kit"), own("gatsby"));
    let (angular, express, nothing) = (own("@angular/core"), own("express"), own("lodash"));
    check(&[
        (
            "vite",
            &[("package.json", VITE), ("public/config.json", "{\"k\":\"@sk@\"}")],
            &["bundle-secret public/config.json:1"],
        ),
        (
            "a dot file of next",
            &[("package.json", &next), ("public/.env", "K=@sk@")],
            &["bundle-secret public/.env:1"],
        ),
        (
            "svelte",
            &[("package.json", &kit), ("static/a.txt", "@sk@"), ("public/a.txt", "@sk@")],
            &["bundle-secret static/a.txt:1"],
        ),
        (
            "gatsby",
            &[("package.json", &gatsby), ("static/deep/a.json", "\"@sk@\"")],
            &["bundle-secret static/deep/a.json:1"],
        ),
        (
            "assets of angular",
            &[("package.json", &angular), ("src/assets/c.json", "\"@sk@\"")],
            &["bundle-secret src/assets/c.json:1"],
        ),
        (
            "assets that are imported",
            &[("package.json", VITE), ("src/assets/c.json", "\"@sk@\"")],
            &[],
        ),
        (
            "express",
            &[("package.json", &express), ("public/a.json", "\"@sk@\"")],
            &["bundle-secret public/a.json:1"],
        ),
        ("nothing that copies", &[("package.json", &nothing), ("public/a.json", "\"@sk@\"")], &[]),
        (
            "spring",
            &[("src/main/resources/static/a.js", "'@sk@'")],
            &["bundle-secret src/main/resources/static/a.js:1"],
        ),
        ("laravel's own code", &[("artisan", ""), ("public/index.php", "'@sk@'")], &[]),
        (
            "a page there",
            &[("package.json", VITE), ("public/a.html", "@sk@")],
            &["bundle-secret public/a.html:1"],
        ),
    ]);
}

#[test]
fn source_maps_show_what_they_were_made_of() {
    let encoded = |text: &str| {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for chunk in text.as_bytes().chunks(3) {
            let bits = chunk.iter().fold(0_u32, |bits, &b| (bits << 8) | u32::from(b));
            let bits = bits << (8 * (3 - chunk.len()));
            for place in 0..=chunk.len() {
                out.push(char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]));
            }
        }
        out
    };
    let map = filled(r#"{"sources":["a.ts","b.ts"],"sourcesContent":["x","// @sk@"]}"#);
    let inline = format!(
        "a()\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,{}",
        encoded(&map)
    );
    let hidden = map.replace("sk_v1_", "sk\\u005fv1_");
    check(&[
        (
            "a map",
            &[("dist/index.html", ""), ("dist/a.js.map", &map)],
            &["bundle-secret dist/a.js.map:1"],
        ),
        (
            "a map in its file",
            &[("dist/index.html", ""), ("dist/a.js", &inline)],
            &["bundle-secret dist/a.js:2"],
        ),
        (
            "a map with escapes",
            &[("dist/index.html", ""), ("dist/a.js.map", &hidden)],
            &["bundle-secret dist/a.js.map:1"],
        ),
        (
            "a broken map",
            &[("dist/index.html", ""), ("dist/a.js.map", "{\"a\":[\"@sk@")],
            &["bundle-secret dist/a.js.map:1"],
        ),
        ("a map of a server", &[(".next/server/a.js.map", &map), ("dist/b.js.map", &map)], &[]),
    ]);
    let (_, found) = analysed(&[("dist/index.html", String::new()), ("dist/a.js.map", map)]);
    assert!(found.leaks[0].trace[1].note.contains("b.ts"));
    assert!(matches!(found.leaks[0].subject, LeakSubject::Secret(_)));
}

#[test]
fn a_large_map_on_one_line_is_read() {
    let filler = "x".repeat(1 << 20);
    let map = filled(&format!(r#"{{"sources":["a"],"sourcesContent":["{filler} @sk@"]}}"#));
    assert_eq!(
        findings(&[("dist/index.html", ""), ("dist/a.js.map", &map)]),
        ["bundle-secret dist/a.js.map:1"]
    );
}

#[test]
fn pages_ship_with_their_comments() {
    check(&[
        (
            "a comment",
            &[("index.html", "\n<!-- @mgx@ -->")],
            &["client-secret-literal index.html:2"],
        ),
        (
            "an attribute and a script",
            &[("a/b.htm", "<meta content='@sk@'>\n<script>k='@mgx@'</script>")],
            &["client-secret-literal a/b.htm:1", "client-secret-literal a/b.htm:2"],
        ),
        ("a public key", &[("index.html", "<p data-key=@pk@>")], &[]),
        ("a page of a test", &[("test/fixtures/a.html", "@sk@"), ("a.test.html", "@sk@")], &[]),
        ("what a template leaves out", &[("templates/a.html", "{# @sk@ #}")], &[]),
        (
            "a component's comment",
            &[
                ("package.json", r#"{"dependencies":{"@angular/core":"18.0.0"}}"#),
                ("src/app/a.component.html", "<!-- @sk@ -->"),
            ],
            &[],
        ),
    ]);
}

#[test]
fn extensions_are_packaged_with_all_beside_the_manifest() {
    let manifest = r#"{ "manifest_version": 3, // three
        "content_scripts": [{ "js": ["content.js"] }], "background": { "service_worker": "bg.js" } }"#;
    check(&[
        (
            "scripts, pages and data",
            &[
                ("x/manifest.json", manifest),
                ("x/content.js", "k = '@mgx@'"),
                ("x/lib/a.js", "// @sk@"),
                ("x/data.json", "\"@sk@\""),
                ("server.js", "'@sk@'"),
            ],
            &[
                "client-secret-literal x/content.js:1",
                "client-secret-literal x/data.json:1",
                "client-secret-literal x/lib/a.js:1",
            ],
        ),
        (
            "one that is built",
            &[
                ("package.json", "{}"),
                ("public/manifest.json", manifest),
                ("src/bg.ts", "// @sk@\nk = '@sk@'"),
                ("server/a.js", "'@sk@'"),
                ("webpack.config.js", "'@sk@'"),
                ("scripts/upload.js", "'@sk@'"),
                ("tests/a.js", "'@sk@'"),
            ],
            &["client-secret-literal src/bg.ts:2"],
        ),
        (
            "wxt",
            &[
                ("package.json", r#"{"devDependencies":{"wxt":"0.19.0"}}"#),
                ("entrypoints/background.ts", "k = '@sk@'"),
            ],
            &["client-secret-literal entrypoints/background.ts:1"],
        ),
        (
            "a manifest of a web app",
            &[("manifest.json", r#"{"name":"x"}"#), ("a.js", "'@sk@'")],
            &[],
        ),
        ("a public key", &[("manifest.json", manifest), ("content.js", "'@pk@'")], &[]),
    ]);
}

#[test]
fn android_packages_hold_resources_assets_and_code() {
    let app = "plugins { id 'com.android.application' }";
    check(&[
        (
            "a resource",
            &[(
                "app/src/main/res/values/strings.xml",
                "<r>\n<string name=\"k\">@mgx@</string></r>",
            )],
            &["native-app-secret app/src/main/res/values/strings.xml:2"],
        ),
        (
            "what is hidden by an entity",
            &[("app/src/main/res/values-de/a.xml", "<r><s>@entity@</s></r>")],
            &["native-app-secret app/src/main/res/values-de/a.xml:1"],
        ),
        (
            "comments and public keys are not packaged, or may be",
            &[("app/src/main/res/values/a.xml", "<r><!-- @sk@ --><s>@pk@</s></r>")],
            &[],
        ),
        (
            "assets and the manifest",
            &[
                ("app/build.gradle", app),
                ("app/src/main/assets/c.json", "\"@sk@\""),
                (
                    "app/src/main/AndroidManifest.xml",
                    "<m>\n<meta-data android:value=\"@sk@\" xmlns:android=\"a\"/></m>",
                ),
            ],
            &[
                "native-app-secret app/src/main/AndroidManifest.xml:2",
                "native-app-secret app/src/main/assets/c.json:1",
            ],
        ),
        (
            "code",
            &[
                ("app/build.gradle", app),
                ("app/src/main/java/a/A.kt", "// @sk@\nconst val K = \"@sk@\""),
                ("app/src/main/java/a/B.java", "/* @sk@ */ String k = \"@sk@\";"),
                ("app/src/test/java/a/T.kt", "\"@sk@\""),
            ],
            &[
                "native-app-secret app/src/main/java/a/A.kt:2",
                "native-app-secret app/src/main/java/a/B.java:1",
            ],
        ),
        (
            "a module of a server",
            &[
                ("app/build.gradle", app),
                ("server/build.gradle.kts", "plugins { id(\"io.ktor.plugin\") }"),
                ("server/src/main/kotlin/A.kt", "val k = \"@sk@\""),
                ("lib/src/main/java/B.java", "String k = \"@sk@\";"),
            ],
            &[],
        ),
        (
            "a name in the manifest",
            &[(
                "app/src/main/AndroidManifest.xml",
                "<m><d v=\"${MAGICX_SECRET_KEY}\"/><d v=\"${MAPS}\"/></m>",
            )],
            &["native-app-secret app/src/main/AndroidManifest.xml:1"],
        ),
    ]);
}

#[test]
fn a_broken_resource_is_a_notice_and_no_finding() {
    let (_, found) = analysed(&[("app/src/main/res/values/a.xml", filled("<r><s>@sk@</r>"))]);
    assert!(found.leaks.is_empty());
    assert_eq!(found.notices.len(), 1);
}

#[test]
fn build_scripts_package_what_they_are_given() {
    let app = |line: &str| {
        format!("plugins {{ id 'com.android.application' }}\nandroid {{\n{line}\n}}\n")
    };
    let literal = app(r#"buildConfigField "String", "K", "\"@sk@\"""#);
    let environment =
        app(r#"buildConfigField("String", "K", "\"${System.getenv("MAGICX_SECRET_KEY")}\"")"#);
    let field = app(r#"buildConfigField("String", "AIMAGICX_API_KEY", "\"$key\"")"#);
    let property = app(r#"resValue("string", "ac", project.properties["AC_KEY"] as String)"#);
    let local = app(r#"buildConfigField("String", "AC", localProperties.getProperty("ac.key"))"#);
    let variable = format!("val ac = \"@sk@\"\n{}", app(r#"buildConfigField("String", "AC", ac)"#));
    let placeholders = app(
        "manifestPlaceholders = [\n  maps: mapsKey,\n  ac: System.getenv('MAGICX_SECRET_KEY')\n]",
    );
    let empty = app(r#"buildConfigField("String", "MAGICX_SECRET_KEY", "\"\"")"#);
    let public = app(r#"buildConfigField("String", "MAGICX_SECRET_KEY", "\"@pk@\"")"#);
    let comment = app(r#"// buildConfigField("String", "K", "\"@sk@\"")"#);
    let plugin =
        "plugins { id(\"com.google.android.libraries.mapsplatform.secrets-gradle-plugin\") }";
    check(&[
        ("a literal", &[("app/build.gradle", &literal)], &["native-app-secret app/build.gradle:3"]),
        (
            "the environment",
            &[("app/build.gradle.kts", &environment)],
            &["native-app-secret app/build.gradle.kts:3"],
        ),
        (
            "a field's name",
            &[("app/build.gradle", &field)],
            &["native-app-secret app/build.gradle:3"],
        ),
        (
            "a property",
            &[("app/build.gradle.kts", &property), ("gradle.properties", "a=b\nAC_KEY=@sk@\n")],
            &["native-app-secret app/build.gradle.kts:3"],
        ),
        (
            "a local property",
            &[("app/build.gradle.kts", &local), ("local.properties", "ac.key=@mgx@")],
            &["native-app-secret app/build.gradle.kts:3"],
        ),
        (
            "a public property",
            &[("app/build.gradle.kts", &property), ("gradle.properties", "AC_KEY=@pk@")],
            &[],
        ),
        (
            "a variable",
            &[("app/build.gradle.kts", &variable)],
            &["native-app-secret app/build.gradle.kts:4"],
        ),
        (
            "one of several placeholders",
            &[("app/build.gradle", &placeholders)],
            &["native-app-secret app/build.gradle:5"],
        ),
        ("an empty field", &[("app/build.gradle", &empty)], &[]),
        ("a public key", &[("app/build.gradle", &public)], &[]),
        ("a comment", &[("app/build.gradle", &comment)], &[]),
        (
            "a property that nothing packages",
            &[("app/build.gradle", "apply plugin: 'java'"), ("gradle.properties", "K=@sk@")],
            &[],
        ),
        (
            "the secrets plugin",
            &[("app/build.gradle.kts", plugin), ("local.properties", "sdk.dir=/x\nK=@sk@")],
            &["native-app-secret local.properties:2"],
        ),
        (
            "a field of a server",
            &[(
                "build.gradle.kts",
                "plugins { id(\"com.github.gmazzo.buildconfig\") }\nbuildConfigField(\"K\", \"@sk@\")",
            )],
            &[],
        ),
    ]);
}

#[test]
fn apps_of_apple_hold_lists_texts_and_code() {
    let list = |value: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist><dict>\n<key>K</key>\n<string>{value}</string>\n</dict></plist>"
        )
    };
    let (literal, public, comment) = (list("@sk@"), list("@pk@"), list("<!-- @sk@ -->"));
    let (reference, other) = (list("$(AC_KEY)"), list("$(MAGICX_SECRET_KEY)"));
    let vapor = ".package(url: \"https://github.com/vapor/vapor.git\")";
    check(&[
        ("a list", &[("App/Info.plist", &literal)], &["native-app-secret App/Info.plist:5"]),
        (
            "a public key and a comment",
            &[("App/Info.plist", &public), ("B/Info.plist", &comment)],
            &[],
        ),
        (
            "another list of a project",
            &[("App/Secrets.plist", &literal), ("App.xcodeproj/project.pbxproj", "")],
            &["native-app-secret App/Secrets.plist:5"],
        ),
        ("a list of no project", &[("launchd/x.plist", &literal)], &[]),
        (
            "texts",
            &[("App/en.lproj/Localizable.strings", "// @sk@\n\"k\" = \"@sk@\";")],
            &["native-app-secret App/en.lproj/Localizable.strings:2"],
        ),
        (
            "code",
            &[
                ("ios/App.xcodeproj/project.pbxproj", ""),
                ("ios/App/A.swift", "/* /* */ @sk@ */\nlet k = \"@sk@\""),
                ("ios/App/B.m", "NSString *k = @\"@mgx@\";"),
                ("ios/AppTests/C.swift", "\"@sk@\""),
            ],
            &["native-app-secret ios/App/A.swift:2", "native-app-secret ios/App/B.m:1"],
        ),
        (
            "code by its imports",
            &[("A.swift", "import SwiftUI\nlet k = \"@sk@\"")],
            &["native-app-secret A.swift:2"],
        ),
        (
            "a server",
            &[
                ("Package.swift", vapor),
                ("Sources/App/main.swift", "import Vapor\nlet k = \"@sk@\""),
            ],
            &[],
        ),
        ("code of nothing known", &[("Sources/main.swift", "let k = \"@sk@\"")], &[]),
        (
            "settings that a list takes up",
            &[("App/Info.plist", &reference), ("Config/A.xcconfig", "// x\nAC_KEY = @sk@\n")],
            &["native-app-secret Config/A.xcconfig:2"],
        ),
        (
            "by way of another setting",
            &[
                ("App/Info.plist", &reference),
                ("A.xcconfig", "AC_KEY = $(BASE)\n"),
                ("B.xcconfig", "BASE[sdk=*] = @sk@"),
            ],
            &["native-app-secret B.xcconfig:1"],
        ),
        (
            "settings that nothing takes up",
            &[("App/Info.plist", &public), ("A.xcconfig", "K = @sk@")],
            &[],
        ),
        ("a name", &[("App/Info.plist", &other)], &["native-app-secret App/Info.plist:5"]),
        (
            "a name with a public value",
            &[("App/Info.plist", &other), ("A.xcconfig", "MAGICX_SECRET_KEY = @pk@")],
            &[],
        ),
    ]);
}

#[test]
fn flutter_compiles_code_and_definitions_in() {
    let spec =
        "name: a\ndependencies:\n  flutter:\n    sdk: flutter\nflutter:\n  assets:\n    - .env\n";
    check(&[
        (
            "code",
            &[
                ("pubspec.yaml", spec),
                ("lib/a.dart", "// @sk@\nconst k = '@sk@';"),
                ("test/a.dart", "'@sk@'"),
                ("bin/a.dart", "'@sk@'"),
            ],
            &["native-app-secret lib/a.dart:2"],
        ),
        (
            "a default",
            &[
                ("pubspec.yaml", spec),
                (
                    "lib/a.dart",
                    "const k = String.fromEnvironment('MAGICX_SECRET_KEY', defaultValue: '@sk@');",
                ),
            ],
            &["native-app-secret lib/a.dart:1"],
        ),
        (
            "a name",
            &[
                ("pubspec.yaml", spec),
                (
                    "lib/a.dart",
                    "const k = String.fromEnvironment('MAGICX_SECRET_KEY');\nconst p = String.fromEnvironment('MAGICX_PUBLIC_KEY');",
                ),
            ],
            &["native-app-secret lib/a.dart:1"],
        ),
        (
            "a definition in a workflow",
            &[
                ("pubspec.yaml", spec),
                (
                    ".github/workflows/a.yml",
                    "run: |\n  flutter build --dart-define=MAGICX_SECRET_KEY=${{ secrets.K }} --dart-define=A=b",
                ),
            ],
            &["native-app-secret .github/workflows/a.yml:2"],
        ),
        (
            "a literal in a script",
            &[
                (
                    "b.sh",
                    "# --dart-define=K=@sk@\nflutter run --dart-define K=@sk@ --dart-define=P=@pk@",
                ),
                ("README.md", "--dart-define=MAGICX_SECRET_KEY=x"),
            ],
            &["native-app-secret b.sh:2"],
        ),
        (
            "a file of definitions",
            &[
                ("pubspec.yaml", spec),
                ("env/prod.json", "{\n\"K\": \"@sk@\"}"),
                ("env/other.json", "\"@sk@\""),
                ("b.sh", "flutter build --dart-define-from-file=env/prod.json --release"),
            ],
            &["native-app-secret env/prod.json:2"],
        ),
        (
            "an asset",
            &[
                ("pubspec.yaml", spec),
                (".env", "MAGICX_SECRET_KEY=@sk@"),
                ("lib/a.dart", "final k = dotenv.env['MAGICX_SECRET_KEY'];"),
            ],
            &["native-app-secret .env:1"],
        ),
        (
            "an asset that is not there",
            &[("pubspec.yaml", spec), ("lib/a.dart", "final k = dotenv.env['MAGICX_SECRET_KEY'];")],
            &["native-app-secret lib/a.dart:1"],
        ),
        (
            "a server in Dart",
            &[
                ("pubspec.yaml", "name: a\ndependencies:\n  shelf: 1.0.0\n"),
                ("lib/a.dart", "'@sk@'"),
            ],
            &[],
        ),
    ]);
}

#[test]
fn other_packages_hold_their_code_and_assets() {
    let unity = ("ProjectSettings/ProjectVersion.txt", "m_EditorVersion: 6000");
    let maui = "<Project><UseMaui>true</UseMaui></Project>";
    check(&[
        (
            "cordova",
            &[
                ("config.xml", "<widget>\n<preference value=\"@sk@\"/></widget>"),
                ("www/js/a.js", "'@sk@'"),
            ],
            &["native-app-secret config.xml:2", "bundle-secret www/js/a.js:1"],
        ),
        (
            "capacitor",
            &[("capacitor.config.ts", "// @sk@\nexport default { k: '@sk@' }")],
            &["native-app-secret capacitor.config.ts:2"],
        ),
        (
            "unity",
            &[
                unity,
                ("Assets/Scripts/A.cs", "string k = \"@sk@\";"),
                ("Assets/Editor/B.cs", "string k = \"@sk@\";"),
                ("Assets/StreamingAssets/c.json", "\"@sk@\""),
            ],
            &[
                "native-app-secret Assets/Scripts/A.cs:1",
                "native-app-secret Assets/StreamingAssets/c.json:1",
            ],
        ),
        (
            "maui",
            &[
                ("App/App.csproj", maui),
                ("App/A.cs", "\"@sk@\""),
                ("App/Resources/Raw/a.txt", "@sk@"),
            ],
            &["native-app-secret App/A.cs:1", "native-app-secret App/Resources/Raw/a.txt:1"],
        ),
        (
            "a server",
            &[
                ("Api/Api.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\"/>"),
                ("Api/A.cs", "\"@sk@\""),
            ],
            &[],
        ),
    ]);
}

#[test]
fn no_finding_tells_a_secret() {
    let files = [
        ("dist/index.html", String::new()),
        ("dist/a.js.map", filled(r#"{"sources":["a.ts"],"sourcesContent":["@sk@"]}"#)),
        ("A.xcconfig", filled("INFOPLIST_KEY_K = @sk@")),
        ("app/build.gradle", filled("com.android\nresValue 'string', 'a', '@mgx@'")),
    ];
    let (_, found) = analysed(&files);
    assert_eq!(found.leaks.len(), 3);
    let said = format!("{:?} {:?}", found.leaks, found.notices);
    for key in [key("sk_v1_"), key("mgx-sk-")] {
        assert!(!said.contains(&key));
    }
}

#[test]
fn hostile_files_end() {
    let calls: String = (0..3000).map(|n| format!("val a{n} = a{} + b\n", n + 1)).collect();
    let script = format!("com.android\n{calls}{}", "buildConfigField(a0, (\n".repeat(3000));
    let page = "{{!".repeat(100_000);
    for (path, text) in [
        ("app/build.gradle", script),
        ("index.html", page),
        ("A.xcconfig", filled(&"= @sk@ é\n".repeat(100))),
        ("pubspec.yaml", "flutter:\n assets:\n".repeat(10_000)),
        ("a.sh", "--dart-define=é=é".repeat(10_000)),
        ("manifest.json", "[".repeat(100_000)),
        ("App/Info.plist", "<a b='$('>".repeat(10_000)),
        ("dist/a.js", "//# sourceMappingURL=data:application/json;base64,é".repeat(1000)),
    ] {
        let script = ("content.js", "k".to_owned());
        let page = ("dist/index.html", String::new());
        let (_, found) = analysed(&[(path, text), script, page]);
        assert!(found.leaks.is_empty(), "{path}");
    }
}
