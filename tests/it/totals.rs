//! One word for one thing: a secret is a key, however many findings and places it has, and every format
//! says the same numbers.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{AIMAGICX, Dir, FORMATS, Run, SECRET};

/// A project with a key that reaches the browser in two ways, in several places, a key on the server and
/// a variable that leaks without its value.
fn project() -> Dir {
    let dir = Dir::new();
    let (leaked, kept) = (dir.key(SECRET), dir.key(AIMAGICX));
    dir.write("package.json", r#"{"name": "app", "dependencies": {"next": "15.0.0"}}"#);
    dir.write(".env", format!("NEXT_PUBLIC_MAGICX_SECRET_KEY={leaked}\n"));
    dir.write(
        "app/page.tsx",
        format!(
            "'use client'\nconst key = '{leaked}'\nexport default function Page() {{\n  return \
             <p data-a={{key}} data-b={{process.env.NEXT_PUBLIC_MAGICX_SECRET_KEY}}>x</p>\n}}\n"
        ),
    );
    dir.write("docs/a.md", format!("{leaked}\n"));
    dir.write("server/job.py", format!("KEY = '{kept}'\n"));
    dir.write("other/package.json", r#"{"name": "b", "devDependencies": {"vite": "6.0.0"}}"#);
    dir.write("other/index.html", "<script type=module src=/src/main.ts></script>");
    dir.write("other/src/main.ts", "use(import.meta.env.VITE_MAGICX_SECRET_KEY)\n");
    dir
}

/// The headline's numbers: keys, places, keys that reach clients, ways, leaks without a key.
#[derive(Debug, PartialEq, Eq)]
struct Numbers([u64; 5]);

impl Numbers {
    /// Those of a sentence such as `2 leaked keys in 4 places, 1 of which reaches clients in 2 ways, …`.
    fn of_sentence(text: &str) -> Self {
        let number = |before: &str| -> u64 {
            let found = text.find(before).unwrap_or_else(|| panic!("no `{before}` in {text}"));
            let word = text[..found].rsplit([' ', '>', ':']).find(|word| !word.is_empty());
            word.unwrap().parse().unwrap_or_else(|_| panic!("`{before}` in {text}"))
        };
        Self([
            number(" leaked key"),
            number(" place"),
            number(" of which reach"),
            number(" way"),
            number(" other leak"),
        ])
    }

    fn of_json(value: &Value, names: [&str; 5]) -> Self {
        Self(names.map(|name| value[name].as_u64().unwrap_or_else(|| panic!("{name}: {value}"))))
    }

    /// The number of blocks: keys, and leaks without one.
    fn blocks(&self) -> usize {
        (self.0[0] + self.0[4]) as usize
    }
}

fn of_csv(text: &str) -> Numbers {
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let column = |name: &str| head.iter().position(|own| *own == name).unwrap();
    let (hash, place, rule, id) = (head.len() - 1, column("place"), column("rule"), column("id"));
    assert_eq!(head[hash], "key_sha256");
    let (mut keys, mut places, mut reaching, mut ways, mut others) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    // Texts with commas stand behind these columns, and the hash is the last one.
    for row in lines {
        let key = row[row.len() - 1].to_owned();
        if key.is_empty() {
            others.insert(row[id].to_owned());
            continue;
        }
        if row[rule].contains('/') {
            reaching.insert(key.clone());
            ways.insert(row[id].to_owned());
        }
        keys.insert(key);
        places.insert(row[place].to_owned());
    }
    Numbers([keys.len(), places.len(), reaching.len(), ways.len(), others.len()].map(|n| n as u64))
}

#[test]
fn every_format_says_the_same_numbers() {
    let dir = project();
    let mut expected = None;
    for format in FORMATS {
        let run = dir.run(&["scan", "-f", format, "--color", "never"]).expect(1);
        let out = &run.stdout;
        let line = |mark: &str| {
            let line = out.lines().rev().find(|line| line.contains(mark));
            line.unwrap_or_else(|| panic!("no `{mark}`\n{run}")).to_owned()
        };
        let numbers = match format {
            "human" => Numbers::of_sentence(&line("found: ")),
            "markdown" => Numbers::of_sentence(&line("## keyside: ")),
            "html" => Numbers::of_sentence(&line("<h1>")),
            // Its log has the headline: annotations are few, and each is about one finding.
            "github" => Numbers::of_sentence(&closing(&run)),
            "junit" => Numbers::of_sentence(&line("<system-out>")),
            "gitlab" => {
                let message = &run.json()["scan"]["messages"][0]["value"];
                Numbers::of_sentence(message.as_str().unwrap())
            }
            "json" => totals(&run.json()["scan"]),
            "jsonl" => {
                let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
                totals(&last["scan"])
            }
            "sarif" => {
                let run = run.json();
                let own = &run["runs"][0]["invocations"][0]["properties"];
                Numbers::of_json(own, ["keys", "places", "reachClients", "ways", "otherLeaks"])
            }
            _ => of_csv(out),
        };
        // Standard error says it, too, where the report is for programs.
        if format != "human" {
            assert_eq!(Numbers::of_sentence(&closing(&run)), numbers, "{format}");
        }
        let expected = expected.get_or_insert(Numbers(numbers.0));
        assert_eq!(numbers, *expected, "{format}");
        let count = |mark: &str| out.matches(mark).count();
        let blocks = match format {
            "human" => {
                let is_head =
                    |line: &&str| line.starts_with("error[") || line.starts_with("warning[");
                out.lines().filter(is_head).count()
            }
            "markdown" => count("<details"),
            "html" => count("<details class=\"finding"),
            "junit" => count("<failure"),
            _ => continue,
        };
        assert_eq!(blocks, expected.blocks(), "{format}\n{run}");
    }
    let Numbers([keys, places, reaching, ways, others]) = expected.unwrap();
    assert_eq!([keys, reaching], [2, 1]);
    assert!(places >= 4 && ways >= 2 && others >= 1, "{places} {ways} {others}");
}

/// The closing line on standard error.
fn closing(run: &Run) -> String {
    let line = run.stderr.lines().find(|line| line.starts_with("found: "));
    line.unwrap_or_else(|| panic!("{run}")).to_owned()
}

fn totals(scan: &Value) -> Numbers {
    let names = ["keys", "places", "reach_clients", "ways", "other_leaks"];
    Numbers::of_json(&scan["totals"], names)
}

#[test]
fn a_key_is_one_block_with_its_ways() {
    let dir = project();
    let run = dir.run(&["scan", "--color", "never"]).expect(1);
    let (_, block) = run.stdout.split_once("[magicx-secret-key/").unwrap();
    let (block, _) = block.split_once("\n\n").unwrap();
    assert!(block.contains("also ") && block.contains("also docs/a.md:1:1"), "{run}");
    assert_eq!(block.matches("    do ").count(), 1, "{run}");
    let page = dir.run(&["scan", "-f", "html"]).expect(1);
    assert!(page.stdout.contains("<h4>Also: "), "{page}");
    dir.run(&["scan", "-f", "markdown"]).expect(1).out("- **Also** ");
}
