//! The Lambda function `query-orders`.

use functions::{Environment, query_orders};
use lambda_http::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_http::run(query_orders::service(&env)).await
}
