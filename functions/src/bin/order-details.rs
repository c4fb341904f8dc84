//! The Lambda function `order-details`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::registry::lambda::order_details().await
}
