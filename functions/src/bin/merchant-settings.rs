//! The Lambda function `merchant-settings`.

#[tokio::main]
async fn main() -> Result<(), functions::Error> {
    functions::lambda::merchant_settings().await
}
