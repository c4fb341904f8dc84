//! A courier at work: its requests, its topic, and its lines.

use std::ops::ControlFlow;
use std::time::Duration;

use clock::Clock;
use http::{Method, Uri};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use waybill_client::{Feed, News};

use super::super::{print_line, problem, token};
use super::api::Api;
use super::courier::Courier;
use super::order::Order;
use super::people;
use super::request::{Answer, Ask, Output, Request};
use super::town::Town;
use super::track::{Advice, Track};
use super::{CouriersError, Target};

/// The shortest time in which a courier decides about an offer.
const THINK_AT_LEAST: Duration = Duration::from_secs(2);

/// The longest time that a courier needs beyond that.
const THINK_LONGER: Duration = Duration::from_secs(3);

/// A courier, connected to a runner.
pub(super) struct Driver {
    id: String,
    number: u8,
    api: Api,
    target: Target,
    courier: Courier,
    track: Track,
    news: mpsc::UnboundedReceiver<News>,
    /// The task that passes the news; dropping it ends the connection.
    _feed: JoinSet<()>,
    /// True while the connection is lost.
    is_away: bool,
    started: Instant,
    clock: Clock,
}

impl Driver {
    /// Registers the courier with this number of `couriers`, begins its duty, and connects it to
    /// its topic.
    pub(super) async fn start(
        target: Target,
        number: u8,
        couriers: u8,
        town: Town,
    ) -> Result<Self, CouriersError> {
        let id = people::id(number);
        let person = json!({ "role": "driver", "id": id });
        let login = Api::login(&target.runner, person.clone()).await;
        let mut api = login.map_err(|error| target.unusable(error))?;
        begin_duty(&mut api, &target, number).await?;
        let (news, feed) = follow(&target, &id, person).await?;
        let courier = Courier::new(&id, number, town, town.home(number, couriers));
        print_line(&format!("{id} is on duty, {}", people::vehicle(number)))?;
        let mut driver = Self {
            id,
            number,
            api,
            target,
            courier,
            track: Track::default(),
            news,
            _feed: feed,
            is_away: false,
            started: Instant::now(),
            clock: Clock::system(),
        };
        // Dispatch finds nobody whose place it does not know.
        driver.send_position().await?;
        Ok(driver)
    }

