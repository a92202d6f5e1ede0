//! Turns the rule files into tables that the program loads without parsing TOML, and lists them, so
//! that a new rule needs no Rust code.

#![allow(dead_code, unreachable_pub, reason = "the program uses the rest of its files")]

use std::collections::HashMap;
use std::path::Path;
use std::{env, fmt::Write, fs};

use self::head::RuleHead;
use self::model::RuleIndex;
use self::spanned::Spanned;
use self::surroundings::KeywordPlaces;
use self::syntax::{RawRule, RawSamples};
use self::table::{FileTable, StoredRule, WrittenSamples};

#[path = "src/rules/coverage.rs"]
mod coverage;
#[path = "src/rules/expression.rs"]
mod expression;
#[path = "src/rules/head.rs"]
mod head;
#[path = "src/rules/keywords.rs"]
mod keywords;
#[path = "src/rules/nearby.rs"]
mod nearby;
#[path = "src/rules/pair.rs"]
mod pair;
#[path = "src/rules/pattern_positions.rs"]
mod pattern_positions;
#[path = "src/rules/pattern_rest.rs"]
mod pattern_rest;
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

    #[derive(Debug, Clone, Copy, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum KeyClass {
        Secret,
        Public,
        Token,
    }

    #[derive(Debug, Clone, Copy, Serialize, Deserialize)]
    pub struct RuleIndex(pub usize);
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
    let (mut tables, mut bodies) = (Vec::new(), Vec::new());
    for name in names {
        let path = Path::new(&root).join("rules").join(&name);
        println!("cargo::rerun-if-changed={}", path.display());
        let name = format!("rules/{name}");
        writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("a String takes all");
        let text = fs::read_to_string(&path).expect("a rule file can be read");
        tables.push(file_table(name, &text, &mut bodies));
    }
    list.push_str("]\n");
    resolve_pairs(&mut tables);
    let tables: Vec<u8> = tables.iter().flat_map(stored).collect();
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let write = |name: &str, content: &[u8]| {
        fs::write(Path::new(&out).join(name), content).expect("OUT_DIR can be written");
    };
    write("rule_files.rs", list.as_bytes());
    write("rule_tables", &tables);
    write("rule_bodies", &bodies);
}

fn stored(data: &impl serde::Serialize) -> Vec<u8> {
    postcard::to_allocvec(data).expect("tables are plain data")
}

/// The table of one file; the bodies of its rules are added to `bodies`.
fn file_table(name: String, text: &str, bodies: &mut Vec<u8>) -> FileTable {
    let file: syntax::RawRuleFile =
        toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let provider = file.provider.unwrap_or_else(|| panic!("{name}: there is no [provider]"));
    let line_of = |offset: usize| 1 + text[..offset].matches('\n').count();
    let rules = file.rules.into_iter().map(|mut written| {
        let (keywords, places) = keywords(&written)
            .unwrap_or_else(|error| panic!("{name}: rule `{}`: {error}", written.id.get_ref()));
        let lines = |samples: Vec<Spanned<String>>| {
            let line = |sample: Spanned<String>| {
                let line = line_of(sample.span().start);
                (sample.into_inner(), line)
            };
            samples.into_iter().map(line).collect()
        };
        let samples: WrittenSamples = match written.samples.take() {
            Some(RawSamples { matching, ignored }) => [lines(matching), lines(ignored)],
            None => Default::default(),
        };
        let head = RuleHead::of(&written, keywords, places, line_of);
        let body = stored(&StoredRule { written, samples: stored(&samples).into() });
        bodies.extend(&body);
        (head, body.len())
    });
    let rules = rules.collect();
    FileTable { name, provider, rules }
}

/// The keywords of a rule, by default those of its pattern or its block, and their places.
fn keywords(rule: &RawRule) -> Result<(Vec<String>, KeywordPlaces), String> {
    let written: Vec<String> =
        rule.keywords.iter().map(|keyword| keyword.get_ref().clone()).collect();
    let is_written = !written.is_empty();
    if let Some(block) = &rule.block {
        let keywords = if is_written { written } else { block.begin.clone() };
        let places = KeywordPlaces::of_block(&block.begin, &keywords);
        return Ok((keywords, places));
    }
    let pattern = rule.pattern.as_ref().ok_or("there is no pattern")?;
    let hir = expression::parse(pattern.get_ref())?;
    let derived = || keywords::keywords(&hir).unwrap_or_default();
    let keywords = if is_written { written } else { derived() };
    let places = KeywordPlaces::of(&hir, &keywords);
    Ok((keywords, places))
}

/// Looks up the other rules of all pairs, as loading does for files. A test checks the ids.
fn resolve_pairs(tables: &mut [FileTable]) {
    let heads = tables.iter().flat_map(|table| &table.rules);
    let ids: HashMap<String, usize> = heads.map(|(head, _)| head.id.clone()).zip(0..).collect();
    for (head, _) in tables.iter_mut().flat_map(|table| &mut table.rules) {
        if let Some(pair) = &mut head.pair {
            let known = pair.with.iter().filter_map(|id| ids.get(id));
            pair.rules = known.map(|&index| RuleIndex(index)).collect();
        }
    }
}
