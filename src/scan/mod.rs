//! Finds keys in bytes: a prefilter over all keywords, one rule's pattern in a window around a hit,
//! then filters that tell keys from words. [`KeyScanner`] does all of it; a [`Locator`] and
//! [`Excerpt`](crate::model::Excerpt)s are used only for what was found.

mod assigned;
mod base64_runs;
mod block;
mod by_name;
mod byte_block;
mod byte_lists;
mod counted;
mod decoded_text;
mod decoding;
mod digit_runs;
mod distant;
mod enclosing;
mod encoded_places;
mod encoded_values;
mod encodings;
mod escapes;
mod examination;
mod excerpt;
mod filters;
mod hex_dumps;
mod hit_memo;
mod join_chain;
mod join_gap;
mod join_names;
mod joined;
mod key_heads;
mod key_match;
mod line_hash;
mod locate;
mod name_words;
mod needles;
mod pairs;
mod partners;
mod places;
mod precedence;
mod prefilter;
mod qgram;
mod repeats;
mod runs;
mod samples;
mod scanner;
mod split_words;
mod text_places;
mod typed_numbers;
mod underscore;
mod utf16;
mod utf32;
mod window;
mod word_search;
mod word_starts;
mod word_table;

pub mod randomness;

pub use excerpt::{decode, excerpt, excerpt_of_place, whole_line};
pub use filters::{Rejection, shape};
pub use key_match::{KeyMatch, PairedKey};
pub use line_hash::line_hashes;
pub use locate::Locator;
pub use places::reported_in;
pub use precedence::OutrankedKey;
pub use prefilter::Prefilter;
pub use samples::{SampleFailure, check_samples};
pub use scanner::{Attempt, AttemptOutcome, ChunkMatches, KeyScanner};
