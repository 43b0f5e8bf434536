//! Strings that attack shells, tmux formats, SQL, HTML and terminals: each goes through every
//! field, comes back exactly or is refused with a sentence, and does nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use crate::world::World;

/// At least two hundred strings. `MARK` is a file that none of them may bring into being.
fn corpus(mark: &Path) -> Vec<String> {
    let mark = mark.display();
    let commands = [
        format!("touch {mark}"),
        format!("/bin/sh -c 'touch {mark}'"),
        format!("run-shell 'touch {mark}'"),
        format!("kill-server; touch {mark}"),
    ];
    let wraps = [
        "#(CMD)",
        "##(CMD)",
        "###(CMD)",
        "#{E:#(CMD)}",
        "#{E:@x}#(CMD)",
        "#{l:#(CMD)}",
        "#{q:#(CMD)}",
        "#{?1,#(CMD),}",
        "#{s/a/#(CMD)/:a}",
        "#{W:#(CMD)}",
        "#[fg=red]#(CMD)",
        "$(CMD)",
        "`CMD`",
        "${IFS}$(CMD)",
        "; CMD ;",
        "& CMD &",
        "&& CMD",
        "|| CMD",
        "| CMD",
        "\n CMD \n",
        "'; CMD; '",
        "\"; CMD; \"",
        "\\\"; CMD; \\\"",
        "';CMD;#",
        "%if 1 CMD %endif",
        "\\; CMD",
        "{ CMD }",
        "a' 'b' $(CMD)",
        "$'CMD'",
        "<(CMD)",
        ">(CMD)",
        "!CMD",
        "~/$(CMD)",
        "--program=$(CMD)",
        "-c CMD",
        "\u{202e}$(CMD)",
        "😀$(CMD)😀",
        "\t$(CMD)",
        "\r\n$(CMD)",
        "%begin 1 1 0\nCMD\n%end 1 1 0",
    ];
    let fixed = [
        "-x",
        "--",
        "-",
        "=",
        "=name",
        ":",
        ".",
        "a.b",
        "a:b.1",
        "@1",
        "%1",
        "$1",
        "%0",
        "$0",
        "!",
        "{last}",
        "{next}",
        "{mouse}",
        "*",
        "?",
        "[a-z]",
        "~",
        "~root",
        "..",
        "../..",
        "/",
        "//",
        "one;",
        "one\\;",
        "'",
        "\"",
        "\\",
        "`",
        "#",
        "##",
        "#{",
        "#{}",
        "#{pane_id}",
        "#S",
        "#,",
        "%h",
        "%%",
        "%output %0 x",
        "%exit",
        "a\tb",
        "a\nb",
        "a\u{0}b",
        "\u{1b}[31mred",
        "\u{7f}",
        "\u{1b}]0;title\u{7}",
        "\u{1b}]52;c;eA==\u{7}",
        "\u{9b}31m",
        "\u{200b}",
        "\u{feff}x",
        "שלום",
        "مرحبا",
        "\u{202e}gnp.exe",
        "e\u{301}",
        "👩‍👩‍👧",
        "İ",
        "ß",
        "\u{fffd}",
        "Robert'); DROP TABLE agents;--",
        "' OR '1'='1",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        "{{7*7}}",
        "${7*7}",
        "%s%n",
        "../../../../etc/passwd",
        "CON",
        "null",
        "undefined",
        "NaN",
        "true",
        "0",
        "-1",
        "1e309",
        " leading",
        "trailing ",
        " ",
        "",
        "a  b",
        "\u{a0}",
    ];
    let mut strings: Vec<String> = fixed.iter().map(|text| (*text).to_owned()).collect();
    for command in &commands {
        strings.extend(wraps.iter().map(|wrap| wrap.replace("CMD", command)));
    }
    strings.push("x".repeat(4096));
    strings.push("#(".repeat(2048));
    strings
}

