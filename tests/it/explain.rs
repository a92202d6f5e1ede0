//! `keyside explain`: the decisions about a line, even if it is not reported; keys are masked.

use crate::support::{AIMAGICX, Dir, PUBLIC, Run, SECRET, TOKEN};

fn explain(dir: &Dir, what: &str) -> Run {
    dir.run(&["explain", what])
}

#[test]
fn a_reported_line_is_explained() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("src/a.ts", format!("first\nconst é = '{key}';\n"));
    let (_, report) = dir.json(&[]);
    let id = report["findings"][0]["id"].as_str().unwrap();
    explain(&dir, "src/a.ts:2")
        .expect(0)
        .out("src/a.ts:2")
        .out("column 12: keyword `sk_v1_` of rule magicx-secret-key")
        .out(&format!("pattern  matches: {}…(49)", &key[..10]))
        .out("filters  a key: ")
        .out(&format!("reported as error ({id})"));
}

#[test]
fn unreported_lines_are_explained_too() {
    let dir = Dir::new();
    let (secret, token) = (dir.key(SECRET), dir.key(TOKEN));
    let documented: String = "abcdefghijklmnop"
        .chars()
        .zip("1234567890123456".chars())
        .flat_map(|(letter, digit)| [letter, digit])
        .collect();
    let cases: &[(String, &[&str])] = &[
        ("just a line".into(), &["no keyword of any rule is on this line", "keyside rules list"]),
        ("sk_v1_short".into(), &["pattern  does not match"]),
        (
            concat!("sk_v1_", "user_authentication_service_v2").into(),
            &["pattern  matches", "its body is not random"],
        ),
        (format!("a{secret}"), &["part of a longer word"]),
        (format!("mgx-sk-{}", dir.key(("", 65))), &["more characters of its alphabet follow"]),
        (concat!("sk_v1_", "replace-with-your-own-key").into(), &["occurs only in placeholders"]),
        (format!("mgx-sk-{documented}"), &["a sample from the provider's documentation"]),
        (dir.key(PUBLIC), &["magicx-public-key", "public by design"]),
    ];
    for (line, messages) in cases {
        dir.write("a.txt", format!("\n{line}\n"));
        dir.run(&["scan"]).expect(0);
        let mut run = explain(&dir, "a.txt:2").expect(0).out("not reported");
        for message in *messages {
            run = run.out(message);
        }
        assert!(!run.stdout.contains("reported as"), "{run}");
    }
    dir.write("a.txt", format!("{secret} {token}"));
    explain(&dir, "a.txt:1")
        .expect(0)
        .out("column 1: keyword `sk_v1_`")
        .out("reported as error")
        .out("column 51: keyword `at_v1_`")
        .out("reported as warning");
}

#[test]
fn an_accepted_line_names_what_accepts_it() {
    let dir = Dir::repository();
    dir.write("a.txt", format!("# keyside:allow[magicx-secret-key] a sample\n{}", dir.key(SECRET)));
    dir.write("b/c.txt", format!("{} # gitleaks:allow", dir.key(SECRET)));
    dir.write("d/e.txt", dir.key(SECRET));
    dir.write("f.txt", dir.key(SECRET));
    dir.write("g.txt", format!("x // keyside:allow x('{}')", dir.key(SECRET)));
    let (_, report) = dir.json(&["f.txt"]);
    let id = report["findings"][0]["id"].as_str().unwrap();
    dir.write(".keysideignore", format!("d/\n{id} rotated\n"));
    for (place, said) in [
        ("a.txt:2", "accepted by keyside:allow: a sample (ks1:"),
        ("b/c.txt:1", "accepted by gitleaks:allow (ks1:"),
        ("d/e.txt:1", "accepted by .keysideignore:1: path pattern `d/` (ks1:"),
        ("f.txt:1", &format!("accepted by .keysideignore:2: rotated ({id})")),
        ("g.txt:1", "accepted by keyside:allow: x('sk_v1_"),
    ] {
        explain(&dir, place).expect(0).out(said);
    }
    dir.write("keyside.toml", "disable = ['aimagicx-api-key']");
    dir.write("h.txt", dir.key(AIMAGICX));
    explain(&dir, "h.txt:1")
        .expect(0)
        .out("accepted by keyside.toml: disable \"aimagicx-api-key\"");
}

#[test]
fn files_that_a_scan_skips_are_named_as_such() {
    let dir = Dir::repository();
    dir.write(".gitignore", "*.log\nbuild/\n");
    for path in ["a.log", "build/deep/b.txt"] {
        dir.write(path, dir.key(SECRET));
        explain(&dir, &format!("{path}:1"))
            .expect(0)
            .out("a scan of the folder skips this file: git ignores it")
            .out("reported as error");
    }
    let key = dir.key(SECRET);
    dir.write("a.png", [b"\x89PNG\r\n\x1a\n", key.as_bytes()].concat());
    explain(&dir, "a.png:2").expect(0).out("it is an image, audio or video");
    dir.write("read.txt", dir.key(SECRET));
    let run = explain(&dir, "read.txt:1").expect(0);
    assert!(!run.stdout.contains("does not read"), "{run}");
}

