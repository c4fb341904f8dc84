//! Guarantee 4, whole: everybody × every topic × every type of event × every field,
//! over HTTP and live, held against tables that are written by hand. A field that no
//! table has fails this, and so does one of a table that nobody ever sees.

mod askers;
mod crowd;
mod ears;
mod http;
mod ledger;
mod loss;
mod moment;
mod sheet;
mod story;
mod tables;

use futures_util::future::{join, join_all, join3};

use self::askers::Asker;
use self::crowd::{Access, Topic, Who};
use self::ears::Ear;
use self::ledger::Ledger;
use self::moment::{Moment, Told};
use self::story::Step;
use crate::harness::{App, Stopped, id_of, marked};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_what_the_tables_say_and_nothing_else() {
    let ledger = Ledger::new();
    let courier = tell(&ledger, story::courier());
    let grocery = tell(&ledger, story::grocery());
    let parcel = tell(&ledger, story::parcel());
    Box::pin(join3(courier, grocery, parcel)).await;
    ledger.check_met();
}

/// Everybody, with a connection for each topic that they listen to.
struct Audience<'a> {
    app: &'a App,
    ledger: &'a Ledger,
    crowd: &'a [Who],
    /// `order:OURS`, which can be asked for when it is there.
    order: &'a Topic,
    ears: Vec<Ear<'a>>,
    askers: Vec<Asker<'a>>,
}

/// Takes our order through a story, before everybody.
async fn tell(ledger: &Ledger, story: Vec<Step>) {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let (crowd, topics) = (Who::everybody(&app).await, Topic::all());
    let theirs = place_theirs(&app).await;
    let mut audience = Audience::gather(&app, ledger, &crowd, &topics, &theirs).await;
    let (mut id, mut told) = (String::new(), Vec::new());
    for step in story {
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
        told.extend(step.events.iter().map(|(name, kind)| Told { name, kind, by: step.by }));
        let moment = Moment { id: &id, theirs: &theirs, told: &told, new: step.events.len() };
        if let Some((by, response)) = done {
            http::check_own(ledger, by, &moment, &response);
        }
        audience.attend(&moment).await;
    }
    app.relayed().await;
    audience.check_silence(&Moment { id: &id, theirs: &theirs, told: &told, new: 0 }).await;
}

/// An order at another merchant, for a customer of the same reference and in a store
/// of the same name.
async fn place_theirs(app: &App) -> String {
    let mut body = marked::order();
    body["merchant"] = "m2".into();
    let ops = app.ops().await;
    let mut witness = app.live(&ops).await;
    witness.subscribe("merchant:m2").await;
    let theirs = id_of(&ops.create(&body).await.expect(201));
    // Who listens from now on does not hear of it.
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
        let ears = granted.map(|(who, topic)| Ear::open(app, ledger, who, topic));
        let askers = crowd.iter().map(|who| Asker::refused(app, ledger, who, topics, theirs));
        let (ears, askers) = join(join_all(ears), join_all(askers)).await;
        let order = topics.iter().find(|topic| topic.name == "order:OURS").expect("our order");
        Self { app, ledger, crowd, order, ears, askers }
    }

    /// Everybody hears what just happened, and looks at all there is.
    async fn attend(&mut self, moment: &Moment<'_>) {
        let ledger = self.ledger;
        join_all(self.ears.iter_mut().map(|ear| ear.hear(ledger, moment))).await;
        let ears = self.ears.iter_mut().filter(|ear| ear.looks(moment));
        let looking = |who: &Who| who.sees(moment) || moment.is_turn();
        let askers = self.askers.iter_mut().filter(|asker| looking(asker.who));
        let live = join(
            join_all(ears.map(|ear| ear.ask(ledger, moment))),
            join_all(askers.map(|asker| asker.resume(ledger, moment))),
        );
        let http = join_all(self.crowd.iter().map(|who| http::check(ledger, who, moment)));
        join(live, http).await;
        self.listen_to_the_order(moment).await;
    }

    /// Whoever sees our order for the first time listens to it from now on.
    async fn listen_to_the_order(&mut self, moment: &Moment<'_>) {
        for who in self.crowd.iter().filter(|who| who.sees(moment) && !who.saw(moment)) {
            if !self.ears.iter().any(|ear| ear.is_at_order_of(who)) {
                self.ears.push(Ear::at_order(self.app, who, self.order, moment.id).await);
            }
        }
    }

    async fn check_silence(&mut self, moment: &Moment<'_>) {
        join_all(self.ears.iter_mut().map(|ear| ear.check_silence(moment))).await;
        join_all(self.askers.iter_mut().map(|asker| asker.check_silence(moment))).await;
    }
}
