//! Decodes what a text says in another way: escapes, lists of numbers, base64, digits, strings that a program
//! puts together. One file for each encoding, behind one trait, [`Decoder`].

mod archived;
mod armored;
mod base64;
mod byte_block;
mod byte_lists;
mod counted_string;
mod counted_texts;
mod decoded_text;
mod decoder;
mod deflated;
mod der_texts;
mod digits;
mod encoded_places;
mod encoded_values;
mod escapes;
mod folded;
mod hex_dumps;
mod join_arguments;
mod join_chain;
mod join_formats;
mod join_gap;
mod join_lists;
mod join_names;
mod join_others;
mod join_raw;
mod join_reshaped;
mod join_turned;
mod join_uses;
mod join_words;
mod joined;
mod key_heads;
mod mail_words;
mod pickled_texts;
mod registry;
mod typed_numbers;
mod utf32;

pub use byte_block::{BLOCK, BlockMasks, BlockPass, ByteBlock};
pub use decoded_text::{Apart, DecodedText};
pub use decoder::{Decoder, SearchedPart};
pub use key_heads::KeyHeads;
pub use registry::{DecoderReach, decode_value, decoded_texts};
