//! Encodings in which keys are found; `decode::encodings` and `scan::encoded_keywords` decode them.

/// An encoding that hides text from a plain search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EncodingLayer {
    /// Base64 (RFC 4648), either alphabet, on one line or several.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// UTF-16 inside another encoding.
    Utf16,
    /// Escapes of string literals: `\x73`, `\u0073`, `\163`.
    Escape,
    /// Percent encoding, as in addresses.
    Percent,
    /// Character references of HTML and XML.
    Html,
    /// Quoted-printable, as in messages.
    QuotedPrintable,
    /// Numbers of bytes, as in arrays.
    Bytes,
    /// gzip inside another encoding.
    Gzip,
    /// zlib inside another encoding.
    Zlib,
    /// Pieces that a program puts together.
    Joined,
    /// Written backwards.
    Reversed,
    /// Letters shifted by thirteen places (ROT13).
    Rot13,
    /// Base32 (RFC 4648).
    Base32,
    /// An archive inside another encoding.
    Archive,
    /// DEFLATE without a header inside another encoding.
    Deflate,
    /// Ascii85, or the base85 of git's binary patches.
    Base85,
    /// uuencode.
    Uuencode,
}

impl EncodingLayer {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Utf16 => "utf-16",
            Self::Escape => "escape",
            Self::Percent => "percent",
            Self::Html => "html",
            Self::QuotedPrintable => "quoted-printable",
            Self::Bytes => "bytes",
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Joined => "joined",
            Self::Reversed => "reversed",
            Self::Rot13 => "rot13",
            Self::Base32 => "base32",
            Self::Archive => "archive",
            Self::Deflate => "deflate",
            Self::Base85 => "base85",
            Self::Uuencode => "uuencode",
        }
    }
}
