//! A file of 1 GB, with lines and without, against ripgrep and a plain read.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::TempDir;

use crate::measure::{self, Program};
use crate::text::Writer;

const ROUNDS: usize = 7;
const BLOCK: usize = 64 << 20;
const BLOCKS: usize = 16;

pub(crate) fn run() -> io::Result<()> {
    let folder = TempDir::new_in(crate::SCRATCH)?;
    let small = folder.path().join("small.txt");
    let large = folder.path().join("large.txt");
    for (end, what) in [(b'\n', "with lines"), (b' ', "one line")] {
        let mut block = Vec::new();
        Writer::new(4).write(&mut block, BLOCK, end);
        block.truncate(BLOCK);
        write(&small, &block, 1)?;
        write(&large, &block, BLOCKS)?;
        let mut programs = vec![crate::keyside([large.clone().into()])];
        programs.extend(crate::ripgrep(&large, folder.path())?);
        if measure::is_installed("cat")? {
            let words = vec!["cat".into(), large.clone().into()];
            programs.push(Program::new("cat > /dev/null", words, &[0]));
        }
        let times = measure::in_turn(&programs, ROUNDS)?;
        let title = format!("large: 1 GB, {what}, {ROUNDS} rounds; goal: the speed of memory");
        measure::print(&title, &times, &[]);
        let speed = (BLOCK * BLOCKS) as f64 / times[0].median() / 1e9;
        println!("  keyside reads {speed:.1} GB/s");
        measure::print_memory("1 GB", &programs[0], None)?;
        measure::print_memory("64 MB", &crate::keyside([small.clone().into()]), None)?;
    }
    Ok(())
}

fn write(path: &Path, block: &[u8], copies: usize) -> io::Result<()> {
    let mut file = File::create(path)?;
    for _ in 0..copies {
        file.write_all(block)?;
    }
    Ok(())
}
