//! Searches one pack file for the keywords of the built-in rules with the delta walk, and prints
//! the cost: `cargo run --release --example walk -- PACK [sha256]`.

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use keyside::model::{ObjectFormat, Oid};
use keyside::rules::Ruleset;
use keyside::scan::KeyScanner;
use keyside::source::git::{
    ObjectKind, ObjectVisitor, Pack, SearchedObject, VisitedObject, WalkScope, walk,
};

/// The counts of one thread.
#[derive(Default)]
struct Count {
    objects: u64,
    fresh: u64,
    with_hits: u64,
    damaged: u64,
}

impl ObjectVisitor for Count {
    fn object(&mut self, _: VisitedObject<'_>) {
        self.with_hits += 1;
    }

    fn damaged(&mut self, _: Oid, _: &str) {
        self.damaged += 1;
    }

    fn searched(&mut self, object: SearchedObject<'_>) {
        self.objects += 1;
        self.fresh += object.fresh as u64;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("name a pack file")?;
    // A pack does not tell how its objects are named.
    let format = match std::env::args_os().nth(2) {
        Some(name) if name == "sha256" => ObjectFormat::Sha256,
        Some(_) => return Err("the format is `sha256`, or left out for SHA-1".into()),
        None => ObjectFormat::Sha1,
    };
    let rules = Ruleset::built_in();
    let scanner = KeyScanner::new(&rules);
    let begun = Instant::now();
    let pack = Pack::open(Path::new(&path), format)?;
    let opened = begun.elapsed();
    let scope =
        WalkScope { kinds: &|kind| kind != ObjectKind::Tree, skip: None, outside: &|_| None };
    let counts = walk(&pack, &scanner, &scope, Count::default);
    let all = counts.iter().fold(Count::default(), |sum, count| Count {
        objects: sum.objects + count.objects,
        fresh: sum.fresh + count.fresh,
        with_hits: sum.with_hits + count.with_hits,
        damaged: sum.damaged + count.damaged,
    });
    writeln!(
        io::stdout(),
        "{} entries; {} objects but trees, {} MB of them searched, {} with keywords, {} damaged\n\
         opened in {:.2} s, all in {:.2} s",
        pack.entries.len(),
        all.objects,
        all.fresh / 1_000_000,
        all.with_hits,
        all.damaged,
        opened.as_secs_f64(),
        begun.elapsed().as_secs_f64(),
    )?;
    Ok(())
}
