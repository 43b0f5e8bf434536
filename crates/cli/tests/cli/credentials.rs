//! Who asks and whom: the environment first, then the data folder.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use cli::client::Environment;
use serde_json::json;

use crate::fake_server::{FakeServer, TOKEN, write_run_files};
use crate::records::{failure, list, success};
use crate::{Exit, Home, Outcome, Talk, check};

impl Home {
    /// Runs a command line in this environment.
    fn run_as(&self, line: &[&str], environment: Environment) -> Outcome {
        self.start(line, &Talk { environment, ..Default::default() })
    }

    /// A file in the data folder that holds this, with these permissions.
    fn file(&self, text: &str, mode: u32) -> PathBuf {
        let path = self.folder.path().join("script-token");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }
}

fn token(token: &str) -> Environment {
    Environment { token: Some(token.into()), ..Default::default() }
}

#[test]
fn the_variable_goes_before_the_file_and_both_before_the_data_folder() {
    let agents = list(&[]);
    let home = Home::with(&[(200, &agents), (200, &agents), (200, &agents)]);
    let file = Some(home.file("from-file\n", 0o600));
    let of_file = Environment { token_file: file.clone(), ..Default::default() };
    let of_both = Environment { token_file: file, ..token("from-variable") };
    for (environment, expected) in
        [(of_both, "from-variable"), (of_file, "from-file"), (Environment::default(), TOKEN)]
    {
        let outcome = home.run_as(&["agent", "list"], environment);
        assert_eq!(outcome.requests[0].authorization, format!("Bearer {expected}"));
    }
}

#[test]
fn a_token_goes_to_the_address_beside_it() {
    let elsewhere = FakeServer::start(&[(200, &list(&[]))]);
    let home = Home::with(&[(200, &list(&[]))]);
    let address = Some(format!("http://{}/", elsewhere.address).into());
    let there = Environment { address: address.clone(), ..token("abc") };
    assert_eq!(home.run_as(&["agent", "list"], there).requests, []);
    assert_eq!(elsewhere.received()[0].authorization, "Bearer abc");

    // The owner's token goes nowhere but where its data folder says.
    let owner = Environment { address, ..Default::default() };
    let outcome = home.run_as(&["agent", "list"], owner);
    assert_eq!(outcome.requests[0].authorization, format!("Bearer {TOKEN}"));
    assert_eq!(elsewhere.received(), []);
}

#[test]
fn a_token_without_an_address_needs_no_owners_token() {
    let home = Home::with(&[(200, &list(&[]))]);
    fs::remove_file(home.folder.path().join("run/cli-token")).unwrap();
    assert_eq!(home.run_as(&["agent", "list"], token("abc")).exit, Exit::Ok);
}

#[test]
fn what_is_wrong_in_the_environment_is_no_reason_to_ask_as_the_owner() {
    let home = Home::with(&[]);
    let missing = home.folder.path().join("nowhere");
    let shown = missing.display().to_string();
    let file = |path| Environment { token_file: Some(path), ..Default::default() };
    let address = |text: &str| Environment { address: Some(text.into()), ..token("abc") };
    let no_token = "There is no token in MAESTRO_TOKEN.";
    for (environment, exit, sentence) in [
        (token(""), Exit::Usage, no_token),
        (token("a b"), Exit::Usage, no_token),
        (file(missing), Exit::Usage, shown.as_str()),
        (address(""), Exit::Usage, "MAESTRO_ADDRESS does not hold an address."),
        (address("http://192.0.2.1:1"), Exit::Usage, "plain http is only for this machine"),
        (file(home.file("abc", 0o640)), Exit::NotAllowed, "Others on this machine can read"),
    ] {
        let outcome = home.run_as(&["agent", "list"], environment);
        assert!(outcome.err.contains(sentence), "{}", outcome.err);
        assert_eq!((outcome.exit, outcome.out.as_str()), (exit, ""), "{sentence}");
        assert_eq!(outcome.requests, []);
    }
}

#[test]
fn refusals_name_the_credential_that_was_used() {
    for (status, code, exit, sentence) in [
        (
            401,
            "unauthenticated",
            Exit::Unauthenticated,
            "Maestro does not accept the token in MAESTRO_TOKEN: it is wrong, expired or revoked. \
             `maestro token create` makes another one.\n",
        ),
        (401, "stale", Exit::NotAllowed, "No. This was asked with MAESTRO_TOKEN.\n"),
        (403, "forbidden", Exit::NotAllowed, "No. This was asked with MAESTRO_TOKEN.\n"),
        (404, "not_found", Exit::NotFound, "No.\n"),
        (429, "too_many", Exit::TooMany, "No.\n"),
    ] {
        let home = Home::with(&[(status, &failure(code, "No."))]);
        check(&home.run_as(&["agent", "list"], token("abc")), exit, "", sentence);
    }
}

#[test]
fn nobody_at_the_address_is_told_with_the_address() {
    let home = Home::with(&[]);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let origin = format!("http://{free}");
    let there = Environment { address: Some(origin.clone().into()), ..token("abc") };
    let sentence = format!(
        "Nothing answers at {origin}. Look whether Maestro runs there, and whether \
         MAESTRO_ADDRESS is right.\n"
    );
    check(&home.run_as(&["agent", "list"], there), Exit::Unreachable, "", &sentence);
}

#[test]
fn a_file_without_a_certificate_is_no_authority() {
    let home = Home::with(&[]);
    let environment = Environment {
        address: Some("https://127.0.0.1:1".into()),
        authority_file: Some(home.file("-----BEGIN NOTHING-----", 0o644)),
        ..token("abc")
    };
    let sentence = "The file that MAESTRO_CA_FILE names holds no certificate. Fetch /ca.pem of \
                    that Maestro, in PEM.\n";
    check(&home.run_as(&["whoami"], environment), Exit::Usage, "", sentence);
}

#[test]
fn a_script_learns_who_it_is() {
    let caller = json!({ "id": "01jd5m0w", "role": "operator" });
    let home = Home::with(&[(200, &success(&caller)), (200, &success(&caller))]);
    let outcome = home.run_as(&["whoami"], token("abc"));
    let expected = format!(
        "Role:       operator. Works with agents and types into their terminals.\n\
         Credential: MAESTRO_TOKEN (01jd5m0w)\n\
         Maestro:    http://{}\n",
        home.server.address
    );
    check(&outcome, Exit::Ok, &expected, "");
    assert_eq!(home.run_as(&["whoami", "--json"], token("abc")).data(), caller);
}

#[test]
fn the_data_folder_says_where_a_token_goes_only_on_this_machine() {
    let home = Home::with(&[]);
    write_run_files(home.folder.path(), "192.0.2.1:80");
    let outcome = home.run_as(&["agent", "list"], token("abc"));
    assert_eq!(outcome.exit, Exit::Unreachable);
    assert!(outcome.err.contains("does not hold an address of this machine"));
}
