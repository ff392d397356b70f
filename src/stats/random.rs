//! Random streams that depend on what they are for, never on the order of work.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// A generator seeded by the run's seed and the key of what it serves.
///
/// Two streams with different keys are independent for every practical purpose; one key gives the
/// same numbers on any machine and any number of threads.
///
/// ```
/// use rand_chacha::rand_core::Rng;
/// use restock::stats::random::stream;
/// assert_eq!(stream(42, b"A-100|main").next_u64(), stream(42, b"A-100|main").next_u64());
/// assert_ne!(stream(42, b"A-100|main").next_u64(), stream(42, b"A-101|main").next_u64());
/// ```
#[must_use]
pub fn stream(seed: u64, key: &[u8]) -> ChaCha8Rng {
    let mut hasher = Sha256::new();
    hasher.update(seed.to_le_bytes());
    hasher.update(key);
    ChaCha8Rng::from_seed(hasher.finalize().into())
}

/// A hash of texts that stays what it is on any machine: FNV-1a over their bytes (Fowler, Noll & Vo
/// 1991), each ended by a byte that no text holds.
///
/// ```
/// use restock::stats::random::hash;
/// assert_eq!(hash(&["A-100", "main"]), hash(&["A-100", "main"]));
/// assert_ne!(hash(&["A-1", "00"]), hash(&["A-10", "0"]));
/// ```
#[must_use]
pub fn hash(texts: &[&str]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325;
    for byte in texts.iter().flat_map(|text| text.bytes().chain([0xFF])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    hash
}

/// A number in [0, 1) that belongs to a seed and an index: for samples and randomised ranks, where
/// a whole generator would cost too much time (the finaliser of `SplitMix64`, Steele, Lea & Flood
/// 2014).
///
/// ```
/// use restock::stats::random::unit;
/// assert!((0.0..1.0).contains(&unit(42, 7)));
/// assert_ne!(unit(42, 7), unit(42, 8));
/// ```
#[must_use]
pub fn unit(seed: u64, index: u64) -> f64 {
    let mut z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;

    (z >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// At most about `size` of so many items, picked by hash, in order.
///
/// ```
/// use restock::stats::random::sample;
/// assert_eq!(sample(3, 5, 42), [0, 1, 2]);
/// assert!((80..120).contains(&sample(100_000, 100, 42).len()));
/// ```
#[must_use]
pub fn sample(items: usize, size: usize, seed: u64) -> Vec<usize> {
    let share = size as f64 / items.max(1) as f64;
    (0..items).filter(|item| share >= 1.0 || unit(seed, *item as u64) < share).collect()
}
