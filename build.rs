//! Turns the rule files into tables that the program loads without parsing TOML, and lists them, so
//! that a new rule needs no Rust code.

#![allow(dead_code, unreachable_pub, reason = "the program uses the rest of its files")]

use std::path::Path;
use std::{env, fmt::Write, fs};

use self::spanned::Spanned;
use self::surroundings::KeywordPlaces;
use self::syntax::RawSamples;
use self::table::{RuleFacts, RuleTable, WrittenSamples};

#[path = "src/rules/coverage.rs"]
mod coverage;
#[path = "src/rules/expression.rs"]
mod expression;
#[path = "src/rules/keywords.rs"]
mod keywords;
#[path = "src/rules/spanned.rs"]
mod spanned;
#[path = "src/rules/surroundings.rs"]
mod surroundings;
#[path = "src/rules/syntax.rs"]
mod syntax;
#[path = "src/rules/table.rs"]
mod table;
#[path = "src/rules/value_bytes.rs"]
mod value_bytes;

/// The nouns of the program that rule files name. Tables hold their numbers, so their order counts; a
/// test compares what is loaded with the files.
mod model {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Severity {
        Note,
        Warning,
        Error,
    }

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Confidence {
        Low,
        Medium,
        High,
    }

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum KeyClass {
        Secret,
        Public,
        Token,
    }
}

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/rules");
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let mut names: Vec<String> = fs::read_dir(Path::new(&root).join("rules"))
        .expect("the package has a folder `rules`")
        .map(|entry| entry.expect("`rules` can be listed").file_name())
        .map(|name| name.into_string().expect("rule files have plain names"))
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    let mut list = String::from("&[\n");
    let mut tables = Vec::new();
    for name in names {
        let path = Path::new(&root).join("rules").join(&name);
        println!("cargo::rerun-if-changed={}", path.display());
        let name = format!("rules/{name}");
        writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("a String takes all");
        let text = fs::read_to_string(&path).expect("a rule file can be read");
        let table = postcard::to_allocvec(&rule_table(name, &text));
        tables.extend(table.expect("tables are plain data"));
    }
    list.push_str("]\n");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let write = |name: &str, content: &[u8]| {
        fs::write(Path::new(&out).join(name), content).expect("OUT_DIR can be written");
    };
    write("rule_files.rs", list.as_bytes());
    write("rule_tables", &tables);
}

/// The table of one file.
fn rule_table(name: String, text: &str) -> RuleTable<'static> {
    let mut file: syntax::RawRuleFile =
        toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let rules = file.rules.iter_mut().map(|rule| {
        let id = rule.id.get_ref();
        // The beginnings of blocks may stand anywhere.
        let places = rule.pattern.as_ref().map(|pattern| {
            let hir = expression::parse(pattern.get_ref())
                .unwrap_or_else(|error| panic!("{name}: rule `{id}`: {error}"));
            if rule.keywords.is_empty() {
                let derived = keywords::keywords(&hir).into_iter().flatten();
                rule.keywords = derived.map(Spanned::from).collect();
            }
            let keywords: Vec<String> =
                rule.keywords.iter().map(|keyword| keyword.get_ref().clone()).collect();
            KeywordPlaces::of(&hir, &keywords)
        });
        let places = places.unwrap_or_default();
        let lines = |samples: Vec<Spanned<String>>| {
            let line = |sample: Spanned<String>| {
                let line = 1 + text[..sample.span().start].matches('\n').count();
                (sample.into_inner(), line)
            };
            samples.into_iter().map(line).collect()
        };
        let samples: WrittenSamples = match rule.samples.take() {
            Some(RawSamples { matching, ignored }) => [lines(matching), lines(ignored)],
            None => Default::default(),
        };
        let samples = postcard::to_allocvec(&samples).expect("samples are plain data");
        RuleFacts { places, samples: samples.into() }
    });
    let rules = rules.collect();
    RuleTable { name, file, rules }
}
