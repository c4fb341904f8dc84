//! The Lambda function `live-connect`.

use functions::{Environment, live_connect};
use lambda_runtime::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_runtime::run(live_connect::service(&env)).await
}
