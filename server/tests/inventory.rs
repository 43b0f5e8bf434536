//! The access matrix and the OpenAPI document hold exactly what is served.

use std::collections::BTreeSet;

use server::access::matrix;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_access_matrix_names_every_route_and_server_function() {
    let world = World::start().await;
    let served: BTreeSet<_> = world.running().inventory.iter().cloned().collect();
    let routes = matrix::rows().iter().filter(|row| !["FRAME", "CLI"].contains(&&*row.method));
    let rows: BTreeSet<_> = routes.map(|row| (row.method.clone(), row.path.clone())).collect();
    let without_row: Vec<_> = served.difference(&rows).collect();
    let without_route: Vec<_> = rows.difference(&served).collect();
    assert!(
        without_row.is_empty() && without_route.is_empty(),
        "add to server/src/access/matrix.txt: {without_row:?}; take out of it: {without_route:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_document_describes_every_route_of_the_api() {
    let world = World::start().await;
    let document = world.command("GET", "/api/openapi.json").send().await.body();
    for (method, path) in &world.running().inventory {
        let api = path.starts_with("/api/")
            || ["/healthz", "/readyz", "/login", "/pair", "/pair/{file}", "/ca.pem", "/metrics"]
                .contains(&path.as_str());
        let described = &document["paths"][path][method.to_lowercase()];
        assert_eq!(api, described.is_object(), "{method} {path}: {described}");
        if api {
            assert!(described["responses"].is_object(), "{method} {path} names its answers");
        }
    }
}

#[test]
fn the_access_matrix_names_every_command() {
    fn walk(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
        let below: Vec<_> = command.get_subcommands().filter(|sub| !sub.is_hide_set()).collect();
        if below.is_empty() || !command.is_subcommand_required_set() {
            found.insert(path.to_owned());
        }
        for sub in below {
            let name = sub.get_name();
            let path = if path == "maestro" { name.to_owned() } else { format!("{path}/{name}") };
            walk(sub, &path, found);
        }
    }
    let mut typed = BTreeSet::new();
    walk(&server::command::tree(), "maestro", &mut typed);
    let rows = matrix::rows().iter().filter(|row| row.method == "CLI");
    let rows: BTreeSet<_> = rows.map(|row| row.path.clone()).collect();
    assert_eq!(rows, typed);
}

#[test]
fn the_access_matrix_names_every_frame_that_a_client_sends() {
    use protocol::message::ClientMessage;
    let rows = matrix::rows().iter().filter(|row| row.method == "FRAME");
    let rows: BTreeSet<_> = rows.filter_map(|row| row.path.split('/').next()).collect();
    // AUTH comes before anybody is known, and has no row.
    let sent: BTreeSet<_> =
        ClientMessage::NAMES.into_iter().filter(|name| *name != "AUTH").collect();
    assert_eq!(rows, sent);
}
