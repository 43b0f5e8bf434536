//! The chain holds what was written, and every change to it is found.

use proptest::prelude::*;

use super::*;

fn event(number: i64) -> Event {
    Event {
        at_ms: 1_700_000_000_000 + number,
        who: format!("device phone ({number})"),
        how: "page 192.168.1.7".into(),
        action: "agent.trash".into(),
        object: format!("agent {number}"),
        outcome: [Outcome::Done, Outcome::Denied, Outcome::Failed]
            [usize::try_from(number % 3).unwrap()],
        detail: String::new(),
    }
}

fn trail(events: impl IntoIterator<Item = Event>) -> Vec<Entry> {
    let mut hash = BEGIN;
    (1..)
        .zip(events)
        .map(|(seq, event)| {
            let entry = Entry::chained(&hash, seq, event);
            hash = entry.hash;
            entry
        })
        .collect()
}

fn bad(trail: &[Entry]) -> (i64, Wrong) {
    let BadEntry { seq, wrong } = verify(trail).unwrap_err();
    (seq, wrong)
}

#[test]
fn the_form_of_an_entry_is_fixed() {
    // What is stored and signed must be found right by every later version.
    let event = Event {
        at_ms: 2,
        who: "a".into(),
        how: "bc".into(),
        action: String::new(),
        object: "é".into(),
        outcome: Outcome::Denied,
        detail: "d".into(),
    };
    let mut expected = b"maestro audit 1\n".to_vec();
    expected.extend([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
    for text in ["a", "bc", "", "é", "denied", "d"] {
        expected.extend([0, 0, 0, 0, 0, 0, 0, u8::try_from(text.len()).unwrap()]);
        expected.extend(text.bytes());
    }
    assert_eq!(canonical(1, &event), expected);
    // As `sha256sum` says of 32 zeros and these bytes.
    assert_eq!(
        hex(&hash(&BEGIN, 1, &event)),
        "2afecafa8fbbcaa3bd6bd033d3b7e593ee84cce06ae9d767e3c2637bf7b5a188"
    );
}

#[test]
fn a_trail_as_it_was_written_is_good() {
    assert_eq!(verify(&[]), Ok(BEGIN));
    let trail = trail((1..50).map(event));
    assert_eq!(verify(&trail), Ok(trail[48].hash));
    // Cut at its end it is good too: only its head tells.
    assert_eq!(verify(&trail[..20]), Ok(trail[19].hash));
}

#[test]
fn what_is_gone_moved_or_added_is_found() {
    let good = trail((1..=20).map(event));
    let changed = |change: fn(&mut Vec<Entry>)| {
        let mut trail = good.clone();
        change(&mut trail);
        bad(&trail)
    };
    assert_eq!(changed(|trail| drop(trail.remove(0))), (1, Wrong::Missing));
    assert_eq!(changed(|trail| drop(trail.remove(7))), (8, Wrong::Missing));
    assert_eq!(changed(|trail| drop(trail.drain(3..9))), (4, Wrong::Missing));
    assert_eq!(changed(|trail| trail.insert(5, trail[4].clone())), (5, Wrong::Misplaced));
    assert_eq!(changed(|trail| trail.swap(5, 6)), (6, Wrong::Missing));
    // With the numbers put right.
    let renumbered = |change: fn(&mut Vec<Entry>)| changed_and_renumbered(&good, change);
    assert_eq!(renumbered(|trail| drop(trail.remove(7))), (8, Wrong::Changed));
    assert_eq!(renumbered(|trail| trail.insert(5, trail[4].clone())), (6, Wrong::Changed));
    assert_eq!(renumbered(|trail| trail.swap(5, 6)), (6, Wrong::Changed));
    // With its own hash put right the next one does not fit.
    assert_eq!(
        changed(|trail| {
            let event = Event { detail: "nothing to see".into(), ..trail[7].event.clone() };
            trail[7] = Entry::chained(&trail[6].hash, 8, event);
        }),
        (9, Wrong::Changed)
    );
}

fn changed_and_renumbered(good: &[Entry], change: fn(&mut Vec<Entry>)) -> (i64, Wrong) {
    let mut trail = good.to_vec();
    change(&mut trail);
    for (seq, entry) in (1..).zip(&mut trail) {
        entry.seq = seq;
    }
    bad(&trail)
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    let said = |seq, wrong| BadEntry { seq, wrong }.to_string();
    assert_eq!(said(8, Wrong::Missing), "Entry 8 is missing.");
    assert_eq!(
        said(9, Wrong::Changed),
        "Entry 9 was changed, or one before it was replaced: its hash does not fit."
    );
    assert_eq!(
        said(9, Wrong::NotSigned),
        "Entry 9 is not the one that was signed: the trail was written anew."
    );
}

#[test]
fn long_texts_are_cut_and_short_ones_are_not() {
    let fits = "é".repeat(TEXT_CHARS);
    let long = format!("{fits}é");
    let bounded = Event { who: fits.clone(), detail: long, ..event(1) }.bounded();
    assert_eq!(bounded.who, fits);
    assert_eq!(bounded.detail, format!("{}…", "é".repeat(TEXT_CHARS - 1)));
    assert_eq!(bounded.object, event(1).object);
}

#[test]
fn an_entry_is_shown_with_its_hash() {
    let entry = Entry::chained(&BEGIN, 1, event(1));
    let shown = AuditEntry::from(entry.clone());
    assert_eq!((shown.seq, shown.outcome), (1, Outcome::Denied));
    assert_eq!(shown.hash, hex(&entry.hash));
    assert_eq!(hex(&[0x0f; 32]), "0f".repeat(32));
}

fn any_event() -> impl Strategy<Value = Event> {
    (any::<i64>(), any::<[String; 5]>(), 0..3_usize).prop_map(|(at_ms, texts, outcome)| {
        let [who, how, action, object, detail] = texts;
        let outcome = [Outcome::Done, Outcome::Denied, Outcome::Failed][outcome];
        Event { at_ms, who, how, action, object, outcome, detail }
    })
}

/// Flips one bit of a text, where that leaves text.
fn flip(text: &mut String, at: usize, bit: u32) -> bool {
    let mut bytes = text.clone().into_bytes();
    let Some(byte) = bytes.get_mut(at) else { return false };
    *byte ^= 1 << (bit % 8);
    match String::from_utf8(bytes) {
        Ok(flipped) => {
            *text = flipped;
            true
        }
        Err(_) => false,
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_anywhere_is_found(
        events in proptest::collection::vec(any_event(), 1..12),
        which in any::<prop::sample::Index>(),
        field in 0..9_usize,
        place in any::<prop::sample::Index>(),
        bit in 0..64_u32,
    ) {
        let mut trail = trail(events);
        let which = which.index(trail.len());
        let entry = &mut trail[which];
        let seq = entry.seq;
        let flipped = match field {
            0 => { entry.seq ^= 1 << bit; true }
            1 => { entry.event.at_ms ^= 1 << bit; true }
            2 => { entry.hash[place.index(32)] ^= 1 << (bit % 8); true }
            3 => {
                entry.event.outcome = match entry.event.outcome {
                    Outcome::Done => Outcome::Denied,
                    Outcome::Denied => Outcome::Failed,
                    Outcome::Failed => Outcome::Done,
                };
                true
            }
            text => {
                let event = &mut entry.event;
                let text = [
                    &mut event.who, &mut event.how, &mut event.action, &mut event.object,
                    &mut event.detail,
                ].into_iter().nth(text - 4).unwrap();
                !text.is_empty() && flip(text, place.index(text.len()), bit)
            }
        };
        prop_assume!(flipped);
        let found = verify(&trail).unwrap_err();
        prop_assert!(found.seq == seq || field == 0, "{found:?} instead of {seq}");
    }

    #[test]
    fn no_two_entries_have_the_same_bytes(
        (one, first) in (0..3_i64, any_event()),
        (two, second) in (0..3_i64, any_event()),
    ) {
        prop_assert_eq!(
            canonical(one, &first) == canonical(two, &second),
            one == two && first == second
        );
    }

    #[test]
    fn text_that_moves_from_one_field_to_the_next_changes_the_bytes(text in "[a-z]{1,8}") {
        let empty = Event { who: String::new(), how: String::new(), ..event(1) };
        let who = Event { who: text.clone(), ..empty.clone() };
        let how = Event { how: text, ..empty };
        prop_assert_ne!(canonical(1, &who), canonical(1, &how));
    }
}
