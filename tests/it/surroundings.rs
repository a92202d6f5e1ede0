//! Keys of every kind are found in every syntactic context, at the right column; words that look
//! like keys are not.

use crate::support::{AIMAGICX, Dir, PUBLIC, SECRET, TOKEN, places};

/// `@` is replaced with the key.
const SURROUNDINGS: &[(&str, &str)] = &[
    ("bare", "@"),
    ("javascript", "const key = '@';"),
    ("typescript", "export const KEY: string = \"@\" as const"),
    ("template", "`Bearer @`"),
    ("template with a place", "`${prefix}@${suffix}`"),
    ("jsx", "<AIAutocomplete apiConfig={{ apiKey: \"@\" }} />"),
    ("property", "client({apiKey:'@',debug:!0})"),
    ("minified", "var a=1,b=\"@\",c=function(){return b}"),
    ("array", "[\"@\", \"other\"]"),
    ("json", "{\"key\": \"@\"}"),
    ("json in a string", "\"{\\\"key\\\": \\\"@\\\"}\""),
    ("json with a line break before", "\"A=1\\n@\\nB=2\""),
    ("yaml", "key: @"),
    ("yaml quoted", "key: '@' # comment"),
    ("toml", "key = \"@\""),
    ("ini", "key=@"),
    ("dotenv", "MAGICX_SECRET_KEY=@"),
    ("dotenv export", "export MAGICX_SECRET_KEY=\"@\""),
    ("shell default", "${MAGICX_SECRET_KEY:-@}"),
    ("shell command", "curl -H \"Authorization: Bearer @\" https://example.com"),
    ("dockerfile", "ENV MAGICX_SECRET_KEY=@"),
    ("docker compose", "      - MAGICX_SECRET_KEY=@"),
    ("makefile", "\tKEY := @"),
    ("python", "os.environ['KEY'] = u'@'"),
    ("python bytes", "key = b'@'"),
    ("python docstring", "\"\"\"key @\"\"\""),
    ("ruby", ":key => \"@\""),
    ("go", "const key = \"@\""),
    ("go raw", "key := `@`"),
    ("rust", "let key: &str = r#\"@\"#;"),
    ("java", "private static final String KEY = \"@\";"),
    ("c", "#define KEY \"@\""),
    ("php", "<?php define('KEY', '@'); ?>"),
    ("sql", "INSERT INTO keys VALUES (1, '@');"),
    ("xml", "<key>@</key>"),
    ("xml attribute", "<add key=\"k\" value=\"@\"/>"),
    ("html comment", "<!-- key: @ -->"),
    ("html comment without a blank", "<!--@-->"),
    ("html entity", "value=&quot;@&quot;"),
    ("plist", "<string>@</string>"),
    ("url query", "https://example.com/?key=@&x=1"),
    ("url encoded", "https://example.com/?q=key%3D@%26x%3D1"),
    ("url userinfo", "https://user:@@example.com/"),
    ("url path", "https://example.com/@/x"),
    ("markdown code", "Use `@` here."),
    ("markdown bold", "**@**"),
    ("markdown table", "| key | @ |"),
    ("markdown link", "[key](@)"),
    ("line comment", "// @"),
    ("block comment", "/* @ */"),
    ("csv", "1,@,2"),
    ("tab separated", "a\t@\tb"),
    ("log line", "2026-01-01 12:00:00 [info] key=@, status=200"),
    ("terminal colours", "\u{1b}[32m@\u{1b}[0m"),
    ("terminal colours written out", "\\033[32m@\\033[0m"),
    ("parentheses", "(@)"),
    ("angle brackets", "<@>"),
    ("sentence", "The key is @."),
    ("question", "Is it @?"),
    ("semicolon", "@;"),
    ("after a colon", "key:@"),
    ("after a dollar", "$@"),
    ("after a hyphen", "key-@"),
    ("after a dot", "config.@"),
    ("after multi-byte characters", "日本語 é 😀 '@'"),
    ("between multi-byte characters", "é@é"),
    ("unicode escape before", "\"\\u0022@\\u0022\""),
    ("hex escape before", "\"\\x22@\\x22\""),
    ("quoted-printable", "KEY=3D@"),
    ("powershell", "$env:KEY = '@'"),
    ("batch", "set KEY=@"),
    ("terraform", "variable \"key\" { default = \"@\" }"),
    ("kubernetes", "  stringData: {key: @}"),
    ("properties", "key\\:name=@"),
    ("graphql", "{ login(key: \"@\") { id } }"),
    ("lisp", "(setq key \"@\")"),
    ("diff", "+key = @"),
    ("control characters", "\u{1}@\u{2}"),
];

#[test]
fn every_kind_is_found_in_every_context() {
    for kind in [SECRET, TOKEN, AIMAGICX, ("mgx-sk-", 32), ("sk_v1_", 24), ("sk_v1_", 128)] {
        let dir = Dir::new();
        let mut expected = Vec::new();
        for (index, (_, surrounding)) in SURROUNDINGS.iter().enumerate() {
            let (before, after) = surrounding.split_once('@').unwrap();
            let key = dir.key(kind);
            let name = format!("{index:03}.txt");
            dir.write(&name, format!("first\n{before}{key}{after}\nlast"));
            let start = before.chars().count() + 1;
            expected.push(format!("{name}:2:{start}-{}", start + key.len()));
        }
        let (code, report) = dir.json(&[]);
        assert_eq!(code, 1);
        for (expected, (name, _)) in expected.iter().zip(SURROUNDINGS) {
            assert!(places(&report).contains(expected), "{name}: {expected} of {kind:?}");
        }
        assert_eq!(places(&report).len(), SURROUNDINGS.len());
    }
}

