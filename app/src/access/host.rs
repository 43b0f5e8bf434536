//! How this host is reached, and what a device must know to trust it.

use leptos::prelude::*;
use protocol::access::devices::{Certificate, Reach};

use super::state::AccessState;
use crate::clock::{Ago, use_clock};

/// What starts Maestro so that other devices reach it.
pub(super) const LISTEN: &str = "maestro --listen ADDRESS --tls own";
/// Where the authority's certificate is.
pub(super) const AUTHORITY: &str = "/ca.pem";

/// Addresses and certificate.
#[component]
pub(super) fn ThisHost(access: AccessState) -> impl IntoView {
    let facts =
        access.reach.part("How this host is reached", |reach| view! { <Facts reach/> }.into_any());
    view! {
        <section class="access-part" aria-labelledby="access-host">
            <div class="access-head"><h2 id="access-host">"This host"</h2></div>
            {facts}
        </section>
    }
    .into_any()
}

#[component]
fn Facts(reach: Reach) -> impl IntoView {
    let public = match reach.public {
        Some(origin) => view! { <span class="mono">{origin}</span> }.into_any(),
        None => {
            view! { <span>"Not reachable: Maestro only listens on this machine."</span> }.into_any()
        }
    };
    view! {
        <dl class="access-facts">
            <div><dt>"On this machine"</dt><dd class="mono">{reach.loopback}</dd></div>
            <div><dt>"From other devices"</dt><dd>{public}</dd></div>
            {reach.certificate.map(|certificate| view! { <CertificateFacts certificate/> })}
        </dl>
    }
    .into_any()
}

#[component]
fn CertificateFacts(certificate: Certificate) -> impl IntoView {
    let clock = use_clock();
    let Certificate { fingerprint, own_authority, names, expires_at_ms } = certificate;
    let whose = if own_authority { "This instance’s own authority" } else { "From elsewhere" };
    let fingerprint_of = if own_authority { "Fingerprint of the authority" } else { "Fingerprint" };
    view! {
        <div><dt>"Certificate"</dt><dd>{whose}</dd></div>
        <div><dt>"Good for"</dt><dd class="mono">{names.join(", ")}</dd></div>
        <div><dt>{fingerprint_of}</dt><dd class="mono">{fingerprint}</dd></div>
        <div><dt>"Expires"</dt><dd class="num">{move || clock.moment(expires_at_ms)}</dd></div>
        {own_authority.then(|| view! {
            <div><dt>"To trust it"</dt><dd><AuthorityLink/></dd></div>
        })}
    }
    .into_any()
}

/// The way to the authority's certificate.
#[component]
pub(super) fn AuthorityLink() -> impl IntoView {
    view! {
        <a class="link" href=AUTHORITY rel="external" download="maestro-ca.pem">"Download ca.pem"</a>
    }
    .into_any()
}

/// A moment in the past, or that there was none.
#[component]
pub(super) fn AgoOrNever(at_ms: Option<i64>) -> impl IntoView {
    match at_ms {
        Some(at_ms) => view! { <Ago at_ms/> }.into_any(),
        None => view! { <span>"never"</span> }.into_any(),
    }
}
