//! keyside in another program: scans a buffer and analyses files that are not saved yet.
//!
//! `cargo run --no-default-features --example embed`

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::collections::BTreeMap;
use std::io;

use keyside::Scanner;
use keyside::exposure::Files;

/// The open buffers of an editor, by path.
struct Buffers(BTreeMap<String, String>);

impl Files for Buffers {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).map(|text| text.clone().into_bytes()))
    }

    fn below(&self, folder: &str) -> Vec<String> {
        let is_below = |path: &&String| {
            folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        self.0.keys().filter(is_below).cloned().collect()
    }
}

fn main() {
    // This repository must hold no key, so one is generated.
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let key = "sk_v1_".to_owned() + &keyside::rules::Rng::new(7).text(letters, 43);

    let scanner = Scanner::built_in();
    let buffer = format!("# settings\nMAGICX_SECRET_KEY={key}\n");
    for found in scanner.scan(buffer.as_bytes()) {
        println!("{}:{} {}: {}", found.line, found.column, found.title, found.secret);
    }

    let files = [
        ("package.json", "{\"dependencies\": {\"next\": \"15\"}}".to_owned()),
        ("app/page.tsx", "'use client'\nimport { key } from '../lib/settings'\nkey()".to_owned()),
        ("lib/settings.ts", format!("export const key = () => '{key}'")),
    ];
    let buffers = Buffers(files.map(|(path, text)| (path.to_owned(), text)).into());
    for leak in scanner.exposure(&buffers).leaks {
        println!("{}: {} ({})", leak.at.path, leak.kind.name(), scanner.rule_id(leak.key_kind));
        for step in leak.trace {
            println!("  {} {}", step.at.path, step.note);
        }
    }
}
