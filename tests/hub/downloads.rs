//! Downloads that break off, stall, bring wrong bytes or are ended by hand.

use super::*;

#[test]
fn a_broken_download_goes_on_where_it_stopped() {
    let (home, files) = (Home::new(), tiny());
    let half = files[WEIGHTS].len() / 2;
    let hub = FakeHub::serve(REPO, &files, move |request, before, right| match (is_weights(request), before) {
        (true, 0) => right.ending(Ending::Cut(half)),
        // Between two halves, a server in trouble.
        (true, 1) => Reply::status(503),
        _ => right,
    });
    lines(&home.pull(&hub));
    let ranges: Vec<Option<String>> =
        hub.requests(WEIGHTS).iter().map(|request| request.headers.get("range").cloned()).collect();
    let rest = Some(format!("bytes={half}-"));
    assert_eq!(ranges, [None, rest.clone(), rest]);
    assert_eq!(home.list().len(), 1);
}

#[test]
fn a_server_that_cannot_go_on_in_the_middle_sends_all() {
    let (home, files) = (Home::new(), tiny());
    let whole = files[WEIGHTS].clone();
    let hub = FakeHub::serve(REPO, &files, move |request, before, right| match (is_weights(request), before) {
        (true, 0) => right.ending(Ending::Cut(100)),
        (true, _) => Reply::body(whole.clone()),
        _ => right,
    });
    lines(&home.pull(&hub));
    assert_eq!(home.list().len(), 1);
}

#[test]
fn a_wrong_byte_is_noticed() {
    let spoilt = |mut reply: Reply| {
        let middle = reply.body.len() / 2;
        reply.body[middle] ^= 1;
        reply
    };
    let (home, files) = (Home::new(), tiny());
    let once = FakeHub::serve(REPO, &files, move |request, before, right| match (is_weights(request), before) {
        (true, 0) => spoilt(right),
        _ => right,
    });
    lines(&home.pull(&once));
    assert_eq!(once.requests(WEIGHTS).len(), 2);
    assert_eq!(home.list().len(), 1);

    for name in [WEIGHTS, "vocab.txt"] {
        let home = Home::new();
        let always = FakeHub::serve(
            REPO,
            &files,
            move |request, _, right| {
                if request.path.ends_with(name) { spoilt(right) } else { right }
            },
        );
        let told = refused(&home.pull(&always));
        assert!(told.contains(&format!("{name} of klue/tiny came from")) && told.contains("hash is wrong"), "{told}");
        home.assert_no_model();
        let left = fs::read_dir(home.repo().join("blobs")).unwrap().map(|e| e.unwrap().file_name());
        assert!(left.map(|name| name.into_string().unwrap()).all(|name| !name.ends_with(".incomplete")));
    }

    let home = Home::new();
    let longer = FakeHub::serve(REPO, &files, move |request, _, mut right| {
        if is_weights(request) {
            right.body.extend(b"more");
        }
        right
    });
    assert!(refused(&home.pull(&longer)).contains("longer than the Hub says"));
    home.assert_no_model();
}

#[test]
fn a_stalled_connection_is_given_up_and_tried_again() {
    let (home, files) = (Home::new(), tiny());
    let hub = FakeHub::serve(REPO, &files, move |request, before, right| match (is_weights(request), before) {
        (true, 0) => right.ending(Ending::Stall(1000)),
        _ => right,
    });
    lines(&home.pull(&hub));
    assert_eq!(hub.requests(WEIGHTS)[1].headers["range"], "bytes=1000-");

    let home = Home::new();
    let hub = FakeHub::serve(REPO, &files, |_, _, right| right.ending(Ending::Stall(0)));
    let told = refused(&home.pull(&hub));
    assert!(told.contains("has sent nothing for 1 seconds"), "{told}");
    home.assert_no_model();
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_download_at_once_and_keeps_what_came() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let (home, files) = (Home::new(), tiny());
    let hub = FakeHub::serve(REPO, &files, move |request, before, right| match (is_weights(request), before) {
        (true, 0) => right.ending(Ending::Stall(1000)),
        _ => right,
    });
    let incomplete = home.blob(&format!("{}.incomplete", sha256(&files[WEIGHTS])));
    // Far longer than the test may take: only the signal can end it.
    let mut command = home.command(&hub.endpoint, &["train", "--model", REPO]);
    let child = command.env("HF_HUB_DOWNLOAD_TIMEOUT", "3600").spawn().unwrap();
    hub.wait_for(WEIGHTS);
    while fs::metadata(&incomplete).map_or(0, |found| found.len()) < 1000 {
        std::thread::yield_now();
    }
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    home.assert_no_model();
    lines(&home.pull(&hub));
    assert_eq!(hub.requests(WEIGHTS)[1].headers["range"], "bytes=1000-");
}
