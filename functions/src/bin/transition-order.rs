//! The Lambda function `transition-order`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::transition_order().await
}
