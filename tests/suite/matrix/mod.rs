//! Guarantee 4 in full: everybody × every topic × every type of event × every field, over HTTP
//! and WebSocket, is checked against handwritten tables. The test fails for a field that no table
//! has, and for a field of a table that nobody ever sees.

mod crowd;
mod grid;
mod http;
mod ledger;
mod listeners;
mod loss;
mod requesters;
mod scenario;
mod situation;
mod tables;

use futures_util::future::{join, join_all, join3};
use futures_util::stream::{self, StreamExt};

use self::crowd::{Access, Topic, Who};
use self::ledger::Ledger;
use self::listeners::Listener;
use self::requesters::Requester;
use self::scenario::Step;
use self::situation::{Event, Situation};
use crate::harness::{App, Stopped, id_of, marked};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_what_the_tables_say_and_nothing_else() {
    let ledger = Ledger::new();
    let courier = play(&ledger, scenario::courier());
    let grocery = play(&ledger, scenario::grocery());
    let parcel = play(&ledger, scenario::parcel());
    let called_off = play(&ledger, scenario::ended("called_off", "cancelled", "clerk"));
    let given_up = play(&ledger, scenario::ended("given_up", "failed", "ops"));
    let wish = play(&ledger, scenario::wish());
    let offers = play(&ledger, scenario::offers());
    let all = futures_util::future::join5(courier, grocery, parcel, called_off, given_up);
    Box::pin(join3(all, wish, offers)).await;
    ledger.check_met();
}

/// The people, with a connection for each topic that they may subscribe to.
struct Audience<'a> {
    app: &'a App,
    ledger: &'a Ledger,
    crowd: &'a [Who],
    /// `order:OURS`, which people can subscribe to once our order exists.
    order: &'a Topic,
    listeners: Vec<Listener<'a>>,
    requesters: Vec<Requester<'a>>,
}

/// Takes our order through a scenario while everybody watches.
async fn play(ledger: &Ledger, scenario: Vec<Step>) {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let (crowd, topics) = (Who::everybody(&app).await, Topic::all());
    let theirs = place_theirs(&app).await;
    let mut audience = Audience::gather(&app, ledger, &crowd, &topics, &theirs).await;
    let (mut id, mut events) = (String::new(), Vec::new());
    for step in scenario {
        let mut done = None;
        if let Some(seconds) = step.wait() {
            time.forward(seconds);
            assert_eq!(app.sweep().await["acted"], 1);
        } else {
            let by = crowd.iter().find(|who| who.name == step.by).expect("one of the crowd");
            let response = step.take(&by.client, &id).await;
            if id.is_empty() {
                id = id_of(&response.json());
            }
            done = Some((by, response));
        }
        events.extend(step.events.iter().map(|(name, kind)| Event { name, kind, by: step.by }));
        let situation =
            Situation { id: &id, theirs: &theirs, events: &events, new: step.events.len() };
        if let Some((by, response)) = done {
            http::check_own(ledger, by, &situation, &response);
        }
        audience.attend(&situation).await;
    }
    app.relayed().await;
    audience.check_silence(&Situation { id: &id, theirs: &theirs, events: &events, new: 0 }).await;
}

/// More would take longer on DynamoDB Local than a function has.
const HANDSHAKES_AT_ONCE: usize = 8;

/// Creates an order at another merchant, for a customer with the same reference and in a store
/// with the same name.
async fn place_theirs(app: &App) -> String {
    let mut body = marked::order();
    body["merchant"] = "m2".into();
    let ops = app.ops().await;
    let mut witness = app.live(&ops).await;
    witness.subscribe("merchant:m2").await;
    let theirs = id_of(&ops.create(&body).await.expect(201));
    // Later subscribers do not receive its creation.
    witness.events(1).await;
    theirs
}

impl<'a> Audience<'a> {
    async fn gather(
        app: &'a App,
        ledger: &'a Ledger,
        crowd: &'a [Who],
        topics: &'a [Topic],
        theirs: &str,
    ) -> Self {
        let pairs = crowd.iter().flat_map(|who| topics.iter().map(move |topic| (who, topic)));
        let granted = pairs.filter(|(who, topic)| topic.access[who.place] == Access::Granted);
        let listeners = granted.map(|(who, topic)| Listener::open(app, ledger, who, topic));
        let requesters =
            crowd.iter().map(|who| Requester::refused(app, ledger, who, topics, theirs));
        let listeners = stream::iter(listeners).buffered(HANDSHAKES_AT_ONCE).collect();
        let requesters = stream::iter(requesters).buffered(HANDSHAKES_AT_ONCE).collect();
        let (listeners, requesters) = join(listeners, requesters).await;
        let order = topics.iter().find(|topic| topic.name == "order:OURS").expect("our order");
        Self { app, ledger, crowd, order, listeners, requesters }
    }

    /// Lets everybody receive the latest commit and request everything.
    async fn attend(&mut self, situation: &Situation<'_>) {
        let ledger = self.ledger;
        join_all(self.listeners.iter_mut().map(|listener| listener.receive(ledger, situation)))
            .await;
        let listeners = self.listeners.iter_mut().filter(|listener| listener.looks(situation));
        let looking = |who: &Who| who.sees(situation) || situation.is_turn();
        let requesters = self.requesters.iter_mut().filter(|requester| looking(requester.who));
        let live = join(
            join_all(listeners.map(|listener| listener.ask(ledger, situation))),
            join_all(requesters.map(|requester| requester.resume(ledger, situation))),
        );
        let http = join_all(self.crowd.iter().map(|who| http::check(ledger, who, situation)));
        join(live, http).await;
        self.listen_to_the_order(situation).await;
    }

    /// Subscribes everybody who sees our order for the first time to it.
    async fn listen_to_the_order(&mut self, situation: &Situation<'_>) {
        for who in self.crowd.iter().filter(|who| who.sees(situation) && !who.saw(situation)) {
            if !self.listeners.iter().any(|listener| listener.is_at_order_of(who)) {
                self.listeners
                    .push(Listener::at_order(self.app, who, self.order, situation.id).await);
            }
        }
    }

    async fn check_silence(&mut self, situation: &Situation<'_>) {
        join_all(self.listeners.iter_mut().map(|listener| listener.check_silence(situation))).await;
        join_all(self.requesters.iter_mut().map(|requester| requester.check_silence(situation)))
            .await;
    }
}
