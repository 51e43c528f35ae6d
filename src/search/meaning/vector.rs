//! Vectors of 8-bit integers, which take a quarter of the memory of 32-bit floating-point numbers.

/// Numbers of a vector, as all-MiniLM-L6-v2 has them.
pub(in crate::search) const DIMENSIONS: usize = 384;
/// The greatest number of a vector.
const GREATEST: f32 = 127.0;

/// Scales a vector so that its greatest number is 127, and rounds it. Its scale is not kept, as a cosine does not depend on
/// it. Returns `None` for a vector of zeros, of another length, or with numbers that are not finite.
pub(in crate::search) fn quantise(numbers: &[f32]) -> Option<Vec<i8>> {
    let greatest = numbers.iter().fold(0.0_f32, |greatest, number| greatest.max(number.abs()));
    let is_usable = numbers.len() == DIMENSIONS && greatest > 0.0 && numbers.iter().all(|number| number.is_finite());
    is_usable.then(|| numbers.iter().map(|number| (number / greatest * GREATEST).round() as i8).collect())
}

/// Returns the cosine of two vectors, of which the lengths are known: their scalar product, divided by these; 0 for a length
/// of 0.
pub(in crate::search) fn cosine((one, one_length): (&[i8], f64), (other, other_length): (&[i8], f64)) -> f64 {
    f64::from(dot(one, other)) / (one_length * other_length).max(f64::MIN_POSITIVE)
}

/// Returns the length of a vector.
pub(in crate::search) fn length(numbers: &[i8]) -> f64 {
    f64::from(dot(numbers, numbers)).sqrt()
}

/// Returns the scalar product, at most 384 · 127².
fn dot(one: &[i8], other: &[i8]) -> i32 {
    one.iter().zip(other).map(|(one, other)| i32::from(*one) * i32::from(*other)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosines_of_rounded_vectors_are_those_of_the_originals() {
        let wave = |step: f32| (0..DIMENSIONS).map(|index| (index as f32 * step).sin()).collect::<Vec<_>>();
        let product = |one: &[f32], other: &[f32]| one.iter().zip(other).map(|(a, b)| f64::from(a * b)).sum::<f64>();
        let (one, other) = (wave(0.37), wave(0.38));
        let exact = product(&one, &other) / (product(&one, &one) * product(&other, &other)).sqrt();
        let (quantised, others) = (quantise(&one).unwrap(), quantise(&other).unwrap());
        let rounded = cosine((&quantised, length(&quantised)), (&others, length(&others)));
        assert!((exact - rounded).abs() < 0.005, "{exact} {rounded}");
        let scaled: Vec<_> = one.iter().map(|number| number * 1e-3).collect();
        assert_eq!(quantise(&one), quantise(&scaled));
    }

    #[test]
    fn unusable_vectors_are_refused() {
        let mut broken = vec![1.0; DIMENSIONS];
        broken[7] = f32::NAN;
        for numbers in [&[1.0; 3][..], &[0.0; DIMENSIONS], &broken] {
            assert_eq!(quantise(numbers), None);
        }
    }
}
