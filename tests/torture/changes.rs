//! Damage to bytes: a few changes to a good file, each of which is small enough to leave most of it as it was.

use bolero::TypeGenerator;

use super::mangler::Mangler;

/// No input is made larger than this.
pub const MOST_BYTES: usize = 256 << 10;
/// Bytes at which readers turn.
const BYTES: &[u8] = b"\0\xff\xfe\x80\xc3\x1f\x1b\n\r\t ,;|\"'\\{}[]()<>&=:/.-+#%019aZ_";
/// Numbers at which arithmetic turns.
const NUMBERS: [&[u8]; 17] = [
    b"0",
    b"-1",
    b"1",
    b"2",
    b"255",
    b"65536",
    b"1048576",
    b"2147483647",
    b"4294967295",
    b"4294967296",
    b"9223372036854775807",
    b"18446744073709551615",
    b"99999999999999999999",
    b"1e308",
    b"-1e999",
    b"0.1",
    b"1e-320",
];

/// One change. What its numbers mean depends on `kind`.
#[derive(Clone, Debug, TypeGenerator)]
pub struct Change {
    /// Which of an input's files is changed.
    pub file: u8,
    kind: u8,
    at: u32,
    n: u32,
}

/// What an input is made of: a good one, and what is done to it.
#[derive(Clone, Debug, Default, TypeGenerator)]
pub struct Recipe {
    pub seed: u16,
    /// What the target decides beside the bytes, such as settings.
    pub choice: u16,
    #[generator(bolero::produce::<Vec<Change>>().with().len(0..=5usize))]
    pub changes: Vec<Change>,
}

impl Change {
    /// Changes `bytes`. `others` are the same file of other seeds, and `words` those that mean something to its reader.
    pub fn apply(&self, bytes: &mut Vec<u8>, others: &[&[u8]], words: &[&[u8]]) {
        let (at, n) = (self.at as usize % (bytes.len() + 1), self.n as usize);
        let rest = bytes.len() - at;
        let word = |list: &[&[u8]]| list.get(n % list.len().max(1)).map(|word| word.to_vec()).unwrap_or_default();
        match self.kind % 18 {
            0 if rest > 0 => bytes[at] ^= 1 << (n % 8),
            1 if rest > 0 => bytes[at] = BYTES[n % BYTES.len()],
            2 => bytes.insert(at, BYTES[n % BYTES.len()]),
            3 => drop(bytes.drain(at..at + (n % 8 + 1).min(rest))),
            4 => drop(bytes.drain(at..at + n % (rest + 1))),
            5 => {
                let slice = bytes[at..at + (n % 64).min(rest)].to_vec();
                splice(bytes, at, 0, &slice);
            }
            // Many times the same, up to what a linear reader takes in a moment.
            6 => {
                let slice = &bytes[at..at + (n % 16 + 1).min(rest)];
                let times = 1 << (n / 16 % 14).min(if n / 256 % 16 > 0 { 6 } else { 13 });
                let many = slice.repeat(times);
                splice(bytes, at, 0, &many);
            }
            7 => splice(bytes, at, 0, &word(words)),
            8 => {
                let word = word(words);
                splice(bytes, at, word.len(), &word);
            }
            9 => {
                let other = word(others);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[at.min(other.len())..]);
            }
            10 => bytes.truncate(at),
            11 => {
                let length = (n % 32).min(rest);
                let slice: Vec<u8> = bytes.drain(at..at + length).collect();
                let to = (n / 32) % (bytes.len() + 1);
                splice(bytes, to, 0, &slice);
            }
            // The next number becomes another.
            12 | 13 => {
                let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|found| at + found) else {
                    return;
                };
                let length = bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count();
                splice(bytes, start, length, NUMBERS[n % NUMBERS.len()]);
            }
            // A length, as formats with bytes have it.
            14 => {
                let size = [1, 2, 4, 8][n % 4];
                let length = bytes.len() as u64;
                let edges =
                    [0, 1, u64::MAX, u64::MAX >> 1, 1 << 31, 1 << 24, length, length + 1, length.saturating_sub(8)];
                let value = edges[n / 4 % edges.len()].to_le_bytes();
                splice(bytes, at, size, &value[..size]);
            }
            // One character stands everywhere for another.
            15 if rest > 0 => {
                let (from, to) = (bytes[at], BYTES[n % BYTES.len()]);
                bytes.iter_mut().filter(|b| **b == from).for_each(|b| *b = to);
            }
            // Whatever is JSON gets other values.
            _ => {
                if let Ok(mut value) = serde_json::from_slice(bytes) {
                    let mut mangler = Mangler(u64::from(self.at) << 32 | u64::from(self.n));
                    mangler.value(&mut value);
                    *bytes = value.to_string().into_bytes();
                } else {
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    if text.starts_with('{') && text.contains("}\n{") {
                        *bytes = Mangler(u64::from(self.at) << 32 | u64::from(self.n)).log(&text).into_bytes();
                    } else {
                        splice(bytes, at, 0, &word(words));
                    }
                }
            }
        }
        bytes.truncate(MOST_BYTES);
    }
}

fn splice(bytes: &mut Vec<u8>, at: usize, length: usize, new: &[u8]) {
    let end = (at + length).min(bytes.len());
    bytes.splice(at..end, new.iter().copied());
}