    /// Works until `stop` changes, and then ends the duty.
    pub(super) async fn work(
        mut self,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), CouriersError> {
        while !*stop.borrow_and_update() {
            self.carry_out().await?;
            let due = self.courier.due().into_iter().chain(self.track.due()).min();
            let due = due.map(|due| self.started + due);
            let due = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(news) = self.news.recv() => self.hear(news).await?,
                () = due => {
                    let now = self.now();
                    self.courier.tick(now);
                    self.follow_advice().await?;
                }
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
        self.go_home().await
    }

    /// Ends the duty. A courier with orders stays on duty, and says so.
    pub(super) async fn go_home(mut self) -> Result<(), CouriersError> {
        let path = format!("/drivers/{}/duty", self.id);
        let body = json!({ "on_duty": false });
        let text = match self.api.request(Method::PUT, &path, Some(&body)).await {
            Answer::Done(_) => "goes off duty".to_owned(),
            Answer::Refused { detail, .. } | Answer::Failed(detail) => {
                let orders: Vec<_> = self.courier.orders().collect();
                match &*orders {
                    [] => format!("stays on duty: {detail}"),
                    orders => format!(
                        "stays on duty with order {}: start the couriers again, and it goes on",
                        orders.join(" and ")
                    ),
                }
            }
        };
        self.say(&text)
    }

    async fn hear(&mut self, news: News) -> Result<(), CouriersError> {
        let now = self.now();
        match news {
            News::Order(order) => {
                if let Some(order) = Order::parse(order) {
                    self.courier.hear(now, order, THINK_AT_LEAST + random::jitter(THINK_LONGER));
                }
            }
            News::Removed(order) => self.courier.lose(now, &order),
            News::Lost(reason) => {
                self.is_away = true;
                self.say(&format!("lost the connection ({reason}), and connects again"))?;
            }
            News::Current if self.is_away => {
                // A runner that was started again may not know the courier any more.
                if let Err(error) = begin_duty(&mut self.api, &self.target, self.number).await {
                    return self.say(&format!("cannot begin its duty: {error}"));
                }
                self.is_away = false;
                self.say("is connected again")?;
                self.send_position().await?;
            }
            News::Refused(problem) => {
                let detail = problem::described(&problem);
                return Err(CouriersError::Refused { id: self.id.clone(), detail });
            }
            News::Event(_) | News::Position(_) | News::Reset(_) | News::Current | News::Synced => {}
        }
        Ok(())
    }

    /// Carries out what the courier wants, until it wants nothing more for now.
    async fn carry_out(&mut self) -> Result<(), CouriersError> {
        loop {
            let outputs = self.courier.outputs();
            if outputs.is_empty() {
                return Ok(());
            }
            for output in outputs {
                match output {
                    Output::Say(text) => self.say(&text)?,
                    Output::SendPosition => self.send_position().await?,
                    Output::Ask(ask) => {
                        let answer = self.ask(&ask).await;
                        self.courier.answer(self.now(), &ask, answer);
                    }
                }
            }
        }
    }

    async fn ask(&mut self, ask: &Ask) -> Answer {
        let path = format!("/orders/{}", ask.order);
        let (operation, body) = match ask.request {
            Request::Read => return self.api.request(Method::GET, &path, None).await,
            Request::Accept => ("accept", json!({})),
            Request::Decline(reason) => ("decline", json!({ "reason": reason })),
            Request::Step(errand) => (errand.operation.name(), errand.body()),
        };
        self.api.request(Method::POST, &format!("{path}/{operation}"), Some(&body)).await
    }

    async fn follow_advice(&mut self) -> Result<(), CouriersError> {
        let now = self.now();
        if self.track.must_send(now) {
            return self.send_position().await;
        }
        if self.track.must_measure(now) {
            self.measure();
        }
        Ok(())
    }

    fn measure(&mut self) {
        let now = self.now();
        self.track.measured(now, self.clock.now(), &self.courier.motion(now));
    }

    /// Measures the position, and sends it with those that were not sent yet.
    async fn send_position(&mut self) -> Result<(), CouriersError> {
        self.measure();
        let path = format!("/drivers/{}/positions", self.id);
        let answer = self.api.request(Method::POST, &path, Some(&self.track.body())).await;
        let now = self.now();
        match answer {
            Answer::Done(body) => {
                let advice = serde_json::from_value(body["next"].clone());
                self.track.sent(now, advice.unwrap_or(Advice::NONE));
                if let Some(ignored) = body["ignored"].get(0) {
                    self.say(&format!("has its positions ignored: {}", ignored["reason"]))?;
                }
            }
            Answer::Refused { detail, .. } => {
                self.track.refused(now);
                self.say(&format!("cannot send its position: {detail}"))?;
            }
            Answer::Failed(_) => self.track.not_sent(now),
        }
        Ok(())
    }

    fn say(&self, text: &str) -> Result<(), CouriersError> {
        Ok(print_line(&format!("{} {text}", self.id))?)
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Registers the courier, unless it is registered, and begins its duty.
async fn begin_duty(api: &mut Api, target: &Target, number: u8) -> Result<(), CouriersError> {
    let id = people::id(number);
    let ops = json!({ "role": "ops", "id": "ops-1" });
    let mut ops = Api::login(&target.runner, ops).await.map_err(|error| target.unusable(error))?;
    let registered = ops.request(Method::POST, "/drivers", Some(&people::record(number))).await;
    let path = format!("/drivers/{id}/duty");
    let body = json!({ "on_duty": true });
    let answers = match registered {
        Answer::Done(_) | Answer::Refused { status: 409, .. } => {
            api.request(Method::PUT, &path, Some(&body)).await
        }
        refused => refused,
    };
    match answers {
        Answer::Done(_) => Ok(()),
        Answer::Refused { detail, .. } | Answer::Failed(detail) => {
            Err(CouriersError::Refused { id, detail })
        }
    }
}

/// Follows the topic of a driver, in a task.
async fn follow(
    target: &Target,
    id: &str,
    person: Value,
) -> Result<(mpsc::UnboundedReceiver<News>, JoinSet<()>), CouriersError> {
    let (sender, news) = mpsc::unbounded_channel();
    let runner = target.runner.clone();
    let tokens = move || {
        let (runner, person) = (runner.clone(), person.clone());
        async move { token::of(&runner, &person).await }
    };
    let url = Uri::builder().scheme("ws").authority(&*target.runner).path_and_query("/live");
    let feed = Feed::open(url.build()?, &format!("driver:{id}"), tokens).await;
    let feed = feed.map_err(|error| target.not_connected(error))?;
    let mut task = JoinSet::new();
    task.spawn(async move {
        let pass = |news| match sender.send(news) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        feed.run(pass).await;
    });
    Ok((news, task))
}
