//! The channel binding `tls-server-end-point` (RFC 5929, section 4.1): the hash of the certificate of the server, by
//! the hash that the signature of the certificate is made with.

use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};

/// Tags of DER.
mod tag {
    pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(super) const SEQUENCE: u8 = 0x30;
    /// `[0]`, explicit.
    pub(super) const FIRST: u8 = 0xa0;
}

/// Object identifiers, as they stand in DER.
mod oid {
    pub(super) const MD5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05];
    pub(super) const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
    pub(super) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
    pub(super) const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
    pub(super) const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
    pub(super) const RSA_MD5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04];
    pub(super) const RSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05];
    pub(super) const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
    pub(super) const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    pub(super) const RSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
    pub(super) const RSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
    pub(super) const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
    pub(super) const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    pub(super) const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
    pub(super) const ECDSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
}

/// What binds to the server of this certificate; `None` where the signature is not made with one hash, or with one
/// that is not known.
pub(super) fn hash(certificate: &[u8]) -> Option<Vec<u8>> {
    let algorithm = algorithm_of(certificate)?;
    Some(digest(algorithm, certificate).as_ref().to_vec())
}

fn algorithm_of(certificate: &[u8]) -> Option<&'static Algorithm> {
    let (certificate, _) = element(tag::SEQUENCE, certificate)?;
    let (_to_be_signed, rest) = element(tag::SEQUENCE, certificate)?;
    let (signature, _) = element(tag::SEQUENCE, rest)?;
    let (id, parameters) = element(tag::OBJECT_IDENTIFIER, signature)?;
    if id == oid::RSA_PSS { algorithm_of_pss(parameters) } else { algorithm(id) }
}

/// RFC 4055, section 3.1: the hash is the first parameter, and SHA-1 where it is left out.
fn algorithm_of_pss(parameters: &[u8]) -> Option<&'static Algorithm> {
    let (parameters, _) = element(tag::SEQUENCE, parameters)?;
    if parameters.first() != Some(&tag::FIRST) {
        return algorithm(oid::SHA1);
    }
    let (hash, _) = element(tag::FIRST, parameters)?;
    let (hash, _) = element(tag::SEQUENCE, hash)?;
    let (id, _) = element(tag::OBJECT_IDENTIFIER, hash)?;
    algorithm(id)
}

/// The hash of a signature, or a hash itself; SHA-256 in the place of what is broken, as the RFC says.
fn algorithm(id: &[u8]) -> Option<&'static Algorithm> {
    match id {
        oid::MD5 | oid::SHA1 | oid::SHA256 => Some(&SHA256),
        oid::RSA_MD5 | oid::RSA_SHA1 | oid::RSA_SHA256 | oid::ECDSA_SHA1 | oid::ECDSA_SHA256 => Some(&SHA256),
        oid::SHA384 | oid::RSA_SHA384 | oid::ECDSA_SHA384 => Some(&SHA384),
        oid::SHA512 | oid::RSA_SHA512 | oid::ECDSA_SHA512 => Some(&SHA512),
        _ => None,
    }
}

/// Takes an element with that tag off DER: what it holds, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, length], rest) = der.split_first_chunk()?;
    let (length, rest) = match length {
        0..0x80 => (usize::from(length), rest),
        _ => {
            let (length, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (length.iter().try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)))?, rest)
        }
    };
    if found == tag { rest.split_at_checked(length) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        let long: &[u8] = if length < 0x80 { &[] } else { &[0x81] };
        [&[tag], long, &[length], content].concat()
    }

    /// As much of a certificate as is looked at.
    fn signed_by(id: &[u8], parameters: &[u8]) -> Vec<u8> {
        let signature = [der(tag::OBJECT_IDENTIFIER, id).as_slice(), parameters].concat();
        let parts = [der(tag::SEQUENCE, &[0; 150]), der(tag::SEQUENCE, &signature), vec![0x03, 0x02, 0x00, 0xff]];
        der(tag::SEQUENCE, &parts.concat())
    }

    #[test]
    fn certificates_are_hashed_as_they_are_signed() {
        for (kind, expected) in
            [(&PKCS_ECDSA_P256_SHA256, Some(&SHA256)), (&PKCS_ECDSA_P384_SHA384, Some(&SHA384)), (&PKCS_ED25519, None)]
        {
            let key = KeyPair::generate_for(kind).unwrap();
            let certificate = CertificateParams::new(vec!["db.example".into()]).unwrap().self_signed(&key).unwrap();
            let certificate = certificate.der();
            let expected = expected.map(|algorithm| digest(algorithm, certificate).as_ref().to_vec());
            assert_eq!(hash(certificate), expected, "{kind:?}");
        }
    }

    #[test]
    fn signatures_have_a_hash() {
        const NULL: &[u8] = &[0x05, 0x00];
        for (id, expected) in [
            (oid::RSA_MD5, Some(&SHA256)),
            (oid::RSA_SHA1, Some(&SHA256)),
            (oid::RSA_SHA256, Some(&SHA256)),
            (oid::RSA_SHA384, Some(&SHA384)),
            (oid::RSA_SHA512, Some(&SHA512)),
            (oid::ECDSA_SHA512, Some(&SHA512)),
            (&[0x2b, 0x65, 0x71], None),
        ] {
            assert_eq!(algorithm_of(&signed_by(id, NULL)), expected, "{id:02x?}");
        }
    }

    #[test]
    fn pss_names_its_hash() {
        let named = |id: &[u8]| {
            let hash = der(tag::SEQUENCE, &der(tag::OBJECT_IDENTIFIER, id));
            algorithm_of(&signed_by(oid::RSA_PSS, &der(tag::SEQUENCE, &der(tag::FIRST, &hash))))
        };
        assert_eq!(named(oid::SHA512), Some(&SHA512));
        assert_eq!(named(oid::MD5), Some(&SHA256));
        assert_eq!(named(&[0x2b]), None);
        assert_eq!(algorithm_of(&signed_by(oid::RSA_PSS, &der(tag::SEQUENCE, &[]))), Some(&SHA256));
        assert_eq!(algorithm_of(&signed_by(oid::RSA_PSS, &[])), None);
    }

    #[test]
    fn what_is_cut_off_has_no_hash() {
        let whole = signed_by(oid::RSA_SHA256, &[]);
        for length in 0..whole.len() {
            assert_eq!(hash(&whole[..length]), None, "{length}");
        }
        assert_eq!(hash(&[0x30, 0xff]), None);
        assert_eq!(hash(&[[0x30, 0x89].as_slice(), &[0xff; 9]].concat()), None);
    }
}
