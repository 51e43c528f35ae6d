//! TLS to PostgreSQL, with the meanings that `sslmode` has for libpq: `require` encrypts, `verify-…` checks.

mod end_point;
mod stream;

use crate::{
    error::{Code, Error, Result},
    http::system_tls,
};
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use stream::MakeTls;

/// Whether to encrypt, and whom to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TlsMode {
    /// Never.
    Disable,
    /// If the server can, without looking at its certificate.
    Prefer,
    /// Always, without looking at the certificate.
    Encrypt,
    /// Always, with a certificate for the host name that these roots vouch for; without a file, those of the system.
    Verify(Option<PathBuf>),
}

impl TlsMode {
    /// The mode of an `sslmode` and an `sslrootcert`; `None` for one that nobody knows. `verify-ca` checks the name as
    /// well, which is more than libpq does.
    pub(super) fn of(name: &str, roots: Option<PathBuf>) -> Option<Self> {
        let roots = roots.filter(|path| path != Path::new("system"));
        Some(match name {
            "disable" => Self::Disable,
            "allow" | "prefer" => Self::Prefer,
            "require" if roots.is_none() => Self::Encrypt,
            "require" | "verify-ca" | "verify-full" => Self::Verify(roots),
            _ => return None,
        })
    }
}

/// What connects by that mode. Errors: [`Code::ConnectionInvalid`] where the roots cannot be read.
pub(super) fn connector(mode: &TlsMode) -> Result<MakeTls> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let config = match mode {
        TlsMode::Disable | TlsMode::Prefer | TlsMode::Encrypt => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        }
        TlsMode::Verify(None) => return Ok(MakeTls::new(Arc::new(system_tls().map_err(unusable)?))),
        TlsMode::Verify(Some(path)) => builder.with_root_certificates(roots_of(path)?),
    };
    Ok(MakeTls::new(Arc::new(config.with_no_client_auth())))
}

fn unusable(error: rustls::Error) -> Error {
    Error::new(Code::ConnectionInvalid, format!("TLS cannot be used: {error}")).caused_by(error)
}

fn roots_of(path: &Path) -> Result<RootCertStore> {
    let bad = |reason: String| {
        let shown = path.display();
        Error::new(
            Code::ConnectionInvalid,
            format!("The sslrootcert {shown} cannot be used: {reason}. Correct the url"),
        )
    };
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(|error| bad(error.to_string()))?;
        roots.add(certificate).map_err(|error| bad(error.to_string()))?;
    }
    if roots.is_empty() { Err(bad("it holds no certificate".into())) } else { Ok(roots) }
}

/// Takes any certificate, as libpq does unless it is told to verify.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_mean_what_they_mean_to_libpq() {
        let root = || Some(PathBuf::from("/ca.pem"));
        assert_eq!(TlsMode::of("require", None), Some(TlsMode::Encrypt));
        assert_eq!(TlsMode::of("require", root()), Some(TlsMode::Verify(root())));
        assert_eq!(TlsMode::of("verify-full", Some("system".into())), Some(TlsMode::Verify(None)));
        assert_eq!(TlsMode::of("sometimes", None), None);
    }

    #[test]
    fn roots_that_are_none_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        for text in [None, Some("no certificate")] {
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            let error = connector(&TlsMode::Verify(Some(path.clone()))).err().unwrap();
            assert!(error.to_string().contains("ca.pem cannot be used"), "{error}");
        }
    }
}
