//! The Lambda function `merchant-settings`.

use functions::{Environment, merchant_settings};
use lambda_http::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_http::run(merchant_settings::service(&env)).await
}
