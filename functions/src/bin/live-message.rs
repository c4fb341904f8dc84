//! The Lambda function `live-message`.

use functions::{Environment, live_message};
use lambda_runtime::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_runtime::run(live_message::service(&env)).await
}
