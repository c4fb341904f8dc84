//! The file of a queue with a consumer, over restarts.

use super::*;

fn tasks(folder: &Path) -> PathBuf {
    folder.join("queues/waybill-Tasks.jsonl")
}

fn task(queues: &Queues, body: &str, delay: u16) {
    let request = json!({ "QueueUrl": TASKS, "MessageBody": body, "DelaySeconds": delay });
    assert_eq!(send(queues, &request).0, 200);
}

fn receive(queues: &Queues) -> Vec<Receipt> {
    queues.get("Tasks").unwrap().receive(10, usize::MAX).unwrap()
}

fn lines(folder: &Path) -> usize {
    fs::read_to_string(tasks(folder)).unwrap().lines().count()
}

#[test]
fn a_restart_keeps_what_is_not_done_and_when_it_is_due() {
    let (time, folder) = (Time::default(), tempfile::tempdir().unwrap());
    let before = queues_at(Some(folder.path()), &time);
    task(&before, "done", 0);
    task(&before, "failed", 0);
    task(&before, "late", 60);
    let receipts = receive(&before);
    before.get("Tasks").unwrap().delete(receipts[..1].iter()).unwrap();
    let kept = before.get("Tasks").unwrap().messages();
    drop(before);
    assert_eq!(lines(folder.path()), 6, "three messages, two receives and a deletion");

    let after = queues_at(Some(folder.path()), &time);
    assert_eq!(lines(folder.path()), 2, "nothing of the past");
    assert_eq!(after.get("Tasks").unwrap().messages(), kept);
    assert_eq!(receive(&after).len(), 0);
    time.pass(30);
    let again = receive(&after);
    assert_eq!((again.len(), again[0].message.receives()), (1, 2));
    assert_eq!(again[0].message.body, "failed");
    after.get("Tasks").unwrap().delete(again.iter()).unwrap();
    time.pass(30);
    assert_eq!(receive(&after)[0].message.body, "late");
    drop(after);
    assert_eq!(bodies_of(&queues_at(Some(folder.path()), &time), "Tasks"), ["late"]);
}

#[test]
fn malformed_lines_spoil_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let before = queues(Some(folder.path()));
    task(&before, "a", 0);
    task(&before, "b", 0);
    let receipts = receive(&before);
    before.get("Tasks").unwrap().delete(receipts[..1].iter()).unwrap();
    drop(before);
    let mut bytes = fs::read(tasks(folder.path())).unwrap();
    for junk in [&b"\xff\xfe\n"[..], b"{}\n", b"[1]\n", b"null\n\n", b"{\"Deleted\":1}\n"] {
        bytes.extend(junk);
    }
    bytes.extend(b"{\"Deleted\":\"");
    fs::write(tasks(folder.path()), &bytes).unwrap();

    let after = queues(Some(folder.path()));
    assert_eq!(bodies_of(&after, "Tasks"), ["b"]);
    task(&after, "c", 0);
    drop(after);
    assert_eq!(bodies_of(&queues(Some(folder.path())), "Tasks"), ["b", "c"]);
}

#[test]
fn a_message_that_was_moved_before_a_kill_is_not_moved_twice() {
    let (time, folder) = (Time::default(), tempfile::tempdir().unwrap());
    let before = queues_at(Some(folder.path()), &time);
    task(&before, "dead", 0);
    receive(&before);
    time.pass(30);
    let killed = fs::read(tasks(folder.path())).unwrap();
    let redrive = |queues: &Queues| {
        queues.get("Tasks").unwrap().redrive(1, queues.get("Failures").unwrap()).unwrap();
    };
    redrive(&before);
    drop(before);
    fs::write(tasks(folder.path()), killed).unwrap();

    let after = queues_at(Some(folder.path()), &time);
    assert_eq!(bodies_of(&after, "Tasks"), ["dead"]);
    redrive(&after);
    assert_eq!((bodies_of(&after, "Tasks"), bodies(&after)), (vec![], vec!["dead".to_owned()]));
}

#[test]
fn a_file_that_cannot_be_read_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(file(folder.path())).unwrap();
    let declared = queues(None).get("Failures").unwrap().declared.clone();
    let declared = [("Failures".to_owned(), declared)].into();
    Queues::new(&declared, Some(folder.path()), &Time::default().clock()).unwrap_err();
}
