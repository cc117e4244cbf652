//! Python's pickle format, as far as PyTorch uses it.
//!
//! A pickle is a program that builds objects. This reader knows only the instructions that build plain values and tables, and
//! it never calls anything: of a call it keeps the name and the arguments. Every object is stored once, however often the
//! program uses it, so that memory grows no faster than the program's length.

/// The objects of a model with 1,000 tensors are about 30,000.
const MAX_OBJECTS: usize = 1_000_000;

/// The number of an object among those of a program.
pub type Ref = usize;

/// What a program has built.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// `None`, a fraction, or another value that no table of tensors needs.
    Other,
    Int(i64),
    /// An integer of more than eight bytes, the lowest byte first.
    Long(Vec<u8>),
    Bool(bool),
    Text(String),
    /// A tuple or a list.
    Sequence(Vec<Ref>),
    /// The entries of a dictionary in their order.
    Table(Vec<(Ref, Ref)>),
    /// A class or a function, such as `torch._utils` and `_rebuild_tensor_v2`.
    Global(String, String),
    /// What a function would make of these arguments.
    Call(Ref, Ref),
    /// What the file keeps elsewhere, such as the numbers of a tensor.
    Stored(Ref),
}

/// The objects of one program, and the one that it ends with.
#[derive(Debug)]
pub struct Objects {
    all: Vec<Object>,
    pub top: Ref,
}

impl Objects {
    /// Every object, in the order in which they were built.
    pub fn all(&self) -> &[Object] {
        &self.all
    }

    pub fn get(&self, at: Ref) -> &Object {
        self.all.get(at).unwrap_or(&Object::Other)
    }

    pub fn text(&self, at: Ref) -> Option<&str> {
        if let Object::Text(text) = self.get(at) { Some(text) } else { None }
    }

    pub fn size(&self, at: Ref) -> Option<usize> {
        if let Object::Int(n) = self.get(at) { usize::try_from(*n).ok() } else { None }
    }

    pub fn sequence(&self, at: Ref) -> Option<&[Ref]> {
        if let Object::Sequence(parts) = self.get(at) { Some(parts) } else { None }
    }

    pub fn table(&self, at: Ref) -> Option<&[(Ref, Ref)]> {
        if let Object::Table(entries) = self.get(at) { Some(entries) } else { None }
    }
}

/// Runs the program at the beginning of `bytes`, and takes it away from there.
///
/// # Errors
/// What is wrong with the program, in a few words for those who know the format.
pub fn run(bytes: &mut &[u8]) -> Result<Objects, String> {
    let mut machine = Machine { rest: bytes, all: Vec::new(), stack: Vec::new(), marks: Vec::new(), memo: Vec::new() };
    let top = machine.run()?;
    let Machine { rest, all, .. } = machine;
    *bytes = rest;
    Ok(Objects { all, top })
}

struct Machine<'a> {
    rest: &'a [u8],
    all: Vec<Object>,
    stack: Vec<Ref>,
    /// The heights that the stack had where lists of arguments begin.
    marks: Vec<usize>,
    /// What the program wants to use again, by its numbers.
    memo: Vec<Option<Ref>>,
}

