//! The page's files: inside the binary in release builds, from `target/site` in others.

use axum::extract::{OriginalUri, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::errors::{HttpError, no_route};
use crate::secrets;

/// Everything that the build put into the site folder, with `.br` twins of what compresses.
#[derive(RustEmbed)]
#[folder = "../target/site"]
#[allow_missing = true]
pub struct Site;

/// Serves one file. The browser asks again each time and mostly hears "not modified": a tab
/// never mixes files of two builds.
pub(crate) async fn serve(OriginalUri(uri): OriginalUri, request: Request) -> Response {
    let path = uri.path().trim_start_matches('/');
    let brotli = accepts_brotli(request.headers());
    let compressed = brotli.then(|| Site::get(&format!("{path}.br"))).flatten();
    let is_compressed = compressed.is_some();
    let Some(file) = compressed.or_else(|| Site::get(path)) else {
        return HttpError(no_route(uri.path())).into_response();
    };
    let tag = format!("\"{}\"", &secrets::hex(&file.metadata.sha256_hash())[..24]);
    let known = request.headers().get(header::IF_NONE_MATCH);
    let status = if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_compressed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    let body = if status == StatusCode::OK { body(file) } else { axum::body::Body::empty() };
    (status, headers, body).into_response()
}

/// Names the build of the page: changes whenever one of its files does.
pub fn build_id() -> String {
    let mut names: Vec<_> = Site::iter().filter(|name| name.starts_with("pkg/")).collect();
    names.sort();
    let hashes: String = names
        .iter()
        .filter_map(|name| Site::get(name))
        .map(|file| secrets::hex(&file.metadata.sha256_hash()))
        .collect();
    secrets::hex(&secrets::hash(&hashes)[..6])
}

fn body(file: EmbeddedFile) -> axum::body::Body {
    match file.data {
        std::borrow::Cow::Borrowed(bytes) => axum::body::Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => axum::body::Body::from(bytes),
    }
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|coding| coding.trim() == "br"))
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
