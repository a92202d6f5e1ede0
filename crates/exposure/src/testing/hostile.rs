//! Projects that are made to break the analysis. None of these tests looks at a clock: without a
//! bound, each would take all memory, the whole stack, or for ever.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::analysis::Analysis;
use crate::testing::catalog::catalog;
use crate::testing::keys::filled;
use crate::testing::loader::{self, ProjectFile};
use crate::testing::rng::Rng;
use crate::testing::{analysed, analysed_bytes, leak_lines, notice_lines};

const VITE: (&str, &str) =
    ("package.json", r#"{"name": "app", "devDependencies": {"vite": "6.0.0"}}"#);
const PAGE: (&str, &str) = ("index.html", "<script type=module src=/src/main.ts></script>");
const KEY: &str = "{key:sk_v1_:1}";

/// Asserts that every reported place is within its file, between characters.
fn check_places(analysis: &Analysis, files: &[(String, Vec<u8>)]) {
    let leaks = analysis.leaks.iter().flat_map(|leak| {
        let hops = leak.trace.iter().chain(&leak.related).map(|hop| &hop.at);
        hops.chain([&leak.at]).chain(&leak.written_at)
    });
    let mut texts: HashMap<&str, Cow<'_, str>> = HashMap::new();
    for (path, bytes) in files {
        texts.insert(path, String::from_utf8_lossy(bytes));
    }
    for at in leaks.chain(analysis.sided.iter().map(|sided| &sided.at)) {
        let text = &texts[&*at.path];
        let (start, end) = (at.span.start as usize, at.span.end as usize);
        assert!(text.get(start..end).is_some(), "{at:?} is no place in {} bytes", text.len());
    }
}

fn bytes(files: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), filled(text).into_bytes())).collect()
}

#[test]
fn nesting_of_any_kind_is_refused_or_read() {
    for (path, open, close) in [
        ("src/main.ts", "(", ")"),
        ("src/main.ts", "[", "]"),
        ("src/main.ts", "{a:", "}"),
        ("src/main.ts", "f(", ")"),
        ("src/main.ts", "a?.b!.", ""),
        ("src/main.ts", "a?b:", ""),
        ("src/main.ts", "`${", "}`"),
        ("src/main.ts", "()=>", ""),
        ("src/main.tsx", "<a>", "</a>"),
        ("src/main.tsx", "<a b={", "}/>"),
        ("src/App.vue", "<div>", "</div>"),
        ("src/App.vue", "<template>", "</template>"),
        ("src/App.vue", "{{", "}}"),
        ("src/App.svelte", "{#if a}", "{/if}"),
        ("src/App.svelte", "{", "}"),
        ("src/App.astro", "{a && <b>", "</b>}"),
        ("src/App.astro", "---\n", ""),
        ("public/a.html", "<p>", "</p>"),
        ("src/data.json", "[", "]"),
        ("src/data.json", "{\"a\":", "}"),
        ("vercel.json", "{\"env\":", "}"),
        ("package.json", "{\"workspaces\":", "}"),
        ("tsconfig.json", "{\"compilerOptions\":", "}"),
        ("public/manifest.json", "{\"manifest_version\":", "}"),
        ("pnpm-workspace.yaml", "- ", ""),
        ("pnpm-workspace.yaml", "[", "]"),
        (".github/workflows/a.yml", "{env: ", "}"),
        (".github/workflows/a.yml", "- ", ""),
        ("docker-compose.yml", "a:\n ", ""),
        ("netlify.toml", "a=[", "]"),
        ("netlify.toml", "[a.", "]"),
        ("app/src/main/res/values/a.xml", "<a>", "</a>"),
        ("app/src/main/AndroidManifest.xml", "<a>", "</a>"),
        ("ios/App/Info.plist", "<dict><key>a</key>", "</dict>"),
        ("app/build.gradle", "a {", "}"),
        ("app/build.gradle", "/*", "*/"),
        ("dist/assets/a.js.map", "[", "]"),
        (".env", "A=${B:-", "}"),
        ("Dockerfile", "ENV A=\\\n", ""),
    ] {
        for count in [100, 100_000] {
            let text = format!("{}'{KEY}'{}", open.repeat(count), close.repeat(count));
            let files = bytes(&[VITE, PAGE, (path, &text)]);
            let analysis = analysed_bytes(&catalog(), &files);
            check_places(&analysis, &files);
        }
    }
}

