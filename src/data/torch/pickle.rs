//! A reader for the part of Python's pickle (protocol 2) that PyTorch writes.

use std::collections::BTreeMap;

/// Most values on the stack, and most values that are remembered.
const VALUES_MAX: usize = 1 << 20;

/// What a pickle describes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// A tuple or a list.
    Sequence(Vec<Value>),
    /// A dictionary, in its order.
    Dictionary(Vec<(Value, Value)>),
    /// A class or function, by module and name.
    Global(String),
    /// Something that the file stores elsewhere, by its description.
    Stored(Box<Value>),
    /// A tensor, by the arguments of its constructor.
    Tensor(Vec<Value>),
    /// Anything else.
    Other,
}

/// Reads one pickle from the start of `bytes`: its value, and how long it is; none if it is damaged, cut short or uses
/// what PyTorch does not.
pub(super) fn read(bytes: &[u8]) -> Option<(Value, usize)> {
    let mut reader = Reader { bytes, at: 0, stack: Vec::new(), marks: Vec::new(), memory: BTreeMap::new() };
    loop {
        let code = reader.take(1)?[0];
        if code == b'.' {
            return Some((reader.stack.pop()?, reader.at));
        }
        reader.step(code)?;
        if reader.stack.len() > VALUES_MAX || reader.memory.len() > VALUES_MAX {
            return None;
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memory: BTreeMap<u32, Value>,
}

impl<'a> Reader<'a> {
    fn step(&mut self, code: u8) -> Option<()> {
        match code {
            0x80 => {
                self.take(1)?;
            }
            b'N' | 0x88 | 0x89 => self.push(Value::Other),
            b'G' => {
                self.take(8)?;
                self.push(Value::Other);
            }
            b'J' | b'K' | b'M' | 0x8a => self.number(code)?,
            b'X' | b'T' | b'U' => self.text(code)?,
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.push(Value::Global(format!("{module}.{name}")));
            }
            b'q' | b'r' => {
                let place = self.place(code == b'q')?;
                self.memory.insert(place, self.stack.last()?.clone());
            }
            b'h' | b'j' => {
                let place = self.place(code == b'h')?;
                self.push(self.memory.get(&place)?.clone());
            }
            b'(' => self.marks.push(self.stack.len()),
            _ => self.build(code)?,
        }
        Some(())
    }

    /// The codes that make values from others.
    fn build(&mut self, code: u8) -> Option<()> {
        match code {
            b')' | b']' => self.push(Value::Sequence(Vec::new())),
            b'}' => self.push(Value::Dictionary(Vec::new())),
            b't' => {
                let items = self.marked()?;
                self.push(Value::Sequence(items));
            }
            0x85..=0x87 => {
                let first = self.stack.len().checked_sub(usize::from(code - 0x84))?;
                let items = self.stack.split_off(first);
                self.push(Value::Sequence(items));
            }
            b'a' | b'e' => {
                let items = if code == b'a' { vec![self.stack.pop()?] } else { self.marked()? };
                let Value::Sequence(list) = self.stack.last_mut()? else { return None };
                list.extend(items);
            }
            b's' | b'u' => {
                let first = self.stack.len().checked_sub(2)?;
                let items = if code == b's' { self.stack.split_off(first) } else { self.marked()? };
                self.add_pairs(items)?;
            }
            b'Q' => {
                let stored = self.stack.pop()?;
                self.push(Value::Stored(Box::new(stored)));
            }
            b'R' => {
                let (arguments, function) = (self.stack.pop()?, self.stack.pop()?);
                self.push(call(&function, arguments));
            }
            // The state of an object, such as the versions of a network's layers.
            b'b' => drop(self.stack.pop()?),
            _ => return None,
        }
        Some(())
    }

    fn add_pairs(&mut self, items: Vec<Value>) -> Option<()> {
        let mut items = items.into_iter();
        let mut pairs = Vec::new();
        while let Some(key) = items.next() {
            pairs.push((key, items.next()?));
        }
        match self.stack.last_mut()? {
            Value::Dictionary(dictionary) => dictionary.extend(pairs),
            Value::Other => {}
            _ => return None,
        }
        Some(())
    }

    fn number(&mut self, code: u8) -> Option<()> {
        let number = match code {
            b'J' => i64::from(i32::from_le_bytes(*self.array()?)),
            b'K' => i64::from(self.take(1)?[0]),
            b'M' => i64::from(u16::from_le_bytes(*self.array()?)),
            _ => {
                // Two's complement of any length. Numbers of more than 64 bits, such as the mark of the older format,
                // keep their lowest ones.
                let length = usize::from(self.take(1)?[0]);
                let digits = self.take(length)?;
                let filler = if digits.last().is_some_and(|&last| last >= 128) { 255 } else { 0 };
                i64::from_le_bytes(std::array::from_fn(|place| digits.get(place).copied().unwrap_or(filler)))
            }
        };
        self.push(Value::Int(number));
        Some(())
    }

    fn text(&mut self, code: u8) -> Option<()> {
        let length = match code {
            b'U' => usize::from(self.take(1)?[0]),
            _ => u32::from_le_bytes(*self.array()?) as usize,
        };
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.push(Value::Text(text));
        Some(())
    }

    fn place(&mut self, short: bool) -> Option<u32> {
        if short { Some(u32::from(self.take(1)?[0])) } else { Some(u32::from_le_bytes(*self.array()?)) }
    }

    fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    /// What is above the last mark.
    fn marked(&mut self) -> Option<Vec<Value>> {
        let mark = self.marks.pop()?;
        (mark <= self.stack.len()).then(|| self.stack.split_off(mark))
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        self.take(N)?.first_chunk()
    }

    fn line(&mut self) -> Option<String> {
        let length = self.bytes.get(self.at..)?.iter().position(|&byte| byte == b'\n')?;
        let line = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.take(1)?;
        Some(line)
    }
}

/// What a constructor makes.
fn call(function: &Value, arguments: Value) -> Value {
    let Value::Global(name) = function else { return Value::Other };
    match (name.as_str(), arguments) {
        ("collections.OrderedDict", _) => Value::Dictionary(Vec::new()),
        ("torch._utils._rebuild_tensor_v2", Value::Sequence(arguments)) => Value::Tensor(arguments),
        ("torch._utils._rebuild_parameter", Value::Sequence(arguments)) => {
            arguments.into_iter().next().unwrap_or(Value::Other)
        }
        _ => Value::Other,
    }
}
