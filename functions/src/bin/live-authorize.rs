//! The Lambda function `live-authorize`.

use functions::{Environment, live_authorize};
use lambda_runtime::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_runtime::run(live_authorize::service(&env)).await
}
