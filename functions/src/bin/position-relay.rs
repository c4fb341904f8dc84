//! The Lambda function `position-relay`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::position_relay().await
}
