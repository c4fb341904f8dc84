//! An effect on another table as a part of commits. The effect, which exists only in this test,
//! counts the orders that each driver carries, and is refused beyond `CAPACITY`. It wins and
//! loses races together with the head, even if requests fail or responses are lost.

use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use clock::Clock;
use db::{
    ChangeError, DbError, Digest, Head, Item, KeyedRequest, Outcome, Tables, Unmet, WriteEffect,
};
use domain::{
    Context, Decision, DriverId, Effect, Event, Known, Needs, Order, OrderId, Party, Principal,
    PrincipalId, Reason, Rejection, Step, decide, evolve,
};
use emulator::transport::Fault;
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{App, stored};

/// The maximum number of orders of a driver.
const CAPACITY: i64 = 5;

/// The number of orders that are assigned to one driver at once.
const ORDERS: usize = 24;

/// An effect that changes the number of a driver's orders.
#[derive(Clone, Debug)]
struct Load {
    table: String,
    driver: DriverId,
    by: i64,
}

/// The refusal of a driver who carries this many orders.
#[derive(Debug, PartialEq)]
struct Full(i64);

impl Load {
    /// Returns the effects of a commit that changes `before` to `after`.
    fn between(table: &str, before: &Order, after: &Order) -> Vec<Self> {
        let load =
            |driver: &DriverId, by| Self { table: table.to_owned(), driver: driver.clone(), by };
        let left = before.driver.iter().map(|driver| load(driver, -1));
        left.chain(after.driver.iter().map(|driver| load(driver, 1))).collect()
    }

    fn key(&self) -> Item {
        let key = AttributeValue::S(format!("load#{}", self.driver));
        [("merchant".to_owned(), key)].into()
    }
}

impl Effect for Load {
    type Item = DriverId;

    fn item(&self) -> DriverId {
        self.driver.clone()
    }

    fn and_then(self, later: Self) -> Option<Self> {
        Some(Self { by: self.by + later.by, ..self }).filter(|load| load.by != 0)
    }
}

impl WriteEffect for Load {
    type Refusal = Full;

    fn write(&self, _: OrderId, _: &Tables) -> Result<TransactWriteItem, DbError> {
        let number = |number: i64| AttributeValue::N(number.to_string());
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(self.key()))
            .update_expression("ADD orders :by")
            .condition_expression("attribute_not_exists(orders) OR orders <= :room")
            .expression_attribute_values(":by", number(self.by))
            .expression_attribute_values(":room", number(CAPACITY - self.by))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let update = update.map_err(|error| DbError::Corrupt(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn unmet(&self, current: Option<&Item>) -> Result<Unmet<Full>, DbError> {
        let orders = current.and_then(|item| item.get("orders")?.as_n().ok()?.parse().ok());
        orders
            .map(|orders| Unmet::Refused(Full(orders)))
            .ok_or_else(|| DbError::Corrupt("a load without a number".to_owned()))
    }
}

type Refused = ChangeError<Rejection, Full>;

/// An ops user whose changes update the loads of drivers.
struct Dispatcher<'a> {
    app: &'a App,
    table: String,
    principal: Principal,
}

impl<'a> Dispatcher<'a> {
    fn new(app: &'a App) -> Self {
        let id = PrincipalId::parse("olga").expect("an id");
        let table = app.runner.table("MerchantsTable").to_owned();
        Self { app, table, principal: Principal { id, party: Party::Ops } }
    }

    async fn head(&self, id: &str) -> Head {
        let id = OrderId::parse(id).expect("an id");
        stored::db(self.app).head(id).await.expect("an answer").expect("a head")
    }

    /// Decides on these steps as one commit, with the resulting load effects.
    fn decide(&self, order: &Order, steps: &[Step]) -> Result<Decision<Load>, Rejection> {
        let context = Context::new(Clock::system().now(), &self.principal);
        let (mut after, mut events) = (order.clone(), Vec::<Event>::new());
        for step in steps {
            let decision = decide(&after, step.clone().into(), &context)?;
            after = decision.events.iter().fold(after, evolve);
            events.extend(decision.events);
        }
        let effects = Load::between(&self.table, order, &after);
        Ok(Decision { events, effects })
    }

    async fn change(
        &self,
        head: Head,
        request: Option<&KeyedRequest>,
        steps: &[Step],
    ) -> Result<Outcome, Refused> {
        let decide = |order: &Order, _: &Known| self.decide(order, steps);
        stored::db(self.app).change(head, request, |_| Needs::default(), decide).await
    }

    async fn assign(&self, id: &str, driver: &str) -> Result<Outcome, Refused> {
        self.change(self.head(id).await, None, &[assign(driver)]).await
    }