impl<'a> Machine<'a> {
    fn run(&mut self) -> Result<Ref, String> {
        loop {
            let code = self.bytes(1)?[0];
            match code {
                b'.' => return self.pop(),
                0x80 => drop(self.bytes(1)?),
                0x95 => drop(self.bytes(8)?),
                b'N' => self.push(Object::Other)?,
                0x88 | 0x89 => self.push(Object::Bool(code == 0x88))?,
                b'K' | b'M' => {
                    let n = self.number(if code == b'K' { 1 } else { 2 })?;
                    self.push(Object::Int(n as i64))?;
                }
                b'J' => {
                    let n = self.number(4)?;
                    self.push(Object::Int(i64::from(n as u32 as i32)))?;
                }
                b'G' => {
                    self.bytes(8)?;
                    self.push(Object::Other)?;
                }
                0x8a => self.long()?,
                b'X' | b'T' => {
                    let length = self.number(4)?;
                    self.text(length)?;
                }
                b'U' | 0x8c => {
                    let length = self.number(1)?;
                    self.text(length)?;
                }
                b'c' => {
                    let (module, name) = (self.line()?, self.line()?);
                    self.push(Object::Global(module, name))?;
                }
                0x93 => self.stack_global()?,
                b'(' => self.marks.push(self.stack.len()),
                b')' | b']' => self.push(Object::Sequence(Vec::new()))?,
                b'}' => self.push(Object::Table(Vec::new()))?,
                b't' | b'l' => {
                    let parts = self.take_marked()?;
                    self.push(Object::Sequence(parts))?;
                }
                b'd' => {
                    let parts = self.take_marked()?;
                    self.push(Object::Table(pairs(&parts)?))?;
                }
                0x85..=0x87 => {
                    let parts = self.take(usize::from(code - 0x84))?;
                    self.push(Object::Sequence(parts))?;
                }
                b'a' => {
                    let part = self.take(1)?;
                    self.append(&part)?;
                }
                b'e' => {
                    let parts = self.take_marked()?;
                    self.append(&parts)?;
                }
                b's' => {
                    let parts = self.take(2)?;
                    self.set_items(&parts)?;
                }
                b'u' => {
                    let parts = self.take_marked()?;
                    self.set_items(&parts)?;
                }
                b'Q' => {
                    let id = self.pop()?;
                    self.push(Object::Stored(id))?;
                }
                b'R' | 0x81 => {
                    let arguments = self.pop()?;
                    let function = self.pop()?;
                    self.call(function, arguments)?;
                }
                // The state of an object, such as a note of PyTorch's about versions.
                b'b' => drop(self.pop()?),
                b'q' | b'r' => {
                    let id = self.number(if code == b'q' { 1 } else { 4 })?;
                    self.remember(id)?;
                }
                0x94 => self.remember(self.memo.len())?,
                b'h' | b'j' => {
                    let id = self.number(if code == b'h' { 1 } else { 4 })?;
                    let found = self.memo.get(id).copied().flatten().ok_or("no object of this number")?;
                    self.stack.push(found);
                }
                b'0' => drop(self.pop()?),
                other => return Err(format!("instruction {other}")),
            }
            // Using an object again takes only room on the stack.
            if self.stack.len() + self.marks.len() > MAX_OBJECTS {
                return Err(too_many());
            }
        }
    }

    fn bytes(&mut self, n: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or("it ends too early")?;
        self.rest = rest;
        Ok(taken)
    }

    /// Takes a little-endian number of up to four bytes.
    fn number(&mut self, n: usize) -> Result<usize, String> {
        Ok(self.bytes(n)?.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    fn line(&mut self) -> Result<String, String> {
        let length = self.rest.iter().position(|byte| *byte == b'\n').ok_or("it ends too early")?;
        let line = self.bytes(length + 1)?;
        Ok(String::from_utf8_lossy(&line[..length]).into_owned())
    }

    fn text(&mut self, length: usize) -> Result<(), String> {
        let text = String::from_utf8_lossy(self.bytes(length)?).into_owned();
        self.push(Object::Text(text))
    }

    fn long(&mut self) -> Result<(), String> {
        let length = self.number(1)?;
        let bytes = self.bytes(length)?;
        let mut wide = [if bytes.last().is_some_and(|b| *b >= 0x80) { 0xff } else { 0 }; 8];
        let object = match wide.get_mut(..length) {
            Some(low) => {
                low.copy_from_slice(bytes);
                Object::Int(i64::from_le_bytes(wide))
            }
            None => Object::Long(bytes.to_vec()),
        };
        self.push(object)
    }

    fn stack_global(&mut self) -> Result<(), String> {
        let parts = self.take(2)?;
        let text = |at: &Ref| if let Object::Text(text) = &self.all[*at] { Ok(text.clone()) } else { Err("no name") };
        let global = Object::Global(text(&parts[0])?, text(&parts[1])?);
        self.push(global)
    }

    /// A dictionary that keeps its order is made by a call. Of every other call only what was asked for is kept.
    fn call(&mut self, function: Ref, arguments: Ref) -> Result<(), String> {
        let made = match &self.all[function] {
            Object::Global(module, name) if module == "collections" && name == "OrderedDict" => {
                Object::Table(Vec::new())
            }
            _ => Object::Call(function, arguments),
        };
        self.push(made)
    }

    fn push(&mut self, object: Object) -> Result<(), String> {
        if self.all.len() >= MAX_OBJECTS {
            return Err(too_many());
        }
        self.stack.push(self.all.len());
        self.all.push(object);
        Ok(())
    }

    fn pop(&mut self) -> Result<Ref, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err("no object".to_owned());
        }
        self.stack.pop().ok_or_else(|| "no object".to_owned())
    }

    /// Takes the last `n` objects, in their order.
    fn take(&mut self, n: usize) -> Result<Vec<Ref>, String> {
        let mut parts = (0..n).map(|_| self.pop()).collect::<Result<Vec<Ref>, _>>()?;
        parts.reverse();
        Ok(parts)
    }

