//! The Lambda function `query-orders`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::query_orders().await
}