    /// Returns the number of a driver's orders according to the effects.
    async fn load(&self, driver: &str) -> i64 {
        let driver = DriverId::parse(driver).expect("an id");
        let load = Load { table: self.table.clone(), driver, by: 0 };
        let get = self.app.runner.dynamodb().get_item().table_name(&self.table);
        let item = get.set_key(Some(load.key())).consistent_read(true).send().await;
        item.expect("an answer").item.map_or(0, |item| {
            item["orders"].as_n().expect("a number").parse().expect("a whole number")
        })
    }
}

fn assign(driver: &str) -> Step {
    Step::Assign { driver: DriverId::parse(driver).expect("an id"), replace: true }
}

async fn place_orders(app: &App) -> Vec<String> {
    join_all((0..ORDERS).map(|_| app.place_order())).await
}

/// Checks that the driver has as many orders as the effects have counted, and that the history of
/// each order folds to its head. Returns the number.
async fn carried(dispatcher: &Dispatcher<'_>, orders: &[String], driver: &str) -> i64 {
    let mut carried = 0;
    for id in orders {
        stored::checked(dispatcher.app, id).await;
        let order = dispatcher.head(id).await.order;
        carried += i64::from(order.driver.is_some_and(|it| it.as_str() == driver));
    }
    assert_eq!(dispatcher.load(driver).await, carried);
    carried
}

/// Assigns all orders to one driver at once: as many succeed as there is room for, and all others
/// are refused because the driver is full.
async fn race(app: &App) {
    let orders = place_orders(app).await;
    let dispatcher = Dispatcher::new(app);
    let outcomes = join_all(orders.iter().map(|id| dispatcher.assign(id, "d1"))).await;
    let mut taken = 0;
    for outcome in outcomes {
        match outcome {
            Ok(Outcome::Committed(head)) => {
                assert_eq!(head.order.version.0, 2);
                taken += 1;
            }
            Err(ChangeError::Refused { refusal, version }) => {
                assert_eq!((refusal, version.0), (Full(CAPACITY), 1));
            }
            other => panic!("neither taken nor refused: {other:?}"),
        }
    }
    assert_eq!(taken, CAPACITY);
    app.faults.clear();
    assert_eq!(carried(&dispatcher, &orders, "d1").await, CAPACITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_orders_that_race_for_a_driver_as_many_win_as_there_is_room_for() {
    race(&App::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_conflict_is_no_refusal() {
    let app = App::start().await;
    let orders = place_orders(&app).await;
    app.fail_one_in(2, Fault::transaction_conflict);
    let dispatcher = Dispatcher::new(&app);
    for (nth, id) in orders.iter().enumerate() {
        let outcome = dispatcher.assign(id, "d1").await;
        let fits = i64::try_from(nth).is_ok_and(|nth| nth < CAPACITY);
        match outcome {
            Ok(Outcome::Committed(_)) if fits => {}
            Err(ChangeError::Refused { refusal: Full(CAPACITY), .. }) if !fits => {}
            other => panic!("order {nth}: {other:?}"),
        }
    }
    app.faults.clear();
    assert_eq!(carried(&dispatcher, &orders, "d1").await, CAPACITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_race_ends_the_same_under_transaction_conflicts() {
    let app = App::start().await;
    app.fail_one_in(3, Fault::transaction_conflict);
    race(&app).await;
}

/// A retry finds the commit whose response was lost, so the effect happens once.
#[tokio::test(flavor = "multi_thread")]
async fn a_race_ends_the_same_when_answers_are_lost() {
    let app = App::start().await;
    app.fail_one_in(2, |_| Fault::LoseResponse);
    race(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_repeated_has_one_effect() {
    let app = App::start().await;
    let (id, dispatcher) = (app.place_order().await, Dispatcher::new(&app));
    let digest = |text: &str| Digest::of([text.as_bytes()]);
    let request = KeyedRequest { key: digest("key"), body: digest("body") };
    let head = dispatcher.head(&id).await;
    let repeated = (0..8).map(|_| {
        let (dispatcher, head, request) = (&dispatcher, head.clone(), &request);
        async move { dispatcher.change(head, Some(request), &[assign("d1")]).await }
    });
    let outcomes = join_all(repeated).await;
    let committed = outcomes.iter().filter(|it| matches!(it, Ok(Outcome::Committed(_)))).count();
    let replayed = outcomes.iter().filter(|it| matches!(it, Ok(Outcome::Replayed(_)))).count();
    assert_eq!((committed, replayed), (1, 7), "{outcomes:?}");
    assert_eq!(carried(&dispatcher, &[id], "d1").await, 1);
}

/// Effects on one item are combined, because a transaction can write an item only once. An order
/// that returns to its driver needs no room, even if the driver is full.
#[tokio::test(flavor = "multi_thread")]
async fn effects_on_one_item_are_one_write() {
    let app = App::start().await;
    let (orders, dispatcher) = (place_orders(&app).await, Dispatcher::new(&app));
    for id in &orders[..5] {
        dispatcher.assign(id, "d1").await.expect("room");
    }
    let unassign = Step::Unassign { reason: Reason::parse("flat tyre").expect("a reason") };
    let head = dispatcher.head(&orders[0]).await;
    let back = [unassign, assign("d2"), assign("d1")];
    let outcome = dispatcher.change(head, None, &back).await.expect("no room is needed");
    let Outcome::Committed(head) = outcome else { panic!("{outcome:?}") };
    assert_eq!(head.order.version.0, 5);
    assert_eq!((dispatcher.load("d1").await, dispatcher.load("d2").await), (5, 0));
    dispatcher.assign(&orders[0], "d2").await.expect("room");
    assert_eq!((dispatcher.load("d1").await, dispatcher.load("d2").await), (4, 1));
}

/// A changed head takes precedence over the refusal of an effect: the order is decided on again.
#[tokio::test(flavor = "multi_thread")]
async fn another_head_is_another_decision_before_it_is_a_refusal() {
    let app = App::start().await;
    let (orders, dispatcher) = (place_orders(&app).await, Dispatcher::new(&app));
    for id in &orders[..5] {
        dispatcher.assign(id, "d1").await.expect("room");
    }
    let stale = dispatcher.head(&orders[5]).await;
    app.ops().await.operate(&orders[5], "pickup", &json!({})).await.expect(200);
    let outcome = dispatcher.change(stale, None, &[assign("d1")]).await;
    let Err(ChangeError::Rejected(Rejection::NoSuchTransition { status, .. })) = outcome else {
        panic!("decided on the head as it was: {outcome:?}");
    };
    assert_eq!(status.name(), "picked_up");
}
