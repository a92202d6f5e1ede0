//! Keys that programs put together from pieces are found, with exact places, wherever texts are searched.

use serde_json::{Value, json};

use crate::decoding::keep_for_others;
use crate::documents;
use crate::joined_rows::{CHANGED, CONSTANTS, JoinedRow, LITERALS};
use crate::repo::Repo;
use crate::support::{Dir, SECRET};

/// Where keys are cut: in the keyword, behind it, and in the random part.
const CUTS: [usize; 4] = [3, 4, 6, 20];

fn rows() -> impl Iterator<Item = (usize, &'static JoinedRow)> {
    LITERALS.iter().chain(CONSTANTS).chain(CHANGED).enumerate()
}

/// The text of a row with a key in it, and the place that is reported: `line:column-line:column`.
fn filled((_, _, template): &JoinedRow, key: &str, cut: usize) -> (String, String) {
    let (one, two) = key.split_at(cut);
    let text = template.replace("‹1›", one).replace("‹2›", two);
    let position = |mark: char| {
        let before: String =
            text.split(mark).next().unwrap().chars().filter(|c| !"«»".contains(*c)).collect();
        let line = before.matches('\n').count() + 1;
        format!("{line}:{}", before.chars().rev().take_while(|c| *c != '\n').count() + 1)
    };
    let place = format!("{}-{}", position('«'), position('»'));
    (text.replace(['«', '»'], ""), place)
}

/// `path place encodings secret` of every occurrence, in order.
fn found(report: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        let secret = finding["secret"]["sha256"].as_str().unwrap();
        for own in finding["occurrences"].as_array().unwrap() {
            let [line, column, end_line, end_column] =
                ["start_line", "start_column", "end_line", "end_column"].map(|name| &own[name]);
            let place = format!("{line}:{column}-{end_line}:{end_column}");
            all.push(format!(
                "{} {place} {} {secret}",
                own["path"].as_str().unwrap(),
                own["encoding"]
            ));
        }
    }
    all.sort();
    all
}

/// The files of all rows, each with its text and what is found in it.
fn files(dir: &Dir, cuts: &[usize]) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for (nth, row) in rows() {
        for &cut in cuts {
            let key = dir.key(SECRET);
            let (text, place) = filled(row, &key, cut);
            let path = format!("{nth:03}-{cut:02}/{}", row.1);
            let expected = format!("{path} {place} [\"joined\"] {}", sha256(&key));
            all.push((path, text, expected));
        }
    }
    all
}

