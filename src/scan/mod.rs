//! Finds keys in bytes: a prefilter over all keywords, one rule's pattern in a window around a hit,
//! then filters that tell keys from words. [`KeyScanner`] does all of it; a [`Locator`] and
//! [`Excerpt`](crate::model::Excerpt)s are used only for what was found.

mod assigned;
mod block;
mod by_name;
mod counted;
mod decoding;
mod distant;
mod enclosing;
mod encoded_keywords;
mod examination;
mod excerpt;
mod filters;
mod hit_memo;
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
mod underscore;
mod utf16;
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
pub use prefilter::{MARKER, Prefilter};
pub use samples::{SampleFailure, check_samples};
pub use scanner::{Attempt, AttemptOutcome, ChunkMatches, KeyScanner};
