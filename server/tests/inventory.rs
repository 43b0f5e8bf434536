//! The access matrix and the OpenAPI document hold exactly what is served.

use std::collections::BTreeSet;

use server::access::matrix;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_access_matrix_names_every_route_and_server_function() {
    let world = World::start().await;
    let served: BTreeSet<_> = world.running().inventory.iter().cloned().collect();
    let rows: BTreeSet<_> =
        matrix::rows().iter().map(|row| (row.method.clone(), row.path.clone())).collect();
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
            || ["/healthz", "/readyz", "/login", "/metrics"].contains(&path.as_str());
        let described = &document["paths"][path][method.to_lowercase()];
        assert_eq!(api, described.is_object(), "{method} {path}: {described}");
        if api {
            assert!(described["responses"].is_object(), "{method} {path} names its answers");
        }
    }
}
