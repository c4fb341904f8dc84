//! The Lambda function `live-connect`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::live_connect().await
}
