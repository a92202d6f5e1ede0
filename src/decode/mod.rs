//! Reads what is not plain text: containers such as archives and compressed files, and encodings within a
//! text. One file for each of them, behind one trait a kind ([`Container`], [`Decoder`]).

mod containers;
mod encodings;

pub use containers::{
    ArchiveLimits, CONTAINER_END, CONTAINER_START, Container, Fault, ReadSeek, SEPARATOR,
    TextVisitor, detect_container, detect_end, detect_named, inflate, inflate_bare,
    may_be_container, unpack,
};
pub use encodings::{
    Apart, BLOCK, BlockMasks, BlockPass, ByteBlock, DecodedText, Decoder, DecoderReach, KeyHeads,
    SearchedPart, decode_value, decoded_texts,
};
