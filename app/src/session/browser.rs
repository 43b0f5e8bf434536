//! The secret lives in this origin's storage; the login page put it there.

/// The secret of this login, if there is one.
///
/// Its key carries the instance id, because storage is shared by everything a host serves on one
/// port over time.
pub fn secret() -> Option<String> {
    let window = web_sys::window()?;
    let meta =
        window.document()?.query_selector(r#"meta[name="maestro-instance"]"#).ok().flatten()?;
    let instance = meta.get_attribute("content")?;
    window.local_storage().ok().flatten()?.get_item(&format!("maestro-secret:{instance}")).ok()?
}
