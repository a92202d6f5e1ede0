//! Thrift's compact protocol, as far as the heads of Parquet need it.

/// How deep structs and lists may be in each other.
const DEEPEST: usize = 32;

/// A type of a field or an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ThriftType {
    /// A truth value, which is all of its field.
    True,
    /// The same.
    False,
    /// A single byte.
    Byte,
    /// A number of 16 to 64 bits.
    Number,
    /// A number with a point.
    Double,
    /// Bytes behind their length.
    Bytes,
    /// A list or a set.
    List,
    /// Pairs.
    Map,
    /// Fields.
    Struct,
}

impl ThriftType {
    fn of(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::True,
            2 => Self::False,
            3 => Self::Byte,
            4..=6 => Self::Number,
            7 => Self::Double,
            8 => Self::Bytes,
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            _ => return None,
        })
    }
}

/// Receives a field: its number, its type, and the reader, which is to read or skip it.
type EachField<'f, 't> = &'f mut dyn FnMut(i64, ThriftType, &mut ThriftReader<'t>) -> Option<()>;

/// Reads values one after the other. All is `None` where the bytes are wrong.
pub(super) struct ThriftReader<'t> {
    bytes: &'t [u8],
    at: usize,
    depth: usize,
}

impl<'t> ThriftReader<'t> {
    /// A reader of these bytes.
    pub(super) fn new(bytes: &'t [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }

    /// The offset of what is next.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for nth in 0..10 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * nth);
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// A number.
    pub(super) fn number(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Passes on the fields of a struct.
    pub(super) fn each_field(&mut self, each: EachField<'_, 't>) -> Option<()> {
        self.depth += 1;
        (self.depth <= DEEPEST).then_some(())?;
        let mut id = 0i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                self.depth -= 1;
                return Some(());
            }
            id = match head >> 4 {
                0 => self.number()?,
                step => id.checked_add(i64::from(step))?,
            };
            each(id, ThriftType::of(head & 0x0f)?, self)?;
        }
    }

    /// Passes on the items of a list.
    pub(super) fn each_item(
        &mut self,
        each: &mut dyn FnMut(ThriftType, &mut Self) -> Option<()>,
    ) -> Option<()> {
        self.depth += 1;
        (self.depth <= DEEPEST).then_some(())?;
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.varint()?,
            count => u64::from(count),
        };
        let kind = ThriftType::of(head & 0x0f)?;
        for _ in 0..count {
            // An item takes a byte at least, so that bytes bound the count.
            (self.at < self.bytes.len()).then_some(())?;
            each(kind, self)?;
        }
        self.depth -= 1;
        Some(())
    }

    /// Skips a value; a truth value is all of its field, and takes a byte as an item.
    pub(super) fn skip(&mut self, kind: ThriftType) -> Option<()> {
        match kind {
            ThriftType::True | ThriftType::False => Some(()),
            ThriftType::Byte => self.byte().map(|_| ()),
            ThriftType::Number => self.varint().map(|_| ()),
            ThriftType::Double => self.pass(8),
            ThriftType::Bytes => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.pass(length)
            }
            ThriftType::List => self.each_item(&mut |kind, own| own.skip_item(kind)),
            ThriftType::Struct => self.each_field(&mut |_, kind, own| own.skip(kind)),
            ThriftType::Map => {
                let count = self.varint()?;
                if count == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                let (key, value) = (ThriftType::of(kinds >> 4)?, ThriftType::of(kinds & 0x0f)?);
                for _ in 0..count {
                    self.skip_item(key)?;
                    self.skip_item(value)?;
                }
                Some(())
            }
        }
    }

    fn skip_item(&mut self, kind: ThriftType) -> Option<()> {
        match kind {
            ThriftType::True | ThriftType::False => self.pass(1),
            ThriftType::Byte
            | ThriftType::Number
            | ThriftType::Double
            | ThriftType::Bytes
            | ThriftType::List
            | ThriftType::Map
            | ThriftType::Struct => self.skip(kind),
        }
    }

    fn pass(&mut self, length: usize) -> Option<()> {
        self.at = self.at.checked_add(length).filter(|at| *at <= self.bytes.len())?;
        Some(())
    }
}