#[test]
fn lines_of_utf16_are_explained() {
    let dir = Dir::new();
    let text = format!("\u{feff}first\r\né = {}\r\n", dir.key(SECRET));
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    dir.write("a.txt", bytes);
    explain(&dir, "a.txt:2").expect(0).out("column 5: keyword `sk_v1_`").out("reported");
    explain(&dir, "a.txt:1").expect(0).out("no keyword");
}

#[test]
fn a_rule_is_explained_by_its_id() {
    let dir = Dir::new();
    let shown = dir.run(&["rules", "show", "magicx-secret-key"]).expect(0);
    let run = explain(&dir, "magicx-secret-key").expect(0);
    assert_eq!(run.stdout, shown.stdout);
    run.out("to do").out("revoke at");
}

#[test]
fn unexplainable_places_are_2() {
    let dir = Dir::new();
    dir.write("a.txt", "one\ntwo\n");
    for (what, message) in [
        ("no-such-rule", "neither PATH:LINE nor a rule id"),
        ("a.txt", "neither PATH:LINE nor a rule id"),
        ("a.txt:0", "neither PATH:LINE"),
        ("a.txt:x", "neither PATH:LINE"),
        ("a.txt:-1", "neither PATH:LINE"),
        ("a.txt:3", "a.txt has no line 3"),
        ("none.txt:1", "cannot read none.txt"),
    ] {
        explain(&dir, what).expect(2).err(message);
    }
    dir.run(&["explain"]).expect(2);
    dir.write("empty.txt", "");
    explain(&dir, "empty.txt:1").expect(2).err("has no line 1");
}

#[test]
fn escape_sequences_of_a_file_do_not_reach_the_terminal() {
    let dir = Dir::new();
    let text = format!("{} # keyside:allow \x1b[2J\x1b]0;title\x07\u{202e}", dir.key(SECRET));
    dir.write("a.txt", text);
    let run = dir
        .command(&["explain", "a.txt:1"], b"")
        .env("CLICOLOR_FORCE", "1")
        .finish(&dir)
        .expect(0)
        .out("\\x1b[2J\\x1b]0;title\\x07\\u{202e}");
    assert!(!run.stdout.contains(['\x1b', '\x07']), "{run}");
}

#[test]
fn an_explanation_is_what_a_scan_decides() {
    let dir = Dir::repository();
    let [leaked, token] = [SECRET, TOKEN].map(|kind| dir.key(kind));
    dir.write("package.json", r#"{"name": "app", "dependencies": {"next": "15.0.0"}}"#);
    dir.write(".env", format!("A=1\nNEXT_PUBLIC_MAGICX_SECRET_KEY={leaked}\n"));
    dir.write(
        "app/page.tsx",
        "'use client'\nexport default () => use(process.env.NEXT_PUBLIC_MAGICX_SECRET_KEY)\n",
    );
    dir.write("token.txt", format!("{token}\n"));
    dir.write("id.pem", dir.private_key("rsa"));
    let named = format!("{}.txt", dir.key(AIMAGICX));
    dir.write(&named, "x\n");
    dir.write("least.toml", "min-severity = 'error'\n");
    // A way to a client, with a key on its line and with a name only.
    explain(&dir, ".env:2").expect(0).out("    reported as error, public-env-secret (ks1:");
    explain(&dir, "app/page.tsx:2")
        .expect(0)
        .out("rule magicx-secret-key: NEXT_PUBLIC_MAGICX_SECRET_KEY")
        .out("    reported as error, client-secret-env (ks1:");
    // A severity that a configuration leaves out.
    let run = dir.run(&["explain", "token.txt:1", "-c", "least.toml"]).expect(0);
    let run = run.out("not reported: below the least severity, error: warning (ks1:");
    assert!(!run.stdout.contains("    reported as"), "{run}");
    // A further line of a key, and a key in the name of a file.
    explain(&dir, "id.pem:3")
        .expect(0)
        .out("part of what begins on line 1, rule private-key")
        .out("    reported as error (ks1:");
    explain(&dir, &format!("{named}:1"))
        .expect(0)
        .out("in the name of the file")
        .out("reported as");
    // Several places at once, in their order, with rules and kinds among them.
    let run = dir.run(&["explain", "token.txt:1", "client-secret-env", ".env:1"]).expect(0);
    let at = |text: &str| run.stdout.find(text).unwrap_or_else(|| panic!("{text}\n{run}"));
    assert!(
        at("token.txt:1") < at("client-secret-env: ") && at("client-secret-env: ") < at(".env:1")
    );
}

#[test]
fn a_file_is_explained_by_the_scan_of_its_own_folder_or_checkout() {
    let dir = Dir::new();
    let outer = dir.path().join("outer");
    std::fs::create_dir_all(outer.join("inner/.git")).unwrap();
    dir.write("outer/inner/a/k", format!("{}\n", dir.key(SECRET)));
    dir.write("outer/inner/.keysideignore", "a/\n");
    let whole = outer.join("inner/a/k");
    for (folder, place) in [
        ("outer", "inner/a/k:1".to_owned()),
        ("outer/inner", "a/k:1".to_owned()),
        ("outer/inner/a", "k:1".to_owned()),
        ("outer/inner/a", "../a/./k:1".to_owned()),
        (".", format!("{}:1", whole.display())),
    ] {
        let run = dir.command(&["explain", &place], b"").with(|command| {
            command.current_dir(dir.path().join(folder));
        });
        run.finish(&dir).expect(0).out(".keysideignore:1: path pattern `a/`");
    }
}
