//! Rules about which layer may know what.

use crate::source::{Finding, Source, has_word};

/// Words with which a statement begins and those that make it one.
const STATEMENTS: [(&str, &str); 8] = [
    ("SELECT ", " FROM "),
    ("INSERT ", "INTO "),
    ("UPDATE ", " SET "),
    ("DELETE ", "FROM "),
    ("CREATE ", "TABLE "),
    ("CREATE ", "INDEX "),
    ("ALTER ", "TABLE "),
    ("PRAGMA ", ""),
];

/// SQL text stands only in `crates/store`.
pub(crate) fn sql(source: &Source) -> Vec<Finding> {
    if source.is_rule() || source.kind() != "rs" || source.under("crates/store") {
        return Vec::new();
    }
    let advice = "move the statement into crates/store and call it by name";
    source.findings_in_code("sql", advice, |code| {
        has_word(code, "sqlx")
            || STATEMENTS.iter().any(|(verb, object)| {
                code.split_once(verb).is_some_and(|(before, rest)| {
                    before.ends_with(['"', ' ', '(', '\\']) && format!(" {rest}").contains(object)
                }) || code.trim_start().starts_with(verb) && code.contains(object)
            })
    })
}

/// tmux is started only by `crates/tmux`, which knows its socket and its options. The server's
/// tests and the bench may too: they check, compare and clean up without what they look at.
pub(crate) fn tmux(source: &Source) -> Vec<Finding> {
    let allowed = ["crates/tmux", "crates/bench", "server/tests"];
    if source.is_rule() || source.kind() != "rs" || allowed.iter().any(|home| source.under(home)) {
        return Vec::new();
    }
    let advice = "ask crates/tmux for it: only there tmux is started";
    source.findings_in_code("tmux", advice, |code| {
        code.contains("Command::new(") && code.to_lowercase().contains("tmux")
    })
}

/// axum is known where requests come in: `server/src/http`, `server/src/ws` and their tests, and
/// where the stack itself is tried.
pub(crate) fn axum(source: &Source) -> Vec<Finding> {
    let allowed = ["server/src/http", "server/src/ws", "server/tests", "crates/conformance"];
    if source.is_rule()
        || source.kind() != "rs"
        || allowed.iter().any(|edge| at_or_under(source, edge))
    {
        return Vec::new();
    }
    let advice = "keep axum in server/src/http or server/src/ws and pass plain values on";
    source.findings_in_code("axum", advice, |code| has_word(code, "axum"))
}

/// Whether the file lies in a module's folder or is its file.
fn at_or_under(source: &Source, module: &str) -> bool {
    source.under(module) || source.path == format!("{module}.rs")
}

/// Browser interfaces are named only in files and folders called `browser`.
pub(crate) fn browser(source: &Source) -> Vec<Finding> {
    let own = source.path.split('/').any(|part| part == "browser" || part == "browser.rs");
    let entry = source.path == "frontend/src/lib.rs" || source.under("crates/xtask");
    if own || entry || source.kind() != "rs" {
        return Vec::new();
    }
    let advice = "move it into a module called `browser` and give that module a plain interface";
    let interfaces = ["web_sys", "js_sys", "wasm_bindgen", "wasm_bindgen_futures"];
    source.findings_in_code("browser", advice, |code| {
        interfaces.iter().any(|interface| has_word(code, interface))
    })
}

/// A feature decides about a module, never about a line inside one.
pub(crate) fn features(source: &Source) -> Vec<Finding> {
    if source.is_rule() || source.kind() != "rs" {
        return Vec::new();
    }
    let advice = "put both sides into modules and choose the module: `cfg(feature)` stands \
                  only on `mod` and `use`";
    let lines: Vec<(usize, &str)> =
        source.code().map(|(number, code)| (number, code.trim())).collect();
    let mut found = Vec::new();
    for (index, (number, code)) in lines.iter().enumerate() {
        let asks = code.contains("feature = ") || code.contains("feature=");
        // `cfg_attr` only decorates an item, it does not choose between two.
        let chooses = asks && (code.contains("cfg(") || code.contains("cfg!("));
        if !chooses {
            continue;
        }
        let item = lines[index + 1..].iter().find(|(_, next)| !next.starts_with("#["));
        let module = item.is_some_and(|(_, next)| chooses_module(next));
        if !(module && code.starts_with("#[cfg(")) {
            found.push(source.finding(*number, "feature", advice));
        }
    }
    found
}

/// `mod x`, `pub use x`, `pub(crate) mod x`
fn chooses_module(item: &str) -> bool {
    let item = item.strip_prefix("pub").unwrap_or(item);
    let item = match item.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((_, rest)) => rest,
        None => item,
    };
    let item = item.trim_start();
    item.starts_with("mod ") || item.starts_with("use ")
}

