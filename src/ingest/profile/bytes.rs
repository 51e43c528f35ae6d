//! Texts of numbers of bytes.

/// Formats a number of bytes, such as `1.5 GiB`.
pub(super) fn format_bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let exponent = (bytes.max(1).ilog2() as usize / 10).min(UNITS.len() - 1);
    let number = bytes as f64 / (1_u64 << (10 * exponent)) as f64;
    let decimals = usize::from(exponent > 0 && number.fract() >= 0.05);
    format!("{number:.decimals$} {}", UNITS[exponent])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_a_unit() {
        for (bytes, text) in
            [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (10 << 30, "10 GiB"), (u64::MAX, "16384 PiB")]
        {
            assert_eq!(format_bytes(bytes), text);
        }
    }
}
