//! The Lambda function `query-orders`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::registry::lambda::query_orders().await
}
