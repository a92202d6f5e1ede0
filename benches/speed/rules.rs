//! Three hundred more rules, against the built-in ones on the same tree.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use keyside::rules::{Rng, Ruleset};
use tempfile::TempDir;

use crate::forest::Forest;
use crate::measure;

const ROUNDS: usize = 9;
const PROVIDERS: usize = 100;
const RULES_EACH: usize = 3;

pub(crate) fn run(forest: &Forest) -> io::Result<()> {
    let folder = TempDir::new_in(crate::SCRATCH)?;
    write_rules(folder.path())?;
    let rules: [OsString; 2] = ["--rules".into(), folder.path().into()];
    let programs = [
        crate::keyside(rules.into_iter().chain([forest.path().into()]))
            .named(format!("keyside, {} rules more", PROVIDERS * RULES_EACH)),
        crate::keyside([forest.path().into()]).named("keyside, built-in rules"),
    ];
    let times = measure::in_turn(&programs, ROUNDS)?;
    let built_in = Ruleset::built_in().rules.len();
    let title = format!(
        "rules: {} against {built_in}, {}, {ROUNDS} rounds",
        built_in + PROVIDERS * RULES_EACH,
        forest.size(),
    );
    measure::print(&title, &times, &[Some(1.5)]);
    measure::print_memory("with all rules", &programs[0], None)
}

/// A file for each provider.
fn write_rules(folder: &Path) -> io::Result<()> {
    let mut rng = Rng::new(3);
    let mut taken = HashSet::new();
    for provider in 0..PROVIDERS {
        let letters = 2 + rng.below(3);
        let vendor = rng.text("abcdefghijklmnopqrstuvwxyz", letters);
        let mut file = format!(
            "[provider]\nid = \"vendor-{provider}\"\nname = \"Vendor {provider}\"\n\
             url = \"https://vendor-{provider}.example/docs\"\nhosts = []\n"
        );
        for rule in 0..RULES_EACH {
            let keyword = std::iter::repeat_with(|| keyword(&vendor, &mut rng))
                .find(|keyword| (5..=9).contains(&keyword.len()) && taken.insert(keyword.clone()))
                .expect("there are more keywords than are taken");
            write!(
                file,
                "\n[[rule]]\nid = \"vendor-{provider}-key-{rule}\"\ntitle = \"A key\"\n\
                 description = \"A generated rule.\"\nclass = \"secret\"\nseverity = \"error\"\n\
                 confidence = \"high\"\nkeywords = [\"{keyword}\"]\n\
                 pattern = '(?P<secret>{keyword}(?P<body>[A-Za-z0-9]{{32,64}}))'\n\
                 [rule.constraints]\nalphabet = \"A-Za-z0-9\"\nmin-length = 32\nmax-length = 64\n\
                 [rule.remediation]\nsummary = \"None.\"\n\
                 url = \"https://vendor-{provider}.example/keys\"\n\
                 [rule.samples]\nmatch = [\"key = {keyword}{{alnum:40}}\"]\n\
                 ignore = [\"{keyword}your-key\"]\n"
            )
            .expect("a String takes everything");
        }
        fs::write(folder.join(format!("vendor-{provider}.toml")), file)?;
    }
    Ok(())
}

/// A prefix as vendors choose them: their own letters, usually with the kind of key, and sometimes
/// different letters, as after a vendor has bought another.
fn keyword(vendor: &str, rng: &mut Rng) -> String {
    const KINDS: [&str; 10] = ["sk", "pk", "at", "rt", "pat", "key", "live", "test", "api", "v1"];
    let separator = ["_", "-"][rng.below(2)];
    if rng.below(10) == 0 {
        let other = rng.text("abcdefghijklmnopqrstuvwxyz", 4);
        return format!("{other}{separator}");
    }
    format!("{vendor}{separator}{}{separator}", KINDS[rng.below(KINDS.len())])
}