    /// Takes all objects down to the last mark, and the mark.
    fn take_marked(&mut self) -> Result<Vec<Ref>, String> {
        let at = self.marks.pop().ok_or("no mark")?;
        Ok(self.stack.split_off(at.min(self.stack.len())))
    }

    fn top(&mut self) -> Result<&mut Object, String> {
        let top = self.pop()?;
        self.stack.push(top);
        Ok(&mut self.all[top])
    }

    fn append(&mut self, more: &[Ref]) -> Result<(), String> {
        // Other kinds of lists are in no table of tensors.
        if let Object::Sequence(parts) = self.top()? {
            parts.extend(more);
        }
        Ok(())
    }

    fn set_items(&mut self, more: &[Ref]) -> Result<(), String> {
        let entries = pairs(more)?;
        if let Object::Table(table) = self.top()? {
            table.extend(entries);
        }
        Ok(())
    }

    fn remember(&mut self, id: usize) -> Result<(), String> {
        let top = self.pop()?;
        self.stack.push(top);
        if id >= MAX_OBJECTS {
            return Err(too_many());
        }
        if id >= self.memo.len() {
            self.memo.resize(id + 1, None);
        }
        self.memo[id] = Some(top);
        Ok(())
    }
}

fn pairs(parts: &[Ref]) -> Result<Vec<(Ref, Ref)>, String> {
    let (pairs, rest) = parts.as_chunks::<2>();
    if rest.is_empty() {
        Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
    } else {
        Err("half an entry".to_owned())
    }
}

fn too_many() -> String {
    format!("more than {MAX_OBJECTS} objects")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends_with(mut bytes: &[u8]) -> Result<Object, String> {
        run(&mut bytes).map(|objects| objects.get(objects.top).clone())
    }

    #[test]
    fn plain_values_and_tables() {
        let mut bytes = &b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x05s.rest"[..];
        let objects = run(&mut bytes).unwrap();
        assert_eq!(bytes, b"rest");
        let [(key, value)] = objects.table(objects.top).unwrap() else { panic!("one entry") };
        assert_eq!((objects.text(*key), objects.size(*value)), (Some("a"), Some(5)));
        assert_eq!(ends_with(b"J\xff\xff\xff\xff."), Ok(Object::Int(-1)));
        assert_eq!(ends_with(b"\x8a\x02\xe9\x03."), Ok(Object::Int(1001)));
        assert_eq!(ends_with(b"\x8a\x01\xff."), Ok(Object::Int(-1)));
        assert_eq!(ends_with(b"\x8a\x09123456789."), Ok(Object::Long(b"123456789".to_vec())));
        assert_eq!(ends_with(b"(K\x01K\x02t."), Ok(Object::Sequence(vec![0, 1])));
    }

    #[test]
    fn calls_are_kept_and_not_made() {
        let mut bytes = &b"cos\nsystem\nX\x02\x00\x00\x00ls\x85R."[..];
        let objects = run(&mut bytes).unwrap();
        let Object::Call(function, arguments) = objects.get(objects.top) else { panic!("a call") };
        assert_eq!(*objects.get(*function), Object::Global("os".into(), "system".into()));
        assert_eq!(objects.sequence(*arguments).map(<[Ref]>::len), Some(1));
    }

    #[test]
    fn what_would_exhaust_the_machine_is_refused() {
        assert!(ends_with(b"X\xff\xff\xff\xffabc.").unwrap_err().contains("too early"));
        assert!(ends_with(b"}}ibuiltins\neval\n.").unwrap_err().contains("instruction"));
        assert!(ends_with(b"Nr\xff\xff\xff\xff.").unwrap_err().contains("objects"));
        assert!(ends_with(&[&b"N"[..], &[0x85; 2_000_000], b"."].concat()).unwrap_err().contains("objects"));
        assert!(
            ends_with(&[&b"Nq\x00"[..], &b"h\x00".repeat(2_000_000), b"."].concat()).unwrap_err().contains("objects")
        );
        assert!(ends_with(&[b'('; 2_000_000]).unwrap_err().contains("objects"));
        // Pairs of pairs of pairs are 2 to the power of 40 objects in Python, and 40 here.
        let mut doubled = b"N".to_vec();
        for _ in 0..40 {
            doubled.extend(b"q\x00h\x00\x86");
        }
        doubled.push(b'.');
        assert!(ends_with(&doubled).is_ok());
        for bad in [&b""[..], b".", b"s.", b"t.", b"h\x05.", b"(.", b"(K\x01u.", b"}(K\x01u.", b"q\x00.", b"R.", b"K"] {
            assert!(ends_with(bad).is_err(), "{bad:?}");
        }
    }
}
