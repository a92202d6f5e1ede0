//! Made-up private keys that have the right structure, for samples and tests: no key is written down
//! anywhere.

use data_encoding::BASE64;

use crate::rules::rng::Rng;

/// The name of a kind of keys, and what makes one up.
type SampleKind = (&'static str, fn(&mut Rng) -> String);

/// The kinds of keys that can be made up.
const KINDS: &[SampleKind] = &[
    ("rsa", |rng| pem("RSA PRIVATE KEY", "", &pkcs1(rng))),
    ("pkcs8", |rng| {
        let rsa = pkcs1(rng);
        let id = der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
        pem("PRIVATE KEY", "", &pkcs8(&[id, vec![5, 0]].concat(), &rsa))
    }),
    ("ec", |rng| {
        let parts = [der(2, &[1]), der(4, &bytes(rng, 32)), der(0xa0, &der(6, P256))];
        pem(
            "EC PRIVATE KEY",
            "",
            &der(0x30, &[parts.concat(), der(0xa1, &bytes(rng, 68))].concat()),
        )
    }),
    ("dsa", |rng| {
        let mut parts = der(2, &[0]);
        for length in [128, 20, 128, 128, 20] {
            parts.extend(der(2, &number(rng, length)));
        }
        pem("DSA PRIVATE KEY", "", &der(0x30, &parts))
    }),
    ("ed25519", |rng| {
        pem("PRIVATE KEY", "", &pkcs8(&der(6, &[0x2b, 0x65, 0x70]), &der(4, &bytes(rng, 32))))
    }),
    ("encrypted", |rng| {
        let id = der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d]);
        let algorithm = der(0x30, &[id, der(0x30, &bytes(rng, 60))].concat());
        let key = [algorithm, der(4, &bytes(rng, 320))].concat();
        pem("ENCRYPTED PRIVATE KEY", "", &der(0x30, &key))
    }),
    ("encrypted-rsa", |rng| {
        let iv = rng.text("0123456789ABCDEF", 32);
        let headers = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{iv}\n\n");
        pem("RSA PRIVATE KEY", &headers, &bytes(rng, 608))
    }),
    ("openssh", |rng| {
        let public = bytes(rng, 32);
        let pair = [bytes(rng, 32), public.clone()].concat();
        let public = [wire(b"ssh-ed25519"), wire(&public)].concat();
        let secret = [public.clone(), wire(&pair), wire(b"me@example")].concat();
        openssh(rng, &public, &secret)
    }),
    ("openssh-rsa", |rng| {
        let Rsa { modulus, secret, p, q } = Rsa::new(rng);
        let public = [wire(b"ssh-rsa"), wire(&EXPONENT), wire(&modulus)].concat();
        let numbers = [wire(&modulus), wire(&EXPONENT), wire(&secret), wire(&number(rng, 64))];
        let rest = [wire(&p), wire(&q), wire(b"me@example")].concat();
        let secret = [wire(b"ssh-rsa"), numbers.concat(), rest].concat();
        openssh(rng, &public, &secret)
    }),
    ("openssh-encrypted", |rng| {
        let public = [wire(b"ssh-ed25519"), wire(&bytes(rng, 32))].concat();
        let options = [wire(&bytes(rng, 16)), vec![0, 0, 0, 24]].concat();
        let head = [MAGIC, &wire(b"aes256-ctr"), &wire(b"bcrypt"), &wire(&options)].concat();
        let key = [head, vec![0, 0, 0, 1], wire(&public), wire(&bytes(rng, 160))].concat();
        pem("OPENSSH PRIVATE KEY", "", &key)
    }),
    ("pgp", |rng| {
        let secret = [&[0][..], &bits(&number(rng, 32)), &bytes(rng, 2)].concat();
        pgp(rng, &secret)
    }),
    ("pgp-encrypted", |rng| {
        let secret = [&[254, 7, 3, 8][..], &bytes(rng, 8), &[0xff], &bytes(rng, 68)].concat();
        pgp(rng, &secret)
    }),
    ("putty", |rng| putty(rng, false)),
    ("putty-encrypted", |rng| putty(rng, true)),
];

const MAGIC: &[u8] = super::openssh::MAGIC;
const EXPONENT: [u8; 3] = [1, 0, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const CURVE_25519: &[u8] = &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1];

/// The name of a kind, as it is known.
pub(in crate::rules) fn kind(name: &str) -> Option<&'static str> {
    KINDS.iter().map(|(own, _)| *own).find(|own| *own == name)
}

