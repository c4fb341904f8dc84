//! The Lambda function `live-tickets`.

use functions::{Environment, live_tickets};
use lambda_http::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_http::run(live_tickets::service(&env)).await
}