#[test]
fn all_contexts_in_one_file_are_found_too() {
    let dir = Dir::new();
    let mut text = String::new();
    for (_, surrounding) in SURROUNDINGS {
        text += &(surrounding.replacen('@', &dir.key(SECRET), 1) + "\n");
    }
    dir.write("all.txt", text.replace('\n', "\r\n"));
    let (_, report) = dir.json(&[]);
    assert_eq!(places(&report).len(), SURROUNDINGS.len());
}

#[test]
fn public_keys_are_not_findings() {
    let dir = Dir::new();
    for (index, (_, surrounding)) in SURROUNDINGS.iter().enumerate() {
        dir.write(&format!("{index}.txt"), surrounding.replacen('@', &dir.key(PUBLIC), 1));
    }
    dir.run(&["scan"]).expect(0).out("clean");
}

#[test]
fn words_like_keys_are_not_findings() {
    const WORDS: &[&str] = &[
        "mask_v1_export",
        "task_v1_result",
        "desk_v1_ROADMAP",
        "risk_v1_spec",
        "BIT_EESK_V1_8822B",
        "aeolus_sk_v1_good",
        "PK_v1_company_fiscal_profiles",
        "pk_v1_members",
        "dpk_v1_private-value",
        "sk_v1_index_migration",
        "sk_v1_your_secret_key_here",
        "mgx-sk-your-api-key",
        "mgx-sk-[unique-identifier]",
        "mgx-sk-...",
        "at_v1_AbCdEfGh...",
        "pk_v1_your_public_key",
        "PASTE_PUBLIC_KEY_HERE",
        concat!("sk_v1_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        concat!("mgx-sk-", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        concat!("mgx-sk-", "00000000000000000000000000000000"),
        "sk_v1_${process.env.KEY}",
        "sk_v1_{key}",
        "sk_v1_<your-secret-key-goes-here>",
        concat!("sk_v1_", "test_test_test_test_test_test"),
        concat!("sk_v1_", "user_authentication_service_v2"),
        concat!("at_v1_", "company_fiscal_profiles_2024"),
        concat!("sk_v1_", "deadbeefdeadbeefdeadbeefdeadbeef"),
        concat!("sk_v1_", "0123456789abcdef0123456789abcdef"),
        concat!("mgx-sk-", "abcdefghijklmnopqrstuvwxyz0123456789"),
        "/^sk_v1_[A-Za-z0-9_-]{16,128}$/",
        "'sk_v1_' + key",
        "startsWith(\"mgx-sk-\")",
        "type Secret = `sk_v1_${string}`",
        concat!("sk_v1_", "MyLongClassNameForTheWidgetFactory"),
        concat!("sk_v1_", "THIS_IS_NOT_A_REAL_KEY_AT_ALL"),
        concat!("sk_v1_", "changeme_changeme_changeme"),
        concat!("sk_v1_", "replace-with-your-own-secret-key"),
    ];
    let dir = Dir::new();
    dir.write("words.txt", WORDS.join("\n"));
    let documented: String = "abcdefghijklmnop"
        .chars()
        .zip("1234567890123456".chars())
        .flat_map(|(a, b)| [a, b])
        .collect();
    dir.write("docs.md", format!("mgx-sk-{documented}\nsk_v1_{documented}"));
    let ppk = format!("p{}.{}", dir.key(("pk_v1_", 32)), dir.key(("", 43)));
    dir.write("ppk.txt", ppk);
    for key in [dir.key(SECRET), dir.key(AIMAGICX)] {
        dir.write("inside.txt", format!("a{key}\n_{key}\n9{key}\n{key}{key}{key}{key}{key}"));
    }
    let run = dir.run(&["scan"]).expect(0);
    assert!(run.stdout.starts_with("clean"), "{run}");
}

#[test]
fn one_secret_in_many_places_is_one_record() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("b.txt", format!("{key} {key}\n\n{key}"));
    dir.write("a/z.txt", &key);
    let (_, report) = dir.json(&[]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(
        places(&report),
        ["a/z.txt:1:1-50", "b.txt:1:1-50", "b.txt:1:51-100", "b.txt:3:1-50"]
    );
}

#[test]
fn a_key_in_a_file_name_is_found_and_not_shown() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write(&format!("backup of {key}/notes.txt"), "nothing\n");
    dir.write("a.txt", format!("x {key}"));
    let (code, report) = dir.json(&[]);
    assert_eq!((code, report["findings"].as_array().unwrap().len()), (1, 1));
    let name = format!("backup of {}…(49)/notes.txt:1:1-1", &key[..10]);
    assert_eq!(places(&report), ["a.txt:1:3-52", &name]);
    let sarif = dir.run(&["scan", "-f", "sarif"]).expect(1);
    sarif.out(&format!("backup%20of%20{}%E2%80%A6(49)/notes.txt", &key[..10]));
}
