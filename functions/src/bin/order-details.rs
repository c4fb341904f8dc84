//! The Lambda function `order-details`.

use functions::{Environment, order_details};
use lambda_http::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let env = Environment::from_lambda().await?;
    lambda_http::run(order_details::service(&env)).await
}
