//! The frames of TensorFlow's record files: the length and its checksum, then the bytes and theirs.

use std::io::{self, Write};

/// The polynomial of CRC-32C (Castagnoli), with its bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;
/// TensorFlow masks checksums, because those of data that hold checksums themselves are weak.
const MASK_DELTA: u32 = 0xa282_ead8;

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let (mut table, mut i) = ([0; 256], 0);
    while i < 256 {
        let (mut crc, mut bit) = (i as u32, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
}

fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| (crc >> 8) ^ TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize])
}

fn masked(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(MASK_DELTA)
}

/// Writes one record.
///
/// # Errors
/// Those of the file.
pub fn write(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = (bytes.len() as u64).to_le_bytes();
    to.write_all(&length)?;
    to.write_all(&masked(&length).to_le_bytes())?;
    to.write_all(bytes)?;
    to.write_all(&masked(bytes).to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are those of RFC 3720, appendix B.4.
    #[test]
    fn checksums_are_those_of_the_standard() {
        let ascending: Vec<u8> = (0..32).collect();
        for (bytes, crc) in [(&[0; 32][..], 0x8a91_36aa), (&[0xff; 32], 0x62a8_ab43), (&ascending, 0x46dd_794e)] {
            assert_eq!(crc32c(bytes), crc);
        }
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }
}
