//! Rules: the form of a key, its purpose, and what to do after a leak.
//!
//! A rule file is TOML, one file per provider ([`syntax`] is the format as written). Loading checks
//! everything that can be checked without a search; [`Ruleset`] is the result. The files in `rules/`
//! are part of the binary.

mod allowed;
mod alphabet;
mod block;
mod built_in;
mod checksum;
mod compile;
mod coverage;
mod decoded;
mod defaults;
mod error;
mod exactness;
mod expression;
mod head;
mod keywords;
mod load;
mod nearby;
mod pair;
mod pattern;
mod pattern_positions;
mod pattern_rest;
mod place;
mod rng;
mod ruleset;
mod spanned;
mod stored;
mod surroundings;
mod table;
mod template;
mod value_bytes;
mod verify;

pub mod syntax;

pub use allowed::AllowedText;
pub use alphabet::Alphabet;
pub use block::{Block, BlockFault, BlockKey};
pub use checksum::{Checksum, ChecksumParts};
pub use decoded::{Decoded, DecodedKey};
pub use defaults::SUMMARY;
pub use error::{RuleError, RuleErrors};
pub use keywords::keywords;
pub use load::RuleFile;
pub use nearby::{MIN_WORD, NearText, Nearby, begins_word};
pub use pair::Pair;
pub use pattern::{CompiledPattern, MAX_MATCH, MatchParts, Pattern};
pub use pattern_rest::FOLLOWED;
pub use place::{JsonCursor, RulePlace};
pub use rng::Rng;
pub use ruleset::{
    Constraints, DEFAULT_DECODE_DEPTH, Documented, KeySlot, MAX_DECODE_DEPTH, OF_CHANGE, Provider,
    Remediation, Rule, RuleBody, Ruleset, Sample, Samples, Sdk, StoredSamples,
};
pub use surroundings::{KeywordPlaces, MarkMemo, NEAR, Surroundings};
pub use template::{Template, TemplateError};
pub use value_bytes::{SHORTEST_VALUE, is_value};
pub use verify::{
    AccountField, Answer, BodyForm, Method, SigningScheme, TextPart, ValueSource, Verdict, Verify,
    text_parts,
};
