//! The form in which parsed modules are kept between runs.
//!
//! Nothing is kept of files with a key, with a text that might be one, or with a text of their own such
//! as a style sheet, nor of files that could not be read completely.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::graph::file_facts::{FileFacts, HOLDERS};
use crate::graph::parsed_file::{Parsed, ParsedKey};
use crate::graph::seed_places::SeedPlaces;
use crate::input::ContentId;
use crate::js::ir::{Module, ModulePart, ParseDepth};

/// Runs of letters, digits and signs that are as long may be keys of a kind that nobody knows.
const MAX_RUN: usize = 20;

/// A run with as many digits among its letters may be such a key; words of code have fewer.
const MANY_DIGITS: usize = 4;

/// The part of a file that is kept.
#[derive(Serialize, Deserialize)]
struct StoredFile {
    seeds: StoredSeeds,
    may_have_key: bool,
    named_holders: [bool; HOLDERS.len()],
    modules: Vec<(ModulePart, Arc<Module>)>,
}

/// The places of seeds in a file without a key.
#[derive(Serialize, Deserialize)]
enum StoredSeeds {
    Nowhere,
    At(Vec<u32>),
    Anywhere,
}

/// The id under which the modules of a file are kept, for a depth to which they were parsed.
pub(super) fn stored_id(key: &ParsedKey, depth: ParseDepth) -> ContentId {
    let ParsedKey { path, content, is_seed, words } = key;
    let is_whole = depth == ParseDepth::Body;
    let mut digest = Sha256::new();
    digest.update(content);
    digest.update(words.to_le_bytes());
    digest.update([u8::from(*is_seed), u8::from(is_whole)]);
    digest.update(path);
    digest.finalize().into()
}

/// The bytes to keep of a file with this text; `None` if nothing of it is kept.
pub(super) fn stored(
    key: &ParsedKey,
    text: &[u8],
    facts: &FileFacts,
    (modules, notice): &Parsed,
) -> Option<Vec<u8>> {
    let is_code = |(part, module): &(ModulePart, Arc<Module>)| {
        *part != ModulePart::Text && module.fault.is_none()
    };
    let has_key = key.is_seed && facts.may_have_key;
    if has_key || notice.is_some() || !modules.iter().all(is_code) || may_hold_key(text) {
        return None;
    }
    let seeds = match &facts.seeds {
        SeedPlaces::Nowhere => StoredSeeds::Nowhere,
        SeedPlaces::At(offsets, told) if told.is_empty() => StoredSeeds::At(offsets.to_vec()),
        SeedPlaces::At(..) => return None,
        SeedPlaces::Anywhere => StoredSeeds::Anywhere,
    };
    let file = StoredFile {
        seeds,
        may_have_key: facts.may_have_key,
        named_holders: facts.named_holders,
        modules: modules.clone(),
    };
    postcard::to_allocvec(&file).ok()
}

/// The facts and modules of a file, as they were kept; `None` if these bytes are something else.
pub(crate) fn restored(bytes: &[u8]) -> Option<(FileFacts, Parsed)> {
    let (file, rest): (StoredFile, &[u8]) = postcard::take_from_bytes(bytes).ok()?;
    let StoredFile { seeds, may_have_key, named_holders, modules } = file;
    let seeds = match seeds {
        StoredSeeds::Nowhere => SeedPlaces::Nowhere,
        StoredSeeds::At(offsets) => SeedPlaces::at(offsets, Vec::new()),
        StoredSeeds::Anywhere => SeedPlaces::Anywhere,
    };
    let facts = FileFacts { seeds, may_have_key, named_holders };
    rest.is_empty().then_some((facts, (modules, None)))
}

/// True if a text may hold a key of any kind: a long run of letters, digits and signs with many digits
/// among its letters.
fn may_hold_key(text: &[u8]) -> bool {
    let is_of_key = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-')
    };
    text.split(|byte| !is_of_key(byte)).any(|run| {
        let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
        run.len() >= MAX_RUN && digits >= MANY_DIGITS && run.iter().any(u8::is_ascii_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::may_hold_key;

    #[test]
    fn texts_that_may_be_keys_are_told() {
        for text in [format!("'{}'", "Zk3v".repeat(5)), format!("x={}", "a1-".repeat(7))] {
            assert!(may_hold_key(text.as_bytes()), "{text}");
        }
        for text in [
            "const isAuthenticatedUserWithRole = 1",
            "'bg-slate-100 text-gray-900 md:grid-cols-12'",
            "12345678901234567890",
            "a1b2c3d4",
        ] {
            assert!(!may_hold_key(text.as_bytes()), "{text}");
        }
    }
}
