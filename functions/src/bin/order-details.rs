//! The Lambda function `order-details`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::order_details().await
}
