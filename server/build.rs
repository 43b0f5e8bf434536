//! Makes a release embed the site as it is now: files that come or go count too.

fn main() {
    println!("cargo::rerun-if-changed=../target/site");
}