#[tokio::test(flavor = "multi_thread")]
async fn nasty_strings_come_back_exactly_or_are_refused_and_do_nothing() {
    let world = World::start().await;
    let mark = world.home().join("MARK");
    let strings = corpus(&mark);
    assert!(strings.len() >= 200, "{}", strings.len());
    let work = world.work();
    let mut names = BTreeSet::new();
    let mut refused = 0;
    for (index, text) in strings.iter().enumerate() {
        // As a name: kept exactly, or refused about the name.
        let answer = world
            .create(json!({
                "name": text, "program": "true", "folder": work, "note": text,
                "args": if text.contains('\0') { json!([]) } else { json!([text]) },
                "start": false,
            }))
            .await;
        if answer.status == 201 {
            let data = &answer.body()["data"];
            assert_eq!((&data["name"], &data["note"]), (&json!(text), &json!(text)));
            assert_eq!(data["args"], json!([text]));
            names.insert(text.clone());
        } else {
            let body = answer.body();
            assert_eq!(answer.status, 422, "{text:?}: {body}");
            assert!(body["error"]["message"].as_str().is_some_and(|m| m.ends_with('.')), "{body}");
            refused += 1;
        }
        // As a folder that exists, if the file system can have it.
        let folder = work.join(format!("{index}")).join(text.trim_start_matches('/'));
        if text.contains('\0') || text.len() > 255 || std::fs::create_dir_all(&folder).is_err() {
            continue;
        }
        let answer = world
            .create(json!({
                "name": format!("folder {index}"), "program": "true", "folder": folder,
                "start": false,
            }))
            .await;
        assert_eq!(answer.status, 201, "{text:?}: {}", answer.text());
        assert_eq!(answer.body()["data"]["folder"], json!(folder));
        names.insert(format!("folder {index}"));
    }
    let listed: BTreeSet<String> =
        world.agents().await.into_iter().map(|agent| agent.settings.name).collect();
    assert_eq!(listed, names);
    assert!(refused < strings.len() / 2, "{refused} of {} names were refused", strings.len());
    assert!(!mark.exists(), "one of the strings was executed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_program_gets_nasty_strings_exactly_and_tmux_does_nothing_with_them() {
    let world = World::start().await;
    let mark = world.home().join("MARK");
    let work = world.work();
    let all: Vec<String> = corpus(&mark)
        .into_iter()
        .filter(|text| !text.contains('\0') && !text.trim().is_empty() && text.len() <= 200)
        .collect();
    // Forty to a program: argv as a whole, in a folder that is nasty itself.
    let mut windows = Vec::new();
    for (index, args) in all.chunks(40).enumerate() {
        let folder = work.join(format!("#(touch {index}) $(touch {index}) 'q' \"d\" ;"));
        std::fs::create_dir_all(&folder).unwrap();
        let script = r#"printf '%s\0' "$PWD" "$@" > "$0"; echo written"#;
        let output = work.join(format!("argv-{index}"));
        let mut full = vec!["-c".to_owned(), script.to_owned(), output.display().to_string()];
        full.extend(args.iter().cloned());
        let new = json!({
            "name": format!("{} {index}", "#(touch x);$(touch y)"), "program": "sh",
            "args": full, "folder": folder,
        });
        let answer = world.create(new).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let id = answer.body()["data"]["id"].as_str().unwrap().parse().unwrap();
        let mut window = world.socket().await;
        window.open(1, &id).await;
        windows.push((window, output, folder, args));
    }
    for (mut window, output, folder, args) in windows {
        window.shows(1, "written").await;
        let bytes = std::fs::read(&output).unwrap();
        let mut seen = bytes.split(|byte| *byte == 0).map(|part| String::from_utf8_lossy(part));
        assert_eq!(seen.next().unwrap(), folder.display().to_string());
        let seen: Vec<_> = seen.take(args.len()).collect();
        assert_eq!(seen, args.iter().map(String::as_str).collect::<Vec<_>>());
        let left: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
    assert!(!mark.exists(), "one of the strings was executed");
}
