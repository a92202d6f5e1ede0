//! Generates the list of rule files, so that a new rule needs no Rust code.

use std::path::Path;
use std::{env, fmt::Write, fs};

fn main() {
    println!("cargo::rerun-if-changed=rules");
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let mut names: Vec<String> = fs::read_dir(Path::new(&root).join("rules"))
        .expect("the package has a folder `rules`")
        .map(|entry| entry.expect("`rules` can be listed").file_name())
        .map(|name| name.into_string().expect("rule files have plain names"))
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    let mut list = String::from("&[\n");
    for name in names {
        let path = Path::new(&root).join("rules").join(&name);
        println!("cargo::rerun-if-changed={}", path.display());
        writeln!(list, "    ({:?}, include_str!({path:?})),", format!("rules/{name}"))
            .expect("a String takes everything");
    }
    list.push_str("]\n");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("rule_files.rs"), list).expect("OUT_DIR can be written");
}
