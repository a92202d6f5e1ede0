//! AWS Signature Version 4: proves in a request that one has a secret access key, without sending it.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The region of a host that names none.
const DEFAULT_REGION: &str = "us-east-1";

/// The headers that are signed, as the signature lists them.
const SIGNED: &str = "host;x-amz-date";

/// Checks that an access key id can sign alone.
///
/// # Errors
/// The reason why it cannot.
pub(super) fn check(id: &str) -> Result<(), &'static str> {
    if id.starts_with("ASIA") {
        return Err("a temporary key is asked about with its session token only");
    }
    Ok(())
}

/// The `Authorization` header for people.
pub(super) fn shown(masked_id: &str) -> String {
    format!("AWS4-HMAC-SHA256 Credential={masked_id}/…, Signature=…")
}

/// A request to be signed.
pub(super) struct Unsigned<'r> {
    pub(super) method: &'r str,
    /// The address that it goes to.
    pub(super) url: &'r str,
    /// The host that names service and region: `sts.eu-west-1.amazonaws.com`.
    pub(super) service_host: &'r str,
    pub(super) body: &'r str,
}

impl Unsigned<'_> {
    /// The headers that sign it with the key of `id`.
    pub(super) fn headers(
        &self,
        id: &[u8],
        secret: &[u8],
        now: Timestamp,
    ) -> Vec<(&'static str, Zeroizing<String>)> {
        let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = now.strftime("%Y%m%d").to_string();
        let (service, region) = service_and_region(self.service_host);
        let rest = self.url.split_once("://").map_or(self.url, |(_, rest)| rest);
        let target = rest.find(['/', '?']).map_or("/", |at| &rest[at..]);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let canonical = format!(
            "{}\n{path}\n{query}\nhost:{authority}\nx-amz-date:{time}\n\n{SIGNED}\n{}",
            self.method,
            hex(&Sha256::digest(self.body)),
        );
        let scope = format!("{day}/{region}/{service}/aws4_request");
        let to_sign =
            format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let first = Zeroizing::new([b"AWS4", secret].concat());
        let mut key = hmac(&first, &day);
        for part in [region, service, "aws4_request"] {
            key = hmac(&*key, part);
        }
        let signature = hex(&*hmac(&*key, &to_sign));
        let id = String::from_utf8_lossy(id);
        let value = format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={SIGNED}, \
             Signature={signature}"
        );
        vec![("X-Amz-Date", Zeroizing::new(time)), ("Authorization", Zeroizing::new(value))]
    }
}

/// The service and the region that a host of AWS names.
fn service_and_region(host: &str) -> (&str, &str) {
    let (service, rest) = host.split_once('.').unwrap_or((host, ""));
    let region = rest.split_once(".amazonaws.").map(|(region, _)| region);
    (service, region.unwrap_or(DEFAULT_REGION))
}

fn hmac(key: &[u8], text: &str) -> Zeroizing<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of AWS' own test suite, whose keys are put together so that no file holds one.
    #[test]
    fn requests_are_signed_as_aws_documents_it() {
        let id = ["AKID", "EXAMPLE"].concat();
        let secret = ["wJalrXUtnFEMI", "/K7MDENG+bPxRfiCY", "EXAMPLEKEY"].concat();
        let now: Timestamp = "2015-08-30T12:36:00Z".parse().unwrap();
        for (method, signature) in [
            ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ] {
            let request = Unsigned {
                method,
                url: "https://example.amazonaws.com/",
                service_host: "service.us-east-1.amazonaws.com",
                body: "",
            };
            let headers = request.headers(id.as_bytes(), secret.as_bytes(), now);
            let [(date, time), (name, value)] = &headers[..] else { panic!() };
            assert_eq!((*date, time.as_str()), ("X-Amz-Date", "20150830T123600Z"));
            assert_eq!(*name, "Authorization");
            let scope = "20150830/us-east-1/service/aws4_request";
            assert_eq!(
                value.as_str(),
                format!(
                    "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders=host;x-amz-date, \
                     Signature={signature}"
                )
            );
        }
    }

    #[test]
    fn a_host_names_its_service_and_region() {
        for (host, expected) in [
            ("sts.amazonaws.com", ("sts", "us-east-1")),
            ("api.example.com", ("api", "us-east-1")),
            ("sts.eu-west-1.amazonaws.com", ("sts", "eu-west-1")),
            ("sts.cn-north-1.amazonaws.com.cn", ("sts", "cn-north-1")),
        ] {
            assert_eq!(service_and_region(host), expected, "{host}");
        }
    }
}