/// The domain computes: it does not wait, ask the time, or touch anything outside.
pub(crate) fn domain(source: &Source) -> Vec<Finding> {
    if !source.under("crates/domain/src") || source.kind() != "rs" {
        return Vec::new();
    }
    let outside = [
        "async ",
        ".await",
        "SystemTime::now",
        "Instant::now",
        "std::fs",
        "std::io",
        "TcpListener",
        "TcpStream",
        "ToSocketAddrs",
        "UdpSocket",
        "std::process",
        "std::thread",
        "std::env",
        "tokio::",
    ];
    let advice = "take the time or the value as an argument; the caller does the rest";
    source.findings_in_code("domain", advice, |code| outside.iter().any(|part| code.contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::check_sample;

    #[test]
    fn sql_outside_the_store_is_found() {
        check_sample(sql, "server/src/a.rs", "query(\"SELECT id FROM agents\")\n", 1);
        check_sample(sql, "server/src/a.rs", "    INSERT INTO agents VALUES (1)\n", 1);
        check_sample(sql, "server/src/a.rs", "\"UPDATE agents SET name = 1\"\n", 1);
        check_sample(sql, "server/src/a.rs", "use sqlx::query;\n", 1);
        check_sample(sql, "crates/store/src/a.rs", "\"SELECT id FROM agents\"\n", 0);
        check_sample(sql, "server/src/a.rs", "// SELECT id FROM agents\n", 0);
        check_sample(sql, "server/src/a.rs", "\"Select a folder from the list\"\n", 0);
    }

    #[test]
    fn tmux_outside_its_crate_is_found() {
        check_sample(tmux, "server/src/a.rs", "Command::new(\"tmux\")\n", 1);
        check_sample(tmux, "server/src/a.rs", "Command::new(&self.tmux_path)\n", 1);
        check_sample(tmux, "crates/tmux/src/a.rs", "Command::new(\"tmux\")\n", 0);
        check_sample(tmux, "server/tests/a.rs", "Command::new(\"tmux\")\n", 0);
        check_sample(tmux, "server/src/a.rs", "Command::new(\"git\")\n", 0);
    }

    #[test]
    fn axum_away_from_the_edge_is_found() {
        check_sample(axum, "server/src/agents.rs", "use axum::Json;\n", 1);
        check_sample(axum, "app/src/a.rs", "fn f(x: axum::Json) {}\n", 1);
        check_sample(axum, "server/src/http/a.rs", "use axum::Json;\n", 0);
        check_sample(axum, "server/src/ws.rs", "use axum::Json;\n", 0);
        check_sample(axum, "app/src/a.rs", "use leptos_axum::redirect;\n", 0);
        check_sample(axum, "app/src/a.rs", "//! Knows no axum.\n", 0);
    }

    #[test]
    fn browser_interfaces_elsewhere_are_found() {
        check_sample(browser, "app/src/a.rs", "web_sys::window()\n", 1);
        check_sample(browser, "app/src/a.rs", "use wasm_bindgen::JsCast;\n", 1);
        check_sample(browser, "app/src/a/browser.rs", "web_sys::window()\n", 0);
        check_sample(browser, "app/src/browser/a.rs", "js_sys::Date::now()\n", 0);
        check_sample(browser, "frontend/src/lib.rs", "#[wasm_bindgen::prelude::wasm_bindgen]\n", 0);
    }

    #[test]
    fn features_on_lines_are_found() {
        let check = |text, expected| check_sample(features, "app/src/a.rs", text, expected);
        check("#[cfg(feature = \"ssr\")]\nmod server;\n", 0);
        check("#[cfg(not(feature = \"ssr\"))]\npub use browser::x;\n", 0);
        check("#[cfg(feature = \"ssr\")]\npub(crate) mod server;\n", 0);
        check("#[cfg_attr(feature = \"openapi\", derive(X))]\nstruct A;\n", 0);
        check("#[cfg(feature = \"ssr\")]\nfn f() {}\n", 1);
        check("    if cfg!(feature = \"ssr\") {\n", 1);
        check("#![cfg(feature = \"ssr\")]\nuse x;\n", 1);
        check("#[cfg(test)]\nfn f() {}\n", 0);
    }

    #[test]
    fn an_impure_domain_is_found() {
        let check = |text, expected| check_sample(domain, "crates/domain/src/a.rs", text, expected);
        check("pub async fn step() {}\n", 1);
        check("let now = Instant::now();\n", 1);
        check("std::fs::read(path)\n", 1);
        check("std::net::TcpStream::connect(address)\n", 1);
        check("pub fn step(now: Timestamp) {}\n", 0);
        check("use std::net::IpAddr;\n", 0);
        check_sample(domain, "server/src/a.rs", "Instant::now()\n", 0);
    }
}