pub(crate) fn sha256(key: &str) -> String {
    keyside::model::Secret::new(key.as_bytes(), 0)
        .sha256()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

#[test]
fn keys_are_found_however_they_are_put_together() {
    let dir = Dir::new();
    let files = files(&dir, &CUTS);
    for (path, text, _) in &files {
        dir.write(path, text);
    }
    keep_for_others(&dir, "joined");
    let (code, report) = dir.json(&["-j", "8"]);
    assert_eq!(code, 1);
    let own = found(&report);
    let mut missing = Vec::new();
    for (path, text, expected) in &files {
        let of_file: Vec<_> =
            own.iter().filter(|own| own.starts_with(&format!("{path} "))).collect();
        if of_file != [expected] {
            let shape: String =
                text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            missing.push(format!("{expected}\n  found {of_file:?}\n{shape}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert_eq!(dir.json(&["-j", "1"]).1["findings"], report["findings"]);
    assert_eq!(dir.json(&["--max-decode-depth", "0"]).0, 0);
    // No piece is shown.
    let shown = report["findings"].to_string();
    for (path, text, _) in &files {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        for word in
            words.filter(|word| word.len() > 16 && word.contains(|c: char| c.is_ascii_digit()))
        {
            assert!(!shown.contains(word), "a piece of {path} is shown");
        }
    }
}

/// Shorter keywords are beginnings of longer ones, and what follows may begin a keyword of its own.
#[test]
fn keys_are_found_wherever_their_keyword_is_cut() {
    let dir = Dir::new();
    let kinds = [("sk_live_", 24), ("sk_live_", 97), ("glpat-", 20), SECRET];
    let mut expected = Vec::new();
    for (nth, kind) in kinds.into_iter().enumerate() {
        for cut in 1..kind.0.len() + 3 {
            for (form, (open, between, close)) in
                [("'", "' + '", "'"), ("\"", "\" \"", "\""), ("[\"", "\", \"", "\"].join(\"\")")]
                    .into_iter()
                    .enumerate()
            {
                let key = dir.key(kind);
                let (first, rest) = key.split_at(cut);
                let path = format!("{nth}-{cut:02}-{form}.js");
                dir.write(&path, format!("const k = {open}{first}{between}{rest}{close};\n"));
                expected.push(format!("{path} {}", sha256(&key)));
            }
        }
    }
    // Four letters of one kind behind a keyword may be a word.
    for (nth, letters) in ["SLTE", "tkze", "VRQPW"].into_iter().enumerate() {
        let key = format!("sk_live_{letters}{}", dir.key(("", 20)));
        let (first, rest) = key.split_at(8 + letters.len());
        let path = format!("letters-{nth}.js");
        dir.write(&path, format!("const k = '{first}' +\n  '{rest}';\n"));
        expected.push(format!("{path} {}", sha256(&key)));
    }
    let (_, report) = dir.json(&[]);
    let mut missed = expected;
    for finding in report["findings"].as_array().unwrap() {
        let path = finding["occurrences"][0]["path"].as_str().unwrap();
        let own = format!("{path} {}", finding["secret"]["sha256"].as_str().unwrap());
        missed.retain(|expected| *expected != own);
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn a_variable_that_is_added_to_has_all_of_its_pieces() {
    let dir = Dir::new();
    let mut expected = Vec::new();
    for (nth, text) in [
        "k = '‹1›'\nk = k + '‹2›'\nk = k + '‹3›'\n",
        "let k = '‹1›';\nk = k + '‹2›';\nk = `${k}‹3›`;\n",
        "$k = '‹1›'; $k = $k . '‹2›'; $k = $k . '‹3›';\n",
        "K := ‹1›\nK := $(K)‹2›\nK := $(K)‹3›\n",
        "K=‹1›\nK=${K}‹2›\nK=\"${K}‹3›\"\n",
        "set A=‹1›\nset A=%A%‹2›\nset A=%A%‹3›\n",
        "set A=‹1›\nset B=%A%‹2›\nset C=%B%‹3›\n",
        "a = '‹1›'\nb = a + '‹2›'\nc = b + '‹3›'\n",
    ]
    .into_iter()
    .enumerate()
    {
        for (cut, rest) in [(4, 20), (6, 20), (19, 20), (20, 2)] {
            let key = dir.key(SECRET);
            let (start, last) = key.split_at(key.len() - rest);
            let pieces = [&start[..cut], &start[cut..], last];
            let text = text.replace("‹1›", pieces[0]).replace("‹2›", pieces[1]);
            let path = format!("{nth}-{cut:02}.txt");
            dir.write(&path, text.replace("‹3›", pieces[2]));
            expected.push(format!("{path} {}", sha256(&key)));
        }
    }
    let report = dir.json(&[]).1;
    let secrets = found(&report).into_iter().map(|own| {
        let words: Vec<_> = own.split(' ').collect();
        format!("{} {}", words[0], words[words.len() - 1])
    });
    assert_eq!(secrets.collect::<Vec<_>>(), expected);
}

/// A piece may be a word such as `gla`, which is followed all the same.
#[test]
fn words_that_begin_keys_are_followed_by_their_names() {
    let dir = Dir::new();
    let mut expected = Vec::new();
    for cut in [3, 4] {
        for (nth, text) in [
            "a = '‹1›'\nkey = a + '‹2›'\n",
            "a = '‹1›'\na = a + '‹2›'\n",
            "const a = '‹1›', b = '‹2›', key = a + b;\n",
            "A=‹1›; B=‹2›; KEY=$A$B\n",
            "a: ‹1›\nb: ‹2›\nkey: \"{{ a }}{{ b }}\"\n",
        ]
        .into_iter()
        .enumerate()
        {
            let key = dir.key(("glpat-", 20));
            let path = format!("{cut}-{nth}.txt");
            dir.write(&path, text.replace("‹1›", &key[..cut]).replace("‹2›", &key[cut..]));
            expected.push(format!("{path} {}", sha256(&key)));
        }
    }
    let report = dir.json(&[]).1;
    let secrets = found(&report).into_iter().map(|own| {
        let words: Vec<_> = own.split(' ').collect();
        format!("{} {}", words[0], words[words.len() - 1])
    });
    assert_eq!(secrets.collect::<Vec<_>>(), expected);
}

/// Keys of over 160 characters, backwards and shifted.
#[test]
fn long_keys_are_found_as_a_whole_when_they_are_changed() {
    let dir = Dir::new();
    let shifted = |c: char| match c {
        'a'..='m' | 'A'..='M' => char::from(c as u8 + 13),
        'n'..='z' | 'N'..='Z' => char::from(c as u8 - 13),
        other => other,
    };
    let long =
        |dir: &Dir| format!("{}{}{}", dir.key(("sk-proj-", 74)), "T3BlbkFJ", dir.key(("", 74)));
    let (back, other) = (long(&dir), long(&dir));
    dir.write("back.js", format!("k = '{}'\n", back.chars().rev().collect::<String>()));
    dir.write("other.js", format!("k = '{}'\n", other.chars().map(shifted).collect::<String>()));
    let (_, report) = dir.json(&[]);
    for (path, key) in [("back.js", back), ("other.js", other)] {
        let findings = report["findings"].as_array().unwrap();
        let own = findings.iter().find(|own| own["occurrences"][0]["path"] == path);
        assert_eq!(own.unwrap()["secret"]["sha256"], sha256(&key), "{path}");
    }
}

/// Of literals side by side, the first may be a key that stands whole.
#[test]
fn keys_that_are_cut_far_behind_are_put_together() {
    let dir = Dir::new();
    let mut expected = Vec::new();
    for (nth, (between, is_one)) in [
        ("\" \"", true),
        ("\"\n    \"", true),
        ("\" + \"", true),
        ("\", \"", false),
        ("\"; \"", false),
    ]
    .into_iter()
    .enumerate()
    {
        let key = dir.key(SECRET);
        let (one, two) = key.split_at(36);
        dir.write(&format!("{nth}.c"), format!("k = \"{one}{between}{two}\";\n"));
        expected.push(sha256(if is_one { &key } else { one }));
    }
    let found = found(&dir.json(&[]).1);
    let secrets: Vec<_> = found.iter().map(|own| own.rsplit(' ').next().unwrap()).collect();
    assert_eq!(secrets, expected);
}

#[test]
fn pieces_are_related_places() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    dir.write("a.py", format!("A = \"{}\"\nkey = A + \"{}\"\n", &key[..6], &key[6..]));
    dir.write("b.py", format!("# {key}\n"));
    let (_, report) = dir.json(&[]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "the id is that of the plain key");
    let own = &report["findings"][0]["occurrences"][0];
    let end = 12 + key.len() - 6;
    assert_eq!(
        own["pieces"],
        json!([
            { "start_line": 1, "start_column": 6, "end_line": 1, "end_column": 12 },
            { "start_line": 2, "start_column": 12, "end_line": 2, "end_column": end },
        ])
    );
    assert_eq!(own["line"], "key = [REDACTED]\"");
    assert!(report["findings"][0]["occurrences"][1].get("pieces").is_none());
    let sarif = dir.run(&["scan", "-f", "sarif"]).expect(1).json();
    let related = sarif["runs"][0]["results"][0]["relatedLocations"].as_array().unwrap().clone();
    let pieces: Vec<_> =
        related.iter().filter(|own| own["message"]["text"] == "A piece of the key.").collect();
    assert_eq!(pieces.len(), 2);
    assert_eq!(pieces[0]["physicalLocation"]["region"]["startLine"], 1);
}

#[test]
fn keys_are_found_in_pieces_in_git_and_on_standard_input() {
    let repo = Repo::new();
    let files = files(&repo.dir, &[6]);
    let lines = "# a line of text\n".repeat(30);
    for (path, _, _) in &files {
        repo.write(path, format!("{lines}{lines}"));
    }
    repo.commit("plain");
    for (path, text, _) in &files {
        // The beginning of a file tells some formats.
        let is_told = ["ics", "vcf", "ldif", "xml"].iter().any(|ending| path.ends_with(ending));
        let before = if is_told { "" } else { &lines };
        repo.write(path, format!("{before}{text}{lines}"));
    }
    let paths = |report: &Value| {
        let mut all: Vec<String> =
            found(report).iter().map(|own| own.split(' ').next().unwrap().to_owned()).collect();
        all.dedup();
        all
    };
    let mut expected: Vec<_> = files.iter().map(|(path, _, _)| path.clone()).collect();
    expected.sort();
    repo.git(&["add", "-A"]);
    assert_eq!(paths(&repo.report(&["--staged"], 1)), expected);
    repo.commit("joined");
    assert_eq!(paths(&repo.report(&["--range", "HEAD~1..HEAD"], 1)), expected);
    repo.git(&["repack", "-adfq"]);
    assert_eq!(paths(&repo.report(&[], 1)), expected);
    for (path, text, place) in files.iter().step_by(9) {
        let run =
            repo.dir.pipe(&["stdin", "--path", path, "-f", "json"], text.as_bytes()).expect(1);
        assert_eq!(found(&run.json()), [place.as_str()]);
    }
}

#[test]
fn what_stands_whole_is_found_once() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    let end = 4 + key.len();
    let mut expected = Vec::new();
    for (nth, after) in [
        "\" + \"",
        "\" \"other",
        "\", \"prod\", \"other",
        "\"); f(\"",
        "\"\nother: \"",
        "\" + \"/path",
        "\" + name + \"",
        "\".replace(\"a",
        "\", \"rot13",
        "\"} {\"",
        "\\n\" + \"more",
        "\", f\"{name}",
    ]
    .into_iter()
    .enumerate()
    {
        dir.write(&format!("{nth:02}.txt"), format!("k(\"{key}{after}\")\n"));
        expected.push(format!("{nth:02}.txt 1:4-1:{end} [] {}", sha256(&key)));
    }
    assert_eq!(found(&dir.json(&[]).1), expected);
}

#[test]
fn what_is_no_key_is_not_put_together() {
    let dir = Dir::new();
    let key = dir.key(SECRET);
    let (one, two) = key.split_at(6);
    for (nth, text) in [
        format!("x = \"{one}\"\ny = \"{two}\"\n"),
        format!("x = \"{one}\" == \"{two}\"\n"),
        format!("x = \"{one}\" - \"{two}\"\n"),
        format!("f(\"{one}\") || g(\"{two}\")\n"),
        format!("{{ \"{one}\": \"{two}\" }}\n"),
        format!("if key.startswith(\"{one}\"):\n    return other(\"{two}\")\n"),
        format!("x = \"{one}your_secret_\" + \"key_goes_here\"\n"),
        format!("x = \"{one}\" + \"xxxxxxxxxxxxxxxxxxxxxxxx\"\n"),
        format!("A = \"{one}\"\nx = B + \"{two}\"\n"),
        // Nothing joins these, or something stands between them.
        format!("k = %w[{one} {two}]\n"),
        format!("k = join('-', qw({one} {two}))\n").replace("join", "f"),
        format!("k: !Join ['-', [{one}, {two}]]\n"),
        format!("k:\n  - {one}\n  - {two}\n"),
        format!("k: !Join\n  - ','\n  - - {one}\n    - {two}\n"),
        format!("let k = [\"{one}\"; \"{two}\"]\n"),
        format!("k = {{'a': '{one}', '{two}': 1}}\n"),
        format!("<a>{one}</a><b>{two}</b>\n"),
        format!("NOTE:{one}\n {two}\n"),
        format!("\t.asciz \"{one}\"\n\t.asciz \"{two}\"\n"),
        format!("k db '{one}', 0\n  db '{two}', 0\n"),
        format!("printf '%s-%s' {one} {two}\n"),
        format!("x = '{one}' && f('{two}')\n"),
        format!("x = '{one}' // '{two}\n"),
        format!("a = '{one}'\nif a == '{two}': pass\n"),
        "x = \"sk_\" + \"v1_\" + name + \"-of-a-thing\"\n".to_owned(),
        // Nothing is taken out of these, and nothing puts them together again.
        format!("k = '{one}#{two}'.split('#')\n"),
        format!("k = '{one}#{two}'.replace('$', '')\n"),
        format!("k = '{one}#{two}'.replace('#', '-').replace('-', ':')\n").replace("'-'", "':'"),
        format!("k = ['{two}', '{one}'].sort()\n"),
        format!("k = '{{1}}:{{0}}'.format('{two}', '{one}')\n"),
        format!("K=${{A:-{one}}}:{two}\n"),
        format!("K=\"${{A:-{one}}}:{two}\"\n"),
        format!("K='{one}#{two}'\nrun \"${{K//:/}}\" \"${{K#*#}}\"\n"),
        format!("set A={one}#{two}\nset KEY=%A:#=:%\n"),
        format!("K=$(echo '{one}#{two}' | sed 's/:/;/')\n"),
        format!("printf '%s:' {one} {two}\n"),
        format!("echo '%s' {one} {two}\n"),
        format!("key:\n  Fn::Join:\n  - ','\n  - - {one}\n    - {two}\n"),
        format!("key:\n  - ''\n  - - {one}\n    - {two}\n"),
        format!("echo -n '{one}' > a.txt\necho -n '{two}' >> b.txt\n"),
        format!("echo -n '{one}' > a.txt\necho -n '{two}' > a.txt\n"),
        format!("str_contains('#', '{one}#{two}')\n"),
    ]
    .into_iter()
    .enumerate()
    {
        dir.write(&format!("{nth:02}.py"), text);
    }
    let (code, report) = dir.json(&[]);
    assert_eq!((found(&report), code), (Vec::<String>::new(), 0));
}

#[test]
fn keys_that_names_tell_are_put_together() {
    let dir = Dir::new();
    let secret = dir.key(("", 40));
    let encoded = data_encoding::BASE64.encode(secret.as_bytes());
    let (one, two) = secret.split_at(18);
    dir.write("a.py", format!("aws_secret_access_key = \"{one}\" + \"{two}\"\n"));
    dir.write("b.yaml", format!("data:\n  AWS_SECRET_ACCESS_KEY: {encoded}\n"));
    let rules: Vec<_> = ["a.py", "b.yaml"]
        .iter()
        .map(|file| {
            let run = dir.run(&["scan", file, "-f", "json"]).expect(1).json();
            assert_eq!(run["findings"][0]["secret"]["sha256"], sha256(&secret), "{file}");
            run["findings"][0]["rule_id"].clone()
        })
        .collect();
    assert_eq!(rules[0], rules[1]);
}

#[test]
fn hostile_texts_of_quotes_take_time_by_their_length() {
    let dir = Dir::new();
    for (nth, part) in [
        "\"sk_\" + ",
        "'sk_v1_'\n",
        "A = \"sk_v1_\"\n",
        "${A}",
        "\"%s\" % (",
        "chr(115).",
        "\\\n",
        "{{",
        "a=sk_v1_\n",
        "\"sk_v1_{}\",",
        "[[[[",
        "'s',",
        "0x73,",
        "\"\"\"",
        "#{",
        "0000010 ",
        "$a$",
        "'sk_#'.replace('#', '') ",
        "['sk_v1_', ",
        "'sk_v1_'].reverse() ",
        "'{1}{2}', 'sk_', ",
        "k = k + 'sk_v1_'\n",
        "K=${A:-sk_}",
        "K=\"${A:-sk_",
        "K=sk_v1_#\nrun ${K//#/}\n",
        "K='sk_v1_#'\n${K//#/}${K//",
        "'sk_#' | sed 's/#//' ",
        "echo -n 'sk_' > a\necho -n 's' >> a\n",
    ]
    .into_iter()
    .enumerate()
    {
        dir.write(&format!("{nth:02}.txt"), part.repeat((256 << 10) / part.len()));
    }
    let (code, report) = dir.json(&[]);
    assert_eq!((found(&report), code), (Vec::<String>::new(), 0));
}

#[test]
fn the_docs_list_the_ways_of_joining() {
    let mut table =
        String::from("| language | pieces | constants | changed |\n|---|---|---|---|\n");
    let mut languages: Vec<&str> = rows().map(|(_, row)| row.0).collect();
    let mut seen = std::collections::HashSet::new();
    languages.retain(|language| seen.insert(*language));
    for language in languages {
        let of = |rows: &[JoinedRow]| {
            let own = rows.iter().filter(|row| row.0 == language);
            let own: Vec<_> = own.map(|row| format!("`{}`", example(row.2))).collect();
            own.join(" ").replace('|', "\\|")
        };
        let [pieces, constants, changed] = [LITERALS, CONSTANTS, CHANGED].map(of);
        table += &format!("| {language} | {pieces} | {constants} | {changed} |\n");
    }
    documents::check_part("docs/decoding.md", "JOINED", &table);
}

/// A row's text on one line, with other pieces.
fn example(template: &str) -> String {
    let text = template.replace(['«', '»'], "").replace("‹1›", "ke").replace("‹2›", "y_1");
    text.trim_end().replace('`', "'").split_whitespace().collect::<Vec<_>>().join(" ")
}