/// The names of all kinds.
pub(in crate::rules) fn kinds() -> String {
    KINDS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// A key of a kind, with a line break after each of its lines.
pub(in crate::rules) fn fill(kind: &str, rng: &mut Rng) -> String {
    let make = KINDS.iter().find(|(name, _)| *name == kind);
    make.map(|(_, make)| make(rng)).unwrap_or_default()
}

fn bytes(rng: &mut Rng, length: usize) -> Vec<u8> {
    (0..length).map(|_| rng.next_u64() as u8).collect()
}

/// A number of just this many bytes, of which the first bit is 0.
fn number(rng: &mut Rng, length: usize) -> Vec<u8> {
    let mut number = bytes(rng, length);
    number[0] = number[0] & 0x3f | 0x40;
    number
}

/// Numbers in the relation of an RSA key; its factors need not be primes for that.
struct Rsa {
    modulus: Vec<u8>,
    secret: Vec<u8>,
    p: Vec<u8>,
    q: Vec<u8>,
}

impl Rsa {
    fn new(rng: &mut Rng) -> Self {
        let mut odd = || {
            let mut factor = number(rng, 64);
            factor[63] |= 1;
            factor
        };
        let (p, q) = (odd(), odd());
        Self { modulus: product(&p, &q), secret: number(rng, 127), p, q }
    }
}

fn product(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut digits = vec![0; a.len() + b.len()];
    for (i, x) in a.iter().rev().enumerate() {
        let mut carry = 0;
        for (j, y) in b.iter().rev().enumerate() {
            let sum = u32::from(digits[i + j]) + u32::from(*x) * u32::from(*y) + carry;
            digits[i + j] = sum as u8;
            carry = sum >> 8;
        }
        digits[i + b.len()] = carry as u8;
    }
    digits.reverse();
    digits
}

/// An element of DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match length {
        0..=0x7f => vec![tag, length as u8],
        0x80..=0xff => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [&head, content].concat()
}

fn pkcs1(rng: &mut Rng) -> Vec<u8> {
    let Rsa { modulus, secret, p, q } = Rsa::new(rng);
    let mut parts = der(2, &[0]);
    for part in [&modulus, &EXPONENT[..], &secret, &p, &q] {
        parts.extend(der(2, part));
    }
    for _ in 0..3 {
        parts.extend(der(2, &number(rng, 63)));
    }
    der(0x30, &parts)
}

fn pkcs8(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    der(0x30, &[der(2, &[0]), der(0x30, algorithm), der(4, key)].concat())
}

/// A text of SSH.
fn wire(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u32).to_be_bytes(), text].concat()
}

fn openssh(rng: &mut Rng, public: &[u8], secret: &[u8]) -> String {
    let check = bytes(rng, 4);
    let mut secret = [&check, &check, secret].concat();
    let padding = secret.len().wrapping_neg() % 8;
    secret.extend(1..=padding as u8);
    let head = [MAGIC, &wire(b"none"), &wire(b"none"), &wire(b"")].concat();
    pem("OPENSSH PRIVATE KEY", "", &[head, vec![0, 0, 0, 1], wire(public), wire(&secret)].concat())
}

/// A number of PGP.
fn bits(number: &[u8]) -> Vec<u8> {
    let length =
        8 * number.len() as u16 - number.first().map_or(0, |first| first.leading_zeros() as u16);
    [&length.to_be_bytes(), number].concat()
}

fn pgp(rng: &mut Rng, secret: &[u8]) -> String {
    let point = [&[0x40][..], &bytes(rng, 32)].concat();
    let curve = [&[CURVE_25519.len() as u8], CURVE_25519].concat();
    let head = [&[4][..], &bytes(rng, 4), &[22], &curve, &bits(&point)].concat();
    let key = [&head, secret].concat();
    let packet = [&[0x94, key.len() as u8][..], &key].concat();
    let text = pem("PGP PRIVATE KEY BLOCK", "Comment: made up\n\n", &packet);
    let checksum = rng.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef", 4);
    text.replace("-----END", &format!("={checksum}\n-----END"))
}

fn putty(rng: &mut Rng, is_encrypted: bool) -> String {
    let public = [wire(b"ssh-ed25519"), wire(&bytes(rng, 32))].concat();
    let (cipher, derivation, secret) = if is_encrypted {
        let salt = rng.text("0123456789abcdef", 32);
        let derivation =
            format!("Key-Derivation: Argon2id\nArgon2-Memory: 8192\nArgon2-Salt: {salt}\n");
        ("aes256-cbc", derivation, bytes(rng, 48))
    } else {
        ("none", String::new(), wire(&bytes(rng, 32)))
    };
    let (public, secret) = (lines(&public), lines(&secret));
    let count = |text: &str| text.lines().count();
    format!(
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: {cipher}\nComment: made up\n\
         Public-Lines: {}\n{public}{derivation}Private-Lines: {}\n{secret}Private-MAC: {}\n",
        count(&public),
        count(&secret),
        rng.text("0123456789abcdef", 64),
    )
}

fn lines(key: &[u8]) -> String {
    let body = BASE64.encode(key);
    let lines = body.as_bytes().chunks(64);
    lines.map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect()
}

fn pem(label: &str, headers: &str, key: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{headers}{}-----END {label}-----\n", lines(key))
}