#[test]
fn too_many_modules_of_an_app_are_reported() {
    let paths: Vec<String> = (0..20_010).map(|n| format!("lib/m{n}.ts")).collect();
    let mut files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
    files.push(("package.json", r#"{"dependencies": {"next": "15.1.0"}}"#));
    files.push(("app/page.tsx", "process.env.MAGICX_SECRET_KEY"));
    let told = notice_lines(&analysed(&files));
    assert!(told.iter().any(|one| one.contains("only 20000 of 20011 sources")), "{told:?}");
}

#[test]
fn what_is_refused_is_said() {
    let text = format!("export const k = '{KEY}'; {}1{}", "(".repeat(5000), ")".repeat(5000));
    let analysis = analysed(&[VITE, PAGE, ("src/main.ts", &text)]);
    assert!(analysis.leaks.is_empty());
    let said = notice_lines(&analysis);
    assert!(said[0].starts_with("src/main.ts: cannot be parsed"), "{said:?}");
}

#[test]
fn configurations_that_lead_to_each_other_come_to_an_end() {
    let main = format!("import '#a0'; import 'p'; import '@/x'; export const k = '{KEY}'");
    let imports: Vec<String> =
        (0..200).map(|n| format!("\"#a{n}\": \"#a{}\"", (n + 1) % 200)).collect();
    let braces = "{a,b}".repeat(40);
    let package = format!(
        r##"{{"name": "p", "main": "./", "exports": {{".": "p", "./*": "./*"}}, "imports": {{{}}},
        "workspaces": ["**", "**/**/**/**/**", "!**", "**/{braces}", "*/../*", "../..", "."],
        "dependencies": {{"p": "file:.", "q": "link:../..", "vite": "6"}}}}"##,
        imports.join(",")
    );
    let mut files = bytes(&[PAGE, ("src/main.ts", &main), ("package.json", &package)]);
    for n in 0..300 {
        let next = (n + 1) % 300;
        files.extend(bytes(&[
            (
                &format!("c{n}/tsconfig.json"),
                &format!(
                    "{{\"extends\": [\"../c{next}\", \"../c{next}/tsconfig.json\"], \"references\": \
                     [{{\"path\": \"../c{next}\"}}], \"compilerOptions\": {{\"paths\": {{\"*\": [\"*\"]}}}}}}"
                ),
            ),
            (&format!("c{n}/package.json"), &format!("{{\"name\": \"c{n}\", \"dependencies\": {{\"c{next}\": \"*\"}}}}")),
            (&format!("c{n}/a.ts"), &format!("import 'c{next}/a'; import '*'; export * from 'c{next}/a'")),
        ]));
    }
    files.extend(bytes(&[("tsconfig.json", r#"{"extends": ["./tsconfig.json", "./c0"]}"#)]));
    let analysis = analysed_bytes(&catalog(), &files);
    assert_eq!(leak_lines(&analysis), ["client-secret-literal src/main.ts error"]);
}

#[test]
fn variables_that_double_are_bounded() {
    let mut text = format!("A0={KEY}\n");
    for n in 0..60 {
        text += &format!("A{}=$A{n}$A{n}${{A{n}:-${{A{n}}}}}\n", n + 1);
    }
    text += "VITE_X=$A60\nVITE_Y=$A$A\nA=$A$A\nVITE_Z=$VITE_Z$VITE_Z\nVITE_W=$A1\n";
    let files = bytes(&[VITE, PAGE, (".env", &text), ("src/main.ts", "")]);
    let analysis = analysed_bytes(&catalog(), &files);
    check_places(&analysis, &files);
    let told = leak_lines(&analysis);
    assert!(told.iter().all(|one| one == "public-env-secret .env error"), "{told:?}");
    assert!(!told.is_empty(), "a short chain is followed all the same");
}

#[test]
fn values_that_double_from_module_to_module_are_bounded() {
    let mut files = bytes(&[VITE, PAGE, ("src/m0.ts", &format!("export const a = '{KEY}'"))]);
    for n in 0..100 {
        let text = format!(
            "import {{ a as b }} from './m{n}'; export const a = {{ x: b, y: [b, b], ...b }}; \
             export const f = () => [a, b, f()]; fetch(a)"
        );
        files.extend(bytes(&[(&format!("src/m{}.ts", n + 1), &text)]));
    }
    files.extend(bytes(&[("src/main.ts", "import { a } from './m100'; fetch(a)")]));
    let analysis = analysed_bytes(&catalog(), &files);
    assert_eq!(leak_lines(&analysis), ["client-secret-literal src/m0.ts error"]);
    let tangled = "src/m50.ts: is too complex to evaluate completely";
    assert!(
        notice_lines(&analysis).iter().any(|one| one.starts_with(tangled)),
        "{:?}",
        notice_lines(&analysis)
    );
}

#[test]
fn a_long_circle_of_modules_is_followed_to_its_end() {
    let count = 2000;
    let mut files = bytes(&[VITE, PAGE, ("src/main.ts", "import './m0'")]);
    for n in 0..count {
        let key = if n + 1 == count { KEY } else { "" };
        let text = format!(
            "import './m{}'; import './main'; export const k = '{key}'; use(k)",
            (n + 1) % count
        );
        files.extend(bytes(&[(&format!("src/m{n}.ts"), &text)]));
    }
    let analysis = analysed_bytes(&catalog(), &files);
    let last = format!("client-secret-literal src/m{}.ts error", count - 1);
    assert_eq!(leak_lines(&analysis), [last]);
    assert!(analysis.leaks[0].trace.len() <= 50, "a way of thousands of steps is not told in full");
}

#[test]
fn a_barrel_of_many_lines_is_read_or_refused() {
    let barrel: String = (0..100_000).map(|n| format!("export * from './x{n}'\n")).collect();
    let wide: String = (0..30_000).map(|n| format!("export * from './x{}'\n", n % 50)).collect();
    for (barrel, is_read) in [(wide, true), (barrel, false)] {
        let main = format!("import {{ k, none }} from './barrel'; send(k, none, 'x'); // {KEY}");
        let x49 = format!("export const k = '{KEY}'");
        let mut files = bytes(&[
            VITE,
            PAGE,
            ("src/main.ts", &main),
            ("src/barrel.ts", &barrel),
            ("src/x49.ts", &x49),
        ]);
        files.extend((0..49).map(|n| (format!("src/x{n}.ts"), b"export const y = 1".to_vec())));
        let analysis = analysed_bytes(&catalog(), &files);
        let expected: &[&str] =
            if is_read { &["client-secret-literal src/x49.ts error"] } else { &[] };
        assert_eq!(leak_lines(&analysis), expected);
        let is_said = notice_lines(&analysis)
            .iter()
            .any(|one| one.starts_with("src/main.ts: imports ./barrel, which is missing or"));
        assert_eq!(is_said, !is_read, "{:?}", notice_lines(&analysis));
    }
}

#[test]
fn huge_maps_and_lists_of_keys_are_read_once() {
    let keys: Vec<String> = (0..2000).map(|n| format!("\"{{key:sk_v1_:{n}}}\"")).collect();
    let sources: Vec<String> = (0..50_000).map(|n| format!("\"{n}.ts\"")).collect();
    let contents: Vec<String> = (0..50_000)
        .map(|n| keys.get(n).cloned().unwrap_or_else(|| "\"const x = 1\"".to_owned()))
        .collect();
    let map = format!(
        "{{\"version\": 3, \"sources\": [{}], \"sourcesContent\": [{}], \"sections\": [{}]}}",
        sources.join(","),
        contents.join(","),
        vec!["{\"map\": {}}"; 10_000].join(",")
    );
    let inline = format!("//# sourceMappingURL=data:application/json;base64,{};", "A".repeat(40));
    let script = format!("document.x = [{}];{}", keys.join(","), inline.repeat(20_000));
    let files = bytes(&[
        ("dist/index.html", "<p>"),
        ("dist/assets/a.js.map", &map),
        ("dist/assets/a.js", &script),
    ]);
    let analysis = analysed_bytes(&catalog(), &files);
    check_places(&analysis, &files);
    assert_eq!(analysis.leaks.len(), 4000);
}

#[test]
fn many_keys_and_reads_in_one_module_take_little() {
    let count = 3000;
    let chain = 300;
    let keys: String =
        (0..count).map(|n| format!("export const k{n} = '{{key:sk_v1_:{n}}}';\n")).collect();
    let reads: String = (0..count)
        .map(|n| format!("const {{ VITE_MAGICX_SECRET_KEY: r{n} }} = import.meta.env;\n"))
        .collect();
    let mut files = bytes(&[VITE, PAGE, ("src/main.ts", "import './m0'")]);
    for n in 0..chain {
        files.push((format!("src/m{n}.ts"), format!("export * from './m{}'", n + 1).into_bytes()));
    }
    files.extend(bytes(&[(&format!("src/m{chain}.ts"), &(keys + &reads))]));
    let analysis = analysed_bytes(&catalog(), &files);
    check_places(&analysis, &files);
    assert!(analysis.leaks.len() >= count, "{}", analysis.leaks.len());
    let hops: usize = analysis.leaks.iter().map(|leak| leak.trace.len()).sum();
    assert!(hops < 60 * analysis.leaks.len(), "ways are told in part");
}

#[test]
fn places_lie_between_characters_whatever_the_text() {
    let odd = "\u{feff}é\u{2028}\u{2029}\u{0}\u{200b}😀\r\n\r\u{85}\u{1b}\u{10ffff}";
    for (path, text) in [
        ("src/main.ts", format!("{odd}const é = '😀' + '{KEY}' + `é${{'{KEY}'}}😀`\r\nsend(é)")),
        (
            "src/main.ts",
            format!("\u{feff}\r\n// {odd}\r\nsend('{odd}{KEY}', \"\\u{{1F600}}{KEY}\")"),
        ),
        ("src/main.ts", format!("send('\\ud800{KEY}', '\\\r\n{KEY}', `\r\n{KEY}`)")),
        ("src/main.tsx", format!("export const A = () => <p title='é{KEY}'>é{KEY}&eacute;</p>")),
        (
            "src/App.vue",
            format!(
                "\u{feff}<template>\r\n<p :é='`é{KEY}`'>{{{{ 'é{KEY}' }}}}</p></template>\r\n<script setup>\r\nconst é = 'é{KEY}'</script>"
            ),
        ),
        (
            "src/App.svelte",
            format!("é<p é={{'é{KEY}'}}>é{{`é{KEY}`}}</p><script>é('{KEY}')</script>"),
        ),
        (
            "src/pages/a.astro",
            format!(
                "---\r\nconst é = 'é{KEY}'\r\n---\r\né<p é={{é}}>{{é}}</p><script>é('{KEY}')</script>"
            ),
        ),
        ("public/a.html", format!("é<!-- é{KEY} --><p é='é{KEY}'><script>é('é{KEY}')</script>")),
        (".env", format!("\u{feff}É=1\r\nVITE_X='é{KEY}'\r\nVITE_Y=é{KEY}é\r\n")),
        ("Dockerfile", format!("FROM é\r\nENV VITE_X=é{KEY} VITE_Y=\"é{KEY}\"\r\n")),
        (
            ".github/workflows/a.yml",
            format!("env:\r\n  é: é\r\n  VITE_X: 'é{KEY}'\r\n  VITE_Y: \"\\xe9{KEY}\"\r\n"),
        ),
        ("vercel.json", format!("{{\"é\": 1,\r\n\"env\": {{\"VITE_X\": \"é\\u00e9{KEY}\"}}}}")),
        ("netlify.toml", format!("é = 1\r\n[build.environment]\r\nVITE_X = 'é{KEY}'")),
        (
            "package.json",
            format!(
                "{{\"é\": 1, \"name\": \"a\", \"scripts\": {{\"build\": \"é VITE_X=é{KEY} vite\"}}}}"
            ),
        ),
        ("src/data.json", format!("\u{feff}{{\"é\": \"é{KEY}\"}}")),
        (
            "app/src/main/res/values/a.xml",
            format!("\u{feff}<a é='é{KEY}'>é{KEY}&#xe9;<b>é</b></a>"),
        ),
        (
            "ios/App/Info.plist",
            format!("<plist><dict><key>é</key><string>é{KEY}</string></dict></plist>"),
        ),
        (
            "app/build.gradle",
            format!("com.android é\r\nbuildConfigField 'String', 'é', '\"é{KEY}\"'"),
        ),
        ("dist/a.js", format!("document.é('é{KEY}')\r\n//# sourceMappingURL=a.js.map")),
        (
            "dist/a.js.map",
            format!("{{\"sources\": [\"é\"], \"sourcesContent\": [\"é\\u00e9{KEY}\"]}}"),
        ),
        ("lib/main.dart", format!("const é = 'é{KEY}';")),
    ] {
        for text in [
            text.clone(),
            text.replace("\r\n", "\n"),
            text.replace("\r\n", "\r"),
            odd.to_owned() + &text,
        ] {
            let own = [VITE, PAGE, ("dist/index.html", "<p>"), ("pubspec.yaml", "flutter: 1")];
            let mut files = bytes(&own);
            files.retain(|(known, _)| *known != path);
            files.extend(bytes(&[(path, &text)]));
            let main = ["App.vue", "App.svelte", "data.json", "main.tsx"];
            if let Some(name) = main.iter().find(|name| path.ends_with(*name)) {
                files.extend(bytes(&[(
                    "src/main.ts",
                    &format!("import x from './{name}'; send(x)"),
                )]));
            }
            let analysis = analysed_bytes(&catalog(), &files);
            check_places(&analysis, &files);
        }
    }
}

/// The files of all cases.
fn projects() -> Vec<Vec<(String, Vec<u8>)>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let cases = loader::load(&folder).unwrap_or_else(|fault| panic!("{fault}"));
    let bytes = |file: &ProjectFile| (file.path.clone(), filled(&file.text).into_bytes());
    cases.iter().map(|case| case.files.iter().map(bytes).collect()).collect()
}

#[test]
fn damaged_projects_break_nothing() {
    const PIECES: [&[u8]; 16] = [
        b"\0",
        b"\xff\xfe",
        b"{",
        b"}",
        b"(",
        b"'",
        b"\"",
        b"`",
        b"${",
        b"<",
        b">",
        b"/*",
        b"\r",
        b"\\",
        b"\xe2\x80\xa8",
        b"\xed\xa0\x80",
    ];
    let catalog = catalog();
    let mut rng = Rng::new(7);
    for files in projects() {
        for _ in 0..4 {
            let mut files = files.clone();
            for _ in 0..=rng.below(3) {
                let own = rng.below(files.len());
                let bytes = &mut files[own].1;
                let (at, length) = (rng.below(bytes.len() + 1), rng.below(40));
                let end = bytes.len().min(at + length);
                match rng.below(4) {
                    0 => bytes.truncate(at),
                    1 => drop(bytes.drain(at..end)),
                    2 => {
                        let twice = bytes[at..end].repeat(1 + rng.below(50));
                        bytes.splice(at..at, twice).for_each(drop);
                    }
                    _ => {
                        let piece = PIECES[rng.below(PIECES.len())];
                        bytes.splice(at..at, piece.iter().copied()).for_each(drop);
                    }
                }
            }
            let analysis = analysed_bytes(&catalog, &files);
            check_places(&analysis, &files);
        }
    }
}

#[test]
fn what_cannot_be_followed_is_said_and_hides_nothing_else() {
    let leak = format!("export const k = '{KEY}'; use(k)");
    for (path, text, expected) in [
        // A file that does not parse.
        (
            "src/main.ts",
            format!("import './leak'; const = {KEY}"),
            "src/main.ts: cannot be parsed from line 1",
        ),
        (
            "src/main.ts",
            format!("import './leak'\nlet k = '{KEY}\n"),
            "src/main.ts: cannot be parsed from line 2",
        ),
        // An import that leads nowhere.
        (
            "src/main.ts",
            format!("import './leak'; import './gone'; use('{KEY}')"),
            "src/main.ts: imports ./gone, which is missing or too large",
        ),
        (
            "src/main.ts",
            format!("import './leak'; import '@/gone'; import '@/lost'; use('{KEY}')"),
            "src/main.ts: imports @/gone and 1 more from @, which are missing or too large",
        ),
        // A file that is too large.
        (
            "src/main.ts",
            format!("use('{KEY}'){}", " ".repeat(3 << 20)),
            "src/main.ts: is too large",
        ),
        // Settings that are broken.
        (
            "src/package.json",
            "{\"name\": ".to_owned(),
            "src/package.json: this package.json cannot be understood",
        ),
        ("vercel.json", "{\"env\": ".to_owned(), "vercel.json: is not valid JSON"),
        ("netlify.toml", "[a".to_owned(), "netlify.toml: is not valid TOML"),
        (
            ".github/workflows/a.yml",
            "a: [".to_owned(),
            ".github/workflows/a.yml: is not valid YAML",
        ),
        (".env", format!("VITE_X=1{}", " ".repeat(2 << 20)), ".env: too large"),
    ] {
        let tsconfig = r#"{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}"#;
        let mut files = bytes(&[
            VITE,
            ("tsconfig.json", tsconfig),
            (
                "index.html",
                "<script type=module src=/src/main.ts></script><script type=module src=/src/leak.ts></script>",
            ),
            ("src/main.ts", ""),
            ("src/leak.ts", &leak),
        ]);
        files.retain(|(known, _)| *known != path);
        files.extend(bytes(&[(path, &text)]));
        let analysis = analysed_bytes(&catalog(), &files);
        assert!(
            notice_lines(&analysis).iter().any(|one| one.starts_with(expected)),
            "{expected}: {:?}",
            notice_lines(&analysis)
        );
        let leaks = leak_lines(&analysis);
        assert!(
            leaks.contains(&"client-secret-literal src/leak.ts error".to_owned()),
            "{expected}: {leaks:?}"
        );
        let secret = filled(KEY);
        assert!(notice_lines(&analysis).iter().all(|one| !one.contains(&secret)));
    }
}
