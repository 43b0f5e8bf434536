//! Pages that stand by themselves: whoever opens them is nobody yet, and gets no other file.

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

use super::headers::page_policy;
use crate::secrets;

/// The page with its `{{…}}` replaced, and a policy that lets its own script and style run.
pub(super) fn page(html: &str, parts: &[(&str, &str)]) -> Response {
    let nonce = secrets::hex(&secrets::random_bytes::<16>());
    let mut html = html.replace("{{nonce}}", &nonce);
    for (name, part) in parts {
        html = html.replace(&format!("{{{{{name}}}}}"), part);
    }
    let mut response = Html(html).into_response();
    if let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
